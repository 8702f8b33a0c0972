//! What text alone decides: parse, ODBC escapes, dialect forms, names, `?`. Uses sqlparser only.

use sqlparser::ast::Statement;

/// One statement, ready for the engine: escapes resolved, `?` numbered `$1` …
#[derive(Debug, Clone)]
pub struct Parsed {
    pub statement: Statement,
    /// Number of `?`.
    pub parameters: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("The statement is empty")]
    Empty,
    /// With line and column, and the text near it.
    #[error("{0}")]
    Syntax(String),
    #[error("Only one statement at a time can be run")]
    SeveralStatements,
    /// Longer or deeper than the driver reads.
    #[error("{0}")]
    TooComplex(String),
}

/// Parses one statement (a trailing `;` is fine).
pub fn parse(_text: &str) -> Result<Parsed, Error> {
    Err(Error::Empty)
}

/// The text with ODBC escapes resolved, as SQLNativeSql shows it.
pub fn native(text: &str) -> Result<String, Error> {
    Ok(text.to_owned())
}

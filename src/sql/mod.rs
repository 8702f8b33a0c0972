//! What text alone decides: parse, ODBC escapes, dialect forms, names, `?`. Uses sqlparser only.

mod alternatives;
pub mod batch;
mod checks;
pub mod constructs;
mod dialect;
mod escapes;
mod forms;
pub mod functions;
mod labels;
mod limit;
mod position;
mod shape;
mod tsql;
pub mod tsql_functions;
pub mod types;

use std::ops::ControlFlow;

use sqlparser::ast::{Statement, Visit, VisitMut};
use sqlparser::dialect::{Dialect, GenericDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use dialect::{NESTED_JOINS, ODBC};
use position::syntax_error;

/// The one database there is, as USE and DATABASE() know it.
pub const CATALOG: &str = "Okta";
/// Longest statement, in bytes.
const LONGEST: usize = 2 * 1024 * 1024;
/// Parentheses, sub-queries and CASEs inside each other.
const DEEPEST: usize = 200;
/// The parser's frame and the tree of one AND or OR, in bytes, with room to spare.
const STACK_PER_JOINT: usize = 1024;
const STACK: usize = 8 * 1024 * 1024;

/// One statement, ready for the engine: escapes resolved, `?` numbered `$1` …
#[derive(Debug, Clone)]
pub struct Parsed {
    /// None for statements that do nothing here: SET NOCOUNT ON, BEGIN TRANSACTION.
    pub statement: Option<Statement>,
    /// Number of `?`.
    pub parameters: usize,
    /// The text of each unnamed column of the outermost SELECT, as the user wrote it; None for the others.
    pub labels: Vec<Option<String>>,
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
    /// A construct of SQL that is read and not run, with line and column.
    #[error("{0}")]
    Unsupported(String),
    /// Longer or deeper than the driver reads.
    #[error("{0}")]
    TooComplex(String),
}

/// Parses one statement (a trailing `;` is fine).
///
/// AND and OR chains come out balanced: a hundred thousand of them are seventeen deep.
pub fn parse(text: &str) -> Result<Parsed, Error> {
    let mut tokens = tokens(text, true)?;
    let parameters = number_parameters(text, &mut tokens)?;
    let tokens = escapes::resolve(text, tokens)?;
    if tokens
        .iter()
        .all(|t| matches!(t.token, Token::Whitespace(_) | Token::SemiColon | Token::EOF))
    {
        return Err(Error::Empty);
    }
    let Some(tokens) = batch::to_run(tokens)? else {
        return Ok(Parsed {
            statement: None,
            parameters,
            labels: Vec::new(),
        });
    };
    constructs::refuse(&tokens)?;
    let tokens = forms::rewrite(tokens);
    let joints = shape::measure(&tokens)?;
    // The parser builds chains to the left and drops them one inside the other, also when it fails half way.
    let (statement, labels) = stacker::grow(STACK + joints * STACK_PER_JOINT, || statement(text, tokens))?;
    Ok(Parsed {
        statement: Some(statement),
        parameters,
        labels,
    })
}

/// The text with ODBC escapes resolved, as SQLNativeSql shows it.
pub fn native(text: &str) -> Result<String, Error> {
    let tokens = escapes::resolve_to_show(text, tokens(text, false)?)?;
    Ok(tokens.iter().map(|t| t.token.to_string()).collect())
}

fn tokens(text: &str, unescape: bool) -> Result<Vec<TokenWithSpan>, Error> {
    if text.len() > LONGEST {
        return Err(Error::TooComplex(format!(
            "The statement is longer than {LONGEST} bytes"
        )));
    }
    escapes::tokenize(text, unescape)
}

/// `?` → `$1`, `$2` … in the order in which they stand in the text.
fn number_parameters(text: &str, tokens: &mut [TokenWithSpan]) -> Result<usize, Error> {
    let mut count = 0;
    for token in tokens {
        let Token::Placeholder(name) = &mut token.token else {
            continue;
        };
        if name != "?" {
            let message = format!("parameters are written ?, not {name}");
            return Err(syntax_error(text, Some(token.span.start), &message));
        }
        count += 1;
        *name = format!("${count}");
    }
    Ok(count)
}

/// The statement in its one shape, and the labels of its columns.
fn statement(text: &str, tokens: Vec<TokenWithSpan>) -> Result<(Statement, Vec<Option<String>>), Error> {
    let first = tokens.iter().find(|token| !matches!(token.token, Token::Whitespace(_)));
    let defines = first.is_some_and(|first| batch::defines(&first.token.to_string().to_ascii_uppercase()));
    // sqlparser reads IDENTITY, COMMENT ON and the like in its own dialects alone.
    let dialect: &dyn Dialect = if defines { &GenericDialect {} } else { &ODBC };
    let may_nest_joins = tokens.iter().filter(|token| is_on(token)).count() > 1;
    let again = may_nest_joins.then(|| tokens.clone());
    let parsed = parsed(text, tokens, dialect);
    let mut statement = match (parsed, again) {
        (Err(error), Some(tokens)) => self::parsed(text, tokens, &NESTED_JOINS).map_err(|_| error)?,
        (parsed, _) => parsed?,
    };
    // First of all: to print or copy a long chain would recurse along it.
    let _ = VisitMut::visit(&mut statement, &mut shape::Balance);
    if let ControlFlow::Break(error) = Visit::visit(&statement, &mut checks::Checks { text }) {
        return Err(error);
    }
    let _ = VisitMut::visit(&mut statement, &mut shape::Named);
    let labels = labels::of(&statement);
    if let ControlFlow::Break(error) = VisitMut::visit(&mut statement, &mut shape::Rewrite) {
        return Err(error);
    }
    let _ = VisitMut::visit(&mut statement, &mut alternatives::Alternatives);
    Ok((statement, labels))
}

fn is_on(token: &TokenWithSpan) -> bool {
    matches!(&token.token, Token::Word(word) if word.keyword == Keyword::ON)
}

/// One statement and nothing behind it.
fn parsed(text: &str, tokens: Vec<TokenWithSpan>, dialect: &dyn Dialect) -> Result<Statement, Error> {
    let mut parser = Parser::new(dialect)
        .with_recursion_limit(DEEPEST * 4)
        .with_tokens_with_locations(tokens);
    let statement = parser.parse_statement().map_err(|error| from_parser(text, error))?;
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let message = format!("expected the end of the statement, found {}", next.token);
        return Err(syntax_error(text, Some(next.span.start), &message));
    }
    Ok(statement)
}

fn from_parser(text: &str, error: ParserError) -> Error {
    match error {
        ParserError::RecursionLimitExceeded => shape::too_deep(),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            position::from_message(text, &message)
        }
    }
}

#[cfg(test)]
mod tests;

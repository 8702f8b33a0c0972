//! What can go wrong between a SQL text and its rows, in words for the user.

/// The engine's errors. DataFusion's own texts never reach the user (decision 16).
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The text is not SQL that we read.
    #[error("{message}")]
    Syntax { message: String },
    #[error("Table '{name}' does not exist.{hint}")]
    UnknownTable { name: String, hint: String },
    #[error("Column '{name}' does not exist.{hint}")]
    UnknownColumn { name: String, hint: String },
    #[error("Column '{name}' is ambiguous: {hint}")]
    AmbiguousColumn { name: String, hint: String },
    /// Types or arguments that do not fit.
    #[error("{0}")]
    Invalid(String),
    /// SQL that we read but do not run.
    #[error("{0}")]
    Unsupported(String),
    /// INSERT, UPDATE, DELETE while ReadOnly=true.
    #[error("The data source is read-only: {0}")]
    ReadOnly(String),
    #[error("The statement has {expected} parameter(s), {given} were given")]
    ParameterCount { expected: usize, given: usize },
    #[error("Division by zero")]
    DivisionByZero,
    /// Text that is no number, date … while running.
    #[error("{0}")]
    Cast(String),
    /// A number that does not fit its type while running.
    #[error("{0}")]
    Overflow(String),
    /// A row that a table in memory does not take.
    #[cfg(feature = "scratch-tables")]
    #[error("{0}")]
    Constraint(String),
    /// Longer or deeper than we read (decision 4).
    #[error("The statement is too complex: {0}")]
    TooComplex(String),
    /// A fan-out over `MaxRequests`.
    #[error("{0}")]
    TooManyRequests(String),
    /// `MemoryLimit` reached.
    #[error("{0}")]
    Memory(String),
    #[error(transparent)]
    Okta(#[from] std::sync::Arc<crate::okta::Error>),
    #[error("Internal error: {0}")]
    Internal(String),
}

impl Error {
    /// Whether it may be mended by schemas that are not loaded yet: a `Profile…` column that no table read here has.
    pub fn is_unknown_attribute(&self) -> bool {
        let Error::UnknownColumn { name, .. } = self else {
            return false;
        };
        let column = name.rsplit('.').next().unwrap_or_default();
        column
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("profile"))
    }
}

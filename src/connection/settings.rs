//! Typed settings, made from the keywords of the string, the DSN, odbcinst and the environment.

/// Why a connection string cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No `Domain`, or no credential: names the keyword. (HY000/IM… chosen in diag; a missing token is 28000.)
    #[error("{message}")]
    Missing { keyword: &'static str, message: String },
    /// A value that is not one of those allowed.
    #[error("{message}")]
    InvalidValue { keyword: String, message: String },
    /// A string that does not follow the grammar.
    #[error("{message}")]
    Malformed { message: String },
    /// The named DSN does not exist.
    #[error("{message}")]
    UnknownDsn { message: String },
}

/// 01S00 and the like, after a connection that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Names the nearest keyword.
    UnknownKeyword(String),
    /// Decision 7: the schema could not be read; custom attributes are missing.
    NoSchema(String),
}

/// One connection's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    // fields by the owner of connection/
    /// DSN name, as SQLGetInfo(SQL_DATA_SOURCE_NAME) gives it; empty without one.
    pub dsn: String,
    /// Host of the org.
    pub domain: String,
    pub uid: String,
    /// `QueryTimeout`: initial SQL_ATTR_QUERY_TIMEOUT, seconds.
    pub query_timeout: usize,
    /// `MaxRows`: initial SQL_ATTR_MAX_ROWS.
    pub max_rows: usize,
    /// `MaxVarcharSize`
    pub max_varchar_size: u32,
    pub read_only: bool,
    pub driver_manager_encoding: String,
}

impl Settings {
    /// From SQLDriverConnect's string (DSN= looked up, odbcinst and environment defaults below it).
    pub fn from_string(_text: &str) -> Result<(Settings, Vec<Warning>), Error> {
        Err(Error::Malformed { message: "stub".into() })
    }

    /// From SQLConnect's three arguments.
    pub fn from_dsn(_dsn: &str, _uid: &str, _pwd: &str) -> Result<(Settings, Vec<Warning>), Error> {
        Err(Error::Malformed { message: "stub".into() })
    }

    /// The completed connection string for SQLDriverConnect's out buffer: everything given, braces kept, well-formed.
    pub fn out_string(&self) -> String {
        String::new()
    }
}

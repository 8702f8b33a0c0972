//! Conversion failures and warnings; `diag` gives each its SQLSTATE.

/// Why a value could not be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// 07006: the pair of types is not convertible.
    #[error("{message}")]
    RestrictedType { message: String },
    /// HY003 (C type) / HY004 (SQL type): no such type.
    #[error("{message}")]
    InvalidCType { message: String },
    #[error("{message}")]
    InvalidSqlType { message: String },
    /// 22003
    #[error("{message}")]
    OutOfRange { message: String },
    /// 22018
    #[error("{message}")]
    InvalidCharacter { message: String },
    /// 22007
    #[error("{message}")]
    InvalidDatetime { message: String },
    /// 22008
    #[error("{message}")]
    DatetimeOverflow { message: String },
    /// 22015
    #[error("{message}")]
    IntervalOverflow { message: String },
    /// 22001: text that does not fit and must not be cut (numbers into short text: 22003).
    #[error("{message}")]
    RightTruncation { message: String },
    /// 22002: NULL and no indicator.
    #[error("The value is NULL and no indicator variable was given")]
    IndicatorRequired,
    /// HY090
    #[error("{message}")]
    InvalidLength { message: String },
    /// HY009
    #[error("{message}")]
    NullPointer { message: String },
}

/// What SQL_SUCCESS_WITH_INFO says of a written value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// 01004
    StringTruncated,
    /// 01S07
    FractionTruncated,
}

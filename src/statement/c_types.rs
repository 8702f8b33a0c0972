//! What a C type is: its size in memory, its default for each SQL type, its verbose form.

use crate::convert::WideChar;
use crate::ffi::consts::*;

/// Bytes of a fixed-length C type; None for text and binary, whose buffers say their own.
pub fn fixed_size(c_type: i16) -> Option<usize> {
    match c_type {
        SQL_C_BIT | SQL_C_TINYINT | SQL_C_STINYINT | SQL_C_UTINYINT => Some(1),
        SQL_C_SHORT | SQL_C_SSHORT | SQL_C_USHORT => Some(2),
        SQL_C_LONG | SQL_C_SLONG | SQL_C_ULONG | SQL_C_FLOAT => Some(4),
        SQL_C_SBIGINT | SQL_C_UBIGINT | SQL_C_DOUBLE => Some(8),
        SQL_C_DATE | SQL_C_TYPE_DATE | SQL_C_TIME | SQL_C_TYPE_TIME => Some(6),
        SQL_C_TIMESTAMP | SQL_C_TYPE_TIMESTAMP | SQL_C_GUID => Some(16),
        SQL_C_NUMERIC => Some(size_of::<odbc_sys::Numeric>()),
        SQL_C_INTERVAL_YEAR..=SQL_C_INTERVAL_MINUTE_TO_SECOND => Some(size_of::<odbc_sys::IntervalStruct>()),
        _ => None,
    }
}

/// Is it a C type that ODBC knows?
pub fn is_known(c_type: i16) -> bool {
    fixed_size(c_type).is_some()
        || matches!(
            c_type,
            SQL_C_CHAR | SQL_C_WCHAR | SQL_C_BINARY | SQL_C_DEFAULT | SQL_ARD_TYPE | SQL_APD_TYPE
        )
}

/// SQL_C_DEFAULT resolved ("Default C Data Types").
pub fn default_for(sql_type: i16) -> i16 {
    match sql_type {
        SQL_WCHAR | SQL_WVARCHAR | SQL_WLONGVARCHAR => SQL_C_WCHAR,
        SQL_BIT => SQL_C_BIT,
        SQL_TINYINT => SQL_C_STINYINT,
        SQL_SMALLINT => SQL_C_SSHORT,
        SQL_INTEGER => SQL_C_SLONG,
        SQL_BIGINT => SQL_C_SBIGINT,
        SQL_REAL => SQL_C_FLOAT,
        SQL_FLOAT | SQL_DOUBLE => SQL_C_DOUBLE,
        SQL_BINARY | SQL_VARBINARY | SQL_LONGVARBINARY => SQL_C_BINARY,
        SQL_DATETIME | SQL_TYPE_DATE => SQL_C_TYPE_DATE,
        SQL_INTERVAL | SQL_TYPE_TIME => SQL_C_TYPE_TIME,
        SQL_TIMESTAMP | SQL_TYPE_TIMESTAMP => SQL_C_TYPE_TIMESTAMP,
        SQL_GUID => SQL_C_GUID,
        SQL_C_INTERVAL_YEAR..=SQL_C_INTERVAL_MINUTE_TO_SECOND => sql_type,
        _ => SQL_C_CHAR,
    }
}

/// Bytes of one character of a text type; 1 for all else.
pub fn unit(c_type: i16, wide: WideChar) -> usize {
    match (c_type, wide) {
        (SQL_C_WCHAR, WideChar::Utf16) => 2,
        (SQL_C_WCHAR, WideChar::Utf32) => 4,
        _ => 1,
    }
}

/// SQL_DESC_TYPE and SQL_DESC_DATETIME_INTERVAL_CODE of a concise type; C and SQL types share the numbers.
pub fn verbose(concise: i16) -> (i16, i16) {
    match concise {
        SQL_TYPE_DATE..=SQL_TYPE_TIMESTAMP => (SQL_DATETIME, concise - 90),
        SQL_C_INTERVAL_YEAR..=SQL_C_INTERVAL_MINUTE_TO_SECOND => (SQL_INTERVAL, concise - 100),
        other => (other, 0),
    }
}

/// The concise type of a verbose one, None while the code does not say.
pub fn concise(verbose: i16, code: i16) -> Option<i16> {
    match (verbose, code) {
        (SQL_DATETIME, 1..=3) => Some(90 + code),
        (SQL_INTERVAL, 1..=13) => Some(100 + code),
        (SQL_DATETIME | SQL_INTERVAL, _) => None,
        (other, _) => Some(other),
    }
}

/// ODBC 2's datetime types as ODBC 3's.
pub fn current(concise: i16) -> i16 {
    match concise {
        SQL_C_DATE..=SQL_C_TIMESTAMP => concise + 82,
        other => other,
    }
}

/// Is it an SQL type a parameter may have?
pub fn is_sql_type(sql_type: i16) -> bool {
    matches!(
        sql_type,
        SQL_CHAR..=SQL_VARCHAR
            | SQL_TYPE_DATE..=SQL_TYPE_TIMESTAMP
            | SQL_C_INTERVAL_YEAR..=SQL_C_INTERVAL_MINUTE_TO_SECOND
            | SQL_GUID..=SQL_LONGVARCHAR
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structures_have_the_sizes_of_sqltypes_h() {
        assert_eq!(fixed_size(SQL_C_NUMERIC), Some(19));
        assert_eq!(fixed_size(SQL_C_INTERVAL_YEAR), Some(28));
        assert_eq!(fixed_size(SQL_C_TYPE_TIMESTAMP), Some(size_of::<odbc_sys::Timestamp>()));
        assert_eq!(fixed_size(SQL_C_TYPE_DATE), Some(size_of::<odbc_sys::Date>()));
        assert_eq!(fixed_size(SQL_C_TYPE_TIME), Some(size_of::<odbc_sys::Time>()));
        assert_eq!(fixed_size(SQL_C_CHAR), None);
    }

    #[test]
    fn concise_and_verbose_types_belong_together() {
        for concise_type in [1, 2, 4, 12, -9, 91, 92, 93, 101, 113] {
            let (verbose_type, code) = verbose(concise_type);
            assert_eq!(concise(verbose_type, code), Some(concise_type));
        }
        assert_eq!(concise(SQL_DATETIME, 0), None);
        assert_eq!(current(SQL_C_TIMESTAMP), SQL_TYPE_TIMESTAMP);
    }

    #[test]
    fn every_default_is_a_known_c_type() {
        for sql_type in -11..=113 {
            assert!(is_known(default_for(sql_type)), "{sql_type}");
        }
    }
}

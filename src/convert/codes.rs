//! ODBC's numbers for SQL and C types, as enums that the conversions match on.

use odbc_sys::{CDataType, Interval, SqlDataType};

pub(super) const SQL_C_DEFAULT: i16 = CDataType::Default as i16;
/// odbc-sys leaves out the legacy codes without a sign, and GUID in its older feature sets.
const SQL_C_TINYINT: i16 = -6;
const SQL_C_LONG: i16 = 4;
const SQL_C_SHORT: i16 = 5;
const SQL_C_GUID: i16 = -11;

pub(super) const SQL_NULL_DATA: isize = -1;
pub(super) const SQL_DATA_AT_EXEC: isize = -2;
pub(super) const SQL_NTS: isize = -3;
pub(super) const SQL_DEFAULT_PARAM: isize = -5;
pub(super) const SQL_LEN_DATA_AT_EXEC_OFFSET: isize = -100;

/// A SQL_C_* type, the codes of ODBC 2 and the legacy ones folded into those of ODBC 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CType {
    Char,
    WChar,
    Bit,
    STinyInt,
    UTinyInt,
    SShort,
    UShort,
    SLong,
    ULong,
    SBigInt,
    UBigInt,
    Float,
    Double,
    Numeric,
    /// SQL_C_VARBOOKMARK too.
    Binary,
    Date,
    Time,
    Timestamp,
    Guid,
    Interval(Interval),
}

/// Every code that is a C type, SQL_C_DEFAULT aside.
pub(super) const C_TYPES: &[(i16, CType)] = &[
    (CDataType::Char as i16, CType::Char),
    (CDataType::WChar as i16, CType::WChar),
    (CDataType::Bit as i16, CType::Bit),
    (CDataType::STinyInt as i16, CType::STinyInt),
    (CDataType::UTinyInt as i16, CType::UTinyInt),
    (SQL_C_TINYINT, CType::STinyInt),
    (CDataType::SShort as i16, CType::SShort),
    (CDataType::UShort as i16, CType::UShort),
    (SQL_C_SHORT, CType::SShort),
    (CDataType::SLong as i16, CType::SLong),
    (CDataType::ULong as i16, CType::ULong),
    (SQL_C_LONG, CType::SLong),
    (CDataType::SBigInt as i16, CType::SBigInt),
    (CDataType::UBigInt as i16, CType::UBigInt),
    (CDataType::Float as i16, CType::Float),
    (CDataType::Double as i16, CType::Double),
    (CDataType::Numeric as i16, CType::Numeric),
    (CDataType::Binary as i16, CType::Binary),
    (CDataType::TypeDate as i16, CType::Date),
    (CDataType::TypeTime as i16, CType::Time),
    (CDataType::TypeTimestamp as i16, CType::Timestamp),
    (CDataType::Date as i16, CType::Date),
    (CDataType::Time as i16, CType::Time),
    (CDataType::TimeStamp as i16, CType::Timestamp),
    (SQL_C_GUID, CType::Guid),
    (CDataType::IntervalYear as i16, CType::Interval(Interval::Year)),
    (CDataType::IntervalMonth as i16, CType::Interval(Interval::Month)),
    (CDataType::IntervalDay as i16, CType::Interval(Interval::Day)),
    (CDataType::IntervalHour as i16, CType::Interval(Interval::Hour)),
    (CDataType::IntervalMinute as i16, CType::Interval(Interval::Minute)),
    (CDataType::IntervalSecond as i16, CType::Interval(Interval::Second)),
    (
        CDataType::IntervalYearToMonth as i16,
        CType::Interval(Interval::YearToMonth),
    ),
    (
        CDataType::IntervalDayToHour as i16,
        CType::Interval(Interval::DayToHour),
    ),
    (
        CDataType::IntervalDayToMinute as i16,
        CType::Interval(Interval::DayToMinute),
    ),
    (
        CDataType::IntervalDayToSecond as i16,
        CType::Interval(Interval::DayToSecond),
    ),
    (
        CDataType::IntervalHourToMinute as i16,
        CType::Interval(Interval::HourToMinute),
    ),
    (
        CDataType::IntervalHourToSecond as i16,
        CType::Interval(Interval::HourToSecond),
    ),
    (
        CDataType::IntervalMinuteToSecond as i16,
        CType::Interval(Interval::MinuteToSecond),
    ),
];

impl CType {
    /// `None` for SQL_C_DEFAULT and for what is no C type (HY003).
    pub fn of(code: i16) -> Option<Self> {
        C_BY_CODE
            .get(usize::try_from(code.checked_sub(FIRST_CODE)?).ok()?)
            .copied()
            .flatten()
    }

    /// Bytes of the C type; `None` where the application says how many there are.
    pub fn size(self) -> Option<usize> {
        Some(match self {
            Self::Char | Self::WChar | Self::Binary => return None,
            Self::Bit | Self::STinyInt | Self::UTinyInt => 1,
            Self::SShort | Self::UShort => 2,
            Self::SLong | Self::ULong | Self::Float => 4,
            Self::SBigInt | Self::UBigInt | Self::Double => 8,
            Self::Numeric => size_of::<odbc_sys::Numeric>(),
            Self::Date => size_of::<odbc_sys::Date>(),
            Self::Time => size_of::<odbc_sys::Time>(),
            Self::Timestamp => size_of::<odbc_sys::Timestamp>(),
            Self::Guid => size_of::<odbc_sys::Guid>(),
            Self::Interval(_) => size_of::<odbc_sys::IntervalStruct>(),
        })
    }
}

/// A SQL type as far as conversions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SqlType {
    Char,
    VarChar,
    LongVarChar,
    WChar,
    WVarChar,
    WLongVarChar,
    Decimal,
    Numeric,
    TinyInt,
    SmallInt,
    Integer,
    BigInt,
    Real,
    Float,
    Double,
    Bit,
    Binary,
    VarBinary,
    LongVarBinary,
    Date,
    Time,
    Timestamp,
    Guid,
}

/// Every concise SQL type that can be converted, those of ODBC 2 included; SQL's interval types have no column here.
pub(super) const SQL_TYPES: &[(i16, SqlType)] = &[
    (SqlDataType::CHAR.0, SqlType::Char),
    (SqlDataType::VARCHAR.0, SqlType::VarChar),
    (SqlDataType::EXT_LONG_VARCHAR.0, SqlType::LongVarChar),
    (SqlDataType::EXT_W_CHAR.0, SqlType::WChar),
    (SqlDataType::EXT_W_VARCHAR.0, SqlType::WVarChar),
    (SqlDataType::EXT_W_LONG_VARCHAR.0, SqlType::WLongVarChar),
    (SqlDataType::DECIMAL.0, SqlType::Decimal),
    (SqlDataType::NUMERIC.0, SqlType::Numeric),
    (SqlDataType::EXT_TINY_INT.0, SqlType::TinyInt),
    (SqlDataType::SMALLINT.0, SqlType::SmallInt),
    (SqlDataType::INTEGER.0, SqlType::Integer),
    (SqlDataType::EXT_BIG_INT.0, SqlType::BigInt),
    (SqlDataType::REAL.0, SqlType::Real),
    (SqlDataType::FLOAT.0, SqlType::Float),
    (SqlDataType::DOUBLE.0, SqlType::Double),
    (SqlDataType::EXT_BIT.0, SqlType::Bit),
    (SqlDataType::EXT_BINARY.0, SqlType::Binary),
    (SqlDataType::EXT_VAR_BINARY.0, SqlType::VarBinary),
    (SqlDataType::EXT_LONG_VAR_BINARY.0, SqlType::LongVarBinary),
    (SqlDataType::DATE.0, SqlType::Date),
    (SqlDataType::TIME.0, SqlType::Time),
    (SqlDataType::TIMESTAMP.0, SqlType::Timestamp),
    (SqlDataType::DATETIME.0, SqlType::Date),
    (SqlDataType::EXT_TIME_OR_INTERVAL.0, SqlType::Time),
    (SqlDataType::EXT_TIMESTAMP.0, SqlType::Timestamp),
    (SqlDataType::EXT_GUID.0, SqlType::Guid),
];

impl SqlType {
    /// `None` for what is no SQL type, and for SQL's interval types.
    pub fn of(code: i16) -> Option<Self> {
        SQL_BY_CODE
            .get(usize::try_from(code.checked_sub(FIRST_CODE)?).ok()?)
            .copied()
            .flatten()
    }

    /// SQL_WCHAR and its like: their data are SQLWCHARs.
    pub fn is_wide(self) -> bool {
        matches!(self, Self::WChar | Self::WVarChar | Self::WLongVarChar)
    }
}

/// The tables above by code: every cell of a result looks its types up.
const FIRST_CODE: i16 = -28;
const CODES: usize = 142;
static C_BY_CODE: [Option<CType>; CODES] = {
    let mut by_code = [None; CODES];
    let mut i = 0;
    while i < C_TYPES.len() {
        by_code[(C_TYPES[i].0 - FIRST_CODE) as usize] = Some(C_TYPES[i].1);
        i += 1;
    }
    by_code
};
static SQL_BY_CODE: [Option<SqlType>; CODES] = {
    let mut by_code = [None; CODES];
    let mut i = 0;
    while i < SQL_TYPES.len() {
        by_code[(SQL_TYPES[i].0 - FIRST_CODE) as usize] = Some(SQL_TYPES[i].1);
        i += 1;
    }
    by_code
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The values as `sql.h` and `sqlext.h` print them.
    #[test]
    fn codes_are_those_of_the_headers() {
        let c_codes: Vec<i16> = C_TYPES.iter().map(|(code, _)| *code).collect();
        let header = [
            1, -8, -7, -26, -28, -6, -15, -17, 5, -16, -18, 4, -25, -27, 7, 8, 2, -2, 91, 92, 93, 9, 10, 11, -11, 101,
            102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113,
        ];
        assert_eq!(c_codes, header);
        let sql_codes: Vec<i16> = SQL_TYPES.iter().map(|(code, _)| *code).collect();
        let header = [
            1, 12, -1, -8, -9, -10, 3, 2, -6, 5, 4, -5, 7, 6, 8, -7, -2, -3, -4, 91, 92, 93, 9, 10, 11, -11,
        ];
        assert_eq!(sql_codes, header);
        assert_eq!(SQL_C_DEFAULT, 99);
        assert_eq!(SQL_NULL_DATA, odbc_sys::NULL_DATA);
        assert_eq!(SQL_DATA_AT_EXEC, odbc_sys::DATA_AT_EXEC);
    }

    #[test]
    fn every_code_is_found_and_no_other() {
        for code in i16::MIN..=i16::MAX {
            let listed = C_TYPES
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, c_type)| *c_type);
            assert_eq!(CType::of(code), listed, "{code}");
            let listed = SQL_TYPES
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, sql_type)| *sql_type);
            assert_eq!(SqlType::of(code), listed, "{code}");
        }
    }

    #[test]
    fn sizes_are_those_of_the_c_structures() {
        let sizes = [
            (CType::Numeric, 19),
            (CType::Date, 6),
            (CType::Time, 6),
            (CType::Timestamp, 16),
            (CType::Guid, 16),
            (CType::Interval(Interval::Day), 28),
        ];
        for (c_type, size) in sizes {
            assert_eq!(c_type.size(), Some(size), "{c_type:?}");
        }
    }
}

//! Which SQL type converts to which C type and back, as the ODBC reference's Appendix D has it.

use odbc_sys::Interval;

use super::Error;
use super::codes::{CType, SQL_C_DEFAULT, SqlType};

/// The rows of Appendix D: SQL types that share one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Character,
    ExactNumeric,
    ApproximateNumeric,
    Bit,
    Binary,
    Date,
    Time,
    Timestamp,
    Guid,
}

/// The columns: C types that every row of the tables treats alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Text,
    Bit,
    Number,
    Binary,
    Date,
    Time,
    Timestamp,
    Guid,
    SingleFieldInterval,
    MultiFieldInterval,
}

/// "Converting Data from SQL to C Data Types"; what is not here is 07006.
const SQL_TO_C: &[(Family, &[Class])] = &[
    (
        Family::Character,
        &[
            Class::Text,
            Class::Bit,
            Class::Number,
            Class::Binary,
            Class::Date,
            Class::Time,
            Class::Timestamp,
            Class::SingleFieldInterval,
            Class::MultiFieldInterval,
        ],
    ),
    (
        Family::ExactNumeric,
        &[
            Class::Text,
            Class::Bit,
            Class::Number,
            Class::Binary,
            Class::SingleFieldInterval,
            Class::MultiFieldInterval,
        ],
    ),
    (
        Family::ApproximateNumeric,
        &[Class::Text, Class::Bit, Class::Number, Class::Binary],
    ),
    (Family::Bit, &[Class::Text, Class::Bit, Class::Number, Class::Binary]),
    (Family::Binary, &[Class::Text, Class::Binary]),
    (
        Family::Date,
        &[Class::Text, Class::Binary, Class::Date, Class::Timestamp],
    ),
    (
        Family::Time,
        &[Class::Text, Class::Binary, Class::Time, Class::Timestamp],
    ),
    (
        Family::Timestamp,
        &[Class::Text, Class::Binary, Class::Date, Class::Time, Class::Timestamp],
    ),
    (Family::Guid, &[Class::Text, Class::Binary, Class::Guid]),
];

/// "Converting Data from C to SQL Data Types", by SQL type. Text and binary to SQL_GUID are not in it, but every
/// application that binds a GUID as text relies on them.
const C_TO_SQL: &[(Family, &[Class])] = &[
    (
        Family::Character,
        &[
            Class::Text,
            Class::Bit,
            Class::Number,
            Class::Binary,
            Class::Date,
            Class::Time,
            Class::Timestamp,
            Class::Guid,
            Class::SingleFieldInterval,
            Class::MultiFieldInterval,
        ],
    ),
    (
        Family::ExactNumeric,
        &[
            Class::Text,
            Class::Bit,
            Class::Number,
            Class::Binary,
            Class::SingleFieldInterval,
        ],
    ),
    (
        Family::ApproximateNumeric,
        &[Class::Text, Class::Bit, Class::Number, Class::Binary],
    ),
    (Family::Bit, &[Class::Text, Class::Bit, Class::Number, Class::Binary]),
    (Family::Binary, &[Class::Text, Class::Binary]),
    (
        Family::Date,
        &[Class::Text, Class::Binary, Class::Date, Class::Timestamp],
    ),
    (
        Family::Time,
        &[Class::Text, Class::Binary, Class::Time, Class::Timestamp],
    ),
    (
        Family::Timestamp,
        &[Class::Text, Class::Binary, Class::Date, Class::Time, Class::Timestamp],
    ),
    (Family::Guid, &[Class::Text, Class::Binary, Class::Guid]),
];

impl Family {
    fn of(sql_type: SqlType) -> Self {
        use SqlType::*;
        match sql_type {
            Char | VarChar | LongVarChar | WChar | WVarChar | WLongVarChar => Self::Character,
            Decimal | Numeric | TinyInt | SmallInt | Integer | BigInt => Self::ExactNumeric,
            Real | Float | Double => Self::ApproximateNumeric,
            Bit => Self::Bit,
            Binary | VarBinary | LongVarBinary => Self::Binary,
            Date => Self::Date,
            Time => Self::Time,
            Timestamp => Self::Timestamp,
            Guid => Self::Guid,
        }
    }
}

impl Class {
    fn of(c_type: CType) -> Self {
        use CType::*;
        match c_type {
            Char | WChar => Self::Text,
            Bit => Self::Bit,
            STinyInt | UTinyInt | SShort | UShort | SLong | ULong | SBigInt | UBigInt | Float | Double | Numeric => {
                Self::Number
            }
            Binary => Self::Binary,
            Date => Self::Date,
            Time => Self::Time,
            Timestamp => Self::Timestamp,
            Guid => Self::Guid,
            Interval(kind) if is_single_field(kind) => Self::SingleFieldInterval,
            Interval(_) => Self::MultiFieldInterval,
        }
    }
}

/// INTERVAL YEAR, MONTH, DAY, HOUR, MINUTE or SECOND.
pub(super) fn is_single_field(kind: Interval) -> bool {
    (kind as i16) <= (Interval::Second as i16)
}

/// One bit per class, by family: the tables as every cell asks them.
type Masks = [u16; FAMILIES];

const FAMILIES: usize = Family::Guid as usize + 1;

const fn masks(table: &[(Family, &[Class])]) -> Masks {
    let mut masks = [0; FAMILIES];
    let mut row = 0;
    while row < table.len() {
        let (family, classes) = table[row];
        let mut column = 0;
        while column < classes.len() {
            masks[family as usize] |= 1 << classes[column] as u16;
            column += 1;
        }
        row += 1;
    }
    masks
}

const SQL_TO_C_MASKS: Masks = masks(SQL_TO_C);
const C_TO_SQL_MASKS: Masks = masks(C_TO_SQL);

fn is_in(masks: &Masks, sql_type: SqlType, c_type: CType) -> bool {
    masks[Family::of(sql_type) as usize] & (1 << Class::of(c_type) as u16) != 0
}

/// Is the pair one that the ODBC reference allows ("Converting Data from SQL to C Data Types")? Otherwise 07006.
pub fn is_legal(sql_type: i16, c_type: i16) -> bool {
    let Some(sql) = SqlType::of(sql_type) else { return false };
    if c_type == SQL_C_DEFAULT {
        return true;
    }
    CType::of(c_type).is_some_and(|c| is_in(&SQL_TO_C_MASKS, sql, c))
}

/// Is the pair one that the ODBC reference allows for a parameter ("Converting Data from C to SQL Data Types")?
pub fn is_legal_parameter(c_type: i16, sql_type: i16) -> bool {
    let Some(sql) = SqlType::of(sql_type) else { return false };
    if c_type == SQL_C_DEFAULT {
        return true;
    }
    CType::of(c_type).is_some_and(|c| is_in(&C_TO_SQL_MASKS, sql, c))
}

/// SQL_C_DEFAULT: the filled circles of Appendix D. An unsigned column has the unsigned C type.
pub(super) fn default_c_type(sql_type: SqlType, unsigned: bool) -> CType {
    use SqlType::*;
    match (sql_type, unsigned) {
        (Char | VarChar | LongVarChar | Decimal | Numeric, _) => CType::Char,
        (WChar | WVarChar | WLongVarChar, _) => CType::WChar,
        (TinyInt, false) => CType::STinyInt,
        (TinyInt, true) => CType::UTinyInt,
        (SmallInt, false) => CType::SShort,
        (SmallInt, true) => CType::UShort,
        (Integer, false) => CType::SLong,
        (Integer, true) => CType::ULong,
        (BigInt, false) => CType::SBigInt,
        (BigInt, true) => CType::UBigInt,
        (Real, _) => CType::Float,
        (Float | Double, _) => CType::Double,
        (Bit, _) => CType::Bit,
        (Binary | VarBinary | LongVarBinary, _) => CType::Binary,
        (Date, _) => CType::Date,
        (Time, _) => CType::Time,
        (Timestamp, _) => CType::Timestamp,
        (Guid, _) => CType::Guid,
    }
}

/// The two types of a pair that may be converted, SQL_C_DEFAULT resolved.
pub(super) fn resolve(sql_code: i16, c_code: i16, unsigned: bool) -> Result<(SqlType, CType), Error> {
    let (sql, c) = known(sql_code, c_code, unsigned)?;
    if !is_in(&SQL_TO_C_MASKS, sql, c) {
        return Err(restricted(format!(
            "A column of SQL type {sql:?} cannot be read as C type {c:?} ({c_code})"
        )));
    }
    Ok((sql, c))
}

/// As `resolve`, for a parameter.
pub(super) fn resolve_parameter(c_code: i16, sql_code: i16) -> Result<(SqlType, CType), Error> {
    let (sql, c) = known(sql_code, c_code, false)?;
    if !is_in(&C_TO_SQL_MASKS, sql, c) {
        return Err(restricted(format!(
            "A parameter of C type {c:?} ({c_code}) cannot be sent as SQL type {sql:?}"
        )));
    }
    Ok((sql, c))
}

fn known(sql_code: i16, c_code: i16, unsigned: bool) -> Result<(SqlType, CType), Error> {
    let sql = SqlType::of(sql_code).ok_or_else(|| Error::InvalidSqlType {
        message: format!("SQL type {sql_code} is not one that this driver has"),
    })?;
    if c_code == SQL_C_DEFAULT {
        return Ok((sql, default_c_type(sql, unsigned)));
    }
    let c = CType::of(c_code).ok_or_else(|| Error::InvalidCType {
        message: format!("{c_code} is not a C data type; use one of the SQL_C_ codes"),
    })?;
    Ok((sql, c))
}

fn restricted(message: String) -> Error {
    Error::RestrictedType { message }
}

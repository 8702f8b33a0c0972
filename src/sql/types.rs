//! Type names that T-SQL and SQLGetTypeInfo have and the engine does not, in the engine's words.

use sqlparser::ast::{DataType, ExactNumberInfo, TimezoneInfo};

/// Makes a type.
type Make = fn() -> DataType;

const TEXT: Make = || DataType::Varchar(None);
const BINARY: Make = || DataType::Bytea;
/// To the millisecond, as Okta and ODBC's TYPE_TIMESTAMP(23,3) are; its years reach from 1 to 9999.
const INSTANT: Make = || DataType::Timestamp(Some(3), TimezoneInfo::None);
/// To the microsecond.
const PRECISE: Make = || DataType::Timestamp(Some(6), TimezoneInfo::None);

/// A type's name without its length, and the type that it is cast to.
pub const TYPE_NAMES: &[(&str, Make)] = &[
    ("BIT", || DataType::Boolean),
    // From 0 to 255.
    ("TINYINT", || DataType::TinyIntUnsigned(None)),
    // 53 bits unless said otherwise (T-SQL, and SQL_FLOAT of ODBC).
    ("FLOAT", || DataType::DoublePrecision),
    ("NVARCHAR", TEXT),
    ("NCHAR", TEXT),
    ("NTEXT", TEXT),
    ("XML", TEXT),
    ("UNIQUEIDENTIFIER", TEXT),
    ("VARBINARY", BINARY),
    ("BINARY", BINARY),
    ("IMAGE", BINARY),
    ("DATETIME", INSTANT),
    ("DATETIME2", PRECISE),
    ("SMALLDATETIME", INSTANT),
    ("DATETIMEOFFSET", PRECISE),
    // `{ts '…'}` too: the engine's own TIMESTAMP counts nanoseconds, and ends in 2262.
    ("TIMESTAMP", PRECISE),
    // Every fraction of a second is kept, whatever precision is asked for.
    ("TIME", || DataType::Time(None, TimezoneInfo::None)),
    ("MONEY", || DataType::Decimal(ExactNumberInfo::PrecisionAndScale(19, 4))),
    ("SMALLMONEY", || {
        DataType::Decimal(ExactNumberInfo::PrecisionAndScale(10, 4))
    }),
];

/// Exact numbers without a precision: T-SQL's default has no decimals.
const WHOLE: ExactNumberInfo = ExactNumberInfo::PrecisionAndScale(18, 0);

/// Names of types that are text.
const TEXTS: &[&str] = &[
    "VARCHAR",
    "NVARCHAR",
    "CHAR",
    "NCHAR",
    "CHARACTER",
    "TEXT",
    "NTEXT",
    "STRING",
    "SYSNAME",
];

/// Names of types that are dates and times.
const DATES: &[&str] = &[
    "DATE",
    "TIME",
    "DATETIME",
    "DATETIME2",
    "SMALLDATETIME",
    "DATETIMEOFFSET",
    "TIMESTAMP",
];

fn name(data_type: &DataType) -> String {
    let text = data_type.to_string();
    text.split(['(', ' ']).next().unwrap_or_default().to_ascii_uppercase()
}

pub(super) fn is_text(data_type: &DataType) -> bool {
    TEXTS.contains(&name(data_type).as_str())
}

pub(super) fn is_date(data_type: &DataType) -> bool {
    DATES.contains(&name(data_type).as_str())
}

/// Names of types whose values have no bound of their own.
const LONG_TEXTS: &[&str] = &["TEXT", "NTEXT", "XML"];

/// The length of `(max)` and of the long types, in characters.
pub const MAX: u64 = 0x7FFF_FFFF;

/// The length that a cast to this text type cuts to. Without one nothing is cut, not even to T-SQL's 30.
pub(super) fn longest(data_type: &DataType) -> Option<u64> {
    if LONG_TEXTS.contains(&name(data_type).as_str()) {
        return Some(MAX);
    }
    if !is_text(data_type) {
        return None;
    }
    let text = data_type.to_string();
    let inside = text.split_once('(')?.1.split_once(')')?.0;
    match inside.split(' ').next()? {
        max if max.eq_ignore_ascii_case("max") => Some(MAX),
        length => length.parse().ok(),
    }
}

/// The type that the engine knows it by.
pub(super) fn rename(data_type: &mut DataType) {
    let name = name(data_type);
    if let Some((_, engine)) = TYPE_NAMES.iter().find(|(known, _)| *known == name) {
        *data_type = engine();
    } else if is_text(data_type) {
        *data_type = TEXT();
    } else if let DataType::Decimal(info) | DataType::Numeric(info) | DataType::Dec(info) = data_type
        && *info == ExactNumberInfo::None
    {
        *info = WHOLE;
    }
}

#[cfg(test)]
mod tests {
    use super::TYPE_NAMES;
    use crate::sql::parse;

    #[test]
    fn every_name_is_cast_to_its_type_with_and_without_a_length() {
        for (name, engine) in TYPE_NAMES {
            let wanted = engine().to_string();
            for written in [(*name).to_owned(), name.to_lowercase(), format!("{name}(10)")] {
                if written.ends_with(')') && ["XML", "IMAGE", "NTEXT", "MONEY", "SMALLMONEY"].contains(name) {
                    continue;
                }
                let parsed = parse(&format!("SELECT CAST(? AS {written})")).expect(&written);
                let text = parsed.statement.expect("a query").to_string();
                assert!(text.contains(&format!("AS {wanted})")), "{written}: {text}");
            }
        }
    }
}

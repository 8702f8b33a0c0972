//! Type names that T-SQL and SQLGetTypeInfo have and the engine does not, in the engine's words.

use sqlparser::ast::{DataType, ExactNumberInfo, TimezoneInfo};

/// Makes a type.
type Make = fn() -> DataType;

const TEXT: Make = || DataType::Varchar(None);
const BINARY: Make = || DataType::Bytea;
const INSTANT: Make = || DataType::Timestamp(None, TimezoneInfo::None);

/// A type's name without its length, and the type that it is cast to.
pub const TYPE_NAMES: &[(&str, Make)] = &[
    ("BIT", || DataType::Boolean),
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
    ("DATETIME2", INSTANT),
    ("SMALLDATETIME", INSTANT),
    ("DATETIMEOFFSET", INSTANT),
    ("MONEY", || DataType::Decimal(ExactNumberInfo::PrecisionAndScale(19, 4))),
    ("SMALLMONEY", || {
        DataType::Decimal(ExactNumberInfo::PrecisionAndScale(10, 4))
    }),
];

/// The type that the engine knows it by.
pub(super) fn rename(data_type: &mut DataType) {
    let text = data_type.to_string();
    let name = text.split(['(', ' ']).next().unwrap_or_default();
    if let Some((_, engine)) = TYPE_NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        *data_type = engine();
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
                let text = parsed.statement.to_string();
                assert!(text.contains(&format!("AS {wanted})")), "{written}: {text}");
            }
        }
    }
}

//! Arrow cells from the SQL types and values that a line names.

use std::sync::Arc;

use arrow::array::*;
use arrow::compute::cast;
use arrow::datatypes::{DataType, TimeUnit};

use crate::convert::codes::SqlType;
use crate::convert::datetime::{self, Literal};
use crate::convert::guid;
use crate::convert::number::Number;

/// `TYPE_TIMESTAMP(3) UTC`: a name, its digits, a word behind.
pub struct TypeName<'a> {
    pub name: &'a str,
    pub digits: Vec<i64>,
    pub word: &'a str,
}

impl<'a> TypeName<'a> {
    pub fn parse(text: &'a str) -> Self {
        let (text, word) = text.split_once(' ').unwrap_or((text, ""));
        let (name, digits) = match text.split_once('(') {
            Some((name, digits)) => (
                name,
                digits
                    .trim_end_matches(')')
                    .split(',')
                    .map(|d| d.parse().unwrap())
                    .collect(),
            ),
            None => (text, Vec::new()),
        };
        Self { name, digits, word }
    }

    /// SQL's own code; the names that say only how Arrow holds the value count as the type they are read as.
    pub fn code(&self) -> i16 {
        match self.name {
            "CHAR" => 1,
            "VARCHAR" | "NULLTYPE" => 12,
            "LONGVARCHAR" => -1,
            "WCHAR" => -8,
            "WVARCHAR" | "LARGEWVARCHAR" | "VIEWWVARCHAR" => -9,
            "WLONGVARCHAR" => -10,
            "DECIMAL" => 3,
            "NUMERIC" => 2,
            "TINYINT" => -6,
            "SMALLINT" => 5,
            "INTEGER" => 4,
            "BIGINT" => -5,
            "REAL" => 7,
            "FLOAT" => 6,
            "DOUBLE" => 8,
            "BIT" => -7,
            "BINARY" => -2,
            "VARBINARY" | "LARGEVARBINARY" | "FIXEDBINARY" => -3,
            "LONGVARBINARY" => -4,
            "TYPE_DATE" | "DATE64" => 91,
            "TYPE_TIME" => 92,
            "TYPE_TIMESTAMP" => 93,
            "DATE" => 9,
            "TIME" => 10,
            "TIMESTAMP" => 11,
            "GUID" | "GUIDTEXT" => -11,
            other => other.parse().unwrap_or_else(|_| panic!("no SQL type {other}")),
        }
    }

    fn digit(&self, at: usize) -> i64 {
        self.digits.get(at).copied().unwrap_or(0)
    }

    fn arrow_type(&self) -> DataType {
        let unit = match self.digit(0) {
            0 => TimeUnit::Second,
            3 => TimeUnit::Millisecond,
            6 => TimeUnit::Microsecond,
            _ => TimeUnit::Nanosecond,
        };
        match (self.name, self.word) {
            ("NULLTYPE", _) => DataType::Null,
            ("LARGEWVARCHAR", _) => DataType::LargeUtf8,
            ("VIEWWVARCHAR", _) => DataType::Utf8View,
            ("DECIMAL" | "NUMERIC", _) => DataType::Decimal128(self.digit(0) as u8, self.digit(1) as i8),
            ("TINYINT", "UNSIGNED") => DataType::UInt8,
            ("SMALLINT", "UNSIGNED") => DataType::UInt16,
            ("INTEGER", "UNSIGNED") => DataType::UInt32,
            ("BIGINT", "UNSIGNED") => DataType::UInt64,
            ("TINYINT", _) => DataType::Int8,
            ("SMALLINT", _) => DataType::Int16,
            ("INTEGER", _) => DataType::Int32,
            ("BIGINT", _) => DataType::Int64,
            ("REAL", _) => DataType::Float32,
            ("FLOAT" | "DOUBLE", _) => DataType::Float64,
            ("BIT", _) => DataType::Boolean,
            ("BINARY" | "VARBINARY" | "LONGVARBINARY", _) => DataType::Binary,
            ("LARGEVARBINARY", _) => DataType::LargeBinary,
            ("FIXEDBINARY", _) => DataType::FixedSizeBinary(2),
            ("GUID", _) => DataType::FixedSizeBinary(16),
            ("TYPE_DATE" | "DATE", _) => DataType::Date32,
            ("DATE64", _) => DataType::Date64,
            ("TYPE_TIME" | "TIME", _) if matches!(unit, TimeUnit::Second | TimeUnit::Millisecond) => {
                DataType::Time32(unit)
            }
            ("TYPE_TIME" | "TIME", _) => DataType::Time64(unit),
            ("TYPE_TIMESTAMP" | "TIMESTAMP", "UTC") => DataType::Timestamp(unit, Some("UTC".into())),
            ("TYPE_TIMESTAMP" | "TIMESTAMP", _) => DataType::Timestamp(unit, None),
            _ => DataType::Utf8,
        }
    }
}

/// The cell, as an array of one row.
pub fn cell(sql_type: &TypeName<'_>, literal: &str) -> ArrayRef {
    let data_type = sql_type.arrow_type();
    if literal == "NULL" {
        return new_null_array(&data_type, 1);
    }
    let whole = || Int64Array::from(vec![literal.parse::<i64>().expect(literal)]);
    match &data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let text = literal
                .strip_prefix('\'')
                .and_then(|inner| inner.strip_suffix('\''))
                .unwrap_or(literal);
            cast(&StringArray::from(vec![text.replace("''", "'")]), &data_type).unwrap()
        }
        DataType::Boolean => Arc::new(BooleanArray::from(vec![literal == "1"])),
        DataType::UInt64 => Arc::new(UInt64Array::from(vec![literal.parse::<u64>().expect(literal)])),
        DataType::Float32 => Arc::new(Float32Array::from(vec![literal.parse::<f32>().expect(literal)])),
        DataType::Float64 => Arc::new(Float64Array::from(vec![literal.parse::<f64>().expect(literal)])),
        DataType::Decimal128(precision, scale) => {
            let number = Number::parse(literal).unwrap();
            let coefficient = number.at_scale(i32::from(*scale)).unwrap().0 as i128;
            let signed = if number.negative { -coefficient } else { coefficient };
            let array = Decimal128Array::from(vec![signed])
                .with_precision_and_scale(*precision, *scale)
                .unwrap();
            Arc::new(array)
        }
        DataType::Binary | DataType::LargeBinary => {
            cast(&BinaryArray::from_vec(vec![&hex(literal)]), &data_type).unwrap()
        }
        DataType::FixedSizeBinary(16) => fixed_size(&guid::parse(literal).unwrap()),
        DataType::FixedSizeBinary(_) => fixed_size(&hex(literal)),
        DataType::Date32 | DataType::Date64 | DataType::Time32(_) | DataType::Time64(_) | DataType::Timestamp(..) => {
            datetime_cell(literal, &data_type)
        }
        _ => cast(&whole(), &data_type).unwrap(),
    }
}

fn fixed_size(bytes: &[u8]) -> ArrayRef {
    Arc::new(FixedSizeBinaryArray::try_from_iter([bytes].into_iter()).unwrap())
}

/// Counted here, so that reading a cell is not tested by itself.
fn datetime_cell(literal: &str, data_type: &DataType) -> ArrayRef {
    let (days, nanos) = match datetime::parse(literal).unwrap() {
        Literal::Date { days } => (days, 0),
        Literal::Time { nanos } => (0, nanos),
        Literal::Timestamp { days, nanos } => (days, nanos),
    };
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000i128,
    };
    let total = i128::from(days) * 86_400_000_000_000 + i128::from(nanos);
    let count = match data_type {
        DataType::Date32 => i128::from(days),
        DataType::Date64 => i128::from(days) * 86_400_000,
        DataType::Time32(unit) | DataType::Time64(unit) | DataType::Timestamp(unit, _) => {
            total / (1_000_000_000 / per_second(unit))
        }
        other => panic!("{other} is no date or time"),
    };
    let count = Int64Array::from(vec![count as i64]);
    match data_type {
        DataType::Date32 | DataType::Time32(_) => cast(&cast(&count, &DataType::Int32).unwrap(), data_type).unwrap(),
        _ => cast(&count, data_type).unwrap(),
    }
}

/// `x01AB`
pub fn hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix('x').expect(text);
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect(text))
        .collect()
}

/// Any value of the type.
pub fn any_of(sql_type: SqlType) -> ArrayRef {
    use SqlType::*;
    let (name, literal) = match sql_type {
        Char | VarChar | LongVarChar | WChar | WVarChar | WLongVarChar => ("WVARCHAR", "'1'"),
        Decimal | Numeric => ("DECIMAL(5,0)", "1"),
        TinyInt => ("TINYINT", "1"),
        SmallInt => ("SMALLINT", "1"),
        Integer => ("INTEGER", "1"),
        BigInt => ("BIGINT", "1"),
        Real => ("REAL", "1"),
        Float | Double => ("DOUBLE", "1"),
        Bit => ("BIT", "1"),
        Binary | VarBinary | LongVarBinary => ("VARBINARY", "x01"),
        Date => ("TYPE_DATE", "2024-02-29"),
        Time => ("TYPE_TIME(0)", "01:02:03"),
        Timestamp => ("TYPE_TIMESTAMP(3)", "2024-02-29 01:02:03"),
        Guid => ("GUID", "01234567-89AB-CDEF-0011-223344556677"),
    };
    cell(&TypeName::parse(name), literal)
}

//! C values from the text of a line, byte for byte as sqltypes.h lays them out.

use odbc_sys::Interval;

use super::cells::{TypeName, hex};
use crate::convert::WideChar;
use crate::convert::codes::CType;
use crate::convert::datetime::{Date, today};

pub fn c_code(name: &str) -> i16 {
    match name {
        "C_CHAR" => 1,
        "C_WCHAR" => -8,
        "C_BIT" => -7,
        "C_STINYINT" => -26,
        "C_UTINYINT" => -28,
        "C_TINYINT" => -6,
        "C_SSHORT" => -15,
        "C_USHORT" => -17,
        "C_SHORT" => 5,
        "C_SLONG" => -16,
        "C_ULONG" => -18,
        "C_LONG" => 4,
        "C_SBIGINT" => -25,
        "C_UBIGINT" => -27,
        "C_FLOAT" => 7,
        "C_DOUBLE" => 8,
        "C_NUMERIC" => 2,
        "C_BINARY" => -2,
        "C_TYPE_DATE" => 91,
        "C_TYPE_TIME" => 92,
        "C_TYPE_TIMESTAMP" => 93,
        "C_DATE" => 9,
        "C_TIME" => 10,
        "C_TIMESTAMP" => 11,
        "C_GUID" => -11,
        "C_DEFAULT" => 99,
        _ => match name.strip_prefix("C_INTERVAL_") {
            Some(kind) => {
                let kinds = [
                    "YEAR",
                    "MONTH",
                    "DAY",
                    "HOUR",
                    "MINUTE",
                    "SECOND",
                    "YEAR_TO_MONTH",
                    "DAY_TO_HOUR",
                    "DAY_TO_MINUTE",
                    "DAY_TO_SECOND",
                    "HOUR_TO_MINUTE",
                    "HOUR_TO_SECOND",
                    "MINUTE_TO_SECOND",
                ];
                101 + kinds.iter().position(|known| *known == kind).expect(name) as i16
            }
            None => name.parse().expect(name),
        },
    }
}

/// Bytes of the value in the C type; text with its terminator.
pub fn c_value(text: &str, c_type: &TypeName<'_>, wide: WideChar) -> Vec<u8> {
    if text.starts_with('x') {
        return hex(text);
    }
    if let Some(inner) = text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        let is_wide = c_type.name == "C_WCHAR" || (c_type.name == "C_DEFAULT" && c_type.word == "wide");
        return match (is_wide, wide) {
            (false, _) => inner.bytes().chain([0]).collect(),
            (true, WideChar::Utf16) => inner.encode_utf16().chain([0]).flat_map(u16::to_ne_bytes).collect(),
            (true, WideChar::Utf32) => inner
                .chars()
                .map(u32::from)
                .chain([0])
                .flat_map(u32::to_ne_bytes)
                .collect(),
        };
    }
    let code = c_code(c_type.name);
    if let Some(fields) = text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        return structure(fields, CType::of(code).expect(text));
    }
    number(text, code)
}

fn number(text: &str, code: i16) -> Vec<u8> {
    let int = || text.parse::<i128>().expect(text);
    match CType::of(code) {
        Some(CType::Float) => text.parse::<f32>().expect(text).to_ne_bytes().to_vec(),
        Some(CType::Double) => text.parse::<f64>().expect(text).to_ne_bytes().to_vec(),
        Some(c_type) => int().to_le_bytes()[..c_type.size().expect(text)].to_vec(),
        None => panic!("a number of type {code} says nothing of its size: {text}"),
    }
}

fn structure(fields: &str, c_type: CType) -> Vec<u8> {
    let fields: Vec<&str> = fields.split(',').collect();
    let mut values = Vec::new();
    for field in &fields {
        if *field == "today" {
            let date = Date::from_days(today());
            values.extend([i128::from(date.year), i128::from(date.month), i128::from(date.day)]);
        } else {
            values.push(field.parse::<i128>().expect(field));
        }
    }
    let mut bytes = Vec::new();
    let mut push = |value: i128, size: usize| bytes.extend_from_slice(&value.to_le_bytes()[..size]);
    match c_type {
        CType::Date | CType::Time => values.iter().for_each(|value| push(*value, 2)),
        CType::Timestamp => {
            values[..6].iter().for_each(|value| push(*value, 2));
            push(values[6], 4);
        }
        CType::Numeric => {
            values[..3].iter().for_each(|value| push(*value, 1));
            push(values[3], 16);
        }
        CType::Interval(kind) => {
            assert_eq!(values[0], kind_code(kind));
            push(values[0], 4);
            push(values[1], 2);
            push(0, 2);
            values[2..].iter().for_each(|value| push(*value, 4));
        }
        other => panic!("{other:?} has no fields"),
    }
    bytes
}

fn kind_code(kind: Interval) -> i128 {
    i128::from(kind as i32)
}

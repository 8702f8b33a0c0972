//! T-SQL's types as sys.types lists them, and the one that a catalog column has.

use super::{COLLATION, EXACT_COLLATION};
use crate::catalog::Column;
use crate::metadata::types::of_kind;

/// Characters of the longest nvarchar that is not `max`.
const LONGEST_NVARCHAR: u32 = 4000;
/// `max_length` of nvarchar(max).
const MAX: i32 = -1;

/// One row of sys.types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerType {
    pub name: &'static str,
    pub system_type_id: i32,
    pub user_type_id: i32,
    /// Bytes.
    pub max_length: i32,
    pub precision: i32,
    pub scale: i32,
    pub is_text: bool,
}

const fn row(name: &'static str, id: i32, max_length: i32, precision: i32, scale: i32) -> ServerType {
    ServerType {
        name,
        system_type_id: id,
        user_type_id: id,
        max_length,
        precision,
        scale,
        is_text: false,
    }
}

const fn text(name: &'static str, id: i32, max_length: i32) -> ServerType {
    ServerType {
        is_text: true,
        ..row(name, id, max_length, 0, 0)
    }
}

/// SQL Server 2022's types without CLR ones, ordered by id (Microsoft's reference of sys.types).
pub const TYPES: &[ServerType] = &[
    row("image", 34, 16, 0, 0),
    text("text", 35, 16),
    row("uniqueidentifier", 36, 16, 0, 0),
    row("date", 40, 3, 10, 0),
    row("time", 41, 5, 16, 7),
    row("datetime2", 42, 8, 27, 7),
    row("datetimeoffset", 43, 10, 34, 7),
    row("tinyint", 48, 1, 3, 0),
    row("smallint", 52, 2, 5, 0),
    row("int", 56, 4, 10, 0),
    row("smalldatetime", 58, 4, 16, 0),
    row("real", 59, 4, 24, 0),
    row("money", 60, 8, 19, 4),
    row("datetime", 61, 8, 23, 3),
    row("float", 62, 8, 53, 0),
    row("sql_variant", 98, 8016, 0, 0),
    text("ntext", 99, 16),
    row("bit", 104, 1, 1, 0),
    row("decimal", 106, 17, 38, 38),
    row("numeric", 108, 17, 38, 38),
    row("smallmoney", 122, 4, 10, 4),
    row("bigint", 127, 8, 19, 0),
    row("varbinary", 165, 8000, 0, 0),
    text("varchar", 167, 8000),
    row("binary", 173, 8000, 0, 0),
    text("char", 175, 8000),
    row("timestamp", 189, 8, 0, 0),
    text("nvarchar", 231, 8000),
    text("nchar", 239, 8000),
    row("xml", 241, -1, 0, 0),
    // A name: nvarchar(128).
    ServerType {
        user_type_id: 256,
        ..text("sysname", 231, 256)
    },
];

/// The type of that name, matched without case.
pub fn named(name: &str) -> Option<&'static ServerType> {
    TYPES.iter().find(|of| of.name.eq_ignore_ascii_case(name))
}

/// A column as sys.columns and INFORMATION_SCHEMA.COLUMNS show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    pub of: &'static ServerType,
    /// Bytes; -1 is `max`.
    pub max_length: i32,
    pub precision: i32,
    pub scale: i32,
    pub collation: Option<&'static str>,
}

impl Described {
    /// A column of a system relation: its type's own lengths.
    pub fn system(name: &str, characters: Option<u32>) -> Described {
        let of = named(name).expect("TYPES has every type that relations are made of");
        Described {
            of,
            max_length: characters.map_or(of.max_length, bytes),
            precision: of.precision,
            scale: of.scale,
            collation: of.is_text.then_some(COLLATION),
        }
    }

    /// CHARACTER_MAXIMUM_LENGTH: characters, -1 for `max`, 1,073,741,823 for ntext.
    pub fn characters(&self) -> Option<i32> {
        match (self.of.name, self.max_length) {
            (_, _) if !self.of.is_text => None,
            ("ntext", _) => Some(0x3FFF_FFFF),
            (_, MAX) => Some(MAX),
            (_, bytes) => Some(bytes / 2),
        }
    }

    /// CHARACTER_OCTET_LENGTH
    pub fn octets(&self) -> Option<i32> {
        match (self.of.name, self.max_length) {
            (_, _) if !self.of.is_text => None,
            ("ntext", _) => Some(0x7FFF_FFFE),
            (_, bytes) => Some(bytes),
        }
    }

    pub fn is_datetime(&self) -> bool {
        matches!(self.of.name, "date" | "time" | "datetime" | "datetime2")
    }

    /// A number whose precision says something: bit has none in INFORMATION_SCHEMA.
    pub fn is_number(&self) -> bool {
        self.of.precision > 0 && !self.is_datetime() && self.of.name != "bit"
    }

    /// NUMERIC_PRECISION_RADIX
    pub fn radix(&self) -> i32 {
        if matches!(self.of.name, "float" | "real") {
            2
        } else {
            10
        }
    }
}

/// The T-SQL type of a catalog column: the one that SQLColumns names.
pub fn described(column: &Column, max_varchar_size: u32, case_sensitive: bool) -> Described {
    let declared = of_kind(column, max_varchar_size);
    let of = named(declared.sql.name).expect("TYPES has every type that columns are made of");
    let fraction = i32::from(declared.decimal_digits.unwrap_or_default());
    let (max_length, precision, scale) = match of.name {
        "nvarchar" => (bytes(declared.size), 0, 0),
        // Six to eight bytes by its fraction (Microsoft's reference of datetime2).
        "datetime2" => {
            let length = match fraction {
                0..=2 => 6,
                3..=4 => 7,
                _ => 8,
            };
            (length, i32::try_from(declared.size).unwrap_or(of.precision), fraction)
        }
        _ => (of.max_length, of.precision, of.scale),
    };
    let exact = case_sensitive || !column.kind.folds_case();
    Described {
        of,
        max_length,
        precision,
        scale,
        collation: of.is_text.then_some(if exact { EXACT_COLLATION } else { COLLATION }),
    }
}

fn bytes(characters: u32) -> i32 {
    if characters > LONGEST_NVARCHAR {
        return MAX;
    }
    i32::try_from(characters * 2).unwrap_or(MAX)
}

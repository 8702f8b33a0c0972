//! One Arrow cell to one C buffer and back: the matrix of legal pairs, and their exact bytes.

mod buffer;
mod codes;
mod column;
mod datetime;
pub mod error;
mod guid;
mod input;
mod interval;
mod matrix;
mod number;
mod parameter;
mod render;
mod scratch;
mod text;
mod value;
mod write;

#[cfg(test)]
mod tests;

use std::ffi::c_void;

pub use buffer::{element_size, read_parameter, write_cell, write_cells};
pub use error::{Error, Warning};
pub use matrix::{is_legal, is_legal_parameter};
pub use parameter::{arrow_type_for, null_parameter, parameter_from_bytes};

/// How wide a SQLWCHAR is for this application: 2 (UTF-16), 4 under old iODBC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WideChar {
    Utf16,
    Utf32,
}

impl WideChar {
    /// sizeof(SQLWCHAR)
    pub fn bytes(self) -> usize {
        match self {
            Self::Utf16 => 2,
            Self::Utf32 => 4,
        }
    }
}

/// Where an application wants a value: the fields of one ARD record, or SQLGetData's arguments.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// SQL_C_*; SQL_C_DEFAULT is resolved by the column's SQL type; SQL_ARD_TYPE is resolved by the caller.
    pub c_type: i16,
    /// May be null: only the length is wanted.
    pub value: *mut c_void,
    /// Bytes.
    pub buffer_length: isize,
    /// SQL_DESC_OCTET_LENGTH_PTR; may be null.
    pub octet_length: *mut isize,
    /// SQL_DESC_INDICATOR_PTR; may be null, may equal `octet_length`.
    pub indicator: *mut isize,
    /// For SQL_C_NUMERIC (SQL_DESC_PRECISION, SQL_DESC_SCALE).
    pub precision: i16,
    pub scale: i16,
}

/// Where the cells of one column go in a rowset.
#[derive(Debug, Clone, Copy)]
pub struct Targets {
    /// The first row's.
    pub first: Target,
    /// Bytes from one row's value to the next one's, and from one length or indicator to the next.
    pub value_step: usize,
    pub length_step: usize,
}

/// How far SQLGetData has come in one cell; a fresh one for each cell.
#[derive(Debug, Default, Clone)]
pub struct Progress {
    /// The C type of the calls so far; another one starts over.
    c_type: Option<i16>,
    /// Bytes of the source that are returned: of the text in UTF-8, or of the binary value.
    taken: usize,
    /// Bytes that are left to return, once they were counted.
    remaining: Option<usize>,
    /// SQLGetData fills its buffer: "BufferLength less the length of the null-termination character". Applications
    /// reckon the next part's length by that, and pyodbc asks for ever for the half of a character that was held back.
    in_parts: bool,
    /// Code units of the character at `taken` that the last part ended with.
    parted: usize,
    done: bool,
}

impl Progress {
    /// For SQLGetData, whose later parts bring what a part cut off; a bound buffer never ends in half a character.
    pub fn in_parts() -> Self {
        Progress {
            in_parts: true,
            ..Progress::default()
        }
    }
}

/// What a successful write was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All (that was left) of it.
    Complete,
    /// With a warning: 01004 (more to come), 01S07 (fraction cut).
    WithWarning(Warning),
    /// Everything had been returned before: SQL_NO_DATA.
    NoData,
}

/// A parameter as the application bound it: the fields of one APD and IPD record.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    pub c_type: i16,
    /// The IPD's concise type.
    pub sql_type: i16,
    /// ColumnSize; 0 is "unknown".
    pub column_size: usize,
    pub decimal_digits: i16,
    pub value: *const c_void,
    pub buffer_length: isize,
    /// StrLen_or_Ind; null means NTS for text, fixed length otherwise.
    pub length: *const isize,
    /// From the APD, for SQL_C_NUMERIC.
    pub precision: i16,
    pub scale: i16,
}

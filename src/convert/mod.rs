//! One Arrow cell to one C buffer and back: the matrix of legal pairs, and their exact bytes.

pub mod error;

use std::ffi::c_void;

use arrow::array::{Array, ArrayRef};

pub use error::{Error, Warning};

/// How wide a SQLWCHAR is for this application: 2 (UTF-16), 4 under old iODBC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WideChar {
    Utf16,
    Utf32,
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

/// How far SQLGetData has come in one cell; a fresh one for each cell.
#[derive(Debug, Default, Clone)]
pub struct Progress {
    _private: (),
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

/// Writes the cell. `sql_type` is the column's concise SQL type (SQL_WVARCHAR …), which decides SQL_C_DEFAULT and legality.
///
/// # Safety
/// `target`'s pointers are null or valid for what the ODBC reference says of them.
#[allow(unsafe_code)]
pub unsafe fn write_cell(
    _cells: &dyn Array,
    _row: usize,
    _sql_type: i16,
    _target: &Target,
    _wide: WideChar,
    _progress: &mut Progress,
) -> Result<Written, Error> {
    Ok(Written::Complete)
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

/// Reads one bound parameter into an array of one row, of the Arrow type that belongs to `sql_type`.
///
/// # Safety
/// `source`'s pointers are null or valid for what the ODBC reference says of them.
#[allow(unsafe_code)]
pub unsafe fn read_parameter(_source: &Source, _wide: WideChar) -> Result<ArrayRef, Error> {
    Err(Error::RestrictedType { message: "stub".into() })
}

/// Is the pair one that the ODBC reference allows ("Converting Data from SQL to C Data Types")? Otherwise 07006.
pub fn is_legal(_sql_type: i16, _c_type: i16) -> bool {
    true
}

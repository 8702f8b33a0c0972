//! The application's memory: the only place of this room that touches a pointer.
#![allow(unsafe_code)] // buffers, lengths and parameters are addresses that the application owns

use std::ffi::c_void;
use std::ops::Range;

use arrow::array::{Array, ArrayRef};

use super::codes::{
    CType, SQL_C_DEFAULT, SQL_DATA_AT_EXEC, SQL_DEFAULT_PARAM, SQL_LEN_DATA_AT_EXEC_OFFSET, SQL_NTS, SQL_NULL_DATA,
};
use super::{Error, Progress, Source, Target, Targets, Warning, WideChar, Written, column, matrix, parameter, write};

/// A `Target` behind methods that cannot write past it.
pub(super) struct Sink {
    value: *mut u8,
    capacity: usize,
    octet_length: *mut isize,
    indicator: *mut isize,
}

impl Sink {
    #[inline]
    fn new(target: &Target) -> Sink {
        let capacity = if target.value.is_null() {
            0
        } else {
            target.buffer_length.max(0)
        };
        Sink {
            value: target.value.cast(),
            capacity: capacity.unsigned_abs(),
            octet_length: target.octet_length,
            indicator: target.indicator,
        }
    }

    /// Bytes there are for a value of variable length; 0 if only its length is wanted.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// SQL_DESC_OCTET_LENGTH_PTR gets the length, a separate SQL_DESC_INDICATOR_PTR gets 0 (not NULL).
    #[inline]
    pub fn set_length(&mut self, length: usize) {
        let length = isize::try_from(length).unwrap_or(isize::MAX);
        // SAFETY: both pointers are null or valid for a write (contract of `write_cell`); they may be unaligned.
        unsafe {
            if !self.indicator.is_null() {
                self.indicator.write_unaligned(0);
            }
            if !self.octet_length.is_null() {
                self.octet_length.write_unaligned(length);
            }
        }
    }

    /// 22002 without an indicator.
    #[inline]
    pub fn set_null(&mut self) -> Result<(), Error> {
        if self.indicator.is_null() {
            return Err(Error::IndicatorRequired);
        }
        // SAFETY: not null, hence valid for a write (contract of `write_cell`).
        unsafe { self.indicator.write_unaligned(SQL_NULL_DATA) };
        Ok(())
    }

    /// Part of a value of variable length, `at` bytes from the start; what exceeds the buffer is dropped.
    #[inline]
    pub fn put(&mut self, at: usize, bytes: &[u8]) {
        let room = self.capacity.saturating_sub(at);
        let count = bytes.len().min(room);
        if count > 0 {
            // SAFETY: at + count <= capacity, for which `value` is valid (contract of `write_cell`).
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.value.add(at), count) };
        }
    }

    /// ASCII as code units of `wide`, from the `at`th unit on.
    pub fn put_wide_ascii(&mut self, at: usize, ascii: &[u8], wide: WideChar) {
        let room = (self.capacity / wide.bytes()).saturating_sub(at);
        let ascii = &ascii[..ascii.len().min(room)];
        if ascii.is_empty() {
            return;
        }
        // SAFETY: at + ascii.len() units are within capacity, for which `value` is valid (contract of `write_cell`);
        // the units are written unaligned.
        unsafe {
            match wide {
                WideChar::Utf16 => {
                    let units = self.value.cast::<u16>().add(at);
                    ascii
                        .iter()
                        .enumerate()
                        .for_each(|(i, byte)| units.add(i).write_unaligned(u16::from(*byte)));
                }
                WideChar::Utf32 => {
                    let units = self.value.cast::<u32>().add(at);
                    ascii
                        .iter()
                        .enumerate()
                        .for_each(|(i, byte)| units.add(i).write_unaligned(u32::from(*byte)));
                }
            }
        }
    }

    /// The whole text as UTF-16, and how many code units it has; None where a unit for each of its bytes does not fit.
    pub fn put_utf16(&mut self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        if bytes.len() > self.capacity / 2 {
            return None;
        }
        if bytes.is_ascii() {
            self.put_wide_ascii(0, bytes, WideChar::Utf16);
            return Some(bytes.len());
        }
        let units = self.value.cast::<u16>();
        let mut count = 0;
        for unit in text.encode_utf16() {
            // SAFETY: no character has more code units than bytes, and for as many units as there are bytes `value` is
            // valid (contract of `write_cell`); they are written unaligned.
            unsafe { units.add(count).write_unaligned(unit) };
            count += 1;
        }
        Some(count)
    }

    /// A whole value of a fixed-length C type: BufferLength is not looked at.
    #[inline]
    pub fn put_fixed(&mut self, bytes: &[u8]) {
        if !self.value.is_null() {
            // SAFETY: a value pointer for a fixed-length C type is valid for its size (contract of `write_cell`).
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.value, bytes.len()) };
        }
    }
}

/// Writes the cell. `sql_type` is the column's concise SQL type (SQL_WVARCHAR …), which decides SQL_C_DEFAULT and legality.
///
/// # Safety
/// `target`'s pointers are null or valid for what the ODBC reference says of them.
pub unsafe fn write_cell(
    cells: &dyn Array,
    row: usize,
    sql_type: i16,
    target: &Target,
    wide: WideChar,
    progress: &mut Progress,
) -> Result<Written, Error> {
    write::cell(cells, row, sql_type, target, wide, progress, &mut Sink::new(target))
}

/// The targets of a column's cells in a rowset, by the row's number in the rowset.
pub(super) struct Sinks<'a> {
    targets: &'a Targets,
}

impl Sinks<'_> {
    pub fn target(&self, row: usize) -> Target {
        let Targets {
            first,
            value_step,
            length_step,
        } = self.targets;
        Target {
            value: displaced(first.value, value_step * row),
            octet_length: displaced(first.octet_length, length_step * row),
            indicator: displaced(first.indicator, length_step * row),
            ..*first
        }
    }

    #[inline]
    pub fn at(&self, row: usize) -> Sink {
        Sink::new(&self.target(row))
    }
}

/// `by` bytes behind it; null stays null.
#[inline]
fn displaced<T>(pointer: *mut T, by: usize) -> *mut T {
    if pointer.is_null() {
        pointer
    } else {
        pointer.wrapping_byte_add(by)
    }
}

/// Writes the cells `rows` of a column, the first of them into the first target. `tell` hears of each row that was not
/// simply written: its number, from 0, and what [`write_cell`] says of it.
///
/// # Safety
/// The pointers of every row's target are null or valid for what the ODBC reference says of them.
pub unsafe fn write_cells(
    cells: &dyn Array,
    rows: Range<usize>,
    sql_type: i16,
    targets: &Targets,
    wide: WideChar,
    tell: impl FnMut(usize, Result<Warning, Error>),
) {
    column::write(cells, rows, sql_type, &targets.first, &Sinks { targets }, wide, tell);
}

/// Reads one bound parameter into an array of one row, of the Arrow type that belongs to `sql_type`.
///
/// # Safety
/// `source`'s pointers are null or valid for what the ODBC reference says of them.
pub unsafe fn read_parameter(source: &Source, wide: WideChar) -> Result<ArrayRef, Error> {
    // SAFETY: null or valid for a read (contract of this function).
    let length = (!source.length.is_null()).then(|| unsafe { source.length.read_unaligned() });
    if length == Some(SQL_NULL_DATA) {
        return parameter::null_parameter(source);
    }
    let (_, c_type) = matrix::resolve_parameter(source.c_type, source.sql_type)?;
    let count = match c_type.size() {
        Some(size) => {
            check_indicator(length)?;
            size
        }
        // SAFETY: as this function's contract has it, text without a length ends with a NUL.
        None => unsafe { octets(source, c_type, length, wide)? },
    };
    if source.value.is_null() {
        if count == 0 && c_type.size().is_none() {
            return parameter::parameter_from_bytes(source, &[], wide);
        }
        return Err(Error::NullPointer {
            message: "The parameter's ParameterValuePtr is null and its length says that it is not NULL".to_owned(),
        });
    }
    // SAFETY: the value is `count` bytes long (contract of this function).
    let bytes = unsafe { std::slice::from_raw_parts(source.value.cast::<u8>(), count) };
    parameter::parameter_from_bytes(source, bytes, wide)
}

/// Data-at-execution and default parameters are not values.
fn check_indicator(length: Option<isize>) -> Result<(), Error> {
    match length {
        Some(SQL_DATA_AT_EXEC) => Err(invalid_length("Its value has to be sent by SQLPutData")),
        Some(SQL_DEFAULT_PARAM) => Err(invalid_length("SQL_DEFAULT_PARAM is for procedures only")),
        Some(length) if length <= SQL_LEN_DATA_AT_EXEC_OFFSET => {
            Err(invalid_length("Its value has to be sent by SQLPutData"))
        }
        _ => Ok(()),
    }
}

fn invalid_length(why: &str) -> Error {
    Error::InvalidLength {
        message: format!("The parameter's StrLen_or_Ind is not a length. {why}"),
    }
}

/// How many bytes a parameter of variable length has.
///
/// # Safety
/// `source.value` is null, or valid for its length, or NUL-terminated where it has none.
unsafe fn octets(source: &Source, c_type: CType, length: Option<isize>, wide: WideChar) -> Result<usize, Error> {
    check_indicator(length)?;
    match length {
        Some(length) if length >= 0 => Ok(length.unsigned_abs()),
        None | Some(SQL_NTS) if source.value.is_null() => Err(Error::NullPointer {
            message: "The parameter's ParameterValuePtr is null and so is its length".to_owned(),
        }),
        // SAFETY: as this function's contract has it.
        None | Some(SQL_NTS) => Ok(unsafe { terminated(source.value, c_type, wide) }),
        Some(length) => Err(invalid_length(&format!("{length} has no meaning"))),
    }
}

/// Bytes before the NUL.
///
/// # Safety
/// There is one.
unsafe fn terminated(value: *const c_void, c_type: CType, wide: WideChar) -> usize {
    let mut units = 0;
    // SAFETY: every unit up to the NUL is readable (contract of this function).
    unsafe {
        match (c_type, wide) {
            (CType::WChar, WideChar::Utf16) => {
                while value.cast::<u16>().add(units).read_unaligned() != 0 {
                    units += 1;
                }
                units * 2
            }
            (CType::WChar, WideChar::Utf32) => {
                while value.cast::<u32>().add(units).read_unaligned() != 0 {
                    units += 1;
                }
                units * 4
            }
            _ => std::ffi::CStr::from_ptr(value.cast()).to_bytes().len(),
        }
    }
}

/// How many bytes a value of this C type has in a bound array of parameters or columns; `None` where BufferLength says it.
pub fn element_size(c_type: i16, sql_type: i16) -> Option<usize> {
    let c_type = match c_type {
        SQL_C_DEFAULT => matrix::resolve(sql_type, c_type, false).ok()?.1,
        code => CType::of(code)?,
    };
    c_type.size()
}

/// `write_cell` for this room's tests, whose targets are made of live variables of the size they say.
#[cfg(test)]
pub(super) fn write_cell_of_test(
    cells: &dyn Array,
    sql_type: i16,
    target: &Target,
    wide: WideChar,
    progress: &mut Progress,
) -> Result<Written, Error> {
    // SAFETY: see above.
    unsafe { write_cell(cells, 0, sql_type, target, wide, progress) }
}

/// `write_cells`, as above.
#[cfg(test)]
pub(super) fn write_cells_of_test(
    cells: &dyn Array,
    rows: Range<usize>,
    sql_type: i16,
    targets: &Targets,
    wide: WideChar,
    tell: impl FnMut(usize, Result<Warning, Error>),
) {
    // SAFETY: see above.
    unsafe { write_cells(cells, rows, sql_type, targets, wide, tell) }
}

/// `read_parameter` for this room's tests, whose sources are made of live variables.
#[cfg(test)]
pub(super) fn read_parameter_of_test(source: &Source, wide: WideChar) -> Result<ArrayRef, Error> {
    // SAFETY: see above.
    unsafe { read_parameter(source, wide) }
}

//! The application's memory: every read and write through an address that an application gave.
//!
//! Addresses are held as integers so that handles can be used from any thread. What the ODBC reference says of each is
//! the application's promise; null is tolerated, alignment is not assumed.

use std::ffi::c_void;
use std::ops::Range;

use arrow::array::{Array, ArrayRef};

use crate::convert::{self, Progress, Source, Target, Targets, Warning, WideChar, Written};

/// An address in the application; 0 is its null pointer.
pub type Address = usize;

pub fn write<T: Copy>(address: Address, value: T) {
    if address != 0 {
        // SAFETY: the application's promise.
        unsafe { (address as *mut T).write_unaligned(value) }
    }
}

pub fn read<T: Copy>(address: Address) -> Option<T> {
    // SAFETY: the application's promise.
    (address != 0).then(|| unsafe { (address as *const T).read_unaligned() })
}

/// `length` bytes; none at null.
pub fn bytes(address: Address, length: usize) -> Vec<u8> {
    if address == 0 {
        return Vec::new();
    }
    // SAFETY: the application's promise.
    unsafe { std::slice::from_raw_parts(address as *const u8, length) }.to_vec()
}

pub fn write_bytes(address: Address, bytes: &[u8]) {
    if address != 0 {
        // SAFETY: the application's promise, and the callers' that `bytes` fits.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len()) }
    }
}

/// Bytes before the terminator of `unit` zero bytes.
pub fn terminated_length(address: Address, unit: usize) -> usize {
    let mut length = 0;
    while address != 0 && !(0..unit).all(|i| read::<u8>(address + length + i) == Some(0)) {
        length += unit;
    }
    length
}

/// `count` elements of `T` set to `value`.
pub fn fill<T: Copy>(address: Address, count: usize, value: T) {
    fill_elements(address, 0..count, value);
}

/// The elements of these numbers set to `value`.
pub fn fill_elements<T: Copy>(address: Address, elements: Range<usize>, value: T) {
    // An application may say that its array has any number of rows, and give none.
    if address != 0 {
        elements.for_each(|index| write_element(address, index, value));
    }
}

pub fn write_element<T: Copy>(address: Address, index: usize, value: T) {
    if address != 0 {
        write(address + index * size_of::<T>(), value);
    }
}

/// Where a bound value, length or indicator goes: null stays null.
pub fn displaced(address: Address, by: usize) -> Address {
    if address == 0 { 0 } else { address.wrapping_add(by) }
}

/// Where one cell goes, in addresses.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub c_type: i16,
    pub value: Address,
    pub buffer_length: isize,
    pub octet_length: Address,
    pub indicator: Address,
    pub precision: i16,
    pub scale: i16,
}

impl Place {
    fn target(&self) -> Target {
        Target {
            c_type: self.c_type,
            value: self.value as *mut c_void,
            buffer_length: self.buffer_length,
            octet_length: self.octet_length as *mut isize,
            indicator: self.indicator as *mut isize,
            precision: self.precision,
            scale: self.scale,
        }
    }
}

#[inline]
pub fn write_cell(
    cells: &dyn Array,
    row: usize,
    sql_type: i16,
    place: &Place,
    wide: WideChar,
    progress: &mut Progress,
) -> Result<Written, convert::Error> {
    // SAFETY: the application's promise.
    unsafe { convert::write_cell(cells, row, sql_type, &place.target(), wide, progress) }
}

/// Where the cells of one column go in a rowset, in addresses.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The first row's.
    pub first: Place,
    /// Bytes from one row's value to the next one's, and from one length or indicator to the next.
    pub value_step: usize,
    pub length_step: usize,
}

impl Places {
    /// The place of row `index` of the rowset.
    pub fn at(&self, index: usize) -> Place {
        let length_by = self.length_step * index;
        Place {
            value: displaced(self.first.value, self.value_step * index),
            octet_length: displaced(self.first.octet_length, length_by),
            indicator: displaced(self.first.indicator, length_by),
            ..self.first
        }
    }
}

/// The cells `rows` of a column, the first of them to row `index` of the rowset. `tell` hears of those that were not
/// simply written, by their number from 0.
pub fn write_cells(
    cells: &dyn Array,
    rows: Range<usize>,
    sql_type: i16,
    places: &Places,
    index: usize,
    wide: WideChar,
    tell: impl FnMut(usize, Result<Warning, convert::Error>),
) {
    let targets = Targets {
        first: places.at(index).target(),
        value_step: places.value_step,
        length_step: places.length_step,
    };
    // SAFETY: the application's promise.
    unsafe { convert::write_cells(cells, rows, sql_type, &targets, wide, tell) }
}

/// Where one parameter's value lies, in addresses.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub c_type: i16,
    pub sql_type: i16,
    pub column_size: usize,
    pub decimal_digits: i16,
    pub value: Address,
    pub buffer_length: isize,
    pub length: Address,
    pub precision: i16,
    pub scale: i16,
}

pub fn read_parameter(origin: &Origin, wide: WideChar) -> Result<ArrayRef, convert::Error> {
    let source = Source {
        c_type: origin.c_type,
        sql_type: origin.sql_type,
        column_size: origin.column_size,
        decimal_digits: origin.decimal_digits,
        value: origin.value as *const c_void,
        buffer_length: origin.buffer_length,
        length: origin.length as *const isize,
        precision: origin.precision,
        scale: origin.scale,
    };
    // SAFETY: the application's promise.
    unsafe { convert::read_parameter(&source, wide) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unaligned_and_null_addresses_are_fine() {
        let mut buffer = [0u8; 9];
        let odd = buffer.as_mut_ptr() as usize + 1;
        write(odd, -2i64);
        assert_eq!(read::<i64>(odd), Some(-2));
        write(0, 5i32);
        assert_eq!(read::<i32>(0), None);
        assert_eq!(displaced(0, 8), 0);
    }

    #[test]
    fn a_terminator_is_as_wide_as_its_characters() {
        let utf16 = [b'a', 0, 0, 1, 0, 0];
        assert_eq!(terminated_length(utf16.as_ptr() as usize, 2), 4);
        assert_eq!(terminated_length(utf16.as_ptr() as usize, 1), 1);
        assert_eq!(terminated_length(0, 1), 0);
    }
}

//! The application's memory: every read and write through an address that an application gave.
//!
//! Addresses are held as integers so that handles can be used from any thread. What the ODBC reference says of each is
//! the application's promise; null is tolerated, alignment is not assumed.

use std::ffi::c_void;

use arrow::array::{Array, ArrayRef};

use crate::convert::{self, Progress, Source, Target, WideChar, Written};

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
    for i in 0..count {
        write_element(address, i, value);
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

#[inline]
pub fn write_cell(
    cells: &dyn Array,
    row: usize,
    sql_type: i16,
    place: &Place,
    wide: WideChar,
    progress: &mut Progress,
) -> Result<Written, convert::Error> {
    let target = Target {
        c_type: place.c_type,
        value: place.value as *mut c_void,
        buffer_length: place.buffer_length,
        octet_length: place.octet_length as *mut isize,
        indicator: place.indicator as *mut isize,
        precision: place.precision,
        scale: place.scale,
    };
    // SAFETY: the application's promise.
    unsafe { convert::write_cell(cells, row, sql_type, &target, wide, progress) }
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

//! A piece of stack for the text of one number, date or GUID, so that no cell allocates.

use std::fmt;

/// More than the longest text: a Decimal128 of the smallest scale, which is -128, and its sign.
const CAPACITY: usize = 176;

pub(super) struct Scratch {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Scratch {
    pub fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            length: 0,
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }

    pub fn push(&mut self, byte: u8) {
        if self.length < CAPACITY {
            self.bytes[self.length] = byte;
            self.length += 1;
        }
    }

    pub fn push_str(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.push(byte));
    }

    /// Decimal digits, zeros before them up to `width`.
    pub fn push_number(&mut self, mut number: u128, width: usize) {
        let mut digits = [b'0'; 39];
        let mut first = digits.len();
        // 128-bit division is slow, and almost no number needs it.
        while number > u128::from(u64::MAX) {
            first -= 1;
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        let mut number = number as u64;
        while number > 0 {
            first -= 1;
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
        }
        let first = first.min(digits.len() - width.clamp(1, digits.len()));
        digits[first..].iter().for_each(|digit| self.push(*digit));
    }
}

impl fmt::Write for Scratch {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

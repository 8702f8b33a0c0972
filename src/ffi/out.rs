//! Out-arguments: texts cut to their buffers, lengths in bytes or characters as each function has them.

use super::memory::{self, Address};
use super::text::{Encoding, Form};
use crate::convert::WideChar;
use crate::diag::{Diagnostics, Record, SqlState};

/// What a function counts its text buffers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// SQLGetInfo, SQLGetConnectAttr, SQLGetDiagField, SQLColAttribute, SQLGetDescField
    Bytes,
    /// SQLDescribeCol, SQLDriverConnect, SQLGetDiagRec, SQLNativeSql, SQLGetCursorName, SQLGetDescRec
    Characters,
}

/// A text buffer and, beside it, where the full length goes.
#[derive(Debug, Clone, Copy)]
pub struct OutText {
    pub form: Form,
    pub measure: Measure,
    pub address: Address,
    /// In `measure`.
    pub capacity: isize,
}

/// What became of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Of the whole text without terminator, in the buffer's measure.
    pub length: usize,
    pub truncated: bool,
}

impl OutText {
    pub fn new(form: Form, measure: Measure, address: *mut impl Sized, capacity: impl Into<i64>) -> OutText {
        OutText {
            form,
            measure,
            address: address as usize,
            capacity: capacity.into() as isize,
        }
    }

    pub fn write(&self, text: &str, wide: WideChar) -> Result<Outcome, Record> {
        let encoding = self.form.encoding(wide);
        let unit = encoding.unit();
        let units = encoding.units(text);
        let length = if self.measure == Measure::Bytes {
            units * unit
        } else {
            units
        };
        if self.address == 0 {
            return Ok(Outcome {
                length,
                truncated: false,
            });
        }
        let capacity = usize::try_from(self.capacity)
            .map_err(|_| Record::new(SqlState::INVALID_LENGTH, "The length of a text buffer is negative"))?;
        let room = if self.measure == Measure::Bytes {
            capacity / unit
        } else {
            capacity
        };
        if room > 0 {
            memory::write_bytes(self.address, &fitting(text, encoding, room - 1));
        }
        Ok(Outcome {
            length,
            truncated: units + 1 > room,
        })
    }

    /// As [`OutText::write`], with 01004 where it was cut.
    pub fn write_or_warn(&self, text: &str, wide: WideChar, diag: &mut Diagnostics) -> Result<usize, Record> {
        let outcome = self.write(text, wide)?;
        if outcome.truncated {
            diag.warn(
                SqlState::STRING_TRUNCATED,
                "The text is longer than the buffer; its end was cut off",
            );
        }
        Ok(outcome.length)
    }
}

/// As many whole characters as go into `room` units, and the terminator.
fn fitting(text: &str, encoding: Encoding, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((text.len() + 1).min(room + 1) * encoding.unit());
    for c in text.chars() {
        let before = bytes.len();
        encoding.encode(c, &mut bytes);
        if bytes.len() > room * encoding.unit() {
            bytes.truncate(before);
            break;
        }
    }
    encoding.encode('\0', &mut bytes);
    bytes
}

/// A length in an SQLSMALLINT: never negative.
pub fn short(length: usize) -> i16 {
    i16::try_from(length).unwrap_or(i16::MAX)
}

/// A length in an SQLINTEGER: never negative.
pub fn int(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(form: Form, measure: Measure, capacity: i64, text: &str, wide: WideChar) -> (Outcome, Vec<u8>) {
        let mut buffer = [0xEEu8; 64];
        let out = OutText::new(form, measure, buffer.as_mut_ptr(), capacity);
        let outcome = out.write(text, wide).unwrap();
        (outcome, buffer.to_vec())
    }

    #[test]
    fn narrow_texts_are_cut_between_characters_and_terminated() {
        let (outcome, buffer) = put(Form::Narrow, Measure::Bytes, 4, "aéé", WideChar::Utf16);
        assert_eq!(
            outcome,
            Outcome {
                length: 5,
                truncated: true
            }
        );
        assert_eq!(&buffer[..5], b"a\xC3\xA9\0\xEE");
        let (outcome, buffer) = put(Form::Narrow, Measure::Bytes, 3, "aéé", WideChar::Utf16);
        assert!(outcome.truncated);
        assert_eq!(&buffer[..3], b"a\0\xEE");
    }

    #[test]
    fn wide_lengths_are_bytes_or_characters_by_function() {
        let (outcome, _) = put(Form::Wide, Measure::Bytes, 64, "ab", WideChar::Utf16);
        assert_eq!(
            outcome,
            Outcome {
                length: 4,
                truncated: false
            }
        );
        let (outcome, buffer) = put(Form::Wide, Measure::Characters, 3, "a😀", WideChar::Utf16);
        assert_eq!(
            outcome,
            Outcome {
                length: 3,
                truncated: true
            }
        );
        assert_eq!(&buffer[..4], [b'a', 0, 0, 0], "no half of a surrogate pair");
        let (outcome, _) = put(Form::Wide, Measure::Bytes, 12, "ab", WideChar::Utf32);
        assert_eq!(
            outcome,
            Outcome {
                length: 8,
                truncated: false
            }
        );
    }

    #[test]
    fn a_text_that_fits_without_its_terminator_is_truncated() {
        let (outcome, buffer) = put(Form::Narrow, Measure::Bytes, 2, "ab", WideChar::Utf16);
        assert_eq!(
            outcome,
            Outcome {
                length: 2,
                truncated: true
            }
        );
        assert_eq!(&buffer[..3], b"a\0\xEE");
        let (outcome, buffer) = put(Form::Narrow, Measure::Bytes, 0, "ab", WideChar::Utf16);
        assert!(outcome.truncated);
        assert_eq!(buffer[0], 0xEE);
    }

    #[test]
    fn without_a_buffer_only_the_length_is_told() {
        let out = OutText::new(Form::Wide, Measure::Bytes, std::ptr::null_mut::<u16>(), 0);
        assert_eq!(
            out.write("abc", WideChar::Utf16).unwrap(),
            Outcome {
                length: 6,
                truncated: false
            }
        );
    }
}

//! Texts across the edge: UTF-8 in the narrow functions, UTF-16 or UTF-32 in the wide ones.

use super::memory::{self, Address};
use crate::convert::WideChar;
use crate::diag::{Record, SqlState};
use crate::ffi::consts::SQL_NTS;

/// Which half of a function pair was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Narrow,
    Wide,
}

/// What one character of a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Form {
    pub fn encoding(self, wide: WideChar) -> Encoding {
        match (self, wide) {
            (Form::Narrow, _) => Encoding::Utf8,
            (Form::Wide, WideChar::Utf16) => Encoding::Utf16,
            (Form::Wide, WideChar::Utf32) => Encoding::Utf32,
        }
    }
}

impl Encoding {
    /// Bytes of one unit.
    pub fn unit(self) -> usize {
        match self {
            Encoding::Utf8 => 1,
            Encoding::Utf16 => 2,
            Encoding::Utf32 => 4,
        }
    }

    fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Encoding::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Encoding::Utf16 => {
                let units: Vec<u16> = bytes
                    .chunks_exact(2)
                    .map(|c| u16::from_ne_bytes([c[0], c[1]]))
                    .collect();
                String::from_utf16(&units).ok()
            }
            Encoding::Utf32 => bytes
                .chunks_exact(4)
                .map(|c| char::from_u32(u32::from_ne_bytes([c[0], c[1], c[2], c[3]])))
                .collect(),
        }
    }

    /// Appends `c`.
    pub fn encode(self, c: char, into: &mut Vec<u8>) {
        match self {
            Encoding::Utf8 => into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Encoding::Utf16 => into.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|u| u.to_ne_bytes())),
            Encoding::Utf32 => into.extend_from_slice(&u32::from(c).to_ne_bytes()),
        }
    }

    /// Units that `text` takes, without its terminator.
    pub fn units(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => text.chars().count(),
        }
    }
}

/// A text argument: its address, and its length in characters (units) or SQL_NTS.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    pub form: Form,
    pub address: Address,
    pub length: isize,
}

impl Text {
    pub fn narrow(address: *const u8, length: impl Into<i64>) -> Text {
        Text {
            form: Form::Narrow,
            address: address as usize,
            length: length.into() as isize,
        }
    }

    pub fn wide(address: *const u16, length: impl Into<i64>) -> Text {
        Text {
            form: Form::Wide,
            address: address as usize,
            length: length.into() as isize,
        }
    }

    /// None is a null pointer.
    pub fn read(self, wide: WideChar) -> Result<Option<String>, Record> {
        if self.address == 0 {
            return Ok(None);
        }
        let encoding = self.form.encoding(wide);
        let length = match self.length {
            SQL_NTS => memory::terminated_length(self.address, encoding.unit()),
            units => usize::try_from(units)
                .ok()
                .and_then(|units| units.checked_mul(encoding.unit()))
                .ok_or_else(|| {
                    Record::new(
                        SqlState::INVALID_LENGTH,
                        format!("{units} is no length of a text; use SQL_NTS"),
                    )
                })?,
        };
        let name = match encoding {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16 => "UTF-16",
            Encoding::Utf32 => "UTF-32",
        };
        encoding
            .decode(&memory::bytes(self.address, length))
            .map(Some)
            .ok_or_else(|| {
                Record::new(
                    SqlState::INVALID_CHARACTER,
                    format!("A text argument is not valid {name}"),
                )
            })
    }

    pub fn required(self, wide: WideChar) -> Result<String, Record> {
        self.read(wide)?
            .ok_or_else(|| Record::new(SqlState::NULL_POINTER, "A text argument is a null pointer"))
    }
}

/// The process's SQLWCHAR until a connection says otherwise: 4 bytes where an iODBC is the only driver manager, since
/// those before 3.52.14 never say.
pub fn default_wide() -> WideChar {
    static WIDE: std::sync::OnceLock<WideChar> = std::sync::OnceLock::new();
    *WIDE.get_or_init(|| {
        let any = |names: &[&std::ffi::CStr]| names.iter().any(|name| is_mapped(name));
        let iodbc = any(&[c"libiodbc.so.2", c"libiodbc.2.dylib"]);
        let unixodbc = any(&[c"libodbc.so.2", c"libodbc.so.1", c"libodbc.2.dylib"]);
        if iodbc && !unixodbc {
            WideChar::Utf32
        } else {
            WideChar::Utf16
        }
    })
}

#[cfg(unix)]
fn is_mapped(library: &std::ffi::CStr) -> bool {
    // SAFETY: RTLD_NOLOAD loads nothing; the reference it adds is given back.
    unsafe {
        let handle = libc::dlopen(library.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        !handle.is_null() && libc::dlclose(handle) == 0
    }
}

#[cfg(not(unix))]
fn is_mapped(_library: &std::ffi::CStr) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_reads_what_it_writes() {
        for (encoding, wide) in [
            (Encoding::Utf8, WideChar::Utf16),
            (Encoding::Utf16, WideChar::Utf16),
            (Encoding::Utf32, WideChar::Utf32),
        ] {
            let form = if encoding == Encoding::Utf8 {
                Form::Narrow
            } else {
                Form::Wide
            };
            let text = "Zoë 東京 😀";
            let mut bytes = Vec::new();
            text.chars().for_each(|c| encoding.encode(c, &mut bytes));
            assert_eq!(bytes.len(), encoding.units(text) * encoding.unit());
            let counted = Text {
                form,
                address: bytes.as_ptr() as usize,
                length: encoding.units(text) as isize,
            };
            assert_eq!(counted.read(wide).unwrap().as_deref(), Some(text));
            encoding.encode('\0', &mut bytes);
            let terminated = Text {
                form,
                address: bytes.as_ptr() as usize,
                length: SQL_NTS,
            };
            assert_eq!(terminated.read(wide).unwrap().as_deref(), Some(text));
        }
    }

    #[test]
    fn bad_lengths_and_bad_bytes_are_errors_with_a_state() {
        let bytes = [0xFFu8, 0];
        let text = Text::narrow(bytes.as_ptr(), -7);
        assert_eq!(text.read(WideChar::Utf16).unwrap_err().state, SqlState::INVALID_LENGTH);
        let text = Text::narrow(bytes.as_ptr(), 1);
        assert_eq!(
            text.read(WideChar::Utf16).unwrap_err().state,
            SqlState::INVALID_CHARACTER
        );
        let text = Text::narrow(std::ptr::null(), 5);
        assert_eq!(text.read(WideChar::Utf16).unwrap(), None);
        assert_eq!(
            text.required(WideChar::Utf16).unwrap_err().state,
            SqlState::NULL_POINTER
        );
    }
}

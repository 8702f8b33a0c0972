//! Texts across the edge: UTF-8 in the narrow functions, UTF-16 or UTF-32 in the wide ones.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

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

/// A copy of a text argument, for a call that goes on when it has returned: the program may let go of its own then.
pub struct Held {
    text: Text,
    bytes: Option<Vec<u8>>,
}

impl Held {
    pub fn text(&self) -> Text {
        match &self.bytes {
            Some(bytes) => Text {
                address: bytes.as_ptr() as usize,
                ..self.text
            },
            None => self.text,
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
        let length = self.bytes(encoding).ok_or_else(|| {
            Record::new(
                SqlState::INVALID_LENGTH,
                format!("{} is no length of a text; use SQL_NTS", self.length),
            )
        })?;
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

    /// Bytes that it has; None where its length is none.
    fn bytes(self, encoding: Encoding) -> Option<usize> {
        match self.length {
            SQL_NTS => Some(memory::terminated_length(self.address, encoding.unit())),
            units => usize::try_from(units).ok()?.checked_mul(encoding.unit()),
        }
    }

    /// What is wrong with it, or a null pointer, is held as it is.
    pub fn held(self, wide: WideChar) -> Held {
        let encoding = self.form.encoding(wide);
        let bytes = match self.address {
            0 => None,
            address => self.bytes(encoding).map(|length| memory::bytes(address, length)),
        };
        let units = bytes.as_ref().map(|bytes| (bytes.len() / encoding.unit()) as isize);
        let length = units.unwrap_or(self.length);
        Held {
            text: Text { length, ..self },
            bytes,
        }
    }

    pub fn required(self, wide: WideChar) -> Result<String, Record> {
        self.read(wide)?
            .ok_or_else(|| Record::new(SqlState::NULL_POINTER, "A text argument is a null pointer"))
    }
}

/// The process's SQLWCHAR until a connection says otherwise: 4 bytes where an iODBC is the only driver manager, since
/// those before 3.52.14 never say.
pub fn default_wide() -> WideChar {
    match manager() {
        Some(wide) => wide,
        None if SHOWN_UTF32.load(Ordering::Relaxed) => WideChar::Utf32,
        None => WideChar::Utf16,
    }
}

/// What a text of a program without a known driver manager has shown.
static SHOWN_UTF32: AtomicBool = AtomicBool::new(false);

/// The SQLWCHAR of the one driver manager that is mapped. None where it is linked into the program, as iodbctest has it,
/// and where there are two.
fn manager() -> Option<WideChar> {
    const UNKNOWN: u8 = 0;
    const NO_ONE: u8 = 1;
    const IODBC: u8 = 2;
    const UNIXODBC: u8 = 3;
    // No OnceLock: a child forked while it is being filled would wait for ever, and two threads that find out find the same.
    static MANAGER: AtomicU8 = AtomicU8::new(UNKNOWN);
    let mut known = MANAGER.load(Ordering::Relaxed);
    if known == UNKNOWN {
        let any = |names: &[&std::ffi::CStr]| names.iter().any(|name| is_mapped(name));
        let iodbc = any(&[c"libiodbc.so.2", c"libiodbc.2.dylib"]);
        let unixodbc = any(&[c"libodbc.so.2", c"libodbc.so.1", c"libodbc.2.dylib"]);
        known = match (iodbc, unixodbc) {
            (true, false) => IODBC,
            (false, true) => UNIXODBC,
            _ => NO_ONE,
        };
        MANAGER.store(known, Ordering::Relaxed);
    }
    match known {
        IODBC => Some(WideChar::Utf32),
        UNIXODBC => Some(WideChar::Utf16),
        _ => None,
    }
}

/// What the texts of a connect show of an unknown driver manager's SQLWCHAR.
pub fn shown(texts: &[Text]) -> Option<WideChar> {
    if manager().is_some() {
        return None;
    }
    let wide = texts.iter().find_map(|text| text.shows())?;
    SHOWN_UTF32.store(wide == WideChar::Utf32, Ordering::Relaxed);
    Some(wide)
}

impl Text {
    /// Its SQLWCHAR, by its first characters: of two UTF-16 units the second would have to be a control character for both
    /// together to be one UTF-32 unit. None where the text is too short to tell.
    fn shows(self) -> Option<WideChar> {
        let half = |at| memory::read::<u16>(self.address + at);
        if self.form == Form::Narrow || self.address == 0 {
            return None;
        }
        match self.length {
            2.. => {}
            SQL_NTS if half(0)? != 0 => {}
            _ => return None,
        }
        let unit = memory::read::<u32>(self.address)?;
        if unit > u32::from(char::MAX) {
            return Some(WideChar::Utf16);
        }
        // A single UTF-16 character and its terminator look like a UTF-32 one: what follows tells them apart, but behind a
        // terminator only the rest of its page is sure to be readable.
        let next = self.address + 4;
        if self.length == SQL_NTS && (next.is_multiple_of(SMALLEST_PAGE) || memory::read::<u16>(next)? == 0) {
            return None;
        }
        Some(WideChar::Utf32)
    }
}

const SMALLEST_PAGE: usize = 4096;

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

    /// iodbctest has its iODBC linked in: no library tells of it.
    #[test]
    fn a_text_shows_how_wide_its_characters_are() {
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_ne_bytes).collect::<Vec<u8>>();
        let utf32 = |text: &str| {
            text.chars()
                .flat_map(|c| u32::from(c).to_ne_bytes())
                .collect::<Vec<u8>>()
        };
        // A text, and whether it tells when its length is given and when it ends with a terminator.
        for (text, counted, terminated) in [
            ("DSN=okta\0\0", true, true),
            ("é東\0\0", true, true),
            ("😀=1\0\0", true, true),
            ("d\0\0\0", false, false),
            ("\0\0\0\0", false, false),
        ] {
            let length = text.trim_end_matches('\0').encode_utf16().count();
            for (bytes, wide) in [(utf16(text), WideChar::Utf16), (utf32(text), WideChar::Utf32)] {
                let read = |length: isize| {
                    let address = bytes.as_ptr() as usize;
                    Text {
                        form: Form::Wide,
                        address,
                        length,
                    }
                    .shows()
                };
                assert_eq!(read(length as isize), counted.then_some(wide), "{text:?} of {wide:?}");
                assert_eq!(read(SQL_NTS), terminated.then_some(wide), "{text:?} of {wide:?}");
            }
        }
        let narrow = Text::narrow(c"DSN=okta".as_ptr().cast(), SQL_NTS as i64);
        assert_eq!(narrow.shows(), None);
        assert_eq!(Text::wide(std::ptr::null(), SQL_NTS as i64).shows(), None);
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

//! Texts that go in and come out, narrow or wide, and SQLSTATEs as a program reads them.

use super::abi::*;

pub const SUCCESS: i16 = 0;
pub const WITH_INFO: i16 = 1;
pub const NEED_DATA: i16 = 99;
pub const NO_DATA: i16 = 100;
pub const ERROR: i16 = -1;

pub const ENV: i16 = 1;
pub const DBC: i16 = 2;
pub const STMT: i16 = 3;

pub const NTS: i16 = -3;
pub const NULL_DATA: isize = -1;

pub const C_BINARY: i16 = -2;
pub const C_CHAR: i16 = 1;
pub const C_WCHAR: i16 = -8;
pub const C_LONG: i16 = 4;
pub const C_DEFAULT: i16 = 99;
pub const C_TIMESTAMP: i16 = 93;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Narrow,
    Wide,
}

/// An argument: terminated, or absent where the program gives a null pointer.
pub struct Text {
    narrow: Option<Vec<u8>>,
    wide: Option<Vec<u16>>,
}

impl Text {
    pub fn new(text: Option<&str>) -> Text {
        Text {
            narrow: text.map(|text| text.bytes().chain([0]).collect()),
            wide: text.map(|text| text.encode_utf16().chain([0]).collect()),
        }
    }

    pub fn narrow(&self) -> *const u8 {
        self.narrow.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
    }

    pub fn wide(&self) -> *const u16 {
        self.wide.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
    }

    /// SQL_NTS, or 0 beside a null pointer.
    pub fn length(&self) -> i16 {
        if self.narrow.is_some() { NTS } else { 0 }
    }
}

pub fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]]));
    String::from_utf16(&units.collect::<Vec<_>>()).expect("UTF-16")
}

/// SQLSTATE of record `number`, as SQLGetDiagRec or its wide twin tells it.
pub fn state(form: Form, kind: i16, handle: Handle, number: i16) -> Option<String> {
    let (mut native, mut length) = (0, 0);
    let (mut narrow, mut wide) = ([0u8; 6], [0u16; 6]);
    let (mut text, mut wide_text) = ([0u8; 512], [0u16; 512]);
    let code = match form {
        Form::Narrow => unsafe {
            SQLGetDiagRec(
                kind,
                handle,
                number,
                narrow.as_mut_ptr(),
                &mut native,
                text.as_mut_ptr(),
                512,
                &mut length,
            )
        },
        Form::Wide => unsafe {
            let (state, text) = (wide.as_mut_ptr(), wide_text.as_mut_ptr());
            SQLGetDiagRecW(kind, handle, number, state, &mut native, text, 512, &mut length)
        },
    };
    assert!([SUCCESS, WITH_INFO, NO_DATA].contains(&code), "SQLGetDiagRec: {code}");
    (code != NO_DATA).then(|| match form {
        Form::Narrow => String::from_utf8_lossy(&narrow[..5]).into_owned(),
        Form::Wide => String::from_utf16_lossy(&wide[..5]),
    })
}

//! GUIDs: their text, and SQLGUID.

use super::Error;
use super::scratch::Scratch;

/// Where the hyphens of 8-4-4-4-12 stand: before these bytes.
const HYPHENS: [usize; 4] = [4, 6, 8, 10];

/// 22018
pub(super) fn invalid(why: &str) -> Error {
    Error::InvalidCharacter {
        message: format!("Not a GUID of the form 8-4-4-4-12: {why}"),
    }
}

/// 8-4-4-4-12 hexadecimal digits, with or without braces; spaces around it ignored.
pub(super) fn parse(text: &str) -> Result<[u8; 16], Error> {
    parse_text(text).ok_or_else(|| invalid(&text.chars().take(40).collect::<String>()))
}

fn parse_text(text: &str) -> Option<[u8; 16]> {
    let text = text.trim_matches(' ');
    let text = text
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .unwrap_or(text);
    let mut rest = text.as_bytes();
    let mut guid = [0; 16];
    for (position, byte) in guid.iter_mut().enumerate() {
        if HYPHENS.contains(&position) {
            rest = rest.strip_prefix(b"-")?;
        }
        let (pair, after) = rest.split_first_chunk::<2>()?;
        *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
        rest = after;
    }
    rest.is_empty().then_some(guid)
}

pub(super) fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

pub(super) const HEX: &[u8; 16] = b"0123456789ABCDEF";

pub(super) fn render(guid: [u8; 16], text: &mut Scratch) {
    for (position, byte) in guid.iter().enumerate() {
        if HYPHENS.contains(&position) {
            text.push(b'-');
        }
        text.push(HEX[usize::from(byte >> 4)]);
        text.push(HEX[usize::from(byte & 15)]);
    }
}

/// SQLGUID: the first three groups are integers.
pub(super) fn structure(guid: [u8; 16]) -> [u8; 16] {
    if cfg!(target_endian = "big") {
        return guid;
    }
    let mut bytes = guid;
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

//! The writer half for SQL_C_CHAR, SQL_C_WCHAR and SQL_C_BINARY: pieces and terminators.

use super::buffer::Sink;
use super::guid::HEX;
use super::{Error, Progress, Warning, WideChar, Written};

/// The text's next piece as SQL_C_CHAR (`wide` is `None`) or SQL_C_WCHAR. 22003 if the first `uncuttable` characters do
/// not fit at once (0 for what may be cut anywhere).
pub(super) fn write_text(
    text: &str,
    uncuttable: usize,
    wide: Option<WideChar>,
    progress: &mut Progress,
    sink: &mut Sink,
) -> Result<Written, Error> {
    match wide {
        None => write_narrow(text, uncuttable, progress, sink),
        Some(wide) => {
            let rest = text.get(progress.taken..).unwrap_or_default();
            write_wide(rest, uncuttable, wide, progress, sink)
        }
    }
}

fn write_narrow(text: &str, uncuttable: usize, progress: &mut Progress, sink: &mut Sink) -> Result<Written, Error> {
    let rest = text.as_bytes().get(progress.taken..).unwrap_or_default();
    let capacity = sink.capacity();
    if capacity == 0 {
        return Ok(length_only(rest.len(), sink));
    }
    if rest.len() < capacity {
        sink.set_length(rest.len());
        sink.put(0, rest);
        sink.put(rest.len(), &[0]);
        return Ok(complete(progress));
    }
    check_cut(uncuttable, capacity - 1, progress)?;
    let cut = if progress.in_parts {
        capacity - 1
    } else {
        text.floor_char_boundary(progress.taken + capacity - 1) - progress.taken
    };
    sink.set_length(rest.len());
    sink.put(0, &rest[..cut]);
    sink.put(cut, &[0]);
    progress.taken += cut;
    Ok(Written::WithWarning(Warning::StringTruncated))
}

fn write_wide(
    rest: &str,
    uncuttable: usize,
    wide: WideChar,
    progress: &mut Progress,
    sink: &mut Sink,
) -> Result<Written, Error> {
    let capacity = sink.capacity() / wide.bytes();
    // Most values, in one pass: where a unit for each byte fits, all of it does.
    if wide == WideChar::Utf16
        && progress.parted == 0
        && rest.len() < capacity
        && let Some(units) = sink.put_utf16(rest)
    {
        sink.put(units * 2, &[0; 2]);
        sink.set_length(units * 2);
        return Ok(complete(progress));
    }
    let remaining = *progress
        .remaining
        .get_or_insert_with(|| units(rest, wide) * wide.bytes());
    if capacity == 0 {
        return Ok(length_only(remaining, sink));
    }
    let fits = remaining < capacity * wide.bytes();
    if !fits {
        check_cut(uncuttable, capacity - 1, progress)?;
    }
    let written = put_units(rest, capacity - 1, wide, progress, sink);
    sink.set_length(remaining);
    sink.put(written * wide.bytes(), &[0; 4][..wide.bytes()]);
    if fits {
        return Ok(complete(progress));
    }
    progress.remaining = Some(remaining - written * wide.bytes());
    Ok(Written::WithWarning(Warning::StringTruncated))
}

/// Writes at most `room` code units; returns how many.
fn put_units(text: &str, room: usize, wide: WideChar, progress: &mut Progress, sink: &mut Sink) -> usize {
    let bytes = text.as_bytes();
    let window = &bytes[..bytes.len().min(room)];
    if window.is_ascii() {
        sink.put_wide_ascii(0, window, wide);
        progress.taken += window.len();
        return window.len();
    }
    let mut written = 0;
    for character in text.chars() {
        let mut encoded = [0; 4];
        let encoded = &encode(character, wide, &mut encoded)[progress.parted * wide.bytes()..];
        let count = encoded.len() / wide.bytes();
        if written + count > room {
            if progress.in_parts && written < room {
                sink.put(written * wide.bytes(), &encoded[..wide.bytes()]);
                progress.parted += 1;
                written += 1;
            }
            break;
        }
        sink.put(written * wide.bytes(), encoded);
        written += count;
        progress.taken += character.len_utf8();
        progress.parted = 0;
    }
    written
}

/// The character's code units as bytes.
fn encode(character: char, wide: WideChar, bytes: &mut [u8; 4]) -> &[u8] {
    match wide {
        WideChar::Utf32 => {
            *bytes = u32::from(character).to_ne_bytes();
            bytes
        }
        WideChar::Utf16 => {
            let mut units = [0; 2];
            let count = character.encode_utf16(&mut units).len();
            bytes[..2].copy_from_slice(&units[0].to_ne_bytes());
            bytes[2..].copy_from_slice(&units[1].to_ne_bytes());
            &bytes[..2 * count]
        }
    }
}

/// Code units that the text has in `wide`.
pub(super) fn units(text: &str, wide: WideChar) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let characters = text.bytes().filter(|byte| byte & 0xC0 != 0x80).count();
    match wide {
        WideChar::Utf32 => characters,
        WideChar::Utf16 => characters + text.bytes().filter(|byte| *byte >= 0xF0).count(),
    }
}

/// Each byte as two hexadecimal digits; pairs are never parted.
pub(super) fn write_hex(
    bytes: &[u8],
    wide: Option<WideChar>,
    progress: &mut Progress,
    sink: &mut Sink,
) -> Result<Written, Error> {
    let rest = bytes.get(progress.taken..).unwrap_or_default();
    let unit = wide.map_or(1, WideChar::bytes);
    let capacity = sink.capacity() / unit;
    if capacity == 0 {
        return Ok(length_only(rest.len() * 2 * unit, sink));
    }
    let pairs = rest.len().min((capacity - 1) / 2);
    for (position, byte) in rest[..pairs].iter().enumerate() {
        let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        match wide {
            None => sink.put(2 * position, &digits),
            Some(wide) => sink.put_wide_ascii(2 * position, &digits, wide),
        }
    }
    sink.set_length(rest.len() * 2 * unit);
    sink.put(pairs * 2 * unit, &[0; 4][..unit]);
    if pairs == rest.len() {
        return Ok(complete(progress));
    }
    progress.taken += pairs;
    Ok(Written::WithWarning(Warning::StringTruncated))
}

/// Bytes as they are.
pub(super) fn write_bytes(bytes: &[u8], progress: &mut Progress, sink: &mut Sink) -> Written {
    let rest = bytes.get(progress.taken..).unwrap_or_default();
    let count = rest.len().min(sink.capacity());
    sink.set_length(rest.len());
    sink.put(0, &rest[..count]);
    if count == rest.len() {
        return complete(progress);
    }
    progress.taken += count;
    Written::WithWarning(Warning::StringTruncated)
}

/// Text of a wide SQL type as SQL_C_BINARY: its SQLWCHARs, cut between any two bytes.
pub(super) fn write_wide_bytes(text: &str, wide: WideChar, progress: &mut Progress, sink: &mut Sink) -> Written {
    let total = units(text, wide) * wide.bytes();
    let capacity = sink.capacity();
    let mut skip = progress.taken;
    let mut written = 0;
    sink.set_length(total - skip.min(total));
    for character in text.chars() {
        let mut encoded = [0; 4];
        let encoded = encode(character, wide, &mut encoded);
        if skip >= encoded.len() {
            skip -= encoded.len();
            continue;
        }
        let piece = &encoded[skip..];
        skip = 0;
        sink.put(written, piece);
        written = (written + piece.len()).min(capacity);
        if written == capacity {
            break;
        }
    }
    progress.taken += written;
    if progress.taken >= total {
        return complete(progress);
    }
    Written::WithWarning(Warning::StringTruncated)
}

/// A length that was asked for without room for a value.
fn length_only(length: usize, sink: &mut Sink) -> Written {
    sink.set_length(length);
    Written::WithWarning(Warning::StringTruncated)
}

pub(super) fn complete(progress: &mut Progress) -> Written {
    progress.done = true;
    Written::Complete
}

fn check_cut(uncuttable: usize, room: usize, progress: &Progress) -> Result<(), Error> {
    // Later pieces begin behind what must not be cut.
    if progress.taken == 0 && uncuttable > room {
        return Err(Error::OutOfRange {
            message: format!(
                "The value needs a buffer of {} characters and a terminator at least",
                uncuttable
            ),
        });
    }
    Ok(())
}

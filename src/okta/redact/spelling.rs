//! The ways in which a text may spell another: as it is, percent-encoded, escaped as in JSON, in base64.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Where `text` spells `secret`, each character as it is, percent-encoded (RFC 3986 §2.1, with `+` for a space as forms
/// have it) or escaped as JSON and Rust's `{:?}` do.
pub fn places(secret: &str, text: &str) -> Vec<Range<usize>> {
    let first = secret.chars().next();
    let mut places = Vec::new();
    let mut start = 0;
    while start < text.len() {
        // A place can only begin with the first character itself or with what introduces an escape.
        let opens = |letter: char| matches!(letter, '%' | '\\' | '+') || Some(letter) == first;
        let Some(at) = text[start..].find(opens) else { break };
        start += at;
        match end(secret, text, start) {
            Some(end) => {
                places.push(start..end);
                start = end;
            }
            None => start += text[start..].chars().next().map_or(1, char::len_utf8),
        }
    }
    places
}

/// Where the longest spelling of `secret` that begins at `start` ends. Several ways may be open at once: a `\` may be itself
/// or begin an escape, as may a `%`.
fn end(secret: &str, text: &str, start: usize) -> Option<usize> {
    let mut ends = vec![start];
    for letter in secret.chars() {
        let mut next = Vec::new();
        for end in ends {
            for length in spellings(letter, &text[end..]) {
                if !next.contains(&(end + length)) {
                    next.push(end + length);
                }
            }
        }
        if next.is_empty() {
            return None;
        }
        ends = next;
    }
    ends.into_iter().max()
}

/// How many bytes at the beginning of `text` may stand for `letter`.
fn spellings(letter: char, text: &str) -> impl Iterator<Item = usize> {
    let mut utf8 = [0; 4];
    let bytes = letter.encode_utf8(&mut utf8).as_bytes();
    let itself = text.starts_with(letter).then_some(letter.len_utf8());
    let plus = (letter == ' ' && text.starts_with('+')).then_some(1);
    let percent = percent(bytes, text.as_bytes());
    let escape = text
        .strip_prefix('\\')
        .and_then(|rest| escape(letter, rest))
        .map(|length| length + 1);
    [itself, plus, percent, escape].into_iter().flatten()
}

fn percent(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let mut groups = text.chunks_exact(3);
    for byte in bytes {
        let [b'%', high, low] = groups.next()? else { return None };
        (digit(*high)? * 16 + digit(*low)? == u32::from(*byte)).then_some(())?;
    }
    Some(bytes.len() * 3)
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

/// How many bytes after a `\` stand for `letter`.
fn escape(letter: char, text: &str) -> Option<usize> {
    let short = match letter {
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\0' => '0',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '"' | '\'' | '\\' | '/' => letter,
        _ => '\u{1}',
    };
    if text.starts_with(short) {
        return Some(1);
    }
    if let Some(digits) = text
        .strip_prefix("u{")
        .and_then(|rest| rest.split_once('}'))
        .map(|(digits, _)| digits)
    {
        let same = u32::from_str_radix(digits, 16) == Ok(u32::from(letter));
        return same.then_some(digits.len() + 3);
    }
    let mut units = [0; 2];
    let mut length = 0;
    for (index, unit) in letter.encode_utf16(&mut units).iter().enumerate() {
        // The second half of a pair has a `\` of its own (RFC 8259 §7).
        let introduced = if index == 0 { "u" } else { "\\u" };
        let digits = text.get(length..)?.strip_prefix(introduced)?.get(..4)?;
        (u16::from_str_radix(digits, 16) == Ok(*unit)).then_some(())?;
        length += introduced.len() + 4;
    }
    Some(length)
}

/// The least characters of base64 that are taken for a secret's.
const SHORTEST_CORE: usize = 6;

/// Words of base64 in `text` that hold `secret` with anything before and after it, as `name:secret` does.
pub fn places_in_base64(secret: &str, text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    for before in 0..3 {
        let core = core(secret, before);
        if core.len() < SHORTEST_CORE {
            continue;
        }
        // URL-safe base64 differs in two characters (RFC 4648 §5).
        let url_safe = core.replace('+', "-").replace('/', "_");
        let twice = url_safe != core;
        for core in [core].into_iter().chain(twice.then_some(url_safe)) {
            places.extend(text.match_indices(&core).map(|(at, _)| word(text, at..at + core.len())));
        }
    }
    places
}

/// The characters of base64 that depend on `secret` alone when `before` bytes (modulo 3) stand before it.
fn core(secret: &str, before: usize) -> String {
    let bytes: Vec<u8> = std::iter::repeat_n(0, before).chain(secret.bytes()).collect();
    let whole = bytes.len() * 8 / 6;
    let encoded = zeroize::Zeroizing::new(STANDARD.encode(zeroize::Zeroizing::new(bytes).as_slice()));
    let first = (before * 8).div_ceil(6);
    encoded.get(first..whole).unwrap_or_default().to_owned()
}

/// The whole word of base64 around `place`.
fn word(text: &str, place: Range<usize>) -> Range<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let bytes = text.as_bytes();
    let before = bytes[..place.start]
        .iter()
        .rev()
        .take_while(|byte| inside(byte))
        .count();
    let after = bytes[place.end..].iter().take_while(|byte| inside(byte)).count();
    place.start - before..place.end + after
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hidden(secret: &str, text: &str) -> String {
        crate::okta::Secret::new(secret).redact(text)
    }

    #[test]
    fn percent_encoded_in_either_case_with_or_without_what_need_not_be() {
        for text in [
            "x=p%C3%A4%2Fs%20w%3D!",
            "x=p%c3%a4%2fs+w%3d!",
            "x=%70%C3%A4/s%20%77=!",
            "x=pä/s w=!",
        ] {
            assert_eq!(hidden("pä/s w=", text), "x=***!", "{text}");
        }
        assert_eq!(hidden("100%25", "100%25 and 100%2525"), "*** and ***");
    }

    /// RFC 8259 §7 spells U+1D11E so.
    #[test]
    fn escaped_as_json_and_debug_do() {
        let secret = "a\"b\\c/\u{1D11E}\n";
        for text in [
            r#"{"x":"a\"b\\c/𝄞\n"}"#,
            r#"{"x":"a\"b\\c\/\uD834\uDD1E\n"}"#,
            r#"{"x":"\u0061\u0022b\u005cc\u002f\ud834\udd1e\u000a"}"#,
        ] {
            assert_eq!(hidden(secret, text), r#"{"x":"***"}"#, "{text}");
        }
        assert_eq!(hidden(secret, &format!("{secret:?}")), "\"***\"");
        assert_eq!(hidden("\u{7f}12345", &format!("{:?}", "\u{7f}12345")), "\"***\"");
    }

    /// The texts are those of `printf %s … | base64`.
    #[test]
    fn in_base64_wherever_it_begins() {
        let secret = "sesame-token";
        for (text, shown) in [
            ("Basic c2VzYW1lLXRva2Vu", "Basic ***"),
            ("Basic YTpzZXNhbWUtdG9rZW4=", "Basic ***"),
            ("Basic YWI6c2VzYW1lLXRva2Vu, then", "Basic ***, then"),
            ("Basic YWJjOnNlc2FtZS10b2tlbjp4", "Basic ***"),
            ("nothing of it: YWJjOnNlc2Ft", "nothing of it: YWJjOnNlc2Ft"),
        ] {
            assert_eq!(hidden(secret, text), shown, "{text}");
        }
        let odd = "??>>~~zz";
        assert_eq!(hidden(odd, "Pz8+Pn5+eno="), "***");
        assert_eq!(hidden(odd, "Pz8-Pn5-eno"), "***");
    }

    proptest! {
        #[test]
        fn no_spelling_of_it_stays(secret in "\\PC{4,12}", before in "[a-z ]{0,5}", after in "[a-z ]{0,5}") {
            let percent = percent_encoding::utf8_percent_encode(&secret, percent_encoding::NON_ALPHANUMERIC).to_string();
            let json = serde_json::to_string(&secret).expect("a string");
            for spelled in [secret.clone(), percent, json] {
                let shown = hidden(&secret, &format!("{before}{spelled}{after}"));
                prop_assert!(!shown.contains(&spelled), "{}", shown);
            }
            let basic = STANDARD.encode(format!("{before}{secret}{after}"));
            prop_assert!(secret.len() < 8 || !hidden(&secret, &basic).contains(&basic));
        }

        #[test]
        fn no_text_panics(secret in "\\PC{0,6}", text in "\\PC*|[%\\\\u0-9a-f{}+]*") {
            hidden(&secret, &text);
        }
    }
}

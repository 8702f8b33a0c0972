//! One line of the log: columns of fixed meaning, then `key=value`, quoted where a value is more than a word.

use std::borrow::Cow;
use std::fmt::{Display, Write};

use chrono::{SecondsFormat, Utc};

use crate::okta::redact::Redactor;

/// `TIME PROCESS CONNECTION LEVEL EVENT key=value …`, TIME as RFC 3339 has it, in UTC.
pub struct Line<'a> {
    text: String,
    redactor: &'a Redactor,
}

impl<'a> Line<'a> {
    pub(super) fn new(connection: u64, level: u8, event: &str, redactor: &'a Redactor) -> Line<'a> {
        let time = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let process = std::process::id();
        Line {
            text: format!("{time} {process} {connection} {level} {event}"),
            redactor,
        }
    }

    /// Adds `key=value`, the value without secrets.
    pub fn put(&mut self, key: &str, value: impl Display) -> &mut Self {
        let value = value.to_string();
        // Before it is quoted: a quote inside a secret would hide it.
        let value = quoted(&self.redactor.redact(&value)).into_owned();
        self.text.push(' ');
        self.text.push_str(key);
        self.text.push('=');
        self.text.push_str(&value);
        self
    }

    /// The same for a number or a word of the driver's own, which needs neither: calls are many.
    pub fn put_own(&mut self, key: &str, value: impl Display) -> &mut Self {
        let _ = write!(self.text, " {key}={value}");
        self
    }

    /// [`Line::put`], if there is a value.
    pub fn put_some(&mut self, key: &str, value: Option<impl Display>) -> &mut Self {
        match value {
            Some(value) => self.put(key, value),
            None => self,
        }
    }

    pub(super) fn end(mut self) -> String {
        self.text.push('\n');
        self.text
    }
}

/// A word as it is; anything else in quotes, `"`, `\` and what ends or garbles a line escaped.
fn quoted(value: &str) -> Cow<'_, str> {
    let plain = |letter: char| !letter.is_control() && !letter.is_whitespace() && !matches!(letter, '"' | '\\' | '=');
    if !value.is_empty() && value.chars().all(plain) {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for letter in value.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            // U+2028 and U+2029 end a line for some readers.
            '\u{2028}' | '\u{2029}' => drop(write!(text, "\\u{:04x}", u32::from(letter))),
            letter if letter.is_control() => drop(write!(text, "\\u{:04x}", u32::from(letter))),
            letter => text.push(letter),
        }
    }
    text.push('"');
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_word_stands_bare_and_anything_else_in_quotes() {
        for (value, shown) in [
            ("GET", "GET"),
            ("/api/v1/users", "/api/v1/users"),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("a=b", r#""a=b""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("a\nb\r\tc\u{1}\u{2028}", r#""a\nb\r\tc\u0001\u2028""#),
            ("é", "é"),
        ] {
            assert_eq!(quoted(value), shown);
        }
    }

    proptest! {
        /// JSON's strings know the same escapes.
        #[test]
        fn what_is_quoted_is_one_line_and_reads_back(value in any::<String>()) {
            let shown = quoted(&value);
            prop_assert_eq!(shown.lines().count(), 1);
            if shown.starts_with('"') {
                prop_assert_eq!(serde_json::from_str::<String>(&shown).expect("a string"), value);
            }
        }
    }
}

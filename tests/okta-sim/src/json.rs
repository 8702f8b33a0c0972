//! JSON written straight into a page's buffer: fields, strings and Okta's timestamps.

use std::borrow::Cow;
use std::io::Write;

/// One property's value, as it goes into an answer and as an expression sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    /// The property is not in the answer.
    Missing,
    Null,
    Text(Cow<'static, str>),
    Int(i64),
    Number(f64),
    Bool(bool),
    /// Epoch milliseconds.
    Time(i64),
    List(Vec<Cow<'static, str>>),
}

impl Field {
    pub(crate) fn text(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(crate) fn owned(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }

    /// The time, or null.
    pub(crate) fn time(time: Option<i64>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }
}

/// An object or array under construction; commas look after themselves.
pub(crate) struct Json {
    buffer: Vec<u8>,
}

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            buffer: Vec::with_capacity(bytes),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    fn comma(&mut self) {
        if !matches!(self.buffer.last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.buffer.push(b',');
        }
    }

    pub(crate) fn open(&mut self, bracket: u8) {
        self.comma();
        self.buffer.push(bracket);
    }

    pub(crate) fn close(&mut self, bracket: u8) {
        self.buffer.push(bracket);
    }

    /// Ends a JSON line.
    pub(crate) fn newline(&mut self) {
        self.buffer.push(b'\n');
    }

    /// The line of an object that is already written, with its parent's key in front.
    pub(crate) fn child(&mut self, parent: &str, id: &str, object: &[u8]) {
        self.open(b'{');
        self.text(parent, id);
        self.comma();
        self.buffer
            .extend_from_slice(object.strip_prefix(b"{").unwrap_or(object));
        self.newline();
    }

    pub(crate) fn key(&mut self, name: &str) {
        self.comma();
        self.string(name);
        self.buffer.push(b':');
    }

    /// One property; a missing one writes nothing.
    pub(crate) fn property(&mut self, name: &str, field: &Field) {
        if *field != Field::Missing {
            self.key(name);
            self.field(field);
        }
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        self.string(text);
    }

    /// `"name":{"href":"…"}`.
    pub(crate) fn link(&mut self, name: &str, href: &[&str]) {
        self.key(name);
        self.buffer.extend_from_slice(b"{\"href\":\"");
        for part in href {
            self.escaped(part);
        }
        self.buffer.extend_from_slice(b"\"}");
    }

    pub(crate) fn value(&mut self, value: &serde_json::Value) {
        self.comma();
        self.buffer.extend_from_slice(value.to_string().as_bytes());
    }

    fn field(&mut self, field: &Field) {
        match field {
            Field::Missing | Field::Null => self.buffer.extend_from_slice(b"null"),
            Field::Text(text) => self.string(text),
            Field::Int(number) => self.buffer.extend_from_slice(number.to_string().as_bytes()),
            Field::Number(number) => self
                .buffer
                .extend_from_slice(serde_json::Value::from(*number).to_string().as_bytes()),
            Field::Bool(truth) => self.buffer.extend_from_slice(if *truth { b"true" } else { b"false" }),
            Field::Time(time) => {
                self.buffer.push(b'"');
                timestamp(&mut self.buffer, *time);
                self.buffer.push(b'"');
            }
            Field::List(items) => {
                self.buffer.push(b'[');
                for item in items {
                    self.comma();
                    self.string(item);
                }
                self.buffer.push(b']');
            }
        }
    }

    fn string(&mut self, text: &str) {
        self.buffer.push(b'"');
        self.escaped(text);
        self.buffer.push(b'"');
    }

    fn escaped(&mut self, text: &str) {
        if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            self.buffer.extend_from_slice(text.as_bytes());
            return;
        }
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.buffer.extend_from_slice(&[b'\\', byte]),
                0..0x20 => self.buffer.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                _ => self.buffer.push(byte),
            }
        }
    }
}

/// `YYYY-MM-DDTHH:mm:ss.SSSZ` as a string.
pub(crate) fn timestamp_text(millis: i64) -> String {
    let mut text = Vec::with_capacity(24);
    timestamp(&mut text, millis);
    String::from_utf8(text).unwrap_or_default()
}

/// Appends `YYYY-MM-DDTHH:mm:ss.SSSZ`; the calendar is Howard Hinnant's `civil_from_days`.
pub(crate) fn timestamp(out: &mut Vec<u8>, millis: i64) {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = if month_shifted < 10 {
        month_shifted + 3
    } else {
        month_shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (seconds, millis) = (rest / 1000, rest % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if !(0..10_000).contains(&year) {
        // Writing into a Vec cannot fail.
        let _ = write!(
            out,
            "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
        );
        return;
    }
    digits(out, year, 4);
    for (before, number) in [(b'-', month), (b'-', day), (b'T', hour), (b':', minute), (b':', second)] {
        out.push(before);
        digits(out, number, 2);
    }
    out.push(b'.');
    digits(out, millis, 3);
    out.push(b'Z');
}

fn digits(out: &mut Vec<u8>, number: i64, width: u32) {
    for place in (0..width).rev() {
        out.push(b'0' + u8::try_from(number / 10_i64.pow(place) % 10).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, SecondsFormat};

    use super::*;

    #[test]
    fn timestamps_are_chronos() {
        for millis in [
            0,
            1,
            951_782_399_999,
            951_782_400_000,
            1_735_689_599_123,
            -1,
            1_798_675_200_000,
            253_402_300_799_999,
        ] {
            let expected = DateTime::from_timestamp_millis(millis)
                .unwrap()
                .to_rfc3339_opts(SecondsFormat::Millis, true);
            assert_eq!(timestamp_text(millis), expected);
        }
    }

    #[test]
    fn strings_and_commas_parse_back() {
        let mut json = Json::with_capacity(64);
        json.open(b'{');
        json.property("a\"b", &Field::text("x\\\"\n\u{1}ü"));
        json.property("gone", &Field::Missing);
        json.property("list", &Field::List(vec!["1".into(), "2".into()]));
        json.property("number", &Field::Number(2.5));
        json.close(b'}');
        let value: serde_json::Value = serde_json::from_slice(&json.into_bytes()).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"a\"b": "x\\\"\n\u{1}ü", "list": ["1", "2"], "number": 2.5})
        );
    }
}

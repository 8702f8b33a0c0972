//! Turns the bytes of one answer into Arrow columns, in one pass and without an allocation per cell.
//!
//! Values that do not have the column's type become its nearest value or NULL: JSON never fails a row.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, Int64Builder, RecordBatch,
    RecordBatchOptions, StringBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::SchemaRef;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::catalog::{Kind, Table};
use crate::engine::predicate::ColumnIndex;
use crate::engine::pushdown::{Answer, Call};

/// Reads the rows of one table's answers into batches of `schema`.
#[derive(Debug)]
pub struct Decoder {
    root: Node,
    kinds: Vec<Kind>,
    columns: Vec<ColumnIndex>,
    schema: SchemaRef,
}

/// One step of a JSON path: where the value goes, and what is wanted below it.
#[derive(Debug, Default)]
struct Node {
    children: Vec<(Box<str>, Node)>,
    /// Positions of the columns that take this value whole.
    slots: Vec<usize>,
}

/// The body was no JSON, or not the list or object that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJson(pub String);

impl Decoder {
    /// `schema` holds the fields of `columns`, in that order.
    pub fn new(table: &Table, columns: &[ColumnIndex], schema: SchemaRef) -> Decoder {
        let mut root = Node::default();
        for (slot, &column) in columns.iter().enumerate() {
            if let Some(path) = &table.columns[column].path {
                let segments = path.split('.').filter(|segment| !segment.is_empty());
                segments.fold(&mut root, Node::child).slots.push(slot);
            }
        }
        let kinds = columns.iter().map(|&column| table.columns[column].kind).collect();
        Decoder {
            root,
            kinds,
            columns: columns.to_vec(),
            schema,
        }
    }

    /// All rows of a body.
    pub fn decode(&self, body: &[u8], call: &Call) -> Result<RecordBatch, NotJson> {
        let text = std::str::from_utf8(body).map_err(|error| NotJson(error.to_string()))?;
        let mut rows = Rows {
            cells: self
                .kinds
                .iter()
                .zip(&self.columns)
                .map(|(kind, column)| Cells::new(*kind, call, *column))
                .collect(),
            done: 0,
        };
        let mut json = serde_json::Deserializer::from_str(text);
        let read = match call.answer {
            Answer::List => json.deserialize_seq(List {
                root: &self.root,
                rows: &mut rows,
            }),
            Answer::Row => Row {
                root: &self.root,
                rows: &mut rows,
            }
            .deserialize(&mut json),
        };
        read.and_then(|()| json.end())
            .map_err(|error| NotJson(error.to_string()))?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.done));
        let arrays = rows.cells.into_iter().map(|cells| cells.finish(rows.done)).collect();
        RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options).map_err(|e| NotJson(e.to_string()))
    }
}

impl Node {
    fn child(&mut self, name: &str) -> &mut Node {
        let at = self
            .children
            .iter()
            .position(|(child, _)| &**child == name)
            .unwrap_or_else(|| {
                self.children.push((name.into(), Node::default()));
                self.children.len() - 1
            });
        &mut self.children[at].1
    }
}

struct Rows {
    cells: Vec<Cells>,
    done: usize,
}

impl Rows {
    fn end_row(&mut self) {
        self.done += 1;
        for cells in &mut self.cells {
            if cells.len() < self.done {
                cells.append_null();
            }
        }
    }

    /// Of a name that an object repeats the first value counts.
    fn put(&mut self, slots: &[usize], raw: &str) {
        for &slot in slots {
            if self.cells[slot].len() == self.done {
                self.cells[slot].append(raw);
            }
        }
    }
}

struct List<'a> {
    root: &'a Node,
    rows: &'a mut Rows,
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        while rows
            .next_element_seed(Row {
                root: self.root,
                rows: self.rows,
            })?
            .is_some()
        {}
        Ok(())
    }
}

struct Row<'a> {
    root: &'a Node,
    rows: &'a mut Rows,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        Value {
            node: self.root,
            rows: self.rows,
        }
        .deserialize(json)?;
        self.rows.end_row();
        Ok(())
    }
}

/// The value of one node, whatever its type.
struct Value<'a> {
    node: &'a Node,
    rows: &'a mut Rows,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        if self.node.slots.is_empty() {
            return json.deserialize_any(self);
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(json)?.get();
        self.rows.put(&self.node.slots, raw);
        if !self.node.children.is_empty() {
            let mut inner = serde_json::Deserializer::from_str(raw);
            inner.deserialize_any(self).map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        // Rows name their members in the same order: the child after the last hit is the likeliest next.
        let mut likely = 0;
        while let Some(found) = object.next_key_seed(Key {
            node: self.node,
            likely,
        })? {
            match found {
                Some(child) => {
                    likely = child + 1;
                    object.next_value_seed(Value {
                        node: &self.node.children[child].1,
                        rows: self.rows,
                    })?;
                }
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<(), A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

struct Key<'a> {
    node: &'a Node,
    likely: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Option<usize>, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        let children = &self.node.children;
        if children.get(self.likely).is_some_and(|(child, _)| &**child == name) {
            return Ok(Some(self.likely));
        }
        Ok(children.iter().position(|(child, _)| &**child == name))
    }
}

/// One column being filled.
enum Cells {
    /// A key of the call, the same in every row.
    Key(Kind, String, usize),
    Text(StringBuilder),
    Json(StringBuilder),
    Integer(Int32Builder),
    Bigint(Int64Builder),
    Double(Float64Builder),
    Boolean(BooleanBuilder),
    Timestamp(TimestampMillisecondBuilder),
    Date(Date32Builder),
}

impl Cells {
    fn new(kind: Kind, call: &Call, column: ColumnIndex) -> Cells {
        if let Some((_, key)) = call.keys.iter().find(|(of, _)| *of == column) {
            return Cells::Key(kind, key.clone(), 0);
        }
        Cells::empty(kind)
    }

    fn empty(kind: Kind) -> Cells {
        match kind {
            Kind::Text | Kind::Enum | Kind::Id => Cells::Text(StringBuilder::new()),
            Kind::Json => Cells::Json(StringBuilder::new()),
            Kind::Integer => Cells::Integer(Int32Builder::new()),
            Kind::Bigint => Cells::Bigint(Int64Builder::new()),
            Kind::Double => Cells::Double(Float64Builder::new()),
            Kind::Boolean => Cells::Boolean(BooleanBuilder::new()),
            Kind::Timestamp => Cells::Timestamp(TimestampMillisecondBuilder::new()),
            Kind::Date => Cells::Date(Date32Builder::new()),
            // No page of Okta's has one.
            #[cfg(feature = "scratch-tables")]
            Kind::Declared(..) => Cells::Text(StringBuilder::new()),
        }
    }

    fn len(&self) -> usize {
        use arrow::array::ArrayBuilder;
        match self {
            Cells::Key(_, _, rows) => *rows,
            Cells::Text(b) | Cells::Json(b) => b.len(),
            Cells::Integer(b) => b.len(),
            Cells::Bigint(b) => b.len(),
            Cells::Double(b) => b.len(),
            Cells::Boolean(b) => b.len(),
            Cells::Timestamp(b) => b.len(),
            Cells::Date(b) => b.len(),
        }
    }

    fn append_null(&mut self) {
        match self {
            Cells::Key(_, _, rows) => *rows += 1,
            Cells::Text(b) | Cells::Json(b) => b.append_null(),
            Cells::Integer(b) => b.append_null(),
            Cells::Bigint(b) => b.append_null(),
            Cells::Double(b) => b.append_null(),
            Cells::Boolean(b) => b.append_null(),
            Cells::Timestamp(b) => b.append_null(),
            Cells::Date(b) => b.append_null(),
        }
    }

    /// `raw` is the value's JSON text.
    fn append(&mut self, raw: &str) {
        if raw == "null" {
            return self.append_null();
        }
        match self {
            Cells::Key(_, _, rows) => *rows += 1,
            Cells::Text(b) => with_text(raw, |text| b.append_value(text)),
            Cells::Json(b) => b.append_value(raw),
            Cells::Integer(b) => b.append_option(integer(raw).and_then(|n| i32::try_from(n).ok())),
            Cells::Bigint(b) => b.append_option(integer(raw)),
            Cells::Double(b) => b.append_option(with_text(raw, double)),
            Cells::Boolean(b) => b.append_option(with_text(raw, boolean)),
            Cells::Timestamp(b) => b.append_option(with_text(raw, timestamp)),
            Cells::Date(b) => b.append_option(with_text(raw, date)),
        }
    }

    fn finish(self, rows: usize) -> ArrayRef {
        match self {
            Cells::Key(kind, key, _) => {
                let mut cells = Cells::empty(kind);
                let raw = serde_json::to_string(&key).unwrap_or_default();
                (0..rows).for_each(|_| cells.append(&raw));
                cells.finish(rows)
            }
            Cells::Text(mut b) | Cells::Json(mut b) => Arc::new(b.finish()),
            Cells::Integer(mut b) => Arc::new(b.finish()),
            Cells::Bigint(mut b) => Arc::new(b.finish()),
            Cells::Double(mut b) => Arc::new(b.finish()),
            Cells::Boolean(mut b) => Arc::new(b.finish()),
            Cells::Timestamp(mut b) => Arc::new(b.finish()),
            Cells::Date(mut b) => Arc::new(b.finish()),
        }
    }
}

/// A JSON string's characters; any other value's JSON text.
fn with_text<T>(raw: &str, use_it: impl FnOnce(&str) -> T) -> T {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.as_bytes().contains(&b'\\') => use_it(plain),
        // A lone surrogate is valid JSON and no text: its JSON form stands for it.
        Some(_) => match serde_json::from_str::<String>(raw) {
            Ok(text) => use_it(&text),
            Err(_) => use_it(raw),
        },
        None => use_it(raw),
    }
}

fn integer(raw: &str) -> Option<i64> {
    with_text(raw, |text| match text {
        "true" => Some(1),
        "false" => Some(0),
        _ => text.trim().parse().ok().or_else(|| {
            let number: f64 = text.trim().parse().ok()?;
            let fits = number.fract() == 0.0 && number >= i64::MIN as f64 && number < i64::MAX as f64;
            fits.then_some(number as i64)
        }),
    })
}

fn double(text: &str) -> Option<f64> {
    match text {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Milliseconds since the epoch of an ISO 8601 instant; without an offset it is UTC.
pub fn timestamp(text: &str) -> Option<i64> {
    if let Some(fast) = okta_timestamp(text.as_bytes()) {
        return Some(fast);
    }
    let text = text.trim();
    if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    for offset in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%#z"] {
        if let Ok(instant) = chrono::DateTime::parse_from_str(text, offset) {
            return Some(instant.timestamp_millis());
        }
    }
    for local in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(instant) = chrono::NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), local) {
            return Some(instant.and_utc().timestamp_millis());
        }
    }
    date(text)
        .filter(|_| text.len() == 10)
        .map(|days| i64::from(days) * 86_400_000)
}

/// `YYYY-MM-DDTHH:mm:ss.SSSZ`, with or without the fraction: what Okta sends.
fn okta_timestamp(text: &[u8]) -> Option<i64> {
    let (milliseconds, length) = match text.len() {
        24 if text[19] == b'.' => (digits(&text[20..23])?, 24),
        20 => (0, 20),
        _ => return None,
    };
    let shape = text[4] == b'-' && text[7] == b'-' && text[10] == b'T' && text[13] == b':' && text[16] == b':';
    if !shape || text[length - 1] != b'Z' {
        return None;
    }
    let days = civil(digits(&text[..4])?, digits(&text[5..7])?, digits(&text[8..10])?)?;
    let (hour, minute, second) = (digits(&text[11..13])?, digits(&text[14..16])?, digits(&text[17..19])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + milliseconds)
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// Days since the epoch (Howard Hinnant's `days_from_civil`).
fn civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn date(text: &str) -> Option<i32> {
    let bytes = text.trim().as_bytes();
    let ends = bytes.len() == 10 || matches!(bytes.get(10), Some(b'T' | b' '));
    if bytes.len() < 10 || !ends || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let days = civil(digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?)?;
    i32::try_from(days).ok()
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;

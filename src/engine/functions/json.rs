//! JSON_VALUE, JSON_QUERY and ISJSON: paths into JSON text.

use std::borrow::Cow;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::super::Error;
use super::row::{Answer, Args, Body, Kind, Row};

use Kind::Text;

pub const ROWS: &[Row] = &[
    Row::new("isjson", &[Text], Body::Whole(is_json)),
    Row::new("json_value", &[Text, Text], Body::Text(json_value)),
    Row::new("json_query", &[Text, Text], Body::Text(json_query)).at_least(1),
];

/// Longest text that JSON_VALUE gives, in characters.
const LONGEST: usize = 4000;

/// Objects and arrays inside each other. Each step of a path reads all that is left of a text.
const DEEPEST: usize = 128;

#[derive(Debug, PartialEq)]
enum Step<'a> {
    Member(Cow<'a, str>),
    Element(usize),
}

/// A path, and whether what it misses is an error.
#[derive(Debug, PartialEq)]
struct Path<'a> {
    strict: bool,
    steps: Vec<Step<'a>>,
}

/// `$.a."b c"[0]`, with `lax` or `strict` before it.
fn path(text: &str) -> Option<Path<'_>> {
    let text = text.trim();
    let (strict, text) = match (text.strip_prefix("strict "), text.strip_prefix("lax ")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => (false, text),
    };
    let mut rest = text.trim_start().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(member) = rest.strip_prefix(".\"") {
            let end = closing_quote(member)?;
            let name = serde_json::from_str::<String>(&format!("\"{}\"", &member[..end])).ok()?;
            steps.push(Step::Member(name.into()));
            rest = &member[end + 1..];
        } else if let Some(member) = rest.strip_prefix('.') {
            let end = member.find(['.', '[']).unwrap_or(member.len());
            if end == 0 {
                return None;
            }
            steps.push(Step::Member(member[..end].trim_end().into()));
            rest = &member[end..];
        } else {
            let (index, after) = rest.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Element(index.trim().parse().ok()?));
            rest = after;
        }
    }
    Some(Path { strict, steps })
}

/// Whether objects and arrays nest deeper than is read.
fn is_too_deep(json: &str) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    json.bytes().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(place, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(place)
    })
}

/// The text of what a path leads to.
fn follow<'a>(json: &'a str, steps: &[Step<'_>]) -> Option<&'a str> {
    let mut at = json;
    for step in steps {
        at = match step {
            Step::Member(name) => serde_json::Deserializer::from_str(at)
                .deserialize_map(First(name))
                .ok()??,
            Step::Element(index) => {
                let elements: Vec<&'a RawValue> = serde_json::from_str(at).ok()?;
                elements.get(*index)?.get()
            }
        };
    }
    Some(at)
}

/// The first member of this name; a later one of the same name is not seen.
struct First<'n>(&'n str);

impl<'de> Visitor<'de> for First<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some((name, value)) = members.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            if found.is_none() && name == self.0 {
                found = Some(value.get());
            }
        }
        Ok(found)
    }
}

fn found(args: &Args, row: usize, scalar: bool) -> Result<Option<&str>, Error> {
    let (json, written) = (
        args.text(0, row),
        if args.count() > 1 { args.text(1, row) } else { "$" },
    );
    let path = path(written).ok_or_else(|| Error::Invalid(format!("'{written}' is no JSON path, such as $.a.b[0]")))?;
    if is_too_deep(json) {
        let message = format!("A JSON text nests deeper than {DEEPEST} levels");
        return Err(Error::Cast(message));
    }
    let text: &RawValue = serde_json::from_str(json).map_err(|_| Error::Cast("A text is no JSON".into()))?;
    // No text that is read has so many steps to go down.
    let value = (path.steps.len() <= DEEPEST)
        .then(|| follow(text.get(), &path.steps))
        .flatten();
    let fits = value.filter(|value| value.starts_with(['{', '[']) != scalar);
    if fits.is_none() && path.strict {
        return Err(Error::Cast(format!(
            "There is no such value at the JSON path '{written}'"
        )));
    }
    Ok(fits)
}

fn json_value(args: &Args, row: usize) -> Answer<String> {
    let Some(value) = found(args, row, true)? else {
        return Ok(None);
    };
    if value == "null" {
        return Ok(None);
    }
    let text = if value.starts_with('"') {
        serde_json::from_str::<String>(value).map_err(|_| Error::Cast("A text is no JSON".into()))?
    } else {
        value.to_owned()
    };
    Ok((text.chars().count() <= LONGEST).then_some(text))
}

fn json_query(args: &Args, row: usize) -> Answer<String> {
    Ok(found(args, row, false)?.map(str::to_owned))
}

fn is_json(args: &Args, row: usize) -> Answer<i32> {
    let text = args.text(0, row).trim();
    let is = text.starts_with(['{', '['])
        && !is_too_deep(text)
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    Ok(Some(i32::from(is)))
}

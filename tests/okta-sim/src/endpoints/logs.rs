//! `/api/v1/logs`: bounded requests and polling, filters over any attribute of an event.

use chrono::DateTime;
use serde_json::Value;

use super::Answer;
use crate::error::OktaError;
use crate::grammar::{Case, Condition, Expression, Op, holds, parse};
use crate::json::{Field, Json};
use crate::org::event::{event, first_from, published};
use crate::org::{DAY, Org};
use crate::page::{Page, fill};
use crate::request::Request;

const DEFAULT: u64 = 100;
const MOST: u64 = 1000;
const DEFAULT_DAYS: i64 = 7;
const OLDEST_SINCE: i64 = 180 * DAY;
const MOST_KEYWORDS: usize = 10;
const LONGEST_KEYWORD: usize = 40;
const NO_CONTAINS: [&str; 2] = ["debugContext.debugData.url", "debugContext.debugData.requestUri"];
const ROOTS: [&str; 16] = [
    "actor",
    "authenticationContext",
    "client",
    "debugContext",
    "device",
    "displayMessage",
    "eventType",
    "legacyEventType",
    "outcome",
    "request",
    "securityContext",
    "severity",
    "target",
    "transaction",
    "uuid",
    "version",
];

/// What a request asks for, after its defaults.
struct Window {
    /// Events `start..end` by index.
    start: u64,
    end: u64,
    descending: bool,
    /// Ascending without `until`: ordered by persistence, and never at an end.
    polling: bool,
}

pub(super) fn list(org: &Org, request: &Request) -> Result<Answer, OktaError> {
    let limit = request.limit(DEFAULT, MOST)?;
    let filter = request.get("filter").map(read).transpose()?;
    let keywords = request.get("q").map(keywords).transpose()?.unwrap_or_default();
    let window = window(org, request)?;
    let needs_event = filter.is_some() || !keywords.is_empty();
    let keeps = |position: &u64| {
        if !needs_event {
            return true;
        }
        let event = event(org, at(org, &window, *position));
        filter
            .as_ref()
            .is_none_or(|filter| holds(filter, Case::Sensitive, &|path| field(&event, path)))
            && keywords.iter().all(|keyword| mentions(&event, keyword))
    };
    let write = |json: &mut Json, position| json.value(&event(org, at(org, &window, position)));
    let filled = if window.descending {
        fill((window.start..window.end).rev().filter(keeps), limit, write)
    } else {
        fill((window.start..window.end).filter(keeps), limit, write)
    };
    let next = match filled.more_after {
        Some(last) => Some(cursor(org, &window, last)),
        None if window.polling => Some(cursor(org, &window, window.end.max(1) - 1)),
        None => None,
    };
    let mut page = Page::new(filled.rows, limit, next);
    page.dropped = &["since"];
    Ok(Answer::List(page))
}

/// The event at a position: polling sees neighbours in the order they were stored, which is not that of `published`.
fn at(org: &Org, window: &Window, position: u64) -> u64 {
    let stored = position ^ 1;
    if window.polling && stored < org.log_events {
        stored
    } else {
        position
    }
}

/// `<epoch ms>_<position>`, and where a descending list ends.
fn cursor(org: &Org, window: &Window, last: u64) -> String {
    let published = published(org, last);
    if window.descending {
        format!("{published}_{last}_{}", window.start)
    } else {
        format!("{published}_{last}")
    }
}

fn window(org: &Org, request: &Request) -> Result<Window, OktaError> {
    let instant = |name: &str| -> Result<Option<i64>, OktaError> {
        let parsed = request
            .get(name)
            .map(|text| DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis()));
        parsed
            .transpose()
            .map_err(|_| OktaError::validation(name, "The value must be an ISO 8601 date-time"))
    };
    let (since, until, after) = (instant("since")?, instant("until")?, request.get("after"));
    let descending = match request.get("sortOrder").map(str::to_ascii_uppercase).as_deref() {
        None | Some("ASCENDING") => false,
        Some("DESCENDING") => true,
        Some(_) => {
            return Err(OktaError::validation(
                "sortOrder",
                "The value must be ASCENDING or DESCENDING",
            ));
        }
    };
    if since.is_some() && after.is_some() {
        return Err(OktaError::validation("since", "since and after exclude each other"));
    }
    if since.is_some_and(|since| since < org.now - OLDEST_SINCE - DAY) {
        return Err(OktaError::invalid_filter("since must be within 180 days"));
    }
    let polling = until.is_none() && !descending;
    let end = until.map_or(org.log_events, |until| first_from(org, until));
    let start = first_from(org, since.unwrap_or(until.unwrap_or(org.now) - DEFAULT_DAYS * DAY));
    let mut window = Window {
        start: start.min(end),
        end,
        descending,
        polling,
    };
    if let Some(after) = after {
        let invalid = || OktaError::validation("after", "Invalid cursor.");
        let mut numbers = after.split('_').skip(1).map(str::parse::<u64>);
        let last = numbers.next().and_then(Result::ok).ok_or_else(invalid)?;
        if descending {
            window.start = numbers.next().and_then(Result::ok).ok_or_else(invalid)?;
            window.end = last;
        } else {
            window.start = last + 1;
        }
        window.start = window.start.min(window.end);
    }
    Ok(window)
}

fn read(text: &str) -> Result<Expression<String>, OktaError> {
    let expression = parse(text).map_err(OktaError::invalid_filter)?;
    let refused = std::cell::RefCell::new(None);
    let bound = expression.bind(&|condition: Condition<String>| {
        let name = condition.attribute.as_str();
        let root = name.split('.').next().unwrap_or_default();
        if condition.op == Op::Co && NO_CONTAINS.contains(&name) {
            *refused.borrow_mut() = Some(OktaError::invalid_search(format!(
                "'co' is not supported for '{name}'."
            )));
            return Err(String::new());
        }
        if !ROOTS.contains(&root) {
            return Err(format!("'{name}' is not a filterable attribute."));
        }
        Ok(condition)
    });
    bound.map_err(|cause| refused.take().unwrap_or_else(|| OktaError::invalid_filter(cause)))
}

/// The value at a path; arrays give the values of all their elements.
fn field(event: &Value, path: &str) -> Field {
    let (mut values, mut many) = (vec![event], false);
    for name in path.split('.') {
        let mut inner = Vec::new();
        for value in values {
            match value.get(name) {
                Some(Value::Array(items)) => {
                    many = true;
                    inner.extend(items);
                }
                Some(value) => inner.push(value),
                None => {}
            }
        }
        values = inner;
    }
    if many {
        let texts = values.into_iter().filter_map(|value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone().into()),
            other => Some(other.to_string().into()),
        });
        return Field::List(texts.collect());
    }
    match values.first() {
        None => Field::Missing,
        Some(Value::Null) => Field::Null,
        Some(Value::Bool(truth)) => Field::Bool(*truth),
        Some(Value::Number(number)) => number
            .as_i64()
            .map_or(Field::Number(number.as_f64().unwrap_or(0.0)), Field::Int),
        Some(Value::String(text)) => Field::owned(text.clone()),
        Some(other) => Field::owned(other.to_string()),
    }
}

fn keywords(q: &str) -> Result<Vec<String>, OktaError> {
    let keywords: Vec<String> = q.split_whitespace().map(str::to_lowercase).collect();
    let long = keywords.iter().any(|keyword| keyword.chars().count() > LONGEST_KEYWORD);
    if long || keywords.len() > MOST_KEYWORDS {
        return Err(OktaError::validation(
            "q",
            "At most 10 keywords of at most 40 characters are allowed",
        ));
    }
    Ok(keywords)
}

/// Whether any value of the event is the keyword or has it as a whole word.
fn mentions(value: &Value, keyword: &str) -> bool {
    match value {
        Value::Object(object) => object.values().any(|inner| mentions(inner, keyword)),
        Value::Array(items) => items.iter().any(|inner| mentions(inner, keyword)),
        Value::String(text) => {
            let text = text.to_lowercase();
            let split = |separator: fn(char) -> bool| text.split(separator).any(|word| word == keyword);
            text == keyword || split(char::is_whitespace) || split(|c| !c.is_alphanumeric())
        }
        Value::Null => false,
        Value::Bool(flag) => keyword == if *flag { "true" } else { "false" },
        Value::Number(number) => number.to_string().as_str() == keyword,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_go_through_arrays() {
        let event = json!({"target": [{"id": "A"}, {"id": "B"}], "version": "0", "securityContext": {"asNumber": 7, "isp": null}});
        let holds_for = |text: &str| holds(&read(text).unwrap(), Case::Sensitive, &|path| field(&event, path));
        assert!(holds_for(
            "target.id eq \"A\" and target.id eq \"B\" and not (target.id eq \"C\")"
        ));
        assert!(holds_for("securityContext.asNumber ge 7 and version ne \"1\""));
        assert!(!holds_for("securityContext.isp pr"));
    }

    #[test]
    fn refused_filters_have_their_codes() {
        for (text, code) in [
            ("debugContext.debugData.url co \"abc\"", "E0000031"),
            ("published gt \"2026-01-01T00:00:00Z\"", "E0000053"),
            ("target[0].id eq \"A\"", "E0000053"),
            ("nothing eq \"A\"", "E0000053"),
        ] {
            assert_eq!(read(text).unwrap_err().code, code, "{text}");
        }
    }

    #[test]
    fn keywords_are_whole_words_without_case() {
        let event = json!({"a": ["Multi-Factor login", {"b": 42}]});
        for hit in ["multi-factor", "multi", "login", "42"] {
            assert!(mentions(&event, hit), "{hit}");
        }
        assert!(!mentions(&event, "mult"));
        assert!(keywords(&"x ".repeat(11)).is_err());
        assert!(keywords(&"x".repeat(41)).is_err());
    }
}

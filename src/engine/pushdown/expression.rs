//! Okta's expression language as text: conditions, and/or, and what fits into one request.

use chrono::{DateTime, Datelike};

use crate::catalog::model::Logic;

/// Something Okta can be asked to hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// `attribute operator value`
    Condition(String),
    And(Vec<Expression>),
    Or {
        branches: Vec<Expression>,
        /// No row satisfies two branches: they may be asked in different requests.
        disjoint: bool,
    },
}

impl Expression {
    pub(super) fn condition(text: impl Into<String>) -> Expression {
        Expression::Condition(text.into())
    }

    pub(super) fn either(branches: Vec<Expression>) -> Expression {
        Expression::Or {
            branches,
            disjoint: false,
        }
    }

    /// AND binds tighter than OR in Okta, but every compound operand gets parentheses all the same.
    fn text(&self) -> String {
        match self {
            Expression::Condition(text) => text.clone(),
            Expression::And(all) => join(all, " and "),
            Expression::Or { branches, .. } => join(branches, " or "),
        }
    }

    fn operand(&self) -> String {
        match self {
            Expression::And(inner) | Expression::Or { branches: inner, .. } if inner.len() > 1 => {
                format!("({})", self.text())
            }
            _ => self.text(),
        }
    }
}

fn join(parts: &[Expression], word: &str) -> String {
    match parts {
        [only] => only.text(),
        _ => parts.iter().map(Expression::operand).collect::<Vec<_>>().join(word),
    }
}

/// A JSON string: quotes, backslashes and control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Texts that are equal without case, letter by letter, have the same folded text.
pub(super) fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// ISO 8601 with milliseconds in UTC; None outside the years Okta writes.
pub(super) fn timestamp(millis: i64) -> Option<String> {
    let time = DateTime::from_timestamp_millis(millis)?;
    (1..=9999)
        .contains(&time.year())
        .then(|| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}

/// `YYYY-MM-DD`
pub(super) fn date(days: i32) -> Option<String> {
    timestamp(i64::from(days) * 86_400_000).map(|text| text[..10].to_owned())
}

/// Bytes that the text takes in a query string.
fn encoded(text: &str) -> usize {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes().map(|b| if unreserved(b) { 1 } else { 3 }).sum()
}

/// Bytes that the parameters take in a query string, separators included.
pub(super) fn encoded_pairs(pairs: &[(String, String)]) -> usize {
    pairs
        .iter()
        .map(|(name, value)| encoded(name) + encoded(value) + 2)
        .sum()
}

/// For endpoints that take one condition: the first there is.
pub(super) fn first_condition(conjuncts: Vec<Expression>) -> Option<String> {
    conjuncts.into_iter().find_map(|conjunct| match conjunct {
        Expression::Condition(text) => Some(text),
        Expression::And(mut inner)
        | Expression::Or {
            branches: mut inner, ..
        } if inner.len() == 1 => first_condition(vec![inner.remove(0)]),
        _ => None,
    })
}

/// True where one text says all of it.
pub(super) fn fits(conjuncts: &[Expression], logic: Logic, longest: usize) -> bool {
    match logic {
        Logic::Full => conjuncts.iter().map(operand_size).sum::<usize>() <= longest,
        Logic::Single => matches!(conjuncts, [] | [Expression::Condition(_)]),
    }
}

/// The conjunction as one text, or several whose rows are disjoint, each at most `longest` encoded bytes.
/// What does not fit is left out: the scan checks it anyway.
pub(super) fn texts(mut conjuncts: Vec<Expression>, longest: usize) -> Vec<String> {
    let mut sizes: Vec<usize> = conjuncts.iter().map(operand_size).collect();
    if sizes.iter().sum::<usize>() <= longest {
        return whole(conjuncts).into_iter().collect();
    }
    let splits = |conjunct: &Expression| matches!(conjunct, Expression::Or { disjoint: true, .. });
    let split = (0..conjuncts.len())
        .filter(|i| splits(&conjuncts[*i]))
        .max_by_key(|i| sizes[*i]);
    let split = split.map(|i| {
        sizes.remove(i);
        conjuncts.remove(i)
    });
    // The rest keeps at most half of the room, so that each request still holds many branches.
    let room = if split.is_some() { longest / 2 } else { longest };
    while sizes.iter().sum::<usize>() > room {
        let Some(largest) = (0..sizes.len()).max_by_key(|i| sizes[*i]) else {
            break;
        };
        sizes.remove(largest);
        conjuncts.remove(largest);
    }
    let Some(Expression::Or { branches, .. }) = split else {
        return whole(conjuncts).into_iter().collect();
    };
    let room = longest - sizes.iter().sum::<usize>() - JOINT;
    let Some(chunks) = chunks(branches, room) else {
        return whole(conjuncts).into_iter().collect();
    };
    let chunk_text = |chunk| {
        let mut all = vec![Expression::either(chunk)];
        all.extend(conjuncts.iter().cloned());
        Expression::And(all).text()
    };
    chunks.into_iter().map(chunk_text).collect()
}

/// Parentheses and ` and ` or ` or ` around an operand, encoded.
const JOINT: usize = 6 + 9;

fn operand_size(expression: &Expression) -> usize {
    match expression {
        Expression::Condition(text) => encoded(text) + JOINT,
        Expression::And(inner) | Expression::Or { branches: inner, .. } => {
            inner.iter().map(operand_size).sum::<usize>() + JOINT
        }
    }
}

fn whole(conjuncts: Vec<Expression>) -> Option<String> {
    (!conjuncts.is_empty()).then(|| Expression::And(conjuncts).text())
}

/// Branches in groups that fit; None when one alone does not.
fn chunks(branches: Vec<Expression>, room: usize) -> Option<Vec<Vec<Expression>>> {
    let mut chunks: Vec<Vec<Expression>> = Vec::new();
    let mut used = room;
    for branch in branches {
        // A plain condition needs no parentheses.
        let size = operand_size(&branch)
            - if matches!(branch, Expression::Condition(_)) {
                6
            } else {
                0
            };
        if size > room {
            return None;
        }
        match chunks.last_mut() {
            Some(chunk) if used + size <= room => chunk.push(branch),
            _ => {
                chunks.push(vec![branch]);
                used = 0;
            }
        }
        used += size;
    }
    Some(chunks)
}

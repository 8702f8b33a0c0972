//! Where in the text something is wrong, in words.

use sqlparser::tokenizer::Location;

use super::Error;

/// Characters of the text that a message shows.
const NEAR: usize = 30;

/// `Syntax error at line 1, column 8, near 'FORM Users': …`; at the end of the text without a location.
pub(super) fn syntax_error(text: &str, at: Option<Location>, message: &str) -> Error {
    let Some((line, column)) = at
        .filter(|at| at.line > 0)
        .map(|at| (at.line as usize, at.column as usize))
    else {
        return Error::Syntax(format!("Syntax error at the end of the statement: {message}"));
    };
    let rest = text.split('\n').nth(line - 1).unwrap_or_default();
    let near: String = rest.chars().skip(column.saturating_sub(1)).take(NEAR).collect();
    let near = near.trim();
    if near.is_empty() {
        return Error::Syntax(format!("Syntax error at line {line}, column {column}: {message}"));
    }
    Error::Syntax(format!(
        "Syntax error at line {line}, column {column}, near '{near}': {message}"
    ))
}

/// The parser's message, which ends with ` at Line: 1, Column: 8` where it knows the place.
pub(super) fn from_message(text: &str, message: &str) -> Error {
    let (what, at) = match message.rsplit_once(" at Line: ") {
        Some((what, at)) => (what, location(at)),
        None => (message, None),
    };
    let what = what
        .replace("Expected: ", "expected ")
        .replace(", found: ", ", found ")
        .replace("found EOF", "found its end");
    syntax_error(text, at, &what)
}

/// `DECLARE at line 1, column 1 is not supported: …`
pub(super) fn unsupported(at: Option<Location>, construct: &str, reason: &str) -> Error {
    let place = match at.filter(|at| at.line > 0) {
        Some(Location { line, column }) => format!(" at line {line}, column {column}"),
        None => String::new(),
    };
    Error::Unsupported(format!("{construct}{place} is not supported: {reason}"))
}

fn location(text: &str) -> Option<Location> {
    let (line, column) = text.split_once(", Column: ")?;
    Some(Location {
        line: line.parse().ok()?,
        column: column.trim().parse().ok()?,
    })
}

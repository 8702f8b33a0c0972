//! Pages of a list: rows in a buffer, the cursor of the next page, and the `Link` lines.

use crate::json::Json;
use crate::request::Request;

/// Rows of one page and where the list goes on.
pub(crate) struct Page {
    pub(crate) body: Vec<u8>,
    /// Cursor of the next page.
    pub(crate) next: Option<String>,
    /// The page size that links repeat; lists that do not page have no links at all.
    pub(crate) limit: Option<usize>,
    /// Parameters that the next link leaves out.
    pub(crate) dropped: &'static [&'static str],
}

impl Page {
    /// A page from rows already written as an array.
    pub(crate) fn new(rows: Json, limit: usize, next: Option<String>) -> Self {
        Self {
            body: rows.into_bytes(),
            next,
            limit: Some(limit),
            dropped: &[],
        }
    }

    /// A whole list without links.
    pub(crate) fn whole(rows: Json) -> Self {
        Self {
            body: rows.into_bytes(),
            next: None,
            limit: None,
            dropped: &[],
        }
    }
}

/// Writes rows numbered by `rows` until the page is full; the last row written and whether more follow.
pub(crate) struct Filled {
    pub(crate) rows: Json,
    /// The last row on the page, if another follows it.
    pub(crate) more_after: Option<u64>,
}

pub(crate) fn fill(rows: impl Iterator<Item = u64>, limit: usize, mut write: impl FnMut(&mut Json, u64)) -> Filled {
    let mut json = Json::with_capacity(1024 * limit.clamp(1, 256));
    json.open(b'[');
    let mut last = None;
    let mut more_after = None;
    for (count, row) in rows.enumerate() {
        if count == limit {
            more_after = last;
            break;
        }
        write(&mut json, row);
        last = Some(row);
    }
    json.close(b']');
    Filled { rows: json, more_after }
}

/// What a fault does to the links of a page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LinkFault {
    pub(crate) other_host: bool,
    pub(crate) repeat: bool,
}

/// The host of the `next-host` fault: reserved, so that nothing can answer there.
const OTHER_HOST: &str = "https://okta-admin.invalid";

/// The `Link` lines of a page, `self` before `next`, as Okta sends them.
pub(crate) fn links(request: &Request, page: &Page, fault: LinkFault) -> Vec<String> {
    let Some(limit) = page.limit else { return Vec::new() };
    let own = href(request, &request.base, limit, request.get("after"), &[]);
    let mut lines = vec![format!("<{own}>; rel=\"self\"")];
    if let Some(cursor) = &page.next {
        let base = if fault.other_host { OTHER_HOST } else { &request.base };
        let cursor = if fault.repeat {
            request.get("after")
        } else {
            Some(cursor.as_str())
        };
        let next = href(request, base, limit, cursor, page.dropped);
        lines.push(format!("<{next}>; rel=\"next\""));
    }
    lines
}

fn href(request: &Request, base: &str, limit: usize, after: Option<&str>, dropped: &[&str]) -> String {
    let limit = limit.to_string();
    let mut parameters: Vec<(&str, &str)> = Vec::new();
    parameters.extend(after.map(|after| ("after", after)));
    parameters.push(("limit", &limit));
    for (name, value) in &request.parameters {
        if !matches!(name.as_str(), "after" | "limit") && !dropped.contains(&name.as_str()) {
            parameters.push((name, value));
        }
    }
    let query: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", form(name), form(value)))
        .collect();
    format!("{base}{}?{}", request.path, query.join("&"))
}

/// Percent-encodes as HTML forms do, spaces as `+`, which is how Okta's links are written.
fn form(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: usize, next: Option<&str>) -> Page {
        Page::new(Json::with_capacity(0), limit, next.map(str::to_owned))
    }

    #[test]
    fn links_repeat_the_request_with_self_before_next() {
        let request = Request::new(
            "/api/v1/users",
            "limit=1&search=status+eq+%22A%22",
            "http://h".into(),
            "",
        );
        let lines = links(&request, &page(1, Some("200u1")), LinkFault::default());
        assert_eq!(
            lines,
            [
                "<http://h/api/v1/users?limit=1&search=status+eq+%22A%22>; rel=\"self\"",
                "<http://h/api/v1/users?after=200u1&limit=1&search=status+eq+%22A%22>; rel=\"next\"",
            ]
        );
        assert_eq!(links(&request, &page(1, None), LinkFault::default()).len(), 1);
        let elsewhere = links(
            &request,
            &page(1, Some("x")),
            LinkFault {
                other_host: true,
                repeat: false,
            },
        );
        assert!(elsewhere[1].starts_with("<https://okta-admin.invalid/api/v1/users?after=x"));
        let again = links(
            &request,
            &page(1, Some("x")),
            LinkFault {
                other_host: false,
                repeat: true,
            },
        );
        assert_eq!(again[1], again[0].replace("self", "next"));
    }

    #[test]
    fn a_full_page_has_a_next_only_if_rows_follow() {
        let write = |json: &mut Json, row: u64| json.value(&row.into());
        let filled = fill(0..3, 3, write);
        assert_eq!(
            (filled.rows.into_bytes(), filled.more_after),
            (b"[0,1,2]".to_vec(), None)
        );
        let filled = fill(0..4, 3, write);
        assert_eq!(
            (filled.rows.into_bytes(), filled.more_after),
            (b"[0,1,2]".to_vec(), Some(2))
        );
        assert_eq!(fill(0..0, 3, write).rows.into_bytes(), b"[]");
    }
}

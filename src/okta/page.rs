//! One whole answer, and the `Link` headers that lead to the next.

use bytes::Bytes;
use http::HeaderMap;
use http::header::LINK;

use super::Request;

/// One whole answer.
#[derive(Debug, Clone)]
pub struct Page {
    pub body: Bytes,
    /// The request of the page after this one.
    pub next: Option<Request>,
    pub request_id: Option<String>,
}

/// The target of the link whose `rel` is `next` (RFC 8288). Okta sends one header line per link.
pub(super) fn next_link(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(LINK)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .find_map(next_target)
}

fn next_target(line: &str) -> Option<String> {
    let mut rest = line;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, tail) = link.split_once('>')?;
        let parameters = tail.split_once('<').map_or(tail, |(parameters, _)| parameters);
        if parameters.split([';', ',']).any(is_next) {
            return Some(target.to_owned());
        }
        rest = tail;
    }
    None
}

fn is_next(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        name.trim().eq_ignore_ascii_case("rel")
            && value
                .trim()
                .trim_matches('"')
                .split_whitespace()
                .any(|rel| rel.eq_ignore_ascii_case("next"))
    })
}

/// Whether `body` can be whole JSON: begins and ends like an array or an object. Cheap; the engine parses.
pub(super) fn looks_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    matches!(
        (body.first(), body.last()),
        (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}'))
    ) && body.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(lines: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(LINK, http::HeaderValue::from_static(line));
        }
        next_link(&headers)
    }

    #[test]
    fn next_links_as_they_are_seen() {
        let self_link = "<https://o.okta.com/api/v1/users?limit=2>; rel=\"self\"";
        let next_link = "<https://o.okta.com/api/v1/users?after=a,b&limit=2>; rel=\"next\"";
        let target = Some("https://o.okta.com/api/v1/users?after=a,b&limit=2".to_owned());
        assert_eq!(next(&[self_link, next_link]), target);
        assert_eq!(next(&[next_link, self_link]), target);
        assert_eq!(
            next(&[
                "<https://o/?x>; rel=\"self\", <https://o.okta.com/api/v1/users?after=a,b&limit=2>;title=x; REL=next"
            ]),
            target
        );
        assert_eq!(next(&[self_link]), None);
        assert_eq!(next(&[]), None);
        assert_eq!(next(&["<https://o/?x; rel=next"]), None);
    }

    #[test]
    fn what_can_be_whole_json() {
        for whole in ["[]", " [1]\n", "{\"a\":1}"] {
            assert!(looks_whole(whole.as_bytes()), "{whole}");
        }
        for broken in ["", "[", "]", "[{\"a\":1}", "<html></html>", "{\"a\":"] {
            assert!(!looks_whole(broken.as_bytes()), "{broken}");
        }
    }
}

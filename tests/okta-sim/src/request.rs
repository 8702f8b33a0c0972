//! A request taken apart: path segments, query parameters, and the address that its links repeat.

use percent_encoding::percent_decode_str;

use crate::error::OktaError;

/// Marks a cursor that an empty page gave out; no other cursor begins with it.
const DETOUR: char = '~';

/// What an endpoint needs to know of a request.
pub(crate) struct Request {
    /// Path as sent.
    pub(crate) path: String,
    /// Percent-decoded segments.
    pub(crate) segments: Vec<String>,
    /// Decoded parameters in the order sent.
    pub(crate) parameters: Vec<(String, String)>,
    /// `http://host`, for links.
    pub(crate) base: String,
    pub(crate) omit_credentials: bool,
}

impl Request {
    pub(crate) fn new(path: &str, query: &str, base: String, content_type: &str) -> Self {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let parameters = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
            })
            .collect();
        Self {
            path: path.to_owned(),
            segments: path.trim_start_matches('/').split('/').map(decode).collect(),
            parameters,
            base,
            omit_credentials: okta_response(content_type, "omitCredentials"),
        }
    }

    /// The last value of a parameter that is not empty; of a cursor what is behind its detours.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self
            .parameters
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let value = if name == "after" {
            value.map(|after| after.trim_start_matches(DETOUR))
        } else {
            value
        };
        value.filter(|value| !value.is_empty())
    }

    /// Another cursor for this very page, so that an empty page can lead to it without repeating a link.
    pub(crate) fn detour(&self) -> String {
        let after = self
            .parameters
            .iter()
            .rev()
            .find(|(key, _)| key == "after")
            .map_or("", |(_, value)| value.as_str());
        format!("{DETOUR}{after}")
    }

    /// `limit`, or the default; larger pages than `most` are cut to it.
    pub(crate) fn limit(&self, default: u64, most: u64) -> Result<usize, OktaError> {
        let limit = match self.get("limit") {
            None | Some("-1") => default,
            Some(text) => match text.parse::<u64>() {
                Ok(limit) if limit > 0 => limit,
                _ => return Err(OktaError::validation("limit", "The limit must be a positive integer")),
            },
        };
        Ok(usize::try_from(limit.min(most)).unwrap_or(usize::MAX))
    }
}

/// Whether `Content-Type: application/json; okta-response=a,b` (the list may be quoted) names the word.
fn okta_response(content_type: &str, word: &str) -> bool {
    content_type
        .split(';')
        .filter_map(|part| part.trim().strip_prefix("okta-response="))
        .flat_map(|list| list.trim_matches('"').split(','))
        .any(|each| each.trim() == word)
}

/// A path whose segments in braces match any one segment, and whose last segment `*` matches any rest.
#[derive(Clone, Debug)]
pub(crate) struct PathPattern {
    segments: Vec<String>,
    open: bool,
}

impl PathPattern {
    pub(crate) fn new(path: &str) -> Self {
        let mut segments: Vec<String> = path.trim_matches('/').split('/').map(str::to_owned).collect();
        let open = segments.last().is_some_and(|last| last == "*");
        if open {
            segments.pop();
        }
        Self { segments, open }
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        let count = path.trim_matches('/').split('/').count();
        (self.open || count == self.segments.len()) && self.leads(path)
    }

    /// Whether the pattern matches the first segments of the path.
    pub(crate) fn leads(&self, path: &str) -> bool {
        let mut given = path.trim_matches('/').split('/');
        self.segments.iter().all(|wanted| {
            given
                .next()
                .is_some_and(|segment| wanted.starts_with('{') || wanted == segment)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_as_forms_are() {
        let request = Request::new(
            "/api/v1/users/a%2Fb",
            "search=status+eq+%22A%2BB%22&limit=5&q=",
            String::new(),
            "",
        );
        assert_eq!(request.segments, ["api", "v1", "users", "a/b"]);
        assert_eq!(request.get("search"), Some("status eq \"A+B\""));
        assert_eq!(request.get("q"), None);
        assert_eq!(request.limit(200, 200).unwrap(), 5);
    }

    #[test]
    fn limits_are_cut_to_the_largest_page_and_must_be_numbers() {
        let limit = |query: &str| Request::new("/", query, String::new(), "").limit(20, 200);
        assert_eq!(limit("").unwrap(), 20);
        assert_eq!(limit("limit=-1").unwrap(), 20);
        assert_eq!(limit("limit=999").unwrap(), 200);
        for bad in ["limit=0", "limit=x", "limit=-2"] {
            assert_eq!(limit(bad).unwrap_err().code, "E0000001", "{bad}");
        }
    }

    #[test]
    fn okta_response_is_a_list_that_may_be_quoted() {
        assert!(okta_response(
            "application/json; okta-response=omitCredentials,omitCredentialsLinks",
            "omitCredentials"
        ));
        assert!(okta_response(
            "application/json; okta-response=\"omitX, omitCredentials\"",
            "omitCredentials"
        ));
        assert!(!okta_response(
            "application/json; okta-response=omitCredentialsLinks",
            "omitCredentials"
        ));
        assert!(!okta_response("application/json", "omitCredentials"));
    }

    #[test]
    fn a_pattern_matches_whole_paths_unless_it_ends_in_a_star() {
        assert!(PathPattern::new("/api/v1/users/{id}").matches("/api/v1/users/00u1"));
        assert!(!PathPattern::new("/api/v1/users").matches("/api/v1/users/00u1"));
        assert!(PathPattern::new("/api/v1/users/*").matches("/api/v1/users/00u1/factors"));
        assert!(PathPattern::new("/api/v1").leads("/api/v1/users"));
        assert!(!PathPattern::new("/api/v1/users").leads("/api/v1"));
    }
}

//! Faults: which request goes wrong, and how.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::request::PathPattern;

pub(crate) const SHORT_HELP: &str = "Makes requests to a path go wrong; see --help for the kinds";
pub(crate) const LONG_HELP: &str = "\
Makes requests to a path go wrong. PATH is a whole path; a segment in braces matches any one (`/api/v1/users/{id}/factors`), a last \
segment `*` any rest. #NTH: only the NTH request to PATH since the start or /sim/reset, counted from 1. KIND:

429            E0000047, Limit 600, Remaining 0, Reset one second later; without NTH the first request only
500>LIMIT      500 E0000009 whenever the page asked for is larger than LIMIT; every request without NTH
403            403 E0000006; without NTH the first request only
no-feature     401 E0000015, as for a feature that the org lacks; every request without NTH
404            404 E0000007; without NTH the first request only
503            503 with an HTML body, as a proxy sends it; without NTH the first request only
reset          the connection is reset before an answer; without NTH the first request only
cut            the whole headers, half of the body, then the connection ends; without NTH the first request only
gzip           Content-Encoding: gzip over a damaged stream; without NTH the first request only
json           a body that ends in the middle of the JSON, with a matching length; without NTH the first request only
next-host      the next link names another host; every request without NTH
next-repeat    the next link is the page's own; every request without NTH
empty-page     an empty page whose next link leads to the rows that were due; without NTH the first request only
token-expired  401: E0000011 for the API token, and an access token has expired from then on; without NTH the first request only";

/// One `--fault PATH[#NTH]=KIND`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path with `{}` segments or a last `*`.
    pub path: String,
    /// Only this request to the path, counted from 1.
    pub nth: Option<u64>,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong; the words of `--fault` in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A rate-limit 429 whose window ends one second later (`429`).
    TooManyRequests,
    /// 500 E0000009 when `limit` exceeds this (`500>LIMIT`).
    TimeoutAbove(u64),
    /// 403 E0000006, as for a principal without the right (`403`).
    Forbidden,
    /// 401 E0000015, as for a feature that the org lacks (`no-feature`).
    NoFeature,
    /// 404 E0000007, as for what was deleted meanwhile (`404`).
    NotFound,
    /// 503 with an HTML body (`503`).
    Unavailable,
    /// TCP reset before any answer (`reset`).
    Reset,
    /// Half of the announced body (`cut`).
    Cut,
    /// A damaged gzip stream (`gzip`).
    Gzip,
    /// Broken JSON (`json`).
    Json,
    /// A next link to another host (`next-host`).
    NextHost,
    /// A next link to the same page (`next-repeat`).
    NextRepeat,
    /// An empty page with a next link (`empty-page`).
    EmptyPage,
    /// 401 E0000011; an access token has expired from then on (`token-expired`).
    TokenExpired,
}

const KINDS: &[(&str, FaultKind)] = &[
    ("429", FaultKind::TooManyRequests),
    ("403", FaultKind::Forbidden),
    ("no-feature", FaultKind::NoFeature),
    ("404", FaultKind::NotFound),
    ("503", FaultKind::Unavailable),
    ("reset", FaultKind::Reset),
    ("cut", FaultKind::Cut),
    ("gzip", FaultKind::Gzip),
    ("json", FaultKind::Json),
    ("next-host", FaultKind::NextHost),
    ("next-repeat", FaultKind::NextRepeat),
    ("empty-page", FaultKind::EmptyPage),
    ("token-expired", FaultKind::TokenExpired),
];

impl FaultKind {
    /// Whether the fault without NTH stands for every request, not for the first one.
    fn lasts(self) -> bool {
        matches!(
            self,
            Self::TimeoutAbove(_) | Self::NoFeature | Self::NextHost | Self::NextRepeat
        )
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("`{text}` is not PATH[#NTH]=KIND");
        let (place, kind) = text.split_once('=').ok_or_else(shape)?;
        let (path, nth) = match place.split_once('#') {
            Some((path, nth)) => (path, Some(nth.parse().ok().filter(|n| *n > 0).ok_or_else(shape)?)),
            None => (place, None),
        };
        if !path.starts_with('/') {
            return Err(shape());
        }
        let kind = match kind.strip_prefix("500>") {
            Some(limit) => FaultKind::TimeoutAbove(limit.parse().map_err(|_| shape())?),
            None => KINDS
                .iter()
                .find(|(word, _)| *word == kind)
                .map(|(_, kind)| *kind)
                .ok_or_else(|| {
                    let words: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
                    format!("`{kind}` is no fault; the kinds are 500>LIMIT, {}", words.join(", "))
                })?,
        };
        Ok(Self {
            path: path.to_owned(),
            nth,
            kind,
        })
    }
}

/// The faults of a server and how often each path was asked for.
pub(crate) struct Faults {
    armed: Vec<Armed>,
}

struct Armed {
    fault: Fault,
    pattern: PathPattern,
    seen: AtomicU64,
}

impl Faults {
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let armed = faults
            .iter()
            .map(|fault| Armed {
                fault: fault.clone(),
                pattern: PathPattern::new(&fault.path),
                seen: AtomicU64::new(0),
            })
            .collect();
        Self { armed }
    }

    /// The kinds that hit the request for `path`, which counts as one more.
    pub(crate) fn strike(&self, path: &str) -> Vec<FaultKind> {
        let mut struck = Vec::new();
        for armed in self.armed.iter().filter(|armed| armed.pattern.matches(path)) {
            let count = armed.seen.fetch_add(1, Ordering::SeqCst) + 1;
            let hits = match armed.fault.nth {
                Some(nth) => count == nth,
                None => armed.fault.kind.lasts() || count == 1,
            };
            if hits {
                struck.push(armed.fault.kind);
            }
        }
        struck
    }

    pub(crate) fn reset(&self) {
        for armed in &self.armed {
            armed.seen.store(0, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_parsed_by_its_word() {
        for (word, kind) in KINDS {
            let fault: Fault = format!("/api/v1/users#3={word}").parse().unwrap();
            assert_eq!(
                fault,
                Fault {
                    path: "/api/v1/users".into(),
                    nth: Some(3),
                    kind: *kind
                }
            );
        }
        let fault: Fault = "/api/v1/groups/{id}/users=500>250".parse().unwrap();
        assert_eq!(fault.kind, FaultKind::TimeoutAbove(250));
        for bad in ["/a", "/a#0=503", "/a#x=503", "a=503", "/a=500>", "/a=teapot"] {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_without_nth_hits_the_first_request_and_one_with_nth_that_one_alone() {
        let faults = Faults::new(&[
            "/a=503".parse().unwrap(),
            "/a#3=reset".parse().unwrap(),
            "/a=next-host".parse().unwrap(),
        ]);
        assert_eq!(faults.strike("/a"), [FaultKind::Unavailable, FaultKind::NextHost]);
        assert_eq!(faults.strike("/a"), [FaultKind::NextHost]);
        assert_eq!(faults.strike("/b"), []);
        assert_eq!(faults.strike("/a"), [FaultKind::Reset, FaultKind::NextHost]);
        faults.reset();
        assert_eq!(faults.strike("/a"), [FaultKind::Unavailable, FaultKind::NextHost]);
    }
}

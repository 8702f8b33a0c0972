//! Rate-limit buckets: how many requests a window still holds, and when it ends.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use crate::request::PathPattern;

/// What an org without limits shows in its headers.
const UNLIMITED: u64 = 1_000_000;
const WINDOW_SECONDS: u32 = 60;

/// One `--rate-limit PATH=N`, requests a minute; `PATH=N/S` in windows of S seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Path of the bucket, whole or a prefix.
    pub path: String,
    /// Requests in one window.
    pub requests: u64,
    /// Length of a window.
    pub seconds: u32,
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.rsplit_once('=').and_then(|(path, numbers)| {
            let (requests, seconds) = match numbers.split_once('/') {
                Some((requests, seconds)) => (requests, seconds.parse().ok()?),
                None => (numbers, WINDOW_SECONDS),
            };
            Some((path, requests.parse().ok()?, seconds))
        });
        match parsed {
            Some((path, requests, seconds)) if path.starts_with('/') && seconds > 0 => Ok(Self {
                path: path.to_owned(),
                requests,
                seconds,
            }),
            _ => Err(format!("`{text}` is neither PATH=N nor PATH=N/SECONDS")),
        }
    }
}

/// The three numbers of the `X-Rate-Limit-*` headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    /// Epoch seconds.
    pub(crate) reset: i64,
    /// The request is one too many.
    pub(crate) exceeded: bool,
}

struct Bucket {
    path: String,
    pattern: PathPattern,
    requests: u64,
    seconds: i64,
}

#[derive(Clone, Copy)]
struct Window {
    ends: i64,
    used: u64,
}

/// All buckets of a server. A window opens with its first request, as Okta's do not follow the clock's minutes.
pub(crate) struct Limits {
    buckets: Vec<Bucket>,
    windows: Mutex<HashMap<usize, Window>>,
}

/// The bucket of everything without a limit of its own.
const REST: usize = usize::MAX;

impl Limits {
    pub(crate) fn new(limits: &[RateLimit]) -> Self {
        let buckets = limits
            .iter()
            .map(|limit| Bucket {
                path: limit.path.clone(),
                pattern: PathPattern::new(&limit.path),
                requests: limit.requests,
                seconds: limit.seconds.into(),
            })
            .collect();
        Self {
            buckets,
            windows: Mutex::default(),
        }
    }

    /// Counts one request at `now` (epoch seconds).
    pub(crate) fn take(&self, path: &str, now: i64) -> Allowance {
        let bucket = self.bucket(path);
        let (limit, seconds) = match self.buckets.get(bucket) {
            Some(bucket) => (bucket.requests, bucket.seconds),
            None => (UNLIMITED, WINDOW_SECONDS.into()),
        };
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(bucket).or_insert(Window {
            ends: now + seconds,
            used: 0,
        });
        if now >= window.ends {
            *window = Window {
                ends: now + seconds,
                used: 0,
            };
        }
        let exceeded = window.used >= limit && bucket != REST;
        if !exceeded {
            window.used += 1;
        }
        Allowance {
            limit,
            remaining: limit.saturating_sub(window.used),
            reset: window.ends,
            exceeded,
        }
    }

    pub(crate) fn reset(&self) {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn bucket(&self, path: &str) -> usize {
        if let Some(exact) = self.buckets.iter().position(|bucket| bucket.pattern.matches(path)) {
            return exact;
        }
        let prefixes = self
            .buckets
            .iter()
            .enumerate()
            .filter(|(_, bucket)| bucket.pattern.leads(path));
        prefixes
            .max_by_key(|(_, bucket)| bucket.path.len())
            .map_or(REST, |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(texts: &[&str]) -> Limits {
        Limits::new(&texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn a_window_opens_with_the_first_request_and_empties() {
        let limits = limits(&["/api/v1/users=2"]);
        let first = limits.take("/api/v1/users", 1007);
        assert_eq!(
            first,
            Allowance {
                limit: 2,
                remaining: 1,
                reset: 1067,
                exceeded: false
            }
        );
        assert_eq!(limits.take("/api/v1/users", 1010).remaining, 0);
        let third = limits.take("/api/v1/users", 1066);
        assert!(third.exceeded);
        assert_eq!(third.reset, 1067);
        assert!(!limits.take("/api/v1/users", 1067).exceeded);
    }

    #[test]
    fn a_window_may_be_shorter_than_a_minute() {
        let limits = limits(&["/api/v1/users=1/2"]);
        assert_eq!(limits.take("/api/v1/users", 100).reset, 102);
        assert!(limits.take("/api/v1/users", 101).exceeded);
        assert!(!limits.take("/api/v1/users", 102).exceeded);
        for bad in ["/a=1/0", "/a=1/x", "/a=x", "a=1"] {
            assert!(bad.parse::<RateLimit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_exact_path_beats_the_longest_prefix() {
        let limits = limits(&["/api/v1=100", "/api/v1/users=5", "/api/v1/users/{id}=9"]);
        assert_eq!(limits.take("/api/v1/users", 0).limit, 5);
        assert_eq!(limits.take("/api/v1/users/00u1", 0).limit, 9);
        assert_eq!(limits.take("/api/v1/users/00u1/factors", 0).limit, 9);
        assert_eq!(limits.take("/api/v1/logs", 0).limit, 100);
        assert_eq!(limits.take("/oauth2/v1/token", 0).limit, UNLIMITED);
    }
}

//! One limiter per org and process: learns Okta's rate-limit headers per bucket and waits before a limit is met (decision 20).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use super::process::PerProcess;

/// Nobody waits longer than this for a Reset: windows are a minute, so a later one is a wrong clock.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// The limits of one org as far as they are known.
#[derive(Default)]
pub struct Limiter {
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// One bucket of requests. The numbers are Okta's, of the answer that knew most.
#[derive(Debug, Default)]
struct Bucket {
    window: Option<Window>,
    in_flight: u64,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    limit: u64,
    remaining: u64,
    /// Okta's name of the window: the second at which it ends.
    reset: u64,
    /// The same on this machine's monotonic clock, one second later.
    ends: Instant,
}

/// One request that counts against its bucket until its answer's headers are in.
pub struct Permit<'a> {
    limiter: &'a Limiter,
    bucket: &'a str,
}

/// The rate-limit headers of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub limit: u64,
    pub remaining: u64,
    /// UTC seconds since the epoch.
    pub reset: u64,
    /// How long from the answer's `Date` until `reset`, and one second more.
    pub wait: Duration,
}

impl Shown {
    /// The smallest of each header: they come repeated where several limits apply.
    pub fn read(headers: &HeaderMap) -> Option<Shown> {
        let smallest = |name| {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values
                .flat_map(|value| value.split(','))
                .filter_map(|value| value.trim().parse::<u64>().ok())
                .min()
        };
        let reset = smallest("x-rate-limit-reset")?;
        let now = date(headers).unwrap_or_else(|| {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since_epoch| since_epoch.as_secs())
        });
        Some(Shown {
            limit: smallest("x-rate-limit-limit")?,
            remaining: smallest("x-rate-limit-remaining")?,
            reset,
            wait: Duration::from_secs(reset.saturating_sub(now).saturating_add(1)).min(LONGEST_WAIT),
        })
    }

    /// A concurrency 429 shows 0 of 0, and its Reset is an estimate only.
    pub fn is_concurrency(&self) -> bool {
        self.limit == 0 && self.remaining == 0
    }
}

/// The answer's own clock, in seconds since the epoch.
pub(super) fn date(headers: &HeaderMap) -> Option<u64> {
    let date = headers.get(http::header::DATE)?.to_str().ok()?;
    chrono::DateTime::parse_from_rfc2822(date)
        .ok()?
        .timestamp()
        .try_into()
        .ok()
}

impl Limiter {
    /// The limiter that every connection of this process to `org` shares.
    pub fn of(org: &str) -> Arc<Limiter> {
        static LIMITERS: PerProcess<Mutex<HashMap<String, Arc<Limiter>>>> = PerProcess::new();
        let mut limiters = LIMITERS
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        limiters.entry(org.to_owned()).or_default().clone()
    }

    /// Waits until `bucket` has a request to spare, keeping `100 - share` percent of its limit for others.
    pub async fn permit<'a>(&'a self, bucket: &'a str, share: u8) -> Permit<'a> {
        while let Err(wait) = self.try_take(bucket, share) {
            tokio::time::sleep(wait).await;
        }
        Permit { limiter: self, bucket }
    }

    fn try_take(&self, name: &str, share: u8) -> Result<(), Duration> {
        let mut buckets = self.buckets();
        let bucket = buckets.entry(name.to_owned()).or_default();
        let now = Instant::now();
        if let Some(window) = bucket.window {
            if now >= window.ends {
                bucket.window = None;
            } else if window.remaining <= reserve(window.limit, share).saturating_add(bucket.in_flight) {
                return Err(window.ends - now);
            }
        }
        bucket.in_flight += 1;
        Ok(())
    }

    /// Takes note of what an answer shows. Answers overtake each other: within a window the smallest number holds.
    pub fn learn(&self, name: &str, shown: Shown) {
        if shown.is_concurrency() {
            return;
        }
        let mut buckets = self.buckets();
        let bucket = buckets.entry(name.to_owned()).or_default();
        let window = Window {
            limit: shown.limit,
            remaining: shown.remaining,
            reset: shown.reset,
            ends: Instant::now() + shown.wait,
        };
        match &mut bucket.window {
            Some(known) if known.reset > shown.reset => {}
            Some(known) if known.reset == shown.reset => {
                known.limit = known.limit.min(shown.limit);
                known.remaining = known.remaining.min(shown.remaining);
            }
            known => *known = Some(window),
        }
    }

    /// What is left of each limit that an answer has shown, by bucket.
    pub fn shown(&self) -> Vec<String> {
        let buckets = self.buckets();
        let known = buckets.iter().filter_map(|(name, bucket)| Some((name, bucket.window?)));
        let mut told: Vec<_> = known
            .map(|(name, window)| format!("{name}: {} of {} left", window.remaining, window.limit))
            .collect();
        told.sort();
        told
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if let Some(bucket) = self.limiter.buckets().get_mut(self.bucket) {
            bucket.in_flight = bucket.in_flight.saturating_sub(1);
        }
    }
}

/// What is left to others; at least one request is ours.
fn reserve(limit: u64, share: u8) -> u64 {
    let kept = limit.saturating_mul(100 - u64::from(share.min(100))).div_ceil(100);
    kept.min(limit.saturating_sub(1))
}

/// Collections whose next segment is a key. Okta's buckets are per such template (behaviour.md §5); a template that is
/// finer than Okta's only learns the same numbers twice.
const COLLECTIONS: &[&str] = &[
    "apps",
    "authenticators",
    "authorizationServers",
    "behaviors",
    "brands",
    "devices",
    "features",
    "groups",
    "idps",
    "policies",
    "realms",
    "users",
    "zones",
];
/// Segments after a collection that are no keys.
const NO_KEYS: &[&str] = &["rules", "credentials"];

/// The bucket of a GET: its path with keys replaced.
pub fn bucket(path: &str) -> String {
    let mut template = String::from("GET ");
    let mut collection = false;
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let key = (collection && !NO_KEYS.contains(&segment)) || is_id(segment);
        template.push('/');
        template.push_str(if key { "{id}" } else { segment });
        collection = !key && COLLECTIONS.contains(&segment);
    }
    template
}

/// Okta's ids: 17 characters or more with a digit among them, or anything that had to be percent-encoded.
fn is_id(segment: &str) -> bool {
    segment.contains('%') || (segment.len() >= 17 && segment.bytes().any(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, http::HeaderValue::from_static(value));
        }
        map
    }

    fn shown(limit: u64, remaining: u64, reset: u64, wait: u64) -> Shown {
        Shown {
            limit,
            remaining,
            reset,
            wait: Duration::from_millis(wait),
        }
    }

    #[test]
    fn the_wait_is_reset_minus_date_plus_one() {
        let headers = headers(&[
            ("x-rate-limit-limit", "600"),
            ("x-rate-limit-limit", "50"),
            ("x-rate-limit-remaining", "7, 9"),
            ("x-rate-limit-reset", "1767225640"),
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ]);
        let shown = Shown::read(&headers).expect("all headers are there");
        assert_eq!(
            (shown.limit, shown.remaining, shown.wait),
            (50, 7, Duration::from_secs(41))
        );
    }

    #[test]
    fn a_reset_far_away_or_past_is_bounded() {
        let at = |reset| {
            let mut map = headers(&[
                ("x-rate-limit-limit", "1"),
                ("x-rate-limit-remaining", "0"),
                ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ]);
            map.insert("x-rate-limit-reset", http::HeaderValue::from_static(reset));
            Shown::read(&map).expect("all headers are there").wait
        };
        assert_eq!(at("9999999999"), LONGEST_WAIT);
        assert_eq!(at("1"), Duration::from_secs(1));
        assert_eq!(Shown::read(&headers(&[("x-rate-limit-limit", "1")])), None);
    }

    #[test]
    fn the_share_is_kept() {
        for (limit, share, kept) in [
            (600, 80, 120),
            (10, 80, 2),
            (1, 80, 0),
            (10, 100, 0),
            (10, 1, 9),
            (0, 80, 0),
        ] {
            assert_eq!(reserve(limit, share), kept, "{limit} at {share} %");
        }
    }

    #[test]
    fn full_speed_above_the_reserve_then_a_wait() {
        let limiter = Limiter::default();
        assert!(limiter.try_take("b", 80).is_ok());
        limiter.learn("b", shown(10, 5, 100, 60_000));
        assert!(limiter.try_take("b", 80).is_ok(), "5 left, 2 kept, 1 in flight");
        assert!(limiter.try_take("b", 80).is_ok(), "5 left, 2 kept, 2 in flight");
        let wait = limiter.try_take("b", 80).expect_err("5 left, 2 kept, 3 in flight");
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60));
        assert!(limiter.try_take("other", 80).is_ok());
    }

    #[test]
    fn answers_that_overtake_each_other_keep_the_smallest_number() {
        let limiter = Limiter::default();
        limiter.learn("b", shown(10, 3, 100, 60_000));
        limiter.learn("b", shown(10, 9, 100, 60_000));
        limiter.learn("b", shown(10, 9, 40, 60_000));
        assert!(limiter.try_take("b", 80).is_ok());
        assert!(limiter.try_take("b", 80).is_err());
        limiter.learn("b", shown(10, 9, 160, 60_000));
        assert!(limiter.try_take("b", 80).is_ok(), "a new window");
        limiter.learn("b", shown(0, 0, 200, 60_000));
        assert!(
            limiter.try_take("b", 80).is_ok(),
            "a concurrency 429 says nothing about the window"
        );
    }

    #[tokio::test]
    async fn the_window_ends_and_the_permit_comes() {
        let limiter = Limiter::default();
        limiter.learn("b", shown(10, 0, 100, 80));
        let begun = Instant::now();
        drop(limiter.permit("b", 80).await);
        assert!(begun.elapsed() >= Duration::from_millis(75));
        assert_eq!(limiter.buckets()["b"].in_flight, 0);
    }

    #[test]
    fn one_limiter_per_org() {
        assert!(Arc::ptr_eq(&Limiter::of("a.okta.com"), &Limiter::of("a.okta.com")));
        assert!(!Arc::ptr_eq(&Limiter::of("a.okta.com"), &Limiter::of("b.okta.com")));
    }

    #[test]
    fn templates() {
        for (path, template) in [
            ("/api/v1/users", "GET /api/v1/users"),
            ("/api/v1/users/bob", "GET /api/v1/users/{id}"),
            (
                "/api/v1/users/00u1abcd2EFGH3ijk4l5/factors",
                "GET /api/v1/users/{id}/factors",
            ),
            ("/api/v1/groups/rules", "GET /api/v1/groups/rules"),
            ("/api/v1/apps/0oa1/users/00u1", "GET /api/v1/apps/{id}/users/{id}"),
            (
                "/api/v1/meta/schemas/user/default",
                "GET /api/v1/meta/schemas/user/default",
            ),
            (
                "/api/v1/meta/types/user/otyfnly5cQjJT9PnR0g4",
                "GET /api/v1/meta/types/user/{id}",
            ),
            ("/api/v1/iam/resource-sets/x%20y", "GET /api/v1/iam/resource-sets/{id}"),
        ] {
            assert_eq!(bucket(path), template);
        }
    }
}

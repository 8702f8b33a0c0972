//! The server's clock as its answers show it: assertions and proofs are dated by it, since this machine may be minutes off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;

use crate::okta::limit::date;

/// How far the server's clock is from this machine's. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

/// Okta refuses what is five minutes old or a moment in the future; a difference below this is no reason for it.
const NOTEWORTHY: Duration = Duration::from_secs(3);

impl Clock {
    /// What the server's clock shows now, or a moment ago, never later: proofs from the future are refused.
    pub fn now(&self) -> SystemTime {
        self.at(SystemTime::now())
    }

    /// Seconds since the epoch, as JWTs want them.
    pub fn seconds(&self) -> u64 {
        self.now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since_epoch| since_epoch.as_secs())
    }

    /// Reads the `Date` of an answer to a request sent at `sent`. True where it shows that proofs made until now had a wrong
    /// time.
    pub fn learn(&self, headers: &HeaderMap, sent: SystemTime) -> bool {
        date(headers).is_some_and(|seconds| self.correct(seconds, sent, SystemTime::now()))
    }

    /// `Date` is cut to whole seconds and made between sending and receiving: only what that cannot explain is corrected.
    fn correct(&self, date: u64, sent: SystemTime, received: SystemTime) -> bool {
        let date = UNIX_EPOCH + Duration::from_secs(date);
        let ahead = if date > received {
            millis(date, received)
        } else if date + Duration::from_secs(1) < sent {
            -millis(sent, date)
        } else {
            0
        };
        let before = self.ahead_ms.swap(ahead, Ordering::Relaxed);
        u128::from(before.abs_diff(ahead)) >= NOTEWORTHY.as_millis()
    }

    fn at(&self, here: SystemTime) -> SystemTime {
        let ahead = self.ahead_ms.load(Ordering::Relaxed);
        let by = Duration::from_millis(ahead.unsigned_abs());
        let there = if ahead < 0 {
            here.checked_sub(by)
        } else {
            here.checked_add(by)
        };
        there.unwrap_or(here)
    }
}

fn millis(later: SystemTime, earlier: SystemTime) -> i64 {
    let apart = later.duration_since(earlier).unwrap_or_default();
    i64::try_from(apart.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 §5.6.7 gives this instant as an example of a Date; 784111777 is `date -d` of it.
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const SECONDS: u64 = 784_111_777;

    fn instant(seconds: f64) -> SystemTime {
        let apart = Duration::from_secs_f64(seconds.abs());
        let date = UNIX_EPOCH + Duration::from_secs(SECONDS);
        if seconds < 0.0 { date - apart } else { date + apart }
    }

    #[test]
    fn a_clock_that_may_be_right_is_left_alone() {
        for (sent, received) in [(0.0, 0.2), (0.9, 1.0), (-20.0, 0.1), (-1.0, 30.0)] {
            let clock = Clock::default();
            assert!(!clock.correct(SECONDS, instant(sent), instant(received)));
            assert_eq!(clock.at(instant(0.0)), instant(0.0), "{sent} {received}");
        }
    }

    #[test]
    fn ten_minutes_off_either_way_are_corrected_and_never_into_the_future() {
        for off in [-600.0, 600.0] {
            let clock = Clock::default();
            assert!(clock.correct(SECONDS, instant(off), instant(off + 0.3)));
            let now = clock.at(instant(off + 0.3));
            assert!(now <= instant(1.0) && now >= instant(-1.0), "{off}: {now:?}");
            assert!(
                !clock.correct(SECONDS, instant(off), instant(off + 0.3)),
                "known by now"
            );
            assert!(
                clock.correct(SECONDS, instant(0.0), instant(0.3)),
                "set right meanwhile"
            );
            assert_eq!(clock.at(instant(0.0)), instant(0.0));
        }
    }

    #[test]
    fn the_date_header_is_read() {
        let mut headers = HeaderMap::new();
        let clock = Clock::default();
        assert!(!clock.learn(&headers, SystemTime::now()));
        headers.insert(http::header::DATE, http::HeaderValue::from_static(DATE));
        assert!(clock.learn(&headers, SystemTime::now()));
        assert!(clock.seconds().abs_diff(SECONDS) <= 2, "{}", clock.seconds());
        headers.insert(http::header::DATE, http::HeaderValue::from_static("yesterday"));
        assert!(!clock.learn(&headers, SystemTime::now()));
        assert!(clock.seconds().abs_diff(SECONDS) <= 2);
    }
}

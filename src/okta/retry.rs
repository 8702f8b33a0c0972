//! Which failures of a GET are worth another try, when, and with which page size.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::Error;
use super::limit::Shown;

/// The longest pause between two tries that no rate limit asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How one try failed.
#[derive(Debug)]
pub(super) enum Cause {
    /// An answer that is not 2xx.
    Status { status: u16, shown: Option<Shown> },
    /// No connection could be made.
    Connect,
    /// The connection broke before the answer was whole.
    Broken,
    /// No answer, or no end of it, within `Timeout`.
    TimedOut,
    /// The body is not whole JSON.
    NotJson,
}

#[derive(Debug)]
pub(super) struct Failure {
    pub cause: Cause,
    pub error: Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Again { pause: Duration, limit: Option<u32> },
    GiveUp,
}

/// The tries of one page.
#[derive(Debug, Default)]
pub(super) struct Tries {
    /// Failed tries so far.
    pub failed: u32,
    /// 500s in a row.
    server_errors: u32,
    timeouts: u32,
    not_json: u32,
    /// `X-Okta-Request-Id` of the first failed try.
    pub first_request_id: Option<String>,
}

/// What the tries of a page depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub max_retries: u32,
    pub backoff: Duration,
    /// The page size of the try that failed.
    pub limit: Option<u32>,
    /// The next page's request has already been told: this page must keep its size.
    pub next_told: bool,
    /// This org has answered before: that it is out of reach may pass.
    pub answered: bool,
}

impl Tries {
    pub fn judge(&mut self, failure: &Failure, terms: Terms) -> Verdict {
        self.failed += 1;
        if self.first_request_id.is_none() {
            self.first_request_id = failure.error.request_id().map(str::to_owned);
        }
        let Some(pause) = self.pause(&failure.cause, terms) else {
            return Verdict::GiveUp;
        };
        if self.server_errors >= 2
            && terms.max_retries > 0
            && !terms.next_told
            && let Some(limit) = terms.limit.filter(|limit| *limit > 1)
        {
            return Verdict::Again {
                pause,
                limit: Some(limit / 2),
            };
        }
        if self.failed > terms.max_retries {
            return Verdict::GiveUp;
        }
        Verdict::Again {
            pause,
            limit: terms.limit,
        }
    }

    /// How long to pause; None for what another try cannot mend.
    fn pause(&mut self, cause: &Cause, terms: Terms) -> Option<Duration> {
        let backoff = backoff(terms.backoff, self.failed);
        self.server_errors = if matches!(cause, Cause::Status { status: 500, .. }) {
            self.server_errors + 1
        } else {
            0
        };
        match cause {
            Cause::Status {
                status: 429,
                shown: Some(shown),
            } if !shown.is_concurrency() => Some(shown.wait),
            Cause::Status {
                status: 429 | 500 | 502 | 503 | 504,
                ..
            }
            | Cause::Broken => Some(backoff),
            Cause::Status { .. } => None,
            Cause::Connect => terms.answered.then_some(backoff),
            Cause::TimedOut => {
                self.timeouts += 1;
                (terms.answered && self.timeouts == 1).then_some(backoff)
            }
            Cause::NotJson => {
                self.not_json += 1;
                (self.not_json == 1).then_some(backoff)
            }
        }
    }
}

/// Doubles from `base` with each failed try, and spreads over half to whole so that clients do not move in step.
pub(super) fn backoff(base: Duration, failed: u32) -> Duration {
    let whole = base
        .saturating_mul(1 << failed.saturating_sub(1).min(16))
        .min(LONGEST_PAUSE);
    let spread = RandomState::new().build_hasher().finish() % 1024;
    whole / 2 + whole / 2 * u32::try_from(spread).unwrap_or_default() / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        max_retries: 5,
        backoff: Duration::from_millis(200),
        limit: Some(200),
        next_told: false,
        answered: true,
    };

    fn failure(cause: Cause) -> Failure {
        Failure {
            cause,
            error: Error::Unreachable { message: String::new() },
        }
    }

    fn status(status: u16) -> Failure {
        failure(Cause::Status { status, shown: None })
    }

    /// The page sizes of all tries that follow the first while `failing` says that a size fails.
    fn sizes(terms: Terms, failing: impl Fn(u32) -> bool, code: u16) -> Vec<u32> {
        let mut tries = Tries::default();
        let mut sizes = Vec::new();
        let mut limit = terms.limit;
        while failing(limit.unwrap_or(0)) {
            match tries.judge(&status(code), Terms { limit, ..terms }) {
                Verdict::GiveUp => break,
                Verdict::Again { limit: smaller, .. } => {
                    limit = smaller;
                    sizes.extend(limit);
                }
            }
        }
        sizes
    }

    #[test]
    fn a_repeated_500_halves_the_page() {
        assert_eq!(sizes(TERMS, |limit| limit > 60, 500), [200, 100, 50]);
        assert_eq!(sizes(TERMS, |limit| limit > 1, 500), [200, 100, 50, 25, 12, 6, 3, 1]);
        assert_eq!(sizes(TERMS, |_| true, 500), [200, 100, 50, 25, 12, 6, 3, 1]);
    }

    #[test]
    fn other_statuses_keep_the_page_and_end_after_max_retries() {
        for code in [502, 503, 504, 429] {
            assert_eq!(sizes(TERMS, |_| true, code), [200; 5], "{code}");
        }
        for code in [400, 401, 403, 404, 302, 501] {
            assert_eq!(sizes(TERMS, |_| true, code), [0; 0], "{code}");
        }
        assert_eq!(
            sizes(
                Terms {
                    max_retries: 0,
                    ..TERMS
                },
                |_| true,
                500
            ),
            [0; 0]
        );
    }

    #[test]
    fn a_page_whose_next_is_told_keeps_its_size() {
        assert_eq!(
            sizes(
                Terms {
                    next_told: true,
                    ..TERMS
                },
                |_| true,
                500
            ),
            [200; 5]
        );
    }

    #[test]
    fn a_429_waits_for_reset_and_a_concurrency_429_a_moment() {
        let wait = Duration::from_secs(41);
        let judge = |limit| {
            let shown = Some(Shown {
                limit,
                remaining: 0,
                reset: 1,
                wait,
            });
            Tries::default().judge(&failure(Cause::Status { status: 429, shown }), TERMS)
        };
        assert_eq!(
            judge(50),
            Verdict::Again {
                pause: wait,
                limit: Some(200)
            }
        );
        assert!(matches!(judge(0), Verdict::Again { pause, .. } if pause <= Duration::from_millis(200)));
    }

    #[test]
    fn out_of_reach_is_told_at_once_unless_the_org_has_answered() {
        let judge = |cause, answered| Tries::default().judge(&failure(cause), Terms { answered, ..TERMS });
        assert_eq!(judge(Cause::Connect, false), Verdict::GiveUp);
        assert_eq!(judge(Cause::TimedOut, false), Verdict::GiveUp);
        assert!(matches!(judge(Cause::Connect, true), Verdict::Again { .. }));
        assert!(matches!(judge(Cause::Broken, false), Verdict::Again { .. }));
    }

    #[test]
    fn a_body_that_is_no_json_is_read_again_once() {
        let mut tries = Tries::default();
        assert!(matches!(
            tries.judge(&failure(Cause::NotJson), TERMS),
            Verdict::Again { .. }
        ));
        assert_eq!(tries.judge(&failure(Cause::NotJson), TERMS), Verdict::GiveUp);
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let base = Duration::from_millis(200);
        for (failed, longest) in [(1, 200), (2, 400), (3, 800), (6, 5000), (60, 5000)] {
            let pause = backoff(base, failed).as_millis();
            assert!(pause >= longest / 2 && pause <= longest, "{failed}: {pause}");
        }
    }
}

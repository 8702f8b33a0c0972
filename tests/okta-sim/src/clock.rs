//! The server's clock, which a test may set wrong: every time in an answer and every check of a time goes by it.

use chrono::{DateTime, Utc};
use http::header::HeaderValue;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// Milliseconds ahead of the machine's clock.
    ahead: i64,
}

impl Clock {
    pub(crate) fn ahead(seconds: i64) -> Self {
        Self {
            ahead: seconds.saturating_mul(1000),
        }
    }

    /// Epoch milliseconds.
    pub(crate) fn now(self) -> i64 {
        Utc::now().timestamp_millis() + self.ahead
    }

    /// The `Date` header.
    pub(crate) fn date(self) -> HeaderValue {
        DateTime::from_timestamp_millis(self.now())
            .map(|now| now.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
            .and_then(|text| HeaderValue::from_str(&text).ok())
            .unwrap_or(HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"))
    }
}

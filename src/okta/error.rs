//! What Okta or the way to it answered, with errorCode and request id kept.

/// Errors of one request after all retries.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// DNS, TCP, TLS, proxy: no answer came. `during_connect`: the connection itself could not be made.
    #[error("{message}")]
    Unreachable { message: String },
    /// No answer within `Timeout`.
    #[error("{message}")]
    TimedOut { message: String },
    /// 401 E0000011/E0000004 and OAuth's 401.
    #[error("{message}")]
    Unauthorized {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// 403: message names the missing scope where Okta or the request's table tells it.
    #[error("{message}")]
    Forbidden {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// E0000015: the feature is not in this org.
    #[error("{message}")]
    NotAvailable {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// 404.
    #[error("{message}")]
    NotFound {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// 429 after all retries.
    #[error("{message}")]
    RateLimited {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// Any other status. `code` is Okta's errorCode, empty when there is none.
    #[error("{message}")]
    Api {
        status: u16,
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// An answer that is not what Okta's API gives (cut JSON, next link without end …).
    #[error("{message}")]
    BadAnswer {
        message: String,
        request_id: Option<String>,
    },
    /// Settings that cannot work (http to a foreign host, a bad certificate file).
    #[error("{message}")]
    Configuration { message: String },
}

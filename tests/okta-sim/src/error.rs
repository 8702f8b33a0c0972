//! Okta's error answers: code, HTTP status, summary and causes.

use http::StatusCode;
use serde_json::{Value, json};

/// One error as Okta answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OktaError {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) summary: String,
    pub(crate) causes: Vec<String>,
}

impl OktaError {
    fn new(code: &'static str, status: StatusCode, summary: impl Into<String>) -> Self {
        Self {
            code,
            status,
            summary: summary.into(),
            causes: Vec::new(),
        }
    }

    fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    pub(crate) fn validation(field: &str, cause: impl Into<String>) -> Self {
        let summary = format!("Api validation failed: {field}");
        Self::new("E0000001", StatusCode::BAD_REQUEST, summary).because(format!("{field}: {}", cause.into()))
    }

    pub(crate) fn forbidden() -> Self {
        let summary = "You do not have permission to perform the requested action";
        Self::new("E0000006", StatusCode::FORBIDDEN, summary)
    }

    pub(crate) fn not_found(id: &str, kind: &str) -> Self {
        let summary = format!("Not found: Resource not found: {id} ({kind})");
        Self::new("E0000007", StatusCode::NOT_FOUND, summary)
    }

    pub(crate) fn internal() -> Self {
        Self::new("E0000009", StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    pub(crate) fn invalid_token() -> Self {
        Self::new("E0000011", StatusCode::UNAUTHORIZED, "Invalid token provided")
    }

    /// Okta's list of error codes has it with 401.
    pub(crate) fn no_feature() -> Self {
        let summary = "You do not have permission to access the feature you are requesting";
        Self::new("E0000015", StatusCode::UNAUTHORIZED, summary)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let summary = "The endpoint does not support the provided HTTP method";
        Self::new("E0000022", StatusCode::METHOD_NOT_ALLOWED, summary)
    }

    /// A cursor that no page of this list has given out, where the list answers E0000029.
    pub(crate) fn invalid_paging() -> Self {
        Self::new("E0000029", StatusCode::BAD_REQUEST, "Invalid paging request.").because("Invalid cursor.")
    }

    pub(crate) fn invalid_search(cause: impl Into<String>) -> Self {
        Self::new("E0000031", StatusCode::BAD_REQUEST, "Invalid search criteria.").because(cause)
    }

    pub(crate) fn search_and_filter() -> Self {
        let summary = "Can't specify a search query and filter in the same request.";
        Self::new("E0000033", StatusCode::BAD_REQUEST, summary)
    }

    pub(crate) fn too_many_requests() -> Self {
        let summary = "API call exceeded rate limit due to too many requests.";
        Self::new("E0000047", StatusCode::TOO_MANY_REQUESTS, summary)
    }

    pub(crate) fn invalid_filter(cause: impl Into<String>) -> Self {
        Self::new("E0000053", StatusCode::BAD_REQUEST, "Invalid SCIM filter").because(cause)
    }

    pub(crate) fn target_too_long() -> Self {
        Self::new("E0000001", StatusCode::URI_TOO_LONG, "Request-URI Too Large")
    }

    pub(crate) fn body(&self, error_id: &str) -> Value {
        let causes: Vec<Value> = self
            .causes
            .iter()
            .map(|cause| json!({ "errorSummary": cause }))
            .collect();
        json!({
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": causes,
        })
    }
}

//! What Okta or the way to it answered, with errorCode and request id kept.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// Errors of one request after all retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// DNS, TCP, TLS, proxy: no answer came.
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
    /// Logging in failed: `code` is OAuth's (`invalid_grant` …) or empty. 28000.
    #[error("{message}")]
    Login {
        code: String,
        message: String,
        request_id: Option<String>,
    },
    /// Settings that cannot work (http to a foreign host, a bad certificate file).
    #[error("{message}")]
    Configuration { message: String },
}

/// Okta's error body, of the management API or of its OAuth endpoints.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    error_code: String,
    error_summary: String,
    error_causes: Vec<Cause>,
    error: String,
    #[serde(rename = "error_description")]
    error_description: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Cause {
    error_summary: String,
}

impl Body {
    /// A refused token's reason stands in the challenge, often there alone (RFC 6750 §3, RFC 9449 §7.1).
    fn fill_from(&mut self, headers: &HeaderMap) {
        if !self.error_code.is_empty() || !self.error.is_empty() {
            return;
        }
        let challenge = header(headers, WWW_AUTHENTICATE.as_str()).unwrap_or_default();
        let named = |name| parameter(&challenge, name).map(str::to_owned).unwrap_or_default();
        self.error = named("error");
        self.error_description = named("error_description");
    }
}

/// E0000015 comes with 401 and 403 and is neither a bad token nor a missing right.
const FEATURE_NOT_ENABLED: &str = "E0000015";

impl Error {
    /// The error that an answer other than 2xx means.
    /// `api_token`: whether it was asked with one, or with an app's access token.
    pub(super) fn from_answer(
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        api_token: bool,
    ) -> Error {
        let mut said = serde_json::from_slice::<Body>(body).unwrap_or_default();
        said.fill_from(headers);
        let request_id = header(headers, "x-okta-request-id");
        let code = first_filled([&said.error_code, &said.error]).to_owned();
        let facts = facts(status, &code, &said, request_id.as_deref());
        if code == FEATURE_NOT_ENABLED {
            let message =
                format!("This org does not have the feature behind GET {path}, or this token may not see it. {facts}");
            return Error::NotAvailable {
                code,
                message,
                request_id,
            };
        }
        match status.as_u16() {
            401 => {
                let message = if api_token {
                    format!(
                        "Okta does not accept the API token: check APIToken (or PWD); a token ends with 30 days without use, \
                         with its admin's account, and outside the network zones it is bound to. {facts}"
                    )
                } else {
                    format!(
                        "Okta does not accept the access token: it has expired or was revoked, or it is another org's or of a \
                         custom authorization server; log in again, with Domain as issuer. {facts}"
                    )
                };
                Error::Unauthorized {
                    code,
                    message,
                    request_id,
                }
            }
            403 => {
                let message = format!("{} {facts}", forbidden(path, headers, api_token));
                Error::Forbidden {
                    code,
                    message,
                    request_id,
                }
            }
            404 => Error::NotFound {
                code,
                message: format!("Okta has nothing at GET {path}. {facts}"),
                request_id,
            },
            429 => {
                let message = format!(
                    "Okta's rate limit for GET {path} stayed exceeded: try later, or lower MaxConcurrency and RateLimitShare. \
                     {facts}"
                );
                Error::RateLimited {
                    code,
                    message,
                    request_id,
                }
            }
            status @ 300..=399 => {
                let target = header(headers, "location").unwrap_or_else(|| "elsewhere".into());
                let target = target.split('?').next().unwrap_or_default().to_owned();
                let message = format!(
                    "GET {path} is redirected to {target}. Redirects are not followed, so that the token stays with the host \
                     it is meant for: set Domain to the org's own host, such as dev-123456.okta.com. {facts}"
                );
                Error::Api {
                    status,
                    code,
                    message,
                    request_id,
                }
            }
            status => {
                let message = format!("Okta could not answer GET {path}. {facts}");
                Error::Api {
                    status,
                    code,
                    message,
                    request_id,
                }
            }
        }
    }

    /// The same with its message as `redact` leaves it: a server or a proxy may echo what it was sent.
    pub(super) fn redacted(mut self, redact: impl FnOnce(&str) -> String) -> Error {
        let (Error::Unreachable { message }
        | Error::TimedOut { message }
        | Error::Configuration { message }
        | Error::BadAnswer { message, .. }
        | Error::Unauthorized { message, .. }
        | Error::Login { message, .. }
        | Error::Forbidden { message, .. }
        | Error::NotAvailable { message, .. }
        | Error::NotFound { message, .. }
        | Error::RateLimited { message, .. }
        | Error::Api { message, .. }) = &mut self;
        *message = redact(message);
        self
    }

    /// Okta's errorCode or OAuth's error; empty where there is none.
    pub fn code(&self) -> &str {
        match self {
            Error::Unauthorized { code, .. }
            | Error::Login { code, .. }
            | Error::Forbidden { code, .. }
            | Error::NotAvailable { code, .. }
            | Error::NotFound { code, .. }
            | Error::RateLimited { code, .. }
            | Error::Api { code, .. } => code,
            Error::BadAnswer { .. }
            | Error::Unreachable { .. }
            | Error::TimedOut { .. }
            | Error::Configuration { .. } => "",
        }
    }

    /// A login that failed because of `refusal`: its words are the reason.
    pub(super) fn after(mut self, refusal: &Error) -> Error {
        if let Error::Login { message, .. } = &mut self {
            *message = format!("{message}. It was needed because a request was refused: {refusal}");
        }
        self
    }

    /// The same, of a request for the rows of `table`, whose scope is `scope`: what Okta does not say of a path.
    pub fn of_table(mut self, table: &str, scope: &str) -> Error {
        match &mut self {
            Error::Forbidden { message, .. } => {
                message.push_str(&format!(
                    " The table {table} needs the scope {scope}, and a role that includes it."
                ));
            }
            Error::NotAvailable { message, .. } => {
                message.push_str(&format!(
                    " The table {table} (scope {scope}) cannot be read until the org has the feature."
                ));
            }
            _ => {}
        }
        self
    }

    /// `X-Okta-Request-Id` of the answer, for Okta's support.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Error::Unauthorized { request_id, .. }
            | Error::Login { request_id, .. }
            | Error::Forbidden { request_id, .. }
            | Error::NotAvailable { request_id, .. }
            | Error::NotFound { request_id, .. }
            | Error::RateLimited { request_id, .. }
            | Error::Api { request_id, .. }
            | Error::BadAnswer { request_id, .. } => request_id.as_deref(),
            Error::Unreachable { .. } | Error::TimedOut { .. } | Error::Configuration { .. } => None,
        }
    }
}

/// What is to be done about a 403: an OAuth token names its missing scope in WWW-Authenticate (and nothing in the body).
fn forbidden(path: &str, headers: &HeaderMap, api_token: bool) -> String {
    let challenge = header(headers, WWW_AUTHENTICATE.as_str()).unwrap_or_default();
    if challenge.contains("insufficient_scope") {
        let scope = parameter(&challenge, "scope").unwrap_or("that this resource asks for");
        return format!(
            "The token lacks the scope {scope} for GET {path}: grant it to the app in Okta (the app's tab Okta API Scopes), name \
             it in Scope where that is set, then log in again."
        );
    }
    if api_token {
        return format!(
            "Okta does not permit GET {path}: the admin behind the API token needs an admin role that may read this, such as \
             Read-only Administrator."
        );
    }
    format!(
        "Okta does not permit GET {path}, although the token is good: the service app (its tab Admin roles) or the person who \
         logged in needs an admin role that may read this, such as Read-only Administrator."
    )
}

/// `name="value"` of a WWW-Authenticate challenge.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = challenge.split_once(&format!("{name}=\""))?;
    rest.split('"').next().filter(|value| !value.is_empty())
}

/// Okta's own words, errorCode and request id, as one parenthesis at the end of a message.
fn facts(status: StatusCode, code: &str, said: &Body, request_id: Option<&str>) -> String {
    let summary = first_filled([&said.error_summary, &said.error_description]).trim();
    let mut facts = if summary.is_empty() {
        String::from("Okta said nothing more")
    } else {
        format!("Okta: {summary}")
    };
    let causes = said.error_causes.iter().map(|cause| cause.error_summary.trim());
    for cause in causes.filter(|cause| !cause.is_empty() && *cause != summary) {
        facts.push_str("; ");
        facts.push_str(cause);
    }
    facts.push_str(&format!(" (HTTP {}", status.as_u16()));
    if !code.is_empty() {
        facts.push_str(&format!(", {code}"));
    }
    if let Some(id) = request_id {
        facts.push_str(&format!(", request {id}"));
    }
    facts.push(')');
    facts
}

/// Every cause of an error in one line, none twice: reqwest's own text says little.
pub(super) fn flatten(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

/// A header's text.
pub(super) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

fn first_filled(texts: [&String; 2]) -> &str {
    texts
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", |text| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Error {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, http::HeaderValue::from_static(value));
        }
        let status = StatusCode::from_u16(status).expect("a status");
        Error::from_answer("/api/v1/users", status, &map, body.as_bytes(), true)
    }

    fn okta(code: &str, summary: &str) -> String {
        format!(
            r#"{{"errorCode":"{code}","errorSummary":"{summary}","errorLink":"{code}","errorId":"oae1","errorCauses":[]}}"#
        )
    }

    #[test]
    fn each_status_has_its_variant_and_tells_what_to_do() {
        let id = [("x-okta-request-id", "req1")];
        for (status, code, variant, advice) in [
            (401, "E0000011", "Unauthorized", "APIToken"),
            (403, "E0000006", "Forbidden", "admin role"),
            (401, "E0000015", "NotAvailable", "feature"),
            (403, "E0000015", "NotAvailable", "feature"),
            (404, "E0000007", "NotFound", "/api/v1/users"),
            (429, "E0000047", "RateLimited", "RateLimitShare"),
            (400, "E0000031", "Api", "/api/v1/users"),
            (500, "E0000009", "Api", "/api/v1/users"),
        ] {
            let error = answer(status, &id, &okta(code, "Words of Okta"));
            assert!(format!("{error:?}").starts_with(variant), "{status} {code}: {error:?}");
            let message = error.to_string();
            for part in [code, "Words of Okta", "req1", advice, &status.to_string()] {
                assert!(message.contains(part), "{status} {code}: {message:?} lacks {part:?}");
            }
            assert_eq!(error.request_id(), Some("req1"));
        }
    }

    #[test]
    fn a_missing_scope_is_named() {
        let challenge = r#"Bearer realm="http://x", scope="okta.groups.read", error="insufficient_scope""#;
        let mut headers = HeaderMap::new();
        headers.insert(WWW_AUTHENTICATE, http::HeaderValue::from_static(challenge));
        let error = Error::from_answer("/api/v1/groups", StatusCode::FORBIDDEN, &headers, b"", false);
        assert!(error.to_string().contains("okta.groups.read"), "{error}");
    }

    #[test]
    fn causes_and_oauth_errors_are_told() {
        let body = r#"{"errorCode":"E0000001","errorSummary":"Api validation failed","errorCauses":[{"errorSummary":"limit: bad"}]}"#;
        assert!(
            answer(400, &[], body)
                .to_string()
                .contains("Api validation failed; limit: bad")
        );
        let oauth = answer(401, &[], r#"{"error":"invalid_token","error_description":"expired"}"#).to_string();
        assert!(oauth.contains("invalid_token") && oauth.contains("expired"), "{oauth}");
    }

    #[test]
    fn a_redirect_names_the_host_without_its_query() {
        let error = answer(302, &[("location", "https://login.other.com/x?state=secret")], "<html>");
        let message = error.to_string();
        assert!(
            message.contains("https://login.other.com/x") && !message.contains("state"),
            "{message}"
        );
    }

    #[test]
    fn bodies_that_are_no_json_are_no_trouble() {
        assert!(matches!(
            answer(502, &[], "<html>Bad gateway</html>"),
            Error::Api { status: 502, .. }
        ));
        assert!(matches!(answer(401, &[], ""), Error::Unauthorized { .. }));
    }
}

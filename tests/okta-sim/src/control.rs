//! `/sim/*`: what a test asks the server about itself, without a token.

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response, StatusCode};

use crate::connection::AnswerBody;
use crate::endpoints;
use crate::gate::State;

pub(crate) fn answer(state: &State, method: &Method, resource: &str, base: &str) -> Response<AnswerBody> {
    let mut response = match (method.as_str(), resource) {
        ("GET", "requests") => {
            let lines = state.recorder.requests().into_iter().filter_map(|request| {
                let mut line = serde_json::to_vec(&request).ok()?;
                line.push(b'\n');
                Some(line)
            });
            Response::new(AnswerBody::Lines(Box::new(lines.collect::<Vec<_>>().into_iter())))
        }
        ("POST", "reset") => {
            state.reset();
            Response::new(AnswerBody::Whole(None))
        }
        ("GET", "tokens") => {
            let counts = state.oauth.counts(state.clock.now());
            let line = serde_json::to_vec(&counts).unwrap_or_default();
            Response::new(AnswerBody::Whole(Some(line.into())))
        }
        ("GET", "secrets") => {
            let secrets = state.oauth.secrets();
            let line = |(name, secret): &(String, String)| {
                format!("{}\n", serde_json::json!({ "name": name, "secret": secret }))
            };
            let lines: String = secrets.iter().map(line).collect();
            Response::new(AnswerBody::Whole(Some(lines.into())))
        }
        ("POST", "tokens/expire") => {
            state.oauth.expire_all(state.clock.now());
            Response::new(AnswerBody::Whole(None))
        }
        ("POST", "tokens/revoke") => {
            state.oauth.revoke_all();
            Response::new(AnswerBody::Whole(None))
        }
        ("GET", _) => match resource
            .strip_prefix("truth/")
            .and_then(|name| endpoints::truth(&state.org, name, base))
        {
            Some(lines) => Response::new(AnswerBody::Lines(lines)),
            None => refused(StatusCode::NOT_FOUND),
        },
        _ => refused(StatusCode::METHOD_NOT_ALLOWED),
    };
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response
}

/// The server cannot do its own part.
pub(crate) fn broken(reason: &str) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::Whole(Some(reason.to_owned().into())));
    *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
    response
}

fn refused(status: StatusCode) -> Response<AnswerBody> {
    let mut response = Response::new(AnswerBody::Whole(None));
    *response.status_mut() = status;
    response
}

//! An answer before it is a response: status, headers and body, still without what every answer carries.

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const HTML: HeaderValue = HeaderValue::from_static("text/html;charset=utf-8");

pub(crate) struct Draft {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Draft {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn json(status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, JSON)]),
            body,
        }
    }

    pub(crate) fn html(status: StatusCode, page: String) -> Self {
        Self {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, HTML)]),
            body: page.into_bytes(),
        }
    }

    /// 302, which turns the browser's POST into a GET.
    pub(crate) fn redirect(location: &str) -> Self {
        let mut draft = Self::empty(StatusCode::FOUND);
        match HeaderValue::from_str(location) {
            Ok(location) => {
                draft.headers.insert(LOCATION, location);
            }
            Err(_) => draft.status = StatusCode::BAD_REQUEST,
        }
        draft
    }
}

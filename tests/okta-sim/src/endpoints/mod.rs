//! Routes: which function answers which path.

mod projection;
mod schemas;
mod truth;
mod user_query;
mod users;

pub(crate) use truth::lines as truth;
pub(crate) use user_query::OrderCache;

use crate::error::OktaError;
use crate::json::Json;
use crate::org::Org;
use crate::page::Page;
use crate::request::Request;

/// What an endpoint answers with.
pub(crate) enum Answer {
    List(Page),
    One { body: Vec<u8>, etag: Option<String> },
}

impl Answer {
    fn one(value: &serde_json::Value) -> Self {
        Self::One {
            body: value.to_string().into_bytes(),
            etag: None,
        }
    }

    fn whole_list(values: &[serde_json::Value]) -> Self {
        let mut json = Json::with_capacity(4096);
        json.open(b'[');
        for value in values {
            json.value(value);
        }
        json.close(b']');
        Self::List(Page::whole(json))
    }
}

/// What endpoints read from: the org and the sorts made so far.
pub(crate) struct Source<'s> {
    pub(crate) org: &'s Org,
    pub(crate) orders: &'s OrderCache,
}

/// Answers a GET.
pub(crate) fn answer(source: &Source, request: &Request) -> Result<Answer, OktaError> {
    let org = source.org;
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return Err(OktaError::method_not_allowed());
    }
    match segments.as_slice() {
        ["api", "v1", "users"] => users::list(source, request),
        ["api", "v1", "users", id] => users::get(org, request, id),
        ["api", "v1", "meta", "schemas", "user", id] => schemas::user_schema(org, request, id),
        ["api", "v1", "meta", "types", "user"] => Ok(schemas::user_types(org, request)),
        ["api", "v1", "meta", "types", "user", id] => schemas::user_type(org, request, id),
        _ => Err(OktaError::not_found(&request.path, "Endpoint")),
    }
}

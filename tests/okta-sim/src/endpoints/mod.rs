//! Routes: which function answers which path.

mod apps;
mod factors;
mod groups;
mod logs;
mod projection;
mod schemas;
mod truth;
mod user_query;
mod users;

pub(crate) use truth::lines as truth;
pub(crate) use user_query::OrderCache;

use crate::error::OktaError;
use crate::json::Json;
use crate::org::{Org, group};
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
        ["api", "v1", "users", id, "groups"] => groups::of_user(org, request, id),
        ["api", "v1", "users", id, "factors"] => factors::list(org, request, id),
        ["api", "v1", "users", id, "factors", factor] => factors::get(org, request, id, factor),
        ["api", "v1", "groups"] => groups::list(org, request),
        ["api", "v1", "groups", id] => groups::get(org, request, id),
        ["api", "v1", "groups", id, "users"] => groups::members(org, request, id),
        ["api", "v1", "groups", id, "apps"] => groups::group_apps(org, request, id),
        ["api", "v1", "apps"] => apps::list(org, request),
        ["api", "v1", "apps", id] => apps::get(org, request, id),
        ["api", "v1", "apps", id, "users"] => apps::users(org, request, id),
        ["api", "v1", "apps", id, "users", user] => apps::user(org, request, id, user),
        ["api", "v1", "apps", id, "groups"] => apps::groups(org, request, id),
        ["api", "v1", "apps", id, "groups", group] => apps::group(org, request, id, group),
        ["api", "v1", "logs"] => logs::list(org, request),
        ["api", "v1", "meta", "schemas", "group", "default"] => Ok(Answer::one(&group::schema(&request.base))),
        ["api", "v1", "meta", "schemas", "user", id] => schemas::user_schema(org, request, id),
        ["api", "v1", "meta", "types", "user"] => Ok(schemas::user_types(org, request)),
        ["api", "v1", "meta", "types", "user", id] => schemas::user_type(org, request, id),
        _ => Err(OktaError::not_found(&request.path, "Endpoint")),
    }
}

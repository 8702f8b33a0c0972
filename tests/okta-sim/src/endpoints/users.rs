//! `/api/v1/users` and `/api/v1/users/{idOrLogin}`.

use super::user_query::{Query, descending, filter, search, sort_field};
use super::{Answer, Source, projection};
use crate::error::OktaError;
use crate::grammar::{Case, Condition, Expression, Literal, Op};
use crate::json::Json;
use crate::org::Org;
use crate::org::user::{Projection, User, UserField, find};
use crate::page::{Page, fill};
use crate::request::Request;

const MOST: u64 = 200;
const DEFAULT_WITH_Q: u64 = 10;

pub(super) fn list(source: &Source, request: &Request) -> Result<Answer, OktaError> {
    let projection = projection_of(request)?;
    match (request.get("search"), request.get("filter"), request.get("q")) {
        (Some(_), Some(_), _) => Err(OktaError::search_and_filter()),
        (Some(text), None, _) => searched(source, request, text, &projection),
        (None, Some(text), _) => {
            let query = Query::new(source.org, filter(text)?, Case::Sensitive);
            by_id(source.org, request, &query, &projection)
        }
        (None, None, Some(q)) => matching(source.org, request, q, &projection),
        (None, None, None) => plain(source.org, request, &projection),
    }
}

pub(super) fn get(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let user = find(org, id).ok_or_else(|| OktaError::not_found(id, "User"))?;
    let mut json = Json::with_capacity(2048);
    user.write(&mut json, &request.base, &projection_of(request)?, true);
    let etag = format!("W/\"{:016x}{:016x}\"", user.noise(60), user.noise(61));
    Ok(Answer::One {
        body: json.into_bytes(),
        etag: Some(etag),
    })
}

fn projection_of(request: &Request) -> Result<Projection, OktaError> {
    let mut projection = request.get("fields").map_or(Ok(Projection::ALL), projection::parse)?;
    projection.credentials = !request.omit_credentials;
    Ok(projection)
}

/// The list without conditions, which leaves out DEPROVISIONED users.
fn plain(org: &Org, request: &Request, projection: &Projection) -> Result<Answer, OktaError> {
    let limit = request.limit(MOST, MOST)?;
    let start = start_by_id(org, request)?.map_or(0, |k| k + 1);
    let users = (start..org.users).filter(|k| !User::new(org, *k).is_deprovisioned());
    let filled = fill(users, limit, |json, k| {
        User::new(org, k).write(json, &request.base, projection, false)
    });
    let next = filled.more_after.map(|k| cursor(org, k));
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// The cursor of lists by id: a digit and the last user's id.
fn cursor(org: &Org, k: u64) -> String {
    format!("2{}", User::new(org, k).id())
}

fn start_by_id(org: &Org, request: &Request) -> Result<Option<u64>, OktaError> {
    let Some(after) = request.get("after") else {
        return Ok(None);
    };
    let id = after.strip_prefix('2');
    let k = id.and_then(|id| org.index("00u", org.users, id));
    k.map(Some).ok_or_else(|| OktaError::invalid_search("Invalid cursor."))
}

fn by_id(org: &Org, request: &Request, query: &Query, projection: &Projection) -> Result<Answer, OktaError> {
    let limit = request.limit(MOST, MOST)?;
    let start = start_by_id(org, request)?.map_or(0, |k| query.position_after(k));
    let write = |json: &mut Json, position| query.user(position).write(json, &request.base, projection, false);
    let filled = fill(query.positions(start), limit, write);
    let next = filled.more_after.map(|position| cursor(org, query.user(position).k));
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// Users by `search`, sorted or by id.
fn searched(source: &Source, request: &Request, text: &str, projection: &Projection) -> Result<Answer, OktaError> {
    let limit = request.limit(MOST, MOST)?;
    let mut query = Query::new(source.org, search(text)?, Case::Insensitive);
    let sort = request.get("sortBy").map(sort_field).transpose()?;
    let descending = descending(request.get("sortOrder"))?;
    let key = format!("users {sort:?} {descending} {text}");
    if let Some(field) = sort {
        query = query.sort(field, descending, source.orders, &key);
    }
    let tag = key
        .bytes()
        .fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let start = match (request.get("after"), sort) {
        (None, _) => 0,
        (Some(after), None) => {
            let k = source.org.index("00u", source.org.users, after);
            query.position_after(k.ok_or_else(|| OktaError::invalid_search("Invalid cursor."))?)
        }
        (Some(after), Some(_)) => {
            position_of(after, tag).ok_or_else(|| OktaError::invalid_search("Invalid cursor."))?
        }
    };
    let write = |json: &mut Json, position| query.user(position).write(json, &request.base, projection, false);
    let filled = fill(query.positions(start), limit, write);
    let next = filled.more_after.map(|position| match sort {
        None => query.user(position).id(),
        Some(_) => format!("{tag:08x}{:012x}", position + 1),
    });
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// The position in the cursor of a sorted search, which no other search may use.
fn position_of(after: &str, tag: u32) -> Option<u64> {
    let (own, position) = after.split_at_checked(8)?;
    if u32::from_str_radix(own, 16).ok()? != tag || position.len() != 12 {
        return None;
    }
    u64::from_str_radix(position, 16).ok()
}

/// Users whose first name, last name or email begins with `q`: one page, without DEPROVISIONED ones.
fn matching(org: &Org, request: &Request, q: &str, projection: &Projection) -> Result<Answer, OktaError> {
    let limit = request.limit(DEFAULT_WITH_Q, MOST)?;
    let starts = |name: &str| {
        let at = crate::org::profile::PROFILE
            .iter()
            .position(|attribute| attribute.name == name)
            .unwrap_or(0);
        Expression::Test(Condition {
            attribute: UserField::Profile(at),
            op: Op::Sw,
            value: Literal::Text(q.to_owned()),
        })
    };
    let expression = Expression::Or(vec![starts("firstName"), starts("lastName"), starts("email")]);
    let query = Query::new(org, expression, Case::Insensitive);
    let users = query
        .positions(0)
        .filter(|position| !query.user(*position).is_deprovisioned())
        .take(limit);
    let filled = fill(users, limit, |json, position| {
        query.user(position).write(json, &request.base, projection, false)
    });
    let mut page = Page::new(filled.rows, limit, None);
    page.limit = None;
    Ok(Answer::List(page))
}

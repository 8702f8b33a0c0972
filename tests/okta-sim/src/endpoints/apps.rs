//! `/api/v1/apps`, the users and the groups of an app.

use serde_json::json;

use super::Answer;
use crate::error::OktaError;
use crate::grammar::{Condition, Expression, Literal, Op, parse};
use crate::json::Json;
use crate::org::Org;
use crate::org::app::{App, Assignment};
use crate::org::group::Group;
use crate::org::user::{self, Projection, User};
use crate::page::{Page, fill};
use crate::request::Request;

pub(super) const DEFAULT: u64 = 20;
pub(super) const MOST: u64 = 200;
const DEFAULT_USERS: u64 = 50;
const MOST_USERS: u64 = 500;
const FILTERABLE: [&str; 7] = [
    "id",
    "status",
    "name",
    "credentials.signing.kid",
    "settings.slo.enabled",
    "user.id",
    "group.id",
];

/// The one condition that a `filter` of apps may hold.
struct Filter {
    attribute: String,
    value: String,
}

fn read(text: &str) -> Result<Filter, OktaError> {
    let refused = |cause: &str| OktaError::invalid_filter(cause);
    match parse(text).map_err(OktaError::invalid_filter)? {
        Expression::Test(Condition {
            attribute,
            op: Op::Eq,
            value,
        }) if FILTERABLE.contains(&attribute.as_str()) => match value {
            Literal::Text(value) => Ok(Filter { attribute, value }),
            Literal::Bool(value) if attribute == "settings.slo.enabled" => Ok(Filter {
                attribute,
                value: value.to_string(),
            }),
            _ => Err(refused("The value does not fit the attribute.")),
        },
        Expression::Test(_) => Err(refused("The attribute or operator is not supported.")),
        _ => Err(refused("Only a single condition is supported.")),
    }
}

impl Filter {
    fn keeps(&self, app: &App) -> bool {
        match self.attribute.as_str() {
            "id" => app.id() == self.value,
            "status" => app.status() == self.value,
            "name" => app.name() == self.value,
            "credentials.signing.kid" => app.to_value("")["credentials"]["signing"]["kid"] == json!(self.value),
            "user.id" => self.user(app.org).is_some_and(|user| app.assignment(&user).is_some()),
            "group.id" => Group::find(app.org, &self.value).is_some_and(|group| app.groups().contains(&group.g)),
            // No app of the org has single logout.
            _ => self.value == "false",
        }
    }

    fn user<'o>(&self, org: &'o Org) -> Option<User<'o>> {
        org.index("00u", org.users, &self.value).map(|k| User::new(org, k))
    }
}

/// The first app behind the cursor.
pub(super) fn start(org: &Org, request: &Request) -> Result<u64, OktaError> {
    match request.get("after") {
        None => Ok(0),
        Some(after) => org
            .index("0oa", org.apps, after)
            .map(|a| a + 1)
            .ok_or_else(OktaError::invalid_paging),
    }
}

pub(super) fn list(org: &Org, request: &Request) -> Result<Answer, OktaError> {
    let limit = request.limit(DEFAULT, MOST)?;
    let start = start(org, request)?;
    let filter = request.get("filter").map(read).transpose()?;
    let embedded = embedded_user(org, request, filter.as_ref())?;
    let q = request.get("q").map(str::to_lowercase);
    let named = |app: &App| {
        q.as_ref()
            .is_none_or(|q| app.name().starts_with(q) || app.label().to_lowercase().starts_with(q))
    };
    let apps = (start..org.apps).filter(|a| {
        let app = App::new(org, *a);
        named(&app) && filter.as_ref().is_none_or(|filter| filter.keeps(&app))
    });
    let filled = fill(apps, limit, |json, a| {
        let app = App::new(org, a);
        let mut value = app.to_value(&request.base);
        if let Some((user, assignment)) = embedded.and_then(|user| Some((user, app.assignment(&user)?))) {
            value["_embedded"] = json!({ "user": app.user_value(&request.base, &user, &assignment) });
        }
        json.value(&value);
    });
    let next = filled.more_after.map(|a| App::new(org, a).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// The user of `expand=user/{id}`, which must be the one that the filter names.
fn embedded_user<'o>(org: &'o Org, request: &Request, filter: Option<&Filter>) -> Result<Option<User<'o>>, OktaError> {
    let Some(expand) = request.get("expand") else {
        return Ok(None);
    };
    match (expand.strip_prefix("user/"), filter) {
        (Some(id), Some(filter)) if filter.attribute == "user.id" && filter.value == id => Ok(filter.user(org)),
        _ => Err(OktaError::validation(
            "expand",
            "Only user/{id} with a filter on the same user.id is supported",
        )),
    }
}

fn find<'o>(org: &'o Org, id: &str) -> Result<App<'o>, OktaError> {
    App::find(org, id).ok_or_else(|| OktaError::not_found(id, "AppInstance"))
}

pub(super) fn get(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    Ok(Answer::one(&find(org, id)?.to_value(&request.base)))
}

fn user_row(app: &App, request: &Request, user: &User, assignment: &Assignment, expand: bool) -> serde_json::Value {
    let mut value = app.user_value(&request.base, user, assignment);
    if expand {
        let mut json = Json::with_capacity(2048);
        user.write(&mut json, &request.base, &Projection::ALL, false);
        let user: serde_json::Value = serde_json::from_slice(&json.into_bytes()).unwrap_or_default();
        value["_embedded"] = json!({ "user": user });
    }
    value
}

fn expands(request: &Request, known: &[&str]) -> Result<bool, OktaError> {
    match request.get("expand") {
        None => Ok(false),
        Some(name) if known.contains(&name) => Ok(true),
        Some(name) => Err(OktaError::validation("expand", format!("'{name}' is not supported"))),
    }
}

pub(super) fn users(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let app = find(org, id)?;
    let limit = request.limit(DEFAULT_USERS, MOST_USERS)?;
    let expand = expands(request, &["user"])?;
    let start = match request.get("after") {
        None => 0,
        Some(after) => org
            .index("00u", org.users, after)
            .map(|k| k + 1)
            .ok_or_else(OktaError::invalid_paging)?,
    };
    let q = request.get("q").map(str::to_lowercase);
    let named = |user: &User| {
        let starts = |text: &str, q: &str| text.to_lowercase().starts_with(q);
        q.as_ref()
            .is_none_or(|q| starts(&user.login(), q) || starts(user.first_name().0, q) || starts(user.last_name().0, q))
    };
    let users = app.users(start).map(|(k, _)| k).filter(|k| named(&User::new(org, *k)));
    let filled = fill(users, limit, |json, k| {
        let user = User::new(org, k);
        if let Some(assignment) = app.assignment(&user) {
            json.value(&user_row(&app, request, &user, &assignment, expand));
        }
    });
    let next = filled.more_after.map(|k| User::new(org, k).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

pub(super) fn user(org: &Org, request: &Request, id: &str, user_id: &str) -> Result<Answer, OktaError> {
    let app = find(org, id)?;
    let nobody = || OktaError::not_found(user_id, "AppUser");
    let user = user::find(org, user_id).ok_or_else(nobody)?;
    let assignment = app.assignment(&user).ok_or_else(nobody)?;
    Ok(Answer::one(&user_row(
        &app,
        request,
        &user,
        &assignment,
        expands(request, &["user"])?,
    )))
}

fn group_row(app: &App, request: &Request, g: u64, priority: usize, expand: bool) -> serde_json::Value {
    let mut value = app.group_value(&request.base, g, priority);
    if expand && request.get("expand") == Some("group") {
        let mut json = Json::with_capacity(1024);
        Group::new(app.org, g).write(&mut json, &request.base, None, None);
        let group: serde_json::Value = serde_json::from_slice(&json.into_bytes()).unwrap_or_default();
        value["_embedded"] = json!({ "group": group });
    }
    value
}

pub(super) fn groups(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let app = find(org, id)?;
    let limit = request.limit(DEFAULT, MOST)?;
    let expand = expands(request, &["group", "metadata"])?;
    let groups = app.groups();
    let start = match request.get("after") {
        None => 0,
        Some(after) => {
            let at = groups.iter().position(|g| Group::new(org, *g).id() == after);
            at.ok_or_else(OktaError::invalid_paging)? + 1
        }
    };
    let q = request.get("q").map(str::to_lowercase);
    let named = |g: u64| {
        q.as_ref()
            .is_none_or(|q| Group::new(org, g).name().to_lowercase().starts_with(q))
    };
    let places = (start..groups.len())
        .filter(|at| named(groups[*at]))
        .map(|at| at as u64);
    let group_at = |at: u64| {
        usize::try_from(at)
            .ok()
            .and_then(|at| groups.get(at).copied())
            .unwrap_or(0)
    };
    let filled = fill(places, limit, |json, at| {
        let priority = usize::try_from(at).unwrap_or(0) + 1;
        json.value(&group_row(&app, request, group_at(at), priority, expand));
    });
    let next = filled.more_after.map(|at| Group::new(org, group_at(at)).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

pub(super) fn group(org: &Org, request: &Request, id: &str, group_id: &str) -> Result<Answer, OktaError> {
    let app = find(org, id)?;
    let place = app
        .groups()
        .into_iter()
        .enumerate()
        .find(|(_, g)| Group::new(org, *g).id() == group_id);
    let (at, g) = place.ok_or_else(|| OktaError::not_found(group_id, "AppGroup"))?;
    Ok(Answer::one(&group_row(
        &app,
        request,
        g,
        at + 1,
        expands(request, &["group", "metadata"])?,
    )))
}

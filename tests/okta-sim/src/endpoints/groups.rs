//! `/api/v1/groups` and what hangs below a group.

use serde_json::Value;

use super::user_query::{descending, short_contains};
use super::{Answer, apps};
use crate::error::OktaError;
use crate::grammar::{Case, Condition, Domain, Expression, Op, SortKey, holds, parse};
use crate::json::Json;
use crate::org::Org;
use crate::org::app::App;
use crate::org::group::Group;
use crate::org::user::{Projection, User};
use crate::page::{Page, fill};
use crate::request::Request;

const DEFAULT: u64 = 200;
const MOST: u64 = 10_000;
const MOST_WITH_Q: u64 = 300;
const MOST_MEMBERS: u64 = 1000;

const SEARCH_OPS: &[Op] = &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le, Op::Sw, Op::Pr];
const SEARCH_OPS_WITH_CO: &[Op] = &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le, Op::Sw, Op::Pr, Op::Co];

/// Attributes that `search` and `sortBy` know.
const SEARCHABLE: &[(&str, Domain, &[Op])] = &[
    ("id", Domain::Text, SEARCH_OPS),
    ("type", Domain::Text, SEARCH_OPS),
    ("created", Domain::Time, SEARCH_OPS),
    ("lastUpdated", Domain::Time, SEARCH_OPS),
    ("lastMembershipUpdated", Domain::Time, SEARCH_OPS),
    ("source.id", Domain::Text, SEARCH_OPS),
    ("profile.name", Domain::Text, SEARCH_OPS_WITH_CO),
    ("profile.description", Domain::Text, SEARCH_OPS_WITH_CO),
    ("profile.samAccountName", Domain::Text, SEARCH_OPS),
    ("profile.dn", Domain::Text, SEARCH_OPS),
    ("profile.externalId", Domain::Text, SEARCH_OPS),
    ("profile.windowsDomainQualifiedName", Domain::Text, SEARCH_OPS),
    ("profile.groupContact", Domain::Text, SEARCH_OPS),
    ("profile.maxSeats", Domain::Number, SEARCH_OPS),
    ("profile.isPrivate", Domain::Bool, SEARCH_OPS),
];

/// Attributes that `filter` knows.
const FILTERABLE: &[(&str, Domain, &[Op])] = &[
    ("id", Domain::Text, &[Op::Eq]),
    ("type", Domain::Text, &[Op::Eq]),
    ("lastUpdated", Domain::Time, &[Op::Eq, Op::Gt, Op::Lt]),
    ("lastMembershipUpdated", Domain::Time, &[Op::Eq, Op::Gt, Op::Lt]),
];

type GroupExpression = Expression<&'static str>;

fn read(text: &str, table: &'static [(&'static str, Domain, &'static [Op])]) -> Result<GroupExpression, String> {
    let expression = parse(text)?;
    if expression.has_not() {
        return Err("The operator 'not' is not supported.".to_owned());
    }
    expression.bind(&|condition: Condition<String>| {
        let name = condition.attribute.clone();
        let found = table.iter().find(|(each, ..)| *each == name);
        let (attribute, domain, ops) = found.ok_or_else(|| format!("'{name}' is not a supported attribute."))?;
        short_contains(&condition)?;
        condition.of(*attribute, &name, *domain, ops)
    })
}

/// What `expand` embeds into each group.
#[derive(Clone, Copy, Default)]
struct Expand {
    stats: bool,
    app: bool,
}

fn expand(request: &Request) -> Result<Expand, OktaError> {
    let mut expand = Expand::default();
    for name in request.get("expand").into_iter().flat_map(|list| list.split(',')) {
        match name.trim() {
            "stats" => expand.stats = true,
            "app" => expand.app = true,
            other => return Err(OktaError::validation("expand", format!("'{other}' is not supported"))),
        }
    }
    Ok(expand)
}

fn write(json: &mut Json, request: &Request, group: &Group, expand: Expand) {
    let stats = expand.stats.then(|| apps_of(group).count() as u64);
    let source = match group.field("source.id") {
        crate::json::Field::Text(id) if expand.app => App::find(group.org, &id),
        _ => None,
    };
    group.write(
        json,
        &request.base,
        stats,
        source.map(|app| app.to_value(&request.base)),
    );
}

fn apps_of<'o>(group: &Group<'o>) -> impl Iterator<Item = App<'o>> + use<'o> {
    let (org, g) = (group.org, group.g);
    (0..org.apps)
        .map(move |a| App::new(org, a))
        .filter(move |app| app.groups().contains(&g))
}

pub(super) fn list(org: &Org, request: &Request) -> Result<Answer, OktaError> {
    let expand = expand(request)?;
    let invalid = || OktaError::invalid_search("Invalid cursor.");
    let (search, filter) = (request.get("search"), request.get("filter"));
    let (expression, case) = match (search, filter) {
        (Some(_), Some(_)) => return Err(OktaError::search_and_filter()),
        (Some(text), None) => (
            Some(read(text, SEARCHABLE).map_err(OktaError::invalid_search)?),
            Case::Insensitive,
        ),
        (None, Some(text)) => (
            Some(read(text, FILTERABLE).map_err(OktaError::invalid_filter)?),
            Case::Sensitive,
        ),
        (None, None) => (None, Case::Insensitive),
    };
    if let (None, Some(q)) = (&expression, request.get("q")) {
        return named(org, request, q, expand);
    }
    let limit = request.limit(DEFAULT, MOST)?;
    let fits = |group: &Group| {
        expression
            .as_ref()
            .is_none_or(|each| holds(each, case, &|name| group.field(name)))
    };
    let mut groups: Vec<u64> = (0..org.groups).filter(|g| fits(&Group::new(org, *g))).collect();
    let sort = request.get("sortBy").filter(|_| search.is_some());
    if let Some(name) = sort {
        let found = SEARCHABLE.iter().find(|(each, ..)| *each == name);
        let (name, ..) =
            found.ok_or_else(|| OktaError::invalid_search(format!("'{name}' is not a sortable attribute.")))?;
        let descending = descending(request.get("sortOrder"))?;
        let key = |g: &u64| SortKey::from(Group::new(org, *g).field(name));
        groups.sort_by(|left, right| key(left).compare(&key(right), descending).then(left.cmp(right)));
    }
    let after = request
        .get("after")
        .map(|after| org.index("00g", org.groups, after).ok_or_else(invalid))
        .transpose()?;
    let start = match after {
        None => 0,
        Some(g) => groups.iter().position(|each| *each == g).ok_or_else(invalid)? + 1,
    };
    let filled = fill(groups.iter().skip(start).copied(), limit, |json, g| {
        write(json, request, &Group::new(org, g), expand)
    });
    let next = filled.more_after.map(|g| Group::new(org, g).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// Groups whose name begins with `q`: one page.
fn named(org: &Org, request: &Request, q: &str, expand: Expand) -> Result<Answer, OktaError> {
    let limit = request.limit(MOST_WITH_Q, MOST_WITH_Q)?;
    let q = q.to_lowercase();
    let groups = (0..org.groups)
        .filter(|g| Group::new(org, *g).name().to_lowercase().starts_with(&q))
        .take(limit);
    let filled = fill(groups, limit, |json, g| {
        write(json, request, &Group::new(org, g), expand)
    });
    Ok(Answer::List(Page::whole(filled.rows)))
}

fn find<'o>(org: &'o Org, id: &str) -> Result<Group<'o>, OktaError> {
    Group::find(org, id).ok_or_else(|| OktaError::not_found(id, "UserGroup"))
}

pub(super) fn get(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let mut json = Json::with_capacity(2048);
    write(&mut json, request, &find(org, id)?, expand(request)?);
    Ok(Answer::One {
        body: json.into_bytes(),
        etag: None,
    })
}

pub(super) fn members(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let group = find(org, id)?;
    let limit = request.limit(MOST_MEMBERS, MOST_MEMBERS)?;
    let invalid = || OktaError::invalid_search("Invalid cursor.");
    let after = request
        .get("after")
        .map(|after| org.index("00u", org.users, after).ok_or_else(invalid))
        .transpose()?;
    let projection = Projection {
        credentials: !request.omit_credentials,
        ..Projection::ALL
    };
    let users = group.members(after.map_or(0, |k| k + 1));
    let filled = fill(users, limit, |json, k| {
        User::new(org, k).write(json, &request.base, &projection, false)
    });
    let next = filled.more_after.map(|k| User::new(org, k).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

pub(super) fn group_apps(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let group = find(org, id)?;
    let limit = request.limit(apps::DEFAULT, apps::MOST)?;
    let start = apps::start(org, request)?;
    let rows = apps_of(&group).map(|app| app.a).filter(|a| *a >= start);
    let filled = fill(rows, limit, |json, a| {
        json.value(&App::new(org, a).to_value(&request.base))
    });
    let next = filled.more_after.map(|a| App::new(org, a).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

/// Groups of a user, 200 a page although the specification knows no pages here.
pub(super) fn of_user(org: &Org, request: &Request, id: &str) -> Result<Answer, OktaError> {
    let user = crate::org::user::find(org, id).ok_or_else(|| OktaError::not_found(id, "User"))?;
    let limit = request.limit(DEFAULT, DEFAULT)?;
    let invalid = || OktaError::invalid_search("Invalid cursor.");
    let after = request
        .get("after")
        .map(|after| org.index("00g", org.groups, after).ok_or_else(invalid))
        .transpose()?;
    let groups = (after.map_or(0, |g| g + 1)..org.groups).filter(|g| Group::new(org, *g).has(&user));
    let filled = fill(groups, limit, |json, g| {
        Group::new(org, g).write(json, &request.base, None, None::<Value>)
    });
    let next = filled.more_after.map(|g| Group::new(org, g).id());
    Ok(Answer::List(Page::new(filled.rows, limit, next)))
}

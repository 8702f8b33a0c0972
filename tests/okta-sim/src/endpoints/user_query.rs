//! Which users a `search` or `filter` names, in which order, without looking at more of them than needed.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::OktaError;
use crate::grammar::{Case, Condition, Domain, Expression, Literal, Op, SortKey, holds, parse};
use crate::org::Org;
use crate::org::profile::{Kind, PROFILE};
use crate::org::user::{BATCH, User, UserField, find, first_created_from};

const SEARCHABLE: &[(&str, UserField, Domain)] = &[
    ("id", UserField::Id, Domain::Text),
    ("status", UserField::Status, Domain::Text),
    ("created", UserField::Created, Domain::Time),
    ("activated", UserField::Activated, Domain::Time),
    ("statusChanged", UserField::StatusChanged, Domain::Time),
    ("lastUpdated", UserField::LastUpdated, Domain::Time),
    ("type.id", UserField::TypeId, Domain::Text),
];
const SEARCH_OPS: &[Op] = &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le, Op::Sw, Op::Pr];
const SEARCH_OPS_WITH_CO: &[Op] = &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le, Op::Sw, Op::Pr, Op::Co];
const CONTAINS: [&str; 4] = ["firstName", "lastName", "email", "login"];
/// Shorter values of `co` were refused with unclear errors (OKTA-846206).
pub(super) const LEAST_CONTAINED: usize = 3;
const FILTER_PROFILE: [&str; 4] = ["login", "email", "firstName", "lastName"];

pub(crate) type UserExpression = Expression<UserField>;

fn searchable(name: &str) -> Option<(UserField, Domain)> {
    if let Some(attribute) = name.strip_prefix("profile.") {
        let at = PROFILE.iter().position(|each| each.name == attribute)?;
        let domain = match PROFILE[at].kind {
            Kind::Text | Kind::TextList => Domain::Text,
            Kind::Bool => Domain::Bool,
            Kind::Int | Kind::Number => Domain::Number,
        };
        return Some((UserField::Profile(at), domain));
    }
    SEARCHABLE
        .iter()
        .find(|(each, ..)| *each == name)
        .map(|(_, field, domain)| (*field, *domain))
}

/// Reads a `search` of users.
pub(super) fn search(text: &str) -> Result<UserExpression, OktaError> {
    let expression = parse(text).map_err(OktaError::invalid_search)?;
    if expression.has_not() {
        return Err(OktaError::invalid_search("The operator 'not' is not supported."));
    }
    expression.bind(&search_condition).map_err(OktaError::invalid_search)
}

fn search_condition(condition: Condition<String>) -> Result<Condition<UserField>, String> {
    let name = condition.attribute.clone();
    let (field, domain) = searchable(&name).ok_or_else(|| format!("'{name}' is not a searchable attribute."))?;
    let contains = name
        .strip_prefix("profile.")
        .is_some_and(|attribute| CONTAINS.contains(&attribute));
    short_contains(&condition)?;
    condition.of(
        field,
        &name,
        domain,
        if contains { SEARCH_OPS_WITH_CO } else { SEARCH_OPS },
    )
}

pub(super) fn short_contains<A>(condition: &Condition<A>) -> Result<(), String> {
    match &condition.value {
        Literal::Text(text) if condition.op == Op::Co && text.chars().count() < LEAST_CONTAINED => {
            Err("The operator 'co' needs at least three characters.".to_owned())
        }
        _ => Ok(()),
    }
}

/// Reads a `filter` of users.
pub(super) fn filter(text: &str) -> Result<UserExpression, OktaError> {
    let expression = parse(text).map_err(OktaError::invalid_filter)?;
    if expression.has_not() {
        return Err(OktaError::invalid_filter("The operator 'not' is not supported."));
    }
    expression.bind(&filter_condition).map_err(OktaError::invalid_filter)
}

fn filter_condition(condition: Condition<String>) -> Result<Condition<UserField>, String> {
    let name = condition.attribute.clone();
    let allowed = match name.strip_prefix("profile.") {
        Some(attribute) => FILTER_PROFILE.contains(&attribute),
        None => matches!(name.as_str(), "id" | "status" | "lastUpdated"),
    };
    let found = searchable(&name).filter(|_| allowed);
    let (field, domain) = found.ok_or_else(|| format!("'{name}' is not a filterable attribute."))?;
    let ops: &[Op] = if name == "lastUpdated" {
        &[Op::Eq, Op::Gt, Op::Ge, Op::Lt, Op::Le]
    } else {
        &[Op::Eq]
    };
    condition.of(field, &name, domain, ops)
}

/// The users of a query in order. Positions are dense in `start..end`; `user` may still be refused by `keeps`.
pub(super) struct Query<'o> {
    org: &'o Org,
    predicate: Option<UserExpression>,
    case: Case,
    order: Order,
    start: u64,
    end: u64,
}

enum Order {
    /// By id, which is by creation.
    Ascending,
    /// By creation, latest first, ties by id.
    CreatedDescending,
    /// Positions in a list that already satisfies the predicate.
    Listed(Arc<Vec<u32>>),
}

impl<'o> Query<'o> {
    /// All users that satisfy the expression, by id.
    pub(super) fn new(org: &'o Org, expression: UserExpression, case: Case) -> Self {
        let (start, end) = created_range(org, &expression);
        let mut query = Self {
            org,
            predicate: simplify(expression),
            case,
            order: Order::Ascending,
            start,
            end,
        };
        let candidates = query
            .predicate
            .as_ref()
            .and_then(|predicate| candidates(org, predicate));
        if let Some(candidates) = candidates {
            let kept = candidates
                .into_iter()
                .filter(|k| (start..end).contains(k) && query.satisfied(*k));
            query.listed(Arc::new(kept.filter_map(|k| u32::try_from(k).ok()).collect()));
        }
        query
    }

    fn listed(&mut self, list: Arc<Vec<u32>>) {
        (self.start, self.end) = (0, list.len() as u64);
        self.order = Order::Listed(list);
        self.predicate = None;
    }

    /// The same users sorted; `key` names the query in the cache of sorts.
    pub(super) fn sort(mut self, by: UserField, descending: bool, cache: &OrderCache, key: &str) -> Self {
        if by == UserField::Created && matches!(self.order, Order::Ascending) {
            if descending {
                // The range of creation ends where batches do, so it is a range of the reversed order too.
                (self.start, self.end) = (self.org.users - self.end, self.org.users - self.start);
                self.order = Order::CreatedDescending;
            }
            return self;
        }
        let list = cache.get_or(key, || {
            let mut keyed: Vec<(SortKey, u32)> = (self.start..self.end)
                .map(|position| self.user(position))
                .filter(|user| self.satisfied(user.k))
                .filter_map(|user| Some((SortKey::from(user.field(by)), u32::try_from(user.k).ok()?)))
                .collect();
            keyed.sort_by(|left, right| left.0.compare(&right.0, descending).then(left.1.cmp(&right.1)));
            keyed.into_iter().map(|(_, k)| k).collect()
        });
        self.listed(list);
        self
    }

    fn satisfied(&self, k: u64) -> bool {
        let user = User::new(self.org, k);
        self.predicate
            .as_ref()
            .is_none_or(|predicate| holds(predicate, self.case, &|field| user.field(*field)))
    }

    pub(super) fn user(&self, position: u64) -> User<'o> {
        let k = match &self.order {
            Order::Ascending => position,
            Order::CreatedDescending => latest_first(self.org.users, position),
            Order::Listed(list) => usize::try_from(position)
                .ok()
                .and_then(|at| list.get(at))
                .map_or(0, |k| u64::from(*k)),
        };
        User::new(self.org, k)
    }

    /// The first position behind the user `k`; positions of `sort`ed queries are cursors themselves.
    pub(super) fn position_after(&self, k: u64) -> u64 {
        match &self.order {
            Order::Listed(list) => list.partition_point(|each| u64::from(*each) <= k) as u64,
            Order::Ascending | Order::CreatedDescending => k + 1,
        }
    }

    /// Positions from `from` on whose users belong to the result.
    pub(super) fn positions(&self, from: u64) -> impl Iterator<Item = u64> {
        (self.start.max(from)..self.end).filter(|position| self.satisfied(self.user(*position).k))
    }
}

/// User at a position of the order "latest batch first, within a batch by id".
fn latest_first(users: u64, position: u64) -> u64 {
    let partial = users % BATCH;
    if position < partial {
        return users - partial + position;
    }
    let rest = position - partial;
    (users / BATCH - 1 - rest / BATCH) * BATCH + rest % BATCH
}

/// The range of users that the top conditions on `created` leave.
fn created_range(org: &Org, expression: &UserExpression) -> (u64, u64) {
    let (mut start, mut end) = (0, org.users);
    for conjunct in expression.conjuncts() {
        let Expression::Test(Condition {
            attribute: UserField::Created,
            op,
            value: Literal::Time(time),
        }) = conjunct
        else {
            continue;
        };
        let (at, behind) = (
            first_created_from(org, *time),
            first_created_from(org, time.saturating_add(1)),
        );
        match op {
            Op::Ge => start = start.max(at),
            Op::Gt => start = start.max(behind),
            Op::Lt => end = end.min(at),
            Op::Le => end = end.min(behind),
            Op::Eq => (start, end) = (start.max(at), end.min(behind)),
            _ => {}
        }
    }
    (start.min(end), end)
}

/// The expression without the conditions that every user satisfies and those that `created_range` has used.
fn simplify(expression: UserExpression) -> Option<UserExpression> {
    match expression {
        Expression::And(parts) => {
            let left: Vec<_> = parts.into_iter().filter_map(simplify).collect();
            (!left.is_empty()).then_some(Expression::And(left))
        }
        Expression::Test(condition) => {
            let always = condition.op == Op::Pr
                && matches!(
                    condition.attribute,
                    UserField::Id | UserField::Status | UserField::Created | UserField::LastUpdated
                );
            let used = condition.attribute == UserField::Created;
            (!always && !used).then_some(Expression::Test(condition))
        }
        other => Some(other),
    }
}

/// The only users that can satisfy the expression, where it names them by id, login or email.
fn candidates(org: &Org, expression: &UserExpression) -> Option<BTreeSet<u64>> {
    match expression {
        Expression::And(parts) => parts.iter().find_map(|part| candidates(org, part)),
        Expression::Or(parts) => {
            let mut all = BTreeSet::new();
            for part in parts {
                all.extend(candidates(org, part)?);
            }
            Some(all)
        }
        Expression::Test(Condition {
            attribute,
            op: Op::Eq,
            value: Literal::Text(text),
        }) => {
            let found = match attribute {
                // Ids differ in more than case, so that looking without case is looking by the index.
                UserField::Id => org.index_any_case("00u", org.users, text),
                UserField::Profile(at) if PROFILE[*at].name == "login" => find(org, text).map(|user| user.k),
                UserField::Profile(at) if PROFILE[*at].name == "email" => {
                    find(org, &text.to_lowercase().replacen("+mail@", "@", 1)).map(|user| user.k)
                }
                _ => return None,
            };
            Some(found.into_iter().collect())
        }
        Expression::Not(_) | Expression::Test(_) => None,
    }
}

/// Reads `sortBy`.
pub(super) fn sort_field(name: &str) -> Result<UserField, OktaError> {
    let found = searchable(name).map(|(field, _)| field);
    found.ok_or_else(|| OktaError::invalid_search(format!("'{name}' is not a sortable attribute.")))
}

/// Reads `sortOrder`; whether it is descending.
pub(super) fn descending(order: Option<&str>) -> Result<bool, OktaError> {
    match order.map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(_) => Err(OktaError::validation("sortOrder", "The sort order must be asc or desc")),
    }
}

/// The last few sorted lists, so that a scan by pages sorts once.
#[derive(Default)]
pub(crate) struct OrderCache {
    lists: Mutex<VecDeque<(String, Arc<Vec<u32>>)>>,
}

const KEPT_ORDERS: usize = 8;

impl OrderCache {
    pub(super) fn get_or(&self, key: &str, make: impl FnOnce() -> Vec<u32>) -> Arc<Vec<u32>> {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, list)) = lists.iter().find(|(each, _)| each == key) {
            return Arc::clone(list);
        }
        let list = Arc::new(make());
        lists.push_back((key.to_owned(), Arc::clone(&list)));
        if lists.len() > KEPT_ORDERS {
            lists.pop_front();
        }
        list
    }
}

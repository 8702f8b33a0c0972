//! From a table and predicates to requests, purely: tested without DataFusion against a model that filters rows in memory.
//!
//! Everything sent is implied by the predicates, so Okta's answer holds every wanted row; the scan re-checks all of them.

mod bounds;
mod expression;
mod keys;
mod lower;
mod projection;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::predicate::{ColumnIndex, Predicate};
use crate::catalog::{Catalog, Operator, Table, model::Logic};
use crate::okta::Request;

/// Okta's front ends cut off requests at 8 KB; the host and path need some of it.
const LONGEST_QUERY: usize = 7_000;
/// So many single-row GETs per parent are cheaper than paging through the parent's list.
const FEW_KEYS: usize = 20;
/// The system log keeps 90 days; without a bound a scan reads all of them (decision 27).
const LOG_KEPT: i64 = 90 * 86_400_000;
/// A `since` older than 180 days is an error (behaviour.md §6).
const LOG_OLDEST: i64 = 180 * 86_400_000;

/// What a scan is asked for. `predicates` are joined by AND.
#[derive(Debug, Clone)]
pub struct Query<'a> {
    pub table: &'a Arc<Table>,
    pub predicates: &'a [Predicate],
    /// Columns that are read at all: output and predicates.
    pub columns: &'a [ColumnIndex],
    pub sort: Option<Sort>,
    /// Rows wanted, when nothing above the scan drops any (predicates included).
    pub limit: Option<usize>,
    /// The statement's one instant, ms since the epoch (`until` of the system log).
    pub now: i64,
    pub page_size: Option<u32>,
    pub case_sensitive: bool,
}

/// One column's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub column: ColumnIndex,
    pub descending: bool,
}

/// How to read the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    pub access: Access,
    /// The rows come in the order asked for.
    pub sorted: bool,
}

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// Provably no rows: no request.
    Nothing,
    /// These calls, in this order, each row once.
    Calls(Vec<Call>),
    /// One `template` call per key of the parent's rows: read `parent` (its table's `parent.key` column), fill in.
    FanOut {
        parent_table: Arc<Table>,
        parent: Box<Scan>,
        parent_key: ColumnIndex,
    },
}

/// One list or single-row request, with the key values its rows get that are not in the JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub request: Request,
    pub answer: Answer,
    /// Columns filled from the path, the same for every row of the answer.
    pub keys: Vec<(ColumnIndex, String)>,
}

/// The shape of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A JSON array of rows, paged by `Link`.
    List,
    /// One JSON object; 404 is no row; a row whose key differs from the one asked for is no row (decision 21).
    Row,
}

/// Plans the requests of one table scan. `catalog` gives the parents of a fan-out.
pub fn push_down(catalog: &Catalog, query: &Query<'_>) -> Scan {
    if query.limit == Some(0) || bounds::contradictory(query) {
        return Scan {
            access: Access::Nothing,
            sorted: false,
        };
    }
    match &query.table.parent {
        Some(parent) => Scan {
            access: child_access(catalog, query, parent),
            sorted: false,
        },
        None => single_rows(query).unwrap_or_else(|| list(query)),
    }
}

/// The call of a child for one parent key: its list, or one row where the query names the row's own key too.
/// None for a key that never leaves the driver (empty, `.`, `..`, `me`) or that no row of Okta has.
pub fn child_call(query: &Query<'_>, parent_key: &str) -> Option<Call> {
    let parent = query.table.parent.as_ref()?;
    let own = own_keys(query);
    match own.as_ref().and_then(|keys| keys.iter().next()) {
        Some(own_key) if own.as_ref().is_some_and(|keys| keys.len() == 1) && query.table.get.is_some() => {
            child_row(query, parent_key, own_key)
        }
        _ => {
            let filled = [(query.table.column_index(&parent.column)?, parent_key.to_owned())];
            let mut request = Request::new(keys::fill(&query.table.list.path, query.table, &filled)?);
            decorate(query, &mut request);
            request.limit = page_size(query, only_keys(query, &parent.column));
            Some(Call {
                request,
                answer: Answer::List,
                keys: filled.to_vec(),
            })
        }
    }
}

fn child_access(catalog: &Catalog, query: &Query<'_>, parent: &crate::catalog::Parent) -> Access {
    let Some(column) = query.table.column_index(&parent.column) else {
        return Access::Nothing;
    };
    if let Some(parents) = keys::values_of(query, column) {
        return calls(
            parents
                .iter()
                .flat_map(|parent_key| child_calls(query, parent_key))
                .collect(),
        );
    }
    let Some(table) = catalog.table(&parent.table) else {
        return Access::Nothing;
    };
    let Some(parent_key) = table.column_index(&parent.key) else {
        return Access::Nothing;
    };
    if own_keys(query).is_some_and(|own| own.is_empty()) {
        return Access::Nothing;
    }
    let of_parent = Query {
        table,
        predicates: &[],
        columns: &[parent_key],
        sort: None,
        limit: None,
        ..query.clone()
    };
    let scan = push_down(catalog, &of_parent);
    Access::FanOut {
        parent_table: table.clone(),
        parent: Box::new(scan),
        parent_key,
    }
}

/// The calls for one parent: single rows when the query names a few, else the list.
fn child_calls(query: &Query<'_>, parent_key: &str) -> Vec<Call> {
    match own_keys(query) {
        Some(own) if own.is_empty() => Vec::new(),
        Some(own)
            if own.len() > 1
                && own.len() <= FEW_KEYS
                && query.table.get.is_some()
                && query.table.list.page_size.is_some() =>
        {
            own.iter()
                .filter_map(|own_key| child_row(query, parent_key, own_key))
                .collect()
        }
        _ => child_call(query, parent_key).into_iter().collect(),
    }
}

/// The values that the query allows for a child's own key, impossible ones left out.
fn own_keys(query: &Query<'_>) -> Option<BTreeSet<String>> {
    let parent = query.table.parent.as_ref()?;
    let own = query.table.primary_key.iter().find(|name| **name != parent.column)?;
    keys::values_of(query, query.table.column_index(own)?)
}

fn child_row(query: &Query<'_>, parent_key: &str, own_key: &str) -> Option<Call> {
    let parent = query.table.parent.as_ref()?;
    let own = query.table.primary_key.iter().find(|name| **name != parent.column)?;
    let parent_column = query.table.column_index(&parent.column)?;
    let filled = [
        (parent_column, parent_key.to_owned()),
        (query.table.column_index(own)?, own_key.to_owned()),
    ];
    row(query, &filled, vec![(parent_column, parent_key.to_owned())])
}

/// GETs by primary key, where the query names the keys and no expression is cheaper.
fn single_rows(query: &Query<'_>) -> Option<Scan> {
    let table = query.table;
    table.get.as_ref()?;
    let [name] = table.primary_key.as_slice() else {
        return None;
    };
    let column = table.column_index(name)?;
    let keys = keys::values_of(query, column)?;
    let searchable = table.list.logic == Logic::Full && table.columns[column].operators.contains(&Operator::Eq);
    let by_list = match keys.len() {
        0 => false,
        1 => searchable && !wanted_parameters(query).is_empty(),
        _ => searchable || table.list.page_size.is_none(),
    };
    if by_list {
        return None;
    }
    let rows = keys
        .iter()
        .filter_map(|key| row(query, &[(column, key.clone())], Vec::new()))
        .collect();
    Some(Scan {
        access: calls(rows),
        sorted: false,
    })
}

fn row(query: &Query<'_>, filled: &[(ColumnIndex, String)], keys: Vec<(ColumnIndex, String)>) -> Option<Call> {
    let mut request = Request::new(keys::fill(&query.table.get.as_ref()?.path, query.table, filled)?);
    request.content_type = content_type(query);
    Some(Call {
        request,
        answer: Answer::Row,
        keys,
    })
}

fn calls(calls: Vec<Call>) -> Access {
    if calls.is_empty() {
        Access::Nothing
    } else {
        Access::Calls(calls)
    }
}

/// The list of a table without a parent, narrowed by everything Okta takes.
fn list(query: &Query<'_>) -> Scan {
    let list = &query.table.list;
    let mut base = Request::new(list.path.clone());
    let mut sorted = false;
    if let Some(time) = list
        .time_column
        .as_deref()
        .and_then(|name| query.table.column_index(name))
    {
        let Some((since, until)) = bounds::log_window(query, time) else {
            return Scan {
                access: Access::Nothing,
                sorted: false,
            };
        };
        base.query.push(("since".to_owned(), since));
        base.query.push(("until".to_owned(), until));
        if let Some(sort) = query.sort.filter(|sort| sort.column == time) {
            let order = if sort.descending { "DESCENDING" } else { "ASCENDING" };
            base.query.push(("sortOrder".to_owned(), order.to_owned()));
            sorted = true;
        }
    }
    decorate(query, &mut base);
    let lowered = lower::conjuncts(query);
    let sort = sort_by(query);
    let room = LONGEST_QUERY.saturating_sub(expression::encoded_pairs(&base.query));
    let said_all = lowered.exact && expression::fits(&lowered.conjuncts, list.logic, room);
    let mut texts = match list.logic {
        Logic::Single => expression::first_condition(lowered.conjuncts).into_iter().collect(),
        Logic::Full => expression::texts(lowered.conjuncts, room),
    };
    if texts.is_empty() {
        // Okta sorts searches only.
        let every_row = sort.as_ref().map(|sort| sort.every_row.clone());
        texts.extend(list.match_all.clone().or(every_row));
    }
    sorted &= texts.len() <= 1;
    if let ([_], Some(sort)) = (texts.as_slice(), sort) {
        base.query.push(("sortBy".to_owned(), sort.attribute));
        base.query.push(("sortOrder".to_owned(), sort.order.to_owned()));
        sorted = true;
    }
    base.limit = page_size(query, said_all && (query.sort.is_none() || sorted));
    let requests = match (&list.expression, texts.is_empty()) {
        (Some(parameter), false) => texts
            .into_iter()
            .map(|text| {
                let mut request = base.clone();
                request.query.insert(0, (parameter.clone(), text));
                request
            })
            .collect(),
        _ => vec![base],
    };
    let list_call = |request| Call {
        request,
        answer: Answer::List,
        keys: Vec::new(),
    };
    Scan {
        access: Access::Calls(requests.into_iter().map(list_call).collect()),
        sorted,
    }
}

/// How `search` is asked to sort.
struct SortBy {
    attribute: String,
    order: &'static str,
    /// A condition that holds for every row, for tables whose search has no other.
    every_row: String,
}

/// Sorts are sent where no NULL can be among the rows: where Okta puts them is not documented (behaviour.md §3).
fn sort_by(query: &Query<'_>) -> Option<SortBy> {
    let sort = query.sort?;
    let column = &query.table.columns[sort.column];
    let without_nulls = !column.nullable || query.predicates.iter().any(|p| bounds::filters_nulls(p, sort.column));
    if !query.table.list.sort || !column.sortable || !without_nulls {
        return None;
    }
    let attribute = column.attribute()?.to_owned();
    let every_row = format!("{attribute} ge \"1970-01-01T00:00:00.000Z\"");
    Some(SortBy {
        attribute,
        order: if sort.descending { "desc" } else { "asc" },
        every_row,
    })
}

/// Projection, options and parameters that depend on the columns read.
fn decorate(query: &Query<'_>, request: &mut Request) {
    request
        .query
        .extend(projection::fields(query).map(|fields| ("fields".to_owned(), fields)));
    request.query.extend(wanted_parameters(query));
    request.content_type = content_type(query);
}

fn reads_any(query: &Query<'_>, names: &[String]) -> bool {
    names
        .iter()
        .filter_map(|name| query.table.column_index(name))
        .any(|column| query.columns.contains(&column))
}

fn wanted_parameters(query: &Query<'_>) -> Vec<(String, String)> {
    let wanted = query
        .table
        .list
        .when
        .iter()
        .filter(|when| reads_any(query, &when.columns));
    wanted
        .map(|when| (when.parameter.clone(), when.value.clone()))
        .collect()
}

fn content_type(query: &Query<'_>) -> Option<String> {
    let omit = query.table.list.omit.as_ref()?;
    (!reads_any(query, &omit.columns)).then(|| omit.content_type.clone())
}

/// Okta's largest page, or fewer rows where Okta itself drops all that are not wanted.
fn page_size(query: &Query<'_>, said_all: bool) -> Option<u32> {
    let largest = query.table.list.page_size?;
    let smallest = query.table.list.smallest_page.unwrap_or(1);
    let page = query.page_size.map_or(largest, |size| size.clamp(smallest, largest));
    match query.limit.map(u32::try_from) {
        Some(Ok(wanted)) if said_all => Some(page.min(wanted.max(smallest))),
        _ => Some(page),
    }
}

/// True where the predicates say nothing but which parents are meant, and no local sort needs every row.
fn only_keys(query: &Query<'_>, parent_column: &str) -> bool {
    let Some(parent) = query.table.column_index(parent_column) else {
        return false;
    };
    query.sort.is_none()
        && query
            .predicates
            .iter()
            .all(|predicate| keys::is_about(predicate, parent))
}

#[cfg(test)]
mod tests;

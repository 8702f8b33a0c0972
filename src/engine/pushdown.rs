//! From a table and predicates to requests, purely: tested without DataFusion against a model that filters rows in memory.
//!
//! Everything sent is implied by the predicates, so Okta's answer holds every wanted row; the scan re-checks all of them.

use std::sync::Arc;

use super::predicate::{ColumnIndex, Predicate};
use crate::catalog::{Catalog, Table};
use crate::okta::Request;

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A JSON array of rows, paged by `Link`.
    List,
    /// One JSON object; 404 is no row; a row whose key differs from the one asked for is no row (decision 21).
    Row,
}

/// Plans the requests of one table scan. `catalog` gives the parents of a fan-out.
pub fn push_down(_catalog: &Catalog, _query: &Query<'_>) -> Scan {
    Scan {
        access: Access::Nothing,
        sorted: false,
    }
}

/// The call of a child's list for one parent key; None for a key that never leaves the driver (empty, `.`, `..`, `me`).
pub fn child_call(_query: &Query<'_>, _parent_key: &str) -> Option<Call> {
    None
}

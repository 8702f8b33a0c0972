//! Preparing and executing: from a text or a plan to an open cursor.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::ArrayRef;

use super::columns;
use super::parameters::{self, Gathered};
use super::told::{self, Told};
use super::{Cursor, Done, Outcome, Plan, Scope, State};
use crate::connection::Schemas;
use crate::diag::{Record, map};
use crate::engine::Prepared;
use crate::ffi::consts::SQL_DIAG_SELECT_CURSOR;

/// Makes the org's own attributes columns that a catalog function is about to list.
pub fn load(scope: &mut Scope, schemas: Schemas) -> Result<(), Record> {
    let warning = {
        let waiter = scope.waiter();
        let cancel = &waiter.begin().cancel;
        scope.session()?.load(schemas, cancel, waiter.left())
    };
    if let Some(warning) = warning.map_err(map::in_statement)? {
        scope.stmt.diag.post(warning.into());
    }
    Ok(())
}

fn plan(scope: &mut Scope, sql: &str) -> Result<Plan, Record> {
    let mut warnings = Vec::new();
    let begun = Instant::now();
    let prepared = {
        let waiter = scope.waiter();
        let cancel = &waiter.begin().cancel;
        scope.session()?.prepare(sql, cancel, waiter.left(), &mut warnings)
    };
    for warning in warnings {
        scope.stmt.diag.post(warning.into());
    }
    told::planned(scope, sql, begun);
    Ok(described(prepared?))
}

fn described(prepared: Prepared) -> Plan {
    let columns = prepared
        .schema()
        .map_or_else(|| Arc::from([]), |schema| columns::of_schema(&schema));
    let parameters = prepared.parameters().into();
    Plan {
        prepared: Arc::new(prepared),
        columns,
        parameters,
    }
}

/// SQLPrepare: plans without asking Okta anything but schemas (decisions 7, 8).
pub fn prepare(scope: &mut Scope, sql: &str) -> Outcome {
    scope.stmt.prepared = false;
    scope.stmt.plan = None;
    scope.stmt.close();
    // A text that cannot be planned describes no columns, least of all those of the one before.
    scope.describe(&Arc::from([]))?;
    let plan = plan(scope, sql)?;
    scope.describe(&plan.columns)?;
    scope.stmt.plan = Some(plan);
    scope.stmt.prepared = true;
    scope.stmt.state = scope.stmt.unexecuted();
    if scope.stmt.attributes.enable_auto_ipd != 0 {
        parameters::describe(scope)?;
    }
    Ok(Done::Success)
}

/// SQLExecDirect.
pub fn exec_direct(scope: &mut Scope, sql: &str) -> Outcome {
    scope.stmt.prepared = false;
    scope.stmt.plan = None;
    scope.stmt.close();
    // A text that cannot be planned describes no columns, least of all those of the one before.
    scope.describe(&Arc::from([]))?;
    let plan = plan(scope, sql)?;
    scope.describe(&plan.columns)?;
    scope.stmt.plan = Some(plan);
    start(scope)
}

/// SQLExecute.
pub fn execute(scope: &mut Scope) -> Outcome {
    scope.stmt.close();
    let Some(plan) = &scope.stmt.plan else {
        return Ok(Done::Success);
    };
    let columns = plan.columns.clone();
    scope.describe(&columns)?;
    start(scope)
}

fn start(scope: &mut Scope) -> Outcome {
    let result = parameters::gather(scope).and_then(|gathered| match gathered {
        Gathered::Complete(sets) => run(scope, sets),
        Gathered::Awaiting(data) => {
            scope.stmt.data_at_execution = Some(data);
            scope.stmt.state = State::NeedData;
            Ok(Done::NeedData)
        }
    });
    if result.is_err() {
        scope.stmt.close();
    }
    result
}

/// Runs the first set now and, without result columns, all the others too.
pub fn run(scope: &mut Scope, mut sets: Vec<Vec<ArrayRef>>) -> Outcome {
    let streams = scope.stmt.plan.as_ref().is_some_and(|plan| !plan.columns.is_empty());
    if sets.is_empty() {
        scope.stmt.state = State::ExecutedNoResults;
        return Ok(Done::Success);
    }
    let rest = sets.split_off(1);
    for set in sets {
        open(scope, set)?;
    }
    if streams {
        scope.stmt.pending = rest.into();
    } else {
        for set in rest {
            open(scope, set)?;
        }
    }
    Ok(Done::Success)
}

fn open(scope: &mut Scope, set: Vec<ArrayRef>) -> Result<(), Record> {
    let Some(mut plan) = scope.stmt.plan.clone() else {
        return Ok(());
    };
    if let Some(typed) = plan.prepared.for_values(&set) {
        plan = described(typed);
        scope.describe(&plan.columns)?;
    }
    let Plan { prepared, columns, .. } = plan;
    told::plan(scope, &prepared, &set)?;
    let begun = Instant::now();
    let most_rows = Some(scope.stmt.attributes.max_rows).filter(|rows| *rows > 0);
    let rows = scope
        .waiter()
        .run(async move { prepared.execute(set, most_rows).await })??;
    let told = Told::begin(scope, begun, &rows);
    scope.stmt.row_count = match rows.affected() {
        Some(affected) => scope.stmt.row_count.max(0) + isize::try_from(affected).unwrap_or(isize::MAX),
        None => -1,
    };
    (scope.stmt.diag.row_count, scope.stmt.diag.cursor_row_count) = (-1, -1);
    if columns.is_empty() {
        scope.stmt.state = State::ExecutedNoResults;
        return Ok(());
    }
    scope.open(Cursor::streaming(columns, rows, told))?;
    scope.stmt.diag.dynamic_function = "SELECT CURSOR";
    scope.stmt.diag.dynamic_function_code = SQL_DIAG_SELECT_CURSOR;
    Ok(())
}

/// SQLMoreResults: the result set of the next set of parameters.
pub fn more_results(scope: &mut Scope) -> Outcome {
    let Some(next) = scope.stmt.pending.pop_front() else {
        scope.stmt.close();
        return Ok(Done::NoData);
    };
    scope.stmt.cursor = None;
    scope.stmt.reading = None;
    let result = open(scope, next);
    if result.is_err() {
        scope.stmt.close();
    }
    result.map(|()| Done::Success)
}

//! What the log tells of a statement: its text and plan, and of each execution how long it took, its rows and requests.

use std::sync::Arc;
use std::time::Instant;

use arrow::array::ArrayRef;

use super::Scope;
use crate::diag::Record;
use crate::engine::{Prepared, Rows};
use crate::log::{Level, Log};

/// A text was planned, or could not be; why not is told with the call's diagnostics.
pub fn planned(scope: &Scope, sql: &str, begun: Instant) {
    scope.log.write(Level::Statements, "prepare", |line| {
        line.put("statement", format_args!("{:#x}", scope.stmt.token))
            .put("sql", sql)
            .put("ms", begun.elapsed().as_millis());
    });
}

/// The plan that is about to run. It is made once more for that: only where it is wanted.
pub fn plan(scope: &Scope, prepared: &Arc<Prepared>, parameters: &[ArrayRef]) -> Result<(), Record> {
    if !scope.log.writes(Level::Plans) {
        return Ok(());
    }
    let (prepared, parameters) = (prepared.clone(), parameters.to_vec());
    let explained = scope.waiter().run(async move { prepared.explain(parameters).await })?;
    // What is wrong with it, its execution is about to say.
    if let Ok(plan) = explained {
        scope.log.write(Level::Plans, "plan", |line| {
            line.put("statement", format_args!("{:#x}", scope.stmt.token))
                .put("plan", plan.trim_end());
        });
    }
    Ok(())
}

/// An execution, from its first page to the end of its cursor.
pub struct Told {
    log: Log,
    statement: usize,
    begun: Instant,
    pub requests: u64,
}

impl Told {
    pub fn begin(scope: &Scope, begun: Instant, rows: &Rows) -> Told {
        let told = Told {
            log: scope.log.clone(),
            statement: scope.stmt.token,
            begun,
            requests: rows.requests(),
        };
        told.log.write(Level::Statements, "execute", |line| {
            line.put("statement", format_args!("{:#x}", told.statement))
                .put("requests", told.requests)
                .put("ms", told.begun.elapsed().as_millis());
        });
        told
    }

    /// `rows`: those that the application took.
    pub fn end(&self, rows: usize) {
        self.log.write(Level::Statements, "end", |line| {
            line.put("statement", format_args!("{:#x}", self.statement))
                .put("rows", rows)
                .put("requests", self.requests)
                .put("ms", self.begun.elapsed().as_millis());
        });
    }
}

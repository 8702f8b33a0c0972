//! What predicates prove about a column's values: ranges, contradictions, absence of NULLs.

use std::collections::BTreeSet;

use super::{LOG_KEPT, LOG_OLDEST, Query, expression};
use crate::catalog::Column;
use crate::engine::predicate::{ColumnIndex, Comparison, Predicate, Value};

/// Inclusive bounds; empty when `low > high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    low: i64,
    high: i64,
}

const EVERYTHING: Range = Range {
    low: i64::MIN,
    high: i64::MAX,
};
const EMPTY: Range = Range {
    low: i64::MAX,
    high: i64::MIN,
};

impl Range {
    fn and(self, other: Range) -> Range {
        Range {
            low: self.low.max(other.low),
            high: self.high.min(other.high),
        }
    }

    /// The smallest range that holds both.
    fn or(self, other: Range) -> Range {
        if self.is_empty() {
            other
        } else if other.is_empty() {
            self
        } else {
            Range {
                low: self.low.min(other.low),
                high: self.high.max(other.high),
            }
        }
    }

    fn is_empty(self) -> bool {
        self.low > self.high
    }
}

/// `since` and `until` of the system log; None when no event can lie between them (decision 27).
pub(super) fn log_window(query: &Query<'_>, time: ColumnIndex) -> Option<(String, String)> {
    let range = query
        .predicates
        .iter()
        .map(|p| range_of(p, time))
        .fold(EVERYTHING, Range::and);
    let low = if range.low == i64::MIN {
        query.now.saturating_sub(LOG_KEPT)
    } else {
        range.low
    };
    let since = low.max(query.now.saturating_sub(LOG_OLDEST));
    // Whether `until` is inclusive is not documented: one millisecond more than is wanted does no harm.
    let until = range.high.saturating_add(1).min(query.now);
    if since >= until {
        return None;
    }
    Some((expression::timestamp(since)?, expression::timestamp(until)?))
}

/// True where no row can satisfy all predicates.
pub(super) fn contradictory(query: &Query<'_>) -> bool {
    let mut conjuncts = Vec::new();
    flatten(query.predicates, &mut conjuncts);
    if conjuncts.iter().any(|predicate| never(predicate)) {
        return true;
    }
    let mentioned: BTreeSet<ColumnIndex> = conjuncts.iter().filter_map(|predicate| column_of(predicate)).collect();
    mentioned.into_iter().any(|column| {
        let range = conjuncts
            .iter()
            .map(|p| range_of(p, column))
            .fold(EVERYTHING, Range::and);
        let null = conjuncts
            .iter()
            .any(|p| matches!(p, Predicate::IsNull(c) if *c == column));
        range.is_empty()
            || (null && conjuncts.iter().any(|p| filters_nulls(p, column)))
            || no_value_left(query, &conjuncts, column)
    })
}

fn flatten<'p>(predicates: &'p [Predicate], into: &mut Vec<&'p Predicate>) {
    for predicate in predicates {
        match predicate {
            Predicate::And(all) => flatten(all, into),
            other => into.push(other),
        }
    }
}

pub(super) fn never(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Never => true,
        Predicate::In { values, .. } => values.is_empty(),
        Predicate::And(all) => all.iter().any(never),
        Predicate::Or(any) => any.iter().all(never),
        _ => false,
    }
}

/// The one column of a condition; for OR, when all branches have the same.
fn column_of(predicate: &Predicate) -> Option<ColumnIndex> {
    match predicate {
        Predicate::Compare { column, .. }
        | Predicate::In { column, .. }
        | Predicate::StartsWith { column, .. }
        | Predicate::EndsWith { column, .. }
        | Predicate::Contains { column, .. }
        | Predicate::IsNull(column)
        | Predicate::IsNotNull(column) => Some(*column),
        Predicate::Or(any) => {
            let first = column_of(any.first()?)?;
            any.iter()
                .all(|branch| column_of(branch) == Some(first))
                .then_some(first)
        }
        Predicate::And(_) | Predicate::Never | Predicate::Other => None,
    }
}

/// `a = 'x' AND a = 'y'`, by the column's own rule of comparison.
fn no_value_left(query: &Query<'_>, conjuncts: &[&Predicate], column: ColumnIndex) -> bool {
    let rule = &query.table.columns[column];
    let sets = conjuncts.iter().filter_map(|predicate| values(predicate, column, rule));
    sets.reduce(|a, b| a.intersection(&b).cloned().collect())
        .is_some_and(|left| left.is_empty())
}

/// The values that the predicate allows, folded where comparisons fold; None when it allows others too.
fn values(predicate: &Predicate, of: ColumnIndex, rule: &Column) -> Option<BTreeSet<String>> {
    let key = |value: &Value| match value {
        // Folded also where this query tells case apart: that proves less, never too much.
        Value::Text(text) if rule.kind.folds_case() => Some(expression::folded(text)),
        Value::Text(text) => Some(text.clone()),
        Value::Boolean(value) => Some(value.to_string()),
        _ => None,
    };
    match predicate {
        Predicate::Compare {
            column,
            op: Comparison::Eq,
            value,
        } if *column == of => Some(BTreeSet::from([key(value)?])),
        Predicate::In { column, values } if *column == of => values.iter().map(key).collect(),
        Predicate::Or(any) => {
            let mut union = BTreeSet::new();
            for branch in any {
                union.extend(values_in_branch(branch, of, rule)?);
            }
            Some(union)
        }
        _ => None,
    }
}

fn values_in_branch(branch: &Predicate, of: ColumnIndex, rule: &Column) -> Option<BTreeSet<String>> {
    if never(branch) {
        Some(BTreeSet::new())
    } else {
        values(branch, of, rule)
    }
}

/// A range that holds every value of the column for which the predicate can be true.
fn range_of(predicate: &Predicate, of: ColumnIndex) -> Range {
    match predicate {
        Predicate::Compare { column, op, value } if *column == of => {
            ordinal(value).map_or(EVERYTHING, |point| compared(*op, point))
        }
        Predicate::In { column, values } if *column == of => {
            let points: Option<Vec<i64>> = values.iter().map(ordinal).collect();
            let hull = |points: Vec<i64>| {
                points
                    .into_iter()
                    .map(|p| Range { low: p, high: p })
                    .fold(EMPTY, Range::or)
            };
            points.map_or(EVERYTHING, hull)
        }
        Predicate::And(all) => all.iter().map(|inner| range_of(inner, of)).fold(EVERYTHING, Range::and),
        Predicate::Or(any) => any.iter().map(|inner| range_of(inner, of)).fold(EMPTY, Range::or),
        Predicate::Never => EMPTY,
        _ => EVERYTHING,
    }
}

fn compared(op: Comparison, point: i64) -> Range {
    match op {
        Comparison::Eq => Range {
            low: point,
            high: point,
        },
        Comparison::Ne => EVERYTHING,
        Comparison::Lt => point.checked_sub(1).map_or(EMPTY, |high| Range { high, ..EVERYTHING }),
        Comparison::Le => Range {
            high: point,
            ..EVERYTHING
        },
        Comparison::Gt => point.checked_add(1).map_or(EMPTY, |low| Range { low, ..EVERYTHING }),
        Comparison::Ge => Range {
            low: point,
            ..EVERYTHING
        },
    }
}

/// Values of kinds whose neighbours are one apart.
fn ordinal(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(value) | Value::Timestamp(value) => Some(*value),
        Value::Date(days) => Some(i64::from(*days)),
        Value::Text(_) | Value::Double(_) | Value::Boolean(_) => None,
    }
}

/// True where the predicate cannot hold for a row whose column is NULL.
pub(super) fn filters_nulls(predicate: &Predicate, of: ColumnIndex) -> bool {
    match predicate {
        Predicate::Compare { column, .. }
        | Predicate::In { column, .. }
        | Predicate::StartsWith { column, .. }
        | Predicate::EndsWith { column, .. }
        | Predicate::Contains { column, .. }
        | Predicate::IsNotNull(column) => *column == of,
        Predicate::And(all) => all.iter().any(|inner| filters_nulls(inner, of)),
        Predicate::Or(any) => any.iter().all(|inner| filters_nulls(inner, of)),
        Predicate::Never => true,
        Predicate::IsNull(_) | Predicate::Other => false,
    }
}

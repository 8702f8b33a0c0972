//! From predicates to what Okta's expressions can say: always implied by the predicate, never narrower.

use std::collections::BTreeMap;

use super::expression::{self, Expression};
use super::{Query, bounds, keys};
use crate::catalog::{Column, Kind, Operator, Stored};
use crate::engine::predicate::{ColumnIndex, Comparison, Predicate, Value};

/// Everything that can be sent, to be joined by AND.
pub(super) struct Lowered {
    pub conjuncts: Vec<Expression>,
    /// Nothing is left to check but what Okta's own rules of comparison decide the same way.
    pub exact: bool,
}

/// `co` finds shorter values unreliably (behaviour.md §3).
const SHORTEST_CONTAINED: usize = 3;
/// Numbers that JSON readers keep exactly.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Lowers the query's predicates for its list's expression parameter.
pub(super) fn conjuncts(query: &Query<'_>) -> Lowered {
    let mut flat = Vec::new();
    flatten(query.predicates, &mut flat);
    let lowering = Lowering {
        query,
        time: time_column(query),
    };
    let mut conjuncts = Vec::new();
    let mut exact = true;
    for predicate in &flat {
        match lowering.lower(predicate) {
            Some(sent) => {
                exact &= sent.exact;
                conjuncts.extend(sent.expression);
            }
            None => exact = false,
        }
    }
    if conjuncts.is_empty() {
        // `co` is safe alone only (behaviour.md §3).
        let alone = flat.iter().find_map(|predicate| lowering.contains(predicate));
        exact |= alone.is_some() && flat.len() == 1;
        conjuncts.extend(alone);
    }
    Lowered { conjuncts, exact }
}

fn time_column(query: &Query<'_>) -> Option<ColumnIndex> {
    query.table.column_index(query.table.list.time_column.as_deref()?)
}

fn flatten<'p>(predicates: &'p [Predicate], into: &mut Vec<&'p Predicate>) {
    for predicate in predicates {
        match predicate {
            Predicate::And(all) => flatten(all, into),
            other => into.push(other),
        }
    }
}

/// What is sent for one predicate.
struct Sent {
    /// None where nothing needs to be sent (the predicate always holds, or `since` and `until` say it).
    expression: Option<Expression>,
    exact: bool,
}

fn exactly(expression: Expression) -> Option<Sent> {
    Some(Sent {
        expression: Some(expression),
        exact: true,
    })
}

struct Lowering<'a> {
    query: &'a Query<'a>,
    time: Option<ColumnIndex>,
}

impl Lowering<'_> {
    /// None when Okta cannot be asked anything for it.
    fn lower(&self, predicate: &Predicate) -> Option<Sent> {
        match predicate {
            Predicate::Compare { column, op, .. } if self.time == Some(*column) && *op != Comparison::Ne => {
                Some(Sent {
                    expression: None,
                    exact: true,
                })
            }
            Predicate::Compare { column, op, value } => exactly(self.compare(*column, *op, value)?),
            Predicate::In { column, values } => exactly(self.any_of(*column, values.iter())?),
            Predicate::StartsWith { column, prefix } => self.starts_with(self.column(*column), prefix),
            Predicate::IsNotNull(column) => match self.column(*column) {
                column if !column.nullable => Some(Sent {
                    expression: None,
                    exact: true,
                }),
                column => exactly(self.condition(column, Operator::Pr, None)?),
            },
            Predicate::And(all) => self.all(all),
            Predicate::Or(any) => self.any(any),
            Predicate::EndsWith { .. }
            | Predicate::Contains { .. }
            | Predicate::IsNull(_)
            | Predicate::Never
            | Predicate::Other => None,
        }
    }

    fn column(&self, index: ColumnIndex) -> &Column {
        &self.query.table.columns[index]
    }

    /// AND sends what it can.
    fn all(&self, all: &[Predicate]) -> Option<Sent> {
        let mut parts = Vec::new();
        let mut exact = true;
        for predicate in all {
            match self.lower(predicate) {
                Some(sent) => {
                    exact &= sent.exact;
                    parts.extend(sent.expression);
                }
                None => exact = false,
            }
        }
        if parts.is_empty() {
            return None;
        }
        Some(Sent {
            expression: Some(Expression::And(parts)),
            exact,
        })
    }

    /// OR is sent when every branch is; `a = 1 OR a = 2` as an IN list.
    fn any(&self, any: &[Predicate]) -> Option<Sent> {
        let mut flat = Vec::new();
        flatten_or(any, &mut flat);
        if let Some((column, values)) = values_of_one_column(&flat) {
            return exactly(self.any_of(column, values.into_iter())?);
        }
        let mut branches = Vec::with_capacity(flat.len());
        let mut exact = true;
        for predicate in flat.into_iter().filter(|branch| !bounds::never(branch)) {
            let sent = self.lower(predicate)?;
            exact &= sent.exact;
            branches.push(sent.expression?);
        }
        if branches.is_empty() {
            return None;
        }
        Some(Sent {
            expression: Some(Expression::either(branches)),
            exact,
        })
    }

    fn compare(&self, index: ColumnIndex, op: Comparison, value: &Value) -> Option<Expression> {
        let column = self.column(index);
        match (column.kind, value) {
            (Kind::Text | Kind::Enum | Kind::Id, Value::Text(text)) => self.compare_text(column, op, text),
            (Kind::Boolean, Value::Boolean(value)) => {
                let wanted = match op {
                    Comparison::Eq => *value,
                    Comparison::Ne => !*value,
                    _ => return None,
                };
                self.condition(column, Operator::Eq, Some(wanted.to_string()))
            }
            (Kind::Integer | Kind::Bigint, Value::Integer(value)) => {
                let exact = (*value as f64).abs() < LARGEST_EXACT;
                self.compare_ordered(column, op, exact.then(|| value.to_string())?)
            }
            (Kind::Double, Value::Double(value)) => self.compare_ordered(column, op, number(*value)?),
            (Kind::Date, Value::Date(days)) => {
                self.compare_ordered(column, op, expression::quoted(&expression::date(*days)?))
            }
            (Kind::Timestamp, Value::Timestamp(millis)) => self.compare_time(column, op, *millis),
            _ => None,
        }
    }

    /// `=` and `<>`; Okta's order of text is not SQL's, so ranges stay here.
    fn compare_text(&self, column: &Column, op: Comparison, text: &str) -> Option<Expression> {
        match op {
            Comparison::Eq => self.condition(column, Operator::Eq, Some(self.literal(column, text)?)),
            // Where SQL tells case apart, Okta's `not equal` would drop rows that differ in case only.
            Comparison::Ne if self.query.case_sensitive || !column.kind.folds_case() || !text.is_ascii() => None,
            Comparison::Ne => self.compare_ordered(column, op, self.literal(column, text)?),
            _ => None,
        }
    }

    /// Kinds whose order is Okta's too. `ne` is not in search: `(x lt v or x gt v)` says the same (behaviour.md §3).
    fn compare_ordered(&self, column: &Column, op: Comparison, value: String) -> Option<Expression> {
        let operator = match op {
            Comparison::Eq => Operator::Eq,
            Comparison::Lt => Operator::Lt,
            Comparison::Le => Operator::Le,
            Comparison::Gt => Operator::Gt,
            Comparison::Ge => Operator::Ge,
            Comparison::Ne if column.operators.contains(&Operator::Ne) => Operator::Ne,
            Comparison::Ne => {
                let below = self.condition(column, Operator::Lt, Some(value.clone()))?;
                return Some(Expression::either(vec![
                    below,
                    self.condition(column, Operator::Gt, Some(value))?,
                ]));
            }
        };
        self.condition(column, operator, Some(value))
    }

    /// Okta's users and groups show whole seconds (every recorded time ends in `.000Z`), while its index may hold
    /// the milliseconds: upper bounds go to the end of the second.
    fn compare_time(&self, column: &Column, op: Comparison, millis: i64) -> Option<Expression> {
        let at = |operator, millis| {
            self.condition(
                column,
                operator,
                Some(expression::quoted(&expression::timestamp(millis)?)),
            )
        };
        let end_of_second = |millis: i64| millis.checked_add(999).map(|late| late - late.rem_euclid(1_000));
        match op {
            Comparison::Ge => at(Operator::Ge, millis),
            Comparison::Gt => at(Operator::Gt, millis),
            Comparison::Lt => at(Operator::Lt, end_of_second(millis)?),
            Comparison::Le => at(Operator::Lt, end_of_second(millis.checked_add(1)?)?),
            Comparison::Eq => {
                let until = at(Operator::Lt, end_of_second(millis.checked_add(1)?)?)?;
                Some(Expression::And(vec![at(Operator::Ge, millis)?, until]))
            }
            Comparison::Ne => None,
        }
    }

    /// `IN (…)`: an OR whose branches no row shares, so that a long list may become several requests.
    fn any_of<'v>(&self, index: ColumnIndex, values: impl Iterator<Item = &'v Value>) -> Option<Expression> {
        let column = self.column(index);
        let is_key = column.kind == Kind::Id && self.query.table.primary_key == [column.name.clone()];
        // Values that Okta may take for the same stay in one branch.
        let mut groups: BTreeMap<String, Vec<Expression>> = BTreeMap::new();
        for value in values {
            if matches!(value, Value::Text(text) if is_key && !keys::is_possible(text)) {
                continue;
            }
            let condition = self.compare(index, Comparison::Eq, value)?;
            let group = groups.entry(same_in_okta(value)).or_default();
            if !group.contains(&condition) {
                group.push(condition);
            }
        }
        let disjoint = column.kind != Kind::Timestamp;
        let branches: Vec<Expression> = groups
            .into_values()
            .map(|mut group| {
                if group.len() == 1 {
                    group.remove(0)
                } else {
                    Expression::either(group)
                }
            })
            .collect();
        (!branches.is_empty()).then_some(Expression::Or { branches, disjoint })
    }

    /// LIKE 'x%' by the part of the prefix that surely compares the same there.
    fn starts_with(&self, column: &Column, prefix: &str) -> Option<Sent> {
        let safe: String = prefix.chars().take_while(|c| compares_alike(*c)).collect();
        let safe = safe.trim_end();
        let condition = self.condition(column, Operator::Sw, Some(self.literal(column, safe)?))?;
        Some(Sent {
            expression: Some(condition),
            exact: safe.len() == prefix.len(),
        })
    }

    /// LIKE '%x%', to be sent alone.
    fn contains(&self, predicate: &Predicate) -> Option<Expression> {
        let Predicate::Contains { column, part } = predicate else {
            return None;
        };
        let column = self.column(*column);
        if part.chars().count() < SHORTEST_CONTAINED {
            return None;
        }
        self.condition(column, Operator::Co, Some(self.literal(column, part)?))
    }

    fn condition(&self, column: &Column, operator: Operator, value: Option<String>) -> Option<Expression> {
        if !column.operators.contains(&operator) {
            return None;
        }
        let attribute = column.attribute()?;
        let word = word(operator);
        Some(Expression::condition(match value {
            Some(value) => format!("{attribute} {word} {value}"),
            None => format!("{attribute} {word}"),
        }))
    }

    /// The text in Okta's quotes; None where Okta might compare it otherwise than SQL does, and miss a row.
    fn literal(&self, column: &Column, text: &str) -> Option<String> {
        if text.is_empty() || text.trim() != text || !text.chars().all(compares_alike) {
            return None;
        }
        let folded = match column.stored {
            Some(_) if !text.is_ascii() => return None,
            Some(Stored::Upper) => text.to_ascii_uppercase(),
            Some(Stored::Lower) => text.to_ascii_lowercase(),
            None if column.kind.folds_case() && !self.query.table.list.folds_case => return None,
            None => text.to_owned(),
        };
        Some(expression::quoted(&folded))
    }
}

fn flatten_or<'p>(predicates: &'p [Predicate], into: &mut Vec<&'p Predicate>) {
    for predicate in predicates {
        match predicate {
            Predicate::Or(any) => flatten_or(any, into),
            Predicate::Never => {}
            other => into.push(other),
        }
    }
}

/// The column and all values, where every branch is `=` or IN on the same column.
fn values_of_one_column<'p>(branches: &[&'p Predicate]) -> Option<(ColumnIndex, Vec<&'p Value>)> {
    let mut one = None;
    let mut all = Vec::new();
    for branch in branches {
        let (column, values) = match branch {
            Predicate::Compare {
                column,
                op: Comparison::Eq,
                value,
            } => (*column, std::slice::from_ref(value)),
            Predicate::In { column, values } => (*column, values.as_slice()),
            _ => return None,
        };
        if *one.get_or_insert(column) != column {
            return None;
        }
        all.extend(values);
    }
    Some((one?, all))
}

/// Values with the same key may be equal for Okta.
fn same_in_okta(value: &Value) -> String {
    match value {
        Value::Text(text) => expression::folded(text),
        Value::Integer(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Timestamp(value) => value.to_string(),
        Value::Date(value) => value.to_string(),
    }
}

fn number(value: f64) -> Option<String> {
    let plain = value == 0.0 || (1e-6..LARGEST_EXACT).contains(&value.abs());
    // Minus zero is zero.
    plain.then(|| (value + 0.0).to_string())
}

/// True for characters that every reading of "without case" treats alike: no control characters, nothing outside the
/// basic plane (Okta stores none, behaviour.md §1), no letters whose case mapping is not one to one.
fn compares_alike(c: char) -> bool {
    let one = |mut mapped: Box<dyn Iterator<Item = char>>| match (mapped.next(), mapped.next()) {
        (Some(single), None) => Some(single),
        _ => None,
    };
    if c.is_ascii() {
        return !c.is_control();
    }
    let round_trip = one(Box::new(c.to_lowercase()))
        .and_then(|lower| Some((lower, one(Box::new(lower.to_uppercase()))?)))
        .is_some_and(|(lower, upper)| upper.to_lowercase().eq([lower]) && (c == lower || c == upper));
    (c as u32) < 0x1_0000 && !c.is_control() && !c.is_whitespace() && !matches!(c, 'σ' | 'Σ' | 'ς') && round_trip
}

fn word(operator: Operator) -> &'static str {
    match operator {
        Operator::Eq => "eq",
        Operator::Ne => "ne",
        Operator::Gt => "gt",
        Operator::Ge => "ge",
        Operator::Lt => "lt",
        Operator::Le => "le",
        Operator::Sw => "sw",
        Operator::Ew => "ew",
        Operator::Co => "co",
        Operator::Pr => "pr",
    }
}

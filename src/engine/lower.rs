//! Lowers DataFusion's filters to the small predicate language, never saying more than they do.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};

use super::predicate::{ColumnIndex, Comparison, Predicate, Value};
use super::provider::column_index;
use super::text::FOLD;
use crate::catalog::{Kind, Table};

/// What a filter implies of one table's rows.
pub fn lower(expr: &Expr, table: &Table, case_sensitive: bool) -> Predicate {
    Lowering { table, case_sensitive }.predicate(expr)
}

struct Lowering<'a> {
    table: &'a Table,
    case_sensitive: bool,
}

/// A column as a filter names it.
#[derive(Clone, Copy)]
struct Operand {
    column: ColumnIndex,
    kind: Kind,
    /// The comparison sees what the catalog's kind says: case folded for text, exact for ids.
    by_kind: bool,
}

impl Lowering<'_> {
    fn predicate(&self, expr: &Expr) -> Predicate {
        match expr {
            Expr::BinaryExpr(BinaryExpr {
                left,
                op: Operator::And,
                right,
            }) => flat(self.predicate(left), self.predicate(right), true),
            Expr::BinaryExpr(BinaryExpr {
                left,
                op: Operator::Or,
                right,
            }) => flat(self.predicate(left), self.predicate(right), false),
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => self.compare(left, *op, right),
            Expr::Between(Between {
                expr,
                negated: false,
                low,
                high,
            }) => {
                let low = self.compare(expr, Operator::GtEq, low);
                flat(low, self.compare(expr, Operator::LtEq, high), true)
            }
            Expr::InList(InList { expr, list, negated }) => self.in_list(expr, list, *negated),
            Expr::Like(like) if !like.negated && like.escape_char.is_none() && !like.case_insensitive => {
                match (self.operand(&like.expr), &*like.pattern) {
                    (Some(operand), Expr::Literal(ScalarValue::Utf8(Some(pattern)), _)) => {
                        like_pattern(operand, pattern)
                    }
                    (_, Expr::Literal(value, _)) if value.is_null() => Predicate::Never,
                    _ => Predicate::Other,
                }
            }
            Expr::IsNull(inner) => self.column(inner).map_or(Predicate::Other, Predicate::IsNull),
            Expr::IsNotNull(inner) => self.column(inner).map_or(Predicate::Other, Predicate::IsNotNull),
            Expr::Column(_) | Expr::IsTrue(_) => self.boolean(expr, true),
            Expr::Not(inner) | Expr::IsFalse(inner) => self.boolean(inner, false),
            Expr::Literal(ScalarValue::Boolean(Some(true)), _) => Predicate::And(Vec::new()),
            Expr::Literal(ScalarValue::Boolean(_) | ScalarValue::Null, _) => Predicate::Never,
            _ => Predicate::Other,
        }
    }

    fn boolean(&self, expr: &Expr, value: bool) -> Predicate {
        let expr = if let Expr::IsTrue(inner) = expr { inner } else { expr };
        match self.operand(expr) {
            Some(operand) if operand.kind == Kind::Boolean => Predicate::Compare {
                column: operand.column,
                op: Comparison::Eq,
                value: Value::Boolean(value),
            },
            _ => Predicate::Other,
        }
    }

    fn compare(&self, left: &Expr, op: Operator, right: &Expr) -> Predicate {
        let Some(comparison) = comparison(op) else {
            return Predicate::Other;
        };
        let (operand, comparison, literal) = match (self.operand(left), right, self.operand(right), left) {
            (Some(operand), Expr::Literal(value, _), _, _) => (operand, comparison, value),
            (_, _, Some(operand), Expr::Literal(value, _)) => (operand, mirrored(comparison), value),
            (_, Expr::Literal(value, _), _, _) | (_, _, _, Expr::Literal(value, _)) if value.is_null() => {
                return Predicate::Never;
            }
            _ => return Predicate::Other,
        };
        if literal.is_null() {
            return Predicate::Never;
        }
        compared(operand, comparison, literal)
    }

    fn in_list(&self, expr: &Expr, list: &[Expr], negated: bool) -> Predicate {
        let Some(operand) = self.operand(expr) else {
            return Predicate::Other;
        };
        let mut predicates = Vec::with_capacity(list.len());
        for item in list {
            let Expr::Literal(literal, _) = item else {
                return Predicate::Other;
            };
            if literal.is_null() {
                // x NOT IN (…, NULL) is never true; x IN (…, NULL) is true for the others.
                if negated {
                    return Predicate::Never;
                }
                continue;
            }
            let op = if negated { Comparison::Ne } else { Comparison::Eq };
            predicates.push(compared(operand, op, literal));
        }
        if negated {
            return Predicate::And(predicates);
        }
        let mut values = Vec::with_capacity(predicates.len());
        for predicate in predicates {
            match predicate {
                Predicate::Compare { value, .. } => values.push(value),
                Predicate::Never => {}
                _ => return Predicate::Other,
            }
        }
        if values.is_empty() {
            Predicate::Never
        } else {
            Predicate::In {
                column: operand.column,
                values,
            }
        }
    }

    /// The bare column: NULL passes through folding and casts of time.
    fn column(&self, expr: &Expr) -> Option<ColumnIndex> {
        self.operand(expr).map(|operand| operand.column)
    }

    fn operand(&self, expr: &Expr) -> Option<Operand> {
        match expr {
            Expr::Column(column) => {
                let index = column_index(self.table, &column.name)?;
                let kind = self.table.columns[index].kind;
                let by_kind = !kind.folds_case() || self.case_sensitive;
                Some(Operand {
                    column: index,
                    kind,
                    by_kind,
                })
            }
            Expr::ScalarFunction(function) if function.name() == FOLD => {
                let operand = self.operand(function.args.first()?)?;
                Some(Operand {
                    by_kind: operand.kind.folds_case(),
                    ..operand
                })
            }
            Expr::Cast(cast) => {
                let operand = self.operand(&cast.expr)?;
                let kept = match operand.kind {
                    Kind::Timestamp => {
                        matches!(cast.field.data_type(), DataType::Timestamp(_, zone) if is_utc(zone.as_deref()))
                    }
                    Kind::Integer => *cast.field.data_type() == DataType::Int64,
                    _ => false,
                };
                kept.then_some(operand)
            }
            _ => None,
        }
    }
}

fn is_utc(zone: Option<&str>) -> bool {
    matches!(zone, None | Some("UTC" | "+00:00" | "Z"))
}

/// AND and OR of two, without nesting one AND in another.
fn flat(left: Predicate, right: Predicate, and: bool) -> Predicate {
    let mut all = Vec::new();
    for side in [left, right] {
        match side {
            Predicate::And(inner) if and => all.extend(inner),
            Predicate::Or(inner) if !and => all.extend(inner),
            other => all.push(other),
        }
    }
    if and { Predicate::And(all) } else { Predicate::Or(all) }
}

fn comparison(op: Operator) -> Option<Comparison> {
    Some(match op {
        Operator::Eq => Comparison::Eq,
        Operator::NotEq => Comparison::Ne,
        Operator::Lt => Comparison::Lt,
        Operator::LtEq => Comparison::Le,
        Operator::Gt => Comparison::Gt,
        Operator::GtEq => Comparison::Ge,
        _ => return None,
    })
}

fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
        same => same,
    }
}

fn compared(operand: Operand, op: Comparison, literal: &ScalarValue) -> Predicate {
    let column = operand.column;
    // Where the comparison is exact and Okta's is not, only equality implies Okta's.
    if !operand.by_kind && op != Comparison::Eq {
        return Predicate::Other;
    }
    let value = match (operand.kind, literal) {
        (Kind::Text | Kind::Enum | Kind::Id | Kind::Json, literal) => match literal.try_as_str() {
            Some(Some(text)) => Value::Text(text.to_owned()),
            _ => return Predicate::Other,
        },
        (Kind::Integer | Kind::Bigint, literal) => match integer(literal) {
            Some(number) => Value::Integer(number),
            None => return Predicate::Other,
        },
        (Kind::Double, ScalarValue::Float64(Some(number))) => Value::Double(*number),
        (Kind::Boolean, ScalarValue::Boolean(Some(value))) => Value::Boolean(*value),
        (Kind::Timestamp, literal) => return instant(column, op, literal),
        (Kind::Date, ScalarValue::Date32(Some(days))) => Value::Date(*days),
        _ => return Predicate::Other,
    };
    Predicate::Compare { column, op, value }
}

fn integer(literal: &ScalarValue) -> Option<i64> {
    match literal {
        ScalarValue::Int8(Some(n)) => Some(i64::from(*n)),
        ScalarValue::Int16(Some(n)) => Some(i64::from(*n)),
        ScalarValue::Int32(Some(n)) => Some(i64::from(*n)),
        ScalarValue::Int64(Some(n)) => Some(*n),
        _ => None,
    }
}

/// Compares whole milliseconds with a literal of any unit.
fn instant(column: ColumnIndex, op: Comparison, literal: &ScalarValue) -> Predicate {
    let (value, per_millisecond, milliseconds) = match literal {
        ScalarValue::TimestampSecond(Some(v), zone) if is_utc(zone.as_deref()) => (*v, 1, 1000),
        ScalarValue::TimestampMillisecond(Some(v), zone) if is_utc(zone.as_deref()) => (*v, 1, 1),
        ScalarValue::TimestampMicrosecond(Some(v), zone) if is_utc(zone.as_deref()) => (*v, 1000, 1),
        ScalarValue::TimestampNanosecond(Some(v), zone) if is_utc(zone.as_deref()) => (*v, 1_000_000, 1),
        ScalarValue::Date32(Some(days)) => (i64::from(*days), 1, 86_400_000),
        _ => return Predicate::Other,
    };
    let floor = value.div_euclid(per_millisecond).saturating_mul(milliseconds);
    let between = value.rem_euclid(per_millisecond) != 0;
    let (op, value) = match op {
        Comparison::Eq if between => return Predicate::Never,
        Comparison::Ne if between => return Predicate::IsNotNull(column),
        Comparison::Lt if between => (Comparison::Le, floor),
        Comparison::Ge if between => (Comparison::Gt, floor),
        op => (op, floor),
    };
    Predicate::Compare {
        column,
        op,
        value: Value::Timestamp(value),
    }
}

/// `abc%`, `%abc`, `%abc%` and, weaker than the pattern, whatever precedes its first wildcard.
fn like_pattern(operand: Operand, pattern: &str) -> Predicate {
    if !matches!(operand.kind, Kind::Text | Kind::Enum | Kind::Id) {
        return Predicate::Other;
    }
    let column = operand.column;
    let mut literals = vec![String::new()];
    let mut single = false;
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => literals.push(String::new()),
            '_' => {
                single = true;
                literals.push(String::new());
            }
            other => {
                let literal = if other == '\\' {
                    characters.next().unwrap_or(other)
                } else {
                    other
                };
                if let Some(last) = literals.last_mut() {
                    last.push(literal);
                }
            }
        }
    }
    match literals.as_mut_slice() {
        [exact] => Predicate::Compare {
            column,
            op: Comparison::Eq,
            value: Value::Text(std::mem::take(exact)),
        },
        [prefix, ..] if !prefix.is_empty() => Predicate::StartsWith {
            column,
            prefix: std::mem::take(prefix),
        },
        [_, suffix] if !single && !suffix.is_empty() => Predicate::EndsWith {
            column,
            suffix: std::mem::take(suffix),
        },
        [_, part, last] if !single && !part.is_empty() && last.is_empty() => Predicate::Contains {
            column,
            part: std::mem::take(part),
        },
        _ => Predicate::IsNotNull(column),
    }
}

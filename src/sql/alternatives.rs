//! Many comparisons of one column, joined by OR, as one IN: `a = 'x' OR a = 'y' OR …`.

use std::collections::HashMap;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, Value, VisitorMut};

use super::shape::balanced;

/// Fewer comparisons stay as they are.
const FEWEST: usize = 16;

/// A chain of ORs is computed link by link for every row, a list is looked up.
pub(super) struct Alternatives;

impl VisitorMut for Alternatives {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if equalities(expr) >= FEWEST {
            let mut operands = Vec::new();
            take(std::mem::replace(expr, Expr::value(Value::Null)), &mut operands);
            *expr = balanced(listed(operands), &BinaryOperator::Or);
        }
        ControlFlow::Continue(())
    }
}

/// Comparisons of a column with a text among what OR joins. The chain is balanced already.
fn equalities(expr: &Expr) -> usize {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => equalities(left) + equalities(right),
        other => usize::from(compared(other).is_some()),
    }
}

fn compared(expr: &Expr) -> Option<&Expr> {
    let Expr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    } = expr
    else {
        return None;
    };
    let column = matches!(**left, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    // Only texts: of other types a list may mean something else than each comparison alone.
    let text = matches!(&**right, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)));
    (column && text).then_some(left)
}

fn take(expr: Expr, operands: &mut Vec<Expr>) {
    match expr {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => {
            take(*left, operands);
            take(*right, operands);
        }
        other => operands.push(other),
    }
}

fn listed(operands: Vec<Expr>) -> Vec<Expr> {
    let mut joined: Vec<Expr> = Vec::new();
    let mut lists: HashMap<String, usize> = HashMap::new();
    for operand in operands {
        let Some(column) = compared(&operand).map(ToString::to_string) else {
            joined.push(operand);
            continue;
        };
        let place = *lists.entry(column).or_insert(joined.len());
        match (joined.get_mut(place), operand) {
            (Some(Expr::InList { list, .. }), Expr::BinaryOp { right, .. }) => list.push(*right),
            (_, Expr::BinaryOp { left, right, .. }) => joined.push(Expr::InList {
                expr: left,
                list: vec![*right],
                negated: false,
            }),
            (_, other) => joined.push(other),
        }
    }
    joined
}

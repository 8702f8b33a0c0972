//! What the user wrote for each column of a result, before anything is rewritten (decision 16).

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, SelectItem, SetExpr, Statement, Value, ValueWithSpan, VisitMut, VisitorMut};

/// Longest label made from an expression's text, in characters.
const LONGEST: usize = 128;

/// The text of each unnamed item of the leftmost SELECT, in their order; None for the others.
pub(super) fn of(statement: &Statement) -> Vec<Option<String>> {
    match statement {
        Statement::Query(query) => of_body(&query.body),
        _ => Vec::new(),
    }
}

fn of_body(body: &SetExpr) -> Vec<Option<String>> {
    match body {
        SetExpr::Select(select) => {
            let texts = select.projection.iter().map(|item| match item {
                SelectItem::UnnamedExpr(expr) => Some(text(expr)),
                _ => None,
            });
            texts.collect()
        }
        SetExpr::Query(query) => of_body(&query.body),
        SetExpr::SetOperation { left, .. } => of_body(left),
        _ => Vec::new(),
    }
}

fn text(expr: &Expr) -> String {
    let mut expr = expr.clone();
    let _ = VisitMut::visit(&mut expr, &mut AsWritten);
    expr.to_string().chars().take(LONGEST).collect()
}

/// Parameters have numbers here, and had none in the text.
struct AsWritten;

impl VisitorMut for AsWritten {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::Placeholder(name) = &mut value.value {
            "?".clone_into(name);
        }
        ControlFlow::Continue(())
    }
}

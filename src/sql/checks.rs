//! Mistakes that the syntax tree shows, named where they stand: the planner would say less, and no place.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Function, ObjectNamePart, Query, Select, SetExpr, Spanned, Values, Visitor};

use super::Error;
use super::position::syntax_error;
use super::tsql_functions::{Chapter, TSQL};

/// Rows of VALUES that differ in length, and aggregates where none can be.
pub(super) struct Checks<'a> {
    pub text: &'a str,
}

impl Visitor for Checks<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Error> {
        self.body(&query.body)
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Error> {
        let Some(condition) = &select.selection else {
            return ControlFlow::Continue(());
        };
        match aggregate_of(condition) {
            Some(function) => ControlFlow::Break(self.aggregate(function)),
            None => ControlFlow::Continue(()),
        }
    }
}

impl Checks<'_> {
    fn body(&self, body: &SetExpr) -> ControlFlow<Error> {
        match body {
            SetExpr::Values(values) => self.values(values),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left)?;
                self.body(right)
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn values(&self, values: &Values) -> ControlFlow<Error> {
        let Some(first) = values.rows.first() else {
            return ControlFlow::Continue(());
        };
        let wanted = first.len();
        for (place, row) in values.rows.iter().enumerate() {
            let found = row.len();
            if found != wanted {
                let at = row.first().map(|value| value.span().start);
                let message = format!(
                    "the rows of VALUES have as many values as the first, {wanted}; row {} has {found}",
                    place + 1
                );
                return ControlFlow::Break(syntax_error(self.text, at, &message));
            }
        }
        ControlFlow::Continue(())
    }

    fn aggregate(&self, function: &Function) -> Error {
        let name = function.name.to_string().to_uppercase();
        let message = format!("{name} of the rows of a query cannot stand in its WHERE; write it in HAVING");
        syntax_error(self.text, Some(function.name.span().start), &message)
    }
}

/// An aggregate among what a condition compares, but in no sub-query of it. Without recursion: the tree is being walked.
fn aggregate_of(condition: &Expr) -> Option<&Function> {
    let mut rest = vec![condition];
    while let Some(expr) = rest.pop() {
        match expr {
            Expr::Function(function) if function.over.is_none() && is_aggregate(function) => return Some(function),
            Expr::BinaryOp { left, right, .. } => rest.extend([&**left, &**right]),
            Expr::Between { expr, low, high, .. } => rest.extend([&**expr, &**low, &**high]),
            Expr::UnaryOp { expr, .. } | Expr::InList { expr, .. } | Expr::Cast { expr, .. } => rest.push(expr),
            Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => rest.push(inner),
            _ => {}
        }
    }
    None
}

fn is_aggregate(function: &Function) -> bool {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else {
        return false;
    };
    TSQL.iter()
        .any(|row| row.chapter == Chapter::Aggregates && row.name.eq_ignore_ascii_case(&name.value))
}

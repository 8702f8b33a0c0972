//! Mistakes that the syntax tree shows, named where they stand: the planner would say less, and no place.

use std::ops::ControlFlow;

use sqlparser::ast::{Expr, Function, ObjectNamePart, Query, Select, SetExpr, Spanned, Values, Visit, Visitor};

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
        let mut aggregates = Aggregates { depth: 0 };
        match condition.visit(&mut aggregates) {
            ControlFlow::Break(function) => ControlFlow::Break(self.aggregate(&function)),
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
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

/// An aggregate in a condition, but not in a sub-query of it.
struct Aggregates {
    depth: usize,
}

impl Visitor for Aggregates {
    type Break = Function;

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<Function> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<Function> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Function> {
        match expr {
            Expr::Function(function) if self.depth == 0 && function.over.is_none() && is_aggregate(function) => {
                ControlFlow::Break(function.clone())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

fn is_aggregate(function: &Function) -> bool {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else {
        return false;
    };
    TSQL.iter()
        .any(|row| row.chapter == Chapter::Aggregates && row.name.eq_ignore_ascii_case(&name.value))
}

//! How long a SELECT says that its columns are: the lengths of the text types that they are cast to.

use sqlparser::ast::{Expr, SelectItem, SetExpr, Statement};

use super::types;

/// The length of a text column that is a CAST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// `NVARCHAR(10)`
    Characters(u64),
    /// `NVARCHAR(max)`, `NTEXT`, `TEXT`, `XML`
    Long,
}

/// One for each column of a plain SELECT, in their order; none at all where a wildcard stands for any number of columns.
pub(super) fn of(statement: &Statement) -> Vec<Option<Declared>> {
    let Statement::Query(query) = statement else {
        return Vec::new();
    };
    let SetExpr::Select(select) = query.body.as_ref() else {
        return Vec::new();
    };
    let item = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(of_expression(expr)),
        _ => None,
    };
    let items: Option<Vec<_>> = select.projection.iter().map(item).collect();
    items.unwrap_or_default()
}

fn of_expression(expr: &Expr) -> Option<Declared> {
    match expr {
        Expr::Cast { data_type, .. } => types::declared(data_type),
        Expr::Convert {
            data_type: Some(data_type),
            ..
        } => types::declared(data_type),
        Expr::Nested(expr) => of_expression(expr),
        _ => None,
    }
}

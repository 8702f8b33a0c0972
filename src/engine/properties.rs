//! `fn_listextendedproperty(name, level0type, level0name, …)`: planned as a filter over the list of all descriptions.

use std::fmt;
use std::sync::Arc;

use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, col};
use sqlparser::ast::{
    Expr as SqlExpr, FunctionArg, FunctionArgExpr, ObjectName, ObjectNamePart, TableFactor, Value as SqlValue,
};

use super::Error;
use super::pages::external;
use super::resolve::fold;
use super::system::SystemTables;

const NAME: &str = "fn_listextendedproperty";
/// Columns that the arguments are compared with, in their order.
const ARGUMENTS: [&str; 7] = [
    "name",
    "level0type",
    "level0name",
    "level1type",
    "level1name",
    "level2type",
    "level2name",
];
/// Where `level2type` stands.
const LEVEL_2_TYPE: usize = 5;
/// The result's columns (Microsoft's reference of the function).
const COLUMNS: [&str; 4] = ["objtype", "objname", "name", "value"];

/// Plans the function; every other relation is left to DataFusion.
pub struct ExtendedProperties(pub Arc<SystemTables>);

impl fmt::Debug for ExtendedProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

/// The last part of a name is the function's.
fn is_named(name: &ObjectName) -> bool {
    let last = name.0.last().and_then(ObjectNamePart::as_ident);
    last.is_some_and(|last| fold(&last.value) == NAME)
}

/// `default`, which stands for NULL.
fn is_default(expr: &SqlExpr) -> bool {
    matches!(expr, SqlExpr::Identifier(name) if name.value.eq_ignore_ascii_case("default"))
}

fn is_null(expr: &SqlExpr) -> bool {
    matches!(expr, SqlExpr::Value(value) if value.value == SqlValue::Null)
}

fn arguments(args: &[FunctionArg]) -> Option<Vec<&SqlExpr>> {
    let unnamed = |arg| match arg {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    args.iter().map(unnamed).collect()
}

/// Whether a relation is a call of the function that asks for descriptions of columns.
pub fn lists_columns(relation: &TableFactor) -> bool {
    let TableFactor::Table {
        name, args: Some(args), ..
    } = relation
    else {
        return false;
    };
    let arguments = arguments(&args.args).unwrap_or_default();
    let of_level_2 = arguments.get(LEVEL_2_TYPE);
    is_named(name) && of_level_2.is_some_and(|expr| !is_default(expr) && !is_null(expr))
}

impl RelationPlanner for ExtendedProperties {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (args, alias) = match &relation {
            TableFactor::Table {
                name,
                args: Some(args),
                alias,
                ..
            } if is_named(name) => (&args.args, alias),
            _ => return Ok(RelationPlanning::Original(Box::new(relation))),
        };
        let args = arguments(args).filter(|args| args.len() == ARGUMENTS.len());
        let args = args.ok_or_else(|| external(Error::Invalid(format!("{NAME} takes seven arguments"))))?;
        let mut filter: Option<Expr> = None;
        for (column, arg) in ARGUMENTS.into_iter().zip(args) {
            let arg = if is_default(arg) {
                Expr::Literal(ScalarValue::Utf8(None), None)
            } else {
                context.sql_expr_to_logical_expr(arg.clone(), &DFSchema::empty())?
            };
            let matches = matches(column, arg);
            filter = Some(match filter {
                Some(filter) => filter.and(matches),
                None => matches,
            });
        }
        let mut plan = LogicalPlanBuilder::scan(NAME, self.0.properties(), None)?;
        if let Some(filter) = filter {
            plan = plan.filter(filter)?;
        }
        let plan = plan.project(COLUMNS.map(col))?.alias(NAME)?.build()?;
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(
            plan,
            alias.clone(),
        ))))
    }
}

/// A name that is NULL means all; a type that is NULL means the level above, of which a description stands on tables
/// (no level 2) only.
fn matches(column: &'static str, arg: Expr) -> Expr {
    // A parameter is asked for its NULL by a type of its own.
    let arg = match arg {
        Expr::Placeholder(placeholder) if placeholder.field.is_none() => {
            let field = arrow::datatypes::Field::new(column, arrow::datatypes::DataType::Utf8, true);
            Expr::Placeholder(datafusion::logical_expr::expr::Placeholder::new_with_field(
                placeholder.id,
                Some(Arc::new(field)),
            ))
        }
        other => other,
    };
    let equal = col(column).eq(arg.clone());
    match column {
        "level0type" | "level1type" => equal,
        "level2type" => equal.or(arg.is_null().and(col(column).is_null())),
        _ => equal.or(arg.is_null()),
    }
}

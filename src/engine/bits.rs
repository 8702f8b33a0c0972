//! Truth values as T-SQL's bits: 1 and 0 in a list, between bounds, beside numbers in a CASE, as text and as decimal numbers.

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Case, Cast, InList, ScalarFunction, TryCast};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Between, Expr, ExprSchemable, LogicalPlan, cast};

use super::rewrite;

/// Functions that make text of what they are given.
pub(super) const WRITERS: [&str; 2] = ["concat", "concat_ws"];

/// Lists, bounds and texts of truth values, in all of a plan.
pub fn read(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let schema = merge_schema(&node.inputs());
        rewrite::expressions(node, |expr| expr.transform_up(|expr| Ok(expression(expr, &schema))))
    })?;
    Ok(plan.data)
}

fn expression(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let bit = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Boolean));
    let decimal = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Decimal128(..)));
    let whole = |expr: &Expr| expr.get_type(schema).is_ok_and(|data_type| data_type.is_integer());
    match expr {
        Expr::Cast(Cast { expr, field }) if *field.data_type() == DataType::Utf8 && bit(&expr) => {
            let expr = Box::new(cast(*expr, DataType::Int64));
            Transformed::yes(Expr::Cast(Cast { expr, field }))
        }
        Expr::TryCast(TryCast { expr, field }) if *field.data_type() == DataType::Utf8 && bit(&expr) => {
            let expr = Box::new(cast(*expr, DataType::Int64));
            Transformed::yes(Expr::TryCast(TryCast { expr, field }))
        }
        // Arrow casts neither way between the two.
        Expr::Cast(Cast { expr, field }) if matches!(field.data_type(), DataType::Decimal128(..)) && bit(&expr) => {
            let expr = Box::new(cast(*expr, DataType::Int64));
            Transformed::yes(Expr::Cast(Cast { expr, field }))
        }
        Expr::Cast(Cast { expr, field }) if *field.data_type() == DataType::Boolean && decimal(&expr) => {
            let expr = Box::new(cast(*expr, DataType::Float64));
            Transformed::yes(Expr::Cast(Cast { expr, field }))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if WRITERS.contains(&func.name()) => {
            let number = |arg: Expr| if bit(&arg) { cast(arg, DataType::Int64) } else { arg };
            let args = args.into_iter().map(number).collect();
            Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
        }
        Expr::InList(InList { expr, list, negated }) if bit(&expr) && list.iter().any(whole) => {
            // As truth values Okta can be asked for them; other numbers are compared as numbers.
            let (expr, list) = match list.iter().map(truth).collect::<Option<Vec<_>>>() {
                Some(list) => (expr, list),
                None => (Box::new(cast(*expr, DataType::Int64)), list),
            };
            Transformed::yes(Expr::InList(InList { expr, list, negated }))
        }
        Expr::Case(mut case) if outcomes(&case).find(|expr| !is_null(expr)).is_some_and(whole) => {
            // SQLAlchemy's dialect mssql: `CASE JSON_VALUE(…) WHEN 'true' THEN 1 … ELSE CAST(JSON_VALUE(…) AS BIT) END`.
            let mut changed = false;
            let thens = case.when_then_expr.iter_mut().map(|(_, then)| then);
            for outcome in thens.chain(&mut case.else_expr).filter(|outcome| bit(outcome)) {
                **outcome = cast(std::mem::take(&mut **outcome), DataType::Int64);
                changed = true;
            }
            Transformed::new_transformed(Expr::Case(case), changed)
        }
        Expr::Between(Between {
            expr,
            negated,
            low,
            high,
        }) if bit(&expr) && (whole(&low) || whole(&high)) => Transformed::yes(Expr::Between(Between {
            expr: Box::new(cast(*expr, DataType::Int64)),
            negated,
            low,
            high,
        })),
        other => Transformed::no(other),
    }
}

/// What a CASE may give, in its order.
fn outcomes(case: &Case) -> impl Iterator<Item = &Expr> {
    let thens = case.when_then_expr.iter().map(|(_, then)| then.as_ref());
    thens.chain(case.else_expr.as_deref())
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(value, _) if value.is_null())
}

/// The truth value that a literal 1 or 0 stands for; NULL stays.
fn truth(expr: &Expr) -> Option<Expr> {
    let value = match expr {
        Expr::Literal(ScalarValue::Int64(Some(0)), _) => Some(false),
        Expr::Literal(ScalarValue::Int64(Some(1)), _) => Some(true),
        Expr::Literal(ScalarValue::Boolean(value), _) => *value,
        Expr::Literal(ScalarValue::Null, _) => None,
        _ => return None,
    };
    Some(Expr::Literal(ScalarValue::Boolean(value), None))
}

//! Text and dates in place of each other, as T-SQL reads (`'20260131'`, `'1/31/2026 1 PM'`) and writes them (`2026-01-31 10:00:00.000`).

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Cast, InList, ScalarFunction, TryCast};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};

use super::bits::WRITERS;
use super::text::compares;
use super::{functions, rewrite};

/// Casts between text and dates, and literals that dates are compared with, in all of a plan.
pub fn read(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let schema = merge_schema(&node.inputs());
        rewrite::expressions(node, |expr| expr.transform_up(|expr| Ok(expression(expr, &schema))))
    })?;
    Ok(plan.data)
}

fn is_date(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..) | DataType::Date32)
}

fn expression(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let is_text = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Utf8));
    let dates = |expr: &Expr| expr.get_type(schema).is_ok_and(|data_type| is_date(&data_type));
    let instant = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Timestamp(..)));
    match expr {
        Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field })
            if *field.data_type() == DataType::Utf8 && instant(&expr) =>
        {
            Transformed::yes(written(*expr))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right })
            if op == Operator::StringConcat && (instant(&left) || instant(&right)) =>
        {
            let side = |side: Box<Expr>| match instant(&side) {
                true => Box::new(written(*side)),
                false => side,
            };
            let (left, right) = (side(left), side(right));
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right }))
        }
        Expr::ScalarFunction(ScalarFunction { func, args })
            if WRITERS.contains(&func.name()) && args.iter().any(instant) =>
        {
            let text = |arg: Expr| if instant(&arg) { written(arg) } else { arg };
            let args = args.into_iter().map(text).collect();
            Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
        }
        Expr::Cast(Cast { expr, field }) if is_date(field.data_type()) && is_text(&expr) => {
            let expr = Box::new(call("okta_parse", *expr));
            Transformed::yes(Expr::Cast(Cast { expr, field }))
        }
        Expr::TryCast(TryCast { expr, field }) if is_date(field.data_type()) && is_text(&expr) => {
            let expr = Box::new(call("okta_try_parse", *expr));
            Transformed::yes(Expr::TryCast(TryCast { expr, field }))
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(op) => {
            let (left, right) = match (dates(&left), dates(&right)) {
                (true, false) => (left, Box::new(literal(*right))),
                (false, true) => (Box::new(literal(*left)), right),
                _ => (left, right),
            };
            Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right }))
        }
        Expr::Between(Between {
            expr,
            negated,
            low,
            high,
        }) if dates(&expr) => Transformed::yes(Expr::Between(Between {
            expr,
            negated,
            low: Box::new(literal(*low)),
            high: Box::new(literal(*high)),
        })),
        Expr::InList(InList { expr, list, negated }) if dates(&expr) => Transformed::yes(Expr::InList(InList {
            expr,
            list: list.into_iter().map(literal).collect(),
            negated,
        })),
        other => Transformed::no(other),
    }
}

/// Without a style: style 0 is what is read in any case.
fn call(name: &str, text: Expr) -> Expr {
    styled(name, text, 0)
}

/// ODBC's canonical form, which is datetime2's own style: DataFusion would put a `T` before the hour.
fn written(instant: Expr) -> Expr {
    styled("okta_styled", instant, 121)
}

fn styled(name: &str, value: Expr, style: i64) -> Expr {
    match functions::named(name) {
        Some(func) => Expr::ScalarFunction(ScalarFunction {
            func,
            args: vec![value, Expr::Literal(ScalarValue::Int64(Some(style)), None)],
        }),
        None => value,
    }
}

/// The instant that a literal says; what cannot be read stays, and fails where it is used.
fn literal(expr: Expr) -> Expr {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = &expr else {
        return expr;
    };
    match functions::read_instant(text) {
        // As Okta's own columns, where that is exact.
        Some(instant) if instant % 1000 == 0 => {
            Expr::Literal(ScalarValue::TimestampMillisecond(Some(instant / 1000), None), None)
        }
        Some(instant) => Expr::Literal(ScalarValue::TimestampMicrosecond(Some(instant), None), None),
        None => expr,
    }
}

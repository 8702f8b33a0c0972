//! `x NOT IN (SELECT …)` that is no condition by itself: unknown where a NULL is involved, as SQL has it. DataFusion plans it
//! as a mark join, whose mark is false where IN is unknown, so that NOT makes it true.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::functions::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::expr::InSubquery;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, binary_expr, lit, not, when,
};

use super::asked;

/// Rewrites the conditions of a whole plan so that the same rows pass as by SQL's three truth values.
pub fn three_valued(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Filter(filter) if contains(&filter.predicate) => {
            let schema = filter.input.schema();
            let conjuncts = split_conjunction_owned(filter.predicate).into_iter();
            let conjuncts = conjuncts.map(|expr| conjunct(expr, schema));
            let predicate = conjunction(conjuncts.collect::<Result<Vec<_>>>()?).unwrap_or(lit(true));
            Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(
                predicate,
                filter.input,
            )?)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(plan.data)
}

fn contains(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(matches!(expr, Expr::InSubquery(_))))
        .unwrap_or(false)
}

/// By themselves IN is a semi join and NOT IN an anti join that knows NULL.
fn conjunct(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    let alone = match &expr {
        Expr::Not(inner) => matches!(&**inner, Expr::InSubquery(_)),
        other => matches!(other, Expr::InSubquery(_)),
    };
    if alone || !contains(&expr) {
        return Ok(expr);
    }
    truth(expr, false, schema)
}

/// An expression that is true where `expr` is, or where NOT `expr` is; false or unknown elsewhere. NOT goes down to what
/// AND and OR join, which changes none of the three truth values.
fn truth(expr: Expr, negated: bool, schema: &DFSchema) -> Result<Expr> {
    if !contains(&expr) {
        return Ok(if negated { not(expr) } else { expr });
    }
    match expr {
        Expr::Not(inner) => truth(*inner, !negated, schema),
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: op @ (Operator::And | Operator::Or),
            right,
        }) => {
            let op = match (op, negated) {
                (Operator::And, true) => Operator::Or,
                (Operator::Or, true) => Operator::And,
                (op, _) => op,
            };
            let (left, right) = (truth(*left, negated, schema)?, truth(*right, negated, schema)?);
            Ok(binary_expr(left, op, right))
        }
        Expr::InSubquery(query) if query.negated != negated => {
            if query.subquery.outer_ref_columns.is_empty() {
                return not_in(query);
            }
            // A mark is false where IN is unknown; counts know the difference.
            asked::as_value(Expr::InSubquery(InSubquery { negated: true, ..query }), schema)
        }
        Expr::InSubquery(query) => Ok(Expr::InSubquery(InSubquery {
            negated: false,
            ..query
        })),
        // Here the answer is a value, and unknown is not false: `(x IN (…)) IS NULL`.
        other => {
            let value = asked::as_value(other, schema)?;
            Ok(if negated { not(value) } else { value })
        }
    }
}

/// `x NOT IN q` is true where no row of q equals x, and q is empty or neither x nor a row of q is NULL.
fn not_in(query: InSubquery) -> Result<Expr> {
    let among = Expr::InSubquery(InSubquery {
        negated: false,
        ..query.clone()
    });
    let certain = certain(&query)?;
    Ok(not(among).and(certain))
}

/// Where no row of q equals x: `x IN q` is false, not unknown. One sub-query says so, 0 for no row, 2 for a NULL among them.
pub fn certain(query: &InSubquery) -> Result<Expr> {
    let rows = query.subquery.subquery.as_ref();
    let value = Expr::Column(rows.schema().columns().swap_remove(0));
    let kind = when(value.is_null(), lit(2i64)).otherwise(lit(1i64))?;
    let kinds = LogicalPlanBuilder::from(rows.clone()).aggregate(Vec::<Expr>::new(), [max(kind).alias("kind")])?;
    let kinds = Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(kinds.build()?),
        ..query.subquery.clone()
    });
    let allowed = when(query.expr.as_ref().clone().is_null(), lit(1i64)).otherwise(lit(2i64))?;
    Ok(coalesce(vec![kinds, lit(0i64)]).lt(allowed))
}

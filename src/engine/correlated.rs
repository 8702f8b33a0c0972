//! Correlated equalities over folded text, in the one form that DataFusion decorrelates: a plain column on the inner side.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Expr, Filter, LogicalPlan, LogicalPlanBuilder, Operator};

use super::text::FOLD;

/// `fold(inner) = fold(outer)` becomes `folded = fold(outer)` over a projection that computes `folded`.
///
/// DataFusion pulls a correlated filter over an aggregate only where it can group by a column (`decorrelate.rs`).
pub fn by_column(filter: Filter) -> Result<Transformed<LogicalPlan>> {
    if !filter.predicate.contains_outer() {
        return Ok(Transformed::no(LogicalPlan::Filter(filter)));
    }
    let mut folded = Vec::new();
    let conjuncts: Vec<Expr> = split_conjunction_owned(filter.predicate.clone())
        .into_iter()
        .map(|conjunct| named(conjunct, &mut folded))
        .collect();
    if folded.is_empty() {
        return Ok(Transformed::no(LogicalPlan::Filter(filter)));
    }
    let columns: Vec<Expr> = filter.input.schema().columns().into_iter().map(Expr::Column).collect();
    let mut plan = LogicalPlanBuilder::from(filter.input).project(columns.iter().cloned().chain(folded))?;
    if let Some(predicate) = conjunction(conjuncts) {
        plan = plan.filter(predicate)?;
    }
    Ok(Transformed::yes(plan.project(columns)?.build()?))
}

/// The conjunct with its inner side replaced by the name of a column that is added to `folded`.
fn named(conjunct: Expr, folded: &mut Vec<Expr>) -> Expr {
    let Expr::BinaryExpr(BinaryExpr {
        left,
        op: Operator::Eq,
        right,
    }) = conjunct
    else {
        return conjunct;
    };
    let mut name = |inner: Expr| {
        let name = format!("__okta_folded_{}", folded.len());
        folded.push(inner.alias(&name));
        Expr::Column(datafusion::common::Column::new_unqualified(name))
    };
    if is_inner(&left) && is_outer(&right) {
        return name(*left).eq(*right);
    }
    if is_inner(&right) && is_outer(&left) {
        return name(*right).eq(*left);
    }
    Expr::eq(*left, *right)
}

fn is_inner(side: &Expr) -> bool {
    matches!(side, Expr::ScalarFunction(function) if function.name() == FOLD)
        && side.any_column_refs()
        && !side.contains_outer()
}

fn is_outer(side: &Expr) -> bool {
    side.contains_outer() && !side.any_column_refs()
}

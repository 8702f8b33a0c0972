//! Rewrites the expressions of a plan's nodes and keeps the names that other nodes know them by.

use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, GroupingSet, LogicalPlan};

/// Gives each expression of the node to `rewrite`; those inside ROLLUP, CUBE and GROUPING SETS one by one.
pub fn expressions(
    node: LogicalPlan,
    mut rewrite: impl FnMut(Expr) -> Result<Transformed<Expr>>,
) -> Result<Transformed<LogicalPlan>> {
    let names = NamePreserver::new(&node);
    let mut named = |expr: Expr| {
        let name = names.save(&expr);
        let rewritten = rewrite(expr)?;
        Ok(rewritten.update_data(|expr| name.restore(expr)))
    };
    node.map_expressions(|expr| match expr {
        Expr::GroupingSet(set) => grouping_set(set, &mut named),
        expr => named(expr),
    })
}

fn grouping_set(
    set: GroupingSet,
    rewrite: &mut impl FnMut(Expr) -> Result<Transformed<Expr>>,
) -> Result<Transformed<Expr>> {
    let mut changed = false;
    let mut all = |exprs: Vec<Expr>| {
        let rewritten = exprs.into_iter().map(|expr| {
            let rewritten = rewrite(expr)?;
            changed |= rewritten.transformed;
            Ok(rewritten.data)
        });
        rewritten.collect::<Result<Vec<_>>>()
    };
    let set = match set {
        GroupingSet::Rollup(exprs) => GroupingSet::Rollup(all(exprs)?),
        GroupingSet::Cube(exprs) => GroupingSet::Cube(all(exprs)?),
        GroupingSet::GroupingSets(sets) => {
            GroupingSet::GroupingSets(sets.into_iter().map(all).collect::<Result<Vec<_>>>()?)
        }
    };
    Ok(Transformed::new_transformed(Expr::GroupingSet(set), changed))
}

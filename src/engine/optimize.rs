//! DataFusion's analysis and optimisation of a plan, in time that does not double with each sub-query inside another.

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion, TreeNodeRewriter};
use datafusion::execution::SessionState;
use datafusion::logical_expr::logical_plan::check_subquery_expr;
use datafusion::logical_expr::{Expr, LogicalPlan, Subquery, lit};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::rewrite;

/// So deep DataFusion looks by itself: before and after its rules it checks the sub-queries of a plan, each of them again with
/// every one that it stands in, twice.
const SHALLOW: usize = 4;

/// What [`SessionState::optimize`] makes of a plan.
pub fn optimized(plan: &LogicalPlan, state: &SessionState) -> Result<LogicalPlan> {
    if depth(plan) <= SHALLOW {
        return state.optimize(plan);
    }
    let mut plan = plan.clone();
    for rule in &state.analyzer().rules {
        plan = rule.analyze(plan, state.config_options())?;
    }
    valid(&plan)?;
    for _ in 0..state.config_options().optimizer.max_passes {
        for rule in state.optimizers() {
            plan = by_rule(plan, rule.as_ref(), state)?;
        }
        // Most are joins now.
        if depth(&plan) <= SHALLOW {
            return state.optimize(&plan);
        }
    }
    valid(&plan)?;
    Ok(plan)
}

fn subquery(expr: &Expr) -> Option<&Subquery> {
    match expr {
        Expr::ScalarSubquery(subquery) => Some(subquery),
        Expr::Exists(query) => Some(&query.subquery),
        Expr::InSubquery(query) => Some(&query.subquery),
        Expr::SetComparison(query) => Some(&query.subquery),
        _ => None,
    }
}

/// Sub-queries inside each other.
fn depth(plan: &LogicalPlan) -> usize {
    let mut deepest = 0;
    let _ = plan.apply(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some(subquery) = subquery(expr) {
                    deepest = deepest.max(1 + depth(&subquery.subquery));
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    deepest
}

/// DataFusion's check of each sub-query, without those inside it: they have theirs.
fn valid(plan: &LogicalPlan) -> Result<()> {
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Some(subquery) = subquery(expr) {
                    let alone = subquery.subquery.as_ref().clone().transform_down(without_subqueries)?;
                    check_subquery_expr(node, &alone.data, expr)?;
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(())
}

fn without_subqueries(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    rewrite::expressions(node, |expr| {
        expr.transform_down(|expr| {
            Ok(match expr {
                Expr::ScalarSubquery(query) => {
                    let data_type = query.subquery.schema().field(0).data_type();
                    Transformed::yes(Expr::Literal(data_type.try_into()?, None))
                }
                Expr::Exists(_) => Transformed::yes(lit(true)),
                Expr::InSubquery(query) => Transformed::yes(Expr::IsNotNull(query.expr)),
                Expr::SetComparison(query) => Transformed::yes(Expr::IsNotNull(query.expr)),
                other => Transformed::no(other),
            })
        })
    })
}

fn by_rule(plan: LogicalPlan, rule: &dyn OptimizerRule, config: &dyn OptimizerConfig) -> Result<LogicalPlan> {
    let rewritten = match rule.apply_order() {
        Some(order) => plan.rewrite_with_subqueries(&mut Everywhere { rule, order, config }),
        None => rule.rewrite(plan, config),
    };
    Ok(rewritten?.data)
}

/// One rule, at every node.
struct Everywhere<'a> {
    rule: &'a dyn OptimizerRule,
    order: ApplyOrder,
    config: &'a dyn OptimizerConfig,
}

impl TreeNodeRewriter for Everywhere<'_> {
    type Node = LogicalPlan;

    fn f_down(&mut self, node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
        match self.order {
            ApplyOrder::TopDown => self.rule.rewrite(node, self.config),
            ApplyOrder::BottomUp => Ok(Transformed::no(node)),
        }
    }

    fn f_up(&mut self, node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
        match self.order {
            ApplyOrder::BottomUp => self.rule.rewrite(node, self.config),
            ApplyOrder::TopDown => Ok(Transformed::no(node)),
        }
    }
}

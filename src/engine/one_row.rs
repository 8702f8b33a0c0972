//! An aggregate of all rows gives one row, whatever a condition above it says: DataFusion pushes a condition without columns
//! below it, and then counts no rows where there should be no row.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery};

/// Puts a `LIMIT 1`, which no condition passes, above every aggregate without GROUP BY. Correlated sub-queries stay as
/// they are: DataFusion makes joins of them, but of none with a LIMIT in it.
pub fn kept(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| {
        let node = node.map_expressions(|expr| expr.transform_up(in_subquery))?;
        node.transform_data(|node| match &node {
            LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => {
                let one = LogicalPlanBuilder::from(node).limit(0, Some(1))?;
                Ok(Transformed::yes(one.build()?))
            }
            _ => Ok(Transformed::no(node)),
        })
    })?;
    Ok(plan.data)
}

fn in_subquery(mut expr: Expr) -> Result<Transformed<Expr>> {
    let subquery = match &mut expr {
        Expr::ScalarSubquery(subquery) => subquery,
        Expr::InSubquery(query) => &mut query.subquery,
        Expr::Exists(query) => &mut query.subquery,
        Expr::SetComparison(query) => &mut query.subquery,
        _ => return Ok(Transformed::no(expr)),
    };
    if !subquery.outer_ref_columns.is_empty() {
        return Ok(Transformed::no(expr));
    }
    *subquery = Subquery {
        subquery: Arc::new(kept(subquery.subquery.as_ref().clone())?),
        ..subquery.clone()
    };
    Ok(Transformed::yes(expr))
}

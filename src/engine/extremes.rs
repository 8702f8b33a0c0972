//! Questions that one row answers: MIN and MAX of a column that Okta sorts by, and EXISTS.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::datasource::source_as_provider;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::{Exists, Sort as SortExpr};
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, Sort, Subquery, lit};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::provider::OktaTable;
use super::rewrite;

/// `MAX(c)` over a scan becomes `MAX(c)` over its last row by `c`, where Okta can sort by `c`; `MIN(c)` likewise.
#[derive(Debug, Default)]
pub struct ExtremeOfSorted;

impl OptimizerRule for ExtremeOfSorted {
    fn name(&self) -> &str {
        "extreme_of_sorted"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else {
            return Ok(Transformed::no(plan));
        };
        let Some((column, descending)) = extreme(&aggregate) else {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        };
        let sort = Sort {
            expr: vec![SortExpr {
                expr: column,
                asc: !descending,
                nulls_first: false,
            }],
            input: aggregate.input.clone(),
            fetch: Some(1),
        };
        let one = Aggregate::try_new_with_schema(
            Arc::new(LogicalPlan::Sort(sort)),
            aggregate.group_expr,
            aggregate.aggr_expr,
            aggregate.schema,
        )?;
        Ok(Transformed::yes(LogicalPlan::Aggregate(one)))
    }
}

/// The column of a lone MIN or MAX without GROUP BY, if Okta sorts by it; true for MAX.
fn extreme(aggregate: &Aggregate) -> Option<(Expr, bool)> {
    let ([], [expr]) = (aggregate.group_expr.as_slice(), aggregate.aggr_expr.as_slice()) else {
        return None;
    };
    let expr = if let Expr::Alias(alias) = expr {
        &*alias.expr
    } else {
        expr
    };
    let Expr::AggregateFunction(function) = expr else {
        return None;
    };
    let descending = match function.func.name() {
        "max" => true,
        "min" => false,
        _ => return None,
    };
    let ([column @ Expr::Column(of)], None) = (function.params.args.as_slice(), &function.params.filter) else {
        return None;
    };
    sortable(&aggregate.input, &of.name).then(|| (column.clone(), descending))
}

fn sortable(plan: &LogicalPlan, column: &str) -> bool {
    match plan {
        LogicalPlan::SubqueryAlias(alias) => sortable(&alias.input, column),
        LogicalPlan::Projection(projection) => {
            let kept = projection
                .expr
                .iter()
                .any(|expr| matches!(expr, Expr::Column(of) if of.name == column));
            kept && sortable(&projection.input, column)
        }
        LogicalPlan::TableScan(scan) => {
            scan.fetch.is_none()
                && source_as_provider(&scan.source).is_ok_and(|provider| {
                    provider
                        .downcast_ref::<OktaTable>()
                        .is_some_and(|table| table.sorts_by(column))
                })
        }
        _ => false,
    }
}

/// `EXISTS (q)` without outer references becomes `(SELECT COUNT(*) FROM (q LIMIT 1)) > 0`: it stops after one row.
pub fn stop_exists_early(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        rewrite::expressions(node, |expr| {
            expr.transform_up(|expr| match expr {
                Expr::Exists(exists) if exists.subquery.outer_ref_columns.is_empty() => counted(exists),
                other => Ok(Transformed::no(other)),
            })
        })
    })?;
    Ok(plan.data)
}

fn counted(exists: Exists) -> Result<Transformed<Expr>> {
    let Subquery {
        subquery,
        outer_ref_columns,
        spans,
    } = exists.subquery;
    let rows = LogicalPlanBuilder::from(Arc::unwrap_or_clone(subquery))
        .limit(0, Some(1))?
        .aggregate(Vec::<Expr>::new(), [count(lit(1i64)).alias("rows")])?
        .build()?;
    let rows = Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(rows),
        outer_ref_columns,
        spans,
    });
    let none = Expr::Literal(ScalarValue::Int64(Some(0)), None);
    Ok(Transformed::yes(if exists.negated {
        rows.eq(none)
    } else {
        rows.gt(none)
    }))
}

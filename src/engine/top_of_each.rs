//! Windows and TOP in sub-queries that read the row outside: for each such row anew. DataFusion makes joins of these sub-queries:
//! of none with a LIMIT in it, and its windows would see the rows for all rows outside.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, Result, not_impl_err};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::Sort as SortExpr;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprFunctionExt, Limit, LogicalPlan, LogicalPlanBuilder, Operator, Projection, Subquery,
    SubqueryAlias, Window, cast,
};

/// The number of a row among those of one row outside.
const PLACE: &str = "__okta_place";

/// Parts windows by what ties their rows to one outside, numbers the rows of lateral sub-queries with a LIMIT, and lets the
/// first ones pass.
pub fn numbered(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let mut join = match node {
            LogicalPlan::Join(join) => join,
            LogicalPlan::Window(window) if !window.input.all_out_ref_exprs().is_empty() => {
                return Ok(Transformed::yes(parted(&window)?));
            }
            LogicalPlan::SubqueryAlias(alias) if reads_outside(&alias) => {
                return Ok(match tied_above(&alias)? {
                    Some(plan) => Transformed::yes(plan),
                    None => Transformed::no(LogicalPlan::SubqueryAlias(alias)),
                });
            }
            other => return Ok(Transformed::no(other)),
        };
        let right = join.right.as_ref().clone().transform_down(|node| match node {
            LogicalPlan::Subquery(lateral) => match limited(&lateral)? {
                Some(plan) => Ok(Transformed::yes(LogicalPlan::Subquery(Subquery {
                    outer_ref_columns: plan.all_out_ref_exprs(),
                    subquery: Arc::new(plan),
                    ..lateral
                }))),
                None => Ok(Transformed::no(LogicalPlan::Subquery(lateral))),
            },
            other => Ok(Transformed::no(other)),
        })?;
        let changed = right.transformed;
        join.right = Arc::new(right.data);
        Ok(Transformed::new_transformed(LogicalPlan::Join(join), changed))
    })?;
    Ok(plan.data)
}

fn limited(lateral: &Subquery) -> Result<Option<LogicalPlan>> {
    let LogicalPlan::Limit(limit) = lateral.subquery.as_ref() else {
        return Ok(None);
    };
    let (shown, below) = match limit.input.as_ref() {
        LogicalPlan::Projection(Projection { expr, input, .. }) if matches!(input.as_ref(), LogicalPlan::Sort(_)) => {
            (expr.clone(), input.as_ref())
        }
        input => (input.schema().columns().into_iter().map(Expr::Column).collect(), input),
    };
    let (order, below) = match below {
        LogicalPlan::Sort(sort) => (sort.expr.clone(), sort.input.as_ref()),
        other => (Vec::new(), other),
    };
    let mut keys = Vec::new();
    let Some(rows) = uncorrelated(below, &mut keys)? else {
        return Ok(None);
    };
    let place = place(&keys, order)?;
    let mut wanted = within(limit);
    wanted.extend(keys.into_iter().map(|(inner, outer)| inner.eq(outer)));
    let rows = LogicalPlanBuilder::from(rows).window([place])?;
    let rows = match conjunction(wanted) {
        Some(wanted) => rows.filter(wanted)?,
        None => rows,
    };
    Ok(Some(rows.project(shown)?.build()?))
}

/// The window over the rows for all rows outside, of which those for one pass.
fn parted(window: &Window) -> Result<LogicalPlan> {
    let mut keys = Vec::new();
    let Some(rows) = uncorrelated(&window.input, &mut keys)? else {
        return not_impl_err!("a window over OuterReferenceColumn");
    };
    let partition: Vec<Expr> = keys.iter().map(|(inner, _)| inner.clone()).collect();
    let names = NamePreserver::new_for_projection();
    let functions = window.window_expr.iter().map(|expr| {
        let name = names.save(expr);
        let parted = expr.clone().transform_up(|expr| {
            Ok(match expr {
                Expr::WindowFunction(mut function) => {
                    function.params.partition_by.extend(partition.iter().cloned());
                    Transformed::yes(Expr::WindowFunction(function))
                }
                other => Transformed::no(other),
            })
        })?;
        Ok(name.restore(parted.data))
    });
    let functions = functions.collect::<Result<Vec<_>>>()?;
    let shown: Vec<Expr> = window.schema.columns().into_iter().map(Expr::Column).collect();
    let ties = keys.into_iter().map(|(inner, outer)| inner.eq(outer));
    let rows = LogicalPlanBuilder::from(rows).window(functions)?;
    let rows = match conjunction(ties) {
        Some(ties) => rows.filter(ties)?,
        None => rows,
    };
    rows.project(shown)?.build()
}

/// A derived table, which APPLY's own sub-query is not.
fn reads_outside(alias: &SubqueryAlias) -> bool {
    !matches!(*alias.input, LogicalPlan::Subquery(_)) && !alias.input.all_out_ref_exprs().is_empty()
}

/// The derived table for all rows outside, and what ties it to one of them above it: inside, DataFusion looks for the columns
/// under the table's name.
fn tied_above(alias: &SubqueryAlias) -> Result<Option<LogicalPlan>> {
    let mut keys = Vec::new();
    let Some(rows) = uncorrelated(&alias.input, &mut keys)? else {
        return Ok(None);
    };
    let shown: Vec<Expr> = alias.schema.columns().into_iter().map(Expr::Column).collect();
    let ties = keys.into_iter().filter_map(|(inner, outer)| match inner {
        Expr::Column(column) => Some(Expr::Column(Column::new(Some(alias.alias.clone()), column.name)).eq(outer)),
        _ => None,
    });
    let rows = LogicalPlanBuilder::from(rows).alias(alias.alias.clone())?;
    let rows = match conjunction(ties) {
        Some(ties) => rows.filter(ties)?,
        None => rows,
    };
    rows.project(shown)?.build().map(Some)
}

fn place(keys: &[(Expr, Expr)], order: Vec<SortExpr>) -> Result<Expr> {
    let partition = keys.iter().map(|(inner, _)| inner.clone()).collect();
    let number = row_number().partition_by(partition).order_by(order).build()?;
    Ok(number.alias(PLACE))
}

/// The conditions that OFFSET and LIMIT are.
fn within(limit: &Limit) -> Vec<Expr> {
    let whole = |rows: &Expr| cast(rows.clone(), DataType::Int64);
    let place = || cast(Expr::Column(PLACE.into()), DataType::Int64);
    let skip = limit.skip.as_deref().map(whole);
    let last = limit.fetch.as_deref().map(whole).map(|fetch| match &skip {
        Some(skip) => fetch + skip.clone(),
        None => fetch,
    });
    let first = skip.map(|skip| place().gt(skip));
    first.into_iter().chain(last.map(|last| place().lt_eq(last))).collect()
}

/// The rows for all rows outside, with the columns that tie them to one of these; None where more than equality does.
fn uncorrelated(plan: &LogicalPlan, keys: &mut Vec<(Expr, Expr)>) -> Result<Option<LogicalPlan>> {
    match plan {
        LogicalPlan::Projection(Projection { expr, input, .. }) => {
            let Some(rows) = uncorrelated(input, keys)? else {
                return Ok(None);
            };
            if expr.iter().any(Expr::contains_outer) {
                return Ok(None);
            }
            let keys = keys.iter().map(|(inner, _)| inner.clone());
            let rows = LogicalPlanBuilder::from(rows).project(expr.iter().cloned().chain(keys))?;
            Ok(Some(rows.build()?))
        }
        LogicalPlan::Filter(filter) if filter.predicate.contains_outer() && keys.is_empty() => {
            if !filter.input.all_out_ref_exprs().is_empty() {
                return Ok(None);
            }
            let conjuncts = split_conjunction_owned(filter.predicate.clone());
            let (tied, alone): (Vec<_>, Vec<_>) = conjuncts.into_iter().partition(Expr::contains_outer);
            let columns = filter.input.schema().columns().into_iter().map(Expr::Column);
            let mut shown: Vec<Expr> = columns.collect();
            for conjunct in tied {
                let Some((inner, outer)) = equality(conjunct) else {
                    return Ok(None);
                };
                let schema = filter.input.schema();
                let name = (keys.len()..)
                    .map(|number| format!("__okta_key_{number}"))
                    .find(|name| schema.index_of_column_by_name(None, name).is_none())
                    .unwrap_or_default();
                shown.push(inner.alias(&name));
                keys.push((Expr::Column(name.into()), outer));
            }
            let mut rows = LogicalPlanBuilder::from(filter.input.as_ref().clone());
            if let Some(alone) = conjunction(alone) {
                rows = rows.filter(alone)?;
            }
            Ok(Some(rows.project(shown)?.build()?))
        }
        LogicalPlan::Filter(filter) if !filter.predicate.contains_outer() => {
            let rows = uncorrelated(&filter.input, keys)?.map(LogicalPlanBuilder::from);
            let rows = rows.map(|rows| rows.filter(filter.predicate.clone())?.build());
            rows.transpose()
        }
        other if other.all_out_ref_exprs().is_empty() => Ok(Some(other.clone())),
        _ => Ok(None),
    }
}

/// The two sides of `inner = outer`.
fn equality(conjunct: Expr) -> Option<(Expr, Expr)> {
    let Expr::BinaryExpr(BinaryExpr {
        left,
        op: Operator::Eq,
        right,
    }) = conjunct
    else {
        return None;
    };
    let outer = |side: &Expr| side.contains_outer() && !side.any_column_refs();
    match (outer(&left), outer(&right)) {
        (false, true) if !left.contains_outer() => Some((*left, *right)),
        (true, false) if !right.contains_outer() => Some((*right, *left)),
        _ => None,
    }
}

//! IN, ANY, ALL and EXISTS over a sub-query where their answer is a value: in a select list, a CASE or an aggregate. DataFusion has a
//! plan for them in conditions only; as counts they are sub-queries that it joins.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, ExprSchema, Result};
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::expr::{InSubquery, SetComparison, SetQuantifier, Sort as SortExpr};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Aggregate, Case, Expr, LogicalPlan, LogicalPlanBuilder, Operator, Sort, Subquery, Window, binary_expr, lit, not,
};

use super::{membership, rewrite};

/// The sub-query that a value is looked for among.
const AMONG: &str = "__okta_among";

/// Rewrites the select lists and aggregates of a whole plan.
pub fn as_counts(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| match node {
        LogicalPlan::Projection(_) if asks(&node) => counted(node),
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.iter().chain(&aggregate.aggr_expr).any(is_asked) => {
            Ok(Transformed::yes(LogicalPlan::Aggregate(computed_below(aggregate)?)))
        }
        LogicalPlan::Sort(sort) if sort.expr.iter().any(|order| is_asked(&order.expr)) => {
            Ok(Transformed::yes(sorted_above(sort)?))
        }
        LogicalPlan::Window(window) if window.window_expr.iter().any(is_asked) => {
            Ok(Transformed::yes(windowed_above(window)?))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(plan.data)
}

fn asks(node: &LogicalPlan) -> bool {
    node.expressions().iter().any(is_asked)
}

fn is_asked(expr: &Expr) -> bool {
    expr.exists(|expr| {
        Ok(matches!(
            expr,
            Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_)
        ))
    })
    .unwrap_or(false)
}

fn counted(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let schema = node.inputs()[0].schema().clone();
    rewrite::expressions(node, |expr| expr.transform_up(|expr| count_of(expr, &schema)))
}

/// The expression over columns of `schema` with its questions as counts.
pub fn as_value(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    Ok(expr.transform_up(|expr| count_of(expr, schema))?.data)
}

/// Columns of a projection below a node, with what the node's expressions ask.
struct Below {
    input: Arc<LogicalPlan>,
    columns: Vec<Expr>,
}

impl Below {
    fn new(input: Arc<LogicalPlan>) -> Below {
        let columns = input.schema().columns().into_iter().map(Expr::Column).collect();
        Below { input, columns }
    }

    /// The expression, or the name of a column that computes it.
    fn name(&mut self, expr: Expr) -> Expr {
        if !is_asked(&expr) {
            return expr;
        }
        let name = format!("__okta_asked_{}", self.columns.len());
        self.columns.push(expr.alias(&name));
        Expr::Column(Column::new_unqualified(name))
    }

    fn build(self) -> Result<LogicalPlan> {
        let projected = LogicalPlanBuilder::from(self.input).project(self.columns)?.build()?;
        Ok(counted(projected)?.data)
    }
}

fn sorted_above(sort: Sort) -> Result<LogicalPlan> {
    let mut below = Below::new(sort.input);
    let shown = below.columns.clone();
    let order: Vec<_> = sort
        .expr
        .into_iter()
        .map(|order| SortExpr {
            expr: below.name(order.expr),
            ..order
        })
        .collect();
    LogicalPlanBuilder::from(below.build()?)
        .sort_with_limit(order, sort.fetch)?
        .project(shown)?
        .build()
}

fn windowed_above(window: Window) -> Result<LogicalPlan> {
    let shown: Vec<Expr> = window.schema.columns().into_iter().map(Expr::Column).collect();
    let mut below = Below::new(window.input);
    let names = NamePreserver::new_for_projection();
    let mut outputs = Vec::with_capacity(window.window_expr.len());
    for expr in window.window_expr {
        let name = names.save(&expr);
        let replaced = expr.transform_up(|expr| match expr {
            Expr::WindowFunction(_) => expr.map_children(|inner| Ok(Transformed::yes(below.name(inner)))),
            other => Ok(Transformed::no(other)),
        })?;
        outputs.push(name.restore(replaced.data));
    }
    LogicalPlanBuilder::from(below.build()?)
        .window(outputs)?
        .project(shown)?
        .build()
}

/// The arguments of aggregates and what groups them, computed in a projection below.
fn computed_below(aggregate: Aggregate) -> Result<Aggregate> {
    let mut below = Below::new(aggregate.input);
    let names = NamePreserver::new_for_projection();
    let mut groups = Vec::with_capacity(aggregate.group_expr.len());
    for expr in aggregate.group_expr {
        let name = names.save(&expr);
        groups.push(name.restore(below.name(expr)));
    }
    let mut outputs = Vec::with_capacity(aggregate.aggr_expr.len());
    for expr in aggregate.aggr_expr {
        let name = names.save(&expr);
        let replaced = expr.transform_up(|expr| match expr {
            Expr::AggregateFunction(mut function) => {
                function.params.args = function.params.args.into_iter().map(|arg| below.name(arg)).collect();
                function.params.filter = function.params.filter.map(|filter| Box::new(below.name(*filter)));
                Ok(Transformed::yes(Expr::AggregateFunction(function)))
            }
            other => Ok(Transformed::no(other)),
        })?;
        outputs.push(name.restore(replaced.data));
    }
    let input = Arc::new(below.build()?);
    Aggregate::try_new(input, groups, outputs)
}

fn count_of(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::InSubquery(query) => among(query, schema),
        Expr::SetComparison(query) => compared(query, schema),
        Expr::Exists(exists) if !exists.subquery.outer_ref_columns.is_empty() => {
            let rows = LogicalPlanBuilder::from(exists.subquery.subquery.as_ref().clone());
            let some = rows_of(rows, &exists.subquery)?.gt(lit(0i64));
            Ok(Transformed::yes(if exists.negated { not(some) } else { some }))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// TRUE where a row equals the value; else FALSE where there is no row, or no NULL on either side; else unknown.
fn among(query: InSubquery, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let rows = query.subquery.subquery.as_ref();
    let outer = query.expr.as_ref().clone().transform(|expr| match expr {
        Expr::Column(column) => {
            let field = schema.field_from_column(&column)?.clone();
            Ok(Transformed::yes(Expr::OuterReferenceColumn(field, column)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    let mut rows = LogicalPlanBuilder::from(rows.clone());
    if names_its_own(&query, rows.schema()) {
        rows = rows.alias(AMONG)?;
    }
    let column = Expr::Column(rows.schema().columns().swap_remove(0));
    let equal = rows.filter(column.eq(outer.data))?;
    let found = rows_of(equal, &query.subquery)?.gt(lit(0i64));
    let certain = membership::certain(&query)?;
    let (then, otherwise) = (lit(!query.negated), lit(query.negated));
    Ok(Transformed::yes(Expr::Case(Case {
        expr: None,
        when_then_expr: vec![
            (Box::new(found), Box::new(then)),
            (Box::new(certain), Box::new(otherwise)),
        ],
        else_expr: None,
    })))
}

/// Whether the value would be taken for a column of the sub-query: `Id IN (SELECT Id FROM Users)` over Users asks for the Id
/// outside, which inside is another one.
fn names_its_own(query: &InSubquery, inside: &DFSchema) -> bool {
    let outside = query.expr.column_refs();
    outside.into_iter().any(|column| inside.has_column(column))
}

/// `x op ANY (…)` and `x op ALL (…)`: one row decides, the least or the greatest; NULL among them makes the rest unknown.
fn compared(query: SetComparison, schema: &DFSchema) -> Result<Transformed<Expr>> {
    use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    let all = matches!(query.quantifier, SetQuantifier::All);
    let list = InSubquery {
        expr: query.expr.clone(),
        subquery: query.subquery.clone(),
        negated: all,
    };
    match (query.op, all) {
        (Eq, false) | (NotEq, true) => return among(list, schema),
        // `= ALL` holds between `<= ALL` and `>= ALL`, `<> ANY` where it does not.
        (Eq, true) | (NotEq, false) => {
            let bounded = |op| {
                let query = SetComparison {
                    op,
                    quantifier: SetQuantifier::All,
                    ..query.clone()
                };
                compared(query, schema).map(|compared| compared.data)
            };
            let equal = bounded(LtEq)?.and(bounded(GtEq)?);
            return Ok(Transformed::yes(if all { equal } else { not(equal) }));
        }
        (Lt | LtEq | Gt | GtEq, _) => {}
        _ => return Ok(Transformed::no(Expr::SetComparison(query))),
    }
    let rows = query.subquery.subquery.as_ref();
    let column = Expr::Column(rows.schema().columns().swap_remove(0));
    let least = matches!(query.op, Lt | LtEq) == all;
    let extreme = if least { min(column) } else { max(column) };
    let bound = LogicalPlanBuilder::from(rows.clone())
        .aggregate(Vec::<Expr>::new(), [extreme.alias("bound")])?
        .build()?;
    let bound = Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(bound),
        ..query.subquery.clone()
    });
    let holds = binary_expr(*query.expr, query.op, bound);
    let decided = if all {
        Expr::IsFalse(Box::new(holds))
    } else {
        Expr::IsTrue(Box::new(holds))
    };
    Ok(Transformed::yes(Expr::Case(Case {
        expr: None,
        when_then_expr: vec![
            (Box::new(decided), Box::new(lit(!all))),
            (Box::new(membership::certain(&list)?), Box::new(lit(all))),
        ],
        else_expr: None,
    })))
}

/// How many rows there are, as a sub-query for one value.
fn rows_of(rows: LogicalPlanBuilder, like: &Subquery) -> Result<Expr> {
    let counted = rows
        .aggregate(Vec::<Expr>::new(), [count(lit(1i64)).alias("rows")])?
        .build()?;
    Ok(Expr::ScalarSubquery(Subquery {
        outer_ref_columns: counted.all_out_ref_exprs(),
        subquery: Arc::new(counted),
        spans: like.spans.clone(),
    }))
}

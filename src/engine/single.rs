//! Correlated sub-queries used as a value: SQL wants at most one row of them, DataFusion wants an aggregate.

use std::mem::size_of_val;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, Sort as SortExpr};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Expr, FetchType, Limit, LogicalPlan, LogicalPlanBuilder, Signature,
    SkipType, Subquery, Volatility,
};

use super::pages::external;
use super::{Error, rewrite};

/// Gives every correlated sub-query that is used as a value an aggregate: its only row, or with `TOP 1` its first.
pub fn rows(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        rewrite::expressions(node, |expr| {
            expr.transform_up(|expr| match expr {
                Expr::ScalarSubquery(query) if !query.outer_ref_columns.is_empty() => aggregated(query),
                other => Ok(Transformed::no(other)),
            })
        })
    })?;
    Ok(plan.data)
}

fn aggregated(query: Subquery) -> Result<Transformed<Expr>> {
    let plan = query.subquery.as_ref();
    if is_aggregate(plan) || plan.schema().fields().len() != 1 {
        return Ok(Transformed::no(Expr::ScalarSubquery(query)));
    }
    let name = plan.schema().field(0).name().clone();
    let (input, value) = match plan {
        LogicalPlan::Limit(limit) if takes_one(limit) => first(&limit.input),
        other => (other.clone(), call(single(), column(other), Vec::new())),
    };
    let one = LogicalPlanBuilder::from(input)
        .aggregate(Vec::<Expr>::new(), [value.alias(name)])?
        .build()?;
    Ok(Transformed::yes(Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(one),
        ..query
    })))
}

/// An aggregate, with what a SELECT puts above it.
fn is_aggregate(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(_) => true,
        LogicalPlan::Projection(projection) => is_aggregate(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_aggregate(&alias.input),
        LogicalPlan::Filter(filter) => is_aggregate(&filter.input),
        _ => false,
    }
}

fn takes_one(limit: &Limit) -> bool {
    let fetch = limit.get_fetch_type();
    let skip = limit.get_skip_type();
    matches!(fetch, Ok(FetchType::Literal(Some(1)))) && matches!(skip, Ok(SkipType::Literal(0)))
}

/// What LIMIT 1 would let through: the first value, in the order that was asked for.
fn first(plan: &LogicalPlan) -> (LogicalPlan, Expr) {
    let value = |input: &LogicalPlan, value: Expr, order: Vec<SortExpr>| {
        (input.clone(), call(first_value_udaf(), value, order))
    };
    match plan {
        LogicalPlan::Sort(sort) => value(&sort.input, column(plan), sort.expr.clone()),
        LogicalPlan::Projection(projection) => match projection.input.as_ref() {
            LogicalPlan::Sort(sort) => {
                let expr = projection.expr[0].clone().unalias();
                value(&sort.input, expr, sort.expr.clone())
            }
            _ => value(plan, column(plan), Vec::new()),
        },
        other => value(other, column(other), Vec::new()),
    }
}

fn column(plan: &LogicalPlan) -> Expr {
    Expr::Column(plan.schema().columns().swap_remove(0))
}

fn call(function: Arc<AggregateUDF>, value: Expr, order: Vec<SortExpr>) -> Expr {
    Expr::AggregateFunction(AggregateFunction::new_udf(
        function,
        vec![value],
        false,
        None,
        order,
        None,
    ))
}

/// `okta_single(value)`: the value of the only row, NULL without one, an error where there are more.
fn single() -> Arc<AggregateUDF> {
    static SINGLE: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        Arc::new(AggregateUDF::from(Single {
            signature: Signature::any(1, Volatility::Immutable),
        }))
    });
    SINGLE.clone()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Single {
    signature: Signature,
}

impl AggregateUDFImpl for Single {
    fn name(&self) -> &str {
        "okta_single"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Only {
            value: ScalarValue::try_from(args.return_field.data_type())?,
            rows: 0,
        }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |part: &str, data_type| Arc::new(Field::new(format!("{}[{part}]", args.name), data_type, true));
        Ok(vec![
            field("value", args.return_field.data_type().clone()),
            field("rows", DataType::Int64),
        ])
    }
}

#[derive(Debug)]
struct Only {
    value: ScalarValue,
    rows: i64,
}

impl Only {
    fn take(&mut self, values: &ArrayRef, row: usize, rows: i64) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        self.rows += rows;
        if self.rows > 1 {
            return Err(external(Error::Invalid(
                "A sub-query used as a value returned more than one row".into(),
            )));
        }
        self.value = ScalarValue::try_from_array(values, row)?;
        Ok(())
    }
}

impl Accumulator for Only {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = i64::try_from(values[0].len()).unwrap_or(i64::MAX);
        self.take(&values[0], 0, rows)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(self.value.clone())
    }

    fn size(&self) -> usize {
        size_of_val(self) - size_of_val(&self.value) + self.value.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.value.clone(), ScalarValue::Int64(Some(self.rows))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let rows = states[1].as_primitive::<Int64Type>();
        (0..rows.len()).try_for_each(|row| self.take(&states[0], row, rows.value(row)))
    }
}

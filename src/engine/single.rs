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
    Accumulator, AggregateUDF, AggregateUDFImpl, Distinct, Expr, FetchType, Limit, LogicalPlan, LogicalPlanBuilder,
    Signature, SkipType, Subquery, Volatility,
};

use super::pages::external;
use super::{Error, rewrite};

/// What the value is called: the name of its column may be that of a column which ties the sub-query to the row outside.
const VALUE: &str = "__okta_value";

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
    let (input, value) = match plan {
        LogicalPlan::Limit(limit) if takes_one(limit) => first(&limit.input),
        // DataFusion cannot decorrelate DISTINCT.
        LogicalPlan::Distinct(Distinct::All(input)) => {
            (input.as_ref().clone(), call(SAME.clone(), column(input), Vec::new()))
        }
        other => (other.clone(), call(SINGLE.clone(), column(other), Vec::new())),
    };
    let one = LogicalPlanBuilder::from(input)
        .aggregate(Vec::<Expr>::new(), [value.alias(VALUE)])?
        .build()?;
    Ok(Transformed::yes(Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(one),
        ..query
    })))
}

/// An aggregate of all rows, with what a SELECT puts above it.
fn is_aggregate(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
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
        // The first of all rows is the first of the different ones.
        LogicalPlan::Distinct(Distinct::All(input)) => first(input),
        LogicalPlan::Sort(sort) => value(all_rows(&sort.input), column(plan), sort.expr.clone()),
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

fn all_rows(plan: &LogicalPlan) -> &LogicalPlan {
    match plan {
        LogicalPlan::Distinct(Distinct::All(input)) => input,
        other => other,
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
static SINGLE: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| function("okta_single", false));
/// `okta_same(value)`: the value of all rows, NULL without one, an error where they differ.
static SAME: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| function("okta_same", true));

fn function(name: &'static str, distinct: bool) -> Arc<AggregateUDF> {
    let signature = Signature::any(1, Volatility::Immutable);
    Arc::new(AggregateUDF::from(Single {
        name,
        distinct,
        signature,
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Single {
    name: &'static str,
    /// Equal values are one row.
    distinct: bool,
    signature: Signature,
}

impl AggregateUDFImpl for Single {
    fn name(&self) -> &str {
        self.name
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
            distinct: self.distinct,
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
    distinct: bool,
    rows: i64,
}

impl Only {
    fn take(&mut self, values: &ArrayRef, row: usize, rows: i64) -> Result<()> {
        if rows == 0 {
            return Ok(());
        }
        let value = ScalarValue::try_from_array(values, row)?;
        if self.distinct && self.rows == 1 && value == self.value {
            return Ok(());
        }
        self.rows += rows;
        if self.rows > 1 {
            return Err(external(Error::Invalid(
                "A sub-query used as a value returned more than one row".into(),
            )));
        }
        self.value = value;
        Ok(())
    }
}

impl Accumulator for Only {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        if self.distinct {
            return (0..values[0].len()).try_for_each(|row| self.take(&values[0], row, 1));
        }
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

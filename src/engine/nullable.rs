//! A sub-query used as a value is NULL where it has no row; DataFusion takes the word of its column, and never looks for NULL.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::rewrite;

/// Marks every sub-query that may have no row: `(SELECT 1 FROM Users WHERE …)` may be NULL.
pub fn marked(plan: LogicalPlan) -> Result<LogicalPlan> {
    let mut any = false;
    let plan = plan.transform_up_with_subqueries(|node| {
        let node = rewrite::expressions(node, |expr| {
            expr.transform_up(|expr| match &expr {
                Expr::ScalarSubquery(query) if !query.subquery.schema().field(0).is_nullable() => {
                    if has_one_row(&query.subquery) {
                        return Ok(Transformed::no(expr));
                    }
                    any = true;
                    let (func, args) = (maybe(), vec![expr]);
                    Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args })))
                }
                _ => Ok(Transformed::no(expr)),
            })
        })?;
        // What stands above sees a column that may be NULL.
        match &node.data {
            LogicalPlan::Projection(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Window(_)
            | LogicalPlan::SubqueryAlias(_)
                if any =>
            {
                Ok(Transformed::yes(node.data.recompute_schema()?))
            }
            _ => Ok(node),
        }
    })?;
    Ok(plan.data)
}

/// An aggregate of all rows, or values without a table.
fn has_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        LogicalPlan::Projection(projection) => has_one_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => has_one_row(&alias.input),
        _ => false,
    }
}

/// `okta_maybe(value)`: the value, which may be NULL.
fn maybe() -> Arc<ScalarUDF> {
    static MAYBE: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        Arc::new(ScalarUDF::from(Maybe {
            signature: Signature::any(1, Volatility::Immutable),
        }))
    });
    MAYBE.clone()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Maybe {
    signature: Signature,
}

impl ScalarUDFImpl for Maybe {
    fn name(&self) -> &str {
        "okta_maybe"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types[0].clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(args.arg_fields[0].as_ref().clone().with_nullable(true)))
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(args.args.swap_remove(0))
    }
}

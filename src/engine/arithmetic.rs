//! Whole numbers that do not fit fail the statement; DataFusion's own `+ - *` and SUM wrap around in silence.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    AggregateUDF, BinaryExpr, Cast, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs,
    ScalarUDF, ScalarUDFImpl, Signature, Volatility, WindowFunctionDefinition, lit,
};

use super::rewrite;
use super::sum::checked_sum;

/// Gives `+`, `-`, `*` and SUM of whole numbers, in all of a plan, a form that notices when the result does not fit.
pub fn checked(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        // LIMIT and OFFSET must stay what the planner can evaluate.
        if matches!(node, LogicalPlan::Limit(_)) {
            return Ok(Transformed::no(node));
        }
        let schema = merge_schema(&node.inputs());
        rewrite::expressions(node, |expr| expr.transform_up(|expr| Ok(operation(expr, &schema))))
    })?;
    Ok(plan.data)
}

fn operation(expr: Expr, schema: &DFSchema) -> Transformed<Expr> {
    let whole = |side: &Expr| whole(side, schema).is_some();
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            match (steps(op), self::whole(&left, schema), self::whole(&right, schema)) {
                (Some(step), Some(of_left), Some(of_right)) => {
                    Transformed::yes(chained(*left, of_left, step, *right, of_right))
                }
                _ => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
            }
        }
        // A literal is negative as it stands.
        Expr::Negative(operand) if whole(&operand) && !matches!(*operand, Expr::Literal(..)) => {
            Transformed::yes(call(vec![Step::Subtract], vec![lit(0), *operand]))
        }
        Expr::AggregateFunction(mut function) if is_sum(&function.func, &function.params.args, whole) => {
            function.func = checked_sum();
            function.params.args = function.params.args.into_iter().map(wide).collect();
            Transformed::yes(Expr::AggregateFunction(function))
        }
        Expr::WindowFunction(mut function) => match &function.fun {
            WindowFunctionDefinition::AggregateUDF(sum) if is_sum(sum, &function.params.args, whole) => {
                function.fun = WindowFunctionDefinition::AggregateUDF(checked_sum());
                function.params.args = function.params.args.into_iter().map(wide).collect();
                Transformed::yes(Expr::WindowFunction(function))
            }
            _ => Transformed::no(Expr::WindowFunction(function)),
        },
        other => Transformed::no(other),
    }
}

/// The type in which a whole number is computed; None for what is none. A chain says it itself: to ask all of its parts at
/// each step would take long.
fn whole(expr: &Expr, schema: &DFSchema) -> Option<DataType> {
    if let Expr::ScalarFunction(ScalarFunction { func, args }) = expr
        && func.inner().is::<Checked>()
        && let [first, second, ..] = args.as_slice()
    {
        return Some(wider(&whole(first, schema)?, &whole(second, schema)?));
    }
    let data_type = expr.get_type(schema).ok()?;
    let counts = data_type.is_signed_integer() || data_type == DataType::UInt8;
    counts.then(|| wider(&data_type, &data_type))
}

/// The type of a step from one to the other.
fn wider(one: &DataType, other: &DataType) -> DataType {
    // UInt8 is TINYINT.
    let small = |of: &DataType| matches!(of, DataType::UInt8 | DataType::Int8 | DataType::Int16 | DataType::Int32);
    if small(one) && small(other) {
        DataType::Int32
    } else {
        DataType::Int64
    }
}

/// `left op right`, where `left` may be a chain that goes on: `1 + 1 + 1 …` is one call, not one inside the other.
fn chained(left: Expr, of_left: DataType, step: Step, right: Expr, of_right: DataType) -> Expr {
    match left {
        Expr::ScalarFunction(ScalarFunction { func, mut args }) if wider(&of_left, &of_right) == of_left => {
            let Some(checked) = func.inner().downcast_ref::<Checked>() else {
                return call(
                    vec![step],
                    vec![Expr::ScalarFunction(ScalarFunction { func, args }), right],
                );
            };
            let mut steps = checked.steps.clone();
            steps.push(step);
            args.push(right);
            call(steps, args)
        }
        left => call(vec![step], vec![left, right]),
    }
}

fn call(steps: Vec<Step>, args: Vec<Expr>) -> Expr {
    let func = Arc::new(ScalarUDF::from(Checked::new(steps)));
    Expr::ScalarFunction(ScalarFunction { func, args })
}

fn is_sum(function: &AggregateUDF, args: &[Expr], whole: impl Fn(&Expr) -> bool) -> bool {
    function.name() == "sum" && args.iter().all(whole)
}

fn wide(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Int64))
}

/// One operation of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Add,
    Subtract,
    Multiply,
}

fn steps(op: Operator) -> Option<Step> {
    match op {
        Operator::Plus => Some(Step::Add),
        Operator::Minus => Some(Step::Subtract),
        Operator::Multiply => Some(Step::Multiply),
        _ => None,
    }
}

/// Operations on whole numbers from the left to the right, in the wider of the first two types.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    /// `okta_+-*` with one sign for each step.
    name: String,
    steps: Vec<Step>,
    signature: Signature,
}

impl Checked {
    fn new(steps: Vec<Step>) -> Checked {
        let sign = |step: &Step| match step {
            Step::Add => '+',
            Step::Subtract => '-',
            Step::Multiply => '*',
        };
        let signs: String = steps.iter().map(sign).collect();
        Checked {
            name: format!("okta_{signs}"),
            signature: Signature::any(steps.len() + 1, Volatility::Immutable),
            steps,
        }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match types {
            [first, second, ..] => wider(first, second),
            _ => DataType::Int64,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let target = args.return_field.data_type();
        // Of literals only there is one result, however many rows there are.
        let constant = args.args.iter().all(|side| matches!(side, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let mut sides = args.args.into_iter();
        let mut next = || -> Result<Option<ArrayRef>> {
            let side = sides.next().map(|side| side.into_array(rows)).transpose()?;
            Ok(side.map(|side| cast(&side, target)).transpose()?)
        };
        let Some(mut result) = next()? else {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from(target)?));
        };
        for step in &self.steps {
            let Some(side) = next()? else { break };
            result = match step {
                Step::Add => add(&result, &side)?,
                Step::Subtract => sub(&result, &side)?,
                Step::Multiply => mul(&result, &side)?,
            };
        }
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

//! Whole numbers that do not fit fail the statement; DataFusion's own `+ - *` and SUM wrap around in silence.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, Datum};
use arrow::compute::cast;
use arrow::compute::kernels::numeric::{add, mul, sub};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
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
    let whole = |side: &Expr| {
        side.get_type(schema)
            .is_ok_and(|data_type| data_type.is_signed_integer())
    };
    let call = |function: &LazyLock<Arc<ScalarUDF>>, args| {
        let func = LazyLock::force(function).clone();
        Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
    };
    match expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match OPERATIONS.iter().find(|(of, _)| *of == op) {
            Some((_, function)) if whole(&left) && whole(&right) => call(function, vec![*left, *right]),
            _ => Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })),
        },
        // A literal is negative as it stands.
        Expr::Negative(operand) if whole(&operand) && !matches!(*operand, Expr::Literal(..)) => {
            call(&OPERATIONS[1].1, vec![lit(0), *operand])
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

fn is_sum(function: &AggregateUDF, args: &[Expr], whole: impl Fn(&Expr) -> bool) -> bool {
    function.name() == "sum" && args.iter().all(whole)
}

fn wide(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Int64))
}

type Kernel = fn(&dyn Datum, &dyn Datum) -> std::result::Result<ArrayRef, ArrowError>;

static OPERATIONS: [(Operator, LazyLock<Arc<ScalarUDF>>); 3] = [
    (Operator::Plus, LazyLock::new(|| function("okta_add", add))),
    (Operator::Minus, LazyLock::new(|| function("okta_subtract", sub))),
    (Operator::Multiply, LazyLock::new(|| function("okta_multiply", mul))),
];

fn function(name: &'static str, kernel: Kernel) -> Arc<ScalarUDF> {
    let signature = Signature::any(2, Volatility::Immutable);
    Arc::new(ScalarUDF::from(Checked {
        name,
        signature,
        kernel,
    }))
}

/// An operation on two whole numbers, in the wider of their types.
#[derive(Debug)]
struct Checked {
    name: &'static str,
    signature: Signature,
    kernel: Kernel,
}

impl PartialEq for Checked {
    fn eq(&self, other: &Checked) -> bool {
        self.name == other.name
    }
}

impl Eq for Checked {}

impl std::hash::Hash for Checked {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let small = |data_type: &DataType| matches!(data_type, DataType::Int8 | DataType::Int16 | DataType::Int32);
        Ok(if types.iter().all(small) {
            DataType::Int32
        } else {
            DataType::Int64
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let target = args.return_field.data_type();
        let sides = ColumnarValue::values_to_arrays(&args.args)?;
        let (left, right) = (cast(&sides[0], target)?, cast(&sides[1], target)?);
        let result = (self.kernel)(&left, &right)?;
        // Of literals only there is one result, however many rows there are.
        if args.args.iter().all(|side| matches!(side, ColumnarValue::Scalar(_))) {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

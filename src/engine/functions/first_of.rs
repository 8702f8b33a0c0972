//! COALESCE and ISNULL that name each argument once: DataFusion makes a CASE of them that names all but the last twice, and
//! inside each other they double.

use std::sync::{Arc, LazyLock};

use arrow::array::Array;
use arrow::compute::is_not_null;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::functions::core::coalesce;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    BinaryExpr, Case, ColumnarValue, Expr, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use super::super::text::compares;

/// A CASE that names its arguments twice may have so many parts; beyond it all arguments are computed for every row.
const MOST_PARTS: usize = 100;

/// Functions of text that give a value, or NULL, whatever they are given.
const NEVER_FAIL: &[&str] = &[
    "btrim",
    "coalesce",
    "concat",
    "concat_ws",
    "len",
    "lower",
    "ltrim",
    "okta_exact",
    "okta_fold",
    "okta_nullif",
    "reverse",
    "rtrim",
    "trim",
    "upper",
];

/// `coalesce(a, b, …)`: the first that is not NULL.
pub fn first_of() -> Arc<ScalarUDF> {
    static FIRST: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
        let signature = Signature::user_defined(Volatility::Immutable);
        Arc::new(ScalarUDF::from(FirstOf { signature }))
    });
    FIRST.clone()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct FirstOf {
    signature: Signature,
}

impl ScalarUDFImpl for FirstOf {
    fn name(&self) -> &str {
        "coalesce"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let typed = types.iter().find(|data_type| !data_type.is_null());
        Ok(typed.or(types.first()).cloned().unwrap_or(DataType::Null))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        coalesce().return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        coalesce().coerce_types(types)
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        let (first, others) = args.split_first()?;
        Some((vec![first], others.iter().collect()))
    }

    fn short_circuits(&self) -> bool {
        true
    }

    fn simplify(&self, mut args: Vec<Expr>, context: &SimplifyContext) -> Result<ExprSimplifyResult> {
        if let [first] | [first, ..] = args.as_slice()
            && (args.len() == 1 || !context.nullable(first)?)
        {
            return Ok(ExprSimplifyResult::Simplified(args.swap_remove(0)));
        }
        // What may fail is computed where it is wanted, and nowhere else: `ISNULL(a, 1 / b)`.
        if args[1..].iter().all(never_fails) || is_large(&args[..args.len() - 1]) {
            return Ok(ExprSimplifyResult::Original(args));
        }
        let last = args.pop().map(Box::new);
        let pair = |arg: Expr| (Box::new(arg.clone().is_not_null()), Box::new(arg));
        Ok(ExprSimplifyResult::Simplified(Expr::Case(Case {
            expr: None,
            when_then_expr: args.into_iter().map(pair).collect(),
            else_expr: last,
        })))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let mut values = args.args.into_iter();
        let Some(mut first) = values.next() else {
            return Ok(ColumnarValue::Scalar(args.return_field.data_type().try_into()?));
        };
        for next in values {
            first = match first {
                ColumnarValue::Scalar(value) if value.is_null() => next,
                ColumnarValue::Array(array) if array.logical_null_count() > 0 => {
                    let next = next.into_array(rows)?;
                    ColumnarValue::Array(zip(&is_not_null(&array)?, &array, &next)?)
                }
                found => return Ok(found),
            };
        }
        Ok(first)
    }
}

/// Whether an expression gives a value, or NULL, for every row.
fn never_fails(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(..) | Expr::Column(_) | Expr::OuterReferenceColumn(..) | Expr::ScalarSubquery(_) => true,
        Expr::Alias(alias) => never_fails(&alias.expr),
        Expr::Cast(cast) => cast.field.data_type().is_string() && never_fails(&cast.expr),
        Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNotFalse(inner)
        | Expr::Not(inner) => never_fails(inner),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let computes = matches!(op, Operator::And | Operator::Or | Operator::StringConcat) || compares(*op);
            computes && never_fails(left) && never_fails(right)
        }
        Expr::Case(case) => {
            let pairs = case.when_then_expr.iter().flat_map(|(when, then)| [when, then]);
            let mut parts = pairs.chain(&case.expr).chain(&case.else_expr);
            parts.all(|part| never_fails(part))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            NEVER_FAIL.contains(&func.name()) && args.iter().all(never_fails)
        }
        _ => false,
    }
}

fn is_large(exprs: &[Expr]) -> bool {
    let mut parts = 0;
    let mut count = |_: &Expr| {
        parts += 1;
        Ok(if parts > MOST_PARTS {
            TreeNodeRecursion::Stop
        } else {
            TreeNodeRecursion::Continue
        })
    };
    for expr in exprs {
        let _ = expr.apply(&mut count);
    }
    parts > MOST_PARTS
}

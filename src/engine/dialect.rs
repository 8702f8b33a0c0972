//! Operators as T-SQL types them: `+` on text, truth values as 0 and 1, days added to dates, parameters beside numbers.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Placeholder, ScalarFunction};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, cast};
use sqlparser::ast::BinaryOperator;

use super::functions;

/// Plans the operators whose meaning the types decide.
#[derive(Debug)]
pub struct TSqlOperators;

impl ExprPlanner for TSqlOperators {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let types = (operand(&expr.left, schema), operand(&expr.right, schema));
        let planned = match &expr.op {
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => arithmetic(expr, types),
            BinaryOperator::Eq | BinaryOperator::NotEq => truth(expr, types),
            _ => PlannerResult::Original(expr),
        };
        Ok(planned)
    }
}

/// What an operand is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    /// A parameter that nothing has typed yet.
    Open,
    Null,
    Text,
    Truth,
    Whole,
    Number,
    Instant,
    Other,
}

fn operand(expr: &Expr, schema: &DFSchema) -> Operand {
    if let Expr::Placeholder(Placeholder { field: None, .. }) = expr {
        return Operand::Open;
    }
    match expr.get_type(schema) {
        Ok(DataType::Null) => Operand::Null,
        Ok(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) => Operand::Text,
        Ok(DataType::Boolean) => Operand::Truth,
        Ok(data_type) if data_type.is_integer() => Operand::Whole,
        Ok(data_type) if data_type.is_numeric() => Operand::Number,
        Ok(DataType::Timestamp(..)) => Operand::Instant,
        _ => Operand::Other,
    }
}

fn arithmetic(expr: RawBinaryExpr, types: (Operand, Operand)) -> PlannerResult<RawBinaryExpr> {
    use Operand::{Instant, Null, Number, Open, Text, Whole};
    let RawBinaryExpr { op, left, right } = expr;
    let adds = op == BinaryOperator::Plus;
    match types {
        // NULL with anything is NULL, as `||` has it.
        (Text, Text | Null | Open) | (Null | Open, Text) if adds => {
            let (left, right) = (text_if(types.0, left), text_if(types.1, right));
            PlannerResult::Planned(binary(left, Operator::StringConcat, right))
        }
        // Numbers rank above text: `'5' + 1` is 6.
        (Text, Whole | Number) => PlannerResult::Original(RawBinaryExpr {
            left: cast(left, ranked(types.1)),
            op,
            right,
        }),
        (Whole | Number, Text) => PlannerResult::Original(RawBinaryExpr {
            right: cast(right, ranked(types.0)),
            op,
            left,
        }),
        (Instant, Whole) if adds => PlannerResult::Planned(days_later(right, left)),
        (Whole, Instant) if adds => PlannerResult::Planned(days_later(left, right)),
        (Instant, Whole) if op == BinaryOperator::Minus => {
            PlannerResult::Planned(days_later(Expr::Negative(Box::new(right)), left))
        }
        (Open, Whole | Number | Open) | (Whole | Number, Open) => PlannerResult::Original(RawBinaryExpr {
            left: number_if(types.0, left, types.1),
            right: number_if(types.1, right, types.0),
            op,
        }),
        _ => PlannerResult::Original(RawBinaryExpr { op, left, right }),
    }
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr {
        left: Box::new(left),
        op,
        right: Box::new(right),
    })
}

fn ranked(operand: Operand) -> DataType {
    match operand {
        Operand::Number => DataType::Float64,
        _ => DataType::Int64,
    }
}

fn text_if(operand: Operand, expr: Expr) -> Expr {
    match operand {
        Operand::Open => cast(expr, DataType::Utf8),
        _ => expr,
    }
}

/// A parameter beside a number is one; two parameters are whole numbers, as in `FETCH FIRST ? + ? ROWS`.
fn number_if(operand: Operand, expr: Expr, other: Operand) -> Expr {
    match operand {
        Operand::Open => cast(expr, ranked(other)),
        _ => expr,
    }
}

fn days_later(days: Expr, instant: Expr) -> Expr {
    let part = Expr::Literal(ScalarValue::Utf8(Some("day".to_owned())), None);
    Expr::ScalarFunction(ScalarFunction {
        func: functions::date_add(),
        args: vec![part, days, instant],
    })
}

/// `Active = 1`: a truth value compares with 0 and 1.
fn truth(expr: RawBinaryExpr, types: (Operand, Operand)) -> PlannerResult<RawBinaryExpr> {
    let RawBinaryExpr { op, left, right } = expr;
    let (left, right) = match types {
        (Operand::Truth, Operand::Whole) => as_truth(left, right),
        (Operand::Whole, Operand::Truth) => {
            let (right, left) = as_truth(right, left);
            (left, right)
        }
        _ => (left, right),
    };
    PlannerResult::Original(RawBinaryExpr { op, left, right })
}

/// A literal 0 or 1 becomes a truth value, so that Okta can be asked; beside any other number it is 0 or 1 itself.
fn as_truth(truth: Expr, number: Expr) -> (Expr, Expr) {
    let value = match &number {
        Expr::Literal(ScalarValue::Int64(Some(0)), _) => Some(false),
        Expr::Literal(ScalarValue::Int64(Some(1)), _) => Some(true),
        _ => None,
    };
    match value {
        Some(value) => (truth, Expr::Literal(ScalarValue::Boolean(Some(value)), None)),
        None => (cast(truth, DataType::Int64), number),
    }
}

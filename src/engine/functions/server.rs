//! The server's functions and variables (SERVERPROPERTY, object_id, @@SPID …) as DataFusion calls them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Int32Array, StringArray};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::cast::{as_int64_array, as_string_array};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};

use crate::metadata::system::functions::{self, Function, Kind};
use crate::metadata::system::{System, Value};

/// Digits of NUMERIC(38, 0).
const NUMERIC: DataType = DataType::Decimal128(38, 0);

/// The function of that name (in lower case), answered from `system`.
pub fn named(name: &str, system: &Arc<System>) -> Option<Arc<ScalarUDF>> {
    let function = functions::named(name)?;
    Some(Arc::new(ScalarUDF::from(ServerFunction {
        function,
        system: system.clone(),
        signature: signature(function),
    })))
}

/// Whether a function of that name answers names, which compare without case as columns of names do.
pub fn answers_text(name: &str) -> bool {
    functions::named(name).is_some_and(|function| matches!(function.returns, Kind::Text | Kind::Variant))
}

fn signature(function: &Function) -> Signature {
    let types: Vec<_> = function.parameters.iter().map(|kind| arrow(*kind)).collect();
    let arities = (function.required..=types.len()).map(|count| match count {
        0 => TypeSignature::Nullary,
        count => TypeSignature::Exact(types[..count].to_vec()),
    });
    // One answer for one statement: the snapshot is the statement's own.
    Signature::one_of(arities.collect(), Volatility::Stable)
}

fn arrow(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Variant => DataType::Utf8,
        Kind::Int => DataType::Int64,
        Kind::Numeric => NUMERIC,
    }
}

struct ServerFunction {
    function: &'static Function,
    system: Arc<System>,
    signature: Signature,
}

impl std::fmt::Debug for ServerFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.function.name)
    }
}

/// A session has one snapshot: the name identifies the function.
impl PartialEq for ServerFunction {
    fn eq(&self, other: &ServerFunction) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for ServerFunction {}

impl Hash for ServerFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ServerFunction {
    fn answer(&self, args: &[Value]) -> Value {
        (self.function.answer)(&self.system, args)
    }

    /// The type of the answer. A variant's is told by a constant property alone: other arguments may become constants
    /// while the plan is optimised, and the type must stay.
    fn returns(&self, property: Option<&str>) -> DataType {
        match (self.function.returns, property) {
            (Kind::Int, _) => DataType::Int32,
            (Kind::Numeric, _) => NUMERIC,
            (Kind::Variant, Some(property)) if functions::is_number(self.function, &self.system, property) => {
                DataType::Int32
            }
            (Kind::Text | Kind::Variant, _) => DataType::Utf8,
        }
    }
}

impl ScalarUDFImpl for ServerFunction {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns(None))
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs) -> Result<FieldRef> {
        let property = args.scalar_arguments.last().copied().flatten();
        let property = property.and_then(|property| property.try_as_str().flatten());
        Ok(Arc::new(Field::new(self.name(), self.returns(property), true)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let arrays = args.args.iter().map(|arg| arg.to_array(rows));
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let mut answers = Vec::with_capacity(rows);
        for row in 0..rows {
            let values = arrays
                .iter()
                .map(|array| cell(array, row))
                .collect::<Result<Vec<_>>>()?;
            answers.push(self.answer(&values));
        }
        let answers = array(args.return_field.data_type(), &answers);
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&answers, 0)?));
        }
        Ok(ColumnarValue::Array(answers))
    }
}

fn cell(array: &ArrayRef, row: usize) -> Result<Value> {
    use arrow::array::Array;
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Utf8 => as_string_array(array)?.value(row).into(),
        DataType::Int64 => as_int64_array(array)?.value(row).into(),
        _ => Value::Null,
    })
}

fn array(data_type: &DataType, values: &[Value]) -> ArrayRef {
    let numbers = values.iter().map(|value| match value {
        Value::Number(number) => Some(*number),
        _ => None,
    });
    match data_type {
        DataType::Int32 => Arc::new(Int32Array::from_iter(
            numbers.map(|number| number.and_then(|number| i32::try_from(number).ok())),
        )),
        DataType::Decimal128(..) => {
            Arc::new(Decimal128Array::from_iter(numbers.map(|number| number.map(i128::from))).with_data_type(NUMERIC))
        }
        _ => Arc::new(StringArray::from_iter(values.iter().map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bit(value) => Some(i32::from(*value).to_string()),
            Value::Null => None,
        }))),
    }
}

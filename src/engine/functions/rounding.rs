//! CEILING and FLOOR as T-SQL types them: a whole number stays the one it is.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::functions::math;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

pub fn functions() -> [(&'static str, Arc<ScalarUDF>); 2] {
    let named = |name, numbers| {
        let signature = Signature::user_defined(Volatility::Immutable);
        let rounding = Rounding {
            name,
            numbers,
            signature,
        };
        (name, Arc::new(ScalarUDF::from(rounding)))
    };
    [named("ceil", math::ceil()), named("floor", math::floor())]
}

/// A function of numbers with decimals, which DataFusion has.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Rounding {
    name: &'static str,
    numbers: Arc<ScalarUDF>,
    signature: Signature,
}

impl ScalarUDFImpl for Rounding {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [given] = types else {
            return plan_err!("{} expects one number", self.name);
        };
        let kept = given.is_integer() || given.is_decimal() || *given == DataType::Float32;
        Ok(vec![if kept { given.clone() } else { DataType::Float64 }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match types {
            [whole] if whole.is_integer() => Ok(whole.clone()),
            _ => self.numbers.return_type(types),
        }
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if args.return_field.data_type().is_integer() {
            return Ok(args.args.swap_remove(0));
        }
        self.numbers.invoke_with_args(args)
    }
}

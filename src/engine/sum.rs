//! SUM of whole numbers: a total that does not fit BIGINT fails the statement; DataFusion's own wraps around in silence.

use std::collections::HashSet;
use std::mem::size_of_val;
use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type};
use arrow::error::ArrowError;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, ReversedUDAF, Signature, Volatility};

/// Digits of the total that is kept: more BIGINTs than there can be fit in it.
const PRECISION: u8 = 38;

/// `sum(BIGINT)`, under DataFusion's name of it.
pub fn checked_sum() -> Arc<AggregateUDF> {
    static SUM: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        Arc::new(AggregateUDF::from(CheckedSum {
            signature: Signature::exact(vec![DataType::Int64], Volatility::Immutable),
        }))
    });
    SUM.clone()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CheckedSum {
    signature: Signature,
}

impl AggregateUDFImpl for CheckedSum {
    fn name(&self) -> &str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(if args.is_distinct {
            Box::new(DistinctTotal::default())
        } else {
            Box::new(Total::default())
        })
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let field = |part: &str, data_type| Arc::new(Field::new(format!("{}[{part}]", args.name), data_type, true));
        Ok(if args.is_distinct {
            let item = Arc::new(Field::new_list_field(DataType::Int64, true));
            vec![field("sum distinct", DataType::List(item))]
        } else {
            vec![
                field("sum", DataType::Decimal128(PRECISION, 0)),
                field("count", DataType::Int64),
            ]
        })
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }
}

fn fitting(total: i128) -> Result<ScalarValue> {
    let total = i64::try_from(total)
        .map_err(|_| ArrowError::ArithmeticOverflow(format!("SUM is {total}, which does not fit BIGINT")))?;
    Ok(ScalarValue::Int64(Some(total)))
}

/// The sum of `count` values that are not NULL.
#[derive(Debug, Default)]
struct Total {
    sum: i128,
    count: i64,
}

impl Total {
    fn add(&mut self, values: &ArrayRef, sign: i128) {
        for value in values.as_primitive::<Int64Type>().iter().flatten() {
            self.sum += sign * i128::from(value);
            self.count += sign as i64;
        }
    }
}

impl Accumulator for Total {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], 1);
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.add(&values[0], -1);
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.count == 0 {
            return Ok(ScalarValue::Int64(None));
        }
        fitting(self.sum)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![
            ScalarValue::Decimal128(Some(self.sum), PRECISION, 0),
            ScalarValue::Int64(Some(self.count)),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let (sums, counts) = (
            states[0].as_primitive::<Decimal128Type>(),
            states[1].as_primitive::<Int64Type>(),
        );
        self.sum += sums.iter().flatten().sum::<i128>();
        self.count += counts.iter().flatten().sum::<i64>();
        Ok(())
    }
}

/// The sum of the different values.
#[derive(Debug, Default)]
struct DistinctTotal {
    values: HashSet<i64>,
}

impl Accumulator for DistinctTotal {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.values
            .extend(values[0].as_primitive::<Int64Type>().iter().flatten());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.values.is_empty() {
            return Ok(ScalarValue::Int64(None));
        }
        fitting(self.values.iter().copied().map(i128::from).sum())
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.values.capacity() * 2 * size_of::<i64>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<_> = self
            .values
            .iter()
            .map(|value| ScalarValue::Int64(Some(*value)))
            .collect();
        let list = ScalarValue::new_list_nullable(&values, &DataType::Int64);
        Ok(vec![ScalarValue::List(list)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for values in states[0].as_list::<i32>().iter().flatten() {
            self.update_batch(&[values])?;
        }
        Ok(())
    }
}

//! A scalar function as a row of a table: its name, what its arguments are, and a body that sees one row at a time.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int32Array, Int64Array, StringArray, Time64MicrosecondArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, Time64MicrosecondType, TimeUnit, TimestampMicrosecondType,
};
use datafusion::common::{DataFusionError, Result, ScalarValue, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::super::Error;
use super::super::pages::external;
use super::instant;

/// What an argument is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Whole,
    Number,
    /// A timestamp, a date, a time, a text that says one, or days since 1900-01-01.
    Instant,
    /// A date or time as [`Kind::Instant`], a number, or text.
    Value,
}

/// What one row gives. The two arguments are the call's and the row's number; None is NULL.
#[derive(Clone, Copy)]
pub enum Body {
    Text(fn(&Args, usize) -> Answer<String>),
    Whole(fn(&Args, usize) -> Answer<i32>),
    Big(fn(&Args, usize) -> Answer<i64>),
    /// Days since 1970-01-01.
    Date(fn(&Args, usize) -> Answer<i32>),
    /// Microseconds since midnight.
    Time(fn(&Args, usize) -> Answer<i64>),
    /// Microseconds since 1970-01-01.
    Instant(fn(&Args, usize) -> Answer<i64>),
    /// The same, as a date or time where the last argument is one.
    LikeLast(fn(&Args, usize) -> Answer<i64>),
}

pub type Answer<T> = std::result::Result<Option<T>, Error>;

/// One function.
#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub args: &'static [Kind],
    /// As many of `args` must be given.
    pub fewest: usize,
    /// NULL for a NULL argument, without asking the body.
    pub strict: bool,
    pub body: Body,
}

impl Row {
    pub const fn new(name: &'static str, args: &'static [Kind], body: Body) -> Row {
        Row {
            name,
            args,
            fewest: args.len(),
            strict: true,
            body,
        }
    }

    pub const fn at_least(self, fewest: usize) -> Row {
        Row { fewest, ..self }
    }

    /// The body decides about NULL.
    pub const fn of_nulls(self) -> Row {
        Row { strict: false, ..self }
    }

    pub fn function(self) -> Arc<ScalarUDF> {
        Arc::new(ScalarUDF::from(Function {
            row: self,
            signature: Signature::user_defined(Volatility::Immutable),
        }))
    }
}

struct Function {
    row: Row,
    signature: Signature,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.row.name)
    }
}

/// A function's name identifies it.
impl PartialEq for Function {
    fn eq(&self, other: &Function) -> bool {
        self.row.name == other.row.name
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.row.name.hash(state);
    }
}

const INSTANT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);
const TIME: DataType = DataType::Time64(TimeUnit::Microsecond);

/// The type in which an argument of a type is read.
fn read_as(kind: Kind, given: &DataType) -> DataType {
    match (kind, given) {
        (Kind::Text, _) => DataType::Utf8,
        (Kind::Whole, _) => DataType::Int64,
        (Kind::Number, _) => DataType::Float64,
        // A bit is a number, 1 or 0.
        (Kind::Value, DataType::Boolean) => DataType::Int64,
        (_, DataType::Timestamp(..) | DataType::Date64) => INSTANT,
        (_, DataType::Date32) => DataType::Date32,
        (_, DataType::Time32(_) | DataType::Time64(_)) => TIME,
        (_, number) if number.is_integer() => DataType::Int64,
        (Kind::Value, number) if number.is_numeric() => DataType::Float64,
        _ => DataType::Utf8,
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.row.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let args = self.row.args;
        if types.len() < self.row.fewest || types.len() > args.len() {
            return plan_err!("{} expects other arguments", self.row.name);
        }
        Ok(types
            .iter()
            .zip(args)
            .map(|(given, kind)| read_as(*kind, given))
            .collect())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match self.row.body {
            Body::Text(_) => DataType::Utf8,
            Body::Whole(_) => DataType::Int32,
            Body::Big(_) => DataType::Int64,
            Body::Date(_) => DataType::Date32,
            Body::Time(_) => TIME,
            Body::Instant(_) => INSTANT,
            Body::LikeLast(_) => match types.last() {
                Some(DataType::Date32) => DataType::Date32,
                Some(DataType::Time64(_)) => TIME,
                _ => INSTANT,
            },
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|arg| match arg {
            ColumnarValue::Array(array) => Ok((array.clone(), false)),
            ColumnarValue::Scalar(value) => Ok((value.to_array()?, true)),
        });
        let call = Args {
            columns: columns.collect::<Result<Vec<_>>>()?,
        };
        let result = self.rows(&call, rows, args.return_field.data_type())?;
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

impl Function {
    fn rows(&self, call: &Args, rows: usize, target: &DataType) -> Result<ArrayRef> {
        let all = Rows {
            call,
            rows,
            strict: self.row.strict,
        };
        Ok(match self.row.body {
            Body::Text(body) => Arc::new(StringArray::from(all.of(body)?)),
            Body::Whole(body) => Arc::new(Int32Array::from(all.of(body)?)),
            Body::Big(body) => Arc::new(Int64Array::from(all.of(body)?)),
            Body::Date(body) => Arc::new(Date32Array::from(all.of(body)?)),
            Body::Time(body) => Arc::new(Time64MicrosecondArray::from(all.of(body)?)),
            Body::Instant(body) => Arc::new(TimestampMicrosecondArray::from(all.of(body)?)),
            Body::LikeLast(body) => like_last(all.of(body)?, target),
        })
    }
}

fn like_last(instants: Vec<Option<i64>>, target: &DataType) -> ArrayRef {
    match target {
        DataType::Date32 => {
            let days = instants.into_iter().map(|instant| {
                let days = instant?.div_euclid(instant::DAY);
                i32::try_from(days).ok()
            });
            Arc::new(Date32Array::from(days.collect::<Vec<_>>()))
        }
        DataType::Time64(_) => {
            let times = instants
                .into_iter()
                .map(|instant| Some(instant?.rem_euclid(instant::DAY)));
            Arc::new(Time64MicrosecondArray::from(times.collect::<Vec<_>>()))
        }
        _ => Arc::new(TimestampMicrosecondArray::from(instants)),
    }
}

struct Rows<'a> {
    call: &'a Args,
    rows: usize,
    strict: bool,
}

impl Rows<'_> {
    fn of<T>(&self, body: fn(&Args, usize) -> Answer<T>) -> Result<Vec<Option<T>>> {
        let one = |row| {
            if self.strict && self.call.any_null(row) {
                return Ok(None);
            }
            body(self.call, row).map_err(|error| -> DataFusionError { external(error) })
        };
        (0..self.rows).map(one).collect()
    }
}

/// The arguments of one call, in the types of their kinds. A constant is an array of one.
pub struct Args {
    columns: Vec<(ArrayRef, bool)>,
}

impl Args {
    /// How many were given.
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    fn any_null(&self, row: usize) -> bool {
        (0..self.count()).any(|arg| self.is_null(arg, row))
    }

    fn place(&self, arg: usize, row: usize) -> Option<(&ArrayRef, usize)> {
        let (array, constant) = self.columns.get(arg)?;
        let row = if *constant { 0 } else { row };
        (!array.is_null(row)).then_some((array, row))
    }

    pub fn is_null(&self, arg: usize, row: usize) -> bool {
        self.place(arg, row).is_none()
    }

    /// The text; empty for NULL, which only bodies that ask for it see.
    pub fn text(&self, arg: usize, row: usize) -> &str {
        self.place(arg, row)
            .and_then(|(array, row)| array.as_string_opt::<i32>().map(|texts| texts.value(row)))
            .unwrap_or_default()
    }

    /// The whole number, also of an argument of kind [`Kind::Value`] that is one.
    pub fn whole(&self, arg: usize, row: usize) -> Option<i64> {
        let (array, row) = self.place(arg, row)?;
        Some(array.as_primitive_opt::<Int64Type>()?.value(row))
    }

    pub fn number(&self, arg: usize, row: usize) -> Option<f64> {
        let (array, row) = self.place(arg, row)?;
        if let Some(numbers) = array.as_primitive_opt::<Float64Type>() {
            return Some(numbers.value(row));
        }
        // Numbers beyond 2⁵³ are read as the nearest that fits.
        array
            .as_primitive_opt::<Int64Type>()
            .map(|numbers| numbers.value(row) as f64)
    }

    /// Whether the argument is a time without a date.
    pub fn is_time(&self, arg: usize) -> bool {
        self.columns
            .get(arg)
            .is_some_and(|(array, _)| *array.data_type() == TIME)
    }

    /// Microseconds since 1970-01-01 of a date or time; None for what is none.
    pub fn stored_instant(&self, arg: usize, row: usize) -> Option<i64> {
        let (array, row) = self.place(arg, row)?;
        if let Some(instants) = array.as_primitive_opt::<TimestampMicrosecondType>() {
            return Some(instants.value(row));
        }
        if let Some(days) = array.as_primitive_opt::<Date32Type>() {
            return Some(i64::from(days.value(row)) * instant::DAY);
        }
        if let Some(times) = array.as_primitive_opt::<Time64MicrosecondType>() {
            return Some(times.value(row) + instant::DAYS_TO_1900 * instant::DAY);
        }
        None
    }

    /// The instant that an argument says: a date or time, a text, or days since 1900-01-01.
    pub fn instant(&self, arg: usize, row: usize) -> std::result::Result<i64, Error> {
        if let Some(instant) = self.stored_instant(arg, row) {
            return Ok(instant);
        }
        if let Some(days) = self.whole(arg, row) {
            return Ok((days.saturating_add(instant::DAYS_TO_1900)).saturating_mul(instant::DAY));
        }
        let text = self.text(arg, row);
        instant::read(text).ok_or_else(|| Error::Cast(format!("'{text}' cannot be read as a timestamp")))
    }
}

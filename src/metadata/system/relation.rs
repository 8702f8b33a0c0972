//! The shape of a system relation: columns as SQL Server declares them, rows as an Arrow batch.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int16Array, Int32Array, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::array::{StringArray, TimestampMillisecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use super::System;
use crate::catalog::field;

/// Characters of a `sysname`.
const SYSNAME: u32 = 128;

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `nvarchar` of that many characters; 128 is `sysname`. Compares without case, as SQL Server's default collation does.
    Text(u32),
    Tiny,
    Small,
    Int,
    Big,
    Bit,
    /// `datetime`
    Instant,
}

impl Type {
    /// T-SQL's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Text(SYSNAME) => "sysname",
            Type::Text(_) => "nvarchar",
            Type::Tiny => "tinyint",
            Type::Small => "smallint",
            Type::Int => "int",
            Type::Big => "bigint",
            Type::Bit => "bit",
            Type::Instant => "datetime",
        }
    }

    fn arrow(self) -> DataType {
        match self {
            Type::Text(_) => DataType::Utf8,
            Type::Tiny | Type::Small => DataType::Int16,
            Type::Int => DataType::Int32,
            Type::Big => DataType::Int64,
            Type::Bit => DataType::Boolean,
            Type::Instant => DataType::Timestamp(TimeUnit::Millisecond, None),
        }
    }
}

/// One column of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub r#type: Type,
    pub nullable: bool,
}

impl Column {
    /// The same column, which may be NULL.
    pub const fn null(mut self) -> Column {
        self.nullable = true;
        self
    }
}

const fn column(name: &'static str, r#type: Type) -> Column {
    Column {
        name,
        r#type,
        nullable: false,
    }
}

/// A column of names.
pub const fn name(name: &'static str) -> Column {
    column(name, Type::Text(SYSNAME))
}

pub const fn text(name: &'static str, size: u32) -> Column {
    column(name, Type::Text(size))
}

pub const fn tiny(name: &'static str) -> Column {
    column(name, Type::Tiny)
}

pub const fn small(name: &'static str) -> Column {
    column(name, Type::Small)
}

pub const fn int(name: &'static str) -> Column {
    column(name, Type::Int)
}

pub const fn big(name: &'static str) -> Column {
    column(name, Type::Big)
}

pub const fn bit(name: &'static str) -> Column {
    column(name, Type::Bit)
}

pub const fn instant(name: &'static str) -> Column {
    column(name, Type::Instant)
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Text(String),
    /// Any whole number, and milliseconds since 1970.
    Number(i64),
    Bit(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Value {
        Value::Number(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Number(number)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bit(value)
    }
}

/// `()` is NULL.
impl From<()> for Value {
    fn from((): ()) -> Value {
        Value::Null
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

pub type Row = Vec<Value>;

/// A row of values of any of the types that become one.
macro_rules! row {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::metadata::system::relation::Value::from($value)),*]
    };
}
pub(super) use row;

/// A relation without rows.
pub fn none(_: &System) -> Vec<Row> {
    Vec::new()
}

/// One view of the system catalog.
#[derive(Debug)]
pub struct Relation {
    pub schema: &'static str,
    pub name: &'static str,
    pub columns: &'static [Column],
    pub rows: fn(&System) -> Vec<Row>,
    /// Its rows name columns of tables, or number them: they are all there only when every schema of the org is loaded.
    pub lists_columns: bool,
}

impl Relation {
    /// Its columns in the Arrow types of their SQL types, with declared sizes as catalog columns have them.
    pub fn fields(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let mut metadata = HashMap::new();
            if let Type::Text(size) = column.r#type {
                metadata.insert(field::SIZE.to_owned(), size.to_string());
            }
            Field::new(column.name, column.r#type.arrow(), column.nullable).with_metadata(metadata)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Its rows in the order of its columns.
    pub fn arrays(&self, system: &System) -> (Vec<ArrayRef>, usize) {
        let rows = (self.rows)(system);
        let columns = self.columns.iter().enumerate();
        let arrays = columns.map(|(i, column)| array(column, rows.iter().map(|row| &row[i])));
        (arrays.collect(), rows.len())
    }

    /// Its rows under its own labels.
    pub fn batch(&self, system: &System) -> RecordBatch {
        let (arrays, rows) = self.arrays(system);
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.fields(), arrays, &options).expect("rows follow their columns")
    }
}

fn array<'a>(column: &Column, values: impl Iterator<Item = &'a Value>) -> ArrayRef {
    let numbers = |value: &Value| match value {
        Value::Number(number) => Some(*number),
        other => absent(column, other),
    };
    match column.r#type {
        Type::Text(_) => Arc::new(StringArray::from_iter(values.map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            other => absent(column, other),
        }))),
        Type::Tiny | Type::Small => Arc::new(Int16Array::from_iter(
            values
                .map(numbers)
                .map(|number| number.and_then(|n| i16::try_from(n).ok())),
        )),
        Type::Int => Arc::new(Int32Array::from_iter(
            values
                .map(numbers)
                .map(|number| number.and_then(|n| i32::try_from(n).ok())),
        )),
        Type::Big => Arc::new(Int64Array::from_iter(values.map(numbers))),
        Type::Bit => Arc::new(BooleanArray::from_iter(values.map(|value| match value {
            Value::Bit(value) => Some(*value),
            other => absent(column, other),
        }))),
        Type::Instant => Arc::new(TimestampMillisecondArray::from_iter(values.map(numbers))),
    }
}

fn absent<T>(column: &Column, value: &Value) -> Option<T> {
    debug_assert_eq!(*value, Value::Null, "{} is {:?}", column.name, column.r#type);
    None
}

//! Rows on their way into a table in memory: types, columns that are not given, NULLs, primary keys.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::max;
use arrow::datatypes::{DataType, SchemaRef};
use arrow::row::{RowConverter, SortField};

use super::super::Error;
use super::super::describe::cast_column;
use super::super::resolve::fold;
use super::store::{InMemory, Rows};

fn internal(error: arrow::error::ArrowError) -> Error {
    Error::Internal(error.to_string())
}

/// Adds rows of these columns; all of them or none.
pub fn append(table: &InMemory, columns: &[String], batches: &[RecordBatch]) -> Result<usize, Error> {
    let schema = table.schema();
    let mut rows = table.rows();
    let mut next = rows.next_identity;
    let whole = batches
        .iter()
        .map(|batch| complete(table, &schema, columns, batch, &mut next));
    let whole = whole.collect::<Result<Vec<_>, _>>()?;
    let keys = match rows.keys.take() {
        Some(keys) => keys,
        None => checked(table, &rows.batches, HashSet::new())?,
    };
    // Where it fails, the keys are counted again when they are next needed: some of the new ones are among them.
    rows.keys = Some(checked(table, &whole, keys)?);
    rows.next_identity = next;
    rows.append(whole)?;
    Ok(Rows::count(batches))
}

/// A batch of all the table's columns.
fn complete(
    table: &InMemory,
    schema: &SchemaRef,
    columns: &[String],
    batch: &RecordBatch,
    next: &mut i64,
) -> Result<RecordBatch, Error> {
    let rows = batch.num_rows();
    let mut whole: Vec<ArrayRef> = Vec::with_capacity(table.table.columns.len());
    for (at, (column, field)) in table.table.columns.iter().zip(schema.fields()).enumerate() {
        let given = columns.iter().position(|name| fold(name) == fold(&column.name));
        let array = match given.and_then(|given| batch.columns().get(given)) {
            Some(array) => cast_column(array, field.data_type())?,
            None if table.identity == Some(at) => {
                let counted = Int64Array::from_iter_values((*next..).take(rows));
                cast_column(&(Arc::new(counted) as ArrayRef), field.data_type())?
            }
            None => new_null_array(field.data_type(), rows),
        };
        if table.identity == Some(at) {
            let numbers = cast_column(&array, &DataType::Int64)?;
            let numbers = numbers.as_any().downcast_ref::<Int64Array>();
            *next = (*next).max(numbers.and_then(max).map_or(0, |largest| largest.saturating_add(1)));
        }
        whole.push(array);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), whole, &options).map_err(internal)
}

/// The keys that there are and those of these rows; an error where one stands twice, or a column is NULL that must not be.
pub fn checked(
    table: &InMemory,
    batches: &[RecordBatch],
    mut keys: HashSet<Vec<u8>>,
) -> Result<HashSet<Vec<u8>>, Error> {
    let table = &table.table;
    for (at, column) in table.columns.iter().enumerate().filter(|(_, column)| !column.nullable) {
        if batches.iter().any(|batch| batch.column(at).null_count() > 0) {
            let name = &column.name;
            return Err(Error::Constraint(format!(
                "Column '{name}' of {} must not be NULL",
                table.name
            )));
        }
    }
    let places: Vec<_> = table
        .primary_key
        .iter()
        .filter_map(|name| table.column_index(name))
        .collect();
    if places.is_empty() {
        return Ok(keys);
    }
    for batch in batches {
        let columns: Vec<_> = places.iter().map(|at| batch.column(*at).clone()).collect();
        let fields = columns.iter().map(|column| SortField::new(column.data_type().clone()));
        let converter = RowConverter::new(fields.collect()).map_err(internal)?;
        for row in &converter.convert_columns(&columns).map_err(internal)? {
            if !keys.insert(row.as_ref().to_vec()) {
                let key = table.primary_key.join(", ");
                return Err(Error::Constraint(format!(
                    "{} already has a row with this {key}",
                    table.name
                )));
            }
        }
    }
    Ok(keys)
}

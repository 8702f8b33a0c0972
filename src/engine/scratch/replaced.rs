//! The rows of a table in memory after UPDATE and DELETE.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::{concat, filter_record_batch, interleave};
use arrow::error::ArrowError;

use super::super::Error;
use super::super::describe::cast_column;
use super::super::resolve::fold;
use super::store::InMemory;

fn internal(error: ArrowError) -> Error {
    Error::Internal(error.to_string())
}

/// For the number of each row that is met, the place of its new values among all of `met`.
fn places(met: &[RecordBatch]) -> HashMap<i64, usize> {
    let numbers = met
        .iter()
        .filter_map(|batch| batch.column(0).as_any().downcast_ref::<Int64Array>());
    let numbers = numbers.flat_map(|numbers| numbers.values().iter().copied());
    numbers.enumerate().map(|(place, number)| (number, place)).collect()
}

/// The number of the first row of each batch.
fn starts(batches: &[RecordBatch]) -> impl Iterator<Item = (i64, &RecordBatch)> {
    batches.iter().scan(0, |next, batch| {
        let start = *next;
        *next += batch.num_rows() as i64;
        Some((start, batch))
    })
}

/// The rows that were not met, and how many were.
pub fn without(before: &[RecordBatch], met: &[RecordBatch]) -> Result<(Vec<RecordBatch>, usize), Error> {
    let places = places(met);
    let kept = starts(before).map(|(start, batch)| {
        let rows = start..start + batch.num_rows() as i64;
        let stays: BooleanArray = rows.map(|number| Some(!places.contains_key(&number))).collect();
        filter_record_batch(batch, &stays)
    });
    let mut kept = kept.collect::<Result<Vec<_>, _>>().map_err(internal)?;
    kept.retain(|batch| batch.num_rows() > 0);
    Ok((kept, places.len()))
}

/// All rows, with the new values of those that were met, and how many were.
pub fn with(
    table: &InMemory,
    columns: &[String],
    before: &[RecordBatch],
    met: &[RecordBatch],
) -> Result<(Vec<RecordBatch>, usize), Error> {
    let places = places(met);
    if places.is_empty() {
        return Ok((before.to_vec(), 0));
    }
    let schema = table.schema();
    let mut values: HashMap<usize, ArrayRef> = HashMap::new();
    for (at, name) in columns.iter().enumerate() {
        let column = table
            .table
            .columns
            .iter()
            .position(|column| fold(&column.name) == fold(name));
        let column = column.ok_or_else(|| Error::Internal(format!("{name} is gone")))?;
        let given: Vec<&dyn Array> = met.iter().map(|batch| batch.column(at + 1).as_ref()).collect();
        let given = concat(&given).map_err(internal)?;
        values.insert(column, cast_column(&given, schema.field(column).data_type())?);
    }
    let changed = starts(before).map(|(start, batch)| {
        let rows = 0..batch.num_rows();
        let sources: Vec<_> = rows
            .map(|row| places.get(&(start + row as i64)).map_or((0, row), |place| (1, *place)))
            .collect();
        let columns = batch
            .columns()
            .iter()
            .enumerate()
            .map(|(at, old)| match values.get(&at) {
                Some(new) => interleave(&[old.as_ref(), new.as_ref()], &sources),
                None => Ok(old.clone()),
            });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(batch.schema(), columns)
    });
    let changed = changed.collect::<Result<Vec<_>, _>>().map_err(internal)?;
    Ok((changed, places.len()))
}

//! The rows that a scrollable cursor has read: in memory up to a bound, then in a file without a name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use arrow::array::{Array, RecordBatch};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;

use crate::diag::{Record, SqlState};

enum Place {
    Memory(RecordBatch),
    /// One Arrow IPC stream.
    File {
        offset: u64,
        length: usize,
    },
}

struct Part {
    /// Rows of the parts before it.
    before: usize,
    place: Place,
}

pub struct Kept {
    parts: Vec<Part>,
    rows: usize,
    /// Bytes that may stay in memory, and those that do.
    bound: usize,
    held: usize,
    /// Made when the bound is reached. It is gone with this process, and nobody else can open it.
    file: Option<File>,
    end: u64,
}

impl Kept {
    pub fn new(bound: usize) -> Kept {
        Kept {
            parts: Vec::new(),
            rows: 0,
            bound,
            held: 0,
            file: None,
            end: 0,
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn push(&mut self, batch: RecordBatch) -> Result<(), Record> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(());
        }
        let size = size(&batch);
        let place = if self.held.saturating_add(size) <= self.bound {
            self.held += size;
            Place::Memory(batch)
        } else {
            self.write(&batch).map_err(|error| lost(&error))?
        };
        self.parts.push(Part {
            before: self.rows,
            place,
        });
        self.rows += rows;
        Ok(())
    }

    /// The batch with row `number` (from 1), and how many rows are before it.
    pub fn holding(&self, number: usize) -> Result<(usize, RecordBatch), Record> {
        let after = self.parts.partition_point(|part| part.before < number);
        let part = after
            .checked_sub(1)
            .and_then(|index| self.parts.get(index))
            .ok_or_else(|| lost(&io::Error::from(io::ErrorKind::NotFound).into()))?;
        let batch = match &part.place {
            Place::Memory(batch) => batch.clone(),
            Place::File { offset, length } => self.read(*offset, *length).map_err(|error| lost(&error))?,
        };
        Ok((part.before, batch))
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<Place, ArrowError> {
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, batch.schema_ref())?;
        writer.write(batch)?;
        writer.finish()?;
        drop(writer);
        let mut file = match &self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        let offset = self.end;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(&bytes)?;
        self.end += bytes.len() as u64;
        Ok(Place::File {
            offset,
            length: bytes.len(),
        })
    }

    fn read(&self, offset: u64, length: usize) -> Result<RecordBatch, ArrowError> {
        let gone = || ArrowError::from(io::Error::from(io::ErrorKind::UnexpectedEof));
        let mut file = self.file.as_ref().ok_or_else(gone)?;
        let mut bytes = vec![0; length];
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        StreamReader::try_new(bytes.as_slice(), None)?.next().ok_or_else(gone)?
    }
}

/// Bytes of the rows themselves: batches may be slices of larger ones.
fn size(batch: &RecordBatch) -> usize {
    let of = |column: &dyn Array| {
        let whole = column.get_array_memory_size();
        column.to_data().get_slice_memory_size().unwrap_or(whole)
    };
    batch.columns().iter().map(|column| of(column.as_ref())).sum()
}

fn lost(error: &ArrowError) -> Record {
    Record::new(
        SqlState::GENERAL_ERROR,
        format!("The rows of a scrollable cursor could not be kept in the folder for temporary files: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, StringArray};

    use super::*;

    /// Rows `from` to `to`, each with its number as a number and, but for every third, as a text.
    fn batch(from: i32, to: i32) -> RecordBatch {
        let text = |n: i32| (n % 3 != 0).then(|| format!("row {n}"));
        let columns: [(&str, ArrayRef); 2] = [
            ("n", Arc::new(Int32Array::from_iter_values(from..=to))),
            ("t", Arc::new(StringArray::from_iter((from..=to).map(text)))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn every_row_is_found_again_in_any_order_wherever_it_is_kept() {
        for (bound, spilled) in [(usize::MAX, 0), (0, 4), (size(&batch(1, 10)), 3)] {
            let mut kept = Kept::new(bound);
            for (from, to) in [(1, 10), (11, 11), (12, 40), (41, 100)] {
                kept.push(batch(from, to)).unwrap();
            }
            let in_file = kept.parts.iter().filter(|p| matches!(p.place, Place::File { .. }));
            assert_eq!(in_file.count(), spilled, "{bound}");
            assert_eq!(kept.rows(), 100);
            for number in (1..=100).rev().chain([50, 1, 100]) {
                let (before, found) = kept.holding(number).unwrap();
                let row = found.slice(number - before - 1, 1);
                let wanted = batch(number as i32, number as i32);
                assert_eq!(row.columns(), wanted.columns(), "{number} of {bound}");
            }
        }
    }

    #[test]
    fn a_slice_counts_as_what_it_shows() {
        let whole = batch(1, 1000);
        assert!(size(&whole.slice(10, 10)) < size(&whole) / 50);
    }
}

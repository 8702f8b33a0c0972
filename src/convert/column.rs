//! The cells of one column into the rows of a rowset: what writes them is chosen once for all of them.

use std::ops::Range;

use arrow::array::{Array, ArrayAccessor, AsArray, PrimitiveArray};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};

use super::buffer::Sinks;
use super::codes::{CType, SqlType};
use super::datetime::{date_structure, timestamp_structure};
use super::{Error, Progress, Target, Warning, WideChar, Written, matrix, value, write};

/// Hears of rows that were not simply written.
trait Tell: FnMut(usize, Result<Warning, Error>) {}

impl<F: FnMut(usize, Result<Warning, Error>)> Tell for F {}

/// Some rows of a column, and where they go.
struct Column<'a> {
    cells: &'a dyn Array,
    rows: Range<usize>,
    sql_type: i16,
    sinks: &'a Sinks<'a>,
    wide: WideChar,
}

pub(super) fn write(
    cells: &dyn Array,
    rows: Range<usize>,
    sql_type: i16,
    target: &Target,
    sinks: &Sinks<'_>,
    wide: WideChar,
    mut tell: impl FnMut(usize, Result<Warning, Error>),
) {
    let column = Column {
        cells,
        rows,
        sql_type,
        sinks,
        wide,
    };
    let tell = &mut tell;
    let resolved = matrix::resolve(sql_type, target.c_type, value::is_unsigned(cells.data_type()));
    let Ok((sql, c)) = resolved else {
        return column.by_cell(tell);
    };
    if target.buffer_length < 0 {
        return column.by_cell(tell);
    }
    match (cells.data_type(), c) {
        (DataType::Int16, CType::SShort) => column.fixed::<Int16Type, 2>(tell, |v| Some(v.to_ne_bytes())),
        (DataType::Int32, CType::SLong) => column.fixed::<Int32Type, 4>(tell, |v| Some(v.to_ne_bytes())),
        (DataType::Int32, CType::SBigInt) => column.fixed::<Int32Type, 8>(tell, |v| Some(i64::from(v).to_ne_bytes())),
        (DataType::Int32, CType::Double) => column.fixed::<Int32Type, 8>(tell, |v| Some(f64::from(v).to_ne_bytes())),
        (DataType::Int64, CType::SBigInt) => column.fixed::<Int64Type, 8>(tell, |v| Some(v.to_ne_bytes())),
        (DataType::Float32, CType::Float) => column.fixed::<Float32Type, 4>(tell, |v| Some(v.to_ne_bytes())),
        (DataType::Float32, CType::Double) => {
            column.fixed::<Float32Type, 8>(tell, |v| Some(f64::from(v).to_ne_bytes()))
        }
        (DataType::Float64, CType::Double) => column.fixed::<Float64Type, 8>(tell, |v| Some(v.to_ne_bytes())),
        (DataType::Date32, CType::Date) => column.fixed::<Date32Type, 6>(tell, |v| date_structure(v.into())),
        (DataType::Timestamp(unit, _), CType::Timestamp) => match unit {
            TimeUnit::Second => column.fixed::<TimestampSecondType, 16>(tell, timestamp_structure::<1>),
            TimeUnit::Millisecond => column.fixed::<TimestampMillisecondType, 16>(tell, timestamp_structure::<1_000>),
            TimeUnit::Microsecond => {
                column.fixed::<TimestampMicrosecondType, 16>(tell, timestamp_structure::<1_000_000>);
            }
            TimeUnit::Nanosecond => {
                column.fixed::<TimestampNanosecondType, 16>(tell, timestamp_structure::<1_000_000_000>);
            }
        },
        (DataType::Boolean, CType::Bit) => column.bits(tell),
        (DataType::Utf8, CType::Char) if sql != SqlType::Guid => column.narrow(tell, cells.as_string::<i32>()),
        (DataType::Utf8View, CType::Char) if sql != SqlType::Guid => column.narrow(tell, cells.as_string_view()),
        (DataType::Utf8, CType::WChar) if sql != SqlType::Guid => column.wide(tell, cells.as_string::<i32>()),
        (DataType::Utf8View, CType::WChar) if sql != SqlType::Guid => column.wide(tell, cells.as_string_view()),
        _ => column.by_cell(tell),
    }
}

impl Column<'_> {
    /// Whatever the types are, and whatever is wrong.
    fn cell(&self, row: usize, tell: &mut impl Tell) {
        let target = self.sinks.target(row);
        let mut progress = Progress::default();
        let written = write::cell(
            self.cells,
            self.rows.start + row,
            self.sql_type,
            &target,
            self.wide,
            &mut progress,
            &mut self.sinks.at(row),
        );
        match written {
            Ok(Written::Complete | Written::NoData) => {}
            Ok(Written::WithWarning(warning)) => tell(row, Ok(warning)),
            Err(error) => tell(row, Err(error)),
        }
    }

    fn by_cell(&self, tell: &mut impl Tell) {
        (0..self.rows.len()).for_each(|row| self.cell(row, tell));
    }

    /// `put` writes the value of a row that is not NULL; false leaves it to [`Column::cell`].
    #[inline]
    fn each(&self, tell: &mut impl Tell, put: impl Fn(usize) -> bool) {
        let nulls = self.cells.nulls().filter(|nulls| nulls.null_count() > 0);
        for row in 0..self.rows.len() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(self.rows.start + row));
            let written = if is_null {
                self.sinks.at(row).set_null().is_ok()
            } else {
                put(row)
            };
            if !written {
                self.cell(row, tell);
            }
        }
    }

    /// `bytes` are those of the C type; None where it has no such value.
    #[inline]
    fn fixed<T: ArrowPrimitiveType, const N: usize>(
        &self,
        tell: &mut impl Tell,
        bytes: impl Fn(T::Native) -> Option<[u8; N]>,
    ) {
        let Some(array) = self.cells.as_any().downcast_ref::<PrimitiveArray<T>>() else {
            return self.by_cell(tell);
        };
        let values = &array.values()[self.rows.clone()];
        self.each(tell, |row| {
            let Some(bytes) = bytes(values[row]) else { return false };
            let mut sink = self.sinks.at(row);
            sink.put_fixed(&bytes);
            sink.set_length(N);
            true
        });
    }

    fn bits(&self, tell: &mut impl Tell) {
        let values = self.cells.as_boolean().values();
        self.each(tell, |row| {
            let mut sink = self.sinks.at(row);
            sink.put_fixed(&[values.value(self.rows.start + row).into()]);
            sink.set_length(1);
            true
        });
    }

    /// SQL_C_CHAR; a text that must be cut is left to [`Column::cell`], here and below.
    fn narrow<'t>(&self, tell: &mut impl Tell, texts: impl ArrayAccessor<Item = &'t str>) {
        self.each(tell, |row| {
            let text = texts.value(self.rows.start + row).as_bytes();
            let mut sink = self.sinks.at(row);
            let fits = text.len() < sink.capacity();
            if fits {
                sink.put(0, text);
                sink.put(text.len(), &[0]);
                sink.set_length(text.len());
            }
            fits
        });
    }

    fn wide<'t>(&self, tell: &mut impl Tell, texts: impl ArrayAccessor<Item = &'t str>) {
        if self.wide != WideChar::Utf16 {
            return self.by_cell(tell);
        }
        self.each(tell, |row| {
            let text = texts.value(self.rows.start + row);
            let mut sink = self.sinks.at(row);
            // Room for the terminator too.
            if text.len() >= sink.capacity() / 2 {
                return false;
            }
            let Some(units) = sink.put_utf16(text) else {
                return false;
            };
            sink.put(units * 2, &[0; 2]);
            sink.set_length(units * 2);
            true
        });
    }
}

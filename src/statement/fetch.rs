//! Fetching: rowsets written through the ARD, and SQLGetData.

use super::c_types;
use super::descriptor::{Binding, Header};
use super::{Cursor, Done, Outcome, Reading, Scope, State, Waiter};
use crate::convert::{Progress, WideChar, Written};
use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::{self, Address, Place};

/// What distinguishes SQLFetch from SQLExtendedFetch.
pub struct Rowset {
    pub size: usize,
    pub status: Address,
    pub fetched: Address,
    /// S6 or S7.
    pub state: State,
}

fn no_cursor() -> Record {
    Record::new(SqlState::INVALID_CURSOR_STATE, "No cursor is open on this statement")
}

/// SQLFetch and SQLFetchScroll: the rowset as the ARD and the IRD have it.
pub fn fetch(scope: &mut Scope) -> Outcome {
    let ard = scope.descriptor(scope.stmt.ard)?;
    let ird = scope.descriptor(scope.stmt.implicit.ird)?;
    let rowset = Rowset {
        size: ard.header.array_size,
        status: ird.header.array_status,
        fetched: ird.header.rows_processed,
        state: State::Fetched,
    };
    fetch_rowset(scope, &rowset)
}

pub fn fetch_rowset(scope: &mut Scope, rowset: &Rowset) -> Outcome {
    let stmt = &mut *scope.stmt;
    let cursor = stmt.cursor.as_mut().ok_or_else(no_cursor)?;
    let ard = scope.descriptors.get(stmt.ard).ok_or_else(no_cursor)?;
    let waiter = Waiter::new(scope.runtime, scope.cancel, stmt.attributes.query_timeout);
    let max_rows = stmt.attributes.max_rows;
    let bindings: &[Binding] = if stmt.attributes.retrieve_data == SQL_RD_ON {
        &ard.bindings
    } else {
        &[]
    };
    let mut writer = RowWriter {
        bindings,
        header: &ard.header,
        wide: scope.wide,
        offset: 0,
        diag: &mut stmt.diag,
    };
    writer.offset = memory::read::<usize>(ard.header.bind_offset).unwrap_or(0);

    if rowset.size > 1 {
        waiter.begin();
    }
    cursor.expect(rowset.size, max_rows);
    let (mut rows, mut errors) = (0, 0);
    let mut broken = None;
    while rows < rowset.size {
        match cursor.advance(max_rows, &waiter) {
            Ok(true) => {
                let status = writer.write(cursor, rows, rowset.size);
                errors += usize::from(status == SQL_ROW_ERROR);
                memory::write_element(rowset.status, rows, status);
                rows += 1;
            }
            Ok(false) => break,
            // Rows that are in hand come out first; the cursor tells again what broke it.
            Err(record) => {
                broken = Some(record);
                break;
            }
        }
    }
    for row in rows..rowset.size {
        if rowset.status == 0 {
            break;
        }
        memory::write_element(rowset.status, row, SQL_ROW_NOROW);
    }
    memory::write(rowset.fetched, rows);
    stmt.state = rowset.state;
    stmt.rowset = rows;
    stmt.reading = (rows > 0).then(Reading::default);
    match broken {
        Some(record) if rows == 0 => Err(record),
        _ if rows == 0 => Ok(Done::NoData),
        _ if errors == rows => Ok(Done::Code(SQL_ERROR)),
        _ => {
            if errors > 0 {
                stmt.diag
                    .warn(SqlState::ERROR_IN_ROW, "Some rows of the rowset could not be converted");
            }
            Ok(Done::Success)
        }
    }
}

/// Writes the current row's bound columns into row `index` of the rowset.
struct RowWriter<'a> {
    bindings: &'a [Binding],
    header: &'a Header,
    wide: WideChar,
    offset: usize,
    diag: &'a mut Diagnostics,
}

impl RowWriter<'_> {
    fn write(&mut self, cursor: &Cursor, index: usize, size: usize) -> u16 {
        let Some((batch, row)) = cursor.current() else {
            return SQL_ROW_NOROW;
        };
        let mut status = SQL_ROW_SUCCESS;
        for (i, (binding, column)) in self.bindings.iter().zip(cursor.columns.iter()).enumerate() {
            if !binding.is_bound() {
                continue;
            }
            let sql_type = column.sql_type();
            let place = self.place(binding, sql_type, index);
            let mut progress = Progress::default();
            let written = memory::write_cell(
                batch.column(i).as_ref(),
                row,
                sql_type,
                &place,
                self.wide,
                &mut progress,
            );
            let (worse, record) = match written {
                Ok(Written::Complete | Written::NoData) => continue,
                Ok(Written::WithWarning(warning)) => (SQL_ROW_SUCCESS_WITH_INFO, Record::from(warning)),
                Err(error) => (SQL_ROW_ERROR, Record::from(&error)),
            };
            if status != SQL_ROW_ERROR {
                status = worse;
            }
            let number = if size > 0 {
                index as isize + 1
            } else {
                SQL_NO_ROW_NUMBER
            };
            self.diag.post(record.at(number, i as i32 + 1));
        }
        status
    }

    #[inline]
    fn place(&self, binding: &Binding, sql_type: i16, index: usize) -> Place {
        let c_type = if binding.concise == SQL_C_DEFAULT {
            c_types::default_for(sql_type)
        } else {
            binding.concise
        };
        let fixed = c_types::fixed_size(c_type);
        let (value_step, length_step) = match self.header.bind_type {
            SQL_BIND_BY_COLUMN => (
                fixed.unwrap_or(binding.octet_length.max(0) as usize),
                size_of::<isize>(),
            ),
            row => (row, row),
        };
        let value_by = self.offset.wrapping_add(value_step * index);
        let length_by = self.offset.wrapping_add(length_step * index);
        Place {
            c_type,
            value: memory::displaced(binding.data, value_by),
            buffer_length: fixed.map_or(binding.octet_length, |size| size as isize),
            octet_length: memory::displaced(binding.octet_length_ptr, length_by),
            indicator: memory::displaced(binding.indicator, length_by),
            precision: binding.precision,
            scale: binding.scale,
        }
    }
}

/// SQLBindCol: one record of the ARD.
pub fn bind_col(scope: &mut Scope, number: u16, c_type: i16, value: Address, length: isize, ind: Address) -> Outcome {
    if number == 0 {
        return Err(bookmark());
    }
    if !c_types::is_known(c_type) || matches!(c_type, SQL_ARD_TYPE | SQL_APD_TYPE) {
        return Err(Record::new(SqlState::INVALID_C_TYPE, format!("{c_type} is no C type")));
    }
    if length < 0 {
        return Err(Record::new(SqlState::INVALID_LENGTH, "The buffer length is negative"));
    }
    let number = usize::from(number);
    let key = scope.stmt.ard;
    let ard = scope.descriptor_mut(key)?;
    if value == 0 && ind == 0 {
        if let Some(binding) = ard.bindings.get_mut(number - 1) {
            *binding = Binding::default();
        }
        ard.shrink();
        return Ok(Done::Success);
    }
    let binding = ard.binding(number)?;
    binding.set_concise(c_type);
    binding.octet_length = length;
    binding.data = value;
    binding.octet_length_ptr = ind;
    binding.indicator = ind;
    Ok(Done::Success)
}

fn bookmark() -> Record {
    Record::new(
        SqlState::INVALID_DESCRIPTOR_INDEX,
        "Column 0 is a bookmark; bookmarks are not supported",
    )
}

/// SQLGetData: (a part of) one cell of the current row.
pub fn get_data(scope: &mut Scope, number: u16, c_type: i16, value: Address, length: isize, ind: Address) -> Outcome {
    let stmt = &mut *scope.stmt;
    let cursor = stmt.cursor.as_ref().ok_or_else(no_cursor)?;
    let ard = scope.descriptors.get(stmt.ard).ok_or_else(no_cursor)?;
    let Some(reading) = &mut stmt.reading else {
        return Err(Record::new(
            SqlState::INVALID_CURSOR_STATE,
            "No row is current: the result set is at its end",
        ));
    };
    if stmt.rowset > 1 {
        return Err(Record::new(
            SqlState::INVALID_CURSOR_POSITION,
            "SQLGetData reads rowsets of one row; bind the columns to read several rows at once",
        ));
    }
    let index = match usize::from(number) {
        0 => return Err(bookmark()),
        number if number > cursor.columns.len() => {
            return Err(Record::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                format!(
                    "Column {number} was asked for, the result set has {}",
                    cursor.columns.len()
                ),
            ));
        }
        number => number - 1,
    };
    if length < 0 {
        return Err(Record::new(SqlState::INVALID_LENGTH, "The buffer length is negative"));
    }
    let binding = ard.bindings.get(index);
    let mut place = Place {
        c_type: c_types::current(c_type),
        value,
        buffer_length: length,
        octet_length: ind,
        indicator: ind,
        precision: 38,
        scale: 0,
    };
    if c_type == SQL_ARD_TYPE {
        place.c_type = binding.map_or(SQL_C_DEFAULT, |binding| binding.concise);
        if let Some(binding) = binding {
            (place.precision, place.scale) = (binding.precision, binding.scale);
        }
    }
    let sql_type = cursor.columns[index].sql_type();
    if place.c_type == SQL_C_DEFAULT {
        place.c_type = c_types::default_for(sql_type);
    } else if !c_types::is_known(place.c_type) {
        return Err(Record::new(SqlState::INVALID_C_TYPE, format!("{c_type} is no C type")));
    }
    let (batch, row) = cursor.current().ok_or_else(no_cursor)?;
    if reading.column != index + 1 {
        *reading = Reading {
            column: index + 1,
            progress: Progress::in_parts(),
        };
    }
    let cells = batch.column(index).as_ref();
    match memory::write_cell(cells, row, sql_type, &place, scope.wide, &mut reading.progress) {
        Ok(Written::Complete) => Ok(Done::Success),
        Ok(Written::NoData) => Ok(Done::NoData),
        Ok(Written::WithWarning(warning)) => {
            stmt.diag.post(Record::from(warning).at(1, i32::from(number)));
            Ok(Done::Success)
        }
        Err(error) => Err(Record::from(&error).at(1, i32::from(number))),
    }
}

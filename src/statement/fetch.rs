//! Fetching: rowsets written through the ARD, and SQLGetData.

use super::bookmark;
use super::c_types;
use super::descriptor::{Binding, Descriptor, Header};
use super::scroll::{self, Landing, Position, Step};
use super::{Attributes, Cursor, Done, Outcome, Reading, Scope, State, Waiter};
use crate::convert::{self, Progress, Warning, WideChar, Written};
use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::{self, Address, Place, Places};

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

fn only_next() -> Record {
    Record::new(
        SqlState::FETCH_TYPE_OUT_OF_RANGE,
        "The cursor only moves forward: use SQL_FETCH_NEXT, or set SQL_ATTR_CURSOR_TYPE to SQL_CURSOR_STATIC before executing",
    )
}

/// FetchOrientation; `bookmark` reads the row and the offset of SQL_FETCH_BOOKMARK.
pub fn step(
    scope: &Scope,
    orientation: i16,
    offset: isize,
    bookmark: impl FnOnce(&Scope) -> Result<(usize, isize), Record>,
) -> Result<Step, Record> {
    let scrolls = scope.stmt.cursor.as_ref().is_some_and(Cursor::scrolls);
    Ok(match orientation {
        SQL_FETCH_NEXT => Step::Next,
        SQL_FETCH_FIRST..=SQL_FETCH_RELATIVE | SQL_FETCH_BOOKMARK if !scrolls => return Err(only_next()),
        SQL_FETCH_FIRST => Step::First,
        SQL_FETCH_LAST => Step::Last,
        SQL_FETCH_PRIOR => Step::Prior,
        SQL_FETCH_ABSOLUTE => Step::Absolute(offset),
        SQL_FETCH_RELATIVE => Step::Relative(offset),
        SQL_FETCH_BOOKMARK if scope.stmt.attributes.use_bookmarks != SQL_UB_OFF => {
            let (row, offset) = bookmark(scope)?;
            if !scope.stmt.cursor.as_ref().is_some_and(|cursor| cursor.holds(row)) {
                return Err(bookmark::invalid());
            }
            Step::Bookmark(row, offset)
        }
        SQL_FETCH_BOOKMARK => {
            return Err(Record::new(
                SqlState::FETCH_TYPE_OUT_OF_RANGE,
                "Bookmarks are off: set SQL_ATTR_USE_BOOKMARKS before executing",
            ));
        }
        _ => {
            return Err(Record::new(
                SqlState::FETCH_TYPE_OUT_OF_RANGE,
                format!("{orientation} is no FetchOrientation"),
            ));
        }
    })
}

/// SQLFetch.
pub fn fetch(scope: &mut Scope) -> Outcome {
    scroll(scope, SQL_FETCH_NEXT, 0)
}

/// SQLFetchScroll: the rowset as the ARD and the IRD have it.
pub fn scroll(scope: &mut Scope, orientation: i16, offset: isize) -> Outcome {
    let step = step(scope, orientation, offset, |scope| {
        let row = memory::read::<usize>(scope.stmt.attributes.fetch_bookmark).unwrap_or(0);
        Ok((row, offset))
    })?;
    let ard = scope.descriptor(scope.stmt.ard)?;
    let ird = scope.descriptor(scope.stmt.implicit.ird)?;
    let rowset = Rowset {
        size: ard.header.array_size,
        status: ird.header.array_status,
        fetched: ird.header.rows_processed,
        state: State::Fetched,
    };
    fetch_rowset(scope, &rowset, step)
}

pub fn fetch_rowset(scope: &mut Scope, rowset: &Rowset, step: Step) -> Outcome {
    let stmt = &mut *scope.stmt;
    let cursor = stmt.cursor.as_mut().ok_or_else(no_cursor)?;
    let ard = scope.descriptors.get(stmt.ard).ok_or_else(no_cursor)?;
    let waiter = Waiter::new(scope.runtime, scope.cancel, stmt.attributes.query_timeout);
    let max_rows = stmt.attributes.max_rows;
    let mut writer = RowWriter::new(ard, &stmt.attributes, rowset.status, scope.wide, &mut stmt.diag)?;
    if rowset.size > 1 {
        waiter.begin();
    }
    // None where the cursor only moves forward.
    let mut landing = None;
    if cursor.scrolls() {
        let landed = scroll::land(step, cursor.position, rowset.size, || cursor.last(max_rows, &waiter))?;
        landing = Some(landed);
        if let Landing::Row { first, .. } = landed {
            cursor.expect_through(first.saturating_add(rowset.size - 1));
        }
    } else {
        cursor.begin_rowset();
        cursor.expect(rowset.size, max_rows);
    }
    let mut rows = 0;
    let mut broken = None;
    while rows < rowset.size {
        let wanted = rowset.size - rows;
        let moved = match landing {
            None => cursor.advance(wanted, max_rows, &waiter),
            Some(Landing::Row { first, .. }) => cursor.go_over(first.saturating_add(rows), wanted, max_rows, &waiter),
            Some(Landing::BeforeStart | Landing::AfterEnd) => Ok(0),
        };
        match moved {
            Ok(0) => break,
            Ok(count) => {
                writer.write(cursor, rows, count);
                rows += count;
            }
            // Rows that are in hand come out first; the cursor tells again what broke it.
            Err(record) => {
                broken = Some(record);
                break;
            }
        }
    }
    let errors = writer.errors;
    memory::fill_elements(rowset.status, rows..rowset.size, SQL_ROW_NOROW);
    memory::write(rowset.fetched, rows);
    match landing {
        Some(Landing::Row { first, clamped }) if rows > 0 => {
            let size = rowset.size;
            cursor.position = Position::Rowset { first, size };
            cursor.go_to(first, max_rows, &waiter)?;
            if clamped {
                stmt.diag.warn(
                    SqlState::FETCH_BEFORE_START,
                    "The rowset would have started before the first row; it starts there",
                );
            }
        }
        Some(Landing::BeforeStart) => cursor.position = Position::BeforeStart,
        Some(_) if broken.is_none() => cursor.position = Position::AfterEnd,
        _ => {}
    }
    stmt.state = rowset.state;
    stmt.rowset = rows;
    stmt.row = 1;
    stmt.row_status = rowset.status;
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

/// Writes the bound columns of the rows that a cursor moved over, and the rows' status.
struct RowWriter<'a> {
    bindings: &'a [Binding],
    /// Column 0, if bookmarks are on and it is bound.
    bookmark: Option<&'a Binding>,
    header: &'a Header,
    wide: WideChar,
    offset: usize,
    status: Address,
    diag: &'a mut Diagnostics,
    /// Rows that could not be written.
    errors: usize,
}

/// A cell that was not simply written: the row's number in the rowset, the column's, both from 0.
type Told = (usize, usize, Result<Warning, convert::Error>);

impl<'a> RowWriter<'a> {
    fn new(
        ard: &'a Descriptor,
        attributes: &Attributes,
        status: Address,
        wide: WideChar,
        diag: &'a mut Diagnostics,
    ) -> Result<Self, Record> {
        let retrieves = attributes.retrieve_data == SQL_RD_ON;
        let bookmarks = retrieves && attributes.use_bookmarks != SQL_UB_OFF;
        let bookmark = Some(&ard.bookmark).filter(|binding| bookmarks && binding.is_bound());
        if let Some(binding) = bookmark {
            bookmark::check(binding)?;
        }
        Ok(RowWriter {
            bindings: if retrieves { &ard.bindings } else { &[] },
            bookmark,
            header: &ard.header,
            wide,
            offset: memory::read::<usize>(ard.header.bind_offset).unwrap_or(0),
            status,
            diag,
            errors: 0,
        })
    }

    /// The last `count` rows that the cursor moved over become row `index` of the rowset and those behind it.
    fn write(&mut self, cursor: &Cursor, index: usize, count: usize) {
        let Some((batch, rows)) = cursor.passed(count) else {
            return;
        };
        memory::fill_elements(self.status, index..index + count, SQL_ROW_SUCCESS);
        if let Some(binding) = self.bookmark {
            let places = self.places(binding, bookmark::SQL_TYPE);
            for row in 0..count {
                let number = cursor.row_number() - count + row + 1;
                // Its length and type were checked.
                let _written = bookmark::write(number, &places.at(index + row), self.wide, &mut Progress::default());
            }
        }
        let mut told: Vec<Told> = Vec::new();
        for (i, (binding, column)) in self.bindings.iter().zip(cursor.columns.iter()).enumerate() {
            if !binding.is_bound() {
                continue;
            }
            let sql_type = column.sql_type();
            let places = self.places(binding, sql_type);
            let cells = batch.column(i).as_ref();
            memory::write_cells(cells, rows.clone(), sql_type, &places, index, self.wide, |row, what| {
                told.push((index + row, i, what));
            });
        }
        if !told.is_empty() {
            self.tell(told);
        }
    }

    /// "Sequence of Status Records": row by row.
    #[cold]
    fn tell(&mut self, mut told: Vec<Told>) {
        told.sort_by_key(|(row, column, _)| (*row, *column));
        for cells in told.chunk_by(|a, b| a.0 == b.0) {
            for (row, column, what) in cells {
                let record = match what {
                    Ok(warning) => Record::from(*warning),
                    Err(error) => Record::from(error),
                };
                self.diag.post(record.at(*row as isize + 1, *column as i32 + 1));
            }
            let failed = cells.iter().any(|(_, _, what)| what.is_err());
            self.errors += usize::from(failed);
            let status = if failed {
                SQL_ROW_ERROR
            } else {
                SQL_ROW_SUCCESS_WITH_INFO
            };
            memory::write_element(self.status, cells[0].0, status);
        }
    }

    fn places(&self, binding: &Binding, sql_type: i16) -> Places {
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
        Places {
            first: Place {
                c_type,
                value: memory::displaced(binding.data, self.offset),
                buffer_length: fixed.map_or(binding.octet_length, |size| size as isize),
                octet_length: memory::displaced(binding.octet_length_ptr, self.offset),
                indicator: memory::displaced(binding.indicator, self.offset),
                precision: binding.precision,
                scale: binding.scale,
            },
            value_step,
            length_step,
        }
    }
}

/// SQLBindCol: one record of the ARD.
pub fn bind_col(scope: &mut Scope, number: u16, c_type: i16, value: Address, length: isize, ind: Address) -> Outcome {
    if number == 0 {
        bookmark::allowed(scope.stmt)?;
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
        if number == 0 {
            ard.bookmark = Binding::default();
        } else if let Some(binding) = ard.bindings.get_mut(number - 1) {
            *binding = Binding::default();
        }
        ard.shrink();
        return Ok(Done::Success);
    }
    let binding = if number == 0 {
        &mut ard.bookmark
    } else {
        ard.binding(number)?
    };
    binding.set_concise(c_type);
    binding.octet_length = length;
    binding.data = value;
    binding.octet_length_ptr = ind;
    binding.indicator = ind;
    Ok(Done::Success)
}

/// SQLGetData: (a part of) one cell of the current row.
pub fn get_data(scope: &mut Scope, number: u16, c_type: i16, value: Address, length: isize, ind: Address) -> Outcome {
    let stmt = &mut *scope.stmt;
    let cursor = stmt.cursor.as_mut().ok_or_else(no_cursor)?;
    let ard = scope.descriptors.get(stmt.ard).ok_or_else(no_cursor)?;
    let Some(reading) = &mut stmt.reading else {
        return Err(Record::new(
            SqlState::INVALID_CURSOR_STATE,
            "No row is current: the result set is at its end",
        ));
    };
    if stmt.rowset > 1 && !cursor.scrolls() && !cursor.stands() {
        // The first row of the rowset, until SQLSetPos moves on: its rows are in hand.
        let waiter = Waiter::new(scope.runtime, scope.cancel, stmt.attributes.query_timeout);
        cursor.stand_on(stmt.row, stmt.attributes.max_rows, &waiter)?;
    }
    if length < 0 {
        return Err(Record::new(SqlState::INVALID_LENGTH, "The buffer length is negative"));
    }
    let index = match usize::from(number) {
        0 => {
            let place = Place {
                c_type,
                value,
                buffer_length: length,
                octet_length: ind,
                indicator: ind,
                precision: 0,
                scale: 0,
            };
            if reading.column != Some(0) {
                *reading = Reading::of(0);
            }
            let row = cursor.row_number();
            bookmark::allowed_by(&stmt.attributes)?;
            return bookmark::write(row, &place, scope.wide, &mut reading.progress);
        }
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
    } else if c_type == SQL_C_NUMERIC {
        // Without a record of the ARD that says otherwise, the column's own digits: with a scale of 0, the reference's default,
        // programs that read the structure's scale would get another number.
        let own = &cursor.columns[index].kind;
        (place.precision, place.scale) = match (binding, own.decimal_digits) {
            (Some(binding), _) if binding.concise == SQL_C_NUMERIC => (binding.precision, binding.scale),
            (_, Some(digits)) if own.sql.concise == SQL_DECIMAL => (own.size as i16, digits),
            _ => (38, 0),
        };
    }
    let sql_type = cursor.columns[index].sql_type();
    if place.c_type == SQL_C_DEFAULT {
        place.c_type = c_types::default_for(sql_type);
    } else if !c_types::is_known(place.c_type) {
        return Err(Record::new(SqlState::INVALID_C_TYPE, format!("{c_type} is no C type")));
    }
    let (batch, row) = cursor.current().ok_or_else(no_cursor)?;
    if reading.column != Some(index + 1) {
        *reading = Reading::of(index + 1);
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

/// SQLSetPos: moves within the rowset, or writes its rows again; no cursor has anything newer to write.
pub fn set_pos(scope: &mut Scope, row: usize, operation: u16, lock: u16) -> Outcome {
    check_operation(row, operation, lock)?;
    let stmt = &mut *scope.stmt;
    let cursor = stmt.cursor.as_mut().ok_or_else(no_cursor)?;
    if stmt.rowset == 0 {
        return Err(no_cursor());
    }
    if row > stmt.rowset {
        return Err(Record::new(
            SqlState::ROW_OUT_OF_RANGE,
            format!("The rowset has {} rows, row {row} was asked for", stmt.rowset),
        ));
    }
    let waiter = Waiter::new(scope.runtime, scope.cancel, stmt.attributes.query_timeout);
    let max_rows = stmt.attributes.max_rows;
    let (mut done, mut errors) = (0, 0);
    if operation == SQL_REFRESH {
        let ard = scope.descriptors.get(stmt.ard).ok_or_else(no_cursor)?;
        let mut writer = RowWriter::new(ard, &stmt.attributes, stmt.row_status, scope.wide, &mut stmt.diag)?;
        let rows = if row == 0 { 1..=stmt.rowset } else { row..=row };
        for row in rows {
            if cursor.stand_on(row, max_rows, &waiter)? {
                writer.write(cursor, row - 1, 1);
            }
            done += 1;
        }
        errors = writer.errors;
    }
    // With RowNumber 0 the cursor stays where it is.
    stmt.row = if row == 0 { stmt.row } else { row };
    cursor.stand_on(stmt.row, max_rows, &waiter)?;
    stmt.reading = Some(Reading::default());
    match errors {
        0 => Ok(Done::Success),
        _ if errors == done => Ok(Done::Code(SQL_ERROR)),
        _ => Ok(Done::Success),
    }
}

fn check_operation(row: usize, operation: u16, lock: u16) -> Result<(), Record> {
    let no_such = |what| Err(Record::new(SqlState::INVALID_ATTRIBUTE, what));
    match operation {
        SQL_POSITION if row == 0 => {
            return Err(Record::new(
                SqlState::INVALID_CURSOR_POSITION,
                "SQL_POSITION needs a row of the rowset, counted from 1",
            ));
        }
        SQL_POSITION | SQL_REFRESH => {}
        SQL_UPDATE | SQL_DELETE | SQL_ADD => {
            return no_such("The cursor is read-only: rows are neither added nor updated nor deleted");
        }
        _ => return no_such("No operation of SQLSetPos"),
    }
    match lock {
        SQL_LOCK_NO_CHANGE => Ok(()),
        SQL_LOCK_EXCLUSIVE | SQL_LOCK_UNLOCK => Err(Record::new(SqlState::NOT_IMPLEMENTED, "Rows cannot be locked")),
        _ => no_such("No lock type of SQLSetPos"),
    }
}

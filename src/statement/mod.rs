//! Statements: the ODBC state machine around a plan, its parameters and a cursor.

mod attributes;
pub mod bookmark;
pub mod bulk;
pub mod c_types;
pub mod columns;
mod cursor;
pub mod descriptor;
pub mod execute;
pub mod fetch;
mod kept;
pub mod parameters;
mod scroll;
pub mod state;
mod told;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::FieldRef;

pub use attributes::Attributes;
pub use columns::{Column, Field};
pub use cursor::{Cursor, Waiter};
pub use descriptor::{Descriptor, Role};
pub use state::State;

use crate::connection::{Runtime, Session};
use crate::convert::{Progress, WideChar};
use crate::diag::{Diagnostics, Record, SqlState};
use crate::engine::Prepared;
use crate::ffi::consts::SQL_UB_OFF;
use crate::ffi::memory::Address;
use crate::handles::{CancelSlot, Slab};
use crate::log::Log;
use parameters::DataAtExecution;

/// What a call that did not fail returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// SQL_SUCCESS_WITH_INFO if anything was posted.
    Success,
    NoData,
    NeedData,
    /// For the few calls that must not look at the records, SQLGetDiagRec above all.
    Code(i16),
}

pub type Outcome = Result<Done, Record>;

/// A planned statement with what its descriptors need.
#[derive(Clone)]
pub struct Plan {
    pub prepared: Arc<Prepared>,
    /// Empty without a result set.
    pub columns: Arc<[Column]>,
    pub parameters: Arc<[FieldRef]>,
}

/// SQLGetData's place in the current row.
#[derive(Default)]
pub struct Reading {
    /// Column 0 is the bookmark; None before the first.
    pub column: Option<usize>,
    pub progress: Progress,
}

impl Reading {
    /// From the start of a column's value.
    fn of(column: usize) -> Reading {
        Reading {
            column: Some(column),
            progress: Progress::in_parts(),
        }
    }
}

/// A statement's four implicit descriptors, as keys.
#[derive(Debug, Clone, Copy)]
pub struct Implicit {
    pub ard: usize,
    pub apd: usize,
    pub ird: usize,
    pub ipd: usize,
}

pub struct Statement {
    pub token: usize,
    pub diag: Diagnostics,
    pub state: State,
    /// By SQLPrepare; a plan of SQLExecDirect goes with its cursor.
    pub prepared: bool,
    pub plan: Option<Plan>,
    pub cursor: Option<Cursor>,
    /// Sets of parameters whose result sets SQLMoreResults will open.
    pub pending: VecDeque<Vec<ArrayRef>>,
    pub attributes: Attributes,
    /// SQL_ATTR_ASYNC_ENABLE where it is read without the connection's lock.
    pub asynchronous: Arc<AtomicBool>,
    pub implicit: Implicit,
    /// The application's descriptors in use: implicit ones unless others were attached.
    pub ard: usize,
    pub apd: usize,
    pub cursor_name: String,
    pub data_at_execution: Option<DataAtExecution>,
    /// None while no row is current.
    pub reading: Option<Reading>,
    /// Rows of the last rowset.
    pub rowset: usize,
    /// The current row's number in the rowset, from 1: SQLSetPos moves it.
    pub row: usize,
    /// Row status array of the last fetch, for SQLSetPos.
    pub row_status: Address,
    /// SQLRowCount; -1 unknown.
    pub row_count: isize,
}

/// What a call on a statement works with: its statement, and of its connection what a statement may touch.
pub struct Scope<'a> {
    pub runtime: &'a Runtime,
    pub session: Option<&'a Session>,
    pub wide: WideChar,
    pub odbc2: bool,
    pub stmt: &'a mut Statement,
    pub descriptors: &'a mut Slab<Descriptor>,
    pub cancel: &'a CancelSlot,
    pub log: &'a Log,
}

impl Statement {
    pub fn new(implicit: Implicit, attributes: Attributes) -> Statement {
        Statement {
            token: 0,
            diag: Diagnostics::default(),
            state: State::Allocated,
            prepared: false,
            plan: None,
            cursor: None,
            pending: VecDeque::new(),
            asynchronous: Arc::new(AtomicBool::new(attributes.async_enable != 0)),
            attributes,
            implicit,
            ard: implicit.ard,
            apd: implicit.apd,
            cursor_name: String::new(),
            data_at_execution: None,
            reading: None,
            rowset: 0,
            row: 1,
            row_status: 0,
            row_count: -1,
        }
    }

    /// Sets an attribute that is no descriptor's field; None: there is no such one.
    pub fn set(&mut self, id: i32, value: usize, diag: Option<&mut Diagnostics>) -> Option<Result<(), Record>> {
        let done = self.attributes.set(id, value, diag.unwrap_or(&mut self.diag));
        self.asynchronous
            .store(self.attributes.async_enable != 0, Ordering::Release);
        done
    }

    /// The state without an execution.
    pub fn unexecuted(&self) -> State {
        match &self.plan {
            Some(plan) if self.prepared && plan.columns.is_empty() => State::PreparedNoResults,
            Some(_) if self.prepared => State::PreparedResults,
            _ => State::Allocated,
        }
    }

    /// Closes the cursor and forgets what SQLExecDirect had planned; SQLPrepare's plan stays.
    pub fn close(&mut self) {
        self.cursor = None;
        self.pending.clear();
        self.data_at_execution = None;
        self.reading = None;
        self.rowset = 0;
        self.row_count = -1;
        self.state = self.unexecuted();
        if !self.prepared {
            self.plan = None;
        }
    }

    /// How many rows the open cursor has, where that is known: it is static and has read them all.
    pub fn known_rows(&self) -> Option<isize> {
        let rows = self.cursor.as_ref()?.known_rows(self.attributes.max_rows)?;
        Some(isize::try_from(rows).unwrap_or(isize::MAX))
    }

    /// The result columns, as far as a plan or a cursor has them.
    pub fn columns(&self) -> &[Column] {
        match (&self.cursor, &self.plan) {
            (Some(cursor), _) => &cursor.columns,
            (None, Some(plan)) => &plan.columns,
            (None, None) => &[],
        }
    }
}

fn no_descriptor() -> Record {
    Record::new(SqlState::GENERAL_ERROR, "A descriptor of the statement is missing")
}

impl Scope<'_> {
    pub fn session(&self) -> Result<&Session, Record> {
        self.session
            .ok_or_else(|| Record::new(SqlState::CONNECTION_NOT_OPEN, "The connection is not open"))
    }

    pub fn waiter(&self) -> Waiter<'_> {
        Waiter::new(self.runtime, self.cancel, self.stmt.attributes.query_timeout)
    }

    pub fn descriptor(&self, key: usize) -> Result<&Descriptor, Record> {
        self.descriptors.get(key).ok_or_else(no_descriptor)
    }

    pub fn descriptor_mut(&mut self, key: usize) -> Result<&mut Descriptor, Record> {
        self.descriptors.get_mut(key).ok_or_else(no_descriptor)
    }

    fn describe(&mut self, columns: &Arc<[Column]>) -> Result<(), Record> {
        let bookmarks = self.stmt.attributes.use_bookmarks != SQL_UB_OFF;
        let ird = self.descriptor_mut(self.stmt.implicit.ird)?;
        ird.columns = columns.clone();
        ird.bookmarks = bookmarks;
        Ok(())
    }

    /// The cursor as SQL_ATTR_CURSOR_TYPE wants it.
    fn open(&mut self, mut cursor: Cursor) -> Result<(), Record> {
        if self.stmt.attributes.scrollable {
            // As much as the engine lets one scan keep.
            cursor = cursor.scrollable(self.session()?.settings().memory_limit() / 4)?;
        }
        self.stmt.cursor = Some(cursor);
        self.stmt.state = State::CursorOpen;
        Ok(())
    }

    /// Opens a cursor over rows that the driver made: a catalog function's.
    pub fn open_rows(&mut self, batch: RecordBatch) -> Outcome {
        self.stmt.prepared = false;
        self.stmt.plan = None;
        self.stmt.close();
        let columns = columns::of_schema(batch.schema_ref());
        self.describe(&columns)?;
        self.open(Cursor::complete(columns, batch))?;
        self.stmt.diag.cursor_row_count = self.stmt.known_rows().unwrap_or(-1);
        Ok(Done::Success)
    }
}

//! A cursor: record batches, pulled one at a time, seen as a row that moves forward or, if they are kept, to any place.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;

use super::columns::Column;
use super::kept::Kept;
use super::scroll::Position;
use super::told::Told;
use crate::connection::Runtime;
use crate::diag::{Record, SqlState};
use crate::engine::Rows;
use crate::ffi::fork;
use crate::handles::{CancelSlot, Running};

/// What one call may wait with.
pub struct Waiter<'a> {
    runtime: &'a Runtime,
    slot: &'a CancelSlot,
    deadline: Option<Instant>,
    /// From the first wait to the end of the call, so that a cancel between two waits is not missed.
    running: OnceCell<Running<'a>>,
}

impl<'a> Waiter<'a> {
    /// `timeout` in seconds for all that the call waits, 0 without limit.
    pub fn new(runtime: &'a Runtime, slot: &'a CancelSlot, timeout: usize) -> Waiter<'a> {
        let limit = (timeout > 0).then(|| Duration::from_secs(timeout as u64));
        Waiter {
            runtime,
            slot,
            deadline: limit.and_then(|limit| Instant::now().checked_add(limit)),
            running: OnceCell::new(),
        }
    }

    /// Can be cancelled from now on.
    pub fn begin(&self) -> &Running<'a> {
        self.running.get_or_init(|| self.slot.begin())
    }

    pub fn run<F>(&self, future: F) -> Result<F::Output, Record>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let running = self.begin();
        self.runtime
            .run(future, &running.cancel, self.left())
            .map_err(Record::from)
    }

    /// What is left of the query timeout.
    pub fn left(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

pub struct Cursor {
    pub columns: Arc<[Column]>,
    /// None once everything is in hand.
    rows: Option<Rows>,
    batch: Option<RecordBatch>,
    /// Batches behind it that came with it.
    ready: VecDeque<RecordBatch>,
    /// Row of `batch` after the current one.
    next: usize,
    returned: usize,
    /// The rows that were read, of a cursor that scrolls.
    kept: Option<Kept>,
    /// Rows before `batch`, of a cursor that scrolls.
    before: usize,
    /// Where the last rowset of a cursor that scrolls lies.
    pub position: Position,
    /// Of a cursor that only moves forward: the batches of the last rowset but the one in hand, where it starts in the first of
    /// them, and the rows before it.
    rowset: Vec<RecordBatch>,
    rowset_start: usize,
    before_rowset: usize,
    /// Where SQLSetPos has put it.
    standing: Option<Standing>,
    /// What ended it; told again by every later fetch.
    failed: Option<Record>,
    generation: u32,
    read_ahead: bool,
    /// None for rows that the driver made itself.
    told: Option<Told>,
}

/// A row of the last rowset.
struct Standing {
    batch: RecordBatch,
    index: usize,
    number: usize,
}

impl Cursor {
    /// Of rows that are still to come.
    pub fn streaming(columns: Arc<[Column]>, rows: Rows, told: Told) -> Cursor {
        Cursor {
            columns,
            rows: Some(rows),
            batch: None,
            ready: VecDeque::new(),
            next: 0,
            returned: 0,
            kept: None,
            before: 0,
            position: Position::BeforeStart,
            rowset: Vec::new(),
            rowset_start: 0,
            before_rowset: 0,
            standing: None,
            failed: None,
            generation: fork::generation(),
            read_ahead: false,
            told: Some(told),
        }
    }

    /// Of rows that the driver made itself.
    pub fn complete(columns: Arc<[Column]>, batch: RecordBatch) -> Cursor {
        Cursor {
            columns,
            rows: None,
            batch: Some(batch),
            ready: VecDeque::new(),
            next: 0,
            returned: 0,
            kept: None,
            before: 0,
            position: Position::BeforeStart,
            rowset: Vec::new(),
            rowset_start: 0,
            before_rowset: 0,
            standing: None,
            failed: None,
            generation: fork::generation(),
            read_ahead: true,
            told: None,
        }
    }

    /// SQL_CURSOR_STATIC: keeps what it reads, up to `bound` bytes in memory.
    pub fn scrollable(mut self, bound: usize) -> Result<Cursor, Record> {
        let mut kept = Kept::new(bound);
        if let Some(batch) = self.batch.take() {
            kept.push(batch)?;
        }
        self.kept = Some(kept);
        Ok(self)
    }

    pub fn scrolls(&self) -> bool {
        self.kept.is_some()
    }

    /// The batch, and the rows in it that the last [`Cursor::advance`] or [`Cursor::go_over`] moved over.
    pub fn passed(&self, count: usize) -> Option<(&RecordBatch, Range<usize>)> {
        if let (Some(standing), 1) = (&self.standing, count) {
            return Some((&standing.batch, standing.index..standing.index + 1));
        }
        Some((self.batch.as_ref()?, self.next.checked_sub(count)?..self.next))
    }

    /// The batch and the row in it that the cursor is on.
    pub fn current(&self) -> Option<(&RecordBatch, usize)> {
        if let Some(standing) = &self.standing {
            return Some((&standing.batch, standing.index));
        }
        Some((self.batch.as_ref()?, self.next.checked_sub(1)?))
    }

    /// 1-based number of the current row, 0 before the first.
    pub fn row_number(&self) -> usize {
        self.standing.as_ref().map_or(self.returned, |standing| standing.number)
    }

    /// Of a cursor that only moves forward: the rows that it passes from now on are a rowset.
    pub fn begin_rowset(&mut self) {
        self.rowset.clear();
        self.rowset_start = self.next;
        self.before_rowset = self.returned;
        self.standing = None;
    }

    /// Has it been put on a row of its rowset?
    pub fn stands(&self) -> bool {
        self.standing.is_some()
    }

    /// Puts it on row `row`, counted from 1, of the last rowset; false if that has no such row.
    pub fn stand_on(&mut self, row: usize, max_rows: usize, waiter: &Waiter) -> Result<bool, Record> {
        match self.position {
            Position::Rowset { first, .. } if self.scrolls() => return self.go_to(first + row - 1, max_rows, waiter),
            _ if self.scrolls() => return Ok(false),
            _ => {}
        }
        let mut index = self.rowset_start + row - 1;
        for batch in self.rowset.iter().chain(&self.batch) {
            if index < batch.num_rows() {
                let (batch, number) = (batch.clone(), self.before_rowset + row);
                self.standing = Some(Standing { batch, index, number });
                return Ok(true);
            }
            index -= batch.num_rows();
        }
        Ok(false)
    }

    fn left_in_batch(&self) -> usize {
        self.batch.as_ref().map_or(0, |batch| batch.num_rows() - self.next)
    }

    /// Rows that were read and neither given nor kept, but for those of `batch`.
    fn ready_rows(&self) -> usize {
        let ready: usize = self.ready.iter().map(RecordBatch::num_rows).sum();
        ready + self.rows.as_ref().map_or(0, Rows::in_hand)
    }

    /// One call is about to take `wanted` rows: more than are in hand are worth fetching ahead.
    pub fn expect(&mut self, wanted: usize, max_rows: usize) {
        let left = if max_rows == 0 {
            usize::MAX
        } else {
            max_rows.saturating_sub(self.returned)
        };
        if !self.read_ahead
            && wanted.min(left) > self.left_in_batch() + self.ready_rows()
            && let Some(rows) = &self.rows
        {
            rows.read_ahead();
            self.read_ahead = true;
        }
    }

    /// Of a cursor that scrolls: one call is about to read up to row `number`.
    pub fn expect_through(&mut self, number: usize) {
        let in_hand = self.kept_rows() + self.ready_rows();
        if !self.read_ahead
            && number > in_hand
            && let Some(rows) = &self.rows
        {
            rows.read_ahead();
            self.read_ahead = true;
        }
    }

    /// Moves to row `number`, counted from 1, and reads no further; false if the result ends before it.
    #[inline]
    pub fn go_to(&mut self, number: usize, max_rows: usize, waiter: &Waiter) -> Result<bool, Record> {
        Ok(self.go_over(number, 1, max_rows, waiter)? > 0)
    }

    /// Moves over row `number` and those behind it in its batch, `wanted` at most, and says how many; 0 if the result ends
    /// before it.
    pub fn go_over(&mut self, number: usize, wanted: usize, max_rows: usize, waiter: &Waiter) -> Result<usize, Record> {
        if max_rows != 0 && number > max_rows {
            return Ok(0);
        }
        let held = self.batch.as_ref().map_or(0, RecordBatch::num_rows);
        if number <= self.before || number > self.before + held {
            if !self.read_through(number, max_rows, waiter)? {
                return Ok(0);
            }
            let kept = self.kept.as_ref().ok_or_else(not_kept)?;
            let (before, batch) = kept.holding(number)?;
            self.before = before;
            self.batch = Some(batch);
        }
        self.next = number - 1 - self.before;
        self.returned = number - 1;
        Ok(self.pass(wanted, max_rows))
    }

    /// Moves over rows of the batch in hand, `wanted` at most.
    #[inline]
    fn pass(&mut self, wanted: usize, max_rows: usize) -> usize {
        let allowed = match max_rows {
            0 => usize::MAX,
            most => most.saturating_sub(self.returned),
        };
        let count = wanted.min(self.left_in_batch()).min(allowed);
        self.next += count;
        self.returned += count;
        count
    }

    /// The number of the last row, of a cursor that scrolls: reads all that is left.
    pub fn last(&mut self, max_rows: usize, waiter: &Waiter) -> Result<usize, Record> {
        self.expect_through(usize::MAX);
        while self.read_through(self.kept_rows() + 1, max_rows, waiter)? {}
        Ok(match max_rows {
            0 => self.kept_rows(),
            most => self.kept_rows().min(most),
        })
    }

    /// How many rows there are, once a cursor that scrolls has read the last of them.
    pub fn known_rows(&self, max_rows: usize) -> Option<usize> {
        let kept = self
            .kept
            .as_ref()
            .filter(|_| self.rows.is_none() && self.failed.is_none())?;
        Some(match max_rows {
            0 => kept.rows(),
            most => kept.rows().min(most),
        })
    }

    /// Was row `number` read? Bookmarks are of such rows only.
    pub fn holds(&self, number: usize) -> bool {
        (1..=self.kept_rows()).contains(&number)
    }

    fn kept_rows(&self) -> usize {
        self.kept.as_ref().map_or(0, Kept::rows)
    }

    /// Keeps rows until row `number` is among them; false if there is none.
    #[cold]
    fn read_through(&mut self, number: usize, max_rows: usize, waiter: &Waiter) -> Result<bool, Record> {
        if self.generation != fork::generation() {
            return Err(of_the_parent());
        }
        if max_rows != 0 && number > max_rows {
            return Ok(false);
        }
        while self.kept_rows() < number {
            let Some(batch) = self.pull(number - self.kept_rows(), waiter)? else {
                return Ok(false);
            };
            self.kept.as_mut().ok_or_else(not_kept)?.push(batch)?;
        }
        Ok(true)
    }

    /// Moves over the next rows, as many as are in hand and `wanted` at most, and says how many; 0 at the end. Waits only
    /// when the batch in hand is used up.
    #[inline]
    pub fn advance(&mut self, wanted: usize, max_rows: usize, waiter: &Waiter) -> Result<usize, Record> {
        if max_rows != 0 && self.returned >= max_rows {
            // Nothing further will be asked of Okta.
            self.rows = None;
            return Ok(0);
        }
        if self.left_in_batch() == 0 {
            let Some(batch) = self.pull(wanted, waiter)? else {
                return Ok(0);
            };
            if let Some(used) = self.batch.replace(batch)
                && self.returned > self.before_rowset
            {
                self.rowset.push(used);
            } else {
                self.rowset_start = 0;
            }
            self.next = 0;
        }
        Ok(self.pass(wanted, max_rows))
    }

    /// The next batch, never empty, of which or behind which `wanted` rows are: one wait for all that need none.
    #[cold]
    fn pull(&mut self, wanted: usize, waiter: &Waiter) -> Result<Option<RecordBatch>, Record> {
        if let Some(batch) = self.ready.pop_front() {
            return Ok(Some(batch));
        }
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let Some(mut rows) = self.rows.take() else {
            return Ok(None);
        };
        if self.generation != fork::generation() {
            // Its sockets and tasks belong to the parent: not even dropping may touch them.
            std::mem::forget(rows);
            return Err(self.fail(of_the_parent()));
        }
        let pulled = waiter.run(async move {
            let batches = rows.next_ready(wanted).await;
            (rows, batches)
        });
        if let (Some(told), Ok((rows, _))) = (&mut self.told, &pulled) {
            told.requests = rows.requests();
        }
        match pulled {
            Ok((rows, Ok(batches))) => {
                self.ready = batches;
                let next = self.ready.pop_front();
                self.rows = next.is_some().then_some(rows);
                Ok(next)
            }
            Ok((_, Err(error))) => Err(self.fail(error.into())),
            Err(interrupted) => Err(self.fail(interrupted)),
        }
    }

    fn fail(&mut self, record: Record) -> Record {
        self.failed = Some(record.clone());
        record
    }
}

fn of_the_parent() -> Record {
    Record::new(
        SqlState::GENERAL_ERROR,
        "The cursor was opened by the parent process; execute the statement again in this one",
    )
}

fn not_kept() -> Record {
    Record::new(SqlState::FETCH_TYPE_OUT_OF_RANGE, "The cursor only moves forward")
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if let (Some(told), true) = (&self.told, self.generation == fork::generation()) {
            // One that scrolls may stand anywhere: what it read is what it took.
            let taken = self.kept.as_ref().map_or(self.returned, Kept::rows);
            told.end(taken);
        }
        if self.generation != fork::generation() {
            std::mem::forget(self.rows.take());
        }
    }
}

//! Diagnostics: SQLSTATEs, the records and header of a handle, and the one map from errors to SQLSTATEs.

pub mod map;
pub mod sqlstate;

pub use sqlstate::SqlState;

/// What every message starts with, as the reference's "Diagnostic Messages" asks of a driver.
const PREFIX: &str = "[okta-odbc] ";

/// One status record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub state: SqlState,
    /// The HTTP status of Okta's answer, where there is one.
    pub native: i32,
    message: String,
    /// SQL_DIAG_ROW_NUMBER: 1-based row of the rowset or set of parameters; -1 none.
    pub row: isize,
    /// SQL_DIAG_COLUMN_NUMBER: 1-based result column or parameter; -1 none.
    pub column: i32,
}

impl Record {
    pub fn new(state: SqlState, message: impl AsRef<str>) -> Record {
        Record {
            state,
            native: 0,
            message: format!("{PREFIX}{}", message.as_ref()),
            row: -1,
            column: -1,
        }
    }

    pub fn at(mut self, row: isize, column: i32) -> Record {
        self.row = row;
        self.column = column;
        self
    }

    pub fn native(mut self, native: i32) -> Record {
        self.native = native;
        self
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same with `redact` applied to its message.
    pub fn redacted(mut self, redact: impl FnOnce(&str) -> String) -> Record {
        self.message = redact(&self.message);
        self
    }
}

/// Errors before warnings, as the reference's "Sequence of Status Records" has it, and otherwise in order of arrival.
fn rank(record: &Record) -> u8 {
    u8::from(record.state.is_warning())
}

/// The header and the records of the last call on one handle.
#[derive(Debug, Default)]
pub struct Diagnostics {
    records: Vec<Record>,
    pub return_code: i16,
    /// SQL_DIAG_ROW_COUNT; -1 unknown.
    pub row_count: isize,
    /// SQL_DIAG_CURSOR_ROW_COUNT.
    pub cursor_row_count: isize,
    /// SQL_DIAG_DYNAMIC_FUNCTION and its code.
    pub dynamic_function: &'static str,
    pub dynamic_function_code: i32,
}

/// More records than this are of no use to anyone.
const MOST: usize = 1000;

impl Diagnostics {
    pub fn clear(&mut self) {
        self.records.clear();
        self.return_code = 0;
    }

    pub fn post(&mut self, record: Record) {
        let place = self.records.partition_point(|r| rank(r) <= rank(&record));
        // A full list loses its last warning to an error.
        if place < MOST {
            self.records.truncate(MOST - 1);
            self.records.insert(place, record);
        }
    }

    pub fn warn(&mut self, state: SqlState, message: impl AsRef<str>) {
        self.post(Record::new(state, message));
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Applies `redact` to every message.
    pub fn redact(&mut self, redact: impl Fn(&str) -> String) {
        for record in &mut self.records {
            record.message = redact(&record.message);
        }
    }

    /// 1-based, as SQLGetDiagRec counts.
    pub fn get(&self, number: usize) -> Option<&Record> {
        self.records.get(number.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_comes_before_the_warnings_posted_earlier() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.warn(SqlState::STRING_TRUNCATED, "one");
        diagnostics.warn(SqlState::FRACTION_TRUNCATED, "two");
        diagnostics.post(Record::new(SqlState::GENERAL_ERROR, "three"));
        let states: Vec<_> = (1..=3).map(|n| diagnostics.get(n).map(|r| r.state)).collect();
        assert_eq!(
            states,
            [
                Some(SqlState::GENERAL_ERROR),
                Some(SqlState::STRING_TRUNCATED),
                Some(SqlState::FRACTION_TRUNCATED)
            ]
        );
        assert_eq!(diagnostics.get(0), None);
        assert_eq!(diagnostics.get(4), None);
        assert_eq!(diagnostics.get(1).map(Record::message), Some("[okta-odbc] three"));
    }

    #[test]
    fn an_error_after_a_thousand_warnings_is_still_record_one() {
        let mut diagnostics = Diagnostics::default();
        (0..2 * MOST).for_each(|_| diagnostics.warn(SqlState::STRING_TRUNCATED, "cut"));
        diagnostics.post(Record::new(SqlState::CANCELLED, "stopped"));
        assert_eq!(diagnostics.len(), MOST);
        assert_eq!(diagnostics.get(1).map(|r| r.state), Some(SqlState::CANCELLED));
    }
}

//! The statement transitions of the reference's appendix B as one table: which call is an error in which state.

use crate::diag::{Record, SqlState};

/// S1 to S10; S0 is a handle that does not exist, S11 and S12 need asynchronous execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    #[default]
    Allocated = 1,
    PreparedNoResults = 2,
    PreparedResults = 3,
    ExecutedNoResults = 4,
    CursorOpen = 5,
    Fetched = 6,
    ExtendedFetched = 7,
    NeedData = 8,
    MustPut = 9,
    CanPut = 10,
}

impl State {
    /// S8 to S10: SQLParamData and SQLPutData are expected.
    pub fn needs_data(self) -> bool {
        matches!(self, State::NeedData | State::MustPut | State::CanPut)
    }
}

/// The calls on a statement that the table tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Always,
    Bind,
    BulkOperations,
    Catalog,
    CloseCursor,
    Describe,
    ExecDirect,
    Execute,
    ExtendedFetch,
    Fetch,
    FreeStmt,
    GetData,
    MoreResults,
    NumParams,
    NumResultCols,
    ParamData,
    Prepare,
    PutData,
    RowCount,
    SetCursorName,
    SetPos,
    StmtAttr,
}

/// In the order of [`Call`]. `.` goes on, `S` HY010, `C` 24000, `D` 07005, `P` HY010 unless prepared, `Q` 24000 if prepared and HY010 if not.
const TABLE: &[(Call, &str)] = &[
    (Call::Always, ".........."),
    (Call::Bind, ".......SSS"),
    (Call::BulkOperations, "SSSCC.SSSS"),
    (Call::Catalog, "....CCCSSS"),
    (Call::CloseCursor, "CCCC...SSS"),
    (Call::Describe, "SD.C...SSS"),
    (Call::ExecDirect, "....CCCSSS"),
    (Call::Execute, "S..PQQQSSS"),
    (Call::ExtendedFetch, "SSSC.S.SSS"),
    (Call::Fetch, "SSSC..SSSS"),
    (Call::FreeStmt, ".......SSS"),
    (Call::GetData, "SSSCC..SSS"),
    (Call::MoreResults, ".......SSS"),
    (Call::NumParams, "S......SSS"),
    (Call::NumResultCols, "S......SSS"),
    (Call::ParamData, "SSSSSSS.S."),
    (Call::Prepare, "....CCCSSS"),
    (Call::PutData, "SSSSSSSS.."),
    (Call::RowCount, "SSS....SSS"),
    (Call::SetCursorName, "...CCCCSSS"),
    (Call::SetPos, "SSSCC..SSS"),
    (Call::StmtAttr, ".......SSS"),
];

/// Is `call` allowed now?
pub fn check(call: Call, state: State, prepared: bool) -> Result<(), Record> {
    let (_, row) = TABLE[call as usize];
    let (state, text) = match row.as_bytes()[state as usize - 1] {
        b'S' => (SqlState::SEQUENCE_ERROR, sequence_text(state)),
        b'P' if !prepared => (SqlState::SEQUENCE_ERROR, sequence_text(state)),
        b'Q' if !prepared => (SqlState::SEQUENCE_ERROR, sequence_text(state)),
        b'C' | b'Q' => (SqlState::INVALID_CURSOR_STATE, cursor_text(state)),
        b'D' => (SqlState::NOT_A_CURSOR, "The prepared statement has no result columns"),
        _ => return Ok(()),
    };
    Err(Record::new(state, text))
}

fn sequence_text(state: State) -> &'static str {
    match state {
        State::NeedData | State::MustPut | State::CanPut => {
            "The statement waits for data at execution: call SQLParamData, SQLPutData or SQLCancel"
        }
        State::Allocated => "Nothing has been prepared or executed on this statement",
        State::PreparedNoResults | State::PreparedResults => "The statement is prepared, but has not been executed",
        _ => "The call does not fit what was done on this statement before",
    }
}

fn cursor_text(state: State) -> &'static str {
    match state {
        State::CursorOpen => "The cursor is open: fetch first, or close it with SQLFreeStmt(SQL_CLOSE)",
        State::Fetched | State::ExtendedFetched => "The cursor is open: close it with SQLFreeStmt(SQL_CLOSE)",
        _ => "No cursor is open on this statement",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 10] = [
        State::Allocated,
        State::PreparedNoResults,
        State::PreparedResults,
        State::ExecutedNoResults,
        State::CursorOpen,
        State::Fetched,
        State::ExtendedFetched,
        State::NeedData,
        State::MustPut,
        State::CanPut,
    ];

    #[test]
    fn every_row_has_ten_states_and_stands_in_its_place() {
        for (i, (call, row)) in TABLE.iter().enumerate() {
            assert_eq!(row.len(), 10, "{call:?}");
            assert!(row.bytes().all(|b| b".SCDPQ".contains(&b)), "{call:?}");
            assert_eq!(*call as usize, i, "{call:?} is not in its place");
        }
        for (i, state) in STATES.iter().enumerate() {
            assert_eq!(*state as usize, i + 1);
        }
    }

    #[test]
    fn a_statement_that_needs_data_takes_only_data() {
        for (call, _) in TABLE {
            let allowed = check(*call, State::MustPut, true).is_ok();
            assert_eq!(allowed, matches!(call, Call::Always | Call::PutData), "{call:?}");
        }
    }

    #[test]
    fn executing_again_depends_on_having_prepared() {
        let state = |prepared, state| check(Call::Execute, state, prepared).err().map(|r| r.state);
        assert_eq!(state(true, State::ExecutedNoResults), None);
        assert_eq!(state(false, State::ExecutedNoResults), Some(SqlState::SEQUENCE_ERROR));
        assert_eq!(state(true, State::CursorOpen), Some(SqlState::INVALID_CURSOR_STATE));
        assert_eq!(state(false, State::CursorOpen), Some(SqlState::SEQUENCE_ERROR));
    }
}

//! Static cursors: every orientation over a result, bookmarks, SQLSetPos, and what a position costs in requests.

use std::ptr::null_mut;

use okta_sim::{API_TOKEN, Options, Sim};

use super::application::*;
use crate::ffi::catalog::*;
use crate::ffi::consts::*;
use crate::ffi::fetch::*;
use crate::ffi::results::*;
use crate::ffi::statement_attributes::*;

/// Ten rows, numbered.
const TEN: &str = "SELECT n, CONCAT('row ', CAST(n AS VARCHAR)) AS t \
    FROM (VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS v (n) ORDER BY n";

#[track_caller]
fn set(stmt: Handle, id: i32, value: usize) {
    let code = unsafe { SQLSetStmtAttr(stmt, id, value as Handle, 0) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
}

fn get(stmt: Handle, id: i32) -> usize {
    let mut value = 0usize;
    let code = unsafe { SQLGetStmtAttr(stmt, id, (&raw mut value).cast(), 0, null_mut()) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
    value
}

/// One numeric cell.
#[track_caller]
fn number(stmt: Handle, column: u16) -> i64 {
    let mut value = 0i64;
    let code = unsafe { SQLGetData(stmt, column, SQL_C_SBIGINT, (&raw mut value).cast(), 8, null_mut()) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
    value
}

/// A statement with a static cursor and its rowset bound. Boxed: the driver writes there.
struct Scrolling {
    stmt: Handle,
    rows: Box<Rowset>,
    /// SQLSTATE of the last fetch's first record.
    state: Option<String>,
}

#[derive(Default)]
struct Rowset {
    numbers: [i64; 16],
    lengths: [isize; 16],
    bookmarks: [usize; 16],
    status: [u16; 16],
    fetched: usize,
}

impl Scrolling {
    fn over(application: &Application, sql: &str, size: usize) -> Scrolling {
        let stmt = application.statement();
        set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
        set(stmt, SQL_ATTR_USE_BOOKMARKS, SQL_UB_VARIABLE);
        let mut rows = Box::<Rowset>::default();
        set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, size);
        set(stmt, SQL_ATTR_ROW_STATUS_PTR, rows.status.as_mut_ptr() as usize);
        set(stmt, SQL_ATTR_ROWS_FETCHED_PTR, (&raw mut rows.fetched) as usize);
        succeeds(exec_direct(stmt, sql), SQL_HANDLE_STMT, stmt);
        let (numbers, bookmarks) = (rows.numbers.as_mut_ptr().cast(), rows.bookmarks.as_mut_ptr().cast());
        let lengths = rows.lengths.as_mut_ptr();
        unsafe {
            assert_eq!(SQLBindCol(stmt, 1, SQL_C_SBIGINT, numbers, 0, lengths), SQL_SUCCESS);
            assert_eq!(SQLBindCol(stmt, 0, SQL_C_BINARY, bookmarks, 8, null_mut()), SQL_SUCCESS);
        }
        Scrolling {
            stmt,
            rows,
            state: None,
        }
    }

    /// The return code and the rows that came.
    fn fetch(&mut self, orientation: i16, offset: isize) -> (i16, Vec<i64>) {
        self.rows.numbers = [0; 16];
        let code = unsafe { SQLFetchScroll(self.stmt, orientation, offset) };
        self.state = record(SQL_HANDLE_STMT, self.stmt, 1).map(|found| found.0);
        let size = get(self.stmt, SQL_ATTR_ROW_ARRAY_SIZE);
        for (i, status) in self.rows.status[..size].iter().enumerate() {
            let wanted = if i < self.rows.fetched {
                SQL_ROW_SUCCESS
            } else {
                SQL_ROW_NOROW
            };
            assert_eq!(*status, wanted, "row {i}");
        }
        (code, self.rows.numbers[..self.rows.fetched].to_vec())
    }
}

/// One fetch after the other, by the tables of "Cursor Positioning Rules": orientation, offset, rowset size, the rows.
/// An empty list is SQL_NO_DATA.
const WALK: &[(i16, isize, usize, &[i64])] = &[
    (SQL_FETCH_PRIOR, 0, 4, &[]),
    (SQL_FETCH_NEXT, 0, 4, &[1, 2, 3, 4]),
    (SQL_FETCH_NEXT, 0, 4, &[5, 6, 7, 8]),
    (SQL_FETCH_NEXT, 0, 4, &[9, 10]),
    (SQL_FETCH_NEXT, 0, 4, &[]),
    (SQL_FETCH_NEXT, 0, 4, &[]),
    (SQL_FETCH_PRIOR, 0, 4, &[7, 8, 9, 10]),
    (SQL_FETCH_PRIOR, 0, 4, &[3, 4, 5, 6]),
    (SQL_FETCH_RELATIVE, 1, 4, &[4, 5, 6, 7]),
    (SQL_FETCH_RELATIVE, 0, 2, &[4, 5]),
    (SQL_FETCH_NEXT, 0, 4, &[6, 7, 8, 9]),
    (SQL_FETCH_LAST, 0, 3, &[8, 9, 10]),
    (SQL_FETCH_FIRST, 0, 3, &[1, 2, 3]),
    (SQL_FETCH_PRIOR, 0, 3, &[]),
    (SQL_FETCH_ABSOLUTE, -2, 4, &[9, 10]),
    (SQL_FETCH_ABSOLUTE, 5, 1, &[5]),
    (SQL_FETCH_ABSOLUTE, 11, 4, &[]),
    (SQL_FETCH_ABSOLUTE, 0, 4, &[]),
    (SQL_FETCH_RELATIVE, 3, 4, &[3, 4, 5, 6]),
    (SQL_FETCH_RELATIVE, -6, 4, &[]),
    (SQL_FETCH_LAST, 0, 16, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
];

fn walk(scrolling: &mut Scrolling) {
    for (orientation, offset, size, wanted) in WALK {
        set(scrolling.stmt, SQL_ATTR_ROW_ARRAY_SIZE, *size);
        let code = if wanted.is_empty() { SQL_NO_DATA } else { SQL_SUCCESS };
        let got = scrolling.fetch(*orientation, *offset);
        assert_eq!(got, (code, wanted.to_vec()), "{orientation} {offset} {size}");
        if let Some(first) = wanted.first() {
            assert_eq!(get(scrolling.stmt, SQL_ATTR_ROW_NUMBER), *first as usize);
        }
    }
}

#[test]
fn a_static_cursor_goes_where_the_reference_says() {
    let application = Application::connected();
    walk(&mut Scrolling::over(&application, TEN, 4));
}

#[test]
fn the_same_rows_come_back_from_the_file_when_memory_is_short() {
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("{};MemoryLimit=16", connection_string()));
    succeeds(code, SQL_HANDLE_DBC, application.dbc);
    // A hundred texts of 64,000 bytes are more than the four megabytes that are kept in memory.
    let digits = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))";
    let sql = format!("SELECT a.n * 10 + b.n, REPEAT('x', 64000) FROM {digits} AS a (n) CROSS JOIN {digits} AS b (n)");
    let mut scrolling = Scrolling::over(&application, &sql, 1);
    let (_, last) = scrolling.fetch(SQL_FETCH_LAST, 0);
    let mut backwards = last.clone();
    while let (SQL_SUCCESS, row) = scrolling.fetch(SQL_FETCH_PRIOR, 0) {
        backwards.extend(row);
    }
    let mut forwards = Vec::new();
    while let (SQL_SUCCESS, row) = scrolling.fetch(SQL_FETCH_NEXT, 0) {
        forwards.extend(row);
    }
    backwards.reverse();
    assert_eq!(backwards, forwards);
    forwards.sort_unstable();
    assert_eq!(forwards, (0..100).collect::<Vec<_>>());
}

#[test]
fn a_rowset_before_the_start_is_the_first_with_01s06() {
    let application = Application::connected();
    let mut scrolling = Scrolling::over(&application, TEN, 4);
    scrolling.fetch(SQL_FETCH_ABSOLUTE, 3);
    let first = (SQL_SUCCESS_WITH_INFO, vec![1, 2, 3, 4]);
    assert_eq!(scrolling.fetch(SQL_FETCH_PRIOR, 0), first);
    assert_eq!(scrolling.state.as_deref(), Some("01S06"));
    scrolling.fetch(SQL_FETCH_ABSOLUTE, 3);
    assert_eq!(scrolling.fetch(SQL_FETCH_RELATIVE, -4), first);
    set(scrolling.stmt, SQL_ATTR_ROW_ARRAY_SIZE, 11);
    let (code, rows) = scrolling.fetch(SQL_FETCH_ABSOLUTE, -11);
    assert_eq!((code, rows.len()), (SQL_SUCCESS_WITH_INFO, 10));
}

#[test]
fn a_bookmark_leads_back_to_its_row() {
    let application = Application::connected();
    let mut scrolling = Scrolling::over(&application, TEN, 3);
    let stmt = scrolling.stmt;
    assert_eq!(scrolling.fetch(SQL_FETCH_ABSOLUTE, 4).1, [4, 5, 6]);
    let fifth = scrolling.rows.bookmarks[1];
    set(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, (&raw const fifth) as usize);
    assert_eq!(get(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR), (&raw const fifth) as usize);
    scrolling.fetch(SQL_FETCH_FIRST, 0);
    for (offset, wanted) in [
        (0, vec![5, 6, 7]),
        (-4, vec![1, 2, 3]),
        (5, vec![10]),
        (-5, vec![]),
        (6, vec![]),
    ] {
        assert_eq!(scrolling.fetch(SQL_FETCH_BOOKMARK, offset).1, wanted, "{offset}");
    }
    scrolling.fetch(SQL_FETCH_ABSOLUTE, 5);
    let (mut bookmark, mut length) = (0usize, 0isize);
    let mut read =
        |c_type, capacity| unsafe { SQLGetData(stmt, 0, c_type, (&raw mut bookmark).cast(), capacity, &mut length) };
    assert_eq!(read(SQL_C_BINARY, 8), SQL_SUCCESS);
    fails(read(SQL_C_CHAR, 8), SQL_HANDLE_STMT, stmt, "HY003");
    assert_eq!((bookmark, length), (fifth, 8));
    let (mut kind, mut size, mut nullable) = (0i16, 0usize, 9i16);
    unsafe {
        let code = SQLDescribeCol(
            stmt,
            0,
            null_mut(),
            0,
            null_mut(),
            &mut kind,
            &mut size,
            null_mut(),
            &mut nullable,
        );
        assert_eq!((code, size, nullable), (SQL_SUCCESS, 8, SQL_NO_NULLS));
        let mut count = 0i16;
        assert_eq!(SQLNumResultCols(stmt, &mut count), SQL_SUCCESS);
        assert_eq!(count, 2, "the bookmark is not counted");
    }
    let foreign = 4711usize;
    set(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, (&raw const foreign) as usize);
    fails(
        unsafe { SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0) },
        SQL_HANDLE_STMT,
        stmt,
        "HY111",
    );
    set(stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, 0);
    fails(
        unsafe { SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0) },
        SQL_HANDLE_STMT,
        stmt,
        "HY111",
    );
    let short = unsafe { SQLBindCol(stmt, 0, SQL_C_BINARY, (&raw mut bookmark).cast(), 4, null_mut()) };
    assert_eq!(short, SQL_SUCCESS);
    fails(unsafe { SQLFetch(stmt) }, SQL_HANDLE_STMT, stmt, "HY090");
}

#[test]
fn without_bookmarks_there_is_no_column_0() {
    let application = Application::connected();
    let stmt = application.statement();
    set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    let mut bookmark = 0usize;
    unsafe {
        succeeds(exec_direct(stmt, TEN), SQL_HANDLE_STMT, stmt);
        let bound = SQLBindCol(stmt, 0, SQL_C_BINARY, (&raw mut bookmark).cast(), 8, null_mut());
        fails(bound, SQL_HANDLE_STMT, stmt, "07009");
        fails(
            SQLFetchScroll(stmt, SQL_FETCH_BOOKMARK, 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY106",
        );
        fails(SQLFetchScroll(stmt, 77, 0), SQL_HANDLE_STMT, stmt, "HY106");
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        let read = SQLGetData(stmt, 0, SQL_C_BINARY, (&raw mut bookmark).cast(), 8, null_mut());
        fails(read, SQL_HANDLE_STMT, stmt, "07009");
        fails(
            SQLSetStmtAttr(stmt, SQL_ATTR_USE_BOOKMARKS, 2 as Handle, 0),
            SQL_HANDLE_STMT,
            stmt,
            "24000",
        );
    }
}

/// "SQLSetPos", Diagnostics: row, operation, lock, SQLSTATE.
const REFUSED: &[(usize, u16, u16, &str)] = &[
    (0, SQL_POSITION, SQL_LOCK_NO_CHANGE, "HY109"),
    (4, SQL_POSITION, SQL_LOCK_NO_CHANGE, "HY107"),
    (4, SQL_REFRESH, SQL_LOCK_NO_CHANGE, "HY107"),
    (1, SQL_UPDATE, SQL_LOCK_NO_CHANGE, "HY092"),
    (1, SQL_DELETE, SQL_LOCK_NO_CHANGE, "HY092"),
    (1, SQL_ADD, SQL_LOCK_NO_CHANGE, "HY092"),
    (1, 9, SQL_LOCK_NO_CHANGE, "HY092"),
    (1, SQL_POSITION, 1, "HYC00"),
    (1, SQL_POSITION, SQL_LOCK_UNLOCK, "HYC00"),
    (1, SQL_POSITION, 3, "HY092"),
];

#[test]
fn set_pos_moves_within_the_rowset_and_writes_it_again() {
    let application = Application::connected();
    let mut scrolling = Scrolling::over(&application, TEN, 3);
    let stmt = scrolling.stmt;
    let position = |row, operation, lock| unsafe { SQLSetPos(stmt, row, operation, lock) };
    fails(position(1, SQL_POSITION, 0), SQL_HANDLE_STMT, stmt, "24000");
    assert_eq!(scrolling.fetch(SQL_FETCH_ABSOLUTE, 5).1, [5, 6, 7]);
    assert_eq!(number(stmt, 1), 5, "the first row of the rowset");
    for row in [3, 1, 2] {
        assert_eq!(position(row, SQL_POSITION, 0), SQL_SUCCESS);
        assert_eq!(number(stmt, 1), 4 + row as i64);
        assert_eq!(get(stmt, SQL_ATTR_ROW_NUMBER), 4 + row);
    }
    for (row, operation, lock, state) in REFUSED {
        fails(position(*row, *operation, *lock), SQL_HANDLE_STMT, stmt, state);
    }
    scrolling.rows.numbers = [0; 16];
    assert_eq!(position(2, SQL_REFRESH, 0), SQL_SUCCESS);
    assert_eq!(scrolling.rows.numbers[..4], [0, 6, 0, 0]);
    assert_eq!(position(0, SQL_REFRESH, 0), SQL_SUCCESS);
    assert_eq!(scrolling.rows.numbers[..4], [5, 6, 7, 0]);
    assert_eq!(
        scrolling.fetch(SQL_FETCH_NEXT, 0).1,
        [8, 9, 10],
        "the rowset stayed where it was"
    );
    assert_eq!(scrolling.fetch(SQL_FETCH_NEXT, 0).0, SQL_NO_DATA);
    fails(position(1, SQL_POSITION, 0), SQL_HANDLE_STMT, stmt, "24000");
}

#[test]
fn a_forward_only_cursor_says_so() {
    let application = Application::connected();
    let stmt = application.query(TEN);
    unsafe {
        for orientation in [2, 3, 4, 5, 6, 8, 7] {
            fails(SQLFetchScroll(stmt, orientation, 1), SQL_HANDLE_STMT, stmt, "HY106");
        }
        set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        // Node's `odbc` reads long values so: by SQLGetData, row by row of a rowset.
        for first in [1, 4, 7, 10] {
            let rows = 3.min(11 - first);
            assert_eq!(number(stmt, 1), first as i64, "the first row without SQLSetPos");
            for row in (1..=rows).rev() {
                assert_eq!(SQLSetPos(stmt, row, SQL_POSITION, 0), SQL_SUCCESS);
                assert_eq!(number(stmt, 1), (first + row - 1) as i64);
                assert_eq!(get(stmt, SQL_ATTR_ROW_NUMBER), first + row - 1);
            }
            fails(
                SQLSetPos(stmt, rows + 1, SQL_POSITION, 0),
                SQL_HANDLE_STMT,
                stmt,
                "HY107",
            );
            let more = SQLFetch(stmt);
            assert_eq!(more, if first == 10 { SQL_NO_DATA } else { SQL_SUCCESS });
        }
        fails(SQLSetPos(stmt, 1, SQL_POSITION, 0), SQL_HANDLE_STMT, stmt, "24000");
        fails(
            SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, 3 as Handle, 0),
            SQL_HANDLE_STMT,
            stmt,
            "24000",
        );
    }
}

/// PHP's odbc_fetch_row and MSDASQL: static cursors by the function of ODBC 2.
#[test]
fn extended_fetch_scrolls_too() {
    let application = Application::connected_as(SQL_OV_ODBC2);
    let stmt = application.statement();
    set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    set(stmt, SQL_ATTR_USE_BOOKMARKS, 1);
    set(stmt, SQL_ROWSET_SIZE, 2);
    succeeds(exec_direct(stmt, TEN), SQL_HANDLE_STMT, stmt);
    let (mut status, mut fetched, mut numbers) = ([9u16; 2], 0usize, [0i64; 2]);
    let (numbers_at, status_at) = (numbers.as_mut_ptr(), status.as_mut_ptr());
    let mut fetch = |orientation, offset| unsafe {
        let code = SQLExtendedFetch(stmt, orientation, offset, &mut fetched, status_at);
        (code, fetched)
    };
    assert_eq!(
        unsafe { SQLBindCol(stmt, 1, SQL_C_SBIGINT, numbers_at.cast(), 0, null_mut()) },
        SQL_SUCCESS
    );
    let seen = || unsafe { [numbers_at.read(), numbers_at.add(1).read()] };
    assert_eq!((fetch(5, 7), seen()), ((SQL_SUCCESS, 2), [7, 8]));
    assert_eq!((fetch(3, 0), seen()), ((SQL_SUCCESS, 2), [9, 10]));
    assert_eq!((fetch(4, 0), seen()), ((SQL_SUCCESS, 2), [7, 8]));
    let mut bookmark = 0u64;
    let read = unsafe { SQLGetData(stmt, 0, SQL_C_UBIGINT, (&raw mut bookmark).cast(), 8, null_mut()) };
    assert_eq!(read, SQL_SUCCESS, "SQL_C_BOOKMARK");
    assert_eq!((fetch(2, 0), seen()), ((SQL_SUCCESS, 2), [1, 2]));
    assert_eq!((fetch(8, bookmark as isize), seen()), ((SQL_SUCCESS, 2), [7, 8]));
    assert_eq!(fetch(1, 0).0, SQL_SUCCESS);
    assert_eq!(fetch(1, 0), (SQL_NO_DATA, 0));
    assert_eq!(unsafe { status_at.read() }, SQL_ROW_NOROW);
}

#[test]
fn rows_are_read_from_okta_only_as_far_as_the_position_needs() {
    let okta = Sim::start(Options {
        users: 500,
        ..Options::default()
    });
    let application = Application::environment(SQL_OV_ODBC3);
    let text = format!(
        "Domain={};APIToken={API_TOKEN};PageSize=50;MaxConcurrency=1",
        okta.url()
    );
    succeeds(application.connect(&text), SQL_HANDLE_DBC, application.dbc);
    let stmt = application.statement();
    set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    succeeds(exec_direct(stmt, "SELECT Id FROM Users"), SQL_HANDLE_STMT, stmt);
    okta.reset();
    let pages = |orientation, offset| {
        let code = unsafe { SQLFetchScroll(stmt, orientation, offset) };
        assert_eq!(code, SQL_SUCCESS);
        std::thread::sleep(std::time::Duration::from_millis(100));
        okta.requests().len()
    };
    assert_eq!(pages(SQL_FETCH_FIRST, 0), 0, "the first page came with SQLExecDirect");
    assert_eq!(pages(SQL_FETCH_ABSOLUTE, 20), 0);
    let near = pages(SQL_FETCH_ABSOLUTE, 60);
    assert!((1..=3).contains(&near), "{near}");
    assert_eq!(pages(SQL_FETCH_FIRST, 0), near, "what was read is kept");
    assert_eq!(pages(SQL_FETCH_LAST, 0), 9, "ten pages in all");
    assert_eq!(get(stmt, SQL_ATTR_ROW_NUMBER), 500);
    assert_eq!(pages(SQL_FETCH_ABSOLUTE, -500), 9);
}

#[test]
fn catalog_functions_scroll_as_queries_do() {
    let application = Application::connected();
    let stmt = application.statement();
    set(stmt, SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
    let name = c"Users".as_ptr().cast();
    let none = std::ptr::null();
    unsafe {
        assert_eq!(SQLColumns(stmt, none, 0, none, 0, name, -3, none, 0), SQL_SUCCESS);
        assert_eq!(SQLFetchScroll(stmt, SQL_FETCH_LAST, 0), SQL_SUCCESS);
        let last = get(stmt, SQL_ATTR_ROW_NUMBER);
        assert_eq!(number(stmt, 17), last as i64, "ORDINAL_POSITION");
        assert_eq!(SQLFetchScroll(stmt, SQL_FETCH_ABSOLUTE, 2), SQL_SUCCESS);
        assert_eq!(number(stmt, 17), 2);
        // SQL_CA2_MAX_ROWS_CATALOG and SQL_CA2_MAX_ROWS_SELECT
        for sql in [None, Some(TEN)] {
            assert_eq!(SQLCloseCursor(stmt), SQL_SUCCESS);
            set(stmt, SQL_ATTR_MAX_ROWS, 3);
            let code = match sql {
                Some(sql) => exec_direct(stmt, sql),
                None => SQLColumns(stmt, none, 0, none, 0, name, -3, none, 0),
            };
            succeeds(code, SQL_HANDLE_STMT, stmt);
            for (orientation, offset, row) in [
                (SQL_FETCH_FIRST, 0, Some(1)),
                (5, 3, Some(3)),
                (5, 4, None),
                (3, 0, Some(3)),
            ] {
                let code = SQLFetchScroll(stmt, orientation, offset);
                match row {
                    Some(row) => assert_eq!((code, get(stmt, SQL_ATTR_ROW_NUMBER)), (SQL_SUCCESS, row), "{sql:?}"),
                    None => assert_eq!(code, SQL_NO_DATA, "{sql:?}"),
                }
            }
        }
    }
}

//! Results: describing, binding, rowsets, SQLGetData, catalog functions, states and attributes.

use std::ptr::{null, null_mut};

use super::application::*;
use crate::ffi::allocate::*;
use crate::ffi::cancel::*;
use crate::ffi::catalog::*;
use crate::ffi::consts::*;
use crate::ffi::descriptors::*;
use crate::ffi::fetch::*;
use crate::ffi::prepare::*;
use crate::ffi::results::*;
use crate::ffi::statement_attributes::*;

fn set(stmt: Handle, id: i32, value: usize) {
    assert_eq!(
        unsafe { SQLSetStmtAttr(stmt, id, value as Handle, 0) },
        SQL_SUCCESS,
        "{id}"
    );
}

/// One cell as narrow text; None is NULL.
fn text(stmt: Handle, column: u16) -> Option<String> {
    let (mut buffer, mut length) = ([0u8; 500], 0isize);
    let code = unsafe { SQLGetData(stmt, column, SQL_C_CHAR, buffer.as_mut_ptr().cast(), 500, &mut length) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
    let length = usize::try_from(length).ok()?;
    Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
}

fn rows(stmt: Handle) -> usize {
    let mut count = 0;
    while unsafe { SQLFetch(stmt) } != SQL_NO_DATA {
        count += 1;
    }
    count
}

#[test]
fn a_query_is_described_bound_and_fetched_in_rowsets() {
    let application = Application::connected();
    let stmt = application.query("SELECT Id, Status FROM Users");
    let (mut columns, mut count) = (0i16, 0isize);
    unsafe {
        assert_eq!(SQLNumResultCols(stmt, &mut columns), SQL_SUCCESS);
        assert_eq!(SQLRowCount(stmt, &mut count), SQL_SUCCESS);
    }
    assert_eq!((columns, count), (2, -1));
    let (mut ids, mut lengths) = ([[0u8; 32]; 100], [0isize; 100]);
    let (mut status, mut fetched) = ([9u16; 100], 0usize);
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, 100);
    set(stmt, SQL_ATTR_ROW_STATUS_PTR, status.as_mut_ptr() as usize);
    set(stmt, SQL_ATTR_ROWS_FETCHED_PTR, (&raw mut fetched) as usize);
    let code = unsafe { SQLBindCol(stmt, 1, SQL_C_CHAR, ids.as_mut_ptr().cast(), 32, lengths.as_mut_ptr()) };
    assert_eq!(code, SQL_SUCCESS);
    let mut seen = std::collections::HashSet::new();
    loop {
        let code = unsafe { SQLFetch(stmt) };
        if code == SQL_NO_DATA {
            break;
        }
        assert_eq!(code, SQL_SUCCESS);
        for i in 0..fetched {
            assert_eq!(status[i], SQL_ROW_SUCCESS);
            seen.insert(ids[i][..lengths[i] as usize].to_vec());
        }
        assert!(status[fetched..].iter().all(|s| *s == SQL_ROW_NOROW));
    }
    assert_eq!(fetched, 0);
    assert_eq!(seen.len(), OKTA.truth("users").len());
    fails(
        unsafe { SQLGetData(stmt, 1, SQL_C_CHAR, ids.as_mut_ptr().cast(), 32, null_mut()) },
        SQL_HANDLE_STMT,
        stmt,
        "24000",
    );
}

#[test]
fn rows_are_bound_by_row_with_an_offset() {
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Row {
        number: i32,
        length: isize,
        text: [u8; 6],
        text_length: isize,
    }
    let application = Application::connected();
    let stmt = application.query("SELECT 1, 'a' UNION ALL SELECT 2, NULL UNION ALL SELECT 3, 'ccc'");
    let mut table = [Row {
        number: 0,
        length: 0,
        text: [0; 6],
        text_length: 0,
    }; 6];
    let offset = 2 * size_of::<Row>();
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, 4);
    set(stmt, SQL_ATTR_ROW_BIND_TYPE, size_of::<Row>());
    set(stmt, SQL_ATTR_ROW_BIND_OFFSET_PTR, (&raw const offset) as usize);
    let first = table.as_mut_ptr();
    unsafe {
        SQLBindCol(
            stmt,
            1,
            SQL_C_SLONG,
            (&raw mut (*first).number).cast(),
            0,
            &raw mut (*first).length,
        );
        SQLBindCol(
            stmt,
            2,
            SQL_C_CHAR,
            (&raw mut (*first).text).cast(),
            6,
            &raw mut (*first).text_length,
        );
        assert_eq!(SQLFetchScroll(stmt, SQL_FETCH_NEXT, 0), SQL_SUCCESS);
    }
    let mut got: Vec<_> = table[2..5].iter().map(|row| (row.number, row.text_length)).collect();
    got.sort_unstable();
    assert_eq!(got, [(1, 1), (2, SQL_NULL_DATA), (3, 3)]);
    assert_eq!(table[0].number, 0);
    fails(unsafe { SQLFetchScroll(stmt, 2, 0) }, SQL_HANDLE_STMT, stmt, "HY106");
}

#[test]
fn a_row_that_cannot_be_converted_is_marked_and_the_others_come_out() {
    let application = Application::connected();
    let stmt = application.query("SELECT 'x' AS v UNION ALL SELECT '5'");
    let (mut numbers, mut lengths, mut status) = ([0i32; 3], [0isize; 3], [9u16; 3]);
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, 3);
    set(stmt, SQL_ATTR_ROW_STATUS_PTR, status.as_mut_ptr() as usize);
    let code = unsafe {
        SQLBindCol(
            stmt,
            1,
            SQL_C_SLONG,
            numbers.as_mut_ptr().cast(),
            0,
            lengths.as_mut_ptr(),
        );
        SQLFetch(stmt)
    };
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    let bad = status.iter().position(|s| *s == SQL_ROW_ERROR).unwrap();
    assert_eq!(status[1 - bad], SQL_ROW_SUCCESS);
    assert_eq!((numbers[1 - bad], status[2]), (5, SQL_ROW_NOROW));
    let states: Vec<_> = (1..=2)
        .filter_map(|n| record(SQL_HANDLE_STMT, stmt, n))
        .map(|r| r.0)
        .collect();
    assert_eq!(states, ["22018", "01S01"]);
    let (mut row, mut column) = (0isize, 0i32);
    unsafe {
        use crate::ffi::diagnostics::SQLGetDiagField;
        SQLGetDiagField(
            SQL_HANDLE_STMT,
            stmt,
            1,
            SQL_DIAG_ROW_NUMBER,
            (&raw mut row).cast(),
            0,
            null_mut(),
        );
        SQLGetDiagField(
            SQL_HANDLE_STMT,
            stmt,
            1,
            SQL_DIAG_COLUMN_NUMBER,
            (&raw mut column).cast(),
            0,
            null_mut(),
        );
    }
    assert_eq!((row, column), (bad as isize + 1, 1));
}

#[test]
fn values_come_in_parts_and_in_any_column_order() {
    let application = Application::connected();
    let stmt = application.query("SELECT 'abcdefgh' AS a, 42 AS b, CAST(NULL AS VARCHAR) AS c");
    assert_eq!(unsafe { SQLFetch(stmt) }, SQL_SUCCESS);
    assert_eq!(text(stmt, 3), None);
    assert_eq!(text(stmt, 2).as_deref(), Some("42"));
    let (mut buffer, mut length) = ([0u8; 5], 0isize);
    let mut part = || unsafe {
        let code = SQLGetData(stmt, 1, SQL_C_CHAR, buffer.as_mut_ptr().cast(), 5, &mut length);
        (code, length, buffer)
    };
    assert_eq!(part(), (SQL_SUCCESS_WITH_INFO, 8, *b"abcd\0"));
    assert_eq!(part(), (SQL_SUCCESS, 4, *b"efgh\0"));
    assert_eq!(part().0, SQL_NO_DATA);
    assert_eq!(text(stmt, 2).as_deref(), Some("42"));
    assert_eq!(
        text(stmt, 1).as_deref(),
        Some("abcdefgh"),
        "again, after another column"
    );
    let code = unsafe { SQLGetData(stmt, 3, SQL_C_CHAR, buffer.as_mut_ptr().cast(), 5, null_mut()) };
    fails(code, SQL_HANDLE_STMT, stmt, "22002");
    for (column, state) in [(0, "07009"), (4, "07009")] {
        let code = unsafe { SQLGetData(stmt, column, SQL_C_CHAR, buffer.as_mut_ptr().cast(), 5, null_mut()) };
        fails(code, SQL_HANDLE_STMT, stmt, state);
    }
    let code = unsafe { SQLGetData(stmt, 1, 77, buffer.as_mut_ptr().cast(), 5, null_mut()) };
    fails(code, SQL_HANDLE_STMT, stmt, "HY003");
    let code = unsafe { SQLGetData(stmt, 1, SQL_C_CHAR, buffer.as_mut_ptr().cast(), -5, null_mut()) };
    fails(code, SQL_HANDLE_STMT, stmt, "HY090");
}

#[test]
fn decimals_are_read_through_the_ard_as_pyodbc_and_odbc_crusher_read_them() {
    let application = Application::connected();
    for c_type in [SQL_ARD_TYPE, SQL_C_NUMERIC] {
        let stmt = application.query("SELECT CAST(12.5 AS DECIMAL(10, 2)) AS d");
        decimal(stmt, c_type);
    }
}

#[test]
fn a_decimal_whose_scale_nobody_set_has_its_columns() {
    let application = Application::connected();
    let stmt = application.query("SELECT CAST(12.5 AS DECIMAL(10, 2)) AS d");
    let (mut number, mut length) = ([0u8; 19], 0isize);
    unsafe {
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        let code = SQLGetData(stmt, 1, SQL_C_NUMERIC, number.as_mut_ptr().cast(), 19, &mut length);
        assert_eq!((code, length), (SQL_SUCCESS, 19));
    }
    assert_eq!(&number[..5], [10, 2, 1, 0xE2, 0x04], "precision, scale, sign, 1250");
}

fn decimal(stmt: Handle, c_type: i16) {
    unsafe {
        let mut ard: Handle = null_mut();
        SQLGetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, (&raw mut ard).cast(), 0, null_mut());
        for (id, value) in [(SQL_DESC_TYPE, 2usize), (SQL_DESC_PRECISION, 10), (SQL_DESC_SCALE, 2)] {
            assert_eq!(SQLSetDescField(ard, 1, id, value as Handle, 0), SQL_SUCCESS);
        }
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        let (mut number, mut length) = ([0u8; 128], 0isize);
        let code = SQLGetData(stmt, 1, c_type, number.as_mut_ptr().cast(), 128, &mut length);
        assert_eq!((code, length), (SQL_SUCCESS, 19));
        assert_eq!(&number[..5], [10, 2, 1, 0xE2, 0x04], "precision, scale, sign, 1250");
    }
}

#[test]
fn extended_fetch_has_a_rowset_size_of_its_own() {
    let application = Application::connected();
    let stmt = application.query("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3");
    set(stmt, SQL_ATTR_ROW_ARRAY_SIZE, 1);
    set(stmt, SQL_ROWSET_SIZE, 2);
    let (mut status, mut fetched) = ([9u16; 2], 0usize);
    let mut next = || unsafe {
        let code = SQLExtendedFetch(stmt, 1, 0, &mut fetched, status.as_mut_ptr());
        (code, fetched, status)
    };
    assert_eq!(next(), (SQL_SUCCESS, 2, [SQL_ROW_SUCCESS; 2]));
    assert_eq!(next(), (SQL_SUCCESS, 1, [SQL_ROW_SUCCESS, SQL_ROW_NOROW]));
    assert_eq!(next().0, SQL_NO_DATA);
    fails(unsafe { SQLFetch(stmt) }, SQL_HANDLE_STMT, stmt, "HY010");
}

#[test]
fn max_rows_ends_the_result_and_other_cursors_become_static() {
    let application = Application::connected();
    let stmt = application.statement();
    set(stmt, SQL_ATTR_MAX_ROWS, 3);
    succeeds(exec_direct(stmt, "SELECT Id FROM Users"), SQL_HANDLE_STMT, stmt);
    assert_eq!(rows(stmt), 3);
    unsafe {
        assert_eq!(SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS);
        let code = SQLSetStmtAttr(stmt, SQL_ATTR_CURSOR_TYPE, 1 as Handle, 0);
        assert_eq!(code, SQL_SUCCESS_WITH_INFO);
        assert_eq!(record(SQL_HANDLE_STMT, stmt, 1).unwrap().0, "01S02");
        fails(
            SQLSetStmtAttr(stmt, 4711, null_mut(), 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY092",
        );
        let mut row = 0usize;
        let mut number = || SQLGetStmtAttr(stmt, SQL_ATTR_ROW_NUMBER, (&raw mut row).cast(), 0, null_mut());
        fails(number(), SQL_HANDLE_STMT, stmt, "24000");
    }
}

#[test]
fn columns_are_described_before_execution_and_by_the_ids_of_odbc_2() {
    let application = Application::connected();
    let stmt = application.statement();
    let sql = "SELECT Id, Created FROM Users WHERE Status = ?";
    unsafe {
        succeeds(SQLPrepare(stmt, sql.as_ptr(), sql.len() as i32), SQL_HANDLE_STMT, stmt);
        let (mut name, mut length, mut kind, mut size) = ([0u16; 20], 0i16, 0i16, 0usize);
        let (mut digits, mut nullable) = (0i16, 0i16);
        let code = SQLDescribeColW(
            stmt,
            2,
            name.as_mut_ptr(),
            20,
            &mut length,
            &mut kind,
            &mut size,
            &mut digits,
            &mut nullable,
        );
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(String::from_utf16_lossy(&name[..length as usize]), "Created");
        assert_eq!((kind, size, digits), (SQL_TYPE_TIMESTAMP, 23, 3));
        for (id, wanted) in [
            (2u16, i64::from(SQL_TYPE_TIMESTAMP)),
            (4, 23),
            (5, 3),
            (1002, 9),
            (1007, 3),
            (1211, 0),
            (1001, 2),
        ] {
            let mut number = -9isize;
            let code = SQLColAttribute(stmt, 2, id, null_mut(), 0, null_mut(), &mut number);
            assert_eq!((code, number as i64), (SQL_SUCCESS, wanted), "{id}");
        }
        let mut table = [0u8; 20];
        let code = SQLColAttribute(
            stmt,
            1,
            SQL_DESC_BASE_TABLE_NAME as u16,
            table.as_mut_ptr().cast(),
            20,
            &mut length,
            null_mut(),
        );
        assert_eq!((code, &table[..length as usize]), (SQL_SUCCESS, &b"Users"[..]));
        fails(
            SQLColAttribute(stmt, 9, 2, null_mut(), 0, null_mut(), null_mut()),
            SQL_HANDLE_STMT,
            stmt,
            "07009",
        );
        fails(
            SQLColAttribute(stmt, 1, 999, null_mut(), 0, null_mut(), null_mut()),
            SQL_HANDLE_STMT,
            stmt,
            "HY091",
        );
        fails(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY010");
        fails(SQLCloseCursor(stmt), SQL_HANDLE_STMT, stmt, "24000");
    }
}

#[test]
fn catalog_functions_go_through_the_same_cursor() {
    let application = Application::connected();
    let stmt = application.statement();
    unsafe {
        assert_eq!(SQLTables(stmt, null(), 0, null(), 0, null(), 0, null(), 0), SQL_SUCCESS);
        let mut names = Vec::new();
        while SQLFetch(stmt) == SQL_SUCCESS {
            names.push(text(stmt, 3).unwrap());
        }
        assert!(names.iter().any(|name| name == "Users"), "{names:?}");
        fails(
            SQLTables(stmt, null(), 0, null(), 0, null(), 0, null(), 0),
            SQL_HANDLE_STMT,
            stmt,
            "24000",
        );
        assert_eq!(SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS);
        // DBD::ODBC's ping.
        let kind = b"NOXXTABLE\0";
        assert_eq!(
            SQLTables(
                stmt,
                c"".as_ptr().cast(),
                -3,
                c"".as_ptr().cast(),
                -3,
                c"".as_ptr().cast(),
                -3,
                kind.as_ptr(),
                -3
            ),
            SQL_SUCCESS
        );
        assert_eq!(rows(stmt), 0);
        assert_eq!(SQLCloseCursor(stmt), SQL_SUCCESS);
        let table: Vec<u16> = "Users".encode_utf16().collect();
        assert_eq!(
            SQLColumnsW(stmt, null(), 0, null(), 0, table.as_ptr(), 5, null(), 0),
            SQL_SUCCESS
        );
        assert!(rows(stmt) > 10);
        assert_eq!(SQLCloseCursor(stmt), SQL_SUCCESS);
        assert_eq!(
            SQLPrimaryKeysW(stmt, null(), 0, null(), 0, table.as_ptr(), 5),
            SQL_SUCCESS
        );
        assert_eq!(rows(stmt), 1);
        assert_eq!(SQLCloseCursor(stmt), SQL_SUCCESS);
        fails(
            SQLPrimaryKeys(stmt, null(), 0, null(), 0, null(), 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY009",
        );
        fails(
            SQLStatistics(stmt, null(), 0, null(), 0, c"Users".as_ptr().cast(), -3, 7, 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY100",
        );
        assert_eq!(SQLProcedures(stmt, null(), 0, null(), 0, null(), 0), SQL_SUCCESS);
        assert_eq!(rows(stmt), 0);
    }
}

#[test]
fn cancel_on_an_idle_statement_succeeds_and_what_is_unsupported_says_so() {
    let application = Application::connected();
    let stmt = application.query("SELECT 1");
    unsafe {
        assert_eq!(SQLCancel(stmt), SQL_SUCCESS);
        assert_eq!(
            SQLFetch(stmt),
            SQL_SUCCESS,
            "nothing was running, so nothing was stopped"
        );
        assert_eq!(SQLSetPos(stmt, 1, 0, 0), SQL_SUCCESS);
        fails(SQLBulkOperations(stmt, 4), SQL_HANDLE_STMT, stmt, "HY092");
        assert_eq!(SQLMoreResults(stmt), SQL_NO_DATA);
        fails(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY010");
        let (mut name, mut length) = ([0u8; 30], 0i16);
        assert_eq!(SQLSetCursorName(stmt, c"mine".as_ptr().cast(), -3), SQL_SUCCESS);
        assert_eq!(SQLGetCursorName(stmt, name.as_mut_ptr(), 30, &mut length), SQL_SUCCESS);
        assert_eq!(&name[..length as usize], b"mine");
        let other = application.statement();
        fails(
            SQLSetCursorName(other, c"MINE".as_ptr().cast(), -3),
            SQL_HANDLE_STMT,
            other,
            "3C000",
        );
        fails(
            SQLSetCursorName(other, c"SQL_CURx".as_ptr().cast(), -3),
            SQL_HANDLE_STMT,
            other,
            "34000",
        );
        for (length, state) in [(128, None), (129, Some("34000"))] {
            let long = "n".repeat(length);
            let code = SQLSetCursorName(other, long.as_ptr(), length as i16);
            match state {
                None => assert_eq!(code, SQL_SUCCESS, "SQL_MAX_CURSOR_NAME_LEN"),
                Some(state) => fails(code, SQL_HANDLE_STMT, other, state),
            }
        }
    }
}

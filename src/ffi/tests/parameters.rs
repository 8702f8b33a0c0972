//! Parameters: counting, describing, binding, arrays, data at execution, and cancelling from another thread.

use std::ptr::null_mut;
use std::time::{Duration, Instant};

use okta_sim::{API_TOKEN, Options, Sim};

use super::application::*;
use crate::ffi::allocate::*;
use crate::ffi::cancel::*;
use crate::ffi::consts::*;
use crate::ffi::fetch::*;
use crate::ffi::prepare::*;
use crate::ffi::results::*;
use crate::ffi::statement_attributes::*;

fn prepare(stmt: Handle, sql: &str) {
    succeeds(
        unsafe { SQLPrepare(stmt, sql.as_ptr(), sql.len() as i32) },
        SQL_HANDLE_STMT,
        stmt,
    );
}

fn number(stmt: Handle, column: u16) -> i32 {
    let (mut value, mut length) = (0i32, 0isize);
    let code = unsafe { SQLGetData(stmt, column, SQL_C_SLONG, (&raw mut value).cast(), 0, &mut length) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
    value
}

fn text(stmt: Handle, column: u16) -> String {
    let (mut buffer, mut length) = ([0u8; 100], 0isize);
    let code = unsafe { SQLGetData(stmt, column, SQL_C_CHAR, buffer.as_mut_ptr().cast(), 100, &mut length) };
    succeeds(code, SQL_HANDLE_STMT, stmt);
    String::from_utf8_lossy(&buffer[..length as usize]).into_owned()
}

#[test]
fn markers_are_counted_and_described_and_must_all_be_bound() {
    let application = Application::connected();
    let stmt = application.statement();
    prepare(stmt, "SELECT Id FROM Users WHERE Status = ? AND Created > ?");
    let mut count = 0i16;
    assert_eq!(unsafe { SQLNumParams(stmt, &mut count) }, SQL_SUCCESS);
    assert_eq!(count, 2);
    let (mut kind, mut size, mut nullable) = (0i16, 0usize, 0i16);
    unsafe {
        assert_eq!(
            SQLDescribeParam(stmt, 2, &mut kind, &mut size, null_mut(), &mut nullable),
            SQL_SUCCESS
        );
        assert_eq!((kind, nullable), (SQL_TYPE_TIMESTAMP, SQL_NULLABLE));
        fails(
            SQLDescribeParam(stmt, 3, &mut kind, &mut size, null_mut(), &mut nullable),
            SQL_HANDLE_STMT,
            stmt,
            "07009",
        );
        fails(SQLExecute(stmt), SQL_HANDLE_STMT, stmt, "07002");
        let value = 1i32;
        let bind = |number, direction, c_type, sql_type, length| {
            SQLBindParameter(
                stmt,
                number,
                direction,
                c_type,
                sql_type,
                0,
                0,
                (&raw const value) as Handle,
                length,
                null_mut(),
            )
        };
        fails(bind(0, 1, SQL_C_SLONG, SQL_INTEGER, 0), SQL_HANDLE_STMT, stmt, "07009");
        fails(bind(1, 9, SQL_C_SLONG, SQL_INTEGER, 0), SQL_HANDLE_STMT, stmt, "HY105");
        fails(bind(1, 1, 77, SQL_INTEGER, 0), SQL_HANDLE_STMT, stmt, "HY003");
        fails(bind(1, 1, SQL_C_SLONG, 77, 0), SQL_HANDLE_STMT, stmt, "HY004");
        fails(bind(1, 1, SQL_C_SLONG, SQL_INTEGER, -2), SQL_HANDLE_STMT, stmt, "HY090");
        // What a manager makes of SQLSetParam.
        let no_length = SQL_SETPARAM_VALUE_MAX;
        succeeds(bind(1, 1, SQL_C_SLONG, SQL_INTEGER, no_length), SQL_HANDLE_STMT, stmt);
    }
}

#[test]
fn a_prepared_statement_is_executed_again_with_other_values() {
    let application = Application::connected();
    let stmt = application.statement();
    prepare(stmt, "SELECT ? + 1");
    let mut value = 41i32;
    let changing = &raw mut value;
    unsafe {
        let address = changing as Handle;
        assert_eq!(
            SQLBindParameter(stmt, 1, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, address, 0, null_mut()),
            SQL_SUCCESS
        );
        for wanted in [42, 8] {
            succeeds(SQLExecute(stmt), SQL_HANDLE_STMT, stmt);
            assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
            assert_eq!(number(stmt, 1), wanted);
            fails(SQLExecute(stmt), SQL_HANDLE_STMT, stmt, "24000");
            assert_eq!(SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS);
            changing.write(7);
        }
        assert_eq!(SQLFreeStmt(stmt, SQL_RESET_PARAMS), SQL_SUCCESS);
        fails(SQLExecute(stmt), SQL_HANDLE_STMT, stmt, "07002");
    }
}

#[test]
fn each_set_of_an_array_has_its_result_set() {
    let application = Application::connected();
    let stmt = application.statement();
    let (values, mut status, mut processed) = ([10i32, 20, 30], [9u16; 3], 0usize);
    let operation = [0u16, SQL_PARAM_IGNORE, 0];
    let set = |id, value: usize| unsafe {
        assert_eq!(SQLSetStmtAttr(stmt, id, value as Handle, 0), SQL_SUCCESS);
    };
    set(SQL_ATTR_PARAMSET_SIZE, 3);
    set(SQL_ATTR_PARAM_STATUS_PTR, status.as_mut_ptr() as usize);
    set(SQL_ATTR_PARAMS_PROCESSED_PTR, (&raw mut processed) as usize);
    set(SQL_ATTR_PARAM_OPERATION_PTR, operation.as_ptr() as usize);
    unsafe {
        let address = values.as_ptr() as Handle;
        SQLBindParameter(stmt, 1, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, address, 0, null_mut());
        succeeds(exec_direct(stmt, "SELECT ? + 1"), SQL_HANDLE_STMT, stmt);
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        assert_eq!(number(stmt, 1), 11);
        assert_eq!(SQLMoreResults(stmt), SQL_SUCCESS);
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        assert_eq!(number(stmt, 1), 31);
        assert_eq!(SQLMoreResults(stmt), SQL_NO_DATA);
    }
    assert_eq!(
        (status, processed),
        ([SQL_PARAM_SUCCESS, SQL_PARAM_UNUSED, SQL_PARAM_SUCCESS], 3)
    );
}

#[test]
fn arrays_are_bound_by_row_with_an_offset_as_fast_executemany_does() {
    #[repr(C)]
    struct Row {
        value: i32,
        length: isize,
    }
    let application = Application::connected();
    let stmt = application.statement();
    let rows = [(0, 0), (5, 4), (6, 4)].map(|(value, length)| Row { value, length });
    let offset = size_of::<Row>();
    unsafe {
        let address = (&raw const rows[0].value) as Handle;
        let length = (&raw const rows[0].length).cast_mut();
        SQLBindParameter(stmt, 1, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, address, 0, length);
        for (id, value) in [
            (SQL_ATTR_PARAM_BIND_TYPE, size_of::<Row>()),
            (SQL_ATTR_PARAMSET_SIZE, 2),
            (SQL_ATTR_PARAM_BIND_OFFSET_PTR, (&raw const offset) as usize),
        ] {
            assert_eq!(SQLSetStmtAttr(stmt, id, value as Handle, 0), SQL_SUCCESS);
        }
        succeeds(exec_direct(stmt, "SELECT ? * 2"), SQL_HANDLE_STMT, stmt);
        for wanted in [10, 12] {
            assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
            assert_eq!(number(stmt, 1), wanted);
            SQLMoreResults(stmt);
        }
    }
}

#[test]
fn data_at_execution_comes_in_pieces() {
    let application = Application::connected();
    let stmt = application.statement();
    let (first, second) = (SQL_DATA_AT_EXEC, SQL_LEN_DATA_AT_EXEC_OFFSET - 4);
    let mut token: Handle = null_mut();
    unsafe {
        let at = |length: &isize| (length as *const isize).cast_mut();
        SQLBindParameter(stmt, 1, 1, SQL_C_CHAR, SQL_VARCHAR, 100, 0, 11 as Handle, 0, at(&first));
        SQLBindParameter(stmt, 2, 1, SQL_C_SLONG, SQL_INTEGER, 0, 0, 22 as Handle, 0, at(&second));
        assert_eq!(exec_direct(stmt, "SELECT ? AS a, ? AS b"), SQL_NEED_DATA);
        fails(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY010");
        assert_eq!(SQLParamData(stmt, &mut token), SQL_NEED_DATA);
        assert_eq!(token, 11 as Handle);
        fails(SQLParamData(stmt, &mut token), SQL_HANDLE_STMT, stmt, "HY010");
        assert_eq!(SQLPutData(stmt, c"abc".as_ptr() as Handle, 2), SQL_SUCCESS);
        assert_eq!(SQLPutData(stmt, c"def".as_ptr() as Handle, SQL_NTS), SQL_SUCCESS);
        fails(
            SQLPutData(stmt, null_mut(), SQL_NULL_DATA),
            SQL_HANDLE_STMT,
            stmt,
            "HY020",
        );
        assert_eq!(SQLParamData(stmt, &mut token), SQL_NEED_DATA);
        assert_eq!(token, 22 as Handle);
        let value = 5i32;
        assert_eq!(SQLPutData(stmt, (&raw const value) as Handle, 0), SQL_SUCCESS);
        fails(
            SQLPutData(stmt, (&raw const value) as Handle, 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY019",
        );
        succeeds(SQLParamData(stmt, &mut token), SQL_HANDLE_STMT, stmt);
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
        assert_eq!((text(stmt, 1), number(stmt, 2)), ("abdef".to_owned(), 5));
        assert_eq!(SQLFreeStmt(stmt, SQL_CLOSE), SQL_SUCCESS);
        // Given up half-way.
        assert_eq!(exec_direct(stmt, "SELECT ? AS a, ? AS b"), SQL_NEED_DATA);
        assert_eq!(SQLCancel(stmt), SQL_SUCCESS);
        fails(SQLParamData(stmt, &mut token), SQL_HANDLE_STMT, stmt, "HY010");
    }
}

fn slow() -> (Sim, Application) {
    let okta = Sim::start(Options {
        users: 1000,
        latency_ms: 3000,
        ..Options::default()
    });
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("Domain={};APIToken={API_TOKEN}", okta.url()));
    succeeds(code, SQL_HANDLE_DBC, application.dbc);
    (okta, application)
}

#[test]
fn a_running_query_is_cancelled_from_another_thread() {
    let (_okta, application) = slow();
    let stmt = application.statement();
    let handle = stmt as usize;
    let begun = Instant::now();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        unsafe { SQLCancel(handle as Handle) }
    });
    fails(
        exec_direct(stmt, "SELECT Id FROM Users"),
        SQL_HANDLE_STMT,
        stmt,
        "HY008",
    );
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
    assert_eq!(canceller.join().unwrap(), SQL_SUCCESS);
    succeeds(exec_direct(stmt, "SELECT 1"), SQL_HANDLE_STMT, stmt);
}

#[test]
fn the_query_timeout_ends_a_call() {
    let (_okta, application) = slow();
    let stmt = application.statement();
    unsafe { SQLSetStmtAttr(stmt, SQL_ATTR_QUERY_TIMEOUT, 1 as Handle, 0) };
    let begun = Instant::now();
    fails(
        exec_direct(stmt, "SELECT Id FROM Users"),
        SQL_HANDLE_STMT,
        stmt,
        "HYT00",
    );
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
}

//! Deep and long SQL on a small stack, and what threads can do to one another's statements.

use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use okta_sim::{API_TOKEN, Options, Sim};

use super::application::*;
use crate::ffi::allocate::*;
use crate::ffi::cancel::*;
use crate::ffi::consts::*;
use crate::ffi::fetch::*;
use crate::ffi::prepare::*;
use crate::ffi::results::*;
use crate::ffi::statement_attributes::*;

/// Runs `work` on a thread whose stack has 256 KB.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(work).unwrap();
    thread.join().unwrap();
}

/// Rows, or 42000 where the text exceeds a limit; the connection lives either way.
fn runs_or_is_refused(application: &Application, sql: &str) {
    for prepared in [false, true] {
        let stmt = application.statement();
        let code = if prepared {
            unsafe { SQLPrepare(stmt, sql.as_ptr(), sql.len() as i32) }
        } else {
            exec_direct(stmt, sql)
        };
        if code == SQL_ERROR {
            fails(code, SQL_HANDLE_STMT, stmt, "42000");
        } else {
            succeeds(code, SQL_HANDLE_STMT, stmt);
            while !prepared && unsafe { SQLFetch(stmt) } == SQL_SUCCESS {}
        }
        free(SQL_HANDLE_STMT, stmt);
    }
    let stmt = application.query("SELECT 1");
    assert_eq!(unsafe { SQLFetch(stmt) }, SQL_SUCCESS);
    free(SQL_HANDLE_STMT, stmt);
}

#[test]
fn a_hundred_thousand_ors_on_a_small_stack() {
    on_a_small_stack(|| {
        let application = Application::connected();
        let condition = (0..100_000).map(|n| format!("Id = 'x{n}'")).collect::<Vec<_>>();
        runs_or_is_refused(
            &application,
            &format!("SELECT Id FROM Users WHERE {}", condition.join(" OR ")),
        );
    });
}

#[test]
fn deep_nesting_and_long_literals_on_a_small_stack() {
    on_a_small_stack(|| {
        let application = Application::connected();
        let nested = |open: &str, inner: &str, close: &str, depth: usize| {
            format!("SELECT {}{inner}{}", open.repeat(depth), close.repeat(depth))
        };
        for sql in [
            nested("(", "1", ")", 10_000),
            nested("(", "1", "", 10_000),
            nested("CASE WHEN 1 = 1 THEN ", "1", " ELSE 0 END", 5_000),
            nested("NOT ", "1 = 1", "", 10_000),
            nested("- ", "1", "", 10_000),
            nested("(SELECT ", "1", ")", 3_000),
            nested("{fn UCASE(", "'a'", ")}", 3_000),
            nested("", "1", " + 1", 50_000),
            nested("1 UNION ALL SELECT ", "1", "", 3_000),
            nested("* FROM (SELECT ", "1 AS a", ") AS t", 2_000),
            nested("", &format!("'{}'", "x".repeat(2 << 20)), "", 0),
        ] {
            runs_or_is_refused(&application, &sql);
        }
    });
}

fn slow(latency_ms: u64) -> (Sim, Application) {
    let okta = Sim::start(Options {
        users: 1000,
        latency_ms,
        ..Options::default()
    });
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("Domain={};APIToken={API_TOKEN}", okta.url()));
    succeeds(code, SQL_HANDLE_DBC, application.dbc);
    (okta, application)
}

/// The family's lock is with another statement's call when SQLCancel comes.
#[test]
fn data_at_execution_are_given_up_although_the_connection_is_busy() {
    let (_okta, application) = slow(1500);
    let (busy, waiting) = (application.statement(), application.statement());
    let at_execution = SQL_DATA_AT_EXEC;
    let mut token: Handle = null_mut();
    unsafe {
        let length = (&raw const at_execution).cast_mut();
        SQLBindParameter(waiting, 1, 1, SQL_C_CHAR, SQL_VARCHAR, 100, 0, 11 as Handle, 0, length);
        assert_eq!(exec_direct(waiting, "SELECT ?"), SQL_NEED_DATA);
    }
    let handle = busy as usize;
    let other = std::thread::spawn(move || exec_direct(handle as Handle, "SELECT Id FROM Users"));
    std::thread::sleep(Duration::from_millis(400));
    unsafe {
        assert_eq!(SQLCancel(waiting), SQL_SUCCESS);
        fails(SQLParamData(waiting, &mut token), SQL_HANDLE_STMT, waiting, "HY010");
        SQLFreeStmt(waiting, SQL_RESET_PARAMS);
        succeeds(exec_direct(waiting, "SELECT 1"), SQL_HANDLE_STMT, waiting);
    }
    assert_eq!(other.join().unwrap(), SQL_SUCCESS);
}

/// Handles come and go on one connection while other threads use them: a call ends well, or says that its handle is gone.
#[test]
fn statements_freed_by_one_thread_are_never_another_ones() {
    let application = Application::connected();
    let dbc = application.dbc as usize;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|worker| {
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let stmt = allocate(SQL_HANDLE_STMT, dbc as Handle);
                        let sql = format!("SELECT {worker}");
                        succeeds(exec_direct(stmt, &sql), SQL_HANDLE_STMT, stmt);
                        let shared = stmt as usize;
                        let freer = scope.spawn(move || unsafe { SQLFreeHandle(SQL_HANDLE_STMT, shared as Handle) });
                        let (mut value, mut length) = (-1i32, 0isize);
                        unsafe {
                            let fetched = SQLFetch(stmt);
                            let read = SQLGetData(stmt, 1, SQL_C_SLONG, (&raw mut value).cast(), 0, &mut length);
                            assert!([SQL_SUCCESS, SQL_INVALID_HANDLE].contains(&fetched), "{fetched}");
                            assert!([SQL_SUCCESS, SQL_INVALID_HANDLE].contains(&read), "{read}");
                            assert!(read != SQL_SUCCESS || value == worker, "{value} is another statement's");
                        }
                        assert_eq!(freer.join().unwrap(), SQL_SUCCESS);
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
}

#[test]
fn a_descriptor_shared_by_two_statements_is_freed_in_use() {
    let application = Application::connected();
    let desc = allocate(SQL_HANDLE_DESC, application.dbc);
    let statements = [application.query("SELECT 7"), application.query("SELECT 8")];
    let mut value = 0i32;
    let bound = &raw mut value;
    unsafe {
        for stmt in statements {
            assert_eq!(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, desc, 0), SQL_SUCCESS);
        }
        SQLBindCol(statements[0], 1, SQL_C_SLONG, bound.cast(), 0, null_mut());
        assert_eq!(SQLFetch(statements[1]), SQL_SUCCESS);
        assert_eq!(bound.read(), 8, "one binding serves both");
        free(SQL_HANDLE_DESC, desc);
        assert_eq!(SQLFetch(statements[0]), SQL_SUCCESS);
        assert_eq!(bound.read(), 8, "nothing is bound any more");
        assert_eq!(SQLSetStmtAttr(statements[0], SQL_ATTR_APP_ROW_DESC, desc, 0), SQL_ERROR);
        fails(SQL_ERROR, SQL_HANDLE_STMT, statements[0], "HY024");
        let other = Application::connected();
        let foreign = allocate(SQL_HANDLE_DESC, other.dbc);
        let code = SQLSetStmtAttr(statements[0], SQL_ATTR_APP_ROW_DESC, foreign, 0);
        fails(code, SQL_HANDLE_STMT, statements[0], "HY024");
    }
}

/// A text that cannot be planned leaves no columns of the one before.
#[test]
fn a_failed_prepare_describes_nothing() {
    let application = Application::connected();
    let stmt = application.statement();
    unsafe {
        let mut ird: Handle = null_mut();
        SQLGetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, (&raw mut ird).cast(), 0, null_mut());
        let count = || {
            let mut count = -1i16;
            let at = (&raw mut count).cast();
            let code = crate::ffi::descriptors::SQLGetDescField(ird, 0, SQL_DESC_COUNT, at, 0, null_mut());
            (code, count)
        };
        succeeds(
            SQLPrepare(stmt, c"SELECT 1, 2".as_ptr().cast(), SQL_NTS as i32),
            SQL_HANDLE_STMT,
            stmt,
        );
        assert_eq!(count(), (SQL_SUCCESS, 2));
        assert_eq!(SQLPrepare(stmt, c"SELEC".as_ptr().cast(), SQL_NTS as i32), SQL_ERROR);
        fails(count().0, SQL_HANDLE_DESC, ird, "HY007");
        let mut columns = 0i16;
        fails(SQLNumResultCols(stmt, &mut columns), SQL_HANDLE_STMT, stmt, "HY010");
    }
}

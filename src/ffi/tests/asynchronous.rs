//! Asynchronous execution: the same call again and again until it has its answer, of an Okta that takes its time.

use std::ptr::null_mut;
use std::time::Duration;

use okta_sim::{API_TOKEN, Options, Sim};

use super::application::*;
use crate::ffi::cancel::*;
use crate::ffi::catalog::SQLColumnsW;
use crate::ffi::connection_attributes::*;
use crate::ffi::consts::*;
use crate::ffi::fetch::*;
use crate::ffi::prepare::SQLExecDirect;
use crate::ffi::results::*;
use crate::ffi::statement_attributes::*;

const SQL: &str = "SELECT Id FROM Users";

/// An Okta that answers late, and a connection to it.
fn slow(users: u64) -> (Sim, Application) {
    let okta = Sim::start(Options {
        users,
        latency_ms: 80,
        ..Options::default()
    });
    let application = Application::environment(SQL_OV_ODBC3_80);
    let text = format!("Domain={};APIToken={API_TOKEN};PageSize=50", okta.url());
    succeeds(application.connect(&text), SQL_HANDLE_DBC, application.dbc);
    (okta, application)
}

/// How often the call was still executing, and its answer.
fn poll(mut call: impl FnMut() -> i16) -> (usize, i16) {
    for polls in 0..2000 {
        match call() {
            SQL_STILL_EXECUTING => std::thread::sleep(Duration::from_millis(2)),
            code => return (polls, code),
        }
    }
    panic!("the call did not end");
}

#[test]
fn calls_are_polled_until_they_have_their_answer() {
    let (okta, application) = slow(220);
    let stmt = application.statement();
    let asynchronous = |on: usize| unsafe { SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, on as Handle, 0) };
    assert_eq!(asynchronous(1), SQL_SUCCESS);
    let (polls, code) = poll(|| exec_direct(stmt, SQL));
    assert_eq!(code, SQL_SUCCESS);
    assert!(polls > 3, "{polls}");
    let (mut id, mut rows, mut waited) = ([0u8; 32], std::collections::HashSet::new(), 0);
    assert_eq!(
        unsafe { SQLBindCol(stmt, 1, SQL_C_CHAR, id.as_mut_ptr().cast(), 32, null_mut()) },
        SQL_SUCCESS
    );
    let at = id.as_ptr();
    loop {
        let (polls, code) = poll(|| unsafe { SQLFetch(stmt) });
        waited += polls;
        if code == SQL_NO_DATA {
            break;
        }
        assert_eq!(code, SQL_SUCCESS);
        rows.insert(unsafe { at.cast::<[u8; 32]>().read() });
    }
    assert_eq!(rows.len(), okta.truth("users").len());
    assert!(waited > 0, "later pages take their time too");
    assert_eq!(unsafe { SQLCloseCursor(stmt) }, SQL_SUCCESS);
    assert_eq!(asynchronous(0), SQL_SUCCESS);
    assert_eq!(exec_direct(stmt, SQL), SQL_SUCCESS, "it waits again");
}

/// A program may pass another buffer, or none, when it asks again.
#[test]
fn texts_are_the_programs_own_again_once_a_call_has_returned() {
    let (_okta, application) = slow(100);
    let [first, stmt] = [application.statement(), application.statement()];
    for stmt in [first, stmt] {
        let code = unsafe { SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, 1 as Handle, 0) };
        assert_eq!(code, SQL_SUCCESS);
    }
    // The second statement's call has to wait for the first one's, and only then comes to its text.
    assert_eq!(exec_direct(first, SQL), SQL_STILL_EXECUTING);
    let mut text = *b"SELECT COUNT(*) FROM Users\0";
    let code = unsafe { SQLExecDirect(stmt, text.as_ptr(), SQL_NTS as i32) };
    assert_eq!(code, SQL_STILL_EXECUTING);
    text.fill(b'x');
    let (_, code) = poll(|| unsafe { SQLExecDirect(stmt, std::ptr::null(), 0) });
    assert_eq!(code, SQL_SUCCESS, "{:?}", record(SQL_HANDLE_STMT, stmt, 1));
    assert_eq!(unsafe { SQLCloseCursor(stmt) }, SQL_SUCCESS);
    let mut wide: Vec<u16> = "Users\0".encode_utf16().collect();
    let columns = |table: *const u16, length| {
        let null = std::ptr::null();
        unsafe { SQLColumnsW(stmt, null, 0, null, 0, table, length, null, 0) }
    };
    let mut code = columns(wide.as_ptr(), SQL_NTS as i16);
    wide.fill(0xD800);
    if code == SQL_STILL_EXECUTING {
        code = poll(|| columns(std::ptr::null(), 0)).1;
    }
    assert_eq!(code, SQL_SUCCESS, "{:?}", record(SQL_HANDLE_STMT, stmt, 1));
}

#[test]
fn errors_and_cancels_come_with_the_answer() {
    let (_okta, application) = slow(100);
    let stmt = application.statement();
    let code = unsafe { SQLSetStmtAttr(stmt, SQL_ATTR_ASYNC_ENABLE, 1 as Handle, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let (_, code) = poll(|| exec_direct(stmt, "SELECT * FROM Nothing"));
    fails(code, SQL_HANDLE_STMT, stmt, "42S02");
    assert_eq!(exec_direct(stmt, SQL), SQL_STILL_EXECUTING);
    // Whether its thread waits for Okta already or has only been started.
    assert_eq!(unsafe { SQLCancel(stmt) }, SQL_SUCCESS);
    let (_, code) = poll(|| exec_direct(stmt, SQL));
    fails(code, SQL_HANDLE_STMT, stmt, "HY008");
    // Another call than the one that executes.
    assert_eq!(exec_direct(stmt, SQL), SQL_STILL_EXECUTING);
    fails(unsafe { SQLFetch(stmt) }, SQL_HANDLE_STMT, stmt, "HY010");
    assert_eq!(poll(|| exec_direct(stmt, SQL)).1, SQL_SUCCESS);
}

#[test]
fn statements_of_one_connection_execute_while_others_are_asked_for() {
    let (_okta, application) = slow(100);
    let code = unsafe { SQLSetConnectAttr(application.dbc, SQL_ATTR_ASYNC_ENABLE, 1 as Handle, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let stmts = [application.statement(), application.statement()];
    for stmt in stmts {
        assert_eq!(exec_direct(stmt, SQL), SQL_STILL_EXECUTING, "the connection's default");
    }
    for stmt in stmts {
        assert_eq!(poll(|| exec_direct(stmt, SQL)).1, SQL_SUCCESS);
        assert_eq!(poll(|| unsafe { SQLFetch(stmt) }).1, SQL_SUCCESS);
        assert_eq!(poll(|| unsafe { SQLMoreResults(stmt) }).1, SQL_NO_DATA);
    }
}

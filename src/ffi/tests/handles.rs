//! Handles and the guard: stale, foreign and wrong handles, panics in every family, the versions of ODBC.

use std::ptr::null_mut;

use super::application::*;
use crate::ffi::allocate::*;
use crate::ffi::cancel::*;
use crate::ffi::connect::*;
use crate::ffi::connection_attributes::*;
use crate::ffi::consts::*;
use crate::ffi::descriptors::*;
use crate::ffi::diagnostics::*;
use crate::ffi::environment::*;
use crate::ffi::fetch::*;
use crate::ffi::guard::panic_hook;
use crate::ffi::info::*;
use crate::ffi::statement_attributes::*;
use crate::metadata::info::supports_function;

#[test]
fn null_stale_and_foreign_handles_are_invalid() {
    let application = Application::connected();
    let stmt = application.statement();
    free(SQL_HANDLE_STMT, stmt);
    let local = 0u64;
    for handle in [
        null_mut(),
        stmt,
        application.dbc,
        application.env,
        (&raw const local) as Handle,
    ] {
        unsafe {
            assert_eq!(SQLFetch(handle), SQL_INVALID_HANDLE);
            assert_eq!(SQLCancel(handle), SQL_INVALID_HANDLE);
            assert_eq!(SQLFreeHandle(SQL_HANDLE_STMT, handle), SQL_INVALID_HANDLE);
            assert_eq!(
                SQLSetDescField(handle, 1, SQL_DESC_TYPE, null_mut(), 0),
                SQL_INVALID_HANDLE
            );
        }
    }
    let mut number = 0i32;
    let code = unsafe {
        SQLGetDiagRec(
            SQL_HANDLE_STMT,
            stmt,
            1,
            null_mut(),
            &mut number,
            null_mut(),
            0,
            null_mut(),
        )
    };
    assert_eq!(code, SQL_INVALID_HANDLE);
}

#[test]
fn a_panic_in_any_family_is_an_error_with_a_record() {
    let application = Application::connected();
    let stmt = application.statement();
    let desc = allocate(SQL_HANDLE_DESC, application.dbc);
    unsafe {
        panic_hook::arm();
        let code = SQLSetEnvAttr(application.env, SQL_ATTR_CONNECTION_POOLING, null_mut(), 0);
        fails(code, SQL_HANDLE_ENV, application.env, "HY000");
        panic_hook::arm();
        let code = SQLSetConnectAttr(application.dbc, SQL_ATTR_AUTOCOMMIT, null_mut(), 0);
        fails(code, SQL_HANDLE_DBC, application.dbc, "HY000");
        panic_hook::arm();
        fails(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY000");
        panic_hook::arm();
        fails(
            SQLSetDescField(desc, 1, SQL_DESC_TYPE, 4 as Handle, 0),
            SQL_HANDLE_DESC,
            desc,
            "HY000",
        );
        panic_hook::arm();
        assert_eq!(SQLCancel(stmt), SQL_ERROR);
        assert_eq!(SQLCancel(stmt), SQL_SUCCESS);
        // The locks are free again.
        assert_eq!(
            SQLSetConnectAttr(application.dbc, SQL_ATTR_AUTOCOMMIT, null_mut(), 0),
            SQL_SUCCESS
        );
        fails(SQLFetch(stmt), SQL_HANDLE_STMT, stmt, "HY010");
    }
}

#[test]
fn freeing_out_of_order_is_an_error_and_disconnecting_frees_what_is_below() {
    let application = Application::connected();
    let stmt = application.statement();
    unsafe {
        fails(
            SQLFreeHandle(SQL_HANDLE_ENV, application.env),
            SQL_HANDLE_ENV,
            application.env,
            "HY010",
        );
        fails(
            SQLFreeHandle(SQL_HANDLE_DBC, application.dbc),
            SQL_HANDLE_DBC,
            application.dbc,
            "HY010",
        );
        assert_eq!(SQLDisconnect(application.dbc), SQL_SUCCESS);
        assert_eq!(SQLFetch(stmt), SQL_INVALID_HANDLE);
        fails(SQLDisconnect(application.dbc), SQL_HANDLE_DBC, application.dbc, "08003");
        let mut handle = null_mut();
        let code = SQLAllocHandle(SQL_HANDLE_STMT, application.dbc, &mut handle);
        fails(code, SQL_HANDLE_DBC, application.dbc, "08003");
        fails(
            SQLEndTran(SQL_HANDLE_DBC, application.dbc, SQL_COMMIT),
            SQL_HANDLE_DBC,
            application.dbc,
            "08003",
        );
    }
}

#[test]
fn all_three_versions_of_odbc_and_no_other() {
    for version in [SQL_OV_ODBC2, SQL_OV_ODBC3, SQL_OV_ODBC3_80] {
        let application = Application::environment(version);
        let mut read = 0i32;
        let code = unsafe {
            SQLGetEnvAttr(
                application.env,
                SQL_ATTR_ODBC_VERSION,
                (&raw mut read).cast(),
                0,
                null_mut(),
            )
        };
        assert_eq!((code, read), (SQL_SUCCESS, version));
    }
    let env = allocate(SQL_HANDLE_ENV, null_mut());
    let code = unsafe { SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, 4 as Handle, 0) };
    fails(code, SQL_HANDLE_ENV, env, "HY024");
    free(SQL_HANDLE_ENV, env);
}

#[test]
fn odbc_2_applications_read_odbc_2_states() {
    let application = Application::connected_as(SQL_OV_ODBC2);
    let stmt = application.statement();
    fails(unsafe { SQLFetch(stmt) }, SQL_HANDLE_STMT, stmt, "S1010");
    fails(
        exec_direct(stmt, "SELECT * FROM NoSuchTable"),
        SQL_HANDLE_STMT,
        stmt,
        "S0002",
    );
    fails(exec_direct(stmt, "SELEC 1"), SQL_HANDLE_STMT, stmt, "37000");
}

#[test]
fn the_four_implicit_descriptors_are_real_and_an_explicit_one_can_take_a_place() {
    let application = Application::connected();
    let stmt = application.statement();
    let attribute = |id| {
        let mut handle: Handle = null_mut();
        let code = unsafe { SQLGetStmtAttr(stmt, id, (&raw mut handle).cast(), 0, null_mut()) };
        assert_eq!(code, SQL_SUCCESS);
        handle
    };
    let implicit: Vec<Handle> = (SQL_ATTR_APP_ROW_DESC..=SQL_ATTR_IMP_PARAM_DESC)
        .map(attribute)
        .collect();
    assert!(implicit.iter().all(|handle| !handle.is_null()));
    let desc = allocate(SQL_HANDLE_DESC, application.dbc);
    unsafe {
        assert_eq!(SQLSetStmtAttr(stmt, SQL_ATTR_APP_ROW_DESC, desc, 0), SQL_SUCCESS);
        assert_eq!(attribute(SQL_ATTR_APP_ROW_DESC), desc);
        let mut value = 0i32;
        assert_eq!(
            SQLBindCol(stmt, 2, SQL_C_SLONG, (&raw mut value).cast(), 0, null_mut()),
            SQL_SUCCESS
        );
        let mut count = 0i16;
        SQLGetDescField(desc, 0, SQL_DESC_COUNT, (&raw mut count).cast(), 0, null_mut());
        assert_eq!(count, 2, "SQLBindCol writes the descriptor in use");
        free(SQL_HANDLE_DESC, desc);
        assert_eq!(attribute(SQL_ATTR_APP_ROW_DESC), implicit[0]);
        fails(
            SQLFreeHandle(SQL_HANDLE_DESC, implicit[0]),
            SQL_HANDLE_DESC,
            implicit[0],
            "HY017",
        );
        let code = SQLSetDescField(implicit[2], 1, SQL_DESC_TYPE, 4 as Handle, 0);
        fails(code, SQL_HANDLE_DESC, implicit[2], "HY016");
        fails(
            SQLSetStmtAttr(stmt, SQL_ATTR_IMP_ROW_DESC, implicit[0], 0),
            SQL_HANDLE_STMT,
            stmt,
            "HY017",
        );
        let other = application.statement();
        fails(
            SQLSetStmtAttr(other, SQL_ATTR_APP_ROW_DESC, implicit[0], 0),
            SQL_HANDLE_STMT,
            other,
            "HY017",
        );
    }
}

#[test]
fn diagnostics_have_fields_and_can_be_measured_first() {
    let application = Application::connected();
    let stmt = application.query("SELECT 1 AS a");
    unsafe {
        let mut value = 0i32;
        let code = SQLGetData(stmt, 9, SQL_C_SLONG, (&raw mut value).cast(), 0, null_mut());
        fails(code, SQL_HANDLE_STMT, stmt, "24000");
        let (mut number, mut code, mut length, mut native) = (0i32, 0i16, 0i16, 5i32);
        let field = |id, at: Handle| SQLGetDiagField(SQL_HANDLE_STMT, stmt, 1, id, at, 0, null_mut());
        assert_eq!(field(SQL_DIAG_NUMBER, (&raw mut number).cast()), SQL_SUCCESS);
        assert_eq!(field(SQL_DIAG_RETURNCODE, (&raw mut code).cast()), SQL_SUCCESS);
        assert_eq!(field(SQL_DIAG_NATIVE, (&raw mut native).cast()), SQL_SUCCESS);
        assert_eq!((number, code, native), (1, SQL_ERROR, 0));
        let code = SQLGetDiagRecW(
            SQL_HANDLE_STMT,
            stmt,
            1,
            null_mut(),
            null_mut(),
            null_mut(),
            0,
            &mut length,
        );
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(length as usize, record(SQL_HANDLE_STMT, stmt, 1).unwrap().1.len());
        let mut origin = [0u16; 20];
        let code = SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            stmt,
            1,
            SQL_DIAG_CLASS_ORIGIN,
            origin.as_mut_ptr().cast(),
            40,
            &mut length,
        );
        assert_eq!((code, length), (SQL_SUCCESS, 16));
        assert_eq!(String::from_utf16_lossy(&origin[..8]), "ISO 9075");
        assert_eq!(record(SQL_HANDLE_STMT, stmt, 2), None);
    }
}

#[test]
fn sqlgetfunctions_answers_one_all_and_the_bitmap() {
    let application = Application::connected();
    let (mut one, mut all, mut bitmap) = (0u16, [7u16; 100], [0u16; 250]);
    unsafe {
        assert_eq!(SQLGetFunctions(application.dbc, 1021, &mut one), SQL_SUCCESS);
        assert_eq!(SQLGetFunctions(application.dbc, 0, all.as_mut_ptr()), SQL_SUCCESS);
        assert_eq!(SQLGetFunctions(application.dbc, 999, bitmap.as_mut_ptr()), SQL_SUCCESS);
        fails(
            SQLGetFunctions(application.dbc, 9999, &mut one),
            SQL_HANDLE_DBC,
            application.dbc,
            "HY095",
        );
    }
    assert_eq!(one, 1);
    assert_eq!((all[13], all[10]), (1, 0), "SQLFetch yes, SQLError no");
    for id in 0..1600u16 {
        assert_eq!(
            bitmap[usize::from(id / 16)] >> (id % 16) & 1 == 1,
            supports_function(id),
            "{id}"
        );
    }
}

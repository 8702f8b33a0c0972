//! Descriptors through the functions: copying, the rules of an unprepared IRD, records with their data pointers.

use std::ptr::null_mut;

use super::application::*;
use crate::ffi::allocate::*;
use crate::ffi::consts::*;
use crate::ffi::descriptors::*;
use crate::ffi::fetch::*;
use crate::ffi::prepare::*;
use crate::ffi::statement_attributes::*;

fn descriptor(stmt: Handle, id: i32) -> Handle {
    let mut handle: Handle = null_mut();
    let code = unsafe { SQLGetStmtAttr(stmt, id, (&raw mut handle).cast(), 0, null_mut()) };
    assert_eq!(code, SQL_SUCCESS);
    handle
}

fn small(desc: Handle, number: i16, id: i16) -> (i16, i16) {
    let mut value = -9i16;
    let code = unsafe { SQLGetDescField(desc, number, id, (&raw mut value).cast(), 0, null_mut()) };
    (code, value)
}

/// The example of SQLCopyDesc's page: bindings of one statement's rows become those of another's, on another connection.
#[test]
fn bindings_are_copied_to_another_connection() {
    let (first, second) = (Application::connected(), Application::connected());
    let (from, to) = (first.query("SELECT 7 AS n"), second.query("SELECT 8 AS n"));
    let (source, target) = (
        descriptor(from, SQL_ATTR_APP_ROW_DESC),
        descriptor(to, SQL_ATTR_APP_ROW_DESC),
    );
    let mut number = 0i32;
    unsafe {
        let bound = SQLBindCol(from, 1, SQL_C_SLONG, (&raw mut number).cast(), 0, null_mut());
        assert_eq!(bound, SQL_SUCCESS);
        assert_eq!(SQLCopyDesc(source, target), SQL_SUCCESS);
        assert_eq!(SQLFetch(to), SQL_SUCCESS);
        assert_eq!(number, 8);
        assert_eq!(SQLFetch(from), SQL_SUCCESS);
        assert_eq!(number, 7);
        assert_eq!(
            small(target, 0, SQL_DESC_ALLOC_TYPE).1,
            SQL_DESC_ALLOC_AUTO,
            "not copied"
        );
    }
}

#[test]
fn a_result_set_is_copied_to_parameters_and_never_the_other_way() {
    let application = Application::connected();
    let stmt = application.statement();
    let (ird, ipd) = (
        descriptor(stmt, SQL_ATTR_IMP_ROW_DESC),
        descriptor(stmt, SQL_ATTR_IMP_PARAM_DESC),
    );
    let sql = "SELECT CAST(1.5 AS DECIMAL(10, 2)) AS d, 'x' AS t";
    unsafe {
        fails(SQLCopyDesc(ird, ipd), SQL_HANDLE_DESC, ipd, "HY007");
        fails(
            SQLGetDescField(ird, 0, SQL_DESC_COUNT, null_mut(), 0, null_mut()),
            SQL_HANDLE_DESC,
            ird,
            "HY007",
        );
        succeeds(SQLPrepare(stmt, sql.as_ptr(), sql.len() as i32), SQL_HANDLE_STMT, stmt);
        assert_eq!(SQLCopyDesc(ird, ipd), SQL_SUCCESS);
        assert_eq!(small(ipd, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 2));
        for (field, wanted) in [
            (SQL_DESC_TYPE, SQL_DECIMAL),
            (SQL_DESC_PRECISION, 10),
            (SQL_DESC_SCALE, 2),
        ] {
            assert_eq!(small(ipd, 1, field), (SQL_SUCCESS, wanted), "{field}");
        }
        fails(SQLCopyDesc(ipd, ird), SQL_HANDLE_DESC, ird, "HY016");
        assert_eq!(SQLCopyDesc(stmt, ipd), SQL_INVALID_HANDLE);
        assert_eq!(SQLCopyDesc(ipd, stmt), SQL_INVALID_HANDLE);
        assert_eq!(SQLCopyDesc(ipd, ipd), SQL_SUCCESS, "onto itself");
    }
}

/// "SQLSetDescField", Diagnostics: descriptor, record, field, value, SQLSTATE.
#[test]
fn what_cannot_be_set_says_why() {
    let application = Application::connected();
    let stmt = application.query("SELECT 1 AS n");
    let cases: &[(i32, i16, i16, usize, &str)] = &[
        (SQL_ATTR_IMP_ROW_DESC, 1, SQL_DESC_TYPE, 4, "HY016"),
        (SQL_ATTR_IMP_ROW_DESC, 0, SQL_DESC_COUNT, 4, "HY016"),
        (SQL_ATTR_APP_ROW_DESC, 1, 555, 1, "HY091"),
        (SQL_ATTR_APP_ROW_DESC, 1, SQL_DESC_NULLABLE, 1, "HY091"),
        (SQL_ATTR_APP_ROW_DESC, 0, SQL_DESC_ALLOC_TYPE, 1, "HY091"),
        (SQL_ATTR_APP_ROW_DESC, 0, SQL_DESC_ROWS_PROCESSED_PTR, 64, "HY091"),
        (SQL_ATTR_IMP_PARAM_DESC, 0, SQL_DESC_ARRAY_SIZE, 4, "HY091"),
        (SQL_ATTR_IMP_PARAM_DESC, 1, SQL_DESC_UNNAMED, 0, "HY092"),
        (SQL_ATTR_IMP_PARAM_DESC, 1, SQL_DESC_PARAMETER_TYPE, 77, "HY105"),
        (SQL_ATTR_IMP_PARAM_DESC, 0, SQL_DESC_TYPE, 4, "07009"),
        (SQL_ATTR_APP_PARAM_DESC, 0, SQL_DESC_TYPE, 4, "07009"),
        (SQL_ATTR_APP_ROW_DESC, -1, SQL_DESC_TYPE, 4, "07009"),
        (SQL_ATTR_APP_ROW_DESC, 0, SQL_DESC_COUNT, -1isize as usize, "07009"),
        (SQL_ATTR_APP_ROW_DESC, 1, SQL_DESC_TYPE, 77, "HY021"),
    ];
    for (which, number, field, value, state) in cases {
        let desc = descriptor(stmt, *which);
        let code = unsafe { SQLSetDescField(desc, *number, *field, *value as Handle, 0) };
        assert_eq!(code, SQL_ERROR, "{which} {number} {field}");
        fails(code, SQL_HANDLE_DESC, desc, state);
    }
    let ipd = descriptor(stmt, SQL_ATTR_IMP_PARAM_DESC);
    let long = "n".repeat(129);
    let code = unsafe { SQLSetDescField(ipd, 1, SQL_DESC_NAME, long.as_ptr().cast_mut().cast(), 129) };
    fails(code, SQL_HANDLE_DESC, ipd, "22001");
}

#[test]
fn a_record_set_at_once_is_checked_and_bound() {
    let application = Application::connected();
    let stmt = application.query("SELECT 12 AS n");
    let ard = descriptor(stmt, SQL_ATTR_APP_ROW_DESC);
    let mut value = 0i32;
    let at = (&raw mut value).cast();
    unsafe {
        let numeric = |precision, scale, at: Handle| {
            SQLSetDescRec(
                ard,
                1,
                SQL_C_NUMERIC,
                0,
                19,
                precision,
                scale,
                at,
                null_mut(),
                null_mut(),
            )
        };
        fails(numeric(0, 0, at), SQL_HANDLE_DESC, ard, "HY021");
        fails(numeric(4, 5, null_mut()), SQL_HANDLE_DESC, ard, "HY021");
        let code = SQLSetDescRec(ard, 1, SQL_C_SLONG, 0, 4, 0, 0, at, null_mut(), null_mut());
        succeeds(code, SQL_HANDLE_DESC, ard);
        assert_eq!(SQLFetch(stmt), SQL_SUCCESS);
    }
    assert_eq!(value, 12);
}

/// "SQLFreeHandle": a freed descriptor gives every statement its own back, in both roles.
#[test]
fn a_freed_descriptor_gives_its_statements_their_own_back() {
    let application = Application::connected();
    let stmts = [application.statement(), application.statement()];
    let explicit = allocate(SQL_HANDLE_DESC, application.dbc);
    let roles = [SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC];
    let own = stmts.map(|stmt| roles.map(|role| descriptor(stmt, role)));
    for stmt in stmts {
        for role in roles {
            assert_eq!(unsafe { SQLSetStmtAttr(stmt, role, explicit, 0) }, SQL_SUCCESS);
            assert_eq!(descriptor(stmt, role), explicit);
        }
    }
    assert_eq!(small(explicit, 0, SQL_DESC_ALLOC_TYPE).1, SQL_DESC_ALLOC_USER);
    free(SQL_HANDLE_DESC, explicit);
    assert_eq!(stmts.map(|stmt| roles.map(|role| descriptor(stmt, role))), own);
    assert_eq!(unsafe { SQLFreeStmt(stmts[0], SQL_UNBIND) }, SQL_SUCCESS);
}

//! A small ODBC application: handles, and what it asserts about every return code.

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::LazyLock;

use okta_sim::{API_TOKEN, Options, Sim};

use crate::ffi::allocate::{SQLAllocHandle, SQLFreeHandle};
use crate::ffi::connect::{SQLDisconnect, SQLDriverConnect};
use crate::ffi::consts::*;
use crate::ffi::diagnostics::SQLGetDiagRec;
use crate::ffi::environment::SQLSetEnvAttr;
use crate::ffi::prepare::SQLExecDirect;

/// One stand-in Okta for all tests.
pub static OKTA: LazyLock<Sim> = LazyLock::new(|| {
    Sim::start(Options {
        users: 500,
        ..Options::default()
    })
});

/// An environment and a connection, and with them statements.
pub struct Application {
    pub env: Handle,
    pub dbc: Handle,
}

pub fn allocate(kind: i16, parent: Handle) -> Handle {
    let mut handle: Handle = null_mut();
    assert_eq!(unsafe { SQLAllocHandle(kind, parent, &mut handle) }, SQL_SUCCESS);
    assert!(!handle.is_null());
    handle
}

pub fn free(kind: i16, handle: Handle) {
    assert_eq!(unsafe { SQLFreeHandle(kind, handle) }, SQL_SUCCESS);
}

/// SQLSTATE and text of one record, as SQLGetDiagRec gives them.
pub fn record(kind: i16, handle: Handle, number: i16) -> Option<(String, String)> {
    let (mut state, mut text, mut length) = ([0u8; 6], [0u8; 600], 0i16);
    let code = unsafe {
        SQLGetDiagRec(
            kind,
            handle,
            number,
            state.as_mut_ptr(),
            null_mut(),
            text.as_mut_ptr(),
            600,
            &mut length,
        )
    };
    if code == SQL_NO_DATA {
        return None;
    }
    assert!(
        [SQL_SUCCESS, SQL_SUCCESS_WITH_INFO].contains(&code),
        "SQLGetDiagRec: {code}"
    );
    let text = &text[..usize::try_from(length).unwrap().min(599)];
    Some((
        String::from_utf8_lossy(&state[..5]).into_owned(),
        String::from_utf8_lossy(text).into_owned(),
    ))
}

/// Asserts that the call failed with this SQLSTATE in record 1.
#[track_caller]
pub fn fails(code: i16, kind: i16, handle: Handle, state: &str) {
    assert_eq!(code, SQL_ERROR);
    let found = record(kind, handle, 1).expect("an error posts a record");
    assert_eq!(found.0, state, "{}", found.1);
    assert!(found.1.starts_with("[okta-odbc] "), "{}", found.1);
}

#[track_caller]
pub fn succeeds(code: i16, kind: i16, handle: Handle) {
    assert!(
        [SQL_SUCCESS, SQL_SUCCESS_WITH_INFO].contains(&code),
        "{code}: {:?}",
        record(kind, handle, 1)
    );
}

impl Application {
    pub fn environment(version: i32) -> Application {
        let env = allocate(SQL_HANDLE_ENV, null_mut());
        let value = version as usize as *mut c_void;
        assert_eq!(
            unsafe { SQLSetEnvAttr(env, SQL_ATTR_ODBC_VERSION, value, 0) },
            SQL_SUCCESS
        );
        Application {
            env,
            dbc: allocate(SQL_HANDLE_DBC, env),
        }
    }

    pub fn connected() -> Application {
        Self::connected_as(SQL_OV_ODBC3)
    }

    pub fn connected_as(version: i32) -> Application {
        let application = Self::environment(version);
        let text = connection_string();
        let code = application.connect(&text);
        succeeds(code, SQL_HANDLE_DBC, application.dbc);
        application
    }

    pub fn connect(&self, text: &str) -> i16 {
        unsafe {
            SQLDriverConnect(
                self.dbc,
                null_mut(),
                text.as_ptr(),
                text.len() as i16,
                null_mut(),
                0,
                null_mut(),
                0,
            )
        }
    }

    pub fn statement(&self) -> Handle {
        allocate(SQL_HANDLE_STMT, self.dbc)
    }

    /// A statement with `sql` executed.
    #[track_caller]
    pub fn query(&self, sql: &str) -> Handle {
        let stmt = self.statement();
        succeeds(exec_direct(stmt, sql), SQL_HANDLE_STMT, stmt);
        stmt
    }
}

pub fn exec_direct(stmt: Handle, sql: &str) -> i16 {
    unsafe { SQLExecDirect(stmt, sql.as_ptr(), sql.len() as i32) }
}

pub fn connection_string() -> String {
    format!("Driver={{Okta ODBC Driver}};Domain={};APIToken={API_TOKEN}", OKTA.url())
}

impl Drop for Application {
    fn drop(&mut self) {
        unsafe {
            SQLDisconnect(self.dbc);
            SQLFreeHandle(SQL_HANDLE_DBC, self.dbc);
            SQLFreeHandle(SQL_HANDLE_ENV, self.env);
        }
    }
}

//! Connecting, connection attributes, SQLGetInfo and the out string, against a stand-in Okta.

use std::ptr::null_mut;

use super::application::*;
use crate::ffi::connect::*;
use crate::ffi::connection_attributes::*;
use crate::ffi::consts::*;
use crate::ffi::environment::SQLGetEnvAttr;
use crate::ffi::fetch::*;
use crate::ffi::info::*;
use crate::ffi::prepare::*;
use crate::ffi::results::*;

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

#[test]
fn the_out_string_is_complete_and_cut_with_01004_in_characters() {
    let text = connection_string();
    let input = units(&text);
    for (capacity, code_wanted) in [(1024i16, SQL_SUCCESS), (20, SQL_SUCCESS_WITH_INFO)] {
        let application = Application::environment(SQL_OV_ODBC3);
        let (mut output, mut length) = ([0u16; 1024], 0i16);
        let code = unsafe {
            SQLDriverConnectW(
                application.dbc,
                null_mut(),
                input.as_ptr(),
                input.len() as i16,
                output.as_mut_ptr(),
                capacity,
                &mut length,
                0,
            )
        };
        assert_eq!(code, code_wanted, "{:?}", record(SQL_HANDLE_DBC, application.dbc, 1));
        let end = output.iter().position(|unit| *unit == 0).unwrap();
        let whole = String::from_utf16_lossy(&output[..end]);
        if code == SQL_SUCCESS {
            assert_eq!(length as usize, end);
            assert!(whole.contains("Driver={Okta ODBC Driver}"), "{whole}");
            assert!(whole.contains("Domain="), "{whole}");
        } else {
            assert_eq!(end, 19);
            assert!(length > 19);
            assert_eq!(record(SQL_HANDLE_DBC, application.dbc, 1).unwrap().0, "01004");
        }
    }
}

/// In SQLWCHARs of so many bytes.
fn encoded(text: &str, width: usize) -> Vec<u8> {
    match width {
        2 => text.encode_utf16().flat_map(u16::to_ne_bytes).collect(),
        _ => text.chars().flat_map(|c| u32::from(c).to_ne_bytes()).collect(),
    }
}

/// iODBC before 3.52.10 has SQLWCHARs of four bytes; where it cannot be told, the keyword says so.
#[test]
fn driver_manager_encoding_says_how_wide_a_wide_character_is() {
    let statement = "SELECT 'ä😀' AS Wörd";
    for (encoding, width) in [("UTF-16", 2), ("UTF-32", 4), ("utf-32", 4)] {
        let application = Application::environment(SQL_OV_ODBC3);
        let code = application.connect(&format!("{};DriverManagerEncoding={encoding}", connection_string()));
        succeeds(code, SQL_HANDLE_DBC, application.dbc);
        let encode = |text: &str| encoded(text, width);
        let stmt = application.statement();
        let sql = encode(statement);
        let code = unsafe { SQLExecDirectW(stmt, sql.as_ptr().cast(), (sql.len() / width) as i32) };
        succeeds(code, SQL_HANDLE_STMT, stmt);

        let (mut name, mut length) = ([0u8; 64], 0i16);
        let code = unsafe {
            SQLDescribeColW(
                stmt,
                1,
                name.as_mut_ptr().cast(),
                (name.len() / width) as i16,
                &mut length,
                null_mut(),
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        succeeds(code, SQL_HANDLE_STMT, stmt);
        assert_eq!(&name[..length as usize * width], encode("Wörd"), "{encoding}");

        assert_eq!(unsafe { SQLFetch(stmt) }, SQL_SUCCESS);
        let (mut cell, mut octets) = ([0u8; 64], 0isize);
        let code = unsafe { SQLGetData(stmt, 1, SQL_C_WCHAR, cell.as_mut_ptr().cast(), 64, &mut octets) };
        succeeds(code, SQL_HANDLE_STMT, stmt);
        assert_eq!(&cell[..octets as usize], encode("ä😀"), "{encoding}");
    }
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("{};DriverManagerEncoding=UTF-8", connection_string()));
    fails(code, SQL_HANDLE_DBC, application.dbc, "HY000");
}

#[test]
fn a_wrong_token_is_28000_and_a_deaf_host_08001() {
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("Domain={};APIToken=wrong", OKTA.url()));
    fails(code, SQL_HANDLE_DBC, application.dbc, "28000");
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let code = application.connect(&format!(
        "Domain=http://127.0.0.1:{port};APIToken=x;Timeout=2;MaxRetries=0"
    ));
    fails(code, SQL_HANDLE_DBC, application.dbc, "08001");
    fails(
        application.connect("APIToken=x"),
        SQL_HANDLE_DBC,
        application.dbc,
        "HY000",
    );
    let code = application.connect(&connection_string());
    succeeds(code, SQL_HANDLE_DBC, application.dbc);
    fails(
        application.connect(&connection_string()),
        SQL_HANDLE_DBC,
        application.dbc,
        "08002",
    );
}

#[test]
fn an_unknown_keyword_is_a_warning() {
    let application = Application::environment(SQL_OV_ODBC3);
    let code = application.connect(&format!("{};Domian=x", connection_string()));
    assert_eq!(code, SQL_SUCCESS_WITH_INFO);
    let (state, text) = record(SQL_HANDLE_DBC, application.dbc, 1).unwrap();
    assert_eq!(state, "01S00");
    assert!(text.contains("Domain"), "{text}");
}

#[test]
fn connection_attributes_read_back_and_are_accepted_before_and_after_connecting() {
    let application = Application::environment(SQL_OV_ODBC3);
    let set = |id, value: usize| unsafe { SQLSetConnectAttr(application.dbc, id, value as Handle, 0) };
    let get = |id| {
        let (mut value, mut length) = (0u32, 0i32);
        let code = unsafe { SQLGetConnectAttr(application.dbc, id, (&raw mut value).cast(), 0, &mut length) };
        assert_eq!((code, length), (SQL_SUCCESS, 4), "{id}");
        value
    };
    assert_eq!(set(SQL_ATTR_LOGIN_TIMEOUT, 15), SQL_SUCCESS);
    assert_eq!(set(SQL_ATTR_JET, 1), SQL_SUCCESS);
    assert_eq!(get(SQL_ATTR_CONNECTION_DEAD), 1);
    succeeds(
        application.connect(&connection_string()),
        SQL_HANDLE_DBC,
        application.dbc,
    );
    assert_eq!(get(SQL_ATTR_CONNECTION_DEAD), 0);
    assert_eq!(get(SQL_ATTR_LOGIN_TIMEOUT), 15);
    // An SQLUINTEGER here, though an SQLULEN of a statement: eight bytes would write over what is beside it.
    assert_eq!(get(SQL_ATTR_METADATA_ID), 0);
    for (id, value) in [
        (SQL_ATTR_AUTOCOMMIT, 0),
        (SQL_ATTR_ACCESS_MODE, 1),
        (SQL_ATTR_CONNECTION_TIMEOUT, 9),
        (SQL_ATTR_TXN_ISOLATION, 8),
    ] {
        assert_eq!(set(id, value), SQL_SUCCESS, "{id}");
        assert_eq!(get(id), value as u32, "{id}");
    }
    for id in [SQL_ATTR_JET, SQL_ATTR_QUIET_MODE, SQL_ATTR_APPLICATION_NAME] {
        assert_eq!(set(id, 0), SQL_SUCCESS, "{id}");
    }
    // Otherwise driver managers would keep two pools.
    fails(set(SQL_ATTR_ANSI_APP, 1), SQL_HANDLE_DBC, application.dbc, "HYC00");
    fails(set(4711, 1), SQL_HANDLE_DBC, application.dbc, "HY092");
    fails(set(SQL_ATTR_AUTOCOMMIT, 5), SQL_HANDLE_DBC, application.dbc, "HY024");
    fails(
        set(SQL_ATTR_CONNECTION_DEAD, 1),
        SQL_HANDLE_DBC,
        application.dbc,
        "HY092",
    );
    assert_eq!(
        unsafe { SQLEndTran(SQL_HANDLE_DBC, application.dbc, SQL_ROLLBACK) },
        SQL_SUCCESS
    );
    assert_eq!(
        unsafe { SQLEndTran(SQL_HANDLE_ENV, application.env, SQL_COMMIT) },
        SQL_SUCCESS
    );
    assert_eq!(set(SQL_ATTR_RESET_CONNECTION, 1), SQL_SUCCESS);
    assert_eq!(get(SQL_ATTR_AUTOCOMMIT), 1);
}

#[test]
fn the_current_catalog_is_measured_with_a_null_buffer_as_excel_does() {
    let application = Application::connected();
    let mut length = 0i32;
    let code = unsafe { SQLGetConnectAttrW(application.dbc, SQL_ATTR_CURRENT_CATALOG, null_mut(), 0, &mut length) };
    assert_eq!((code, length), (SQL_SUCCESS, 8));
    let mut name = [0u16; 5];
    let code = unsafe {
        SQLGetConnectAttrW(
            application.dbc,
            SQL_ATTR_CURRENT_CATALOG,
            name.as_mut_ptr().cast(),
            10,
            &mut length,
        )
    };
    assert_eq!(
        (code, String::from_utf16_lossy(&name[..4]).as_str()),
        (SQL_SUCCESS, "Okta")
    );
}

#[test]
fn sqlnativesql_resolves_escapes_and_leaves_what_it_cannot_read() {
    let application = Application::connected();
    for (text, native) in [
        ("SELECT {d '2026-01-15'}", "SELECT CAST('2026-01-15' AS DATE)"),
        ("{?=CALL f(?)}", "EXEC ? = f ?"),
        ("SELECT {d", "SELECT {d"),
    ] {
        let (mut output, mut length) = ([0u8; 64], 0i32);
        let code = unsafe {
            SQLNativeSql(
                application.dbc,
                text.as_ptr(),
                text.len() as i32,
                output.as_mut_ptr(),
                64,
                &mut length,
            )
        };
        assert_eq!((code, &output[..length as usize]), (SQL_SUCCESS, native.as_bytes()));
    }
}

#[test]
fn iodbc_may_ask_for_four_byte_characters() {
    let application = Application::connected();
    let set = |width: usize| unsafe { SQLSetConnectAttr(application.dbc, SQL_ATTR_APP_WCHAR_TYPE, width as Handle, 0) };
    assert_eq!(set(SQL_DM_CP_UCS4), SQL_SUCCESS);
    let (mut output, mut length) = ([0u32; 8], 0i32);
    let input: Vec<u32> = "a😀".chars().map(u32::from).collect();
    let code = unsafe {
        SQLNativeSqlW(
            application.dbc,
            input.as_ptr().cast(),
            2,
            output.as_mut_ptr().cast(),
            8,
            &mut length,
        )
    };
    assert_eq!((code, length, &output[..3]), (SQL_SUCCESS, 2, &[97, 0x1F600, 0][..]));
    fails(set(SQL_DM_CP_UTF8), SQL_HANDLE_DBC, application.dbc, "HY024");
    let get = || {
        let (mut width, mut length) = (0u32, 0i32);
        let at = (&raw mut width).cast();
        let code = unsafe { SQLGetConnectAttr(application.dbc, SQL_ATTR_APP_WCHAR_TYPE, at, 4, &mut length) };
        assert_eq!((code, length), (SQL_SUCCESS, 4));
        width as usize
    };
    assert_eq!(get(), SQL_DM_CP_UCS4);
    assert_eq!(set(SQL_DM_CP_UTF16), SQL_SUCCESS);
    assert_eq!(get(), SQL_DM_CP_UTF16);
    let _statement = application.statement();
    fails(set(SQL_DM_CP_UCS4), SQL_HANDLE_DBC, application.dbc, "HY011");
}

/// iODBC from 3.52.14 on: it asks for the driver's width, says the program's, then connects with texts of that width.
#[test]
fn a_newer_iodbc_settles_the_width_before_it_connects() {
    for (kind, width) in [(SQL_DM_CP_UCS4, 4), (SQL_DM_CP_UTF16, 2)] {
        let application = Application::environment(SQL_OV_ODBC3);
        let (mut own, mut length) = (0u32, 0i32);
        let at = (&raw mut own).cast();
        let code = unsafe { SQLGetEnvAttr(application.env, SQL_ATTR_DRIVER_UNICODE_TYPE, at, 4, &mut length) };
        assert_eq!((code, own as usize), (SQL_SUCCESS, SQL_DM_CP_UTF16));
        let code = unsafe { SQLSetConnectAttr(application.dbc, SQL_ATTR_APP_WCHAR_TYPE, kind as Handle, 0) };
        assert_eq!(code, SQL_SUCCESS);
        let encode = |text: &str| encoded(text, width);
        let text = encode(&connection_string());
        let (at, units) = (text.as_ptr().cast(), (text.len() / width) as i16);
        let (mut output, mut length) = ([0u8; 4096], 0i16);
        let to = output.as_mut_ptr().cast();
        let code = unsafe { SQLDriverConnectW(application.dbc, null_mut(), at, units, to, 1000, &mut length, 0) };
        succeeds(code, SQL_HANDLE_DBC, application.dbc);
        let driver = encode("Okta ODBC Driver");
        let written = &output[..length as usize * width];
        assert!(written.windows(driver.len()).any(|part| part == driver), "{kind}");
        let stmt = application.statement();
        let sql = encode("SELECT 'ä😀'");
        let code = unsafe { SQLExecDirectW(stmt, sql.as_ptr().cast(), (sql.len() / width) as i32) };
        succeeds(code, SQL_HANDLE_STMT, stmt);
        assert_eq!(unsafe { SQLFetch(stmt) }, SQL_SUCCESS);
        let (mut cell, mut octets) = ([0u8; 64], 0isize);
        let code = unsafe { SQLGetData(stmt, 1, SQL_C_WCHAR, cell.as_mut_ptr().cast(), 64, &mut octets) };
        succeeds(code, SQL_HANDLE_STMT, stmt);
        assert_eq!(&cell[..octets as usize], encode("ä😀"), "{kind}");
    }
}

#[test]
fn numbers_from_sqlgetinfo_set_their_length_and_unknown_ids_are_hy096() {
    let application = Application::connected();
    let (mut value, mut length) = (0u32, 0i16);
    let get = |id: u16, value: *mut u32, length: *mut i16| unsafe {
        SQLGetInfo(application.dbc, id, value.cast(), 4, length)
    };
    assert_eq!(get(9, &mut value, &mut length), SQL_SUCCESS);
    assert_eq!((value as u16 >= 1, length), (true, 2));
    assert_eq!(get(169, &mut value, &mut length), SQL_SUCCESS);
    assert_eq!(length, 4);
    fails(
        get(60000, &mut value, &mut length),
        SQL_HANDLE_DBC,
        application.dbc,
        "HY096",
    );
    let mut name = [0u16; 40];
    let code = unsafe { SQLGetInfoW(application.dbc, 17, name.as_mut_ptr().cast(), 80, &mut length) };
    assert_eq!((code, length), (SQL_SUCCESS, 8), "in bytes");
    assert_eq!(String::from_utf16_lossy(&name[..4]), "Okta");
    // A buffer too short for the name and its terminator.
    let code = unsafe { SQLGetInfoW(application.dbc, 17, name.as_mut_ptr().cast(), 4, &mut length) };
    assert_eq!((code, length, name[1]), (SQL_SUCCESS_WITH_INFO, 8, 0));
}

/// "SQLBrowseConnect": each call answers with the next attribute that is missing, the last with the whole string.
#[test]
fn browsing_asks_for_the_domain_then_the_token_and_connects() {
    let application = Application::environment(SQL_OV_ODBC3);
    let browse = |text: &str| {
        let (mut output, mut length) = ([0u8; 500], 0i16);
        let code = unsafe {
            SQLBrowseConnect(
                application.dbc,
                text.as_ptr(),
                text.len() as i16,
                output.as_mut_ptr(),
                500,
                &mut length,
            )
        };
        let whole = String::from_utf8_lossy(&output[..length as usize]).into_owned();
        (code, whole)
    };
    // What is needed, and what may be given too.
    const SCHEMES: &str = ";*AuthScheme:Way to log in={APIToken,OAuth,OAuthJWT,DeviceCode,AccessToken}";
    const PROXY: &str = ";*ProxyServer:Proxy server=?";
    assert_eq!(
        browse("DRIVER={Okta ODBC Driver}"),
        (SQL_NEED_DATA, format!("Domain:Okta domain=?{SCHEMES}{PROXY}"))
    );
    let domain = format!("Domain={};", OKTA.url());
    assert_eq!(
        browse(&domain),
        (SQL_NEED_DATA, format!("APIToken:API token=?{SCHEMES}{PROXY}"))
    );
    // Another way to log in wants other keywords.
    for (given, asked) in [
        ("AuthScheme=OAuthJWT", "OAuthClientId:Client ID=?"),
        ("OAuthClientId=0oa1", "OAuthJWTCert:Private key=?"),
    ] {
        assert_eq!(browse(given), (SQL_NEED_DATA, format!("{asked}{PROXY}")), "{given}");
    }
    // Giving up.
    assert_eq!(unsafe { SQLDisconnect(application.dbc) }, SQL_SUCCESS);
    fails(
        unsafe { SQLDisconnect(application.dbc) },
        SQL_HANDLE_DBC,
        application.dbc,
        "08003",
    );
    assert_eq!(browse(&domain).0, SQL_NEED_DATA, "from the start again");
    // A failed login ends the browsing too.
    fails(browse("APIToken=wrong").0, SQL_HANDLE_DBC, application.dbc, "28000");
    assert_eq!(
        browse("APIToken=sim-token").1,
        format!("Domain:Okta domain=?{SCHEMES}{PROXY}")
    );
    let (code, whole) = browse(&domain);
    assert_eq!(code, SQL_SUCCESS, "the token was given before");
    assert!(
        whole.contains("APIToken=sim-token") && whole.contains("Domain="),
        "{whole}"
    );
    let stmt = application.query("SELECT 1");
    assert_eq!(unsafe { SQLFetch(stmt) }, SQL_SUCCESS);
    fails(browse("").0, SQL_HANDLE_DBC, application.dbc, "08002");
}

/// "SQL_ATTR_RESET_CONNECTION" has one value, and SQL_ATTR_METADATA_ID leaves no name out.
#[test]
fn a_reset_forgets_what_the_last_user_of_a_pooled_connection_set() {
    let application = Application::connected();
    let set = |id, value: usize| unsafe { SQLSetConnectAttr(application.dbc, id, value as Handle, 0) };
    fails(
        set(SQL_ATTR_RESET_CONNECTION, 0),
        SQL_HANDLE_DBC,
        application.dbc,
        "HY024",
    );
    assert_eq!(set(SQL_ATTR_METADATA_ID, 1), SQL_SUCCESS);
    let stmt = application.statement();
    let none = std::ptr::null();
    let tables = |stmt, catalog, schema, table, types| unsafe {
        crate::ffi::catalog::SQLTables(stmt, catalog, -3, schema, -3, table, -3, types, -3)
    };
    let [catalog, schema, table] = [c"Okta", c"DBO", c"users"].map(|name| name.as_ptr().cast::<u8>());
    for names in [[none, schema, table], [catalog, none, table], [catalog, schema, none]] {
        let code = tables(stmt, names[0], names[1], names[2], none);
        fails(code, SQL_HANDLE_STMT, stmt, "HY009");
    }
    assert_eq!(tables(stmt, catalog, schema, table, none), SQL_SUCCESS);
    assert_eq!(
        unsafe { SQLFetch(stmt) },
        SQL_SUCCESS,
        "identifiers are matched without case"
    );
    assert_eq!(set(SQL_ATTR_RESET_CONNECTION, 1), SQL_SUCCESS);
    let fresh = application.statement();
    assert_eq!(tables(fresh, none, none, none, none), SQL_SUCCESS);
}

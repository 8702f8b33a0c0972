//! Connecting and disconnecting, transactions, SQLNativeSql.

use std::time::Duration;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::{self, Form, Text};
use super::{allocate, guard, memory};
use crate::connection::keywords::{self, Kind};
use crate::connection::string::Attribute;
use crate::connection::{self, Session, Settings, Warning};
use crate::convert::WideChar;
use crate::diag::{Record, SqlState};
use crate::handles::{Connection, Family};
use crate::sql;
use crate::statement::{Done, Outcome};

/// Opens the session with `settings`, posts their warnings.
fn open(family: &Family, connection: &mut Connection, settings: Settings, warnings: Vec<Warning>) -> Outcome {
    let login_timeout = match connection.attributes.login_timeout {
        0 => None,
        seconds => Some(Duration::from_secs(seconds as u64)),
    };
    connection.log = settings.log().clone();
    // For the application's next texts: those of this call were read already.
    match settings.driver_manager_encoding.as_str() {
        "" => {}
        name if name.eq_ignore_ascii_case("UTF-32") => connection.wide = WideChar::Utf32,
        _ => connection.wide = WideChar::Utf16,
    }
    let running = family.cancel.begin();
    let runtime = family.environment.runtime.clone();
    let known = settings.clone();
    let connected = Session::connect(settings, runtime, &running.cancel, login_timeout);
    let (session, more) = connected.map_err(|error| Record::from(error).redacted(|text| known.redact(text)))?;
    for warning in warnings.into_iter().chain(more) {
        connection.diag.post(warning.into());
    }
    connection.session = Some(session);
    connection.apply_keywords();
    Ok(Done::Success)
}

/// Takes the SQLWCHAR that the texts show, unless the driver manager has said it (SQL_ATTR_APP_WCHAR_TYPE).
fn learn_width(connection: &mut Connection, texts: &[Text]) {
    if !connection.wide_is_said {
        connection.wide = text::shown(texts).unwrap_or(connection.wide);
    }
}

fn not_connected(connection: &Connection) -> Result<(), Record> {
    match connection.session {
        Some(_) => Err(Record::new(
            SqlState::CONNECTION_IN_USE,
            "The connection is already open",
        )),
        None => Ok(()),
    }
}

fn connect(dbc: Handle, dsn: Text, uid: Text, pwd: Text) -> i16 {
    guard::dbc("SQLConnect", dbc, |family, connection| {
        not_connected(connection)?;
        learn_width(connection, &[dsn, uid, pwd]);
        let read = |text: Text| text.read(connection.wide).map(Option::unwrap_or_default);
        let (settings, warnings) = Settings::from_dsn(&read(dsn)?, &read(uid)?, &read(pwd)?)?;
        open(family, connection, settings, warnings)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLConnect(
    dbc: Handle,
    dsn: *const u8,
    dsn_length: i16,
    uid: *const u8,
    uid_length: i16,
    pwd: *const u8,
    pwd_length: i16,
) -> i16 {
    connect(
        dbc,
        Text::narrow(dsn, dsn_length),
        Text::narrow(uid, uid_length),
        Text::narrow(pwd, pwd_length),
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLConnectW(
    dbc: Handle,
    dsn: *const u16,
    dsn_length: i16,
    uid: *const u16,
    uid_length: i16,
    pwd: *const u16,
    pwd_length: i16,
) -> i16 {
    connect(
        dbc,
        Text::wide(dsn, dsn_length),
        Text::wide(uid, uid_length),
        Text::wide(pwd, pwd_length),
    )
}

fn not_negative(output: OutText) -> Result<(), Record> {
    match output.capacity {
        0.. => Ok(()),
        _ => Err(Record::new(
            SqlState::INVALID_LENGTH,
            "The length of the out string's buffer is negative",
        )),
    }
}

fn driver_connect(dbc: Handle, input: Text, output: OutText, length: *mut i16, completion: u16) -> i16 {
    let length = length as usize;
    guard::dbc("SQLDriverConnect", dbc, |family, connection| {
        not_connected(connection)?;
        if completion > SQL_DRIVER_COMPLETE_REQUIRED {
            return Err(Record::new(
                SqlState::INVALID_COMPLETION,
                format!("{completion} is no DriverCompletion"),
            ));
        }
        not_negative(output)?;
        learn_width(connection, &[input]);
        let text = input.required(connection.wide)?;
        let (settings, warnings) = match Settings::from_string(&text) {
            // Asked for what is missing, the driver has no dialog to ask with.
            Err(error @ connection::Error::Missing { .. }) if completion != SQL_DRIVER_NOPROMPT => {
                let text = format!("{error}. The driver has no dialog that asks for it");
                return Err(Record::new(SqlState::DIALOG_FAILED, text));
            }
            settings => settings?,
        };
        complete(family, connection, settings, warnings, output, length)
    })
}

/// Opens the session and answers with the whole connection string.
fn complete(
    family: &Family,
    connection: &mut Connection,
    settings: Settings,
    warnings: Vec<Warning>,
    output: OutText,
    length: usize,
) -> Outcome {
    let whole = settings.out_string();
    let done = open(family, connection, settings, warnings)?;
    let full = output.write_or_warn(&whole, connection.wide, &mut connection.diag)?;
    memory::write(length, out::short(full));
    Ok(done)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDriverConnect(
    dbc: Handle,
    _window: Handle,
    input: *const u8,
    input_length: i16,
    output: *mut u8,
    capacity: i16,
    length: *mut i16,
    completion: u16,
) -> i16 {
    let output = OutText::new(Form::Narrow, Measure::Characters, output, capacity);
    driver_connect(dbc, Text::narrow(input, input_length), output, length, completion)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDriverConnectW(
    dbc: Handle,
    _window: Handle,
    input: *const u16,
    input_length: i16,
    output: *mut u16,
    capacity: i16,
    length: *mut i16,
    completion: u16,
) -> i16 {
    let output = OutText::new(Form::Wide, Measure::Characters, output, capacity);
    driver_connect(dbc, Text::wide(input, input_length), output, length, completion)
}

/// What a dialog would call the keywords that a connection cannot do without.
const PROMPTS: &[(&str, &str)] = &[
    ("Domain", "Okta domain"),
    ("APIToken", "API token"),
    ("OAuthClientId", "Client ID"),
    ("OAuthJWTCert", "Private key"),
    ("OAuthAccessToken", "Access token"),
];

/// What may be given besides, as long as it has not been.
const OPTIONAL: &[(&str, &str)] = &[("AuthScheme", "Way to log in"), ("ProxyServer", "Proxy server")];

/// The browse result string: the keyword that is missing, then those that may be, marked `*`.
fn asked(missing: &str, given: &str) -> String {
    let prompt = PROMPTS.iter().find(|(name, _)| *name == missing);
    let mut asked = match prompt {
        Some((_, prompt)) => format!("{missing}:{prompt}=?"),
        None => format!("{missing}=?"),
    };
    let given = connection::string::parse(given).unwrap_or_default();
    for (name, prompt) in OPTIONAL {
        let Some(keyword) = keywords::find(name) else {
            continue;
        };
        let is_it = |attribute: &Attribute| keywords::find(&attribute.name).is_some_and(|of| of.name == *name);
        if given.iter().any(is_it) {
            continue;
        }
        let values = match keyword.kind {
            Kind::Choice(values) => format!("{{{}}}", values.join(",")),
            _ => "?".to_owned(),
        };
        asked.push_str(&format!(";*{name}:{prompt}={values}"));
    }
    asked
}

/// Each call names the next keyword that is missing, until none is.
fn browse_connect(dbc: Handle, input: Text, output: OutText, length: *mut i16) -> i16 {
    let length = length as usize;
    guard::dbc("SQLBrowseConnect", dbc, |family, connection| {
        not_connected(connection)?;
        // An error ends the browsing, so nothing is kept until more is asked for.
        let before = connection.browsing.take();
        not_negative(output)?;
        learn_width(connection, &[input]);
        let text = input.required(connection.wide)?;
        // Of a keyword that is repeated the first value counts.
        let given = match before {
            Some(before) => format!("{};{text}", before.trim_end_matches(';')),
            None => text,
        };
        match Settings::from_string(&given) {
            Ok((settings, warnings)) => complete(family, connection, settings, warnings, output, length),
            Err(connection::Error::Missing { keyword, .. }) => {
                let asked = asked(keyword, &given);
                connection.browsing = Some(given);
                let full = output.write_or_warn(&asked, connection.wide, &mut connection.diag)?;
                memory::write(length, out::short(full));
                Ok(Done::NeedData)
            }
            Err(error) => Err(error.into()),
        }
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBrowseConnect(
    dbc: Handle,
    input: *const u8,
    input_length: i16,
    output: *mut u8,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let output = OutText::new(Form::Narrow, Measure::Characters, output, capacity);
    browse_connect(dbc, Text::narrow(input, input_length), output, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLBrowseConnectW(
    dbc: Handle,
    input: *const u16,
    input_length: i16,
    output: *mut u16,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    let output = OutText::new(Form::Wide, Measure::Characters, output, capacity);
    browse_connect(dbc, Text::wide(input, input_length), output, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLDisconnect(dbc: Handle) -> i16 {
    guard::dbc("SQLDisconnect", dbc, |_, connection| {
        if connection.browsing.take().is_some() {
            return Ok(Done::Success);
        }
        if connection.session.is_none() {
            return Err(Record::new(SqlState::CONNECTION_NOT_OPEN, "The connection is not open"));
        }
        allocate::release_all(connection);
        connection.session = None;
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLEndTran(handle_type: i16, handle: Handle, completion: i16) -> i16 {
    // Nothing is ever pending, so every commit and every rollback has already succeeded.
    let check = || match completion {
        SQL_COMMIT | SQL_ROLLBACK => Ok(Done::Success),
        _ => Err(Record::new(
            SqlState::INVALID_TRANSACTION_OPERATION,
            "Neither SQL_COMMIT nor SQL_ROLLBACK",
        )),
    };
    match handle_type {
        SQL_HANDLE_ENV => guard::env(handle, |_, _| check()),
        SQL_HANDLE_DBC => guard::dbc("SQLEndTran", handle, |_, connection| match connection.session {
            Some(_) => check(),
            None => Err(Record::new(SqlState::CONNECTION_NOT_OPEN, "The connection is not open")),
        }),
        _ => guard::refuse(
            "SQLEndTran",
            handle,
            Record::new(
                SqlState::INVALID_ATTRIBUTE,
                "Transactions belong to connections and environments",
            ),
        ),
    }
}

fn native_sql(dbc: Handle, input: Text, output: OutText, length: *mut i32) -> i16 {
    let length = length as usize;
    guard::dbc("SQLNativeSql", dbc, |_, connection| {
        if connection.session.is_none() {
            return Err(Record::new(SqlState::CONNECTION_NOT_OPEN, "The connection is not open"));
        }
        let text = input.required(connection.wide)?;
        // What cannot be read is told when it is executed: "SQLNativeSql does not execute the statement", nor checks it.
        let text = sql::native(&text).unwrap_or(text);
        let full = output.write_or_warn(&text, connection.wide, &mut connection.diag)?;
        memory::write(length, out::int(full));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLNativeSql(
    dbc: Handle,
    input: *const u8,
    input_length: i32,
    output: *mut u8,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    let output = OutText::new(Form::Narrow, Measure::Characters, output, capacity);
    native_sql(dbc, Text::narrow(input, input_length), output, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLNativeSqlW(
    dbc: Handle,
    input: *const u16,
    input_length: i32,
    output: *mut u16,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    let output = OutText::new(Form::Wide, Measure::Characters, output, capacity);
    native_sql(dbc, Text::wide(input, input_length), output, length)
}

//! A connection and its family: everything that one lock guards.

use std::sync::Arc;

use super::{CancelSlot, Environment, Slab};
use crate::catalog::CATALOG_NAME;
use crate::connection::Session;
use crate::convert::WideChar;
use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::fork::ForkMutex;
use crate::log::Log;
use crate::statement::{self, Descriptor, Statement};

/// One connection with its statements and descriptors, behind one lock. What must be reached while a call runs stands
/// outside it.
pub struct Family {
    pub environment: Arc<Environment>,
    pub cancel: CancelSlot,
    pub connection: ForkMutex<Connection>,
}

pub struct Connection {
    pub diag: Diagnostics,
    /// None until connected.
    pub session: Option<Session>,
    /// What SQLBrowseConnect has been given so far; None unless it has asked for more.
    pub browsing: Option<String>,
    /// Of the last connect, whether it came about or not.
    pub log: Log,
    pub wide: WideChar,
    /// By the driver manager, so that nothing has to be guessed from texts.
    pub wide_is_said: bool,
    pub attributes: Attributes,
    pub statement_defaults: statement::Attributes,
    pub statements: Slab<Statement>,
    pub descriptors: Slab<Descriptor>,
}

/// Connection attributes. The ones without an effect are kept, so that they read back as they were set.
#[derive(Debug, Clone)]
pub struct Attributes {
    pub access_mode: usize,
    pub autocommit: usize,
    /// Seconds; 0 waits as long as `Timeout` allows.
    pub login_timeout: usize,
    pub connection_timeout: usize,
    pub txn_isolation: usize,
    pub odbc_cursors: usize,
    pub packet_size: usize,
    pub quiet_mode: usize,
    pub trace: usize,
    pub trace_file: String,
    pub translate_option: usize,
}

impl Default for Attributes {
    fn default() -> Self {
        Attributes {
            access_mode: SQL_MODE_READ_WRITE,
            autocommit: SQL_AUTOCOMMIT_ON,
            login_timeout: 0,
            connection_timeout: 0,
            txn_isolation: SQL_TXN_READ_COMMITTED,
            odbc_cursors: SQL_CUR_USE_DRIVER,
            packet_size: 0,
            quiet_mode: 0,
            trace: 0,
            trace_file: String::new(),
            translate_option: 0,
        }
    }
}

/// The value of a connection attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(u32),
    /// As wide as a pointer: SQL_ATTR_QUIET_MODE and statement attributes.
    Long(usize),
    Text(String),
}

impl Family {
    pub fn new(environment: Arc<Environment>, wide: WideChar) -> Arc<Family> {
        Arc::new(Family {
            environment,
            cancel: CancelSlot::default(),
            connection: ForkMutex::new(Connection {
                diag: Diagnostics::default(),
                session: None,
                browsing: None,
                log: Log::off(),
                wide,
                wide_is_said: false,
                attributes: Attributes::default(),
                statement_defaults: statement::Attributes::default(),
                statements: Slab::default(),
                descriptors: Slab::default(),
            }),
        })
    }
}

impl Connection {
    pub fn get(&self, id: i32) -> Result<Value, Record> {
        let a = &self.attributes;
        Ok(match id {
            SQL_ATTR_ACCESS_MODE => Value::Number(a.access_mode as u32),
            SQL_ATTR_AUTOCOMMIT => Value::Number(a.autocommit as u32),
            SQL_ATTR_LOGIN_TIMEOUT => Value::Number(a.login_timeout as u32),
            SQL_ATTR_CONNECTION_TIMEOUT => Value::Number(a.connection_timeout as u32),
            SQL_ATTR_TXN_ISOLATION => Value::Number(a.txn_isolation as u32),
            SQL_ATTR_ODBC_CURSORS => Value::Long(a.odbc_cursors),
            SQL_ATTR_PACKET_SIZE => Value::Number(a.packet_size as u32),
            SQL_ATTR_QUIET_MODE => Value::Long(a.quiet_mode),
            SQL_ATTR_TRACE => Value::Number(a.trace as u32),
            SQL_ATTR_TRACEFILE => Value::Text(a.trace_file.clone()),
            SQL_ATTR_TRANSLATE_LIB => Value::Text(String::new()),
            SQL_ATTR_TRANSLATE_OPTION => Value::Number(a.translate_option as u32),
            SQL_ATTR_CURRENT_CATALOG => Value::Text(CATALOG_NAME.to_owned()),
            // Nothing is asked for it ("SQL_ATTR_CONNECTION_DEAD" is for pools, which look at it at every connect): it tells
            // what the last request found.
            SQL_ATTR_CONNECTION_DEAD => Value::Number(match &self.session {
                Some(session) if !session.is_lost() => SQL_CD_FALSE,
                _ => SQL_CD_TRUE,
            } as u32),
            // The IPD is filled after SQLPrepare where SQL_ATTR_ENABLE_AUTO_IPD asks for it.
            SQL_ATTR_AUTO_IPD => Value::Number(1),
            SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE | SQL_ATTR_DISCONNECT_BEHAVIOR => Value::Number(0),
            SQL_ATTR_APP_WCHAR_TYPE => Value::Number(match self.wide {
                WideChar::Utf16 => SQL_DM_CP_UTF16,
                WideChar::Utf32 => SQL_DM_CP_UCS4,
            } as u32),
            // Half as wide as the statement attribute of the same name ("SQLSetConnectAttr").
            SQL_ATTR_METADATA_ID => Value::Number(self.statement_defaults.metadata_id as u32),
            _ => match self.statement_defaults.get(id) {
                Some(value) => Value::Long(value),
                None => return Err(unknown(id)),
            },
        })
    }

    pub fn set(&mut self, id: i32, value: usize) -> Result<(), Record> {
        let allowed = |values: &[usize], what: &str| {
            if values.contains(&(value as u32 as usize)) {
                return Ok(value as u32 as usize);
            }
            Err(Record::new(
                SqlState::INVALID_ATTRIBUTE_VALUE,
                format!("{value} is no value of {what}"),
            ))
        };
        let a = &mut self.attributes;
        match id {
            SQL_ATTR_ACCESS_MODE => {
                a.access_mode = allowed(&[SQL_MODE_READ_WRITE, SQL_MODE_READ_ONLY], "SQL_ATTR_ACCESS_MODE")?;
            }
            SQL_ATTR_AUTOCOMMIT => {
                a.autocommit = allowed(&[SQL_AUTOCOMMIT_OFF, SQL_AUTOCOMMIT_ON], "SQL_ATTR_AUTOCOMMIT")?;
            }
            SQL_ATTR_TXN_ISOLATION => a.txn_isolation = allowed(&[1, 2, 4, 8, 32], "SQL_ATTR_TXN_ISOLATION")?,
            SQL_ATTR_LOGIN_TIMEOUT => a.login_timeout = value as u32 as usize,
            SQL_ATTR_CONNECTION_TIMEOUT => a.connection_timeout = value as u32 as usize,
            SQL_ATTR_ODBC_CURSORS => a.odbc_cursors = value,
            SQL_ATTR_PACKET_SIZE if self.session.is_some() => {
                return Err(Record::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    "The connection is open",
                ));
            }
            SQL_ATTR_PACKET_SIZE => a.packet_size = value as u32 as usize,
            SQL_ATTR_QUIET_MODE => a.quiet_mode = value,
            SQL_ATTR_TRACE => a.trace = value as u32 as usize,
            SQL_ATTR_TRANSLATE_OPTION => a.translate_option = value as u32 as usize,
            SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE => {
                if value != 0 {
                    return Err(Record::new(
                        SqlState::NOT_IMPLEMENTED,
                        "Connecting is not asynchronous; SQL_ATTR_LOGIN_TIMEOUT bounds it",
                    ));
                }
            }
            SQL_ATTR_CONNECTION_DEAD | SQL_ATTR_AUTO_IPD => {
                return Err(Record::new(
                    SqlState::INVALID_ATTRIBUTE,
                    format!("Attribute {id} can only be read"),
                ));
            }
            SQL_ATTR_RESET_CONNECTION => {
                allowed(&[SQL_RESET_CONNECTION_YES], "SQL_ATTR_RESET_CONNECTION")?;
                self.reset();
            }
            // Statements hold the texts of calls that go on when they have returned.
            SQL_ATTR_APP_WCHAR_TYPE if !self.statements.is_empty() => {
                return Err(Record::new(
                    SqlState::ATTRIBUTE_CANNOT_BE_SET_NOW,
                    "The connection has statements",
                ));
            }
            SQL_ATTR_APP_WCHAR_TYPE => {
                self.wide = match value {
                    SQL_DM_CP_UTF16 => WideChar::Utf16,
                    SQL_DM_CP_UCS4 => WideChar::Utf32,
                    _ => {
                        return Err(Record::new(
                            SqlState::INVALID_ATTRIBUTE_VALUE,
                            "SQLWCHAR is UTF-16 or UCS-4",
                        ));
                    }
                };
                self.wide_is_said = true;
            }
            // "SQL_ATTR_ANSI_APP": an error says that ANSI and Unicode applications see the same, and may share a pool.
            SQL_ATTR_ANSI_APP => {
                return Err(Record::new(
                    SqlState::NOT_IMPLEMENTED,
                    "ANSI and Unicode applications are served alike",
                ));
            }
            SQL_ATTR_JET | SQL_ATTR_DISCONNECT_BEHAVIOR | SQL_ATTR_APPLICATION_NAME => {}
            _ => match self.statement_defaults.set(id, value, &mut self.diag) {
                Some(result) => {
                    result?;
                    for (_, statement) in self.statements.iter_mut() {
                        let _applies = statement.set(id, value, Some(&mut self.diag));
                    }
                }
                None => return Err(unknown(id)),
            },
        }
        Ok(())
    }

    /// SQL_ATTR_RESET_CONNECTION: back to what a fresh connection has, for the next user of a pool.
    fn reset(&mut self) {
        self.attributes = Attributes {
            login_timeout: self.attributes.login_timeout,
            ..Attributes::default()
        };
        self.statement_defaults = self.session.as_ref().map(defaults).unwrap_or_default();
    }

    /// The keywords' initial statement attributes, unless the application has set its own.
    pub fn apply_keywords(&mut self) {
        if let Some(session) = &self.session {
            let keywords = defaults(session);
            let own = &mut self.statement_defaults;
            if own.query_timeout == 0 {
                own.query_timeout = keywords.query_timeout;
            }
            if own.max_rows == 0 {
                own.max_rows = keywords.max_rows;
            }
        }
    }
}

fn defaults(session: &Session) -> statement::Attributes {
    statement::Attributes {
        query_timeout: session.settings().query_timeout,
        max_rows: session.settings().max_rows,
        ..statement::Attributes::default()
    }
}

fn unknown(id: i32) -> Record {
    Record::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("{id} is no connection attribute of this driver"),
    )
}

//! The one guard around every call: lock, clear diagnostics, check the state, catch panics, post the record, answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::consts::*;
use super::steady::Work;
use crate::connection::Session;
use crate::convert::WideChar;
use crate::diag::{Diagnostics, Record, SqlState};
use crate::handles::{self, Connection, Entry, Environment, EnvironmentState, Family, Slab};
use crate::log::{Level, Log};
use crate::statement::state::{self, Call};
use crate::statement::{Descriptor, Done, Outcome, Scope, State, Statement};

fn caught<T>(body: impl FnOnce() -> Result<T, Record>) -> Result<T, Record> {
    let body = AssertUnwindSafe(|| {
        #[cfg(test)]
        panic_hook::fire();
        body()
    });
    catch_unwind(body).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        // A payload whose drop panics would still cross the edge.
        std::mem::forget(panic);
        Err(Record::new(
            SqlState::GENERAL_ERROR,
            format!("Internal error, please report it: {text}"),
        ))
    })
}

/// Turns an outcome into a return code, with its record posted.
fn answer(outcome: Outcome, diag: &mut Diagnostics) -> i16 {
    let code = match outcome {
        Ok(Done::Success) if diag.is_empty() => SQL_SUCCESS,
        Ok(Done::Success) => SQL_SUCCESS_WITH_INFO,
        Ok(Done::NoData) => SQL_NO_DATA,
        Ok(Done::NeedData) => SQL_NEED_DATA,
        Ok(Done::Code(code)) => code,
        Err(record) => {
            diag.post(record);
            SQL_ERROR
        }
    };
    diag.return_code = code;
    code
}

/// A call of the application, for the log.
struct Called {
    name: &'static str,
    handle: Handle,
    /// None where calls are not logged.
    begun: Option<Instant>,
}

impl Called {
    #[inline]
    fn begin(name: &'static str, handle: Handle, log: &Log) -> Called {
        Called {
            name,
            handle,
            begun: log.writes(Level::Calls).then(Instant::now),
        }
    }

    /// Its records, and at the highest level the call itself.
    #[inline]
    fn end(self, log: &Log, code: i16, diag: &Diagnostics) -> i16 {
        if !diag.is_empty() || self.begun.is_some() {
            self.tell(log, code, diag);
        }
        code
    }

    #[cold]
    fn tell(&self, log: &Log, code: i16, diag: &Diagnostics) {
        for record in (1..).map_while(|number| diag.get(number)) {
            let level = match record.state {
                // Every piece of a long value brings one.
                SqlState::STRING_TRUNCATED | SqlState::FRACTION_TRUNCATED => Level::Calls,
                state if state.is_warning() => Level::Connections,
                _ => Level::Errors,
            };
            log.write(level, "diagnostic", |line| {
                line.put("call", self.name)
                    .put("sqlstate", record.state.code())
                    .put("native", record.native)
                    .put("message", record.message());
            });
        }
        log.write(Level::Calls, "call", |line| {
            line.put_own("call", self.name)
                .put_own("handle", format_args!("{:#x}", self.handle as usize))
                .put_own("returned", name_of(code));
            if let Some(begun) = self.begun {
                line.put_own("us", begun.elapsed().as_micros());
            }
        });
    }
}

fn name_of(code: i16) -> &'static str {
    match code {
        SQL_SUCCESS => "SQL_SUCCESS",
        SQL_SUCCESS_WITH_INFO => "SQL_SUCCESS_WITH_INFO",
        SQL_NO_DATA => "SQL_NO_DATA",
        SQL_NEED_DATA => "SQL_NEED_DATA",
        SQL_INVALID_HANDLE => "SQL_INVALID_HANDLE",
        _ => "SQL_ERROR",
    }
}

/// Whoever wrote a message (a server, a proxy, the application's own statement): it shows no secret of the connection.
#[inline]
fn without_secrets(session: Option<&Session>, diag: &mut Diagnostics) {
    if let Some(session) = session
        && !diag.is_empty()
    {
        diag.redact(|text| session.settings().redact(text));
    }
}

/// For calls that run without any lock or handle: SQLCancel, allocation and the reading of diagnostics.
pub fn unlocked(body: impl FnOnce() -> i16) -> i16 {
    caught(|| Ok(body())).unwrap_or(SQL_ERROR)
}

/// An environment has no log, which the others tell their function's name.
pub fn env(handle: Handle, body: impl FnOnce(&Arc<Environment>, &mut EnvironmentState) -> Outcome) -> i16 {
    let Some(Entry::Env(environment)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    // No work that a fork waits for, or holds up: unixODBC calls these with locks of its own, which a child would find locked.
    let mut state = environment.state.lock();
    state.diag.clear();
    let outcome = caught(|| body(&environment, &mut state));
    answer(outcome, &mut state.diag)
}

pub fn dbc(call: &'static str, handle: Handle, body: impl FnOnce(&Arc<Family>, &mut Connection) -> Outcome) -> i16 {
    let Some(Entry::Dbc(family)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    let mut connection = family.connection.lock();
    let connection = &mut *connection;
    let _work = Work::begin();
    connection.diag.clear();
    let called = Called::begin(call, handle, &connection.log);
    let outcome = caught(|| body(&family, connection));
    family.cancel.end();
    let code = answer(outcome, &mut connection.diag);
    without_secrets(connection.session.as_ref(), &mut connection.diag);
    called.end(&connection.log, code, &connection.diag)
}

pub fn stmt(name: &'static str, handle: Handle, call: Call, body: impl FnOnce(&mut Scope) -> Outcome) -> i16 {
    stmt_among(name, handle, call, |_, _| (), |scope, ()| body(scope))
}

/// As [`stmt`], for what concerns the connection's other statements too: `look` sees them all and the key of this one.
pub fn stmt_among<T>(
    name: &'static str,
    handle: Handle,
    call: Call,
    look: impl FnOnce(&Slab<Statement>, usize) -> T,
    body: impl FnOnce(&mut Scope, T) -> Outcome,
) -> i16 {
    let Some(Entry::Stmt(entry)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    let family = &entry.family;
    let mut connection = family.connection.lock();
    let connection = &mut *connection;
    let seen = look(&connection.statements, entry.key);
    // What is called for every row or cell begins nothing, unless a worker does it.
    let _work = (!matches!(call, Call::Fetch | Call::GetData)).then(Work::begin);
    // While this call waited for the lock, another thread may have freed the statement and allocated one in its place.
    let stmt = connection.statements.get_mut(entry.key);
    let Some(stmt) = stmt.filter(|stmt| stmt.token == handle as usize) else {
        return SQL_INVALID_HANDLE;
    };
    stmt.diag.clear();
    if entry.abandoned.load(Ordering::Acquire)
        && entry.abandoned.swap(false, Ordering::AcqRel)
        && stmt.state.needs_data()
    {
        stmt.close();
    }
    let mut scope = Scope {
        runtime: connection
            .session
            .as_ref()
            .map_or(&family.environment.runtime, |session| session.runtime()),
        session: connection.session.as_ref(),
        wide: connection.wide,
        odbc2: family.environment.odbc2(),
        stmt,
        descriptors: &mut connection.descriptors,
        cancel: &entry.cancel,
        log: &connection.log,
    };
    let called = Called::begin(name, handle, scope.log);
    let outcome = caught(|| {
        state::check(call, scope.stmt.state, scope.stmt.prepared)?;
        body(&mut scope, seen)
    });
    entry.cancel.end();
    let code = answer(outcome, &mut scope.stmt.diag);
    without_secrets(scope.session, &mut scope.stmt.diag);
    called.end(scope.log, code, &scope.stmt.diag)
}

/// `body` gets the descriptor, the connection's SQLWCHAR, and whether it is the IRD of a statement that is not prepared.
pub fn desc(call: &'static str, handle: Handle, body: impl FnOnce(&mut Descriptor, WideChar, bool) -> Outcome) -> i16 {
    let Some(Entry::Desc(entry)) = handles::find(handle) else {
        return SQL_INVALID_HANDLE;
    };
    let mut connection = entry.family.connection.lock();
    let connection = &mut *connection;
    let _work = Work::begin();
    let wide = connection.wide;
    let owner = connection
        .statements
        .iter()
        .find(|(_, stmt)| stmt.implicit.ird == entry.key);
    let unprepared = owner.is_some_and(|(_, stmt)| stmt.state == State::Allocated);
    let called = Called::begin(call, handle, &connection.log);
    let descriptor = connection.descriptors.get_mut(entry.key);
    let Some(descriptor) = descriptor.filter(|descriptor| descriptor.token == handle as usize) else {
        return SQL_INVALID_HANDLE;
    };
    descriptor.diag.clear();
    let outcome = caught(|| body(descriptor, wide, unprepared));
    let code = answer(outcome, &mut descriptor.diag);
    without_secrets(connection.session.as_ref(), &mut descriptor.diag);
    called.end(&connection.log, code, &descriptor.diag)
}

/// Posts `record` on whatever kind of handle this is: for calls whose handle type makes no sense.
pub fn refuse(call: &'static str, handle: Handle, record: Record) -> i16 {
    match handles::find(handle) {
        Some(Entry::Env(_)) => env(handle, |_, _| Err(record)),
        Some(Entry::Dbc(_)) => dbc(call, handle, |_, _| Err(record)),
        Some(Entry::Stmt(_)) => stmt(call, handle, Call::Always, |_| Err(record)),
        Some(Entry::Desc(_)) => desc(call, handle, |_, _, _| Err(record)),
        None => SQL_INVALID_HANDLE,
    }
}

/// Where the tests make a panic happen: inside the next guarded call on this thread.
#[cfg(test)]
pub mod panic_hook {
    use std::cell::Cell;

    thread_local! {
        static ARMED: Cell<bool> = const { Cell::new(false) };
    }

    pub fn arm() {
        ARMED.set(true);
    }

    pub(super) fn fire() {
        if ARMED.take() {
            panic!("made by a test");
        }
    }
}

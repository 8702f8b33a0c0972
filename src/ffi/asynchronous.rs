//! Asynchronous execution by polling: a call goes on in a thread of its own, and is asked for until it has its answer.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::consts::*;
use super::text::Text;
use super::{fork, guard};
use crate::diag::{Record, SqlState};
use crate::handles::{Entry, Pending, find};
use crate::metadata::info;
use crate::statement::state::Call;

/// Calls that are done by then are answered at once: most fetches are.
const AT_ONCE: Duration = Duration::from_millis(1);

/// Runs `body`, or asks for the answer of the one that runs already. `function` is the call's SQL_API id, `texts` are its text
/// arguments.
pub fn run<const N: usize>(
    stmt: Handle,
    function: u16,
    texts: [Text; N],
    body: impl FnOnce(Handle, [Text; N]) -> i16 + Send + 'static,
) -> i16 {
    let Some(Entry::Stmt(entry)) = find(stmt) else {
        return SQL_INVALID_HANDLE;
    };
    let mut pending = entry.pending.lock();
    if pending.is_none() {
        if !entry.asynchronous.load(Ordering::Acquire) {
            drop(pending);
            return body(stmt, texts);
        }
        let (done, answer) = sync_channel(1);
        let token = stmt as usize;
        let held = texts.map(|text| text.held(entry.wide));
        let thread = std::thread::Builder::new().name("okta-odbc".into());
        let started = thread.spawn(move || {
            // Nobody asks any more once the statement is gone.
            let texts = std::array::from_fn(|at| held[at].text());
            let _ = done.send(body(token as Handle, texts));
        });
        if started.is_err() {
            drop(pending);
            return refuse(
                function,
                stmt,
                SqlState::OUT_OF_MEMORY,
                "The operating system gives this process no more threads",
            );
        }
        *pending = Some(Pending {
            function,
            generation: fork::generation(),
            answer,
        });
    }
    let Some(running) = pending.as_ref() else {
        return SQL_ERROR;
    };
    if running.function != function {
        drop(pending);
        return refuse(
            function,
            stmt,
            SqlState::SEQUENCE_ERROR,
            "Another call is still executing on this statement: repeat that one until it is done",
        );
    }
    if running.generation != fork::generation() {
        // A thread of the parent process answers nothing here, and may have been about to: its channel is left alone.
        std::mem::forget(pending.take());
        drop(pending);
        return refuse(
            function,
            stmt,
            SqlState::GENERAL_ERROR,
            "The call was begun in the parent process; make it again in this one",
        );
    }
    let code = match running.answer.recv_timeout(AT_ONCE) {
        Ok(code) => code,
        Err(RecvTimeoutError::Timeout) => return SQL_STILL_EXECUTING,
        Err(RecvTimeoutError::Disconnected) => SQL_ERROR,
    };
    *pending = None;
    entry.cancel.end();
    code
}

fn refuse(function: u16, stmt: Handle, state: SqlState, text: &'static str) -> i16 {
    let called = info::FUNCTIONS.iter().find(|(id, _)| *id == function);
    let name = called.map_or("", |(_, name)| name);
    guard::stmt(name, stmt, Call::Always, |_| Err(Record::new(state, text)))
}

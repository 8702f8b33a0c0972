//! The list of requests that a server has had, in order of arrival.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// One request as `/sim/requests` shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    /// HTTP method.
    pub method: String,
    /// Path, still percent-encoded.
    pub path: String,
    /// Query without the question mark, still percent-encoded; empty without one.
    pub query: String,
    /// HTTP status of the answer; 0 while there is none, which stays so for a reset connection.
    pub status: u16,
}

#[derive(Default)]
pub(crate) struct Recorder {
    log: Mutex<Log>,
    /// Where the driver's requests are kept beyond resets and this server's life.
    file: Option<File>,
}

#[derive(Default)]
struct Log {
    /// Grows with every reset, so that a late answer does not mark another's row.
    epoch: u64,
    requests: Vec<Recorded>,
}

/// The place of one request in the list.
#[derive(Clone, Copy)]
pub(crate) struct Ticket {
    epoch: u64,
    at: usize,
}

/// How the driver calls itself in `User-Agent`.
const DRIVER: &str = "okta-odbc/";

impl Recorder {
    /// Appends to `file` too, which several servers may share.
    pub(crate) fn new(file: Option<&Path>) -> io::Result<Self> {
        let append = |path| OpenOptions::new().create(true).append(true).open(path);
        Ok(Self {
            file: file.map(append).transpose()?,
            ..Self::default()
        })
    }

    /// Keeps a request of the driver to the Management API for a check of what it asks; other clients' are their own affair.
    pub(crate) fn keep(&self, user_agent: &str, method: &str, path: &str, query: &str) -> io::Result<()> {
        let Some(mut file) = self
            .file
            .as_ref()
            .filter(|_| user_agent.starts_with(DRIVER) && path.starts_with("/api/"))
        else {
            return Ok(());
        };
        let line = serde_json::json!({ "method": method, "path": path, "query": query });
        // One write: lines of several servers do not mix.
        file.write_all(format!("{line}\n").as_bytes())
    }

    pub(crate) fn arrive(&self, method: &str, path: &str, query: &str) -> Ticket {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.requests.push(Recorded {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            status: 0,
        });
        Ticket {
            epoch: log.epoch,
            at: log.requests.len() - 1,
        }
    }

    pub(crate) fn answer(&self, ticket: Ticket, status: u16) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.epoch == ticket.epoch
            && let Some(request) = log.requests.get_mut(ticket.at)
        {
            request.status = status;
        }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).requests.clone()
    }

    pub(crate) fn reset(&self) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.epoch += 1;
        log.requests.clear();
    }
}

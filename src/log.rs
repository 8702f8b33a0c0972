//! The log of a connection: what it was asked, what it asked of Okta and what came of it, as far as `Verbosity` goes. Nothing
//! in it holds a secret, and no statement fails because it cannot be written.

mod file;
mod line;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::okta::redact::Redactor;
use file::File;
pub use line::Line;

/// From what `Verbosity` on something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Errors = 1,
    /// Connects, logins, warnings.
    Connections = 2,
    /// Statements as they are written, and the requests that they cost.
    Statements = 3,
    /// Query strings of requests, plans.
    Plans = 4,
    /// Every call of ODBC.
    Calls = 5,
}

/// Where one connection writes. Clones are the same log; off, it costs one branch.
#[derive(Clone, Default)]
pub struct Log(Option<Arc<Connection>>);

struct Connection {
    file: Arc<File>,
    /// Levels above are not written.
    verbosity: u8,
    max_size: u64,
    /// Counts the connections of this process that have a log.
    number: u64,
    redactor: Redactor,
}

impl Log {
    pub const fn off() -> Log {
        Log(None)
    }

    /// Appends to the file at `path`, which is made if it is not there. From `max_size` bytes on it goes on in a new one; the
    /// old one is kept as `path.1`. What `redactor` knows is never written.
    pub fn open(path: &Path, verbosity: u8, max_size: u64, redactor: Redactor) -> io::Result<Log> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        if verbosity == 0 {
            return Ok(Log::off());
        }
        Ok(Log(Some(Arc::new(Connection {
            file: File::shared(path)?,
            verbosity,
            max_size,
            number: NUMBER.fetch_add(1, Ordering::Relaxed) + 1,
            redactor,
        }))))
    }

    /// Whether lines of `level` are written: for what costs something to find out.
    #[inline]
    pub fn writes(&self, level: Level) -> bool {
        matches!(&self.0, Some(connection) if level as u8 <= connection.verbosity)
    }

    /// The file and how much goes to it; None when it is off.
    pub fn place(&self) -> Option<(&Path, u8)> {
        let connection = self.0.as_ref()?;
        Some((connection.file.path(), connection.verbosity))
    }

    /// One line of `event`; `fields` is called only if it is written.
    #[inline]
    pub fn write(&self, level: Level, event: &str, fields: impl FnOnce(&mut Line)) {
        if let Some(connection) = &self.0
            && level as u8 <= connection.verbosity
        {
            connection.write(level, event, fields);
        }
    }
}

impl Connection {
    #[cold]
    fn write(&self, level: Level, event: &str, fields: impl FnOnce(&mut Line)) {
        let mut line = Line::new(self.number, level as u8, event, &self.redactor);
        fields(&mut line);
        self.file.append(line.end().as_bytes(), self.max_size);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(connection) => write!(f, "Log({})", connection.verbosity),
            None => f.write_str("Log(off)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::okta::Secret;

    fn lines(path: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).expect("a log");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_line_has_time_process_connection_level_and_event_and_no_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.log");
        let redactor = Redactor::default();
        redactor.add(&Secret::new("00secret"));
        let log = Log::open(&path, 3, 1 << 20, redactor).expect("a log");
        log.write(Level::Errors, "error", |line| {
            line.put("message", "token \"00secret\" is bad\nreally")
                .put("native", 401);
        });
        log.write(Level::Plans, "plan", |_| unreachable!("above Verbosity"));
        assert!(log.writes(Level::Statements) && !log.writes(Level::Plans));
        let [line] = &lines(&path)[..] else { panic!("one line") };
        let (time, rest) = line.split_once(' ').expect("a time");
        assert!(
            chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.len() == 24 && time.ends_with('Z'),
            "{time}"
        );
        let rest: Vec<_> = rest.splitn(4, ' ').collect();
        assert_eq!(rest[0], std::process::id().to_string());
        assert!(rest[1].parse::<u64>().is_ok(), "{line}");
        assert_eq!(
            rest[2..],
            ["1", r#"error message="token \"***\" is bad\nreally" native=401"#]
        );
    }

    #[test]
    fn off_writes_nothing() {
        for log in [Log::off(), Log::default()] {
            assert!(!log.writes(Level::Errors));
            log.write(Level::Errors, "error", |_| unreachable!("it is off"));
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("none.log");
        assert!(
            !Log::open(&path, 0, 1, Redactor::default())
                .expect("off")
                .writes(Level::Errors)
        );
        assert!(!path.exists());
        assert!(Log::open(&folder.path().join("no/such/folder"), 1, 1, Redactor::default()).is_err());
    }

    #[test]
    fn connections_are_told_apart_and_share_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("okta.log");
        let [first, second] = [(); 2].map(|()| Log::open(&path, 1, 1 << 20, Redactor::default()).expect("a log"));
        let [first, second] = [first, second].map(|log| log.0.expect("it is on"));
        assert!(Arc::ptr_eq(&first.file, &second.file));
        assert_ne!(first.number, second.number);
    }
}

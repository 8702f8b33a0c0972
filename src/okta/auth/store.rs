//! Where tokens are kept between connections: a settings file that processes share, or this process's memory.

mod file;
mod kept;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

pub use kept::{Kept, Pending};

use super::super::Error;
use super::super::process::PerProcess;
use super::login::PATIENCE;

/// `OAuthSettingsLocation`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    File(PathBuf),
    /// `memory://name`: the connections of this process that say the same name share it. A forked child begins without.
    Memory(String),
}

impl Location {
    /// What the keyword's text means.
    pub fn parse(text: &str) -> Location {
        let text = text.trim();
        match text.get(..MEMORY.len()) {
            Some(scheme) if scheme.eq_ignore_ascii_case(MEMORY) => Location::Memory(text[MEMORY.len()..].to_owned()),
            _ => Location::File(PathBuf::from(text)),
        }
    }

    /// What is kept, without the lock: a write replaces the file whole, so a reader never sees half of one. None where memory is
    /// about to be changed: its lock may be held until a person has signed in, which is not to be waited for here.
    pub async fn read(&self) -> Result<Option<Kept>, Error> {
        match self {
            Location::File(path) => in_background(path.clone(), |path| file::read(&path)).await,
            Location::Memory(_) => self.read_now(),
        }
    }

    /// The same, for those who cannot wait; None where somebody is about to change it.
    pub fn read_now(&self) -> Result<Option<Kept>, Error> {
        match self {
            Location::File(path) => file::read(path),
            Location::Memory(name) => Ok(memory(name).try_lock_owned().ok().and_then(|kept| kept.clone())),
        }
    }

    /// Waits until nobody else, in this process or another, is renewing what is kept here. It is held while one asks Okta: that
    /// is what it is for, the others find the new token afterwards.
    pub async fn lock(&self) -> Result<Lock, Error> {
        self.lock_until(Instant::now() + PATIENCE).await
    }

    /// The same, no longer than `until`.
    pub async fn lock_until(&self, until: Instant) -> Result<Lock, Error> {
        match self {
            Location::File(path) => Ok(Lock::File(file::FileLock::take(path, until).await?)),
            Location::Memory(name) => {
                let locked = tokio::time::timeout_at(until, memory(name).lock_owned()).await;
                locked.map(Lock::Memory).map_err(|_| busy(self))
            }
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Location::File(path) => path.display().fmt(f),
            Location::Memory(name) => write!(f, "{MEMORY}{name}"),
        }
    }
}

const MEMORY: &str = "memory://";

/// The right to change what is kept. Dropping it lets the next one in.
pub enum Lock {
    File(file::FileLock),
    Memory(OwnedMutexGuard<Option<Kept>>),
}

impl Lock {
    pub async fn read(&self) -> Result<Option<Kept>, Error> {
        match self {
            Lock::File(lock) => in_background(lock.path().to_owned(), |path| file::read(&path)).await,
            Lock::Memory(kept) => Ok((**kept).clone()),
        }
    }

    /// Replaces what is kept, whole. The lock goes along, so that a caller who is interrupted does not let others in before
    /// the write is done.
    pub async fn write(self, kept: Kept) -> Result<Lock, Error> {
        match self {
            Lock::File(lock) => {
                let write = move |lock: file::FileLock| file::write(lock.path(), &kept).map(|()| Lock::File(lock));
                in_background(lock, write).await
            }
            Lock::Memory(mut place) => {
                *place = Some(kept);
                Ok(Lock::Memory(place))
            }
        }
    }
}

type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;

fn memory(name: &str) -> Place {
    static PLACES: PerProcess<Mutex<HashMap<String, Place>>> = PerProcess::new();
    let places = PLACES.get_or_init(Mutex::default);
    let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
    places.entry(name.to_owned()).or_default().clone()
}

/// Disks may be slow: not on a thread that others wait for.
async fn in_background<A: Send + 'static, T: Send + 'static>(
    argument: A,
    work: impl FnOnce(A) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(move || work(argument)).await;
    done.unwrap_or_else(|_| Err(refusal("The settings file could not be used: its thread ended".into())))
}

/// Whatever is wrong with what is kept, there is no login without it.
fn refusal(message: String) -> Error {
    Error::Login {
        code: String::new(),
        message,
        request_id: None,
    }
}

fn busy(place: &dyn std::fmt::Display) -> Error {
    refusal(format!(
        "Another program, or another connection, has been logging in with the settings of {place} all the time: finish there, or end it"
    ))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> Error {
    refusal(format!(
        "The settings file {} cannot be {what} ({error}): make its folder yours, or name another file as OAuthSettingsLocation",
        path.display()
    ))
}

#[cfg(all(test, unix))]
mod tests;

//! The settings file on disk: who may read it, replaced whole, one writer at a time.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::kept::Kept;
use super::{busy, cannot, refusal};
use crate::okta::Error;

/// Between two looks at the lock. Asking again and again lets a cancelled caller go at once, as a thread that waits does not.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// No settings file is longer.
const LONGEST: u64 = 1024 * 1024;

/// None where there is no file.
pub fn read(path: &Path) -> Result<Option<Kept>, Error> {
    let path = real(path)?;
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot("read", &path, &error)),
    };
    let metadata = file.metadata().map_err(|error| cannot("read", &path, &error))?;
    check_file(&path, &metadata)?;
    check_folder(&path)?;
    let none = |why: String| {
        refusal(format!(
            "{} is not a settings file that this driver can use: {why}. It was left as it is. Move it away, or name another file as \
             OAuthSettingsLocation, then run `okta-odbc login`",
            path.display()
        ))
    };
    if metadata.len() > LONGEST || !metadata.is_file() {
        return Err(none("it is no such file".into()));
    }
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1));
    file.read_to_end(&mut text)
        .map_err(|error| cannot("read", &path, &error))?;
    Kept::from_json(&text).map(Some).map_err(none)
}

/// Written beside it and moved over it: a reader sees the old file or the new one, also after a power failure.
pub fn write(path: &Path, kept: &Kept) -> Result<(), Error> {
    let path = real(path)?;
    let failed = |error: std::io::Error| cannot("written", &path, &error);
    let folder = folder(&path);
    check_folder(&path)?;
    let text = kept.to_json().map_err(|error| failed(error.into()))?;
    // Mode 0600 from the start.
    let mut beside = tempfile::Builder::new()
        .prefix(".okta-odbc-")
        .tempfile_in(folder)
        .map_err(failed)?;
    beside
        .write_all(&text)
        .and_then(|()| beside.as_file().sync_all())
        .map_err(failed)?;
    beside.persist(&path).map_err(|error| failed(error.error))?;
    // The new name lasts once the folder is on the disk too. Windows has no such call.
    #[cfg(unix)]
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed)?;
    Ok(())
}

/// The file that is meant. A link is followed once, here: what it leads to is then checked and replaced like any file, so
/// that the link stays and leads nowhere that others can write.
fn real(path: &Path) -> Result<PathBuf, Error> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.file_type().is_symlink() => {
            std::fs::canonicalize(path).map_err(|error| cannot("found behind its link", path, &error))
        }
        _ => Ok(path.to_owned()),
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Others must not read it, nor put tokens of theirs in it. Whose it is need not be asked: one that only its owner can
/// open is ours, or root's to use.
#[cfg(unix)]
fn check_file(path: &Path, metadata: &Metadata) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(refusal(format!(
        "The settings file {path} holds tokens and others can open it (mode {mode:04o}): run `chmod 600 {path}`. If others may have \
         read it, log in again with `okta-odbc login`",
        path = path.display()
    )))
}

/// Who can write the folder can put another file in its place; where the sticky bit is set, only its owner can.
#[cfg(unix)]
fn check_folder(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(path);
    let metadata = match std::fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(error) => return Err(cannot("used", path, &error)),
    };
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 == 0 || mode & 0o1000 != 0 {
        return Ok(());
    }
    Err(refusal(format!(
        "The folder {folder} of the settings file {} can be written by others (mode {mode:04o}), who could replace the file: run \
         `chmod go-w {folder}`, or name a file in a folder of your own as OAuthSettingsLocation",
        path.display(),
        folder = folder.display()
    )))
}

/// Windows' access lists are inherited from the user's own folder.
#[cfg(not(unix))]
fn check_file(_: &Path, _: &Metadata) -> Result<(), Error> {
    Ok(())
}

#[cfg(not(unix))]
fn check_folder(_: &Path) -> Result<(), Error> {
    Ok(())
}

/// The lock of one settings file, held by this process. It lies beside the file, which is replaced when it is written.
pub struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Waits for another process that is renewing, or whose person is signing in, `until` then.
    pub async fn take(path: &Path, until: Instant) -> Result<FileLock, Error> {
        let path = real(path)?;
        let failed = |error: std::io::Error| cannot("locked", &path, &error);
        let folder = folder(&path);
        make_folder(folder).map_err(failed)?;
        check_folder(&path)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let file = open_lock(&folder.join(name)).map_err(failed)?;
        let mut pause = FIRST_PAUSE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(FileLock { file, path }),
                Err(TryLockError::WouldBlock) if Instant::now() < until => tokio::time::sleep(pause).await,
                Err(TryLockError::WouldBlock) => return Err(busy(&path.display())),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a forked child has of it.
    #[cfg(test)]
    pub fn duplicate(&self) -> File {
        self.file.try_clone().expect("a descriptor")
    }
}

impl Drop for FileLock {
    /// Closing alone would not do: a child that was forked meanwhile has the file open too.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn open_lock(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

//! A log's file, shared by the connections of a process and by processes: lines whole, a new file when one is full.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use crate::okta::process::PerProcess;

pub struct File {
    path: PathBuf,
    /// A forked child opens its own: a thread that the child does not have may hold its parent's lock.
    open: PerProcess<RwLock<fs::File>>,
}

impl File {
    /// The one that this process has at `path`, or a new one.
    pub fn shared(path: &Path) -> io::Result<Arc<File>> {
        static FILES: PerProcess<Mutex<HashMap<PathBuf, Weak<File>>>> = PerProcess::new();
        let path = std::path::absolute(path)?;
        let files = FILES.get_or_init(Mutex::default);
        let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(&path).and_then(Weak::upgrade) {
            return Ok(file);
        }
        let file = File {
            path: path.clone(),
            open: PerProcess::new(),
        };
        file.open.get_or_try_init(|| open(&path).map(RwLock::new))?;
        let file = Arc::new(file);
        files.retain(|_, file| file.strong_count() > 0);
        files.insert(path, Arc::downgrade(&file));
        Ok(file)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `line` in one piece. What cannot be written is lost: a full disk must not stop the application.
    pub fn append(&self, line: &[u8], max_size: u64) {
        let Ok(current) = self.open.get_or_try_init(|| open(&self.path).map(RwLock::new)) else {
            return;
        };
        {
            let file = current.read().unwrap_or_else(PoisonError::into_inner);
            if !is_full(&file, line, max_size) {
                // O_APPEND: no line of another process comes between.
                let _ = (&*file).write(line);
                return;
            }
        }
        let mut file = current.write().unwrap_or_else(PoisonError::into_inner);
        if is_full(&file, line, max_size)
            && let Ok(next) = self.next(&file, line, max_size)
        {
            *file = next;
        }
        let _ = (&*file).write(line);
    }

    /// The file to go on in when `full` is. Only one process moves it away: the others wait for its lock, and then find a
    /// new file in its place.
    fn next(&self, full: &fs::File, line: &[u8], max_size: u64) -> io::Result<fs::File> {
        full.lock()?;
        let moved = match fs::metadata(&self.path) {
            Ok(there) if there.len() > 0 && there.len() + line.len() as u64 > max_size => {
                fs::rename(&self.path, old(&self.path))
            }
            _ => Ok(()),
        };
        let next = moved.and_then(|()| open(&self.path));
        let _ = full.unlock();
        next
    }
}

/// A file that holds nothing takes any line.
fn is_full(file: &fs::File, line: &[u8], max_size: u64) -> bool {
    let size = file.metadata().map_or(0, |file| file.len());
    size > 0 && size + line.len() as u64 > max_size
}

fn old(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    PathBuf::from(name)
}

/// Statements and names of people stand in it: a new one is its owner's alone.
fn open(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        fs::read_to_string(path).expect("a file")
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_its_owners_alone_and_an_old_one_is_gone_on_in() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        for _ in 0..2 {
            let file = File::shared(&path).expect("a file");
            file.append(b"line\n", 1 << 20);
        }
        assert_eq!(text(&path), "line\nline\n");
        assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_full_file_is_kept_as_the_old_one_and_no_line_is_lost() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let file = File::shared(&path).expect("a file");
        for (line, now, before) in [
            ("1234567\n", "1234567\n", None),
            ("ab\n", "ab\n", Some("1234567\n")),
            ("cd\n", "ab\ncd\n", Some("1234567\n")),
            (
                "longer than a whole file\n",
                "longer than a whole file\n",
                Some("ab\ncd\n"),
            ),
            ("ef\n", "ef\n", Some("longer than a whole file\n")),
        ] {
            file.append(line.as_bytes(), 10);
            assert_eq!(text(&path), now);
            assert_eq!(before.map(str::to_owned), fs::read_to_string(old(&path)).ok());
        }
    }

    #[test]
    fn threads_and_a_second_handle_lose_no_line_and_break_none_while_files_are_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        // Another process has a handle of its own: so has one that `shared` does not know of.
        let other = File {
            path: path.clone(),
            open: PerProcess::new(),
        };
        let shared = File::shared(&path).expect("a file");
        // 400 lines of 10 bytes, in files of 3,000: one change.
        std::thread::scope(|scope| {
            for file in [&*shared, &*shared, &other, &other] {
                scope.spawn(move || (0..100).for_each(|_| file.append(b"123456789\n", 3000)));
            }
        });
        let (now, before) = (text(&path), text(&old(&path)));
        // Those that write at the same moment may fill a file a little beyond its size.
        assert_eq!(now.len() + before.len(), 4000);
        assert!((3000..3100).contains(&before.len()), "{}", before.len());
        assert!(now.lines().chain(before.lines()).all(|line| line == "123456789"));
    }

    #[test]
    fn a_file_that_was_removed_meanwhile_does_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let file = File::shared(&path).expect("a file");
        file.append(b"gone\n", 20);
        fs::remove_file(&path).expect("removed");
        file.append(b"gone too\n", 20);
        file.append(b"the next file\n", 20);
        assert_eq!(text(&path), "the next file\n");
    }
}

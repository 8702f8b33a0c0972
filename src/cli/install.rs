//! `okta-odbc install` and `uninstall`: the driver's section of odbcinst.ini, one user's or the system's.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Error, Scope};

/// The name that applications give: `Driver={Okta ODBC Driver}`.
const NAME: &str = "Okta ODBC Driver";

pub fn install(out: &mut impl Write, scope: &Scope) -> Result<(), Error> {
    let library = library(scope)?;
    if scope.system && odbcinst(&["-i", "-d", "-r"], Some(&section(&library)))? {
        writeln!(out, "{NAME} is registered for all users: {}", library.display())?;
        return Ok(());
    }
    let file = file(scope)?;
    edit(&file, |text| with_section(text, &library))?;
    writeln!(out, "{NAME} is registered in {}: {}", file.display(), library.display())?;
    Ok(())
}

pub fn uninstall(out: &mut impl Write, scope: &Scope) -> Result<(), Error> {
    if scope.system && odbcinst(&["-u", "-d", "-n", NAME], None)? {
        writeln!(out, "One registration of {NAME} was taken back for all users")?;
        return Ok(());
    }
    let file = file(scope)?;
    edit(&file, without_section)?;
    writeln!(out, "{NAME} is no longer registered in {}", file.display())?;
    Ok(())
}

/// The driver's library: named, or the one this code is in.
fn library(scope: &Scope) -> Result<PathBuf, Error> {
    let named = scope.driver.clone().or_else(own_library);
    let library = named.ok_or_else(|| Error::Install("Name the driver's library: --driver FILE".into()))?;
    fs::canonicalize(&library).map_err(|cause| Error::File {
        path: library.display().to_string(),
        cause,
    })
}

/// Linux lists what is mapped into the process.
fn own_library() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let path = maps.lines().filter_map(|line| line.find('/').map(|at| &line[at..]));
    path.map(Path::new)
        .find(|path| path.file_name().is_some_and(|name| name == "libokta_odbc.so"))
        .map(PathBuf::from)
}

/// unixODBC reads `$HOME/.odbcinst.ini` before the system's file.
fn file(scope: &Scope) -> Result<PathBuf, Error> {
    let folder = if scope.system {
        std::env::var_os("ODBCSYSINI")
            .filter(|folder| !folder.is_empty())
            .or_else(|| Some("/etc".into()))
    } else {
        std::env::var_os("HOME").filter(|folder| !folder.is_empty())
    };
    let folder = folder
        .map(PathBuf::from)
        .ok_or_else(|| Error::Install("HOME is not set: use --system".into()))?;
    Ok(folder.join(if scope.system { "odbcinst.ini" } else { ".odbcinst.ini" }))
}

/// Runs unixODBC's own tool, which counts registrations; false when it is not there.
fn odbcinst(arguments: &[&str], input: Option<&str>) -> Result<bool, Error> {
    let mut command = Command::new("odbcinst");
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Error::Install(format!("odbcinst: {error}"))),
    };
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(true);
    }
    let said = String::from_utf8_lossy(if output.stderr.is_empty() {
        &output.stdout
    } else {
        &output.stderr
    })
    .into_owned();
    Err(Error::Install(format!(
        "odbcinst {}: {}",
        arguments.join(" "),
        said.trim()
    )))
}

fn edit(file: &Path, change: impl FnOnce(&str) -> String) -> Result<(), Error> {
    let failed = |cause| Error::File {
        path: file.display().to_string(),
        cause,
    };
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(error)),
    };
    let changed = change(&text);
    if changed == text {
        return Ok(());
    }
    // Written beside it and moved over it: a reader never sees half a file.
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    fs::write(&beside, changed)
        .and_then(|()| fs::rename(&beside, file))
        .map_err(failed)
}

/// Threading=0: the driver locks for itself, and with unixODBC's own lock SQLCancel could wait for what it should stop.
fn section(library: &Path) -> String {
    let library = library.display();
    format!("[{NAME}]\nDescription=Okta as a relational database\nDriver={library}\nThreading=0\nUsageCount=1\n")
}

fn with_section(text: &str, library: &Path) -> String {
    let rest = without_section(text);
    let gap = if rest.is_empty() || rest.ends_with("\n\n") {
        ""
    } else {
        "\n"
    };
    format!("{rest}{gap}{}", section(library))
}

fn without_section(text: &str) -> String {
    let header = format!("[{NAME}]");
    let mut inside = false;
    let mut rest = String::new();
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            inside = line.trim().eq_ignore_ascii_case(&header);
        }
        if !inside {
            rest.push_str(line);
        }
    }
    if !rest.is_empty() && !rest.ends_with('\n') {
        rest.push('\n');
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const OTHERS: &str = "[ODBC]\nTrace=No\n\n[SQLite3]\nDriver=libsqlite3odbc.so\n";

    #[test]
    fn the_section_is_added_once_and_others_stay() {
        let once = with_section(OTHERS, Path::new("/opt/libokta_odbc.so"));
        assert!(once.starts_with(OTHERS));
        assert!(once.contains("[Okta ODBC Driver]\n"));
        assert_eq!(with_section(&once, Path::new("/opt/libokta_odbc.so")), once);
    }

    #[test]
    fn a_new_library_replaces_the_old_one() {
        let first = with_section("", Path::new("/opt/old.so"));
        let second = with_section(&first, Path::new("/opt/new.so"));
        assert!(second.contains("Driver=/opt/new.so") && !second.contains("old.so"));
    }

    #[test]
    fn uninstalling_takes_exactly_the_section() {
        let middle = format!(
            "{}[Z]\nDriver=z.so",
            with_section(OTHERS, Path::new("/opt/libokta_odbc.so"))
        );
        assert_eq!(without_section(&middle), format!("{OTHERS}\n[Z]\nDriver=z.so\n"));
        assert_eq!(without_section(OTHERS), OTHERS);
        assert_eq!(without_section(""), "");
    }
}

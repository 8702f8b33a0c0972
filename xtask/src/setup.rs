//! Installs what is missing on Debian and Ubuntu, and makes the environments of the client tests (Python, npm) once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Invocation, child};

/// Debian package and the file or program whose presence means that it is installed.
const PACKAGES: &[(&str, Need)] = &[
    ("unixodbc", Need::Program("isql")),
    ("unixodbc", Need::Program("iusql")),
    ("odbcinst", Need::Program("odbcinst")),
    ("unixodbc-dev", Need::File("/usr/include/sqlext.h")),
    ("binutils", Need::Program("nm")),
    ("python3", Need::Program("python3")),
    ("python3-venv", Need::PythonModule("ensurepip")),
];

/// What the tests need besides.
const FOR_TESTS: &[(&str, Need)] = &[
    ("iodbc", Need::Program("iodbctest")),
    ("libiodbc2", Need::Library("libiodbc.so.2")),
];

enum Need {
    Program(&'static str),
    File(&'static str),
    /// In the folder of this machine's libraries.
    LibraryFile(&'static str),
    PythonModule(&'static str),
    /// Of the system, as the loader finds it.
    Library(&'static str),
}

impl Need {
    fn met(&self) -> bool {
        match self {
            Need::Program(program) => child::find(program).is_some(),
            Need::File(file) => Path::new(file).exists(),
            Need::Library(name) => Command::new("python3")
                .args(["-c", &format!("import ctypes; ctypes.CDLL('{name}')")])
                .output()
                .is_ok_and(|o| o.status.success()),
            Need::LibraryFile(file) => {
                let folder = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
                Path::new(&folder).join(file).exists()
            }
            Need::PythonModule(module) => Command::new("python3")
                .args(["-c", &format!("import {module}")])
                .output()
                .is_ok_and(|o| o.status.success()),
        }
    }
}

/// Installs the missing packages where it may (root, apt-get), else says what to run.
pub fn packages() -> Result<(), String> {
    all_of(PACKAGES)
}

/// Those of the tests too.
pub fn packages_for_tests() -> Result<(), String> {
    all_of(PACKAGES)?;
    all_of(FOR_TESTS)
}

pub fn valgrind() -> Result<(), String> {
    all_of(&[("valgrind", Need::Program("valgrind"))])
}

fn all_of(packages: &[(&str, Need)]) -> Result<(), String> {
    let mut missing: Vec<&str> = packages
        .iter()
        .filter(|(_, need)| !need.met())
        .map(|(package, _)| *package)
        .collect();
    missing.dedup();
    if missing.is_empty() {
        return Ok(());
    }
    install(&missing)?;
    match packages.iter().find(|(_, need)| !need.met()) {
        None => Ok(()),
        Some((package, _)) => Err(format!(
            "{package} was installed, but what it should bring is not there"
        )),
    }
}

/// Installs Debian packages where it may (root, apt-get), else says what to run.
fn install(missing: &[&str]) -> Result<(), String> {
    let list = missing.join(" ");
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if child::find("apt-get").is_none() {
        return Err(format!(
            "Missing: {list} (Debian's names). This is no Debian or Ubuntu: install them and run this again."
        ));
    }
    if !root {
        return Err(format!(
            "Missing: {list}. Run `sudo apt-get install -y {list}`, then this again."
        ));
    }
    println!("   installing {list} (apt-get)");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        child::quiet(&format!("apt-get {}", arguments[0]), &mut command)
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], missing].concat())?;
    Ok(())
}

/// `npx`, which fetches Prism, with `node` and `npm`; Debian's own where there is none.
pub fn node() -> Result<(), String> {
    if child::find("npx").is_some() {
        return Ok(());
    }
    install(&["nodejs", "npm"])
}

/// Drivers that fetching is measured beside, and the servers of theirs.
const PEERS: &[(&str, Need)] = &[
    ("libsqliteodbc", Need::LibraryFile("odbc/libsqlite3odbc.so")),
    ("odbc-postgresql", Need::LibraryFile("odbc/psqlodbcw.so")),
    ("postgresql", Need::Program("pg_lsclusters")),
    ("odbc-mariadb", Need::LibraryFile("odbc/libmaodbc.so")),
    ("mariadb-server", Need::Program("mariadb-install-db")),
];

pub fn peers() -> Result<(), String> {
    let missing: Vec<&str> = PEERS
        .iter()
        .filter(|(_, need)| !need.met())
        .map(|(package, _)| *package)
        .collect();
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

/// The folder where `tests/apps/oidc/package.json` is installed; made once per content of that file.
pub fn oidc_provider(invocation: &Invocation) -> Result<PathBuf, String> {
    node()?;
    let package = invocation.root.join("tests/apps/oidc/package.json");
    let text = fs::read_to_string(&package).map_err(|error| format!("{}: {error}", package.display()))?;
    let folder = crate::cache().join(format!("oidc-{:016x}", fnv(&[text.as_bytes()])));
    let complete = folder.join("complete");
    if complete.exists() {
        return Ok(folder);
    }
    println!("   installing oidc-provider in {}", folder.display());
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    fs::write(folder.join("package.json"), text).map_err(|error| error.to_string())?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-package-lock", "--no-audit", "--no-fund"])
        .current_dir(&folder);
    child::quiet("npm install", &mut npm)?;
    fs::write(&complete, "").map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Names of the browser that opens the example of Dash, and signs in where logging in is tested.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// Chromium or Chrome; Debian's own where there is none.
pub fn browser() -> Result<PathBuf, String> {
    let found = || BROWSERS.iter().find_map(|name| child::find(name));
    if let Some(browser) = found() {
        return Ok(browser);
    }
    install(&["chromium"])?;
    found().ok_or_else(|| "chromium was installed, but is not on PATH".to_owned())
}

/// The Python of an environment that holds `tests/apps/requirements.txt`.
pub fn python(invocation: &Invocation) -> Result<PathBuf, String> {
    environment("python", &invocation.root.join("tests/apps/requirements.txt"))
}

/// The Python of an environment that holds what a requirements file lists; made once per content of that file.
pub fn environment(name: &str, requirements: &Path) -> Result<PathBuf, String> {
    let folder = folder_for(name, Path::new("python3"), requirements)?;
    let python = folder.join("bin/python");
    let complete = folder.join("complete");
    if complete.exists() && python.exists() {
        return Ok(python);
    }
    println!("   making a Python environment in {}", folder.display());
    fs::create_dir_all(crate::cache()).map_err(|error| error.to_string())?;
    child::quiet(
        "python3 -m venv",
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder),
    )?;
    install_python_packages(&python, requirements, &[])?;
    fs::write(&complete, "").map_err(|error| error.to_string())?;
    Ok(python)
}

/// A folder that holds `tests/apps/requirements-sqlalchemy-2.0.txt` alone. Put first on PYTHONPATH, it makes SQLAlchemy's older
/// line the one that `python` and its other packages see.
pub fn older_sqlalchemy(invocation: &Invocation, python: &Path) -> Result<PathBuf, String> {
    let requirements = invocation.root.join("tests/apps/requirements-sqlalchemy-2.0.txt");
    let folder = folder_for("sqlalchemy", python, &requirements)?;
    let complete = folder.join("complete");
    if complete.exists() {
        return Ok(folder);
    }
    let _ = fs::remove_dir_all(&folder);
    let target = folder.display().to_string();
    install_python_packages(python, &requirements, &["--no-deps", "--target", &target])?;
    fs::write(&complete, "").map_err(|error| error.to_string())?;
    Ok(folder)
}

/// A name in the cache for each content of `requirements` and each Python.
fn folder_for(name: &str, python: &Path, requirements: &Path) -> Result<PathBuf, String> {
    let text = fs::read_to_string(requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let version = child::quiet(
        "python3",
        Command::new(python).args(["-c", "import sys; print(sys.version, sys.prefix)"]),
    )?;
    let hash = fnv(&[text.as_bytes(), version.as_bytes()]);
    Ok(crate::cache().join(format!("{name}-{hash:016x}")))
}

fn install_python_packages(python: &Path, requirements: &Path, options: &[&str]) -> Result<(), String> {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(options)
        .arg("--requirement")
        .arg(requirements);
    child::quiet("pip install", &mut pip).map(|_| ())
}

/// FNV-1a: stable between compilers, which std's hashers are not.
fn fnv(parts: &[&[u8]]) -> u64 {
    parts
        .iter()
        .flat_map(|part| part.iter())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use super::fnv;

    #[test]
    fn fnv_matches_its_published_vectors() {
        assert_eq!(fnv(&[b""]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv(&[b"a"]), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv(&[b"foo", b"bar"]), 0x8594_4171_f739_67e8);
    }
}

//! The check of a finished wheel: what its tag promises, and a query by it in a clean Python environment.

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::org::Sim;
use crate::symbols::{self, expect};
use crate::tally::Tally;
use crate::{Invocation, child};

/// Users of the okta-sim that the wheel is asked for.
const USERS: &str = "7";

/// The README's way to connect. Nothing is registered: `drivers()` proves it.
const PROGRAM: &str = "\
import sys, pyodbc, sqlalchemy
assert pyodbc.drivers() == [], pyodbc.drivers()
with sqlalchemy.create_engine('okta:///?APIToken=sim-token&Domain=' + sys.argv[1]).connect() as connection:
    print(connection.scalar(sqlalchemy.text('SELECT COUNT(*) FROM Users')))
";

pub fn check(invocation: &Invocation, wheel: &Path, glibc: (u32, u32)) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    let wanted = format!("py3-none-manylinux_{}_{}_{ARCH}", glibc.0, glibc.1);
    expect(
        &mut tally,
        tag(&name) == wanted,
        &format!(
            "{name} is tagged {}, not {wanted}: its library was linked for another glibc, use `cargo xtask package`",
            tag(&name)
        ),
    );
    let clean = Clean::new()?;
    let python = clean.install(wheel, &invocation.root.join("tests/apps/requirements.txt"))?;
    let driver = child::quiet(
        "okta_odbc.driver",
        clean
            .command(&python)
            .args(["-c", "import okta_odbc; print(okta_odbc.driver())"]),
    )?;
    let driver = PathBuf::from(driver.trim());
    tally.add(symbols::check(&invocation.root, &driver)?);
    let versions = child::quiet(
        "readelf",
        Command::new("readelf").args(["--version-info", "--wide"]).arg(&driver),
    )?;
    let needed = newest_glibc(&versions).ok_or_else(|| format!("{}: readelf names no glibc", driver.display()))?;
    expect(
        &mut tally,
        needed <= glibc,
        &format!(
            "the library needs glibc {}.{}, later than {}.{}",
            needed.0, needed.1, glibc.0, glibc.1
        ),
    );
    let sim = Sim::start(&okta_sim(invocation)?, &["--users", USERS])?;
    let answer = child::capture(
        "the wheel's query",
        clean.command(&python).args(["-c", PROGRAM, &sim.url]),
    )?;
    expect(
        &mut tally,
        answer.success && answer.text.trim() == USERS,
        &format!(
            "okta:/// in a clean environment counts {} for {USERS} users",
            answer.text.trim()
        ),
    );
    Ok(tally)
}

/// `python-abi-platform`, the last three parts of a wheel's name.
fn tag(name: &str) -> String {
    let parts: Vec<&str> = name.trim_end_matches(".whl").split('-').collect();
    parts[parts.len().saturating_sub(3)..].join("-")
}

/// The newest `GLIBC_major.minor` among the versions that a library needs.
fn newest_glibc(readelf: &str) -> Option<(u32, u32)> {
    let versions = readelf
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("GLIBC_"));
    let numbers = versions.filter_map(|version| {
        let mut parts = version.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    });
    numbers.max()
}

/// The one that was built last for tests or as a release, else a new one: it takes no DataFusion.
fn okta_sim(invocation: &Invocation) -> Result<PathBuf, String> {
    let built = ["debug", "release"].map(|profile| invocation.target.join(profile).join("okta-sim"));
    if let Some(found) = built.iter().find(|file| file.exists()) {
        return Ok(found.clone());
    }
    let mut build = child::cargo(invocation, &["build", "--release", "--package", "okta-sim"]);
    child::quiet("cargo build of okta-sim", &mut build)?;
    let [_, release] = built;
    Ok(release)
}

/// A Python environment, and a folder for the driver manager that knows nothing; removed with this value.
struct Clean {
    folder: PathBuf,
}

impl Clean {
    fn new() -> Result<Clean, String> {
        let folder = std::env::temp_dir().join(format!("okta-odbc-wheel-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Clean { folder })
    }

    /// The Python of a new environment with the wheel, pyodbc and SQLAlchemy in the versions that are tested.
    fn install(&self, wheel: &Path, versions: &Path) -> Result<PathBuf, String> {
        let environment = self.folder.join("python");
        child::quiet(
            "python3 -m venv",
            Command::new("python3").args(["-m", "venv"]).arg(&environment),
        )?;
        let python = environment.join("bin/python");
        let mut pip = self.command(&python);
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--constraint",
        ])
        .arg(versions)
        .arg(format!("{}[sqlalchemy]", wheel.display()));
        child::quiet("pip install of the wheel", &mut pip)?;
        Ok(python)
    }

    fn command(&self, python: &Path) -> Command {
        let mut command = Command::new(python);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["OKTA_", "ODBC", "PYTHON"].iter().any(|start| text.starts_with(start)) {
                command.env_remove(&name);
            }
        }
        command
            .env("ODBCSYSINI", &self.folder)
            .env("ODBCINI", self.folder.join("odbc.ini"));
        command
    }
}

impl Drop for Clean {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::{newest_glibc, tag};

    #[test]
    fn a_wheels_tag_is_the_end_of_its_name() {
        let name = "okta_odbc-0.1.0-py3-none-manylinux_2_17_x86_64.whl";
        assert_eq!(tag(name), "py3-none-manylinux_2_17_x86_64");
        assert_eq!(tag("okta_odbc.whl"), "okta_odbc");
    }

    #[test]
    fn the_newest_glibc_is_read_from_readelf() {
        let text = "  000000: Version: 1  File: libc.so.6  Cnt: 3\n  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 4\n  \
                    0x0020:   Name: GLIBC_2.17  Flags: none  Version: 3\n  0x0030:   Name: GLIBC_2.2.5  Flags: none  Version: 2\n";
        assert_eq!(newest_glibc(text), Some((2, 17)));
        assert_eq!(newest_glibc("  0x0010:   Name: GCC_3.0"), None);
    }
}

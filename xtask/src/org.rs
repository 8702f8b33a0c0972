//! A running okta-sim, and a private driver manager configuration that knows the driver.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// okta-sim as a child process, ended with this value.
pub struct Sim {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Sim {
    pub fn start(program: &Path, arguments: &[&str]) -> Result<Sim, String> {
        let mut command = Command::new(program);
        command
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut line);
        }
        match line.trim().strip_prefix("ready ") {
            Some(url) => Ok(Sim {
                url: url.to_owned(),
                child,
            }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(format!("okta-sim did not say that it is ready, but: {line:?}"))
            }
        }
    }

    /// Keywords that log in to it.
    pub fn keywords(&self) -> String {
        format!("Domain={};APIToken=sim-token", self.url)
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for ODBCSYSINI with odbcinst.ini and odbc.ini in it, removed with this value.
pub struct Registration {
    pub folder: PathBuf,
}

/// The DSN in the folder's odbc.ini.
pub const DSN: &str = "okta";

impl Registration {
    /// `keywords` become the DSN [`DSN`].
    pub fn new(driver: &Path, keywords: &str) -> Result<Registration, String> {
        let folder = std::env::temp_dir().join(format!("okta-odbc-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let registration = Registration { folder };
        let write = |name: &str, text: String| {
            let file = registration.folder.join(name);
            fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))
        };
        let driver = driver.display();
        write(
            "odbcinst.ini",
            format!("[Okta ODBC Driver]\nDescription=Okta as a database\nDriver={driver}\nThreading=0\n"),
        )?;
        let keywords = keywords.replace(';', "\n");
        write(
            "odbc.ini",
            format!("[{DSN}]\nDriver=Okta ODBC Driver\nDescription=okta-sim\n{keywords}\n"),
        )?;
        Ok(registration)
    }

    /// Every connection by it writes a whole log to `file`.
    pub fn log_to(&self, file: &Path) -> Result<(), String> {
        let path = self.folder.join("odbcinst.ini");
        let said = |error| format!("{}: {error}", path.display());
        let mut drivers = fs::OpenOptions::new().append(true).open(&path).map_err(said)?;
        let keywords = format!("Logfile={}\nVerbosity=5\nMaxLogFileSize=1 GB\n", file.display());
        drivers.write_all(keywords.as_bytes()).map_err(said)
    }

    /// Makes `command` see this configuration and no other.
    pub fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .env("ODBCSYSINI", &self.folder)
            .env("ODBCINI", self.folder.join("odbc.ini"))
            .env_remove("ODBCINSTINI")
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

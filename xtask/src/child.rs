//! Runs other programs: quiet until they fail, or with their lines passed on.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::Invocation;

/// What a finished program printed, and whether it succeeded.
pub struct Output {
    pub success: bool,
    /// Standard output and standard error, in the order they were written.
    pub text: String,
}

/// How long a program may be silent before a line says that it still runs.
const PATIENCE: Duration = Duration::from_secs(15);

/// `cargo` with the target directory that all commands share.
pub fn cargo(invocation: &Invocation, arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    builder(cargo.as_ref(), invocation, arguments)
}

/// A program that builds by cargo's rules, into the same directory.
pub fn builder(program: &OsStr, invocation: &Invocation, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(&invocation.root)
        .env("CARGO_TARGET_DIR", &invocation.target);
    // What cargo told this program about itself would make build scripts that watch these variables run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let own = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_BIN_",
            "CARGO_CRATE_",
            "CARGO_PRIMARY_",
        ];
        if own.iter().any(|start| name.starts_with(start)) {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Runs to the end and keeps what it prints; a line every 15 seconds says that `what` still runs.
pub fn capture(what: &str, command: &mut Command) -> Result<Output, String> {
    let start = Instant::now();
    let (mut reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let second = writer.try_clone().map_err(|error| error.to_string())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    // The command holds the pipe's other ends; the reader ends when they are gone.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let (sender, receiver) = channel();
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = reader.read_to_end(&mut bytes).map(|_| bytes);
        let _ = sender.send(());
        result
    });
    while let Err(RecvTimeoutError::Timeout) = receiver.recv_timeout(PATIENCE) {
        println!("   {what} … {} s", start.elapsed().as_secs());
    }
    let bytes = reading
        .join()
        .map_err(|_| format!("{what}: reading its output failed"))?;
    let text = String::from_utf8_lossy(&bytes.map_err(|error| error.to_string())?).into_owned();
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok(Output {
        success: status.success(),
        text,
    })
}

/// Runs to the end; its output is shown only when it fails.
pub fn quiet(what: &str, command: &mut Command) -> Result<String, String> {
    let output = capture(what, command)?;
    if output.success {
        Ok(output.text)
    } else {
        Err(format!("{}\n{what} failed", output.text.trim_end()))
    }
}

/// Runs to the end with every line passed on, indented.
pub fn loud(what: &str, command: &mut Command) -> Result<(), String> {
    let (reader, writer) = std::io::pipe().map_err(|error| error.to_string())?;
    let second = writer.try_clone().map_err(|error| error.to_string())?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let mut child = command
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    command.stdout(Stdio::null()).stderr(Stdio::null());
    for line in BufReader::new(reader).lines() {
        println!("   {}", line.map_err(|error| error.to_string())?);
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{what} failed ({status})"))
    }
}

/// Where `program` is found on the PATH.
pub fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

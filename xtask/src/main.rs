//! `cargo xtask`: the repository's commands, under names that stay.

mod bench;
mod build;
mod child;
mod clients;
mod demo;
mod licences;
mod memcheck;
mod org;
mod package;
mod setup;
mod symbols;
mod tally;
mod test;
mod tidy;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Every command: its name, what it does, and what runs it.
const COMMANDS: &[(&str, &str, Run)] = &[
    (
        "demo",
        "build everything, start okta-sim and show its rows through isql, pyodbc, pandas and SQLAlchemy",
        demo::run,
    ),
    ("test", "everything a change must pass, set-up included", test::run),
    (
        "build",
        "release build: target/release/libokta_odbc.so, okta-odbc, okta-sim",
        build::run,
    ),
    (
        "bench",
        "benchmarks beside their peers, written to target/bench.json",
        bench::run,
    ),
    ("tidy", "the house rules of ARCHITECTURE.md", tidy::run),
    ("docs", "the Rust documentation of the workspace", build::docs),
    (
        "clients",
        "the client matrix: every client of tests/apps/clients.toml",
        clients::run,
    ),
    ("memcheck", "the tests of the C functions under valgrind", memcheck::run),
    (
        "package",
        "the Python wheel for old versions of glibc, checked; --check FILE checks a finished one",
        package::run,
    ),
    ("windows", "the Windows driver and its installer", not_yet),
];

type Run = fn(&Invocation) -> Result<(), Failure>;

/// One call of xtask.
pub struct Invocation {
    pub command: String,
    pub arguments: Vec<String>,
    /// The checkout.
    pub root: PathBuf,
    /// Where cargo builds: outside the checkout, so that a new clone finds its dependencies compiled.
    pub target: PathBuf,
}

/// Why a command ends with a non-zero exit code.
pub struct Failure {
    pub message: String,
    pub code: u8,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure { message, code: 1 }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure {
            message: error.to_string(),
            code: 1,
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let Some((_, _, run)) = COMMANDS.iter().find(|(name, _, _)| *name == command) else {
        eprintln!("usage: cargo xtask <command>\n");
        for (name, about, run) in COMMANDS {
            let mark = if std::ptr::fn_addr_eq(*run, not_yet as Run) {
                " (not yet)"
            } else {
                ""
            };
            eprintln!("  {name:8} {about}{mark}");
        }
        return ExitCode::from(2);
    };
    let invocation = Invocation {
        command,
        arguments: arguments.collect(),
        root: checkout(),
        target: target(),
    };
    match run(&invocation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}

fn not_yet(invocation: &Invocation) -> Result<(), Failure> {
    Err(Failure {
        message: format!("cargo xtask {}: not there yet", invocation.command),
        code: 2,
    })
}

fn checkout() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = manifest.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().map(Path::to_path_buf).unwrap_or(xtask)
}

/// `$CARGO_TARGET_DIR`, else the cache.
fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) if !directory.is_empty() => {
            std::path::absolute(&directory).unwrap_or_else(|_| directory.into())
        }
        _ => cache().join("target"),
    }
}

/// Where builds and the Python environment live between clones.
pub fn cache() -> PathBuf {
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_else(std::env::temp_dir);
    home.join(".cache").join("okta-odbc")
}

//! `cargo xtask clients`: the client matrix, every client of tests/apps/clients.toml really run against okta-sim.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::build::Built;
use crate::{Failure, Invocation, build, setup, tally};

/// Options that run no client: the first two install, which `.ci/run` does beside the build; `--docs` writes docs/compat.md anew
/// from what the last run of all clients left in target/clients, after a change of deviations.toml or of a test's name.
const WITHOUT_DRIVER: &[&str] = &["--packages", "--install", "--docs"];

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    setup::packages()?;
    setup::node()?;
    let runs_none = invocation
        .arguments
        .iter()
        .any(|argument| WITHOUT_DRIVER.contains(&argument.as_str()));
    let built = match runs_none {
        true => Built::within(&invocation.target.join("debug")),
        false => build::tested(invocation)?,
    };
    let mut runner = runner(&invocation.root, &built);
    runner.args(&invocation.arguments);
    let (success, last) = passed_on(&mut runner)?;
    let tally = tally::closing_line(&last);
    if success && (runs_none || tally.passed > 0) {
        Ok(())
    } else {
        Err(String::new().into())
    }
}

/// tests/apps/clients, which needs no more than Python's standard library.
fn runner(root: &Path, built: &Built) -> Command {
    let mut command = Command::new("python3");
    command
        .arg("-u")
        .arg(root.join("tests/apps/clients"))
        .current_dir(root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("OKTA_ODBC_DRIVER", &built.driver)
        .env("OKTA_SIM", &built.sim)
        .env("OKTA_CLIENTS_FOLDER", root.join("target/clients"));
    command
}

/// Runs to the end with every line passed on as it is: the last one counts what passed and failed. Gives that line.
fn passed_on(command: &mut Command) -> Result<(bool, String), String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("python3: {error}"))?;
    let mut last = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            last = line.map_err(|error| error.to_string())?;
            println!("{last}");
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    Ok((status.success(), last))
}

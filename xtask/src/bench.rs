//! `cargo xtask bench`: the figures of the README, measured beside their peers in one run, in target/bench.json.

use std::fs;
use std::process::Command;

use crate::org::{Registration, Sim};
use crate::{Failure, Invocation, build, child, setup};

/// The sizes that the figures are promised for; `--quick` divides them by twenty.
const USERS: u64 = 200_000;
const STREAMED: u64 = 1_000_000;

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let quick = invocation.arguments.iter().any(|argument| argument == "--quick");
    let divisor = if quick { 20 } else { 1 };
    setup::packages()?;
    let python = setup::python(invocation)?;
    println!("building the release (fat LTO: minutes)");
    let built = build::release(invocation)?;
    let floor = floor(invocation)?;
    let size = fs::metadata(&built.driver)?.len();

    let (users, streamed) = (USERS / divisor, STREAMED / divisor);
    let sim = Sim::start(&built.sim, &["--users", &users.to_string()])?;
    let large = Sim::start(&built.sim, &["--users", &streamed.to_string()])?;
    let registration = Registration::new(&built.driver, &sim.keywords())?;
    let folder = invocation.root.join("target");
    fs::create_dir_all(&folder)?;
    let report = folder.join("bench.json");
    let mut bench = Command::new(&python);
    bench.arg("-u").arg(invocation.root.join("tests/apps/bench.py"));
    bench.args([
        "--users",
        &users.to_string(),
        "--streamed",
        &streamed.to_string(),
        "--size",
        &size.to_string(),
    ]);
    bench
        .args(["--sim", &sim.url, "--large-sim", &large.url])
        .arg("--floor")
        .arg(&floor);
    bench.arg("--driver").arg(&built.driver).arg("--report").arg(&report);
    child::loud("tests/apps/bench.py", registration.apply(&mut bench))?;
    println!("{}", report.display());
    Ok(())
}

/// The program of `benches/floor.rs`, built as the release is.
fn floor(invocation: &Invocation) -> Result<std::path::PathBuf, String> {
    let arguments = [
        "bench",
        "--package",
        "okta-odbc",
        "--bench",
        "floor",
        "--no-run",
        "--profile",
        "release",
    ];
    let output = child::quiet("cargo bench --no-run", &mut child::cargo(invocation, &arguments))?;
    let path = output
        .lines()
        .find_map(|line| line.trim().strip_prefix("Executable "))
        .and_then(|line| {
            let start = line.rfind('(')?;
            Some(line[start + 1..].trim_end_matches(')').to_owned())
        });
    let path = path.ok_or_else(|| format!("cargo named no program:\n{output}"))?;
    // Cargo prints it relative to where it was called.
    Ok(invocation.root.join(path))
}

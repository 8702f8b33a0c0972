//! `cargo xtask bench`: the figures of the README, measured beside their peers in one run, in target/bench.json.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::Built;
use crate::org::{Registration, Sim};
use crate::{Failure, Invocation, build, child, setup};

/// The sizes that the figures are promised for; `--quick` divides them by twenty.
const USERS: u64 = 200_000;
const STREAMED: u64 = 1_000_000;
const FETCHED: u64 = 1_000_000;

/// What is measured, and how it was built.
struct Programs {
    built: Built,
    floor: PathBuf,
    build: String,
}

impl Programs {
    /// The release, or what lies in the folder that `--built` names, floor included. `scratch`: and the driver with tables
    /// in memory, which no release has.
    fn of(invocation: &Invocation, scratch: bool) -> Result<Programs, String> {
        let given = invocation
            .arguments
            .iter()
            .skip_while(|argument| *argument != "--built");
        if let Some(folder) = given.skip(1).map(PathBuf::from).next() {
            return Ok(Programs {
                built: Built::within(&folder),
                floor: folder.join("floor"),
                build: format!("as found in {}", folder.display()),
            });
        }
        println!("building the release (fat LTO: minutes)");
        if scratch {
            let mut cargo = child::cargo(invocation, &["build", "--release", "--package", "okta-odbc-scratch"]);
            child::quiet("cargo build --release", &mut cargo)?;
        }
        Ok(Programs {
            built: build::release(invocation)?,
            floor: invocation.target.join("release/floor"),
            build: "release, fat LTO, stripped".to_owned(),
        })
    }
}

/// What is measured when nothing is named; the name of a part alone measures that part.
const PARTS: &[&str] = &["scan", "fetch"];

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let given = |name: &str| invocation.arguments.iter().any(|argument| argument == name);
    let divisor = if given("--quick") { 20 } else { 1 };
    let named = PARTS.iter().any(|part| given(part));
    let measures = |part: &str| given(part) || !named;
    setup::packages()?;
    let python = setup::python(invocation)?;
    let programs = Programs::of(invocation, measures("fetch"))?;
    let folder = invocation.root.join("target");
    fs::create_dir_all(&folder)?;
    let report = folder.join("bench.json");
    if measures("scan") {
        scan(invocation, &python, &programs, divisor, &report)?;
    }
    if measures("fetch") {
        fetch(invocation, &python, &programs, divisor, &report)?;
    }
    println!("{}", report.display());
    Ok(())
}

/// Reading from Okta, beside its SDK and the floor. Begins a new report.
fn scan(
    invocation: &Invocation,
    python: &Path,
    programs: &Programs,
    divisor: u64,
    report: &Path,
) -> Result<(), Failure> {
    let Programs { built, floor, build } = programs;
    let (users, streamed) = ((USERS / divisor).to_string(), (STREAMED / divisor).to_string());
    let sim = Sim::start(&built.sim, &["--users", &users])?;
    let large = Sim::start(&built.sim, &["--users", &streamed])?;
    let registration = Registration::new(&built.driver, &sim.keywords())?;
    let mut bench = Command::new(python);
    bench.arg("-u").arg(invocation.root.join("tests/apps/bench.py"));
    bench.args(["--users", &users, "--streamed", &streamed, "--build", build]);
    bench.args(["--sim", &sim.url, "--large-sim", &large.url]);
    bench.arg("--floor").arg(floor).arg("--driver").arg(&built.driver);
    bench.arg("--report").arg(report);
    child::loud("tests/apps/bench.py", registration.apply(&mut bench))?;
    Ok(())
}

/// Fetching from memory, beside other drivers. Adds to the report.
fn fetch(
    invocation: &Invocation,
    python: &Path,
    programs: &Programs,
    divisor: u64,
    report: &Path,
) -> Result<(), Failure> {
    setup::peers()?;
    let sim = Sim::start(&programs.built.sim, &["--users", "10"])?;
    let mut bench = Command::new(python);
    bench.arg("-u").arg(invocation.root.join("tests/apps/bench_fetch.py"));
    bench.args(["--rows", &(FETCHED / divisor).to_string(), "--build", &programs.build]);
    bench.args(["--sim", &sim.url]);
    bench.arg("--driver").arg(&programs.built.scratch_driver);
    bench.arg("--report").arg(report);
    child::loud("tests/apps/bench_fetch.py", &mut bench)?;
    Ok(())
}

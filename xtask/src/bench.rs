//! `cargo xtask bench`: the figures of the README, measured beside their peers in one run, in target/bench.json.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::build::Built;
use crate::org::{Registration, Sim};
use crate::{Failure, Invocation, build, child, setup};

/// The sizes that the figures are promised for; `--quick` divides them by twenty.
const USERS: u64 = 200_000;
const STREAMED: u64 = 1_000_000;

/// What is measured, and how it was built.
struct Programs {
    built: Built,
    floor: PathBuf,
    build: String,
}

impl Programs {
    /// The release, or what lies in the folder that `--built` names, floor included.
    fn of(invocation: &Invocation) -> Result<Programs, String> {
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
        Ok(Programs {
            built: build::release(invocation)?,
            floor: invocation.target.join("release/floor"),
            build: "release, fat LTO, stripped".to_owned(),
        })
    }
}

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let quick = invocation.arguments.iter().any(|argument| argument == "--quick");
    let divisor = if quick { 20 } else { 1 };
    setup::packages()?;
    let python = setup::python(invocation)?;
    let Programs { built, floor, build } = Programs::of(invocation)?;

    let (users, streamed) = ((USERS / divisor).to_string(), (STREAMED / divisor).to_string());
    let sim = Sim::start(&built.sim, &["--users", &users])?;
    let large = Sim::start(&built.sim, &["--users", &streamed])?;
    let registration = Registration::new(&built.driver, &sim.keywords())?;
    let folder = invocation.root.join("target");
    fs::create_dir_all(&folder)?;
    let report = folder.join("bench.json");
    let mut bench = Command::new(&python);
    bench.arg("-u").arg(invocation.root.join("tests/apps/bench.py"));
    bench.args(["--users", &users, "--streamed", &streamed, "--build", &build]);
    bench.args(["--sim", &sim.url, "--large-sim", &large.url]);
    bench.arg("--floor").arg(&floor).arg("--driver").arg(&built.driver);
    bench.arg("--report").arg(&report);
    child::loud("tests/apps/bench.py", registration.apply(&mut bench))?;
    println!("{}", report.display());
    Ok(())
}

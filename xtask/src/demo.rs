//! `cargo xtask demo`: from a bare Debian or Ubuntu with Rust to rows of an Okta org, in isql, pyodbc and pandas.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::org::{DSN, Registration, Sim};
use crate::{Failure, Invocation, build, child, setup};

/// The org of the tour.
const ORG: &[&str] = &["--users", "300", "--groups", "12", "--apps", "8"];

/// What the tour asks isql; the rest of it is tests/apps/tour.py.
const ISQL: &[&str] = &[
    "SELECT Id, ProfileFirstName FROM Users WHERE Status = 'Active' LIMIT 5",
    "SELECT Status, COUNT(*) AS HeadCount FROM Users GROUP BY Status ORDER BY HeadCount DESC",
];

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let start = Instant::now();
    say("1. What the tour needs: unixODBC, Python with pyodbc, pandas and SQLAlchemy");
    setup::packages()?;
    let (built, python) = std::thread::scope(|scope| {
        let python = scope.spawn(|| setup::python(invocation));
        say("2. Building the driver and okta-sim (minutes on a cold machine, seconds after)");
        let built = build::shown(invocation);
        (
            built,
            python.join().unwrap_or_else(|_| Err("setting up Python failed".into())),
        )
    });
    let (built, python) = (built?, python?);

    say(&format!("3. Starting okta-sim: {}", ORG.join(" ")));
    let sim = Sim::start(&built.sim, ORG)?;
    println!("   {}", sim.url);
    let registration = Registration::new(&built.driver, &sim.keywords())?;
    println!(
        "   the driver is registered in ODBCSYSINI={} as DSN {DSN}, for this tour only",
        registration.folder.display()
    );

    say("4. isql");
    for statement in ISQL {
        println!("   {statement}");
        let rows = isql(&registration, statement)?;
        for line in rows.lines() {
            println!("   {line}");
        }
    }

    say("5. pyodbc, pandas and SQLAlchemy");
    let mut tour = Command::new(&python);
    tour.arg("-u")
        .arg(invocation.root.join("tests/apps/tour.py"))
        .arg(format!("DSN={DSN}"));
    child::loud("tests/apps/tour.py", registration.apply(&mut tour))?;
    say(&format!(
        "Done in {:.0} s. Your own org: DSN-less `Driver={{Okta ODBC Driver}};Domain=…;APIToken=…`, see README.md",
        start.elapsed().as_secs_f64()
    ));
    Ok(())
}

fn say(line: &str) {
    println!("\n{line}");
}

/// One statement through isql; rows are wanted.
fn isql(registration: &Registration, statement: &str) -> Result<String, String> {
    let mut command = Command::new("isql");
    command
        .args(["-v", "-b", DSN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = registration
        .apply(&mut command)
        .spawn()
        .map_err(|error| format!("isql: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{statement}").map_err(|error| format!("isql: {error}"))?;
    }
    let output = child.wait_with_output().map_err(|error| format!("isql: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let fetched = text
        .lines()
        .any(|line| line.ends_with(" rows fetched") && !line.starts_with("0 "));
    if output.status.success() && fetched {
        Ok(text)
    } else {
        Err(format!(
            "isql showed no rows:\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

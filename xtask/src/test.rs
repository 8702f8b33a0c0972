//! `cargo xtask test`: everything that a change must pass, set-up included.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::ScopedJoinHandle;
use std::time::Instant;

use crate::build::Built;
use crate::org::Registration;
use crate::tally::{self, Tally};
use crate::{Failure, Invocation, build, child, licences, setup, symbols, tidy};

/// Parts that ran, with what they counted.
struct Report {
    total: Tally,
    start: Instant,
}

impl Report {
    /// Runs one part, prints its seconds; nothing counted is a failure.
    fn part<T>(&mut self, name: &str, run: impl FnOnce() -> Result<(Tally, T), String>) -> Option<T> {
        let start = Instant::now();
        println!("== {name}");
        let (mut tally, value) = match run() {
            Ok((tally, value)) => (tally, Some(value)),
            Err(message) => {
                println!("{message}");
                (
                    Tally {
                        failed: 1,
                        ..Tally::default()
                    },
                    None,
                )
            }
        };
        if tally.passed + tally.failed == 0 && tally.skipped.is_empty() {
            println!("   nothing ran");
            tally.failed = 1;
        }
        println!("   {:.1} s: {}", start.elapsed().as_secs_f64(), tally.line());
        self.total.add(tally);
        value
    }

    fn finish(self) -> Result<(), Failure> {
        println!("== {:.0} s in all", self.start.elapsed().as_secs_f64());
        for skipped in &self.total.skipped {
            println!("skipped: {skipped}");
        }
        self.total.close()
    }
}

/// Where every okta-sim of the tests keeps the driver's requests.
const RECORD: &str = "OKTA_SIM_RECORD";

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let mut report = Report {
        total: Tally::default(),
        start: Instant::now(),
    };
    if report
        .part("set-up", || {
            setup::packages_for_tests().map(|()| (Tally::passed(1), ()))
        })
        .is_none()
    {
        return report.finish();
    }
    std::thread::scope(|scope| {
        // Downloads while the compiler works.
        let python = scope.spawn(|| Environments::new(invocation));
        all(invocation, &mut report, python);
    });
    report.finish()
}

/// What the client tests run in.
struct Environments {
    python: PathBuf,
    older_sqlalchemy: PathBuf,
    browser: PathBuf,
    oidc_provider: PathBuf,
}

impl Environments {
    fn new(invocation: &Invocation) -> Result<Environments, String> {
        let python = setup::python(invocation)?;
        let older_sqlalchemy = setup::older_sqlalchemy(invocation, &python)?;
        let browser = setup::browser()?;
        let oidc_provider = setup::oidc_provider(invocation)?;
        Ok(Environments {
            python,
            older_sqlalchemy,
            browser,
            oidc_provider,
        })
    }
}

fn all(invocation: &Invocation, report: &mut Report, environments: ScopedJoinHandle<'_, Result<Environments, String>>) {
    report.part("cargo fmt", || {
        one(
            "cargo fmt",
            &mut child::cargo(invocation, &["fmt", "--all", "--", "--check"]),
        )
    });
    report.part("tidy", || tidy::check(&invocation.root).map(|tally| (tally, ())));
    report.part("licences", || licences::check(invocation).map(|tally| (tally, ())));
    let built = report.part("build", || {
        build::tested(invocation).map(|built| (Tally::passed(1), built))
    });
    if let Some(built) = built {
        report.part("symbols", || {
            symbols::check(&invocation.root, &built.driver).map(|tally| (tally, ()))
        });
        let requests = invocation.target.join("driver-requests.jsonl");
        // What an earlier run asked says nothing about this one.
        let _ = std::fs::remove_file(&requests);
        report.part("cargo test", || cargo_test(invocation, &built, &requests));
        let environments = report.part("pytest", || {
            let environments = environments
                .join()
                .map_err(|_| "setting up Python failed".to_owned())??;
            let mut command = pytest(invocation, &built, &environments, &requests);
            command.arg("tests/apps").args(&invocation.arguments);
            Ok((pytest_tally(&mut command)?, environments))
        });
        if let Some(environments) = environments {
            report.part("pytest with SQLAlchemy 2.0", || {
                let mut command = pytest(invocation, &built, &environments, &requests);
                command
                    .args(sqlalchemy_tests(&invocation.root)?)
                    .env("PYTHONPATH", &environments.older_sqlalchemy)
                    // test_sqlalchemy_connect.py compares it with what was imported.
                    .env("OKTA_SQLALCHEMY_LINE", "2.0");
                Ok((pytest_tally(&mut command)?, ()))
            });
            report.part("requests by Okta's specification", || {
                specification(invocation, &environments.python, &requests)
            });
        }
    }
    let clippy = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    report.part("clippy", || one("clippy", &mut child::cargo(invocation, &clippy)));
}

/// A command that counts as one test.
fn one(what: &str, command: &mut Command) -> Result<(Tally, ()), String> {
    child::quiet(what, command).map(|_| (Tally::passed(1), ()))
}

/// Unit, ABI and driver manager tests. Every test target of the workspace must have run some, tests/dm above all.
fn cargo_test(invocation: &Invocation, built: &Built, requests: &Path) -> Result<(Tally, ()), String> {
    // Tests through the driver manager register what they need; this one holds no DSN.
    let registration = Registration::new(&built.driver, "")?;
    // The driver looks its section up however it is connected to, in process too; pytest searches the log for secrets.
    let logs = logs(invocation);
    let _ = std::fs::remove_dir_all(&logs);
    std::fs::create_dir_all(&logs).map_err(|error| format!("{}: {error}", logs.display()))?;
    registration.log_to(&logs.join("driver.log"))?;
    let mut command = child::cargo(
        invocation,
        &["test", "--workspace", "--no-fail-fast", "--", "--show-output"],
    );
    registration
        .apply(&mut command)
        .env("OKTA_ODBC_DRIVER", &built.driver)
        .env("OKTA_SIM", &built.sim)
        .env(RECORD, requests);
    let output = child::capture("cargo test", &mut command)?;
    let (binaries, skipped) = tally::cargo_test(&output.text);
    let mut tally = Tally {
        skipped,
        ..Tally::default()
    };
    for binary in &binaries {
        tally.passed += binary.passed;
        tally.failed += binary.failed;
    }
    for wanted in ["through_unixodbc", "okta_odbc-", "okta_sim-"] {
        if !binaries
            .iter()
            .any(|binary| binary.name.contains(wanted) && binary.passed + binary.failed > 0)
        {
            println!("   no test of {wanted}* ran");
            tally.failed += 1;
        }
    }
    if !output.success {
        println!("{}", failures(&output.text));
        tally.failed = tally.failed.max(1);
    }
    Ok((tally, ()))
}

/// What a reader needs of a failed run: compiler errors, failed tests and what they printed.
fn failures(output: &str) -> String {
    let mut kept = Vec::new();
    let mut inside = false;
    for line in output.lines() {
        let text = line.trim_start();
        if text.starts_with("failures:") || text.starts_with("error") {
            inside = true;
        } else if text.starts_with("Running ") || text.starts_with("successes:") || text.starts_with("test result: ok")
        {
            inside = false;
        }
        if inside || text.ends_with("... FAILED") || text.contains("(signal: ") || text.contains("overflow") {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// Where the driver of `cargo test` logs.
fn logs(invocation: &Invocation) -> PathBuf {
    invocation.target.join("driver-logs")
}

/// The client tests, not yet named. They start their own okta-sim and register the driver privately.
fn pytest(invocation: &Invocation, built: &Built, environments: &Environments, requests: &Path) -> Command {
    let mut command = Command::new(&environments.python);
    command
        .args(["-m", "pytest", "-q", "-rs", "--tb=short", "-p", "no:cacheprovider"])
        .current_dir(&invocation.root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("OKTA_ODBC_DRIVER", &built.driver)
        .env("OKTA_SIM", &built.sim)
        .env("OKTA_ODBC_LAUNCHER", &built.launcher)
        .env("OKTA_ODBC_SCRATCH_DRIVER", &built.scratch_driver)
        .env("OKTA_CHROMIUM", &environments.browser)
        .env("OKTA_OIDC", &environments.oidc_provider)
        .env("OKTA_ODBC_LOGS", logs(invocation))
        .env(RECORD, requests);
    if invocation.arguments.is_empty() {
        // Then the search for secrets must have had something to search.
        command.env("OKTA_ODBC_WHOLE_SUITE", "1");
    }
    command
}

/// The tests that SQLAlchemy's older line runs too.
fn sqlalchemy_tests(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join("tests/apps");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("test_sqlalchemy") && name.ends_with(".py")
    });
    files.sort();
    if files.is_empty() {
        // Without a name pytest would run whatever it finds.
        return Err(format!("{}: no test_sqlalchemy*.py", folder.display()));
    }
    Ok(files)
}

fn pytest_tally(command: &mut Command) -> Result<Tally, String> {
    let output = child::capture("pytest", command)?;
    let told = |line: &&str| line.starts_with("recorded rows of ") || line.contains("compliance suite: ");
    for line in output.text.lines().filter(told) {
        println!("   {line}");
    }
    let mut tally = tally::pytest(&output.text);
    if !output.success {
        println!("{}", output.text.trim_end());
        tally.failed = tally.failed.max(1);
    }
    Ok(tally)
}

/// Every request that the driver made in the tests, checked against Okta's OpenAPI by a validator that nobody here wrote.
fn specification(invocation: &Invocation, python: &Path, requests: &Path) -> Result<(Tally, ()), String> {
    let specification = std::env::var_os("OKTA_SPEC").map_or_else(
        || invocation.root.join("../shared/okta/management-prism.json"),
        PathBuf::from,
    );
    if !specification.exists() {
        let reason = format!(
            "requests by Okta's specification: {} is absent",
            specification.display()
        );
        return Ok((
            Tally {
                skipped: vec![reason],
                ..Tally::default()
            },
            (),
        ));
    }
    setup::node()?;
    let mut command = Command::new(python);
    command
        .arg(invocation.root.join("tests/apps/prism_check.py"))
        .arg(requests)
        .env("OKTA_SPEC", &specification);
    let output = child::capture("Prism", &mut command)?;
    let mut tally = tally::closing_line(&output.text);
    if !output.success {
        println!("{}", output.text.trim_end());
        tally.failed = tally.failed.max(1);
    }
    Ok((tally, ()))
}

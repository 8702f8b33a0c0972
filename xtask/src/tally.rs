//! Counts what passed, failed and was skipped, out of what each test runner prints.

use crate::Failure;

/// The result of one part of `cargo xtask test`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    /// `name: reason` of everything that was not run.
    pub skipped: Vec<String>,
}

impl Tally {
    pub fn passed(passed: usize) -> Tally {
        Tally {
            passed,
            ..Tally::default()
        }
    }

    pub fn add(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }

    /// The last line of a command that counts.
    pub fn line(&self) -> String {
        match self.skipped.len() {
            0 => format!("{} passed, {} failed", self.passed, self.failed),
            skipped => format!("{} passed, {} failed, {skipped} skipped", self.passed, self.failed),
        }
    }

    /// Prints the closing line; a command with failures ends with 1 and says no more.
    pub fn close(&self) -> Result<(), Failure> {
        println!("{}", self.line());
        if self.failed == 0 {
            Ok(())
        } else {
            Err(String::new().into())
        }
    }
}

/// One test binary of a `cargo test` run.
#[derive(Debug, PartialEq, Eq)]
pub struct Binary {
    /// As cargo names it: `unittests src/lib.rs (…/okta_odbc-0123)`, `tests/connect.rs (…)`, `Doc-tests okta_odbc`.
    pub name: String,
    pub passed: usize,
    pub failed: usize,
}

/// Every test binary in the output of `cargo test -- --show-output`, and the lines `SKIPPED name: reason` of its tests.
pub fn cargo_test(output: &str) -> (Vec<Binary>, Vec<String>) {
    let mut binaries: Vec<Binary> = Vec::new();
    let mut skipped = Vec::new();
    // The binary whose result has not been seen; one that died has none.
    let mut running: Option<String> = None;
    let died = |name: String| Binary {
        name,
        passed: 0,
        failed: 1,
    };
    for line in output.lines() {
        let text = line.trim();
        if let Some(binary) = text
            .strip_prefix("Running ")
            .or_else(|| text.strip_prefix("Doc-tests "))
        {
            binaries.extend(running.replace(binary.to_owned()).map(died));
        } else if let Some(result) = text.strip_prefix("test result: ") {
            let count = |what| number_before(result, what).unwrap_or(0);
            let name = running.take().unwrap_or_default();
            if count(" ignored") > 0 {
                skipped.push(format!("{name}: {} ignored", count(" ignored")));
            }
            binaries.push(Binary {
                name,
                passed: count(" passed"),
                failed: count(" failed"),
            });
        } else if let Some(what) = text.strip_prefix("SKIPPED ") {
            skipped.push(what.to_owned());
        }
    }
    binaries.extend(running.map(died));
    (binaries, skipped)
}

/// `N passed, N failed` on a line of its own.
pub fn closing_line(output: &str) -> Tally {
    let line = output.lines().rev().find(|line| line.contains(" passed, "));
    Tally {
        passed: line.and_then(|line| number_before(line, " passed")).unwrap_or(0),
        failed: line.and_then(|line| number_before(line, " failed")).unwrap_or(0),
        ..Tally::default()
    }
}

/// The last line of pytest, and the lines that name what was skipped.
pub fn pytest(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        if let Some(what) = line.strip_prefix("SKIPPED ") {
            // pytest folds equal skips into one line: `SKIPPED [3] file:line: reason`.
            let (count, reason) = what
                .strip_prefix('[')
                .and_then(|rest| rest.split_once("] "))
                .unwrap_or(("1", what));
            let count = count.parse().unwrap_or(1);
            tally.skipped.extend(std::iter::repeat_n(reason.to_owned(), count));
        }
    }
    if let Some(last) = output
        .lines()
        .rev()
        .find(|line| line.contains(" in ") && line.contains("s"))
    {
        tally.passed = number_before(last, " passed").unwrap_or(0);
        tally.failed = [" failed", " error"]
            .iter()
            .filter_map(|what| number_before(last, what))
            .sum();
    }
    tally
}

fn number_before(text: &str, what: &str) -> Option<usize> {
    let before = &text[..text.find(what)?];
    let start = before.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    before[start..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_test_output_is_counted_per_binary_and_skips_are_named() {
        let output = "     Running unittests src/lib.rs (target/debug/deps/okta_odbc-1)\n\
            test a ... ok\nSKIPPED recordings: no folder\n\
            test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            \x20    Running tests/connect.rs (target/debug/deps/connect-2)\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let (binaries, skipped) = cargo_test(output);
        assert_eq!(binaries.len(), 2);
        assert_eq!((binaries[0].passed, binaries[0].failed), (12, 0));
        assert_eq!((binaries[1].passed, binaries[1].failed), (3, 2));
        assert!(binaries[1].name.starts_with("tests/connect.rs"));
        assert_eq!(skipped[0], "recordings: no folder");
        assert!(skipped[1].ends_with("1 ignored"));
    }

    #[test]
    fn a_test_binary_that_died_has_failed() {
        let output = "Running unittests src/lib.rs (a-1)\n(signal: 6, SIGABRT)\n\
            Running tests/x.rs (x-2)\ntest result: ok. 1 passed; 0 failed; 0 ignored\nRunning tests/y.rs (y-3)\n";
        let failed: Vec<usize> = cargo_test(output).0.iter().map(|binary| binary.failed).collect();
        assert_eq!(failed, [1, 0, 1]);
    }

    #[test]
    fn a_closing_line_is_counted() {
        let tally = closing_line("GET /x\n  Prism answers 404\n31 passed, 2 failed\n");
        assert_eq!((tally.passed, tally.failed), (31, 2));
        assert_eq!(closing_line("nothing").passed, 0);
    }

    #[test]
    fn pytest_output_is_counted() {
        let output = "....s\nSKIPPED [2] tests/apps/test_recorded.py:9: no recordings\n\
            ======= 1 failed, 41 passed, 2 skipped, 1 error in 3.21s =======\n";
        let reason = "tests/apps/test_recorded.py:9: no recordings".to_owned();
        assert_eq!(
            pytest(output),
            Tally {
                passed: 41,
                failed: 2,
                skipped: vec![reason.clone(), reason]
            }
        );
        assert_eq!(pytest("no tests ran in 0.01s\n"), Tally::default());
    }

    #[test]
    fn the_last_line_names_skips_only_when_there_are_some() {
        assert_eq!(Tally::passed(3).line(), "3 passed, 0 failed");
        let some = Tally {
            passed: 3,
            failed: 1,
            skipped: vec!["x".into()],
        };
        assert_eq!(some.line(), "3 passed, 1 failed, 1 skipped");
    }
}

//! `cargo xtask memcheck`: the tests of the C functions, in process, under valgrind.

use std::path::Path;

use crate::tally::{self, Tally};
use crate::{Failure, Invocation, child, setup};

/// The rooms whose code reads and writes through an application's pointers, and those that hand them out; and what programs do, call
/// by call, in tests/it/flows. The tests in Python have pages behind their buffers instead that nothing may touch (guard_program.py):
/// an interpreter under valgrind drowns what the driver does.
const TESTS: &[&str] = &["ffi::", "convert::", "handles::", "statement::", "flows::"];

/// Tests that valgrind cannot run: one measures time, which passes twenty times slower; one fills a small stack, which valgrind needs
/// itself; one forks, and in the child the memory that only other threads' stacks point to counts as lost.
const NOT_HERE: &[&str] = &[
    "the_query_timeout_ends_a_call",
    "a_hundred_thousand_ors_on_a_small_stack",
    "a_lock_held_while_forking_is_free_in_the_child",
];

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let tally = check(invocation)?;
    tally.close()
}

/// What valgrind reports counts as one failure.
pub fn check(invocation: &Invocation) -> Result<Tally, String> {
    setup::valgrind()?;
    let runner = runner(&invocation.root);
    let mut arguments = vec![
        "--config",
        &runner,
        "test",
        "--workspace",
        "--exclude",
        "okta-odbc-scratch",
    ];
    arguments.extend(["--lib", "--test", "it", "--no-fail-fast", "--"]);
    arguments.extend(TESTS);
    arguments.extend(NOT_HERE.iter().flat_map(|test| ["--skip", test]));
    let output = child::capture("tests under valgrind", &mut child::cargo(invocation, &arguments))?;
    let mut tally = Tally::default();
    for binary in tally::cargo_test(&output.text).0 {
        tally.passed += binary.passed;
        tally.failed += binary.failed;
    }
    if !output.success || tally.passed == 0 {
        println!("{}", output.text.trim_end());
        tally.failed = tally.failed.max(1);
    }
    Ok(tally)
}

/// cargo's setting that runs test programs by valgrind: an error, or memory that nothing points to any more, is an exit code.
fn runner(root: &Path) -> String {
    let suppressions = format!("--suppressions={}", root.join("tests/valgrind.supp").display());
    let valgrind = [
        "valgrind",
        "--quiet",
        "--error-exitcode=9",
        "--num-callers=30",
        // Threads take turns: one that waits for another by looking again and again would keep it from running.
        "--fair-sched=yes",
        "--leak-check=full",
        "--show-leak-kinds=definite",
        "--errors-for-leak-kinds=definite",
        &suppressions,
    ];
    let list: Vec<String> = valgrind.iter().map(|word| format!("{word:?}")).collect();
    format!("target.'cfg(all())'.runner = [{}]", list.join(", "))
}

//! Each rule, on a snippet that breaks it and on its neighbour that does not.

use super::rules::RULES;
use super::source::Source;
use super::{Finding, House};

const LOCK: &str = "[[package]]\nname = \"arrow\"\nversion = \"59.0.0\"\n\n[[package]]\nname = \"datafusion\"\nversion = \"55.2.0\"\n\n\
    [[package]]\nname = \"sqlparser\"\nversion = \"0.62.0\"\n\n[[package]]\nname = \"reqwest\"\nversion = \"0.13.0\"\n\n\
    [[package]]\nname = \"rustls\"\nversion = \"0.23.0\"\n\n[[package]]\nname = \"hyper\"\nversion = \"1.0.0\"\n\n\
    [[package]]\nname = \"tokio\"\nversion = \"1.0.0\"\n";
const MANIFEST: &str = "[package]\nname = \"okta-odbc\"\n\n[dependencies]\narrow = \"59\"\nserde = \"1\"\nserde_json = \"1\"\ntoml = \"1\"\n";
const DM: &str = "[package]\nname = \"okta-odbc-dm\"\n\n[dev-dependencies]\nodbc-api = \"29\"\n";

const SCRATCH: &str = "[package]\nname = \"okta-odbc-scratch\"\n\n[dependencies]\narrow = \"59\"\nserde = \"1\"\nserde_json = \"1\"\ntoml = \"1\"\n";

/// A house in which every rule holds, with `files` put into it.
fn house(files: &[(&str, &str)]) -> House {
    let mut house = House {
        rust: Vec::new(),
        other: Vec::new(),
    };
    let base = [
        ("Cargo.lock", LOCK),
        ("Cargo.toml", MANIFEST),
        ("tests/dm/Cargo.toml", DM),
        ("tests/scratch/Cargo.toml", SCRATCH),
    ];
    for (path, text) in base
        .iter()
        .filter(|(path, _)| !files.iter().any(|(given, _)| given == path))
        .chain(files)
    {
        if path.ends_with(".rs") {
            house.rust.push(Source::new(path, text));
        } else {
            house.other.push((path.to_string(), text.to_string()));
        }
    }
    house
}

/// Everything the rules find, `rule: finding`.
fn findings(files: &[(&str, &str)]) -> Vec<Finding> {
    let house = house(files);
    RULES
        .iter()
        .flat_map(|(name, rule)| {
            rule(&house)
                .into_iter()
                .map(move |finding| format!("{name}: {finding}"))
        })
        .collect()
}

#[track_caller]
fn breaks(path: &str, text: &str, expected: &str) {
    let found = findings(&[(path, text)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains(expected), "{found:#?}");
}

#[track_caller]
fn holds(path: &str, text: &str) {
    assert_eq!(findings(&[(path, text)]), Vec::<Finding>::new());
}

#[test]
fn every_rule_is_broken_by_a_test() {
    let broken = [
        findings(&[("src/okta/page.rs", "use x;\n")]),
        findings(&[("src/okta/page.rs", &format!("//! Long.\n{}", "// x\n".repeat(800)))]),
        findings(&[("src/okta/utils.rs", "//! Everything.\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nuse crate::catalog::Table;\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nfn f() { unsafe {} }\n")]),
        findings(&[("src/ffi/fetch.rs", "//! P.\nconst S: &str = \"42S02\";\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nfn f() { r.block_on(x) }\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nfn f() { println!(\"x\") }\n")]),
        findings(&[("src/ffi/guard.rs", "//! P.\nfn f() { std::panic::set_hook(x) }\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nuse std::{env, fs};\n")]),
        findings(&[("README.md", concat!("see /ho", "me/me/x\n"))]),
        findings(&[("src/okta/page.rs", "//! P.\n#[allow(dead_code)]\nfn f() {}\n")]),
        findings(&[("src/okta/page.rs", "//! P.\nfn f() { todo!() }\n")]),
        findings(&[(
            "tests/dm/Cargo.toml",
            "[dependencies]\nokta-odbc = { path = \"../..\" }\n",
        )]),
        findings(&[("tests/scratch/Cargo.toml", "[package]\nname = \"okta-odbc-scratch\"\n")]),
        findings(&[(
            "Cargo.lock",
            &format!("{LOCK}\n[[package]]\nname = \"arrow\"\nversion = \"58.0.0\"\n"),
        )]),
        findings(&[(
            "Cargo.lock",
            &format!("{LOCK}\n[[package]]\nname = \"openssl-sys\"\nversion = \"0.9.0\"\n"),
        )]),
    ];
    for ((name, _), found) in RULES.iter().zip(&broken) {
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:#?}");
    }
    assert_eq!(RULES.len(), broken.len());
}

#[test]
fn a_clean_house_has_no_findings() {
    holds(
        "src/okta/page.rs",
        "//! Follows `Link` headers.\nuse crate::okta::Request;\nuse serde_json::Value;\n",
    );
}

#[test]
fn arrows_are_seen_in_groups_supers_and_full_paths() {
    breaks(
        "src/okta/page.rs",
        "//! P.\nuse crate::{\n    diag,\n    engine::{Engine, Error},\n};\n",
        "okta must not see engine",
    );
    breaks(
        "src/okta/page.rs",
        "//! P.\nuse super::super::sql;\n",
        "okta must not see sql",
    );
    breaks(
        "src/okta/mod.rs",
        "//! P.\nuse super::sql::Parsed;\n",
        "okta must not see sql",
    );
    breaks(
        "src/okta/page.rs",
        "//! P.\nfn f(x: arrow::array::ArrayRef) {}\n",
        "the crate arrow",
    );
    breaks(
        "src/engine/scan.rs",
        "//! P.\nfn f() -> crate::connection::Runtime {}\n",
        "engine must not see connection",
    );
    breaks(
        "src/statement/mod.rs",
        "//! P.\nuse crate::okta;\n",
        "statement must not see okta",
    );
    breaks(
        "src/catalog/org.rs",
        "//! P.\nuse serde_json::Value;\n",
        "catalog must not see the crate serde_json",
    );
    breaks(
        "src/catalog/org.rs",
        "//! P.\nuse crate::okta::Error;\n",
        "catalog must not see okta",
    );
    breaks("src/engine/mod.rs", "//! P.\nuse crate::cli;\n", "only ffi");
}

#[test]
fn arrows_are_not_seen_in_comments_strings_and_other_paths() {
    holds(
        "src/okta/page.rs",
        "//! P.\n// crate::engine would be wrong\nconst S: &str = \"crate::engine\";\n",
    );
    holds(
        "src/okta/page.rs",
        "//! P.\nuse super::engine_of;\nuse crate::okta::sql::X;\n",
    );
    holds("src/sql/mod.rs", "//! P.\nuse self::arrow::x;\n");
    holds(
        "src/engine/mod.rs",
        "//! P.\nuse crate::{catalog::Table, okta::Client};\nuse datafusion::prelude::*;\n",
    );
}

#[test]
fn unsafe_is_found_as_a_word_only() {
    holds(
        "src/okta/page.rs",
        "//! P.\n#![deny(unsafe_code)]\n/* unsafe */ const S: &str = r#\"unsafe \"x\" \"#;\n",
    );
    holds("src/ffi/fetch.rs", "//! P.\nunsafe fn f() {}\n");
    breaks(
        "src/handles/mod.rs",
        "//! P.\nunsafe impl Send for X {}\n",
        "src/handles/mod.rs:2",
    );
}

#[test]
fn sqlstates_are_allowed_in_diag_and_in_tests() {
    holds("src/diag/mod.rs", "//! P.\nconst S: &str = \"42S02\";\n");
    holds("src/ffi/tests.rs", "//! P.\nconst S: &str = \"42S02\";\n");
    holds(
        "src/ffi/mod.rs",
        "//! P.\nfn f() {}\n#[cfg(test)]\nmod tests {\n    const S: &str = \"HY000\";\n}\n",
    );
    holds(
        "src/ffi/mod.rs",
        "//! P.\nconst S: &str = \"TABLE\";\nconst T: &str = \"12345\";\n",
    );
    breaks("src/convert/mod.rs", "//! P.\nconst S: &str = r\"22003\";\n", "22003");
}

#[test]
fn prints_and_the_environment_are_for_cli_and_dsn() {
    holds(
        "src/cli/query.rs",
        "//! P.\nfn f() { println!(\"x\") }\nuse std::env;\n",
    );
    holds("src/connection/dsn.rs", "//! P.\nuse std::env;\n");
    holds(
        "src/okta/page.rs",
        "//! P.\nfn f() { blueprint!(x) }\nuse std::{fs, path::Path};\n",
    );
    breaks(
        "src/okta/page.rs",
        "//! P.\nfn f() { std::env::var(\"X\"); }\n",
        "environment",
    );
}

#[test]
fn an_allow_with_its_reason_stands() {
    holds(
        "src/ffi/mod.rs",
        "//! P.\n// the C ABI\n#![allow(unsafe_code)]\n#[allow(dead_code)] // used by Windows\nfn f() {}\n",
    );
}

#[test]
fn okta_paths_are_no_local_paths() {
    holds(
        "src/okta/page.rs",
        concat!("//! P.\nconst S: &str = \"/api/v1/ho", "me/x ${X}/wo", "rk/\";\n"),
    );
}

#[test]
fn character_literals_and_lifetimes_do_not_hide_code() {
    breaks(
        "src/okta/page.rs",
        "//! P.\nfn f<'a>(x: &'a str) { m('\"'); m('\\''); unsafe {} }\n",
        "unsafe",
    );
}

#[test]
fn the_driver_of_tests_is_the_driver() {
    let other = SCRATCH.replace("arrow = \"59\"", "arrow = \"58\"");
    breaks("tests/scratch/Cargo.toml", &other, "line by line");
    let features = "\n[features]\nscratch-tables = []\n";
    holds("Cargo.toml", &format!("{MANIFEST}{features}"));
    let on = format!("{MANIFEST}{features}default = [\"scratch-tables\"]\n");
    breaks("Cargo.toml", &on, "no feature is on by default");
}

//! The licences of everything that is linked: the list of deny.toml, checked without cargo-deny.

use std::fs;
use std::path::Path;

use crate::tally::Tally;
use crate::{Invocation, child};

pub fn check(invocation: &Invocation) -> Result<Tally, String> {
    let allowed = allowed(&invocation.root)?;
    let arguments = [
        "tree",
        "--workspace",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}|{l}",
    ];
    let tree = child::quiet("cargo tree", &mut child::cargo(invocation, &arguments))?;
    // ` (*)` marks a package whose dependencies were listed above.
    let lines = tree.lines().map(|line| line.trim_end_matches(" (*)"));
    let mut packages: Vec<(&str, &str)> = lines.filter_map(|line| line.rsplit_once('|')).collect();
    packages.sort_unstable();
    packages.dedup();
    if packages.is_empty() {
        return Err("cargo tree listed nothing".into());
    }
    let mut tally = Tally::default();
    for (package, licence) in packages {
        if !permits(licence, &allowed) {
            tally.failed += 1;
            println!("   {package}: licence {licence:?} is not in deny.toml");
        }
    }
    // However many packages there are, this is one check.
    tally.passed = usize::from(tally.failed == 0);
    Ok(tally)
}

/// `licenses.allow` of deny.toml.
fn allowed(root: &Path) -> Result<Vec<String>, String> {
    let text = fs::read_to_string(root.join("deny.toml")).map_err(|error| format!("deny.toml: {error}"))?;
    let section = text
        .split("[licenses]")
        .nth(1)
        .and_then(|rest| rest.split("allow = [").nth(1));
    let list = section
        .and_then(|rest| rest.split(']').next())
        .ok_or("deny.toml has no licenses.allow")?;
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

/// True when an SPDX expression can be met by `allowed`. (The old `MIT/Apache-2.0` means OR.)
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&words, &mut at, allowed);
    met && at == words.len()
}

fn any(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = all(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(words, at, allowed);
    }
    met
}

fn all(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[String]) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any(words, at, allowed);
        *at += 1;
        return met;
    }
    let mut name = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    allowed.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::permits;

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(String::from);
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0 OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(permits(good, &allowed), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR Apache-2.0) AND OpenSSL",
            "MIT MIT",
        ] {
            assert!(!permits(bad, &allowed), "{bad}");
        }
    }
}

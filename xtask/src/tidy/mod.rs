//! `cargo xtask tidy`: the house rules of ARCHITECTURE.md, checked over the text of every file.

mod rules;
mod source;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use crate::tally::Tally;
use crate::{Failure, Invocation};
use source::Source;

/// What a rule finds: `file:line: what and what to do instead`.
pub type Finding = String;

/// The checkout as the rules see it.
pub struct House {
    /// Every `.rs` file.
    pub rust: Vec<Source>,
    /// Every other file that is text: its path and content.
    pub other: Vec<(String, String)>,
}

impl House {
    fn read(root: &Path) -> Result<House, String> {
        let mut house = House {
            rust: Vec::new(),
            other: Vec::new(),
        };
        house.enter(root, root)?;
        Ok(house)
    }

    fn enter(&mut self, root: &Path, folder: &Path) -> Result<(), String> {
        let listed = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut entries: Vec<_> = listed.filter_map(Result::ok).map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink()
                || matches!(
                    name.as_str(),
                    "target" | ".git" | "__pycache__" | ".pytest_cache" | "node_modules"
                )
            {
                continue;
            }
            if path.is_dir() {
                self.enter(root, &path)?;
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let relative = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            if name.ends_with(".rs") {
                self.rust.push(Source::new(&relative, &text));
            } else {
                self.other.push((relative, text));
            }
        }
        Ok(())
    }

    /// The content of a file that is not Rust.
    pub fn file(&self, path: &str) -> Option<&str> {
        self.other
            .iter()
            .find(|(name, _)| name == path)
            .map(|(_, text)| text.as_str())
    }
}

/// Runs every rule; one test each.
pub fn check(root: &Path) -> Result<Tally, String> {
    let house = House::read(root)?;
    if house.rust.is_empty() {
        return Err(format!("no Rust files under {}", root.display()));
    }
    let mut tally = Tally::default();
    for (name, rule) in rules::RULES {
        let findings = rule(&house);
        if findings.is_empty() {
            tally.passed += 1;
            continue;
        }
        tally.failed += 1;
        println!("   {name}:");
        for finding in findings {
            println!("      {finding}");
        }
    }
    Ok(tally)
}

pub fn run(invocation: &Invocation) -> Result<(), Failure> {
    let tally = check(&invocation.root)?;
    tally.close()
}

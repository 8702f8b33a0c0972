//! The driver library as the loader sees it: it exports the manifest and nothing else, and needs no driver manager.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::child;
use crate::tally::Tally;

/// What the manifest does not list because it is not ODBC's: the command's body.
const OWN: &[&str] = &["okta_odbc_main"];

/// Libraries that the driver must not bring in.
const UNWANTED: &[&str] = &["libodbc.", "libodbcinst.", "libiodbc.", "libssl.", "libcrypto."];

pub fn check(root: &Path, driver: &Path) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let listed = manifest(root)?;
    let table = child::quiet("nm", Command::new("nm").args(["-D", "--defined-only"]).arg(driver))?;
    let exported: BTreeSet<String> = defined(&table)
        .into_iter()
        .filter(|name| !OWN.contains(&name.as_str()))
        .collect();
    let difference =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join(" ");
    let (missing, more) = (difference(&listed, &exported), difference(&exported, &listed));
    expect(
        &mut tally,
        missing.is_empty(),
        &format!("in EXPORTS, but not exported: {missing}"),
    );
    expect(
        &mut tally,
        more.is_empty(),
        &format!("exported, but not in EXPORTS: {more}"),
    );
    expect(
        &mut tally,
        defined(&table).iter().any(|name| name == OWN[0]),
        "okta_odbc_main is not exported",
    );
    let dynamic = child::quiet(
        "readelf",
        Command::new("readelf").args(["--dynamic", "--wide"]).arg(driver),
    )?;
    let needed: Vec<&str> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    let unwanted: Vec<&&str> = needed
        .iter()
        .filter(|line| UNWANTED.iter().any(|name| line.contains(name)))
        .collect();
    expect(&mut tally, !needed.is_empty(), "readelf lists no library at all");
    expect(
        &mut tally,
        unwanted.is_empty(),
        &format!("the driver links {unwanted:?}"),
    );
    let stays = dynamic
        .lines()
        .any(|line| line.contains("FLAGS") && line.contains("NODELETE"));
    expect(
        &mut tally,
        stays,
        "the driver is not linked with -z nodelete (decision 3)",
    );
    Ok(tally)
}

/// Counts what held, and prints `otherwise` where it did not.
pub fn expect(tally: &mut Tally, held: bool, otherwise: &str) {
    if held {
        tally.passed += 1;
    } else {
        tally.failed += 1;
        println!("   {otherwise}");
    }
}

/// The functions that `nm` shows.
fn defined(table: &str) -> Vec<String> {
    let name = |line: &str| {
        line.split_whitespace()
            .last()
            .map(|name| name.split('@').next().unwrap_or(name).to_owned())
    };
    table
        .lines()
        .filter(|line| line.contains(" T "))
        .filter_map(name)
        .collect()
}

/// The string literals of `EXPORTS` in src/ffi.
fn manifest(root: &Path) -> Result<BTreeSet<String>, String> {
    let folder = root.join("src/ffi");
    let files = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for path in files.filter_map(Result::ok).map(|entry| entry.path()) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        if let Some(names) = exports(&text) {
            return Ok(names);
        }
    }
    Err("src/ffi has no `const EXPORTS`".into())
}

fn exports(text: &str) -> Option<BTreeSet<String>> {
    let start = ["const EXPORTS", "static EXPORTS"]
        .iter()
        .find_map(|name| text.find(name))?;
    let list = &text[start..];
    let list = &list[..list.find("];")?];
    let names: BTreeSet<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::{defined, exports};

    #[test]
    fn the_manifest_is_read_from_its_text() {
        let text = "pub const EXPORTS: &[&str] = &[\n    \"SQLFetch\", // block\n    \"SQLTablesW\",\n];\nconst X: &str = \"no\";\n";
        let names: Vec<String> = exports(text).into_iter().flatten().collect();
        assert_eq!(names, ["SQLFetch", "SQLTablesW"]);
        assert_eq!(exports("fn f() {}"), None);
    }

    #[test]
    fn functions_are_read_from_nm() {
        let table = "0000000000001000 T SQLFetch\n0000000000002000 D data\n0000000000003000 T SQLTables@@V1\n";
        assert_eq!(defined(table), ["SQLFetch", "SQLTables"]);
    }
}

//! The rules themselves: each looks at the whole house and names what breaks it.

use super::source::Source;
use super::{Finding, House};

type Rule = fn(&House) -> Vec<Finding>;

pub const RULES: &[(&str, Rule)] = &[
    ("a file opens with one //! sentence", opening_sentence),
    ("files stay under 800 lines", length),
    ("no utils, helpers, manager, misc", names),
    ("arrows that must not exist", arrows),
    ("unsafe only where ARCHITECTURE.md allows it", unsafe_code),
    ("SQLSTATEs only in src/diag", sqlstates),
    ("block_on only in connection/runtime.rs", block_on),
    ("nothing prints outside cli", prints),
    ("no panic hook, no global logger", global_state),
    ("the environment is read in connection/dsn.rs and cli only", environment),
    ("no machine's paths, no registry's host", local_paths),
    ("an #[allow] gives its reason", allows),
    ("nothing is left for later, nothing is ignored", leftovers),
    ("tests/dm never links the driver", dm_is_foreign),
    ("tests/scratch is the driver and one feature", scratch_is_the_driver),
    ("one version each of arrow, datafusion, sqlparser, reqwest", one_version),
    ("TLS is rustls with ring", tls),
];

/// Room, rooms it must not name, crates it must not name.
const ARROWS: &[(&str, &[&str], &[&str])] = &[
    (
        "okta",
        &["catalog", "engine", "sql"],
        &["arrow", "datafusion", "odbc_sys"],
    ),
    ("sql", &["catalog"], &["datafusion", "arrow", "odbc_sys"]),
    ("engine", &["ffi", "handles", "statement", "convert", "connection"], &[]),
    ("convert", &["engine", "okta", "sql"], &[]),
    ("statement", &["okta"], &[]),
    ("ffi", &["okta"], &[]),
    ("metadata", &["okta", "engine", "ffi"], &[]),
    (
        "log",
        &[
            "catalog",
            "cli",
            "connection",
            "convert",
            "diag",
            "engine",
            "ffi",
            "handles",
            "metadata",
            "sql",
            "statement",
        ],
        &["arrow", "datafusion", "odbc_sys", "reqwest", "sqlparser"],
    ),
];

/// Rooms and crates that `catalog` may name; it sees nothing else (thiserror derives its errors, as everywhere).
const CATALOG_SEES: (&[&str], &[&str]) = (&["catalog"], &["serde", "thiserror", "toml"]);

/// Files and folders that may hold `unsafe`.
const UNSAFE: &[&str] = &[
    "src/ffi/",
    "src/convert/buffer.rs",
    "src/connection/odbcinst.rs",
    "packaging/launcher/",
    // They call the C ABI, as applications do.
    "tests/",
];

/// Appendix A of the ODBC reference.
const SQLSTATES: &str = "01000 01001 01002 01003 01004 01006 01007 01S00 01S01 01S02 01S06 01S07 01S08 01S09 07001 07002 \
    07005 07006 07009 07S01 08001 08002 08003 08004 08007 08S01 21S01 21S02 22001 22002 22003 22007 22008 22012 22015 22018 \
    22019 22025 22026 23000 24000 25000 25S01 25S02 25S03 28000 34000 3C000 3D000 3F000 40001 40002 40003 42000 42S01 42S02 \
    42S11 42S12 42S21 42S22 44000 HY000 HY001 HY003 HY004 HY007 HY008 HY009 HY010 HY011 HY012 HY013 HY014 HY015 HY016 HY017 \
    HY018 HY019 HY020 HY021 HY024 HY090 HY091 HY092 HY095 HY096 HY097 HY098 HY099 HY100 HY101 HY103 HY104 HY105 HY106 HY107 \
    HY109 HY110 HY111 HYC00 HYT00 HYT01 IM001 IM002 IM003 IM004 IM005 IM006 IM007 IM008 IM009 IM010 IM011 IM012 IM013 IM014 \
    IM015 IM017 IM018 54000 S1000 S1C00";

fn at(source: &Source, line: usize, what: &str) -> Finding {
    format!("{}:{line}: {what}", source.path)
}

/// Lines of the driver itself (not of its tests) that hold one of `words`, outside `allowed`.
fn words(house: &House, words: &[&str], allowed: &[&str], what: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in house
        .rust
        .iter()
        .filter(|source| source.path.starts_with("src/") && !starts(&source.path, allowed))
    {
        for word in words {
            let lines = source
                .lines_with(word)
                .into_iter()
                .filter(|line| !source.is_test(*line));
            findings.extend(lines.map(|line| at(source, line, &format!("`{word}`: {what}"))));
        }
    }
    findings
}

fn starts(path: &str, places: &[&str]) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

fn opening_sentence(house: &House) -> Vec<Finding> {
    let bare = |source: &&Source| !source.text.starts_with("//! ");
    house
        .rust
        .iter()
        .filter(bare)
        .map(|source| at(source, 1, "say what the file owns in a `//!` sentence"))
        .collect()
}

fn length(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let python = house
        .other
        .iter()
        .filter(|(path, _)| path.ends_with(".py"))
        .map(|(path, text)| (path, text));
    for (path, text) in house
        .rust
        .iter()
        .map(|source| (&source.path, &source.text))
        .chain(python)
    {
        let lines = text.lines().count();
        if lines > 800 {
            findings.push(format!("{path}: {lines} lines; split it by what it owns"));
        }
    }
    findings
}

fn names(house: &House) -> Vec<Finding> {
    let paths = house
        .rust
        .iter()
        .map(|source| &source.path)
        .chain(house.other.iter().map(|(path, _)| path));
    let vague = |path: &&String| {
        path.split('/').any(|part| {
            let stem = part.split('.').next().unwrap_or(part);
            stem.split(['_', '-'])
                .any(|word| matches!(word, "util" | "utils" | "helper" | "helpers" | "manager" | "misc"))
        })
    };
    paths
        .filter(vague)
        .map(|path| format!("{path}: name it after what it owns"))
        .collect()
}

fn arrows(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &house.rust {
        let Some(room) = source.room() else { continue };
        for (_, rooms, crates) in ARROWS.iter().filter(|(name, _, _)| *name == room) {
            let named = source
                .rooms_named()
                .into_iter()
                .filter(|(_, name)| rooms.contains(&name.as_str()));
            findings.extend(named.map(|(line, name)| at(source, line, &format!("{room} must not see {name}"))));
            for name in *crates {
                let lines = source.uses_crate(name).into_iter();
                findings.extend(lines.map(|line| at(source, line, &format!("{room} must not see the crate {name}"))));
            }
        }
        if room == "catalog" {
            let (rooms, crates) = CATALOG_SEES;
            let named = source
                .rooms_named()
                .into_iter()
                .filter(|(_, name)| !rooms.contains(&name.as_str()));
            findings.extend(named.map(|(line, name)| at(source, line, &format!("catalog must not see {name}"))));
            for name in dependencies(house)
                .iter()
                .filter(|name| !crates.contains(&name.as_str()))
            {
                let lines = source
                    .uses_crate(name)
                    .into_iter()
                    .filter(|line| !source.is_test(*line));
                findings.extend(lines.map(|line| at(source, line, &format!("catalog must not see the crate {name}"))));
            }
        }
        if room != "cli" && room != "ffi" {
            let named = source.rooms_named().into_iter().filter(|(_, name)| name == "cli");
            findings.extend(named.map(|(line, _)| at(source, line, "only ffi's okta_odbc_main sees cli")));
        }
    }
    findings
}

/// The root package's dependencies, as crate names.
fn dependencies(house: &House) -> Vec<String> {
    let manifest = house.file("Cargo.toml").unwrap_or_default();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let keys = lines
        .filter_map(|line| line.split_once('='))
        .map(|(key, _)| key.trim().replace('-', "_"));
    keys.filter(|key| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .collect()
}

fn unsafe_code(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in house.rust.iter().filter(|source| !starts(&source.path, UNSAFE)) {
        findings.extend(
            source
                .lines_with("unsafe")
                .into_iter()
                .map(|line| at(source, line, "unsafe code belongs to ffi")),
        );
    }
    findings
}

fn sqlstates(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let elsewhere = |source: &&Source| source.path.starts_with("src/") && !source.path.starts_with("src/diag/");
    for source in house.rust.iter().filter(elsewhere) {
        for (line, literal) in &source.strings {
            if literal.len() == 5
                && SQLSTATES.split_whitespace().any(|state| state == literal)
                && !source.is_test(*line)
            {
                findings.push(at(
                    source,
                    *line,
                    &format!("SQLSTATE {literal}: return an error, diag gives it its SQLSTATE"),
                ));
            }
        }
    }
    findings
}

fn block_on(house: &House) -> Vec<Finding> {
    words(
        house,
        &["block_on"],
        &["src/connection/runtime.rs"],
        "wait through connection::Runtime::run",
    )
}

fn prints(house: &House) -> Vec<Finding> {
    let macros = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
    words(house, &macros, &["src/cli/"], "the driver lives inside other programs")
}

fn global_state(house: &House) -> Vec<Finding> {
    let calls = [
        "set_hook",
        "take_hook",
        "set_logger",
        "set_boxed_logger",
        "set_global_default",
    ];
    words(house, &calls, &[], "process-wide state belongs to the application")
}

fn environment(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let elsewhere = |source: &&Source| {
        source.path.starts_with("src/") && !starts(&source.path, &["src/cli/", "src/connection/dsn.rs"])
    };
    for source in house.rust.iter().filter(elsewhere) {
        let named = source
            .after("std::")
            .into_iter()
            .filter(|(line, name)| name == "env" && !source.is_test(*line));
        findings
            .extend(named.map(|(line, _)| at(source, line, "connection/dsn.rs is the only reader of the environment")));
    }
    findings
}

/// Written in pieces, so that this file does not break its own rule.
const LOCAL: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:\\\\Us", "ers"),
    concat!("arti", "factory"),
    concat!("registry+", "http://"),
    concat!("index-", "url"),
];

fn local_paths(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    let rust = house.rust.iter().map(|source| (&source.path, &source.text));
    for (path, text) in rust.chain(house.other.iter().map(|(path, text)| (path, text))) {
        for (number, line) in text.lines().enumerate() {
            // `/api/v1/users/` and the like are Okta's; a local path starts a word.
            let local = |place: &&&str| {
                line.match_indices(**place).any(|(at, _)| {
                    !place.starts_with('/')
                        || !line[..at].ends_with(|c: char| c.is_alphanumeric() || "}_-.~".contains(c))
                })
            };
            if let Some(place) = LOCAL.iter().find(local) {
                findings.push(format!("{path}:{}: `{place}` is one machine's", number + 1));
            }
        }
        if path == "Cargo.lock" {
            let foreign =
                |line: &&str| line.starts_with("source = ") && !line.contains("github.com/rust-lang/crates.io-index");
            findings.extend(
                text.lines()
                    .filter(foreign)
                    .map(|line| format!("{path}: {line}: not crates.io")),
            );
        }
    }
    findings
}

fn allows(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &house.rust {
        let lines: Vec<&str> = source.text.lines().collect();
        for (number, code) in source.code.lines().enumerate() {
            let Some(start) = code.find("#[allow(").or_else(|| code.find("#![allow(")) else {
                continue;
            };
            let before = number.checked_sub(1).map_or("", |at| lines[at].trim_start());
            let reason = lines[number][start..].contains("//")
                || lines[number].contains("reason =")
                || before.starts_with("//") && !before.starts_with("///") && !before.starts_with("//!")
                // Which files may is a rule of its own.
                || code[start..].contains("allow(unsafe_code)") && starts(&source.path, UNSAFE);
            if !reason {
                findings.push(at(source, number + 1, "say why beside it"));
            }
        }
    }
    findings
}

fn leftovers(house: &House) -> Vec<Finding> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let mut findings = Vec::new();
    for source in &house.rust {
        for mark in marks {
            let held = source.text.lines().enumerate().filter(|(_, line)| line.contains(mark));
            findings
                .extend(held.map(|(number, _)| at(source, number + 1, &format!("{mark}: do it, or open an issue"))));
        }
        for word in ["todo!", "unimplemented!", "#[ignore"] {
            let held = source.code.lines().enumerate().filter(|(_, line)| line.contains(word));
            findings
                .extend(held.map(|(number, _)| at(source, number + 1, &format!("`{word}`: nothing is left undone"))));
        }
    }
    findings
}

fn dm_is_foreign(house: &House) -> Vec<Finding> {
    let manifest = "tests/dm/Cargo.toml";
    let Some(text) = house.file(manifest) else {
        return vec![format!("{manifest} is not there")];
    };
    let key = |line: &str| {
        line.split(['=', '.'])
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"')
            .to_owned()
    };
    let links = |line: &&str| key(line) == "okta-odbc" || line.contains("package = \"okta-odbc\"");
    text.lines()
        .filter(links)
        .map(|line| format!("{manifest}: `{line}`: it must load the driver through unixODBC"))
        .collect()
}

/// The driver of tests is built from the driver's sources, with the driver's dependencies; the driver has no feature that
/// is on by default.
fn scratch_is_the_driver(house: &House) -> Vec<Finding> {
    let copy = "tests/scratch/Cargo.toml";
    let (Some(driver), Some(scratch)) = (house.file("Cargo.toml"), house.file(copy)) else {
        return vec![format!("Cargo.toml or {copy} is not there")];
    };
    let mut findings = Vec::new();
    if dependency_lines(driver) != dependency_lines(scratch) {
        findings.push(format!(
            "{copy}: [dependencies] are not those of Cargo.toml, line by line"
        ));
    }
    let features = driver.split("\n[features]\n").nth(1).unwrap_or_default();
    let features = features.split("\n[").next().unwrap_or_default();
    if features.lines().any(|line| line.starts_with("default")) {
        findings.push("Cargo.toml: `scratch-tables` is for tests; no feature is on by default".to_owned());
    }
    findings
}

/// The lines of `[dependencies]`.
fn dependency_lines(manifest: &str) -> Vec<&str> {
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap_or_default();
    let lines = section.split("\n[").next().unwrap_or_default().lines();
    lines.filter(|line| !line.is_empty()).collect()
}

/// Names and versions in Cargo.lock.
fn locked(house: &House) -> Vec<(&str, &str)> {
    let lock = house.file("Cargo.lock").unwrap_or_default();
    let value = |line: Option<&'_ str>, key: &str| -> Option<usize> { line?.strip_prefix(key).map(|_| key.len()) };
    let mut found = Vec::new();
    for package in lock.split("[[package]]\n").skip(1) {
        let mut lines = package.lines();
        let (name, version) = (lines.next(), lines.next());
        if let (Some(n), Some(v)) = (value(name, "name = "), value(version, "version = ")) {
            found.push((
                name.unwrap_or_default()[n..].trim_matches('"'),
                version.unwrap_or_default()[v..].trim_matches('"'),
            ));
        }
    }
    found
}

fn one_version(house: &House) -> Vec<Finding> {
    let packages = locked(house);
    let mut findings = Vec::new();
    for name in [
        "arrow",
        "datafusion",
        "sqlparser",
        "reqwest",
        "rustls",
        "hyper",
        "tokio",
    ] {
        let versions: Vec<&str> = packages
            .iter()
            .filter(|(found, _)| *found == name)
            .map(|(_, version)| *version)
            .collect();
        if versions.len() != 1 {
            findings.push(format!(
                "Cargo.lock: {name} has the versions {versions:?}; one is wanted"
            ));
        }
    }
    findings
}

fn tls(house: &House) -> Vec<Finding> {
    let unwanted = [
        "openssl",
        "openssl-sys",
        "native-tls",
        "aws-lc-rs",
        "aws-lc-sys",
        "boring",
    ];
    let held = locked(house).into_iter().filter(|(name, _)| unwanted.contains(name));
    held.map(|(name, version)| format!("Cargo.lock: {name} {version}: TLS is rustls with ring"))
        .collect()
}

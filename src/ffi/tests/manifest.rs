//! The manifest against the source: every exported function of ODBC is listed, and nothing else is.

use std::collections::BTreeSet;

use crate::ffi::{EXPORTS, symbols};
use crate::metadata::info::FUNCTIONS;

const SOURCES: &[&str] = &[
    include_str!("../allocate.rs"),
    include_str!("../cancel.rs"),
    include_str!("../catalog.rs"),
    include_str!("../connect.rs"),
    include_str!("../connection_attributes.rs"),
    include_str!("../descriptors.rs"),
    include_str!("../diagnostics.rs"),
    include_str!("../environment.rs"),
    include_str!("../fetch.rs"),
    include_str!("../info.rs"),
    include_str!("../prepare.rs"),
    include_str!("../results.rs"),
    include_str!("../statement_attributes.rs"),
];

fn exported_functions() -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for source in SOURCES {
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.trim() != "#[unsafe(no_mangle)]" {
                continue;
            }
            let signature = lines.next().unwrap_or_default();
            let name = signature
                .strip_prefix("pub unsafe extern \"system\" fn ")
                .and_then(|rest| rest.split('(').next())
                .unwrap_or_else(|| panic!("no_mangle without an extern function: {signature}"));
            assert!(found.insert(name), "{name} twice");
        }
    }
    found
}

#[test]
fn the_manifest_lists_what_is_exported() {
    let manifest: BTreeSet<_> = symbols().collect();
    assert_eq!(manifest, exported_functions());
    assert_eq!(manifest.len(), symbols().count(), "a symbol stands twice");
}

#[test]
fn a_wide_symbol_is_its_narrow_twin_with_a_w() {
    for export in EXPORTS {
        if let Some(wide) = export.wide {
            assert_eq!(wide, format!("{}W", export.symbol));
        }
    }
}

#[test]
fn sqlgetfunctions_tells_of_the_manifest_and_of_nothing_else() {
    for export in EXPORTS {
        assert!(FUNCTIONS.contains(&(export.id, export.symbol)), "{export:?}");
    }
    for (id, name) in FUNCTIONS {
        assert!(EXPORTS.iter().any(|export| export.symbol == *name), "{id} {name}");
    }
}

//! The manifest against the source: every exported function of ODBC is listed, and nothing else is.

use std::collections::BTreeSet;

use crate::ffi::{EXPORTS, is_exported, symbols};
use crate::metadata::info::supports_function;

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
fn ids_are_unique_and_sqlgetfunctions_knows_the_same() {
    let ids: BTreeSet<_> = EXPORTS.iter().map(|export| export.id).collect();
    assert_eq!(ids.len(), EXPORTS.len());
    // unixODBC's sqlext.h numbers SQLCancelHandle 1022, Microsoft's 1550: asked by either, the answer is yes.
    for id in (0..2000).filter(|id| *id != 1022) {
        assert_eq!(supports_function(id), is_exported(id), "SQL_API id {id}");
    }
    assert!(supports_function(1022));
}

//! SQLTables: the listing, and its three enumerations of catalogs, schemas and table types.

use std::sync::Arc;

use super::pattern::Matcher;
use super::shape::{self, Value};
use super::{Argument, ResultSet, View};
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME, Table};

/// The one table type: other names (BASE TABLE) are ignored by LibreOffice and Power Query.
const TABLE: &str = "TABLE";

pub(super) fn tables(
    tables: &[Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
    types: Argument,
) -> ResultSet {
    let rows = match enumeration(cat, schema, table, types) {
        Some(Enumeration::Catalogs) => vec![[CATALOG_NAME.into(), Value::Null, Value::Null, Value::Null, Value::Null]],
        Some(Enumeration::Schemas) => vec![[Value::Null, SCHEMA_NAME.into(), Value::Null, Value::Null, Value::Null]],
        Some(Enumeration::Types) => vec![[Value::Null, Value::Null, Value::Null, TABLE.into(), Value::Null]],
        None => matching(tables, view, cat, schema, table)
            .filter(|table| asks_for(types, table_type(table)))
            .map(|table| {
                [
                    CATALOG_NAME.into(),
                    SCHEMA_NAME.into(),
                    table.name.as_str().into(),
                    table_type(table).into(),
                    table.description.as_str().into(),
                ]
            })
            .collect(),
    };
    shape::result_set(&shape::TABLES, &rows)
}

enum Enumeration {
    Catalogs,
    Schemas,
    Types,
}

/// SQL_ALL_CATALOGS, SQL_ALL_SCHEMAS or SQL_ALL_TABLE_TYPES in its place and empty strings in the others. Null is not
/// empty, and Excel's `%` as catalog with a list of types is a listing.
fn enumeration(cat: Argument, schema: Argument, table: Argument, types: Argument) -> Option<Enumeration> {
    let no_types = matches!(types, None | Some(""));
    match (cat, schema, table) {
        (Some("%"), Some(""), Some("")) if no_types => Some(Enumeration::Catalogs),
        (Some(""), Some("%"), Some("")) if no_types => Some(Enumeration::Schemas),
        (Some(""), Some(""), Some("")) if types == Some("%") => Some(Enumeration::Types),
        _ => None,
    }
}

fn table_type(_table: &Table) -> &'static str {
    #[cfg(feature = "scratch-tables")]
    if _table.scratch.as_ref().is_some_and(|scratch| scratch.is_view) {
        return "VIEW";
    }
    TABLE
}

/// The list of types: `'TABLE','VIEW'`, `TABLE,VIEW`, `VIEW,TABLE,%,` (LibreOffice); an empty one means all.
fn asks_for(types: Argument, wanted: &str) -> bool {
    let mut named = types
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().trim_matches('\'').trim())
        .filter(|name| !name.is_empty())
        .peekable();
    named.peek().is_none() || named.any(|name| name == "%" || name.eq_ignore_ascii_case(wanted))
}

/// The tables that the first three arguments let through, ordered by name.
pub(super) fn matching<'a>(
    tables: &'a [Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> impl Iterator<Item = &'a Arc<Table>> {
    let here = Matcher::pattern(cat, view.metadata_id).matches(CATALOG_NAME)
        && Matcher::pattern(schema, view.metadata_id).matches(SCHEMA_NAME);
    let name = Matcher::pattern(table, view.metadata_id);
    let mut found: Vec<_> = tables
        .iter()
        .filter(|table| here && name.matches(&table.name))
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.into_iter()
}

/// The one table of that name; the name is no pattern.
pub(super) fn named<'a>(
    tables: &'a [Arc<Table>],
    view: View,
    cat: Argument,
    schema: Argument,
    table: Argument,
) -> Option<&'a Arc<Table>> {
    let name = Matcher::name(table?, view.metadata_id);
    matching(tables, view, cat, schema, None).find(|table| name.matches(&table.name))
}

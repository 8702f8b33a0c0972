//! Adds an org's own profile attributes to the embedded tables, purely.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Catalog;
use super::model::{Column, Custom, Kind, Operator, Table};

/// Declared size of a text attribute without `maxLength`.
const DEFAULT_SIZE: u32 = 255;

/// The part of Okta's user and group schema documents that names profile attributes
/// (`GET /api/v1/meta/schemas/user/{id}`, `/api/v1/meta/schemas/group/default`).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct SchemaDocument {
    #[serde(default)]
    definitions: Definitions,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Definitions {
    #[serde(default)]
    base: Section,
    #[serde(default)]
    custom: Section,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Section {
    #[serde(default)]
    properties: BTreeMap<String, Lenient<Attribute>>,
}

/// One profile attribute, as far as a column needs it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(rename = "type", default)]
    json_type: Option<String>,
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    max_length: Option<u32>,
}

/// New forms of attributes may appear any time: what is not understood is left out, not an error.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Known(T),
    Other(IgnoredAny),
}

/// One row of Okta's list of user types (`GET /api/v1/meta/types/user`), as far as its schema needs it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct UserType {
    #[serde(default)]
    default: bool,
    #[serde(rename = "_links", default)]
    links: Links,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Links {
    #[serde(default)]
    schema: Option<Link>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Link {
    href: String,
}

impl UserType {
    pub fn is_default(&self) -> bool {
        self.default
    }

    /// The last segment of the link to its schema: the only place where Okta names it.
    pub fn schema_id(&self) -> Option<&str> {
        let href = &self.links.schema.as_ref()?.href;
        let path = href.split(['?', '#']).next()?;
        path.rsplit('/').next().filter(|id| !id.is_empty())
    }
}

impl Catalog {
    /// A snapshot in which every table whose own attributes are `of` that kind has a typed column per custom attribute of `document`.
    ///
    /// Several documents (one per user type) may be added one after the other: an attribute that is already there
    /// keeps its column; where two types of values disagree it becomes text.
    pub fn with_schema(self: &Arc<Self>, of: Custom, document: &SchemaDocument) -> Arc<Catalog> {
        let extend = |table: &Arc<Table>| match table.custom {
            Some(custom) if custom == of => Arc::new(extended(table, of, document)),
            _ => table.clone(),
        };
        Arc::new(Catalog {
            tables: self.tables.iter().map(extend).collect(),
        })
    }
}

fn extended(table: &Table, of: Custom, document: &SchemaDocument) -> Table {
    let mut table = table.clone();
    // Names are sorted, base before custom: the same document always gives the same columns.
    for section in [&document.definitions.base, &document.definitions.custom] {
        for (name, attribute) in &section.properties {
            if let (Lenient::Known(attribute), true) = (attribute, is_attribute_name(name)) {
                add(&mut table, of, name, attribute);
            }
        }
    }
    table
}

/// Okta's variable names; nothing else fits a JSON path or an expression.
fn is_attribute_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn add(table: &mut Table, of: Custom, name: &str, attribute: &Attribute) {
    let path = format!("profile.{name}");
    let (kind, size) = shape(attribute);
    if let Some(column) = table.columns.iter_mut().find(|c| c.path.as_deref() == Some(&path)) {
        merge(column, kind, attribute.max_length);
        return;
    }
    let operators = if table.list.expression.is_some() {
        operators(of, kind, attribute)
    } else {
        Vec::new()
    };
    let description = attribute
        .description
        .iter()
        .chain(&attribute.title)
        .find(|text| !text.is_empty());
    let column = Column {
        name: free_name(table, name),
        path: Some(path),
        kind,
        size,
        nullable: true,
        description: description
            .cloned()
            .unwrap_or_else(|| format!("Profile attribute {name}")),
        attribute: None,
        operators,
        stored: None,
        sortable: false,
    };
    let is_profile = |c: &Column| c.path.as_deref().is_some_and(|p| p.starts_with("profile."));
    let after = table
        .columns
        .iter()
        .rposition(is_profile)
        .map_or(table.columns.len(), |last| last + 1);
    table.columns.insert(after, column);
}

/// The column of an attribute that two schemas describe.
fn merge(column: &mut Column, kind: Kind, max_length: Option<u32>) {
    match (column.kind.is_text(), kind.is_text()) {
        (true, true) => column.size = column.size.max(max_length),
        _ if column.kind == kind => {}
        // Whatever the rows hold reads as text; no comparison is sure to mean the same in Okta.
        _ => {
            column.kind = Kind::Text;
            column.size = Some(column.size.unwrap_or(0).max(max_length.unwrap_or(0)).max(DEFAULT_SIZE));
            column.operators.clear();
        }
    }
}

/// `costCentre` → `ProfileCostCentre`; names that differ in case only get `_2`, `_3` … in sorted order.
fn free_name(table: &Table, attribute: &str) -> String {
    let name = format!("Profile{}{}", attribute[..1].to_ascii_uppercase(), &attribute[1..]);
    let mut candidate = name.clone();
    let mut number = 2;
    while table.column(&candidate).is_some() {
        candidate = format!("{name}_{number}");
        number += 1;
    }
    candidate
}

fn shape(attribute: &Attribute) -> (Kind, Option<u32>) {
    match (attribute.json_type.as_deref(), attribute.format.as_deref()) {
        (Some("string"), Some("date-time")) => (Kind::Timestamp, None),
        (Some("string"), Some("date")) => (Kind::Date, None),
        (Some("string") | None, _) => (Kind::Text, Some(attribute.max_length.unwrap_or(DEFAULT_SIZE).max(1))),
        (Some("boolean"), _) => (Kind::Boolean, None),
        (Some("integer"), _) => (Kind::Bigint, None),
        (Some("number"), _) => (Kind::Double, None),
        (Some(_), _) => (Kind::Json, None),
    }
}

/// What `search` takes for a custom attribute (behaviour.md §3); groups have no `pr`.
fn operators(of: Custom, kind: Kind, attribute: &Attribute) -> Vec<Operator> {
    use Operator::{Eq, Ge, Gt, Le, Lt, Pr, Sw};
    let mut operators = match kind {
        // Their values never come out.
        Kind::Text if matches!(attribute.format.as_deref(), Some("hashed" | "encrypted")) => return Vec::new(),
        Kind::Text => vec![Eq, Sw, Gt, Ge, Lt, Le],
        Kind::Bigint | Kind::Double => vec![Eq, Gt, Ge, Lt, Le],
        Kind::Boolean => vec![Eq],
        // Custom dates are text of the writer's own form; Okta would compare the text.
        Kind::Timestamp | Kind::Date => vec![],
        // Any element of an array matches: that is another question than SQL asks.
        _ => return Vec::new(),
    };
    if of == Custom::User {
        operators.push(Pr);
    }
    operators
}

#[cfg(test)]
mod tests;

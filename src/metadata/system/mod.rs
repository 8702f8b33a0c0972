//! The system catalog: what SQL Server answers of itself, made from one snapshot of the tables.

mod constraints;
pub mod functions;
mod information_schema;
mod name;
mod objects;
mod relation;
mod server;
mod sys_columns;
mod sys_keys;
mod sys_objects;
mod types;

use std::sync::{Arc, OnceLock};

use crate::catalog::{Catalog, Column};
use objects::Objects;
pub use relation::{Relation, Row, Type, Value};
use types::Described;

/// The schema of the standard's views.
const INFORMATION_SCHEMA: &str = "INFORMATION_SCHEMA";
/// The schema of SQL Server's own views.
const SYS: &str = "sys";
/// The T-SQL that clients may expect, as SERVERPROPERTY('ProductVersion') says it.
const PRODUCT_VERSION: &str = "16.0.1000.6";
/// How text compares: without case, with accents.
const COLLATION: &str = "SQL_Latin1_General_CP1_CI_AS";
/// How ids and opaque values compare: as they are.
const EXACT_COLLATION: &str = "Latin1_General_BIN2";

/// Every list of relations; [`relations`] walks them all.
const LISTS: [&[Relation]; 6] = [
    information_schema::RELATIONS,
    constraints::RELATIONS,
    sys_objects::RELATIONS,
    sys_columns::RELATIONS,
    sys_keys::RELATIONS,
    server::RELATIONS,
];

/// The rows behind the table function `fn_listextendedproperty`, with a column for each level of its arguments.
pub const EXTENDED_PROPERTY_LIST: &Relation = &sys_columns::PROPERTY_LIST;

/// Every relation of the system catalog.
pub fn relations() -> impl Iterator<Item = &'static Relation> {
    LISTS.into_iter().flatten()
}

/// The relation of that name; both names match without case.
pub fn relation(schema: &str, name: &str) -> Option<&'static Relation> {
    relations()
        .find(|relation| relation.schema.eq_ignore_ascii_case(schema) && relation.name.eq_ignore_ascii_case(name))
}

/// Whether that is a schema of the system catalog, in any case.
pub fn is_schema(name: &str) -> bool {
    [INFORMATION_SCHEMA, SYS]
        .iter()
        .any(|schema| schema.eq_ignore_ascii_case(name))
}

/// One snapshot, seen as a SQL Server database.
pub struct System {
    catalog: Arc<Catalog>,
    /// The org's host: `@@SERVERNAME`.
    server: String,
    /// `MaxVarcharSize`
    max_varchar_size: u32,
    /// `CaseSensitive`
    case_sensitive: bool,
    objects: OnceLock<Objects>,
}

impl System {
    pub fn new(catalog: Arc<Catalog>, server: String, max_varchar_size: u32, case_sensitive: bool) -> System {
        System {
            catalog,
            server,
            max_varchar_size,
            case_sensitive,
            objects: OnceLock::new(),
        }
    }

    /// Made when something first asks for an object.
    fn objects(&self) -> &Objects {
        self.objects.get_or_init(|| Objects::of(&self.catalog))
    }

    fn described(&self, column: &Column) -> Described {
        types::described(column, self.max_varchar_size, self.case_sensitive)
    }
}

#[cfg(test)]
mod tests;

//! What Okta holds, as data: the embedded tables and, on top of them, one org's own profile columns.

mod load;
pub mod model;
pub mod org;
#[cfg(feature = "scratch-tables")]
pub mod scratch;

use std::sync::{Arc, LazyLock};

pub use load::LoadError;
pub use model::{Column, Custom, ForeignKey, Get, Kind, List, NoRows, Operator, Parent, Stored, Table};

/// The one catalog (database) name, as SQLTables shows it.
pub const CATALOG_NAME: &str = "Okta";
/// The one schema name.
pub const SCHEMA_NAME: &str = "dbo";

/// Keys of Arrow field metadata that travel from the engine to the statement's descriptors.
pub mod field {
    /// Catalog table a result column comes from, unchanged; absent for computed columns.
    pub const BASE_TABLE: &str = "okta.table";
    /// Catalog column a result column comes from, unchanged.
    pub const BASE_COLUMN: &str = "okta.column";
    /// Declared size in characters, decimal digits.
    pub const SIZE: &str = "okta.size";
    /// Present on catalog columns that Okta always fills; the Arrow field itself stays nullable, whatever Okta sends.
    pub const REQUIRED: &str = "okta.required";
    /// `json` and `long` mark long text (WLONGVARCHAR).
    pub const KIND: &str = "okta.kind";
}

/// One immutable snapshot of the tables; replaced whole, never changed.
#[derive(Debug, Clone)]
pub struct Catalog {
    tables: Vec<Arc<Table>>,
}

impl Catalog {
    /// The tables of `tables/*.toml`, parsed and validated once per process.
    pub fn embedded() -> Arc<Catalog> {
        static EMBEDDED: LazyLock<Arc<Catalog>> = LazyLock::new(|| Arc::new(load::embedded()));
        EMBEDDED.clone()
    }

    /// Every table, ordered by name.
    pub fn tables(&self) -> &[Arc<Table>] {
        &self.tables
    }

    /// The table of that name, matched without case.
    pub fn table(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.iter().find(|t| t.name.eq_ignore_ascii_case(name))
    }
}

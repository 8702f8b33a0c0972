//! The objects of the snapshot, which are what `object_id` numbers: tables, their keys, and the system's own views.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{INFORMATION_SCHEMA, Relation, SYS, name, relations};
use crate::catalog::{CATALOG_NAME, Catalog, SCHEMA_NAME, Table};
use crate::metadata::keys::{foreign_key_name, primary_key_name};

/// Schemas and their ids, as SQL Server numbers its own.
pub const SCHEMAS: [(&str, i32); 3] = [(SCHEMA_NAME, 1), (INFORMATION_SCHEMA, 3), (SYS, 4)];
/// The index of a table without a clustered one.
pub const HEAP: i32 = 0;
/// The index that a primary key is; 1 would be a clustered one, and Okta says nothing of its order.
pub const PRIMARY_KEY_INDEX: i32 = 2;

/// The id of a schema, matched without case.
pub fn schema_id(schema: &str) -> Option<i32> {
    SCHEMAS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(schema))
        .map(|(_, id)| *id)
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Table,
    PrimaryKey,
    /// By its position among the table's foreign keys.
    ForeignKey(usize),
    SystemView,
}

impl Kind {
    /// `type` and `type_desc` of sys.objects.
    pub fn codes(self) -> (&'static str, &'static str) {
        match self {
            Kind::Table => ("U", "USER_TABLE"),
            Kind::PrimaryKey => ("PK", "PRIMARY_KEY_CONSTRAINT"),
            Kind::ForeignKey(_) => ("F", "FOREIGN_KEY_CONSTRAINT"),
            Kind::SystemView => ("V", "VIEW"),
        }
    }
}

/// Where an object's facts stand.
#[derive(Debug, Clone)]
pub enum Source {
    Table(Arc<Table>),
    View(&'static Relation),
}

#[derive(Debug, Clone)]
pub struct Object {
    pub id: i32,
    pub schema: &'static str,
    pub name: String,
    pub kind: Kind,
    /// The table of a key; 0 otherwise.
    pub parent: i32,
    pub source: Source,
}

impl Object {
    /// The table that it is, or whose key it is.
    pub fn table(&self) -> Option<&Arc<Table>> {
        match &self.source {
            Source::Table(table) => Some(table),
            Source::View(_) => None,
        }
    }

    pub fn schema_id(&self) -> i32 {
        schema_id(self.schema).unwrap_or_default()
    }

    /// Names of the columns of a table or a view, in order.
    pub fn columns(&self) -> Vec<&str> {
        match (&self.source, self.kind) {
            (Source::Table(table), Kind::Table) => table.columns.iter().map(|column| column.name.as_str()).collect(),
            (Source::View(view), _) => view.columns.iter().map(|column| column.name).collect(),
            _ => Vec::new(),
        }
    }
}

/// All objects, ordered as the catalog has its tables.
#[derive(Debug)]
pub struct Objects {
    all: Vec<Object>,
    by_id: HashMap<i32, usize>,
    /// `schema.name`, folded.
    by_name: HashMap<String, usize>,
}

impl Objects {
    pub fn of(catalog: &Catalog) -> Objects {
        let mut ids = Ids::default();
        let mut all = Vec::new();
        for table in catalog.tables() {
            let mut add = |kind, name: String, parent| {
                let id = ids.give(SCHEMA_NAME, &name);
                all.push(Object {
                    id,
                    schema: SCHEMA_NAME,
                    name,
                    kind,
                    parent,
                    source: Source::Table(table.clone()),
                });
                id
            };
            let id = add(Kind::Table, table.name.clone(), 0);
            if !table.primary_key.is_empty() {
                add(Kind::PrimaryKey, primary_key_name(table), id);
            }
            for (position, key) in table.foreign_keys.iter().enumerate() {
                add(Kind::ForeignKey(position), foreign_key_name(table, key), id);
            }
        }
        for view in relations() {
            // SQL Server's own objects have negative ids.
            let id = -ids.give(view.schema, view.name);
            all.push(Object {
                id,
                schema: view.schema,
                name: view.name.to_owned(),
                kind: Kind::SystemView,
                parent: 0,
                source: Source::View(view),
            });
        }
        let by_id = all.iter().enumerate().map(|(at, object)| (object.id, at)).collect();
        let by_name = all.iter().enumerate();
        let by_name = by_name
            .map(|(at, object)| (key(object.schema, &object.name), at))
            .collect();
        Objects { all, by_id, by_name }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Object> {
        self.all.iter()
    }

    /// Everything but the system's own.
    pub fn users(&self) -> impl Iterator<Item = &Object> {
        self.all.iter().filter(|object| object.kind != Kind::SystemView)
    }

    pub fn tables(&self) -> impl Iterator<Item = &Object> {
        self.all.iter().filter(|object| object.kind == Kind::Table)
    }

    pub fn views(&self) -> impl Iterator<Item = &Object> {
        self.all.iter().filter(|object| object.kind == Kind::SystemView)
    }

    pub fn by_id(&self, id: i64) -> Option<&Object> {
        let id = i32::try_from(id).ok()?;
        self.by_id.get(&id).map(|at| &self.all[*at])
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Object> {
        let found = self.in_schema(SCHEMA_NAME, name)?;
        (found.kind == Kind::Table).then_some(found)
    }

    fn in_schema(&self, schema: &str, name: &str) -> Option<&Object> {
        self.by_name.get(&key(schema, name)).map(|at| &self.all[*at])
    }

    /// The object that a text of one to three parts names; the schema is dbo unless it is said.
    pub fn named(&self, text: &str) -> Option<&Object> {
        let parts = name::parts(text)?;
        let (database, schema, name) = match parts.as_slice() {
            [name] => ("", "", name.as_str()),
            [schema, name] => ("", schema.as_str(), name.as_str()),
            [database, schema, name] => (database.as_str(), schema.as_str(), name.as_str()),
            _ => return None,
        };
        if !database.is_empty() && !database.eq_ignore_ascii_case(CATALOG_NAME) {
            return None;
        }
        self.in_schema(if schema.is_empty() { SCHEMA_NAME } else { schema }, name)
    }
}

fn key(schema: &str, name: &str) -> String {
    format!("{schema}.{name}").to_lowercase()
}

/// Gives each name a number of its own that stays when other tables come or go.
#[derive(Default)]
struct Ids {
    taken: HashSet<i32>,
}

impl Ids {
    /// FNV-1a, above the ids that SQL Server keeps for itself.
    fn give(&mut self, schema: &str, name: &str) -> i32 {
        let hash = key(schema, name).bytes().fold(0x811C_9DC5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        let mut id = (hash & 0x7FFF_FFFF | 0x1_0000) as i32;
        while !self.taken.insert(id) {
            id = id.wrapping_add(1) & 0x7FFF_FFFF | 0x1_0000;
        }
        id
    }
}

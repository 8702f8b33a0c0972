//! What the catalog keeps of tables and views in memory (feature `scratch-tables`): the names that were declared.

use std::sync::Arc;

use super::{Catalog, ForeignKey, Table};

/// Constraints and indexes by name, kept for reflection.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Declaration {
    pub is_view: bool,
    /// The name of the primary key's constraint, where it was given one.
    pub primary_key: Option<String>,
    /// Names of the constraints of [`Table::foreign_keys`], in their order; columns of one key stand beside each other.
    pub foreign_keys: Vec<Option<String>>,
    pub indexes: Vec<Index>,
}

/// An index, which only has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    pub columns: Vec<String>,
    pub unique: bool,
}

impl Catalog {
    /// A snapshot with these tables in memory in place of those it had, and without those of Okta's that were dropped
    /// (`hidden`, folded).
    pub fn with_scratch(&self, scratch: Vec<Arc<Table>>, hidden: &[String]) -> Arc<Catalog> {
        let stays = |table: &&Arc<Table>| table.scratch.is_none() && !hidden.contains(&table.name.to_lowercase());
        let mut tables: Vec<_> = self.tables.iter().filter(stays).cloned().collect();
        tables.extend(scratch);
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Arc::new(Catalog { tables })
    }
}

impl Table {
    /// The declared name of its primary key.
    pub fn primary_key_name(&self) -> Option<&str> {
        self.scratch.as_ref()?.primary_key.as_deref()
    }

    /// The place of a column among those of one foreign key.
    pub fn foreign_key_sequence(&self, key: &ForeignKey) -> i16 {
        let names = self.scratch.as_ref().map_or(&[][..], |scratch| &scratch.foreign_keys);
        let at = self.foreign_keys.iter().position(|other| std::ptr::eq(other, key));
        let before = at.and_then(|at| Some((names.get(..at)?, names.get(at)?.as_ref()?)));
        let same = before.map_or(0, |(before, name)| {
            before.iter().flatten().filter(|other| *other == name).count()
        });
        i16::try_from(same + 1).unwrap_or(i16::MAX)
    }

    /// The declared name of one of its foreign keys.
    pub fn foreign_key_name(&self, key: &ForeignKey) -> Option<&str> {
        let at = self.foreign_keys.iter().position(|other| std::ptr::eq(other, key))?;
        self.scratch.as_ref()?.foreign_keys.get(at)?.as_deref()
    }
}

//! Statements about tables in memory that no rows come from: made, dropped, emptied, named, described.

use std::sync::Arc;

use sqlparser::ast::{CommentObject, IndexColumn, ObjectNamePart, ObjectType, Statement};

use super::super::Error;
use super::declare;
use super::store::{Entry, InMemory, Rows, Set};
use crate::catalog::{Catalog, Table};

#[derive(Debug)]
pub enum Definition {
    /// And whether nothing happens where it is there (IF NOT EXISTS).
    Table(Arc<InMemory>, bool),
    /// Names, and whether nothing happens where one is not there (IF EXISTS).
    Drop(Dropped, Vec<String>, bool),
    /// Table, name, columns, UNIQUE, IF NOT EXISTS.
    Index(String, String, Vec<IndexColumn>, bool, bool),
    /// Table, column, text.
    Comment(String, Option<String>, String),
    Truncate(Vec<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    Table,
    View,
    Index,
}

pub fn unknown_table(name: &str) -> Error {
    Error::UnknownTable {
        name: name.to_owned(),
        hint: String::new(),
    }
}

/// Adds a table or view under a name that nothing has.
pub fn add(set: &mut Set, entry: Entry, if_not_exists: bool) -> Result<(), Error> {
    let name = entry.table().name.clone();
    let taken = set.has(&name) || (Catalog::embedded().table(&name).is_some() && !set.is_hidden(&name));
    match taken {
        false => set.put(entry),
        true if if_not_exists => {}
        true => return Err(Error::Invalid(format!("There is a table '{name}' already"))),
    }
    Ok(())
}

impl Definition {
    /// What a statement defines; None for one that defines nothing here.
    pub fn of(statement: &Statement) -> Result<Option<Definition>, Error> {
        let definition = match statement {
            Statement::Drop {
                object_type,
                if_exists,
                names,
                ..
            } => {
                let dropped = match object_type {
                    ObjectType::Table => Dropped::Table,
                    ObjectType::View => Dropped::View,
                    ObjectType::Index => Dropped::Index,
                    _ => return Ok(None),
                };
                let names = names.iter().map(declare::name).collect::<Result<_, _>>()?;
                Definition::Drop(dropped, names, *if_exists)
            }
            Statement::CreateIndex(index) => {
                let name = index.name.as_ref().map(declare::name).transpose()?;
                let name = name.ok_or_else(|| Error::Unsupported("An index has a name.".into()))?;
                let table = declare::name(&index.table_name)?;
                Definition::Index(table, name, index.columns.clone(), index.unique, index.if_not_exists)
            }
            Statement::Comment {
                object_type,
                object_name,
                comment,
                ..
            } => {
                let text = comment.clone().unwrap_or_default();
                let mut name = object_name.clone();
                let column = match object_type {
                    CommentObject::Table | CommentObject::View => None,
                    CommentObject::Column => {
                        let column = name.0.pop();
                        column
                            .as_ref()
                            .and_then(ObjectNamePart::as_ident)
                            .map(|ident| ident.value.clone())
                    }
                    _ => return Ok(None),
                };
                Definition::Comment(declare::name(&name)?, column, text)
            }
            Statement::Truncate(truncate) => {
                let names = truncate.table_names.iter().map(|target| declare::name(&target.name));
                Definition::Truncate(names.collect::<Result<_, _>>()?)
            }
            _ => return Ok(None),
        };
        Ok(Some(definition))
    }

    /// The number of rows that are gone.
    pub fn apply(&self, set: &mut Set) -> Result<usize, Error> {
        match self {
            Definition::Table(table, if_not_exists) => {
                // Prepared once and run twice, it makes a table of its own each time.
                let (identity, defaults) = (table.identity, table.defaults.clone());
                let made = InMemory::new(table.table.as_ref().clone(), identity, defaults);
                add(set, Entry::Table(Arc::new(made)), *if_not_exists)?;
            }
            Definition::Drop(Dropped::Index, names, if_exists) => {
                for name in names {
                    drop_index(set, name, *if_exists)?;
                }
            }
            Definition::Drop(dropped, names, if_exists) => {
                for name in names {
                    drop_table(set, name, *dropped, *if_exists)?;
                }
            }
            Definition::Index(table, name, columns, unique, if_not_exists) => {
                declare_again(set, table, |table| {
                    let index = declare::index(table, name.clone(), columns, *unique)?;
                    let Some(declaration) = &mut table.scratch else {
                        return Ok(());
                    };
                    match declaration.indexes.iter().any(|other| other.name == index.name) {
                        false => declaration.indexes.push(index),
                        true if *if_not_exists => {}
                        true => return Err(Error::Invalid(format!("There is an index '{name}' already"))),
                    }
                    Ok(())
                })?;
            }
            Definition::Comment(table, column, text) => declare_again(set, table, |table| {
                match column {
                    None => table.description.clone_from(text),
                    Some(name) => {
                        let at = table.column_index(name).ok_or_else(|| declare::unknown_column(name))?;
                        table.columns[at].description.clone_from(text);
                    }
                }
                Ok(())
            })?,
            Definition::Truncate(names) => {
                let mut gone = 0;
                for name in names {
                    let Some(Entry::Table(table)) = set.get(name) else {
                        return Err(unknown_table(name));
                    };
                    let mut rows = table.rows();
                    gone += Rows::count(&rows.batches);
                    rows.batches = Arc::default();
                    rows.keys = None;
                }
                return Ok(gone);
            }
        }
        Ok(0)
    }
}

fn declare_again(set: &mut Set, name: &str, change: impl FnOnce(&mut Table) -> Result<(), Error>) -> Result<(), Error> {
    let entry = set.get(name).ok_or_else(|| unknown_table(name))?;
    let mut table = entry.table().as_ref().clone();
    change(&mut table)?;
    let entry = entry.declared(table);
    set.put(entry);
    Ok(())
}

fn drop_table(set: &mut Set, name: &str, dropped: Dropped, if_exists: bool) -> Result<(), Error> {
    let is_asked = match set.get(name) {
        Some(Entry::Table(_)) => dropped == Dropped::Table,
        Some(Entry::View(_)) => dropped == Dropped::View,
        None => {
            let is_okta = Catalog::embedded().table(name).is_some() && !set.is_hidden(name);
            if is_okta && dropped == Dropped::Table {
                set.hide(name);
                return Ok(());
            }
            false
        }
    };
    match is_asked && set.remove(name) {
        false if !if_exists => Err(unknown_table(name)),
        _ => Ok(()),
    }
}

fn drop_index(set: &mut Set, name: &str, if_exists: bool) -> Result<(), Error> {
    let is = |index: &crate::catalog::scratch::Index| index.name.eq_ignore_ascii_case(name);
    let declares = |entry: &&Entry| {
        let declaration = entry.table().scratch.as_ref();
        declaration.is_some_and(|declaration| declaration.indexes.iter().any(is))
    };
    let Some(table) = set.entries().find(declares).map(|entry| entry.table().name.clone()) else {
        return match if_exists {
            true => Ok(()),
            false => Err(Error::Invalid(format!("There is no index '{name}'"))),
        };
    };
    declare_again(set, &table, |table| {
        if let Some(declaration) = &mut table.scratch {
            declaration.indexes.retain(|index| !is(index));
        }
        Ok(())
    })
}

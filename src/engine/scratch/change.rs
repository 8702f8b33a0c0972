//! What becomes of a query's rows: a table in memory takes them, or is replaced by them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use sqlparser::ast;

use super::super::resolve::fold;
use super::super::{Error, Prepared};
use super::definition::{self, Definition};
use super::store::{Entry, InMemory, Store, View};
use super::{declare, insert, replaced};
use crate::catalog::Table;

/// How often a change that begins with reading its table starts again, because another one was faster.
const ATTEMPTS: usize = 100;

/// A statement without a result set.
#[derive(Debug)]
pub struct Change {
    pub(super) store: Arc<Store>,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Define(Definition),
    /// Name; nothing happens where it is there (IF NOT EXISTS).
    CreateAs(String, bool),
    /// Name, query, OR REPLACE.
    View(String, Box<ast::Statement>, bool),
    /// Table, and the columns that the query gives.
    Insert(String, Vec<String>),
    /// Table, of which the query gives the numbers of rows.
    Delete(String),
    /// Table, and the columns of which the query gives new values, behind the numbers of rows.
    Update(String, Vec<String>),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Change {
    /// Runs it; the number of rows that it changed.
    pub async fn run(&self, prepared: &Prepared, parameters: Vec<ArrayRef>) -> Result<usize, Error> {
        match &self.kind {
            Kind::Define(definition) => definition.apply(&mut self.store.set()),
            Kind::View(name, statement, replaces) => {
                let table = self.of_query(name, prepared, true);
                let (view, statement) = (Arc::new(table), statement.as_ref().clone());
                let entry = Entry::View(Arc::new(View { table: view, statement }));
                let mut set = self.store.set();
                if *replaces {
                    set.remove(name);
                }
                definition::add(&mut set, entry, false).map(|_| 0)
            }
            Kind::CreateAs(name, if_not_exists) => {
                let table = self.of_query(name, prepared, false);
                let names: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
                let defaults = vec![None; names.len()];
                let made = Arc::new(InMemory::new(table, None, defaults));
                if *if_not_exists && self.store.set().has(name) {
                    return Ok(0);
                }
                let batches = collect(prepared, parameters).await?;
                let rows = insert::append(&made, &names, &batches)?;
                definition::add(&mut self.store.set(), Entry::Table(made), *if_not_exists).map(|_| rows)
            }
            Kind::Insert(name, columns) => {
                let batches = collect(prepared, parameters).await?;
                let table = self.table(name)?;
                insert::append(&table, columns, &batches)
            }
            Kind::Delete(name) => self.replace(name, None, prepared, &parameters).await,
            Kind::Update(name, columns) => self.replace(name, Some(columns), prepared, &parameters).await,
        }
    }

    fn of_query(&self, name: &str, prepared: &Prepared, is_view: bool) -> Table {
        let schema = prepared
            .schema
            .clone()
            .unwrap_or_else(|| arrow::datatypes::Schema::empty().into());
        declare::of_schema(name.to_owned(), &schema, is_view)
    }

    fn table(&self, name: &str) -> Result<Arc<InMemory>, Error> {
        match self.store.entry(&fold(name)) {
            Some(Entry::Table(table)) => Ok(table),
            _ => Err(definition::unknown_table(name)),
        }
    }

    /// DELETE, or UPDATE of `columns`.
    async fn replace(
        &self,
        name: &str,
        columns: Option<&Vec<String>>,
        prepared: &Prepared,
        parameters: &[ArrayRef],
    ) -> Result<usize, Error> {
        for _ in 0..ATTEMPTS {
            let table = self.table(name)?;
            let before = table.batches();
            let met = collect(prepared, parameters.to_vec()).await?;
            let (after, count) = match columns {
                None => replaced::without(&before, &met)?,
                Some(columns) => replaced::with(&table, columns, &before, &met)?,
            };
            let keys = insert::checked(&table, &after, HashSet::new())?;
            let mut rows = table.rows();
            if Arc::ptr_eq(&rows.batches, &before) {
                rows.batches = Arc::new(after);
                rows.keys = Some(keys);
                return Ok(count);
            }
        }
        Err(Error::Internal(format!("{name} changes too often")))
    }
}

async fn collect(prepared: &Prepared, parameters: Vec<ArrayRef>) -> Result<Vec<RecordBatch>, Error> {
    let mut rows = prepared.rows(parameters, None).await?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await? {
        batches.push(batch);
    }
    Ok(batches)
}

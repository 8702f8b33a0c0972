//! What becomes of a query's rows: a table in memory takes them, or is replaced by them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use sqlparser::ast;

use super::super::resolve::fold;
use super::super::{Error, Prepared};
use super::definition::{self, Definition};
use super::store::{Entry, InMemory, Rows, Store, View};
use super::{declare, insert};
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
    View(String, ast::Statement, bool),
    /// Table, and the columns that the query gives.
    Insert(String, Vec<String>),
    /// Table, whose rows become those of the query. UPDATE (true) adds a column that says which rows it met; DELETE
    /// leaves out those that it met.
    Replace(String, bool),
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
                let (view, statement) = (Arc::new(table), statement.clone());
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
            Kind::Replace(name, is_update) => self.replace(name, *is_update, prepared, &parameters).await,
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

    async fn replace(
        &self,
        name: &str,
        is_update: bool,
        prepared: &Prepared,
        parameters: &[ArrayRef],
    ) -> Result<usize, Error> {
        for _ in 0..ATTEMPTS {
            let table = self.table(name)?;
            let before = table.batches();
            let batches = collect(prepared, parameters.to_vec()).await?;
            let met = match is_update {
                true => batches.iter().map(met).sum(),
                false => Rows::count(&before) - Rows::count(&batches),
            };
            let batches = batches.iter().map(|batch| {
                let columns = batch.columns()[..table.table.columns.len()].to_vec();
                let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
                RecordBatch::try_new_with_options(table.schema(), columns, &options)
            });
            let batches = batches.collect::<Result<Vec<_>, _>>();
            let batches = batches.map_err(|error| Error::Internal(error.to_string()))?;
            let keys = insert::checked(&table, &batches, Default::default())?;
            let mut rows = table.rows();
            if Arc::ptr_eq(&rows.batches, &before) {
                rows.batches = Arc::default();
                rows.append(batches)?;
                rows.keys = Some(keys);
                return Ok(met);
            }
        }
        Err(Error::Internal(format!("{name} changes too often")))
    }
}

/// Rows that the last column says were met.
fn met(batch: &RecordBatch) -> usize {
    let last = batch.columns().last().and_then(|column| column.as_boolean_opt());
    last.map_or(0, |met| met.true_count())
}

async fn collect(prepared: &Prepared, parameters: Vec<ArrayRef>) -> Result<Vec<RecordBatch>, Error> {
    let mut rows = prepared.rows(parameters, None).await?;
    let mut batches = Vec::new();
    while let Some(batch) = rows.next().await? {
        batches.push(batch);
    }
    Ok(batches)
}

//! The set of tables and views in memory, and the rows of each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use sqlparser::ast;

use super::super::Error;
use super::super::provider::table_schema;
use super::super::resolve::fold;
use super::super::scan::Org;
use crate::catalog::Table;
use crate::okta::process::PerProcess;

/// Rows that batches are put together to.
const BATCH: usize = 8192;

/// A table: what was declared, and its rows.
#[derive(Debug)]
pub struct InMemory {
    pub table: Arc<Table>,
    /// Position of the column that counts by itself.
    pub identity: Option<usize>,
    /// What a column is where an INSERT does not name it.
    pub defaults: Vec<Option<ast::Expr>>,
    rows: Arc<Mutex<Rows>>,
}

/// A view: its query, with names settled.
#[derive(Debug)]
pub struct View {
    pub table: Arc<Table>,
    pub statement: ast::Statement,
}

#[derive(Debug, Clone)]
pub enum Entry {
    Table(Arc<InMemory>),
    View(Arc<View>),
}

impl Entry {
    pub fn table(&self) -> &Arc<Table> {
        match self {
            Entry::Table(table) => &table.table,
            Entry::View(view) => &view.table,
        }
    }

    /// The same rows under another declaration.
    pub fn declared(&self, table: Table) -> Entry {
        let table = Arc::new(table);
        match self {
            Entry::Table(old) => Entry::Table(Arc::new(InMemory {
                table,
                identity: old.identity,
                defaults: old.defaults.clone(),
                rows: old.rows.clone(),
            })),
            Entry::View(old) => Entry::View(Arc::new(View {
                table,
                statement: old.statement.clone(),
            })),
        }
    }
}

/// Rows, replaced whole and never changed: who reads them keeps what it began with.
#[derive(Debug)]
pub struct Rows {
    pub batches: Arc<Vec<RecordBatch>>,
    pub next_identity: i64,
    /// Primary keys of the rows, encoded; None until they are needed.
    pub keys: Option<HashSet<Vec<u8>>>,
}

impl InMemory {
    pub fn new(table: Table, identity: Option<usize>, defaults: Vec<Option<ast::Expr>>) -> InMemory {
        let rows = Rows {
            batches: Arc::default(),
            next_identity: 1,
            keys: None,
        };
        InMemory {
            table: Arc::new(table),
            identity,
            defaults,
            rows: Arc::new(Mutex::new(rows)),
        }
    }

    /// The schema that its batches have, whatever a connection's keywords make of it.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(table_schema(&self.table, u32::MAX))
    }

    pub fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn batches(&self) -> Arc<Vec<RecordBatch>> {
        self.rows().batches.clone()
    }
}

impl Rows {
    pub fn count(batches: &[RecordBatch]) -> usize {
        batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Adds rows. Small batches are put together with as small ones before them: each row is copied a few times only,
    /// however many statements insert one.
    pub fn append(&mut self, added: impl IntoIterator<Item = RecordBatch>) -> Result<(), Error> {
        let batches = Arc::make_mut(&mut self.batches);
        for batch in added.into_iter().filter(|batch| batch.num_rows() > 0) {
            let mut last = batch;
            while let Some(before) = batches.last()
                && before.num_rows() <= last.num_rows()
                && before.num_rows() + last.num_rows() <= BATCH
            {
                let joined = concat_batches(&last.schema(), [before, &last]);
                last = joined.map_err(|error| Error::Internal(error.to_string()))?;
                batches.pop();
            }
            batches.push(last);
        }
        Ok(())
    }
}

/// The set of one org.
#[derive(Default)]
pub struct Store(Mutex<Set>);

#[derive(Default)]
pub struct Set {
    /// Counts what was made and dropped.
    generation: u64,
    /// By folded name.
    entries: BTreeMap<String, Entry>,
    /// Folded names of Okta's tables that were dropped.
    hidden: Vec<String>,
}

impl Store {
    /// The set of the org that a connection is to.
    pub fn of(org: &Org) -> Arc<Store> {
        static STORES: PerProcess<Mutex<HashMap<String, Arc<Store>>>> = PerProcess::new();
        let stores = STORES.get_or_init(Mutex::default);
        let mut stores = stores.lock().unwrap_or_else(PoisonError::into_inner);
        stores.entry(org.client.authority()).or_default().clone()
    }

    pub fn set(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The table or view of this folded name.
    pub fn entry(&self, name: &str) -> Option<Entry> {
        self.set().entries.get(name).cloned()
    }

    /// The generation, the tables of the catalog, and the folded names of those of Okta's that were dropped.
    pub fn declared(&self) -> (u64, Vec<Arc<Table>>, Vec<String>) {
        let set = self.set();
        let tables = set.entries.values().map(|entry| entry.table().clone());
        (set.generation, tables.collect(), set.hidden.clone())
    }
}

impl Set {
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub fn has(&self, name: &str) -> bool {
        self.entries.contains_key(&fold(name))
    }

    pub fn is_hidden(&self, name: &str) -> bool {
        self.hidden.contains(&fold(name))
    }

    pub fn put(&mut self, entry: Entry) {
        self.generation += 1;
        self.entries.insert(fold(&entry.table().name), entry);
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.get(&fold(name))
    }

    pub fn remove(&mut self, name: &str) -> bool {
        let removed = self.entries.remove(&fold(name)).is_some();
        self.generation += u64::from(removed);
        removed
    }

    /// Makes one of Okta's tables disappear from this process.
    pub fn hide(&mut self, name: &str) {
        self.generation += 1;
        self.hidden.push(fold(name));
    }
}

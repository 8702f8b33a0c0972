//! The test-only feature `scratch-tables`: tables that a connection makes, in memory, one set per process and org.

mod change;
mod declare;
mod definition;
mod insert;
mod provider;
mod replaced;
mod rewrite;
mod store;
mod types;

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::logical_expr::TableSource;

pub use change::Change;
pub use rewrite::take;
pub use types::data_type;

use super::Engine;
use super::nullable;
use super::resolve::Names;
use super::session::Session;
use store::{Entry, Store};

impl Engine {
    /// Knows the tables that there are now, whichever connection made them.
    pub fn follow_scratch(&mut self) {
        let (generation, tables, hidden) = Store::of(&self.org).declared();
        if generation != self.scratch {
            let catalog = self.org.catalog.with_scratch(tables, &hidden);
            *self = Engine::new(catalog, self.org.client.clone(), self.org.options.clone());
            self.scratch = generation;
        }
    }
}

/// Whether a table or view in memory has this (folded) name.
pub fn has(session: &Session, name: &str) -> bool {
    let name = name.strip_suffix(provider::NUMBERED).unwrap_or(name);
    Store::of(&session.org).entry(name).is_some()
}

/// The table or view in memory of this (folded) name.
pub fn source(session: &Session, name: &str) -> Result<Arc<dyn TableSource>> {
    let numbered = name.strip_suffix(provider::NUMBERED);
    match Store::of(&session.org).entry(numbered.unwrap_or(name)) {
        Some(Entry::Table(table)) => {
            let max_varchar_size = session.org.options.max_varchar_size;
            let provider = provider::InMemory::new(table, max_varchar_size, numbered.is_some());
            Ok(provider_as_source(Arc::new(provider)))
        }
        Some(Entry::View(view)) => {
            let plan = session.plan(view.statement.clone(), &Names::default(), Vec::new())?;
            Ok(provider_as_source(Arc::new(ViewTable::new(
                nullable::marked(plan)?,
                None,
            ))))
        }
        None => Err(super::pages::external(super::Error::UnknownTable {
            name: name.to_owned(),
            hint: String::new(),
        })),
    }
}

//! SQL to Arrow: plans with DataFusion, pushes down what Okta takes, streams the rest. The only user of DataFusion.

pub mod error;
pub mod predicate;
pub mod pushdown;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{FieldRef, SchemaRef};

pub use error::Error;

use crate::catalog::Catalog;
use crate::okta::Client;

/// What a connection's keywords mean for the engine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Requests in flight per scan or fan-out.
    pub max_concurrency: usize,
    /// A fan-out that would need more requests fails with [`Error::TooManyRequests`].
    pub max_requests: u64,
    /// Bytes that sorts, aggregates and joins may hold.
    pub memory_limit: usize,
    /// Rows a list page may hold; None: Okta's largest.
    pub page_size: Option<u32>,
    /// Compare all text exactly.
    pub case_sensitive: bool,
    /// Longest declared size of a text column, in characters.
    pub max_varchar_size: u32,
    /// A 403 on one parent of a fan-out means no rows.
    pub skip_forbidden: bool,
}

/// One connection's SQL engine. Cheap to clone; holds no statement state.
#[derive(Clone)]
pub struct Engine {
    _catalog: Arc<Catalog>,
    _client: Arc<Client>,
}

impl Engine {
    pub fn new(catalog: Arc<Catalog>, client: Arc<Client>, _options: Options) -> Engine {
        Engine {
            _catalog: catalog,
            _client: client,
        }
    }

    /// The snapshot it plans against.
    pub fn catalog(&self) -> Arc<Catalog> {
        self._catalog.clone()
    }

    /// Parses, resolves and plans one statement. No I/O (decision 8); runs on a stack of its own (decision 4).
    pub fn prepare(&self, _sql: &str) -> Result<Prepared, Error> {
        Err(Error::Unsupported("stub".into()))
    }
}

/// A planned statement.
pub struct Prepared {
    _private: (),
}

impl Prepared {
    /// Result columns: the field name is the label, metadata as in [`crate::catalog::field`].
    /// None for statements without a result set.
    pub fn schema(&self) -> Option<SchemaRef> {
        None
    }

    /// One field per `?`, in order; Utf8 where nothing decides.
    pub fn parameters(&self) -> Vec<FieldRef> {
        Vec::new()
    }

    /// Runs it. `parameters` are arrays of one row each. Returns when the first batch is in, or nothing can come (decision 9).
    /// Dropping the future or the rows stops every request at once.
    pub async fn execute(&self, _parameters: Vec<ArrayRef>) -> Result<Rows, Error> {
        Err(Error::Unsupported("stub".into()))
    }
}

/// A result being streamed.
pub struct Rows {
    _private: (),
}

impl Rows {
    /// The same fields as [`Prepared::schema`], in the same order.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(arrow::datatypes::Schema::empty())
    }

    /// The caller wants more rows than it has been given: pages may be fetched ahead (decision 10).
    pub fn read_ahead(&self) {}

    /// The next batch, never empty; None at the end.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        Ok(None)
    }
}

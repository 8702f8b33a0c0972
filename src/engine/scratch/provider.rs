//! A table in memory as DataFusion sees it.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::super::provider::table_schema;
use super::store;

/// Not DataFusion's MemTable: it keeps the rows of the moment it is made, and a prepared statement reads those there are.
#[derive(Debug)]
pub struct InMemory {
    table: Arc<store::InMemory>,
    schema: SchemaRef,
}

impl InMemory {
    pub fn new(table: Arc<store::InMemory>, max_varchar_size: u32) -> InMemory {
        let schema = Arc::new(table_schema(&table.table, max_varchar_size));
        InMemory { table, schema }
    }
}

#[async_trait]
impl TableProvider for InMemory {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let batches = self.table.batches();
        let batches = batches.iter().map(|batch| {
            let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            RecordBatch::try_new_with_options(self.schema.clone(), batch.columns().to_vec(), &options)
        });
        let batches = batches.collect::<std::result::Result<Vec<_>, _>>()?;
        let plan = MemorySourceConfig::try_new_exec(&[batches], self.schema.clone(), projection.cloned())?;
        Ok(plan)
    }
}

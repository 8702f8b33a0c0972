//! A table in memory as DataFusion sees it.

use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::super::provider::table_schema;
use super::store;

/// Behind the name of a table: the same table with its rows' numbers, for UPDATE and DELETE.
pub const NUMBERED: &str = "\u{2}";
/// The column that holds them.
pub const ROW: &str = "\u{2}row";

/// Not DataFusion's MemTable: it keeps the rows of the moment it is made, and a prepared statement reads those there are.
#[derive(Debug)]
pub struct InMemory {
    table: Arc<store::InMemory>,
    schema: SchemaRef,
    is_numbered: bool,
}

impl InMemory {
    pub fn new(table: Arc<store::InMemory>, max_varchar_size: u32, is_numbered: bool) -> InMemory {
        let declared = table_schema(&table.table, max_varchar_size);
        let number = is_numbered.then(|| Arc::new(Field::new(ROW, DataType::Int64, true)));
        let fields: Vec<_> = declared.fields().iter().cloned().chain(number).collect();
        InMemory {
            table,
            schema: Arc::new(Schema::new(fields)),
            is_numbered,
        }
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
        let mut next = 0;
        let batches = batches.iter().map(|batch| {
            let rows = batch.num_rows();
            let mut columns = batch.columns().to_vec();
            if self.is_numbered {
                columns.push(Arc::new(Int64Array::from_iter_values((next..).take(rows))));
                next += rows as i64;
            }
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
        });
        let batches = batches.collect::<std::result::Result<Vec<_>, _>>()?;
        let plan = MemorySourceConfig::try_new_exec(&[batches], self.schema.clone(), projection.cloned())?;
        Ok(plan)
    }
}

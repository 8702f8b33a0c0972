//! One catalog table as DataFusion sees it.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use super::lower::lower;
use super::predicate::ColumnIndex;
use super::resolve::fold;
use super::scan::{Org, ScanExec};
use super::text;
use crate::catalog::{Column, Kind, Table, field};

/// A table of the org.
#[derive(Debug)]
pub struct OktaTable {
    table: Arc<Table>,
    org: Arc<Org>,
    schema: SchemaRef,
}

impl OktaTable {
    pub fn new(table: Arc<Table>, org: Arc<Org>) -> OktaTable {
        let schema = Arc::new(table_schema(&table, org.options.max_varchar_size));
        OktaTable { table, org, schema }
    }

    /// Okta sorts by the column of that (folded) name.
    pub fn sorts_by(&self, column: &str) -> bool {
        column_index(&self.table, column).is_some_and(|index| self.table.columns[index].sortable)
    }
}

/// A table's columns under their folded names, with what the catalog says of them as metadata.
pub fn table_schema(table: &Table, max_varchar_size: u32) -> Schema {
    Schema::new(
        table
            .columns
            .iter()
            .map(|column| column_field(table, column, max_varchar_size))
            .collect::<Vec<_>>(),
    )
}

fn column_field(table: &Table, column: &Column, max_varchar_size: u32) -> Field {
    let mut metadata = HashMap::from([
        (field::BASE_TABLE.to_owned(), table.name.clone()),
        (field::BASE_COLUMN.to_owned(), column.name.clone()),
    ]);
    match column.kind {
        Kind::Json => {
            metadata.insert(field::KIND.to_owned(), "json".to_owned());
            if let Some(size) = column.size {
                metadata.insert(field::SIZE.to_owned(), size.to_string());
            }
        }
        Kind::Text | Kind::Enum | Kind::Id => {
            let size = column.size.unwrap_or(max_varchar_size).min(max_varchar_size);
            metadata.insert(field::SIZE.to_owned(), size.to_string());
        }
        #[cfg(feature = "scratch-tables")]
        Kind::Declared(_, precision, _) => {
            metadata.insert(field::SIZE.to_owned(), precision.to_string());
        }
        _ => {}
    }
    if !column.nullable {
        metadata.insert(field::REQUIRED.to_owned(), String::new());
    }
    if column.kind.folds_case() {
        metadata.insert(text::FOLDS.to_owned(), String::new());
    }
    Field::new(fold(&column.name), data_type(column.kind), true).with_metadata(metadata)
}

/// The Arrow type of a kind (decision 26).
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text | Kind::Enum | Kind::Id | Kind::Json => DataType::Utf8,
        Kind::Integer => DataType::Int32,
        Kind::Bigint => DataType::Int64,
        Kind::Double => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
        Kind::Date => DataType::Date32,
        #[cfg(feature = "scratch-tables")]
        Kind::Declared(code, precision, scale) => super::scratch::data_type(code, precision, scale),
    }
}

/// The column of that name, matched without case.
pub fn column_index(table: &Table, name: &str) -> Option<ColumnIndex> {
    let name = fold(name);
    table.columns.iter().position(|column| fold(&column.name) == name)
}

/// Filters with sub-queries in them are for DataFusion; all others name this table's columns only.
fn is_local(filter: &Expr) -> bool {
    let mut local = true;
    let _ = filter.apply(|expr| {
        if matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::Exists(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
                | Expr::OuterReferenceColumn(..)
        ) {
            local = false;
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    local
}

#[async_trait]
impl TableProvider for OktaTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let answer = |filter: &&Expr| match is_local(filter) {
            true => TableProviderFilterPushDown::Exact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(answer).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let output: Vec<ColumnIndex> = projection
            .cloned()
            .unwrap_or_else(|| (0..self.table.columns.len()).collect());
        let mut columns = output.clone();
        for column in filters.iter().flat_map(Expr::column_refs) {
            let index = self.schema.index_of(&column.name)?;
            if !columns.contains(&index) {
                columns.push(index);
            }
        }
        if columns.is_empty() {
            // COUNT(*) counts keys.
            columns.extend(
                self.table
                    .primary_key
                    .first()
                    .and_then(|key| column_index(&self.table, key)),
            );
        }
        let read_schema = Arc::new(self.schema.project(&columns)?);
        let filter = match conjunction(filters.iter().cloned()) {
            Some(filter) => {
                let schema = DFSchema::try_from(read_schema.as_ref().clone())?;
                Some(state.create_physical_expr(filter, &schema)?)
            }
            None => None,
        };
        let lower = |filter| lower(filter, &self.table, self.org.options.case_sensitive);
        let now = state
            .execution_props()
            .query_execution_start_time
            .unwrap_or_else(chrono::Utc::now);
        Ok(Arc::new(ScanExec::new(super::scan::Parts {
            org: self.org.clone(),
            table: self.table.clone(),
            output: (0..output.len()).collect(),
            columns,
            read_schema,
            filter,
            predicates: filters.iter().map(lower).collect(),
            sort: None,
            nulls_first: false,
            fetch: limit,
            now: now.timestamp_millis(),
        })?))
    }
}

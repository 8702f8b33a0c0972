//! The leaf of every plan: one table scan, with the filters, limit and order it has taken over.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, PhysicalExpr, PhysicalSortExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, EmptyRecordBatchStream, ExecutionPlan, Partitioning, PlanProperties,
    SortOrderPushdownResult,
};

use super::Options;
use super::pages::{Reader, Statement};
use super::predicate::{ColumnIndex, Predicate};
use super::pushdown::{Access, Query, Scan, Sort, push_down};
use crate::catalog::{Catalog, Table};
use crate::okta::Client;

/// What all scans of a connection share.
pub struct Org {
    pub catalog: Arc<Catalog>,
    pub client: Arc<Client>,
    pub options: Options,
}

impl fmt::Debug for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Org")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// What a scan is made of.
#[derive(Debug, Clone)]
pub struct Parts {
    pub org: Arc<Org>,
    pub table: Arc<Table>,
    /// Columns that are read: output first, then what only filters need.
    pub columns: Vec<ColumnIndex>,
    pub read_schema: SchemaRef,
    /// Positions in `columns` of the output columns.
    pub output: Vec<usize>,
    /// All filters, over `read_schema`; applied to every page.
    pub filter: Option<Arc<dyn PhysicalExpr>>,
    /// The same filters, lowered.
    pub predicates: Vec<Predicate>,
    pub sort: Option<Sort>,
    /// Where the sort was asked to put NULLs; its column has none, so that any answer is true.
    pub nulls_first: bool,
    pub fetch: Option<usize>,
    /// The statement's instant, ms since the epoch.
    pub now: i64,
}

impl Parts {
    /// What push-down is asked.
    pub fn query(&self) -> Query<'_> {
        Query {
            table: &self.table,
            predicates: &self.predicates,
            columns: &self.columns,
            sort: self.sort,
            limit: self.fetch,
            now: self.now,
            page_size: self.org.options.page_size,
            case_sensitive: self.org.options.case_sensitive,
        }
    }

    pub fn requests(&self) -> Scan {
        push_down(&self.org.catalog, &self.query())
    }
}

/// A scan of one table.
#[derive(Debug)]
pub struct ScanExec {
    parts: Parts,
    scan: Scan,
    properties: Arc<PlanProperties>,
}

impl ScanExec {
    pub fn new(parts: Parts) -> Result<ScanExec> {
        let scan = parts.requests();
        let schema = Arc::new(parts.read_schema.project(&parts.output)?);
        let mut equivalences = EquivalenceProperties::new(schema.clone());
        if let (Some(sort), true) = (parts.sort, scan.sorted)
            && let Some(position) = parts.output.iter().position(|&at| parts.columns[at] == sort.column)
        {
            let column = Arc::new(Column::new(schema.field(position).name(), position));
            let options = arrow::compute::SortOptions {
                descending: sort.descending,
                nulls_first: parts.nulls_first,
            };
            equivalences.add_orderings(
                [LexOrdering::new([PhysicalSortExpr::new(column, options)])]
                    .into_iter()
                    .flatten(),
            );
        }
        let properties = PlanProperties::new(
            equivalences,
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        Ok(ScanExec {
            parts,
            scan,
            properties: Arc::new(properties),
        })
    }

    /// How the rows are read, decided while planning.
    pub fn scan(&self) -> &Scan {
        &self.scan
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self
            .parts
            .columns
            .iter()
            .map(|&column| &*self.parts.table.columns[column].name);
        write!(
            f,
            "Scan: {}({})",
            self.parts.table.name,
            columns.collect::<Vec<_>>().join(", ")
        )?;
        if let Some(fetch) = self.parts.fetch {
            write!(f, ", fetch={fetch}")?;
        }
        if let (Some(sort), true) = (self.parts.sort, self.scan.sorted) {
            let order = if sort.descending { "DESC" } else { "ASC" };
            write!(f, ", sorted by {} {order}", self.parts.table.columns[sort.column].name)?;
        }
        Ok(())
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &str {
        "ScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.parts.filter.as_ref().map_or(Ok(TreeNodeRecursion::Continue), f)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = self.schema();
        if self.scan.access == Access::Nothing || self.parts.fetch == Some(0) {
            return Ok(Box::pin(EmptyRecordBatchStream::new(schema)));
        }
        let statement = context
            .session_config()
            .get_extension::<Statement>()
            .ok_or_else(|| DataFusionError::Internal("a scan runs inside a statement only".into()))?;
        let reader = Reader::new(self.parts.clone(), &self.scan, schema.clone(), statement);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, reader.into_stream())))
    }

    fn fetch(&self) -> Option<usize> {
        self.parts.fetch
    }

    fn with_fetch(&self, fetch: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        let fetch = match (self.parts.fetch, fetch) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => theirs.or(mine),
        };
        let limited = ScanExec::new(Parts {
            fetch,
            ..self.parts.clone()
        })
        .ok()?;
        Some(Arc::new(limited))
    }

    fn try_pushdown_sort(&self, order: &[PhysicalSortExpr]) -> Result<SortOrderPushdownResult<Arc<dyn ExecutionPlan>>> {
        let [first] = order else {
            return Ok(SortOrderPushdownResult::Unsupported);
        };
        // A limit below the sort decides which rows there are.
        if self.parts.fetch.is_some() {
            return Ok(SortOrderPushdownResult::Unsupported);
        }
        let Some(column) = first.expr.downcast_ref::<Column>() else {
            return Ok(SortOrderPushdownResult::Unsupported);
        };
        let index = self.parts.columns[self.parts.output[column.index()]];
        if !self.parts.table.columns[index].sortable {
            return Ok(SortOrderPushdownResult::Unsupported);
        }
        // Okta puts NULLs where it likes: a sort is pushed where there are none (decision 14).
        if self.parts.table.columns[index].nullable && !self.parts.predicates.iter().any(|p| rejects_null(p, index)) {
            return Ok(SortOrderPushdownResult::Unsupported);
        }
        let sort = Sort {
            column: index,
            descending: first.options.descending,
        };
        let sorted = ScanExec::new(Parts {
            sort: Some(sort),
            nulls_first: first.options.nulls_first,
            ..self.parts.clone()
        })?;
        Ok(match sorted.scan.sorted {
            true => SortOrderPushdownResult::Exact {
                inner: Arc::new(sorted),
            },
            false => SortOrderPushdownResult::Unsupported,
        })
    }
}

/// True where no row with NULL in that column passes.
fn rejects_null(predicate: &Predicate, of: ColumnIndex) -> bool {
    match predicate {
        Predicate::Compare { column, .. } | Predicate::In { column, .. } | Predicate::IsNotNull(column) => {
            *column == of
        }
        Predicate::And(all) => all.iter().any(|p| rejects_null(p, of)),
        Predicate::Or(all) => !all.is_empty() && all.iter().all(|p| rejects_null(p, of)),
        _ => false,
    }
}

//! SQL to Arrow: plans with DataFusion, pushes down what Okta takes, streams the rest. The only user of DataFusion.

mod arithmetic;
mod asked;
mod bits;
mod correlated;
mod dates;
mod decode;
mod describe;
mod dialect;
pub mod error;
mod extremes;
mod failure;
mod functions;
mod in_turn;
mod lengths;
mod lower;
mod membership;
mod nullable;
mod one_row;
mod optimize;
mod pages;
pub mod predicate;
mod properties;
mod provider;
pub mod pushdown;
mod resolve;
mod rewrite;
mod scan;
#[cfg(feature = "scratch-tables")]
mod scratch;
mod session;
mod shared;
mod single;
mod spill;
mod stack;
mod sum;
mod system;
mod text;
mod top_of_each;

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, ParamValues};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::{FutureExt, StreamExt};

pub use error::Error;

use crate::catalog::{Catalog, Custom};
use crate::okta::Client;
use crate::sql;
use failure::failure;
use pages::Statement;
use resolve::Names;
use scan::{Org, ScanExec};
use session::Session;
use stack::{Deep, OnOwnStack, on_own_stack};

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
    org: Arc<Org>,
    session: Result<Arc<Session>, Error>,
    /// Which tables in memory it knows.
    #[cfg(feature = "scratch-tables")]
    scratch: u64,
}

impl Engine {
    pub fn new(catalog: Arc<Catalog>, client: Arc<Client>, options: Options) -> Engine {
        let org = Arc::new(Org {
            catalog,
            client,
            options,
        });
        let session = Session::new(org.clone())
            .map(Arc::new)
            .map_err(|error| failure(&error, &Names::default()));
        Engine {
            org,
            session,
            #[cfg(feature = "scratch-tables")]
            scratch: 0,
        }
    }

    /// The snapshot it plans against.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.org.catalog.clone()
    }

    /// Whether a statement reads a table whose own attributes come from the schema of `custom`. No I/O; what cannot be
    /// parsed reads nothing.
    pub fn reads(&self, sql: &str, custom: Custom) -> bool {
        let tables = self.org.catalog.tables().iter();
        let names: Vec<_> = tables
            .filter(|table| table.custom == Some(custom))
            .map(|table| resolve::fold(&table.name))
            .collect();
        let text = resolve::fold(sql);
        if !names.iter().any(|name| text.contains(name)) {
            return false;
        }
        on_own_stack(|| {
            let statement = sql::parse(sql).ok().and_then(|parsed| parsed.statement);
            statement.is_some_and(|statement| resolve::reads(&statement, &names))
        })
    }

    /// Whether a statement reads a system relation that lists columns, which are all there only when every schema of the
    /// org is loaded. No I/O; what cannot be parsed reads nothing.
    pub fn lists_columns(&self, sql: &str) -> bool {
        if !system::may_list_columns(sql) {
            return false;
        }
        on_own_stack(|| {
            let statement = sql::parse(sql).ok().and_then(|parsed| parsed.statement);
            statement.is_some_and(|statement| system::lists_columns(&statement))
        })
    }

    /// Parses, resolves and plans one statement. No I/O (decision 8); runs on a stack of its own (decision 4).
    pub fn prepare(&self, sql: &str) -> Result<Prepared, Error> {
        self.planned(sql, Vec::new())
    }

    /// `types` are those of the parameters whose type is known beforehand.
    fn planned(&self, sql: &str, types: Vec<Option<FieldRef>>) -> Result<Prepared, Error> {
        let session = self.session.clone()?;
        on_own_stack(|| {
            let parsed = sql::parse(sql)?;
            #[cfg_attr(not(feature = "scratch-tables"), allow(unused_mut))] // a change becomes the query it starts from
            let Some(mut statement) = parsed.statement else {
                return Prepared::nothing(session, parsed.parameters);
            };
            #[cfg(feature = "scratch-tables")]
            let change = scratch::take(&mut statement, &self.org)?;
            let (statement, names) = resolve::resolve(statement, &parsed.labels)?;
            let fail = |error: DataFusionError| failure(&error, &names);
            let again = (parsed.parameters > 0 && types.is_empty()).then(|| statement.clone());
            let (plan, guessed) = match (session.plan(statement, &names, types).map_err(fail), again) {
                (Err(Error::Invalid(message)), Some(statement)) => {
                    // `SUM(CASE … THEN ? ELSE ? END)` makes sense of numbers only.
                    let numbers = describe::numbers(parsed.parameters);
                    let plan = session.plan(statement, &names, numbers);
                    (plan.map_err(|_| Error::Invalid(message))?, true)
                }
                (plan, _) => (plan?, false),
            };
            let plan = nullable::marked(plan).map_err(fail)?;
            let mut parameters = describe::parameters(&plan, parsed.parameters).map_err(fail)?;
            if guessed {
                parameters = parameters.iter().map(describe::opened).collect();
            }
            let schema = describe::result_schema(&plan, &names, self.org.options.max_varchar_size);
            let plan = self.in_our_sense(plan).map_err(fail)?;
            let may_decide = |parameter: &FieldRef| describe::is_open(parameter) || parameter.data_type().is_integer();
            let has_open = parameters.iter().any(may_decide);
            Ok(Prepared {
                session,
                plan: Deep::new(Arc::new(plan)),
                names,
                parameters,
                schema: Some(schema),
                open: has_open.then(|| (self.clone(), sql.to_owned())),
                #[cfg(feature = "scratch-tables")]
                change,
            })
        })
    }
}

/// Where SQL means something else than DataFusion would do.
impl Engine {
    fn in_our_sense(&self, plan: LogicalPlan) -> Result<LogicalPlan, DataFusionError> {
        let plan = lengths::uncut(plan)?;
        let plan = dates::read(plan)?;
        let plan = bits::read(plan)?;
        let plan = single::rows(plan)?;
        let plan = text::apply(plan, self.org.options.case_sensitive)?;
        let plan = top_of_each::numbered(plan)?;
        let plan = membership::three_valued(plan)?;
        let plan = asked::as_counts(plan)?;
        let plan = arithmetic::checked(plan)?;
        let plan = extremes::stop_exists_early(plan)?;
        one_row::kept(plan)
    }
}

impl From<sql::Error> for Error {
    fn from(error: sql::Error) -> Error {
        match error {
            sql::Error::TooComplex(message) => Error::TooComplex(message),
            sql::Error::Unsupported(message) => Error::Unsupported(message),
            other => Error::Syntax {
                message: other.to_string(),
            },
        }
    }
}

/// A planned statement.
pub struct Prepared {
    session: Arc<Session>,
    /// Planned, not yet optimised: `now()` is decided at each execute.
    plan: Deep<Arc<LogicalPlan>>,
    names: Names,
    parameters: Vec<FieldRef>,
    /// None for a statement that does nothing and has no result set.
    schema: Option<SchemaRef>,
    /// How to plan it again, where what is bound decides the type of a parameter.
    open: Option<(Engine, String)>,
    /// What becomes of the rows, where they are not given to the caller.
    #[cfg(feature = "scratch-tables")]
    change: Option<Arc<scratch::Change>>,
}

impl Prepared {
    /// A statement such as SET NOCOUNT ON.
    fn nothing(session: Arc<Session>, parameters: usize) -> Result<Prepared, Error> {
        let names = Names::default();
        let plan = LogicalPlanBuilder::empty(false).build();
        let plan = plan.map_err(|error| failure(&error, &names))?;
        let parameters = describe::parameters(&plan, parameters).map_err(|error| failure(&error, &names))?;
        Ok(Prepared {
            session,
            plan: Deep::new(Arc::new(plan)),
            names,
            parameters,
            schema: None,
            open: None,
            #[cfg(feature = "scratch-tables")]
            change: None,
        })
    }

    /// Result columns: the field name is the label, metadata as in [`crate::catalog::field`].
    /// None for statements without a result set.
    pub fn schema(&self) -> Option<SchemaRef> {
        #[cfg(feature = "scratch-tables")]
        if self.change.is_some() {
            return None;
        }
        self.schema.clone()
    }

    /// One field per `?`, in order; Utf8 where nothing decides.
    pub fn parameters(&self) -> Vec<FieldRef> {
        self.parameters.clone()
    }

    /// The same statement for the types of what is bound, where they decide anything: `SELECT ?` is a number if a number
    /// is bound, and `? + 1` has a fraction if one is bound. None where they do not, or where the statement makes sense
    /// with text alone. No I/O.
    pub fn for_values(&self, bound: &[ArrayRef]) -> Option<Prepared> {
        let (engine, sql) = self.open.as_ref()?;
        if bound.len() != self.parameters.len() {
            return None;
        }
        let types: Vec<_> = self
            .parameters
            .iter()
            .zip(bound)
            .map(|(parameter, bound)| {
                let open = describe::is_open(parameter);
                let field = || Arc::new(Field::new(parameter.name(), bound.data_type().clone(), true));
                (open || describe::loses_fraction(bound, parameter)).then(field)
            })
            .collect();
        let decides = |field: &Option<FieldRef>| field.as_ref().is_some_and(|field| !field.data_type().is_string());
        types.iter().any(decides).then(|| engine.planned(sql, types).ok())?
    }

    /// Runs it. `parameters` are arrays of one row each; no more than `most_rows` are wanted (SQL_ATTR_MAX_ROWS). Returns
    /// when the first batch is in, or nothing can come (decision 9). Dropping the future or the rows stops every request at
    /// once.
    pub async fn execute(&self, parameters: Vec<ArrayRef>, most_rows: Option<usize>) -> Result<Rows, Error> {
        #[cfg(feature = "scratch-tables")]
        if let Some(change) = &self.change {
            let affected = change.run(self, parameters).await?;
            return Ok(Rows::none(self.names.clone(), Some(affected)));
        }
        self.rows(parameters, most_rows).await
    }

    async fn rows(&self, parameters: Vec<ArrayRef>, most_rows: Option<usize>) -> Result<Rows, Error> {
        let statement = Arc::new(Statement::default());
        let Some(schema) = self.schema.clone() else {
            return Ok(Rows::none(self.names.clone(), None));
        };
        let plan = OnOwnStack::new(self.physical(parameters, most_rows, statement.clone())).await?;
        let state = self.session.start(statement.clone());
        let stream = execute_stream(plan, state.task_ctx()).map_err(|error| failure(&error, &self.names))?;
        let names = self.names.clone();
        let mut rows = Rows {
            stream: Some(stream),
            schema,
            statement,
            names,
            first: None,
            failed: None,
            affected: None,
        };
        rows.first = rows.next().await?;
        Ok(rows)
    }

    /// The plan of one execution, its lists counted.
    async fn physical(
        &self,
        parameters: Vec<ArrayRef>,
        most_rows: Option<usize>,
        statement: Arc<Statement>,
    ) -> Result<Arc<dyn ExecutionPlan>, Error> {
        let fail = |error: DataFusionError| failure(&error, &self.names);
        let plan = self
            .plan
            .get()
            .ok_or_else(|| Error::Internal("the plan is gone".into()))?;
        let mut plan = self.bound(plan, parameters)?;
        if most_rows.is_some() {
            let limited = LogicalPlanBuilder::from(plan).limit(0, most_rows);
            plan = limited.and_then(LogicalPlanBuilder::build).map_err(fail)?;
        }
        let state = self.session.start(statement.clone());
        let optimized = Deep::new(optimize::optimized(&plan, &state).map_err(fail)?);
        drop(Deep::new(plan));
        let optimized = optimized
            .get()
            .ok_or_else(|| Error::Internal("the plan is gone".into()))?;
        let physical = state
            .query_planner()
            .create_physical_plan(optimized, &state)
            .await
            .map_err(fail)?;
        let most_kept = self.session.org.options.memory_limit / 4;
        physical
            .apply(|node| {
                if let Some(scan) = node.downcast_ref::<ScanExec>() {
                    statement.shared.expect(scan.scan(), most_kept);
                }
                Ok(TreeNodeRecursion::Continue)
            })
            .map_err(fail)?;
        Ok(physical)
    }

    fn bound(&self, plan: &LogicalPlan, parameters: Vec<ArrayRef>) -> Result<LogicalPlan, Error> {
        let (expected, given) = (self.parameters.len(), parameters.len());
        if expected != given {
            return Err(Error::ParameterCount { expected, given });
        }
        if expected == 0 {
            return Ok(plan.clone());
        }
        let values = parameters
            .iter()
            .zip(&self.parameters)
            .map(|(value, field)| describe::bind(value, field));
        let values = values
            .map(|value| value.map(Into::into))
            .collect::<Result<Vec<_>, Error>>()?;
        plan.clone()
            .with_param_values(ParamValues::List(values))
            .map_err(|error| failure(&error, &self.names))
    }

    /// The plan as DataFusion shows it, for the log and for tests.
    pub async fn explain(&self, parameters: Vec<ArrayRef>) -> Result<String, Error> {
        let plan = OnOwnStack::new(self.physical(parameters, None, Arc::new(Statement::default()))).await?;
        Ok(datafusion::physical_plan::displayable(plan.as_ref())
            .indent(false)
            .to_string())
    }
}

/// A result being streamed.
pub struct Rows {
    /// None once it has ended.
    stream: Option<SendableRecordBatchStream>,
    schema: SchemaRef,
    statement: Arc<Statement>,
    names: Names,
    first: Option<RecordBatch>,
    /// Came behind rows that were given.
    failed: Option<Error>,
    affected: Option<usize>,
}

/// Batches that [`Rows::next_ready`] gives at most: what one call holds is bounded, whatever it wants.
const READY: usize = 8;

impl Rows {
    /// Of a statement without a result set.
    fn none(names: Names, affected: Option<usize>) -> Rows {
        Rows {
            stream: None,
            schema: Arc::new(Schema::empty()),
            statement: Arc::default(),
            names,
            first: None,
            failed: None,
            affected,
        }
    }

    /// Rows that the statement changed; None where it changes none.
    pub fn affected(&self) -> Option<usize> {
        self.affected
    }

    /// The same fields as [`Prepared::schema`], in the same order.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// The caller wants more rows than it has been given: pages may be fetched ahead (decision 10).
    pub fn read_ahead(&self) {
        self.statement.read_ahead();
    }

    /// Pages that Okta was asked for so far.
    pub fn requests(&self) -> u64 {
        self.statement.requests()
    }

    /// Rows that [`Rows::next`] gives without waiting: those that `execute` waited for.
    pub fn in_hand(&self) -> usize {
        self.first.as_ref().map_or(0, RecordBatch::num_rows)
    }

    /// The next batch, and those behind it that are there without waiting, until they are `wanted` rows; none at the end.
    pub async fn next_ready(&mut self, wanted: usize) -> Result<VecDeque<RecordBatch>, Error> {
        let mut batches = VecDeque::from_iter(self.next().await?);
        let mut rows = batches.front().map_or(0, RecordBatch::num_rows);
        while rows > 0 && rows < wanted && batches.len() < READY {
            match self.next().now_or_never() {
                Some(Ok(Some(batch))) => {
                    rows += batch.num_rows();
                    batches.push_back(batch);
                }
                Some(Err(error)) => {
                    self.failed = Some(error);
                    break;
                }
                Some(Ok(None)) | None => break,
            }
        }
        Ok(batches)
    }

    /// The next batch, never empty; None at the end.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        while let Some(stream) = &mut self.stream {
            match stream.next().await {
                Some(Ok(batch)) if batch.num_rows() == 0 => {}
                Some(Ok(batch)) => return self.shown(&batch).map(Some),
                Some(Err(error)) => {
                    self.stream = None;
                    return Err(failure(&error, &self.names));
                }
                None => self.stream = None,
            }
        }
        Ok(None)
    }

    /// The batch under its labels, in the types shown.
    fn shown(&self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| describe::cast_column(column, field.data_type()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|error| Error::Internal(error.to_string()))
    }
}

/// The candidate nearest to a mistyped name, if one is near enough to be meant.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = resolve::fold(name);
    let near = 1 + name.chars().count() / 3;
    candidates
        .map(|candidate| (edits(&name, &resolve::fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= near)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

//! The DataFusion session of a connection: its options, its tables by name, its memory.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, SchemaRef};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::{SessionState, SessionStateBuilder, SessionStateDefaults};
use datafusion::logical_expr::planner::{ContextProvider, ExprPlanner, RelationPlanner};
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, LogicalPlan, ScalarUDF, TableSource, WindowUDF};
use datafusion::prelude::SessionConfig;
use datafusion::sql::planner::{ParserOptions, PlannerContext, SqlToRel};
use sqlparser::ast::Statement;

use super::dialect::TSqlOperators;
use super::extremes::ExtremeOfSorted;
use super::in_turn::PartsInTurn;
use super::pages::external;
use super::properties::ExtendedProperties;
use super::provider::OktaTable;
use super::resolve::{Names, fold};
use super::scan::Org;
use super::spill::Nameless;
use super::system::SystemTables;
use super::{Error, functions, nearest};
use crate::metadata::system;

/// Rows that operators put together before they pass them on. Small, so that a page of rows never waits for the next page:
/// an operator passes on what exceeds half of it at once.
const BATCH_SIZE: usize = 256;
/// Consumers named when memory runs out.
const LARGEST_CONSUMERS: std::num::NonZeroUsize = std::num::NonZeroUsize::MIN;

/// The session that every statement of a connection starts from.
pub struct Session {
    state: SessionState,
    tables: HashMap<String, Arc<dyn TableSource>>,
    system: Arc<SystemTables>,
    relation_planners: [Arc<dyn RelationPlanner>; 1],
    pub org: Arc<Org>,
}

impl Session {
    pub fn new(org: Arc<Org>) -> Result<Session> {
        let pool = TrackConsumersPool::new(FairSpillPool::new(org.options.memory_limit), LARGEST_CONSUMERS);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_disk_manager_builder(
                DiskManagerBuilder::default().with_mode(DiskManagerMode::Custom(Arc::new(Nameless))),
            )
            .build_arc()?;
        // Not `with_default_features`: it brings readers and writers of CSV, JSON and Arrow files into the library.
        let mut operators: Vec<Arc<dyn ExprPlanner>> = vec![Arc::new(TSqlOperators)];
        operators.extend(SessionStateDefaults::default_expr_planners());
        let state = SessionStateBuilder::new()
            .with_expr_planners(operators)
            .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
            .with_higher_order_functions(SessionStateDefaults::default_higher_order_functions())
            .with_aggregate_functions(SessionStateDefaults::default_aggregate_functions())
            .with_window_functions(SessionStateDefaults::default_window_functions())
            .with_config(config(org.options.memory_limit))
            .with_runtime_env(runtime)
            .with_optimizer_rule(Arc::new(ExtremeOfSorted))
            .with_physical_optimizer_rule(Arc::new(PartsInTurn))
            .build();
        let tables = org.catalog.tables().iter().map(|table| {
            let source = provider_as_source(Arc::new(OktaTable::new(table.clone(), org.clone())));
            (fold(&table.name), source)
        });
        let system = Arc::new(SystemTables::new(&org));
        Ok(Session {
            state,
            tables: tables.collect(),
            relation_planners: [Arc::new(ExtendedProperties(system.clone()))],
            system,
            org,
        })
    }

    /// A session state of one execution: its instant is now.
    pub fn start(&self, statement: Arc<super::pages::Statement>) -> SessionState {
        let mut state = self.state.clone();
        state.mark_start_execution();
        state.config_mut().set_extension(statement);
        state
    }

    /// Plans a resolved statement.
    /// `parameters` are the types of those that are known.
    pub fn plan(&self, statement: Statement, names: &Names, parameters: Vec<Option<FieldRef>>) -> Result<LogicalPlan> {
        let planner = Planner { session: self, names };
        let options = ParserOptions::from(&self.state.config_options().sql_parser);
        let mut context = PlannerContext::new().with_prepare_param_data_types(parameters);
        SqlToRel::new_with_options(&planner, options).sql_statement_to_plan_with_context(statement, &mut context)
    }
}

fn config(memory_limit: usize) -> SessionConfig {
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(BATCH_SIZE);
    let options = config.options_mut();
    options.sql_parser.enable_ident_normalization = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    // NULLs sort low, as SQL Server's do (decision 15).
    options.sql_parser.default_null_ordering = "nulls_min".to_owned();
    options.execution.coalesce_batches = false;
    options.execution.collect_statistics = false;
    // DataFusion's 10 MB would leave a small MemoryLimit nothing to work with.
    options.execution.sort_spill_reservation_bytes =
        (memory_limit / 16).min(options.execution.sort_spill_reservation_bytes);
    options.execution.planning_concurrency = 1;
    // A UNION whose unread columns were pruned keeps the names of its first part in one schema only.
    options.execution.skip_physical_aggregate_schema_check = true;
    options.optimizer.enable_dynamic_filter_pushdown = false;
    options.optimizer.enable_join_dynamic_filter_pushdown = false;
    options.optimizer.enable_topk_dynamic_filter_pushdown = false;
    options.optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    options.optimizer.enable_round_robin_repartition = false;
    options.optimizer.repartition_joins = false;
    options.optimizer.repartition_aggregations = false;
    options.optimizer.repartition_sorts = false;
    options.optimizer.repartition_windows = false;
    config
}

/// Answers the planner's questions about names.
struct Planner<'a> {
    session: &'a Session,
    names: &'a Names,
}

impl Planner<'_> {
    fn unknown_table(&self, name: &TableReference) -> Error {
        let spelled: Vec<_> = [name.catalog(), name.schema(), Some(name.table())]
            .into_iter()
            .flatten()
            .map(|part| self.names.spelled(part))
            .collect();
        let hint = match name.schema().filter(|schema| system::is_schema(schema)) {
            Some(schema) => of_system(schema, name.table()),
            None => {
                let tables = self.session.org.catalog.tables().iter();
                match nearest(name.table(), tables.map(|table| table.name.as_str())) {
                    Some(near) => format!(" Did you mean '{near}'?"),
                    None => " SQLTables lists the tables there are.".to_owned(),
                }
            }
        };
        Error::UnknownTable {
            name: spelled.join("."),
            hint,
        }
    }
}

/// The system relation that was meant.
fn of_system(schema: &str, name: &str) -> String {
    let relations = system::relations().filter(|relation| relation.schema.eq_ignore_ascii_case(schema));
    let relations: Vec<_> = relations.collect();
    let near = nearest(name, relations.iter().map(|relation| relation.name));
    match relations.iter().find(|relation| Some(relation.name) == near) {
        Some(near) => format!(" Did you mean '{}.{}'?", near.schema, near.name),
        None => {
            let names: Vec<_> = relations.iter().map(|relation| relation.name).collect();
            format!(" There are {}.", names.join(", "))
        }
    }
}

impl ContextProvider for Planner<'_> {
    fn get_table_source(&self, name: TableReference) -> Result<Arc<dyn TableSource>> {
        match &name {
            #[cfg(feature = "scratch-tables")]
            TableReference::Bare { table } if super::scratch::has(self.session, table) => {
                Some(super::scratch::source(self.session, table)?)
            }
            TableReference::Bare { table } => self.session.tables.get(&**table).cloned(),
            TableReference::Partial { schema, table } => self.session.system.source(None, schema, table),
            TableReference::Full { catalog, schema, table } => self.session.system.source(Some(catalog), schema, table),
        }
        .ok_or_else(|| external(self.unknown_table(&name)))
    }

    fn create_cte_work_table(&self, name: &str, schema: SchemaRef) -> Result<Arc<dyn TableSource>> {
        Ok(provider_as_source(Arc::new(CteWorkTable::new(name, schema))))
    }

    fn get_expr_planners(&self) -> &[Arc<dyn ExprPlanner>] {
        self.session.state.expr_planners()
    }

    fn get_relation_planners(&self) -> &[Arc<dyn RelationPlanner>] {
        &self.session.relation_planners
    }

    fn get_function_meta(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        functions::named(name)
            .or_else(|| functions::server::named(name, &self.session.system.system))
            .or_else(|| self.session.state.scalar_functions().get(name).cloned())
    }

    fn get_higher_order_meta(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.session.state.higher_order_functions().get(name).cloned()
    }

    fn get_aggregate_meta(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.session.state.aggregate_functions().get(name).cloned()
    }

    fn get_window_meta(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.session.state.window_functions().get(name).cloned()
    }

    fn get_variable_type(&self, _: &[String]) -> Option<DataType> {
        None
    }

    fn options(&self) -> &ConfigOptions {
        self.session.state.config_options()
    }

    fn udf_names(&self) -> Vec<String> {
        self.session.state.scalar_functions().keys().cloned().collect()
    }

    fn higher_order_function_names(&self) -> Vec<String> {
        self.session.state.higher_order_functions().keys().cloned().collect()
    }

    fn udaf_names(&self) -> Vec<String> {
        self.session.state.aggregate_functions().keys().cloned().collect()
    }

    fn udwf_names(&self) -> Vec<String> {
        self.session.state.window_functions().keys().cloned().collect()
    }
}

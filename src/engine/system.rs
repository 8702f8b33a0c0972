//! The system catalog as DataFusion sees it: relations in memory, made when a statement first reads them.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, TableSource, TableType};
use datafusion::physical_plan::ExecutionPlan;
use sqlparser::ast::{Expr as SqlExpr, ObjectName, ObjectNamePart, Statement, TableFactor, Visit, Visitor};

use super::resolve::fold;
use super::scan::Org;
use super::{properties, text};
use crate::catalog::{CATALOG_NAME, field};
use crate::metadata::system::{self, EXTENDED_PROPERTY_LIST, Relation, System, Type};

/// SQL Server's database of temporary tables: its relations are there, and empty.
const TEMPORARY: &str = "tempdb";

/// Words that a statement which lists columns has in its text, in lower case.
const WORDS: [&str; 6] = [
    "sys",
    "information_schema",
    "fn_listextendedproperty",
    OF_COLUMNS[0],
    OF_COLUMNS[1],
    OF_COLUMNS[2],
];
/// Functions that name or number columns.
const OF_COLUMNS: [&str; 3] = ["col_name", "col_length", "columnproperty"];

/// Whether a text may be such a statement: parsing it would tell.
pub fn may_list_columns(text: &str) -> bool {
    let text = fold(text);
    let mut words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.any(|word| WORDS.contains(&word))
}

/// Whether a statement reads something that lists columns.
pub fn lists_columns(statement: &Statement) -> bool {
    Visit::visit(statement, &mut OfColumns).is_break()
}

/// Stops at what lists columns.
struct OfColumns;

fn last(name: &ObjectName) -> Option<String> {
    let last = name.0.last().and_then(ObjectNamePart::as_ident)?;
    Some(fold(&last.value))
}

fn stop_if(found: bool) -> ControlFlow<()> {
    if found {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

impl Visitor for OfColumns {
    type Break = ();

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let parts: Vec<_> = relation.0.iter().filter_map(ObjectNamePart::as_ident).collect();
        let found = match parts.as_slice() {
            [.., schema, name] => system::relation(&schema.value, &name.value),
            _ => None,
        };
        stop_if(found.is_some_and(|relation| relation.lists_columns))
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        stop_if(properties::lists_columns(factor))
    }

    fn pre_visit_expr(&mut self, expr: &SqlExpr) -> ControlFlow<()> {
        let name = match expr {
            SqlExpr::Function(function) => last(&function.name),
            _ => None,
        };
        stop_if(name.is_some_and(|name| OF_COLUMNS.contains(&name.as_str())))
    }
}

/// The relations of one snapshot.
pub struct SystemTables {
    pub system: Arc<System>,
    /// In the order of [`system::relations`].
    sources: Vec<OnceLock<Arc<dyn TableSource>>>,
    properties: OnceLock<Arc<dyn TableSource>>,
}

impl SystemTables {
    pub fn new(org: &Org) -> SystemTables {
        let options = &org.options;
        let server = org.client.authority();
        let system = System::new(
            org.catalog.clone(),
            server,
            options.max_varchar_size,
            options.case_sensitive,
        );
        SystemTables {
            system: Arc::new(system),
            sources: system::relations().map(|_| OnceLock::new()).collect(),
            properties: OnceLock::new(),
        }
    }

    /// The relation of these folded names, if they name one.
    pub fn source(&self, catalog: Option<&str>, schema: &str, name: &str) -> Option<Arc<dyn TableSource>> {
        let named = |relation: &Relation| fold(relation.schema) == schema && fold(relation.name) == name;
        let (at, relation) = system::relations().enumerate().find(|(_, relation)| named(relation))?;
        match catalog {
            Some(TEMPORARY) => Some(self.make(relation, true)),
            Some(catalog) if catalog != fold(CATALOG_NAME) => None,
            _ => Some(self.sources[at].get_or_init(|| self.make(relation, false)).clone()),
        }
    }

    /// What `fn_listextendedproperty` chooses from.
    pub fn properties(&self) -> Arc<dyn TableSource> {
        let make = || self.make(EXTENDED_PROPERTY_LIST, false);
        self.properties.get_or_init(make).clone()
    }

    fn make(&self, relation: &'static Relation, is_empty: bool) -> Arc<dyn TableSource> {
        provider_as_source(Arc::new(SystemTable {
            relation,
            system: self.system.clone(),
            schema: schema(relation),
            rows: OnceLock::new(),
            is_empty,
        }))
    }
}

/// A relation's columns under their folded names, with the metadata that catalog columns have.
fn schema(relation: &Relation) -> SchemaRef {
    let declared = relation.fields();
    let fields = declared.fields().iter().zip(relation.columns).map(|(field, column)| {
        let mut metadata = field.metadata().clone();
        metadata.insert(field::BASE_COLUMN.to_owned(), column.name.to_owned());
        if matches!(column.r#type, Type::Text(_)) {
            metadata.insert(text::FOLDS.to_owned(), String::new());
        }
        if !column.nullable {
            metadata.insert(field::REQUIRED.to_owned(), String::new());
        }
        // Outer joins and tempdb leave any of them NULL, as with Okta's tables.
        Field::new(fold(column.name), field.data_type().clone(), true).with_metadata(metadata)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// One relation.
struct SystemTable {
    relation: &'static Relation,
    system: Arc<System>,
    schema: SchemaRef,
    /// Made by the first statement that runs; the snapshot never changes.
    rows: OnceLock<RecordBatch>,
    is_empty: bool,
}

impl fmt::Debug for SystemTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.relation.schema, self.relation.name)
    }
}

impl SystemTable {
    fn rows(&self) -> &RecordBatch {
        self.rows.get_or_init(|| {
            let empty = RecordBatch::new_empty(self.schema.clone());
            if self.is_empty {
                return empty;
            }
            let (arrays, rows) = self.relation.arrays(&self.system);
            let options = RecordBatchOptions::new().with_row_count(Some(rows));
            RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options).unwrap_or(empty)
        })
    }
}

#[async_trait]
impl TableProvider for SystemTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let rows = vec![self.rows().clone()];
        let plan = MemorySourceConfig::try_new_exec(&[rows], self.schema.clone(), projection.cloned())?;
        Ok(plan)
    }
}

//! Statements that change tables in memory, each as the query that it starts from and what becomes of its rows.

use std::sync::Arc;

use sqlparser::ast::{
    AssignmentTarget, CastKind, CreateTable, CreateView, Delete, Expr, FromTable, Ident, Insert, ObjectName,
    ObjectNamePart, Query, SelectItem, SetExpr, Statement, TableFactor, TableObject, TableWithJoins, Update, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

use super::super::Error;
use super::super::resolve::{self, fold};
use super::super::scan::Org;
use super::change::{Change, Kind};
use super::definition::Definition;
use super::provider::{NUMBERED, ROW};
use super::store::{Entry, InMemory, Store};
use super::{declare, types};
use crate::catalog::Column;

/// Takes a statement that changes tables in memory and leaves the query that it starts from in its place; None for
/// every other statement, which stays as it is.
pub fn take(statement: &mut Statement, org: &Org) -> Result<Option<Arc<Change>>, Error> {
    let store = Store::of(org);
    let (kind, query) = match statement {
        Statement::CreateTable(create) => create_table(create)?,
        Statement::CreateView(view) => create_view(view)?,
        Statement::Insert(insert) => match target(&store, org, inserted(insert)?)? {
            Some(table) => insert_into(insert, &table)?,
            None => return Ok(None),
        },
        Statement::Update(update) => match target(&store, org, named(&update.table)?)? {
            Some(table) => update_of(update, &table)?,
            None => return Ok(None),
        },
        Statement::Delete(delete) => match target(&store, org, named(deleted(delete)?)?)? {
            Some(table) => delete_from(delete, &table)?,
            None => return Ok(None),
        },
        _ => match Definition::of(statement)? {
            Some(definition) => (Kind::Define(definition), nothing()?),
            None => return Ok(None),
        },
    };
    *statement = Statement::Query(query);
    Ok(Some(Arc::new(Change { store, kind })))
}

type Rewritten = Result<(Kind, Box<Query>), Error>;

/// A query to put expressions into.
fn skeleton(text: &str) -> Result<Box<Query>, Error> {
    match Parser::parse_sql(&GenericDialect {}, text).map(|mut statements| statements.pop()) {
        Ok(Some(Statement::Query(query))) => Ok(query),
        _ => Err(Error::Internal(format!("{text} is no query"))),
    }
}

fn nothing() -> Result<Box<Query>, Error> {
    skeleton("SELECT NULL AS nothing")
}

fn select(query: &mut Query) -> Result<&mut sqlparser::ast::Select, Error> {
    match &mut *query.body {
        SetExpr::Select(select) => Ok(select),
        _ => Err(Error::Internal("no SELECT".into())),
    }
}

/// The table in memory of that name; None for one of Okta's.
fn target(store: &Store, org: &Org, name: &ObjectName) -> Result<Option<Arc<InMemory>>, Error> {
    let spelled = declare::name(name)?;
    match store.entry(&fold(&spelled)) {
        Some(Entry::Table(table)) => Ok(Some(table)),
        Some(Entry::View(_)) => Err(Error::Unsupported(format!("{spelled} is a view."))),
        None if org.catalog.table(&spelled).is_some() => Ok(None),
        None => Err(Error::UnknownTable {
            name: spelled,
            hint: String::new(),
        }),
    }
}

fn inserted(insert: &Insert) -> Result<&ObjectName, Error> {
    match &insert.table {
        TableObject::TableName(name) => Ok(name),
        other => Err(Error::Unsupported(format!("{other} is no table."))),
    }
}

fn named(table: &TableWithJoins) -> Result<&ObjectName, Error> {
    match &table.relation {
        TableFactor::Table { name, .. } if table.joins.is_empty() => Ok(name),
        _ => Err(Error::Unsupported(format!("{table} is not one table."))),
    }
}

fn deleted(delete: &Delete) -> Result<&TableWithJoins, Error> {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    match tables.as_slice() {
        [table] if delete.using.is_none() && delete.tables.is_empty() => Ok(table),
        _ => Err(Error::Unsupported("DELETE is from one table.".into())),
    }
}

fn create_table(create: &mut CreateTable) -> Rewritten {
    if create.temporary || create.like.is_some() || create.clone.is_some() {
        return Err(Error::Unsupported(
            "CREATE TABLE makes tables of columns that it lists.".into(),
        ));
    }
    if let Some(query) = create.query.take() {
        let name = declare::name(&create.name)?;
        return Ok((Kind::CreateAs(name, create.if_not_exists), query));
    }
    let table = Definition::Table(declare::created(create)?.into(), create.if_not_exists);
    Ok((Kind::Define(table), nothing()?))
}

fn create_view(view: &CreateView) -> Rewritten {
    if view.materialized || view.temporary || !view.columns.is_empty() {
        return Err(Error::Unsupported("CREATE VIEW takes a name and a query.".into()));
    }
    let (statement, _) = resolve::resolve(Statement::Query(view.query.clone()), &[])?;
    let kind = Kind::View(declare::name(&view.name)?, Box::new(statement), view.or_replace);
    Ok((kind, view.query.clone()))
}

/// The value in the type of a column.
fn cast(expr: Expr, column: &Column) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr),
        data_type: types::cast(column.kind),
        array: false,
        format: None,
    }
}

fn null() -> Expr {
    Expr::value(Value::Null)
}

fn is_default(expr: &Expr) -> bool {
    matches!(expr, Expr::Identifier(ident) if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default"))
}

fn insert_into(insert: &mut Insert, table: &InMemory) -> Rewritten {
    if insert.on.is_some() || insert.returning.is_some() || insert.output.is_some() || !insert.assignments.is_empty() {
        return Err(Error::Unsupported(
            "INSERT takes VALUES, a query or DEFAULT VALUES.".into(),
        ));
    }
    let all = &table.table.columns;
    let place = |name: &str| {
        table
            .table
            .columns
            .iter()
            .position(|column| fold(&column.name) == fold(name))
    };
    let mut columns = Vec::new();
    for name in &insert.columns {
        let ident = name.0.last().and_then(ObjectNamePart::as_ident);
        let ident = ident.ok_or_else(|| declare::unknown_column(&name.to_string()))?;
        columns.push(place(&ident.value).ok_or_else(|| declare::unknown_column(&ident.value))?);
    }
    let (mut query, is_default_values) = match insert.source.take() {
        Some(query) => (query, false),
        None => (skeleton("VALUES (NULL)")?, true),
    };
    if columns.is_empty() && !is_default_values {
        // What counts by itself may be left out of VALUES, as in T-SQL.
        let without_identity = match &*query.body {
            SetExpr::Values(values) => values.rows.iter().all(|row| row.content.len() < all.len()),
            _ => false,
        };
        columns.extend((0..all.len()).filter(|at| !without_identity || Some(*at) != table.identity));
    }
    let defaults: Vec<_> = (0..all.len())
        .filter(|at| !columns.contains(at))
        .filter_map(|at| Some((at, table.defaults[at].clone()?)))
        .collect();
    match &mut *query.body {
        SetExpr::Values(values) => {
            for row in &mut values.rows {
                let mut cells = std::mem::take(&mut row.content);
                if is_default_values {
                    cells.clear();
                }
                if cells.len() != columns.len() {
                    let (given, wanted) = (cells.len(), columns.len());
                    return Err(Error::Invalid(format!(
                        "INSERT names {wanted} columns and gives {given} values"
                    )));
                }
                let cells = cells.into_iter().zip(&columns).map(|(cell, at)| {
                    let default = || table.defaults[*at].clone().unwrap_or_else(null);
                    cast(if is_default(&cell) { default() } else { cell }, &all[*at])
                });
                row.content = cells
                    .chain(defaults.iter().map(|(at, value)| cast(value.clone(), &all[*at])))
                    .collect();
                if row.content.is_empty() {
                    row.content.push(null());
                }
            }
        }
        _ if !defaults.is_empty() => {
            let mut outer = skeleton("SELECT * FROM (SELECT 1) AS okta_source")?;
            let items = select(&mut outer)?;
            for (at, value) in &defaults {
                items.projection.push(SelectItem::ExprWithAlias {
                    expr: cast(value.clone(), &all[*at]),
                    alias: Ident::new(format!("okta_default_{at}")),
                });
            }
            if let Some(TableFactor::Derived { subquery, .. }) = items.from.first_mut().map(|from| &mut from.relation) {
                *subquery = query;
            }
            query = outer;
        }
        _ => {}
    }
    columns.extend(defaults.iter().map(|(at, _)| *at));
    let columns = columns.into_iter().map(|at| all[at].name.clone()).collect();
    Ok((Kind::Insert(table.table.name.clone(), columns), query))
}

/// A query of the rows of one table that a condition meets, with their numbers first.
fn met(
    from: &TableWithJoins,
    table: &InMemory,
    condition: Option<Expr>,
    values: impl IntoIterator<Item = Expr>,
) -> Result<Box<Query>, Error> {
    let mut query = skeleton("SELECT 1 FROM t AS t")?;
    let select = select(&mut query)?;
    for read in &mut select.from {
        if let TableFactor::Table {
            name,
            alias: Some(alias),
            ..
        } = &mut read.relation
        {
            *name = Ident::with_quote('"', format!("{}{NUMBERED}", table.table.name)).into();
            alias.name = match &from.relation {
                TableFactor::Table { alias: Some(given), .. } => given.name.clone(),
                _ => Ident::with_quote('"', table.table.name.clone()),
            };
        }
    }
    let number = Expr::Identifier(Ident::with_quote('"', ROW));
    let items = std::iter::once(number).chain(values).enumerate();
    let items = items.map(|(at, expr)| SelectItem::ExprWithAlias {
        expr,
        alias: Ident::new(format!("okta_{at}")),
    });
    select.projection = items.collect();
    select.selection = condition;
    Ok(query)
}

fn delete_from(delete: &mut Delete, table: &InMemory) -> Rewritten {
    if delete.returning.is_some() || delete.output.is_some() || delete.limit.is_some() {
        return Err(Error::Unsupported("DELETE takes a condition.".into()));
    }
    let condition = delete.selection.take();
    let query = met(deleted(delete)?, table, condition, [])?;
    Ok((Kind::Delete(table.table.name.clone()), query))
}

fn update_of(update: &mut Update, table: &InMemory) -> Rewritten {
    if update.from.is_some() || update.returning.is_some() || update.output.is_some() || update.limit.is_some() {
        return Err(Error::Unsupported("UPDATE takes SET and a condition.".into()));
    }
    let all = &table.table.columns;
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for assignment in update.assignments.drain(..) {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err(Error::Unsupported("UPDATE sets one column at a time.".into()));
        };
        let ident = name.0.last().and_then(ObjectNamePart::as_ident);
        let at = ident.and_then(|ident| all.iter().position(|column| fold(&column.name) == fold(&ident.value)));
        let at = at.ok_or_else(|| declare::unknown_column(&name.to_string()))?;
        columns.push(all[at].name.clone());
        values.push(cast(assignment.value, &all[at]));
    }
    let query = met(&update.table, table, update.selection.take(), values)?;
    Ok((Kind::Update(table.table.name.clone(), columns), query))
}

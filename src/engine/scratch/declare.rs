//! CREATE TABLE and CREATE VIEW as tables of the catalog.

use arrow::datatypes::SchemaRef;
use sqlparser::ast::{
    ColumnDef, ColumnOption, CreateTable, Expr, ForeignKeyConstraint, GeneratedAs, Ident, IndexColumn, ObjectName,
    ObjectNamePart, TableConstraint,
};

use super::super::Error;
use super::super::resolve::fold;
use super::store::InMemory;
use super::types;
use crate::catalog::model::Logic;
use crate::catalog::scratch::{Declaration, Index};
use crate::catalog::{CATALOG_NAME, Column, ForeignKey, List, SCHEMA_NAME, Table};

/// The name of a table without `dbo.` or `Okta.dbo.`.
pub fn name(name: &ObjectName) -> Result<String, Error> {
    let parts: Vec<_> = name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
    let ours = |part: &Ident, expected: &str| part.value.eq_ignore_ascii_case(expected);
    match parts.as_slice() {
        [table] => Ok(table.value.clone()),
        [schema, table] if ours(schema, SCHEMA_NAME) => Ok(table.value.clone()),
        [catalog, schema, table] if ours(catalog, CATALOG_NAME) && ours(schema, SCHEMA_NAME) => Ok(table.value.clone()),
        _ => Err(Error::Unsupported(format!(
            "{name}: there is one schema, {SCHEMA_NAME}."
        ))),
    }
}

/// A table of the catalog that no request reads.
fn table(name: String, columns: Vec<Column>) -> Table {
    Table {
        name,
        description: String::new(),
        scope: String::new(),
        primary_key: Vec::new(),
        foreign_keys: Vec::new(),
        list: List {
            path: String::new(),
            page_size: None,
            smallest_page: None,
            expression: None,
            folds_case: false,
            logic: Logic::default(),
            match_all: None,
            fields: false,
            sort: false,
            time_column: None,
            when: Vec::new(),
            omit: None,
        },
        get: None,
        parent: None,
        custom: None,
        no_rows: Vec::new(),
        columns,
        scratch: Some(Declaration::default()),
    }
}

fn column(name: String, (kind, size): (crate::catalog::Kind, Option<u32>)) -> Column {
    Column {
        name,
        path: None,
        kind,
        size,
        nullable: true,
        description: String::new(),
        attribute: None,
        operators: Vec::new(),
        stored: None,
        sortable: false,
    }
}

/// What a CREATE TABLE … AS, or a view, has for columns.
pub fn of_schema(name: String, schema: &SchemaRef, is_view: bool) -> Table {
    let columns = schema
        .fields()
        .iter()
        .map(|field| column(field.name().clone(), types::of_field(field)));
    let mut table = table(name, columns.collect());
    table.scratch = Some(Declaration {
        is_view,
        ..Declaration::default()
    });
    table
}

/// A table without rows.
pub fn created(create: &CreateTable) -> Result<InMemory, Error> {
    let mut made = Made {
        table: table(name(&create.name)?, Vec::new()),
        declaration: Declaration::default(),
        identity: None,
        defaults: Vec::new(),
    };
    for definition in &create.columns {
        made.column(definition)?;
    }
    for constraint in &create.constraints {
        made.constraint(constraint)?;
    }
    if made.table.columns.is_empty() {
        return Err(Error::Unsupported(format!("{}: a table has columns.", made.table.name)));
    }
    made.table.scratch = Some(made.declaration);
    Ok(InMemory::new(made.table, made.identity, made.defaults))
}

struct Made {
    table: Table,
    declaration: Declaration,
    identity: Option<usize>,
    defaults: Vec<Option<Expr>>,
}

impl Made {
    fn column(&mut self, definition: &ColumnDef) -> Result<(), Error> {
        let own = [definition.name.clone()];
        let mut made = column(definition.name.value.clone(), types::kind(&definition.data_type)?);
        if self.table.column(&made.name).is_some() {
            return Err(Error::Invalid(format!("Column '{}' stands there twice", made.name)));
        }
        let mut default = None;
        let mut key = None;
        for option in &definition.options {
            let name = option.name.as_ref().map(|name| name.value.clone());
            match &option.option {
                ColumnOption::NotNull => made.nullable = false,
                ColumnOption::Default(value) => default = Some(value.clone()),
                ColumnOption::PrimaryKey(_) => key = Some(name),
                ColumnOption::Unique(_) => self.unique(name, own.to_vec()),
                ColumnOption::ForeignKey(constraint) => self.foreign_key(name, &own, constraint)?,
                ColumnOption::Identity(_) => self.identity = Some(self.table.columns.len()),
                ColumnOption::Generated {
                    generated_as: GeneratedAs::Always | GeneratedAs::ByDefault,
                    generation_expr: None,
                    ..
                } => self.identity = Some(self.table.columns.len()),
                ColumnOption::Comment(text) => made.description.clone_from(text),
                ColumnOption::Null | ColumnOption::Check(_) | ColumnOption::Collation(_) => {}
                ColumnOption::DialectSpecific(tokens)
                    if tokens
                        .iter()
                        .any(|token| token.to_string().to_uppercase().starts_with("AUTO")) =>
                {
                    self.identity = Some(self.table.columns.len());
                }
                other => return Err(Error::Unsupported(format!("CREATE TABLE does not take {other}."))),
            }
        }
        self.table.columns.push(made);
        self.defaults.push(default);
        key.map_or(Ok(()), |name| self.primary_key(name, &own))
    }

    fn constraint(&mut self, constraint: &TableConstraint) -> Result<(), Error> {
        let text = |name: &Option<Ident>| name.as_ref().map(|name| name.value.clone());
        match constraint {
            TableConstraint::PrimaryKey(key) => self.primary_key(text(&key.name), &idents(&key.columns)?),
            TableConstraint::Unique(unique) => {
                self.unique(text(&unique.name), idents(&unique.columns)?);
                Ok(())
            }
            TableConstraint::ForeignKey(key) => self.foreign_key(text(&key.name), &key.columns, key),
            TableConstraint::Check(_) => Ok(()),
            other => Err(Error::Unsupported(format!("CREATE TABLE does not take {other}."))),
        }
    }

    fn primary_key(&mut self, name: Option<String>, columns: &[Ident]) -> Result<(), Error> {
        for ident in columns {
            let at = self.table.column_index(&ident.value);
            let at = at.ok_or_else(|| unknown_column(&ident.value))?;
            let column = &mut self.table.columns[at];
            column.nullable = false;
            self.table.primary_key.push(column.name.clone());
        }
        self.declaration.primary_key = name;
        Ok(())
    }

    fn unique(&mut self, name: Option<String>, columns: Vec<Ident>) {
        let columns: Vec<_> = columns.into_iter().map(|column| column.value).collect();
        let name = name.unwrap_or_else(|| format!("UQ_{}_{}", self.table.name, columns.join("_")));
        self.declaration.indexes.push(Index {
            name,
            columns,
            unique: true,
        });
    }

    fn foreign_key(&mut self, name: Option<String>, own: &[Ident], key: &ForeignKeyConstraint) -> Result<(), Error> {
        let table = self::name(&key.foreign_table)?;
        // One name tells that several columns are one key.
        let columns = || {
            own.iter()
                .map(|column| column.value.as_str())
                .collect::<Vec<_>>()
                .join("_")
        };
        let several = (own.len() > 1).then(|| format!("FK_{}_{}", self.table.name, columns()));
        let name = name.or(several);
        for (at, column) in own.iter().enumerate() {
            // The whole key, where none of its columns are named, is its only one.
            let references = key.referred_columns.get(at).unwrap_or(column);
            self.table.foreign_keys.push(ForeignKey {
                column: column.value.clone(),
                table: table.clone(),
                references: references.value.clone(),
            });
            self.declaration.foreign_keys.push(name.clone());
        }
        Ok(())
    }
}

pub fn unknown_column(name: &str) -> Error {
    Error::UnknownColumn {
        name: name.to_owned(),
        hint: String::new(),
    }
}

/// Columns of an index or a key.
pub fn idents(columns: &[IndexColumn]) -> Result<Vec<Ident>, Error> {
    let ident = |column: &IndexColumn| match &column.column.expr {
        Expr::Identifier(ident) => Ok(ident.clone()),
        other => Err(Error::Unsupported(format!("{other}: an index is one of columns."))),
    };
    columns.iter().map(ident).collect()
}

/// The index of an existing table, its columns spelled as the table spells them.
pub fn index(table: &Table, name: String, columns: &[IndexColumn], unique: bool) -> Result<Index, Error> {
    let spelled = |ident: &Ident| {
        let column = table
            .columns
            .iter()
            .find(|column| fold(&column.name) == fold(&ident.value));
        column
            .map(|column| column.name.clone())
            .ok_or_else(|| unknown_column(&ident.value))
    };
    let columns = idents(columns)?.iter().map(spelled).collect::<Result<Vec<_>, _>>()?;
    Ok(Index { name, columns, unique })
}

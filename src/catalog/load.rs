//! Reads and validates the embedded table files.

use std::collections::HashSet;
use std::sync::Arc;

use super::Catalog;
use super::model::{Column, Kind, Operator, Table};

/// Every file of `tables/`, in the folder's order.
const FILES: &[(&str, &str)] = &[
    (
        "application_groups.toml",
        include_str!("tables/application_groups.toml"),
    ),
    ("application_users.toml", include_str!("tables/application_users.toml")),
    ("apps.toml", include_str!("tables/apps.toml")),
    ("group_members.toml", include_str!("tables/group_members.toml")),
    ("groups.toml", include_str!("tables/groups.toml")),
    ("system_logs.toml", include_str!("tables/system_logs.toml")),
    ("user_factors.toml", include_str!("tables/user_factors.toml")),
    ("user_groups.toml", include_str!("tables/user_groups.toml")),
    ("user_types.toml", include_str!("tables/user_types.toml")),
    ("users.toml", include_str!("tables/users.toml")),
];

/// A table file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("{file}: {message}")]
    Toml { file: String, message: String },
    #[error("{file}: table {table}, {field}: {problem}")]
    Invalid {
        file: String,
        table: String,
        field: String,
        problem: String,
    },
}

pub(super) fn embedded() -> Catalog {
    // The files are part of the program; `the_embedded_tables_are_valid` walks them.
    load(FILES).unwrap_or_else(|error| unreachable!("embedded catalog: {error}"))
}

/// Parses and validates table files, given as (file name, text).
pub(super) fn load(files: &[(&str, &str)]) -> Result<Catalog, LoadError> {
    let mut tables = Vec::with_capacity(files.len());
    for (file, text) in files {
        let table: Table = toml::from_str(text).map_err(|e| LoadError::Toml {
            file: (*file).to_owned(),
            message: e.to_string().trim_end().to_owned(),
        })?;
        tables.push((*file, table));
    }
    tables.sort_by(|a, b| a.1.name.cmp(&b.1.name));
    for (file, table) in &tables {
        Check {
            file,
            table,
            all: &tables,
        }
        .run()?;
    }
    Ok(Catalog {
        tables: tables.into_iter().map(|(_, table)| Arc::new(table)).collect(),
    })
}

/// The column names between braces of a path template.
pub(super) fn placeholders(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap_or(rest))
        .collect()
}

/// One table under validation, among all of them.
struct Check<'a> {
    file: &'a str,
    table: &'a Table,
    all: &'a [(&'a str, Table)],
}

impl Check<'_> {
    fn run(&self) -> Result<(), LoadError> {
        self.names()?;
        self.keys()?;
        self.list()?;
        self.get()?;
        self.parent()?;
        self.table.columns.iter().try_for_each(|column| self.column(column))
    }

    fn fail(&self, field: impl Into<String>, problem: impl Into<String>) -> LoadError {
        LoadError::Invalid {
            file: self.file.to_owned(),
            table: self.table.name.clone(),
            field: field.into(),
            problem: problem.into(),
        }
    }

    fn require(&self, holds: bool, field: &str, problem: &str) -> Result<(), LoadError> {
        if holds { Ok(()) } else { Err(self.fail(field, problem)) }
    }

    /// The column of exactly that name.
    fn column_of<'t>(&self, table: &'t Table, field: &str, name: &str) -> Result<&'t Column, LoadError> {
        let found = table.columns.iter().find(|c| c.name == name);
        found.ok_or_else(|| self.fail(field, format!("{} has no column {name}", table.name)))
    }

    fn table_of(&self, field: &str, name: &str) -> Result<&Table, LoadError> {
        let found = self.all.iter().map(|(_, t)| t).find(|t| t.name == name);
        found.ok_or_else(|| self.fail(field, format!("there is no table {name}")))
    }

    fn names(&self) -> Result<(), LoadError> {
        let same = self
            .all
            .iter()
            .filter(|(_, t)| t.name.eq_ignore_ascii_case(&self.table.name))
            .count();
        self.require(same == 1, "name", "another file has this table too")?;
        self.require(!self.table.description.is_empty(), "description", "is empty")?;
        self.require(self.table.scope.starts_with("okta."), "scope", "is no Okta scope")?;
        let mut seen = HashSet::new();
        for column in &self.table.columns {
            if !seen.insert(column.name.to_ascii_lowercase()) {
                return Err(self.fail(format!("column {}", column.name), "stands there twice"));
            }
        }
        Ok(())
    }

    fn keys(&self) -> Result<(), LoadError> {
        self.require(!self.table.primary_key.is_empty(), "primary_key", "is empty")?;
        for name in &self.table.primary_key {
            let column = self.column_of(self.table, "primary_key", name)?;
            self.require(
                !column.nullable && column.kind == Kind::Id,
                "primary_key",
                "holds a nullable or non-id column",
            )?;
        }
        for key in &self.table.foreign_keys {
            self.column_of(self.table, "foreign_keys", &key.column)?;
            let target = self.table_of("foreign_keys", &key.table)?;
            let single = target.primary_key == [key.references.clone()];
            self.require(
                single,
                "foreign_keys",
                "does not reference the target's single primary key column",
            )?;
        }
        Ok(())
    }

    fn list(&self) -> Result<(), LoadError> {
        let list = &self.table.list;
        self.require(list.path.starts_with('/'), "list.path", "is not absolute")?;
        for name in placeholders(&list.path) {
            let column = self.column_of(self.table, "list.path", name)?;
            self.require(
                column.path.is_none(),
                "list.path",
                "names a column that is not a parent's key",
            )?;
        }
        if let Some(parameter) = &list.expression {
            let known = matches!(parameter.as_str(), "search" | "filter");
            self.require(known, "list.expression", "is neither search nor filter")?;
        } else {
            self.require(list.match_all.is_none(), "list.match_all", "needs list.expression")?;
            self.require(!list.sort, "list.sort", "needs list.expression")?;
        }
        if let Some(name) = &list.time_column {
            let column = self.column_of(self.table, "list.time_column", name)?;
            let fits = column.kind == Kind::Timestamp && column.operators.is_empty();
            self.require(fits, "list.time_column", "is no timestamp, or has operators")?;
        }
        for name in list.when.iter().flat_map(|w| &w.columns) {
            self.column_of(self.table, "list.when", name)?;
        }
        for name in list.omit.iter().flat_map(|o| &o.columns) {
            self.column_of(self.table, "list.omit", name)?;
        }
        Ok(())
    }

    fn get(&self) -> Result<(), LoadError> {
        let Some(get) = &self.table.get else { return Ok(()) };
        self.require(get.path.starts_with('/'), "get.path", "is not absolute")?;
        let mut named = placeholders(&get.path);
        let mut key: Vec<&str> = self.table.primary_key.iter().map(String::as_str).collect();
        named.sort_unstable();
        key.sort_unstable();
        self.require(named == key, "get.path", "does not name exactly the primary key")
    }

    fn parent(&self) -> Result<(), LoadError> {
        let named = placeholders(&self.table.list.path);
        let Some(parent) = &self.table.parent else {
            return self.require(named.is_empty(), "list.path", "has a key, but the table has no parent");
        };
        self.require(
            named == [parent.column.as_str()],
            "parent.column",
            "is not the one key of list.path",
        )?;
        let table = self.table_of("parent.table", &parent.table)?;
        self.column_of(table, "parent.key", &parent.key)?;
        self.require(table.parent.is_none(), "parent.table", "is a child itself")
    }

    fn column(&self, column: &Column) -> Result<(), LoadError> {
        let field = format!("column {}", column.name);
        let is_parent_key = self.table.parent.as_ref().is_some_and(|p| p.column == column.name);
        self.require(
            column.path.is_none() == is_parent_key,
            &field,
            "only a parent's key has no path",
        )?;
        self.require(
            column.size.is_some() == column.kind.is_text(),
            &field,
            "text needs a size, nothing else has one",
        )?;
        self.require(!column.description.is_empty(), &field, "has no description")?;
        let expression = column.operators.is_empty() || self.table.list.expression.is_some();
        self.require(expression, &field, "has operators, but list.expression is missing")?;
        for operator in &column.operators {
            let fits = match operator {
                Operator::Sw | Operator::Ew | Operator::Co => column.kind.is_text(),
                Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le => {
                    !matches!(column.kind, Kind::Json | Kind::Boolean)
                }
                Operator::Eq | Operator::Ne => column.kind != Kind::Json,
                Operator::Pr => true,
            };
            self.require(fits, &field, "has an operator that its kind does not take")?;
        }
        self.require(
            column.stored.is_none() || column.kind.is_text(),
            &field,
            "is no text, so `stored` means nothing",
        )?;
        let ordered = matches!(
            column.kind,
            Kind::Timestamp | Kind::Date | Kind::Integer | Kind::Bigint | Kind::Double
        );
        self.require(
            !column.sortable || (self.table.list.sort && ordered),
            &field,
            "cannot be sorted by Okta",
        )
    }
}

#[cfg(test)]
mod tests;

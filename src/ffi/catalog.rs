//! The catalog functions: rows of metadata through the same cursor as a query's.

use super::consts::*;
use super::text::Text;
use super::{asynchronous, guard};
use crate::catalog::Catalog;
use crate::connection::Schemas;
use crate::diag::{Record, SqlState};
use crate::metadata::{self, Argument, ResultSet, View};
use crate::statement::state::Call;
use crate::statement::{Scope, execute};

/// Reads the texts, asks `rows` with them, opens a cursor over the answer.
fn catalog_function<const N: usize>(
    (call, id): (&'static str, u16),
    stmt: Handle,
    texts: [Text; N],
    rows: impl FnOnce(&Catalog, View, [Argument; N]) -> Result<ResultSet, Record> + Send + 'static,
) -> i16 {
    asynchronous::run(stmt, id, texts, move |stmt, texts| {
        guard::stmt(call, stmt, Call::Catalog, |scope| {
            let read = read(scope, texts)?;
            identifiers(scope, &read)?;
            let catalog = scope.session()?.catalog();
            let batch = rows(&catalog, view(scope)?, std::array::from_fn(|i| read[i].as_deref()))?;
            scope.open_rows(batch)
        })
    })
}

fn read<const N: usize>(scope: &Scope, texts: [Text; N]) -> Result<Vec<Option<String>>, Record> {
    texts.into_iter().map(|text| text.read(scope.wide)).collect()
}

/// "SQL_ATTR_METADATA_ID": arguments that are identifiers cannot be null, since identifiers have no "any". Of SQLTables the
/// list of types is none, and SQLForeignKeys needs one of its two tables only.
fn identifiers(scope: &Scope, read: &[Option<String>]) -> Result<(), Record> {
    match scope.stmt.attributes.metadata_id != 0 && read.iter().any(Option::is_none) {
        true => Err(Record::new(
            SqlState::NULL_POINTER,
            "With SQL_ATTR_METADATA_ID every name has to be given",
        )),
        false => Ok(()),
    }
}

fn view(scope: &Scope) -> Result<View, Record> {
    Ok(View {
        odbc2: scope.odbc2,
        metadata_id: scope.stmt.attributes.metadata_id != 0,
        max_varchar_size: scope.session()?.settings().max_varchar_size,
    })
}

fn required(argument: Argument, name: &str) -> Result<(), Record> {
    match argument {
        Some(_) => Ok(()),
        None => Err(Record::new(SqlState::NULL_POINTER, format!("{name} is a null pointer"))),
    }
}

fn tables(stmt: Handle, texts: [Text; 4]) -> i16 {
    asynchronous::run(stmt, 54, texts, |stmt, texts| {
        guard::stmt("SQLTables", stmt, Call::Catalog, |scope| {
            let read = read(scope, texts)?;
            identifiers(scope, &read[..3])?;
            let [c, s, t, types] = std::array::from_fn(|i| read[i].as_deref());
            let rows = metadata::tables(&scope.session()?.catalog(), view(scope)?, c, s, t, types);
            scope.open_rows(rows)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLTables(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
    types: *const u8,
    types_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
        Text::narrow(types, types_length),
    ];
    tables(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLTablesW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
    types: *const u16,
    types_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
        Text::wide(types, types_length),
    ];
    tables(stmt, texts)
}

fn columns(stmt: Handle, texts: [Text; 4]) -> i16 {
    // The one catalog function that may ask Okta, for schemas; the others only take their turn among calls that are polled.
    asynchronous::run(stmt, 40, texts, |stmt, texts| {
        guard::stmt("SQLColumns", stmt, Call::Catalog, |scope| {
            let read = read(scope, texts)?;
            identifiers(scope, &read)?;
            let [c, s, t, column] = std::array::from_fn(|i| read[i].as_deref());
            let view = view(scope)?;
            for schemas in Schemas::LATER {
                let catalog = scope.session()?.catalog();
                if metadata::names(&catalog, view, c, s, t, schemas.custom()) {
                    execute::load(scope, schemas)?;
                }
            }
            let rows = metadata::columns(&scope.session()?.catalog(), view, c, s, t, column);
            scope.open_rows(rows)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColumns(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
    column: *const u8,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
        Text::narrow(column, column_length),
    ];
    columns(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColumnsW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
    column: *const u16,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
        Text::wide(column, column_length),
    ];
    columns(stmt, texts)
}

fn primary_keys(stmt: Handle, texts: [Text; 3]) -> i16 {
    catalog_function(("SQLPrimaryKeys", 65), stmt, texts, move |catalog, view, [c, s, t]| {
        required(t, "TableName")?;
        Ok(metadata::primary_keys(catalog, view, c, s, t))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLPrimaryKeys(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
    ];
    primary_keys(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLPrimaryKeysW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
    ];
    primary_keys(stmt, texts)
}

fn foreign_keys(stmt: Handle, texts: [Text; 6]) -> i16 {
    asynchronous::run(stmt, 60, texts, |stmt, texts| {
        guard::stmt("SQLForeignKeys", stmt, Call::Catalog, |scope| {
            let read = read(scope, texts)?;
            let [pc, ps, pt, fc, fs, ft] = std::array::from_fn(|i| read[i].as_deref());
            required(pt.or(ft), "The name of both tables")?;
            let rows = metadata::foreign_keys(&scope.session()?.catalog(), view(scope)?, pc, ps, pt, fc, fs, ft);
            scope.open_rows(rows)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLForeignKeys(
    stmt: Handle,
    pk_catalog: *const u8,
    pk_catalog_length: i16,
    pk_schema: *const u8,
    pk_schema_length: i16,
    pk_table: *const u8,
    pk_table_length: i16,
    fk_catalog: *const u8,
    fk_catalog_length: i16,
    fk_schema: *const u8,
    fk_schema_length: i16,
    fk_table: *const u8,
    fk_table_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(pk_catalog, pk_catalog_length),
        Text::narrow(pk_schema, pk_schema_length),
        Text::narrow(pk_table, pk_table_length),
        Text::narrow(fk_catalog, fk_catalog_length),
        Text::narrow(fk_schema, fk_schema_length),
        Text::narrow(fk_table, fk_table_length),
    ];
    foreign_keys(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLForeignKeysW(
    stmt: Handle,
    pk_catalog: *const u16,
    pk_catalog_length: i16,
    pk_schema: *const u16,
    pk_schema_length: i16,
    pk_table: *const u16,
    pk_table_length: i16,
    fk_catalog: *const u16,
    fk_catalog_length: i16,
    fk_schema: *const u16,
    fk_schema_length: i16,
    fk_table: *const u16,
    fk_table_length: i16,
) -> i16 {
    let texts = [
        Text::wide(pk_catalog, pk_catalog_length),
        Text::wide(pk_schema, pk_schema_length),
        Text::wide(pk_table, pk_table_length),
        Text::wide(fk_catalog, fk_catalog_length),
        Text::wide(fk_schema, fk_schema_length),
        Text::wide(fk_table, fk_table_length),
    ];
    foreign_keys(stmt, texts)
}

fn statistics(stmt: Handle, texts: [Text; 3], unique: u16, accuracy: u16) -> i16 {
    catalog_function(("SQLStatistics", 53), stmt, texts, move |catalog, view, [c, s, t]| {
        required(t, "TableName")?;
        if unique > SQL_INDEX_ALL {
            return Err(Record::new(
                SqlState::INVALID_UNIQUENESS,
                format!("{unique} is no kind of index"),
            ));
        }
        if accuracy > SQL_ENSURE {
            return Err(Record::new(
                SqlState::INVALID_ACCURACY,
                format!("{accuracy} is neither quick nor ensured"),
            ));
        }
        Ok(metadata::statistics(catalog, view, c, s, t, unique == SQL_INDEX_UNIQUE))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLStatistics(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
    unique: u16,
    accuracy: u16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
    ];
    statistics(stmt, texts, unique, accuracy)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLStatisticsW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
    unique: u16,
    accuracy: u16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
    ];
    statistics(stmt, texts, unique, accuracy)
}

fn special_columns(stmt: Handle, texts: [Text; 3], identifier: u16, scope: u16, nullable: u16) -> i16 {
    catalog_function(
        ("SQLSpecialColumns", 52),
        stmt,
        texts,
        move |catalog, view, [c, s, t]| {
            required(t, "TableName")?;
            if identifier != SQL_BEST_ROWID && identifier != SQL_ROWVER {
                return Err(Record::new(
                    SqlState::INVALID_COLUMN_TYPE,
                    format!("{identifier} is no kind of column"),
                ));
            }
            if scope > SQL_SCOPE_SESSION {
                return Err(Record::new(SqlState::INVALID_SCOPE, format!("{scope} is no scope")));
            }
            if nullable > SQL_NULLABLE as u16 {
                return Err(Record::new(
                    SqlState::INVALID_NULLABLE_TYPE,
                    format!("{nullable} is no nullability"),
                ));
            }
            Ok(metadata::special_columns(
                catalog,
                view,
                identifier == SQL_BEST_ROWID,
                c,
                s,
                t,
            ))
        },
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSpecialColumns(
    stmt: Handle,
    identifier: u16,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
    scope: u16,
    nullable: u16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
    ];
    special_columns(stmt, texts, identifier, scope, nullable)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSpecialColumnsW(
    stmt: Handle,
    identifier: u16,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
    scope: u16,
    nullable: u16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
    ];
    special_columns(stmt, texts, identifier, scope, nullable)
}

fn procedures(stmt: Handle, texts: [Text; 3]) -> i16 {
    catalog_function(("SQLProcedures", 67), stmt, texts, |_, _, _| Ok(metadata::procedures()))
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLProcedures(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    procedure: *const u8,
    procedure_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(procedure, procedure_length),
    ];
    procedures(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLProceduresW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    procedure: *const u16,
    procedure_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(procedure, procedure_length),
    ];
    procedures(stmt, texts)
}

fn procedure_columns(stmt: Handle, texts: [Text; 4]) -> i16 {
    catalog_function(("SQLProcedureColumns", 66), stmt, texts, |_, _, _| {
        Ok(metadata::procedure_columns())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLProcedureColumns(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    procedure: *const u8,
    procedure_length: i16,
    column: *const u8,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(procedure, procedure_length),
        Text::narrow(column, column_length),
    ];
    procedure_columns(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLProcedureColumnsW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    procedure: *const u16,
    procedure_length: i16,
    column: *const u16,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(procedure, procedure_length),
        Text::wide(column, column_length),
    ];
    procedure_columns(stmt, texts)
}

fn table_privileges(stmt: Handle, texts: [Text; 3]) -> i16 {
    catalog_function(("SQLTablePrivileges", 70), stmt, texts, |_, _, _| {
        Ok(metadata::table_privileges())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLTablePrivileges(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
    ];
    table_privileges(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLTablePrivilegesW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
    ];
    table_privileges(stmt, texts)
}

fn column_privileges(stmt: Handle, texts: [Text; 4]) -> i16 {
    catalog_function(("SQLColumnPrivileges", 56), stmt, texts, |_, _, [_, _, t, _]| {
        required(t, "TableName")?;
        Ok(metadata::column_privileges())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColumnPrivileges(
    stmt: Handle,
    catalog: *const u8,
    catalog_length: i16,
    schema: *const u8,
    schema_length: i16,
    table: *const u8,
    table_length: i16,
    column: *const u8,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::narrow(catalog, catalog_length),
        Text::narrow(schema, schema_length),
        Text::narrow(table, table_length),
        Text::narrow(column, column_length),
    ];
    column_privileges(stmt, texts)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLColumnPrivilegesW(
    stmt: Handle,
    catalog: *const u16,
    catalog_length: i16,
    schema: *const u16,
    schema_length: i16,
    table: *const u16,
    table_length: i16,
    column: *const u16,
    column_length: i16,
) -> i16 {
    let texts = [
        Text::wide(catalog, catalog_length),
        Text::wide(schema, schema_length),
        Text::wide(table, table_length),
        Text::wide(column, column_length),
    ];
    column_privileges(stmt, texts)
}

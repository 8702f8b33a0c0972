//! `okta-odbc query` and `okta-odbc tables`: a session, its rows, their printing.

use std::io::{Read, Write};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};

use super::output::Printer;
use super::{Error, Format, Source};
use crate::catalog::{Catalog, Kind, Table};
use crate::connection::{Cancel, Runtime, Schemas, Session, Settings, Warning};

pub fn run(out: &mut impl Write, source: &Source, format: Format, statement: Option<String>) -> Result<(), Error> {
    let session = connect(source)?.ok_or(Error::NoSource)?;
    let statement = match statement.as_deref() {
        None | Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(text) => text.to_owned(),
    };
    let cancel = Cancel::default();
    let runtime = session.runtime().clone();
    let mut warnings = Vec::new();
    let prepared = session.prepare(&statement, &cancel, None, &mut warnings);
    warn(&warnings);
    let prepared = prepared?;
    let executed = runtime.run(async move { prepared.execute(Vec::new(), None).await }, &cancel, None);
    let mut rows = executed.map_err(|_| Error::Interrupted)??;
    rows.read_ahead();
    let mut printer = Printer::new(format, rows.schema());
    loop {
        let fetched = runtime.run(
            async move {
                let batch = rows.next().await;
                (rows, batch)
            },
            &cancel,
            None,
        );
        let (returned, batch) = fetched.map_err(|_| Error::Interrupted)?;
        rows = returned;
        match batch? {
            Some(batch) => printer.batch(out, &batch)?,
            None => return printer.finish(out),
        }
    }
}

/// Without a source it shows the tables that every org has; with one, the org's own columns too.
pub fn tables(out: &mut impl Write, source: &Source, format: Format, table: Option<&str>) -> Result<(), Error> {
    let catalog = match connect(source)? {
        Some(session) => {
            load_columns(&session, table)?;
            session.catalog()
        }
        None => Catalog::embedded(),
    };
    let batch = match table {
        None => list(&catalog)?,
        Some(name) => columns(catalog.table(name).ok_or_else(|| Error::NoTable(name.to_owned()))?)?,
    };
    let mut printer = Printer::new(format, batch.schema());
    printer.batch(out, &batch)?;
    printer.finish(out)
}

/// None without a source.
pub fn settings(source: &Source) -> Result<Option<(Settings, Vec<Warning>)>, Error> {
    Ok(Some(match (&source.dsn, &source.connect) {
        (Some(dsn), _) => Settings::from_dsn(dsn, "", "")?,
        (None, Some(text)) => Settings::from_string(text)?,
        (None, None) => return Ok(None),
    }))
}

fn connect(source: &Source) -> Result<Option<Session>, Error> {
    let Some((settings, warnings)) = settings(source)? else {
        return Ok(None);
    };
    let (session, more) = Session::connect(settings, Runtime::acquire(), &Cancel::default(), None)?;
    warn(&warnings);
    warn(&more);
    Ok(Some(session))
}

/// The org's own attributes of one table, or of all.
fn load_columns(session: &Session, table: Option<&str>) -> Result<(), Error> {
    let catalog = session.catalog();
    let of_table = table.map(|name| catalog.table(name).and_then(|table| table.custom));
    for schemas in Schemas::LATER {
        if of_table.is_none_or(|custom| custom == Some(schemas.custom())) {
            warn(session.load(schemas, &Cancel::default(), None)?.as_slice());
        }
    }
    Ok(())
}

fn warn(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("okta-odbc: warning: {warning}");
    }
}

fn list(catalog: &Catalog) -> Result<RecordBatch, Error> {
    let tables = catalog.tables();
    let text =
        |of: fn(&Table) -> &str| Arc::new(StringArray::from_iter_values(tables.iter().map(|t| of(t)))) as ArrayRef;
    let counts = Int64Array::from_iter_values(tables.iter().map(|table| table.columns.len() as i64));
    batch(vec![
        ("Table", text(|table| &table.name)),
        ("Columns", Arc::new(counts)),
        ("Scope", text(|table| &table.scope)),
        ("Description", text(|table| &table.description)),
    ])
}

fn columns(table: &Table) -> Result<RecordBatch, Error> {
    let columns = &table.columns;
    let names = StringArray::from_iter_values(columns.iter().map(|column| column.name.as_str()));
    let kinds = StringArray::from_iter_values(columns.iter().map(|column| kind(column.kind)));
    let sizes: Int64Array = columns.iter().map(|column| column.size.map(i64::from)).collect();
    let keys: BooleanArray = columns
        .iter()
        .map(|column| Some(table.primary_key.contains(&column.name)))
        .collect();
    let descriptions = StringArray::from_iter_values(columns.iter().map(|column| column.description.as_str()));
    batch(vec![
        ("Column", Arc::new(names)),
        ("Type", Arc::new(kinds)),
        ("Size", Arc::new(sizes)),
        ("Key", Arc::new(keys)),
        ("Description", Arc::new(descriptions)),
    ])
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, Error> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
        .collect();
    Ok(RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        columns.into_iter().map(|(_, array)| array).collect(),
    )?)
}

/// The ODBC type that a column of this kind has (decision 26).
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Enum | Kind::Id => "WVARCHAR",
        Kind::Integer => "INTEGER",
        Kind::Bigint => "BIGINT",
        Kind::Double => "DOUBLE",
        Kind::Boolean => "BIT",
        Kind::Timestamp => "TIMESTAMP",
        Kind::Date => "DATE",
        Kind::Json => "WLONGVARCHAR",
        #[cfg(feature = "scratch-tables")]
        Kind::Declared(..) => "DECLARED",
    }
}

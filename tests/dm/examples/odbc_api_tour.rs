//! odbc-api's tour of the client matrix (tests/apps/clients): typed values one by one, blocks of text, polled execution.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::pin::pin;
use std::process::Command;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use odbc_api::buffers::TextRowSet;
use odbc_api::parameter::{InputParameter, VarCharBox};
use odbc_api::sys::Timestamp;
use odbc_api::{
    Bit, Connection, ConnectionOptions, Cursor, CursorRow, DataType, IntoParameter, Nullable, ResultSetMetadata,
    environment,
};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// The file of the answers.
struct Answers(BufWriter<File>);

impl Answers {
    /// `more` are the keys after `part`, their values as JSON.
    fn answer(&mut self, part: &str, more: &[(&str, String)]) -> Fallible<()> {
        let mut line = format!("{{\"part\":{}", json(Some(part)));
        for (key, value) in more {
            write!(line, ",\"{key}\":{value}")?;
        }
        writeln!(self.0, "{line}}}")?;
        Ok(())
    }

    fn row(&mut self, part: &str, cells: &[Option<String>]) -> Fallible<()> {
        let cells: Vec<String> = cells.iter().map(|cell| json(cell.as_deref())).collect();
        self.answer(part, &[("row", format!("[{}]", cells.join(",")))])
    }
}

/// A text, or null, as JSON.
fn json(text: Option<&str>) -> String {
    let Some(text) = text else { return "null".into() };
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if u32::from(c) < 0x20 => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The statements by name, and the values of the parameters.
struct Request(Vec<Vec<String>>);

impl Request {
    fn read() -> Fallible<Request> {
        let text = std::fs::read_to_string(std::env::var("TOUR_STATEMENTS")?)?;
        let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
        Ok(Request(text.lines().map(fields).collect()))
    }

    fn fields(&self, name: &str) -> Fallible<&[String]> {
        let line = self.0.iter().find(|line| line[0] == name);
        Ok(&line.ok_or_else(|| format!("no statement {name}"))?[1..])
    }

    fn sql(&self, name: &str) -> Fallible<&str> {
        Ok(&self.fields(name)?[0])
    }

    /// Each as Rust's own type for it.
    fn parameters(&self) -> Fallible<Vec<Box<dyn InputParameter>>> {
        let mut values: Vec<Box<dyn InputParameter>> = Vec::new();
        for field in self.fields("parameters.values")? {
            let (kind, value) = field.split_once(':').ok_or("type:value is wanted")?;
            values.push(match kind {
                "integer" => Box::new(value.parse::<i32>()?.into_parameter()),
                "double" => Box::new(value.parse::<f64>()?.into_parameter()),
                "timestamp" => Box::new(odbc_api::parameter::WithDataType {
                    value: timestamp(value)?,
                    data_type: DataType::Timestamp { precision: 3 },
                }),
                _ => Box::new(VarCharBox::from_string(value.to_owned())),
            });
        }
        Ok(values)
    }
}

/// `2020-06-15 12:30:45.123`
fn timestamp(text: &str) -> Fallible<Timestamp> {
    let parts: Vec<&str> = text.split(['-', ' ', ':', '.']).collect();
    let [year, month, day, hour, minute, second, milliseconds] = parts[..] else {
        return Err(format!("{text} is no timestamp with milliseconds").into());
    };
    Ok(Timestamp {
        year: year.parse()?,
        month: month.parse()?,
        day: day.parse()?,
        hour: hour.parse()?,
        minute: minute.parse()?,
        second: second.parse()?,
        fraction: milliseconds.parse::<u32>()? * 1_000_000,
    })
}

fn connect(variable: &str) -> Fallible<Connection<'static>> {
    let string = std::env::var(variable)?;
    Ok(environment()?.connect_with_connection_string(&string, ConnectionOptions::default())?)
}

/// A cell by SQLGetData, as the C type that suits its SQL type.
fn cell(row: &mut CursorRow<'_>, column: u16, data_type: DataType) -> Fallible<Option<String>> {
    macro_rules! fixed {
        ($type:ty, $show:expr) => {{
            let mut value = Nullable::<$type>::null();
            row.get_data(column, &mut value)?;
            value.into_opt().map($show)
        }};
    }
    Ok(match data_type {
        DataType::Bit => fixed!(Bit, |bit| bit.as_bool().to_string()),
        DataType::TinyInt | DataType::SmallInt => fixed!(i16, |number| number.to_string()),
        DataType::Integer => fixed!(i32, |number| number.to_string()),
        DataType::BigInt => fixed!(i64, |number| number.to_string()),
        DataType::Real => fixed!(f32, |number| format!("{number:e}")),
        DataType::Double | DataType::Float { .. } => fixed!(f64, |number| format!("{number:e}")),
        DataType::Date => fixed!(odbc_api::sys::Date, |date| format!(
            "{:04}-{:02}-{:02}",
            date.year, date.month, date.day
        )),
        DataType::Time { .. } => fixed!(odbc_api::sys::Time, |time| format!(
            "{:02}:{:02}:{:02}",
            time.hour, time.minute, time.second
        )),
        DataType::Timestamp { .. } => fixed!(Timestamp, |t| format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:09}",
            t.year, t.month, t.day, t.hour, t.minute, t.second, t.fraction
        )),
        DataType::Varbinary { .. } | DataType::Binary { .. } | DataType::LongVarbinary { .. } => {
            let mut bytes = Vec::new();
            let there = row.get_binary(column, &mut bytes)?;
            there.then(|| bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        }
        // Decimals too: whole in their text.
        _ => {
            let mut text = Vec::new();
            row.get_text(column, &mut text)?
                .then(|| String::from_utf8(text))
                .transpose()?
        }
    })
}

/// The rows of a cursor, one by one.
fn rows(answers: &mut Answers, part: &str, mut cursor: impl Cursor) -> Fallible<()> {
    let count = u16::try_from(cursor.num_result_cols()?)?;
    let types: Vec<DataType> = (1..=count)
        .map(|column| cursor.col_data_type(column))
        .collect::<Result<_, _>>()?;
    while let Some(mut row) = cursor.next_row()? {
        let cells = (1..=count)
            .zip(&types)
            .map(|(column, data_type)| cell(&mut row, column, *data_type));
        answers.row(part, &cells.collect::<Fallible<Vec<_>>>()?)?;
    }
    Ok(())
}

/// The rows of a cursor in blocks of bound text.
fn blocks(answers: &mut Answers, part: &str, mut cursor: impl Cursor, size: usize) -> Fallible<()> {
    let buffer = TextRowSet::for_cursor(size, &mut cursor, None)?;
    let mut blocks = cursor.bind_buffer(buffer)?;
    while let Some(block) = blocks.fetch()? {
        for row in 0..block.num_rows() {
            let text = |column| Ok(block.at_as_str(column, row)?.map(str::to_owned));
            answers.row(part, &(0..block.num_cols()).map(text).collect::<Fallible<Vec<_>>>()?)?;
        }
    }
    Ok(())
}

/// Runs a future to its end; `pause` is all that it waits for.
fn finish<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

/// A little time before the driver is asked again whether it has finished.
async fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}

/// The version of odbc-api that this was built with.
fn version() -> &'static str {
    let lock = include_str!("../../../Cargo.lock");
    let package = lock
        .split("[[package]]")
        .find(|package| package.contains("name = \"odbc-api\""));
    let line = package.and_then(|package| package.lines().find_map(|line| line.strip_prefix("version = ")));
    line.unwrap_or_default().trim_matches('"')
}

fn main() -> Fallible<()> {
    let request = Request::read()?;
    let mut answers = Answers(BufWriter::new(File::create(std::env::var("TOUR_ANSWERS")?)?));
    let manager = Command::new("odbcinst").arg("--version").output()?.stdout;
    let manager = String::from_utf8(manager)?.trim().to_owned();
    let client = format!("odbc-api {}", version());
    let of_version = [("client", json(Some(&client))), ("manager", json(Some(&manager)))];
    answers.answer("version", &of_version)?;
    let connection = connect("TOUR_CONNECTION")?;
    answers.answer("connect", &[])?;

    for row in connection.tables("", "", "", "")? {
        let row = row?;
        let text = |field: Option<&str>| field.map(str::to_owned);
        answers.row("tables", &[text(row.table.as_str()?), text(row.table_type.as_str()?)])?;
    }
    for row in connection.columns("", "", "Users", "")? {
        let row = row?;
        let name = row.column_name.as_str()?.map(str::to_owned);
        answers.row("columns", &[name, Some(row.data_type.to_string())])?;
    }
    let execute = |sql: &str| -> Fallible<_> { Ok(connection.execute(sql, (), None)?.ok_or("no result set")?) };
    rows(&mut answers, "types", execute(request.sql("types")?)?)?;
    blocks(&mut answers, "okta", execute(request.sql("okta")?)?, 50)?;
    let parameters = request.parameters()?;
    let cursor = connection.execute(request.sql("parameters")?, &parameters[..], None)?;
    rows(&mut answers, "parameters", cursor.ok_or("no result set")?)?;
    rows(&mut answers, "long", execute(request.sql("long")?)?)?;
    let large = connect("TOUR_LARGE")?;
    let cursor = large.execute(request.sql("many")?, (), None)?;
    blocks(&mut answers, "many", cursor.ok_or("no result set")?, 5000)?;
    match connection.execute(request.sql("error")?, (), None) {
        Ok(_) => return Err("the statement `error` worked".into()),
        Err(odbc_api::Error::Diagnostics { record, .. }) => {
            let state = json(Some(record.state.as_str()));
            let message = json(Some(&record.to_string()));
            answers.answer("error", &[("sqlstate", state), ("message", message)])?;
        }
        Err(other) => return Err(other.into()),
    }
    rows(&mut answers, "after-error", execute(request.sql("after-error")?)?)?;

    // There is no call for SQLCancel: a cursor that is dropped early is closed. Execution and fetching are polled.
    let slow = connect("TOUR_SLOW")?;
    let mut statement = slow.preallocate()?.into_polling()?;
    let cursor = finish(statement.execute(request.sql("cancel")?, (), pause))?.ok_or("no result set")?;
    let mut blocks = cursor.bind_buffer(TextRowSet::from_max_str_lens(100, [128, 400])?)?;
    let mut count = 0;
    while count < 500 {
        let Some(block) = finish(blocks.fetch(pause))? else {
            break;
        };
        count += block.num_rows();
    }
    drop(blocks);
    drop(statement);
    answers.answer(
        "cancel",
        &[("rows", json(Some(&count.to_string()))), ("sqlstate", json(None))],
    )?;
    let found = more(&connection)?;
    drop((connection, large, slow));
    answers.answer("disconnect", &[])?;
    for (name, value) in found {
        answers.row("more", &[Some(name.to_owned()), Some(value)])?;
    }
    Ok(())
}

/// What else odbc-api can be asked.
fn more(connection: &Connection<'_>) -> Fallible<Vec<(&'static str, String)>> {
    let mut keys = Vec::new();
    for row in connection.primary_keys(None, None, "GroupMembers")? {
        keys.push(row?.column.as_str()?.unwrap_or_default().to_owned());
    }
    let mut references = Vec::new();
    for row in connection.foreign_keys("", "", "", "", "", "GroupMembers")? {
        let row = row?;
        let text = |field: Option<&str>| field.unwrap_or_default().to_owned();
        references.push(format!(
            "{}>{}",
            text(row.fk_column.as_str()?),
            text(row.pk_table.as_str()?)
        ));
    }
    references.sort();
    let mut prepared = connection.prepare("SELECT Id, ProfileLogin FROM Users WHERE Created > ? AND Id = ?")?;
    let described = prepared.describe_param(1)?;
    let names: Vec<String> = prepared.column_names()?.collect::<Result<_, _>>()?;
    connection.set_autocommit(false)?;
    connection.commit()?;
    connection.rollback()?;
    connection.set_autocommit(true)?;
    Ok(vec![
        ("primary key", keys.join(",")),
        ("foreign keys", references.join(",")),
        ("parameters", prepared.num_params()?.to_string()),
        ("type of the first", format!("{:?}", described.data_type)),
        ("names", names.join(",")),
        ("type of Id", format!("{:?}", prepared.col_data_type(1)?)),
        ("nullable", format!("{:?}", prepared.col_nullability(1)?)),
        ("name of the DBMS", connection.database_management_system_name()?),
        ("current catalog", connection.current_catalog()?),
        ("quote", format!("{:?}", connection.identifier_quote_char()?)),
        ("dead", connection.is_dead()?.to_string()),
        (
            "longest names are bounded",
            (connection.max_column_name_len()? < 1000).to_string(),
        ),
    ])
}

//! The functions and variables by which T-SQL asks a server about itself, as data.

mod properties;

use super::name::parts;
use super::objects::{Object, SCHEMAS, schema_id};
use super::relation::Value;
use super::server::{DATABASE_ID, DATE_FIRST, LANGUAGE, LOGIN, PROGRAM, SESSION_ID};
use super::sys_keys::column_id;
use super::{PRODUCT_VERSION, System, types};
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME};

/// The type of an argument or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Any whole number.
    Int,
    /// NUMERIC(38, 0), as identities are.
    Numeric,
    /// SQL Server's sql_variant: a number for properties that are numbers ([`is_number`]), otherwise text.
    Variant,
}

/// One function.
pub struct Function {
    /// In lower case; variables start with `@@` and are asked without parentheses.
    pub name: &'static str,
    pub parameters: &'static [Kind],
    /// Parameters that may not be left out.
    pub required: usize,
    pub returns: Kind,
    /// An argument left out is told by the number of values; NULL is a value.
    pub answer: fn(&System, &[Value]) -> Value,
}

type Answer = fn(&System, &[Value]) -> Value;

use Kind::{Int, Numeric, Text, Variant};

const fn function(
    name: &'static str,
    parameters: &'static [Kind],
    required: usize,
    returns: Kind,
    answer: Answer,
) -> Function {
    Function {
        name,
        parameters,
        required,
        returns,
        answer,
    }
}

const fn variable(name: &'static str, returns: Kind, answer: Answer) -> Function {
    function(name, &[], 0, returns, answer)
}

/// Every function, then every variable.
pub const FUNCTIONS: &[Function] = &[
    function("app_name", &[], 0, Text, |_, _| PROGRAM.into()),
    function("col_length", &[Text, Text], 2, Int, col_length),
    function("col_name", &[Int, Int], 2, Text, col_name),
    function("columnproperty", &[Int, Text, Text], 3, Int, properties::of_column),
    function("current_user", &[], 0, Text, |_, _| SCHEMA_NAME.into()),
    function("database_principal_id", &[Text], 0, Int, user_id),
    function("databasepropertyex", &[Text, Text], 2, Variant, properties::of_database),
    function("db_id", &[Text], 0, Int, db_id),
    function("db_name", &[Int], 0, Text, db_name),
    function("getansinull", &[Text], 0, Int, |_, _| 1.into()),
    function("has_dbaccess", &[Text], 1, Int, |_, args| {
        text(args, 0).filter(|name| is_database(name)).map(|_| 1).into()
    }),
    function(
        "has_perms_by_name",
        &[Text, Text, Text, Text, Text],
        3,
        Int,
        has_permission,
    ),
    // The driver asks neither the machine nor the token for names.
    function("host_name", &[], 0, Text, |_, _| Value::Null),
    function("ident_current", &[Text], 1, Numeric, |_, _| Value::Null),
    function("ident_incr", &[Text], 1, Numeric, |_, _| Value::Null),
    function("ident_seed", &[Text], 1, Numeric, |_, _| Value::Null),
    function("index_col", &[Text, Int, Int], 3, Text, index_col),
    function("object_definition", &[Int], 1, Text, |_, _| Value::Null),
    function("object_id", &[Text, Text], 1, Int, object_id),
    function("object_name", &[Int, Int], 1, Text, |system, args| {
        object(system, args).map(|object| object.name.as_str()).into()
    }),
    function("object_schema_name", &[Int, Int], 1, Text, |system, args| {
        object(system, args).map(|object| object.schema).into()
    }),
    function("objectproperty", &[Int, Text], 2, Int, properties::of_object),
    function(
        "objectpropertyex",
        &[Int, Text],
        2,
        Variant,
        properties::of_object_extended,
    ),
    function("original_login", &[], 0, Text, |_, _| LOGIN.into()),
    function("parsename", &[Text, Int], 2, Text, parsename),
    function("schema_id", &[Text], 0, Int, |_, args| match args {
        [] => schema_id(SCHEMA_NAME).into(),
        _ => text(args, 0).and_then(schema_id).into(),
    }),
    function("schema_name", &[Int], 0, Text, schema_name),
    function("scope_identity", &[], 0, Numeric, |_, _| Value::Null),
    function("serverproperty", &[Text], 1, Variant, properties::of_server),
    function("session_user", &[], 0, Text, |_, _| SCHEMA_NAME.into()),
    function("suser_id", &[Text], 0, Int, login_id),
    function("suser_name", &[Int], 0, Text, |_, args| match args {
        [] | [Value::Number(1)] => LOGIN.into(),
        _ => Value::Null,
    }),
    function("suser_sname", &[Text], 0, Text, |_, args| match args {
        [] => LOGIN.into(),
        _ => Value::Null,
    }),
    function("system_user", &[], 0, Text, |_, _| LOGIN.into()),
    function("type_id", &[Text], 1, Int, |_, args| {
        let name = text(args, 0).and_then(|name| parts(name)?.pop());
        name.and_then(|name| types::named(&name))
            .map(|of| of.user_type_id)
            .into()
    }),
    function("type_name", &[Int], 1, Text, |_, args| {
        let id = number(args, 0);
        let named = types::TYPES.iter().find(|of| Some(i64::from(of.user_type_id)) == id);
        named.map(|of| of.name).into()
    }),
    function("user_id", &[Text], 0, Int, user_id),
    function("user_name", &[Int], 0, Text, |_, args| match args {
        [] | [Value::Number(1)] => SCHEMA_NAME.into(),
        _ => Value::Null,
    }),
    function("xact_state", &[], 0, Int, |_, _| 0.into()),
    variable("@@cursor_rows", Int, |_, _| 0.into()),
    variable("@@datefirst", Int, |_, _| DATE_FIRST.into()),
    variable("@@error", Int, |_, _| 0.into()),
    variable("@@identity", Numeric, |_, _| Value::Null),
    variable("@@langid", Int, |_, _| 0.into()),
    variable("@@language", Text, |_, _| LANGUAGE.into()),
    // No lock is ever waited for.
    variable("@@lock_timeout", Int, |_, _| (-1).into()),
    variable("@@max_connections", Int, |_, _| 32_767.into()),
    variable("@@max_precision", Int, |_, _| 38.into()),
    // Version and build, as clients take them apart: 16.0.1000.
    variable("@@microsoftversion", Int, |_, _| 0x1000_03E8.into()),
    variable("@@nestlevel", Int, |_, _| 0.into()),
    variable("@@procid", Int, |_, _| 0.into()),
    // Statements leave nothing behind: SQLRowCount tells.
    variable("@@rowcount", Int, |_, _| 0.into()),
    variable("@@servername", Text, |system, _| (&system.server).into()),
    variable("@@servicename", Text, |_, _| "MSSQLSERVER".into()),
    variable("@@spid", Int, |_, _| SESSION_ID.into()),
    // What SQL Server's ODBC driver sets when it connects.
    variable("@@textsize", Int, |_, _| i32::MAX.into()),
    variable("@@trancount", Int, |_, _| 0.into()),
    variable("@@version", Text, |_, _| version().into()),
];

/// The function of that name, in lower case.
pub fn named(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Whether the property that a function of variants is asked for, its last argument, is a number.
pub fn is_number(function: &Function, system: &System, property: &str) -> bool {
    match function.name {
        "serverproperty" => matches!(properties::of_server(system, &[property.into()]), Value::Number(_)),
        "databasepropertyex" => {
            let answer = properties::of_database(system, &[CATALOG_NAME.into(), property.into()]);
            matches!(answer, Value::Number(_))
        }
        _ => !property.eq_ignore_ascii_case(properties::BASE_TYPE),
    }
}

/// Clients look for `Microsoft … - 16.0.1000.6` in it.
fn version() -> String {
    let own = env!("CARGO_PKG_VERSION");
    format!("{PROGRAM} {own}, with the T-SQL of Microsoft SQL Server 2022 - {PRODUCT_VERSION} (X64)")
}

fn text(args: &[Value], at: usize) -> Option<&str> {
    match args.get(at) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(args: &[Value], at: usize) -> Option<i64> {
    match args.get(at) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

/// The object of the id that comes first.
fn object<'a>(system: &'a System, args: &[Value]) -> Option<&'a Object> {
    let object = system.objects().by_id(number(args, 0)?)?;
    match args.get(1) {
        None | Some(Value::Text(_)) => Some(object),
        // The database that it is in.
        _ => (number(args, 1) == Some(DATABASE_ID.into())).then_some(object),
    }
}

fn is_database(name: &str) -> bool {
    name.trim_end().eq_ignore_ascii_case(CATALOG_NAME)
}

fn object_id(system: &System, args: &[Value]) -> Value {
    let found = text(args, 0).and_then(|name| system.objects().named(name));
    let wanted = match args.get(1) {
        None => None,
        Some(Value::Text(code)) => Some(code.trim()),
        Some(_) => return Value::Null,
    };
    let is_wanted = |object: &&Object| wanted.is_none_or(|code| code.eq_ignore_ascii_case(object.kind.codes().0));
    found.filter(is_wanted).map(|object| object.id).into()
}

fn schema_name(_: &System, args: &[Value]) -> Value {
    if args.is_empty() {
        return SCHEMA_NAME.into();
    }
    let id = number(args, 0);
    let named = SCHEMAS.iter().find(|(_, of)| Some(i64::from(*of)) == id);
    named.map(|(name, _)| *name).into()
}

fn db_name(_: &System, args: &[Value]) -> Value {
    match args {
        [] => CATALOG_NAME.into(),
        _ => (number(args, 0) == Some(DATABASE_ID.into()))
            .then_some(CATALOG_NAME)
            .into(),
    }
}

fn db_id(_: &System, args: &[Value]) -> Value {
    match args {
        [] => DATABASE_ID.into(),
        _ => text(args, 0)
            .filter(|name| is_database(name))
            .map(|_| DATABASE_ID)
            .into(),
    }
}

fn user_id(_: &System, args: &[Value]) -> Value {
    match args {
        [] => 1.into(),
        _ => text(args, 0)
            .filter(|name| name.eq_ignore_ascii_case(SCHEMA_NAME))
            .map(|_| 1)
            .into(),
    }
}

fn login_id(_: &System, args: &[Value]) -> Value {
    match args {
        [] => 1.into(),
        _ => text(args, 0)
            .filter(|name| name.eq_ignore_ascii_case(LOGIN))
            .map(|_| 1)
            .into(),
    }
}

fn col_name(system: &System, args: &[Value]) -> Value {
    let (Some(table), Some(id)) = (number(args, 0), number(args, 1)) else {
        return Value::Null;
    };
    let columns = system.objects().by_id(table).map(Object::columns).unwrap_or_default();
    let index = usize::try_from(id - 1).ok();
    index.and_then(|index| columns.get(index)).copied().into()
}

fn col_length(system: &System, args: &[Value]) -> Value {
    let table = text(args, 0)
        .and_then(|name| system.objects().named(name))
        .and_then(Object::table);
    let column = table
        .zip(text(args, 1))
        .and_then(|(table, column)| table.column(column));
    column.map(|column| system.described(column).max_length).into()
}

/// A part of a name: 1 is the object, 2 its schema, 3 its database, 4 its server.
fn parsename(_: &System, args: &[Value]) -> Value {
    let parts = text(args, 0).and_then(parts).filter(|parts| parts.len() <= 4);
    let (Some(parts), Some(which)) = (parts, number(args, 1)) else {
        return Value::Null;
    };
    let index = usize::try_from(which).ok().filter(|which| *which > 0);
    let part = index.and_then(|which| parts.into_iter().rev().nth(which - 1));
    part.filter(|part| !part.is_empty()).into()
}

fn index_col(system: &System, args: &[Value]) -> Value {
    let table = text(args, 0)
        .and_then(|name| system.objects().named(name))
        .and_then(Object::table);
    let position = number(args, 2).and_then(|key| usize::try_from(key - 1).ok());
    let (Some(table), Some(position)) = (table, position) else {
        return Value::Null;
    };
    let of_key = number(args, 1) == Some(super::objects::PRIMARY_KEY_INDEX.into());
    let column = table.primary_key.get(position).filter(|_| of_key);
    column.filter(|column| column_id(table, column).is_some()).into()
}

/// SELECT on what there is, and nothing else: the tables are Okta's.
fn has_permission(system: &System, args: &[Value]) -> Value {
    let class = match args.get(1) {
        Some(Value::Text(class)) => class.to_ascii_uppercase(),
        _ => "SERVER".to_owned(),
    };
    let exists = match (class.as_str(), text(args, 0)) {
        ("SERVER", _) => true,
        ("DATABASE", Some(name)) => is_database(name),
        ("SCHEMA", Some(name)) => schema_id(name).is_some(),
        ("OBJECT", Some(name)) => system.objects().named(name).is_some(),
        _ => false,
    };
    let granted = ["SELECT", "VIEW DEFINITION", "CONNECT", "ANY"];
    let permission = text(args, 2).unwrap_or_default();
    let granted = granted.iter().any(|known| known.eq_ignore_ascii_case(permission));
    exists.then_some(i32::from(granted)).into()
}

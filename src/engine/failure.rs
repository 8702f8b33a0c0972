//! The one map from DataFusion's errors to ours: its texts never reach the user (decision 16).

use arrow::error::ArrowError;
use datafusion::common::{Column, DataFusionError, SchemaError};

use super::resolve::{Names, fold};
use super::{Error, nearest};
use crate::catalog::Catalog;
use crate::metadata::system;

/// Our error for one of DataFusion's, in the names that the user wrote.
pub fn failure(error: &DataFusionError, names: &Names) -> Error {
    match error {
        DataFusionError::External(cause) => ours(cause.as_ref())
            .or_else(|| of_pattern(&cause.to_string()))
            .unwrap_or_else(|| Error::Internal(cause.to_string())),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => failure(inner, names),
        DataFusionError::Shared(inner) => failure(inner, names),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => failure(first, names),
            None => Error::Internal("planning failed".into()),
        },
        DataFusionError::SchemaError(error, _) => of_schema(error, names),
        DataFusionError::ArrowError(error, _) => of_arrow(error),
        DataFusionError::ResourcesExhausted(_) => Error::Memory(
            "The statement needs more memory than MemoryLimit allows. Raise MemoryLimit, select fewer columns, or filter more.".into(),
        ),
        DataFusionError::NotImplemented(text) => of_text(text, names, Error::Unsupported),
        DataFusionError::Plan(text) | DataFusionError::Configuration(text) => of_text(text, names, Error::Invalid),
        DataFusionError::Execution(text) => of_running(text),
        DataFusionError::IoError(error) => Error::Memory(format!("A temporary file could not be used: {error}")),
        DataFusionError::ExecutionJoin(error) if error.is_cancelled() => Error::Internal("the statement was cancelled".into()),
        other => of_text(&other.strip_backtrace(), names, Error::Internal),
    }
}

/// One of our errors inside another's chain of causes.
fn ours(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    if let Some(error) = error.downcast_ref::<Error>() {
        return Some(error.clone());
    }
    if let Some(inner) = error.downcast_ref::<DataFusionError>() {
        return Some(failure(inner, &Names::default()));
    }
    error.source().and_then(ours)
}

fn of_schema(error: &SchemaError, names: &Names) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => unknown_column(field, valid_fields, names),
        SchemaError::AmbiguousReference { field } => {
            let name = names.spelled(&field.name).to_owned();
            let hint = format!("name its table, e.g. Users.{name}");
            Error::AmbiguousColumn { name, hint }
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::Invalid(format!(
                "Two columns are named '{}': give one of them another name with AS",
                names.spelled(name)
            ))
        }
    }
}

fn unknown_column(field: &Column, valid: &[Column], names: &Names) -> Error {
    let spelled = names.spelled(&field.name);
    let name = match &field.relation {
        Some(relation) => format!("{}.{spelled}", names.spelled(relation.table())),
        None => spelled.to_owned(),
    };
    let mut hint = String::new();
    let same_table = |column: &&Column| match (&field.relation, &column.relation) {
        (Some(asked), Some(of)) => asked.table() == of.table(),
        _ => true,
    };
    let candidates = valid.iter().filter(same_table).map(|column| column.name.as_str());
    if let Some(near) = nearest(&field.name, candidates) {
        hint = format!(
            " Did you mean '{}'?",
            valid
                .iter()
                .find_map(|column| as_its_relation_spells(column, near))
                .or_else(|| as_the_catalog_spells(near))
                .unwrap_or_else(|| names.label(near, None))
        );
    }
    if fold(&field.name).starts_with("profile") {
        hint.push_str(
            " If it is a custom attribute: reading the org's own attributes needs the scopes okta.schemas.read and, for those of \
             other user types than the default one, okta.userTypes.read (or an administrator who may read them).",
        );
    }
    Error::UnknownColumn { name, hint }
}

/// The name of a column of the system catalog, read under its relation's own name.
fn as_its_relation_spells(column: &Column, folded: &str) -> Option<String> {
    let read = column.relation.as_ref().filter(|_| column.name == folded)?;
    let relation = system::relation(read.schema()?, read.table())?;
    let mut columns = relation.columns.iter();
    columns.find(|of| fold(of.name) == folded).map(|of| of.name.to_owned())
}

/// The name of a column of the embedded tables; an org's own attributes are shown as the planner has them.
fn as_the_catalog_spells(folded: &str) -> Option<String> {
    let catalog = Catalog::embedded();
    let mut columns = catalog.tables().iter().flat_map(|table| &table.columns);
    columns
        .find(|column| fold(&column.name) == folded)
        .map(|column| column.name.clone())
}

fn of_arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::DivideByZero => Error::DivisionByZero,
        ArrowError::ArithmeticOverflow(_) => Error::Overflow("A number is out of the range of its type".into()),
        ArrowError::CastError(text) | ArrowError::ParseError(text) => cast(text),
        ArrowError::ExternalError(cause) => ours(cause.as_ref())
            .or_else(|| of_pattern(&cause.to_string()))
            .unwrap_or_else(|| Error::Internal(cause.to_string())),
        ArrowError::MemoryError(_) => Error::Memory("The statement needs more memory than there is".into()),
        ArrowError::ComputeError(text) => of_running(text),
        other => of_pattern(&other.to_string()).unwrap_or_else(|| Error::Internal(other.to_string())),
    }
}

/// `regex parse error:`, the pattern, a mark below it, and `error: unclosed group`.
fn of_pattern(text: &str) -> Option<Error> {
    let (_, shown) = text.split_once("regex parse error:")?;
    let pattern = shown.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let (_, fault) = shown.rsplit_once("error: ")?;
    Some(Error::Invalid(format!(
        "'{}' is no regular expression: {}",
        pattern.trim(),
        fault.trim()
    )))
}

/// `Cannot cast string 'abc' to value of Int64 type`, `Error parsing timestamp from 'abc': …`: the value is what helps.
fn cast(text: &str) -> Error {
    // Arrow's words for a number that the other type does not hold.
    if text.contains("Can't cast value") {
        return Error::Overflow("A number is out of the range of its type".into());
    }
    let value = text.split('\'').nth(1).filter(|_| text.matches('\'').count() >= 2);
    let target = [
        ("Timestamp", "a timestamp"),
        ("timestamp", "a timestamp"),
        ("Date", "a date"),
        ("Time", "a time"),
        ("Int", "a whole number"),
        ("Float", "a number"),
        ("Decimal", "a number"),
        ("Boolean", "a truth value"),
    ];
    let target = target
        .iter()
        .find(|(word, _)| text.contains(word))
        .map_or("the type wanted", |(_, name)| name);
    Error::Cast(match value {
        Some(value) => format!("'{value}' cannot be read as {target}"),
        None => format!("A value cannot be read as {target}"),
    })
}

fn of_running(text: &str) -> Error {
    if let Some(error) = of_pattern(text) {
        return error;
    }
    let lower = text.to_lowercase();
    if lower.contains("divide by zero") || lower.contains("division by zero") {
        return Error::DivisionByZero;
    }
    if lower.contains("overflow") {
        return Error::Overflow("A number is out of the range of its type".into());
    }
    if lower.contains("cast") || lower.contains("pars") {
        return cast(text);
    }
    if lower.contains("more than one row") || lower.contains("returned more than") {
        return Error::Invalid("A sub-query used as a value returned more than one row".into());
    }
    Error::Invalid("A function was given an argument that it does not take".into())
}

/// What a plan's message is about, in our words.
fn of_text(text: &str, names: &Names, otherwise: fn(String) -> Error) -> Error {
    let quoted = || text.split('\'').nth(1).map(|name| names.spelled(name).to_owned());
    if text.starts_with("Invalid function") {
        let name = quoted().unwrap_or_default();
        return Error::Unsupported(format!("Function '{name}' does not exist"));
    }
    let message = [
        ("Placeholder type", "The type of a parameter cannot be told: CAST it"),
        (
            "GROUP BY",
            "A column must be in the GROUP BY clause or be used in an aggregate function",
        ),
        ("HAVING", "HAVING needs GROUP BY or an aggregate function"),
        (
            "non-boolean predicate",
            "WHERE, HAVING and ON need a condition, such as a comparison",
        ),
        (
            "different number of columns",
            "UNION, EXCEPT and INTERSECT need the same number of columns on both sides",
        ),
        (
            "in the SELECT list",
            "With SELECT DISTINCT, ORDER BY may only name selected columns",
        ),
        (
            "must appear in select list",
            "With SELECT DISTINCT, ORDER BY may only name selected columns",
        ),
        (
            "coerce",
            "The types of an expression's operands do not fit together: CAST one of them",
        ),
        (
            "No function matches",
            "A function was given arguments of types that it does not take",
        ),
        (
            "does not support zero arguments",
            "A function was given no arguments and needs some",
        ),
        ("expects", "A function was given the wrong number of arguments"),
        ("expected", "A function was given the wrong number of arguments"),
        (
            "same number of columns",
            "UNION, EXCEPT and INTERSECT need the same number of columns on both sides",
        ),
        ("one column", "A sub-query used as a value must have exactly one column"),
        ("only one", "A sub-query used as a value must have exactly one column"),
        (
            "Correlated",
            "This form of correlated sub-query is not supported: write it as a join",
        ),
        (
            "correlated",
            "This form of correlated sub-query is not supported: write it as a join",
        ),
        (
            "OuterReferenceColumn",
            "This form of correlated sub-query (or APPLY) is not supported: write it as a join",
        ),
        (
            "LIMIT",
            "LIMIT, TOP and OFFSET take a whole number that is not negative",
        ),
        (
            "limit",
            "LIMIT, TOP and OFFSET take a whole number that is not negative",
        ),
        ("recursion", "The statement is nested too deeply"),
        (
            "Projections require unique expression names",
            "Two columns have the same name: give one of them another with AS",
        ),
        ("WITH query name", "Two common table expressions have the same name"),
        (
            "SQL data type",
            "A data type is not known here: use VARCHAR, INTEGER, BIGINT, DOUBLE, DECIMAL, BIT, DATE, TIME or TIMESTAMP",
        ),
    ];
    match message.iter().find(|(part, _)| text.contains(part)) {
        Some((_, message)) => otherwise((*message).to_owned()),
        None => otherwise("This form of SQL is not supported, or its types do not fit together".to_owned()),
    }
}

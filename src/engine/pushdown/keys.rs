//! Which key values a query names, and how they stand in a path.

use std::collections::BTreeSet;

use super::Query;
use crate::catalog::Table;
use crate::engine::predicate::{ColumnIndex, Comparison, Predicate, Value};
use crate::okta::request::segment;

/// Longer than any key of Okta.
const LONGEST_KEY: usize = 255;

/// The values that the predicates allow for a key column (and its other name, `UserId` for `Id`), impossible ones
/// left out; None when they allow any.
pub(super) fn values_of(query: &Query<'_>, column: ColumnIndex) -> Option<BTreeSet<String>> {
    let path = &query.table.columns[column].path;
    let same = |index: &ColumnIndex| *index == column || (path.is_some() && query.table.columns[*index].path == *path);
    let columns: Vec<ColumnIndex> = (0..query.table.columns.len()).filter(same).collect();
    let values = every(query.predicates, &columns)?;
    Some(
        values
            .into_iter()
            .filter(|value| is_possible(value) && (!is_parent_user(query.table, column) || is_user_id(value)))
            .map(str::to_owned)
            .collect(),
    )
}

/// Is the column the user whose children `list.path` lists?
fn is_parent_user(table: &Table, column: ColumnIndex) -> bool {
    let parent = table.parent.as_ref().filter(|parent| parent.table == "Users");
    parent.is_some_and(|parent| parent.column == table.columns[column].name)
}

/// Paths below `/users/` take a login for an id, and children come back without their parent's: whoever asks for
/// `UserId = 'ann@example.com'` would get rows that do not meet it.
fn is_user_id(key: &str) -> bool {
    key.starts_with("00u") && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The values all of them allow.
fn every<'p>(predicates: &'p [Predicate], columns: &[ColumnIndex]) -> Option<BTreeSet<&'p str>> {
    let known = predicates.iter().filter_map(|predicate| allowed(predicate, columns));
    known.reduce(|a, b| a.intersection(&b).copied().collect())
}

fn allowed<'p>(predicate: &'p Predicate, columns: &[ColumnIndex]) -> Option<BTreeSet<&'p str>> {
    match predicate {
        Predicate::Compare {
            column,
            op: Comparison::Eq,
            value: Value::Text(text),
        } if columns.contains(column) => Some(BTreeSet::from([text.as_str()])),
        Predicate::In { column, values } if columns.contains(column) => values.iter().map(text).collect(),
        Predicate::And(all) => every(all, columns),
        Predicate::Or(any) => {
            let mut union = BTreeSet::new();
            for branch in any {
                union.extend(allowed(branch, columns)?);
            }
            Some(union)
        }
        Predicate::Never => Some(BTreeSet::new()),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

/// True where the predicate does nothing but name values of that column.
pub(super) fn is_about(predicate: &Predicate, key: ColumnIndex) -> bool {
    match predicate {
        Predicate::Compare {
            column,
            op: Comparison::Eq,
            ..
        }
        | Predicate::In { column, .. } => *column == key,
        Predicate::And(all) | Predicate::Or(all) => all.iter().all(|inner| is_about(inner, key)),
        _ => false,
    }
}

/// False for what no key of Okta is. Front ends answer encoded slashes, backslashes, percent signs and the like
/// with 400, where SQL wants no row.
pub(super) fn is_possible(key: &str) -> bool {
    let harmless = |b: u8| b.is_ascii_graphic() && !matches!(b, b'/' | b'\\' | b'%' | b';' | b'?' | b'#' | b'"');
    key.len() <= LONGEST_KEY && key.bytes().all(harmless) && segment(key).is_some()
}

/// The template with every `{Column}` replaced; None when a value must not leave the driver.
pub(super) fn fill(template: &str, table: &Table, values: &[(ColumnIndex, String)]) -> Option<String> {
    let mut path = template.to_owned();
    for (column, value) in values {
        let filled = Some(value)
            .filter(|value| is_possible(value))
            .and_then(|value| segment(value))?;
        path = path.replace(&format!("{{{}}}", table.columns[*column].name), &filled);
    }
    Some(path)
}

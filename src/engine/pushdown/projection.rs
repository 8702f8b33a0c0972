//! `fields=`: which parts of a row are asked for.

use super::Query;

/// A projection longer than this is worth less than the room it takes from the expression.
const LONGEST: usize = 3_000;

/// `id,status,profile:(login,firstName)`; None where the table has no projection or a column cannot be said in it.
/// Okta once failed on a field named twice (behaviour.md §4): each is named once.
pub(super) fn fields(query: &Query<'_>) -> Option<String> {
    if !query.table.list.fields {
        return None;
    }
    let mut whole = vec!["id"];
    let mut profile = Vec::new();
    for (index, column) in query.table.columns.iter().enumerate() {
        if !query.columns.contains(&index) {
            continue;
        }
        let path = column.path.as_deref()?;
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if first.is_empty() || first.starts_with('_') {
            return None;
        }
        let (part, names) = if first == "profile" && !rest.is_empty() {
            (rest, &mut profile)
        } else {
            (first, &mut whole)
        };
        if !names.contains(&part) {
            names.push(part);
        }
    }
    let mut fields = whole.join(",");
    if !profile.is_empty() && !whole.contains(&"profile") {
        fields.push_str(&format!(",profile:({})", profile.join(",")));
    }
    (fields.len() <= LONGEST).then_some(fields)
}

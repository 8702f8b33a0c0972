//! Whether an expression holds for a row, and how rows sort.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Condition, Expression, Literal, Op};
use crate::json::Field;

/// Whether text compares with case (`filter`) or without (`search`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Sensitive,
    Insensitive,
}

impl Case {
    fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Sensitive => Cow::Borrowed(text),
            Self::Insensitive => Cow::Owned(text.to_lowercase()),
        }
    }
}

/// Whether the expression holds, reading attributes by `get`.
pub(crate) fn holds<A>(expression: &Expression<A>, case: Case, get: &dyn Fn(&A) -> Field) -> bool {
    match expression {
        Expression::And(parts) => parts.iter().all(|part| holds(part, case, get)),
        Expression::Or(parts) => parts.iter().any(|part| holds(part, case, get)),
        Expression::Not(inner) => !holds(inner, case, get),
        Expression::Test(condition) => condition_holds(condition, case, &get(&condition.attribute)),
    }
}

fn condition_holds<A>(condition: &Condition<A>, case: Case, field: &Field) -> bool {
    let (op, value) = (condition.op, &condition.value);
    match (field, value) {
        (Field::Missing | Field::Null, _) => op == Op::Ne,
        (Field::List(items), _) if op == Op::Pr => !items.is_empty(),
        (_, Literal::None) => op == Op::Pr,
        (Field::List(items), Literal::Text(wanted)) => items.iter().any(|item| text_holds(item, op, wanted, case)),
        (Field::Text(text), Literal::Text(wanted)) => text_holds(text, op, wanted, case),
        (Field::Time(time), Literal::Time(wanted)) => ordering_holds(time.cmp(wanted), op),
        (Field::Int(number), Literal::Number(wanted)) => number_holds(*number as f64, op, *wanted),
        (Field::Number(number), Literal::Number(wanted)) => number_holds(*number, op, *wanted),
        (Field::Bool(truth), Literal::Bool(wanted)) => ordering_holds(truth.cmp(wanted), op),
        _ => op == Op::Ne,
    }
}

fn number_holds(number: f64, op: Op, wanted: f64) -> bool {
    number
        .partial_cmp(&wanted)
        .is_some_and(|order| ordering_holds(order, op))
}

fn text_holds(text: &str, op: Op, wanted: &str, case: Case) -> bool {
    let (text, wanted) = (case.fold(text), case.fold(wanted));
    match op {
        Op::Sw => text.starts_with(&*wanted),
        Op::Ew => text.ends_with(&*wanted),
        Op::Co => text.contains(&*wanted),
        _ => ordering_holds(text.cmp(&wanted), op),
    }
}

fn ordering_holds(order: Ordering, op: Op) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Pr => true,
        Op::Sw | Op::Ew | Op::Co => false,
    }
}

/// What rows sort by: text without case, as Okta's sorts; rows without a value come last in either order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SortKey {
    Number(f64),
    Text(String),
    None,
}

impl From<Field> for SortKey {
    fn from(field: Field) -> Self {
        match field {
            Field::Missing | Field::Null => Self::None,
            Field::Text(text) => Self::Text(text.to_lowercase()),
            Field::Int(number) | Field::Time(number) => Self::Number(number as f64),
            Field::Number(number) => Self::Number(number),
            Field::Bool(truth) => Self::Number(f64::from(u8::from(truth))),
            Field::List(items) => items
                .first()
                .map_or(Self::None, |first| Self::Text(first.to_lowercase())),
        }
    }
}

impl SortKey {
    pub(crate) fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::None, Self::None) => return Ordering::Equal,
            (Self::None, _) => return Ordering::Greater,
            (_, Self::None) => return Ordering::Less,
            (Self::Number(left), Self::Number(right)) => left.total_cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        };
        if descending { order.reverse() } else { order }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn check(text: &str, case: Case, field: &Field) -> bool {
        holds(&parse(text).unwrap(), case, &|_| field.clone())
    }

    #[test]
    fn search_ignores_case_but_not_accents_and_filter_ignores_neither() {
        let field = Field::text("Müller");
        assert!(check("a eq \"MÜLLER\"", Case::Insensitive, &field));
        assert!(!check("a eq \"MULLER\"", Case::Insensitive, &field));
        assert!(!check("a eq \"MÜLLER\"", Case::Sensitive, &field));
        assert!(check(
            "a sw \"mü\" and a co \"LL\" and a ew \"er\"",
            Case::Insensitive,
            &field
        ));
    }

    #[test]
    fn an_array_matches_by_any_element_and_absence_matches_nothing() {
        let list = Field::List(vec!["sql".into(), "Go".into()]);
        assert!(check("a eq \"go\"", Case::Insensitive, &list));
        assert!(check("a eq \"sql\" and a eq \"go\"", Case::Insensitive, &list));
        assert!(!check("a pr", Case::Insensitive, &Field::List(Vec::new())));
        for gone in [Field::Missing, Field::Null] {
            assert!(!check(
                "a pr or a eq \"\" or a lt \"x\" or a gt 1",
                Case::Insensitive,
                &gone
            ));
        }
    }

    #[test]
    fn ranges_compare_in_the_values_own_order() {
        assert!(check("a gt 9 and a le 10", Case::Insensitive, &Field::Int(10)));
        assert!(check("a lt \"b\" or a gt \"b\"", Case::Insensitive, &Field::text("C")));
        assert!(!check("a eq true", Case::Insensitive, &Field::Bool(false)));
    }
}

//! SCIM-like expressions of `search` and `filter`: reading them, and what each endpoint allows.

mod evaluate;
mod parse;

pub(crate) use evaluate::{Case, SortKey, holds};
pub(crate) use parse::parse;

use chrono::DateTime;

/// An operator between attribute and value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    Sw,
    Ew,
    Co,
    Pr,
}

impl Op {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
        ("sw", Self::Sw),
        ("ew", Self::Ew),
        ("co", Self::Co),
        ("pr", Self::Pr),
    ];

    pub(crate) fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, op)| *op == self)
            .map_or("", |(word, _)| word)
    }

    fn is_order(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// The value of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(f64),
    Bool(bool),
    /// Epoch milliseconds; only `Condition::bind` makes it.
    Time(i64),
    /// `pr` has no value.
    None,
}

/// `attribute operator value`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition<A> {
    pub(crate) attribute: A,
    pub(crate) op: Op,
    pub(crate) value: Literal,
}

/// An expression over attributes of type `A`: their names at first, an endpoint's own type once bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expression<A> {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Test(Condition<A>),
}

impl<A> Expression<A> {
    /// Gives each condition to `bind`, which knows the endpoint's attributes and operators.
    pub(crate) fn bind<B>(
        self,
        bind: &dyn Fn(Condition<A>) -> Result<Condition<B>, String>,
    ) -> Result<Expression<B>, String> {
        let all = |parts: Vec<Self>| {
            parts
                .into_iter()
                .map(|part| part.bind(bind))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match self {
            Self::And(parts) => Expression::And(all(parts)?),
            Self::Or(parts) => Expression::Or(all(parts)?),
            Self::Not(inner) => Expression::Not(Box::new(inner.bind(bind)?)),
            Self::Test(condition) => Expression::Test(bind(condition)?),
        })
    }

    pub(crate) fn has_not(&self) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(Self::has_not),
            Self::Not(_) => true,
            Self::Test(_) => false,
        }
    }

    /// The conditions that all must hold, as far as the top of the expression says so.
    pub(crate) fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }
}

/// What the values of an attribute are, which decides the operators and literals that fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Domain {
    Text,
    Time,
    Number,
    Bool,
}

impl<A> Condition<A> {
    /// The condition over another attribute type, its value brought into the attribute's domain.
    pub(crate) fn of<B>(self, attribute: B, name: &str, domain: Domain, ops: &[Op]) -> Result<Condition<B>, String> {
        let op = self.op;
        if !ops.contains(&op) || (domain == Domain::Bool && op.is_order()) {
            return Err(format!("The operator '{}' is not supported for '{name}'.", op.word()));
        }
        let value = match (self.value, domain) {
            (Literal::None, _) if op == Op::Pr => Literal::None,
            (Literal::Text(text), Domain::Time) => match DateTime::parse_from_rfc3339(&text) {
                Ok(time) if op != Op::Sw && op != Op::Co => Literal::Time(time.timestamp_millis()),
                _ => return Err(format!("'{text}' is not a date-time for '{name} {}'.", op.word())),
            },
            (value @ Literal::Text(_), Domain::Text) => value,
            (value @ Literal::Number(_), Domain::Number) if op != Op::Sw && op != Op::Co => value,
            (value @ Literal::Bool(_), Domain::Bool) if op != Op::Sw && op != Op::Co => value,
            _ => return Err(format!("The value does not fit the type of '{name}'.")),
        };
        Ok(Condition { attribute, op, value })
    }
}

//! The shape of statements: limits on depth and length of chains, AND and OR balanced, one way to say each thing.

use std::mem::replace;
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, ObjectName, Query, Select, TableFactor, Value, ValueWithSpan, VisitorMut};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{DEEPEST, Error, limit, tsql};

/// ANDs and ORs in one statement.
const MOST_JOINTS: usize = 200_000;
/// Tokens between two commas, parentheses, ANDs or ORs: `a + b + c …` nests once for each.
const LONGEST_CHAIN: usize = 1_500;
/// UNION, EXCEPT, INTERSECT in one statement.
const MOST_SET_OPERATIONS: usize = 300;
/// Chains shorter than this stay as the parser built them.
const BALANCED_FROM: usize = 16;

pub(super) fn too_deep() -> Error {
    Error::TooComplex(format!(
        "The statement nests deeper than {DEEPEST} levels; shorten it or split it"
    ))
}

/// One level of parentheses (or CASE) being measured.
#[derive(Default)]
struct Level {
    /// Tokens since the last one that starts a new expression.
    chain: usize,
    /// BETWEENs whose AND is still to come.
    between: usize,
}

/// The number of ANDs and ORs; an error for a statement that would nest too deep in the parser.
pub(super) fn measure(tokens: &[TokenWithSpan]) -> Result<usize, Error> {
    let mut levels = vec![Level::default()];
    let (mut joints, mut set_operations) = (0, 0);
    for token in tokens {
        let depth = levels.len();
        let Some(level) = levels.last_mut() else {
            return Err(too_deep());
        };
        let keyword = match &token.token {
            Token::Whitespace(_) => continue,
            Token::Word(word) => word.keyword,
            _ => Keyword::NoKeyword,
        };
        level.chain += 1;
        match (&token.token, keyword) {
            (Token::LParen, _) | (_, Keyword::CASE) => levels.push(Level::default()),
            (Token::RParen, _) | (_, Keyword::END) if depth > 1 => {
                levels.pop();
            }
            (Token::Comma, _) => level.chain = 0,
            (_, Keyword::BETWEEN) => level.between += 1,
            (_, Keyword::AND) if level.between > 0 => level.between -= 1,
            (_, Keyword::AND | Keyword::OR) => {
                level.chain = 0;
                joints += 1;
            }
            (_, Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT) => set_operations += 1,
            _ => {}
        }
        let too_long = levels.last().is_some_and(|level| level.chain > LONGEST_CHAIN);
        if too_long || joints > MOST_JOINTS || set_operations > MOST_SET_OPERATIONS {
            return Err(Error::TooComplex(format!(
                "The statement chains more than the driver reads: at most {MOST_JOINTS} AND and OR, \
                 {MOST_SET_OPERATIONS} set operations, {LONGEST_CHAIN} words in one expression"
            )));
        }
        if levels.len() > DEEPEST {
            return Err(too_deep());
        }
    }
    Ok(joints)
}

/// Balances AND and OR chains.
pub(super) struct Balance;

impl VisitorMut for Balance {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        for op in [BinaryOperator::And, BinaryOperator::Or] {
            if chain_length(expr, &op) >= BALANCED_FROM {
                let operands = take_chain(expr, &op);
                *expr = balanced(operands, &op);
            }
        }
        ControlFlow::Continue(())
    }
}

/// `SELECT name = x` is T-SQL's `SELECT x AS name`.
pub(super) struct Named;

impl VisitorMut for Named {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        select.projection.iter_mut().for_each(tsql::named);
        ControlFlow::Continue(())
    }
}

/// Gives every statement one shape: TOP and FETCH as LIMIT, T-SQL's forms in the engine's words.
pub(super) struct Rewrite;

fn flow(result: Result<(), Error>) -> ControlFlow<Error> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

impl VisitorMut for Rewrite {
    type Break = Error;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        flow(tsql::expression(expr))
    }

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<Error> {
        // All text is Unicode: N'…' says nothing more.
        if let Value::NationalStringLiteral(text) = &mut value.value {
            value.value = Value::SingleQuotedString(std::mem::take(text));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        flow(tsql::query(query).and_then(|()| limit::one_limit(query)))
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        tsql::apply(select);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<Error> {
        flow(tsql::relation(relation))
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Error> {
        flow(tsql::table(factor))
    }
}

/// Operators of the chain along its left side.
fn chain_length(expr: &Expr, chained: &BinaryOperator) -> usize {
    let mut length = 0;
    let mut at = expr;
    while let Expr::BinaryOp { left, op, .. } = at {
        if op != chained {
            break;
        }
        length += 1;
        at = left;
    }
    length
}

fn nothing() -> Expr {
    Expr::value(Value::Null)
}

/// The operands of the chain, in order.
fn take_chain(expr: &mut Expr, chained: &BinaryOperator) -> Vec<Expr> {
    let mut operands = Vec::new();
    let mut at = replace(expr, nothing());
    loop {
        match at {
            Expr::BinaryOp { left, op, right } if op == *chained => {
                operands.push(*right);
                at = *left;
            }
            first => {
                operands.push(first);
                break;
            }
        }
    }
    operands.reverse();
    operands
}

/// AND and OR are associative: halves of halves.
pub(super) fn balanced(mut operands: Vec<Expr>, op: &BinaryOperator) -> Expr {
    while operands.len() > 1 {
        let mut halved = Vec::with_capacity(operands.len().div_ceil(2));
        let mut pairs = operands.into_iter();
        while let Some(left) = pairs.next() {
            halved.push(match pairs.next() {
                Some(right) => Expr::BinaryOp {
                    left: Box::new(left),
                    op: op.clone(),
                    right: Box::new(right),
                },
                None => left,
            });
        }
        operands = halved;
    }
    operands.pop().unwrap_or_else(nothing)
}

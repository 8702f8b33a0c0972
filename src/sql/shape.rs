//! The shape of statements: limits on depth and length of chains, balanced AND and OR, one way to say LIMIT.

use std::mem::replace;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, LimitClause, Offset, OffsetRows, Query, SetExpr, SetOperator, SetQuantifier, Top,
    TopQuantity, Value, VisitorMut,
};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::{DEEPEST, Error, types};

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

/// Gives every statement one shape: AND and OR chains balanced, TOP and FETCH as LIMIT, types by the engine's names.
pub(super) struct Rewrite;

impl VisitorMut for Rewrite {
    type Break = Error;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if let Expr::Cast { data_type, .. } = expr {
            types::rename(data_type);
        }
        for op in [BinaryOperator::And, BinaryOperator::Or] {
            if chain_length(expr, &op) >= BALANCED_FROM {
                let operands = take_chain(expr, &op);
                *expr = balanced(operands, &op);
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        match one_limit(query) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
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
fn balanced(mut operands: Vec<Expr>, op: &BinaryOperator) -> Expr {
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

/// `SELECT TOP n`, `OFFSET … FETCH` → LIMIT and OFFSET.
fn one_limit(query: &mut Query) -> Result<(), Error> {
    if let Some(fetch) = query.fetch.take() {
        if fetch.percent || fetch.with_ties {
            return Err(Error::Syntax(
                "FETCH … PERCENT and WITH TIES are not supported; name a number of rows".into(),
            ));
        }
        set_limit(query, fetch.quantity.unwrap_or_else(|| number(1)), "FETCH")?;
    }
    match query.body.as_mut() {
        SetExpr::Select(select) => {
            if let Some(top) = select.top.take() {
                let limit = quantity(top)?;
                set_limit(query, limit, "TOP")?;
            }
        }
        body => operands(body)?,
    }
    if let Some(LimitClause::LimitOffset {
        offset: Some(offset), ..
    }) = &mut query.limit_clause
    {
        offset.rows = OffsetRows::None;
    }
    Ok(())
}

/// TOP in an operand of UNION limits that operand alone.
fn operands(body: &mut SetExpr) -> Result<(), Error> {
    match body {
        SetExpr::SetOperation {
            op: op @ (SetOperator::Except | SetOperator::Intersect),
            set_quantifier: SetQuantifier::All,
            ..
        } => Err(Error::Syntax(format!(
            "{op} ALL is not supported, as in SQL Server: {op} gives each row once; to count rows, use GROUP BY and COUNT(*)"
        ))),
        SetExpr::SetOperation { left, right, .. } => {
            operands(left)?;
            operands(right)
        }
        SetExpr::Select(select) if select.top.is_some() => {
            let limit = select.top.take().map(quantity).transpose()?;
            let select = replace(
                body,
                SetExpr::Values(sqlparser::ast::Values {
                    explicit_row: false,
                    value_keyword: false,
                    rows: Vec::new(),
                }),
            );
            *body = SetExpr::Query(Box::new(Query {
                with: None,
                body: Box::new(select),
                order_by: None,
                limit_clause: Some(LimitClause::LimitOffset {
                    limit,
                    offset: None,
                    limit_by: Vec::new(),
                }),
                fetch: None,
                locks: Vec::new(),
                for_clause: None,
                settings: None,
                format_clause: None,
                pipe_operators: Vec::new(),
            }));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn quantity(top: Top) -> Result<Expr, Error> {
    if top.percent || top.with_ties {
        return Err(Error::Syntax(
            "TOP … PERCENT and WITH TIES are not supported; name a number of rows".into(),
        ));
    }
    match top.quantity {
        Some(TopQuantity::Constant(rows)) => Ok(number(rows)),
        Some(TopQuantity::Expr(rows)) => Ok(rows),
        None => Err(Error::Syntax("TOP needs a number of rows".into())),
    }
}

fn number(rows: u64) -> Expr {
    Expr::value(Value::Number(rows.to_string(), false))
}

fn set_limit(query: &mut Query, rows: Expr, word: &str) -> Result<(), Error> {
    let offset: Option<Offset> = match query.limit_clause.take() {
        None => None,
        Some(LimitClause::LimitOffset {
            limit: None, offset, ..
        }) => offset,
        Some(_) => {
            return Err(Error::Syntax(format!(
                "{word} and LIMIT stand in one query; use one of them"
            )));
        }
    };
    query.limit_clause = Some(LimitClause::LimitOffset {
        limit: Some(rows),
        offset,
        limit_by: Vec::new(),
    });
    Ok(())
}

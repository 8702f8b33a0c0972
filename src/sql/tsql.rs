//! T-SQL's forms on the syntax tree, said in the engine's words: what text alone decides.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, FunctionArg, FunctionArgExpr, Ident, JoinConstraint, JoinOperator,
    ObjectName, ObjectNamePart, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier, TableFactor,
    UnaryOperator, Value, visit_expressions, visit_relations,
};

use super::limit::{call, query_of, select_of};
use super::position::unsupported;
use super::{Error, shape, tsql_functions, types};

/// One expression whose parts are already in the engine's words.
pub(super) fn expression(expr: &mut Expr) -> Result<(), Error> {
    match expr {
        Expr::Identifier(name) if name.quote_style.is_none() && name.value.starts_with('@') => {
            if !name.value.starts_with("@@") {
                let construct = format!("The variable {}", name.value);
                return Err(unsupported(
                    Some(name.span.start),
                    &construct,
                    "a statement has parameters (?), no variables",
                ));
            }
            *expr = call(&name.value.to_lowercase(), Vec::new());
        }
        // Functions of the server that stand without parentheses.
        Expr::Identifier(name) if name.quote_style.is_none() && is_niladic(&name.value) => {
            *expr = call(&name.value.to_lowercase(), Vec::new());
        }
        // The engine has no operator for it: every bit but those that are set.
        Expr::UnaryOp {
            op: UnaryOperator::BitwiseNot,
            expr: bits,
        } => {
            let bits = Box::new(Expr::Nested(std::mem::replace(bits, Box::new(number(0)))));
            let minus_one = Expr::value(Value::Number("-1".into(), false));
            *expr = Expr::Nested(Box::new(Expr::BinaryOp {
                left: bits,
                op: BinaryOperator::BitwiseXor,
                right: Box::new(minus_one),
            }));
        }
        Expr::Cast { .. } => cast(expr),
        Expr::Convert { .. } => convert(expr),
        Expr::Exists { subquery, negated } => {
            if let Some(compared) = distinct_from(subquery, *negated) {
                *expr = compared;
            }
        }
        Expr::Substring {
            substring_from,
            substring_for,
            ..
        } => {
            for number in [substring_from, substring_for].into_iter().flatten() {
                tsql_functions::typed(number, DataType::BigInt(None));
            }
        }
        Expr::Function(_) => tsql_functions::rewrite(expr)?,
        _ => {}
    }
    Ok(())
}

/// `name = x` in a select list: what gives truth values elsewhere names a column in T-SQL, which has none.
pub(super) fn named(item: &mut SelectItem) {
    let SelectItem::UnnamedExpr(Expr::BinaryOp {
        left,
        op: BinaryOperator::Eq,
        right,
    }) = item
    else {
        return;
    };
    if let Expr::Identifier(alias) = &**left
        && !alias.value.starts_with('@')
    {
        *item = SelectItem::ExprWithAlias {
            alias: alias.clone(),
            expr: std::mem::replace(right, Expr::value(Value::Null)),
        };
    }
}

fn is_niladic(name: &str) -> bool {
    let niladic = ["CURRENT_USER", "SESSION_USER", "SYSTEM_USER"];
    niladic.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `CAST(x AS NVARCHAR(3))` is `left(CAST(x AS VARCHAR), 3)`: the engine's text has no length.
fn cast(expr: &mut Expr) {
    let Expr::Cast { data_type, .. } = expr else {
        return;
    };
    let longest = types::longest(data_type);
    types::rename(data_type);
    if let Some(longest) = longest {
        let whole = std::mem::replace(expr, Expr::value(Value::Null));
        *expr = call("left", vec![whole, number(longest)]);
    }
}

fn number(value: u64) -> Expr {
    Expr::value(Value::Number(value.to_string(), false))
}

/// `CONVERT(type, x[, style])`: a cast, but for the styles of dates.
fn convert(expr: &mut Expr) {
    let taken = std::mem::replace(expr, Expr::value(Value::Null));
    let Expr::Convert {
        is_try,
        expr: value,
        data_type: Some(data_type),
        mut styles,
        ..
    } = taken
    else {
        *expr = taken;
        return;
    };
    let kind = if is_try { CastKind::TryCast } else { CastKind::Cast };
    let style = (!styles.is_empty()).then(|| styles.swap_remove(0));
    let value = match style {
        Some(style) if types::is_text(&data_type) => call("okta_styled", vec![*value, style]),
        Some(style) if types::is_date(&data_type) => {
            let parse = if is_try { "okta_try_parse" } else { "okta_parse" };
            call(parse, vec![*value, style])
        }
        _ => *value,
    };
    *expr = Expr::Cast {
        kind,
        expr: Box::new(value),
        data_type,
        array: false,
        format: None,
    };
    cast(expr);
}

/// `EXISTS (SELECT a INTERSECT SELECT b)` is how T-SQL says `a IS NOT DISTINCT FROM b`, with EXCEPT the opposite.
fn distinct_from(query: &Query, negated: bool) -> Option<Expr> {
    let plain = query.with.is_none() && query.order_by.is_none() && query.limit_clause.is_none();
    let SetExpr::SetOperation {
        op,
        set_quantifier: SetQuantifier::None | SetQuantifier::Distinct,
        left,
        right,
    } = &*query.body
    else {
        return None;
    };
    let same = match op {
        SetOperator::Intersect => !negated,
        SetOperator::Except => negated,
        _ => return None,
    };
    let (left, right) = (values(left)?, values(right)?);
    if !plain || left.len() != right.len() {
        return None;
    }
    let pairs = left.into_iter().zip(right).map(|(left, right)| {
        let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
        if same {
            Expr::IsNotDistinctFrom(left, right)
        } else {
            Expr::IsDistinctFrom(left, right)
        }
    });
    let op = if same { BinaryOperator::And } else { BinaryOperator::Or };
    Some(Expr::Nested(Box::new(shape::balanced(pairs.collect(), &op))))
}

/// The expressions of a SELECT that has nothing else.
fn values(body: &SetExpr) -> Option<Vec<&Expr>> {
    let SetExpr::Select(select) = body else {
        return None;
    };
    if !select.from.is_empty() || select.selection.is_some() || select.having.is_some() || select.top.is_some() {
        return None;
    }
    let items = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    });
    items.collect()
}

/// WITH is recursive where a table names itself.
pub(super) fn query(query: &mut Query) -> Result<(), Error> {
    let mut recursive = false;
    for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
        if names_itself(&cte.query, &cte.alias.name) {
            recursive = true;
            type_first_row(&mut cte.query);
        }
    }
    if let Some(with) = &mut query.with {
        with.recursive |= recursive;
    }
    Ok(())
}

/// `SELECT ? AS n UNION ALL SELECT n + ?`: the first row's parameters are what the rows after it make of them, numbers
/// unless a text takes part.
fn type_first_row(query: &mut Query) {
    let SetExpr::SetOperation { left, right, .. } = &mut *query.body else {
        return;
    };
    let (SetExpr::Select(first), SetExpr::Select(next)) = (&mut **left, &**right) else {
        return;
    };
    for (item, after) in first.projection.iter_mut().zip(&next.projection) {
        let (
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. },
            SelectItem::UnnamedExpr(after) | SelectItem::ExprWithAlias { expr: after, .. },
        ) = (item, after)
        else {
            continue;
        };
        let computed = matches!(after, Expr::BinaryOp { .. });
        let of_text = visit_expressions(after, |part| match part {
            Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        let number = computed && of_text.is_continue();
        let data_type = if number {
            DataType::BigInt(None)
        } else {
            DataType::Varchar(None)
        };
        tsql_functions::typed(expr, data_type);
    }
}

/// A UNION whose second part reads the name: `WITH Users AS (SELECT * FROM Users)` is none.
fn names_itself(query: &Query, name: &Ident) -> bool {
    let SetExpr::SetOperation {
        op: SetOperator::Union,
        right,
        ..
    } = &*query.body
    else {
        return false;
    };
    visit_relations(right, |relation| match relation.0.as_slice() {
        [ObjectNamePart::Identifier(table)] if table.value.to_lowercase() == name.value.to_lowercase() => {
            ControlFlow::Break(())
        }
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

/// Temporary tables and table variables are refused.
pub(super) fn relation(name: &ObjectName) -> Result<(), Error> {
    let Some(ObjectNamePart::Identifier(table)) = name.0.last() else {
        return Ok(());
    };
    let construct = match table.value.chars().next() {
        Some('#') => format!("The temporary table {}", table.value),
        Some('@') => format!("The table variable {}", table.value),
        _ => return Ok(()),
    };
    let reason = "no table can be made here; write a common table expression (WITH)";
    Err(unsupported(Some(table.span.start), &construct, reason))
}

/// Hints written as arguments: `FROM Users (NOLOCK)`.
pub const HINTS: &[&str] = &[
    "nolock",
    "holdlock",
    "nowait",
    "paglock",
    "readcommitted",
    "readcommittedlock",
    "readpast",
    "readuncommitted",
    "repeatableread",
    "rowlock",
    "serializable",
    "snapshot",
    "tablock",
    "tablockx",
    "updlock",
    "xlock",
    "noexpand",
];

/// Table hints, `STRING_SPLIT(…)`, and DEFAULT as an argument.
pub(super) fn table(factor: &mut TableFactor) -> Result<(), Error> {
    let TableFactor::Table { name, args, alias, .. } = factor else {
        return Ok(());
    };
    let Some(arguments) = args else {
        return Ok(());
    };
    let word = |argument: &FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(word))) => word.value.to_lowercase(),
        _ => String::new(),
    };
    if !arguments.args.is_empty() && arguments.args.iter().all(|hint| HINTS.contains(&word(hint).as_str())) {
        *args = None;
        return Ok(());
    }
    for argument in &mut arguments.args {
        if word(argument) == "default" {
            *argument = FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::value(Value::Null)));
        }
    }
    let split = name.to_string().eq_ignore_ascii_case("string_split");
    if split && matches!(arguments.args.len(), 2 | 3) {
        let refused = if arguments.args.iter().any(names_a_column) {
            Some(("STRING_SPLIT of a column", "it splits constants and parameters"))
        } else if arguments
            .args
            .get(2)
            .is_some_and(|ordinal| !["0", "NULL"].contains(&ordinal.to_string().as_str()))
        {
            Some(("STRING_SPLIT with ordinals", "it has the column value only"))
        } else {
            None
        };
        if let Some((construct, reason)) = refused {
            let word = name.0.last().and_then(ObjectNamePart::as_ident);
            return Err(unsupported(word.map(|word| word.span.start), construct, reason));
        }
        let parts = arguments.args.iter().take(2).filter_map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
            _ => None,
        });
        let parts = call("unnest", vec![call("okta_split", parts.collect())]);
        let item = SelectItem::ExprWithAlias {
            expr: parts,
            alias: Ident::new("value"),
        };
        let select = SetExpr::Select(Box::new(select_of(vec![item], Vec::new())));
        *factor = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(query_of(select)),
            alias: alias.take(),
            sample: None,
        };
    }
    Ok(())
}

fn names_a_column(argument: &FunctionArg) -> bool {
    let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument else {
        return false;
    };
    visit_expressions(expr, |part| match part {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    })
    .is_break()
}

/// CROSS APPLY and OUTER APPLY are LATERAL joins.
pub(super) fn apply(select: &mut Select) {
    for join in select.from.iter_mut().flat_map(|from| &mut from.joins) {
        let operator = match join.join_operator {
            JoinOperator::CrossApply => JoinOperator::CrossJoin(JoinConstraint::None),
            JoinOperator::OuterApply => JoinOperator::LeftOuter(JoinConstraint::On(Expr::value(Value::Boolean(true)))),
            _ => continue,
        };
        if let TableFactor::Derived { lateral, .. } = &mut join.relation {
            *lateral = true;
        }
        join.join_operator = operator;
    }
}

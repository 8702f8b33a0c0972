//! One way to say how many rows: TOP and FETCH become LIMIT, and a window's rank where it is a share or ties count.

use std::mem::replace;
use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Fetch, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    Ident, LimitClause, ObjectName, OffsetRows, OrderBy, OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr,
    SetOperator, SetQuantifier, TableAlias, TableFactor, TableWithJoins, Top, TopQuantity, Value, Values,
    WildcardAdditionalOptions, WindowSpec, WindowType, visit_expressions,
};

use super::Error;

/// How many rows of a query are wanted.
struct Wanted {
    rows: Expr,
    percent: bool,
    with_ties: bool,
}

/// Rewrites `SELECT TOP n`, `OFFSET … FETCH`, in the query itself and in the operands of its set operations.
pub(super) fn one_limit(query: &mut Query) -> Result<(), Error> {
    let fetch = query.fetch.take().map(of_fetch);
    let top = match query.body.as_mut() {
        SetExpr::Select(select) => select.top.take().map(of_top).transpose()?,
        body => {
            operands(body)?;
            None
        }
    };
    match (top, fetch) {
        (Some(wanted), None) => limit(query, wanted, "TOP")?,
        (None, Some(wanted)) => limit(query, wanted, "FETCH")?,
        (Some(_), Some(_)) => {
            return Err(Error::Syntax(
                "TOP and FETCH stand in one query; use one of them".into(),
            ));
        }
        (None, None) => {}
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
        SetExpr::Select(select) => {
            let Some(top) = select.top.take() else {
                return Ok(());
            };
            let wanted = of_top(top)?;
            let mut query = query_of(replace(body, nothing()));
            limit(&mut query, wanted, "TOP")?;
            *body = SetExpr::Query(Box::new(query));
            Ok(())
        }
        _ => Ok(()),
    }
}

fn nothing() -> SetExpr {
    SetExpr::Values(Values {
        explicit_row: false,
        value_keyword: false,
        rows: Vec::new(),
    })
}

/// A query that is this body alone.
pub(super) fn query_of(body: SetExpr) -> Query {
    Query {
        with: None,
        body: Box::new(body),
        order_by: None,
        limit_clause: None,
        fetch: None,
        locks: Vec::new(),
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators: Vec::new(),
    }
}

fn of_top(top: Top) -> Result<Wanted, Error> {
    let rows = match top.quantity {
        Some(TopQuantity::Constant(rows)) => number(rows),
        Some(TopQuantity::Expr(rows)) => rows,
        None => return Err(Error::Syntax("TOP needs a number of rows".into())),
    };
    Ok(Wanted {
        rows,
        percent: top.percent,
        with_ties: top.with_ties,
    })
}

fn of_fetch(fetch: Fetch) -> Wanted {
    Wanted {
        rows: fetch.quantity.unwrap_or_else(|| number(1)),
        percent: fetch.percent,
        with_ties: fetch.with_ties,
    }
}

fn limit(query: &mut Query, wanted: Wanted, word: &str) -> Result<(), Error> {
    if wanted.percent || wanted.with_ties {
        return by_rank(query, wanted, word);
    }
    let offset = match query.limit_clause.take() {
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
        limit: Some(wanted.rows),
        offset,
        limit_by: Vec::new(),
    });
    Ok(())
}

/// `TOP 10 PERCENT`, `WITH TIES`: `QUALIFY RANK() OVER (ORDER BY …) <= …`.
fn by_rank(query: &mut Query, wanted: Wanted, word: &str) -> Result<(), Error> {
    if query.limit_clause.is_some() {
        return Err(Error::Syntax(format!(
            "{word} … PERCENT and WITH TIES do not go with LIMIT or OFFSET"
        )));
    }
    if !matches!(&*query.body, SetExpr::Select(select) if select.distinct.is_none() && !copies(query.order_by.as_ref(), &select.projection))
    {
        let body = replace(&mut *query.body, nothing());
        *query.body = SetExpr::Select(Box::new(wrapped(body, query.order_by.as_mut())));
    }
    let SetExpr::Select(select) = &mut *query.body else {
        return Ok(());
    };
    let order_by = keys(query.order_by.as_ref(), &select.projection);
    if wanted.with_ties && order_by.is_empty() {
        return Err(Error::Syntax(format!("{word} … WITH TIES needs ORDER BY")));
    }
    if order_by.iter().any(|key| place(&key.expr).is_some()) {
        let message =
            "{word} … PERCENT and WITH TIES need ORDER BY with the names of columns, not with their places in *";
        return Err(Error::Syntax(message.replace("{word}", word)));
    }
    let place = over(
        if wanted.with_ties { "rank" } else { "row_number" },
        Vec::new(),
        order_by,
    );
    let most = if wanted.percent {
        let all = over("count", vec![FunctionArgExpr::Wildcard], Vec::new());
        // The product first: it is exact, 7 / 100.0 is not, and 7.000000000000001 rows would be 8.
        let product = binary(all, BinaryOperator::Multiply, nested(wanted.rows));
        let hundred = Expr::value(Value::Number("100.0".into(), false));
        call("ceil", vec![binary(product, BinaryOperator::Divide, hundred)])
    } else {
        nested(wanted.rows)
    };
    let within = binary(place, BinaryOperator::LtEq, most);
    select.qualify = Some(match select.qualify.take() {
        Some(other) => binary(nested(other), BinaryOperator::And, within),
        None => within,
    });
    Ok(())
}

/// `SELECT * FROM (body)`: DISTINCT and set operations count their rows only when they are done.
fn wrapped(mut body: SetExpr, order_by: Option<&mut OrderBy>) -> Select {
    if let Some(select) = leftmost(&mut body) {
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = item
                && !matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
            {
                let alias = Ident::with_quote('"', expr.to_string());
                *item = SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias,
                };
            }
        }
        if let Some(OrderByKind::Expressions(keys)) = order_by.map(|order_by| &mut order_by.kind) {
            for key in keys {
                if let Some(name) = output(&key.expr, &select.projection) {
                    key.expr = Expr::Identifier(name);
                }
            }
        }
    }
    let relation = TableFactor::Derived {
        lateral: false,
        subquery: Box::new(query_of(body)),
        alias: Some(TableAlias {
            explicit: true,
            name: Ident::new("okta_rows"),
            columns: Vec::new(),
            at: None,
        }),
        sample: None,
    };
    let from = TableWithJoins {
        relation,
        joins: Vec::new(),
    };
    select_of(
        vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())],
        vec![from],
    )
}

/// The SELECT that names the columns of a body.
fn leftmost(body: &mut SetExpr) -> Option<&mut Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => leftmost(&mut query.body),
        SetExpr::SetOperation { left, .. } => leftmost(left),
        _ => None,
    }
}

/// The name of the item that a key of ORDER BY means, by its place or as it is written in the list.
fn output(key: &Expr, items: &[SelectItem]) -> Option<Ident> {
    let is_alias = |item: &SelectItem| match (item, key) {
        (SelectItem::ExprWithAlias { alias, .. }, Expr::Identifier(name)) => {
            alias.value.eq_ignore_ascii_case(&name.value)
        }
        _ => false,
    };
    if items.iter().any(is_alias) {
        return None;
    }
    let same = |item: &SelectItem| expr_of(item) == Some(key);
    let place = place(key).or_else(|| items.iter().position(same))?;
    match items.get(place)? {
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.clone()),
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(name.clone()),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().cloned(),
        _ => None,
    }
}

/// Whether the keys stand for sub-queries. A window would hold each of them again, and inside each other they would double.
fn copies(order_by: Option<&OrderBy>, items: &[SelectItem]) -> bool {
    keys(order_by, items).iter().any(|key| {
        let query = |expr: &Expr| match expr {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        visit_expressions(&key.expr, query).is_break()
    })
}

/// A SELECT of these items from these tables.
pub(super) fn select_of(projection: Vec<SelectItem>, from: Vec<TableWithJoins>) -> Select {
    use sqlparser::ast::helpers::attached_token::AttachedToken;
    use sqlparser::ast::{GroupByExpr, SelectFlavor};
    Select {
        select_token: AttachedToken::empty(),
        optimizer_hints: Vec::new(),
        distinct: None,
        select_modifiers: None,
        top: None,
        top_before_distinct: false,
        projection,
        exclude: None,
        into: None,
        from,
        lateral_views: Vec::new(),
        prewhere: None,
        selection: None,
        connect_by: Vec::new(),
        group_by: GroupByExpr::Expressions(Vec::new(), Vec::new()),
        cluster_by: Vec::new(),
        distribute_by: Vec::new(),
        sort_by: Vec::new(),
        having: None,
        named_window: Vec::new(),
        qualify: None,
        window_before_qualify: false,
        value_table_mode: None,
        flavor: SelectFlavor::Standard,
    }
}

/// The keys of ORDER BY as a window sees them: an alias and a position stand for their expression.
fn keys(order_by: Option<&OrderBy>, items: &[SelectItem]) -> Vec<OrderByExpr> {
    let Some(OrderByKind::Expressions(keys)) = order_by.map(|order_by| &order_by.kind) else {
        return Vec::new();
    };
    let meant = |key: &OrderByExpr| {
        let mut key = key.clone();
        if let Some(expr) = selected(&key.expr, items) {
            key.expr = expr.clone();
        }
        key
    };
    keys.iter().map(meant).collect()
}

fn selected<'a>(key: &Expr, items: &'a [SelectItem]) -> Option<&'a Expr> {
    match key {
        Expr::Identifier(name) => items.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(&name.value) => Some(expr),
            _ => None,
        }),
        _ => expr_of(items.get(place(key)?)?),
    }
}

fn expr_of(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// The place in the select list that a number as a key of ORDER BY names, from 0.
fn place(key: &Expr) -> Option<usize> {
    match key {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<usize>().ok()?.checked_sub(1),
            _ => None,
        },
        _ => None,
    }
}

fn number(rows: u64) -> Expr {
    Expr::value(Value::Number(rows.to_string(), false))
}

fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Value(_) | Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp {
        left: Box::new(left),
        op,
        right: Box::new(right),
    }
}

/// A call of one of the engine's functions.
pub(super) fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let arguments = arguments.into_iter().map(FunctionArgExpr::Expr).collect();
    Expr::Function(function(name, arguments))
}

fn over(name: &str, arguments: Vec<FunctionArgExpr>, order_by: Vec<OrderByExpr>) -> Expr {
    let window = WindowSpec {
        window_name: None,
        partition_by: Vec::new(),
        order_by,
        window_frame: None,
    };
    Expr::Function(Function {
        over: Some(WindowType::WindowSpec(window)),
        ..function(name, arguments)
    })
}

fn function(name: &str, arguments: Vec<FunctionArgExpr>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(FunctionArg::Unnamed).collect(),
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

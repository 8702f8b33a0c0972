//! The text rule: comparisons with a text column on either side fold case, as Okta compares (decision 14).

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, NullEquality, Result, ScalarValue};
use datafusion::logical_expr::expr::{Case, InList, InSubquery, Like, ScalarFunction, SetComparison};
use datafusion::logical_expr::utils::{grouping_set_to_exprlist, merge_schema};
use datafusion::logical_expr::{
    Between, BinaryExpr, Expr, ExprSchemable, JoinConstraint, JoinType, LogicalPlan, LogicalPlanBuilder, Operator,
    ScalarUDF, Subquery,
};

use super::{correlated, functions, rewrite};

/// Field metadata of a column whose comparisons fold case.
pub const FOLDS: &str = "okta.fold";
/// The function that makes a comparison exact: `COLLATE …_CS_AS`.
pub const EXACT: &str = "okta_exact";
/// The function that folds case.
pub const FOLD: &str = "okta_fold";
/// The function that turns a LIKE pattern and its escape character into one where only `\` escapes.
pub const PATTERN: &str = "okta_pattern";

/// The relation that the rows of IN, ANY and ALL are given where they have none.
const AMONG: &str = "__okta_among";
/// Functions that look for one of their first two arguments in the other.
const SEARCHES: [&str; 4] = ["charindex", "patindex", "replace", "strpos"];

/// What an expression says about the comparisons it takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Ids, numbers, literals: decides nothing.
    Plain,
    Text,
    /// COLLATE asked for it.
    Exact,
}

impl Rule {
    fn and(self, other: Rule) -> Rule {
        match (self, other) {
            (Rule::Exact, _) | (_, Rule::Exact) => Rule::Exact,
            (Rule::Text, _) | (_, Rule::Text) => Rule::Text,
            _ => Rule::Plain,
        }
    }
}

/// Applies the rule to a whole plan, sub-queries included. LIKE patterns get `\` as their only escape character.
pub fn apply(plan: LogicalPlan, case_sensitive: bool) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let inputs = node.inputs();
        let scope = Scope {
            schema: merge_schema(&inputs),
            columns: scope(&inputs),
            case_sensitive,
        };
        let node = rewrite::expressions(node, |expr| expr.transform_up(|expr| scope.comparison(expr)))?;
        node.transform_data(|node| match node {
            LogicalPlan::Join(join) => scope.join_keys(join),
            LogicalPlan::Filter(filter) => correlated::by_column(filter),
            other => Ok(Transformed::no(other)),
        })
    })?;
    Ok(plan.data)
}

/// Columns that an expression of a node sees.
fn scope(inputs: &[&LogicalPlan]) -> Vec<(Column, Rule)> {
    inputs
        .iter()
        .flat_map(|input| input.schema().columns().into_iter().zip(rules(input)))
        .collect()
}

/// The rule of each output column of a plan.
fn rules(plan: &LogicalPlan) -> Vec<Rule> {
    let inputs = plan.inputs();
    // Once for all expressions: what they see costs a walk of everything below.
    let columns = match plan {
        LogicalPlan::Projection(_) | LogicalPlan::Aggregate(_) | LogicalPlan::Window(_) => scope(&inputs),
        _ => Vec::new(),
    };
    let of = |expr: &Expr| rule(expr, &columns);
    let mut rules = match plan {
        LogicalPlan::Projection(projection) => projection.expr.iter().map(of).collect(),
        LogicalPlan::Aggregate(aggregate) => {
            // ROLLUP and its like are one expression and many columns, the last of which tells the set.
            let groups = grouping_set_to_exprlist(&aggregate.group_expr).unwrap_or_default();
            let set = matches!(aggregate.group_expr.first(), Some(Expr::GroupingSet(_))).then_some(Rule::Plain);
            let groups = groups.into_iter().map(of).chain(set);
            groups.chain(aggregate.aggr_expr.iter().map(of)).collect()
        }
        LogicalPlan::Window(window) => {
            let below = columns.iter().map(|(_, rule)| *rule);
            below.chain(window.window_expr.iter().map(of)).collect()
        }
        LogicalPlan::Join(join) => {
            let (left, right) = (self::rules(&join.left), self::rules(&join.right));
            match join.join_type {
                JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => left,
                JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => right,
                _ => [left, right].concat(),
            }
        }
        LogicalPlan::Union(union) => union
            .inputs
            .iter()
            .map(|input| self::rules(input))
            .reduce(|all, input| all.into_iter().zip(input).map(|(one, other)| one.and(other)).collect())
            .unwrap_or_default(),
        LogicalPlan::RecursiveQuery(query) => self::rules(&query.static_term),
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Subquery(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::Distinct(_) => inputs.first().map(|input| self::rules(input)).unwrap_or_default(),
        other => other.schema().fields().iter().map(|field| of_field(field)).collect(),
    };
    // Grouping sets and mark joins add columns of their own.
    rules.resize(plan.schema().fields().len(), Rule::Plain);
    rules
}

fn of_field(field: &Field) -> Rule {
    if field.metadata().contains_key(FOLDS) {
        Rule::Text
    } else {
        Rule::Plain
    }
}

fn rule(expr: &Expr, columns: &[(Column, Rule)]) -> Rule {
    let all = |exprs: &[Expr]| exprs.iter().map(|e| rule(e, columns)).fold(Rule::Plain, Rule::and);
    match expr {
        Expr::Column(column) => columns
            .iter()
            .find(|(of, _)| of == column)
            .or_else(|| {
                columns
                    .iter()
                    .find(|(of, _)| of.name == column.name && column.relation.is_none())
            })
            .map_or(Rule::Plain, |(_, rule)| *rule),
        Expr::OuterReferenceColumn(field, _) => of_field(field),
        Expr::Alias(alias) => rule(&alias.expr, columns),
        Expr::Cast(cast) if is_text(cast.field.data_type()) => rule(&cast.expr, columns),
        Expr::TryCast(cast) if is_text(cast.field.data_type()) => rule(&cast.expr, columns),
        Expr::Case(case) => {
            let results = case
                .when_then_expr
                .iter()
                .map(|(_, then)| &**then)
                .chain(case.else_expr.as_deref());
            results.map(|e| rule(e, columns)).fold(Rule::Plain, Rule::and)
        }
        Expr::ScalarFunction(function) if function.name() == EXACT => Rule::Exact,
        Expr::ScalarFunction(function) if functions::server::answers_text(function.name()) => Rule::Text,
        Expr::ScalarFunction(function) => all(&function.args),
        Expr::AggregateFunction(function) => all(&function.params.args),
        Expr::WindowFunction(function) => all(&function.params.args),
        Expr::BinaryExpr(BinaryExpr {
            left,
            op: Operator::StringConcat | Operator::Plus,
            right,
        }) => rule(left, columns).and(rule(right, columns)),
        Expr::ScalarSubquery(query) => rules(&query.subquery).first().copied().unwrap_or(Rule::Plain),
        _ => Rule::Plain,
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null
    )
}

/// Whether an operator compares its two sides.
pub fn compares(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, IsDistinctFrom, IsNotDistinctFrom, Lt, LtEq, NotEq};
    matches!(
        op,
        Eq | NotEq | Lt | LtEq | Gt | GtEq | IsDistinctFrom | IsNotDistinctFrom
    )
}

struct Scope {
    schema: DFSchema,
    columns: Vec<(Column, Rule)>,
    case_sensitive: bool,
}

impl Scope {
    fn rule(&self, expr: &Expr) -> Rule {
        rule(expr, &self.columns)
    }

    /// True where a comparison of all these folds case: a text column among them, and nothing but text.
    fn folds<'a>(&self, exprs: impl IntoIterator<Item = &'a Expr> + Clone) -> bool {
        !self.case_sensitive
            && exprs
                .clone()
                .into_iter()
                .map(|e| self.rule(e))
                .fold(Rule::Plain, Rule::and)
                == Rule::Text
            && exprs
                .into_iter()
                .all(|e| e.get_type(&self.schema).is_ok_and(|data_type| is_text(&data_type)))
    }

    fn comparison(&self, expr: Expr) -> Result<Transformed<Expr>> {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if compares(op) && self.folds([&*left, &*right]) => {
                let (left, right) = (Box::new(fold(*left)), Box::new(fold(*right)));
                Ok(Transformed::yes(Expr::BinaryExpr(BinaryExpr { left, op, right })))
            }
            Expr::Between(Between {
                expr,
                negated,
                low,
                high,
            }) if self.folds([&*expr, &*low, &*high]) => {
                let [expr, low, high] = [expr, low, high].map(|e| Box::new(fold(*e)));
                Ok(Transformed::yes(Expr::Between(Between {
                    expr,
                    negated,
                    low,
                    high,
                })))
            }
            Expr::InList(InList { expr, list, negated }) if self.folds(list.iter().chain([&*expr])) => {
                let list = list.into_iter().map(fold).collect();
                Ok(Transformed::yes(Expr::InList(InList {
                    expr: Box::new(fold(*expr)),
                    list,
                    negated,
                })))
            }
            Expr::Like(like) => Ok(Transformed::yes(Expr::Like(self.like(like)))),
            Expr::Case(Case {
                expr: Some(expr),
                when_then_expr,
                else_expr,
            }) if self.folds(when_then_expr.iter().map(|(when, _)| &**when).chain([&*expr])) => {
                let when_then_expr = when_then_expr
                    .into_iter()
                    .map(|(when, then)| (Box::new(fold(*when)), then))
                    .collect();
                let expr = Some(Box::new(fold(*expr)));
                Ok(Transformed::yes(Expr::Case(Case {
                    expr,
                    when_then_expr,
                    else_expr,
                })))
            }
            Expr::ScalarFunction(ScalarFunction { func, args })
                if func.name() == "nullif" && args.len() == 2 && self.folds(&args) =>
            {
                Ok(Transformed::yes(call(functions::null_if_folded(), args)))
            }
            Expr::InSubquery(query) => Ok(match self.among(&query.expr, &query.subquery)? {
                Some((expr, subquery)) => Transformed::yes(Expr::InSubquery(InSubquery {
                    expr,
                    subquery,
                    ..query
                })),
                None => Transformed::no(Expr::InSubquery(query)),
            }),
            Expr::SetComparison(query) if compares(query.op) => Ok(match self.among(&query.expr, &query.subquery)? {
                Some((expr, subquery)) => Transformed::yes(Expr::SetComparison(SetComparison {
                    expr,
                    subquery,
                    ..query
                })),
                None => Transformed::no(Expr::SetComparison(query)),
            }),
            Expr::ScalarFunction(function) => Ok(self.searching(function)),
            other => Ok(Transformed::no(other)),
        }
    }

    /// Functions that look for a text in another compare as `=` does.
    fn searching(&self, function: ScalarFunction) -> Transformed<Expr> {
        let ScalarFunction { func, mut args } = function;
        let searches = SEARCHES.contains(&func.name()) && args.len() >= 2;
        if !searches || !self.folds([&args[0], &args[1]]) {
            return Transformed::no(Expr::ScalarFunction(ScalarFunction { func, args }));
        }
        if func.name() == "replace" {
            return Transformed::yes(call(functions::replace_folded(), args));
        }
        for arg in &mut args[..2] {
            *arg = fold(std::mem::replace(arg, Expr::Literal(ScalarValue::Null, None)));
        }
        Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args }))
    }

    fn like(&self, like: Like) -> Like {
        let folds = like.case_insensitive || self.folds([&*like.expr, &*like.pattern]);
        let pattern = plain_pattern(*like.pattern, like.escape_char);
        let (expr, pattern) = if folds {
            (fold(*like.expr), fold(pattern))
        } else {
            (*like.expr, pattern)
        };
        Like {
            negated: like.negated,
            expr: Box::new(expr),
            pattern: Box::new(pattern),
            escape_char: None,
            case_insensitive: false,
        }
    }

    /// Both sides of IN, ANY or ALL in a form that folds case, if the comparison does.
    fn among(&self, expr: &Expr, query: &Subquery) -> Result<Option<(Box<Expr>, Subquery)>> {
        let plan = &query.subquery;
        let (rule, field) = match (rules(plan).first(), plan.schema().fields().first()) {
            (Some(rule), Some(field)) => (*rule, field.clone()),
            _ => return Ok(None),
        };
        let text = self.rule(expr).and(rule) == Rule::Text
            && is_text(field.data_type())
            && expr.get_type(&self.schema).is_ok_and(|data_type| is_text(&data_type));
        if self.case_sensitive || !text {
            return Ok(None);
        }
        let mut rows = LogicalPlanBuilder::from(plan.as_ref().clone());
        if plan.schema().qualified_field(0).0.is_none() && query.outer_ref_columns.is_empty() {
            // A mark join finds the column of a named relation only; what is correlated is pulled out of none.
            rows = rows.alias(AMONG)?;
        }
        let column = Expr::Column(rows.schema().columns().swap_remove(0));
        let folded = rows.project([fold(column).alias(field.name())])?.build()?;
        let subquery = Subquery {
            subquery: Arc::new(folded),
            ..query.clone()
        };
        Ok(Some((Box::new(fold(expr.clone())), subquery)))
    }

    fn join_keys(&self, mut join: datafusion::logical_expr::Join) -> Result<Transformed<LogicalPlan>> {
        // INTERSECT and EXCEPT are planned as joins in which NULL equals NULL: they see the stored value.
        if join.null_equality == NullEquality::NullEqualsNull {
            return Ok(Transformed::no(LogicalPlan::Join(join)));
        }
        let mut changed = false;
        for (left, right) in &mut join.on {
            if self.folds([&*left, &*right]) {
                *left = fold(left.clone());
                *right = fold(right.clone());
                changed = true;
            }
        }
        if changed {
            // DataFusion takes the keys of USING for plain columns.
            join.join_constraint = JoinConstraint::On;
        }
        Ok(Transformed::new_transformed(LogicalPlan::Join(join), changed))
    }
}

/// Wraps an expression so that it compares without case; literals are folded here and now.
fn fold(expr: Expr) -> Expr {
    match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)), metadata) => Expr::Literal(
            ScalarValue::Utf8(Some(functions::fold_case(&text).into_owned())),
            metadata,
        ),
        Expr::Literal(value, metadata) if value.is_null() => Expr::Literal(value, metadata),
        Expr::ScalarFunction(function) if function.name() == FOLD => Expr::ScalarFunction(function),
        other => call(functions::fold(), vec![other]),
    }
}

/// Arrow's LIKE escapes by `\` always; SQL's only by the character that ESCAPE names.
fn plain_pattern(pattern: Expr, escape: Option<char>) -> Expr {
    match pattern {
        Expr::Literal(ScalarValue::Utf8(Some(text)), metadata) => Expr::Literal(
            ScalarValue::Utf8(Some(functions::plain_pattern(&text, escape))),
            metadata,
        ),
        Expr::Literal(value, metadata) if value.is_null() => Expr::Literal(value, metadata),
        other => {
            let escape = escape.map(String::from).unwrap_or_default();
            call(
                functions::pattern(),
                vec![other, Expr::Literal(ScalarValue::Utf8(Some(escape)), None)],
            )
        }
    }
}

fn call(func: Arc<ScalarUDF>, args: Vec<Expr>) -> Expr {
    Expr::ScalarFunction(ScalarFunction { func, args })
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;

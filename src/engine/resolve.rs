//! Settles names on the syntax tree, so that DataFusion's exact matching finds them whatever their case (decision 16).
//!
//! Every identifier is folded to lower case, tables and columns are offered to the planner in lower case, and the labels
//! come back from here and from the catalog.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Ident, JoinConstraint, JoinOperator,
    ObjectName, ObjectNamePart, OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    Statement, TableAlias, TableFactor, VisitMut, VisitorMut, WindowType, visit_relations,
};

use super::Error;
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME};

/// Parts a repeated label, unique inside the plan, from the label itself.
const REPEATED: char = '\u{1}';
/// Longest label made from an expression's text, in characters.
const LONGEST_LABEL: usize = 128;

/// How the user spelled the names of a statement.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Output names of the outermost SELECT, folded, to their labels.
    labels: HashMap<String, String>,
    /// Names that the statement gives to columns, folded, to their spelling.
    given: HashMap<String, String>,
    /// Any other name, folded, to its first spelling.
    spelled: HashMap<String, String>,
}

impl Names {
    /// The label of an output field that comes from no catalog column of that name.
    pub fn label(&self, field: &str, base: Option<&str>) -> String {
        let name = field.split(REPEATED).next().unwrap_or_default();
        if let Some(label) = self.labels.get(name) {
            return label.clone();
        }
        match base {
            Some(base) if fold(base) == name => base.to_owned(),
            _ => self
                .given
                .get(name)
                .map_or(self.spelled(name), String::as_str)
                .to_owned(),
        }
    }

    /// The user's spelling of a folded name.
    pub fn spelled<'a>(&'a self, name: &'a str) -> &'a str {
        let name = name.split(REPEATED).next().unwrap_or_default();
        self.spelled.get(name).map_or(name, String::as_str)
    }
}

/// The form in which names are compared.
pub fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// Whether a table of one of these folded names is read anywhere in the statement.
pub fn reads(statement: &Statement, names: &[String]) -> bool {
    visit_relations(statement, |relation| {
        let table = relation.0.last().and_then(ObjectNamePart::as_ident);
        match table {
            Some(table) if names.contains(&fold(&table.value)) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })
    .is_break()
}

/// Refuses what is no query, folds every name and makes the output names unique. `labels` are the user's texts of unnamed
/// columns.
pub fn resolve(mut statement: Statement, labels: &[Option<String>]) -> Result<(Statement, Names), Error> {
    refuse_all_but_queries(&statement)?;
    let mut folding = Folding {
        names: Names::default(),
        error: None,
    };
    if let Statement::Query(query) = &mut statement {
        label(&mut query.body, labels, &mut folding.names);
    }
    let _ = VisitMut::visit(&mut statement, &mut folding);
    match folding.error {
        Some(error) => Err(error),
        None => Ok((statement, folding.names)),
    }
}

fn refuse_all_but_queries(statement: &Statement) -> Result<(), Error> {
    match statement {
        Statement::Query(query) => refuse_writing_bodies(&query.body),
        Statement::Insert(_) => Err(Error::ReadOnly("INSERT needs ReadOnly=false.".into())),
        Statement::Update { .. } => Err(Error::ReadOnly("UPDATE needs ReadOnly=false.".into())),
        Statement::Delete(_) => Err(Error::ReadOnly("DELETE needs ReadOnly=false.".into())),
        Statement::Merge { .. } => Err(Error::ReadOnly("MERGE needs ReadOnly=false.".into())),
        Statement::Truncate { .. } => Err(Error::ReadOnly("TRUNCATE needs ReadOnly=false.".into())),
        other => {
            let text: String = other.to_string().chars().take(60).collect();
            let verb = text
                .split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" ")
                .to_uppercase();
            Err(Error::Unsupported(format!(
                "{verb} is not supported: Okta's tables are fixed, and this driver runs queries (SELECT, WITH, VALUES) only."
            )))
        }
    }
}

fn refuse_writing_bodies(body: &SetExpr) -> Result<(), Error> {
    match body {
        SetExpr::Insert(s) | SetExpr::Update(s) | SetExpr::Delete(s) | SetExpr::Merge(s) => refuse_all_but_queries(s),
        SetExpr::Select(select) if select.into.is_some() => Err(Error::Unsupported(
            "SELECT … INTO is not supported: no table can be made in an Okta org.".into(),
        )),
        _ => Ok(()),
    }
}

/// Names the outputs of the leftmost SELECT: labels for expressions, unique names for repeated ones.
fn label(body: &mut SetExpr, labels: &[Option<String>], names: &mut Names) {
    let select = match body {
        SetExpr::Select(select) => select,
        SetExpr::Query(query) => return label(&mut query.body, labels, names),
        SetExpr::SetOperation { left, .. } => return label(left, labels, names),
        _ => return,
    };
    let wildcard = select
        .projection
        .iter()
        .any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
    // The planner gives a cast that is grouped by the name of its column; an output of that name would be taken for it.
    let mut cast = HashSet::new();
    if let GroupByExpr::Expressions(groups, _) = &select.group_by {
        let names = groups.iter().filter_map(cast_column);
        cast.extend(names.map(|name| fold(&name.value)));
    }
    let mut seen = HashSet::new();
    for (position, item) in select.projection.iter_mut().enumerate() {
        let mut unique = |name: &str, always: bool| {
            let first = seen.insert(name.to_owned());
            if first && !always {
                name.to_owned()
            } else {
                format!("{name}{REPEATED}{position}")
            }
        };
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let (name, text) = match plain_column(expr) {
                    Some(column) => {
                        let name = fold(&column.value);
                        let unique = unique(&name, wildcard);
                        if unique == name {
                            continue;
                        }
                        (unique, None)
                    }
                    None => {
                        let written = labels.get(position).cloned().flatten();
                        let text = written.unwrap_or_else(|| expr.to_string().chars().take(LONGEST_LABEL).collect());
                        (unique(&text, false), Some(text))
                    }
                };
                if let Some(text) = text {
                    names.labels.insert(text.clone(), text);
                }
                *item = SelectItem::ExprWithAlias {
                    expr: expr.clone(),
                    alias: Ident::with_quote('"', name),
                };
            }
            SelectItem::ExprWithAlias { alias, .. } => {
                let folded = fold(&alias.value);
                names
                    .labels
                    .entry(folded.clone())
                    .or_insert_with(|| alias.value.clone());
                let name = unique(&folded, cast.contains(&folded));
                *alias = Ident::with_quote('"', name);
            }
            _ => {}
        }
    }
}

fn plain_column(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(parts) => parts.last(),
        Expr::Nested(inner) => plain_column(inner),
        _ => None,
    }
}

/// The column of `CAST(column AS …)`.
fn cast_column(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Cast { expr, .. } => cast_column(expr).or_else(|| plain_column(expr)),
        Expr::Nested(inner) => cast_column(inner),
        _ => None,
    }
}

struct Folding {
    names: Names,
    error: Option<Error>,
}

impl Folding {
    fn ident(&mut self, ident: &mut Ident) {
        // Expression labels are spelled as the user wrote them and match nothing else.
        let name = ident.value.split(REPEATED).next().unwrap_or_default();
        if self.names.labels.get(name).is_some_and(|label| label == name) {
            ident.quote_style = Some('"');
            return;
        }
        let folded = fold(&ident.value);
        if folded != ident.value {
            self.names
                .spelled
                .entry(folded.clone())
                .or_insert_with(|| ident.value.clone());
            ident.value = folded;
        }
        ident.quote_style = Some('"');
    }

    /// The place where a column gets its name: its spelling there is the label.
    fn given(&mut self, ident: &mut Ident) {
        self.names
            .given
            .entry(fold(&ident.value))
            .or_insert_with(|| ident.value.clone());
        self.ident(ident);
    }

    fn alias(&mut self, alias: Option<&mut TableAlias>) {
        if let Some(alias) = alias {
            self.ident(&mut alias.name);
            alias.columns.iter_mut().for_each(|column| self.given(&mut column.name));
        }
    }

    fn object(&mut self, name: &mut ObjectName) {
        for part in &mut name.0 {
            if let ObjectNamePart::Identifier(ident) = part {
                self.ident(ident);
            }
        }
    }

    fn joined(&mut self, operator: &mut JoinOperator) {
        use JoinOperator as J;
        let constraint = match operator {
            J::Join(c) | J::Inner(c) | J::Left(c) | J::LeftOuter(c) | J::Right(c) | J::RightOuter(c) => c,
            J::FullOuter(c) | J::CrossJoin(c) | J::Semi(c) | J::LeftSemi(c) | J::RightSemi(c) | J::Anti(c) => c,
            J::LeftAnti(c) | J::RightAnti(c) | J::StraightJoin(c) | J::AsOf { constraint: c, .. } => c,
            _ => return,
        };
        if let JoinConstraint::Using(columns) = constraint {
            columns.iter_mut().for_each(|column| self.object(column));
        }
    }

    fn function(&mut self, function: &mut Function) {
        if let Some(WindowType::NamedWindow(window)) = &mut function.over {
            self.ident(window);
        }
        if let FunctionArguments::List(list) = &mut function.args {
            for argument in &mut list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(table)) = argument {
                    self.object(table);
                }
            }
        }
    }
}

impl VisitorMut for Folding {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Err(error) = refuse_writing_bodies(&query.body) {
            self.error = Some(error);
            return ControlFlow::Break(());
        }
        for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.alias(Some(&mut cte.alias));
        }
        match *query.body {
            SetExpr::SetOperation { .. } => unqualify_order(query),
            SetExpr::Select(_) => order_by_place(query),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        for item in &mut select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => self.given(alias),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), _) => {
                    self.object(table);
                    unqualify(&mut table.0, |part| part.as_ident(), 1);
                }
                _ => {}
            }
        }
        for table in &mut select.from {
            table
                .joins
                .iter_mut()
                .for_each(|join| self.joined(&mut join.join_operator));
        }
        for window in &mut select.named_window {
            self.ident(&mut window.0);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &mut ObjectName) -> ControlFlow<()> {
        self.object(relation);
        unqualify(&mut relation.0, |part| part.as_ident(), 1);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { alias, with_hints, .. } => {
                // NOLOCK and the like: there is nothing to lock.
                with_hints.clear();
                self.alias(alias.as_mut());
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias,
            } => {
                table_with_joins
                    .joins
                    .iter_mut()
                    .for_each(|join| self.joined(&mut join.join_operator));
                self.alias(alias.as_mut());
            }
            TableFactor::Derived { alias, .. }
            | TableFactor::TableFunction { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::UNNEST { alias, .. } => self.alias(alias.as_mut()),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        // The planner looks table functions up by the name as it is printed.
        if let TableFactor::Table {
            name, args: Some(_), ..
        } = factor
        {
            for part in &mut name.0 {
                if let ObjectNamePart::Identifier(ident) = part {
                    ident.quote_style = None;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        match expr {
            Expr::Identifier(ident) => self.ident(ident),
            Expr::CompoundIdentifier(parts) => {
                parts.iter_mut().for_each(|part| self.ident(part));
                unqualify(parts, |part| Some(part), 2);
            }
            Expr::QualifiedWildcard(table, _) => self.object(table),
            Expr::Function(function) => self.function(function),
            Expr::Collate { expr: inner, collation } => {
                let exact = is_exact(&collation.to_string());
                let inner = std::mem::replace(&mut **inner, Expr::Value(sqlparser::ast::Value::Null.into()));
                *expr = if exact {
                    call(super::text::EXACT, inner)
                } else {
                    Expr::Nested(Box::new(inner))
                };
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// `COLLATE …_CS_AS` and `…_BIN` compare exactly.
fn is_exact(collation: &str) -> bool {
    let collation = collation.to_ascii_uppercase();
    collation.contains("_CS") || collation.contains("_BIN") || collation.trim_matches('"') == "BINARY"
}

fn call(function: &str, argument: Expr) -> Expr {
    use sqlparser::ast::{FunctionArgumentList, ObjectName};
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(function)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// A name in ORDER BY is that of an output, whatever column has it too: the planner may take the column.
fn order_by_place(query: &mut Query) {
    let (SetExpr::Select(select), Some(order_by)) = (query.body.as_ref(), query.order_by.as_mut()) else {
        return;
    };
    let OrderByKind::Expressions(keys) = &mut order_by.kind else {
        return;
    };
    let named = |item: &SelectItem| !matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    if !select.projection.iter().all(named) {
        return;
    }
    for key in keys {
        let Expr::Identifier(name) = &key.expr else { continue };
        let output = |item: &SelectItem| match item {
            SelectItem::ExprWithAlias { alias, .. } => {
                fold(alias.value.split(REPEATED).next().unwrap_or_default()) == fold(&name.value)
            }
            _ => false,
        };
        let Some(place) = select.projection.iter().position(output) else {
            continue;
        };
        key.expr = Expr::value(sqlparser::ast::Value::Number((place + 1).to_string(), false));
    }
}

/// ORDER BY of a UNION may name its columns as those of the first SELECT's tables (SQLAlchemy's foreign keys do): what it
/// sorts are the columns of the result, which have no table.
fn unqualify_order(query: &mut Query) {
    let Some(OrderByKind::Expressions(keys)) = query.order_by.as_mut().map(|order| &mut order.kind) else {
        return;
    };
    for key in keys {
        if let Expr::CompoundIdentifier(parts) = &mut key.expr
            && let Some(column) = parts.pop()
        {
            key.expr = Expr::Identifier(column);
        }
    }
}

/// Drops `Okta.dbo.` and `dbo.` (also `Okta..`) before the last `keep` parts: there is one catalog and one schema.
fn unqualify<P>(parts: &mut Vec<P>, name: impl Fn(&P) -> Option<&Ident>, keep: usize) {
    let is = |part: &P, expected: &str| name(part).is_some_and(|ident| ident.value.eq_ignore_ascii_case(expected));
    let qualifiers = parts.len().saturating_sub(keep);
    let ours = match qualifiers {
        1 => is(&parts[0], SCHEMA_NAME),
        2 => is(&parts[0], CATALOG_NAME) && (is(&parts[1], SCHEMA_NAME) || is(&parts[1], "")),
        _ => false,
    };
    if ours {
        parts.drain(..qualifiers);
    }
}

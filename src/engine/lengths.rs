//! How long computed text is declared to be: by the cast that cuts it, or by the literal that it is.

use std::collections::HashMap;

use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::rewrite;
use crate::catalog::field;
use crate::sql::types::MAX;

type Metadata = HashMap<String, String>;

/// The metadata of a column that shows `expr`; None where nothing declares a length.
pub fn declared(expr: &Expr) -> Option<Metadata> {
    match expr {
        Expr::Literal(value, _) => {
            let characters = value.try_as_str()??.chars().count().max(1);
            Some(sized(characters.try_into().ok()?))
        }
        // `CAST(x AS NVARCHAR(n))`, as src/sql/tsql.rs writes it; also the function itself.
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "left" => match length(args)? {
            MAX => Some(HashMap::from([(field::KIND.to_owned(), "long".to_owned())])),
            length => Some(sized(length)),
        },
        _ => None,
    }
}

/// Text that is declared to be longer than `MaxVarcharSize` is long text.
pub fn keep_within(max_varchar_size: u32, metadata: &mut Metadata) {
    if size(metadata).is_some_and(|size| size > max_varchar_size.into()) {
        metadata
            .entry(field::KIND.to_owned())
            .or_insert_with(|| "long".to_owned());
    }
}

/// The columns of a UNION: as long as the longest of its branches, where each declares one.
pub fn of_union(mut branches: impl Iterator<Item = Vec<Option<Metadata>>>) -> Vec<Option<Metadata>> {
    let first = branches
        .next()
        .unwrap_or_default()
        .into_iter()
        .map(length_alone)
        .collect();
    branches.fold(first, |all: Vec<_>, branch| {
        let pairs = all.into_iter().zip(branch);
        pairs.map(|(one, other)| longer(one?, length_alone(other)?)).collect()
    })
}

/// Without `left(x, 2147483647)`, which cuts nothing: comparisons under it can be asked of Okta.
pub fn uncut(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        rewrite::expressions(node, |expr| {
            expr.transform_up(|expr| match expr {
                Expr::ScalarFunction(ScalarFunction { func, mut args })
                    if func.name() == "left" && length(&args) == Some(MAX) =>
                {
                    Ok(Transformed::yes(args.swap_remove(0)))
                }
                other => Ok(Transformed::no(other)),
            })
        })
    })?;
    Ok(plan.data)
}

fn length(args: &[Expr]) -> Option<u64> {
    match args {
        [_, Expr::Literal(length, _)] => u64::try_from(i64::try_from(length.clone()).ok()?).ok(),
        _ => None,
    }
}

fn size(metadata: &Metadata) -> Option<u64> {
    metadata.get(field::SIZE)?.parse().ok()
}

fn sized(characters: u64) -> Metadata {
    HashMap::from([(field::SIZE.to_owned(), characters.to_string())])
}

/// What a column of a catalog's table says of itself is not true of a union with another.
fn length_alone(base: Option<Metadata>) -> Option<Metadata> {
    let kept: Metadata = base?
        .into_iter()
        .filter(|(key, _)| [field::SIZE, field::KIND].contains(&key.as_str()))
        .collect();
    (!kept.is_empty()).then_some(kept)
}

fn longer(one: Metadata, other: Metadata) -> Option<Metadata> {
    let kind = |metadata: &Metadata| metadata.get(field::KIND).cloned();
    let kind = match (kind(&one), kind(&other)) {
        (None, None) => None,
        (one, other) if one == other => one,
        _ => Some("long".to_owned()),
    };
    let mut longer = match (size(&one), size(&other)) {
        (Some(one), Some(other)) => sized(one.max(other)),
        // Long text of no declared length is as long as such text is.
        _ => Metadata::new(),
    };
    longer.extend(kind.map(|kind| (field::KIND.to_owned(), kind)));
    (!longer.is_empty()).then_some(longer)
}

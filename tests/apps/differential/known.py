"""The differences that are left, each with its reason and a reference; at most twenty.

Each is told by the question's tree and by what is wrong, never by the answer alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .tree import Column, Expr, Literal, Order, Query, Select, Window, walk

MEMBERSHIP = ("in query", "not in query", "= any", "< all", ">= all", "<> all")
AGGREGATES = ("count all", "count", "count distinct", "sum", "sum distinct", "sum double", "avg", "min", "max", "join texts",
              "filtered count", "filtered max")  # fmt: skip
DISTINCT_FROM = ("is distinct from", "is not distinct from")


@dataclass(frozen=True)
class Known:
    name: str
    reason: str
    reference: str
    # Of the question and of what is wrong with its answer.
    explains: Callable[[Query, str], bool]


def refused(wrong, *words):
    """The driver answers with an error that says one of these."""
    return wrong.startswith("the driver says ") and any(word in wrong for word in words)


def rows(wrong):
    """The driver answers, and otherwise."""
    return not wrong.startswith("the driver says ")


UNSUPPORTED = "This form of SQL is not supported"
CORRELATED = "This form of correlated sub-query"


def exprs(node, *ops):
    """The expressions of these kinds in a node, itself included."""
    return [inner for inner in walk(node) if isinstance(inner, Expr) and (not ops or inner.op in ops)]


def distinct_from_in_a_chain(query):
    return any(exprs(chain, *DISTINCT_FROM) for chain in exprs(query, "and", "or"))


def conjuncts(condition):
    if condition is not None and condition.op == "and":
        return [part for arg in condition.args for part in conjuncts(arg)]
    return [] if condition is None else [condition]


def membership_inside(query):
    """IN with a sub-query (or ANY, ALL) that is not a condition of WHERE by itself, nor NOT of one."""
    alone = set()
    for select in walk(query):
        if isinstance(select, Select):
            for part in conjuncts(select.where):
                alone.add(id(part.args[0] if part.op == "not" else part))
    return any(id(expr) not in alone for expr in exprs(query, *MEMBERSHIP))


def outer_columns(inner):
    """Does a sub-query read columns of the query around it?"""
    given = {node.alias for node in walk(inner) if hasattr(node, "alias") and not isinstance(node, Column)}
    return any(isinstance(node, Column) and node.alias and node.alias not in given for node in walk(inner))


def correlated_membership(query):
    return any(outer_columns(expr.args[1]) for expr in exprs(query, *MEMBERSHIP))


def row_as_value(query):
    """A sub-query for one value that is not an aggregate."""
    return any(expr.args[0].body.items[0].expr.op not in AGGREGATES for expr in exprs(query, "scalar"))


def grouping_sets(query):
    return any(isinstance(node, Select) and node.sets and any(e.op != "column" for e in node.group) for node in walk(query))


def nulls_of_a_window(query):
    windows = (node for node in walk(query) if isinstance(node, Window))
    return any(order.nulls for window in windows for order in window.order if isinstance(order, Order))


def casts_of_one_value(query):
    return bool(exprs(query, "cast date", "cast double", "cast text", "avg", "cast bigint", "cast int", "sum double", "sum"))


def national(query):
    return any(isinstance(node, Literal) and node.style == "national" for node in walk(query))


DIFFERENCES = (
    Known(
        "IS DISTINCT FROM takes all that follows",
        "sqlparser reads `a IS DISTINCT FROM b AND c` as `a IS DISTINCT FROM (b AND c)`",
        "sqlparser 0.62, parser/mod.rs: parse_infix, Keyword::IS, parse_expr()",
        lambda query, wrong: distinct_from_in_a_chain(query),
    ),
    Known(
        "IN inside a condition is never unknown",
        "DataFusion plans it as a mark join, whose mark is false where IN is unknown",
        "datafusion 55, decorrelate_predicate_subquery.rs: mark_join",
        lambda query, wrong: rows(wrong) and membership_inside(query),
    ),
    Known(
        "IN inside a condition, folded",
        "the text rule folds the value, and the mark join finds no plan for it",
        "src/engine/text.rs: in_subquery",
        lambda query, wrong: refused(wrong, CORRELATED) and membership_inside(query),
    ),
    Known(
        "IN outside conditions",
        "DataFusion has no plan for IN (SELECT …) in CASE or in the select list",
        "datafusion 55, decorrelate_predicate_subquery.rs handles Filter only",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and membership_inside(query),
    ),
    Known(
        "NOT IN that reads the row outside",
        "DataFusion has no null-aware anti join with a filter",
        "datafusion 55, decorrelate_predicate_subquery.rs",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and correlated_membership(query),
    ),
    Known(
        "= ANY does not fold",
        "the text rule knows IN, not = ANY and its like",
        "src/engine/text.rs: comparison",
        lambda query, wrong: rows(wrong) and bool(exprs(query, "= any", "< all", ">= all", "<> all")),
    ),
    Known(
        "a row by its key as a value",
        "DataFusion takes correlated scalar sub-queries with an aggregate only",
        "datafusion 55, analyzer: Correlated scalar subquery must be aggregated to return at most one row",
        lambda query, wrong: refused(wrong, CORRELATED) and row_as_value(query),
    ),
    Known(
        "ROLLUP and CUBE of expressions",
        "DataFusion does not find the expression in the select list again; sqlparser takes (a || b) for a list",
        "datafusion 55, sql/src/select.rs",
        lambda query, wrong: refused(wrong, "42S22", "Syntax error") and grouping_sets(query),
    ),
    Known(
        "NULLS FIRST or LAST over a sorted scan",
        "the scan claims one place of NULLs in a column that has none, and the window asks for the other",
        "src/engine/scan.rs: equivalences",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and nulls_of_a_window(query),
    ),
    Known(
        "two expressions of one name",
        "DataFusion names a cast as what it casts",
        "src/engine/failure.rs: Two columns have the same name",
        lambda query, wrong: refused(wrong, "Two columns") and casts_of_one_value(query),
    ),
    Known(
        "sums of whole numbers wrap",
        "DataFusion's SUM of BIGINT has no check",
        "src/engine/arithmetic.rs covers + - * only",
        lambda query, wrong: "DuckDB refuses" in wrong and bool(exprs(query, "sum", "sum distinct")),
    ),
    Known(
        "negation wraps",
        "DataFusion's minus has no check",
        "src/engine/arithmetic.rs covers + - * only",
        lambda query, wrong: "DuckDB refuses" in wrong and bool(exprs(query, "negative")),
    ),
    Known(
        "BIT = 1",
        "not there yet",
        "issue 3: T-SQL",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and bool(exprs(query, "is one", "is zero")),
    ),
    Known(
        "N'…'",
        "not there yet",
        "issue 3: T-SQL",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and national(query),
    ),
)


def known(query, outcome):
    """The entry that explains a difference, if one does."""
    return next((entry for entry in DIFFERENCES if entry.explains(query, outcome.wrong)), None)

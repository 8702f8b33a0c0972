"""The differences that are left, each with its reason and a reference; at most twenty.

Each is told by the question's tree and by what is wrong, never by the answer alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .tree import Column, Derived, Expr, Order, Query, Select, SetOperation, Window, walk

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
    # A statement that shows it, and what DuckDB is asked, where that is another text.
    example: str
    duck: str | None = None


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
    return any(
        isinstance(node, Select) and node.sets and any(e.op != "column" for e in node.group) for node in walk(query)
    )


def nulls_of_a_window(query):
    windows = (node for node in walk(query) if isinstance(node, Window))
    return any(order.nulls for window in windows for order in window.order if isinstance(order, Order))


def casts_of_one_value(query):
    return bool(
        exprs(query, "cast date", "cast double", "cast text", "avg", "cast bigint", "cast int", "sum double", "sum")
    )


def unions(query):
    return any(isinstance(node, SetOperation) and node.op.startswith("UNION") for node in walk(query))


def sets_of_all(query):
    return any(isinstance(node, SetOperation) and node.op in ("EXCEPT ALL", "INTERSECT ALL") for node in walk(query))


def one_row_filtered(query):
    """An aggregate of all rows with HAVING, or inside a query that has a condition."""
    inside = [node.query for node in walk(query) if isinstance(node, Derived)]
    inside += [inner for node in walk(query) if isinstance(node, Query) for _, _, inner in node.ctes]
    filtered = [select for node in inside for select in walk(node) if isinstance(select, Select)]
    filtered += [node for node in walk(query) if isinstance(node, Select) and node.having is not None]
    return any(not node.group and any(exprs(item, *AGGREGATES) for item in node.items) for node in filtered)


DATAFUSION = "https://github.com/apache/datafusion/"

DIFFERENCES = (
    Known(
        "IS DISTINCT FROM takes all that follows",
        "sqlparser reads `a IS DISTINCT FROM b AND c` as `a IS DISTINCT FROM (b AND c)`",
        "https://github.com/apache/datafusion-sqlparser-rs/pull/2436, after 0.62",
        lambda query, wrong: distinct_from_in_a_chain(query),
        "SELECT COUNT(*) FROM Users WHERE ProfileBadgeActive IS DISTINCT FROM TRUE AND Status = 'ACTIVE'",
    ),
    Known(
        "IN inside a condition is never unknown",
        "DataFusion plans it as a mark join, whose mark is false where IN is unknown",
        DATAFUSION + "issues/21309, issues/25347",
        lambda query, wrong: rows(wrong) and (membership_inside(query) or correlated_membership(query)),
        "SELECT COUNT(*) FROM Users WHERE Status = 'x' OR Id NOT IN (SELECT ProfileHonorificPrefix FROM Users)",
    ),
    Known(
        "IN inside a condition, folded",
        "the text rule folds a renamed column of the sub-query, and the mark join finds no plan for it",
        "src/engine/text.rs: in_subquery",
        lambda query, wrong: refused(wrong, CORRELATED) and membership_inside(query),
        "SELECT COUNT(*) FROM Users WHERE Status = 'STAGED' OR ProfileCity IN (SELECT ProfileState AS s FROM Users)",
    ),
    Known(
        "sub-queries outside conditions",
        "DataFusion has no plan for IN (SELECT …) and correlated EXISTS in CASE or in the select list",
        "datafusion-optimizer 55.2, decorrelate_predicate_subquery.rs: Filter only; " + DATAFUSION + "pull/25338",
        lambda query, wrong: (
            refused(wrong, UNSUPPORTED) and (membership_inside(query) or bool(exprs(query, "exists", "not exists")))
        ),
        "SELECT COUNT(CASE WHEN Id IN (SELECT UserId FROM UserFactors) THEN 1 END) FROM Users",
    ),
    Known(
        "NOT IN that reads the row outside",
        "DataFusion's null-aware anti join takes no further condition",
        DATAFUSION + "issues/25347",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and correlated_membership(query),
        "SELECT COUNT(*) FROM Users u WHERE Id NOT IN (SELECT UserId FROM GroupMembers m WHERE m.ProfileCity = u.ProfileCity)",
    ),
    Known(
        "= ANY and its like do not fold",
        "the text rule knows IN, not = ANY",
        "src/engine/text.rs: comparison",
        lambda query, wrong: rows(wrong) and bool(exprs(query, "= any", "< all", ">= all", "<> all")),
        "SELECT COUNT(*) FROM UserTypes WHERE Name = ANY (SELECT ProfileUserType FROM Users)",
        "SELECT COUNT(*) FROM UserTypes WHERE lower(Name) = ANY (SELECT lower(ProfileUserType) FROM Users)",
    ),
    Known(
        "a row by its key as a value",
        "DataFusion takes correlated sub-queries for one value with an aggregate only",
        "datafusion-expr 55.2, logical_plan/invariants.rs: must be aggregated to return at most one row",
        lambda query, wrong: refused(wrong, CORRELATED) and row_as_value(query),
        "SELECT (SELECT t.Name FROM UserTypes t WHERE t.Id = u.TypeId) FROM Users u",
    ),
    Known(
        "ROLLUP and CUBE of expressions",
        "what the driver rewrites inside ROLLUP loses its name; sqlparser takes (a || b) for a list",
        "src/engine/text.rs and arithmetic.rs: NamePreserver; sqlparser 0.62, parser/mod.rs: parse_tuple",
        lambda query, wrong: refused(wrong, "42S22", "Syntax error") and grouping_sets(query),
        "SELECT ProfileSeatNumber + 1, COUNT(*) FROM Users GROUP BY ROLLUP(ProfileSeatNumber + 1)",
    ),
    Known(
        "NULLS FIRST or LAST over a sorted scan",
        "the scan claims one place of NULLs in a column that has none, and the window asks for the other",
        "src/engine/scan.rs: nulls_first of the ordering",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and nulls_of_a_window(query),
        "SELECT RANK() OVER (ORDER BY Created NULLS LAST) FROM Groups",
    ),
    Known(
        "two expressions of one name",
        "DataFusion names a cast as what it casts",
        "src/engine/failure.rs: Two columns have the same name",
        lambda query, wrong: refused(wrong, "Two columns") and casts_of_one_value(query),
        "SELECT Created, CAST(Created AS DATE), COUNT(*) FROM Users GROUP BY Created, CAST(Created AS DATE)",
    ),
    Known(
        "sums of whole numbers wrap",
        "DataFusion's SUM of BIGINT has no check",
        "src/engine/arithmetic.rs covers + - * only",
        lambda query, wrong: "DuckDB refuses" in wrong and bool(exprs(query, "sum", "sum distinct")),
        "SELECT SUM(x) FROM (VALUES (9223372036854775807), (1)) AS v (x)",
        "SELECT CAST(SUM(x) AS BIGINT) FROM (VALUES (9223372036854775807), (1)) AS v (x)",
    ),
    Known(
        "negation wraps",
        "DataFusion's minus has no check",
        "src/engine/arithmetic.rs covers + - * only",
        lambda query, wrong: "DuckDB refuses" in wrong and bool(exprs(query, "negative")),
        "SELECT - x FROM (VALUES (-9223372036854775807 - 1)) AS v (x)",
    ),
    Known(
        "a condition without columns sinks under an aggregate",
        "DataFusion pushes it below COUNT(*), which makes a row of nothing: HAVING NULL = 1, WHERE EXISTS (…)",
        "datafusion-optimizer 55.2, push_down_filter.rs: LogicalPlan::Aggregate; the fault that SPARK-22983 was",
        lambda query, wrong: rows(wrong) and one_row_filtered(query),
        "SELECT COUNT(*) FROM Apps HAVING EXISTS (SELECT 1 FROM Groups WHERE Id = 'x')",
    ),
    Known(
        "several orders of STRING_AGG",
        "DataFusion sorts the input of ordered aggregates once",
        "src/engine/failure.rs: This form of SQL is not supported",
        lambda query, wrong: (
            refused(wrong, UNSUPPORTED) and len({expr.args for expr in exprs(query, "join texts")}) > 1
        ),
        "SELECT STRING_AGG(Label, ',' ORDER BY Label), STRING_AGG(Id, ',' ORDER BY Id) FROM Apps",
    ),
    Known(
        "unread columns under UNION",
        "the physical schema of a pruned UNION is not the logical one, and DataFusion checks that under aggregates",
        "datafusion 55.2, physical_planner.rs: skip_physical_aggregate_schema_check",
        lambda query, wrong: refused(wrong, "Internal error") and unions(query),
        "SELECT 2 FROM (SELECT Status c0, Created c1 FROM Users UNION ALL SELECT Type, Created FROM Groups) d GROUP BY c0",
    ),
    Known(
        "EXCEPT ALL and INTERSECT ALL do not count",
        "DataFusion takes away, or keeps, every copy of a row",
        DATAFUSION + "issues/12956, issues/12955",
        lambda query, wrong: rows(wrong) and sets_of_all(query),
        "SELECT UserId FROM UserFactors EXCEPT ALL SELECT Id FROM Users",
    ),
    Known(
        "a group's windowsDomainQualifiedName",
        "the catalog sends it in `search`, okta-sim does not know it",
        "src/catalog/tables/groups.toml, tests/okta-sim",
        lambda query, wrong: refused(wrong, "windowsDomainQualifiedName"),
        "SELECT COUNT(*) FROM Groups WHERE ProfileWindowsDomainQualifiedName LIKE 'x%'",
    ),
)


def known(query, outcome):
    """The entry that explains a difference, if one does."""
    return next((entry for entry in DIFFERENCES if entry.explains(query, outcome.wrong)), None)

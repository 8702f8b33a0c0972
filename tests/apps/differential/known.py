"""The differences that are left, each with its reason and a reference; at most twenty.

Each is told by the question's tree and by what is wrong, never by the answer alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .tree import Column, Expr, Query, Select, SetOperation, walk

MEMBERSHIP = ("in query", "not in query", "= any", "< all", ">= all", "<> all")


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


UNSUPPORTED = "This form of SQL is not supported"
CORRELATED = "This form of correlated sub-query"


def exprs(node, *ops):
    """The expressions of these kinds in a node, itself included."""
    return [inner for inner in walk(node) if isinstance(inner, Expr) and (not ops or inner.op in ops)]


def outer_columns(inner):
    """Does a sub-query read columns of the query around it?"""
    given = {node.alias for node in walk(inner) if hasattr(node, "alias") and not isinstance(node, Column)}
    return any(isinstance(node, Column) and node.alias and node.alias not in given for node in walk(inner))


def correlated_membership(query):
    return any(outer_columns(expr.args[1]) for expr in exprs(query, *MEMBERSHIP))


def grouping_sets(query):
    return any(
        isinstance(node, Select) and node.sets and any(e.op != "column" for e in node.group) for node in walk(query)
    )


def casts_of_one_value(query):
    casts = ("cast date", "cast double", "cast text", "cast bigint", "cast int")
    converts = ("convert date", "convert bigint", "convert text")
    return bool(exprs(query, *casts, *converts, "avg", "sum double", "sum"))


def sets_of_all(query):
    return any(isinstance(node, SetOperation) and node.op in ("EXCEPT ALL", "INTERSECT ALL") for node in walk(query))


DATAFUSION = "https://github.com/apache/datafusion/"

DIFFERENCES = (
    Known(
        "correlated IN inside a condition, folded",
        "DataFusion's mark join finds no plan for an expression over a sub-query that reads the row outside",
        "src/engine/text.rs: among",
        lambda query, wrong: refused(wrong, CORRELATED) and correlated_membership(query),
        "SELECT COUNT(*) FROM Groups g WHERE Type = 'x' OR ProfileName IN "
        "(SELECT t.ProfileDescription AS d FROM Groups t WHERE t.UsersCount = g.AppsCount)",
    ),
    Known(
        "NOT IN that reads the row outside",
        "DataFusion's null-aware anti join takes no further condition",
        DATAFUSION + "issues/25347",
        lambda query, wrong: refused(wrong, UNSUPPORTED) and correlated_membership(query),
        "SELECT COUNT(*) FROM Users u WHERE Id NOT IN (SELECT UserId FROM GroupMembers m WHERE m.ProfileCity = u.ProfileCity)",
    ),
    Known(
        "ROLLUP and CUBE of parentheses",
        "sqlparser takes (a || b) for a list",
        "sqlparser 0.62, parser/mod.rs: parse_tuple",
        lambda query, wrong: refused(wrong, "Syntax error") and grouping_sets(query),
        "SELECT COUNT(*) FROM Users GROUP BY CUBE((ProfileCity || 'a') || 'b')",
    ),
    Known(
        "two expressions of one name",
        "DataFusion names a cast as what it casts",
        "src/engine/failure.rs: Two columns have the same name",
        lambda query, wrong: refused(wrong, "Two columns") and casts_of_one_value(query),
        "SELECT Created, CAST(Created AS DATE), COUNT(*) FROM Users GROUP BY Created, CAST(Created AS DATE)",
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
        "EXCEPT ALL and INTERSECT ALL are refused",
        "as in SQL Server; DataFusion takes away, or keeps, every copy of a row",
        DATAFUSION + "issues/12956, issues/12955",
        lambda query, wrong: refused(wrong, "ALL is not supported") and sets_of_all(query),
        "SELECT UserId FROM UserFactors EXCEPT ALL SELECT Id FROM Users",
    ),
)


def known(query, outcome):
    """The entry that explains a difference, if one does."""
    return next((entry for entry in DIFFERENCES if entry.explains(query, outcome.wrong)), None)

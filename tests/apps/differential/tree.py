"""The nodes of a query tree, which is written as SQL twice: for the driver and for DuckDB."""

import dataclasses
from dataclasses import dataclass

# What an expression says about comparisons it takes part in (decision 14).
PLAIN, TEXT, EXACT = "plain", "text", "exact"


@dataclass(frozen=True)
class Expr:
    """An expression: `op` is a row of operators.OPERATORS or one of the forms that render.py writes itself."""

    op: str
    type: str
    args: tuple = ()
    data: object = None


@dataclass(frozen=True)
class Column:
    """What a column expression names; `origin` is (table, column) where its values are a table's own."""

    alias: str
    name: str
    folds: bool
    origin: tuple | None = None


@dataclass(frozen=True)
class Literal:
    """A value and how the driver's statement spells it: `plain`, `parameter`, or a spelling of instants."""

    value: object
    style: str = "plain"


@dataclass(frozen=True)
class Order:
    expr: Expr
    descending: bool = False
    # None, "FIRST" or "LAST": what the statement says; None means that NULLs sort low.
    nulls: str | None = None


@dataclass(frozen=True)
class Window:
    partition: tuple = ()
    order: tuple = ()
    frame: str = ""


@dataclass(frozen=True)
class Item:
    expr: Expr
    alias: str


@dataclass(frozen=True)
class Table:
    name: str
    alias: str


@dataclass(frozen=True)
class Derived:
    query: "Query"
    alias: str


@dataclass(frozen=True)
class Named:
    """A common table expression by its name; `query` is the same object as in Query.ctes."""

    name: str
    alias: str


@dataclass(frozen=True)
class Values:
    rows: tuple
    alias: str
    columns: tuple


@dataclass(frozen=True)
class Join:
    kind: str
    left: object
    right: object
    # None for CROSS JOIN; a tuple of names for USING.
    on: object = None


@dataclass(frozen=True)
class Select:
    items: tuple
    source: object = None
    where: Expr | None = None
    group: tuple = ()
    # "", "ROLLUP" or "CUBE"
    sets: str = ""
    having: Expr | None = None
    distinct: bool = False


@dataclass(frozen=True)
class SetOperation:
    op: str
    left: object
    right: object


@dataclass(frozen=True)
class Query:
    body: object
    ctes: tuple = ()
    order: tuple = ()
    limit: int | None = None
    offset: int | None = None
    # How rows are limited: "LIMIT", "FETCH", "TOP", or "PARAMETER" for LIMIT ?.
    style: str = "LIMIT"
    recursive: bool = False


def items_of(body):
    """The result columns of a query: those of its first SELECT."""
    while not isinstance(body, Select):
        body = body.body if isinstance(body, Query) else body.left
    return body.items


def rules_of(body):
    """The rule of each result column. Sets of both sides take part in UNION; the others show rows of the left."""
    match body:
        case Query():
            return rules_of(body.body)
        case SetOperation():
            pairs = zip(rules_of(body.left), rules_of(body.right))
            return [combined(pair) for pair in pairs]
        case _:
            return [rule(item.expr) for item in body.items]


def combined(rules):
    rules = set(rules)
    return EXACT if EXACT in rules else TEXT if TEXT in rules else PLAIN


def rule(expr):
    """Does it make a comparison fold case? It travels with text; a literal alone never decides."""
    if expr.type != "text":
        return PLAIN
    match expr.op:
        case "column":
            return TEXT if expr.data.folds else PLAIN
        case "literal":
            return PLAIN
        case "exact":
            return EXACT
        case "scalar":
            return rules_of(expr.args[0])[0]
        case "case":
            return combined(rule(arg) for arg in expr.args[1::2] + expr.args[2 * (len(expr.args) // 2) :])
        case "case of":
            return combined(rule(arg) for arg in expr.args[2::2] + expr.args[-1:])
    return combined(rule(arg) for arg in expr.args if isinstance(arg, Expr))


def is_total(query):
    """Does ORDER BY leave no two different rows in any order?"""
    ordered = {order.expr.data[1] for order in query.order if order.expr.op in ("result", "ordinal")}
    return all(item.alias in ordered for item in items_of(query))


def walk(node):
    """The node and everything in it."""
    yield node
    if isinstance(node, tuple):
        inside = node
    elif dataclasses.is_dataclass(node):
        inside = [getattr(node, field.name) for field in dataclasses.fields(node)]
    else:
        inside = []
    for inner in inside:
        yield from walk(inner)

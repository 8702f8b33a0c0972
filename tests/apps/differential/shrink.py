"""The smallest question that is still answered differently, found by leaving things out and by putting less in their place."""

import dataclasses

from .tree import Derived, Expr, Item, Join, Literal, Query, Select, SetOperation, Window, is_total, walk

# What may be left out altogether, by node.
OPTIONAL = {Select: ("where", "having", "source"), Query: ("limit", "offset")}
LISTS = {Query: ("ctes", "order"), Select: ("items", "group"), Window: ("partition",)}
FLAGS = {Select: ("distinct", "sets")}
LEAST = {(Select, "items"): 1}


def smallest(query, differs, attempts=2500):
    """`differs(query)` says whether a question still shows what is looked for."""
    tried = 0
    shrunk = True
    while shrunk:
        shrunk = False
        for candidate in candidates(query):
            tried += 1
            if tried > attempts:
                return query
            if certain(candidate) and differs(candidate):
                query, shrunk = candidate, True
                break
    return query


def certain(query):
    """Inner rows must not depend on which rows LIMIT happens to take."""
    inner = (node for node in walk(query) if isinstance(node, Query) and node is not query)
    return all(node.limit is None and node.offset is None or is_total(node) for node in inner)


def shape(node):
    """What a question is made of, without names and values: two of one shape show the same fault."""
    parts = set()
    for inner in walk(node):
        match inner:
            case Expr(op="literal"):
                parts.add(f"{inner.type} {inner.data.style}")
            case Expr():
                parts.add(inner.op if inner.op != "column" else f"{inner.type} column")
            case Join():
                parts.add(f"{inner.kind} join")
            case SetOperation():
                parts.add(inner.op)
            case Select(distinct=True):
                parts.add("distinct")
            case Query():
                parts |= {name for name in ("limit", "offset") if getattr(inner, name) is not None}
    return frozenset(parts)


def size(node):
    return sum(1 for _ in walk(node))


def candidates(node):
    """The node with one thing less; the largest cuts come first."""
    found = [other for other in smaller(node) if other != node]
    found.sort(key=size)
    yield from found


def smaller(node):
    match node:
        case Query(body=Query() as inner):
            yield inner
        case Query(body=SetOperation(left=left, right=right)):
            for side in (left, right):
                yield dataclasses.replace(node, body=side)
        case SetOperation(left=left, right=right):
            yield from (left, right)
        case Join(left=left, right=right):
            yield from (left, right)
        case Derived():
            pass
        case Expr():
            yield from simpler(node)
    kind = type(node)
    for name in OPTIONAL.get(kind, ()):
        if getattr(node, name) is not None:
            yield dataclasses.replace(node, **{name: None})
    for name in FLAGS.get(kind, ()):
        if getattr(node, name):
            yield dataclasses.replace(node, **{name: type(getattr(node, name))()})
    for name in LISTS.get(kind, ()):
        values = getattr(node, name)
        if len(values) > LEAST.get((kind, name), 0):
            for at in range(len(values)):
                yield dataclasses.replace(node, **{name: values[:at] + values[at + 1 :]})
    yield from inside(node)


def inside(node):
    """The node with one of its parts made smaller."""
    if not dataclasses.is_dataclass(node) or isinstance(node, (Literal, Window)):
        return
    if isinstance(node, Expr) and node.op in ("is one", "is zero"):
        # They ask about a column.
        return
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(node, Expr) and field.name == "data":
            continue
        if isinstance(value, tuple):
            for at, part in enumerate(value):
                for less in part_smaller(part):
                    yield dataclasses.replace(node, **{field.name: value[:at] + (less,) + value[at + 1 :]})
        elif dataclasses.is_dataclass(value):
            for less in smaller(value):
                yield dataclasses.replace(node, **{field.name: less})


def part_smaller(part):
    if isinstance(part, Item):
        for less in smaller(part.expr):
            yield Item(less, part.alias)
    elif isinstance(part, tuple):
        for at, inner in enumerate(part):
            for less in part_smaller(inner):
                yield part[:at] + (less,) + part[at + 1 :]
    elif dataclasses.is_dataclass(part):
        yield from smaller(part)


def simpler(expr):
    """An expression of the same type that stands inside it, fewer operands, or a literal."""
    for inner in expr.args:
        if isinstance(inner, Expr) and inner.type == expr.type and inner.op != "null":
            yield inner
    if expr.op in ("and", "or", "in", "not in", "coalesce") and len(expr.args) > 2:
        start = 1 if expr.op in ("in", "not in") else 0
        for at in range(start, len(expr.args)):
            yield dataclasses.replace(expr, args=expr.args[:at] + expr.args[at + 1 :])
    if expr.op == "literal" and expr.data.style not in ("plain", "bare"):
        yield dataclasses.replace(expr, data=Literal(expr.data.value))
    if expr.type == "bool" and expr.op not in ("literal", "column"):
        yield Expr("literal", "bool", (), Literal(True))

"""Random queries over the org's tables: groups, windows, sets, sub-queries, common table expressions, and rows in order."""

import random

from .expressions import literal
from .sources import JOINS, Sources
from .tree import Column, Expr, Item, Join, Literal, Named, Order, Query, Select, SetOperation, Values, Window, items_of

KINDS = {
    "plain": 16,
    "join_query": 20,
    "group": 18,
    "window": 13,
    "set": 11,
    "inner": 12,
    "named": 7,
    "edge": 5,
    "recursive": 2,
}


def generate(seed, number, truth):
    """Question `number` of a seed; it depends on nothing else but the org."""
    return Queries(random.Random(f"{seed}:{number}"), truth).question()


class Queries(Sources):
    def __init__(self, choice, truth):
        super().__init__(choice, truth)
        self.deep = 0
        self.subqueries = self.subquery_condition

    def question(self):
        kind = self.choice.choices(list(KINDS), KINDS.values())[0]
        body = getattr(self, kind)()
        return body if isinstance(body, Query) and body.recursive else self.ordered(body)

    # Queries

    def plain(self):
        source, scope, _ = self.source()
        where = self.condition(scope) if self.chance(0.85) else None
        distinct = self.chance(0.2)
        return Select(self.items(scope), source, where, distinct=distinct)

    def join_query(self):
        source, scope, _ = self.joined()
        where = self.condition(scope) if self.chance(0.5) else None
        return Select(self.items(scope), source, where, distinct=self.chance(0.15))

    def items(self, scope, most=4):
        chosen = []
        for _ in range(self.choice.randint(1, most)):
            kind = self.pick("text", "text", "int", "double", "timestamp", "date", "bool")
            chosen.append(self.column(scope) if self.chance(0.6) else self.of(kind, scope))
        chosen = [expr for expr in chosen if expr is not None] or [literal(1, "int")]
        return self.named_items(chosen)

    def named_items(self, exprs):
        return tuple(Item(expr, f"c{number}") for number, expr in enumerate(exprs))

    def group(self):
        source, scope, _ = self.joined() if self.chance(0.4) else self.source()
        where = self.condition(scope, 1) if self.chance(0.5) else None
        group = []
        # What is grouped by has no sub-queries: it stands in two places, and DuckDB takes two for different ones.
        self.deep += 1
        if self.chance(0.85):
            for _ in range(self.pick(1, 1, 2, 3)):
                expr = self.column(scope) if self.chance(0.75) else self.of(self.pick("text", "int", "date"), scope)
                if expr is not None and expr.op != "literal" and expr not in group and reads(expr):
                    group.append(inlined(expr))
        self.deep -= 1
        aggregates = [self.aggregate(scope) for _ in range(self.pick(1, 2, 3))]
        having = None
        if self.chance(0.4):
            having = self.having(group, scope)
        sets = self.pick("ROLLUP", "CUBE") if len(group) > 1 and self.chance(0.15) else ""
        shown = [expr for expr in group if self.chance(0.9)]
        return Select(self.named_items(shown + aggregates), source, where, tuple(group), sets, having)

    def having(self, group, scope):
        value = self.aggregate(scope)
        condition = Expr(self.comparison(), "bool", (value, self.value(value, False)))
        if value.type == "bool":
            condition = Expr("is not null", "bool", (value,))
        if group and self.chance(0.3):
            return Expr(self.pick("and", "or"), "bool", (condition, self.simple(group, 0)))
        if self.chance(0.15):
            # One condition that does not depend on the row.
            apart = self.constant() if self.chance(0.5) else self.apart()
            return Expr(self.pick("and", "or"), "bool", (condition, apart)) if self.chance(0.7) else apart
        return condition

    def apart(self):
        """A sub-query that reads nothing of the query around it."""
        source, scope, _ = self.table()
        query = Query(Select(self.named_items([literal(1, "int")]), source, self.simple(scope, 0)))
        return Expr(self.pick("exists", "not exists"), "bool", (query,))

    def aggregate(self, scope, depth=1):
        match self.choice.randrange(10):
            case 0 | 1:
                return Expr("count all", "int")
            case 2 | 3:
                some = self.choice.choice(scope)
                distinct = some.type != "json" and self.chance(0.5)
                return Expr("count distinct" if distinct else "count", "int", (some,))
            case 4:
                return Expr(self.pick("sum", "sum", "sum distinct"), "int", (self.of("int", scope, depth),))
            case 5:
                kind = self.pick("double", "int")
                return Expr("avg", "double", (self.of(kind, scope, depth),))
            case 6:
                return Expr("sum double", "double", (self.of("double", scope, depth),))
            case 7:
                name = self.pick("filtered count", "filtered max")
                some = self.column(scope, "text") or self.column(scope, "int")
                if some is not None:
                    kind = "int" if name == "filtered count" else some.type
                    return Expr(name, kind, (some, self.simple(scope, 0)))
            case 8 if self.chance(0.5):
                some = self.column(scope, "text")
                if some is not None:
                    return Expr("join texts", "text", (some,))
        kind = self.pick("text", "timestamp", "timestamp", "int", "date", "double")
        return Expr(self.pick("min", "max"), kind, (self.of(kind, scope, depth),))

    def window(self):
        source, scope, key = self.joined() if self.chance(0.3) else self.source()
        where = self.condition(scope, 1) if self.chance(0.4) else None
        shown = list(key or []) + [expr for expr in [self.column(scope)] if expr is not None]
        windows = [self.windowed(scope, key) for _ in range(self.pick(1, 2))]
        return Select(self.named_items(shown + windows), source, where)

    def windowed(self, scope, key):
        partition = tuple(expr for expr in [self.column(scope)] if expr is not None and self.chance(0.6))
        on = self.column(scope)
        order = [Order(on, self.chance(0.4), self.pick(None, None, "FIRST", "LAST"))] if on is not None else []
        if key is not None and order and self.chance(0.6):
            # With the key behind it no two rows are peers, and every function is certain.
            order += [Order(expr) for expr in key]
            return Expr("window", *self.certain(scope, partition, tuple(order)))
        if not order or self.chance(0.4):
            function, kind = self.pick(
                ("rank", "int"), ("dense rank", "int"), ("percent rank", "double"), ("cume dist", "double")
            )
            order = order or [Order(expr) for expr in scope[:1]]
            return Expr("window", kind, (Expr(function, kind), Window(partition, tuple(order))))
        # Peers come in or stay out together.
        frame = self.pick(
            "",
            "",
            "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
            "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
        )
        order = () if frame == "" and self.chance(0.3) else tuple(order)
        aggregate = self.over(scope)
        return Expr("window", aggregate.type, (aggregate, Window(partition, order, frame)))

    def over(self, scope):
        aggregate = self.aggregate(scope, 0)
        unfit = ("count distinct", "sum distinct", "join texts", "filtered count", "filtered max")
        return Expr("count all", "int") if aggregate.op in unfit else aggregate

    def certain(self, scope, partition, order):
        match self.choice.randrange(6):
            case 0:
                return "int", (Expr("row number", "int"), Window(partition, order))
            case 1:
                function = Expr("ntile", "int", (literal(self.pick(2, 3, 7), "int", "bare"),))
                return "int", (function, Window(partition, order))
            case 2 | 3:
                value = self.column(scope) or literal(1, "int")
                count = literal(self.pick(0, 1, 2), "int", "bare")
                function = Expr(self.pick("lag", "lead"), value.type, (value, count))
                if value.type == "int" and self.chance(0.5):
                    function = Expr("lag or", "int", (value, count, literal(-7, "int")))
                return value.type, (function, Window(partition, order))
        start = self.pick("UNBOUNDED PRECEDING", "2 PRECEDING", "1 PRECEDING", "CURRENT ROW")
        end = self.pick("CURRENT ROW", "1 FOLLOWING", "UNBOUNDED FOLLOWING")
        frame = f"ROWS BETWEEN {start} AND {end}"
        if self.chance(0.5):
            value = self.column(scope) or literal(1, "int")
            function = Expr(self.pick("first value", "last value"), value.type, (value,))
            if self.chance(0.3):
                function = Expr("nth value", value.type, (value, literal(2, "int", "bare")))
        else:
            function = self.over(scope)
        return function.type, (function, Window(partition, order, frame))

    def set(self):
        kinds = [self.pick("text", "text", "int", "timestamp") for _ in range(self.pick(1, 1, 2))]
        # Two rules in one column of INTERSECT or EXCEPT would leave open which of them counts outside.
        folds = [self.chance(0.5) for _ in kinds]
        body = self.branch(kinds, folds)
        for _ in range(self.pick(1, 1, 2)):
            op = self.pick(
                "UNION", "UNION ALL", "INTERSECT", "EXCEPT", self.pick("INTERSECT ALL", "EXCEPT ALL", "UNION")
            )
            other = self.branch(kinds, folds)
            sides = (body, other) if self.chance(0.7) else (other, body)
            body = SetOperation(op, *sides)
        return body

    def branch(self, kinds, folds):
        while True:
            source, scope, _ = self.table()
            chosen = []
            for kind, fold in zip(kinds, folds):
                fitting = [e for e in self.columns(scope, kind) if kind != "text" or e.data.folds == fold]
                fitting = [e for e in fitting if self.samples(e)]
                chosen.append(self.choice.choice(fitting) if fitting else None)
            if None not in chosen:
                break
        where = self.condition(scope, 1) if self.chance(0.5) else None
        return Select(self.named_items(chosen), source, where, distinct=self.chance(0.1))

    def inner(self):
        """A query whose condition or result has sub-queries."""
        source, scope, _ = self.table() if self.chance(0.8) else self.joined()
        where = self.subquery_condition(scope)
        if self.chance(0.3):
            where = Expr(self.pick("and", "or"), "bool", (where, self.simple(scope)))
        if self.chance(0.2):
            where = Expr("not", "bool", (where,))
        items = list(self.items(scope, 2))
        if self.chance(0.4):
            items.append(Item(self.scalar(scope), f"c{len(items)}"))
        if self.chance(0.4):
            items.append(Item(self.asked(scope), f"c{len(items)}"))
        return Select(tuple(items), source, where)

    def subquery_condition(self, scope):
        if self.deep > 0:
            return self.simple(scope, 0)
        self.deep += 1
        try:
            match self.choice.randrange(5):
                case 0 | 1:
                    return Expr(self.pick("exists", "exists", "not exists"), "bool", (self.correlated(scope),))
                case 2 | 3:
                    return self.in_subquery(scope)
            value = self.scalar(scope)
            if value.type == "bool":
                return value
            other = self.column(scope, value.type) or self.value(value, False)
            return Expr(self.comparison(), "bool", (other, value))
        finally:
            self.deep -= 1

    def asked(self, scope):
        """IN or EXISTS as a value, unknown where NULLs leave it open."""
        self.deep += 1
        try:
            if self.chance(0.4):
                return Expr(self.pick("exists", "not exists"), "bool", (self.correlated(scope),))
            return self.in_subquery(scope, False)
        finally:
            self.deep -= 1

    def first(self, scope):
        """The first value of a sub-query that belongs to the row outside, in an order without ties that differ."""
        source, inside, _ = self.table()
        kind = self.pick("text", "text", "int", "timestamp")
        value = self.column(inside, kind)
        if value is None:
            return None
        where = self.link(scope, inside)
        select = Select(self.named_items([value]), source, where)
        order = (Order(Expr("result", kind, (), (0, "c0")), self.chance(0.5)),)
        return Expr("scalar", kind, (Query(select, (), order, 1, None, self.pick("TOP", "LIMIT")),))

    def in_subquery(self, scope, quantified=True):
        source, inside, _ = self.table()
        pair = self.pair(scope, inside)
        if pair is None:
            return self.simple(scope, 0)
        value, found = pair if pair[1] in inside else pair[::-1]
        where = self.condition(inside, 1) if self.chance(0.6) else None
        if self.chance(0.15):
            link = self.link(scope, inside)
            where = link if where is None else Expr("and", "bool", (link, where))
        query = Query(Select(self.named_items([found]), source, where))
        name = self.pick("in query", "in query", "in query", "not in query", "not in query")
        if quantified and self.chance(0.1):
            name = self.pick("= any", "< all", ">= all", "<> all")
        return Expr(name, "bool", (value, query))

    def link(self, outer, inside):
        """What ties an inner query to the row outside."""
        return self.condition_between(outer, inside) or self.simple(inside, 0)

    def correlated(self, scope):
        source, inside, _ = self.table()
        where = self.link(scope, inside) if self.chance(0.85) else self.simple(inside, 0)
        if self.chance(0.4):
            where = Expr("and", "bool", (where, self.simple(inside, 0)))
        return Query(Select(self.named_items([self.pick(literal(1, "int"), inside[0])]), source, where))

    def scalar(self, scope):
        """One value from a sub-query: an aggregate."""
        source, inside, _ = self.table()
        where = self.link(scope, inside) if self.chance(0.6) else None
        if self.chance(0.3):
            more = self.simple(inside, 0)
            where = more if where is None else Expr("and", "bool", (where, more))
        value = self.aggregate(inside, 0)
        if self.chance(0.2):
            found = self.first(scope)
            if found is not None:
                return found
        if self.chance(0.15):
            found = self.by_key(scope)
            if found is not None:
                return found
        return Expr("scalar", value.type, (Query(Select(self.named_items([value]), source, where)),))

    def by_key(self, scope):
        """A value of the one row that a foreign key leads to."""
        keys = []
        for expr in scope:
            if expr.op == "column" and expr.data.origin is not None:
                table, name = expr.data.origin
                target = self.truth.tables[table].foreign.get(name)
                if target:
                    keys.append((expr, target))
        if not keys:
            return None
        mine, (table, referenced) = self.choice.choice(keys)
        source, inside, _ = self.table(table)
        theirs = next(expr for expr in inside if expr.data.name == referenced)
        value = self.column(inside)
        where = Expr("=", "bool", (theirs, mine))
        return Expr("scalar", value.type, (Query(Select(self.named_items([value]), source, where)),))

    def named(self):
        """WITH: one query read once or twice."""
        name = self.fresh("w")
        query = Query(self.pick(self.plain, self.group, self.set, self.join_query)())
        count = len(items_of(query))
        names = tuple(f"n{number}" for number in range(count)) if self.chance(0.3) else ()
        one, two = self.fresh("w"), self.fresh("w")

        def reading(alias):
            scope = self.results(query, alias)
            renamed = zip(scope, names or [expr.data.name for expr in scope])
            return [Expr("column", e.type, (), Column(alias, n, e.data.folds, e.data.origin)) for e, n in renamed]

        source, scope = Named(name, one), reading(one)
        if self.chance(0.4):
            other = reading(two)
            on = self.condition_between(scope, other)
            source = Join("CROSS" if on is None else self.choice.choice(JOINS), source, Named(name, two), on)
            scope += other
        elif self.chance(0.4):
            source, scope, _ = self.join(source, scope, None)
        where = self.condition(scope, 1) if self.chance(0.5) else None
        select = Select(self.items(scope), source, where)
        if self.chance(0.3):
            select = Select(self.named_items([self.aggregate(scope), self.aggregate(scope)]), source, where)
        return Query(select, ((name, names, query),))

    def recursive(self):
        """Managers above managers, or a row of numbers."""
        if self.chance(0.4):
            return self.numbers()
        users, scope, _ = self.read("Users", "t1")
        by = {expr.data.name: expr for expr in scope}
        start = Select(
            self.named_items([by["Id"], by["ProfileManagerId"], literal(0, "int")]), users, self.simple(scope, 0)
        )
        above, upper, _ = self.read("Users", "t2")
        of = {expr.data.name: expr for expr in upper}
        names = ("n0", "n1", "n2")
        kinds = ("text", "text", "int")
        folds = (False, True, False)
        chain = [Expr("column", k, (), Column("w2", n, f)) for k, n, f in zip(kinds, names, folds)]
        step = Select(
            self.named_items([of["Id"], of["ProfileManagerId"], Expr("+", "int", (chain[2], literal(1, "int")))]),
            Join("INNER", Named("w1", "w2"), above, Expr("=", "bool", (of["ProfileLogin"], chain[1]))),
            Expr("<", "bool", (chain[2], literal(3, "int"))),
        )
        shown = [Expr("column", e.type, (), Column("w3", e.data.name, e.data.folds)) for e in chain]
        body = Select(self.named_items(shown), Named("w1", "w3"))
        inner = Query(SetOperation("UNION ALL", start, step))
        return Query(body, (("w1", names, inner),), recursive=True)

    def numbers(self):
        number = Expr("column", "int", (), Column("w2", "n0", False))
        start = Select(self.named_items([literal(self.pick(0, 1), "int")]))
        next_ = Expr("+", "int", (number, literal(self.pick(1, 2), "int")))
        step = Select(self.named_items([next_]), Named("w1", "w2"), Expr("<", "bool", (number, literal(9, "int"))))
        inner = Query(SetOperation("UNION ALL", start, step))
        shown = Expr("column", "int", (), Column("w3", "n0", False))
        body = Select(self.named_items([shown, Expr("*", "int", (shown, shown))]), Named("w1", "w3"))
        return Query(body, (("w1", ("n0",), inner),), recursive=True)

    def edge(self):
        """Whole numbers at the ends of their types, sums of them, and conditions on NULL, in rows of the statement itself."""
        if self.chance(0.4):
            source, scope, _ = self.values()
            return Select(self.items(scope, 3), source, self.condition(scope))
        ends = (2**63 - 1, 2**63 - 1, 1 - 2**63, -(2**63), 2**31 - 1, -(2**31), 2**31, 0, 1, -1, 2, 3037000500)
        whole = [literal(self.choice.choice(ends), "int") for _ in range(2)]
        source = None
        if self.chance(0.6):
            alias = self.fresh("v")
            rows = tuple((literal(self.choice.choice(ends), "int"),) for _ in range(self.pick(1, 2, 3)))
            source, number = Values(rows, alias, ("x0",)), Expr("column", "int", (), Column(alias, "x0", False))
            whole[self.pick(0, 1)] = number
            if self.chance(0.3):
                total = Expr(self.pick("sum", "sum distinct", "min", "max", "avg"), "int", (number,))
                return Select(self.named_items([total]), source)
        name = self.pick("+", "-", "*", "/", "%", "negative", "abs")
        value = Expr(name, "int", tuple(whole[: 1 if name in ("negative", "abs") else 2]))
        return Select(self.named_items([value]), source)

    # Order

    def ordered(self, body):
        """The whole statement: some in a total order, some of those cut."""
        query = body if isinstance(body, Query) else Query(body)
        items = items_of(query)
        if any(item.expr.type == "json" for item in items) or self.chance(0.45):
            if isinstance(query.body, Select) and self.chance(0.15):
                return Query(query.body, query.ctes, limit=self.pick(0, 1, 5), offset=self.pick(None, None, 3))
            return query
        order = list(items)
        self.choice.shuffle(order)
        # What is computed in floating point comes last: neighbours may change places by a rounding.
        order.sort(key=lambda item: item.expr.type == "double")
        orders = [self.result(item, items.index(item)) for item in order]
        if isinstance(query.body, Select) and not query.body.group and not query.body.distinct and self.chance(0.15):
            hidden = self.hidden(query.body)
            orders = [Order(hidden, self.chance(0.5))] + orders if hidden is not None else orders
        if isinstance(query.body, Select) and query.body.group and not query.body.distinct and self.chance(0.2):
            orders = [Order(Expr("count all", "int"), self.chance(0.5))] + orders
        limit = self.pick(0, 1, 2, 5, 10, 50) if self.chance(0.6) else None
        offset = self.pick(0, 1, 3, 20) if limit is not None and self.chance(0.4) else None
        style = self.pick("LIMIT", "PARAMETER", "FETCH", "TOP")
        return Query(query.body, query.ctes, tuple(orders), limit, offset, style)

    def hidden(self, select):
        columns = [e for item in select.items for e in [item.expr] if e.op == "column" and e.type != "bool"]
        if not columns:
            return None
        expr = self.choice.choice(columns)
        return {"text": Expr("length", "int", (expr,)), "int": Expr("abs", "int", (expr,))}.get(expr.type, expr)


def inlined(expr):
    """Without parameters: what is grouped by stands in two places, and two parameters are two expressions."""
    if not isinstance(expr, Expr):
        return expr
    data = Literal(expr.data.value) if expr.op == "literal" and expr.data.style == "parameter" else expr.data
    return Expr(expr.op, expr.type, tuple(inlined(arg) for arg in expr.args), data)


def reads(expr):
    """Does it read a column outside sub-queries and windows?"""
    if expr.op == "column":
        return True
    return any(reads(arg) for arg in expr.args if isinstance(arg, Expr))

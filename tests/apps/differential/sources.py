"""Random sources of rows: tables, joins along keys and values, rows of the statement itself, and queries in their place."""

from .expressions import Expressions, column, literal
from .tree import TEXT, Column, Derived, Expr, Join, Order, Query, Table, Values, items_of, rules_of

# How often a table is read: children fan out over their parents, and take a request for each.
WEIGHTS = {
    "Users": 9, "Groups": 7, "Apps": 5, "UserTypes": 3, "SystemLogs": 3, "ApplicationGroups": 3, "ApplicationUsers": 2,
    "GroupMembers": 2, "UserFactors": 1, "UserGroups": 1,
}  # fmt: skip
JOINS = ("INNER", "INNER", "LEFT", "LEFT", "RIGHT", "FULL")


class Sources(Expressions):
    """Sources come with the columns in scope and those that identify a row, None where nothing does.

    The queries that stand in the place of tables (`plain`, `group`, `set`) are those of queries.py.
    """

    def __init__(self, choice, truth):
        super().__init__(choice, truth)
        self.count = 0

    def fresh(self, letter):
        self.count += 1
        return f"{letter}{self.count}"

    def table(self, name=None):
        name = name or self.choice.choices(list(WEIGHTS), WEIGHTS.values())[0]
        alias = self.fresh("t")
        return self.read(name, alias)

    def read(self, name, alias):
        table = self.truth.tables[name]
        scope = [column(alias, each, name) for each in table.columns.values()]
        key = [column(alias, table.columns[each], name) for each in table.key]
        return Table(name, alias), scope, key

    def source(self, depth=1):
        roll = self.choice.random()
        if depth > 0 and roll < 0.12:
            query = Query(self.pick(self.plain, self.group, self.set)())
            return self.derived(self.cut(query) if self.chance(0.25) else query)
        if depth > 0 and roll < 0.15:
            return self.values()
        return self.table()

    def derived(self, query):
        alias = self.fresh("d")
        return Derived(query, alias), self.results(query, alias), None

    def cut(self, query):
        """The first rows of it."""
        if any(item.expr.type == "json" for item in items_of(query)):
            return query
        orders = [self.result(item, at) for at, item in enumerate(items_of(query))]
        return Query(query.body, query.ctes, tuple(orders), self.pick(1, 5, 20))

    def results(self, query, alias):
        """The columns that a query gives to the query around it."""
        rules = rules_of(query)
        return [
            Expr("column", item.expr.type, (), Column(alias, item.alias, rule == TEXT, self.origin(item.expr)))
            for item, rule in zip(items_of(query), rules)
        ]

    def origin(self, expr):
        return expr.data.origin if expr.op == "column" else None

    def values(self):
        alias, kinds = self.fresh("v"), self.pick(("int", "text"), ("text",), ("int", "double"))
        rows = tuple(tuple(self.cell(kind) for kind in kinds) for _ in range(self.pick(1, 2, 4)))
        # A column of NULLs only would have no type.
        rows = (tuple(self.cell(kind, False) for kind in kinds), *rows)
        names = tuple(f"x{n}" for n in range(len(kinds)))
        scope = [Expr("column", kind, (), Column(alias, name, False)) for kind, name in zip(kinds, names)]
        return Values(rows, alias, names), scope, None

    def cell(self, kind, nulls=True):
        if nulls and self.chance(0.2):
            return literal(None, kind)
        return self.value(Expr("none", kind), False)

    def joined(self):
        source, scope, key = self.source()
        for _ in range(self.pick(1, 1, 1, 2)):
            source, scope, key = self.join(source, scope, key)
        if source.kind == "CROSS" and self.chance(0.5):
            # A comma binds looser than JOIN: it can stand last only.
            source = Join(",", source.left, source.right)
        return source, scope, key

    def join(self, source, scope, key):
        found = self.partner(scope)
        if found is None:
            right, right_scope, right_key = self.source()
            on = self.condition_between(scope, right_scope)
        else:
            (right, right_scope, right_key), on = found
        kind = self.choice.choice(JOINS)
        shared = self.shared(scope, right_scope)
        if on is None:
            kind = "CROSS"
        elif shared and self.chance(0.3):
            # Names that both sides have twice over would be ambiguous below: nothing reads them unqualified.
            on = (shared,)
        if isinstance(on, Expr) and self.chance(0.3):
            extra = self.simple(self.choice.choice([right_scope, scope]), 0)
            on = Expr("and", "bool", (on, extra))
        both = key + right_key if key is not None and right_key is not None else None
        return Join(kind, source, right, on), scope + right_scope, both

    def shared(self, left, right):
        """A key that both sides have once, for USING."""
        for name in ("UserId", "GroupId", "AppId"):
            if [[expr.data.name for expr in side].count(name) for side in (left, right)] == [1, 1]:
                return name
        return None

    def partner(self, scope):
        """A table that a foreign key leads to or comes from, or the same table again."""
        keys = [expr for expr in scope if expr.data.origin and expr.data.name.endswith("Id") and expr.type == "text"]
        if not keys or self.chance(0.25):
            return None
        mine = self.choice.choice(keys)
        origin, name = mine.data.origin
        matches = []
        target = self.truth.tables[origin].foreign.get(name)
        if target:
            matches.append(target)
        own = name if origin != "Users" or name != "Id" else "UserId"
        for other in self.truth.tables.values():
            for theirs, (parent, referenced) in other.foreign.items():
                if (parent, referenced) == (origin, name) or (theirs == own and target == (parent, referenced)):
                    matches.append((other.name, theirs))
        if not matches:
            return None
        table, theirs = self.choice.choice(matches)
        right = self.table(table)
        other = next(expr for expr in right[1] if expr.data.name == theirs)
        sides = (mine, other) if self.chance(0.5) else (other, mine)
        return right, Expr("=", "bool", sides)

    def condition_between(self, left, right):
        """A join on values: text without a key, numbers, instants; None for every pair."""
        pair = self.pair(left, right)
        return None if pair is None else Expr("=", "bool", pair)

    def pair(self, left, right):
        """Two columns of one type, most often two that share values."""
        kind = self.pick("text", "text", "text", "int")
        mine, theirs = self.column(left, kind), self.column(right, kind)
        if mine is None or theirs is None:
            return None
        if kind == "text" and self.chance(0.85):
            meeting = [
                (one, other)
                for one in self.choice.sample(left, min(len(left), 12)) + [mine]
                for other in right
                if one.type == other.type == "text" and other.data.origin in self.truth.meets.get(one.data.origin, ())
            ]
            if meeting:
                mine, theirs = self.choice.choice(meeting)
        return (mine, theirs) if self.chance(0.5) else (theirs, mine)

    def result(self, item, at=0):
        """A result column in ORDER BY, by its name or by its number."""
        nulls = self.pick("FIRST", "LAST") if self.chance(0.15) else None
        name = self.pick("result", "result", "result", "ordinal")
        return Order(Expr(name, item.expr.type, (), (at, item.alias)), self.chance(0.4), nulls)

"""Writes a query tree as SQL: the driver's dialect, or DuckDB's with the catalog's text rule spelled out by lower()."""

import datetime

from .operators import OPERATORS
from .tree import TEXT, Derived, Join, Named, Query, Select, SetOperation, Table, Values, combined, rule, rules_of

INFIX = {"and": (" AND ", 2), "or": (" OR ", 1)}
DUCK_TYPES = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}
DRIVER_TYPES = DUCK_TYPES | {"bool": "BIT", "text": "NVARCHAR(100)"}


def for_driver(query):
    """The statement and its parameters."""
    writer = Writer("driver", False)
    return writer.query(query), writer.parameters


def for_duck(query, folding):
    return Writer("duck", folding).query(query)


class Writer:
    def __init__(self, dialect, folding):
        self.driver = dialect == "driver"
        self.folding = folding
        self.parameters = []

    # Queries

    def query(self, query):
        text = ""
        if query.ctes:
            word = "WITH RECURSIVE " if query.recursive else "WITH "
            named = [f"{name}{self.names(columns)} AS ({self.query(inner)})" for name, columns, inner in query.ctes]
            text = word + ", ".join(named) + " "
        top = query.style == "TOP" and self.driver and query.offset is None and isinstance(query.body, Select)
        text += self.body(query.body, f"TOP {query.limit} " if top and query.limit is not None else "")
        if query.order:
            text += " ORDER BY " + ", ".join(self.order(order) for order in query.order)
        return text + ("" if top else self.limit(query))

    def names(self, columns):
        return f"({', '.join(columns)})" if columns else ""

    def limit(self, query):
        if query.style == "FETCH" and self.driver and query.order:
            text = f" OFFSET {query.offset or 0} ROWS"
            return text + (f" FETCH NEXT {query.limit} ROWS ONLY" if query.limit is not None else "")
        bound = query.style == "PARAMETER"
        text = f" LIMIT {self.count(query.limit, bound)}" if query.limit is not None else ""
        return text + (f" OFFSET {self.count(query.offset, bound)}" if query.offset is not None else "")

    def count(self, number, bound):
        if not (self.driver and bound):
            return number
        self.parameters.append(number)
        return "?"

    def body(self, body, top=""):
        match body:
            case Select():
                return self.select(body, top)
            case SetOperation(op, left, right):
                return f"{self.operand(op, left, False)} {op} {self.operand(op, right, True)}"
            case Query():
                return f"({self.query(body)})"

    def operand(self, op, operand, right):
        # INTERSECT binds tighter than UNION and EXCEPT, which go from left to right.
        binds = {"INTERSECT", "INTERSECT ALL"}
        tighter = isinstance(operand, SetOperation) and operand.op in binds and op not in binds
        first = isinstance(operand, SetOperation) and not right and (op not in binds or operand.op in binds)
        text = self.body(operand)
        return f"({text})" if isinstance(operand, SetOperation) and not (tighter or first) else text

    def select(self, select, top=""):
        text = "SELECT " + ("DISTINCT " if select.distinct else "") + top
        text += ", ".join(f"{self.expr(item.expr)} AS {item.alias}" for item in select.items)
        if select.source is not None:
            text += f" FROM {self.source(select.source)}"
        if select.where is not None:
            text += f" WHERE {self.expr(select.where)}"
        if select.group:
            group = ", ".join(self.expr(expr) for expr in select.group)
            text += f" GROUP BY {select.sets}({group})" if select.sets else f" GROUP BY {group}"
        if select.having is not None:
            text += f" HAVING {self.expr(select.having)}"
        return text

    def source(self, source):
        match source:
            case Table(name, alias) | Named(name, alias):
                return f"{name} {alias}"
            case Derived(query, alias):
                return f"({self.query(query)}) AS {alias}"
            case Values(rows, alias, columns):
                rows = ", ".join(f"({', '.join(self.expr(cell) for cell in row)})" for row in rows)
                return f"(VALUES {rows}) AS {alias} ({', '.join(columns)})"
            case Join(kind, left, right, on):
                # The left side first: parameters are counted in the order of the text.
                text = self.source(left)
                right = f"({self.source(right)})" if isinstance(right, Join) else self.source(right)
                if kind == ",":
                    return f"{text}, {right}"
                text += f" {kind} JOIN {right}"
                if isinstance(on, tuple):
                    return f"{text} USING ({', '.join(on)})"
                return text if on is None else f"{text} ON {self.expr(on)}"

    def order(self, order):
        text = self.expr(order.expr) + (" DESC" if order.descending else "")
        nulls = order.nulls
        if nulls is None and not self.driver:
            # NULLs sort low (decision 15).
            nulls = "LAST" if order.descending else "FIRST"
        return text + (f" NULLS {nulls}" if nulls else "")

    # Expressions

    def expr(self, expr, binds=0):
        text, strength = self.written(expr)
        return f"({text})" if strength < binds else text

    def written(self, expr):
        """The text and how strongly it holds together."""
        match expr.op:
            case "column":
                column = expr.data
                name = f'"{column.name}"' if column.name == "Default" else column.name
                return f"{column.alias}.{name}" if column.alias else name, 10
            case "result":
                return expr.data[1], 10
            case "ordinal":
                return str(expr.data[0] + 1), 10
            case "literal":
                return self.literal(expr), 10
            case "null":
                return f"CAST(NULL AS {self.type(expr.type)})", 10
            case "and" | "or":
                word, strength = INFIX[expr.op]
                return word.join(self.expr(arg, strength + 1) for arg in expr.args), strength
            case "in" | "not in":
                first, *rest = self.compared(expr.args, 5)
                return f"{first} {expr.op.upper()} ({', '.join(rest)})", 4
            case "in query" | "not in query":
                return self.in_query(expr), 4
            case "= any" | "< all" | ">= all" | "<> all":
                value, query = self.sides(*expr.args)
                return OPERATORS[expr.op].driver.format(value, query), 4
            case "exists" | "not exists":
                return f"{expr.op.upper()} ({self.query(expr.args[0])})", 3
            case "scalar":
                return f"({self.query(expr.args[0])})", 10
            case "case":
                return self.choices("CASE", [self.expr(arg) for arg in expr.args]), 10
            case "case of":
                whens = self.compared(expr.args[:1] + expr.args[1:-1:2], 1)
                rest = [x for pair in zip(whens[1:], map(self.expr, expr.args[2:-1:2])) for x in pair]
                return self.choices(f"CASE {whens[0]}", [*rest, self.expr(expr.args[-1])]), 10
            case "coalesce":
                return f"COALESCE({', '.join(self.expr(arg) for arg in expr.args)})", 10
            case "nullif":
                return self.nullif(*expr.args), 10
            case "replace" if self.folding and combined(rule(arg) for arg in expr.args[:2]) == TEXT:
                # What is looked for is found in any case; none of it means anything to a regular expression.
                return f"regexp_replace({', '.join(self.expr(arg) for arg in expr.args)}, 'gi')", 10
            case "window":
                function, window = expr.args
                if function.op == "sum" and not self.driver:
                    # The cast of operators.py belongs around all of it.
                    return f"CAST(SUM({self.expr(function.args[0])}) OVER ({self.window(window)}) AS BIGINT)", 10
                return f"{self.expr(function)} OVER ({self.window(window)})", 10
        operator = OPERATORS[expr.op]
        args = (
            self.compared(expr.args, operator.binds)
            if operator.compares
            else [self.expr(a, operator.binds) for a in expr.args]
        )
        return (operator.driver if self.driver else operator.duck).format(*args), operator.strength

    def compared(self, args, binds):
        """Arguments of a comparison, folded where the rule says so. The escape of LIKE has no case."""
        folds = self.folding and combined(rule(arg) for arg in args) == TEXT
        return [f"lower({self.expr(arg)})" if folds and arg.type == "text" else self.expr(arg, binds) for arg in args]

    def in_query(self, expr):
        value, query = self.sides(*expr.args)
        return f"{value} {'NOT IN' if expr.op.startswith('not') else 'IN'} ({query})"

    def sides(self, value, query):
        """A value and the query that it is compared with."""
        if self.folding and combined([rule(value), rules_of(query)[0]]) == TEXT:
            return f"lower({self.expr(value)})", f"SELECT lower(one) FROM ({self.query(query)}) AS inside (one)"
        return self.expr(value, 5), self.query(query)

    def choices(self, head, args):
        pairs = "".join(f" WHEN {when} THEN {then}" for when, then in zip(args[:-1:2], args[1:-1:2]))
        return f"{head}{pairs} ELSE {args[-1]} END"

    def nullif(self, value, other):
        if self.folding and combined([rule(value), rule(other)]) == TEXT:
            value, other = self.expr(value), self.expr(other)
            return f"CASE WHEN lower({value}) = lower({other}) THEN NULL ELSE {value} END"
        return f"NULLIF({self.expr(value)}, {self.expr(other)})"

    def window(self, window):
        parts = []
        if window.partition:
            parts.append("PARTITION BY " + ", ".join(self.expr(expr) for expr in window.partition))
        if window.order:
            parts.append("ORDER BY " + ", ".join(self.order(order) for order in window.order))
        return " ".join([*parts, window.frame]).strip()

    def type(self, name):
        return (DRIVER_TYPES if self.driver else DUCK_TYPES)[name]

    def literal(self, expr):
        value, style = expr.data.value, expr.data.style
        if self.driver and style == "parameter":
            self.parameters.append(value)
            return "?"
        if value is None:
            return "NULL"
        match expr.type:
            case "text":
                return "N" * (self.driver and style == "national") + "'" + value.replace("'", "''") + "'"
            case "int":
                # The driver's whole numbers are BIGINT.
                if value == -(2**63):
                    # Its positive does not fit, and SQL has no negative literals.
                    return f"({value + 1} - 1)" if self.driver else f"CAST('{value}' AS BIGINT)"
                return str(value) if self.driver or style == "bare" else f"CAST({value} AS BIGINT)"
            case "double":
                return repr(value) if self.driver else f"CAST({value!r} AS DOUBLE)"
            case "bool":
                return "TRUE" if value else "FALSE"
            case "date":
                return f"{{d '{value}'}}" if self.driver and style == "escape" else f"DATE '{value}'"
            case "timestamp":
                return self.instant(value, style)

    def instant(self, value, style):
        text = value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
        if not self.driver:
            return f"TIMESTAMP '{text}'"
        match style:
            case "escape":
                return f"{{ts '{text}'}}"
            case "text":
                return f"'{text}'"
            case "utc":
                return f"'{text.replace(' ', 'T')}Z'"
            case "offset":
                east = value + datetime.timedelta(hours=2)
                return f"'{east.strftime('%Y-%m-%dT%H:%M:%S.')}{value.microsecond // 1000:03d}+02:00'"
            case "cast":
                return f"CAST('{text}' AS DATETIME2)"
        return f"TIMESTAMP '{text}'"

"""Random expressions over the columns in scope: values of each type, and conditions in three-valued logic."""

import datetime

from .tree import Column, Expr, Literal

TEXTS = ("", " ", "%", "_", "O'Brien", "a", "ACTIVE", "Ünïcode", "null", "50%", "x_y", "back\\slash")
NUMBERS = (0, 1, 2, 3, 7, 10, 100, -1, -5)
DOUBLES = (0.0, 0.5, 1.0, 2.25, 38.5, 40.0, -3.75)
COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")
INSTANT_STYLES = ("plain", "escape", "cast", "parameter")
FIRST_DAY = datetime.datetime(2019, 1, 1)
# Types that a parameter has by what is bound to it.
BOUND = ("int", "double", "text")
VALUE_TYPES = ("text", "text", "int", "double", "timestamp", "date")


def column(alias, column, table):
    """A column of the catalog as an expression."""
    return Expr("column", column.type, (), Column(alias, column.name, column.folds, (table, column.name)))


def literal(value, kind, style="plain"):
    return Expr("literal", kind, (), Literal(value, style))


class Expressions:
    """`choice` is a random.Random; `truth` knows the values that columns hold; `subqueries` writes inner queries."""

    def __init__(self, choice, truth):
        self.choice = choice
        self.truth = truth
        self.subqueries = None

    def chance(self, probability):
        return self.choice.random() < probability

    def pick(self, *options):
        return self.choice.choice(options)

    # Columns and literals

    def columns(self, scope, kind):
        return [expr for expr in scope if expr.type == kind]

    def column(self, scope, kind=None):
        """A column in scope, rarely one without values."""
        fitting = self.columns(scope, kind) if kind else [expr for expr in scope if expr.type != "json"]
        if not fitting:
            return None
        full = [expr for expr in fitting if self.samples(expr)]
        return self.choice.choice(full if full and self.chance(0.95) else fitting)

    def samples(self, expr):
        if expr.op != "column" or expr.data.origin is None:
            return ()
        table, name = expr.data.origin
        return self.truth.tables[table].columns[name].samples

    def value(self, expr, parameters=True):
        """A literal that an expression could equal."""
        kind, samples = expr.type, self.samples(expr)
        style = "parameter" if parameters and expr.op == "column" and self.chance(0.25) else "plain"
        match kind:
            case "text":
                text = self.choice.choice(samples) if samples and self.chance(0.85) else self.choice.choice(TEXTS)
                if style == "plain" and self.chance(0.1):
                    style = "national"
                return literal(self.respelled(text), kind, style)
            case "int":
                number = self.choice.choice(samples) if samples and self.chance(0.7) else self.choice.choice(NUMBERS)
                return literal(number + self.pick(0, 0, 0, 1, -1), kind, style)
            case "double":
                number = self.choice.choice(samples) if samples and self.chance(0.7) else self.choice.choice(DOUBLES)
                return literal(number, kind, style)
            case "bool":
                return literal(self.chance(0.5), kind, style)
            case "date":
                day = (FIRST_DAY + datetime.timedelta(days=self.choice.randrange(2740))).date()
                return literal(day, kind, self.pick("plain", "escape", style))
        instant = self.choice.choice(samples) if samples and self.chance(0.8) else self.instant()
        spelled = INSTANT_STYLES if expr.op != "column" else (*INSTANT_STYLES, "text", "utc", "offset")
        return literal(instant, kind, style if style != "plain" else self.choice.choice(spelled[:3] + spelled[4:]))

    def instant(self):
        return FIRST_DAY + datetime.timedelta(days=self.choice.randrange(2740), hours=self.choice.randrange(24))

    def respelled(self, text):
        """The text, or the same text in another case."""
        if self.chance(0.55):
            return text
        other = self.pick(text.upper(), text.lower(), text.swapcase())
        return other if other.lower() == text.lower() and len(other) == len(text) else text

    # Values

    def of(self, kind, scope, depth=2):
        """A value of a type; a column where the scope has one, more often than not."""
        found = self.column(scope, kind)
        if found is not None and (depth <= 0 or self.chance(0.5)):
            return found
        if depth <= 0:
            style = "parameter" if kind in BOUND and self.chance(0.15) else "plain"
            return literal(self.value(Expr("none", kind)).data.value, kind, style)
        made = {"text": self.text, "int": self.whole, "double": self.double, "timestamp": self.time, "date": self.date}
        if kind == "bool" and self.subqueries and self.deep == 0 and self.chance(0.4):
            return self.asked(scope)
        if kind == "bool":
            return found if found is not None else literal(self.chance(0.5), "bool")
        if self.chance(0.3):
            return self.chosen(kind, scope, depth)
        return made[kind](scope, depth - 1)

    def chosen(self, kind, scope, depth):
        """CASE, COALESCE and their like, which every type has."""

        def inner():
            return self.of(kind, scope, depth - 1)

        def maybe_null():
            return literal(None, kind) if self.chance(0.15) else inner()

        match self.choice.randrange(8):
            case 6:
                # ISNULL is of the type of its first argument: text would be cut to its size.
                return Expr("isnull" if kind != "text" else "coalesce", kind, (inner(), inner()))
            case 7:
                return Expr("iif", kind, (self.condition(scope, depth - 1), inner(), maybe_null()))
            case 0:
                return Expr("coalesce", kind, tuple(inner() for _ in range(self.pick(2, 2, 3))))
            case 1:
                return Expr("fn ifnull", kind, (inner(), inner()))
            case 2:
                value = inner()
                return Expr("nullif", kind, (value, self.value(value, False)))
            case 3:
                of = self.column(scope)
                if of is None or of.type == "bool":
                    return inner()
                whens = [x for _ in range(self.pick(1, 2)) for x in (self.value(of, False), inner())]
                return Expr("case of", kind, (of, *whens, maybe_null()))
            case _:
                whens = [x for _ in range(self.pick(1, 1, 2)) for x in (self.condition(scope, depth - 1), inner())]
                return Expr("case", kind, (*whens, maybe_null()))

    def text(self, scope, depth):
        value = self.of("text", scope, depth)
        number = literal(self.pick(1, 1, 2, 3, 5), "int")
        match self.choice.randrange(18):
            case 15:
                return Expr("+ text", "text", (value, self.of("text", scope, 0)))
            case 16:
                what = literal(self.pick("", "<>"), "text")
                return Expr("stuff", "text", (value, number, literal(self.pick(0, 1, 2), "int"), what))
            case 17:
                return Expr("convert text", "text", (self.pick(value, self.of("int", scope, depth)),))
            case 13:
                return Expr(self.pick("fn dayname", "fn monthname"), "text", (self.of("timestamp", scope, depth),))
            case 0 | 1:
                return Expr(self.pick("upper", "lower", "fn ucase", "fn lcase"), "text", (value,))
            case 2:
                return Expr(self.pick("trim", "ltrim", "fn rtrim"), "text", (value,))
            case 3 | 4:
                count = literal(self.pick(0, 1, 2, 4), "int")
                name = self.pick("substring", "substring from", "fn substring")
                return Expr(name, "text", (value, number, count))
            case 5:
                return Expr(self.pick("left", "right", "fn left"), "text", (value, number))
            case 6:
                return Expr(
                    "replace",
                    "text",
                    (value, literal(self.pick("a", "e", " ", "-"), "text"), literal(self.pick("", "#"), "text")),
                )
            case 7 | 8:
                between = literal(self.pick(" ", "-", ", "), "text")
                return Expr("||", "text", (Expr("||", "text", (value, between)), self.of("text", scope, depth)))
            case 9:
                return Expr("fn concat", "text", (value, self.of("text", scope, depth)))
            case 10:
                return Expr(self.pick("reverse", "cast nvarchar", "fn convert text"), "text", (value,))
            case 11:
                return Expr(
                    "fn insert",
                    "text",
                    (value, number, literal(self.pick(0, 1, 2), "int"), literal(self.pick("", "<>"), "text")),
                )
            case 12:
                return Expr("fn repeat", "text", (value, literal(self.pick(0, 1, 2), "int")))
        return Expr("cast text", "text", (self.of("int", scope, depth),))

    def whole(self, scope, depth):
        match self.choice.randrange(16):
            case 13 | 14 | 15:
                return self.part(scope, depth)
            case 10:
                return Expr("len", "int", (self.of("text", scope, depth),))
            case 11:
                sought = literal(self.pick("a", "E", "-", "zz"), "text")
                return Expr("charindex", "int", (sought, self.of("text", scope, depth)))
            case 12:
                digits = Expr("convert text", "text", (self.of("int", scope, 0),))
                return Expr("convert bigint", "int", (digits,))
            case 0 | 1:
                factor = literal(self.pick(2, 3, 10), "int")
                return Expr("*", "int", (self.of("int", scope, 0), factor))
            case 2 | 3:
                return Expr(self.pick("+", "-"), "int", (self.of("int", scope, depth), self.of("int", scope, 0)))
            case 4:
                by = literal(self.pick(2, 3, 7, -4), "int")
                return Expr(self.pick("/", "%", "fn mod"), "int", (self.of("int", scope, depth), by))
            case 5:
                name = self.pick("abs", "fn abs", "negative")
                return Expr(name, "int", (self.of("int", scope, depth),))
            case 6:
                name = self.pick("length", "fn length", "octets")
                return Expr(name, "int", (self.of("text", scope, depth),))
            case 7:
                name = self.pick("position", "fn locate")
                return Expr(name, "int", (literal(self.pick("a", "E", "-", ""), "text"), self.of("text", scope, depth)))
            case 8 if self.chance(0.8):
                return self.part(scope, depth)
            case 8:
                return Expr("cut", "int", (self.of("double", scope, depth),))
            case 9 if self.chance(0.4):
                digits = Expr("cast text", "text", (self.of("int", scope, 0),))
                return Expr(self.pick("cast int", "cast bigint"), "int", (digits,))
        return Expr(self.pick("greatest", "least"), "int", (self.of("int", scope, depth), self.of("int", scope, depth)))

    def part(self, scope, depth):
        """A whole number out of instants."""
        instant = self.of("timestamp", scope, depth)
        if self.chance(0.3):
            name = self.pick("diff hours", "diff days", "diff weeks", "diff months", "diff years")
            if self.chance(0.5):
                name = self.pick("datediff hour", "datediff day", "datediff month", "datediff year")
            return Expr(name, "int", (instant, self.of("timestamp", scope, depth)))
        name = self.pick(
            "extract year", "extract month", "extract day", "fn year", "fn quarter", "fn month", "fn week",
            "fn dayofmonth", "fn dayofyear", "fn dayofweek", "fn hour", "fn minute", "fn second",
            "datepart year", "datepart quarter", "datepart hour", "datepart minute", "datepart dayofyear",
            "datepart weekday", "datepart isoweek",
        )  # fmt: skip
        return Expr(name, "int", (instant,))

    def double(self, scope, depth):
        value = self.of("double", scope, depth)
        match self.choice.randrange(6):
            case 0:
                return Expr(self.pick("+", "-", "*"), "double", (value, literal(self.pick(0.5, 2.0, 10.0), "double")))
            case 1:
                return Expr("/ double", "double", (value, literal(self.pick(0.5, 2.0, -4.0), "double")))
            case 2:
                return Expr("round", "double", (value, literal(self.pick(0, 1), "int", "bare")))
            case 3:
                return Expr(self.pick("floor", "ceil", "abs"), "double", (value,))
            case 4:
                return Expr(self.pick("sqrt of abs", "power", "fn sign"), "double", (value,))
        return Expr("cast double", "double", (self.of("int", scope, depth),))

    def time(self, scope, depth):
        value = self.of("timestamp", scope, depth)
        if self.chance(0.2):
            return Expr("cast timestamp", "timestamp", (self.of("date", scope, depth),))
        by = literal(self.pick(1, 2, 12, 30, -1, -7), "int")
        name = self.pick("add hours", "add days", "add months", "dateadd hour", "dateadd day", "dateadd month")
        return Expr(name, "timestamp", (value, by))

    def date(self, scope, depth):
        return Expr(self.pick("cast date", "convert date"), "date", (self.of("timestamp", scope, depth),))

    # Conditions

    def condition(self, scope, depth=2):
        roll = self.choice.random()
        if depth > 0 and roll < 0.3:
            parts = tuple(self.condition(scope, depth - 1) for _ in range(self.pick(2, 2, 3)))
            return Expr(self.pick("and", "or"), "bool", parts)
        if depth > 0 and roll < 0.38:
            return Expr("not", "bool", (self.condition(scope, depth - 1),))
        if depth > 0 and roll < 0.42:
            name = self.pick("is true", "is not true", "is false", "is not false")
            return Expr(name, "bool", (self.condition(scope, depth - 1),))
        if depth > 0 and self.subqueries and roll < 0.5:
            return self.subqueries(scope)
        if roll < 0.52:
            return self.constant()
        return self.simple(scope, depth)

    def constant(self):
        one, two = literal(1, "int"), literal(self.pick(0, 1), "int")
        null = literal(None, "int")
        return self.pick(
            Expr("=", "bool", (one, two)),
            Expr("is null", "bool", (null,)),
            Expr("in", "bool", (one, two, null)),
        )

    def simple(self, scope, depth=1):
        """A condition on a column, such as Okta might decide."""
        on = self.column(scope)
        if on is None:
            return self.constant()
        match self.choice.randrange(12):
            case 0:
                some = self.choice.choice(scope)
                return Expr(self.pick("is null", "is not null"), "bool", (some,))
            case 1 | 2 if on.type == "text":
                return self.like(on)
            case 1 | 2 | 3:
                return self.among(on)
            case 4:
                return self.between(on)
            case 5:
                other = self.column([expr for expr in scope if expr != on], on.type)
                if other is not None and on.type != "bool":
                    return Expr(self.comparison(), "bool", (on, other))
            case 6 if depth > 0:
                kind = self.choice.choice(VALUE_TYPES)
                value = self.of(kind, scope, depth)
                return Expr(self.comparison(), "bool", (value, self.value(value, False)))
            case 7 if depth > 0:
                kind = self.choice.choice(VALUE_TYPES)
                return Expr(self.comparison(), "bool", (self.of(kind, scope, depth), self.of(kind, scope, depth)))
            case 8 if on.type == "text":
                exact = Expr("exact", "text", (on,))
                return Expr(self.comparison(), "bool", (exact, self.value(on, False)))
        if on.type == "bool":
            return self.pick(
                on, Expr("is one", "bool", (on,)), Expr("is zero", "bool", (on,)), Expr("not", "bool", (on,))
            )
        value = literal(None, on.type) if self.chance(0.03) else self.value(on)
        sides = (value, on) if self.chance(0.1) else (on, value)
        return Expr(self.comparison(), "bool", sides)

    def comparison(self):
        if self.chance(0.06):
            return self.pick("is distinct from", "is not distinct from")
        return self.pick("=", "=", *COMPARISONS)

    def among(self, on):
        if on.type == "bool":
            return Expr(self.pick("is true", "is not true", "is false"), "bool", (on,))
        values = [self.value(on) for _ in range(self.pick(1, 2, 3, 5))]
        if self.chance(0.15):
            values.append(literal(None, on.type))
        return Expr(self.pick("in", "in", "not in"), "bool", (on, *values))

    def between(self, on):
        if on.type == "bool":
            return Expr("is one", "bool", (on,))
        values = [self.value(on), self.value(on)]
        if self.chance(0.8):
            values.sort(key=lambda expr: expr.data.value)
        return Expr(self.pick("between", "between", "not between"), "bool", (on, *values))

    def like(self, on):
        text = self.value(on, False).data.value
        start = self.choice.randrange(len(text) + 1)
        piece = text[start : start + self.pick(1, 2, 3, 5)] if self.chance(0.4) else text[: self.pick(1, 2, 4)]
        escape = None
        if any(special in piece for special in "%_") or self.chance(0.1):
            escape = self.pick("!", "#", "\\", "^")
            piece = "".join(escape + c if c in "%_" + escape else c for c in piece)
        elif piece and self.chance(0.3):
            at = self.choice.randrange(len(piece))
            piece = piece[:at] + "_" + piece[at + 1 :]
        pattern = self.pick(piece + "%", "%" + piece + "%", "%" + piece, piece, piece + "%", "%" + piece + "_%")
        negated = "not " if self.chance(0.25) else ""
        style = "parameter" if escape is None and self.chance(0.2) else "plain"
        args = (on, literal(pattern, "text", style))
        if escape is None:
            return Expr(negated + "like", "bool", args)
        name = "like odbc" if not negated and self.chance(0.3) else negated + "like escape"
        return Expr(name, "bool", (*args, literal(escape, "text")))

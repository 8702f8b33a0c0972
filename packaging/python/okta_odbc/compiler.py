"""The SQL that the dialect writes, where it is not SQLAlchemy's default."""

from sqlalchemy import schema, types
from sqlalchemy.sql import compiler, elements, visitors

from .types import cast_of

_STRING = types.String()


def _unlabelled(clause):
    while isinstance(clause, (elements.Label, elements.Grouping, elements._label_reference)):
        clause = clause.element
    return clause


def _parameters(clause):
    """The keys of its parameters. The same object has the same keys wherever it stands."""
    return [part.key for part in visitors.iterate(clause) if isinstance(part, elements.BindParameter)]


class OktaCompiler(compiler.SQLCompiler):
    def limit_clause(self, select, **kw):
        text = ""
        if select._limit_clause is not None:
            text += "\n LIMIT " + self.process(select._limit_clause, **kw)
        if select._offset_clause is not None:
            # The default writes `LIMIT -1` before a bare OFFSET.
            text += "\n OFFSET " + self.process(select._offset_clause, **kw)
        return text

    def group_by_clause(self, select, **kw):
        texts = [self._grouped(select, clause, **kw) for clause in select._group_by_clauses]
        return " GROUP BY " + ", ".join(texts) if texts else ""

    def _grouped(self, select, clause, **kw):
        """The position of a selected expression that holds parameters: written twice, it would be two expressions to the
        engine, as each `?` is a parameter of its own."""
        wanted = _unlabelled(clause)
        keys = _parameters(wanted)
        if keys:
            for position, column in enumerate(select._raw_columns, 1):
                if not isinstance(column, elements.ColumnElement):
                    # A whole table: positions cannot be told.
                    break
                found = _unlabelled(column)
                if _parameters(found) == keys and found.compare(wanted):
                    return str(position)
        return self.process(clause, **kw)

    def for_update_clause(self, select, **kw):
        # Nothing is locked at Okta, and no transaction would hold it.
        return ""

    def visit_empty_set_expr(self, element_types, **kw):
        nulls = ", ".join(["NULL"] * max(len(element_types), 1))
        return f"SELECT {nulls} WHERE 1 != 1"

    # `lower(x) LIKE lower(y)` would hide the column from Okta's `sw` and `co`.
    def visit_ilike_case_insensitive_operand(self, element, **kw):
        return self.process(element.element, **kw)

    def visit_ilike_op_binary(self, binary, operator, **kw):
        return self._like("ILIKE", binary, **kw)

    def visit_not_ilike_op_binary(self, binary, operator, **kw):
        return self._like("NOT ILIKE", binary, **kw)

    def _like(self, word, binary, **kw):
        text = f"{self.process(binary.left, **kw)} {word} {self.process(binary.right, **kw)}"
        escape = binary.modifiers.get("escape")
        return text if escape is None else f"{text} ESCAPE {self._quoted(escape)}"

    def _quoted(self, text):
        return self.render_literal_value(text, self.dialect.type_descriptor(_STRING))

    def visit_regexp_match_op_binary(self, binary, operator, **kw):
        return self._regexp("regexp_like", binary, **kw)

    def visit_not_regexp_match_op_binary(self, binary, operator, **kw):
        return "NOT " + self._regexp("regexp_like", binary, **kw)

    def visit_regexp_replace_op_binary(self, binary, operator, **kw):
        return self._regexp("regexp_replace", binary, **kw)

    def _regexp(self, function, binary, **kw):
        texts = [self.process(binary.left, **kw), self.process(binary.right, **kw)]
        flags = binary.modifiers.get("flags")
        if flags is not None:
            texts.append(self._quoted(flags))
        return f"{function}({', '.join(texts)})"

    def visit_json_getitem_op_binary(self, binary, operator, **kw):
        return self._json(binary, **kw)

    def visit_json_path_getitem_op_binary(self, binary, operator, **kw):
        return self._json(binary, **kw)

    def _json(self, binary, **kw):
        """T-SQL's functions: JSON_QUERY gives objects and arrays, JSON_VALUE the text of anything else. The path is written
        out, as a unit of date_trunc is."""
        path = self.process(binary.right, **{**kw, "literal_execute": True})
        arguments = f"{self.process(binary.left, **kw)}, {path}"
        if isinstance(binary.type, types.JSON):
            return f"JSON_QUERY({arguments})"
        value = f"JSON_VALUE({arguments})"
        cast = cast_of(binary.type.dialect_impl(self.dialect))
        return value if isinstance(binary.type, types.String) or cast is None else f"CAST({value} AS {cast})"

    def visit_bindparam(self, bindparam, within_columns_clause=False, **kw):
        text = super().visit_bindparam(bindparam, within_columns_clause=within_columns_clause, **kw)
        cast = cast_of(bindparam.type.dialect_impl(self.dialect))
        literal = kw.get("literal_binds") or kw.get("literal_execute") or bindparam.literal_execute
        if not within_columns_clause or cast is None or literal or bindparam.expanding:
            return text
        return f"CAST({text} AS {cast})"

    # The bounds of a window's frame are numbers to the engine, not parameters. SQLAlchemy 2.0 has the second one only.
    def visit_frame_clause(self, frameclause, **kw):
        return super().visit_frame_clause(frameclause, **{**kw, "literal_execute": True})

    def _format_frame_clause(self, range_, **kw):
        return super()._format_frame_clause(range_, **{**kw, "literal_execute": True})

    def visit_values(self, element, **kw):
        return super().visit_values(element, **{**kw, "within_columns_clause": True})

    # The unit is written out: with parameters of their own, the expressions of SELECT and GROUP BY would not be the same.
    # literal_execute keeps the statement in SQLAlchemy's cache.
    def visit_date_trunc_func(self, fn, **kw):
        return self._with_literal_unit(fn, **kw)

    def visit_date_part_func(self, fn, **kw):
        return self._with_literal_unit(fn, **kw)

    def _with_literal_unit(self, fn, **kw):
        unit, *rest = fn.clauses
        texts = [self.process(unit, **{**kw, "literal_execute": True})]
        texts += [self.process(argument, **kw) for argument in rest]
        return f"{fn.name}({', '.join(texts)})"


class OktaDDLCompiler(compiler.DDLCompiler):
    """Okta's tables are fixed, and the driver says so; the library of the driver's own tests has others to fill."""

    def get_column_specification(self, column, **kw):
        text = super().get_column_specification(column, **kw)
        counts = column.table is not None and column is column.table._autoincrement_column
        return text + " IDENTITY" if counts else text


class OktaTypeCompiler(compiler.GenericTypeCompiler):
    """Names that CAST takes."""

    def visit_JSON(self, type_, **kw):
        # A column's own type; nothing is cast to it.
        return "JSON" if isinstance(kw.get("type_expression"), schema.Column) else "TEXT"

    def visit_DATETIME(self, type_, **kw):
        return "TIMESTAMP"

    def visit_BLOB(self, type_, **kw):
        return "VARBINARY"

    def visit_CLOB(self, type_, **kw):
        return "TEXT"

    def visit_NUMERIC(self, type_, **kw):
        # Without a precision the engine's own default would cut the fraction off.
        if type_.precision is None:
            return "NUMERIC(38, 10)"
        return super().visit_NUMERIC(type_, **kw)

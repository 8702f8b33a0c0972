"""SQLAlchemy's types for the driver's, and what their values need."""

import decimal
import json

from sqlalchemy import types

# Codes of the ODBC reference, appendix D, as SQLColumns gives them.
_SQL_WLONGVARCHAR = -10
_SQL_LONGVARCHAR = -1


class OktaJSON(types.JSON):
    """Objects and arrays of Okta: the driver's WLONGVARCHAR columns, which hold compact JSON text."""


def _json_path(steps):
    """`$."a"[1]`: a path of SQL:2016, which JSON_VALUE and JSON_QUERY take."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{json.dumps(step)}" for step in steps)


class _JSONPath:
    """A key, an index or a path of them, bound or written as a path."""

    def bind_processor(self, dialect):
        text = self.string_bind_processor(dialect)
        return lambda value: text(self.path(value)) if text else self.path(value)

    def literal_processor(self, dialect):
        text = self.string_literal_processor(dialect)
        return lambda value: text(self.path(value)) if text else self.path(value)


class OktaJSONIndex(_JSONPath, types.JSON.JSONIndexType):
    def path(self, value):
        return _json_path([value])


class OktaJSONPath(_JSONPath, types.JSON.JSONPathType):
    def path(self, value):
        return _json_path(value)


# A parameter that stands alone in a SELECT list or VALUES has no type to the engine; these say theirs.
_CASTS = (
    (types.Boolean, "BOOLEAN"),
    (types.Integer, "BIGINT"),
    (types.Float, "DOUBLE"),
    (types.DateTime, "TIMESTAMP"),
    (types.Date, "DATE"),
    (types.Time, "TIME"),
    (types.LargeBinary, "VARBINARY"),
    (types.String, "VARCHAR"),
)


def cast_of(type_):
    """The type that a bound value of `type_` must be cast to where nothing else tells it; None for the rest."""
    if isinstance(type_, types.Numeric) and not isinstance(type_, types.Float):
        # The engine's own default has no fraction.
        scale = 10 if type_.scale is None else type_.scale
        return f"NUMERIC({type_.precision or 38}, {scale})"
    return next((name for kind, name in _CASTS if isinstance(type_, kind)), None)


class OktaNumeric(types.Numeric):
    """The engine reads `5.52` as a DOUBLE: what comes of such literals becomes the Decimal that the type promises."""

    def result_processor(self, dialect, coltype):
        if not self.asdecimal:
            return super().result_processor(dialect, coltype)
        return lambda value: value if value is None or isinstance(value, decimal.Decimal) else decimal.Decimal(str(value))


COLUMN_SPECIFICATIONS = {
    types.JSON: OktaJSON,
    types.JSON.JSONIndexType: OktaJSONIndex,
    types.JSON.JSONPathType: OktaJSONPath,
    types.Numeric: OktaNumeric,
    types.Float: types.Float,
}

# DATA_TYPE of SQLColumns → the type for a column of that size and scale.
_TYPES = {
    -9: lambda size, scale: types.NVARCHAR(size),
    12: lambda size, scale: types.VARCHAR(size),
    -8: lambda size, scale: types.NCHAR(size),
    1: lambda size, scale: types.CHAR(size),
    _SQL_WLONGVARCHAR: lambda size, scale: OktaJSON(),
    _SQL_LONGVARCHAR: lambda size, scale: types.TEXT(),
    -7: lambda size, scale: types.BOOLEAN(),
    -6: lambda size, scale: types.SMALLINT(),
    5: lambda size, scale: types.SMALLINT(),
    4: lambda size, scale: types.INTEGER(),
    -5: lambda size, scale: types.BIGINT(),
    2: lambda size, scale: types.NUMERIC(size, scale),
    3: lambda size, scale: types.DECIMAL(size, scale),
    6: lambda size, scale: types.DOUBLE(),
    7: lambda size, scale: types.REAL(),
    8: lambda size, scale: types.DOUBLE(),
    91: lambda size, scale: types.DATE(),
    92: lambda size, scale: types.TIME(),
    93: lambda size, scale: types.TIMESTAMP(),
    -2: lambda size, scale: types.BINARY(size),
    -3: lambda size, scale: types.VARBINARY(size),
    -4: lambda size, scale: types.LargeBinary(),
    -11: lambda size, scale: types.Uuid(),
}


def reflected(data_type, size, scale):
    """The type of a column of SQLColumns; NullType for a code that ODBC does not have."""
    return _TYPES.get(data_type, lambda size, scale: types.NullType())(size, scale)

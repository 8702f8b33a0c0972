"""Reflection through the driver's catalog functions, which cost Okta nothing but the org's schemas."""

import re

from sqlalchemy import exc
from sqlalchemy.engine import reflection

from .types import reflected

_SQL_TABLE_STAT = 0
_SQL_NULLABLE = 1
_PATTERN_CHARACTERS = re.compile(r"([%_\\])")


def _literal(name):
    """A name as a pattern of SQLTables and SQLColumns; SQL_SEARCH_PATTERN_ESCAPE is a backslash."""
    return _PATTERN_CHARACTERS.sub(r"\\\1", name)


class CatalogReflection:
    """What `sqlalchemy.inspect` asks of a dialect."""

    def _rows(self, connection, function, *arguments, **keywords):
        cursor = connection.connection.dbapi_connection.cursor()
        try:
            return getattr(cursor, function)(*arguments, **keywords).fetchall()
        finally:
            cursor.close()

    def _schema(self, schema):
        return schema or self.default_schema_name

    def _named(self, connection, table_name, schema):
        """SQLTables' row of one table, of any type; an empty name would mean every table to it."""
        if not table_name:
            return None
        schema = self._schema(schema)
        rows = self._rows(connection, "tables", table=_literal(table_name), schema=_literal(schema))
        return rows[0] if rows else None

    def _found(self, connection, table_name, schema):
        row = self._named(connection, table_name, schema)
        if row is None:
            raise exc.NoSuchTableError(f"{schema}.{table_name}" if schema else table_name)
        return row

    def _names(self, connection, schema, table_type):
        rows = self._rows(connection, "tables", schema=_literal(self._schema(schema)), tableType=table_type)
        return [row.table_name for row in rows]

    @reflection.cache
    def get_schema_names(self, connection, **kw):
        # Schemas are listed by SQLTables("", "%", ""), which pyodbc's tables() cannot ask: it folds "" to NULL.
        return list(dict.fromkeys(row.table_schem for row in self._rows(connection, "tables") if row.table_schem))

    @reflection.cache
    def has_table(self, connection, table_name, schema=None, **kw):
        self._ensure_has_table_connection(connection)
        return self._named(connection, table_name, schema) is not None

    @reflection.cache
    def get_table_names(self, connection, schema=None, **kw):
        return self._names(connection, schema, "TABLE")

    @reflection.cache
    def get_view_names(self, connection, schema=None, **kw):
        return self._names(connection, schema, "VIEW")

    def get_view_definition(self, connection, view_name, schema=None, **kw):
        # Where there are views, no catalog function tells their text.
        raise exc.NoSuchTableError(f"{schema}.{view_name}" if schema else view_name)

    def get_temp_table_names(self, connection, **kw):
        return []

    def get_temp_view_names(self, connection, **kw):
        return []

    def get_sequence_names(self, connection, schema=None, **kw):
        return []

    def has_sequence(self, connection, sequence_name, schema=None, **kw):
        return False

    @reflection.cache
    def get_columns(self, connection, table_name, schema=None, **kw):
        table = self._found(connection, table_name, schema)
        rows = self._rows(
            connection, "columns", table=_literal(table.table_name), schema=_literal(table.table_schem)
        )
        return [
            {
                "name": row.column_name,
                "type": reflected(row.data_type, row.column_size, row.decimal_digits),
                "nullable": row.nullable == _SQL_NULLABLE,
                "default": None,
                "comment": row.remarks or None,
            }
            for row in rows
        ]

    @reflection.cache
    def get_pk_constraint(self, connection, table_name, schema=None, **kw):
        table = self._found(connection, table_name, schema)
        rows = self._rows(connection, "primaryKeys", table.table_name, schema=table.table_schem)
        rows.sort(key=lambda row: row.key_seq)
        return {
            "constrained_columns": [row.column_name for row in rows],
            "name": rows[0].pk_name if rows else None,
        }

    @reflection.cache
    def get_foreign_keys(self, connection, table_name, schema=None, **kw):
        table = self._found(connection, table_name, schema)
        rows = self._rows(
            connection, "foreignKeys", foreignTable=table.table_name, foreignSchema=table.table_schem
        )
        keys = {}
        for row in sorted(rows, key=lambda row: (row.fk_name, row.key_seq)):
            # Columns 2 to 4 and 8 are the referenced side and the referencing column; ODBC 2 and 3 name them differently.
            _, referred_schema, referred_table, referred_column, _, _, _, column = row[:8]
            key = keys.setdefault(
                row.fk_name,
                {
                    "name": row.fk_name,
                    "constrained_columns": [],
                    "referred_schema": None
                    if schema is None and referred_schema == self.default_schema_name
                    else referred_schema,
                    "referred_table": referred_table,
                    "referred_columns": [],
                    "options": {},
                },
            )
            key["constrained_columns"].append(column)
            key["referred_columns"].append(referred_column)
        return list(keys.values())

    @reflection.cache
    def get_indexes(self, connection, table_name, schema=None, **kw):
        table = self._found(connection, table_name, schema)
        rows = self._rows(connection, "statistics", table.table_name, schema=table.table_schem)
        primary = self.get_pk_constraint(connection, table_name, schema, **kw)["name"]
        indexes = {}
        for row in rows:
            # The primary key's own index is no index to SQLAlchemy, but part of the key.
            if row.type == _SQL_TABLE_STAT or row.index_name == primary:
                continue
            index = indexes.setdefault(
                row.index_name, {"name": row.index_name, "column_names": [], "unique": not row.non_unique}
            )
            index["column_names"].append(row.column_name)
        # SQLStatistics has the unique ones first.
        return sorted(indexes.values(), key=lambda index: index["name"])

    @reflection.cache
    def get_table_comment(self, connection, table_name, schema=None, **kw):
        return {"text": self._found(connection, table_name, schema).remarks or None}

    @reflection.cache
    def get_table_options(self, connection, table_name, schema=None, **kw):
        self._found(connection, table_name, schema)
        return {}

    @reflection.cache
    def get_unique_constraints(self, connection, table_name, schema=None, **kw):
        self._found(connection, table_name, schema)
        return []

    @reflection.cache
    def get_check_constraints(self, connection, table_name, schema=None, **kw):
        self._found(connection, table_name, schema)
        return []

"""The system catalog through pyodbc: its rows beside the catalog functions', its types, its errors, what it costs."""

import datetime

import pyodbc
import pytest

import okta_org


def schema_requests(org):
    return [r["path"] for r in org.get("/sim/requests") if "/meta/" in r["path"]]


def test_tables_and_columns_are_those_of_the_catalog_functions(cursor):
    tables = cursor.execute("SELECT TABLE_CATALOG, TABLE_SCHEMA, TABLE_NAME FROM INFORMATION_SCHEMA.TABLES").fetchall()
    assert [tuple(row) for row in tables] == [(row[0], row[1], row[2]) for row in cursor.tables().fetchall()]
    assert len(tables) == len(okta_org.tables())
    wanted = [
        (row.table_name, row.column_name, row.type_name, row.ordinal_position, row.is_nullable)
        for row in cursor.columns().fetchall()
    ]
    found = cursor.execute(
        "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, ORDINAL_POSITION, IS_NULLABLE FROM INFORMATION_SCHEMA.COLUMNS"
    ).fetchall()
    assert [tuple(row) for row in found] == wanted
    numbered = cursor.execute(
        "SELECT t.name, c.name, ty.name, c.column_id, CASE WHEN c.is_nullable = 1 THEN 'YES' ELSE 'NO' END "
        "FROM sys.columns c JOIN sys.tables t ON t.object_id = c.object_id "
        "JOIN sys.types ty ON ty.user_type_id = c.user_type_id ORDER BY t.name, c.column_id"
    ).fetchall()
    assert [tuple(row) for row in numbered] == wanted


def test_descriptions_are_those_of_the_table_files(cursor):
    rows = cursor.execute(
        "SELECT t.name, p.minor_id, p.value FROM sys.extended_properties p JOIN sys.tables t ON p.major_id = t.object_id"
    ).fetchall()
    found = {(row[0], row[1]): row[2] for row in rows}
    for name, table in okta_org.tables().items():
        assert found[name, 0] == table["description"]
        for column in table["column"]:
            number = cursor.execute("SELECT COLUMNPROPERTY(OBJECT_ID(?), ?, 'ColumnId')", name, column["name"]).fetchval()
            assert found[name, number] == column["description"], (name, column["name"])


def test_keys_are_those_of_the_table_files(cursor):
    rows = cursor.execute(
        "SELECT OBJECT_NAME(k.parent_object_id), COL_NAME(k.parent_object_id, k.parent_column_id), "
        "OBJECT_NAME(k.referenced_object_id), COL_NAME(k.referenced_object_id, k.referenced_column_id) "
        "FROM sys.foreign_key_columns k"
    ).fetchall()
    wanted = {
        (name, key["column"], key["table"], key["references"])
        for name, table in okta_org.tables().items()
        for key in table.get("foreign_keys", [])
    }
    assert {tuple(row) for row in rows} == wanted and len(rows) == len(wanted)
    rows = cursor.execute(
        "SELECT t.name, c.name FROM sys.index_columns i JOIN sys.tables t ON t.object_id = i.object_id "
        "JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = i.column_id ORDER BY t.name, i.key_ordinal"
    ).fetchall()
    wanted = [(name, key) for name, table in sorted(okta_org.tables().items()) for key in table["primary_key"]]
    assert [tuple(row) for row in rows] == wanted


def test_values_have_the_types_of_sql_server(cursor):
    row = cursor.execute("SELECT TOP 1 name, object_id, is_ms_shipped, create_date FROM sys.tables").fetchone()
    assert [column[1] for column in row.cursor_description] == [str, int, bool, datetime.datetime]
    assert isinstance(row.name, str) and isinstance(row.object_id, int) and row.is_ms_shipped is False
    row = cursor.execute("SELECT SERVERPROPERTY('EngineEdition'), SERVERPROPERTY('Edition'), @@SPID").fetchone()
    assert tuple(row) == (3, "Developer Edition (64-bit)", 51)
    assert cursor.execute("SELECT TOP 1 name FROM sys.columns").description[0][:4] == ("name", str, None, 128)


def test_what_lists_columns_loads_every_schema_once_and_nothing_else_asks(new_sim):
    org = new_sim("--users", 20)
    connection = pyodbc.connect(org.connection_string())
    cursor = connection.cursor()
    for statement in [
        "SELECT name FROM sys.tables",
        "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES",
        "SELECT schema_name(), db_name(), object_id('Users'), @@VERSION",
        "SELECT session_id FROM sys.dm_exec_sessions WHERE session_id = @@SPID",
        "SELECT 1 FROM fn_listextendedproperty(default, default, default, default, default, default, default)",
    ]:
        cursor.execute(statement).fetchall()
    assert len(schema_requests(org)) == 1
    columns = {row[0] for row in cursor.execute("SELECT name FROM sys.columns").fetchall()}
    assert {"ProfileCostCentre", "ProfileAgency", "ProfilePartnerTier", "ProfileMaxSeats"} <= columns
    # The groups' schema, the list of user types, and the two types besides the default one.
    assert len(schema_requests(org)) == 1 + 1 + 1 + 2
    for _ in range(2):
        cursor.execute("SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS").fetchall()
    assert len(schema_requests(org)) == 5
    assert [r for r in org.requests() if "/meta/" not in r["path"]] == []
    connection.close()


@pytest.mark.parametrize(
    ("statement", "state", "hint"),
    [
        ("SELECT * FROM sys.colums", "42S02", "sys.columns"),
        ("SELECT * FROM INFORMATION_SCHEMA.TABLE", "42S02", "INFORMATION_SCHEMA.TABLES"),
        ("SELECT * FROM sys.nothing_of_the_kind", "42S02", "dm_exec_sessions"),
        ("SELECT * FROM master.sys.objects", "42S02", "master.sys.objects"),
        ("SELECT nam FROM sys.columns", "42S22", "name"),
        ("SELECT objectid('Users')", "42000", "objectid"),
        ("SELECT object_id()", "42000", ""),
        ("SELECT * FROM fn_listextendedproperty('x')", "42000", "seven"),
        ("INSERT INTO sys.tables (name) VALUES ('x')", "42000", ""),
    ],
)
def test_bad_input_says_what_was_meant(cursor, statement, state, hint):
    with pytest.raises(pyodbc.Error) as failed:
        cursor.execute(statement)
    assert failed.value.args[0] == state, failed.value
    assert hint in failed.value.args[1]

"""Tables in memory: the driver has none; its test-only library fills, changes, lists and drops them."""

import datetime
import decimal
import itertools
import os

import pyodbc
import pytest

# What a change of tables may begin with, all of it refused by the driver that is packaged.
DEFINITIONS = [
    "CREATE TABLE t (id INT)",
    "CREATE TABLE t AS SELECT 1 AS id",
    "CREATE VIEW v AS SELECT Id FROM Users",
    "CREATE INDEX i ON Users (Id)",
    "CREATE SCHEMA s",
    "DROP TABLE Users",
    "DROP TABLE IF EXISTS t",
    "TRUNCATE TABLE Users",
    "COMMENT ON TABLE Users IS 'x'",
    "INSERT INTO Users (Id) VALUES ('x')",
    "UPDATE Users SET Status = 'ACTIVE'",
    "DELETE FROM Users",
]


@pytest.mark.parametrize("statement", DEFINITIONS)
def test_the_driver_has_no_tables_to_change(cursor, statement):
    with pytest.raises(pyodbc.ProgrammingError) as refused:
        cursor.execute(statement)
    assert refused.value.args[0] == "42000"


@pytest.fixture(scope="module")
def connect(sim):
    library = os.environ.get("OKTA_ODBC_SCRATCH_DRIVER")
    assert library, "OKTA_ODBC_SCRATCH_DRIVER must name the driver with tables to fill; `cargo xtask test` sets it"
    text = sim.connection_string().split(";", 1)[1]
    return lambda: pyodbc.connect(f"Driver={library};{text}", autocommit=True)


_numbers = itertools.count()


@pytest.fixture
def scratch(connect):
    opened = connect()
    yield opened.cursor()
    opened.close()


@pytest.fixture
def table():
    """A name that nothing has: tables live as long as the process."""
    return f"scratch_{next(_numbers)}"


TEXT = "Zoë 你好 🜨 ' \" ;"

# Declared type, ODBC's code of it in SQLColumns (appendix D of its reference), values that come back as they went in.
ROUND_TRIPS = [
    ("CHAR(20)", 1, ["abc", TEXT, ""]),
    ("VARCHAR(40)", 12, ["abc", TEXT, ""]),
    ("NCHAR(20)", -8, ["abc", TEXT]),
    ("NVARCHAR(40)", -9, ["abc", TEXT]),
    ("CHARACTER VARYING(40)", 12, ["abc"]),
    ("TEXT", -1, ["x" * 70_000, TEXT * 1_000]),
    ("JSON", -10, ['{"a":[1,2,{"b":null}]}', "[]"]),
    ("SMALLINT", 5, [0, -32_768, 32_767]),
    ("INT", 4, [0, -(2**31), 2**31 - 1]),
    ("INTEGER", 4, [7]),
    ("BIGINT", -5, [-(2**63), 2**63 - 1]),
    ("BIT", -7, [True, False]),
    ("BOOLEAN", -7, [True, False]),
    ("REAL", 7, [0.5, -2.25]),
    ("FLOAT", 8, [0.1, 1e300, -1e-300]),
    ("DOUBLE PRECISION", 8, [0.1]),
    ("DECIMAL(10,2)", 3, [decimal.Decimal("12345678.91"), decimal.Decimal("-0.01")]),
    ("NUMERIC(38,10)", 3, [decimal.Decimal("1234567890123456789012345678.0123456789")]),
    ("MONEY", 3, [decimal.Decimal("922337203685477.5807")]),
    ("DATE", 91, [datetime.date(1, 1, 1), datetime.date(1850, 11, 10), datetime.date(9999, 12, 31)]),
    ("TIME", 92, [datetime.time(0, 0), datetime.time(12, 57, 18), datetime.time(23, 59, 59)]),
    (
        "TIMESTAMP",
        93,
        [datetime.datetime(1850, 11, 10, 11, 52, 35), datetime.datetime(2012, 10, 15, 12, 57, 18, 396_000)],
    ),
    ("DATETIME2", 93, [datetime.datetime(2012, 10, 15, 12, 57, 18)]),
    ("VARBINARY(20)", -3, [b"", b"\x00\x01\xff"]),
    ("BLOB", -3, [bytes(range(256)) * 300]),
]


@pytest.mark.parametrize("declared, code, values", ROUND_TRIPS, ids=[row[0] for row in ROUND_TRIPS])
def test_values_come_back_as_they_went_in(scratch, table, declared, code, values):
    scratch.execute(f"CREATE TABLE {table} (n INT, v {declared})")
    for number, value in enumerate([*values, None]):
        scratch.execute(f"INSERT INTO {table} (n, v) VALUES (?, ?)", number, value)
        assert scratch.rowcount == 1
    scratch.execute(f"SELECT v FROM {table} ORDER BY n")
    assert [row.v for row in scratch.fetchall()] == [*values, None]
    (column,) = [row for row in scratch.columns(table=table) if row.column_name == "v"]
    assert column.data_type == code
    for value in values:
        if declared not in ("JSON", "TEXT", "BLOB"):
            scratch.execute(f"SELECT v FROM {table} WHERE v = ?", value)
            assert scratch.fetchone().v == value


def test_a_table_is_filled_changed_and_emptied(scratch, table):
    scratch.execute(f"CREATE TABLE {table} (id INT IDENTITY(1,1) PRIMARY KEY, a VARCHAR(10) NOT NULL, n INT DEFAULT 5)")
    scratch.execute(f"INSERT INTO {table} (a) VALUES ('one'), ('two')")
    assert scratch.rowcount == 2
    scratch.execute(f"INSERT INTO {table} (a, n) SELECT a, n * ? FROM {table}", 2)
    assert scratch.rowcount == 2
    rows = [(1, "one", 5), (2, "two", 5), (3, "one", 10), (4, "two", 10)]
    assert [tuple(row) for row in scratch.execute(f"SELECT * FROM {table} ORDER BY id")] == rows
    scratch.execute(f"UPDATE {table} SET n = n + ?, a = 'three' WHERE id IN (SELECT id FROM {table} WHERE n = ?)", 1, 10)
    assert scratch.rowcount == 2
    rows = [(1, "one", 5), (2, "two", 5), (3, "three", 11), (4, "three", 11)]
    assert [tuple(row) for row in scratch.execute(f"SELECT * FROM {table} ORDER BY id")] == rows
    scratch.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE n = 5)")
    assert scratch.rowcount == 2
    assert [row.id for row in scratch.execute(f"SELECT id FROM {table} ORDER BY id")] == [3, 4]
    scratch.execute(f"DELETE FROM {table} WHERE id = 77")
    assert scratch.rowcount == 0
    scratch.execute(f"TRUNCATE TABLE {table}")
    assert scratch.execute(f"SELECT COUNT(*) FROM {table}").fetchval() == 0


def test_a_condition_that_is_neither_true_nor_false_leaves_a_row_alone(scratch, table):
    scratch.execute(f"CREATE TABLE {table} (id INT, n INT)")
    scratch.execute(f"INSERT INTO {table} VALUES (1, 1), (2, NULL)")
    scratch.execute(f"UPDATE {table} SET id = 9 WHERE n = 1 OR n > 5")
    scratch.execute(f"DELETE FROM {table} WHERE n <> 1")
    assert [tuple(row) for row in scratch.execute(f"SELECT id, n FROM {table} ORDER BY id")] == [(2, None), (9, 1)]


def test_arrays_of_parameters_add_up(scratch, table):
    scratch.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, t VARCHAR(20))")
    scratch.fast_executemany = True
    scratch.executemany(f"INSERT INTO {table} (id, t) VALUES (?, ?)", [(n, f"row {n}") for n in range(10_000)])
    scratch.execute(f"SELECT COUNT(*), SUM(id), MAX(t) FROM {table}")
    assert tuple(scratch.fetchone()) == (10_000, 49_995_000, "row 9999")


@pytest.mark.parametrize("values", ["(1, 'again')", "(2, NULL)"], ids=["primary key", "not null"])
def test_a_row_that_breaks_a_constraint_is_not_taken_nor_those_with_it(scratch, table, values):
    scratch.execute(f"CREATE TABLE {table} (id INT PRIMARY KEY, a VARCHAR(10) NOT NULL)")
    scratch.execute(f"INSERT INTO {table} VALUES (1, 'one')")
    with pytest.raises(pyodbc.IntegrityError) as broken:
        scratch.execute(f"INSERT INTO {table} VALUES (3, 'three'), {values}")
    assert broken.value.args[0] == "23000"
    scratch.execute(f"INSERT INTO {table} VALUES (3, 'three')")
    assert scratch.execute(f"SELECT COUNT(*) FROM {table}").fetchval() == 2


def test_tables_live_beside_oktas_and_every_connection_sees_them(sim, connect, scratch, table):
    scratch.execute(f"CREATE TABLE {table} AS SELECT Id AS user_id, Status FROM Users WHERE Status = 'ACTIVE'")
    active = sorted(user["id"] for user in sim.truth("Users") if user["status"] == "ACTIVE")
    assert scratch.rowcount == len(active) > 0
    other = connect()
    rows = other.execute(f"SELECT u.Id FROM Users u JOIN {table} t ON t.user_id = u.Id").fetchall()
    assert sorted(row.Id for row in rows) == active
    other.execute(f"DROP TABLE {table}")
    other.close()
    with pytest.raises(pyodbc.ProgrammingError) as gone:
        scratch.execute(f"SELECT * FROM {table}")
    assert gone.value.args[0] == "42S02"


def test_the_catalog_lists_what_was_declared(scratch, table):
    scratch.execute(f"CREATE TABLE {table}_p (a INT, b INT, CONSTRAINT the_key PRIMARY KEY (b, a))")
    scratch.execute(
        f"CREATE TABLE {table} (id INT PRIMARY KEY, p INT NOT NULL CONSTRAINT the_reference REFERENCES {table}_p (a),"
        " t VARCHAR(30) UNIQUE, CHECK (id > 0))"
    )
    scratch.execute(f"CREATE UNIQUE INDEX by_t ON {table} (t, id)")
    scratch.execute(f"CREATE VIEW {table}_v AS SELECT id, t FROM {table}")
    scratch.execute(f"COMMENT ON TABLE {table} IS 'of a test'")
    listed = {(row.table_name, row.table_type): row.remarks for row in scratch.tables(table=f"{table}%")}
    assert listed == {(table, "TABLE"): "of a test", (f"{table}_p", "TABLE"): "", (f"{table}_v", "VIEW"): ""}
    assert [(row.column_name, row.pk_name) for row in scratch.primaryKeys(f"{table}_p")] == [("b", "the_key"), ("a", "the_key")]
    (key,) = scratch.foreignKeys(foreignTable=table).fetchall()
    assert (key.pktable_name, key.pkcolumn_name, key.fkcolumn_name, key.fk_name) == (f"{table}_p", "a", "p", "the_reference")
    columns = [row.column_name for row in scratch.statistics(table) if row.index_name == "by_t"]
    assert columns == ["t", "id"]
    scratch.execute(
        "SELECT COLUMN_NAME, IS_NULLABLE, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = ? ORDER BY ORDINAL_POSITION",
        table,
    )
    assert [tuple(row) for row in scratch] == [("id", "NO", "int"), ("p", "NO", "int"), ("t", "YES", "varchar")]


def test_a_million_rows_come_from_memory(scratch, table):
    digits = "d(n) AS (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
    number = "a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n"
    scratch.execute(
        f"CREATE TABLE {table} AS WITH {digits} SELECT {number} AS id, CAST({number} AS DOUBLE) / 8 AS f, 'short' AS t"
        " FROM d a, d b, d c, d d, d e, d f"
    )
    assert scratch.rowcount == 1_000_000
    scratch.execute(f"SELECT * FROM {table}")
    seen = total = 0
    while rows := scratch.fetchmany(10_000):
        seen += len(rows)
        total += sum(row.id for row in rows)
    assert (seen, total) == (1_000_000, 499_999_500_000)

"""pyodbc: types, NULLs, parameters, catalog functions, cursors and transactions."""

import datetime
import decimal
import threading
import time
import uuid

import pyodbc
import pytest

import cells


def one(cursor, statement, *parameters):
    """The single value of a single row."""
    rows = cursor.execute(statement, *parameters).fetchall()
    assert len(rows) == 1 and len(rows[0]) == 1, rows
    return rows[0][0]


# Types ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column, python_type",
    [
        ("Id", str),
        ("Status", str),
        ("Created", datetime.datetime),
        ("ProfileFirstName", str),
        ("ProfileCostCentre", str),
        ("ProfileBadgeActive", bool),
        ("ProfileSeatNumber", int),
        ("ProfileContractHours", float),
        ("ProfileSkills", str),
    ],
)
def test_a_column_has_its_type(cursor, column, python_type):
    rows = cursor.execute(f"SELECT {column} FROM Users WHERE {column} IS NOT NULL").fetchall()
    assert cursor.description[0][1] is python_type
    assert rows and all(type(row[0]) is python_type for row in rows)


def test_labels_are_the_users_text_or_the_catalogs_name(cursor):
    cursor.execute("SELECT id, STATUS AS state, ProfileLogin FROM users WHERE 1 = 0")
    assert [column[0] for column in cursor.description][1:] == ["state", "ProfileLogin"]
    assert cursor.description[0][0].lower() == "id"


@pytest.mark.parametrize(
    "expression, value",
    [
        ("1", 1),
        ("1.5", 1.5),
        ("'it''s'", "it's"),
        ("NULL", None),
        ("CAST('2024-02-29' AS DATE)", datetime.date(2024, 2, 29)),
        ("{d '2024-02-29'}", datetime.date(2024, 2, 29)),
        ("{ts '2024-02-29 12:34:56.789'}", datetime.datetime(2024, 2, 29, 12, 34, 56, 789000)),
        ("CAST(12.34 AS DECIMAL(10, 2))", decimal.Decimal("12.34")),
        ("CAST(-0.05 AS DECIMAL(10, 2))", decimal.Decimal("-0.05")),
        ("CAST(9007199254740993 AS BIGINT)", 9007199254740993),
        ("{fn UCASE('zoë')}", "ZOË"),
        ("{fn CONCAT('a', 'b')}", "ab"),
        ("CASE WHEN 1 = 1 THEN 'yes' ELSE 'no' END", "yes"),
    ],
)
def test_an_expression_has_its_value(cursor, expression, value):
    found = one(cursor, f"SELECT {expression}")
    assert float(found) == value if isinstance(value, float) else found == value


def test_every_character_survives(cursor):
    text = "Zoë 李 Ω \U0001f600 'quoted' \"double\" \\ % _ tab\tend"
    assert one(cursor, "SELECT CAST(? AS VARCHAR(200))", text) == text
    literal = text.replace("'", "''")
    assert one(cursor, f"SELECT '{literal}'") == text


def test_names_of_users_are_unicode(sim, cursor):
    wanted = {row["id"]: row["profile"]["firstName"] for row in sim.truth("Users")}
    assert any(not name.isascii() for name in wanted.values()), "okta-sim has no such name to test with"
    assert dict(map(tuple, cursor.execute("SELECT Id, ProfileFirstName FROM Users").fetchall())) == wanted


@pytest.mark.parametrize("length", [1, 255, 4000, 4001, 100_000, 1_000_000])
def test_text_of_any_length(cursor, length):
    text = ("0123456789abcdeé" * (length // 16 + 1))[:length]
    assert one(cursor, "SELECT ?", text) == text


# Parameters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "type_name, value",
    [
        ("VARCHAR(50)", "text"),
        ("VARCHAR(50)", ""),
        ("INTEGER", -7),
        ("BIGINT", 2**62),
        ("DOUBLE", 1.25),
        ("BIT", True),
        ("BIT", False),
        ("DATE", datetime.date(1999, 12, 31)),
        ("TIMESTAMP", datetime.datetime(2024, 2, 29, 23, 59, 59, 123000)),
        ("TIME", datetime.time(23, 59, 58)),
        ("DECIMAL(20, 4)", decimal.Decimal("12345678.9012")),
        ("DECIMAL(20, 4)", decimal.Decimal("-0.0001")),
        ("VARBINARY(10)", b"\x00\x01\xff"),
        ("VARCHAR(50)", None),
        ("INTEGER", None),
    ],
)
def test_a_parameter_comes_back(cursor, type_name, value):
    found = one(cursor, f"SELECT CAST(? AS {type_name})", value)
    assert found == value and (value is None or type(found) is type(value))


def test_a_uuid_is_text(cursor):
    value = uuid.UUID("12345678-1234-5678-1234-567812345678")
    assert one(cursor, "SELECT CAST(? AS VARCHAR(36))", value).lower() == str(value)


@pytest.mark.parametrize(
    "value",
    [1, -5, 2**40, "x", 2.5, True, decimal.Decimal("1.50"), datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5),
     b"\xff\x00", None],
    ids=repr,
)  # fmt: skip
def test_a_parameter_that_nothing_types_is_what_is_bound_to_it(cursor, value):
    for statement in ("SELECT ?", "SELECT v FROM (VALUES (?)) AS t (v)", "SELECT MAX(v) FROM (SELECT ? AS v) AS t"):
        if isinstance(value, bool) and "MAX" in statement:
            continue
        found = one(cursor, statement, value)
        assert found == value and isinstance(found, type(value)), statement


def test_the_same_statement_takes_parameters_of_one_type_after_the_other(cursor):
    for value in (1, "a", 2.5, None, 3):
        assert one(cursor, "SELECT ? AS v", value) == value
    assert one(cursor, "SELECT SUM(CASE WHEN Status = 'ACTIVE' THEN ? ELSE ? END) FROM Users", 1, 0) == one(
        cursor, "SELECT COUNT(*) FROM Users WHERE Status = ?", "ACTIVE"
    )
    assert one(cursor, "SELECT COUNT(*) FROM Users WHERE Status = ? AND ?", "ACTIVE", False) == 0


def test_a_bound_fraction_is_not_cut_where_its_neighbour_is_a_whole_number(cursor):
    """T-SQL's precedence: decimal and float are above bigint, and no row's whole number is a fraction."""
    assert one(cursor, "SELECT ? + 1 AS v", 2.5) == 3.5
    assert one(cursor, "SELECT ? * 2 AS v", decimal.Decimal("1.50")) == 3
    seats = [row[0] for row in cursor.execute("SELECT ProfileSeatNumber FROM Users WHERE ProfileSeatNumber IS NOT NULL")]
    count = "SELECT COUNT(*) FROM Users WHERE ProfileSeatNumber = ?"
    assert one(cursor, count, seats[0] + 0.5) == 0
    assert one(cursor, count, float(seats[0])) == seats.count(seats[0])


def test_parameters_compare_with_columns_of_each_type(sim, cursor):
    user = next(u for u in sim.truth("Users") if u["profile"].get("seatNumber") is not None)
    created = cells.instant(user["created"])
    statement = "SELECT Id FROM Users WHERE Id = ? AND Created = ? AND ProfileSeatNumber = ? AND ProfileLogin = ?"
    assert one(cursor, statement, user["id"], created, user["profile"]["seatNumber"], user["profile"]["login"]) == user["id"]
    assert cursor.execute("SELECT Id FROM Users WHERE ProfileLogin = ?", None).fetchall() == []


def test_one_statement_runs_with_many_parameters(sim, cursor):
    for user in sim.truth("Users")[:10]:
        assert one(cursor, "SELECT ProfileLogin FROM Users WHERE Id = ?", user["id"]) == user["profile"]["login"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_parameters_is_refused(cursor, count):
    with pytest.raises(pyodbc.Error) as caught:
        cursor.execute("SELECT Id FROM Users WHERE Id = ? AND Status = ?", ["x"] * count)
    # pyodbc counts what it was given itself; without any it leaves the counting to the driver.
    assert "2 parameter" in caught.value.args[0] if count else caught.value.args[0] in ("07001", "07002")
    assert one(cursor, "SELECT 1") == 1


# Catalog functions ---------------------------------------------------------------------------------------------------


def test_tables_are_listed(cursor):
    rows = cursor.tables().fetchall()
    names = {row.table_name for row in rows if row.table_type == "TABLE"}
    assert {"Users", "Groups", "GroupMembers", "Apps", "SystemLogs"} <= names
    assert {row.table_cat for row in rows} == {"Okta"}
    assert [row.table_name for row in cursor.tables(table="Group%").fetchall() if row.table_type == "TABLE"] == [
        "GroupMembers",
        "Groups",
    ]


def test_columns_are_listed_with_the_orgs_own(cursor):
    rows = cursor.columns(table="Users").fetchall()
    by_name = {row.column_name: row for row in rows}
    assert by_name["Id"].nullable == pyodbc.SQL_NO_NULLS
    assert by_name["ProfileCostCentre"].type_name.upper().endswith("VARCHAR")
    assert [row.ordinal_position for row in rows] == list(range(1, len(rows) + 1))
    cursor.execute("SELECT * FROM Users WHERE 1 = 0")
    assert [column[0] for column in cursor.description] == [row.column_name for row in rows]


def test_described_sizes_are_finite(cursor):
    for row in cursor.columns(table="%").fetchall():
        assert row.column_size is None or 0 < row.column_size < 2**31 - 1, row


@pytest.mark.parametrize(
    "expression, size",
    [
        ("CAST(Id AS NVARCHAR(30))", 30),
        ("CAST(Id AS NVARCHAR(9000))", 9000),
        ("'12345'", 5),
        ("''", 1),
        # Of no declared length: the default of MaxVarcharSize, and that of long text.
        ("CONCAT(Id, Id)", 4000),
        ("CAST(Id AS NVARCHAR(max))", 16384),
    ],
)
def test_text_is_as_long_as_it_is_declared(cursor, expression, size):
    description = cursor.execute(f"SELECT {expression} AS t FROM Users WHERE 1 = 0").description
    assert description[0][3] == size
    union = f"SELECT 'a' AS t UNION ALL SELECT {expression} FROM Users WHERE 1 = 0"
    assert cursor.execute(union).description[0][3] == size


def test_tinyint_reaches_from_0_to_255_as_the_type_information_says(cursor):
    (found,) = [row for row in cursor.getTypeInfo().fetchall() if row.type_name == "tinyint"]
    assert found.unsigned_attribute == 1
    assert one(cursor, "SELECT CAST(255 AS TINYINT)") == 255
    assert one(cursor, "SELECT CAST(200 AS TINYINT) + CAST(50 AS TINYINT) - CAST(100 AS TINYINT)") == 150
    for value in (256, -1):
        with pytest.raises(pyodbc.Error) as raised:
            one(cursor, f"SELECT CAST({value} AS TINYINT)")
        assert raised.value.args[0] == "22003"


def test_keys_are_listed(cursor):
    assert [row.column_name for row in cursor.primaryKeys("GroupMembers").fetchall()] == ["GroupId", "Id"]
    referenced = {(r.fkcolumn_name, r.pktable_name) for r in cursor.foreignKeys(foreignTable="GroupMembers").fetchall()}
    assert {("GroupId", "Groups"), ("UserId", "Users")} <= referenced


def test_statistics_special_columns_procedures_and_types_have_their_shape(cursor):
    cursor.statistics("Users").fetchall()
    assert len(cursor.description) == 13
    assert [row.column_name for row in cursor.rowIdColumns("Users").fetchall()] == ["Id"]
    assert cursor.procedures().fetchall() == []
    assert cursor.procedureColumns().fetchall() == []
    types = {row.type_name.upper() for row in cursor.getTypeInfo().fetchall()}
    assert len(types) > 5


def test_getinfo(connection):
    assert connection.getinfo(pyodbc.SQL_DBMS_NAME)
    assert connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR) == '"'
    assert connection.getinfo(pyodbc.SQL_DATA_SOURCE_READ_ONLY)


# Errors --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement, state, word",
    [
        ("SELECT * FROM NoSuchTable", "42S02", "NoSuchTable"),
        ("SELECT * FROM Usres", "42S02", "Users"),
        ("SELECT NoSuchColumn FROM Users", "42S22", "NoSuchColumn"),
        ("SELECT ProfileFristName FROM Users", "42S22", "ProfileFirstName"),
        ("SELECT", "42000", ""),
        ("SELEC Id FROM Users", "42000", ""),
        ("SELECT Id FROM Users WHERE", "42000", ""),
        ("SELECT 'unclosed", "42000", ""),
        ("CREATE TABLE x (a INTEGER)", "42000", ""),
        ("DROP TABLE Users", "42000", ""),
        ("ALTER TABLE Users ADD x INTEGER", "42000", ""),
        ("TRUNCATE TABLE Users", "42000", "TRUNCATE at line 1, column 1"),
        ("SELECT 1; SELECT 2; DROP TABLE Users", "42000", ""),
        ("INSERT INTO Groups (ProfileName) VALUES ('x')", None, "read-only"),
        ("UPDATE Users SET ProfileCity = 'x' WHERE Id = 'y'", None, "read-only"),
        ("DELETE FROM Users WHERE Id = 'y'", None, "read-only"),
    ],
)
def test_a_bad_statement_has_its_sqlstate(cursor, statement, state, word):
    with pytest.raises(pyodbc.Error) as caught:
        cursor.execute(statement)
    given, message = caught.value.args[0], caught.value.args[1]
    assert state is None or given == state, message
    assert word.lower() in message.lower()
    assert one(cursor, "SELECT 1") == 1


def test_text_that_is_no_number_fails_where_it_is_read(cursor):
    with pytest.raises(pyodbc.Error) as caught:
        cursor.execute("SELECT CAST(ProfileLogin AS INTEGER) FROM Users").fetchall()
    assert caught.value.args[0] in ("22018", "22005")


def test_a_wrong_token_is_28000(sim):
    with pytest.raises(pyodbc.Error) as caught:
        pyodbc.connect(sim.connection_string().replace("sim-token", "wrong"))
    assert caught.value.args[0] == "28000"
    assert "token" in caught.value.args[1].lower()


def test_an_unreachable_host_is_08001_within_the_timeout():
    start = time.monotonic()
    with pytest.raises(pyodbc.Error) as caught:
        pyodbc.connect("Driver={Okta ODBC Driver};Domain=http://127.0.0.1:1;APIToken=x;Timeout=5")
    assert caught.value.args[0] == "08001"
    assert time.monotonic() - start < 15


def test_http_is_for_loopback_only():
    with pytest.raises(pyodbc.Error) as caught:
        pyodbc.connect("Driver={Okta ODBC Driver};Domain=http://example.com;APIToken=x")
    assert "http" in caught.value.args[1].lower()


def test_unknown_keywords_do_not_fail_a_connection(sim):
    pyodbc.connect(sim.connection_string(Trusted_Connection="Yes", NoSuchKeyword="1")).close()


# Cursors, transactions, time -----------------------------------------------------------------------------------------


def test_rows_come_one_by_one_in_parts_and_all_together(sim, cursor):
    count = len(sim.truth("Users"))
    cursor.execute("SELECT Id FROM Users")
    first = cursor.fetchone()
    several = cursor.fetchmany(7)
    rest = cursor.fetchall()
    assert len(several) == 7 and cursor.fetchone() is None
    assert len({row[0] for row in [first, *several, *rest]}) == count


def test_there_is_no_next_result(cursor):
    cursor.execute("SELECT Id FROM Users")
    assert not cursor.nextset()


def test_rowcount_of_a_query_is_unknown(cursor):
    assert cursor.execute("SELECT Id FROM Users").rowcount == -1


def test_two_cursors_read_side_by_side(sim, connection):
    first, second = connection.cursor(), connection.cursor()
    first.execute("SELECT Id FROM Users")
    second.execute("SELECT Id FROM Groups")
    pairs = [(first.fetchone(), second.fetchone()) for _ in sim.truth("Groups")]
    assert all(u and g and u[0] != g[0] for u, g in pairs)


@pytest.mark.parametrize("autocommit", [True, False])
def test_both_ways_to_commit(sim, autocommit):
    connection = pyodbc.connect(sim.connection_string(), autocommit=autocommit)
    cursor = connection.cursor()
    assert one(cursor, "SELECT COUNT(*) FROM Groups") == len(sim.truth("Groups"))
    connection.commit()
    assert one(cursor, "SELECT COUNT(*) FROM Apps") == len(sim.truth("Apps"))
    connection.rollback()
    connection.autocommit = not autocommit
    connection.close()


def test_a_closed_connection_is_closed(sim):
    connection = pyodbc.connect(sim.connection_string())
    connection.close()
    with pytest.raises(pyodbc.ProgrammingError):
        connection.cursor()


def test_cancel_from_another_thread_ends_a_slow_query(new_sim):
    slow = new_sim("--users", 2000, "--latency-ms", 1500)
    connection = pyodbc.connect(slow.connection_string())
    cursor = connection.cursor()
    threading.Timer(0.7, cursor.cancel).start()
    start = time.monotonic()
    with pytest.raises(pyodbc.Error) as caught:
        cursor.execute("SELECT COUNT(*) FROM Users").fetchall()
    assert caught.value.args[0] in ("HY008", "S1008")
    assert time.monotonic() - start < 5
    cursor.close()
    connection.close()


def test_a_query_timeout_ends_a_slow_query(new_sim):
    slow = new_sim("--users", 2000, "--latency-ms", 1500)
    connection = pyodbc.connect(slow.connection_string())
    connection.timeout = 1
    start = time.monotonic()
    with pytest.raises(pyodbc.Error) as caught:
        connection.execute("SELECT COUNT(*) FROM Users").fetchall()
    assert caught.value.args[0] == "HYT00"
    assert time.monotonic() - start < 5
    connection.timeout = 0
    assert connection.execute("SELECT 1").fetchall()[0][0] == 1


def test_closing_early_stops_asking(new_sim):
    org = new_sim("--users", 2000)
    connection = pyodbc.connect(org.connection_string())
    org.reset()
    cursor = connection.execute("SELECT * FROM Users")
    for _ in range(5):
        cursor.fetchone()
    cursor.close()
    time.sleep(0.3)
    assert len(org.requests()) == 1


@pytest.mark.parametrize("count", [1, 1023, 1024, 1025, 2047, 2048, 5000])
def test_long_text_whose_parts_end_within_a_character(count, cursor):
    """pyodbc asked for ever where a part held back the half of a surrogate pair that its buffer had room for."""
    for before in ("", "x"):
        value = before + "\U0001f600" * count
        assert cursor.execute(f"SELECT '{before}' || REPEAT('\U0001f600', {count})").fetchval() == value


# Queries of the README -----------------------------------------------------------------------------------------------


def test_active_users_in_any_case(sim, cursor):
    wanted = {u["id"] for u in sim.truth("Users") if u["status"] == "ACTIVE"}
    for spelling in ("ACTIVE", "Active", "active"):
        rows = cursor.execute("SELECT Id, ProfileFirstName FROM Users WHERE Status = ?", spelling).fetchall()
        assert {row[0] for row in rows} == wanted
    assert wanted


def test_a_join_of_three_tables(sim, cursor):
    members = sim.truth("GroupMembers")
    groups = {g["id"]: g["profile"]["name"] for g in sim.truth("Groups")}
    wanted = sorted((groups[m["groupId"]], m["profile"]["login"]) for m in members)
    rows = cursor.execute(
        "SELECT g.ProfileName, u.ProfileLogin FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id "
        "JOIN Users u ON u.Id = m.UserId"
    ).fetchall()
    assert sorted(map(tuple, rows)) == wanted


def test_an_aggregate(sim, cursor):
    wanted = {}
    for user in sim.truth("Users"):
        wanted[user["status"]] = wanted.get(user["status"], 0) + 1
    assert "DEPROVISIONED" in wanted
    rows = cursor.execute("SELECT Status, COUNT(*) FROM Users GROUP BY Status").fetchall()
    assert dict(map(tuple, rows)) == wanted


def test_a_custom_attribute(sim, cursor):
    values = {u["id"]: u["profile"].get("costCentre") for u in sim.truth("Users")}
    wanted = {i: v for i, v in values.items() if v and v.upper().startswith("EU-")}
    rows = cursor.execute("SELECT Id, ProfileCostCentre FROM Users WHERE ProfileCostCentre LIKE 'EU-%'").fetchall()
    assert dict(map(tuple, rows)) == wanted and wanted

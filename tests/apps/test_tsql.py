"""T-SQL through pyodbc: what SQLAlchemy's mssql dialect and people who know SQL Server send."""

import datetime
import decimal

import pyodbc
import pytest

# SQLSTATEs (and a text) that SQLAlchemy's mssql+pyodbc takes for a lost connection.
LOST = ["08S01", "01000", "01002", "08003", "08007", "08S02", "08001", "HYT00", "HY010", "10054"]


@pytest.mark.parametrize(
    "statement",
    [
        "SET NOCOUNT ON",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET IDENTITY_INSERT [dbo].[Users] ON",
        "use [Okta]",
        "IF @@TRANCOUNT = 0 BEGIN TRANSACTION",
        "SAVE TRANSACTION sa_savepoint_1",
        "ROLLBACK TRANSACTION sa_savepoint_1",
        "ROLLBACK TO SAVEPOINT sa_savepoint_1",
        "COMMIT",
    ],
)
def test_statements_about_the_session_have_no_result_set(cursor, sim, statement):
    before = len(sim.requests())
    assert cursor.execute(statement).description is None
    # Prepared, and more than once.
    assert cursor.execute(statement).description is None
    assert len(sim.requests()) == before
    assert cursor.execute("SELECT 1").fetchval() == 1


def test_a_query_after_set_nocount_has_its_rows(cursor):
    assert cursor.execute("SET NOCOUNT ON; SELECT 1 AS one").fetchval() == 1


@pytest.mark.parametrize(
    "statement, construct",
    [
        ("DECLARE @a INT = 1", "DECLARE"),
        ("EXEC sp_who", "EXEC"),
        ("CREATE TABLE #t (a INT)", "CREATE TABLE"),
        ("SELECT * FROM #t", "temporary table #t"),
        ("WAITFOR DELAY '00:00:01'", "WAITFOR"),
        ("USE master", "USE MASTER"),
        ("SELECT * FROM Users u CROSS APPLY STRING_SPLIT(u.ProfileTitle, ',')", "STRING_SPLIT of a column at line 1, column 35"),
        ("SELECT * FROM STRING_SPLIT('a b', ' ', 1)", "STRING_SPLIT with ordinals at line 1, column 15"),
        ("SELECT LEN()", "LEN takes 1 argument"),
        ("SELECT Id INTO t FROM Users", "SELECT … INTO at line 1, column 11"),
        ("SELECT * FROM OPENJSON('[1,2]')", "OPENJSON at line 1, column 15"),
        ("EXPLAIN SELECT 1", "EXPLAIN at line 1, column 1"),
        ("{? = call x}", "{call x} at line 1, column 1"),
        ("VALUES (1),(2,3)", "line 1, column 13"),
        ("SELECT Id FROM Users WHERE COUNT(*) > 1", "HAVING"),
        ("SELECT Id FROM Users UNION SELECT Id, Status FROM Users", "same number of columns"),
        ("SELECT Id FROM Users WHERE Id", "need a condition"),
        ("SELECT Id FROM Users WHERE regexp_like(Id, '(')", "'(' is no regular expression: unclosed group"),
        ("SELECT DATEADD(fortnight, 1, GETDATE())", "fortnight"),
    ],
)
def test_what_is_refused_is_named_and_loses_no_connection(cursor, statement, construct):
    with pytest.raises(pyodbc.Error) as raised:
        cursor.execute(statement).fetchall()
    state, message = raised.value.args
    assert state == "42000" and construct in message
    assert not any(lost in message for lost in LOST)
    assert cursor.execute("SELECT 1").fetchval() == 1


def test_parameters_stand_where_sqlalchemy_puts_them(cursor, sim):
    users = sim.truth("Users")
    logins = sorted(user["profile"]["login"] for user in users)
    page = (
        "SELECT [Users].[Id] FROM [Users] ORDER BY [Users].[ProfileLogin]\n OFFSET ? ROWS\n FETCH FIRST ? ROWS ONLY"
    )
    assert len(cursor.execute(page, 5, 7).fetchall()) == 7
    added = "SELECT Id FROM Users ORDER BY Id OFFSET 0 ROWS FETCH FIRST ? + ? ROWS ONLY"
    assert len(cursor.execute(added, 2, 3).fetchall()) == 5
    like = "SELECT ProfileLogin FROM Users WHERE ProfileLogin LIKE ? + '%' ESCAPE '/'"
    assert [row[0] for row in cursor.execute(like, logins[0][:5].upper()).fetchall()] == [
        login for login in (user["profile"]["login"] for user in users) if login.startswith(logins[0][:5])
    ]
    in_cast = "SELECT Id FROM Users WHERE ProfileLogin = CAST(? AS NVARCHAR(max))"
    assert len(cursor.execute(in_cast, logins[0]).fetchall()) == 1
    assert cursor.execute("SELECT 3 / (? + 0.0)", 2).fetchval() == 1.5
    assert cursor.execute("SELECT ? + 'b'", "a").fetchval() == "ab"
    assert cursor.execute("SELECT DATEADD(day, ?, CAST('2026-03-01' AS DATETIME))", -1).fetchval() == datetime.datetime(
        2026, 2, 28
    )


def test_types_are_those_of_t_sql(cursor):
    row = cursor.execute(
        "SELECT LEN('abc'), DATEPART(year, '2026-01-31'), DATEDIFF_BIG(second, '2026-01-01', '2026-01-02'), "
        "GETDATE(), EOMONTH('2026-02-01'), CAST(1 AS BIT), CAST('1.5' AS MONEY), TRY_CAST('x' AS INT), "
        "TIMEFROMPARTS(1, 2, 3, 0, 0), IIF(1 = 1, 'a', 'b')"
    ).fetchone()
    assert row[:3] == (3, 2026, 86400)
    assert isinstance(row[3], datetime.datetime)
    assert abs(row[3] - datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)) < datetime.timedelta(minutes=1)
    assert row[4] == datetime.date(2026, 2, 28)
    assert row[5] is True
    assert row[6] == decimal.Decimal("1.5")
    assert row[7:] == (None, datetime.time(1, 2, 3), "a")


def test_labels_are_the_users_text(cursor):
    cursor.execute("SELECT LEN(ProfileLogin), IIF(1 = 1, 'a', 'b'), N'x', ISNULL(ProfileTitle, '') AS t FROM Users")
    assert [column[0] for column in cursor.description] == ["LEN(ProfileLogin)", "IIF(1 = 1, 'a', 'b')", "N'x'", "t"]


def test_groups_of_computed_values_are_those_of_python(cursor, sim):
    users = sim.truth("Users")
    months = {}
    for user in users:
        months[user["created"][:7]] = months.get(user["created"][:7], 0) + 1
    found = cursor.execute(
        "SELECT FORMAT(Created, 'yyyy-MM') AS m, COUNT(*) FROM Users GROUP BY FORMAT(Created, 'yyyy-MM')"
    ).fetchall()
    assert {month: count for month, count in found} == months
    domains = {}
    for user in users:
        domain = user["profile"]["login"].split("@")[1]
        domains[domain] = domains.get(domain, 0) + 1
    found = cursor.execute(
        "SELECT SUBSTRING(ProfileLogin, CHARINDEX('@', ProfileLogin) + 1, LEN(ProfileLogin)) AS d, COUNT_BIG(*) "
        "FROM Users GROUP BY SUBSTRING(ProfileLogin, CHARINDEX('@', ProfileLogin) + 1, LEN(ProfileLogin))"
    ).fetchall()
    assert {domain: count for domain, count in found} == domains

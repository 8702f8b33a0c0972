"""User text in every pushed position gives the same rows as unpushed, and never reaches another resource."""

import pyodbc
import pytest

import okta_org

TEXTS = [
    "",
    " ",
    ".",
    "..",
    "../groups",
    "me",
    "ME",
    "%",
    "%2e%2e",
    "%00",
    "a/b",
    "a\\b",
    "\\",
    '"',
    '" or status pr or id eq "',
    "' OR 1=1 --",
    "')",
    "?",
    "?limit=1",
    "#",
    "&after=1",
    "a\nb",
    "a\r\nHost: x",
    "\t",
    "é",
    "李",
    "\U0001f600",
    "x" * 5000,
    "null",
    "true",
    "0",
    "{id}",
    "${jndi}",
    "_",
]

# Statement with one parameter, and the same with a condition that is false but cannot be sent to Okta.
POSITIONS = [
    "SELECT Id FROM Users WHERE Id = ?",
    "SELECT Id FROM Users WHERE Id IN (?, 'other')",
    "SELECT Id FROM Users WHERE Id <> ? AND Id > 'zzzz'",
    "SELECT Id FROM Users WHERE ProfileLogin = ?",
    "SELECT Id FROM Users WHERE ProfileFirstName = ?",
    "SELECT Id FROM Users WHERE ProfileLogin LIKE ?",
    "SELECT Id FROM Users WHERE Status = ?",
    "SELECT Id FROM Users WHERE ProfileCostCentre >= ?",
    "SELECT Id FROM Groups WHERE Id = ?",
    "SELECT Id FROM Groups WHERE ProfileName = ?",
    "SELECT Id FROM GroupMembers WHERE GroupId = ?",
    "SELECT Id FROM Apps WHERE Id = ?",
    "SELECT Id FROM Apps WHERE Label = ?",
    "SELECT Id FROM ApplicationUsers WHERE AppId = ?",
    "SELECT Id FROM ApplicationGroups WHERE AppId = ?",
    "SELECT Id FROM UserFactors WHERE UserId = ?",
    "SELECT Id FROM UserGroups WHERE UserId = ?",
    "SELECT Id FROM UserTypes WHERE Id = ?",
    "SELECT Uuid FROM SystemLogs WHERE EventType = ?",
    "SELECT Uuid FROM SystemLogs WHERE ActorId = ?",
]


@pytest.fixture(scope="module")
def small():
    """An org small enough to read whole, often."""
    org = okta_org.Sim("--users", 12, "--groups", 3, "--apps", 2, "--log-events", 50)
    connection = pyodbc.connect(org.connection_string(), autocommit=True)
    yield org, connection
    connection.close()
    org.close()


def unpushed(statement):
    """The condition wrapped so that Okta cannot take it: OR with what no row of the table meets."""
    head, condition = statement.split(" WHERE ")
    column = head.split()[1]
    return f"{head} WHERE ({condition}) OR LENGTH({column}) < 0"


@pytest.mark.parametrize("statement", POSITIONS)
def test_text_in_a_pushed_position_gives_the_rows_of_the_unpushed(statement, small):
    org, connection = small
    cursor = connection.cursor()
    for text in TEXTS:
        pushed = sorted(row[0] for row in cursor.execute(statement, text).fetchall())
        local = sorted(row[0] for row in cursor.execute(unpushed(statement), text).fetchall())
        assert pushed == local, repr(text)


@pytest.mark.parametrize("statement", POSITIONS)
def test_text_as_a_literal_gives_the_rows_of_the_parameter(statement, small):
    org, connection = small
    cursor = connection.cursor()
    for text in TEXTS:
        literal = "'" + text.replace("'", "''") + "'"
        written = sorted(row[0] for row in cursor.execute(statement.replace("?", literal, 1)).fetchall())
        given = sorted(row[0] for row in cursor.execute(statement, text).fetchall())
        assert written == given, repr(text)


def test_text_never_leaves_its_resource(small):
    org, connection = small
    org.reset()
    cursor = connection.cursor()
    for text in TEXTS:
        cursor.execute("SELECT Id FROM GroupMembers WHERE GroupId = ?", text).fetchall()
        cursor.execute("SELECT Id FROM Users WHERE Id = ?", text).fetchall()
    requests = org.requests()
    assert requests
    for request in requests:
        segments = request["path"].split("/")
        assert request["method"] == "GET"
        assert segments[:4] in (["", "api", "v1", "users"], ["", "api", "v1", "groups"]), request
        assert "me" not in segments and ".." not in segments and "" not in segments[1:], request


@pytest.mark.parametrize(
    "statement",
    ["", " ", ";", "\x00", "SELECT", "))))", "(" * 5000, "SELECT " + "(" * 3000 + "1" + ")" * 3000, "'", "/*", "--", "{fn", "é" * 10000],
)
def test_broken_text_is_an_error_and_the_connection_lives(statement, small):
    _, connection = small
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
    except pyodbc.Error as error:
        assert len(error.args[0]) == 5
    assert cursor.execute("SELECT 1").fetchall()[0][0] == 1


def test_a_hundred_thousand_ors_do_not_crash(small):
    _, connection = small
    cursor = connection.cursor()
    condition = " OR ".join(f"Id = 'x{n}'" for n in range(100_000))
    try:
        cursor.execute(f"SELECT Id FROM Users WHERE {condition}").fetchall()
    except pyodbc.Error as error:
        assert error.args[0] == "42000"
    assert cursor.execute("SELECT 1").fetchall()[0][0] == 1

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
    "`",
    "[x]",
    "*",
    "a%2Fb",
    "..%2f..",
    "..\\groups",
    ";drop",
    "\x7f",
    "\u2028",
    "\u0130",
    "\u00df",
    "\U0001d11e/\U0001f600?",
    "\\%",
    "\\\"",
    "\\n",
    "pr",
    "o'neil@example.com",
]

# Every parameter gets the same text. {User}, {Group} and {App} are keys of rows that exist.
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
    "SELECT Id FROM Users WHERE ProfileLogin IN (?, 'x', ?)",
    "SELECT Id FROM Users WHERE ProfileLogin LIKE ? || '%'",
    "SELECT Id FROM Users WHERE ProfileLastName BETWEEN ? AND 'zz'",
    "SELECT Id FROM Users WHERE NOT (ProfileEmail = ? OR Status = ?)",
    "SELECT Id FROM Users WHERE Id LIKE ?",
    "SELECT Id FROM Users WHERE Status <> ?",
    "SELECT Id FROM Users WHERE Id = '{User}' AND ProfileLogin <> ?",
    "SELECT Id FROM Groups WHERE ProfileDescription LIKE ?",
    "SELECT Id FROM Groups WHERE Type = ?",
    "SELECT Id FROM Groups WHERE Id IN (?, '{Group}')",
    "SELECT Id FROM Apps WHERE Status = ?",
    "SELECT Id FROM Apps WHERE Name = ?",
    "SELECT Id FROM Apps WHERE Name IN (?, ?)",
    "SELECT Id FROM Apps WHERE Id IN ('{App}', ?)",
    "SELECT Id FROM GroupMembers WHERE GroupId = '{Group}' AND Id = ?",
    "SELECT Id FROM GroupMembers WHERE GroupId IN ('{Group}', ?)",
    "SELECT Id FROM ApplicationUsers WHERE AppId = '{App}' AND Id = ?",
    "SELECT Id FROM ApplicationUsers WHERE AppId = ? AND Id = ?",
    "SELECT Id FROM ApplicationGroups WHERE AppId = '{App}' AND Id = ?",
    "SELECT Id FROM ApplicationGroups WHERE AppId = ? AND GroupId = ?",
    "SELECT Id FROM UserFactors WHERE UserId = '{User}' AND Id = ?",
    "SELECT Id FROM UserFactors WHERE UserId = ? AND Id = ?",
    "SELECT Id FROM UserGroups WHERE UserId = '{User}' AND Id = ?",
    "SELECT Id FROM UserTypes WHERE Id IN (?, ?)",
    "SELECT Uuid FROM SystemLogs WHERE Uuid = ?",
    "SELECT Uuid FROM SystemLogs WHERE Severity = ?",
    "SELECT Uuid FROM SystemLogs WHERE Severity <> ?",
    "SELECT Uuid FROM SystemLogs WHERE EventType LIKE ?",
    "SELECT Uuid FROM SystemLogs WHERE ClientIpAddress IN (?, ?)",
    "SELECT Uuid FROM SystemLogs WHERE EventType IS NOT NULL AND ActorId LIKE ? || '%'",
]


NOTHING_FOUND = [
    "SELECT Id FROM Users WHERE Id <> ? AND Id > 'zzzz'",
    "SELECT Id FROM ApplicationUsers WHERE AppId = ? AND Id = ?",
    "SELECT Id FROM ApplicationGroups WHERE AppId = ? AND GroupId = ?",
    "SELECT Id FROM UserFactors WHERE UserId = ? AND Id = ?",
]


@pytest.fixture(scope="module")
def small():
    """An org small enough to read whole, often."""
    org = okta_org.Sim("--users", 12, "--groups", 3, "--apps", 4, "--log-events", 50)
    connection = pyodbc.connect(org.connection_string(), autocommit=True)
    yield org, connection
    connection.close()
    org.close()


def unpushed(statement):
    """The condition wrapped so that Okta cannot take it: OR with what no row of the table meets."""
    head, condition = statement.split(" WHERE ")
    column = head.split()[1]
    return f"{head} WHERE ({condition}) OR LENGTH({column}) < 0"


def some(org):
    """Keys of rows that have children, texts that rows do have, and near misses of them."""
    app_users = org.truth("ApplicationUsers")
    app_group = next(g for g in org.truth("ApplicationGroups") if any(u["appId"] == g["appId"] for u in app_users))
    app_user = next(u for u in app_users if u["appId"] == app_group["appId"])
    app = next(a for a in org.truth("Apps") if a["id"] == app_group["appId"])
    factor = org.truth("UserFactors")[0]
    user_group = next(g for g in org.truth("UserGroups") if g["userId"] == factor["userId"])
    user = next(u for u in org.truth("Users") if u["id"] == factor["userId"])
    member = org.truth("GroupMembers")[0]
    group = next(g for g in org.truth("Groups") if g["id"] == member["groupId"])
    event = org.truth("SystemLogs")[0]
    found = [user["id"], user["profile"]["login"], user["profile"]["firstName"], user["status"], factor["id"]]
    found += [group["id"], group["profile"]["name"], group["type"], member["id"], user_group["id"]]
    found += [app["id"], app["label"], app["name"], app_user["id"], app_group["id"], org.truth("UserTypes")[0]["id"]]
    found += [event[name] for name in ("uuid", "eventType", "severity")]
    found += [event["actor"]["id"], event["client"]["ipAddress"]]
    keys = {"{User}": user["id"], "{Group}": group["id"], "{App}": app["id"]}
    return keys, found + [text.swapcase() for text in found] + [found[0] + "/", found[0][:-1] + "%"]


@pytest.mark.parametrize("statement", POSITIONS)
def test_text_in_a_pushed_position_gives_the_rows_of_the_unpushed(statement, small):
    org, connection = small
    cursor = connection.cursor()
    keys, texts = some(org)
    for name, key in keys.items():
        statement = statement.replace(name, key)
    count = statement.count("?")
    rows = 0
    for text in TEXTS + texts:
        pushed = sorted(row[0] for row in cursor.execute(statement, [text] * count).fetchall())
        local = sorted(row[0] for row in cursor.execute(unpushed(statement), [text] * count).fetchall())
        assert pushed == local, repr(text)
        rows += len(pushed)
    # A statement that no text makes find anything would prove nothing.
    assert (rows == 0) == (statement in NOTHING_FOUND)


@pytest.mark.parametrize("statement", POSITIONS[:20])
def test_text_as_a_literal_gives_the_rows_of_the_parameter(statement, small):
    org, connection = small
    cursor = connection.cursor()
    for name, key in some(org)[0].items():
        statement = statement.replace(name, key)
    for text in TEXTS:
        literal = "'" + text.replace("'", "''") + "'"
        written = sorted(row[0] for row in cursor.execute(literal.join(statement.split("?"))).fetchall())
        given = sorted(row[0] for row in cursor.execute(statement, [text] * statement.count("?")).fetchall())
        assert written == given, repr(text)


def test_text_never_leaves_its_resource(small):
    org, connection = small
    org.reset()
    cursor = connection.cursor()
    for text in TEXTS:
        cursor.execute("SELECT Id FROM GroupMembers WHERE GroupId = ?", text).fetchall()
        cursor.execute("SELECT Id FROM Users WHERE Id = ?", text).fetchall()
        cursor.execute("SELECT Id FROM UserFactors WHERE UserId = ? AND Id = ?", text, text).fetchall()
        cursor.execute("SELECT Id FROM UserGroups WHERE UserId IN (?, 'x')", text).fetchall()
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

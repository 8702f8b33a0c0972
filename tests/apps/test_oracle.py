"""The same statement, the same rows, in SQLite: a second opinion on filters, joins and aggregates.

SQLite is given every row that the driver reads without a condition (test_tables.py holds those against okta-sim's truth),
with text columns collated NOCASE, as Okta compares them (design decision 14), and ids BINARY.
"""

import datetime
import sqlite3

import pyodbc
import pytest

TABLES = [
    "Users",
    "Groups",
    "GroupMembers",
    "Apps",
    "ApplicationUsers",
    "ApplicationGroups",
    "UserFactors",
    "UserGroups",
    "SystemLogs",
    "UserTypes",
]

# Each is run as it stands by both; rows are compared as multisets.
STATEMENTS = """
SELECT Id FROM Users WHERE Status = 'active'
SELECT Id FROM Users WHERE Status <> 'ACTIVE'
SELECT Id FROM Users WHERE NOT (Status = 'ACTIVE')
SELECT Id FROM Users WHERE Status IN ('staged', 'SUSPENDED', 'nosuch')
SELECT Id FROM Users WHERE Status NOT IN ('ACTIVE', 'STAGED')
SELECT Id FROM Users WHERE Status IN ('ACTIVE', NULL)
SELECT Id FROM Users WHERE Status NOT IN ('ACTIVE', NULL)
SELECT Id FROM Users WHERE ProfileFirstName LIKE 'a%'
SELECT Id FROM Users WHERE ProfileFirstName LIKE '%A%'
SELECT Id FROM Users WHERE ProfileFirstName LIKE '%a'
SELECT Id FROM Users WHERE ProfileFirstName LIKE '_a%'
SELECT Id FROM Users WHERE ProfileFirstName NOT LIKE 'A%'
SELECT Id FROM Users WHERE ProfileCostCentre LIKE 'EU-%'
SELECT Id FROM Users WHERE ProfileCostCentre LIKE 'eu-%' AND Status = 'Active'
SELECT Id FROM Users WHERE ProfileNickName IS NULL
SELECT Id FROM Users WHERE ProfileNickName IS NOT NULL
SELECT Id FROM Users WHERE ProfileDepartment IS NULL OR ProfileDepartment = 'Sales'
SELECT Id FROM Users WHERE ProfileDepartment = 'sales' OR Status = 'STAGED'
SELECT Id FROM Users WHERE (ProfileDepartment = 'Sales' OR Status = 'STAGED') AND ProfileCity > 'M'
SELECT Id FROM Users WHERE ProfileLastName BETWEEN 'c' AND 'M'
SELECT Id FROM Users WHERE ProfileLastName >= 'p'
SELECT Id FROM Users WHERE Created >= '2021-01-01 00:00:00.000'
SELECT Id FROM Users WHERE Created < '2021-01-01 00:00:00.000' AND LastUpdated > '2020-01-01 00:00:00.000'
SELECT Id FROM Users WHERE Created BETWEEN '2020-01-01 00:00:00.000' AND '2021-06-01 00:00:00.000'
SELECT Id FROM Users WHERE LastLogin IS NULL OR LastLogin < '2026-06-01 00:00:00.000'
SELECT Id FROM Users WHERE Status='ACTIVE' AND (LastLogin IS NULL OR LastLogin < '2026-09-01 00:00:00.000')
SELECT Id FROM Users WHERE 1 = 0
SELECT Id FROM Users WHERE Status = 'ACTIVE' AND Status = 'STAGED'
SELECT Id FROM Users WHERE Id = (SELECT MAX(Id) FROM Users)
SELECT Id FROM Users WHERE Id IN (SELECT UserId FROM GroupMembers)
SELECT Id FROM Users WHERE Id NOT IN (SELECT UserId FROM UserFactors)
SELECT Id FROM Users u WHERE EXISTS (SELECT 1 FROM ApplicationUsers a WHERE a.UserId = u.Id)
SELECT Id FROM Users u WHERE NOT EXISTS (SELECT 1 FROM UserFactors f WHERE f.UserId = u.Id)
SELECT Id FROM Users u WHERE (SELECT COUNT(*) FROM UserFactors f WHERE f.UserId = u.Id) > 1
SELECT Status, COUNT(*) FROM Users GROUP BY Status
SELECT Status, COUNT(*), MIN(Created), MAX(LastUpdated) FROM Users GROUP BY Status HAVING COUNT(*) > 2
SELECT COUNT(*), COUNT(ProfileNickName), COUNT(DISTINCT ProfileDepartment) FROM Users
SELECT DISTINCT ProfileDepartment, ProfileCountryCode FROM Users
SELECT ProfileDepartment, Status, COUNT(*) FROM Users GROUP BY ProfileDepartment, Status
SELECT CASE WHEN Status = 'active' THEN 'in' ELSE 'out' END, COUNT(*) FROM Users GROUP BY CASE WHEN Status = 'active' THEN 'in' ELSE 'out' END
SELECT COALESCE(ProfileNickName, ProfileFirstName) FROM Users WHERE UPPER(COALESCE(ProfileNickName, ProfileFirstName)) = 'ANNA'
SELECT UPPER(ProfileLogin), LOWER(ProfileLogin), TRIM(ProfileLogin) FROM Users
SELECT ProfileFirstName || ' ' || ProfileLastName FROM Users
SELECT g.ProfileName, u.ProfileLogin FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id JOIN Users u ON u.Id = m.UserId
SELECT u.ProfileLogin FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id JOIN Users u ON u.Id = m.UserId WHERE g.ProfileName = 'EVERYONE'
SELECT g.ProfileName, COUNT(m.UserId) FROM Groups g LEFT JOIN GroupMembers m ON m.GroupId = g.Id GROUP BY g.ProfileName
SELECT g.Id, m.UserId FROM Groups g LEFT JOIN GroupMembers m ON m.GroupId = g.Id AND m.Status = 'STAGED'
SELECT a.Label, COUNT(*) FROM Apps a JOIN ApplicationUsers x ON x.AppId = a.Id GROUP BY a.Label
SELECT a.Label, x.Scope, COUNT(*) FROM Apps a JOIN ApplicationUsers x ON x.AppId = a.Id GROUP BY a.Label, x.Scope
SELECT f.FactorType, COUNT(*) FROM Users u JOIN UserFactors f ON f.UserId = u.Id WHERE u.Status = 'ACTIVE' GROUP BY f.FactorType
SELECT g.Id, a.AppId, a.Priority FROM Groups g JOIN ApplicationGroups a ON a.GroupId = g.Id
SELECT x.UserId, x.GroupId FROM UserGroups x JOIN Groups g ON g.Id = x.GroupId WHERE g.Type = 'okta_group'
SELECT a.Id, b.Id FROM Users a JOIN Users b ON a.ProfileManagerId = b.ProfileLogin
SELECT a.Id FROM Apps a WHERE a.Status = 'Active' AND a.SignOnMode <> 'BOOKMARK'
SELECT Id FROM Apps WHERE Name = 'salesforce' OR Label LIKE '%a%'
SELECT EventType, COUNT(*) FROM SystemLogs GROUP BY EventType
SELECT Uuid FROM SystemLogs WHERE EventType = 'user.session.start' AND OutcomeResult = 'failure'
SELECT ActorAlternateId, ClientIpAddress, COUNT(*) FROM SystemLogs WHERE OutcomeResult = 'FAILURE' GROUP BY ActorAlternateId, ClientIpAddress HAVING COUNT(*) > 1
SELECT Severity, MIN(Published), MAX(Published) FROM SystemLogs GROUP BY Severity
SELECT Uuid FROM SystemLogs WHERE Severity <> 'INFO' AND OutcomeReason IS NOT NULL
SELECT Id FROM Users UNION SELECT Id FROM Groups
SELECT Status FROM Users UNION ALL SELECT Type FROM Groups
SELECT Id FROM Users INTERSECT SELECT UserId FROM GroupMembers
SELECT Id FROM Users EXCEPT SELECT UserId FROM ApplicationUsers
WITH s AS (SELECT ProfileDepartment d, COUNT(*) n FROM Users GROUP BY ProfileDepartment) SELECT d, n FROM s WHERE n = (SELECT MAX(n) FROM s)
SELECT d.ProfileDepartment, (SELECT COUNT(*) FROM Users u WHERE u.ProfileDepartment = d.ProfileDepartment) FROM (SELECT DISTINCT ProfileDepartment FROM Users) d
SELECT a.ProfileCity, (SELECT MAX(u.Created) FROM Users u WHERE u.ProfileCity = a.ProfileCity AND u.Status = 'ACTIVE') FROM Users a
SELECT a.Id FROM Users a WHERE a.Created = (SELECT MIN(u.Created) FROM Users u WHERE u.ProfileDepartment = a.ProfileDepartment)
SELECT Id FROM Users u WHERE EXISTS (SELECT 1 FROM Users v WHERE v.ProfileCity = u.ProfileCity AND v.Id <> u.Id)
SELECT Id FROM Users WHERE ProfileDepartment IN (SELECT ProfileName FROM Groups)
SELECT Id FROM Users ORDER BY Created, Id LIMIT 7
SELECT Id FROM Users ORDER BY Created DESC, Id LIMIT 7 OFFSET 3
SELECT Id FROM Users ORDER BY LastUpdated DESC, Id LIMIT 5
SELECT ROW_NUMBER() OVER (PARTITION BY Status ORDER BY Id), Id FROM Users
SELECT t.Name, COUNT(u.Id) FROM UserTypes t LEFT JOIN Users u ON u.TypeId = t.Id GROUP BY t.Name
""".strip().splitlines()

# What tests/apps/differential found answered otherwise than by DuckDB, in words that SQLite reads too.
STATEMENTS += """
SELECT COUNT(*) FROM Users WHERE ProfileNickName IS DISTINCT FROM 'Ace' AND Status = 'ACTIVE'
SELECT COUNT(*) FROM Users WHERE Status = 'x' OR Id NOT IN (SELECT ProfileHonorificPrefix FROM Users)
SELECT COUNT(*) FROM Users WHERE NOT (Id IN (SELECT ProfileHonorificPrefix FROM Users) AND Status = 'ACTIVE')
SELECT COUNT(*) FROM Users WHERE Status = 'x' OR ProfileNickName NOT IN (SELECT Name FROM Apps)
SELECT COUNT(*) FROM Users WHERE (ProfileNickName IN (SELECT ProfileHonorificPrefix FROM Users)) IS NULL
SELECT COUNT(*) FROM Apps HAVING EXISTS (SELECT 1 FROM Groups WHERE Id = 'x')
SELECT COUNT(*) FROM Apps HAVING (SELECT COUNT(*) FROM Groups) > 1000
SELECT c FROM (SELECT COUNT(*) AS c FROM Apps) d WHERE EXISTS (SELECT 1 FROM Groups WHERE Id = 'x')
SELECT u.Id, (SELECT t.Name FROM UserTypes t WHERE t.Id = u.TypeId) FROM Users u
SELECT COUNT(*) FROM Users u WHERE 'user' = (SELECT t.Name FROM UserTypes t WHERE t.Id = u.TypeId)
SELECT g.Id, (SELECT m.UserId FROM GroupMembers m WHERE m.GroupId = g.Id ORDER BY m.UserId DESC LIMIT 1) FROM Groups g
SELECT COUNT(*) FROM Users WHERE Status = 'STAGED' OR ProfileCity IN (SELECT ProfileState AS s FROM Users)
SELECT COUNT(CASE WHEN Id IN (SELECT UserId FROM UserFactors) THEN 1 END) FROM Users
SELECT CASE WHEN Id IN (SELECT UserId FROM UserFactors) THEN 'y' ELSE 'n' END, COUNT(*) FROM Users GROUP BY CASE WHEN Id IN (SELECT UserId FROM UserFactors) THEN 'y' ELSE 'n' END
SELECT Id, CASE WHEN EXISTS (SELECT 1 FROM UserFactors f WHERE f.UserId = u.Id) THEN 1 ELSE 0 END FROM Users u
SELECT Id, CASE WHEN ProfileNickName NOT IN (SELECT ProfileHonorificPrefix FROM Users) THEN 1 WHEN Id NOT IN (SELECT Id FROM Users WHERE 1 = 0) THEN 2 ELSE 3 END FROM Users
SELECT RANK() OVER (ORDER BY Created NULLS LAST), Id FROM Groups
SELECT 2 FROM (SELECT Status AS c0, Created AS c1 FROM Users UNION ALL SELECT Type, Created FROM Groups) d GROUP BY c0
SELECT ProfileSeatNumber + 1, COUNT(*) FROM Users GROUP BY ProfileSeatNumber + 1
SELECT SUM(ProfileSeatNumber), SUM(DISTINCT ProfileSeatNumber), SUM(- ProfileSeatNumber) FROM Users
SELECT Id, SUM(ProfileSeatNumber) OVER (ORDER BY Id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM Users
SELECT SUM(ProfileSeatNumber) FROM Users WHERE 1 = 0
SELECT (SELECT 1 FROM Groups WHERE Id = 'x')
SELECT COUNT(*) FROM Users WHERE (SELECT 1 FROM Groups WHERE Id = 'x') IS NULL
SELECT COUNT(*) FROM Groups g WHERE (SELECT COUNT(*) FROM GroupMembers m WHERE m.GroupId = g.Id GROUP BY m.GroupId HAVING COUNT(*) > 5) IS NULL
SELECT g.Id, (SELECT COUNT(*) FROM GroupMembers m WHERE m.GroupId = g.Id GROUP BY m.GroupId) FROM Groups g
SELECT g.Id, (SELECT DISTINCT m.GroupId FROM GroupMembers m WHERE m.GroupId = g.Id) FROM Groups g
SELECT g.Id, CASE WHEN g.Id IN (SELECT m.GroupId FROM GroupMembers m WHERE m.GroupId = g.Id) THEN 1 ELSE 0 END FROM Groups g
SELECT Id, ROW_NUMBER() OVER (ORDER BY CASE WHEN Id IN (SELECT GroupId FROM GroupMembers) THEN 1 ELSE 0 END, Id) FROM Groups
SELECT d.Id FROM (SELECT g.Id FROM Groups g ORDER BY CASE WHEN EXISTS (SELECT 1 FROM GroupMembers m WHERE m.GroupId = g.Id) THEN 1 ELSE 0 END, g.Id LIMIT 9) d
SELECT Id FROM Groups ORDER BY CASE WHEN Id IN (SELECT GroupId FROM GroupMembers) THEN 1 ELSE 0 END, Id
SELECT Id, CASE WHEN Id IN (SELECT Id FROM Users WHERE Status = 'ACTIVE') THEN 1 ELSE 0 END FROM Users
SELECT COUNT(*) FROM Users WHERE (Id IN (SELECT Id FROM Users WHERE Status = 'ACTIVE')) IS NOT TRUE
SELECT COUNT(*) FROM Users WHERE NOT (Id IN (SELECT Id FROM Users WHERE Status = 'ACTIVE')) OR (Id IN (SELECT Id FROM Users WHERE Status = 'ACTIVE')) IS NULL
""".strip().splitlines()


def plain(value):
    """A value as SQLite keeps it."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    return int(value) if isinstance(value, bool) else value


@pytest.fixture(scope="module")
def oracle(sim):
    lite = sqlite3.connect(":memory:")
    connection = pyodbc.connect(sim.connection_string(), autocommit=True)
    cursor = connection.cursor()
    for table in TABLES:
        rows = cursor.execute(f"SELECT * FROM {table}").fetchall()
        names = [column[0] for column in cursor.description]
        columns = ", ".join(f'"{name}"' + ("" if name.endswith("Id") else " COLLATE NOCASE") for name in names)
        lite.execute(f"CREATE TABLE {table} ({columns})")
        marks = ", ".join("?" * len(names))
        lite.executemany(f"INSERT INTO {table} VALUES ({marks})", [[plain(value) for value in row] for row in rows])
        assert rows, f"{table} is empty: nothing would be compared"
    connection.close()
    return lite


@pytest.mark.parametrize("statement", STATEMENTS)
def test_sqlite_finds_the_same_rows(statement, oracle, cursor):
    wanted = sorted(oracle.execute(statement).fetchall(), key=repr)
    found = sorted((tuple(plain(value) for value in row) for row in cursor.execute(statement).fetchall()), key=repr)
    assert found == wanted

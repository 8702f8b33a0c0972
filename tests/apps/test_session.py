"""What a connection does beside its rows: schemas when they are first named, requests counted, a forked child."""

import os
import urllib.parse

import pyodbc
import pytest


def schemas(org):
    return [r["path"].rsplit("/", 2)[1] for r in org.get("/sim/requests") if "/meta/schemas/" in r["path"]]


def test_the_group_schema_loads_when_groups_are_first_named_and_once(new_sim):
    org = new_sim("--users", 20, "--groups", 30)
    wanted = {g["id"]: g["profile"].get("maxSeats") for g in org.truth("Groups")}
    for _ in range(2):
        connection = pyodbc.connect(org.connection_string())
        assert connection.execute("SELECT COUNT(*) FROM Users").fetchval() == 20
        rows = connection.execute("SELECT Id, ProfileMaxSeats FROM Groups").fetchall()
        assert dict(map(tuple, rows)) == wanted
        assert any(isinstance(seats, int) for seats in wanted.values())
        connection.close()
    assert schemas(org) == ["user", "group"]


def test_sqlcolumns_loads_the_schemas_of_the_tables_that_it_names(new_sim):
    org = new_sim("--users", 20)
    connection = pyodbc.connect(org.connection_string())
    cursor = connection.cursor()
    assert cursor.columns(table="Apps").fetchall()
    assert schemas(org) == ["user"]
    assert {"ProfileCostCentre", "ProfileAgency"} <= {c.column_name for c in cursor.columns(table="Users")}
    assert schemas(org) == ["user"] * 3
    assert "ProfileMaxSeats" in {c.column_name for c in cursor.columns(table="Gr%s")}
    assert schemas(org) == ["user"] * 3 + ["group"]
    connection.close()


def test_attributes_of_other_user_types_are_columns_once_they_are_named(new_sim):
    """okta-sim's contractors have an agency, its partners a tier; the default type has neither."""
    org = new_sim("--users", 300)
    agencies = {u["id"]: u["profile"].get("agency") for u in org.truth("Users")}
    tiers = {u["id"]: u["profile"].get("partnerTier") for u in org.truth("Users")}
    assert any(agencies.values()) and any(tiers.values())
    for asked in (1 + 1 + 2, 0):
        connection = pyodbc.connect(org.connection_string())
        known = len(connection.execute("SELECT TOP 1 * FROM Users").description)
        org.reset()
        rows = connection.execute("SELECT Id, ProfileAgency FROM Users").fetchall()
        assert dict(map(tuple, rows)) == agencies
        rows = connection.execute("SELECT u.Id, u.profilepartnertier FROM Users u").fetchall()
        assert dict(map(tuple, rows)) == tiers
        paths = [r["path"] for r in org.get("/sim/requests") if "/meta/" in r["path"]]
        assert len(paths) == max(asked - 1, 0) and paths[:1] in ([], ["/api/v1/meta/types/user"]), paths
        held = connection.execute("SELECT Id FROM Users WHERE ProfileAgency = 'temps & co'").fetchall()
        assert {row.Id for row in held} == {k for k, agency in agencies.items() if agency == "Temps & Co"}
        assert 'profile.agency eq "temps & co"' in urllib.parse.unquote(org.requests()[-1]["query"])
        assert len(connection.execute("SELECT TOP 1 * FROM Users").description) == known + 2
        connection.close()


def test_an_attribute_that_no_user_type_has_is_42s22_and_asks_for_types_once(new_sim):
    org = new_sim("--users", 20)
    connection = pyodbc.connect(org.connection_string())
    for _ in range(3):
        with pytest.raises(pyodbc.ProgrammingError, match="42S22.*ProfileShoeSize"):
            connection.execute("SELECT ProfileShoeSize FROM Users")
    assert sum("/meta/types/" in r["path"] for r in org.get("/sim/requests")) == 1
    with pytest.raises(pyodbc.ProgrammingError, match="42S22"):
        connection.execute("SELECT ProfileShoeSize FROM Apps")
    connection.close()


def test_user_types_that_may_not_be_read_are_named_with_the_scope_they_need(new_sim):
    org = new_sim("--users", 20, "--fault", "/api/v1/meta/types/user=403")
    connection = pyodbc.connect(org.connection_string())
    with pytest.raises(pyodbc.ProgrammingError, match="42S22.*okta.userTypes.read"):
        connection.execute("SELECT ProfileAgency FROM Users")
    assert len(connection.execute("SELECT Id, ProfileCostCentre FROM Users").fetchall()) == 20
    assert connection.cursor().columns(table="Users").fetchall()
    connection.close()


def test_a_group_schema_that_may_not_be_read_costs_no_rows(new_sim):
    org = new_sim("--users", 20, "--groups", 8, "--fault", "/api/v1/meta/schemas/group/default=403")
    connection = pyodbc.connect(org.connection_string())
    assert connection.execute("SELECT COUNT(*) FROM Groups").fetchval() == 8
    connection.close()


def test_budgets_hold_through_the_whole_stack(new_sim):
    org = new_sim("--users", 450, "--groups", 8)
    user = org.truth("Users")[7]
    connection = pyodbc.connect(org.connection_string())
    for statement, parameters, most in [
        ("SELECT * FROM Users WHERE Id = ?", [user["id"]], 1),
        ("SELECT Id, Status FROM Users WHERE ProfileLogin = ?", [user["profile"]["login"]], 1),
        ("SELECT TOP 5 * FROM Users", [], 1),
        ("SELECT Status, COUNT(*) FROM Users GROUP BY Status", [], 3),
        ("SELECT ProfileLogin FROM Users WHERE ProfileCostCentre LIKE 'EU-%'", [], 2),
        ("SELECT * FROM Users WHERE 1 = 0", [], 0),
    ]:
        org.reset()
        connection.execute(statement, *parameters).fetchall()
        assert len(org.requests()) == most, statement
    connection.close()


def test_a_forked_child_and_its_parent_both_ask(new_sim):
    org = new_sim("--users", 450)
    connection = pyodbc.connect(org.connection_string())
    question = "SELECT COUNT(*) FROM Users"
    assert connection.execute(question).fetchval() == 450
    child = os.fork()
    if child == 0:
        # No test machinery of the parent may run in the child, whatever happens.
        counted = 0
        try:
            counted = connection.execute(question).fetchval()
        finally:
            os._exit(0 if counted == 450 else 1)
    assert connection.execute(question).fetchval() == 450
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    connection.close()


def test_max_rows_ends_a_result_and_asks_for_no_page_behind_it(new_sim):
    org = new_sim("--users", 450)
    for rows, pages in [(7, 1), (200, 1), (201, 2), (0, 3)]:
        connection = pyodbc.connect(org.connection_string(MaxRows=rows), autocommit=True)
        org.reset()
        found = connection.execute("SELECT Id FROM Users").fetchall()
        assert len({row.Id for row in found}) == len(found) == (rows or 450)
        assert len(org.requests()) == pages, rows
        # The limit is on what comes out, not on what is counted.
        assert connection.execute("SELECT COUNT(*) FROM Users").fetchval() == 450
        connection.close()

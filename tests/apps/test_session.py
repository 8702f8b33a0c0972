"""What a connection does beside its rows: schemas when they are first named, requests counted, a forked child."""

import os

import pyodbc


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


def test_sqlcolumns_of_groups_loads_the_group_schema(new_sim):
    org = new_sim("--users", 20)
    connection = pyodbc.connect(org.connection_string())
    cursor = connection.cursor()
    assert "ProfileCostCentre" in {c.column_name for c in cursor.columns(table="Users")}
    assert schemas(org) == ["user"]
    assert "ProfileMaxSeats" in {c.column_name for c in cursor.columns(table="Gr%s")}
    assert schemas(org) == ["user", "group"]
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

"""The Python programs of both READMEs, to the letter."""

import collections
import csv
import io
import re

import pytest

import okta_org
import okta_urls

URL = "okta:///?Domain=example.okta.com&APIToken=…"
EXECUTED = 'session.execute(Users.metadata.tables["Users"].select().where(Users.metadata.tables["Users"].c.Status == "Active"))'
KEYWORDS = "Domain=example.okta.com;APIToken=…"


def programs(readme):
    return re.findall(r"^```python\n(.*?)^```$", readme.read_text(), re.DOTALL | re.MULTILINE)


PROGRAMS = programs(okta_urls.PACKAGE / "README.md")
MAIN_PROGRAMS = programs(okta_org.CHECKOUT / "README.md")
# SIGNED_IN is run by test_login_readme.py.
PYODBC, OKTA, SIGNED_IN, MSSQL, ORM, FRAME = MAIN_PROGRAMS


def runnable(program, sim):
    """The program with an okta-sim for the org of the README; nothing else of it changes."""
    program = program.replace(URL, okta_urls.okta(sim))
    program = program.replace(KEYWORDS, f"Domain={sim.url};APIToken={okta_org.TOKEN}")
    return program.replace('"example.okta.com"', repr(sim.url)).replace('"…"', repr(okta_org.TOKEN))


def people(sim):
    return [f"{user['id']} {user['profile']['firstName']}" for user in sim.truth("Users") if user["status"] == "ACTIVE"]


def check_active_users_twice(sim, lines):
    """By two statements, each filtered by Okta."""
    assert sorted(lines) == sorted(people(sim) * 2) != []
    searches = [request["query"] for request in sim.requests()]
    assert len(searches) == 2
    assert all("search=status%20eq%20%22ACTIVE%22" in search for search in searches)


def printed(capsys, sim, *texts):
    """What the last of these programs prints; each finds the names of those before it."""
    names = {"__name__": "readme"}
    for text in texts:
        capsys.readouterr()
        exec(compile(runnable(text, sim), "README.md", "exec"), names)
    return capsys.readouterr().out


def test_the_readmes_have_the_programs_that_are_tested():
    assert len(PROGRAMS) == 4
    assert URL in PROGRAMS[0] and "mssql+pyodbc" in PROGRAMS[2]
    assert URL in OKTA and "InitiateOAuth=GETANDREFRESH" in SIGNED_IN and "mssql+pyodbc" in MSSQL
    orm = ['session.query(Users).filter_by(Status="Active")', EXECUTED]
    assert [statement for statement in orm if statement not in ORM] == []


def test_the_first_query_in_pyodbc_prints_the_active_users(sim, dsn, capsys):
    assert sorted(printed(capsys, sim, PYODBC).splitlines()) == sorted(people(sim))


@pytest.mark.filterwarnings("ignore:The ``declarative_base")
@pytest.mark.parametrize("engine", [OKTA, MSSQL], ids=["okta", "mssql"])
def test_the_main_readmes_orm_prints_the_active_users_twice_by_either_url(sim, capsys, engine):
    sim.reset()
    check_active_users_twice(sim, printed(capsys, sim, engine, ORM).splitlines())


@pytest.mark.parametrize("engine", [OKTA, MSSQL], ids=["okta", "mssql"])
def test_the_main_readmes_frame_counts_members_by_either_url(sim, capsys, engine):
    names = {group["id"]: group["profile"]["name"] for group in sim.truth("Groups")}
    counts = collections.Counter(names[member["groupId"]] for member in sim.truth("GroupMembers"))
    head, *rows = csv.reader(io.StringIO(printed(capsys, sim, engine, FRAME).strip()))
    assert head == ["ProfileName", "Members"]
    assert {name: int(number) for name, number in rows} == {name: counts[name] for name in names.values()}


@pytest.mark.filterwarnings("ignore:The ``declarative_base")
def test_the_orm_program_prints_the_active_users_twice_filtered_by_okta(sim, capsys):
    sim.reset()
    lines = printed(capsys, sim, PROGRAMS[0]).splitlines()
    check_active_users_twice(sim, lines)


def test_the_program_of_reflection_and_pandas_counts_users(sim, capsys):
    text = printed(capsys, sim, PROGRAMS[0], PROGRAMS[1])
    statuses = [user["status"] for user in sim.truth("Users")]
    for status in set(statuses):
        assert re.search(rf"\b{status}\s+{statuses.count(status)}\b", text)


def test_the_program_with_the_dialect_of_sql_server_lists_the_tables(sim, capsys):
    assert printed(capsys, sim, PROGRAMS[2]).strip() == str(sorted(okta_org.tables()))


def test_the_program_of_pyodbc_counts_groups(sim, capsys):
    assert printed(capsys, sim, PROGRAMS[3]).strip() == str(len(sim.truth("Groups")))

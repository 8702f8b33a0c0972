"""The programs of the package's README, to the letter."""

import re

import pytest

import okta_org
import okta_urls

README = (okta_urls.PACKAGE / "README.md").read_text()
URL = "okta:///?Domain=example.okta.com&APIToken=…"
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def runnable(program, sim):
    """The program with an okta-sim for the org of the README; nothing else of it changes."""
    program = program.replace(URL, okta_urls.okta(sim))
    return program.replace('"example.okta.com"', repr(sim.url)).replace('"…"', repr(okta_org.TOKEN))


def people(sim):
    return [f"{user['id']} {user['profile']['firstName']}" for user in sim.truth("Users") if user["status"] == "ACTIVE"]


def test_the_readme_has_the_programs_that_are_tested():
    assert len(PROGRAMS) == 3
    assert URL in PROGRAMS[0]


@pytest.mark.filterwarnings("ignore:The ``declarative_base")
def test_the_orm_program_prints_the_active_users_twice_filtered_by_okta(sim, capsys):
    sim.reset()
    exec(compile(runnable(PROGRAMS[0], sim), "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed) == sorted(people(sim) * 2)
    assert len(printed) > 2
    searches = [request["query"] for request in sim.requests()]
    assert len(searches) == 2
    assert all("search=status%20eq%20%22ACTIVE%22" in search for search in searches)


def test_the_program_of_reflection_and_pandas_counts_users(sim, capsys):
    names = {"__name__": "readme"}
    exec(compile(runnable(PROGRAMS[0], sim), "README.md", "exec"), names)
    capsys.readouterr()
    exec(compile(runnable(PROGRAMS[1], sim), "README.md", "exec"), names)
    statuses = [user["status"] for user in sim.truth("Users")]
    printed = capsys.readouterr().out
    for status in set(statuses):
        assert re.search(rf"\b{status}\s+{statuses.count(status)}\b", printed)


def test_the_program_of_pyodbc_counts_groups(sim, capsys):
    exec(compile(runnable(PROGRAMS[2], sim), "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.strip() == str(len(sim.truth("Groups")))

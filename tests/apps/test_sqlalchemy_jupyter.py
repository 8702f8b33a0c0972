"""`%sql` of jupysql in an IPython shell, by each form of URL."""

import collections
import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

import okta_urls


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A shell of its own. jupysql sends statistics home unless it is told not to, and asks for its newest version."""
    monkeypatch.setenv("PLOOMBER_STATS_ENABLED", "false")
    monkeypatch.setenv("PLOOMBER_VERSION_CHECK_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_cell("%load_ext sql").raise_error()
    shell.run_cell("%config SqlMagic.displaycon = False").raise_error()
    yield shell
    shell.run_cell("%sql --close okta")
    shell.reset()
    InteractiveShell.clear_instance()


@pytest.fixture(params=list(okta_urls.FORMS))
def cell(request, shell, sim):
    """Runs a cell of a notebook that is connected, and gives its value."""
    url = okta_urls.FORMS[request.param](sim)

    def run(text):
        done = shell.run_cell(text)
        done.raise_error()
        return done.result

    run(f"%sql {url} --alias okta")
    return run


def test_a_line_counts_users_by_status(cell, sim):
    rows = cell("%sql SELECT Status, COUNT(*) AS People FROM Users GROUP BY Status")
    assert dict(tuple(row) for row in rows) == collections.Counter(user["status"] for user in sim.truth("Users"))
    # What the notebook shows.
    shown = rows._repr_html_()
    assert "<th>People</th>" in shown and "<td>DEPROVISIONED</td>" in shown


def test_a_cell_takes_variables_and_becomes_a_frame(cell, sim):
    sim.reset()
    cell("status = 'Active'")
    cell("%%sql found <<\nSELECT Id, ProfileLogin\nFROM Users\nWHERE Status = '{{status}}'\nORDER BY Id")
    frame = cell("found.DataFrame()")
    active = sorted((u["id"], u["profile"]["login"]) for u in sim.truth("Users") if u["status"] == "ACTIVE")
    assert list(frame.itertuples(index=False, name=None)) == active
    (request,) = sim.requests()
    assert "search=status%20eq%20%22ACTIVE%22" in request["query"]


def test_it_lists_tables_and_columns(cell):
    assert {"Users", "Groups", "SystemLogs"} <= {row[0] for row in cell("%sqlcmd tables")._table.rows}
    assert "ProfileFirstName" in str(cell("%sqlcmd columns --table Users"))


def test_an_error_names_the_column_and_the_connection_lives(cell, shell):
    failed = shell.run_cell("%sql SELECT NoSuchColumn FROM Users")
    assert "NoSuchColumn" in str(failed.error_in_exec or failed.error_before_exec)
    assert [tuple(row) for row in cell("%sql SELECT 1 AS one")] == [(1,)]




def test_the_cell_of_the_readme_counts_users(shell, sim):
    readme = (okta_urls.PACKAGE / "README.md").read_text()
    (text,) = re.findall(r"^```ipython\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    url = "okta:///?Domain=example.okta.com&APIToken=…"
    assert url in text
    done = shell.run_cell(text.replace(url, f"{okta_urls.okta(sim)} --alias okta"))
    done.raise_error()
    assert dict(tuple(row) for row in done.result) == collections.Counter(user["status"] for user in sim.truth("Users"))

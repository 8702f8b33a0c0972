"""isql and iusql: ODBC 2 behaviour asked of an ODBC 3 driver, narrow and wide."""

import os
import subprocess

import pytest


def run(program, dsn, statement, *options):
    return subprocess.run(
        [program, dsn, "-b", *options], input=statement + "\n", capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("program", ["isql", "iusql"])
def test_rows_are_shown(program, dsn, sim):
    done = run(program, dsn, "SELECT Id, ProfileLogin FROM Users", "-v")
    assert done.returncode == 0, done.stderr
    for user in sim.truth("Users"):
        assert user["id"] in done.stdout and user["profile"]["login"] in done.stdout
    assert f"{len(sim.truth('Users'))} rows fetched" in done.stdout


@pytest.mark.parametrize("program", ["isql", "iusql"])
def test_delimited_output_is_exact(program, dsn, sim):
    done = run(program, dsn, "SELECT Id, Status FROM Users ORDER BY Id", "-d|", "-v")
    wanted = sorted((user["id"], user["status"]) for user in sim.truth("Users"))
    shown = [tuple(line.split("|")[:2]) for line in done.stdout.splitlines() if line.startswith("00u")]
    assert shown == wanted


@pytest.mark.parametrize("program", ["isql", "iusql"])
def test_an_error_is_shown(program, dsn):
    done = run(program, dsn, "SELECT * FROM NoSuchTable", "-v")
    assert "NoSuchTable" in done.stdout
    # 42S02 as ODBC 2 has it; iusql shows no driver's state.
    assert program == "iusql" or "[S0002]" in done.stdout


@pytest.mark.parametrize("program", ["isql", "iusql"])
def test_help_lists_tables_and_columns(program, dsn):
    assert "GroupMembers" in run(program, dsn, "help", "-v").stdout
    assert "ProfileCostCentre" in run(program, dsn, "help Users", "-v").stdout


def test_narrow_programs_see_unicode_in_any_locale(dsn, sim):
    name = next(u["profile"]["firstName"] for u in sim.truth("Users") if not u["profile"]["firstName"].isascii())
    environment = dict(os.environ, LC_ALL="C")
    done = subprocess.run(
        ["isql", dsn, "-b", "-v"], input="SELECT ProfileFirstName FROM Users\n".encode(), capture_output=True, env=environment
    )
    assert name.encode() in done.stdout

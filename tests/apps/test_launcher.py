"""The command okta-odbc, run as users run it."""

import csv
import io
import json
import os
import pathlib
import subprocess

import pytest

LAUNCHER = os.environ.get("OKTA_ODBC_LAUNCHER", "okta-odbc")


def run(*arguments, **options):
    return subprocess.run([LAUNCHER, *arguments], capture_output=True, text=True, timeout=60, **options)


def test_csv_holds_every_user(sim):
    done = run("query", "--connect", sim.connection_string(), "--format", "csv", "SELECT Id, ProfileFirstName FROM Users")
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {r["Id"]: r["ProfileFirstName"] for r in rows} == {
        u["id"]: u["profile"]["firstName"] for u in sim.truth("Users")
    }


def test_json_has_types(sim):
    statement = "SELECT Id, ProfileSeatNumber, ProfileBadgeActive, ProfileSkills FROM Users"
    done = run("query", "--connect", sim.connection_string(), "--format", "json", statement)
    assert done.returncode == 0, done.stderr
    truth = {u["id"]: u["profile"] for u in sim.truth("Users")}
    rows = json.loads(done.stdout)
    assert len(rows) == len(truth)
    for row in rows:
        assert row["ProfileSeatNumber"] == truth[row["Id"]].get("seatNumber")
        assert row["ProfileBadgeActive"] == truth[row["Id"]].get("badgeActive")
        assert row["ProfileSkills"] == truth[row["Id"]].get("skills")


def test_a_table_from_a_dsn_and_standard_input(dsn, sim):
    done = run("query", "--dsn", dsn, input="SELECT Status, COUNT(*) AS N FROM Users GROUP BY Status")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["Status", "N"]
    assert lines[-1] == f"({len(lines) - 3} rows)"
    assert sum(int(line.split()[1]) for line in lines[2:-1]) == len(sim.truth("Users"))


def test_errors_go_to_standard_error_with_code_1(sim):
    done = run("query", "--connect", sim.connection_string(), "SELECT * FROM NoSuchTable")
    assert done.returncode == 1 and done.stdout == "" and "NoSuchTable" in done.stderr
    assert run("query", "SELECT 1").returncode == 1
    assert run("nonsense").returncode == 2


def test_tables_are_listed_without_an_org_and_with_its_own_columns(sim):
    assert "GroupMembers" in run("tables").stdout
    assert "ProfileCostCentre" not in run("tables", "Users").stdout
    assert "ProfileCostCentre" in run("tables", "--connect", sim.connection_string(), "Users").stdout
    assert run("tables", "NoSuchTable").returncode == 1


@pytest.mark.parametrize("scope", [[], ["--system"]])
def test_install_registers_and_uninstall_takes_it_back(scope, tmp_path):
    environment = dict(os.environ, HOME=str(tmp_path), ODBCSYSINI=str(tmp_path))
    environment.pop("ODBCINSTINI", None)
    file = tmp_path / ("odbcinst.ini" if scope else ".odbcinst.ini")
    file.write_text("[Other]\nDriver=other.so\n")
    done = run("install", *scope, env=environment)
    assert done.returncode == 0, done.stderr
    text = file.read_text()
    assert "[Okta ODBC Driver]" in text and "[Other]" in text
    library = next(line.split("=")[1].strip() for line in text.splitlines() if "libokta_odbc" in line)
    assert pathlib.Path(library).exists()
    assert run("uninstall", *scope, env=environment).returncode == 0
    assert "[Okta ODBC Driver]" not in file.read_text() and "[Other]" in file.read_text()

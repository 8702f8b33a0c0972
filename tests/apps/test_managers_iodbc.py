"""iODBC, whose SQLWCHAR has four bytes, beside unixODBC, whose has two: the same program, wide and narrow, and iodbctest."""

import json
import os
import subprocess
import sys

import odbc_program
import okta_org
import pytest
from odbc_program import TEXT
from odbc_calls import IODBC, UNIXODBC, WIDTHS

UTF8 = "C.UTF-8"
# iODBC converts for narrow programs by the locale: in that of C it has nothing but ASCII.
FORMS = [(IODBC, "wide", UTF8), (IODBC, "narrow", UTF8), (UNIXODBC, "wide", UTF8), (UNIXODBC, "narrow", UTF8)]
FORMS += [(IODBC, "wide", "C"), (UNIXODBC, "wide", "C"), (UNIXODBC, "narrow", "C")]


@pytest.fixture(scope="module")
def registered(tmp_path_factory, sim):
    """The environment of a program under iODBC, whose variables name whole files, and under unixODBC."""
    folder = tmp_path_factory.mktemp("iodbc")
    okta_org.register_iodbc(folder, {"okta": {"Domain": sim.url, "APIToken": okta_org.TOKEN}})
    return {
        IODBC: dict(os.environ, ODBCINSTINI=str(folder / "odbcinst.ini"), ODBCINI=str(folder / "odbc.ini")),
        UNIXODBC: dict(os.environ, ODBCINI=str(folder / "odbc.ini")),
    }


def run(library, form, string, environment, locale=UTF8):
    command = [sys.executable, odbc_program.__file__, library, form, string]
    done = subprocess.run(command, env=dict(environment, LC_ALL=locale), capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=FORMS, ids=lambda form: "-".join((form[0].split(".")[0], *form[1:])))
def answers(request, registered):
    library, form, locale = request.param
    found = run(library, form, "DSN=okta", registered[library], locale)
    found["library"], found["wide"] = library, form == "wide"
    found["unit"] = WIDTHS[library] if found["wide"] else 1
    found["lossy"] = (library, form) == (IODBC, "narrow")
    return found


def characters(text, unit):
    """How many of `unit` bytes a text takes."""
    return len(text.encode({1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}[unit])) // unit


def ascii_of(text):
    return "".join(c for c in text if c.isascii())


def test_the_program_ran_under_this_manager(answers):
    # iODBC's own version, 03.52.*; unixODBC says the version of ODBC, release 2.3.*.
    assert answers["manager"].startswith("03.52.0002" if answers["library"] == UNIXODBC else "03.52.08")


def test_texts_of_sqlgetinfo_are_measured_in_bytes(answers):
    expected = {"DBMS": "Okta", "driver's ODBC": "03.80", "quote": '"', "catalog term": "catalog"}
    assert {name: text for name, (text, _) in answers["infos"].items()} == expected
    for name, (text, told) in answers["infos"].items():
        assert told == len(text) * answers["unit"], name


def test_the_out_string_is_whole(answers):
    text, told = answers["out"]
    assert text.startswith("DSN=okta")
    # iODBC measures it itself, and in bytes.
    assert told == len(text) * (4 if answers["library"] == IODBC and answers["wide"] else 1)


def test_tables_and_columns_are_listed(answers):
    catalog = okta_org.tables()
    assert sorted(name for name, _ in answers["tables"]) == sorted(catalog)
    assert {kind for _, kind in answers["tables"]} == {"TABLE"}
    listed = [column["name"] for column in catalog["Users"]["column"]]
    assert [name for name in answers["columns"] if name in listed] == listed


def test_typed_values_are_the_orgs(answers, sim):
    def row(user):
        profile = user["profile"]
        return [user["id"], profile["firstName"], user["created"], profile.get("seatNumber"), profile.get("contractHours")]

    assert sorted(answers["users"]) == sorted(map(row, sim.truth("Users")))
    assert any(not name.isascii() for _, name, *_ in answers["users"])


def test_a_rowset_of_texts_is_bound(answers, sim):
    names = [user["profile"]["firstName"] for user in sorted(sim.truth("Users"), key=lambda user: user["id"])]
    assert answers["bound"] == names


def test_parameters_come_back(answers):
    assert answers["parameters"] == {
        "SQL_C_WCHAR": [[TEXT]],
        "SQL_C_CHAR": [[TEXT]],
        "others": [-7, "2024-02-29T23:59:58.123Z", None],
    }


def test_a_literal_comes_back(answers):
    assert answers["literal"] == [[TEXT]]


def test_long_values_come_in_parts_of_any_size(answers):
    assert len(answers["parts"]) > 25
    assert [name for name, whole in answers["parts"].items() if not whole] == []


def test_names_are_measured_in_characters_or_bytes_as_their_function_has_it(answers):
    label = ascii_of("Größe 漢🎉") if answers["lossy"] else "Größe 漢🎉"
    name, told, sql_type, _ = answers["labels"]["described"]
    assert (name, told, sql_type) == (label, characters(label, answers["unit"]), -9)
    name, told = answers["labels"]["attribute"]
    assert (name, told) == (label, len(label.encode({1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}[answers["unit"]])))
    assert answers["labels"]["cursor"] == ["Zeiger", 6]


def test_errors_are_whole_and_the_connection_goes_on(answers):
    state, _, message, told = answers["errors"]["records"][0]
    column = ascii_of("Größe漢") + "x" if answers["lossy"] else "Größe漢x"
    assert state == "42S22" and column in message
    assert told == characters(message, answers["unit"])
    assert answers["errors"]["SQL_DIAG_SQLSTATE"] == ["42S22", 5 * answers["unit"]]
    assert answers["errors"]["after"] == [["1"]]


def test_sqlnativesql_and_the_catalog_attribute(answers):
    text, told = answers["native"]
    sql = f"SELECT '{TEXT}'"
    sql = ascii_of(sql) if answers["lossy"] else sql
    assert (text, told) == (sql, characters(sql, answers["unit"]))
    assert answers["catalog"] == ["Okta", 4 * answers["unit"]]


@pytest.mark.parametrize("library, right, wrong", [(IODBC, "UTF-32", "UTF-16"), (UNIXODBC, "UTF-16", "UTF-32")])
def test_the_keyword_overrides_what_is_detected(library, right, wrong, registered):
    found = run(library, "wide", f"DSN=okta;DriverManagerEncoding={right}", registered[library])
    assert found["literal"] == [[TEXT]]
    # The other width makes nonsense of the first statement, which shows that the keyword is obeyed.
    command = [sys.executable, odbc_program.__file__, library, "wide", f"DSN=okta;DriverManagerEncoding={wrong}"]
    done = subprocess.run(command, env=registered[library], capture_output=True, timeout=100)
    assert done.returncode != 0


@pytest.fixture
def iodbctest(registered):
    """Debian's iodbctest, into which its iODBC is linked: no library tells the driver which manager calls."""

    def ask(statements, locale="C.UTF-8", string="DSN=okta"):
        environment = dict(registered[IODBC], LC_ALL=locale)
        lines = "".join(f"{statement}\n" for statement in [*statements, "quit"])
        done = subprocess.run(["iodbctest", string], input=lines.encode(), env=environment, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    return ask


def test_the_samples_of_odbcinst_work(tmp_path, sim):
    """With nothing filled in but the driver's file, the org and the token."""
    filled = {
        "Driver=/usr/lib/okta-odbc/libokta_odbc.so": f"Driver={os.environ['OKTA_ODBC_DRIVER']}",
        "Domain=example.okta.com": f"Domain={sim.url}",
        "APIToken=": f"APIToken={okta_org.TOKEN}",
    }
    environment = dict(os.environ, LC_ALL=UTF8)
    for name in ("odbcinst.ini", "odbc.ini"):
        lines = (okta_org.CHECKOUT / "odbcinst/iodbc" / name).read_text().splitlines()
        (tmp_path / name).write_text("".join(f"{filled.get(line, line)}\n" for line in lines))
        environment[name.upper().replace(".", "")] = str(tmp_path / name)
    done = subprocess.run(
        ["iodbctest", "DSN=okta"], input=b"SELECT COUNT(*) AS N FROM Users\nquit\n", env=environment, capture_output=True, timeout=60
    )
    assert (done.stderr, done.returncode) == (b"", 0)
    assert str(len(sim.truth("Users"))) in done.stdout.decode().split()
    assert run(IODBC, "wide", "DSN=okta", environment)["literal"] == [[TEXT]]


def test_both_managers_in_one_process(registered):
    """Neither library tells then which one calls: the connection's own text does."""
    program = "import pyodbc, odbc_program; pyodbc.drivers(); odbc_program.main('libiodbc.so.2', 'wide', 'DSN=okta')"
    folder = os.path.dirname(odbc_program.__file__)
    environment = dict(registered[IODBC], LC_ALL=UTF8)
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers["literal"] == [[TEXT]] and answers["manager"].startswith("03.52.08")


def test_iodbctest_reads_rows(iodbctest, sim):
    shown, complained = iodbctest(["SELECT Id, ProfileFirstName FROM Users ORDER BY Id"])
    assert complained == ""
    rows = [[cell.strip() for cell in line.split("|")] for line in shown.splitlines() if line.startswith("00u")]
    users = sorted(sim.truth("Users"), key=lambda user: user["id"])
    assert rows == [[user["id"], user["profile"]["firstName"]] for user in users]
    assert f"returned {len(users)} rows" in shown


def test_iodbctest_lists_tables_and_shows_errors(iodbctest):
    shown, complained = iodbctest(["tables", "SELECT Nothing FROM Users", "SELECT 1 AS a"])
    assert "|GroupMembers " in shown and "returned 1 rows" in shown
    assert "[okta-odbc]" in complained and "SQLSTATE=42S22" in complained


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_iodbctest_shows_unicode_in_any_locale(iodbctest, sim, locale):
    """Data are the driver's bytes; only what iODBC itself converts depends on the locale."""
    shown, _ = iodbctest(["SELECT ProfileFirstName FROM Users"], locale=locale)
    for name in (user["profile"]["firstName"] for user in sim.truth("Users")):
        assert name in shown

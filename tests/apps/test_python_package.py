"""The wheel, made from the tested library and installed in an environment of its own; `okta_odbc.connect`."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import zipfile

import pyodbc
import pytest

import okta_odbc
import okta_org
import okta_urls
from okta_odbc import connection_string

# The newest line of SQLAlchemy and the older one.
REQUIREMENTS = okta_org.CHECKOUT / "tests/apps/requirements.txt"
OLDER_SQLALCHEMY = okta_org.CHECKOUT / "tests/apps/requirements-sqlalchemy-2.0.txt"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    script = okta_urls.PACKAGE / "build_wheel.py"
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, script, os.environ["OKTA_ODBC_DRIVER"], folder], check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """The Python of a clean environment with the wheel, pyodbc and SQLAlchemy."""
    folder = tmp_path_factory.mktemp("clean")
    python = folder / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip_install(python, "--constraint", REQUIREMENTS, f"{wheel}[sqlalchemy]")
    return python


def pip_install(python, *arguments):
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *arguments], check=True)


@pytest.fixture
def run(installed, tmp_path):
    """Runs a program there, where no driver is registered and nothing names one; it prints JSON."""

    def run(program, *arguments):
        # Nothing of another environment: PYTHONPATH may hold an older SQLAlchemy.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OKTA_", "ODBC", "PYTHON"))}
        environment = {**kept, "ODBCSYSINI": str(tmp_path), "ODBCINI": str(tmp_path / "odbc.ini"), "HOME": str(tmp_path)}
        command = [installed, "-c", program, *arguments]
        output = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert output.returncode == 0, output.stderr
        return json.loads(output.stdout)

    return run


def test_the_wheel_fits_every_python_3_and_says_which_glibc_it_needs(wheel):
    name, version, python, abi, platform = wheel.stem.split("-")
    cargo = tomllib.loads((okta_org.CHECKOUT / "Cargo.toml").read_text())
    assert (name, version, python, abi) == ("okta_odbc", cargo["package"]["version"], "py3", "none")
    # binutils reads the library's version needs, which is what the tag must say.
    needs = subprocess.run(["objdump", "-p", os.environ["OKTA_ODBC_DRIVER"]], capture_output=True, text=True, check=True)
    newest = max(tuple(map(int, found)) for found in re.findall(r"\bGLIBC_(\d+)\.(\d+)$", needs.stdout, re.MULTILINE))
    assert platform.startswith(f"manylinux_{newest[0]}_{newest[1]}_")


def test_the_wheel_holds_the_package_the_driver_and_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    sources = {f"okta_odbc/{file.name}" for file in (okta_urls.PACKAGE / "okta_odbc").glob("*.py")}
    assert {name for name in names if name.startswith("okta_odbc/")} == sources | {
        "okta_odbc/libokta_odbc.so",
        "okta_odbc/LICENSE",
    }


def check_an_engine(sim, run, line):
    program = """
import json, sys, pyodbc, sqlalchemy
assert pyodbc.drivers() == [], pyodbc.drivers()
engine = sqlalchemy.create_engine(sys.argv[1])
with engine.connect() as connection:
    rows = connection.execute(sqlalchemy.text("SELECT Id, ProfileLogin FROM Users WHERE Status = 'Active'"))
    print(json.dumps([sqlalchemy.__version__, [list(row) for row in rows]]))
"""
    version, rows = run(program, okta_urls.okta(sim))
    assert version.startswith(line + ".")
    truth = [[u["id"], u["profile"]["login"]] for u in sim.truth("Users") if u["status"] == "ACTIVE"]
    assert sorted(rows) == sorted(truth)
    assert [version, rows] == run(program, okta_urls.okta(sim).replace("okta:", "okta+pyodbc:"))


def test_an_engine_works_with_no_registration(sim, run):
    check_an_engine(sim, run, "2.1")


def test_the_wheels_driver_makes_no_tables(sim, run):
    program = """
import json, sys, okta_odbc, pyodbc
connection = okta_odbc.connect(f"Domain={sys.argv[1]};APIToken=sim-token")
try:
    connection.execute("CREATE TABLE t (id INT)")
except pyodbc.ProgrammingError as refused:
    print(json.dumps(refused.args[0]))
"""
    assert run(program, sim.url) == "42000"


def test_sqlalchemys_own_dialect_finds_the_driver_of_the_wheel(sim, run):
    program = """
import json, sys, urllib.parse, okta_odbc, sqlalchemy
okta = f"Driver={{{okta_odbc.driver()}}};Domain={sys.argv[1]};APIToken=sim-token"
engine = sqlalchemy.create_engine("mssql+pyodbc:///?odbc_connect=" + urllib.parse.quote_plus(okta))
print(json.dumps(sqlalchemy.inspect(engine).get_table_names()))
"""
    assert run(program, sim.url) == sorted(okta_org.tables())


def test_connect_works_with_no_registration(sim, run):
    program = """
import json, pathlib, sys, okta_odbc
assert pathlib.Path(okta_odbc.driver()).parent == pathlib.Path(okta_odbc.__file__).parent
with okta_odbc.connect(Domain=sys.argv[1], APIToken="sim-token") as connection:
    print(json.dumps(connection.execute("SELECT COUNT(*) FROM Groups").fetchval()))
"""
    assert run(program, sim.url) == len(sim.truth("Groups"))


def test_a_missing_driver_manager_is_said_in_plain_words(run, tmp_path):
    # What the loader says where libodbc2 is not installed.
    (tmp_path / "pyodbc.py").write_text(
        "raise ImportError('libodbc.so.2: cannot open shared object file: No such file or directory')\n"
    )
    program = """
import json, sqlalchemy, okta_odbc
texts = []
for attempt in (lambda: okta_odbc.connect(Domain="d"), lambda: sqlalchemy.create_engine("okta:///?Domain=d")):
    try:
        attempt()
    except ImportError as error:
        texts.append(str(error))
print(json.dumps(texts))
"""
    texts = run(program)
    assert len(texts) == 2
    for text in texts:
        assert "driver manager" in text and "apt-get install libodbc2" in text and "libodbc.so.2: cannot open" in text


def test_an_engine_works_with_sqlalchemy_2_0_too(sim, run, installed):
    """The last one there: the older line stays in the environment."""
    pip_install(installed, "--requirement", OLDER_SQLALCHEMY)
    check_an_engine(sim, run, "2.0")


def test_connect_takes_every_keyword(sim):
    with okta_odbc.connect(Domain=sim.url, APIToken=okta_org.TOKEN, MaxRows=3, CaseSensitive=True) as connection:
        assert len(connection.execute("SELECT Id FROM Users").fetchall()) == 3
        assert connection.execute("SELECT Id FROM Users WHERE Status = 'Active'").fetchall() == []
        assert connection.autocommit


def test_connect_takes_a_connection_string_and_pyodbcs_options(sim):
    with okta_odbc.connect(sim.connection_string(), autocommit=False, timeout=30) as connection:
        assert not connection.autocommit
        assert connection.execute("SELECT 1").fetchval() == 1
    with okta_odbc.connect(f"Domain={sim.url};APIToken={okta_org.TOKEN}") as connection:
        assert connection.execute("SELECT 1").fetchval() == 1
    with pytest.raises(TypeError, match="MaxRows"):
        okta_odbc.connect(sim.connection_string(), MaxRows=1)


def test_connect_warns_and_fails_as_the_driver_does(sim):
    with pytest.warns(okta_odbc.ConnectionWarning, match="PageSize"):
        okta_odbc.connect(Domain=sim.url, APIToken=okta_org.TOKEN, PageSiz=1).close()
    with pytest.raises(pyodbc.Error) as caught:
        okta_odbc.connect(Domain=sim.url, APIToken="wrong")
    assert caught.value.args[0] == "28000"


def test_connect_needs_a_domain(monkeypatch, tmp_path):
    monkeypatch.delenv("OKTA_CLIENT_ORGURL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(pyodbc.Error, match="Domain is missing"):
        okta_odbc.connect(APIToken="t")


def test_the_driver_is_the_given_one_the_variables_or_the_registered_one(monkeypatch):
    monkeypatch.setenv("OKTA_ODBC_DRIVER", "/opt/libokta_odbc.so")
    assert okta_odbc.driver("Mine") == "Mine"
    assert okta_odbc.driver() == "/opt/libokta_odbc.so"
    monkeypatch.delenv("OKTA_ODBC_DRIVER")
    assert not pathlib.Path(okta_odbc.__file__).with_name("libokta_odbc.so").exists()
    assert okta_odbc.driver() == "Okta ODBC Driver"


@pytest.mark.parametrize(
    "keywords, written",
    # Braces as the ODBC reference has them (SQLDriverConnect, "Comments"): `}` is doubled within them.
    [
        ({"Domain": "d", "driver": "x"}, "DRIVER={x};Domain={d}"),
        ({"Domain": "d", "Driver": "x", "APIToken": "a;b}c{"}, "DRIVER={x};Domain={d};APIToken={a;b}}c{}"),
        (
            {"Domain": "d", "driver": "x", "SkipForbidden": True, "MaxRows": 7, "Scope": None},
            "DRIVER={x};Domain={d};SkipForbidden={true};MaxRows={7}",
        ),
        ({"dsn": "prod", "driver": "x"}, "DRIVER={x};dsn={prod}"),
        ({"org_url": "d", "driver": "x"}, "DRIVER={x};org_url={d}"),
    ],
)
def test_keywords_become_a_connection_string(keywords, written):
    assert connection_string.written(keywords) == written


@pytest.mark.parametrize("name", ["a;b", "a=b", "{a", "a}", "[a", " a", ""])
def test_a_name_that_is_no_keyword_is_refused(name):
    with pytest.raises(ValueError, match="cannot be a connection keyword"):
        connection_string.written({"Domain": "d", name: "1"})

"""unixODBC by its settings: its own locks, pools, unloading the driver, connections without registration and from files."""

import json
import os
import pathlib
import re
import subprocess
import sys

import okta_org
import pytest
import unixodbc_program

USERS = 450


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", USERS)
    yield started
    started.close()


@pytest.fixture
def register(tmp_path):
    """Writes a registration with settings of unixODBC's own and gives the environment that uses it."""

    def write(driver="", manager=""):
        library, log = os.environ["OKTA_ODBC_DRIVER"], tmp_path / "driver.log"
        section = f"[{okta_org.DRIVER}]\nDriver={library}\nLogfile={log}\nVerbosity=5\n{driver}\n"
        (tmp_path / "odbcinst.ini").write_text(f"[ODBC]\n{manager}\n\n{section}")
        (tmp_path / "odbc.ini").write_text("")
        return dict(os.environ, ODBCSYSINI=str(tmp_path), ODBCINI=str(tmp_path / "odbc.ini"))

    return write


def run(environment, scenario, *arguments):
    command = [sys.executable, unixodbc_program.__file__, scenario, *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, (done.returncode, done.stderr)
    return json.loads(done.stdout)


def text(count=USERS):
    return str(count)


# unixODBC's lock: none, of the statement, of the connection, of the environment.
THREADING = ["0", "1", "2", "3"]


@pytest.mark.parametrize("level", THREADING)
def test_many_threads(level, register, org):
    told = run(register(f"Threading={level}"), "threads", org.connection_string())
    assert told == {"own": [[text()] * 3] * 8, "shared": [[text()] * 3] * 8, "rows": [USERS] * 4}


# With the environment's lock SQLCancel waits in unixODBC for the call that it should stop; odbcinst.ini's template says 0.
@pytest.mark.parametrize("level", THREADING[:3])
def test_a_cancel_from_another_thread(level, register, new_sim):
    slow = new_sim("--users", 3000, "--latency-ms", 300)
    told = run(register(f"Threading={level}"), "cancel", slow.connection_string())
    assert told == [["HY008", 0, True], ["HY008", 0, True], "1"]


@pytest.mark.parametrize("setting", ["DontDLClose=0", "DontDLClose=1"])
def test_connecting_and_closing_over_and_over(setting, register, org):
    """The library stays mapped, once, and neither memory nor threads grow."""
    told = run(register(setting), "unloading", org.connection_string())
    assert (told["counts"], told["mapped"], told["threads"]) == ([text()], 1, 0)
    assert told["grew"] < 8 * 1024 * 1024


def test_closing_while_the_runtime_is_busy(register, org):
    told = run(register("DontDLClose=0"), "unloading_while_busy", f"{org.connection_string()};PageSize=50")
    assert told == {"counts": [text()], "mapped": 1}


def test_the_driver_by_its_file_without_any_registration(tmp_path, org):
    library = os.environ["OKTA_ODBC_DRIVER"]
    environment = dict(os.environ, ODBCSYSINI=str(tmp_path), ODBCINI=str(tmp_path / "none"), HOME=str(tmp_path))
    told = run(environment, "by_path", f"DRIVER={library};Domain={org.url};APIToken={okta_org.TOKEN}")
    assert told["count"] == text() and told["driver"] == pathlib.Path(library).name
    assert library in told["out"]


def test_a_file_data_source_is_written_and_read(register, org, tmp_path):
    told = run(register(), "file_data_source", org.connection_string(), tmp_path)
    # What stands beside FILEDSN counts too.
    assert (told["count"], told["rows"]) == ([text()] * 3, 1)
    assert f"Domain={org.url}" in told["saved"].replace(" ", "").splitlines()


@pytest.mark.parametrize("program", ["isql", "iusql"])
def test_the_locale_changes_nothing(program, register, org, tmp_path):
    """isql shows the driver's bytes. iusql keeps the lower byte of each character of a value, in every locale; of logins, all."""
    environment = register()
    (tmp_path / "odbc.ini").write_text(f"[okta]\nDriver={okta_org.DRIVER}\nDomain={org.url}\nAPIToken={okta_org.TOKEN}\n")
    statement = 'SELECT ProfileLogin, ProfileFirstName AS "Größe" FROM Users\n'
    shown = [
        subprocess.run(
            [program, "okta", "-b", "-v", "-c", "-x0x1f"],
            input=statement.encode(),
            env=dict(environment, LC_ALL=locale),
            capture_output=True,
            timeout=60,
        ).stdout.splitlines()
        for locale in ("C", "C.UTF-8")
    ]
    assert shown[0] == shown[1]
    heading, *rows = [line.split(b"\x1f") for line in shown[0] if b"\x1f" in line]
    assert heading[1] == "Größe".encode()
    users = {user["profile"]["login"]: user["profile"]["firstName"] for user in org.truth("Users")}
    found = {login.strip(b'"').decode(): name.strip(b'"') for login, name in rows}
    assert set(found) == set(users)
    wanted = {login: name.encode() for login, name in users.items() if program == "isql" or name.isascii()}
    assert {login: found[login] for login in wanted} == wanted


# Pools ----------------------------------------------------------------------------------------------------------------------


def connects(environment):
    """How often the driver itself connected."""
    log = pathlib.Path(environment["ODBCSYSINI"]) / "driver.log"
    return len(re.findall(r"^\S+ \d+ \d+ \d+ connect ", log.read_text(), re.MULTILINE))


POOLING = {"driver": "CPTimeout=60", "manager": "Pooling=Yes"}


def test_a_pooled_connection_is_reset_for_its_next_user(register, org):
    """unixODBC asks a driver of an ODBC 3.8 application to reset (SQL_ATTR_RESET_CONNECTION)."""
    environment = register(**POOLING)
    told = run(environment, "pool", org.connection_string(), 380)
    assert told == {"counts": [text()] * 4, "autocommit": [1] * 4, "metadata": [0] * 4}
    assert connects(environment) == 1


def test_of_an_odbc_3_0_application_nothing_is_reset(register, org):
    """The pool gives it the connection as it was left: unixODBC asks for no reset, and the driver does not guess."""
    environment = register(**POOLING)
    told = run(environment, "pool", org.connection_string(), 3)
    assert told["counts"] == [text()] * 4
    assert connects(environment) == 1


def manager():
    """unixODBC's version: (2, 3, 11)."""
    told = subprocess.run(["isql", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"(\d+)\.(\d+)\.(\d+)", told).groups()))


def test_without_a_timeout_of_the_pool_each_connection_is_as_new(register, org):
    environment = register(manager="Pooling=No")
    told = run(environment, "pool", org.connection_string(), 380)
    assert told == {"counts": [text()] * 4, "autocommit": [1] * 4, "metadata": [0] * 4}
    # 2.3.14 takes the program's word for a pool, whatever its settings say.
    assert connects(environment) == (4 if manager() <= (2, 3, 11) else 1)


def refusing(new_sim):
    """The second read of users finds its token refused, once."""
    return new_sim("--users", 20, "--fault", "/api/v1/users#2=token-expired")


def test_a_connection_that_was_refused_is_told_dead_until_it_works_again(register, new_sim):
    told = run(register(), "dead_connection", refusing(new_sim).connection_string())
    assert told == [0, "20", 0, "28000", 1, "20", 0]


def test_a_connection_to_an_org_out_of_reach_is_told_dead(register, new_sim):
    org = new_sim("--users", 20)
    string = org.connection_string(MaxRetries=0, Timeout=5)
    told = run(register(), "unreachable_connection", string, org.process.pid)
    assert told[:2] == ["20", 0] and told[2:] == ["HY000", 1]


def test_a_pool_gives_a_dead_connection_to_nobody(register, new_sim):
    environment = register(**POOLING)
    told = run(environment, "pool_of_refused", refusing(new_sim).connection_string())
    assert told == ["20", "28000", "20", "20"]
    assert connects(environment) == 2


def test_a_pool_is_inherited(register, org):
    told = run(register(**POOLING), "pool_across_a_fork", org.connection_string())
    assert told == {"parent": [[text(), 0]] * 2, "child": [[[text(), 0]] * 2, 0]}

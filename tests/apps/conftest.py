"""Fixtures: the driver registered privately, one small okta-sim for all tests that only read."""

import os
import pathlib
import tempfile

import pytest

import okta_org

# unixODBC reads these files when the first connection is made, whoever makes it.
_FOLDER = tempfile.TemporaryDirectory(prefix="okta-odbc-apps-")
_LOGS = tempfile.TemporaryDirectory(prefix="okta-odbc-logs-")
okta_org.register(pathlib.Path(_FOLDER.name), pathlib.Path(_LOGS.name) / "driver.log")

import pyodbc  # noqa: E402  (after the registration)
import sqlalchemy  # noqa: E402

import okta_urls  # noqa: E402
import secrets_kept  # noqa: E402

# A pooled connection would outlive the okta-sim it was made for.
pyodbc.pooling = False

# SQLAlchemy's plugin takes pytest over; test_sqlalchemy_suite.py runs it in a process of its own.
collect_ignore = ["sqlalchemy_suite"]


@pytest.fixture(scope="session")
def sim():
    """60 users, 8 groups, 5 apps."""
    org = okta_org.Sim("--users", 60, "--groups", 8, "--apps", 5)
    yield org
    org.close()


@pytest.fixture
def new_sim():
    """Starts an okta-sim with options of the test's own."""
    started = []

    def start(*options, **more):
        started.append(okta_org.Sim(*options, **more))
        return started[-1]

    yield start
    for org in started:
        org.close()


@pytest.fixture
def connection(sim):
    opened = pyodbc.connect(sim.connection_string(), autocommit=True)
    yield opened
    opened.close()


@pytest.fixture
def cursor(connection):
    return connection.cursor()


@pytest.fixture
def dsn(sim):
    """A DSN for programs that take nothing else."""
    file = pathlib.Path(_FOLDER.name) / "odbc.ini"
    file.write_text(f"[okta]\nDriver={okta_org.DRIVER}\nDomain={sim.url}\nAPIToken={okta_org.TOKEN}\n")
    yield "okta"
    file.write_text("")


def pytest_sessionstart():
    secrets_kept.watch()


def pytest_sessionfinish(session):
    """No test of its own: whatever the others did must have left no secret anywhere."""
    # Logs that tests keep to themselves, and those of `cargo test`.
    folders = [_LOGS.name, session.config._tmp_path_factory.getbasetemp(), *filter(None, [os.environ.get("OKTA_ODBC_LOGS")])]
    places, lines, messages, secrets = secrets_kept.leaks(*folders)
    if os.environ.get("OKTA_ODBC_WHOLE_SUITE") and 0 in (lines, messages, secrets):
        places.append(f"may stand anywhere: {lines} lines, {messages} messages, {secrets} secrets were searched")
    report = session.config.pluginmanager.get_plugin("terminalreporter")
    if report:
        searched = f"{secrets} secrets in {lines} lines of log and {messages} messages"
        report.write_line(f"\nnone of {searched}" if not places else f"\nof {searched}")
        for place in places[:50]:
            report.write_line(f"SECRET {place}", red=True)
    if places:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_configure(config):
    config.addinivalue_line("markers", "okta_dialect(reason): what only the dialect `okta` does, whatever other URLs there are")


def pytest_generate_tests(metafunc):
    if "new_engine" in metafunc.fixturenames:
        only_okta = metafunc.definition.get_closest_marker("okta_dialect")
        metafunc.parametrize("new_engine", ["okta"] if only_okta else list(okta_urls.FORMS), indirect=True)


@pytest.fixture
def new_engine(request):
    """Makes engines for an okta-sim, by each form of URL; keywords are the driver's."""
    made = []

    def make(org, **keywords):
        made.append(sqlalchemy.create_engine(okta_urls.FORMS[request.param](org, **keywords)))
        return made[-1]

    yield make
    for engine in made:
        engine.dispose()


@pytest.fixture
def engine(sim, new_engine):
    return new_engine(sim)


@pytest.fixture
def new_org(new_sim, tmp_path):
    """Starts an org to log in to, and a program beside it."""
    # Here, as it makes keys, which other tests need not wait for.
    import okta_login

    started = []

    def start(provider="okta-sim", *options, **more):
        org = okta_login.Org(tmp_path, new_sim, provider, *options, **more)
        started.append(org)
        return org, okta_login.Program(tmp_path, org)

    yield start
    for org in started:
        org.close()

"""From a URL of the dialect `okta` to a connection, and what keeps it."""

import os
import re
import warnings

import pyodbc
import pytest
import sqlalchemy
from sqlalchemy import exc, text

import okta_org
import okta_urls


def arguments(url):
    """What pyodbc.connect is called with."""
    engine = sqlalchemy.create_engine(url)
    (string,), options = engine.dialect.create_connect_args(engine.url)
    return string, options


@pytest.fixture
def url(sim):
    return okta_urls.okta(sim)


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.setenv("OKTA_ODBC_DRIVER", "The Driver")
    monkeypatch.delenv("OKTA_CLIENT_ORGURL", raising=False)
    return "DRIVER={The Driver}"


@pytest.mark.parametrize(
    "url, keywords",
    [
        ("okta:///?Domain=acme.okta.com&APIToken=t", "Domain={acme.okta.com};APIToken={t}"),
        ("okta+pyodbc:///?Domain=acme.okta.com", "Domain={acme.okta.com}"),
        ("okta://acme.okta.com/?APIToken=t", "Domain={acme.okta.com};APIToken={t}"),
        ("okta://acme.okta.com:8443/Okta?APIToken=t", "Domain={acme.okta.com:8443};Database={Okta};APIToken={t}"),
        ("okta://me:t%40k@acme.okta.com", "Domain={acme.okta.com};UID={me};PWD={t@k}"),
        ("okta://:t@acme.okta.com", "Domain={acme.okta.com};PWD={t}"),
        ("okta://ignored.okta.com/?Domain=acme.okta.com", "Domain={acme.okta.com}"),
        ("okta:///?Server=https%3A%2F%2Facme.okta.com%2F", "Server={https://acme.okta.com/}"),
        # A token may hold whatever URL and connection string give a meaning to.
        ("okta:///?Domain=d&APIToken=a%2Bb%25+c%3Bd%7De%7Bf%3D%26", "Domain={d};APIToken={a+b% c;d}}e{f=&}"),
        ("okta:///?Domain=d&OAuthSettingsLocation=%2Ftmp%2Ftoken%20file", "Domain={d};OAuthSettingsLocation={/tmp/token file}"),
        ("okta:///?Domain=d&Timeout=", "Domain={d}"),
        # RFC 3986 has brackets around an IPv6 address; SQLAlchemy takes them off.
        ("okta://[::1]:8080/?APIToken=t", "Domain={[::1]:8080};APIToken={t}"),
        ("okta://[fd00::7]", "Domain={[fd00::7]}"),
        # The driver finds the org where Okta's own programs do: in variables and okta.yaml.
        ("okta:///?APIToken=t", "APIToken={t}"),
    ],
)
def test_a_urls_parts_become_keywords(driver, url, keywords):
    assert arguments(url) == (f"{driver};{keywords}", {"autocommit": True})


@pytest.mark.parametrize(
    "url, string",
    [
        ("okta:///?DSN=prod", "DSN={prod}"),
        ("okta:///?dsn=prod&MaxRows=5", "dsn={prod};MaxRows={5}"),
        ("okta:///?Domain=d&driver=Okta+ODBC+Driver", "DRIVER={Okta ODBC Driver};Domain={d}"),
        ("okta:///?Domain=d&DRIVER=%2Fopt%2Flibokta_odbc.so", "DRIVER={/opt/libokta_odbc.so};Domain={d}"),
        ("okta:///?odbc_connect=DSN%3Dprod%3BAPIToken%3Da%252Bb", "DSN=prod;APIToken=a%2Bb"),
        ("okta:///?odbc_connect=APIToken%3Da%3B+driver%3Dx", "APIToken=a; driver=x"),
        # The wheel's driver has no name that a string could give.
        ("okta:///?odbc_connect=Domain%3Dd%3BAPIToken%3Da", "DRIVER={The Driver};Domain=d;APIToken=a"),
    ],
)
def test_a_data_source_or_a_driver_may_be_named(driver, url, string):
    assert arguments(url)[0] == string


@pytest.mark.parametrize("place", ["a variable", "okta.yaml"])
def test_the_org_may_be_named_where_oktas_own_programs_look(sim, monkeypatch, tmp_path, place):
    monkeypatch.setenv("HOME", str(tmp_path))
    if place == "a variable":
        monkeypatch.setenv("OKTA_CLIENT_ORGURL", sim.url)
    else:
        (tmp_path / ".okta").mkdir()
        (tmp_path / ".okta/okta.yaml").write_text(f"okta:\n  client:\n    orgUrl: {sim.url}\n")
    with sqlalchemy.create_engine(f"okta:///?APIToken={okta_org.TOKEN}").connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM Groups")) == len(sim.truth("Groups"))


@pytest.mark.parametrize(
    "url, named",
    [
        ("okta:///?odbc_connect=Domain%3Dd&MaxRows=5&PageSzie=1", "MaxRows, PageSzie"),
        ("okta:///?MaxRows=5&odbc_connect=Domain%3Dd", "MaxRows"),
        ("okta://me:t@d/Okta?odbc_connect=Domain%3Dd", "Domain, UID, PWD, Database"),
    ],
)
def test_what_stands_beside_odbc_connect_is_named(driver, url, named):
    with pytest.raises(exc.ArgumentError, match=f"write {named} into it, or leave odbc_connect out"):
        sqlalchemy.create_engine(url)


def test_a_keyword_that_stands_twice_is_named(driver):
    with pytest.raises(exc.ArgumentError, match="MaxRows stands 2 times"):
        arguments("okta:///?Domain=d&MaxRows=1&MaxRows=2")


def test_keywords_without_their_question_mark_are_named(driver):
    with pytest.raises(exc.ArgumentError, match="Domain stands in the URL's path") as caught:
        sqlalchemy.create_engine("okta:///Domain=acme.okta.com&APIToken=secret")
    assert "secret" not in str(caught.value)


def test_two_spellings_of_a_keyword_are_named(driver):
    with pytest.raises(exc.ArgumentError, match="MaxRows and max_rows are the same keyword"):
        arguments("okta:///?Domain=d&MaxRows=1&max_rows=2")


def test_a_name_that_would_break_the_string_is_refused(driver):
    with pytest.raises(exc.ArgumentError, match="cannot be a connection keyword"):
        arguments("okta:///?Domain=d&a%3Bb=1")


def test_every_value_reaches_the_driver_as_it_is(sim, url):
    """The driver tells a keyword's bad value: what it read is what was written."""
    value = "1;}a{+% =&"
    with pytest.raises(exc.DBAPIError) as caught:
        sqlalchemy.create_engine(okta_urls.okta(sim, MaxRows=value)).connect()
    assert value in str(caught.value.orig)


def test_the_drivers_errors_pass(sim):
    with pytest.raises(exc.InterfaceError) as caught:
        sqlalchemy.create_engine(okta_urls.okta(sim, APIToken="wrong")).connect()
    assert caught.value.orig.args[0] == "28000"


def test_an_unknown_keyword_is_a_warning_that_names_the_nearest(sim):
    with pytest.warns(UserWarning) as caught:
        with sqlalchemy.create_engine(okta_urls.okta(sim, PageSzie=7, Flavour=1)).connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    messages = [str(warning.message) for warning in caught]
    assert len(messages) == 2
    assert re.search(r"01S00.*PageSzie.*PageSize", messages[0])
    assert "Flavour" in messages[1]


def test_warnings_cost_no_request_and_are_told_once(new_sim):
    org = new_sim("--users", 3)
    engine = sqlalchemy.create_engine(okta_urls.okta(org, Flavour=1), poolclass=sqlalchemy.pool.NullPool)
    with pytest.warns(UserWarning, match="Flavour"):
        engine.connect().close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        engine.connect().close()
    assert [request["path"] for request in org.get("/sim/requests")] == ["/api/v1/meta/schemas/user/default"]


def test_what_others_add_is_no_warning(sim):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sqlalchemy.create_engine(okta_urls.okta(sim, Trusted_Connection="Yes", Encrypt="no")).connect().close()


def test_the_registered_driver_is_used_by_its_name(sim, monkeypatch):
    monkeypatch.delenv("OKTA_ODBC_DRIVER")
    with sqlalchemy.create_engine(okta_urls.okta(sim)).connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM Users")) == len(sim.truth("Users"))
    monkeypatch.setenv("OKTA_ODBC_DRIVER", "No Such Driver")
    with pytest.raises(exc.DBAPIError, match="No Such Driver"):
        sqlalchemy.create_engine(okta_urls.okta(sim)).connect()


def test_connecting_and_reflecting_cost_no_more_than_the_orgs_schemas(new_sim):
    org = new_sim("--users", 3)
    engine = sqlalchemy.create_engine(okta_urls.okta(org))
    sqlalchemy.MetaData().reflect(engine)
    paths = [request["path"] for request in org.get("/sim/requests")]
    assert {"/api/v1/meta/schemas/group/default", "/api/v1/meta/schemas/user/default"} <= set(paths)
    assert all(path.startswith("/api/v1/meta/") for path in paths)
    # Each schema, and the list of user types, once.
    assert len(paths) == len(set(paths))
    sqlalchemy.MetaData().reflect(engine)
    assert len(org.get("/sim/requests")) == len(paths)


def test_pre_ping_asks_okta_nothing(new_sim):
    org = new_sim("--users", 3)
    engine = sqlalchemy.create_engine(okta_urls.okta(org), pool_pre_ping=True, pool_size=1)
    for _ in range(3):
        engine.connect().close()
    assert org.requests() == []
    assert engine.pool.checkedin() == 1


def test_only_autocommit_is_an_isolation_level(url):
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.get_isolation_level() == connection.default_isolation_level == "AUTOCOMMIT"
        assert connection.connection.dbapi_connection.autocommit
    with pytest.raises(exc.ArgumentError, match="AUTOCOMMIT"):
        sqlalchemy.create_engine(url, isolation_level="SERIALIZABLE").connect()


def test_commit_and_rollback_are_accepted(url):
    with sqlalchemy.create_engine(url).connect() as connection:
        connection.execute(text("SELECT 1"))
        connection.commit()
        connection.execute(text("SELECT 1"))
        connection.rollback()
        with connection.begin():
            assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(
    "statement, state",
    [
        ("SELECT * FROM NoSuchTable", "42S02"),
        ("SELECT NoSuchColumn FROM Users", "42S22"),
        ("SELEC 1", "42000"),
        ("INSERT INTO Users (Id) VALUES ('00u1')", "42000"),
        ("UPDATE Users SET Status = 'STAGED'", "42000"),
        ("DELETE FROM Users", "42000"),
    ],
)
def test_an_error_of_a_statement_keeps_the_connection(url, statement, state):
    with sqlalchemy.create_engine(url).connect() as connection:
        with pytest.raises(exc.ProgrammingError) as caught:
            connection.execute(text(statement))
        assert caught.value.orig.args[0] == state
        assert not caught.value.connection_invalidated
        assert connection.scalar(text("SELECT 1")) == 1


def test_a_write_says_that_the_data_source_is_read_only(url):
    users = sqlalchemy.table("Users", sqlalchemy.column("Id"))
    with sqlalchemy.create_engine(url).connect() as connection:
        with pytest.raises(exc.ProgrammingError, match="read-only"):
            connection.execute(users.insert().values(Id="00u1"))


def test_a_closed_connection_is_a_disconnect_and_is_replaced(url):
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        connection.connection.dbapi_connection.close()
        with pytest.raises(exc.DBAPIError) as caught:
            connection.execute(text("SELECT 1"))
        assert caught.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize(
    "state, lost",
    # SQLSTATEs of Appendix A: only those that say that the connection is gone.
    [("08003", True), ("08S01", True), ("HYT00", False), ("HY000", False), ("42000", False), ("HY008", False)],
)
def test_a_disconnect_is_told_by_its_sqlstate(url, state, lost):
    dialect = sqlalchemy.create_engine(url).dialect
    assert dialect.is_disconnect(pyodbc.Error(state, "text"), None, None) is lost


def test_statements_are_compiled_once(url):
    engine = sqlalchemy.create_engine(url)
    users = sqlalchemy.table("Users", sqlalchemy.column("Id"), sqlalchemy.column("Status"))
    with engine.connect() as connection:
        for status in ("ACTIVE", "STAGED", "SUSPENDED"):
            connection.execute(sqlalchemy.select(users.c.Id).where(users.c.Status == status))
    compiled = [key for key in engine._compiled_cache if key is not None]
    assert len(compiled) == 1


def test_the_line_of_sqlalchemy_is_the_one_that_was_meant():
    """`cargo xtask test` runs these tests twice; the second run would mean nothing with the first one's SQLAlchemy."""
    line = os.environ.get("OKTA_SQLALCHEMY_LINE", "2.1")
    assert sqlalchemy.__version__.startswith(line + ".")

"""What both dialects make of wrong URLs, unreachable orgs and SQL that is not there: words that help, and a pool that lives."""

import signal
import socket
import urllib.parse

import pytest
import sqlalchemy
from sqlalchemy import exc, text

import okta_org

FORMS = ["okta", "mssql"]


def url(form, keywords):
    if form == "okta":
        return "okta:///?" + urllib.parse.urlencode(keywords)
    written = "".join(f";{name}={value}" for name, value in keywords.items())
    return "mssql+pyodbc:///?odbc_connect=" + urllib.parse.quote_plus(f"Driver={{{okta_org.DRIVER}}}{written}")


def refused(form, keywords):
    """What the driver says when it is opened with these: SQLSTATE and message."""
    engine = sqlalchemy.create_engine(url(form, keywords))
    with pytest.raises(exc.DBAPIError) as caught:
        engine.connect()
    return caught.value.orig.args


@pytest.fixture
def nobody():
    """A port of this machine that is taken, where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "keywords, state, words",
    [
        ({"APIToken": "wrong"}, "28000", ["check APIToken", "HTTP 401"]),
        ({}, "28000", ["APIToken is missing", "give it as APIToken"]),
        ({"APIToken": "t", "MaxRows": "many"}, "HY000", ["MaxRows=many", "allowed is a whole number"]),
    ],
)
def test_a_connection_that_is_refused_says_what_to_do(sim, form, keywords, state, words):
    found, message = refused(form, {"Domain": sim.url, **keywords})
    assert found == state
    assert [word for word in words if word not in message] == [], message


WRONG_DOMAINS = [
    ("", "Domain is missing: give the host of your org"),
    ("a b", 'Domain="a b" is not the address of an org: give its host'),
    ("acme.okta.com:https", 'Domain="acme.okta.com:https" is not the address of an org: give its host'),
    ("acme-admin.okta.com", "Domain=acme-admin.okta.com is the Admin Console"),
    ("http://[bad", '"http://[bad" is not the address of an Okta org'),
    ("http://example.okta.com", "http://example.okta.com is refused"),
]


@pytest.fixture
def nothing_names_an_org(monkeypatch, tmp_path):
    """Neither Okta's variables nor okta.yaml."""
    monkeypatch.delenv("OKTA_CLIENT_ORGURL", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("domain, words", WRONG_DOMAINS)
def test_a_missing_or_wrong_domain_is_an_argument_error_that_names_it(nothing_names_an_org, domain, words):
    """Also within odbc_connect=. What others call it is the driver's own affair: `Server` is Domain to it."""
    string = f"Domain={{{domain}}};" if domain else ""
    for written in ({"Domain": domain}, {"Server": domain}, {"odbc_connect": string + "APIToken=t"}):
        if "odbc_connect" not in written:
            written["APIToken"] = "t"
        with pytest.raises(exc.ArgumentError) as caught:
            sqlalchemy.create_engine(url("okta", written)).connect()
        message = str(caught.value)
        assert message.startswith(words) and "Domain" in message and not message.endswith(")"), message


@pytest.mark.parametrize("domain, words", WRONG_DOMAINS)
def test_sqlalchemys_own_dialect_passes_what_the_driver_says_of_a_domain(nothing_names_an_org, domain, words):
    state, message = refused("mssql", {"Domain": domain, "APIToken": "t"} if domain else {"APIToken": "t"})
    assert state == "HY000" and words in message


@pytest.mark.parametrize("form", FORMS)
def test_a_host_that_nobody_reaches_is_named(form, nobody):
    state, message = refused(form, {"Domain": f"http://127.0.0.1:{nobody}", "APIToken": okta_org.TOKEN})
    assert state == "08001"
    assert f"127.0.0.1:{nobody} cannot be reached" in message and "check Domain, the network" in message


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.filterwarnings("ignore:.*PageSzie")
def test_an_unknown_keyword_keeps_nobody_from_connecting(sim, form):
    """The dialect `okta` warns of it: test_sqlalchemy_connect.py."""
    keywords = {"Domain": sim.url, "APIToken": okta_org.TOKEN, "PageSzie": 7}
    with sqlalchemy.create_engine(url(form, keywords)).connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM Users")) == len(sim.truth("Users"))


class Pooled:
    """An engine of one connection, which must be the same one all the time."""

    def __init__(self, form, org):
        keywords = {"Domain": org.url, "APIToken": okta_org.TOKEN, "MaxRetries": 0}
        self.engine = sqlalchemy.create_engine(url(form, keywords), pool_size=1, max_overflow=0)
        self.first = None

    def scalar(self, statement):
        with self.engine.connect() as connection:
            opened = connection.connection.dbapi_connection
            self.first = self.first or opened
            assert opened is self.first
            return connection.scalar(text(statement))

    def refused(self, statement):
        with pytest.raises(exc.DBAPIError) as caught:
            self.scalar(statement)
        assert not caught.value.connection_invalidated
        return caught.value.orig.args


COUNT = "SELECT COUNT(*) FROM Users"


@pytest.mark.parametrize("form", FORMS)
def test_a_pool_outlives_an_org_that_goes_and_comes_back(new_sim, form):
    org = new_sim("--users", 10)
    pool = Pooled(form, org)
    assert pool.scalar(COUNT) == 10
    org.close()
    state, message = pool.refused(COUNT)
    assert state == "HY000" and "cannot be reached" in message and "check Domain, the network" in message
    assert pool.scalar("SELECT 1") == 1
    new_sim("--users", 10, port=urllib.parse.urlsplit(org.url).port)
    assert pool.scalar(COUNT) == 10
    pool.engine.dispose()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "fault, state, words",
    [
        ("429", "HY000", "rate limit for GET /api/v1/users stayed exceeded: try later"),
        ("503", "HY000", "HTTP 503"),
        ("reset", "HY000", "broke during GET /api/v1/users"),
        ("cut", "HY000", "to GET /api/v1/users cannot be read"),
        ("json", "HY000", "is not what Okta's API gives"),
        ("token-expired", "28000", "check APIToken"),
    ],
)
def test_a_pool_outlives_a_request_that_fails(new_sim, form, fault, state, words):
    org = new_sim("--users", 10, "--fault", f"/api/v1/users#1={fault}")
    pool = Pooled(form, org)
    found, message = pool.refused(COUNT)
    assert found == state and words in message, message
    assert pool.scalar(COUNT) == 10
    pool.engine.dispose()


@pytest.mark.parametrize("form", FORMS)
def test_a_query_that_takes_too_long_is_an_operational_error_and_the_engine_lives(new_sim, form):
    """SQLAlchemy's own dialect takes HYT00, the SQLSTATE that ODBC has for it, for a lost connection, and opens another."""
    org = new_sim("--users", 10)
    keywords = {"Domain": org.url, "APIToken": okta_org.TOKEN, "QueryTimeout": 1}
    engine = sqlalchemy.create_engine(url(form, keywords), pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        first = connection.connection.dbapi_connection
        assert connection.scalar(text(COUNT)) == 10
    org.process.send_signal(signal.SIGSTOP)
    with engine.connect() as connection:
        with pytest.raises(exc.OperationalError) as caught:
            connection.scalar(text(COUNT))
    org.process.send_signal(signal.SIGCONT)
    state, message = caught.value.orig.args
    assert state == "HYT00" and "QueryTimeout" in message, message
    assert caught.value.connection_invalidated is (form == "mssql")
    with engine.connect() as connection:
        assert (connection.connection.dbapi_connection is first) is (form == "okta")
        assert connection.scalar(text(COUNT)) == 10
    engine.dispose()


# What SQL Server has and Okta has not, the construct that must be named, and where it starts.
NOT_THERE = [
    ("CREATE TABLE Extra (a INT)", "CREATE TABLE at line 1, column 1"),
    ("CREATE TABLE #t (a INT)", "CREATE TABLE at line 1, column 1"),
    ("ALTER TABLE Users ADD Extra INT", "ALTER at line 1, column 1"),
    ("DROP TABLE Users", "DROP at line 1, column 1"),
    ("TRUNCATE TABLE Users", "TRUNCATE at line 1, column 1"),
    ("CREATE INDEX i ON Users (Id)", "CREATE INDEX at line 1, column 1"),
    ("CREATE VIEW v AS SELECT 1 AS a", "CREATE VIEW at line 1, column 1"),
    ("CREATE PROCEDURE p AS SELECT 1", "CREATE at line 1, column 1"),
    ("SELECT *\nFROM #t", "#t at line 2, column 6"),
    ("SELECT Id INTO #t FROM Users", "SELECT … INTO at line 1, column 11"),
    ("DECLARE c CURSOR FOR SELECT Id FROM Users", "DECLARE CURSOR at line 1, column 1"),
    ("OPEN c", "OPEN at line 1, column 1"),
    ("FETCH NEXT FROM c", "FETCH at line 1, column 1"),
    ("CLOSE c", "CLOSE at line 1, column 1"),
    ("DEALLOCATE c", "DEALLOCATE at line 1, column 1"),
    ("EXEC sp_who", "EXEC at line 1, column 1"),
    ("EXECUTE dbo.NoSuchProcedure 1, 2", "EXECUTE at line 1, column 1"),
    ("EXEC('SELECT 1')", "EXEC at line 1, column 1"),
    ("{call sp_who}", "{call sp_who} at line 1, column 1"),
    ("DECLARE @a INT = 1", "DECLARE at line 1, column 1"),
    ("SELECT @a", "@a at line 1, column 8"),
    ("WHILE 1 = 1 SELECT 1", "WHILE at line 1, column 1"),
    ("MERGE INTO Users u USING Groups g ON u.Id = g.Id WHEN MATCHED THEN DELETE", "MERGE at line 1, column 1"),
    ("COMMENT ON TABLE Users IS 'people'", "COMMENT at line 1, column 1"),
    ("SELECT 1;\nREPLACE INTO Users (Id) VALUES (1)", "REPLACE at line 2, column 1"),
    ("GRANT SELECT ON Users TO someone", "GRANT at line 1, column 1"),
    ("BULK INSERT Users FROM 'file'", "BULK at line 1, column 1"),
    ("SELECT 1; DROP TABLE Users", "DROP at line 1, column 11"),
]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_there_is_named_and_the_pool_lives(new_sim, form):
    org = new_sim("--users", 10)
    pool = Pooled(form, org)
    for statement, construct in NOT_THERE:
        state, message = pool.refused(statement)
        assert state == "42000" and construct in message, (statement, message)
    assert org.requests() == []
    assert pool.scalar(COUNT) == 10
    pool.engine.dispose()


@pytest.mark.parametrize("form", FORMS)
def test_metadata_that_would_make_tables_is_refused(sim, form):
    engine = sqlalchemy.create_engine(url(form, {"Domain": sim.url, "APIToken": okta_org.TOKEN}))
    metadata = sqlalchemy.MetaData()
    sqlalchemy.Table("Extra", metadata, sqlalchemy.Column("Id", sqlalchemy.String(32), primary_key=True))
    with pytest.raises(exc.ProgrammingError, match="CREATE TABLE at line 2, column 1 is not supported"):
        metadata.create_all(engine)
    # There is none to drop: nothing is sent.
    metadata.drop_all(engine)
    engine.dispose()

"""SQLAlchemy's own mssql dialect over the driver: connecting, reflecting, mapping; what it asks of Okta, counted."""

import datetime
import urllib.parse

import pandas
import pyodbc
import pytest
import sqlalchemy
from sqlalchemy import MetaData, Table, create_engine, inspect, select, text
from sqlalchemy.dialects import mssql
from sqlalchemy.orm import Session, declarative_base

import okta_org

TABLES = okta_org.tables()
# What a kind of column is to the mssql dialect.
TYPES = {
    "text": mssql.NVARCHAR,
    "enum": mssql.NVARCHAR,
    "id": mssql.NVARCHAR,
    "json": mssql.NTEXT,
    "integer": mssql.INTEGER,
    "bigint": mssql.BIGINT,
    "double": sqlalchemy.FLOAT,
    "boolean": mssql.BIT,
    "timestamp": mssql.DATETIME2,
    "date": mssql.DATE,
}
# MaxVarcharSize.
LONGEST = 4000


def quoted(text_):
    """2.0 decodes odbc_connect a second time; a URL and a token of letters do not mind."""
    return urllib.parse.quote_plus(text_)


def engine_of(org, **options):
    return create_engine(f"mssql+pyodbc:///?odbc_connect={quoted(org.connection_string())}", **options)


@pytest.fixture(scope="module")
def engine(sim):
    made = engine_of(sim)
    yield made
    made.dispose()


def paths(org):
    return [r["path"] for r in org.get("/sim/requests")]


def test_it_connects_and_finds_a_sql_server_of_2022(engine):
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        assert connection.get_isolation_level() == "READ COMMITTED"
    dialect = engine.dialect
    assert dialect.server_version_info == (16, 0, 1000, 6)
    assert dialect.default_schema_name == "dbo"
    assert dialect.supports_comments and dialect._supports_nvarchar_max and dialect._supports_offset_fetch
    assert dialect.default_isolation_level == "READ COMMITTED"


LEVELS = ["AUTOCOMMIT", "READ COMMITTED", "READ UNCOMMITTED", "REPEATABLE READ", "SERIALIZABLE", "SNAPSHOT"]


WAYS = ["engine", "options of an engine", "options of a connection", "statement"]


# No statement of T-SQL is called AUTOCOMMIT.
@pytest.mark.parametrize(
    "given, level", [(way, level) for way in WAYS for level in LEVELS if (way, level) != ("statement", "AUTOCOMMIT")]
)
def test_the_isolation_level_trap(sim, given, level):
    """Without an answer about the isolation level, the reset of this connection would be an AssertionError."""
    engine = engine_of(sim, pool_size=1, max_overflow=0, **({"isolation_level": level} if given == "engine" else {}))
    used = engine.execution_options(isolation_level=level) if given == "options of an engine" else engine
    opened = set()
    for _ in range(2):
        with used.connect() as connection:
            if given == "options of a connection":
                connection = connection.execution_options(isolation_level=level)
            elif given == "statement":
                assert not connection.execute(text(f"SET TRANSACTION ISOLATION LEVEL {level}")).returns_rows
            assert connection.scalar(text("SELECT COUNT(*) FROM Users")) == 60
            # Okta has no transactions: what holds is what each of its answers is, whatever was asked for.
            assert connection.get_isolation_level() == "READ COMMITTED"
            opened.add(connection.connection.dbapi_connection)
            assert connection.connection.dbapi_connection.autocommit is (level == "AUTOCOMMIT")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        opened.add(connection.connection.dbapi_connection)
        assert connection.connection.dbapi_connection.autocommit is (given == "engine" and level == "AUTOCOMMIT")
    assert len(opened) == 1
    engine.dispose()


def test_connecting_asks_for_one_schema_and_reflecting_for_the_others(new_sim):
    org = new_sim("--users", 5)
    engine = engine_of(org, pool_pre_ping=True)
    with engine.connect() as connection:
        connection.scalar(text("SELECT 1"))
    assert paths(org) == ["/api/v1/meta/schemas/user/default"]
    org.reset()
    metadata = MetaData()
    metadata.reflect(engine)
    assert set(metadata.tables) == set(TABLES)
    assert len(paths(org)) == 4 and all("/meta/" in path for path in paths(org)), paths(org)
    org.reset()
    inspector = inspect(engine)
    for name in TABLES:
        inspector.get_columns(name)
        inspector.get_pk_constraint(name)
        inspector.get_foreign_keys(name)
        inspector.get_indexes(name)
        inspector.get_table_comment(name)
    assert paths(org) == []
    engine.dispose()


def test_names(engine):
    inspector = inspect(engine)
    assert inspector.get_table_names() == sorted(TABLES)
    assert inspector.get_table_names(schema="dbo") == sorted(TABLES)
    assert inspector.get_table_names(schema="okta.dbo") == sorted(TABLES)
    assert inspector.get_view_names() == []
    assert inspector.get_sequence_names() == []
    assert {"dbo", "sys", "INFORMATION_SCHEMA"} <= set(inspector.get_schema_names())
    for name, there in [("Users", True), ("users", True), ("Userz", False), ("PK_Users", False), ("#temporary", False)]:
        assert inspector.has_table(name) is there, name
    assert inspector.has_table("Users", schema="dbo") and not inspector.has_table("Users", schema="sys")
    assert not inspector.has_sequence("Users")
    with pytest.raises(sqlalchemy.exc.NoSuchTableError):
        inspector.get_columns("Userz")
    with pytest.raises(sqlalchemy.exc.NoSuchTableError):
        inspector.get_columns("#temporary")
    with pytest.raises(sqlalchemy.exc.NoSuchTableError):
        inspector.get_view_definition("Users")


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_reflects_as_its_file_has_it(engine, name):
    file = TABLES[name]
    inspector = inspect(engine)
    columns = {column["name"]: column for column in inspector.get_columns(name)}
    assert set(columns) >= {column["name"] for column in file["column"]}
    for column in file["column"]:
        found = columns[column["name"]]
        at = f"{name}.{column['name']}: {found}"
        assert isinstance(found["type"], TYPES[column["kind"]]), at
        assert found["nullable"] is column.get("nullable", True), at
        assert found["comment"] == column["description"], at
        assert found["default"] is None and "identity" not in found and "computed" not in found, at
        if column["kind"] in ("text", "enum", "id"):
            assert found["type"].length == min(column.get("size", LONGEST), LONGEST), at
        if column["kind"] == "timestamp":
            assert found["type"].python_type is datetime.datetime, at
    key = inspector.get_pk_constraint(name)
    assert key["constrained_columns"] == file["primary_key"] and key["name"] == f"PK_{name}"
    keys = inspector.get_foreign_keys(name)
    wanted = {(key["column"], key["table"], key["references"]) for key in file.get("foreign_keys", [])}
    found = {(*key["constrained_columns"], key["referred_table"], *key["referred_columns"]) for key in keys}
    assert found == wanted and len(keys) == len(wanted)
    assert all(key["referred_schema"] is None and key["options"] == {} for key in keys)
    # The unique index that the primary key is, is not one of those.
    assert inspector.get_indexes(name) == []
    assert inspector.get_table_comment(name) == {"text": file["description"]}


def test_the_orgs_own_attributes_are_columns(engine):
    columns = {column["name"]: column["type"] for column in inspect(engine).get_columns("Users")}
    assert isinstance(columns["ProfileCostCentre"], mssql.NVARCHAR)
    assert isinstance(columns["ProfileAgency"], mssql.NVARCHAR)


def test_tables_reflect_and_answer(engine, sim):
    users = Table("Users", MetaData(), autoload_with=engine)
    assert users.primary_key.columns.keys() == ["Id"]
    wanted = {user["id"] for user in sim.truth("Users") if user["status"] == "ACTIVE"}
    with engine.connect() as connection:
        found = connection.execute(select(users.c.Id).where(users.c.Status == "Active")).scalars().all()
        assert set(found) == wanted and len(found) == len(wanted)
        page = connection.execute(select(users.c.Id).order_by(users.c.Id).offset(7).limit(5)).scalars().all()
    assert page == sorted(user["id"] for user in sim.truth("Users"))[7:12]
    # Its foreign keys bring the tables that it refers to.
    metadata = MetaData()
    Table("GroupMembers", metadata, autoload_with=engine)
    assert {"GroupMembers", "Groups", "Users"} <= set(metadata.tables)


def test_mapped_classes(engine, sim):
    base = declarative_base()
    base.metadata.reflect(engine, only=["Users"])

    class User(base):
        __table__ = base.metadata.tables["Users"]

    logins = sorted(user["profile"]["login"] for user in sim.truth("Users") if user["status"] == "ACTIVE")
    with Session(engine) as session:
        users = session.query(User).filter_by(Status="Active").all()
        assert sorted(user.ProfileLogin for user in users) == logins
        one = session.get(User, users[0].Id)
        assert one is users[0]
        assert session.query(User).filter(User.ProfileLogin == logins[0].upper()).one().ProfileLogin == logins[0]


def test_pandas_reads_statements_and_tables(engine, sim):
    frame = pandas.read_sql("SELECT Id, Status, Created FROM Users ORDER BY Id", engine)
    assert list(frame["Id"]) == sorted(user["id"] for user in sim.truth("Users"))
    assert str(frame["Created"].dtype).startswith("datetime64")
    frame = pandas.read_sql("Groups", engine, columns=["Id", "ProfileName"])
    assert set(frame["Id"]) == {group["id"] for group in sim.truth("Groups")}
    assert pandas.read_sql_table("UserTypes", engine).shape[0] == len(sim.truth("UserTypes"))


def test_the_forms_of_the_url(sim, dsn):
    options = f"driver={quoted(okta_org.DRIVER)}&Domain={quoted(sim.url)}&APIToken={okta_org.TOKEN}"
    for url in [
        f"mssql+pyodbc://@{dsn}",
        f"mssql+pyodbc://?dsn={dsn}",
        f"mssql+pyodbc:///?{options}",
        f"mssql+pyodbc:///Okta?{options}",
        f"mssql+pyodbc://user:{okta_org.TOKEN}@{dsn}",
        # The host of a URL is Server=host,port, which Domain outranks; without Domain it is the org.
        f"mssql+pyodbc://user:{okta_org.TOKEN}@host.example.com:443/db?{options.rpartition('&')[0]}",
        f"mssql+pyodbc://user:{okta_org.TOKEN}@host.example.com:443/db?{options}",
    ]:
        engine = create_engine(url)
        assert inspect(engine).has_table("Users"), url
        engine.dispose()


def test_every_table_of_the_system_catalog_is_one_to_sqlalchemy(engine):
    """A statement over what people ask of SQL Server: tables with their numbers of columns."""
    counted = text(
        "SELECT t.name, COUNT(*) AS columns FROM sys.tables AS t INNER JOIN sys.columns AS c ON c.object_id = t.object_id "
        "GROUP BY t.name ORDER BY t.name"
    )
    with engine.connect() as connection:
        rows = connection.execute(counted).all()
    assert [row.name for row in rows] == sorted(TABLES)
    assert all(row.columns >= len(TABLES[row.name]["column"]) for row in rows)


def test_a_wrong_statement_does_not_end_the_connection(engine):
    with engine.connect() as connection:
        for statement in ["SELECT * FROM sys.nothing", "SELECT nothing FROM Users", "SELEC 1"]:
            with pytest.raises(sqlalchemy.exc.DBAPIError) as failed:
                connection.execute(text(statement))
            assert not failed.value.connection_invalidated, statement
            assert isinstance(failed.value.orig, pyodbc.ProgrammingError), statement
            connection.rollback()
        assert connection.scalar(text("SELECT 1")) == 1

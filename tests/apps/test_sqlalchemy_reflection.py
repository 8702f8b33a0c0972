"""Reflection against the catalog's table files, and the org's own attributes."""

import pytest
import sqlalchemy
from sqlalchemy import exc, types

import okta_org

CATALOG = okta_org.tables()
# `kind` of a table file → the type that a program of SQLAlchemy relies on.
KINDS = {
    "id": types.String,
    "text": types.String,
    "enum": types.String,
    "timestamp": types.DateTime,
    "date": types.Date,
    "boolean": types.Boolean,
    "integer": types.Integer,
    "bigint": types.BigInteger,
    "double": types.Float,
    "json": types.JSON,
}


@pytest.fixture
def inspector(engine):
    return sqlalchemy.inspect(engine)


def test_tables_are_those_of_the_catalog(inspector):
    assert sorted(inspector.get_table_names()) == sorted(CATALOG)
    assert sorted(inspector.get_table_names(schema="dbo")) == sorted(CATALOG)
    assert inspector.get_view_names() == []
    assert "dbo" in inspector.get_schema_names()
    assert inspector.default_schema_name == "dbo"


@pytest.mark.parametrize("name", CATALOG)
def test_columns_have_the_catalogs_names_types_and_texts(inspector, name):
    reflected = {column["name"]: column for column in inspector.get_columns(name)}
    for column in CATALOG[name]["column"]:
        found = reflected[column["name"]]
        kind = KINDS[column["kind"]]
        if kind is types.JSON and inspector.dialect.name != "okta":
            kind = types.Text
        assert isinstance(found["type"], kind), column["name"]
        assert found["nullable"] == column.get("nullable", True), column["name"]
        assert found["comment"] == column["description"], column["name"]
        if kind is types.String and column.get("size", 4000) <= 4000:
            assert found["type"].length == column["size"], column["name"]


@pytest.mark.parametrize("name", CATALOG)
def test_keys_are_the_catalogs(inspector, name):
    assert inspector.get_pk_constraint(name)["constrained_columns"] == CATALOG[name]["primary_key"]
    reflected = {
        (*key["constrained_columns"], key["referred_table"], *key["referred_columns"], key["referred_schema"])
        for key in inspector.get_foreign_keys(name)
    }
    declared = CATALOG[name].get("foreign_keys", [])
    assert reflected == {(key["column"], key["table"], key["references"], None) for key in declared}
    assert inspector.get_indexes(name) == []
    assert inspector.get_table_comment(name)["text"] == CATALOG[name]["description"]


def test_an_orgs_own_attributes_are_columns(inspector):
    columns = {column["name"]: column["type"] for column in inspector.get_columns("Users")}
    # okta-sim's org adds these to the default user type.
    assert isinstance(columns["ProfileBadgeActive"], types.Boolean)
    assert isinstance(columns["ProfileSeatNumber"], types.Integer)


def test_names_match_without_case_and_come_back_as_the_catalog_has_them(inspector):
    assert inspector.has_table("users") and inspector.has_table("USERGROUPS", schema="DBO")
    assert inspector.get_pk_constraint("usergroups")["constrained_columns"] == ["UserId", "Id"]
    assert "ProfileFirstName" in [column["name"] for column in inspector.get_columns("USERS")]


@pytest.mark.parametrize("name", ["NoSuchTable", "User_", "Users%", "%", "SELECT Id FROM Users", "Ü" * 300, "a\\"])
def test_a_table_that_is_not_there(inspector, name):
    """`_` and `%` are characters of a name here, not patterns."""
    assert not inspector.has_table(name)
    with pytest.raises(exc.NoSuchTableError):
        inspector.get_columns(name)


@pytest.mark.okta_dialect("SQLAlchemy 2.0's dialect mssql fails itself at a name of no characters")
def test_no_table_has_an_empty_name(inspector):
    assert not inspector.has_table("")
    with pytest.raises(exc.NoSuchTableError):
        inspector.get_columns("")


def test_a_schema_that_is_not_there_has_no_tables(inspector):
    assert inspector.get_table_names(schema="nowhere") == []
    assert not inspector.has_table("Users", schema="nowhere")


@pytest.mark.okta_dialect("other dialects do not ask catalog functions")
def test_reflection_is_cached(inspector, monkeypatch):
    first = inspector.get_columns("Users")

    def asked_again(*arguments, **keywords):
        raise AssertionError("the driver was asked again")

    monkeypatch.setattr(type(inspector.dialect), "_rows", asked_again)
    assert [column["name"] for column in inspector.get_columns("Users")] == [column["name"] for column in first]


def test_a_table_can_be_loaded_with_those_it_refers_to(engine):
    metadata = sqlalchemy.MetaData()
    table = sqlalchemy.Table("UserGroups", metadata, autoload_with=engine)
    # UserGroups refers to Users and Groups, Users to UserTypes.
    assert {"UserGroups", "Users", "Groups"} <= set(metadata.tables)
    assert table.c.UserId.references(metadata.tables["Users"].c.Id)
    assert table.comment == CATALOG["UserGroups"]["description"]


def test_everything_is_reflected_with_a_schema_too(engine):
    metadata = sqlalchemy.MetaData()
    metadata.reflect(engine, schema="dbo")
    assert set(metadata.tables) == {f"dbo.{name}" for name in CATALOG}
    with engine.connect() as connection:
        statement = sqlalchemy.select(metadata.tables["dbo.Users"].c.Id).limit(1)
        assert len(connection.execute(statement).all()) == 1

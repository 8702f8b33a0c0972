"""Parts of JSON columns, executed by both dialects, against what okta-sim's rows hold."""

import collections
import decimal

import pytest
import sqlalchemy
from sqlalchemy import JSON, MetaData, create_engine, func, literal, select

import okta_urls


@pytest.fixture(scope="module")
def tables(sim):
    """As the dialect `okta` reflects them, with JSON columns, which are text to the dialect mssql's reflection."""
    engine = create_engine(okta_urls.okta(sim))
    metadata = MetaData()
    metadata.reflect(engine)
    engine.dispose()
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON()
    return metadata.tables


@pytest.fixture
def run(engine):
    def rows(statement):
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement)]

    return rows


def at(value, *path):
    """What a path leads to; None where it leads nowhere."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


@pytest.mark.parametrize(
    "table, column, truth, path",
    [
        ("Groups", "Links", ("_links",), ("users",)),
        ("Groups", "Links", ("_links",), ("logo",)),
        ("Groups", "Links", ("_links",), ("logo", 1)),
        ("Apps", "Settings", ("settings",), ("notifications", "vpn", "network")),
        ("Apps", "Settings", ("settings",), ("nosuch", 3)),
        ("UserFactors", "Links", ("_links",), ("self", "hints", "allow")),
    ],
)
def test_a_part_is_an_object_or_a_list(sim, tables, run, table, column, truth, path):
    rows = tables[table]
    expected = {row["id"]: at(row, *truth, *path) for row in sim.truth(table)}
    steps = rows.c[column]
    for step in path:
        steps = steps[step]
    assert dict(run(select(rows.c.Id, rows.c[column][path]))) == expected
    assert dict(run(select(rows.c.Id, steps))) == expected


@pytest.mark.parametrize(
    "table, column, truth, path, read",
    [
        ("Groups", "Links", ("_links",), ("users", "href"), "as_string"),
        ("Groups", "Links", ("_links",), ("logo", 1, "href"), "as_string"),
        ("Groups", "ObjectClass", ("objectClass",), (0,), "as_string"),
        ("Users", "ProfileSkills", ("profile", "skills"), (1,), "as_string"),
        ("Apps", "Settings", ("settings",), ("notes", "admin"), "as_string"),
        ("Apps", "Settings", ("settings",), ("implicitAssignment",), "as_boolean"),
        ("Apps", "VisibilityAppLinks", ("visibility", "appLinks"), ("login",), "as_boolean"),
        ("UserFactors", "Profile", ("profile",), ("phoneNumber",), "as_string"),
    ],
)
def test_a_part_is_a_typed_value(sim, tables, run, table, column, truth, path, read):
    rows = tables[table]
    expected = {row["id"]: at(row, *truth, *path) for row in sim.truth(table)}
    assert dict(run(select(rows.c.Id, getattr(rows.c[column][path], read)()))) == expected
    assert set(expected.values()) != {None}


KEYS = [
    ("fraction", lambda part: part.as_float(), 1.5),
    ("fraction", lambda part: part.as_numeric(10, 2), decimal.Decimal("1.50")),
    ("true", lambda part: part.as_boolean(), True),
    ("false", lambda part: part.as_boolean(), False),
    ("null", lambda part: part.as_string(), None),
    ("list", lambda part: part.as_json(), [1, {"a": "ü"}]),
    ("a.b", lambda part: part.as_integer(), 1),
    ("it's", lambda part: part.as_integer(), 3),
    ("50% of ?", lambda part: part.as_integer(), 4),
    ("ключ", lambda part: part.as_integer(), 6),
    (":name", lambda part: part.as_integer(), 7),
]
# The dialect mssql casts to INTEGER, and puts a key between quotes as it is.
KEYS_OF_OKTA = [
    ("whole", lambda part: part.as_integer(), 9_007_199_254_740_993),
    ('a"b', lambda part: part.as_integer(), 2),
    ("a\\b", lambda part: part.as_integer(), 5),
]
KEYED = {"whole": 9_007_199_254_740_993, "fraction": 1.5, "true": True, "false": False, "null": None}
KEYED |= {"list": [1, {"a": "ü"}], "a.b": 1, 'a"b': 2, "it's": 3, "50% of ?": 4, "a\\b": 5, "ключ": 6, ":name": 7}


@pytest.mark.parametrize("key, read, expected", KEYS)
def test_any_key_leads_to_its_value(run, key, read, expected):
    assert run(select(read(literal(KEYED, JSON)[key]))) == [(expected,)]


@pytest.mark.okta_dialect("see KEYS_OF_OKTA")
@pytest.mark.parametrize("key, read, expected", KEYS_OF_OKTA)
def test_any_key_leads_to_its_value_by_the_dialect_okta(run, key, read, expected):
    assert run(select(read(literal(KEYED, JSON)[key]))) == [(expected,)]


def test_rows_are_chosen_by_a_part(sim, tables, run):
    apps, users = tables["Apps"], tables["Users"]
    silent = ~apps.c.Settings["implicitAssignment"].as_boolean()
    assert {row[0] for row in run(select(apps.c.Id).where(silent))} == {
        app["id"] for app in sim.truth("Apps") if at(app, "settings", "implicitAssignment") is False
    }
    skilled = users.c.ProfileSkills[0].as_string()
    skills = {user["id"]: at(user, "profile", "skills", 0) for user in sim.truth("Users")}
    for condition, keep in [
        (skilled == "sql", lambda skill: skill == "sql"),
        (skilled.in_(["sql", "negotiation"]), lambda skill: skill in ("sql", "negotiation")),
        (skilled.startswith("s"), lambda skill: skill is not None and skill.startswith("s")),
        (skilled.is_(None), lambda skill: skill is None),
    ]:
        found = {row[0] for row in run(select(users.c.Id).where(condition))}
        assert found == {key for key, skill in skills.items() if keep(skill)}
        assert found


@pytest.mark.okta_dialect("other dialects write its parameters twice")
def test_rows_are_grouped_and_sorted_by_a_part_that_is_written_twice(sim, tables, run):
    """As a parameter the path made two expressions of it: 42000, a column must be in the GROUP BY clause."""
    users = tables["Users"]
    counts = collections.Counter(at(user, "profile", "skills", 0) for user in sim.truth("Users"))
    statement = (
        select(users.c.ProfileSkills[0].as_string(), func.count())
        .group_by(users.c.ProfileSkills[0].as_string())
        .order_by(users.c.ProfileSkills[0].as_string())
    )
    # NULL sorts low.
    assert run(statement) == sorted(counts.items(), key=lambda row: (row[0] is not None, row[0] or ""))


def test_events_are_joined_by_a_part(sim, tables, run):
    users, logs = tables["Users"], tables["SystemLogs"]
    target = logs.c.Target[(0, "id")].as_string()
    statement = select(users.c.Id, func.count()).join(logs, target == users.c.Id).group_by(users.c.Id)
    keys = {user["id"] for user in sim.truth("Users")}
    targets = [at(event, "target", 0, "id") for event in sim.truth("SystemLogs")]
    assert dict(run(statement)) == collections.Counter(key for key in targets if key in keys) != {}


@pytest.mark.okta_dialect("the dialect mssql keeps statements about the connection beside it")
def test_the_statement_is_compiled_once_for_all_paths(engine, tables):
    links = tables["Groups"].c.Links
    engine.clear_compiled_cache()
    with engine.connect() as connection:
        for key in ("users", "apps", "logo"):
            connection.execute(select(links[key])).all()
    assert len(engine._compiled_cache) == 1


def test_a_path_that_is_none_is_refused_and_the_connection_lives(engine, tables):
    with engine.connect() as connection:
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="is no JSON path") as caught:
            connection.execute(select(tables["Groups"].c.ObjectClass[-1]))
        assert caught.value.orig.args[0] == "42000"
        assert connection.scalar(select(1)) == 1

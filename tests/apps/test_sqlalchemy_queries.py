"""SQLAlchemy Core's constructs over an okta-sim, against what its rows say in Python."""

import collections
import datetime
import decimal
import itertools
import urllib.parse
import uuid

import pytest
import sqlalchemy
from sqlalchemy import MetaData, case, cast, exists, func, literal, select, true, tuple_, types, union_all, values

PERIOD = (datetime.datetime(2020, 1, 1), datetime.datetime(2022, 6, 1))


# URL → what was reflected by it.
REFLECTED = {}


@pytest.fixture
def tables(engine):
    if engine.url not in REFLECTED:
        REFLECTED[engine.url] = MetaData()
        REFLECTED[engine.url].reflect(engine)
    return REFLECTED[engine.url].tables


@pytest.fixture
def users(tables):
    return tables["Users"]


@pytest.fixture
def run(engine):
    def rows(statement, **options):
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(statement, **options)]

    return rows


def created(user):
    return datetime.datetime.fromisoformat(user["created"]).replace(tzinfo=None)


def test_a_join_and_an_aggregate(sim, tables, run):
    groups, members = tables["Groups"], tables["GroupMembers"]
    statement = (
        select(groups.c.ProfileName, func.count(members.c.UserId))
        .outerjoin(members, members.c.GroupId == groups.c.Id)
        .group_by(groups.c.ProfileName)
    )
    counts = collections.Counter(row["groupId"] for row in sim.truth("GroupMembers"))
    assert sorted(run(statement)) == sorted((g["profile"]["name"], counts[g["id"]]) for g in sim.truth("Groups"))


def test_group_by_having_and_order(sim, users, run):
    counts = collections.Counter(user["status"] for user in sim.truth("Users"))
    statement = (
        select(users.c.Status, func.count().label("n"))
        .group_by(users.c.Status)
        .having(func.count() > 1)
        .order_by(func.count().desc(), users.c.Status)
    )
    expected = sorted(((s, n) for s, n in counts.items() if n > 1), key=lambda row: (-row[1], row[0]))
    assert run(statement) == expected


def test_windows(sim, users, run):
    number = func.row_number().over(partition_by=users.c.Status, order_by=(users.c.Created, users.c.Id)).label("n")
    numbered = select(users.c.Id, users.c.Status, number).subquery()
    oldest = run(select(numbered.c.Status, numbered.c.Id).where(numbered.c.n == 1))
    expected = {}
    for user in sorted(sim.truth("Users"), key=lambda user: (user["created"], user["id"])):
        expected.setdefault(user["status"], user["id"])
    assert dict(oldest) == expected


def test_a_running_total_with_a_frame(sim, users, run):
    total = func.count().over(order_by=(users.c.Created, users.c.Id), rows=(None, 0))
    rows = run(select(users.c.Id, total).order_by(users.c.Created, users.c.Id))
    assert [row[1] for row in rows] == list(range(1, len(sim.truth("Users")) + 1))


def test_common_table_expressions(sim, tables, run):
    users, members = tables["Users"], tables["GroupMembers"]
    active = select(users.c.Id).where(users.c.Status == "ACTIVE").cte("active")
    per_group = select(members.c.GroupId).join(active, active.c.Id == members.c.UserId).cte("per_group")
    rows = run(select(per_group.c.GroupId, func.count()).group_by(per_group.c.GroupId))
    ids = {user["id"] for user in sim.truth("Users") if user["status"] == "ACTIVE"}
    assert dict(rows) == collections.Counter(r["groupId"] for r in sim.truth("GroupMembers") if r["id"] in ids)


def test_a_recursive_common_table_expression_counts(run):
    numbers = select(literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < 5))
    assert run(select(numbers.c.n)) == [(1,), (2,), (3,), (4,), (5,)]


@pytest.mark.parametrize("size", [1, 7, 60, 100])
def test_pages_of_limit_and_offset_add_up(sim, users, run, size):
    found = []
    for offset in range(0, 60, size):
        found += run(select(users.c.Id).order_by(users.c.Id).limit(size).offset(offset))
    assert [row[0] for row in found] == sorted(user["id"] for user in sim.truth("Users"))


def test_offset_alone_and_fetch(sim, users, run):
    ids = sorted(user["id"] for user in sim.truth("Users"))
    ordered = select(users.c.Id).order_by(users.c.Id)
    assert [row[0] for row in run(ordered.offset(57))] == ids[57:]
    assert [row[0] for row in run(ordered.offset(3).fetch(2))] == ids[3:5]


def test_a_limit_is_asked_of_okta(sim, users, run):
    sim.reset()
    assert len(run(select(users.c.Id).limit(2))) == 2
    (request,) = sim.requests()
    assert "limit=2" in request["query"].split("&")


@pytest.mark.parametrize(
    "condition, search, keep",
    [
        (lambda c: c.Status == "active", 'status eq "ACTIVE"', lambda u: u["status"] == "ACTIVE"),
        (
            lambda c: c.Status.in_(["ACTIVE", "STAGED"]),
            'status eq "ACTIVE" or status eq "STAGED"',
            lambda u: u["status"] in ("ACTIVE", "STAGED"),
        ),
        (
            lambda c: c.ProfileFirstName.startswith("a"),
            'profile.firstName sw "a"',
            lambda u: u["profile"]["firstName"].lower().startswith("a"),
        ),
        (
            lambda c: c.ProfileBadgeActive,
            "profile.badgeActive eq true",
            lambda u: u["profile"].get("badgeActive") is True,
        ),
        (
            lambda c: c.ProfileBadgeActive.is_(True),
            "profile.badgeActive eq true",
            lambda u: u["profile"].get("badgeActive") is True,
        ),
        (
            lambda c: ~c.ProfileBadgeActive,
            "profile.badgeActive eq false",
            lambda u: u["profile"].get("badgeActive") is False,
        ),
        (
            lambda c: c.Created >= datetime.datetime(2022, 1, 1),
            'created ge "2022-01-01T00:00:00.000Z"',
            lambda u: created(u) >= datetime.datetime(2022, 1, 1),
        ),
    ],
)
def test_conditions_are_decided_by_okta(sim, users, run, condition, search, keep):
    sim.reset()
    rows = run(select(users.c.Id).where(condition(users.c)))
    expected = {user["id"] for user in sim.truth("Users") if keep(user)}
    assert {row[0] for row in rows} == expected != set()
    (request,) = sim.requests()
    assert urllib.parse.parse_qs(request["query"])["search"] == [search]


@pytest.mark.parametrize(
    "condition, keep",
    [
        (lambda c: c.Status.in_([]), lambda u: False),
        (lambda c: c.Status.not_in([]), lambda u: True),
        (lambda c: tuple_(c.Id, c.Status).in_([]), lambda u: False),
        (lambda c: c.Status.is_distinct_from("ACTIVE"), lambda u: u["status"] != "ACTIVE"),
        (lambda c: c.ProfileFirstName.ilike("A%"), lambda u: u["profile"]["firstName"].lower().startswith("a")),
        (lambda c: c.ProfileFirstName.not_ilike("A%"), lambda u: not u["profile"]["firstName"].lower().startswith("a")),
        (lambda c: c.ProfileFirstName.icontains("AN"), lambda u: "an" in u["profile"]["firstName"].lower()),
        (lambda c: c.Created.between(*PERIOD), lambda u: PERIOD[0] <= created(u) <= PERIOD[1]),
        (lambda c: (c.Status == "STAGED") | (c.Created < PERIOD[0]), lambda u: u["status"] == "STAGED" or created(u) < PERIOD[0]),
    ],
)
def test_conditions_mean_what_they_say(sim, users, run, condition, keep):
    rows = run(select(users.c.Id).where(condition(users.c)))
    assert {row[0] for row in rows} == {user["id"] for user in sim.truth("Users") if keep(user)}


@pytest.mark.okta_dialect("other dialects write `lower(x) LIKE lower(y)`, which hides the column from Okta")
@pytest.mark.parametrize("condition", [lambda c: c.istartswith("A", autoescape=True), lambda c: c.ilike("A%")])
def test_ilike_is_decided_by_okta(sim, users, run, condition):
    sim.reset()
    rows = run(select(users.c.Id).where(condition(users.c.ProfileFirstName)))
    truth = sim.truth("Users")
    assert {row[0] for row in rows} == {u["id"] for u in truth if u["profile"]["firstName"].lower().startswith("a")}
    (request,) = sim.requests()
    assert urllib.parse.parse_qs(request["query"])["search"] == ['profile.firstName sw "a"']


@pytest.mark.okta_dialect("the dialect mssql has no regular expressions")
def test_regular_expressions(sim, users, run):
    matches = users.c.ProfileFirstName.regexp_match("^A")
    with_a = {user["id"] for user in sim.truth("Users") if user["profile"]["firstName"].startswith("A")}
    assert {row[0] for row in run(select(users.c.Id).where(matches))} == with_a
    assert {row[0] for row in run(select(users.c.Id).where(~matches))} == {u["id"] for u in sim.truth("Users")} - with_a
    assert run(select(literal("abc").regexp_replace("b", "x"))) == [("axc",)]


def test_sets(sim, tables, run):
    users, members = tables["Users"], tables["GroupMembers"]
    everyone = {user["id"] for user in sim.truth("Users")}
    in_groups = {row["id"] for row in sim.truth("GroupMembers")}
    assert {row[0] for row in run(select(users.c.Id).except_(select(members.c.UserId)))} == everyone - in_groups
    assert {row[0] for row in run(select(users.c.Id).intersect(select(members.c.UserId)))} == everyone & in_groups
    assert len(run(union_all(select(users.c.Id), select(users.c.Id)))) == 2 * len(everyone)


def test_subqueries(sim, tables, run):
    users, members = tables["Users"], tables["GroupMembers"]
    counts = collections.Counter(row["id"] for row in sim.truth("GroupMembers"))
    number = select(func.count()).where(members.c.UserId == users.c.Id).scalar_subquery()
    assert dict(run(select(users.c.Id, number))) == {user["id"]: counts[user["id"]] for user in sim.truth("Users")}
    lonely = select(users.c.Id).where(~exists().where(members.c.UserId == users.c.Id))
    assert {row[0] for row in run(lonely)} == {user["id"] for user in sim.truth("Users") if not counts[user["id"]]}
    assert run(select(exists().where(users.c.Status == "ACTIVE"))) == [(True,)]


@pytest.mark.parametrize("limit, offset", [(1, None), (2, None), (2, 1)])
@pytest.mark.parametrize("joined", ["comma", "join", "left join"])
def test_lateral_takes_the_first_rows_of_each_row_outside(sim, tables, run, joined, limit, offset):
    groups, members = tables["Groups"], tables["GroupMembers"]
    first = select(members.c.UserId).where(members.c.GroupId == groups.c.Id).order_by(members.c.UserId.desc())
    first = first.limit(limit).offset(offset).lateral("first")
    statement = {
        "comma": lambda: select(groups.c.Id, first.c.UserId),
        "join": lambda: select(groups.c.Id, first.c.UserId).join(first, true()),
        "left join": lambda: select(groups.c.Id, first.c.UserId).outerjoin(first, true()),
    }[joined]()
    expected = []
    for group in sim.truth("Groups"):
        ids = sorted((row["id"] for row in sim.truth("GroupMembers") if row["groupId"] == group["id"]), reverse=True)
        kept = ids[offset or 0 :][:limit]
        expected += [(group["id"], key) for key in kept or ([None] if joined == "left join" else [])]
    assert sorted(run(statement), key=repr) == sorted(expected, key=repr)
    assert len(expected) > 4


@pytest.mark.okta_dialect("SQL Server has no date_trunc")
def test_months_can_be_counted(sim, users, run):
    month = func.date_trunc("month", users.c.Created)
    rows = run(select(month, func.count()).group_by(month).order_by(month))
    months = sorted(created(user).replace(day=1, hour=0, minute=0, second=0, microsecond=0) for user in sim.truth("Users"))
    assert rows == [(key, len(list(group))) for key, group in itertools.groupby(months)]


@pytest.mark.okta_dialect("other dialects write its parameters twice")
def test_a_grouped_expression_may_hold_values(sim, users, run):
    kind = case((users.c.Status == "ACTIVE", "at work"), else_="away")
    labelled = func.coalesce(users.c.ProfileBadgeActive, False).label("badge")
    statement = select(func.count(), kind, labelled).group_by(kind, labelled)
    truth = collections.Counter(
        ("at work" if user["status"] == "ACTIVE" else "away", bool(user["profile"].get("badgeActive")))
        for user in sim.truth("Users")
    )
    assert {row[1:]: row[0] for row in run(statement)} == truth


def test_a_case_and_a_cast(sim, users, run):
    active = func.sum(case((users.c.Status == "ACTIVE", 1), else_=0))
    statement = select(active, func.count(cast(users.c.Created, types.Date).distinct()))
    truth = sim.truth("Users")
    assert run(statement) == [
        (sum(user["status"] == "ACTIVE" for user in truth), len({created(user).date() for user in truth}))
    ]


@pytest.mark.parametrize(
    "value",
    [
        1,
        2**40,
        -1.5,
        "text",
        "Ünïcode '\" ☃",
        "",
        True,
        False,
        None,
        datetime.datetime(2024, 2, 29, 23, 59, 58, 123000),
        datetime.date(2024, 2, 29),
        datetime.time(23, 59, 58),
        decimal.Decimal("-12.25"),
        b"\x00\xff",
    ],
    ids=repr,
)
def test_a_value_comes_back_with_its_type(run, value):
    ((back,),) = run(select(literal(value).label("x")))
    assert back == value and type(back) is type(value)
    ((back,),) = run(select(literal(value)))
    assert back == value


def test_a_uuid_is_text_to_the_driver(run):
    value = uuid.UUID("12345678-1234-5678-1234-567812345678")
    assert run(select(literal(value).label("x"))) == [(value,)]


def test_arithmetic_of_bound_values(run):
    five, two = literal(5), literal(2)
    assert run(select(five / two, five // two, five % two, five * two - 1)) == [(decimal.Decimal("2.5"), 2, 1, 9)]


def test_values_are_a_table(run):
    table = values(sqlalchemy.column("n", types.Integer), sqlalchemy.column("t", types.String), name="v").data(
        [(1, "a"), (2, "b")]
    )
    assert run(select(table).order_by(table.c.n)) == [(1, "a"), (2, "b")]


@pytest.mark.okta_dialect("JSON is text to the dialect mssql")
def test_json_columns_are_objects_and_lists(sim, tables, run):
    groups = tables["Groups"]
    rows = run(select(groups.c.Id, groups.c.ObjectClass, groups.c.Links))
    assert {row[0]: row[1:] for row in rows} == {g["id"]: (g["objectClass"], g["_links"]) for g in sim.truth("Groups")}


@pytest.mark.okta_dialect("JSON is text to the dialect mssql")
def test_a_json_column_is_compared_as_okta_writes_it(sim, tables, run):
    groups = tables["Groups"]
    rows = run(select(groups.c.Id).where(groups.c.ObjectClass == ["okta:user_group"]))
    assert {row[0] for row in rows} == {g["id"] for g in sim.truth("Groups") if g["objectClass"] == ["okta:user_group"]}


def test_for_update_is_dropped(users, run):
    assert len(run(select(users.c.Id).with_for_update().limit(1))) == 1


def test_labels_are_the_programs_own(engine, users):
    with engine.connect() as connection:
        result = connection.execute(select(users.c.Id.label("who are you"), users.c.Status, true()).limit(1))
        assert list(result.keys())[:2] == ["who are you", "Status"]


def test_text_with_named_parameters(sim, engine):
    statement = sqlalchemy.text("SELECT Id FROM Users WHERE Status = :status AND Created < :before")
    with engine.connect() as connection:
        rows = connection.execute(statement, {"status": "ACTIVE", "before": PERIOD[1]}).all()
    truth = {u["id"] for u in sim.truth("Users") if u["status"] == "ACTIVE" and created(u) < PERIOD[1]}
    assert {row.Id for row in rows} == truth


def test_executemany_reads_nothing_and_breaks_nothing(engine):
    statement = sqlalchemy.text("INSERT INTO Users (Id) VALUES (:id)")
    with engine.connect() as connection:
        with pytest.raises(sqlalchemy.exc.ProgrammingError, match="read-only"):
            connection.execute(statement, [{"id": "a"}, {"id": "b"}])
        assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1

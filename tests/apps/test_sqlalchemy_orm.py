"""SQLAlchemy's ORM: every kind of base, relationships across tables, loading in parts."""

import asyncio
import threading

import pytest
import sqlalchemy
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, exc, select
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    declarative_base,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)


def old_base(engine):
    Base = declarative_base()

    class Users(Base):
        __tablename__ = "Users"
        Id = Column(String, primary_key=True)
        ProfileFirstName = Column(String)
        Status = Column(String)

    return Users


def new_base(engine):
    class Base(DeclarativeBase):
        pass

    class Users(Base):
        __tablename__ = "Users"
        Id: Mapped[str] = mapped_column(primary_key=True)
        ProfileFirstName: Mapped[str]
        Status: Mapped[str]

    return Users


def reflected_base(engine):
    Base = automap_base()
    Base.prepare(autoload_with=engine)
    return Base.classes.Users


def active(sim):
    return {user["id"]: user["profile"]["firstName"] for user in sim.truth("Users") if user["status"] == "ACTIVE"}


@pytest.mark.parametrize("base", [old_base, new_base, reflected_base])
def test_active_users_by_every_kind_of_base_filtered_by_okta(sim, engine, base):
    Users = base(engine)
    with Session(engine) as session:
        sim.reset()
        by_query = session.query(Users).filter_by(Status="Active").all()
        by_table = session.execute(
            Users.metadata.tables["Users"].select().where(Users.metadata.tables["Users"].c.Status == "Active")
        ).all()
        by_select = session.scalars(select(Users).where(Users.Status == "Active")).all()
    for rows in (by_query, by_table, by_select):
        assert {row.Id: row.ProfileFirstName for row in rows} == active(sim)
    assert [request["path"] for request in sim.requests()] == ["/api/v1/users"] * 3
    assert all("search=status%20eq%20%22ACTIVE%22" in request["query"] for request in sim.requests())


@pytest.fixture
def model(engine):
    """Users, their groups and their apps, declared by hand over a few columns."""

    class Base(DeclarativeBase):
        pass

    memberships = Table(
        "UserGroups",
        Base.metadata,
        Column("UserId", ForeignKey("Users.Id"), primary_key=True),
        Column("GroupId", ForeignKey("Groups.Id"), primary_key=True),
    )

    class Group(Base):
        __tablename__ = "Groups"
        Id: Mapped[str] = mapped_column(primary_key=True)
        ProfileName: Mapped[str]
        users: Mapped[list["User"]] = relationship(secondary=memberships, back_populates="groups", viewonly=True)

    class App(Base):
        __tablename__ = "Apps"
        Id: Mapped[str] = mapped_column(primary_key=True)
        Label: Mapped[str]

    class Assignment(Base):
        __tablename__ = "ApplicationUsers"
        AppId: Mapped[str] = mapped_column(ForeignKey("Apps.Id"), primary_key=True)
        UserId: Mapped[str] = mapped_column(ForeignKey("Users.Id"), primary_key=True)
        app: Mapped[App] = relationship()
        user: Mapped["User"] = relationship(back_populates="assignments")

    class User(Base):
        __tablename__ = "Users"
        Id: Mapped[str] = mapped_column(primary_key=True)
        Status: Mapped[str]
        groups: Mapped[list[Group]] = relationship(secondary=memberships, back_populates="users", viewonly=True)
        assignments: Mapped[list[Assignment]] = relationship(back_populates="user")

    User.Group, User.App, User.Assignment = Group, App, Assignment
    return User


def groups_of(sim):
    found = {user["id"]: set() for user in sim.truth("Users")}
    for row in sim.truth("UserGroups"):
        found[row["userId"]].add(row["id"])
    return found


def test_a_users_groups_are_loaded_when_asked_for(sim, engine, model):
    truth = groups_of(sim)
    user_id = max(truth, key=lambda key: len(truth[key]))
    with Session(engine) as session:
        user = session.get(model, user_id)
        sim.reset()
        groups = {group.Id: group.ProfileName for group in user.groups}
    names = {group["id"]: group["profile"]["name"] for group in sim.truth("Groups")}
    assert groups == {group_id: names[group_id] for group_id in truth[user_id]}
    assert f"/api/v1/users/{user_id}/groups" in [request["path"] for request in sim.requests()]


@pytest.mark.parametrize("load", [selectinload, joinedload])
def test_groups_of_many_users_are_loaded_with_them(sim, engine, model, load):
    with Session(engine) as session:
        users = session.scalars(select(model).options(load(model.groups))).unique().all()
        found = {user.Id: {group.Id for group in user.groups} for user in users}
    assert found == groups_of(sim)


def test_users_to_apps_and_back(sim, engine, model):
    labels = {app["id"]: app["label"] for app in sim.truth("Apps")}
    truth = sorted((row["id"], labels[row["appId"]]) for row in sim.truth("ApplicationUsers"))
    with Session(engine) as session:
        joined = session.execute(
            select(model.Id, model.App.Label).join(model.assignments).join(model.Assignment.app)
        ).all()
        assert sorted(map(tuple, joined)) == truth
        assignment = session.scalars(select(model.Assignment)).first()
        assert assignment.user.Id == assignment.UserId
        assert assignment.app.Label == labels[assignment.AppId]
        assert assignment in assignment.user.assignments


def test_a_relationship_can_be_asked_about(sim, engine, model):
    name = sim.truth("Groups")[0]["profile"]["name"]
    group_id = sim.truth("Groups")[0]["id"]
    with Session(engine) as session:
        found = session.scalars(select(model.Id).where(model.groups.any(model.Group.ProfileName == name))).all()
    assert set(found) == {user_id for user_id, groups in groups_of(sim).items() if group_id in groups}


def test_automap_makes_relationships_of_the_foreign_keys(sim, engine):
    classes = automap_base()
    classes.prepare(autoload_with=engine)
    memberships = classes.classes.UserGroups
    with Session(engine) as session:
        row = session.scalars(select(memberships).limit(1)).one()
        assert row.users.Id == row.UserId
        assert row.groups.ProfileName == row.ProfileName
        assert row in row.users.usergroups_collection


def test_get_asks_for_one_user(sim, engine, model):
    user = sim.truth("Users")[3]
    with Session(engine) as session:
        sim.reset()
        found = session.get(model, user["id"])
        assert found.Status == user["status"]
        assert session.get(model, user["id"]) is found
        assert session.get(model, "00uNoSuchUser") is None
    assert len(sim.requests()) == 2


def test_a_flush_says_that_the_data_source_is_read_only(engine, model):
    with Session(engine) as session:
        session.add(model(Id="00uNew", Status="ACTIVE"))
        with pytest.raises(exc.ProgrammingError, match="read-only"):
            session.flush()
        session.rollback()
        assert session.scalar(select(sqlalchemy.func.count()).select_from(model)) > 0


def savepoints(engine):
    """The statements about savepoints that SQLAlchemy sends from now on."""
    sent = []

    @sqlalchemy.event.listens_for(engine, "before_cursor_execute")
    def remember(connection, cursor, statement, *more):
        if "SAVE" in statement or statement.startswith("ROLLBACK"):
            sent.append(" ".join(word for word in statement.split() if not word.startswith("sa_savepoint")))

    return sent


# What each dialect sends; T-SQL has nothing that releases a savepoint.
BEGUN = {"okta": "SAVEPOINT", "mssql": "SAVE TRANSACTION"}
KEPT = {"okta": ["RELEASE SAVEPOINT"], "mssql": []}
UNDONE = {"okta": ["ROLLBACK TO SAVEPOINT"], "mssql": ["ROLLBACK TRANSACTION"]}


def test_nested_transactions_are_committed_and_rolled_back(engine, model):
    name, sent = engine.dialect.name, savepoints(engine)
    with Session(engine) as session:
        with session.begin_nested():
            assert session.scalars(select(model)).first() is not None
        assert sent == [BEGUN[name], *KEPT[name]]
        sent.clear()
        # A session sends it with the first statement inside.
        nested = session.begin_nested()
        assert session.scalars(select(model)).first() is not None
        nested.rollback()
        assert sent == [BEGUN[name], *UNDONE[name]]
        session.commit()
    with engine.connect() as connection:
        sent.clear()
        with connection.begin():
            with connection.begin_nested():
                with connection.begin_nested() as inner:
                    inner.rollback()
            connection.begin_nested().commit()
        assert sent == [BEGUN[name], BEGUN[name], *UNDONE[name], *KEPT[name], BEGUN[name], *KEPT[name]]


def test_an_error_inside_a_nested_transaction_is_the_only_one(engine, model):
    """ROLLBACK TO SAVEPOINT was refused: the program got that error, and not its own."""
    name, sent = engine.dialect.name, savepoints(engine)
    with Session(engine) as session:
        with pytest.raises(exc.ProgrammingError, match="read-only"):
            with session.begin_nested():
                session.add(model(Id="00uNew", Status="ACTIVE"))
        with pytest.raises(ZeroDivisionError):
            with session.begin_nested():
                1 / len(session.scalars(select(model).where(sqlalchemy.false())).all())
        assert sent == [BEGUN[name], *UNDONE[name]] * 2
        assert session.scalar(select(sqlalchemy.func.count()).select_from(model)) > 0


def test_yield_per_reads_page_by_page(new_sim, new_engine, model):
    org = new_sim("--users", 400)
    engine = new_engine(org, PageSize=50)
    with Session(engine) as session:
        session.connection()
        org.reset()
        rows = session.scalars(select(model).execution_options(yield_per=20))
        first = next(rows.partitions())
        # The page of the first rows, and at most the one after it.
        assert len(first) == 20 and 1 <= len(org.requests()) <= 2
        rest = [user.Id for user in rows]
    assert len({user.Id for user in first} | set(rest)) == len(org.truth("Users")) == 400
    assert len(org.requests()) == 8


def test_a_result_that_is_closed_early_stops_asking(new_sim, new_engine, model):
    org = new_sim("--users", 400)
    with new_engine(org, PageSize=20).connect() as connection:
        org.reset()
        result = connection.execution_options(stream_results=True, max_row_buffer=5).execute(select(model.Id))
        assert result.fetchone() is not None
        result.close()
        assert connection.scalar(sqlalchemy.text("SELECT 1")) == 1
    assert len(org.requests()) < 20


def test_threads_share_an_engine(sim, engine, model):
    """`asyncio.to_thread`, as an async program would call it."""
    statuses = sorted({user["status"] for user in sim.truth("Users")})
    threads = set()

    def read(status):
        threads.add(threading.get_ident())
        with Session(engine) as session:
            return status, set(session.scalars(select(model.Id).where(model.Status == status)))

    async def everything():
        return await asyncio.gather(*(asyncio.to_thread(read, status) for status in statuses * 3))

    found = asyncio.run(everything())
    assert len(found) == 3 * len(statuses)
    for status, ids in found:
        assert ids == {user["id"] for user in sim.truth("Users") if user["status"] == status}
    assert threading.get_ident() not in threads


def test_metadata_create_all_finds_the_tables_there(engine):
    """Programs call it out of habit; nothing is missing, so nothing is created."""
    metadata = MetaData()
    Table("Users", metadata, Column("Id", String, primary_key=True))
    metadata.create_all(engine)

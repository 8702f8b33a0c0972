"""Frames of pandas, polars and petl through an engine."""

import collections

import matplotlib.image
import matplotlib.pyplot
import pandas
import petl
import polars
import pyarrow
import pytest
from sqlalchemy import MetaData, func, select, text

import okta_odbc
import okta_org

# Draws without a display.
matplotlib.use("Agg")

COUNTS = "SELECT Status, COUNT(*) AS N FROM Users GROUP BY Status"


@pytest.fixture
def counts(sim):
    return collections.Counter(user["status"] for user in sim.truth("Users"))


def test_pandas_reads_a_statement(engine, counts):
    frame = pandas.read_sql(COUNTS, engine)
    assert frame.set_index("Status")["N"].to_dict() == counts


def test_pandas_reads_a_construct_with_parameters(sim, engine):
    frame = pandas.read_sql(
        text("SELECT Id, Created, ProfileSeatNumber FROM Users WHERE Status = :status"), engine, params={"status": "active"}
    )
    truth = [user for user in sim.truth("Users") if user["status"] == "ACTIVE"]
    assert set(frame["Id"]) == {user["id"] for user in truth}
    assert pandas.api.types.is_datetime64_any_dtype(frame["Created"])


def test_pandas_reads_a_table(sim, engine):
    frame = pandas.read_sql_table("Groups", engine, columns=["Id", "ProfileName", "Created"], index_col="Id")
    truth = {group["id"]: group for group in sim.truth("Groups")}
    assert frame["ProfileName"].to_dict() == {key: group["profile"]["name"] for key, group in truth.items()}
    assert pandas.api.types.is_datetime64_any_dtype(frame["Created"])
    assert set(pandas.read_sql("Groups", engine)["Id"]) == set(truth)


def test_pandas_reads_a_table_of_a_schema(sim, engine):
    assert len(pandas.read_sql_table("Users", engine, schema="dbo")) == len(sim.truth("Users"))


def test_pandas_reads_chunks_page_by_page(new_sim, new_engine):
    org = new_sim("--users", 400)
    with new_engine(org, PageSize=50).connect() as connection:
        org.reset()
        chunks = pandas.read_sql(
            "SELECT Id FROM Users", connection.execution_options(stream_results=True), chunksize=40
        )
        first = next(chunks)
        assert len(first) == 40 and len(org.requests()) <= 2
        assert len(first) + sum(map(len, chunks)) == len(org.truth("Users")) == 400


def test_pandas_keeps_arrow_types(sim, engine):
    frame = pandas.read_sql(
        "SELECT Id, Created, ProfileBadgeActive, ProfileSeatNumber FROM Users", engine, dtype_backend="pyarrow"
    )
    kinds = {name: dtype.pyarrow_dtype for name, dtype in frame.dtypes.items()}
    assert pyarrow.types.is_string(kinds["Id"]) or pyarrow.types.is_large_string(kinds["Id"])
    assert pyarrow.types.is_timestamp(kinds["Created"])
    assert pyarrow.types.is_boolean(kinds["ProfileBadgeActive"])
    assert pyarrow.types.is_integer(kinds["ProfileSeatNumber"])
    active = [user["profile"].get("badgeActive") for user in sim.truth("Users")]
    assert frame["ProfileBadgeActive"].sum() == sum(value is True for value in active)
    assert frame["ProfileBadgeActive"].isna().sum() == sum(value is None for value in active)


def test_matplotlib_draws_users_by_status(engine, counts, tmp_path):
    frame = pandas.read_sql(f"{COUNTS} ORDER BY N DESC", engine, index_col="Status")
    axes = frame.plot(kind="bar", y="N", title="Users by status", legend=False, rot=45)
    axes.figure.tight_layout()
    names = [label.get_text() for label in axes.get_xticklabels()]
    heights = [bar.get_height() for bar in axes.patches]
    assert dict(zip(names, heights, strict=True)) == counts
    assert heights == sorted(heights, reverse=True)
    axes.figure.savefig(tmp_path / "users.png")
    pixels = matplotlib.image.imread(tmp_path / "users.png")
    (colour,) = {bar.get_facecolor() for bar in axes.patches}
    drawn = (abs(pixels - colour) < 0.01).all(axis=2).sum()
    # What bars of these heights cover of the picture, in pixels.
    boxes = [bar.get_window_extent() for bar in axes.patches]
    assert abs(drawn / sum(box.width * box.height for box in boxes) - 1) < 0.05
    matplotlib.pyplot.close(axes.figure)


def test_polars_reads_a_statement_and_a_construct(sim, engine, counts):
    frame = polars.read_database(COUNTS, connection=engine)
    assert dict(frame.iter_rows()) == counts
    metadata = MetaData()
    metadata.reflect(engine, only=["Users"])
    users = metadata.tables["Users"]
    statement = select(users.c.Id, users.c.Created, users.c.ProfileBadgeActive).order_by(users.c.Id)
    frame = polars.read_database(statement, connection=engine)
    assert frame["Id"].to_list() == sorted(user["id"] for user in sim.truth("Users"))
    assert frame.schema["Created"] == polars.Datetime
    assert frame.schema["ProfileBadgeActive"] == polars.Boolean


def test_polars_reads_batches(sim, engine):
    with engine.connect() as connection:
        batches = list(
            polars.read_database("SELECT Id FROM Users", connection=connection, iter_batches=True, batch_size=25)
        )
    assert len(batches) > 1
    assert sum(map(len, batches)) == len(sim.truth("Users"))


def test_petl_reads_a_connection(sim, engine, counts):
    with engine.connect() as connection:
        table = petl.fromdb(connection, text(COUNTS))
        assert list(petl.header(table)) == ["Status", "N"]
        assert dict(petl.data(table)) == counts


def test_petl_reads_pyodbc_through_the_package(sim, counts):
    with okta_odbc.connect(Domain=sim.url, APIToken=okta_org.TOKEN) as connection:
        assert dict(petl.data(petl.fromdb(connection, COUNTS))) == counts


@pytest.mark.okta_dialect("JSON is text to the dialect mssql")
def test_json_is_a_list_in_a_frame(sim, engine):
    frame = pandas.read_sql_table("Apps", engine, columns=["Id", "Label", "Features"], index_col="Id")
    truth = {app["id"]: app for app in sim.truth("Apps")}
    assert frame["Label"].to_dict() == {key: app["label"] for key, app in truth.items()}
    assert frame["Features"].to_dict() == {key: app["features"] for key, app in truth.items()}


def test_a_group_by_of_a_construct(engine, counts):
    metadata = MetaData()
    metadata.reflect(engine, only=["Users"])
    users = metadata.tables["Users"]
    frame = pandas.read_sql(select(users.c.Status, func.count().label("People")).group_by(users.c.Status), engine)
    assert frame.set_index("Status")["People"].to_dict() == counts

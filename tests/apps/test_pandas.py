"""pandas reads frames over pyodbc."""

import warnings

import pandas
import pytest


@pytest.fixture
def read(connection):
    def frame(statement, parameters=None, **options):
        with warnings.catch_warnings():
            # pandas prefers SQLAlchemy; a DB-API connection works.
            warnings.simplefilter("ignore", UserWarning)
            return pandas.read_sql_query(statement, connection, params=parameters, **options)

    return frame


def test_a_frame_has_the_orgs_rows_and_types(sim, read):
    frame = read("SELECT Id, Status, Created, ProfileSeatNumber, ProfileBadgeActive FROM Users ORDER BY Created")
    assert len(frame) == len(sim.truth("Users"))
    assert list(frame.columns) == ["Id", "Status", "Created", "ProfileSeatNumber", "ProfileBadgeActive"]
    assert pandas.api.types.is_datetime64_any_dtype(frame["Created"])
    assert frame["Created"].is_monotonic_increasing
    assert set(frame["Id"]) == {user["id"] for user in sim.truth("Users")}


def test_a_parameter_filters(sim, read):
    frame = read("SELECT Id FROM Users WHERE Status = ?", ["ACTIVE"])
    assert set(frame["Id"]) == {user["id"] for user in sim.truth("Users") if user["status"] == "ACTIVE"}


def test_chunks_add_up(sim, read):
    chunks = list(read("SELECT Id FROM Users", chunksize=25))
    assert len(chunks) > 1
    assert sum(len(chunk) for chunk in chunks) == len(sim.truth("Users"))


def test_grouping_there_is_grouping_here(sim, read):
    there = read("SELECT Status, COUNT(*) AS N FROM Users GROUP BY Status").set_index("Status")["N"].to_dict()
    here = read("SELECT Status FROM Users").value_counts("Status").to_dict()
    assert there == here

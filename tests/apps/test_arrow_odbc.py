"""arrow-odbc: narrow functions, ODBC 3.80, block fetch into bound columns."""

import arrow_odbc
import pyarrow
import pytest

import cells
import okta_org


def read(sim, statement, parameters=None, batch_size=1000, **options):
    reader = arrow_odbc.read_arrow_batches_from_odbc(
        query=statement,
        connection_string=sim.connection_string(),
        parameters=parameters,
        batch_size=batch_size,
        **options,
    )
    return pyarrow.Table.from_batches(list(reader), schema=reader.schema)


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_all_users_in_batches_of_any_size(sim, batch_size):
    table = read(sim, "SELECT Id, ProfileLogin, ProfileFirstName FROM Users", batch_size=batch_size)
    wanted = {u["id"]: (u["profile"]["login"], u["profile"]["firstName"]) for u in sim.truth("Users")}
    assert {row["Id"]: (row["ProfileLogin"], row["ProfileFirstName"]) for row in table.to_pylist()} == wanted


def test_types(sim):
    table = read(
        sim, "SELECT Id, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive FROM Users"
    )
    types = [field.type for field in table.schema]
    assert types[0] == pyarrow.string()
    assert pyarrow.types.is_timestamp(types[1])
    assert pyarrow.types.is_integer(types[2])
    assert types[3] == pyarrow.float64()
    assert types[4] == pyarrow.bool_()
    truth = {u["id"]: u for u in sim.truth("Users")}
    for row in table.to_pylist():
        profile = truth[row["Id"]]["profile"]
        assert row["Created"] == cells.instant(truth[row["Id"]]["created"])
        assert row["ProfileSeatNumber"] == profile.get("seatNumber")
        assert row["ProfileContractHours"] == profile.get("contractHours")
        assert row["ProfileBadgeActive"] == profile.get("badgeActive")


def test_parameters_are_text(sim):
    table = read(sim, "SELECT Id FROM Users WHERE Status = ?", parameters=["active"])
    wanted = {u["id"] for u in sim.truth("Users") if u["status"] == "ACTIVE"}
    assert set(table["Id"].to_pylist()) == wanted and wanted


def test_a_whole_table_can_be_bound(sim):
    table = read(sim, "SELECT * FROM Groups", max_text_size=10_000)
    assert table.num_rows == len(sim.truth("Groups"))


def test_errors_carry_their_sqlstate(sim):
    with pytest.raises(arrow_odbc.Error, match="42S02"):
        read(sim, "SELECT * FROM NoSuchTable")
    with pytest.raises(arrow_odbc.Error, match="28000"):
        arrow_odbc.read_arrow_batches_from_odbc(
            query="SELECT 1", connection_string=sim.connection_string().replace(okta_org.TOKEN, "wrong")
        )

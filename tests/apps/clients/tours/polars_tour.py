"""polars: read_database with a connection string, which it gives to arrow-odbc; whole frames and batches."""

import importlib.metadata

import arrow_odbc
import polars
import pyodbc

import request


def frame(sql, connection=request.CONNECTION, **options):
    return polars.read_database(sql, connection, execute_options=options or None)


def rows(part, frame):
    for values in frame.iter_rows():
        request.row(part, values)


request.answer("version", client=f"polars {polars.__version__} (arrow-odbc {importlib.metadata.version('arrow-odbc')})", manager=request.unixodbc())
frame("SELECT 1")
request.answer("connect")
for part in ("types", "okta"):
    rows(part, frame(request.SQL[part]))
rows("parameters", frame(request.SQL["parameters"], parameters=[value for _, value in request.PARAMETERS]))
rows("long", frame(request.SQL["long.bound"]))
try:
    rows("long", frame(request.SQL["long.cut"]))
except arrow_odbc.Error as error:
    request.answer("long-cut", message=str(error))
rows("many", frame(request.SQL["many"], request.LARGE))
try:
    frame(request.SQL["error"])
except arrow_odbc.Error as error:
    request.answer("error", sqlstate="42S22" if "42S22" in str(error) else "none", message=str(error))
rows("after-error", frame(request.SQL["after-error"]))
batches = polars.read_database(request.SQL["cancel"], request.SLOW, iter_batches=True, batch_size=100)
count = sum(len(next(batches)) for _ in range(5))
batches.close()
request.answer("cancel", rows=str(count), sqlstate=None)


def more():
    """Schemas, by arrow-odbc and by a connection of pyodbc, and what can be asked of a frame's making."""
    columns = "SELECT Id, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive FROM Users"
    yield "schema", {name: str(kind) for name, kind in frame(columns).schema.items()}
    opened = pyodbc.connect(request.CONNECTION)
    by_pyodbc = polars.read_database(columns, opened).with_columns(polars.col("Created").dt.cast_time_unit("ms"))
    opened.close()
    yield "the same over pyodbc", frame(columns).equals(by_pyodbc)
    dated = polars.read_database(columns, request.CONNECTION, schema_overrides={"Created": polars.Date})
    yield "another type", dated.schema["Created"]
    yield "batches", [len(batch) for batch in polars.read_database(columns, request.CONNECTION, iter_batches=True, batch_size=50)]
    joined = "SELECT g.ProfileName, COUNT(*) AS Members FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id GROUP BY g.ProfileName"
    yield "a join", frame(joined)["Members"].sum()
    yield "no rows keep their types", frame(columns + " WHERE 1 = 0").schema == frame(columns).schema


request.answer("disconnect")
for name, value in more():
    request.row("more", [name, value])
request.finish()

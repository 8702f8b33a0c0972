"""pandas: read_sql over a pyodbc connection, whole frames and in chunks, closed early."""

import pandas
import pyodbc

import request

pyodbc.pooling = False

connection = pyodbc.connect(request.CONNECTION)
request.answer("version", client=f"pandas {pandas.__version__} (pyodbc {pyodbc.version})", manager=request.unixodbc())
request.answer("connect")


def frame(sql, connection=connection, **more):
    # Without its guess that a decimal is a float.
    return pandas.read_sql(sql, connection, coerce_float=False, **more)


def rows(part, frame):
    for values in frame.itertuples(index=False, name=None):
        request.row(part, [None if pandas.isna(value) else value for value in values])


for part in ("types", "okta"):
    rows(part, frame(request.SQL[part]))
rows("parameters", frame(request.SQL["parameters"], params=request.parameters()))
rows("long", frame(request.SQL["long"]))
large = pyodbc.connect(request.LARGE)
for chunk in frame(request.SQL["many"], large, chunksize=10_000):
    rows("many", chunk)
large.close()
try:
    frame(request.SQL["error"])
except pyodbc.Error as error:
    request.answer("error", sqlstate=error.args[0], message=error.args[1])
rows("after-error", frame(request.SQL["after-error"]))
slow = pyodbc.connect(request.SLOW)
chunks = frame(request.SQL["cancel"], slow, chunksize=100)
count = sum(len(next(chunks)) for _ in range(5))
chunks.close()
request.answer("cancel", rows=str(count), sqlstate=None)
slow.close()


def more():
    """Kinds of columns, indexes, dates, chunks, grouping."""
    columns = "SELECT Id, Status, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive FROM Users"
    people = pandas.read_sql(columns, connection, index_col="Id", dtype_backend="numpy_nullable")
    yield "kinds", {name: str(kind) for name, kind in people.dtypes.items()}
    yield "an index", people.index.is_unique and len(people)
    yield "no rows", pandas.read_sql(columns + " WHERE 1 = 0", connection).shape
    yield "chunks", [len(chunk) for chunk in pandas.read_sql(columns, connection, chunksize=50)]
    yield "grouped alike", people.groupby("Status").size().to_dict() == dict(
        pandas.read_sql("SELECT Status, COUNT(*) AS N FROM Users GROUP BY Status", connection).itertuples(index=False, name=None)
    )
    yield "summed alike", people.ProfileSeatNumber.sum() == pandas.read_sql(
        "SELECT SUM(ProfileSeatNumber) AS S FROM Users", connection
    ).S.iloc[0]
    since = pandas.Timestamp("2022-01-01")
    recent = pandas.read_sql("SELECT Id FROM Users WHERE Created >= ?", connection, params=[since.to_pydatetime()])
    yield "a date as parameter", len(recent) == int((people.Created >= since).sum()) > 0
    groups = pandas.read_sql("SELECT Id AS GroupId, ProfileName FROM Groups", connection)
    members = pandas.read_sql("SELECT GroupId, UserId FROM GroupMembers", connection)
    yield "a merge", len(members.merge(groups, on="GroupId"))
    yield "many to text", len(people.to_csv().splitlines())


found = list(more())
connection.close()
request.answer("disconnect")
for name, value in found:
    request.row("more", [name, value])
request.finish()

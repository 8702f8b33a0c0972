"""arrow-odbc: record batches from bound buffers, in any size, by a connection that is kept or by one for each statement."""

import importlib.metadata

import arrow_odbc
import pyarrow

import request


def reader(sql, connection=request.CONNECTION, **options):
    return arrow_odbc.read_arrow_batches_from_odbc(query=sql, connection_string=connection, **options)


def rows(part, batches):
    for batch in batches:
        for values in zip(*(column.to_pylist() for column in batch.columns)):
            request.row(part, values)


request.answer("version", client=f"arrow-odbc {importlib.metadata.version('arrow-odbc')} (pyarrow {pyarrow.__version__})", manager=request.unixodbc())
connection = arrow_odbc.connect(request.CONNECTION)
request.answer("connect")
for part in ("types", "okta"):
    rows(part, connection.read_arrow_batches(query=request.SQL[part]))
rows("parameters", reader(request.SQL["parameters"], parameters=[value for _, value in request.PARAMETERS], batch_size=3))
rows("long", reader(request.SQL["long.bound"]))
try:
    rows("long", reader(request.SQL["long.cut"]))
except arrow_odbc.Error as error:
    request.answer("long-cut", message=str(error))
rows("many", reader(request.SQL["many"], request.LARGE, batch_size=20_000, fetch_concurrently=True))
try:
    connection.read_arrow_batches(query=request.SQL["error"])
except arrow_odbc.Error as error:
    request.answer("error", sqlstate="42S22" if "42S22" in str(error) else "none", message=str(error))
rows("after-error", connection.read_arrow_batches(query=request.SQL["after-error"]))
slow = reader(request.SQL["cancel"], request.SLOW, batch_size=100, fetch_concurrently=False)
count = sum(next(slow).num_rows for _ in range(5))
del slow
request.answer("cancel", rows=str(count), sqlstate=None)
del connection
request.answer("disconnect")
request.finish()

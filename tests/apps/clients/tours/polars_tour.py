"""polars: read_database with a connection string, which it gives to arrow-odbc; whole frames and batches."""

import importlib.metadata

import arrow_odbc
import polars

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
request.answer("disconnect")
request.finish()

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
connection.close()
request.answer("disconnect")
request.finish()

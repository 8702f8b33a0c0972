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


def more():
    """Schemas, sizes of batches, limits, and what is refused."""
    schema = reader(
        "SELECT Id, Created, ProfileSeatNumber, ProfileContractHours, ProfileBadgeActive, CAST('1.5' AS DECIMAL(28, 10)) AS D, "
        "CAST('2024-02-29' AS DATE) AS Day, CAST('12:00:00' AS TIME) AS T, 0xAB AS B, CAST('0.5' AS REAL) AS R FROM Users"
    ).schema
    for name, field in zip(schema.names, schema):
        yield f"type of {name}", f"{field.type}{'' if field.nullable else ' not null'}"
    everybody = "SELECT Id, ProfileDisplayName FROM Users"
    yield "batches of 50", [batch.num_rows for batch in reader(everybody, batch_size=50)]
    yield "batches of 1", sum(batch.num_rows for batch in reader(everybody, batch_size=1))
    yield "a limit of bytes", len(list(reader(everybody, max_bytes_per_batch=100_000))) > 1
    yield "as a reader of pyarrow", reader(everybody).into_pyarrow_record_batch_reader().read_all().num_rows
    yield "more results", reader(everybody).more_results()
    yield "with a time limit", sum(batch.num_rows for batch in reader(everybody, query_timeout_sec=60))
    yield "a NULL parameter", next(iter(reader("SELECT COUNT(*) FROM Users WHERE Id = ?", parameters=[None])))[0].to_pylist()
    try:
        list(reader(everybody, max_text_size=5))
    except arrow_odbc.Error as error:
        yield "a limit of text", "without truncation" in str(error)
    table = pyarrow.table({"ProfileName": ["new"]})
    try:
        arrow_odbc.insert_into_table(table.to_reader(), 10, "Groups", connection_string=request.CONNECTION)
    except arrow_odbc.Error as error:
        yield "an insert is refused", "ReadOnly" in str(error)


found = [(name, value if isinstance(value, str) else repr(value)) for name, value in more()]
del connection
request.answer("disconnect")
for name, value in found:
    request.row("more", [name, value])
request.finish()

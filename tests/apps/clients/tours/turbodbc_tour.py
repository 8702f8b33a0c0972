"""turbodbc: rows and Arrow tables from blocks of bound buffers."""

import importlib.metadata
import re

import turbodbc

import request


def connect(connection, **options):
    return turbodbc.connect(connection_string=connection, turbodbc_options=turbodbc.make_options(**options))


def rows(part, cursor, sql, parameters=()):
    cursor.execute(sql, parameters) if parameters else cursor.execute(sql)
    for values in cursor.fetchall():
        request.row(part, values)


request.answer("version", client=f"turbodbc {importlib.metadata.version('turbodbc')}", manager=request.unixodbc())
connection = connect(request.CONNECTION)
request.answer("connect")
cursor = connection.cursor()
# It knows neither TIME nor VARBINARY, and refuses a result that has one.
types = re.sub(r"CAST\(('[^']*'|NULL) AS TIME\)", r"CAST(CAST(\1 AS TIME) AS NVARCHAR(20))", request.SQL["types"])
types = re.sub(r"CAST\((0x\w*|NULL) AS VARBINARY\(100\)\)", "CAST(NULL AS INTEGER)", types)
rows("types", cursor, types)
wide = connect(request.CONNECTION, prefer_unicode=True)
rows("okta", wide.cursor(), request.SQL["okta"])
rows("parameters", cursor, request.SQL["parameters"], request.parameters())
rows("long", cursor, request.SQL["long.bound"])
try:
    cursor.execute(request.SQL["long.cut"])
    length = max(len(values[1]) for values in cursor.fetchall())
    request.answer("long-cut", message=None, length=str(length))
except turbodbc.Error as error:
    request.answer("long-cut", message=str(error), length=None)
large = connect(request.LARGE, read_buffer_size=turbodbc.Rows(5000), use_async_io=True)
many = large.cursor()
many.execute(request.SQL["many"])
for batch in many.fetcharrowbatches():
    for values in zip(*(column.to_pylist() for column in batch.columns)):
        request.row("many", values)
try:
    cursor.execute(request.SQL["error"])
except turbodbc.Error as error:
    state = re.search(r"state: (\w{5})", str(error))
    request.answer("error", sqlstate=state and state[1], message=str(error))
rows("after-error", cursor, request.SQL["after-error"])
slow = connect(request.SLOW, read_buffer_size=turbodbc.Rows(100))
stopped = slow.cursor()
stopped.execute(request.SQL["cancel"])
count = sum(1 for _ in zip(range(500), stopped))
stopped.close()
slow.close()
request.answer("cancel", rows=str(count), sqlstate=None)
for each in (connection, wide, large):
    each.close()
request.answer("disconnect")
request.finish()

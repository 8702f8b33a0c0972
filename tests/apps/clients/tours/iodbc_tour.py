"""A program on iODBC's wide functions, called by ctypes: SQLWCHAR has four bytes. Debian has no iodbctestw, which makes these calls."""

import ctypes
import os
import pathlib
import subprocess
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))

import odbc_calls  # noqa: E402
import request  # noqa: E402
from odbc_calls import (  # noqa: E402
    C_CHAR,
    C_DOUBLE,
    C_LONG,
    C_TIMESTAMP,
    C_WCHAR,
    INTEGER,
    IODBC,
    TYPE_TIMESTAMP,
    WVARCHAR,
    Connection,
    Manager,
    OdbcError,
    Timestamp,
)

# What unixODBC calls ODBCSYSINI: iODBC wants the file itself.
os.environ["ODBCINSTINI"] = os.path.join(os.environ["ODBCSYSINI"], "odbcinst.ini")

manager = Manager(IODBC, wide=True)
connection = Connection(manager, request.CONNECTION)
package = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "libiodbc2"], capture_output=True, text=True, check=True)
python = ".".join(map(str, sys.version_info[:3]))
version = connection.info(171)[0]
request.answer("version", client=f"ctypes of Python {python}", manager=f"iODBC {version} (libiodbc2 {package.stdout})")
request.answer("connect")

for row in connection.statement().tables().rows():
    request.row("tables", row[2:4])
for row in connection.statement().columns_of("Users").rows():
    request.row("columns", row[3:5])
for part in ("types", "okta"):
    for row in connection.statement().execute(request.SQL[part]).rows():
        request.row(part, row)


def bound(kind, value):
    """C type, SQL type and value of a parameter, as its kind is bound."""
    if kind == "integer":
        return C_LONG, INTEGER, ctypes.c_int(value)
    if kind == "double":
        return C_DOUBLE, 8, ctypes.c_double(value)
    if kind == "timestamp":
        fields = value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond * 1000
        return C_TIMESTAMP, TYPE_TIMESTAMP, Timestamp(*fields)
    return C_WCHAR, WVARCHAR, value


given = [bound(kind, value) for (kind, _), value in zip(request.PARAMETERS, request.parameters(), strict=True)]
for row in connection.statement().execute(request.SQL["parameters"], *given).rows():
    request.row("parameters", row)
# In parts, each of 1,000 characters.
for row in connection.statement().execute(request.SQL["long"]).rows():
    request.row("long", row)


def rowsets(statement, rows=1000, units=120):
    """All rows of three texts, bound to arrays: calls for each cell would take Python a minute."""
    size = units * manager.unit
    arrays = [ctypes.create_string_buffer(size * rows) for _ in range(3)]
    lengths = [(ctypes.c_ssize_t * rows)() for _ in arrays]
    fetched = ctypes.c_size_t()
    statement.call("SQLSetStmtAttr", 27, rows, 0)
    statement.call("SQLSetStmtAttr", 26, ctypes.byref(fetched), 0)
    for number, (array, length) in enumerate(zip(arrays, lengths, strict=True), 1):
        statement.call("SQLBindCol", number, manager.c_text, array, size, length)
    while statement.fetch():
        blocks = [array.raw for array in arrays]
        for row in range(fetched.value):
            start = row * size
            yield [block[start : start + length[row]].decode(manager.encoding) for block, length in zip(blocks, lengths, strict=True)]


large = Connection(manager, request.LARGE)
for row in rowsets(large.statement().execute(request.SQL["many"])):
    request.row("many", row)
large.disconnect()

try:
    connection.statement().execute(request.SQL["error"])
except OdbcError as error:
    request.answer("error", sqlstate=error.state, message=error.message)
for row in connection.statement().execute(request.SQL["after-error"]).rows(c_type=C_CHAR):
    request.row("after-error", row)

slow = Connection(manager, request.SLOW)
statement = slow.statement().execute(request.SQL["cancel"])
rows, state = 0, None
stopping = threading.Timer(1, lambda: manager.call("SQLCancel", statement.handle))
stopping.start()
try:
    while statement.fetch():
        rows += 1
except OdbcError as error:
    state = error.state
stopping.join()
request.answer("cancel", rows=str(rows), sqlstate=state)
statement.free()
slow.disconnect()

connection.disconnect()
request.answer("disconnect")
request.finish()

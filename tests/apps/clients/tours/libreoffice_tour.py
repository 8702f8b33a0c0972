"""LibreOffice: the tour by Base's driver sdbc:odbc:, 100,000 rows by a macro; libreoffice_more.py has what people do besides."""

import re
import sys
import threading
import time

import uno  # noqa: I001 - what is imported from com.sun.star comes through it
from com.sun.star.sdbc import SQLException
from com.sun.star.util import DateTime

import libreoffice_more
import request
from soffice import Office

# What a column's type is read by; all others are text.
GETTERS = {
    uno.getConstantByName(f"com.sun.star.sdbc.DataType.{name}"): getter
    for getter, names in {
        "getBoolean": ["BIT", "BOOLEAN"],
        "getInt": ["TINYINT", "SMALLINT", "INTEGER"],
        "getLong": ["BIGINT"],
        "getFloat": ["REAL"],
        "getDouble": ["FLOAT", "DOUBLE"],
        "getDate": ["DATE"],
        "getTime": ["TIME"],
        "getTimestamp": ["TIMESTAMP"],
        "getBytes": ["BINARY", "VARBINARY", "LONGVARBINARY"],
    }.items()
    for name in names
}


def text(getter, value):
    """A value of UNO as text."""
    if getter == "getDate":
        return f"{value.Year:04}-{value.Month:02}-{value.Day:02}"
    if getter == "getTime":
        return f"{value.Hours:02}:{value.Minutes:02}:{value.Seconds:02}.{value.NanoSeconds // 1_000_000:03}"
    if getter == "getTimestamp":
        return f"{text('getDate', value)} {text('getTime', value)}"
    if getter == "getBytes":
        return value.value.hex()
    return value


def rows(result):
    columns = result.getMetaData()
    getters = [GETTERS.get(columns.getColumnType(n + 1), "getString") for n in range(columns.getColumnCount())]
    while result.next():
        row = []
        for n, getter in enumerate(getters):
            value = getattr(result, getter)(n + 1)
            row.append(None if result.wasNull() else text(getter, value))
        yield row
    result.close()


def read_all(part, connection, sql):
    """By a statement of its own: an office lets go of the result before, which Python has dropped, at a time of its own."""
    statement = connection.createStatement()
    for row in rows(statement.executeQuery(sql)):
        request.row(part, row)
    statement.close()


def bind(statement):
    for n, (kind, value) in enumerate(request.PARAMETERS, 1):
        if kind == "text":
            statement.setString(n, value)
        elif kind == "integer":
            statement.setInt(n, int(value))
        elif kind == "double":
            statement.setDouble(n, float(value))
        else:
            moment = request.NATURAL[kind](value)
            nanoseconds = moment.microsecond * 1000
            statement.setTimestamp(
                n, DateTime(nanoseconds, moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.year, False)
            )


def many(office):
    """By UNO from outside 100,000 rows would be 400,000 calls between two processes; a macro makes them inside of one."""
    script = office.macro("libreoffice_macro.py", "read_all")
    cells, _, _ = script.invoke((request.LARGE_DSN, request.SQL["many"], 3), (), ())
    for n in range(0, len(cells), 3):
        request.row("many", cells[n : n + 3])


def stopped(office):
    """XCancellable.cancel from another thread, while this one waits for a row: between two calls a cancel closes the cursor in
    the driver manager's eyes, and the next call is out of sequence to it (HY010)."""
    slow = connect(office, request.SLOW_DSN)
    statement = slow.createStatement()
    result = statement.executeQuery(request.SQL["cancel"])
    read, state = 0, None
    asked = time.monotonic()

    def cancel():
        while read < 200 or time.monotonic() - asked < 0.1:
            time.sleep(0.01)
        statement.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        while result.next():
            read += 1
            asked = time.monotonic()
    except SQLException as error:
        state = error.SQLState
    thread.join()
    request.answer("cancel", rows=str(read), sqlstate=state)
    slow.close()


def connect(office, name):
    manager = office.service("com.sun.star.sdbc.DriverManager")
    return manager.getConnectionWithInfo(f"sdbc:odbc:{name}", libreoffice_more.INFO)


def tour(office, picture):
    connection = connect(office, request.DSN)
    request.answer("version", client=office.version(), manager=request.unixodbc())
    request.answer("connect")
    for row in rows(connection.getMetaData().getTables(None, "%", "%", ("TABLE", "VIEW"))):
        request.row("tables", row[2:4])
    for row in rows(connection.getMetaData().getColumns(None, "%", "Users", "%")):
        request.row("columns", [row[3], row[5]])
    # It reads a TINYINT as a signed byte, whichever getter is called: 255 is then the driver's 22003.
    read_all("types", connection, re.sub(r"CAST\((\w+) AS TINYINT\)", r"CAST(CAST(\1 AS TINYINT) AS SMALLINT)", request.SQL["types"]))
    read_all("okta", connection, request.SQL["okta"])
    prepared = connection.prepareStatement(request.SQL["parameters"])
    bind(prepared)
    for row in rows(prepared.executeQuery()):
        request.row("parameters", row)
    prepared.close()
    read_all("long", connection, request.SQL["long"])
    many(office)
    try:
        connection.createStatement().executeQuery(request.SQL["error"])
    except SQLException as error:
        request.answer("error", sqlstate=error.SQLState, message=error.Message)
    read_all("after-error", connection, request.SQL["after-error"])
    stopped(office)
    connection.close()
    request.answer("disconnect")
    for name, *values in libreoffice_more.more(office, picture):
        request.row("more", [name, "|".join("-" if value is None else str(value) for value in values)])


if __name__ == "__main__":
    started = Office(sys.argv[1])
    try:
        tour(started, sys.argv[2])
    finally:
        started.close()
    request.finish()

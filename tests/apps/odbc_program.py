"""A program that asks everything of one driver manager, in one form, and prints the answers as JSON; the tests of managers run it
in a process of its own, as a process has one driver manager."""

import ctypes
import json
import sys

import odbc_calls
from odbc_calls import (
    C_BIGINT,
    C_CHAR,
    C_DOUBLE,
    C_LONG,
    C_TIMESTAMP,
    C_WCHAR,
    INTEGER,
    NTS,
    SUCCESS,
    TYPE_TIMESTAMP,
    WVARCHAR,
    OdbcError,
    Timestamp,
)

# In and beyond the BMP, a combining mark, right-to-left.
TEXT = "ä漢🎉e\u0301 \U0001f600 אב"


def repeated(length):
    return (TEXT * (length // len(TEXT) + 1))[:length]


def infos(connection):
    """Text of SQLGetInfo and the length told, by number."""
    texts = {"DBMS": 17, "driver's ODBC": 77, "quote": 29, "catalog term": 42}
    return {name: connection.info(number) for name, number in texts.items()}


def users(connection):
    statement = connection.statement()
    statement.execute("SELECT Id, ProfileFirstName, Created, ProfileSeatNumber, ProfileContractHours FROM Users")
    rows = []
    while statement.fetch():
        created = statement.get(3, Timestamp(), C_TIMESTAMP)
        seat = statement.get(4, ctypes.c_longlong(), C_BIGINT)
        hours = statement.get(5, ctypes.c_double(), C_DOUBLE)
        row = [statement.text(1), statement.text(2), str(created)]
        rows.append([*row, seat and seat.value, hours and hours.value])
    statement.free()
    return rows


def parameters(connection):
    """What comes back for a text bound as either C type, and for other types."""
    statement = connection.statement()
    answers = {}
    for name, c_type in (("SQL_C_WCHAR", C_WCHAR), ("SQL_C_CHAR", C_CHAR)):
        statement.execute("SELECT CAST(? AS VARCHAR(100))", (c_type, WVARCHAR, TEXT))
        answers[name] = statement.rows()
        statement.close()
    moment = Timestamp(2024, 2, 29, 23, 59, 58, 123_000_000)
    given = (C_LONG, INTEGER, ctypes.c_int(-7)), (C_TIMESTAMP, TYPE_TIMESTAMP, moment), (C_WCHAR, WVARCHAR, None)
    statement.execute("SELECT CAST(? AS INTEGER), CAST(? AS TIMESTAMP), CAST(? AS VARCHAR(9))", *given)
    assert statement.fetch()
    number = statement.get(1, ctypes.c_int(), C_LONG)
    back = statement.get(2, Timestamp(), C_TIMESTAMP)
    answers["others"] = [number.value, str(back), statement.text(3)]
    statement.free()
    return answers


def parts(connection):
    """Long values by SQLGetData in small buffers: whether each comes back whole."""
    answers = {}
    for length in (0, 1, 5, 6, 7, 300, 9_000):
        for units in (2, 3, 7, 64, 10_000):
            if length == 9_000 and units < 64:
                continue
            statement = connection.statement()
            statement.execute("SELECT CAST(? AS VARCHAR(20000))", (C_WCHAR, WVARCHAR, repeated(length)))
            assert statement.fetch()
            answers[f"{length} by {units}"] = statement.text(1, units) == repeated(length)
            statement.free()
    return answers


def bound(connection):
    """A rowset of texts into an array of buffers."""
    manager, rows, units = connection.manager, 4, 40
    statement = connection.statement()
    size = units * manager.unit
    values, lengths = ctypes.create_string_buffer(size * rows), (ctypes.c_ssize_t * rows)()
    fetched = ctypes.c_size_t()
    statement.call("SQLSetStmtAttr", 27, rows, 0)
    statement.call("SQLSetStmtAttr", 26, ctypes.byref(fetched), 0)
    statement.call("SQLBindCol", 1, manager.c_text, values, size, lengths)
    statement.execute("SELECT ProfileFirstName FROM Users ORDER BY Id")
    found = []
    while statement.fetch():
        for row in range(fetched.value):
            end = row * size + max(lengths[row], 0)
            found.append(values.raw[row * size : end].decode(manager.encoding))
    statement.free()
    return found


def spelled(connection, text):
    """iODBC 3.52.9 gives narrow programs as many bytes of a driver's text as it has characters, so the rest is lost there."""
    lossy = connection.manager.library._name == odbc_calls.IODBC and not connection.manager.wide
    return "".join(c for c in text if c.isascii()) if lossy else text


def labels(connection):
    """Name, told length, type and size of a column, by either function."""
    statement = connection.statement()
    statement.execute(f'SELECT \'x\' AS "{spelled(connection, "Größe 漢🎉")}"')
    described = statement.describe(1)
    buffer, length, number = connection.manager.buffer(100), ctypes.c_short(), ctypes.c_ssize_t()
    statement.call("SQLColAttribute", 1, 1011, buffer, 100 * connection.manager.unit, ctypes.byref(length),
                   ctypes.byref(number), text=True)  # fmt: skip
    attribute = connection.manager.terminated(buffer), length.value
    statement.free()
    statement = connection.statement()
    statement.call("SQLSetCursorName", connection.manager.encoded("Zeiger"), NTS, text=True)
    name = connection.text_of("SQLGetCursorName", kind=odbc_calls.STMT, handle=statement.handle, bytes_told=False)
    statement.free()
    return {"described": described, "attribute": attribute, "cursor": name}


def errors(connection):
    """Every record of an error, a field of it, and that the connection still works."""
    statement = connection.statement()
    manager = connection.manager
    try:
        statement.execute(f"SELECT {spelled(connection, 'Größe漢')}x FROM Users")
        records = []
    except OdbcError as error:
        records = error.records
    field = manager.buffer(40)  # iODBC gives the driver as many bytes of it, whatever its characters
    length = ctypes.c_short()
    code = manager.call("SQLGetDiagField", odbc_calls.STMT, statement.handle, 1, 4, field, 40 * manager.unit,
                        ctypes.byref(length), text=True)  # fmt: skip
    state = (manager.terminated(field), length.value) if code == SUCCESS else None
    statement.execute("SELECT 1")
    after = statement.rows()
    statement.free()
    return {"records": records, "SQL_DIAG_SQLSTATE": state, "after": after}


def native(connection):
    sql = spelled(connection, f"SELECT '{TEXT}'")
    manager = connection.manager
    given = manager.encoded(sql)
    out, length = manager.buffer(100), ctypes.c_int()
    connection.call("SQLNativeSql", odbc_calls.DBC, connection.dbc, given, NTS, out, 100, ctypes.byref(length), text=True)
    return [manager.terminated(out), length.value]


QUESTIONS = {
    "infos": infos,
    "tables": lambda connection: [row[2:4] for row in connection.statement().tables().rows()],
    "columns": lambda connection: [row[3] for row in connection.statement().columns_of("Users").rows()],
    "users": users,
    "parameters": parameters,
    "parts": parts,
    "bound": bound,
    "labels": labels,
    "errors": errors,
    "native": native,
    "literal": lambda connection: connection.statement().execute(f"SELECT '{TEXT}'").rows(),
    "catalog": lambda connection: connection.text_of("SQLGetConnectAttr", 109, short=False),
}


def main(library, form, string):
    manager = odbc_calls.Manager(library, form == "wide")
    connection = odbc_calls.Connection(manager, string)
    answers = {"out": connection.out, "manager": connection.info(171)[0]}
    for name, question in QUESTIONS.items():
        answers[name] = question(connection)
    connection.disconnect()
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Runs `get` lines of conversions.txt through psqlodbc or libsqliteodbc, by unixODBC's driver manager.

    reference_run.py {psqlodbc|sqliteodbc} CONNECTION_STRING < lines > answers

Every `get` line on standard input is run (its expectation only says how many calls to make) and printed again with what
the driver answered and the driver as its source; `--compare` prints only the lines whose answers differ from what they
expect. Lines that the driver's database has no type for are left out, and counted on standard error. For psqlodbc use
`Driver={PostgreSQL Unicode};Servername=127.0.0.1;Port=…;Database=postgres;UID=postgres;BoolsAsChar=0;UnknownSizes=0;
TextAsLongVarchar=0;ByteaAsLongVarBinary=0`, for libsqliteodbc `Driver={SQLite3};Database=FILE`.
"""
import ctypes
import datetime
import re
import struct
import sys

HANDLE, SHORT, LEN = ctypes.c_void_p, ctypes.c_short, ctypes.c_ssize_t
MEMORY, UNTOUCHED = 1024, 0xA5
C_TYPES = {
    "C_CHAR": 1, "C_WCHAR": -8, "C_BIT": -7, "C_STINYINT": -26, "C_UTINYINT": -28, "C_TINYINT": -6, "C_SSHORT": -15,
    "C_USHORT": -17, "C_SHORT": 5, "C_SLONG": -16, "C_ULONG": -18, "C_LONG": 4, "C_SBIGINT": -25, "C_UBIGINT": -27,
    "C_FLOAT": 7, "C_DOUBLE": 8, "C_BINARY": -2, "C_TYPE_DATE": 91, "C_TYPE_TIME": 92, "C_TYPE_TIMESTAMP": 93,
    "C_DATE": 9, "C_TIME": 10, "C_TIMESTAMP": 11, "C_GUID": -11,
}
LAYOUTS = {
    "C_BIT": "<B", "C_STINYINT": "<b", "C_UTINYINT": "<B", "C_TINYINT": "<b", "C_SSHORT": "<h", "C_USHORT": "<H",
    "C_SHORT": "<h", "C_SLONG": "<i", "C_ULONG": "<I", "C_LONG": "<i", "C_SBIGINT": "<q", "C_UBIGINT": "<Q",
    "C_FLOAT": "<f", "C_DOUBLE": "<d", "C_TYPE_DATE": "<hHH", "C_DATE": "<hHH", "C_TYPE_TIME": "<HHH",
    "C_TIME": "<HHH", "C_TYPE_TIMESTAMP": "<hHHHHHI", "C_TIMESTAMP": "<hHHHHHI",
}
POSTGRES = {
    "CHAR": "char({n})", "VARCHAR": "varchar", "WVARCHAR": "varchar", "LONGVARCHAR": "text", "WLONGVARCHAR": "text",
    "DECIMAL": "numeric({d})", "NUMERIC": "numeric({d})", "SMALLINT": "int2", "INTEGER": "int4", "BIGINT": "int8",
    "REAL": "float4", "FLOAT": "float8", "DOUBLE": "float8", "BIT": "bool", "VARBINARY": "bytea", "TYPE_DATE": "date",
    "TYPE_TIME": "time({d})", "TYPE_TIMESTAMP": "timestamp({d})", "GUID": "uuid",
}
SQLITE = {
    "CHAR": "char({n})", "VARCHAR": "varchar(100)", "WVARCHAR": "nvarchar(100)", "LONGVARCHAR": "text",
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint", "REAL": "float",
    "FLOAT": "double", "DOUBLE": "double", "BIT": "bit", "VARBINARY": "varbinary(100)", "TYPE_DATE": "date",
    "TYPE_TIME": "time", "TYPE_TIMESTAMP": "timestamp",
}


class Odbc:
    """One statement handle."""

    def __init__(self, connection_string):
        self.library = ctypes.CDLL("libodbc.so.2")
        environment, connection, statement = HANDLE(), HANDLE(), HANDLE()
        self.call("SQLAllocHandle", SHORT(1), HANDLE(), ctypes.byref(environment))
        self.call("SQLSetEnvAttr", environment, ctypes.c_int(200), HANDLE(3), ctypes.c_int(0))
        self.call("SQLAllocHandle", SHORT(2), environment, ctypes.byref(connection))
        self.connection = connection
        code = self.call("SQLDriverConnect", connection, HANDLE(), connection_string.encode(), SHORT(-3), None, SHORT(0),
                         None, SHORT(0))
        if code not in (0, 1):
            sys.exit(self.state(2, connection, with_text=True))
        self.call("SQLAllocHandle", SHORT(3), connection, ctypes.byref(statement))
        self.statement = statement

    def call(self, name, *arguments):
        return SHORT(getattr(self.library, name)(*arguments)).value

    def state(self, kind, handle, with_text=False):
        state, text = ctypes.create_string_buffer(6), ctypes.create_string_buffer(500)
        native, length = ctypes.c_int(), SHORT()
        self.call("SQLGetDiagRec", SHORT(kind), handle, SHORT(1), state, ctypes.byref(native), text, SHORT(500),
                  ctypes.byref(length))
        return (state.value + b": " + text.value).decode() if with_text else state.value.decode()

    def execute(self, sql):
        """None, or what went wrong."""
        self.call("SQLFreeStmt", self.statement, ctypes.c_ushort(0))
        text = (sql + "\0").encode("utf-16-le")
        if self.call("SQLExecDirectW", self.statement, text, ctypes.c_int(len(text) // 2 - 1)) not in (0, 1, 100):
            return self.state(3, self.statement, with_text=True)
        return None

    def get_data(self, c_type, buffer_length, has_value):
        memory = (ctypes.c_ubyte * MEMORY)(*([UNTOUCHED] * MEMORY))
        length = LEN(-(2**62))
        code = self.call("SQLGetData", self.statement, ctypes.c_ushort(1), SHORT(c_type),
                         memory if has_value else None, LEN(buffer_length), ctypes.byref(length))
        return code, length.value, bytes(memory)


def select(kind, sql_type, literal):
    """The statements that make the cell, the last of which is the query; None if there is no such type."""
    name, digits, word = re.fullmatch(r"(\w+)(?:\(([\d,]+)\))?(?: (\w+))?", sql_type).groups()
    types = POSTGRES if kind == "psqlodbc" else SQLITE
    if name not in types or word:
        return None
    if name == "TYPE_TIMESTAMP" and digits == "9":
        return None
    text = literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
    database_type = types[name].format(d=digits or "0", n=max(len(text), 1))
    if literal == "NULL":
        value = "NULL"
    elif literal.startswith("x"):
        value = f"'\\x{text[1:]}'" if kind == "psqlodbc" else f"x'{text[1:]}'"
    elif kind == "psqlodbc" or literal.startswith("'") or ":" in literal or re.match(r"\d{4}-", literal):
        value = "'" + text.replace("'", "''") + "'"
    else:
        value = literal
    if kind == "psqlodbc":
        return [f"SELECT CAST({value} AS {database_type})"]
    return ["DROP TABLE IF EXISTS t", f"CREATE TABLE t (c {database_type})", f"INSERT INTO t VALUES ({value})",
            "SELECT c FROM t"]


def shown(c_name, memory, state, length):
    """The bytes of the buffer as the file writes them."""
    end = len(memory.rstrip(bytes([UNTOUCHED])))
    written = memory[:end]
    if c_name in ("C_CHAR", "C_WCHAR"):
        if not written:
            return ""
        text = written.decode("utf-8" if c_name == "C_CHAR" else "utf-16-le", errors="replace")
        # libsqliteodbc fills the rest of the buffer with zeros.
        plain = text.rstrip("\0")
        return f'"{plain}"' if text.endswith("\0") and "\0" not in plain else "x" + written.hex()
    if c_name in LAYOUTS:
        layout = LAYOUTS[c_name]
        values = struct.unpack(layout, memory[: struct.calcsize(layout)])
        if c_name == "C_FLOAT":
            return f"{values[0]:.9g}"
        today = datetime.datetime.now(datetime.timezone.utc)
        if len(values) == 7 and values[:3] == (today.year, today.month, today.day):
            values = ("today",) + values[3:]
        return str(values[0]) if len(values) == 1 else "{" + ",".join(map(str, values)) + "}"
    size = min(length, end) if state == "ok" else end
    return "x" + memory[:size].hex()


def answer(odbc, c_type, buffer_length):
    c_name, _, flag = c_type.partition(" ")
    code, length, memory = odbc.get_data(C_TYPES[c_name], 0 if buffer_length == "-" else int(buffer_length),
                                         flag != "novalue")
    if code == 100:
        return "nodata"
    if code not in (0, 1):
        return odbc.state(3, odbc.statement)
    if length == -1:
        return "null"
    state = "ok" if code == 0 else odbc.state(3, odbc.statement)
    return f"{state} {length} {shown(c_name, memory, state, length)}".strip()


def main():
    compare = "--compare" in sys.argv
    kind, connection_string = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    odbc = Odbc(connection_string)
    left_out = 0
    for line in sys.stdin:
        fields = line.rstrip("\n").split(" | ")
        if fields[0] != "get":
            continue
        _, sql_type, literal, c_type, buffer_length, expected, _ = fields
        c_name, _, flag = c_type.partition(" ")
        statements = select(kind, sql_type, literal)
        if statements is None or c_name not in C_TYPES or flag not in ("", "novalue"):
            left_out += 1
            continue
        problem = next(filter(None, map(odbc.execute, statements)), None)
        if problem is not None or odbc.call("SQLFetch", odbc.statement) not in (0, 1):
            print(f"left out: {line.strip()}: {problem}", file=sys.stderr)
            left_out += 1
            continue
        calls = expected.count(" ; ") + 1
        answers = []
        for _ in range(calls):
            answers.append(answer(odbc, c_type, buffer_length))
            if re.match(r"\w{5}$", answers[-1]):
                break
        actual = " ; ".join(answers)
        if not compare:
            print(" | ".join(["get", sql_type, literal, c_type, buffer_length, actual, kind]))
        elif actual != expected:
            print(f"{sql_type} | {literal} | {c_type} | {buffer_length} | expected {expected} | {kind}: {actual}")
    print(f"{left_out} lines left out", file=sys.stderr)


if __name__ == "__main__":
    main()

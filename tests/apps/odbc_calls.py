"""ODBC through a driver manager of choice, wide or narrow: what an application in C would call, by ctypes."""

import ctypes
import itertools

ENV, DBC, STMT = 1, 2, 3
SUCCESS, WITH_INFO, NO_DATA, NEED_DATA, ERROR = 0, 1, 100, 99, -1
NTS, NULL = -3, -1
C_CHAR, C_WCHAR, C_LONG, C_BIGINT, C_DOUBLE, C_TIMESTAMP, C_DEFAULT = 1, -8, 4, -25, 8, 93, 99
VARCHAR, WVARCHAR, INTEGER, TYPE_TIMESTAMP = 12, -9, 4, 93

IODBC, UNIXODBC = "libiodbc.so.2", "libodbc.so.2"
# sizeof(SQLWCHAR)
WIDTHS = {IODBC: 4, UNIXODBC: 2}
ENCODINGS = {1: "utf-8", 2: "utf-16-le", 4: "utf-32-le"}


class OdbcError(Exception):
    def __init__(self, call, records):
        super().__init__(call, records)
        self.call, self.records = call, records

    @property
    def state(self):
        return self.records[0][0] if self.records else None

    @property
    def message(self):
        return self.records[0][2] if self.records else ""


class Timestamp(ctypes.Structure):
    _fields_ = [
        ("year", ctypes.c_short),
        *((name, ctypes.c_ushort) for name in ("month", "day", "hour", "minute", "second")),
        ("fraction", ctypes.c_uint),
    ]

    def __str__(self):
        date = f"{self.year:04}-{self.month:02}-{self.day:02}"
        return f"{date}T{self.hour:02}:{self.minute:02}:{self.second:02}.{self.fraction // 1_000_000:03}Z"


class Manager:
    """A driver manager's functions; `wide` chooses those with a W."""

    def __init__(self, library, wide):
        self.library = ctypes.CDLL(library)
        self.wide = wide
        self.width = WIDTHS[library]
        self.unit = self.width if wide else 1
        self.encoding = ENCODINGS[self.unit]
        self.c_text = C_WCHAR if wide else C_CHAR

    def call(self, name, *values, text=False):
        """Calls and gives the code. Python integers go as pointers would: the ABI extends them all to a register."""
        function = getattr(self.library, name + ("W" if text and self.wide else ""))
        function.restype = ctypes.c_short
        given = [ctypes.c_void_p(value & 2**64 - 1) if isinstance(value, int) else value for value in values]
        return function(*given)

    def encoded(self, text):
        """A terminated text as this manager's characters."""
        return ctypes.create_string_buffer((text + "\0").encode(self.encoding))

    def decoded(self, buffer, units):
        return buffer.raw[: units * self.unit].decode(self.encoding)

    def records(self, kind, handle):
        """(SQLSTATE, native code, text, told length) of every record."""
        found = []
        for number in itertools.count(1):
            state, text = self.buffer(6), self.buffer(1000)
            native, length = ctypes.c_int(), ctypes.c_short()
            code = self.call("SQLGetDiagRec", kind, handle, number, state, ctypes.byref(native), text, 1000,
                             ctypes.byref(length), text=True)  # fmt: skip
            if code not in (SUCCESS, WITH_INFO):
                return found
            found.append((self.decoded(state, 5), native.value, self.terminated(text), length.value))

    def buffer(self, units):
        return ctypes.create_string_buffer(b"\xee" * (units * self.unit), units * self.unit)

    def terminated(self, buffer):
        """The text before the terminator."""
        end = bytes(self.unit)
        raw = buffer.raw
        ends = (at for at in range(0, len(raw), self.unit) if raw[at : at + self.unit] == end)
        return raw[: next(ends)].decode(self.encoding)


class Connection:
    def __init__(self, manager, string=None, version=3, before=(), dsn=None):
        """before: (attribute, value) of the connection."""
        self.manager = manager
        self.env = self.allocate(ENV, None)
        self.call("SQLSetEnvAttr", ENV, self.env, 200, version, 0)
        self.dbc = self.allocate(DBC, self.env)
        self.out = None
        try:
            for attribute, value in before:
                self.call("SQLSetConnectAttr", DBC, self.dbc, attribute, value, 0, text=True)
            if dsn:
                name = manager.encoded(dsn)
                self.call("SQLConnect", DBC, self.dbc, name, NTS, None, 0, None, 0, text=True)
            else:
                out, length = manager.buffer(1024), ctypes.c_short()
                self.call("SQLDriverConnect", DBC, self.dbc, None, manager.encoded(string), NTS, out, 1024,
                          ctypes.byref(length), 0, text=True)  # fmt: skip
                self.out = (manager.terminated(out), length.value)
        except OdbcError:
            self.free()
            raise

    def allocate(self, kind, parent):
        handle = ctypes.c_void_p()
        code = self.manager.call("SQLAllocHandle", kind, parent, ctypes.byref(handle))
        if code != SUCCESS:
            parents = {DBC: ENV, STMT: DBC}
            raise OdbcError("SQLAllocHandle", self.manager.records(parents.get(kind, ENV), parent) if parent else [])
        return handle.value

    def call(self, name, kind, handle, *values, text=False, fine=(SUCCESS, WITH_INFO)):
        code = self.manager.call(name, handle, *values, text=text)
        if code not in fine:
            raise OdbcError(name, self.manager.records(kind, handle))
        return code

    def text_of(self, name, *values, kind=DBC, handle=None, units=256, bytes_told=True, short=True, trailing=()):
        """A text out of SQLGetInfo and its like: (text, told length)."""
        buffer = self.manager.buffer(units)
        length = (ctypes.c_short if short else ctypes.c_int)()
        capacity = units * self.manager.unit if bytes_told else units
        self.call(name, kind, handle or self.dbc, *values, buffer, capacity, ctypes.byref(length), *trailing, text=True)
        return self.manager.terminated(buffer), length.value

    def info(self, number):
        return self.text_of("SQLGetInfo", number)

    def statement(self):
        return Statement(self)

    def disconnect(self):
        self.call("SQLDisconnect", DBC, self.dbc)
        self.free()

    def free(self):
        self.manager.call("SQLFreeHandle", DBC, self.dbc)
        self.manager.call("SQLFreeHandle", ENV, self.env)


class Statement:
    def __init__(self, connection):
        self.connection, self.manager = connection, connection.manager
        self.handle = connection.allocate(STMT, connection.dbc)
        self.kept = []

    def call(self, name, *values, text=False, fine=(SUCCESS, WITH_INFO)):
        return self.connection.call(name, STMT, self.handle, *values, text=text, fine=fine)

    def execute(self, sql, *parameters):
        for number, (c_type, sql_type, value) in enumerate(parameters, 1):
            self.bind_parameter(number, c_type, sql_type, value)
        self.call("SQLExecDirect", self.manager.encoded(sql), NTS, text=True)
        return self

    def bind_parameter(self, number, c_type, sql_type, value):
        length = ctypes.c_ssize_t(NTS)
        if value is None:
            memory, length.value = None, NULL
        elif c_type == C_CHAR:
            memory = ctypes.create_string_buffer(value.encode())
        elif c_type == C_WCHAR:
            memory = ctypes.create_string_buffer((value + "\0").encode(ENCODINGS[self.manager.width]))
        else:
            memory, length.value = value, ctypes.sizeof(value)
        size = len(memory) if c_type in (C_CHAR, C_WCHAR) and memory is not None else 0
        at = ctypes.cast(ctypes.byref(memory), ctypes.c_void_p) if memory is not None else None
        self.kept += [memory, length]
        digits = 3 if sql_type == TYPE_TIMESTAMP else 0
        columns = 23 if sql_type == TYPE_TIMESTAMP else max(200, 2 * size)
        self.call("SQLBindParameter", number, 1, c_type, sql_type, columns, digits, at, size, ctypes.byref(length))

    def tables(self):
        self.call("SQLTables", None, 0, None, 0, None, 0, None, 0, text=True)
        return self

    def columns_of(self, table):
        self.call("SQLColumns", None, 0, None, 0, self.manager.encoded(table), NTS, None, 0, text=True)
        return self

    def columns(self):
        count = ctypes.c_short()
        self.call("SQLNumResultCols", ctypes.byref(count))
        return count.value

    def describe(self, column):
        """(name, told length, SQL type, size)"""
        name, length = self.manager.buffer(200), ctypes.c_short()
        sql_type, size = ctypes.c_short(), ctypes.c_size_t()
        self.call("SQLDescribeCol", column, name, 200, ctypes.byref(length), ctypes.byref(sql_type), ctypes.byref(size),
                  None, None, text=True)  # fmt: skip
        return self.manager.terminated(name), length.value, sql_type.value, size.value

    def fetch(self):
        return self.call("SQLFetch", fine=(SUCCESS, WITH_INFO, NO_DATA)) != NO_DATA

    def get(self, column, value, c_type):
        """SQLGetData into a ctypes value; None for NULL."""
        told = ctypes.c_ssize_t()
        self.call("SQLGetData", column, c_type, ctypes.byref(value), ctypes.sizeof(value), ctypes.byref(told))
        return None if told.value == NULL else value

    def text(self, column, units=1000, c_type=None):
        """A text by SQLGetData, in as many parts as it takes, each `units` characters with the terminator."""
        c_type = self.manager.c_text if c_type is None else c_type
        unit = self.manager.width if c_type == C_WCHAR else 1
        encoding = ENCODINGS[unit]
        parts = b""
        while True:
            room = units * unit
            buffer = ctypes.create_string_buffer(b"\xee" * room, room + 8)
            told = ctypes.c_ssize_t()
            code = self.call("SQLGetData", column, c_type, buffer, room, ctypes.byref(told),
                             fine=(SUCCESS, WITH_INFO, NO_DATA))  # fmt: skip
            if code == NO_DATA:
                break
            if told.value == NULL:
                return None
            assert buffer.raw[room:] == bytes(8), "written beyond the buffer"
            parts += buffer.raw[: room - unit if code == WITH_INFO else told.value]
            if code == SUCCESS:
                break
        return parts.decode(encoding)

    def rows(self, units=1000, c_type=None):
        count = self.columns()
        found = []
        while self.fetch():
            found.append([self.text(column, units, c_type) for column in range(1, count + 1)])
        return found

    def close(self):
        self.call("SQLFreeStmt", 0)
        self.call("SQLFreeStmt", 3)

    def free(self):
        self.manager.call("SQLFreeHandle", STMT, self.handle)

"""Every buffer that the driver writes, and every one that it reads, as long as it was told and with a wall behind: a byte too many
ends this program. One function a family of calls; each prints how many calls it made."""

import ctypes
import itertools
import json
import sys

import c_abi
from c_abi import DBC, ENV, ERROR, NEED_DATA, NO_DATA, NTS, STMT, SUCCESS, WITH_INFO, Walled

FINE = (SUCCESS, WITH_INFO, NO_DATA)
CHAR, WCHAR, BINARY = 1, -8, -2
# Bytes of a SQLWCHAR: iODBC has four.
WIDE = 4 if "DriverManagerEncoding=UTF-32" in sys.argv[-1] else 2
WIDE_ENCODING = {2: "utf-16-le", 4: "utf-32-le"}[WIDE]
# C types of a fixed size, as ODBC's appendix D gives it.
FIXED = {
    "SQL_C_BIT": (-7, 1),
    "SQL_C_TINYINT": (-6, 1),
    "SQL_C_STINYINT": (-26, 1),
    "SQL_C_UTINYINT": (-28, 1),
    "SQL_C_SHORT": (5, 2),
    "SQL_C_SSHORT": (-15, 2),
    "SQL_C_USHORT": (-17, 2),
    "SQL_C_LONG": (4, 4),
    "SQL_C_SLONG": (-16, 4),
    "SQL_C_ULONG": (-18, 4),
    "SQL_C_SBIGINT": (-25, 8),
    "SQL_C_UBIGINT": (-27, 8),
    "SQL_C_FLOAT": (7, 4),
    "SQL_C_DOUBLE": (8, 8),
    "SQL_C_TYPE_DATE": (91, 6),
    "SQL_C_TYPE_TIME": (92, 6),
    "SQL_C_TYPE_TIMESTAMP": (93, 16),
    "SQL_C_DATE": (9, 6),
    "SQL_C_TIME": (10, 6),
    "SQL_C_TIMESTAMP": (11, 16),
    "SQL_C_NUMERIC": (2, 19),
    "SQL_C_GUID": (-11, 16),
    # SQL_INTERVAL_STRUCT
    **{f"SQL_C_INTERVAL {code}": (code, 28) for code in range(101, 114)},
}
LONG_TEXT = "Zoë 漢🎉e\u0301 " * 700
# One column for each SQL type that the driver has.
VALUES = {
    "BIT": "CAST(1 AS BIT)",
    "TINYINT": "CAST(42 AS TINYINT)",
    "SMALLINT": "CAST(-1234 AS SMALLINT)",
    "INTEGER": "CAST(123456789 AS INTEGER)",
    "BIGINT": "CAST(-9007199254740993 AS BIGINT)",
    "REAL": "CAST('0.1' AS REAL)",
    "DOUBLE": "CAST('1.7976931348623157e308' AS DOUBLE PRECISION)",
    "DECIMAL": "CAST('-1234.0000000001' AS DECIMAL(28, 10))",
    "VARCHAR": "CAST('2024-02-29' AS NVARCHAR(100))",
    "digits": "CAST('7' AS NVARCHAR(100))",
    "Unicode": "CAST('Zoë 漢🎉e\u0301' AS NVARCHAR(100))",
    "long": f"CAST('{LONG_TEXT}' AS NVARCHAR(20000))",
    "empty": "CAST('' AS NVARCHAR(100))",
    "guid": "CAST('12345678-1234-5678-1234-567812345678' AS NVARCHAR(36))",
    "DATE": "CAST('2024-02-29' AS DATE)",
    "TIME": "CAST('12:34:56' AS TIME)",
    "TIMESTAMP": "CAST('2024-02-29 12:34:56.789' AS DATETIME2)",
    "VARBINARY": "CAST(0xDEADBEEF AS VARBINARY(100))",
    "NULL": "CAST(NULL AS NVARCHAR(100))",
}


class Program(c_abi.Application):
    """Counts its calls, and says on stderr what it is about to do, which a crash leaves as the last line."""

    def __init__(self, string):
        super().__init__(c_abi.Driver(), string)
        self.calls = 0

    def about_to(self, *what):
        self.calls += 1
        print(*what, file=sys.stderr, flush=True)

    def raw(self, symbol, *values):
        return self.driver.functions[symbol].call(*values)

    def fresh(self, sql=None):
        if self.stmt:
            self.driver.free(STMT, self.stmt)
        self.allocate_statement()
        if sql:
            self.execute(sql)


def sizes(whole, unit):
    """None, less than one unit, odd ones, one less than whole, whole, more."""
    return sorted({0, 1, 2, 3, unit, 2 * unit + 1, whole - 1, whole, whole + unit - 1, whole + unit, whole + 9} - {-1})


def get_data(program):
    """SQLGetData of each SQL type as each C type."""
    for name, expression in VALUES.items():
        for fixed, (c_type, size) in FIXED.items():
            program.fresh(f"SELECT {expression}")
            program.do("SQLFetch", program.stmt)
            buffer, told = Walled(size), Walled(8)
            program.about_to("SQLGetData", name, fixed)
            # BufferLength says nothing of a fixed type.
            program.raw("SQLGetData", program.stmt, 1, c_type, buffer.address, 0, told.address)
        for c_type, unit in ((CHAR, 1), (WCHAR, WIDE), (BINARY, 1), (99, 1)):
            program.fresh(f"SELECT {expression}")
            program.do("SQLFetch", program.stmt)
            told = ctypes.c_ssize_t()
            code = program.raw("SQLGetData", program.stmt, 1, c_type, None, 0, ctypes.addressof(told))
            if code == ERROR or told.value < 0:
                continue
            if c_type == 99 and name not in ("VARCHAR", "digits", "Unicode", "long", "empty", "guid", "VARBINARY"):
                continue
            for size in sizes(told.value, unit):
                program.fresh(f"SELECT {expression}")
                program.do("SQLFetch", program.stmt)
                for part in itertools.count():
                    buffer, length = Walled(size), Walled(8)
                    program.about_to("SQLGetData", name, c_type, "part", part, "of", size)
                    code = program.raw("SQLGetData", program.stmt, 1, c_type, buffer.address, size, length.address)
                    if code != WITH_INFO or part > 5:
                        break


def bound_columns(program):
    """Columns bound to arrays, by column and by row, every C type, with offsets, statuses and bookmarks."""
    types = [(name, c_type, size) for name, (c_type, size) in FIXED.items()]
    types += [(f"text of {size}", c_type, size) for c_type in (CHAR, WCHAR, BINARY) for size in (0, 1, 2, 3, 7, 8, 21, 42, 101)]
    columns = "ProfileSeatNumber", "ProfileFirstName", "Created", "ProfileContractHours", "ProfileBadgeActive", "Id"
    for (name, c_type, size), rows, column in itertools.product(types, (1, 7), columns):
        program.fresh()
        data, lengths, status, fetched = Walled(size * rows), Walled(8 * rows), Walled(2 * rows), Walled(8)
        set_rowset(program, rows, status, fetched)
        program.do("SQLBindCol", program.stmt, 1, c_type, data.address, size, lengths.address)
        read(program, f"SELECT {column} FROM Users", name, rows)
        # The same by row, in a structure that ends with its data, and begins at an offset.
        width = 8 + size
        program.fresh()
        offset, block = Walled(8), Walled(16 + width * rows)
        ctypes.c_size_t.from_address(offset.address).value = 16
        set_rowset(program, rows, status, fetched)
        program.do("SQLSetStmtAttr", program.stmt, 5, width, 0)
        program.do("SQLSetStmtAttr", program.stmt, 23, offset.address, 0)
        program.do("SQLBindCol", program.stmt, 1, c_type, block.address + 8, size, block.address)
        read(program, f"SELECT {column} FROM Users", name, "by row", rows)


def set_rowset(program, rows, status, fetched):
    for attribute, value in ((27, rows), (25, status.address), (26, fetched.address)):
        program.do("SQLSetStmtAttr", program.stmt, attribute, value, 0)


def read(program, sql, *what):
    program.about_to("fetching", *what, sql)
    if program.raw("SQLExecDirect", program.stmt, sql.encode(), len(sql.encode())) not in FINE:
        raise AssertionError(program.driver.state(STMT, program.stmt))
    for _ in range(60):
        if program.raw("SQLFetchScroll", program.stmt, 1, 0) in (NO_DATA, -2):
            return
    raise AssertionError("no end")


def bookmarks(program):
    """Column 0 of a scrollable cursor, as SQL_C_BOOKMARK and as SQL_C_VARBOOKMARK, bound and by SQLGetData."""
    for (c_type, size), rows in itertools.product(((-27, 8), (-18, 4), (BINARY, 4), (BINARY, 8), (BINARY, 3)), (1, 4)):
        program.fresh()
        data, lengths, status, fetched = Walled(size * rows), Walled(8 * rows), Walled(2 * rows), Walled(8)
        for attribute, value in ((6, 3), (12, 2)):
            program.do("SQLSetStmtAttr", program.stmt, attribute, value, 0)
        set_rowset(program, rows, status, fetched)
        code = program.raw("SQLBindCol", program.stmt, 0, c_type, data.address, size, lengths.address)
        if code == ERROR:
            continue
        program.execute("SELECT Id FROM Users")
        for direction in (1, 1, 2, 3, 4):
            program.about_to("SQLFetchScroll with bookmarks", c_type, size, rows)
            program.raw("SQLFetchScroll", program.stmt, direction, 0)
        single = Walled(size)
        program.about_to("SQLGetData of a bookmark", c_type, size)
        program.raw("SQLGetData", program.stmt, 0, c_type, single.address, size, lengths.address)


def extended_fetch(program):
    for rows in (1, 3, 50):
        program.fresh()
        data, lengths, status, fetched = Walled(9 * rows), Walled(8 * rows), Walled(2 * rows), Walled(8)
        # SQL_ROWSET_SIZE
        program.do("SQLSetStmtAttr", program.stmt, 9, rows, 0)
        program.do("SQLBindCol", program.stmt, 1, CHAR, data.address, 9, lengths.address)
        program.execute("SELECT Id FROM Users")
        for _ in range(60):
            program.about_to("SQLExtendedFetch", rows)
            if program.raw("SQLExtendedFetch", program.stmt, 1, 0, fetched.address, status.address) == NO_DATA:
                break


def info(program):
    """Every SQLGetInfo: numbers into just their size, texts at every interesting length."""
    for number in (*range(0, 181), *range(10_000, 10_030), 20_000, 20_002, 25_000, 1750):
        lengths = {}
        for symbol in ("SQLGetInfo", "SQLGetInfoW"):
            told, room = ctypes.c_short(-1), ctypes.create_string_buffer(70_000)
            code = program.raw(symbol, program.dbc, number, ctypes.addressof(room), 32_000, ctypes.addressof(told))
            if code in FINE:
                lengths[symbol] = told.value
        if not lengths:
            continue
        text = lengths["SQLGetInfo"] != lengths["SQLGetInfoW"] or lengths["SQLGetInfo"] not in (2, 4, 8)
        for symbol, unit in (("SQLGetInfo", 1), ("SQLGetInfoW", WIDE)):
            for size in sizes(lengths[symbol], unit) if text else [lengths[symbol]]:
                buffer, told = Walled(size), Walled(2)
                program.about_to(symbol, number, size)
                program.raw(symbol, program.dbc, number, buffer.address, size if text else 0, told.address)


# Attributes of a connection and the bytes that the reference of SQLSetConnectAttr gives them.
CONNECTION_ATTRIBUTES = {101: 4, 102: 4, 103: 4, 104: 4, 107: 4, 108: 4, 110: 8, 111: 8, 112: 4, 113: 4, 1209: 4, 10001: 4}
CONNECTION_ATTRIBUTES |= {4: 8, 117: 4, 10014: 4, 115: 4, 1061: 4}
STATEMENT_ATTRIBUTES = [
    *range(0, 31), -1, -2, 1227, 1228, 10010, 10011, 10012, 10013, 10014, 15,
]  # fmt: skip


def attributes(program):
    for number, size in CONNECTION_ATTRIBUTES.items():
        for symbol in ("SQLGetConnectAttr", "SQLGetConnectAttrW"):
            buffer, told = Walled(size), Walled(4)
            program.about_to(symbol, number)
            program.raw(symbol, program.dbc, number, buffer.address, 0, told.address)
    for number in (105, 106, 109, 119):
        for symbol, unit in (("SQLGetConnectAttr", 1), ("SQLGetConnectAttrW", WIDE)):
            for size in sizes(4 * unit, unit):
                buffer, told = Walled(size), Walled(4)
                program.about_to(symbol, number, size)
                program.raw(symbol, program.dbc, number, buffer.address, size, told.address)
    program.fresh("SELECT 1")
    program.do("SQLFetch", program.stmt)
    for number in STATEMENT_ATTRIBUTES:
        for symbol in ("SQLGetStmtAttr", "SQLGetStmtAttrW"):
            buffer, told = Walled(8), Walled(4)
            program.about_to(symbol, number)
            program.raw(symbol, program.stmt, number, buffer.address, 0, told.address)
    for number in (200, 201, 202, 10001, 1065):
        buffer, told = Walled(4), Walled(4)
        program.about_to("SQLGetEnvAttr", number)
        program.raw("SQLGetEnvAttr", program.env, number, buffer.address, 0, told.address)
    for number, size in ((0, 200), (999, 500), (11, 2)):
        buffer = Walled(size)
        program.about_to("SQLGetFunctions", number)
        program.raw("SQLGetFunctions", program.dbc, number, buffer.address)


# Fields and their bytes, as the reference of SQLSetDescField gives them; 0 is a text.
DESCRIPTOR_HEADER = {1099: 2, 20: 8, 21: 8, 24: 8, 25: 4, 1001: 2, 34: 8}
DESCRIPTOR_FIELDS = {
    11: 4, 12: 4, 2: 2, 1010: 8, 1007: 2, 26: 4, 6: 8, 9: 2, 1009: 8, 1003: 8, 1008: 2, 32: 4, 1013: 8, 1004: 8, 33: 2,
    1005: 2, 35: 2, 1006: 2, 13: 2, 1002: 2, 1012: 2, 8: 2, 10: 2,
    22: 0, 23: 0, 17: 0, 18: 0, 27: 0, 28: 0, 29: 0, 1011: 0, 16: 0, 15: 0, 14: 0,
}  # fmt: skip
DIAGNOSTIC_HEADER = {-1249: 8, 7: 0, 12: 4, 2: 4, 1: 2, 3: 8}
DIAGNOSTIC_FIELDS = {8: 0, -1247: 4, 10: 0, 6: 0, 5: 4, -1248: 8, 11: 0, 4: 0, 9: 0}


def texts(program, symbol, unit, *before, bytes_told=True, short=True, after=(), measured=None):
    """A function that gives a text, at every interesting length of its buffer."""
    kind = ctypes.c_short if short else ctypes.c_int
    told, room = kind(-1), ctypes.create_string_buffer(8000)
    capacity = 4000 if bytes_told else 2000
    program.raw(symbol, *before, ctypes.addressof(room), capacity, ctypes.addressof(told), *after)
    whole = max(told.value, 0) * (1 if bytes_told else unit)
    for size in sizes(whole, unit):
        if not bytes_told and size % unit:
            continue
        buffer, length = Walled(size), Walled(ctypes.sizeof(kind))
        program.about_to(symbol, before[1:], size)
        program.raw(symbol, *before, buffer.address, size if bytes_told else size // unit, length.address, *after)


def descriptors(program):
    program.fresh("SELECT Id, ProfileFirstName AS \"Größe 漢🎉\", Created, ProfileSeatNumber FROM Users")
    program.do("SQLFetch", program.stmt)
    for attribute in (10010, 10011, 10012, 10013):
        handle = program.attribute(attribute)
        for symbol, unit in (("SQLGetDescField", 1), ("SQLGetDescFieldW", WIDE)):
            for record in range(5):
                for field, size in (DESCRIPTOR_HEADER if record == 0 else DESCRIPTOR_FIELDS).items():
                    if not size:
                        texts(program, symbol, unit, handle, record, field, short=False)
                        continue
                    buffer, told = Walled(size), Walled(4)
                    program.about_to(symbol, attribute, record, field)
                    program.raw(symbol, handle, record, field, buffer.address, 0, told.address)
        for symbol, unit in (("SQLGetDescRec", 1), ("SQLGetDescRecW", WIDE)):
            for record in range(5):
                for units in (0, 1, 2, 5, 8, 9, 10, 15, 16, 17):
                    name, others = Walled(units * unit), [Walled(size) for size in (2, 2, 2, 8, 2, 2, 2)]
                    program.about_to(symbol, attribute, record, units)
                    program.raw(symbol, handle, record, name.address, units, *(other.address for other in others))
    for symbol, unit in (("SQLDescribeCol", 1), ("SQLDescribeColW", WIDE)):
        for column in range(1, 5):
            for units in (0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17):
                name, others = Walled(units * unit), [Walled(size) for size in (2, 2, 8, 2, 2)]
                program.about_to(symbol, column, units)
                program.raw(symbol, program.stmt, column, name.address, units, *(other.address for other in others))
    for symbol, unit in (("SQLColAttribute", 1), ("SQLColAttributeW", WIDE)):
        for column in range(5):
            for field, size in (DESCRIPTOR_FIELDS | {1001: 2, 3: 4, 4: 2, 5: 2, 7: 4, 1: 0}).items():
                number = Walled(8)
                texts(program, symbol, unit, program.stmt, column, field, after=(number.address,))
    program.fresh()
    text = b"SELECT Id FROM Users WHERE Id = ? AND Created > ?"
    program.do("SQLPrepare", program.stmt, text, len(text))
    for parameter in (1, 2):
        others = [Walled(size) for size in (2, 8, 2, 2)]
        program.about_to("SQLDescribeParam", parameter)
        program.raw("SQLDescribeParam", program.stmt, parameter, *(other.address for other in others))
    for symbol, size in (("SQLNumParams", 2), ("SQLNumResultCols", 2)):
        buffer = Walled(size)
        program.about_to(symbol)
        program.do(symbol, program.stmt, buffer.address)
    program.fresh("SELECT 1")
    buffer = Walled(8)
    program.about_to("SQLRowCount")
    program.do("SQLRowCount", program.stmt, buffer.address)


def diagnostics(program):
    program.fresh()
    program.execute("SELECT Größe漢🎉 FROM Users", allowed=(ERROR,))
    for symbol, unit in (("SQLGetDiagField", 1), ("SQLGetDiagFieldW", WIDE)):
        for record in (0, 1, 2):
            for field, size in (DIAGNOSTIC_FIELDS if record else DIAGNOSTIC_HEADER).items():
                if not size:
                    texts(program, symbol, unit, STMT, program.stmt, record, field)
                    continue
                buffer, told = Walled(size), Walled(2)
                program.about_to(symbol, record, field)
                program.raw(symbol, STMT, program.stmt, record, field, buffer.address, 0, told.address)
    for symbol, unit in (("SQLGetDiagRec", 1), ("SQLGetDiagRecW", WIDE)):
        for units in (0, 1, 2, 3, 30, *range(70, 140)):
            state, native, text, told = Walled(6 * unit), Walled(4), Walled(units * unit), Walled(2)
            program.about_to(symbol, units)
            program.raw(
                symbol, STMT, program.stmt, 1, state.address, native.address, text.address, units, told.address
            )


def others(program):
    """SQLGetCursorName, SQLNativeSql, the strings of SQLDriverConnect and SQLBrowseConnect."""
    program.fresh()
    for symbol, unit in (("SQLGetCursorName", 1), ("SQLGetCursorNameW", WIDE)):
        texts(program, symbol, unit, program.stmt, bytes_told=False)
    for sql in ("SELECT 1", "SELECT 'Zoë 漢🎉e\u0301'"):
        for symbol, encoding, unit in (("SQLNativeSql", "utf-8", 1), ("SQLNativeSqlW", WIDE_ENCODING, WIDE)):
            given = Walled(sql.encode(encoding))
            texts(program, symbol, unit, program.dbc, given.address, given.size // unit, bytes_told=False, short=False)
    string = program.string + ";Other=Zoë 漢🎉"
    for symbol, encoding, unit in (("SQLDriverConnect", "utf-8", 1), ("SQLDriverConnectW", WIDE_ENCODING, WIDE)):
        given = Walled(string.encode(encoding))
        whole = given.size // unit
        for units in (0, 1, 2, 3, 10, whole - 3, whole - 2, whole - 1, whole, whole + 1, whole + 2):
            dbc = program.driver.allocate(DBC, program.env)
            out, told = Walled(units * unit), Walled(2)
            program.about_to(symbol, units)
            code = program.raw(symbol, dbc, None, given.address, whole, out.address, units, told.address, 0)
            assert code in FINE, (symbol, units, program.driver.state(DBC, dbc))
            program.raw("SQLDisconnect", dbc)
            program.driver.free(DBC, dbc)
    for symbol, encoding, unit in (("SQLBrowseConnect", "utf-8", 1), ("SQLBrowseConnectW", WIDE_ENCODING, WIDE)):
        for units in range(0, 40):
            dbc = program.driver.allocate(DBC, program.env)
            for text in ("DRIVER={Okta ODBC Driver}", program.string):
                given, out, told = Walled(text.encode(encoding)), Walled(units * unit), Walled(2)
                program.about_to(symbol, units)
                code = program.raw(symbol, dbc, given.address, given.size // unit, out.address, units, told.address)
                assert code in (*FINE, NEED_DATA), (symbol, units)
            program.raw("SQLDisconnect", dbc)
            program.driver.free(DBC, dbc)


# C type, SQL type, a value of it, and whether its size is fixed.
PARAMETERS = [
    *((name, c_type, {1: -7, 2: 5, 4: 4, 8: -5}[size], bytes(size)) for name, (c_type, size) in FIXED.items() if size in (1, 2, 4, 8)
      and c_type not in (7, 8)),
    ("SQL_C_FLOAT", 7, 7, bytes(4)),
    ("SQL_C_DOUBLE", 8, 8, bytes(8)),
    ("SQL_C_TYPE_DATE", 91, 91, b"\xe8\x07\x02\0\x1d\0"),
    ("SQL_C_TYPE_TIME", 92, 92, bytes(6)),
    ("SQL_C_TYPE_TIMESTAMP", 93, 93, b"\xe8\x07\x02\0\x1d\0" + bytes(10)),
    ("SQL_C_NUMERIC", 2, 3, b"\x05\0\x01" + bytes(16)),
    ("SQL_C_GUID", -11, 12, bytes(16)),
    ("SQL_C_CHAR", CHAR, 12, "Zoë 漢🎉".encode()),
    ("SQL_C_WCHAR", WCHAR, -9, "Zoë 漢🎉".encode(WIDE_ENCODING)),
    ("SQL_C_BINARY", BINARY, -3, b"\xde\xad\xbe\xef"),
]  # fmt: skip


def parameters(program):
    """Values that end at a wall: alone and in arrays of both layouts, by length and by terminator, and in pieces."""
    for (name, c_type, sql_type, value), rows in itertools.product(PARAMETERS, (1, 4)):
        size = len(value)
        sized = c_type in (CHAR, WCHAR, BINARY)
        # A decimal has 38 digits at the most.
        most = 38 if sql_type in (2, 3) else 50
        # By column.
        program.fresh()
        data, lengths = Walled(value * rows), Walled(size.to_bytes(8, "little") * rows)
        status, processed = Walled(2 * rows), Walled(8)
        set_paramset(program, rows, status, processed)
        program.about_to("a parameter by column", name, rows)
        program.do("SQLBindParameter", program.stmt, 1, 1, c_type, sql_type, most, 0, data.address, size if sized else 0,
                   lengths.address)  # fmt: skip
        drain(program, program.execute("SELECT ?"))
        # By row: a length and, at the end of the structure, the value.
        program.fresh()
        block = Walled((size.to_bytes(8, "little") + value) * rows)
        set_paramset(program, rows, status, processed)
        program.do("SQLSetStmtAttr", program.stmt, 18, 8 + size, 0)
        program.about_to("a parameter by row", name, rows)
        program.do("SQLBindParameter", program.stmt, 1, 1, c_type, sql_type, most, 0, block.address + 8, size if sized else 0,
                   block.address)  # fmt: skip
        drain(program, program.execute("SELECT ?"))
        # By terminator, or for fixed sizes without any length.
        program.fresh()
        unit = {CHAR: 1, WCHAR: WIDE}.get(c_type)
        ended = Walled(value + bytes(unit) if unit else value)
        if c_type != BINARY:
            program.about_to("a parameter without a length", name)
            program.do("SQLBindParameter", program.stmt, 1, 1, c_type, sql_type, most, 0, ended.address, 0, None)
            drain(program, program.execute("SELECT ?"))
        # In pieces, or for fixed sizes at once.
        program.fresh()
        at_execution = Walled((-2 & 2**64 - 1).to_bytes(8, "little"))
        program.do("SQLBindParameter", program.stmt, 1, 1, c_type, sql_type, most, 0, 7, 0, at_execution.address)
        program.execute("SELECT ?", allowed=(NEED_DATA,))
        token = Walled(8)
        program.do("SQLParamData", program.stmt, token.address, allowed=(NEED_DATA,))
        step = (WIDE if c_type == WCHAR else 1) if sized else size
        for start in range(0, size, step):
            piece = Walled(value[start : start + step])
            program.about_to("a piece of a parameter", name, start)
            program.do("SQLPutData", program.stmt, piece.address, piece.size)
        drain(program, program.do("SQLParamData", program.stmt, None))


def set_paramset(program, rows, status, processed):
    for attribute, value in ((22, rows), (20, status.address), (21, processed.address)):
        program.do("SQLSetStmtAttr", program.stmt, attribute, value, 0)


def drain(program, _code):
    while program.raw("SQLFetch", program.stmt) in (SUCCESS, WITH_INFO):
        pass


def statements(program):
    """SQL and names that end at a wall, by length without a terminator and by terminator."""
    for sql in ("SELECT 1", "SELECT 'Zoë 漢🎉' AS é", "SELECT Id FROM Users -- 🎉"):
        for symbol, encoding, unit in (("SQLExecDirect", "utf-8", 1), ("SQLExecDirectW", WIDE_ENCODING, WIDE)):
            for text, length in ((sql, None), (sql + "\0", NTS)):
                for prepared in (False, True):
                    program.fresh()
                    given = Walled(text.encode(encoding))
                    name = symbol.replace("ExecDirect", "Prepare") if prepared else symbol
                    program.about_to(name, length)
                    told = length or given.size // unit
                    program.do(name, program.stmt, given.address, told)
    for symbol, encoding, unit in (("SQLTables", "utf-8", 1), ("SQLTablesW", WIDE_ENCODING, WIDE)):
        for ended in ("", "\0"):
            program.fresh()
            given = [Walled((text + ended).encode(encoding)) for text in ("Okta", "dbo", "Us_rs", "'TABLE'")]
            program.about_to(symbol)
            values = [v for text in given for v in (text.address, NTS if ended else text.size // unit)]
            program.do(symbol, program.stmt, *values)
    for symbol, encoding, unit in (("SQLSetConnectAttr", "utf-8", 1), ("SQLSetConnectAttrW", WIDE_ENCODING, WIDE)):
        for ended in ("", "\0"):
            given = Walled(("Okta" + ended).encode(encoding))
            program.about_to(symbol)
            program.do(symbol, program.dbc, 109, given.address, NTS if ended else given.size)


FAMILIES = {
    function.__name__: function
    for function in (
        get_data, bound_columns, bookmarks, extended_fetch, info, attributes, descriptors, diagnostics, others, parameters,
        statements,
    )
}  # fmt: skip


def main(family, string):
    program = Program(string).connect()
    FAMILIES[family](program)
    if program.stmt:
        program.driver.free(STMT, program.stmt)
    assert program.raw("SQLDisconnect", program.dbc) == SUCCESS
    program.driver.free(DBC, program.dbc)
    program.driver.free(ENV, program.env)
    print(json.dumps(program.calls))


if __name__ == "__main__":
    main(*sys.argv[1:])

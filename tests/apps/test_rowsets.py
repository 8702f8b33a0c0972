"""Rowsets of bound columns: every row's values, lengths and status, and the records of those that did not go well."""

import ctypes

import pytest

import c_abi
from c_abi import NO_DATA, STMT, SUCCESS, WITH_INFO

ROW_BIND_TYPE, BIND_OFFSET, ROW_STATUS, ROWS_FETCHED, CURSOR_TYPE, ROW_ARRAY_SIZE = 5, 23, 25, 26, 6, 27
FORWARD_ONLY, STATIC = 0, 3
C_CHAR, C_SHORT, C_WCHAR = 1, 5, -8
ROW_SUCCESS, ROW_NOROW, ROW_ERROR, ROW_INFO = 0, 3, 5, 6
NULL = -1
DIAG_ROW, DIAG_COLUMN = -1248, -1247

# Each row, read as SQL_C_SHORT and as SQL_C_CHAR of four bytes; the status and the records that appendix D asks for.
ROWS = [
    ("'5'", "'ab'", (5, b"ab", 2), ROW_SUCCESS, []),
    ("'abc'", "'abcdef'", (None, b"abc", 6), ROW_ERROR, [("22018", 1), ("01004", 2)]),
    ("NULL", "'xyz'", (NULL, b"xyz", 3), ROW_SUCCESS, []),
    ("'12.5'", "NULL", (12, None, NULL), ROW_INFO, [("01S07", 1)]),
    ("'70000'", "''", (None, b"", 0), ROW_ERROR, [("22003", 1)]),
    ("'-7'", "'Zoë'", (-7, b"Zo", 4), ROW_INFO, [("01004", 2)]),
]
# Parts of a UNION ALL come in batches of their own.
SQL = " UNION ALL ".join(f"SELECT {number} AS number, {text} AS text" for number, text, *_ in ROWS)
UNTOUCHED = 0x5A


class Row(ctypes.Structure):
    """Row-wise binding: as far apart as the application says, in memory that is not aligned."""

    _pack_ = 1
    _fields_ = [
        ("before", ctypes.c_char),
        ("number", ctypes.c_short),
        ("number_length", ctypes.c_ssize_t),
        ("text", ctypes.c_char * 4),
        ("text_length", ctypes.c_ssize_t),
        ("behind", ctypes.c_char),
    ]


class Columns(ctypes.Structure):
    """Column-wise binding of eight rows."""

    _fields_ = [
        ("number", ctypes.c_short * 8),
        ("number_length", ctypes.c_ssize_t * 8),
        ("text", (ctypes.c_char * 4) * 8),
        ("text_length", ctypes.c_ssize_t * 8),
    ]


@pytest.fixture(params=[None, "libodbc.so.2"], ids=["driver", "unixODBC"])
def application(request, sim):
    opened = c_abi.Application(c_abi.Driver(request.param), sim.connection_string(), 3)
    yield opened.connect().allocate_statement()
    opened.close()


def bound(application, by_row, size):
    """The memory of `size` rows, bound to the columns."""
    memory = (Row * 8)() if by_row else Columns()
    ctypes.memset(ctypes.addressof(memory), UNTOUCHED, ctypes.sizeof(memory))
    first = memory[0] if by_row else memory

    def at(name):
        return ctypes.addressof(first) + getattr(type(first), name).offset

    application.do("SQLSetStmtAttr", application.stmt, ROW_BIND_TYPE, ctypes.sizeof(Row) if by_row else 0, 0)
    application.do("SQLSetStmtAttr", application.stmt, ROW_ARRAY_SIZE, size, 0)
    application.do("SQLBindCol", application.stmt, 1, C_SHORT, at("number"), 2, at("number_length"))
    application.do("SQLBindCol", application.stmt, 2, C_CHAR, at("text"), 4, at("text_length"))
    return memory


def value(memory, by_row, row):
    """A row as the memory has it: number, text, the text's length."""
    if by_row:
        assert memory[row].before == memory[row].behind == bytes([UNTOUCHED])
        number, length, text = memory[row].number, memory[row].number_length, memory[row].text
        text_length = memory[row].text_length
    else:
        number, length, text = memory.number[row], memory.number_length[row], bytes(memory.text[row]).split(b"\0")[0]
        text_length = memory.text_length[row]
    assert length in (2, NULL), length
    return NULL if length == NULL else number, None if text_length == NULL else text, text_length


def records(application):
    """SQLSTATE, row and column of each record."""
    found, number = [], 1
    while state := application.driver.state(STMT, application.stmt, number):
        row, column = ctypes.c_ssize_t(), ctypes.c_int()
        get = application.driver.functions["SQLGetDiagField"].call
        get(STMT, application.stmt, number, DIAG_ROW, ctypes.addressof(row), 0, None)
        get(STMT, application.stmt, number, DIAG_COLUMN, ctypes.addressof(column), 0, None)
        found.append((state, row.value, column.value))
        number += 1
    return found


@pytest.mark.parametrize("cursor", [FORWARD_ONLY, STATIC])
@pytest.mark.parametrize("by_row", [False, True], ids=["columns", "rows"])
@pytest.mark.parametrize("size", [8, 4])
def test_every_row_has_its_values_its_status_and_its_records(application, cursor, by_row, size):
    application.do("SQLSetStmtAttr", application.stmt, CURSOR_TYPE, cursor, 0)
    status, fetched = (ctypes.c_ushort * 8)(), ctypes.c_size_t()
    application.do("SQLSetStmtAttr", application.stmt, ROW_STATUS, ctypes.addressof(status), 0)
    application.do("SQLSetStmtAttr", application.stmt, ROWS_FETCHED, ctypes.addressof(fetched), 0)
    application.execute(SQL)
    for start in range(0, len(ROWS), size):
        memory = bound(application, by_row, size)
        wanted = ROWS[start : start + size]
        assert application.do("SQLFetchScroll", application.stmt, 1, 0) == WITH_INFO
        assert fetched.value == len(wanted)
        statuses = [row[3] for row in wanted] + [ROW_NOROW] * (size - len(wanted))
        assert list(status)[:size] == statuses
        for row, (_, _, (number, text, text_length), _, told) in enumerate(wanted):
            if number is None:
                # What is in the buffer of a value that could not be converted is nobody's business.
                text_found = memory[row].text if by_row else bytes(memory.text[row]).split(b"\0")[0]
                assert text_found == text
            else:
                assert value(memory, by_row, row) == (number, text, text_length), row
        told = [(state, row + 1, column) for row, entry in enumerate(wanted) for state, column in entry[4]]
        errors = [record for record in told if not record[0].startswith("01")]
        warnings = [record for record in told if record[0].startswith("01")]
        found = records(application)
        # 01S01 tells of the rows with errors; it has no row of its own.
        assert [record for record in found if record[0] != "01S01"] == errors + warnings
        assert ("01S01" in [record[0] for record in found]) == bool(errors)
    assert application.do("SQLFetch", application.stmt, allowed=(NO_DATA,)) == NO_DATA


def test_the_offset_is_read_by_each_fetch(application):
    """SQL_ATTR_ROW_BIND_OFFSET_PTR, as programs use it that fill one large buffer rowset by rowset."""
    memory = bound(application, True, 2)
    offset = ctypes.c_size_t()
    application.do("SQLSetStmtAttr", application.stmt, BIND_OFFSET, ctypes.addressof(offset), 0)
    application.execute("SELECT 1, 'a' UNION ALL SELECT 2, 'b' UNION ALL SELECT 3, 'c' UNION ALL SELECT 4, 'd'")
    for first in (2, 0):
        offset.value = first * ctypes.sizeof(Row)
        assert application.do("SQLFetch", application.stmt) == SUCCESS
    numbers = [(memory[row].number, memory[row].text) for row in range(5)]
    assert numbers[:4] == [(3, b"c"), (4, b"d"), (1, b"a"), (2, b"b")]
    assert numbers[4][0] == 0x5A5A


TEXTS = ["", "a", "plain text of some length, longer than sixteen bytes", "Zoë", "漢字", "😀 and é", "x" * 63, "é" * 63]


@pytest.mark.parametrize("c_type, encoding", [(C_CHAR, "utf-8"), (C_WCHAR, "utf-16-le")])
def test_texts_of_every_kind_fill_their_buffers_and_no_more(application, c_type, encoding):
    unit = len("a".encode(encoding))
    width = 64 * unit * (2 if c_type == C_CHAR else 1)
    memory, lengths = ctypes.create_string_buffer(b"\x5a" * (width * len(TEXTS))), (ctypes.c_ssize_t * len(TEXTS))()
    application.do("SQLSetStmtAttr", application.stmt, ROW_ARRAY_SIZE, len(TEXTS), 0)
    where = (ctypes.addressof(memory), width, ctypes.addressof(lengths))
    application.do("SQLBindCol", application.stmt, 1, c_type, *where)
    application.execute(" UNION ALL ".join(f"SELECT '{text}'" for text in TEXTS))
    assert application.do("SQLFetch", application.stmt) == SUCCESS
    for row, text in enumerate(TEXTS):
        encoded = text.encode(encoding)
        cell = memory.raw[row * width : (row + 1) * width]
        assert lengths[row] == len(encoded)
        assert cell[: len(encoded) + unit] == encoded + bytes(unit)
        assert set(cell[len(encoded) + unit :]) <= {UNTOUCHED}

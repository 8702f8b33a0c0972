"""What SQLGetInfo claims of cursors, bookmarks, SQLGetData and arrays: every bit, by the calls that it announces."""

import ctypes
import threading

import pytest

import c_abi
import okta_org
from c_abi import ERROR, NO_DATA, STILL_EXECUTING, STMT, SUCCESS, WITH_INFO
from test_conformance_info import claimed

at = ctypes.addressof
ROWS = "SELECT a FROM (VALUES (1), (2), (3), (4), (5)) AS t (a) ORDER BY a"


class Cursor:
    """One statement and its rows, an INTEGER column bound to `value`."""

    def __init__(self, application, static, bookmarks=False, size=1):
        self.application, self.value = application, (ctypes.c_int * size)()
        self.status, self.fetched = (ctypes.c_ushort * size)(), ctypes.c_size_t()
        self.stmt = application.allocate_statement().stmt
        attributes = [(6, 3 if static else 0), (12, 2 if bookmarks else 0), (27, size), (25, at(self.status)), (26, at(self.fetched))]
        for attribute, value in attributes:
            application.do("SQLSetStmtAttr", self.stmt, attribute, value, 0)
        application.do("SQLBindCol", self.stmt, 1, 4, at(self.value), 0, None)
        application.execute(ROWS)

    def call(self, symbol, *arguments):
        return self.application.driver.functions[symbol].call(self.stmt, *arguments)

    def state(self):
        return self.application.driver.state(STMT, self.stmt)

    def scroll(self, orientation, offset=0):
        """The bound value, or the code if there is none."""
        code = self.call("SQLFetchScroll", orientation, offset)
        return self.value[0] if code == SUCCESS else code

    def bookmark(self):
        kept = ctypes.create_string_buffer(8)
        length = ctypes.c_ssize_t()
        assert self.call("SQLGetData", 0, -2, at(kept), 8, at(length)) == SUCCESS and length.value == 8
        return kept


NEXT, FIRST, LAST, PRIOR, ABSOLUTE, RELATIVE, BOOKMARK = 1, 2, 3, 4, 5, 6, 8


def takes_next(application, static=True):
    cursor = Cursor(application, static)
    assert [cursor.scroll(NEXT) for _ in range(6)] == [1, 2, 3, 4, 5, NO_DATA]


def takes_next_only(application):
    takes_next(application, False)


def goes_to_the_ends(application):
    cursor = Cursor(application, True)
    assert [cursor.scroll(LAST), cursor.scroll(FIRST), cursor.scroll(PRIOR)] == [5, 1, NO_DATA]


def goes_back(application):
    cursor = Cursor(application, True)
    assert [cursor.scroll(LAST), cursor.scroll(PRIOR), cursor.scroll(PRIOR)] == [5, 4, 3]


def goes_to_a_number(application):
    cursor = Cursor(application, True)
    assert [cursor.scroll(ABSOLUTE, n) for n in (4, 1, -1, -5, 0, 6)] == [4, 1, 5, 1, NO_DATA, NO_DATA]
    assert [cursor.scroll(FIRST), cursor.scroll(ABSOLUTE, 2)] == [1, 2]


def goes_by_a_number(application):
    cursor = Cursor(application, True)
    assert [cursor.scroll(NEXT), cursor.scroll(RELATIVE, 3), cursor.scroll(RELATIVE, -2), cursor.scroll(RELATIVE, 0)] == [1, 4, 2, 2]


def goes_to_a_bookmark(application):
    cursor = Cursor(application, True, bookmarks=True)
    assert cursor.scroll(ABSOLUTE, 3) == 3
    kept = cursor.bookmark()
    application.do("SQLSetStmtAttr", cursor.stmt, 16, at(kept), 0)
    # It lasts while the cursor is open, and after the end of a transaction.
    assert [cursor.scroll(LAST), cursor.scroll(BOOKMARK)] == [5, 3]
    for completion in (0, 1):
        application.do("SQLEndTran", 2, application.dbc, completion)
        assert [cursor.scroll(FIRST), cursor.scroll(BOOKMARK), cursor.scroll(BOOKMARK, 1), cursor.scroll(BOOKMARK, -1)] == [1, 3, 4, 2]


def positions(application, static=True):
    cursor = Cursor(application, static, size=3)
    assert cursor.call("SQLFetch") == SUCCESS and list(cursor.value) == [1, 2, 3]
    for row in (3, 1, 2):
        assert cursor.call("SQLSetPos", row, 0, 0) == SUCCESS
        value = ctypes.c_int()
        assert cursor.call("SQLGetData", 1, 4, at(value), 4, None) == SUCCESS and value.value == row


def positions_within_what_came(application):
    positions(application, False)


def refreshes(application, static=True):
    cursor = Cursor(application, static, size=3)
    assert cursor.call("SQLFetch") == SUCCESS
    cursor.value[:] = [7, 8, 9]
    assert cursor.call("SQLSetPos", 2, 1, 0) == SUCCESS and list(cursor.value) == [7, 2, 9]
    assert cursor.call("SQLSetPos", 0, 1, 0) == SUCCESS and list(cursor.value) == [1, 2, 3]


def writes_again_what_came(application):
    refreshes(application, False)


def leaves_locks_alone(application):
    for static in (False, True):
        cursor = Cursor(application, static)
        cursor.call("SQLFetch")
        assert cursor.call("SQLSetPos", 1, 0, 0) == SUCCESS


def reads_only(application):
    for static in (False, True):
        cursor = Cursor(application, static)
        assert application.attribute(7) == 1
        cursor.call("SQLFreeStmt", 0)
        assert cursor.call("SQLSetStmtAttr", 7, 2, 0) == WITH_INFO and cursor.state() == "01S02"


def limits_rows(application, rows=3):
    for static in (False, True):
        cursor = Cursor(application, static)
        cursor.call("SQLFreeStmt", 0)
        application.do("SQLSetStmtAttr", cursor.stmt, 1, rows, 0)
        application.execute(ROWS)
        assert [cursor.scroll(NEXT) for _ in range(4)] == [1, 2, 3, NO_DATA]


def limits_rows_of_catalog_functions(application):
    for static in (False, True):
        cursor = Cursor(application, static)
        cursor.call("SQLFreeStmt", 0)
        cursor.call("SQLFreeStmt", 2)
        application.do("SQLSetStmtAttr", cursor.stmt, 1, 2, 0)
        application.do("SQLTables", cursor.stmt, None, 0, None, 0, None, 0, None, 0)
        assert [cursor.call("SQLFetch") for _ in range(3)] == [SUCCESS, SUCCESS, NO_DATA]


def shows_nothing_later(application):
    cursor = Cursor(application, True)
    assert (application.attribute(-2), application.attribute(-1)) == (1, 1), "SQL_INSENSITIVE, SQL_SCROLLABLE"
    assert cursor.call("SQLSetPos", 1, 2, 0) == ERROR


def data(cursor, column):
    value = ctypes.create_string_buffer(20)
    code = cursor.call("SQLGetData", column, 1, at(value), 20, None)
    return value.value if code == SUCCESS else code


def three_columns(application):
    cursor = Cursor(application, False)
    cursor.call("SQLFreeStmt", 0)
    application.execute("SELECT 1 AS a, 'b' AS b, 3 AS c")
    assert cursor.call("SQLFetch") == SUCCESS
    return cursor


def data_of_any_column(application):
    # Column 1 is bound; those before it and behind it are read.
    assert data(three_columns(application), 2) == b"b"


def data_in_any_order(application):
    cursor = three_columns(application)
    assert [data(cursor, column) for column in (3, 2, 3, 2)] == [b"3", b"b", b"3", b"b"]


def data_of_any_row_of_a_block(application):
    for static in (False, True):
        positions(application, static)


def data_of_bound_columns(application):
    cursor = three_columns(application)
    assert (cursor.value[0], data(cursor, 1)) == (1, b"1")


def polls(application):
    cursor = Cursor(application, False)
    cursor.call("SQLFreeStmt", 0)
    application.do("SQLSetStmtAttr", cursor.stmt, 4, 1, 0)
    text = b"SELECT Id FROM Users"
    while (code := cursor.call("SQLExecDirect", text, len(text))) == STILL_EXECUTING:
        pass
    assert code == SUCCESS
    while (code := cursor.call("SQLFetch")) == STILL_EXECUTING:
        pass
    assert code in (SUCCESS, ERROR)


def makes_a_result_of_each_set(application):
    cursor = Cursor(application, False)
    cursor.call("SQLFreeStmt", 0)
    numbers = (ctypes.c_int * 2)(5, 6)
    application.do("SQLSetStmtAttr", cursor.stmt, 22, 2, 0)
    application.do("SQLBindParameter", cursor.stmt, 1, 1, 4, 4, 0, 0, at(numbers), 4, None)
    application.execute("SELECT CAST(? AS INT)")
    assert cursor.scroll(NEXT) == 5
    # SQL_PARC_BATCH: SQLRowCount is of this set alone.
    count = ctypes.c_ssize_t()
    assert cursor.call("SQLRowCount", at(count)) == SUCCESS and count.value == -1
    assert cursor.call("SQLMoreResults") == SUCCESS and cursor.scroll(NEXT) == 6
    assert cursor.call("SQLMoreResults") == NO_DATA


# Info type: bit, and what it announces.
BITS = {
    8: {0x1: takes_next, 0x2: goes_to_the_ends, 0x4: goes_to_the_ends, 0x8: goes_back, 0x10: goes_to_a_number, 0x20: goes_by_a_number,
        0x80: goes_to_a_bookmark},
    43: {0x1: reads_only},
    44: {0x1: takes_next_only, 0x10: goes_back},
    78: {0x1: leaves_locks_alone},
    79: {0x1: positions, 0x2: refreshes},
    80: {},
    81: {0x1: data_of_any_column, 0x2: data_in_any_order, 0x4: data_of_any_row_of_a_block, 0x8: data_of_bound_columns},
    # SQL_BP_TRANSACTION, SQL_BP_SCROLL.
    82: {0x8: goes_to_a_bookmark, 0x40: goes_to_a_bookmark},
    83: {},
    144: {},
    145: {},
    146: {0x1: takes_next_only, 0x40: leaves_locks_alone, 0x200: positions_within_what_came, 0x1000: writes_again_what_came},
    147: {0x1: reads_only, 0x80: limits_rows, 0x800: limits_rows_of_catalog_functions},
    150: {},
    151: {},
    153: {0x1: makes_a_result_of_each_set},
    154: {0x1: makes_a_result_of_each_set},
    167: {0x1: takes_next, 0x2: goes_to_a_number, 0x4: goes_by_a_number, 0x8: goes_to_a_bookmark, 0x40: leaves_locks_alone,
          0x200: positions, 0x1000: refreshes},
    168: {0x1: reads_only, 0x80: limits_rows, 0x800: limits_rows_of_catalog_functions},
    10021: {0x2: polls},
    10023: {},
    10025: {},
}


@pytest.fixture(scope="module")
def application():
    with c_abi.connected(5) as made:
        yield made


@pytest.mark.parametrize("number", BITS)
def test_every_claimed_bit_is_in_the_table(number, application):
    assert int.from_bytes(claimed(application, number), "little") == sum(BITS[number])


@pytest.mark.parametrize("number,bit", [(number, bit) for number, bits in BITS.items() for bit in bits])
def test_what_is_claimed_of_cursors_is_done(number, bit, application):
    BITS[number][bit](application)


def test_a_forward_only_cursor_takes_no_other_direction(application):
    for orientation in (FIRST, LAST, PRIOR, ABSOLUTE, RELATIVE, BOOKMARK):
        cursor = Cursor(application, False)
        assert cursor.scroll(orientation, 1) == ERROR and cursor.state() == "HY106"


def test_cursors_outlive_transactions(application):
    """SQL_CB_PRESERVE, SQL_CURSOR_COMMIT_BEHAVIOR and SQL_CURSOR_ROLLBACK_BEHAVIOR."""
    for completion, number in ((0, 23), (1, 24)):
        assert int.from_bytes(claimed(application, number), "little") == 2
        cursor = Cursor(application, False)
        assert cursor.scroll(NEXT) == 1
        application.do("SQLEndTran", 2, application.dbc, completion)
        assert cursor.scroll(NEXT) == 2


def test_a_static_cursor_knows_how_many_rows_it_has_once_it_has_read_them(application):
    cursor, count = Cursor(application, True), ctypes.c_ssize_t()
    assert cursor.call("SQLRowCount", at(count)) == SUCCESS and count.value == -1
    assert cursor.scroll(LAST) == 5
    assert cursor.call("SQLRowCount", at(count)) == SUCCESS and count.value == 5
    # What the driver made itself it has at once.
    cursor.call("SQLFreeStmt", 0)
    application.do("SQLTables", cursor.stmt, None, 0, None, 0, None, 0, None, 0)
    tables = len(okta_org.tables())
    assert cursor.call("SQLRowCount", at(count)) == SUCCESS and count.value == tables
    application.do("SQLFreeStmt", cursor.stmt, 0)
    application.do("SQLPrimaryKeys", cursor.stmt, None, 0, None, 0, b"Users", 5)
    rows = ctypes.c_ssize_t()
    field = application.driver.functions["SQLGetDiagField"].call
    # SQL_DIAG_CURSOR_ROW_COUNT
    assert field(STMT, cursor.stmt, 0, -1249, at(rows), 0, None) == SUCCESS and rows.value == 1
    # A cursor that only moves forward knows nothing of what is still to come.
    cursor = Cursor(application, False)
    while cursor.scroll(NEXT) != NO_DATA:
        pass
    assert cursor.call("SQLRowCount", at(count)) == SUCCESS and count.value == -1


def test_two_statements_never_have_cursors_of_one_name(application):
    first, second = Cursor(application, False), Cursor(application, False)
    names = []
    for cursor in (first, second):
        value, length = ctypes.create_string_buffer(40), ctypes.c_short()
        assert cursor.call("SQLGetCursorName", at(value), 40, at(length)) == SUCCESS
        assert value.value.startswith(b"SQL_CUR") and len(value.value) == length.value
        names.append(value.value)
        cursor.call("SQLFreeStmt", 0)
    assert names[0] != names[1]
    assert first.call("SQLSetCursorName", b"mine", 4) == SUCCESS
    assert second.call("SQLSetCursorName", b"MINE", 4) == ERROR and second.state() == "3C000"
    assert first.call("SQLSetCursorName", b"mine", 4) == SUCCESS, "its own name again"
    first.call("SQLFreeStmt", 1)
    assert second.call("SQLSetCursorName", b"MINE", 4) == SUCCESS, "the name is free"


def test_of_two_threads_that_set_one_name_one_is_told_so(application):
    for round_of in range(50):
        cursors = [Cursor(application, False) for _ in range(4)]
        for cursor in cursors:
            cursor.call("SQLFreeStmt", 0)
        start, codes = threading.Barrier(4), {}

        def name(number, cursor):
            start.wait()
            codes[number] = cursor.call("SQLSetCursorName", b"both%d" % round_of, -3)

        threads = [threading.Thread(target=name, args=pair) for pair in enumerate(cursors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes.values()) == [ERROR, ERROR, ERROR, SUCCESS]
        for cursor in cursors:
            cursor.call("SQLFreeStmt", 1)

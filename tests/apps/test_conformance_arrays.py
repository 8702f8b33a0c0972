"""Arrays of rows and of parameters: both layouts, offsets, status and operation arrays, errors among good rows, diagnostics by row."""

import ctypes

import pytest

import c_abi
from c_abi import ERROR, NEED_DATA, NO_DATA, STMT, SUCCESS, WITH_INFO

ROW_SUCCESS, ROW_NOROW, ROW_ERROR, ROW_WITH_INFO = 0, 3, 5, 6
PARAM_SUCCESS, PARAM_ERROR, PARAM_UNUSED = 0, 5, 7
IGNORE = 1
NUMBERS = "SELECT a FROM (VALUES (1), (2), (3), (4), (5)) AS t (a) ORDER BY a"
at = ctypes.addressof


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def application(driver):
    with c_abi.connected(5, driver) as made:
        yield made


@pytest.fixture
def statement(driver, application):
    application.allocate_statement()
    yield application.stmt
    driver.functions["SQLFreeHandle"].call(STMT, application.stmt)


def attributes(application, **values):
    numbers = {"size": 27, "status": 25, "fetched": 26, "by_row": 5, "offset": 23, "operation": 24, "max_rows": 1, "retrieve": 11}
    numbers |= {"sets": 22, "param_status": 20, "processed": 21, "param_by_row": 18, "param_offset": 17, "param_operation": 19}
    for name, value in values.items():
        value = at(value) if isinstance(value, (ctypes._SimpleCData, ctypes.Array, ctypes.Structure)) else value
        application.do("SQLSetStmtAttr", application.stmt, numbers[name], value, 0)


def records(driver, handle):
    """SQLSTATE, row and column of each record."""
    found = []
    for number in range(1, 50):
        state = driver.state(STMT, handle, number)
        if state is None:
            return found
        row, column = ctypes.c_ssize_t(), ctypes.c_int()
        field = driver.functions["SQLGetDiagField"].call
        assert field(STMT, handle, number, -1248, at(row), 0, None) == SUCCESS
        assert field(STMT, handle, number, -1247, at(column), 0, None) == SUCCESS
        found.append((state, row.value, column.value))
    return found


def test_rows_column_by_column(driver, application, statement):
    values, lengths = (ctypes.c_int * 2)(), (ctypes.c_ssize_t * 2)()
    status, fetched = (ctypes.c_ushort * 2)(9, 9), ctypes.c_size_t(9)
    attributes(application, size=2, status=status, fetched=fetched)
    application.do("SQLBindCol", statement, 1, 4, at(values), 0, at(lengths))
    application.execute(NUMBERS)
    for expected, state in (([1, 2], [0, 0]), ([3, 4], [0, 0]), ([5, 4], [0, ROW_NOROW])):
        assert driver.functions["SQLFetch"].call(statement) == SUCCESS
        assert (list(values), list(status)) == (expected, state)
        assert fetched.value == state.count(0)
        assert list(lengths) == [4, 4]
    assert driver.functions["SQLFetch"].call(statement) == NO_DATA
    assert (fetched.value, list(status)) == (0, [ROW_NOROW, ROW_NOROW])


class Row(ctypes.Structure):
    _fields_ = [("number", ctypes.c_int), ("length", ctypes.c_ssize_t), ("text", ctypes.c_char * 6), ("text_length", ctypes.c_ssize_t)]


def test_rows_row_by_row_with_an_offset(driver, application, statement):
    rows, offset = (Row * 6)(), ctypes.c_size_t(0)
    attributes(application, size=2, by_row=ctypes.sizeof(Row), offset=offset)
    first = rows[0]
    place = {name: at(first) + getattr(Row, name).offset for name, _ in Row._fields_}
    application.do("SQLBindCol", statement, 1, 4, place["number"], 4, place["length"])
    application.do("SQLBindCol", statement, 2, 1, place["text"], 6, place["text_length"])
    application.execute("SELECT a, b FROM (VALUES (1, 'one'), (2, NULL), (3, 'three'), (4, '')) AS t (a, b) ORDER BY a")
    assert driver.functions["SQLFetch"].call(statement) == SUCCESS
    # The next rowset goes behind the first one, without binding again.
    offset.value = 3 * ctypes.sizeof(Row)
    assert driver.functions["SQLFetchScroll"].call(statement, 1, 0) == SUCCESS
    found = [(row.number, row.text if row.text_length >= 0 else None, row.text_length) for row in rows]
    assert found == [(1, b"one", 3), (2, None, -1), (0, b"", 0), (3, b"three", 5), (4, b"", 0), (0, b"", 0)]


def test_a_row_that_fails_among_others(driver, application, statement):
    values, status, fetched = (ctypes.c_byte * 4)(), (ctypes.c_ushort * 4)(), ctypes.c_size_t()
    attributes(application, size=4, status=status, fetched=fetched)
    application.do("SQLBindCol", statement, 1, -26, at(values), 0, None)
    application.execute("SELECT a FROM (VALUES (1), (200), (3)) AS t (a)")
    assert driver.functions["SQLFetch"].call(statement) == WITH_INFO
    assert (list(values)[::2], list(status)) == ([1, 3], [ROW_SUCCESS, ROW_ERROR, ROW_SUCCESS, ROW_NOROW])
    assert fetched.value == 3
    # 01S01 for the rowset, 22003 for its second row and first column.
    assert sorted(records(driver, statement)) == [("01S01", -1, -1), ("22003", 2, 1)]
    # All of them: SQL_ERROR.
    application.do("SQLFreeStmt", statement, 0)
    application.execute("SELECT a FROM (VALUES (300), (200)) AS t (a)")
    assert driver.functions["SQLFetch"].call(statement) == ERROR
    assert list(status) == [ROW_ERROR, ROW_ERROR, ROW_NOROW, ROW_NOROW]
    assert ("22003", 1, 1) in records(driver, statement) and ("22003", 2, 1) in records(driver, statement)


def test_rows_that_are_cut_or_have_no_indicator(driver, application, statement):
    values, lengths, status = ctypes.create_string_buffer(4 * 3), (ctypes.c_ssize_t * 3)(), (ctypes.c_ushort * 3)()
    attributes(application, size=3, status=status)
    application.do("SQLBindCol", statement, 1, 1, at(values), 4, at(lengths))
    application.execute("SELECT a FROM (VALUES ('a'), ('bcdef'), ('ghi')) AS t (a)")
    assert driver.functions["SQLFetch"].call(statement) == WITH_INFO
    assert values.raw == b"a\0" + values.raw[2:4] + b"bcd\0ghi\0"
    assert (list(lengths), list(status)) == ([1, 5, 3], [ROW_SUCCESS, ROW_WITH_INFO, ROW_SUCCESS])
    assert records(driver, statement) == [("01004", 2, 1)]
    # NULL without an indicator.
    application.do("SQLFreeStmt", statement, 0)
    application.do("SQLBindCol", statement, 1, 1, at(values), 4, None)
    application.execute("SELECT a FROM (VALUES ('a'), (NULL), ('c')) AS t (a)")
    assert driver.functions["SQLFetch"].call(statement) == WITH_INFO
    assert list(status) == [ROW_SUCCESS, ROW_ERROR, ROW_SUCCESS]
    assert ("22002", 2, 1) in records(driver, statement)


def test_extended_fetch_has_a_size_and_arrays_of_its_own(driver, application, statement):
    values, status, fetched = (ctypes.c_int * 3)(), (ctypes.c_ushort * 3)(), ctypes.c_size_t(77)
    mine, untouched = (ctypes.c_ushort * 3)(8, 8, 8), ctypes.c_size_t(88)
    attributes(application, size=1, status=mine, fetched=untouched)
    application.do("SQLSetStmtAttr", statement, 9, 3, 0)
    application.do("SQLBindCol", statement, 1, 4, at(values), 0, None)
    application.execute(NUMBERS)
    fetch = driver.functions["SQLExtendedFetch"].call
    assert fetch(statement, 1, 0, at(fetched), at(status)) == SUCCESS
    assert (list(values), list(status), fetched.value) == ([1, 2, 3], [0, 0, 0], 3)
    assert fetch(statement, 1, 0, at(fetched), at(status)) == SUCCESS
    assert (list(values)[:2], list(status), fetched.value) == ([4, 5], [0, 0, ROW_NOROW], 2)
    assert (list(mine), untouched.value) == ([8, 8, 8], 88)
    assert fetch(statement, 1, 0, at(fetched), at(status)) == NO_DATA


def test_a_limit_and_no_data(driver, application, statement):
    values = (ctypes.c_int * 4)()
    attributes(application, size=4, max_rows=3)
    application.do("SQLBindCol", statement, 1, 4, at(values), 0, None)
    application.execute(NUMBERS)
    assert driver.functions["SQLFetch"].call(statement) == SUCCESS
    assert list(values) == [1, 2, 3, 0]
    assert driver.functions["SQLFetch"].call(statement) == NO_DATA
    # SQL_RD_OFF: the cursor moves, the buffers stay.
    application.do("SQLFreeStmt", statement, 0)
    attributes(application, max_rows=0, size=1, retrieve=0)
    application.execute(NUMBERS)
    values[0] = 99
    assert driver.functions["SQLFetch"].call(statement) == SUCCESS
    assert values[0] == 99
    attributes(application, retrieve=1)
    assert driver.functions["SQLFetch"].call(statement) == SUCCESS
    assert values[0] == 2


def results(driver, application):
    """The first value of each result set that an execution made."""
    found = []
    while True:
        value = ctypes.create_string_buffer(40)
        application.do("SQLFetch", application.stmt)
        application.do("SQLGetData", application.stmt, 1, 1, at(value), 40, None)
        found.append(value.value)
        if driver.functions["SQLMoreResults"].call(application.stmt) == NO_DATA:
            return found


def test_sets_of_parameters_column_by_column(driver, application, statement):
    numbers, lengths = (ctypes.c_int * 4)(10, 20, 30, 40), (ctypes.c_ssize_t * 4)(0, 0, -1, 0)
    status, operation, processed = (ctypes.c_ushort * 4)(9, 9, 9, 9), (ctypes.c_ushort * 4)(0, IGNORE, 0, 0), ctypes.c_size_t()
    attributes(application, sets=4, param_status=status, param_operation=operation, processed=processed)
    application.do("SQLBindParameter", statement, 1, 1, 4, 4, 0, 0, at(numbers), 0, at(lengths))
    application.execute("SELECT COALESCE(CAST(? AS INT), -1) + 1")
    # Of a set that is left out there is no result.
    assert results(driver, application) == [b"11", b"0", b"41"]
    assert (list(status), processed.value) == ([PARAM_SUCCESS, PARAM_UNUSED, PARAM_SUCCESS, PARAM_SUCCESS], 4)


class Parameter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ssize_t), ("text", ctypes.c_char * 5), ("number", ctypes.c_double)]


def test_sets_of_parameters_row_by_row_with_an_offset(driver, application, statement):
    rows = (Parameter * 4)(
        Parameter(0, b"", 0), Parameter(-3, b"one", 1.5), Parameter(3, b"two!", 2.5), Parameter(-1, b"", 3.5)
    )
    offset = ctypes.c_size_t(ctypes.sizeof(Parameter))
    attributes(application, sets=3, param_by_row=ctypes.sizeof(Parameter), param_offset=offset)
    base = at(rows)
    application.do("SQLBindParameter", statement, 1, 1, 1, 12, 5, 0, base + Parameter.text.offset, 5, base + Parameter.length.offset)
    application.do("SQLBindParameter", statement, 2, 1, 8, 8, 15, 0, base + Parameter.number.offset, 8, None)
    application.execute("SELECT COALESCE(?, 'none') + CAST(CAST(? AS DECIMAL(5, 1)) AS VARCHAR(9))")
    assert results(driver, application) == [b"one1.5", b"two2.5", b"none3.5"]


def test_a_set_that_fails_among_others(driver, application, statement):
    texts, lengths = ctypes.create_string_buffer(b"12\0x7\x0034\0"), (ctypes.c_ssize_t * 3)(-3, -3, -3)
    status, processed = (ctypes.c_ushort * 3)(), ctypes.c_size_t()
    attributes(application, sets=3, param_status=status, processed=processed)
    application.do("SQLBindParameter", statement, 1, 1, 1, 4, 10, 0, at(texts), 3, at(lengths))
    assert driver.functions["SQLExecDirect"].call(statement, b"SELECT CAST(? AS INT)", 21) == WITH_INFO
    assert (list(status), processed.value) == ([PARAM_SUCCESS, PARAM_ERROR, PARAM_SUCCESS], 3)
    assert ("22018", 2, 1) in records(driver, statement)
    assert results(driver, application) == [b"12", b"34"]
    # All of them.
    application.do("SQLFreeStmt", statement, 0)
    texts.raw = b"x1\0x2\0x3\0\0"
    assert driver.functions["SQLExecDirect"].call(statement, b"SELECT CAST(? AS INT)", 21) == ERROR
    assert list(status) == [PARAM_ERROR] * 3


def test_data_at_execution_for_each_set(driver, application, statement):
    tokens, lengths = (ctypes.c_int * 2)(), (ctypes.c_ssize_t * 2)(-2, -105)
    attributes(application, sets=2)
    application.do("SQLBindParameter", statement, 1, 1, 1, 12, 100, 0, at(tokens), 4, at(lengths))
    text = b"SELECT CAST(? AS VARCHAR(20))"
    assert driver.functions["SQLExecDirect"].call(statement, text, len(text)) == NEED_DATA
    for pieces in ((b"ab", b"cd"), (b"efghi",)):
        token = ctypes.c_void_p()
        assert driver.functions["SQLParamData"].call(statement, at(token)) == NEED_DATA
        assert at(tokens) <= token.value < at(tokens) + 100 * 2
        for piece in pieces:
            application.do("SQLPutData", statement, piece, len(piece))
    application.do("SQLParamData", statement, None)
    assert results(driver, application) == [b"abcd", b"efghi"]

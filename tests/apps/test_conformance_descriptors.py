"""Descriptors: every field of every kind with its size, default and right to be set; explicit ones, shared, freed and copied."""

import ctypes

import pytest

import c_abi
import okta_org
from c_abi import DESC, ERROR, INVALID_HANDLE, NO_DATA, STMT, SUCCESS, WITH_INFO

KINDS = {"ARD": 10010, "APD": 10011, "IRD": 10012, "IPD": 10013}
SIZES = {"p": ctypes.sizeof(ctypes.c_void_p), "2": 2, "4": 4}
SQL = b"SELECT Id, Created, 1 AS n FROM Users"


def fields():
    for line in (okta_org.CHECKOUT / "tests/data/descriptor_fields.txt").read_text().splitlines():
        if not line.startswith("#"):
            where, name, number, size, *cells = line.split()
            for kind, cell in zip(KINDS, cells, strict=True):
                right, _, default = cell.partition("=")
                yield pytest.param(where, int(number), size, kind, right, default, id=f"{name}-{kind}")


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def application(driver):
    with c_abi.connected(12, driver) as made:
        yield made


@pytest.fixture
def statement(driver, application):
    application.allocate_statement()
    yield application.stmt
    driver.functions["SQLFreeHandle"].call(STMT, application.stmt)


def text(application, symbol, sql):
    application.do(symbol, application.stmt, sql, len(sql))


def get(driver, desc, number, field):
    """Code, bytes and length of SQLGetDescField; what was not written shows as EE."""
    value, length = ctypes.create_string_buffer(b"\xee" * 64, 64), ctypes.c_int(-1)
    at = ctypes.addressof
    code = driver.functions["SQLGetDescField"].call(desc, number, field, at(value), 64, at(length))
    return code, value.raw, length.value


def number(driver, desc, record, field, size=8):
    code, value, _ = get(driver, desc, record, field)
    assert code == SUCCESS, (record, field, driver.state(DESC, desc))
    return int.from_bytes(value[:size], "little", signed=True)


def put(driver, desc, record, field, value, expected=SUCCESS):
    code = driver.functions["SQLSetDescField"].call(desc, record, field, value, 0)
    assert code == expected, (field, code, driver.state(DESC, desc))


@pytest.mark.parametrize("where,field,size,kind,right,default", fields())
def test_each_field_of_each_descriptor(where, field, size, kind, right, default, driver, application, statement):
    # A result set for the IRD, a record for each of the others.
    text(application, "SQLPrepare", SQL)
    desc = application.attribute(KINDS[kind])
    record = 0 if where == "header" else 1
    if where == "record" and kind != "IRD":
        # SQL_DESC_COUNT makes the record.
        put(driver, desc, 0, 1001, 1)
    code, value, length = get(driver, desc, record, field)
    if right == "-":
        # Unused: HY091, or an undefined value; never success with a value that could be taken for one that was set.
        assert (code, driver.state(DESC, desc)) == (ERROR, "HY091")
    else:
        assert code == SUCCESS, driver.state(DESC, desc)
        if size == "t":
            assert value[length] == 0 and length == len(value.split(b"\0")[0])
        else:
            assert length == SIZES[size], length
            assert value[SIZES[size] :] == b"\xee" * (64 - SIZES[size]), "wrote past its type"
        if default.isdigit() and default != "99":
            assert int.from_bytes(value[: SIZES[size]], "little") == int(default)
        if default == "99":
            assert int.from_bytes(value[:2], "little", signed=True) == 99
    # Setting: a value that is legal wherever the field is one that can be set.
    legal = {20: 5, 25: 0, 2: 4, 1002: 4, 1007: 1, 26: 2, 33: 1, 1012: 1, 1001: 1}.get(field, 0)
    if field == 1007:
        put(driver, desc, record, 1002, 9, SUCCESS if "w" in right else ERROR)
    set_code = driver.functions["SQLSetDescField"].call(desc, record, field, legal, 0)
    if "w" in right:
        assert set_code in (SUCCESS, WITH_INFO), driver.state(DESC, desc)
    elif kind == "IRD":
        # "An IRD's fields are read-only" but for two.
        assert (set_code, driver.state(DESC, desc)) == (ERROR, "HY016")
    else:
        # SQL_DESC_DATA_PTR of an IPD asks for the consistency check.
        is_check = kind == "IPD" and field == 1010
        assert is_check or (set_code, driver.state(DESC, desc)) == (ERROR, "HY091")


def test_an_unprepared_ird_has_no_fields(driver, application, statement):
    ird = application.attribute(10012)
    for record, field in ((0, 1001), (1, 2), (1, 1011)):
        assert get(driver, ird, record, field)[0] == ERROR
        assert driver.state(DESC, ird) == "HY007"
    pointer = ctypes.c_void_p()
    for field in (21, 34):
        put(driver, ird, 0, field, ctypes.addressof(pointer))
        assert number(driver, ird, 0, field) == ctypes.addressof(pointer)


def test_record_0_of_an_ird_is_the_bookmark(driver, application, statement):
    application.do("SQLSetStmtAttr", statement, 6, 3, 0)
    text(application, "SQLPrepare", SQL)
    ird = application.attribute(10012)
    # SQL_ATTR_USE_BOOKMARKS is off.
    assert get(driver, ird, 0, 2)[0] == ERROR and driver.state(DESC, ird) == "07009"
    out = [ctypes.c_short(), ctypes.c_short(), ctypes.c_ssize_t(), ctypes.c_short(), ctypes.c_short(), ctypes.c_short()]
    places = [ctypes.addressof(place) for place in out]
    name = ctypes.create_string_buffer(20)
    record = driver.functions["SQLGetDescRec"].call
    assert record(ird, 0, ctypes.addressof(name), 20, None, *places) == ERROR
    assert driver.state(DESC, ird) == "07009"
    driver.free(STMT, statement)
    application.allocate_statement()
    for attribute, value in ((6, 3), (12, 2)):
        application.do("SQLSetStmtAttr", application.stmt, attribute, value, 0)
    text(application, "SQLPrepare", SQL)
    ird = application.attribute(10012)
    # SQL_BINARY of eight bytes that are never NULL; SQL_DESC_COUNT counts the columns.
    assert number(driver, ird, 0, 2, 2) == -2
    assert number(driver, ird, 0, 1013) == 8
    assert number(driver, ird, 0, 1008, 2) == 0
    assert number(driver, ird, 0, 1001, 2) == 3
    assert record(ird, 0, ctypes.addressof(name), 20, None, *places) == SUCCESS
    assert (out[0].value, out[2].value, out[5].value) == (-2, 8, 0)


def test_records_beyond_the_count_are_no_data(driver, application, statement):
    text(application, "SQLPrepare", SQL)
    for kind, count in (("IRD", 3), ("ARD", 0), ("APD", 0), ("IPD", 0)):
        desc = application.attribute(KINDS[kind])
        assert get(driver, desc, count + 1, 2)[0] == NO_DATA
        assert number(driver, desc, 0, 1001, 2) == count
        function = driver.functions["SQLGetDescRec"]
        assert function.call(desc, count + 1, None, 0, *[None] * 7) == NO_DATA


def test_a_count_unbinds_what_is_beyond_it(driver, application, statement):
    value, length = (ctypes.c_int * 3)(), ctypes.c_ssize_t()
    for column in (1, 2, 3):
        application.do("SQLBindCol", statement, column, 4, ctypes.addressof(value) + 4 * (column - 1), 4, ctypes.addressof(length))
    ard = application.attribute(10010)
    assert number(driver, ard, 0, 1001, 2) == 3
    put(driver, ard, 0, 1001, 1)
    application.execute("SELECT 1, 2, 3")
    application.do("SQLFetch", statement)
    assert list(value) == [1, 0, 0]
    # Unbinding the last one lowers the count; SQL_UNBIND sets it to 0.
    application.do("SQLBindCol", statement, 1, 4, None, 0, None)
    assert number(driver, ard, 0, 1001, 2) == 0
    application.do("SQLBindCol", statement, 2, 4, ctypes.addressof(value), 4, None)
    application.do("SQLFreeStmt", statement, 2)
    assert number(driver, ard, 0, 1001, 2) == 0


def test_binding_functions_write_descriptors(driver, application, statement):
    value, length = ctypes.create_string_buffer(20), ctypes.c_ssize_t()
    at = ctypes.addressof
    application.do("SQLBindCol", statement, 2, 1, at(value), 20, at(length))
    ard = application.attribute(10010)
    found = {field: number(driver, ard, 2, field, size) for field, size in ((2, 2), (1002, 2), (1013, 8), (1010, 8), (1009, 8), (1004, 8))}
    assert found == {2: 1, 1002: 1, 1013: 20, 1010: at(value), 1009: at(length), 1004: at(length)}
    application.do("SQLBindParameter", statement, 1, 2, 1, 93, 23, 3, at(value), 20, at(length))
    apd, ipd = application.attribute(10011), application.attribute(10013)
    assert (number(driver, apd, 1, 2, 2), number(driver, apd, 1, 1013)) == (1, 20)
    # SQL_PARAM_INPUT_OUTPUT; a type that is datetime, its code, its fraction.
    found = [number(driver, ipd, 1, field, 2) for field in (2, 1002, 1007, 33)]
    assert found == [93, 9, 3, 2]
    application.do("SQLFreeStmt", statement, 3)
    assert [number(driver, desc, 0, 1001, 2) for desc in (apd, ipd)] == [0, 0]


def test_one_descriptor_serves_two_statements_at_once(driver, application, statement):
    desc = driver.allocate(DESC, application.dbc)
    assert number(driver, desc, 0, 1099, 2) == 2, "SQL_DESC_ALLOC_USER"
    first = statement
    application.allocate_statement()
    second = application.stmt
    value = ctypes.c_int()
    for stmt in (first, second):
        application.do("SQLSetStmtAttr", stmt, 10010, desc, 0)
        assert driver.functions["SQLExecDirect"].call(stmt, b"SELECT 7 AS a UNION ALL SELECT 8", 32) == SUCCESS
    application.do("SQLBindCol", first, 1, 4, ctypes.addressof(value), 4, None)
    application.do("SQLFetch", second)
    assert value.value == 7
    value.value = 0
    application.do("SQLFetch", first)
    assert value.value == 7
    # As parameters of the one and rows of the other.
    application.do("SQLFreeStmt", first, 0)
    application.do("SQLSetStmtAttr", first, 10011, desc, 0)
    application.do("SQLSetStmtAttr", first, 10010, None, 0)
    ipd = ctypes.c_void_p()
    application.do("SQLGetStmtAttr", first, 10013, ctypes.addressof(ipd), 0, None)
    put(driver, ipd.value, 1, 2, 4)
    put(driver, desc, 1, 1010, ctypes.addressof(value))
    value.value = 41
    assert driver.functions["SQLExecDirect"].call(first, b"SELECT ? + 1", 12) == SUCCESS
    application.do("SQLFetch", first)
    found = ctypes.c_int()
    application.do("SQLGetData", first, 1, 4, ctypes.addressof(found), 4, None)
    assert found.value == 42
    # Freed while in use: both go back to their own, and the bindings are gone with it.
    driver.free(DESC, desc)
    for stmt, attributes in ((second, (10010,)), (first, (10011,))):
        for attribute in attributes:
            now = ctypes.c_void_p()
            application.do("SQLGetStmtAttr", stmt, attribute, ctypes.addressof(now), 0, None)
            assert now.value not in (None, desc)
            assert number(driver, now.value, 0, 1099, 2) == 1
    value.value = 0
    application.do("SQLFetch", second)
    assert value.value == 0, "nothing is bound any more"
    assert get(driver, desc, 0, 1001)[0] == INVALID_HANDLE
    driver.free(STMT, second)


def test_descriptors_that_cannot_be_attached(driver, application, statement):
    own = application.attribute(10010)
    application.allocate_statement()
    other, its = application.stmt, application.attribute(10010)
    call = driver.functions["SQLSetStmtAttr"].call
    # Another statement's implicit one; an implementation's place.
    assert call(other, 10010, own, 0) == ERROR and driver.state(STMT, other) == "HY017"
    for attribute in (10012, 10013):
        assert call(other, attribute, its, 0) == ERROR and driver.state(STMT, other) == "HY017"
    # Its own implicit one and none at all both mean that.
    for value in (its, None):
        assert call(other, 10010, value, 0) == SUCCESS
        assert application.attribute(10010) == its
    # Another connection's, and what is no descriptor.
    stranger = c_abi.Application(driver, application.string, 3).connect()
    desc = driver.allocate(DESC, stranger.dbc)
    for value in (desc, other, 1):
        assert call(other, 10010, value, 0) == ERROR and driver.state(STMT, other) == "HY024"
    stranger.close()
    # An implicit one is freed with its statement only.
    assert driver.functions["SQLFreeHandle"].call(DESC, its) == ERROR
    assert driver.state(DESC, its) == "HY017"
    driver.free(STMT, other)
    assert get(driver, its, 0, 1001)[0] == INVALID_HANDLE


def test_copying_takes_every_field_but_how_it_was_allocated(driver, application, statement):
    value, length, status = ctypes.c_int(), ctypes.c_ssize_t(), ctypes.c_ushort()
    at = ctypes.addressof
    application.do("SQLBindCol", statement, 2, 4, at(value), 4, at(length))
    ard = application.attribute(10010)
    for field, number_of in ((20, 3), (25, 16), (24, at(length)), (21, at(status))):
        put(driver, ard, 0, field, number_of)
    desc = driver.allocate(DESC, application.dbc)
    # What the target had is gone.
    put(driver, desc, 5, 2, 1)
    assert driver.functions["SQLCopyDesc"].call(ard, desc) == SUCCESS
    for record, field in ((0, 20), (0, 25), (0, 24), (0, 21), (0, 1001), (2, 2), (2, 1010), (2, 1009), (2, 1013)):
        assert get(driver, desc, record, field) == get(driver, ard, record, field), (record, field)
    assert number(driver, desc, 0, 1099, 2) == 2
    # Onto another connection's.
    stranger = c_abi.Application(driver, application.string, 3).connect()
    far = driver.allocate(DESC, stranger.dbc)
    assert driver.functions["SQLCopyDesc"].call(desc, far) == SUCCESS
    assert number(driver, far, 2, 1010) == at(value)
    stranger.close()
    # From an IRD, as bindings of its types; never to one; never from one that has nothing.
    text(application, "SQLPrepare", SQL)
    ird = application.attribute(10012)
    assert driver.functions["SQLCopyDesc"].call(ird, desc) == SUCCESS
    assert [number(driver, desc, record, 2, 2) for record in (1, 2, 3)] == [-9, 93, -5]
    assert driver.functions["SQLCopyDesc"].call(desc, ird) == ERROR
    assert driver.state(DESC, ird) == "HY016"
    application.allocate_statement()
    empty = application.attribute(10012)
    assert driver.functions["SQLCopyDesc"].call(empty, desc) == ERROR
    assert driver.state(DESC, desc) == "HY007"
    driver.free(STMT, application.stmt)
    application.stmt = statement
    driver.free(DESC, desc)


# SQLSetDescRec: type, sub-type, precision, scale of a record that no consistency check lets pass.
INCONSISTENT = [
    (9, 0, 0, 0),
    (9, 4, 0, 0),
    (9, 3, 10, 0),
    (10, 0, 0, 0),
    (10, 14, 0, 0),
    (2, 0, 0, 0),
    (2, 0, 39, 0),
    (2, 0, 5, 6),
    (3, 0, 5, -1),
    (77, 0, 0, 0),
    (-200, 0, 0, 0),
]


@pytest.mark.parametrize("kind,sub,precision,scale", INCONSISTENT)
def test_inconsistent_records_are_refused(kind, sub, precision, scale, driver, application, statement):
    value = ctypes.create_string_buffer(32)
    desc = driver.allocate(DESC, application.dbc)
    call = driver.functions["SQLSetDescRec"].call
    assert call(desc, 1, kind, sub, 32, precision, scale, ctypes.addressof(value), None, None) == ERROR
    assert driver.state(DESC, desc) == "HY021"
    # What is consistent passes.
    assert call(desc, 1, 2, 0, 19, 10, 2, ctypes.addressof(value), None, None) == SUCCESS
    assert call(desc, 1, 9, 3, 16, 6, 0, ctypes.addressof(value), None, None) == SUCCESS
    assert [number(driver, desc, 1, field, 2) for field in (2, 1002, 1007)] == [93, 9, 3]
    driver.free(DESC, desc)


def test_a_changed_record_is_unbound_until_its_data_pointer_is_set(driver, application, statement):
    value = ctypes.c_int()
    application.do("SQLBindCol", statement, 1, 4, ctypes.addressof(value), 4, None)
    ard = application.attribute(10010)
    for field, changed in ((2, 4), (1003, 4), (1005, 3)):
        put(driver, ard, 1, field, changed)
        assert number(driver, ard, 1, 1010) == 0
        put(driver, ard, 1, 1010, ctypes.addressof(value))
    application.execute("SELECT 5")
    application.do("SQLFetch", statement)
    assert value.value == 5


def test_a_numeric_buffer_is_described_by_its_descriptor(driver, application, statement):
    """SQL_C_NUMERIC takes precision and scale of the ARD; SQLGetData asks for them by SQL_ARD_TYPE."""
    application.execute("SELECT CAST(12.345 AS DECIMAL(10, 3))")
    ard = application.attribute(10010)
    for field, value in ((1002, 2), (1005, 10), (1006, 3)):
        put(driver, ard, 1, field, value)
    application.do("SQLFetch", statement)
    number_of, length = ctypes.create_string_buffer(19), ctypes.c_ssize_t()
    at = ctypes.addressof
    application.do("SQLGetData", statement, 1, -99, at(number_of), 19, at(length))
    # SQL_NUMERIC_STRUCT: precision, scale, sign, little-endian digits.
    assert (number_of.raw[0], number_of.raw[1], number_of.raw[2]) == (10, 3, 1)
    assert int.from_bytes(number_of.raw[3:], "little") == 12345
    assert length.value == 19


def test_a_numeric_value_has_its_columns_digits_where_nothing_else_is_said(driver, application, statement):
    """DuckDB's ODBC scanner reads DECIMAL so, and the structure's scale beside it."""
    application.execute("SELECT CAST(1234.50 AS DECIMAL(9, 2)), CAST(7 AS INT), CAST(1234.567 AS DECIMAL(9, 3))")
    # Of the third column the ARD says how many digits are wanted.
    ard = application.attribute(10010)
    for field, value in ((1002, 2), (1005, 9), (1006, 1)):
        put(driver, ard, 3, field, value)
    application.do("SQLFetch", statement)
    for column, scale, digits in ((1, 2, 123450), (2, 0, 7), (3, 1, 12345)):
        structure = ctypes.create_string_buffer(19)
        application.do("SQLGetData", statement, column, 2, ctypes.addressof(structure), 19, None)
        assert (structure.raw[1], int.from_bytes(structure.raw[3:], "little")) == (scale, digits)


def test_parameters_fill_the_ipd_where_that_is_asked_for(driver, application, statement):
    flag = ctypes.c_uint()
    application.do("SQLGetConnectAttr", application.dbc, 10001, ctypes.addressof(flag), 4, None)
    assert flag.value == 1, "SQL_ATTR_AUTO_IPD"
    assert application.attribute(15) == 0
    application.do("SQLSetStmtAttr", statement, 15, 1, 0)
    text(application, "SQLPrepare", b"SELECT Id FROM Users WHERE Id = ? AND Created > ?")
    ipd = application.attribute(10013)
    assert number(driver, ipd, 0, 1001, 2) == 2
    for record in (1, 2):
        kind, size = ctypes.c_short(), ctypes.c_size_t()
        at = ctypes.addressof
        application.do("SQLDescribeParam", statement, record, at(kind), at(size), None, None)
        assert (number(driver, ipd, record, 2, 2), number(driver, ipd, record, 1003)) == (kind.value, size.value)
    # Off again: what is prepared next leaves it alone.
    application.do("SQLSetStmtAttr", statement, 15, 0, 0)
    text(application, "SQLPrepare", b"SELECT Id FROM Users WHERE Id = ?")
    assert number(driver, ipd, 0, 1001, 2) == 2

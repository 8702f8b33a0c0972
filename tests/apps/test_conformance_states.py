"""The state machine of statements: each function in each state, and attributes that a prepared or open statement fixes."""

import ctypes

import pytest

import c_abi
import okta_org
from c_abi import DBC, ERROR, NEED_DATA, NO_DATA, STMT, SUCCESS, WITH_INFO
from test_c_abi import FINE, TEXTS

NO_RESULTS, RESULTS = b"SET NOCOUNT ON", b"SELECT Id FROM Users"


def table():
    rows = {}
    for line in (okta_org.CHECKOUT / "tests/data/state_machine.txt").read_text().splitlines():
        if not line.startswith("#"):
            function, *cells = line.split()
            assert len(cells) == 10, line
            rows[function] = cells
    return rows


TABLE = table()


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def application(driver):
    with c_abi.connected(12, driver) as made:
        yield made


def text(application, symbol, sql):
    application.do(symbol, application.stmt, sql, len(sql))


def in_state(application, state, prepared):
    """A new statement in S1 to S10; S4 to S7 by SQLPrepare and SQLExecute, or by SQLExecDirect."""
    application.allocate_statement()
    stmt = application.stmt
    sql = NO_RESULTS if state in (2, 4) else RESULTS
    # A static cursor, so that SQLSetPos may be tried.
    application.do("SQLSetStmtAttr", stmt, 6, 3, 0)
    if state in (2, 3) or (prepared and 4 <= state <= 7):
        text(application, "SQLPrepare", sql)
        if state >= 4:
            application.do("SQLExecute", stmt)
    elif 4 <= state <= 7:
        text(application, "SQLExecDirect", sql)
    if state == 6:
        application.do("SQLFetch", stmt)
    if state == 7:
        kept = application.kept = (ctypes.c_size_t(), ctypes.c_ushort())
        application.do("SQLExtendedFetch", stmt, 1, 0, *map(ctypes.addressof, kept))
    if state >= 8:
        kept = application.kept = ctypes.c_ssize_t(-2)
        application.do("SQLBindParameter", stmt, 1, 1, 1, 12, 100, 0, 7, 0, ctypes.addressof(kept))
        application.execute("SELECT ?", allowed=(NEED_DATA,))
    if state >= 9:
        application.do("SQLParamData", stmt, None, allowed=(NEED_DATA,))
    if state == 10:
        application.do("SQLPutData", stmt, b"a", 1)


@pytest.mark.parametrize("narrow", TABLE)
def test_each_function_in_each_state(narrow, driver, application):
    wrong = []
    for state, cell in enumerate(TABLE[narrow], start=1):
        for prepared, expected in zip((False, True), (cell.split("/") * 2)[:2]):
            for symbol in {name for name, twin in c_abi.manifest() if twin == narrow}:
                in_state(application, state, prepared)
                code = driver.functions[symbol](application.handles(), TEXTS.get(narrow, ["x"] * 9))
                found = driver.state(STMT, application.stmt) if code == ERROR else "-"
                # In the one state where it may do anything it is refused for what it is.
                if narrow == "SQLBulkOperations" and expected == "-":
                    expected = "HY092"
                if found != expected or (code != ERROR and code not in FINE):
                    wrong.append(f"S{state} {'prepared' if prepared else 'direct'} {symbol}: {found}, not {expected}")
                driver.free(STMT, application.stmt)
    assert not wrong, "\n".join(wrong)


# SQL_ATTR_CURSOR_TYPE, CONCURRENCY, SIMULATE_CURSOR, USE_BOOKMARKS, CURSOR_SCROLLABLE, CURSOR_SENSITIVITY, and a value of each.
FIXED = {6: 0, 7: 1, 10: 0, 12: 0, -1: 0, -2: 0}


@pytest.mark.parametrize("attribute", FIXED)
def test_what_makes_a_cursor_is_fixed_once_it_is_prepared(attribute, driver, application):
    for state, expected in {1: None, 2: "HY011", 3: "HY011", 5: "24000", 6: "24000", 7: "24000"}.items():
        in_state(application, state, False)
        code = driver.functions["SQLSetStmtAttr"].call(application.stmt, attribute, FIXED[attribute], 0)
        found = driver.state(STMT, application.stmt) if code == ERROR else None
        assert found == expected, f"S{state}"
        driver.free(STMT, application.stmt)


def test_escapes_are_read_whatever_noscan_says(driver, application):
    application.allocate_statement()
    for value in (1, 0):
        application.do("SQLSetStmtAttr", application.stmt, 2, value, 0)
        assert application.attribute(2) == value
        application.execute("SELECT {fn UCASE('a')}")
        application.do("SQLFetch", application.stmt)
        text_of = ctypes.create_string_buffer(4)
        application.do("SQLGetData", application.stmt, 1, 1, ctypes.addressof(text_of), 4, None)
        assert text_of.value == b"A"
        application.do("SQLFreeStmt", application.stmt, 0)
    driver.free(STMT, application.stmt)


def test_other_attributes_may_be_set_whenever_no_data_is_awaited(driver, application):
    for state in range(1, 8):
        in_state(application, state, False)
        for attribute, value in ((0, 5), (1, 0), (3, 0), (2, 0), (11, 1), (27, 2), (25, None), (26, None), (10014, 0)):
            code = driver.functions["SQLSetStmtAttr"].call(application.stmt, attribute, value, 0)
            assert code in (SUCCESS, WITH_INFO), (state, attribute, driver.state(STMT, application.stmt))
        driver.free(STMT, application.stmt)


def test_a_failed_execution_leaves_the_preparation(driver, application):
    application.allocate_statement()
    stmt = application.stmt
    value, length = ctypes.create_string_buffer(b"abc"), ctypes.c_ssize_t(3)
    text(application, "SQLPrepare", b"SELECT Id FROM Users WHERE Created > ?")
    at = ctypes.addressof
    application.do("SQLBindParameter", stmt, 1, 1, 1, 93, 23, 3, at(value), 4, at(length))
    assert driver.functions["SQLExecute"].call(stmt) == ERROR
    assert driver.state(STMT, stmt) in ("22007", "22018")
    count = ctypes.c_short()
    application.do("SQLNumResultCols", stmt, at(count))
    assert count.value == 1
    value.raw, length.value = b"2020-01-01 00:00:00".ljust(30, b"\0")[:4], 3
    value = ctypes.create_string_buffer(b"2020-01-01 00:00:00")
    length.value = 19
    application.do("SQLBindParameter", stmt, 1, 1, 1, 93, 23, 3, at(value), 20, at(length))
    application.do("SQLExecute", stmt)
    driver.free(STMT, stmt)


def test_the_end_of_a_result_is_told_again_and_again(driver, application):
    application.allocate_statement()
    application.execute("SELECT 1 AS a")
    application.do("SQLFetch", application.stmt)
    for _ in range(3):
        assert driver.functions["SQLFetch"].call(application.stmt) == NO_DATA
    # After the end no row is current, but the cursor is open until it is closed.
    value = ctypes.create_string_buffer(8)
    code = driver.functions["SQLGetData"].call(application.stmt, 1, 1, ctypes.addressof(value), 8, None)
    assert (code, driver.state(STMT, application.stmt)) == (ERROR, "24000")
    assert driver.functions["SQLExecDirect"].call(application.stmt, b"SELECT 2", 8) == ERROR
    assert driver.state(STMT, application.stmt) == "24000"
    application.do("SQLCloseCursor", application.stmt)
    application.execute("SELECT 2")
    driver.free(STMT, application.stmt)


def test_cancelling_data_at_execution_goes_back(driver, application):
    for state in (8, 9, 10):
        in_state(application, state, False)
        application.do("SQLCancel", application.stmt)
        # S1 again: nothing is prepared.
        assert driver.functions["SQLExecute"].call(application.stmt) == ERROR
        assert driver.state(STMT, application.stmt) == "HY010"
        application.execute("SELECT 1")
        driver.free(STMT, application.stmt)


def test_cancel_handle_takes_statements_and_connections(driver, application):
    call = driver.functions["SQLCancelHandle"].call
    for state in (8, 9, 10):
        in_state(application, state, False)
        assert call(STMT, application.stmt) == SUCCESS
        application.execute("SELECT 1")
        driver.free(STMT, application.stmt)
    # With nothing to cancel it does nothing: an open cursor stays.
    in_state(application, 6, False)
    for kind, handle in ((STMT, application.stmt), (DBC, application.dbc)):
        assert call(kind, handle) == SUCCESS
    assert driver.functions["SQLFetch"].call(application.stmt) == SUCCESS
    # Of the wrong kind, or of one that cannot be cancelled.
    for kind, handle in ((DBC, application.stmt), (STMT, application.dbc), (c_abi.ENV, application.env), (9, application.stmt)):
        assert call(kind, handle) == c_abi.INVALID_HANDLE, kind
    driver.free(STMT, application.stmt)


# Connections: function, SQLSTATE on one that is only allocated, and on one that is connected.
CONNECTIONS = {
    "SQLConnect": (None, "08002"),
    "SQLDriverConnect": (None, "08002"),
    "SQLBrowseConnect": (None, "08002"),
    "SQLDisconnect": ("08003", None),
    "SQLNativeSql": ("08003", None),
    "SQLGetConnectAttr": (None, None),
    "SQLEndTran": ("08003", None),
    "SQLGetInfo": (None, None),
    "SQLGetFunctions": (None, None),
}


@pytest.mark.parametrize("narrow", CONNECTIONS)
def test_functions_of_a_connection(narrow, driver, application):
    unconnected, connected = CONNECTIONS[narrow]
    for symbol in {name for name, twin in c_abi.manifest() if twin == narrow}:
        function = driver.functions[symbol]
        texts = TEXTS.get(narrow, [application.string] * 3)
        other = c_abi.Application(driver, application.string, 3)
        code = function(other.handles(), texts)
        if unconnected:
            assert (code, driver.state(DBC, other.dbc)) == (ERROR, unconnected), symbol
        elif narrow not in ("SQLConnect", "SQLDriverConnect"):
            assert code in FINE, symbol
        other.close()
        other = c_abi.Application(driver, application.string, 3).connect()
        code = function(other.handles(), texts)
        if connected:
            assert (code, driver.state(DBC, other.dbc)) == (ERROR, connected), symbol
        else:
            assert code in FINE, symbol
        other.close()


def test_a_statement_needs_a_connection(driver, application):
    other = c_abi.Application(driver, application.string, 3)
    for kind in (STMT, c_abi.DESC):
        handle = ctypes.c_void_p(1)
        code = driver.functions["SQLAllocHandle"].call(kind, other.dbc, ctypes.addressof(handle))
        assert (code, driver.state(DBC, other.dbc), handle.value) == (ERROR, "08003", None)
    other.connect()
    # A connection is freed after it is disconnected, an environment after its connections.
    assert driver.functions["SQLFreeHandle"].call(DBC, other.dbc) == ERROR
    assert driver.state(DBC, other.dbc) == "HY010"
    assert driver.functions["SQLFreeHandle"].call(c_abi.ENV, other.env) == ERROR
    assert driver.state(c_abi.ENV, other.env) == "HY010"
    other.close()

"""Asynchronous execution by polling, through unixODBC and without it."""

import ctypes
import threading
import time

import pytest

import c_abi
from c_abi import DBC, ERROR, NO_DATA, STILL_EXECUTING, STMT, SUCCESS, WITH_INFO

ASYNC_ENABLE, ASYNC_MODE, AM_STATEMENT = 4, 10021, 2
ANSWERS = (SUCCESS, WITH_INFO, NO_DATA, ERROR, STILL_EXECUTING)


@pytest.fixture(params=[None, "libodbc.so.2"], ids=["driver", "unixODBC"])
def application(request, new_sim):
    org = new_sim("--users", 120, "--latency-ms", 60)
    made = c_abi.Application(c_abi.Driver(request.param), org.connection_string(PageSize=50), 3)
    made.connect().allocate_statement()
    yield made
    made.close()


def poll(application, symbol, *arguments):
    """How often the call was still executing, and its answer."""
    for polls in range(2000):
        code = application.do(symbol, application.stmt, *arguments, allowed=ANSWERS)
        if code != STILL_EXECUTING:
            return polls, code
        time.sleep(0.002)
    raise AssertionError(f"{symbol} does not end")


def test_rows_come_by_polling(application):
    mode, length = ctypes.c_uint(), ctypes.c_short()
    application.do("SQLGetInfo", application.dbc, ASYNC_MODE, ctypes.addressof(mode), 4, ctypes.addressof(length))
    assert mode.value == AM_STATEMENT
    application.do("SQLSetStmtAttr", application.stmt, ASYNC_ENABLE, 1, 0)
    polls, code = poll(application, "SQLExecDirect", b"SELECT Id FROM Users", -3)
    assert code == SUCCESS and polls > 3
    rows = 0
    while poll(application, "SQLFetch")[1] == SUCCESS:
        rows += 1
    assert rows == 120


def test_catalog_functions_are_polled_like_others(application):
    """They ask Okta nothing but schemas, so they may be done at once; while another call runs they have to wait for it."""
    application.do("SQLSetStmtAttr", application.stmt, ASYNC_ENABLE, 1, 0)
    users = (None, 0, None, 0, b"Users", 5)
    for symbol, arguments in (
        ("SQLTables", (*users, None, 0)),
        ("SQLColumns", (*users, None, 0)),
        ("SQLPrimaryKeys", users),
        ("SQLForeignKeys", (*users, None, 0, None, 0, None, 0)),
        ("SQLStatistics", (*users, 1, 0)),
        ("SQLSpecialColumns", (1, *users, 0, 1)),
        ("SQLGetTypeInfo", (0,)),
        ("SQLProcedures", users),
        ("SQLTablePrivileges", users),
    ):
        assert poll(application, symbol, *arguments)[1] == SUCCESS, symbol
        # unixODBC leaves a statement executing when a polled SQLFetch ends with SQL_NO_DATA: of what has no rows none is fetched.
        if symbol not in ("SQLProcedures", "SQLTablePrivileges"):
            assert poll(application, "SQLFetch")[1] == SUCCESS
        application.do("SQLFreeStmt", application.stmt, 0)
    query = ("SQLExecDirect", application.stmt, b"SELECT Id FROM Users", -3)
    assert application.do(*query, allowed=(STILL_EXECUTING,)) == STILL_EXECUTING
    application.do("SQLTables", application.stmt, *users, None, 0, allowed=(ERROR,))
    # The manager's own record, where there is one: its text is not the driver's.
    state = ctypes.create_string_buffer(6)
    record = application.driver.functions["SQLGetDiagRec"].call
    record(STMT, application.stmt, 1, ctypes.addressof(state), None, None, 0, None)
    assert state.value == b"HY010"
    assert poll(application, "SQLExecDirect", b"SELECT Id FROM Users", -3)[1] == SUCCESS


def test_an_error_comes_with_the_last_poll(application):
    application.do("SQLSetStmtAttr", application.stmt, ASYNC_ENABLE, 1, 0)
    assert poll(application, "SQLExecDirect", b"SELECT * FROM Nothing", -3)[1] == ERROR
    assert application.driver.state(STMT, application.stmt) == "42S02"


@pytest.mark.parametrize("cancel", [("SQLCancel",), ("SQLCancelHandle", STMT)], ids=["SQLCancel", "SQLCancelHandle"])
def test_a_cancelled_call_says_so_when_it_is_asked_for_again(application, cancel):
    application.do("SQLSetStmtAttr", application.stmt, ASYNC_ENABLE, 1, 0)
    query = ("SQLExecDirect", application.stmt, b"SELECT Id FROM Users", -3)
    assert application.do(*query, allowed=(STILL_EXECUTING,)) == STILL_EXECUTING
    symbol, *before = cancel
    application.do(symbol, *before, application.stmt)
    assert poll(application, "SQLExecDirect", b"SELECT Id FROM Users", -3)[1] == ERROR
    assert application.driver.state(STMT, application.stmt) == "HY008"


def test_a_connection_that_is_being_made_is_cancelled_by_its_handle(new_sim):
    org = new_sim("--users", 5, "--latency-ms", 5000)
    application = c_abi.Application(c_abi.Driver(), org.connection_string(), 3)
    threading.Timer(0.5, lambda: application.driver.functions["SQLCancelHandle"].call(DBC, application.dbc)).start()
    begun = time.monotonic()
    with pytest.raises(AssertionError, match="HY008"):
        application.connect()
    assert time.monotonic() - begun < 3
    application.close()


def test_the_log_tells_a_polled_call_once_with_its_answer(new_sim, tmp_path):
    org = new_sim("--users", 120, "--latency-ms", 60)
    log = tmp_path / "okta.log"
    application = c_abi.Application(c_abi.Driver(), org.connection_string(PageSize=50, Logfile=log, Verbosity=5), 3)
    application.connect().allocate_statement()
    application.do("SQLSetStmtAttr", application.stmt, ASYNC_ENABLE, 1, 0)
    polls, code = poll(application, "SQLExecDirect", b"SELECT Id FROM Users", -3)
    assert code == SUCCESS and polls > 3
    application.do("SQLFreeStmt", application.stmt, 0)
    # Another function than the one that runs is refused, under its own name.
    application.do("SQLExecDirect", application.stmt, b"SELECT Id FROM Users", -3, allowed=(STILL_EXECUTING,))
    application.do("SQLFetch", application.stmt, allowed=(ERROR,))
    assert poll(application, "SQLExecDirect", b"SELECT Id FROM Users", -3)[1] == SUCCESS
    application.close()
    calls = [line for line in log.read_text().splitlines() if " call call=" in line]
    executed = [line for line in calls if "call=SQLExecDirect " in line]
    assert len(executed) == 2 and all("returned=SQL_SUCCESS" in line for line in executed), executed
    fetched = [line for line in calls if "call=SQLFetch " in line]
    assert len(fetched) == 1 and "returned=SQL_ERROR" in fetched[0], fetched

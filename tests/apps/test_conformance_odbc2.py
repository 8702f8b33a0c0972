"""An ODBC 2 application: SQLSTATEs, type codes and functions of ODBC 2, from the driver itself and through unixODBC."""

import ctypes
import ctypes.util

import pytest

import c_abi
import okta_org
from c_abi import DBC, ENV, ERROR, NO_DATA, STMT, SUCCESS, WITH_INFO

at = ctypes.addressof

# A fault, its SQLSTATE of ODBC 3 and of ODBC 2 ("SQLSTATE Mappings" in appendix A of the reference).
FAULTS = [
    ("SELEC 1", "42000", "37000"),
    ("SELECT * FROM NoSuchTable", "42S02", "S0002"),
    ("SELECT NoSuchColumn FROM Users", "42S22", "S0022"),
    ("SELECT CAST('x' AS INT)", "22018", "22005"),
    ("SELECT ?", "07002", "07001"),
]
# A call on a statement that was only allocated.
CALLS = [
    (("SQLFetch",), "HY010", "S1010"),
    (("SQLBindCol", 1, 77, at(ctypes.create_string_buffer(8)), 8, None), "HY003", "S1003"),
    (("SQLGetTypeInfo", 77), "HY004", "S1004"),
    (("SQLBindCol", 0, 1, at(ctypes.create_string_buffer(8)), 8, None), "07009", "S1002"),
    (("SQLExecDirect", b"SELECT 1", -7), "HY090", "S1090"),
    (("SQLSetStmtAttr", 4711, 1, 0), "HY092", "S1092"),
    (("SQLStatistics", None, 0, None, 0, b"Users", 5, 7, 0), "HY100", "S1100"),
    (("SQLStatistics", None, 0, None, 0, b"Users", 5, 0, 7), "HY101", "S1101"),
    (("SQLSpecialColumns", 7, None, 0, None, 0, b"Users", 5, 0, 1), "HY097", "S1097"),
    (("SQLBindParameter", 1, 9, 1, 12, 8, 0, at(ctypes.create_string_buffer(8)), 8, None), "HY105", "S1105"),
]


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", 7)
    yield started
    started.close()


def connected(driver, org, version):
    return c_abi.Application(driver, org.connection_string(), version).connect()


@pytest.mark.parametrize("version,column", [(3, 1), (380, 1), (2, 2)])
def test_states_are_those_of_the_version(version, column, org):
    driver = c_abi.Driver()
    application = connected(driver, org, version)
    for fault in FAULTS:
        application.allocate_statement()
        application.execute(fault[0], allowed=(ERROR,))
        assert driver.state(STMT, application.stmt) == fault[column], fault[0]
        driver.free(STMT, application.stmt)
    for call in CALLS:
        application.allocate_statement()
        assert driver.functions[call[0][0]].call(application.stmt, *call[0][1:]) == ERROR, call
        assert driver.state(STMT, application.stmt) == call[column], call
        driver.free(STMT, application.stmt)
    application.close()


@pytest.mark.parametrize("version,codes", [(3, {91, 92, 93}), (2, {9, 10, 11})])
def test_result_sets_hold_the_codes_of_the_version(version, codes, org):
    driver = c_abi.Driver()
    application = connected(driver, org, version).allocate_statement()

    def column(number):
        found = set()
        while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) != NO_DATA:
            value = ctypes.c_short()
            application.do("SQLGetData", application.stmt, number, -15, at(value), 2, None)
            found.add(value.value)
        application.do("SQLFreeStmt", application.stmt, 0)
        return found

    application.do("SQLGetTypeInfo", application.stmt, 0)
    assert column(2) & {9, 10, 11, 91, 92, 93} == codes
    # Either version's code asks for the type.
    for code in (11, 93):
        application.do("SQLGetTypeInfo", application.stmt, code)
        assert column(2) == {max(codes)}
    application.do("SQLColumns", application.stmt, None, 0, None, 0, b"Users", 5, b"Created", 7)
    assert column(5) == {max(codes)}
    # SQL_DATA_TYPE and SQL_DATETIME_SUB tell the verbose type in both.
    application.do("SQLColumns", application.stmt, None, 0, None, 0, b"Users", 5, b"Created", 7)
    assert column(14) == {9}
    application.close()


class Manager:
    """unixODBC's own functions of ODBC 2, which it maps for the driver or hands to it."""

    def __init__(self, string):
        self.library = ctypes.CDLL(ctypes.util.find_library("odbc"))
        self.env, self.dbc, self.stmt = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        assert self.library.SQLAllocEnv(ctypes.byref(self.env)) == SUCCESS
        assert self.library.SQLAllocConnect(self.env, ctypes.byref(self.dbc)) == SUCCESS
        text = string.encode()
        code = self.library.SQLDriverConnect(self.dbc, None, text, ctypes.c_short(len(text)), None, ctypes.c_short(0), None, 0)
        assert code in (SUCCESS, WITH_INFO), self.error()
        assert self.library.SQLAllocStmt(self.dbc, ctypes.byref(self.stmt)) == SUCCESS

    def error(self):
        """SQLSTATE by SQLError."""
        state, text = ctypes.create_string_buffer(6), ctypes.create_string_buffer(512)
        native, length = ctypes.c_int(), ctypes.c_short()
        handles = (self.env, self.dbc, self.stmt)
        code = self.library.SQLError(*handles, state, ctypes.byref(native), text, ctypes.c_short(512), ctypes.byref(length))
        return state.value.decode() if code in (SUCCESS, WITH_INFO) else None

    def call(self, symbol, *arguments):
        return ctypes.c_short(getattr(self.library, symbol)(self.stmt, *arguments)).value

    def execute(self, sql):
        return self.call("SQLExecDirect", sql.encode(), ctypes.c_int(len(sql.encode())))

    def close(self):
        assert self.call("SQLFreeStmt", 1) == SUCCESS
        for symbol, handle in (("SQLDisconnect", self.dbc), ("SQLFreeConnect", self.dbc), ("SQLFreeEnv", self.env)):
            assert getattr(self.library, symbol)(handle) == SUCCESS, symbol


@pytest.fixture
def manager(org):
    made = Manager(org.connection_string())
    yield made
    made.close()


@pytest.mark.parametrize("sql,_,state", FAULTS)
def test_sql_error_through_the_manager(sql, _, state, manager):
    assert manager.execute(sql) == ERROR
    assert manager.error() == state
    assert manager.error() is None, "SQLError takes a record away"


def test_an_odbc_2_program_reads_by_extended_fetch(manager, org):
    # SQLSetStmtOption: SQL_ROWSET_SIZE, SQL_CURSOR_TYPE.
    assert manager.call("SQLSetStmtOption", ctypes.c_ushort(9), ctypes.c_size_t(3)) == SUCCESS
    assert manager.call("SQLSetStmtOption", ctypes.c_ushort(6), ctypes.c_size_t(3)) == SUCCESS
    assert manager.execute("SELECT Id, Created FROM Users ORDER BY Id") == SUCCESS
    # SQLColAttributes: SQL_COLUMN_TYPE of a timestamp, SQL_COLUMN_NAME.
    text, length, number = ctypes.create_string_buffer(30), ctypes.c_short(), ctypes.c_ssize_t()
    arguments = (text, ctypes.c_short(30), ctypes.byref(length), ctypes.byref(number))
    assert manager.call("SQLColAttributes", ctypes.c_ushort(2), ctypes.c_ushort(2), *arguments) == SUCCESS
    assert number.value == 11
    assert manager.call("SQLColAttributes", ctypes.c_ushort(1), ctypes.c_ushort(1), *arguments) == SUCCESS
    assert text.value == b"Id"
    ids, lengths = ctypes.create_string_buffer(3 * 33), (ctypes.c_ssize_t * 3)()
    assert manager.call("SQLBindCol", ctypes.c_ushort(1), ctypes.c_short(1), ids, ctypes.c_ssize_t(33), lengths) == SUCCESS
    rows, status = ctypes.c_size_t(), (ctypes.c_ushort * 3)()

    def fetch(orientation, offset=0):
        code = manager.call(
            "SQLExtendedFetch", ctypes.c_ushort(orientation), ctypes.c_ssize_t(offset), ctypes.byref(rows), status
        )
        return [ids.raw[33 * row : 33 * row + lengths[row]].decode() for row in range(rows.value)] if code == SUCCESS else code

    everyone = sorted(user["id"] for user in org.truth("Users"))
    assert [fetch(1), fetch(1), fetch(1), fetch(1)] == [everyone[:3], everyone[3:6], everyone[6:], NO_DATA]
    assert list(status)[1:] == [3, 3]
    # SQL_FETCH_FIRST, LAST, ABSOLUTE, RELATIVE.
    assert [fetch(2), fetch(3), fetch(5, 2), fetch(6, 1)] == [everyone[:3], everyone[4:], everyone[1:4], everyone[2:5]]


def test_options_and_transactions_of_odbc_2(manager):
    library = manager.library
    # SQL_AUTOCOMMIT, SQL_QUERY_TIMEOUT, SQLTransact.
    assert library.SQLSetConnectOption(manager.dbc, ctypes.c_ushort(102), ctypes.c_size_t(0)) == SUCCESS
    value = ctypes.c_uint(9)
    assert library.SQLGetConnectOption(manager.dbc, ctypes.c_ushort(102), ctypes.byref(value)) == SUCCESS
    assert value.value == 0
    assert library.SQLTransact(manager.env, manager.dbc, ctypes.c_ushort(1)) == SUCCESS
    assert library.SQLSetConnectOption(manager.dbc, ctypes.c_ushort(102), ctypes.c_size_t(1)) == SUCCESS
    assert manager.call("SQLSetStmtOption", ctypes.c_ushort(0), ctypes.c_size_t(5)) == SUCCESS
    kept = ctypes.c_size_t()
    assert manager.call("SQLGetStmtOption", ctypes.c_ushort(0), ctypes.byref(kept)) == SUCCESS and kept.value == 5
    # SQLSetParam: a date by its code of ODBC 2, as SQL_C_CHAR.
    text, length = ctypes.create_string_buffer(b"2024-02-29 00:00:00"), ctypes.c_ssize_t(-3)
    arguments = (ctypes.c_ushort(1), ctypes.c_short(1), ctypes.c_short(11), ctypes.c_size_t(23), ctypes.c_short(0), text)
    assert manager.call("SQLSetParam", *arguments, ctypes.byref(length)) == SUCCESS
    assert manager.execute("SELECT {fn DAYOFYEAR(?)}") == SUCCESS
    assert manager.call("SQLFetch") == SUCCESS
    day = ctypes.c_int()
    assert manager.call("SQLGetData", ctypes.c_ushort(1), ctypes.c_short(4), ctypes.byref(day), ctypes.c_ssize_t(4), None) == SUCCESS
    assert day.value == 60

"""Bad handles, null pointers, wrong lengths and wrong values in every exported function, without a driver manager."""

import ctypes
import subprocess

import pytest

import c_abi
import okta_org
from c_abi import DBC, DESC, ENV, ERROR, INVALID_HANDLE, NEED_DATA, NO_DATA, NTS, STMT, SUCCESS, WITH_INFO

SYMBOLS = c_abi.manifest()
FINE = (SUCCESS, WITH_INFO, NO_DATA, NEED_DATA)

# What has to be done before a function can do anything: nothing more than allocating a statement unless named here.
READY = {
    "SQLBrowseConnect": "unconnected",
    "SQLConnect": "unconnected",
    "SQLDriverConnect": "unconnected",
    "SQLBulkOperations": "fetched",
    "SQLCloseCursor": "executed",
    "SQLColAttribute": "executed",
    "SQLDescribeCol": "executed",
    "SQLExtendedFetch": "executed",
    "SQLFetch": "executed",
    "SQLFetchScroll": "executed",
    "SQLGetDescField": "executed",
    "SQLGetDescRec": "executed",
    "SQLMoreResults": "executed",
    "SQLSetPos": "fetched",
    "SQLNumResultCols": "executed",
    "SQLRowCount": "executed",
    "SQLGetData": "fetched",
    "SQLDescribeParam": "prepared",
    "SQLNumParams": "prepared",
    "SQLExecute": "prepared without parameters",
    "SQLParamData": "needs data",
    "SQLPutData": "must put",
    "SQLGetDiagField": "failed",
    "SQLGetDiagRec": "failed",
    "SQLCopyDesc": "ard",
    "SQLSetDescField": "ard",
    "SQLSetDescRec": "ard",
}

TABLE = ["Okta", "dbo", "Users"]
TEXTS = {
    "SQLBrowseConnect": ["Domain=okta.example.com"],
    "SQLColumnPrivileges": [*TABLE, "Id"],
    "SQLColumns": [*TABLE, "Id"],
    "SQLConnect": ["no such DSN", "", ""],
    "SQLExecDirect": ["SELECT 1 AS a"],
    "SQLForeignKeys": [*TABLE, "Okta", "dbo", "GroupMembers"],
    "SQLNativeSql": ["SELECT 'é'"],
    "SQLPrepare": ["SELECT 1 AS a"],
    "SQLPrimaryKeys": TABLE,
    "SQLProcedureColumns": ["", "", "", ""],
    "SQLProcedures": ["", "", ""],
    "SQLPutData": ["data"],
    "SQLSetConnectAttr": ["Okta"],
    "SQLSetCursorName": ["mine"],
    "SQLSpecialColumns": TABLE,
    "SQLStatistics": TABLE,
    "SQLTablePrivileges": TABLE,
    "SQLTables": [*TABLE, "TABLE"],
}

# SQLSTATE of a function that fails whatever it is given.
ALWAYS = {
    # SQL_ADD through a cursor that is read-only.
    "SQLBulkOperations": "HY092",
    "SQLConnect": "IM002",
}

# (function, word of its signature) whose pointer must not be null; any other may.
NOT_NULL = {
    ("SQLAllocHandle", 2): "HY009",
    ("SQLBrowseConnect", 1): "HY009",
    ("SQLColumnPrivileges", 3): "HY009",
    ("SQLConnect", 1): "HY000",
    ("SQLDriverConnect", 2): "HY009",
    ("SQLExecDirect", 1): "HY009",
    ("SQLNativeSql", 1): "HY009",
    ("SQLPrepare", 1): "HY009",
    ("SQLPrimaryKeys", 3): "HY009",
    ("SQLPutData", 1): "HY009",
    ("SQLSetConnectAttr", 2): "HY009",
    ("SQLSetCursorName", 1): "HY009",
    ("SQLSpecialColumns", 4): "HY009",
    ("SQLStatistics", 3): "HY009",
}

# On a statement that was only allocated.
TOO_EARLY = {
    "SQLBulkOperations": "HY010",
    "SQLCloseCursor": "24000",
    "SQLColAttribute": "HY010",
    "SQLDescribeCol": "HY010",
    "SQLDescribeParam": "HY010",
    "SQLExecute": "HY010",
    "SQLExtendedFetch": "HY010",
    "SQLFetch": "HY010",
    "SQLFetchScroll": "HY010",
    "SQLGetData": "HY010",
    "SQLNumParams": "HY010",
    "SQLNumResultCols": "HY010",
    "SQLParamData": "HY010",
    "SQLPutData": "HY010",
    "SQLRowCount": "HY010",
    "SQLSetPos": "HY010",
}

# Function, {word: value}, SQLSTATE.
WRONG = [
    ("SQLAllocHandle", {0: 9}, "HY092"),
    ("SQLAllocHandle", {0: -1}, "HY092"),
    ("SQLBindCol", {1: 0}, "07009"),
    ("SQLBindCol", {1: 65535}, "07009"),
    ("SQLBindCol", {2: 77}, "HY003"),
    ("SQLBindParameter", {1: 0}, "07009"),
    ("SQLBindParameter", {1: 65535}, "07009"),
    ("SQLBindParameter", {2: 9}, "HY105"),
    ("SQLBindParameter", {3: 77}, "HY003"),
    ("SQLBindParameter", {4: 77}, "HY004"),
    ("SQLBindParameter", {7: (None, 0), 8: None}, "HY009"),
    ("SQLColAttribute", {1: 0}, "07009"),
    ("SQLColAttribute", {1: 2}, "07009"),
    ("SQLColAttribute", {2: 999}, "HY091"),
    ("SQLDescribeCol", {1: 0}, "07009"),
    ("SQLDescribeCol", {1: 65535}, "07009"),
    ("SQLDescribeParam", {1: 0}, "07009"),
    ("SQLDescribeParam", {1: 2}, "07009"),
    ("SQLDriverConnect", {5: 9}, "HY110"),
    ("SQLEndTran", {2: 7}, "HY012"),
    ("SQLExtendedFetch", {1: 2}, "HY106"),
    ("SQLExtendedFetch", {1: 99}, "HY106"),
    ("SQLFetchScroll", {1: 5}, "HY106"),
    ("SQLFetchScroll", {1: -1}, "HY106"),
    ("SQLFreeHandle", {0: 9}, "HY092"),
    ("SQLFreeStmt", {1: 9}, "HY092"),
    ("SQLGetConnectAttr", {1: 4711}, "HY092"),
    ("SQLGetData", {1: 0}, "07009"),
    ("SQLGetData", {1: 2}, "07009"),
    ("SQLGetData", {2: 77}, "HY003"),
    ("SQLGetDescField", {1: -1}, "07009"),
    ("SQLGetDescField", {2: 9999}, "HY091"),
    ("SQLGetDescRec", {1: -1}, "07009"),
    ("SQLGetEnvAttr", {1: 4711}, "HY092"),
    ("SQLGetFunctions", {1: 9999}, "HY095"),
    ("SQLGetInfo", {1: 60000}, "HY096"),
    ("SQLGetStmtAttr", {1: 4711}, "HY092"),
    ("SQLGetStmtAttr", {1: 14}, "24000"),
    ("SQLGetTypeInfo", {1: 77}, "HY004"),
    ("SQLSetConnectAttr", {1: 4711}, "HY092"),
    ("SQLSetConnectAttr", {1: 102}, "HY024"),
    ("SQLSetDescField", {1: -1}, "07009"),
    ("SQLSetDescField", {2: 9999}, "HY091"),
    ("SQLSetDescField", {3: 77}, "HY021"),
    ("SQLSetDescRec", {1: -1}, "07009"),
    ("SQLSetDescRec", {2: 77}, "HY021"),
    ("SQLSetEnvAttr", {1: 4711}, "HY092"),
    ("SQLSetEnvAttr", {2: 9}, "HY024"),
    ("SQLSetStmtAttr", {1: 4711}, "HY092"),
    ("SQLSetStmtAttr", {1: 27, 2: 0}, "HY024"),
    ("SQLSetStmtAttr", {1: 10012, 2: 1}, "HY017"),
    ("SQLSetStmtAttr", {1: 10010, 2: 1}, "HY024"),
    ("SQLSpecialColumns", {1: 9}, "HY097"),
    ("SQLSpecialColumns", {5: 9}, "HY098"),
    ("SQLSpecialColumns", {6: 9}, "HY099"),
    ("SQLSetPos", {1: 0}, "HY109"),
    ("SQLSetPos", {2: 2}, "HY092"),
    ("SQLSetPos", {2: 9}, "HY092"),
    ("SQLSetPos", {3: 1}, "HYC00"),
    ("SQLSetPos", {3: 9}, "HY092"),
    ("SQLStatistics", {4: 9}, "HY100"),
    ("SQLStatistics", {5: 9}, "HY101"),
]


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", 12)
    yield started
    started.close()


@pytest.fixture
def applications(driver, org):
    made = []

    def ready(state="statement"):
        application = c_abi.Application(driver, org.connection_string())
        made.append(application)
        if state == "unconnected":
            return application
        application.connect().allocate_statement()
        if state in ("executed", "fetched"):
            application.execute("SELECT 'a longer \U0001f600 text' AS \"a long label\"")
        if state == "fetched":
            application.do("SQLFetch", application.stmt)
        if state.startswith("prepared"):
            text = b"SELECT 1" if "without" in state else b"SELECT Id FROM Users WHERE Id = ?"
            application.do("SQLPrepare", application.stmt, text, len(text))
        if state in ("needs data", "must put"):
            application.kept = ctypes.c_ssize_t(-2)
            at = ctypes.addressof(application.kept)
            application.do("SQLBindParameter", application.stmt, 1, 1, 1, 12, 100, 0, 7, 0, at)
            application.execute("SELECT ?", allowed=(NEED_DATA,))
        if state == "must put":
            application.do("SQLParamData", application.stmt, None, allowed=(NEED_DATA,))
        if state == "failed":
            application.execute("SELEC 1", allowed=(ERROR,))
        if state == "ard":
            application.desc = application.attribute(10010)
        return application

    yield ready
    for application in made:
        application.close()


def handle_of(function, application):
    """Kind and value of the handle whose diagnostics a call fills."""
    kinds = [argument.handle for argument in function.arguments if argument.handle]
    return kinds[-1], application.handles()[kinds[-1]]


def call(driver, application, symbol, changes=None):
    function = driver.functions[symbol]
    code = function(application.handles(), TEXTS.get(function.narrow, ["x"] * 9), changes)
    # Reading diagnostics leaves them alone, so they tell nothing of it.
    reader = function.narrow.startswith("SQLGetDiag")
    state = driver.state(*handle_of(function, application)) if code == ERROR and not reader else None
    return code, state


def positions(narrow, kinds):
    words = [c_abi.Argument(word) for word in c_abi.SIGNATURES[narrow].split()]
    return [position for position, word in enumerate(words) if word.kind in kinds]


def test_every_export_has_its_row_and_the_library_has_no_others(driver):
    assert {narrow for _, narrow in SYMBOLS} == set(c_abi.SIGNATURES)
    listed = subprocess.run(["nm", "-D", "--defined-only", driver.library._name], capture_output=True, text=True, check=True)
    exported = {line.split()[-1] for line in listed.stdout.splitlines()}
    assert {name for name in exported if name.startswith("SQL")} == {symbol for symbol, _ in SYMBOLS}
    for table in (READY, TEXTS, ALWAYS, TOO_EARLY):
        assert set(table) <= set(c_abi.SIGNATURES)


@pytest.mark.parametrize("symbol,narrow", SYMBOLS)
def test_good_arguments_are_taken(symbol, narrow, driver, applications):
    application = applications(READY.get(narrow, "statement"))
    if narrow == "SQLDriverConnect":
        text = application.string
        function = driver.functions[symbol]
        assert function(application.handles(), [text]) in FINE
        return
    code, state = call(driver, application, symbol)
    if narrow in ALWAYS:
        assert (code, state) == (ERROR, ALWAYS[narrow])
    else:
        assert code in FINE, state


@pytest.mark.parametrize("symbol,narrow", SYMBOLS)
def test_a_handle_that_is_none(symbol, narrow, driver, applications):
    application = applications()
    memory = ctypes.create_string_buffer(64)
    freed = {
        ENV: driver.allocate(ENV, None),
        DBC: driver.allocate(DBC, application.env),
        STMT: driver.allocate(STMT, application.dbc),
        DESC: driver.allocate(DESC, application.dbc),
    }
    for kind, handle in freed.items():
        driver.free(kind, handle)
    words = positions(narrow, "H")
    assert words
    for word in words:
        kind = driver.functions[symbol].arguments[word].handle
        others = [handle for other, handle in application.handles().items() if other != kind]
        for handle in [None, 1, 0xDEADBEEF, 2**64 - 1, ctypes.addressof(memory), *freed.values(), *others]:
            assert call(driver, application, symbol, {word: handle})[0] == INVALID_HANDLE, (word, handle)


@pytest.mark.parametrize("symbol,narrow", SYMBOLS)
def test_each_pointer_null(symbol, narrow, driver, applications):
    for word in positions(narrow, "TABP"):
        application = applications(READY.get(narrow, "statement"))
        length = (4,) if driver.functions[symbol].arguments[word].length else ()
        code, state = call(driver, application, symbol, {word: (None, *length) if length else None})
        expected = NOT_NULL.get((narrow, word)) or ALWAYS.get(narrow)
        if narrow == "SQLDriverConnect" and not expected:
            # Its text here is no connection string that could succeed.
            assert code == ERROR and state, word
        elif expected:
            assert (code, state) == (ERROR, expected), word
        else:
            assert code in FINE, (word, state)


@pytest.mark.parametrize("symbol,narrow", SYMBOLS)
def test_lengths_of_texts(symbol, narrow, driver, applications):
    function = driver.functions[symbol]
    for number, word in enumerate(positions(narrow, "TA")):
        text = TEXTS.get(narrow, ["x"] * 9)[number]
        ended = c_abi.Walled(function.encoded(text + "\0"))
        bits = 8 * ctypes.sizeof(function.arguments[word].length)
        for length in (-1, -2, -4, -(2 ** (bits - 1))):
            application = applications(READY.get(narrow, "statement"))
            code, state = call(driver, application, symbol, {word: (ended.address, length)})
            if narrow == "SQLPutData" and length == -1:
                assert code == SUCCESS, "SQL_NULL_DATA"
            else:
                assert (code, state) == (ERROR, "HY090"), (word, length)
        # Without a terminator, with one, and nothing at all; the wall is behind the last character.
        results = []
        for change in (None, (ended.address, NTS), (ended.address, 0)):
            application = applications(READY.get(narrow, "statement"))
            results.append(call(driver, application, symbol, {word: change} if change else None))
        assert results[0] == results[1], word
        assert results[2][0] in (*FINE, ERROR)


@pytest.mark.parametrize("symbol,narrow", SYMBOLS)
def test_capacities_of_buffers(symbol, narrow, driver, applications):
    function = driver.functions[symbol]
    for word in positions(narrow, "B"):
        argument = function.arguments[word]
        bits = 8 * ctypes.sizeof(argument.length)
        memory = ctypes.create_string_buffer(64)
        for capacity in (-1, -2, -(2 ** (bits - 1))):
            application = applications(READY.get(narrow, "statement"))
            code, state = call(driver, application, symbol, {word: (ctypes.addressof(memory), capacity)})
            if narrow == "SQLBindParameter" and capacity == -1:
                assert code == SUCCESS, "SQL_SETPARAM_VALUE_MAX"
                continue
            assert code == ERROR, capacity
            if not narrow.startswith("SQLGetDiag"):
                assert state == ALWAYS.get(narrow, "HY090"), capacity
            assert memory.raw == bytes(64)
        if narrow in ALWAYS or narrow in ("SQLDriverConnect", "SQLBindCol", "SQLBindParameter"):
            continue
        application = applications(READY.get(narrow, "statement"))
        for capacity in range(12):
            walled = c_abi.Walled(capacity * (1 if argument.in_bytes else function.unit))
            code, state = call(driver, application, symbol, {word: (walled.address, capacity)})
            assert code in FINE, (capacity, state)


@pytest.mark.parametrize("wide", [False, True])
def test_the_out_string_fits_any_buffer(wide, driver, applications):
    function = driver.functions["SQLDriverConnectW" if wide else "SQLDriverConnect"]
    for capacity in (0, 1, 2, 3, 20, 2000):
        application = applications("unconnected")
        walled, length = c_abi.Walled(capacity * function.unit), ctypes.c_short()
        changes = {3: (walled.address, capacity), 4: ctypes.addressof(length)}
        code = function(application.handles(), [application.string], changes)
        assert code == (SUCCESS if capacity > length.value else WITH_INFO)
        assert length.value >= len("Domain=")
        if capacity:
            written = walled.bytes().decode("utf-16-le" if wide else "utf-8").split("\0")[0]
            assert len(written) == min(capacity - 1, length.value)


@pytest.mark.parametrize("symbol,narrow", [pair for pair in SYMBOLS if pair[1] in TOO_EARLY])
def test_too_early(symbol, narrow, driver, applications):
    assert call(driver, applications(), symbol) == (ERROR, TOO_EARLY[narrow])


@pytest.mark.parametrize("narrow,changes,state", WRONG)
def test_wrong_values(narrow, changes, state, driver, applications):
    for symbol, twin in SYMBOLS:
        if twin == narrow:
            application = applications(READY.get(narrow, "statement"))
            assert call(driver, application, symbol, changes) == (ERROR, state), symbol


def test_a_diagnostic_record_that_is_none(driver, applications):
    application = applications("failed")
    for symbol in ("SQLGetDiagRec", "SQLGetDiagRecW", "SQLGetDiagField", "SQLGetDiagFieldW"):
        for number, expected in ((0, ERROR), (-1, ERROR), (-32768, ERROR), (2, NO_DATA), (32767, NO_DATA)):
            assert call(driver, application, symbol, {2: number})[0] == expected, (symbol, number)
        for kind in (0, ENV, DBC, DESC, 9, -1):
            assert call(driver, application, symbol, {0: kind})[0] == INVALID_HANDLE
    for symbol in ("SQLGetDiagField", "SQLGetDiagFieldW"):
        assert call(driver, application, symbol, {3: 4711})[0] == ERROR


def test_fetching_stays_within_its_buffers(driver, applications):
    """Rowsets of several sizes into memory that ends where the array ends, in both layouts."""
    for c_type, unit in ((1, 1), (-8, 2)):
        for size in (unit, 2 * unit, 3 * unit, 20 * unit):
            for rows in (1, 3, 50):
                application = applications()
                values, lengths = c_abi.Walled(size * rows), c_abi.Walled(8 * rows)
                status, fetched = c_abi.Walled(2 * rows), ctypes.c_size_t()
                for attribute, value in ((27, rows), (25, status.address), (26, ctypes.addressof(fetched))):
                    application.do("SQLSetStmtAttr", application.stmt, attribute, value, 0)
                application.do("SQLBindCol", application.stmt, 1, c_type, values.address, size, lengths.address)
                application.execute("SELECT ProfileFirstName FROM Users")
                total = 0
                while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, WITH_INFO, NO_DATA)) != NO_DATA:
                    total += fetched.value
                    assert fetched.value <= rows
                assert total == 12

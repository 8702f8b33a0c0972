"""What Power BI, Access, SSIS and MS Query call, in their order, without a driver manager between."""

import ctypes

import pytest

import c_abi
import okta_org
from c_abi import DBC, ENV, ERROR, NO_DATA, STILL_EXECUTING, STMT, SUCCESS, WITH_INFO

USERS = 12


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", USERS)
    yield started
    started.close()


@pytest.fixture
def application(driver, org):
    made = c_abi.Application(driver, org.connection_string())
    yield made
    made.close()


def wide(text):
    return ctypes.create_unicode_buffer(text) if ctypes.sizeof(ctypes.c_wchar) == 2 else (text + "\0").encode("utf-16-le")


def info(application, symbol, number, capacity=100):
    """Code, bytes and length of one SQLGetInfo."""
    value, length = ctypes.create_string_buffer(2000), ctypes.c_short(-1)
    code = application.driver.functions[symbol].call(
        application.dbc, number, ctypes.addressof(value), capacity, ctypes.addressof(length)
    )
    return code, value.raw[: max(length.value, 0)], length.value


def count(application):
    columns = ctypes.c_short()
    application.do("SQLNumResultCols", application.stmt, ctypes.addressof(columns))
    return columns.value


def fetch_all(application, columns, c_type=-8):
    """Rows by SQLGetData, each cell as UTF-16."""
    rows = []
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) != NO_DATA:
        row = []
        for column in range(1, columns + 1):
            value, length = ctypes.create_string_buffer(9000), ctypes.c_ssize_t()
            at = ctypes.addressof(length)
            application.do("SQLGetData", application.stmt, column, c_type, ctypes.addressof(value), 9000, at)
            row.append(None if length.value == -1 else value.raw[: length.value].decode("utf-16-le"))
        rows.append(row)
    return rows


def attribute(application, column, field):
    """Text and number of one SQLColAttributeW."""
    text, length, number = ctypes.create_string_buffer(512), ctypes.c_short(), ctypes.c_ssize_t(-99)
    at = [ctypes.addressof(place) for place in (text, length, number)]
    application.do("SQLColAttributeW", application.stmt, column, field, at[0], 512, at[1], at[2])
    return text.raw[: length.value].decode("utf-16-le"), number.value


def text_of(code, value, length):
    assert code == SUCCESS and length == len(value)
    return value.decode("utf-16-le")


def test_power_bi_imports_a_table(driver, org):
    application = c_abi.Application(driver, org.connection_string())
    assert driver.functions["SQLSetEnvAttr"].call(application.env, 201, 2, 0) == SUCCESS
    application.do("SQLSetConnectAttrW", application.dbc, 103, 15, -5)
    text, out, length = wide(application.string), ctypes.create_string_buffer(2048), ctypes.c_short()
    at = ctypes.addressof(length)
    application.do("SQLDriverConnectW", application.dbc, None, text, -3, ctypes.addressof(out), 1024, at, 0)
    returned = out.raw[: 2 * length.value].decode("utf-16-le")
    assert "Driver={Okta ODBC Driver}" in returned and org.url in returned
    assert text_of(*info(application, "SQLGetInfoW", 17)) == "Okta"
    assert text_of(*info(application, "SQLGetInfoW", 18))[2] == "."
    # Excel measures the catalog first.
    size = ctypes.c_int()
    get = driver.functions["SQLGetConnectAttrW"]
    assert get.call(application.dbc, 109, None, 0, ctypes.addressof(size)) == SUCCESS and size.value == 8
    asked = [29, 91, 92, 41, 114, 118, 99, 10005, 97, 100, 90, 50, 169, 160, 161, 87, 88, 49, 52, 51, 109, 110, 22]
    asked += [10003, 42, 39, 152, 14, 48, *range(53, 72), 173, 122, 125, 126, 94, 180, 77, 6, 81, 1750, 23, 24]
    for number in asked:
        for symbol in ("SQLGetInfoW", "SQLGetInfo"):
            code, _, length = info(application, symbol, number, 2000)
            assert code == SUCCESS and length >= 0, number
    application.allocate_statement()
    # Each way to say "everything".
    for catalog, schema, table in [(None, None, None), ("", "", ""), ("%", "%", "%"), ("Okta", "%", None)]:
        names = [wide(name) if name is not None else None for name in (catalog, schema, table)]
        lengths = [-3 if name is not None else 0 for name in names]
        pairs = [value for pair in zip(names, lengths) for value in pair]
        application.do("SQLTablesW", application.stmt, *pairs, wide("TABLE,VIEW"), -3)
        rows = fetch_all(application, 5)
        assert "Users" in [row[2] for row in rows] and {row[3] for row in rows} <= {"TABLE", "VIEW"}
        application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLGetTypeInfoW", application.stmt, 0)
    types = {row[1] for row in fetch_all(application, 2)}
    application.do("SQLCloseCursor", application.stmt)
    application.do("SQLColumnsW", application.stmt, wide("Okta"), -3, wide("dbo"), -3, wide("Users"), -3, None, 0)
    rows = fetch_all(application, 18)
    columns = [row[3] for row in rows]
    assert "ProfileLogin" in columns and {row[4] for row in rows} <= types, "each type is in SQLGetTypeInfo"
    application.do("SQLCloseCursor", application.stmt)
    users = (wide("Okta"), -3, wide("dbo"), -3, wide("Users"), -3)
    nothing = (None, 0, None, 0, None, 0)
    for call in (("SQLPrimaryKeysW", *users), ("SQLForeignKeysW", *users, *nothing), ("SQLForeignKeysW", *nothing, *users)):
        application.do(call[0], application.stmt, *call[1:])
        application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLStatisticsW", application.stmt, *users, 0, 0)
    driver.free(STMT, application.stmt)
    application.allocate_statement()
    value, length = wide("ACTIVE"), ctypes.c_ssize_t(-3)
    at = ctypes.addressof(length)
    application.do("SQLBindParameter", application.stmt, 1, 1, -8, -9, 6, 0, value, 14, at)
    sql = (
        'select "Id",\r\n\t"ProfileLogin", case when "ProfileCity" is null then 1 else 0 end as "C1"\r\n'
        'from "Okta"."dbo"."Users" as "_"\r\nwhere "_"."Status" = ?'
    )
    application.do("SQLExecDirectW", application.stmt, wide(sql), -3)
    supported = ctypes.c_ushort()
    application.do("SQLGetFunctions", application.dbc, 1021, ctypes.addressof(supported))
    assert supported.value == 1 and count(application) == 3
    for column, name in ((1, "Id"), (2, "ProfileLogin"), (3, "C1")):
        for field in (2, 8, 7, 14, 3, 5):
            attribute(application, column, field)
        assert attribute(application, column, 1)[0] == name, "an id of ODBC 2"
    assert attribute(application, 2, 2)[1] == -9 and 0 < attribute(application, 2, 3)[1] <= 16000
    found = {row[0] for row in fetch_all(application, 3)}
    assert found == {user["id"] for user in org.truth("Users") if user["status"] == "ACTIVE"} and found
    assert application.do("SQLMoreResults", application.stmt, allowed=(NO_DATA,)) == NO_DATA
    driver.free(STMT, application.stmt)
    application.close()


def test_power_bi_previews_and_closes_early(application):
    application.connect().allocate_statement()
    for _ in range(3):
        application.execute('select * from "Okta"."dbo"."Users"')
        application.do("SQLFetch", application.stmt)
        application.do("SQLCancel", application.stmt)
        application.do("SQLFreeStmt", application.stmt, 0)


def test_access_links_a_table(driver, application, org):
    application.do("SQLSetConnectAttr", application.dbc, 30002, 1, 0)
    application.connect()
    for number in (23, 24, 81, 9):
        code, value, length = info(application, "SQLGetInfo", number, 4)
        assert code == SUCCESS and length in (2, 4), number
    assert int.from_bytes(info(application, "SQLGetInfo", 9, 4)[1], "little") >= 1
    application.allocate_statement()
    # SQL_ATTR_MAX_LENGTH reads back what is used.
    assert driver.functions["SQLSetStmtAttr"].call(application.stmt, 3, 255, 0) in (SUCCESS, WITH_INFO)
    assert application.attribute(3) in (0, 255)
    application.do("SQLSetStmtAttr", application.stmt, 0, 60, 0)
    assert application.attribute(0) == 60
    # Access polls where it may.
    application.do("SQLSetStmtAttr", application.stmt, 4, 1, 0)
    while application.execute("SELECT Config, nValue FROM MSysConf", allowed=(STILL_EXECUTING, ERROR)) == STILL_EXECUTING:
        pass
    assert driver.state(STMT, application.stmt) == "42S02"
    application.do("SQLSetStmtAttr", application.stmt, 4, 0, 0)
    table = (b"Okta", -3, b"dbo", -3, b"Users", -3)
    application.do("SQLSpecialColumns", application.stmt, 1, *table, 0, 1)
    application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLStatistics", application.stmt, *table, 1, 0)
    application.do("SQLFreeStmt", application.stmt, 0)
    # SQL_C_DEFAULT into exactly the size of the type that SQLColumns' result has.
    application.do("SQLColumns", application.stmt, *table, None, 0)
    sizes = {5: 2, 7: 4, 8: 4, 11: 2, 14: 2, 17: 4}
    rows = 0
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) != NO_DATA:
        rows += 1
        for column, size in sizes.items():
            walled, length = c_abi.Walled(size), ctypes.c_ssize_t()
            at = ctypes.addressof(length)
            application.do("SQLGetData", application.stmt, column, 99, walled.address, size, at)
            assert length.value in (size, -1), column
    assert rows > 10
    application.do("SQLFreeStmt", application.stmt, 0)
    # The keys, then ten rows at a time by a prepared statement that is executed again and again.
    application.execute('SELECT "dbo"."Users"."Id" FROM "dbo"."Users"')
    keys = [row[0] for row in fetch_all(application, 1)]
    assert len(keys) == len(org.truth("Users"))
    application.do("SQLFreeStmt", application.stmt, 0)
    condition = " OR ".join(['"Id" = ?'] * 10)
    sql = f'SELECT "Id","ProfileLogin","Created" FROM "dbo"."Users" WHERE {condition}'.encode()
    application.do("SQLPrepare", application.stmt, sql, -3)
    kept = []
    for number in range(10):
        value, length = ctypes.create_string_buffer(64), ctypes.c_ssize_t(-3)
        kept.append((value, length))
        at = ctypes.addressof(length)
        application.do("SQLBindParameter", application.stmt, number + 1, 1, 1, 12, 32, 0, ctypes.addressof(value), 64, at)
    for start in range(0, len(keys), 10):
        part = keys[start : start + 10]
        for number, (value, _) in enumerate(kept):
            value.value = part[min(number, len(part) - 1)].encode()
        application.do("SQLExecute", application.stmt)
        assert sorted(row[0] for row in fetch_all(application, 3)) == sorted(part)
        application.do("SQLFreeStmt", application.stmt, 0)


@pytest.mark.parametrize("extended", [False, True])
def test_ssis_reads_rowsets(extended, driver, application, org):
    application.connect().allocate_statement()
    sql = b"SELECT Id, ProfileLogin FROM Users"
    application.do("SQLPrepare", application.stmt, sql, -3)
    assert count(application) == 2
    for field in (3, 4, 5, 1003, 1005, 1006):
        attribute(application, 1, field)
    application.do("SQLFreeStmt", application.stmt, 0)
    # The preview ends with SQLCancel.
    application.do("SQLSetStmtAttr", application.stmt, 0, 15, 0)
    application.execute(sql.decode())
    application.do("SQLFetch", application.stmt)
    application.do("SQLCancel", application.stmt)
    driver.free(STMT, application.stmt)
    application.allocate_statement()
    rows, width = 5, 202
    values, lengths = ctypes.create_string_buffer(rows * width), (ctypes.c_ssize_t * rows)()
    status, fetched = (ctypes.c_ushort * rows)(), ctypes.c_size_t()
    application.do("SQLSetStmtAttr", application.stmt, 9 if extended else 27, rows, 0)
    if not extended:
        application.do("SQLSetStmtAttr", application.stmt, 25, ctypes.addressof(status), 0)
        application.do("SQLSetStmtAttr", application.stmt, 26, ctypes.addressof(fetched), 0)
    at = (ctypes.addressof(values), width, ctypes.addressof(lengths))
    # Bound before the text is known, and still bound after preparing.
    application.do("SQLBindCol", application.stmt, 1, -8, *at)
    application.do("SQLPrepare", application.stmt, sql, -3)
    application.do("SQLExecute", application.stmt)
    found = []
    while True:
        if extended:
            arguments = (1, 0, ctypes.addressof(fetched), ctypes.addressof(status))
            code = application.do("SQLExtendedFetch", application.stmt, *arguments, allowed=(SUCCESS, NO_DATA))
        else:
            code = application.do("SQLFetchScroll", application.stmt, 1, 0, allowed=(SUCCESS, NO_DATA))
        if code == NO_DATA:
            break
        assert list(status) == [0] * fetched.value + [3] * (rows - fetched.value)
        for row in range(fetched.value):
            raw = values.raw[row * width : row * width + lengths[row]]
            found.append(raw.decode("utf-16-le"))
    assert sorted(found) == sorted(user["id"] for user in org.truth("Users"))


def test_rebinding_between_rowsets(application):
    application.connect().allocate_statement()
    application.execute("SELECT 1 AS a UNION ALL SELECT 2 UNION ALL SELECT 3 ORDER BY a")
    first, second, length = ctypes.c_int(), ctypes.create_string_buffer(8), ctypes.c_ssize_t()
    at = ctypes.addressof(length)
    application.do("SQLBindCol", application.stmt, 1, 4, ctypes.addressof(first), 0, at)
    application.do("SQLFetch", application.stmt)
    application.do("SQLBindCol", application.stmt, 1, 1, ctypes.addressof(second), 8, at)
    application.do("SQLFetch", application.stmt)
    assert (first.value, second.value) == (1, b"2")
    application.do("SQLFreeStmt", application.stmt, 2)
    application.do("SQLFetch", application.stmt)
    assert (first.value, second.value) == (1, b"2")
    assert application.do("SQLFetch", application.stmt, allowed=(NO_DATA,)) == NO_DATA


def test_ms_query_completes_and_writes_its_sql(driver, org):
    application = c_abi.Application(driver, org.connection_string())
    text, out, length = wide(application.string), ctypes.create_string_buffer(2048), ctypes.c_short()
    at = ctypes.addressof(length)
    # SQL_DRIVER_COMPLETE_REQUIRED with a window: a complete string needs no dialog.
    application.do("SQLDriverConnectW", application.dbc, 1, text, -3, ctypes.addressof(out), 1024, at, 3)
    application.allocate_statement()
    for number in (17, 29, 41, 42, 39, 91, 92, 114, 87, 38, 115, 49, 50, 51, 52, 90, 30, 35, 106, 23, 24, 8, 44):
        assert info(application, "SQLGetInfoW", number, 2000)[0] == SUCCESS, number
    empty = (b"", -3, b"", -3, b"", -3)
    for catalog, schema, types, column in ((b"%", b"", b"", 1), (b"", b"%", b"", 2), (b"", b"", b"%", 4)):
        application.do("SQLTables", application.stmt, catalog, -3, schema, -3, b"", -3, types, -3)
        assert {row[column - 1] for row in fetch_all(application, 5)} & {"Okta", "dbo", "TABLE"}
        application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLTables", application.stmt, *empty, b"'TABLE','VIEW','SYSTEM TABLE','SYNONYM'", -3)
    assert "Users" in [row[2] for row in fetch_all(application, 5)]
    application.do("SQLFreeStmt", application.stmt, 0)
    everyone = len(org.truth("Users"))
    for sql, rows in (
        ("SELECT Users_0.Id FROM Okta.dbo.Users Users_0", everyone),
        ("SELECT Users.Id FROM Okta.dbo.Users Users WHERE (Users.Created>={ts '1990-01-01 00:00:00'})", everyone),
        ("SELECT Users.Id FROM Okta.dbo.Users Users WHERE (Users.Created<{ d '1990-01-01' })", 0),
        ("SELECT u.Id FROM {oj Okta.dbo.Users u LEFT OUTER JOIN Okta.dbo.UserGroups g ON u.Id = g.UserId AND 1=0}", everyone),
        ("SELECT u.Id FROM --(*vendor(Microsoft),product(ODBC) oj Okta.dbo.Users u LEFT OUTER JOIN "
         "Okta.dbo.UserTypes t ON u.TypeId = t.Id *)--", everyone),
        ("SELECT {FN UCASE(Users.Status)} FROM Okta.dbo.Users Users ORDER BY Users.Id", everyone),
    ):
        application.execute(sql)
        assert len(fetch_all(application, 1)) == rows, sql
        application.do("SQLFreeStmt", application.stmt, 0)
    application.close()


def test_disconnecting_with_open_cursors_ends_them(driver, application):
    application.connect().allocate_statement()
    statements = [application.stmt]
    for _ in range(3):
        application.execute("SELECT Id FROM Users")
        application.do("SQLFetch", application.stmt)
        application.allocate_statement()
        statements.append(application.stmt)
    application.do("SQLDisconnect", application.dbc)
    for stmt in statements:
        assert driver.functions["SQLFetch"].call(stmt) == c_abi.INVALID_HANDLE
    assert driver.functions["SQLEndTran"].call(DBC, application.dbc, 0) == ERROR
    assert driver.state(DBC, application.dbc) == "08003"
    assert driver.functions["SQLEndTran"].call(ENV, application.env, 0) == SUCCESS
    application.connect().allocate_statement()
    application.execute("SELECT 1")

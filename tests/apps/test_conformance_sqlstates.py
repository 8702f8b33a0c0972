"""SQLSTATEs: what each function answers to each fault, by the reference's page of that function (tests/data/sqlstates.txt)."""

import ctypes
import shlex

import pytest

import c_abi
import okta_org
from c_abi import DBC, ERROR, NEED_DATA, NTS, STMT, SUCCESS, WITH_INFO


def cases():
    for line in (okta_org.CHECKOUT / "tests/data/sqlstates.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            state, call, expected = line.split(" | ")
            yield pytest.param(state, call, expected, id=f"{call} {expected}")


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def application(driver):
    with c_abi.connected(3, driver) as made:
        made.allocate_statement().do("SQLSetCursorName", made.stmt, b"taken", 5)
        yield made


def words(text):
    """The arguments; a quoted one may hold a doubled quote."""
    lexer = shlex.shlex(text.replace("''", "\x01"), posix=False)
    lexer.whitespace_split, lexer.quotes, lexer.commenters = True, "'", ""
    return [word.replace("\x01", "''" if word == "\x01" else "'") for word in lexer]


def arguments(application, call):
    symbol, *given = words(call)
    buffer = ctypes.create_string_buffer(64)
    known = {"S": application.stmt, "D": application.dbc, "E": application.env, "B": ctypes.addressof(buffer), "NTS": NTS}
    values = []
    for word in given:
        if word.startswith("'"):
            values.append(word[1:-1].encode())
        else:
            values.append(known[word] if word in known else int(word))
    return symbol, values, buffer


def begin_to_put(driver, application, c_type):
    """A parameter of this C type is asked for, and has one piece already."""
    stmt = application.stmt
    # SQL_DATA_AT_EXEC: it has to live until the statement is executed.
    length = ctypes.c_ssize_t(-2)
    application.do("SQLPrepare", stmt, b"SELECT ?", 8)
    application.do("SQLBindParameter", stmt, 1, 1, c_type, 12, 8, 0, 1, 0, ctypes.addressof(length))
    assert driver.functions["SQLExecute"].call(stmt) == NEED_DATA
    value = ctypes.c_void_p()
    assert driver.functions["SQLParamData"].call(stmt, ctypes.addressof(value)) == NEED_DATA
    application.do("SQLPutData", stmt, b"12345678", 8)


@pytest.mark.parametrize("state,call,expected", cases())
def test_each_fault_has_its_sqlstate(state, call, expected, driver, application):
    kept = application.stmt
    application.allocate_statement()
    stmt = application.stmt
    how, _, sql = state.partition(" ")
    if how == "static":
        for attribute, value in ((6, 3), (12, 2)):
            application.do("SQLSetStmtAttr", stmt, attribute, value, 0)
    if how == "prepared":
        application.do("SQLPrepare", stmt, sql.encode(), len(sql.encode()))
    elif sql and how != "putting":
        application.execute(sql)
    if how in ("fetched", "static"):
        application.do("SQLFetch", stmt)
    if how == "putting":
        begin_to_put(driver, application, int(sql.split()[0]))
    symbol, values, buffer = arguments(application, call)
    # A null pointer is no number to ctypes where a pointer is declared.
    kinds = driver.functions[symbol].call.argtypes
    values = [None if value == 0 and kind is ctypes.c_void_p else value for value, kind in zip(values, kinds, strict=True)]
    code = driver.functions[symbol].call(*values)
    handles = {application.dbc: DBC, application.env: c_abi.ENV}
    handle = next((value for value in values if value in handles), stmt)
    kind = handles.get(handle, STMT)
    found = driver.state(kind, handle) if code in (ERROR, WITH_INFO) else "OK"
    assert found == expected
    warning = expected.startswith("01")
    assert code == (SUCCESS if expected == "OK" else WITH_INFO if warning else ERROR)
    # Nothing but the one record.
    assert driver.state(kind, handle, 2) is None
    driver.free(STMT, stmt)
    application.stmt = kept

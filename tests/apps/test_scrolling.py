"""Scrollable cursors as programs use them, through unixODBC and without it: LibreOffice, PHP, MSDASQL."""

import ctypes

import pytest

import c_abi
from c_abi import NO_DATA, SUCCESS, WITH_INFO

KEYSET, STATIC = 1, 3
CURSOR_TYPE, CONCURRENCY, USE_BOOKMARKS, ROW_NUMBER, ROW_ARRAY_SIZE = 6, 7, 12, 14, 27
NEXT, FIRST, LAST, PRIOR, ABSOLUTE, RELATIVE, BOOKMARK = 1, 2, 3, 4, 5, 6, 8
TYPE_C_CHAR = 1
SQL = "SELECT Id, ProfileLogin FROM Users"


@pytest.fixture(params=[None, "libodbc.so.2"], ids=["driver", "unixODBC"])
def applications(request, sim):
    driver, made = c_abi.Driver(request.param), []

    def start(version):
        made.append(c_abi.Application(driver, sim.connection_string(), version))
        return made[-1]

    yield start
    for application in made:
        application.close()


def opened(applications, version):
    return applications(version).connect().allocate_statement()


def cell(application, column=1):
    buffer, length = ctypes.create_string_buffer(200), ctypes.c_ssize_t()
    at = (ctypes.addressof(buffer), 200, ctypes.addressof(length))
    application.do("SQLGetData", application.stmt, column, TYPE_C_CHAR, *at)
    return buffer.raw[: length.value].decode()


def forward(application):
    """Every Id, read as a program does that knows forward-only cursors only."""
    application.execute(SQL)
    found = []
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) == SUCCESS:
        found.append(cell(application))
    application.do("SQLFreeStmt", application.stmt, 0)
    return found


def scroll(application, orientation, offset=0):
    """The Id of the row that the fetch came to; None without one."""
    code = application.do("SQLFetchScroll", application.stmt, orientation, offset, allowed=(SUCCESS, WITH_INFO, NO_DATA))
    return cell(application) if code != NO_DATA else None


def test_libreoffice_asks_for_a_keyset_and_jumps_about(applications, sim):
    application = opened(applications, 3)
    ids = forward(application)
    assert sorted(ids) == sorted(user["id"] for user in sim.truth("Users"))
    code = application.do("SQLSetStmtAttr", application.stmt, CURSOR_TYPE, KEYSET, 0)
    assert code == WITH_INFO
    assert application.attribute(CURSOR_TYPE) == STATIC
    assert application.attribute(-1) == application.attribute(-2) == 1, "scrollable and insensitive"
    assert application.attribute(CONCURRENCY) == 1
    application.execute(SQL)
    assert scroll(application, FIRST) == ids[0]
    assert application.attribute(ROW_NUMBER) == 1
    assert scroll(application, NEXT) == ids[1]
    assert scroll(application, LAST) == ids[-1]
    assert application.attribute(ROW_NUMBER) == len(ids)
    assert scroll(application, NEXT) is None
    assert scroll(application, PRIOR) == ids[-1]
    assert scroll(application, ABSOLUTE, 7) == ids[6]
    assert scroll(application, RELATIVE, -3) == ids[3]
    assert scroll(application, ABSOLUTE, -2) == ids[-2]
    assert scroll(application, ABSOLUTE, len(ids) + 1) is None
    backwards = [scroll(application, PRIOR) for _ in ids]
    assert backwards == ids[::-1]
    assert scroll(application, PRIOR) is None


def test_php_reads_rows_by_their_number_with_the_function_of_odbc_2(applications):
    application = opened(applications, 2)
    directions, length = ctypes.c_uint(), ctypes.c_short()
    at = (ctypes.addressof(directions), 4, ctypes.addressof(length))
    application.do("SQLGetInfo", application.dbc, 8, *at)
    assert directions.value & 0x10, "SQL_FD_FETCH_ABSOLUTE: PHP asks for a static cursor then"
    ids = forward(application)
    assert application.do("SQLSetStmtAttr", application.stmt, CURSOR_TYPE, STATIC, 0) == SUCCESS
    application.execute(SQL)
    fetched, status = ctypes.c_size_t(), (ctypes.c_ushort * 1)(9)
    at = (ctypes.addressof(fetched), ctypes.addressof(status))
    for orientation, offset, number in ((NEXT, 1, 1), (ABSOLUTE, 5, 5), (NEXT, 1, 6), (ABSOLUTE, 2, 2), (LAST, 0, len(ids))):
        assert application.do("SQLExtendedFetch", application.stmt, orientation, offset, *at) == SUCCESS
        assert (fetched.value, status[0], cell(application)) == (1, 0, ids[number - 1])
    code = application.do("SQLExtendedFetch", application.stmt, NEXT, 1, *at, allowed=(NO_DATA,))
    assert (code, fetched.value) == (NO_DATA, 0)


def test_msdasql_reads_rowsets_and_comes_back_by_bookmark(applications):
    application = opened(applications, 3)
    ids = forward(application)
    application.do("SQLSetStmtAttr", application.stmt, CURSOR_TYPE, STATIC, 0)
    application.do("SQLSetStmtAttr", application.stmt, USE_BOOKMARKS, 2, 0)
    application.do("SQLSetStmtAttr", application.stmt, ROW_ARRAY_SIZE, 4, 0)
    bookmarks, fetched = (ctypes.c_uint64 * 4)(), ctypes.c_size_t()
    application.do("SQLSetStmtAttr", application.stmt, 26, ctypes.addressof(fetched), 0)
    application.execute(SQL)
    application.do("SQLBindCol", application.stmt, 0, -2, ctypes.addressof(bookmarks), 8, None)
    assert scroll(application, ABSOLUTE, 9) == ids[8]
    kept = ctypes.c_uint64(bookmarks[2])
    for row, wanted in ((3, ids[10]), (1, ids[8]), (4, ids[11])):
        application.do("SQLSetPos", application.stmt, row, 0, 0)
        assert cell(application) == wanted
    application.do("SQLSetPos", application.stmt, 0, 1, 0)
    scroll(application, FIRST)
    application.do("SQLSetStmtAttr", application.stmt, 16, ctypes.addressof(kept), 0)
    assert scroll(application, BOOKMARK) == ids[10]
    assert scroll(application, BOOKMARK, -1) == ids[9]
    assert fetched.value == 4


def test_a_descriptor_is_copied_to_another_statement(applications):
    application = opened(applications, 3)
    first = application.stmt
    application.execute("SELECT 41 AS n")
    number = ctypes.c_int()
    application.do("SQLBindCol", first, 1, 4, ctypes.addressof(number), 4, None)
    source = application.attribute(10010)
    application.allocate_statement()
    application.execute("SELECT 42 AS n")
    application.do("SQLCopyDesc", source, application.attribute(10010))
    application.do("SQLFetch", application.stmt)
    assert number.value == 42


def test_browsing_ends_in_a_connection(applications, sim):
    application = applications(3)
    parts = dict(part.split("=", 1) for part in sim.connection_string().split(";"))
    out, length = ctypes.create_string_buffer(1000), ctypes.c_short()
    answers = []
    for keyword in ("Driver", "Domain", "APIToken"):
        text = f"{keyword}={parts[keyword]}".encode()
        at = (ctypes.addressof(out), 1000, ctypes.addressof(length))
        code = application.do("SQLBrowseConnect", application.dbc, text, len(text), *at, allowed=(SUCCESS, WITH_INFO, 99))
        answers.append((code, out.value.decode()))
    # What is missing comes first; what may be given too is marked.
    first = [(code, text.split(";")) for code, text in answers[:2]]
    assert [(code, texts[0]) for code, texts in first] == [(99, "Domain:Okta domain=?"), (99, "APIToken:API token=?")]
    assert all(text.startswith("*") and "=" in text for _, texts in first for text in texts[1:])
    assert answers[2][0] == SUCCESS and parts["Domain"] in answers[2][1]
    application.allocate_statement()
    assert len(forward(application)) == len(sim.truth("Users"))


def test_browsing_is_logged_without_the_token(applications, sim, tmp_path):
    application = applications(3)
    log = tmp_path / "okta.log"
    out, length = ctypes.create_string_buffer(1000), ctypes.c_short()
    at = (ctypes.addressof(out), 1000, ctypes.addressof(length))
    whole = sim.connection_string(Logfile=log, Verbosity=5, NoSuchKeyword=1)
    parts = [part for part in whole.split(";") if not part.startswith("APIToken=")]
    token = next(part for part in whole.split(";") if part.startswith("APIToken="))
    for text, expected in ((";".join(parts), (99,)), (token, (WITH_INFO,))):
        application.do("SQLBrowseConnect", application.dbc, text.encode(), len(text), *at, allowed=expected)
        if expected == (99,):
            assert out.value.startswith(b"APIToken:API token=?;*")
    written = log.read_text()
    assert "call=SQLBrowseConnect" in written and "sqlstate=01S00" in written, written
    assert token.split("=")[1] not in written

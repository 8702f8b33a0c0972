"""Values at their edges through SQLGetData: pieces, lengths, Unicode, the largest and smallest numbers and dates."""

import ctypes

import pytest

import c_abi
from c_abi import ERROR, NO_DATA, STMT, SUCCESS, WITH_INFO, Walled

at = ctypes.addressof
CHAR, WCHAR, BINARY = 1, -8, -2


@pytest.fixture(scope="module")
def application():
    with c_abi.connected(3) as made:
        yield made.allocate_statement()


def row(application, sql):
    application.do("SQLFreeStmt", application.stmt, 0)
    application.execute(sql)
    application.do("SQLFetch", application.stmt)


def piece(application, c_type, capacity, column=1):
    """Code, bytes of the whole buffer and indicator; the buffer ends at a wall."""
    walled, length = Walled(capacity), ctypes.c_ssize_t(-99)
    code = application.driver.functions["SQLGetData"].call(application.stmt, column, c_type, walled.address, capacity, at(length))
    return code, walled.bytes(), length.value


TEXTS = ["", "a", "plain text of some length", "äöü ß", "日本語のテキスト", "😀😁 and 👩‍👩‍👧", "é combined", "tab\tand\nline", "ÿ" * 300]


def quoted(text):
    return "N'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("c_type,encoding,unit", [(CHAR, "utf-8", 1), (WCHAR, "utf-16-le", 2)])
def test_text_in_pieces_of_every_size(text, c_type, encoding, unit, application):
    whole = text.encode(encoding)
    for capacity in [unit * n for n in (1, 2, 3, 5, 7, 16, 64, 700)]:
        row(application, f"SELECT {quoted(text)}")
        found, left = b"", len(whole)
        for _ in range(2 * len(whole) + 2):
            code, buffer, length = piece(application, c_type, capacity)
            if code == NO_DATA:
                break
            # What is left before the call, without the terminator.
            assert length == left, (capacity, code)
            end = next(n for n in range(0, capacity, unit) if buffer[n : n + unit] == bytes(unit))
            found += buffer[:end]
            left -= end
            assert code == (WITH_INFO if left else SUCCESS)
            if code == WITH_INFO:
                assert application.driver.state(STMT, application.stmt) == "01004"
                # As much as fits, whatever character that cuts: programs reckon with full buffers.
                assert end == capacity - unit
                if not end:
                    break
            if code == SUCCESS:
                assert piece(application, c_type, capacity)[0] == NO_DATA
                break
        assert found == whole or capacity == unit


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("c_type,encoding,unit", [(CHAR, "utf-8", 1), (WCHAR, "utf-16-le", 2)])
def test_a_bound_buffer_never_ends_in_half_a_character(text, c_type, encoding, unit, application):
    for capacity in [unit * n for n in range(1, 12)]:
        application.do("SQLFreeStmt", application.stmt, 0)
        walled, length = Walled(capacity), ctypes.c_ssize_t()
        application.do("SQLBindCol", application.stmt, 1, c_type, walled.address, capacity, at(length))
        application.execute(f"SELECT {quoted(text)}")
        code = application.do("SQLFetch", application.stmt)
        buffer = walled.bytes()
        end = next(n for n in range(0, capacity, unit) if buffer[n : n + unit] == bytes(unit))
        assert text.startswith(buffer[:end].decode(encoding))
        assert length.value == len(text.encode(encoding))
        assert code == (SUCCESS if end == length.value else WITH_INFO)
        application.do("SQLFreeStmt", application.stmt, 2)


def test_a_buffer_of_no_length_measures(application):
    # The bytes of Unicode text are UTF-16's.
    for c_type, length, encoding in ((CHAR, 6, "utf-8"), (WCHAR, 12, "utf-16-le"), (BINARY, 12, "utf-16-le")):
        row(application, "SELECT 'abcdef'")
        for _ in range(2):
            code, _, found = piece(application, c_type, 0)
            assert (code, found) == (WITH_INFO, length)
        code, buffer, found = piece(application, c_type, 100)
        assert (code, found) == (SUCCESS, length)
        assert buffer[:found].decode(encoding) == "abcdef"


def test_another_column_starts_again(application):
    row(application, "SELECT 'abcdef' AS a, 'uvwxyz' AS b")
    assert piece(application, CHAR, 4)[1] == b"abc\0"
    assert piece(application, CHAR, 4, column=2)[1] == b"uvw\0"
    # SQL_GD_ANY_ORDER: the first one from its start.
    assert piece(application, CHAR, 4)[1] == b"abc\0"
    assert piece(application, CHAR, 4)[1] == b"def\0"
    assert piece(application, CHAR, 4)[0] == NO_DATA


def test_binary_in_pieces(application):
    for capacity in (1, 2, 3, 5, 6, 7):
        row(application, "SELECT 0x000102FDFEFF")
        found, left = b"", 6
        while True:
            code, buffer, length = piece(application, BINARY, capacity)
            if code == NO_DATA:
                break
            assert length == left
            taken = min(capacity, left)
            found += buffer[:taken]
            left -= taken
            assert code == (WITH_INFO if left else SUCCESS)
        assert found == b"\x00\x01\x02\xfd\xfe\xff"
    # As text: two digits a byte.
    row(application, "SELECT 0x000102FDFEFF")
    assert piece(application, CHAR, 13) == (SUCCESS, b"000102FDFEFF\0", 12)


# SQL value; C type, structure; value, or the SQLSTATE of what does not fit.
NUMBERS = [
    ("127", -26, ctypes.c_byte, 127), ("128", -26, ctypes.c_byte, "22003"), ("-128", -26, ctypes.c_byte, -128),
    ("-129", -26, ctypes.c_byte, "22003"), ("255", -28, ctypes.c_ubyte, 255), ("256", -28, ctypes.c_ubyte, "22003"),
    ("-1", -28, ctypes.c_ubyte, "22003"), ("32767", -15, ctypes.c_short, 32767), ("32768", -15, ctypes.c_short, "22003"),
    ("-32768", -15, ctypes.c_short, -32768), ("65535", -17, ctypes.c_ushort, 65535), ("65536", -17, ctypes.c_ushort, "22003"),
    ("2147483647", -16, ctypes.c_int, 2147483647), ("2147483648", -16, ctypes.c_int, "22003"),
    ("-2147483648", -16, ctypes.c_int, -2147483648), ("4294967295", -18, ctypes.c_uint, 4294967295),
    ("4294967296", -18, ctypes.c_uint, "22003"), ("9223372036854775807", -25, ctypes.c_longlong, 2**63 - 1),
    ("-9223372036854775807 - 1", -25, ctypes.c_longlong, -(2**63)), ("9223372036854775807", -27, ctypes.c_ulonglong, 2**63 - 1),
    ("-1", -27, ctypes.c_ulonglong, "22003"), ("1", -7, ctypes.c_ubyte, 1), ("0", -7, ctypes.c_ubyte, 0), ("2", -7, ctypes.c_ubyte, "22003"),
    ("1.5E0", 8, ctypes.c_double, 1.5), ("1.7976931348623157E308", 8, ctypes.c_double, 1.7976931348623157e308),
    ("2.2250738585072014E-308", 8, ctypes.c_double, 2.2250738585072014e-308), ("1E300", 7, ctypes.c_float, "22003"),
    ("0.5E0", 7, ctypes.c_float, 0.5), ("1E19", -25, ctypes.c_longlong, "22003"), ("-0.0E0", 8, ctypes.c_double, -0.0),
    ("CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0))", 8, ctypes.c_double, 1e38),
    ("CAST('0.00000000000000000000000000000000000001' AS DECIMAL(38, 38))", 8, ctypes.c_double, 1e-38),
]


@pytest.mark.parametrize("sql,c_type,structure,expected", NUMBERS)
def test_numbers_at_the_edges_of_c_types(sql, c_type, structure, expected, application):
    row(application, f"SELECT {sql}")
    code, buffer, length = piece(application, c_type, ctypes.sizeof(structure))
    if isinstance(expected, str):
        assert (code, application.driver.state(STMT, application.stmt)) == (ERROR, expected)
        return
    found = structure.from_buffer_copy(buffer).value
    assert code == SUCCESS and length == ctypes.sizeof(structure)
    assert found == expected and str(found) == str(structure(expected).value)


@pytest.mark.parametrize("sql,text", [
    ("9223372036854775807", "9223372036854775807"),
    ("CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0))", "9" * 38),
    ("CAST('-0.5' AS DECIMAL(5, 1))", "-0.5"),
    ("CAST('0.10' AS DECIMAL(5, 2))", "0.10"),
    ("CAST(1 AS BIT)", "1"),
    ("{d '0001-01-01'}", "0001-01-01"),
    ("{d '9999-12-31'}", "9999-12-31"),
    ("{ts '9999-12-31 23:59:59.999'}", "9999-12-31 23:59:59.999"),
    ("{ts '1969-12-31 23:59:59.999'}", "1969-12-31 23:59:59.999"),
    ("{ts '0001-01-01 00:00:00'}", "0001-01-01 00:00:00.000"),
    ("{d '2024-02-29'}", "2024-02-29"),
    ("{d '1900-02-28'}", "1900-02-28"),
])
def test_values_at_their_edges_as_text(sql, text, application):
    row(application, f"SELECT {sql}")
    if sql == "CAST('0.10' AS DECIMAL(5, 2))":
        # The reference lets zeros at the end be there or not.
        assert piece(application, CHAR, 60)[1].split(b"\0")[0] in (b"0.10", b"0.1")
        return
    assert piece(application, CHAR, 60)[1].split(b"\0")[0].decode() == text


@pytest.mark.parametrize("sql", ["{d '2023-02-29'}", "{d '2024-13-01'}", "{ts '2024-01-01 25:00:00'}", "{t '10:61:00'}", "{d 'x'}"])
def test_dates_that_are_none(sql, application):
    application.do("SQLFreeStmt", application.stmt, 0)
    text = f"SELECT {sql}".encode()
    driver = application.driver
    code = driver.functions["SQLExecDirect"].call(application.stmt, text, len(text))
    if code == SUCCESS:
        code = driver.functions["SQLFetch"].call(application.stmt)
    assert code == ERROR
    assert driver.state(STMT, application.stmt) in ("22007", "22008", "22018")


def test_dates_as_structures(application):
    row(application, "SELECT {ts '2024-02-29 13:14:15.678'} AS a, {d '2024-02-29'} AS b, {t '13:14:15'} AS c")
    code, buffer, length = piece(application, 93, 16)
    fields = [int.from_bytes(buffer[n : n + 2], "little") for n in range(0, 12, 2)]
    assert (code, length, fields, int.from_bytes(buffer[12:], "little")) == (SUCCESS, 16, [2024, 2, 29, 13, 14, 15], 678_000_000)
    date, time = piece(application, 91, 6, 2)[1], piece(application, 92, 6, 3)[1]
    assert [int.from_bytes(date[n : n + 2], "little") for n in (0, 2, 4)] == [2024, 2, 29]
    assert [int.from_bytes(time[n : n + 2], "little") for n in (0, 2, 4)] == [13, 14, 15]
    # A value of fixed length comes once.
    assert piece(application, 91, 6, 2)[0] == SUCCESS and piece(application, 91, 6, 2)[0] == NO_DATA
    # A date's time is midnight.
    row(application, "SELECT 1 AS a, {d '2024-02-29'} AS b")
    code, buffer, _ = piece(application, 93, 16, 2)
    assert [int.from_bytes(buffer[n : n + 2], "little") for n in range(0, 12, 2)] == [2024, 2, 29, 0, 0, 0]
    # Of a timestamp its date loses a time: 01S07; its time loses a fraction.
    for c_type in (91, 92):
        row(application, "SELECT {ts '2024-02-29 13:14:15.678'}")
        assert piece(application, c_type, 6)[0] == WITH_INFO
        assert application.driver.state(STMT, application.stmt) == "01S07"


def test_null_of_every_type(application):
    types = ["INT", "BIGINT", "FLOAT", "BIT", "VARCHAR(5)", "DATE", "TIME", "DATETIME2", "DECIMAL(5, 2)", "VARBINARY(5)"]
    for c_type in (CHAR, WCHAR, 99):
        row(application, "SELECT " + ", ".join(f"CAST(NULL AS {name})" for name in types))
        for column in range(1, len(types) + 1):
            code, buffer, length = piece(application, c_type, 32, column)
            assert (code, length, buffer) == (SUCCESS, -1, bytes(32)), types[column - 1]


@pytest.mark.parametrize("text", TEXTS)
def test_unicode_goes_in_and_comes_out(text, application):
    """As narrow and as wide parameter, by length and terminated."""
    for c_type, encoding in ((CHAR, "utf-8"), (WCHAR, "utf-16-le")):
        raw = text.encode(encoding)
        for length in (len(raw), -3):
            application.do("SQLFreeStmt", application.stmt, 0)
            memory, indicator = Walled(raw + bytes(2)), ctypes.c_ssize_t(length)
            arguments = (1, 1, c_type, -9, max(len(text), 1), 0, memory.address, len(raw), at(indicator))
            application.do("SQLBindParameter", application.stmt, *arguments)
            application.execute("SELECT CAST(? AS NVARCHAR(4000))")
            application.do("SQLFetch", application.stmt)
            assert piece(application, WCHAR, 4000)[1].decode("utf-16-le").split("\0")[0] == text
            application.do("SQLFreeStmt", application.stmt, 3)


def test_labels_and_errors_are_unicode(application):
    driver = application.driver
    application.do("SQLFreeStmt", application.stmt, 0)
    sql = 'SELECT 1 AS "Größe 😀"'.encode("utf-16-le")
    assert driver.functions["SQLExecDirectW"].call(application.stmt, sql, len(sql) // 2) == SUCCESS
    name, length = ctypes.create_string_buffer(64), ctypes.c_short()
    arguments = (at(name), 30, at(length), None, None, None, None)
    assert driver.functions["SQLDescribeColW"].call(application.stmt, 1, *arguments) == SUCCESS
    assert (name.raw[: 2 * length.value].decode("utf-16-le"), length.value) == ("Größe 😀", 8)
    assert driver.functions["SQLDescribeCol"].call(application.stmt, 1, at(name), 60, at(length), None, None, None, None) == SUCCESS
    assert (name.value.decode(), length.value) == ("Größe 😀", len("Größe 😀".encode()))
    application.do("SQLFreeStmt", application.stmt, 0)
    assert driver.functions["SQLExecDirect"].call(application.stmt, "SELECT Größe FROM Users".encode(), -3) == ERROR
    message, state = ctypes.create_string_buffer(600), ctypes.create_string_buffer(12)
    record = driver.functions["SQLGetDiagRecW"].call
    assert record(STMT, application.stmt, 1, at(state), None, at(message), 300, at(length)) == SUCCESS
    assert "Größe" in message.raw[: 2 * length.value].decode("utf-16-le")


@pytest.mark.parametrize("sql,kind,size", [
    ("CAST('x' AS NVARCHAR(10))", -9, 10),
    ("CAST('x' AS CHAR(3))", -9, 3),
    ("CONVERT(VARCHAR(5), 1)", -9, 5),
    ("CAST('x' AS VARCHAR)", -9, 4000),
    ("CAST('x' AS NVARCHAR(4000))", -9, 4000),
    # More than MaxVarcharSize allows, or any number of characters: long text, which clients read in pieces.
    ("CAST('x' AS NVARCHAR(9000))", -10, 9000),
    ("CAST('x' AS NVARCHAR(max))", -10, 16384),
    ("CAST('x' AS NTEXT)", -10, 16384),
])
def test_text_is_as_long_as_it_is_cast_to(sql, kind, size, application):
    row(application, f"SELECT {sql}, 1 AS n")
    found = [ctypes.c_short(), ctypes.c_size_t()]
    application.do("SQLDescribeCol", application.stmt, 1, None, 0, None, *map(at, found), None, None)
    assert [place.value for place in found] == [kind, size]
    assert piece(application, CHAR, 10)[0] == SUCCESS

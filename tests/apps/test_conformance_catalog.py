"""What the catalog functions tell of every table: keys in both directions, indexes, remarks, sizes, types that agree with each other."""

import ctypes
import re

import pytest

import c_abi
import okta_org
from c_abi import NO_DATA, NTS, STMT, SUCCESS

TABLES = okta_org.tables()
# Largest declared text by default (MaxVarcharSize), and that of JSON columns.
MOST_TEXT, MOST_LONG_TEXT = 4000, 16384

# (child, column, parent, key): each relation between Okta's objects, by the ids that Okta's API reference names.
RELATIONS = {
    ("ApplicationGroups", "AppId", "Apps", "Id"),
    ("ApplicationGroups", "GroupId", "Groups", "Id"),
    ("ApplicationUsers", "AppId", "Apps", "Id"),
    ("ApplicationUsers", "UserId", "Users", "Id"),
    ("GroupMembers", "GroupId", "Groups", "Id"),
    ("GroupMembers", "TypeId", "UserTypes", "Id"),
    ("GroupMembers", "UserId", "Users", "Id"),
    ("UserFactors", "UserId", "Users", "Id"),
    ("UserGroups", "GroupId", "Groups", "Id"),
    ("UserGroups", "UserId", "Users", "Id"),
    ("Users", "TypeId", "UserTypes", "Id"),
}


@pytest.fixture(scope="module")
def driver():
    return c_abi.Driver()


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", 3)
    yield started
    started.close()


@pytest.fixture(scope="module")
def application(driver, org):
    made = c_abi.Application(driver, org.connection_string(), 3).connect().allocate_statement()
    yield made
    made.close()


def name(text):
    return (None, 0) if text is None else (text.encode(), NTS)


def call(application, symbol, *arguments):
    """Rows of a catalog function, each a dictionary by label."""
    application.do("SQLFreeStmt", application.stmt, 0)
    application.do(symbol, application.stmt, *arguments)
    count = ctypes.c_short()
    application.do("SQLNumResultCols", application.stmt, ctypes.addressof(count))
    labels = []
    for column in range(1, count.value + 1):
        label = ctypes.create_string_buffer(128)
        application.do("SQLDescribeCol", application.stmt, column, ctypes.addressof(label), 128, *[None] * 5)
        labels.append(label.value.decode())
    rows = []
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, NO_DATA)) != NO_DATA:
        row = {}
        for column, label in enumerate(labels, start=1):
            value, length = ctypes.create_string_buffer(2000), ctypes.c_ssize_t()
            at = ctypes.addressof(length)
            application.do("SQLGetData", application.stmt, column, 1, ctypes.addressof(value), 2000, at)
            row[label] = None if length.value == -1 else value.value.decode()
        rows.append(row)
    return rows


def table(text):
    return (*name("Okta"), *name("dbo"), *name(text))


def columns(application, text):
    return call(application, "SQLColumns", *table(text), *name(None))


def test_every_table_is_listed_with_a_sentence(application):
    rows = call(application, "SQLTables", *[value for _ in range(4) for value in name(None)])
    assert [row["TABLE_NAME"] for row in rows] == sorted(TABLES)
    for row in rows:
        assert (row["TABLE_CAT"], row["TABLE_SCHEM"], row["TABLE_TYPE"]) == ("Okta", "dbo", "TABLE")
        assert re.fullmatch(r"[A-Z].{15,}\.", row["REMARKS"]), row


@pytest.mark.parametrize("text", TABLES)
def test_every_column_is_told_in_full(text, application):
    rows = columns(application, text)
    assert len(rows) >= len(TABLES[text]["column"])
    assert [int(row["ORDINAL_POSITION"]) for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        # An attribute of the org has at least its title there.
        words = (row["REMARKS"] or "").split()
        assert len(words) >= (1 if row["COLUMN_NAME"].startswith("Profile") else 2), row["COLUMN_NAME"]
        size, octets, code = int(row["COLUMN_SIZE"]), int(row["BUFFER_LENGTH"]), int(row["DATA_TYPE"])
        assert 0 < size <= {-10: MOST_LONG_TEXT}.get(code, MOST_TEXT), row
        # "Transfer Octet Length": UTF-16 of text, the C structures of the others.
        assert octets == {-9: 2 * size, -10: 2 * size, 4: 4, -5: 20, 8: 8, -7: 1, 93: 16, 91: 6}[code], row
        assert row["NULLABLE"] == {"NO": "0", "YES": "1"}[row["IS_NULLABLE"]]
        assert row["CHAR_OCTET_LENGTH"] == (str(octets) if code in (-9, -10) else None)
        assert row["NUM_PREC_RADIX"] == ("10" if code in (4, -5, 8) else None)
        assert row["DECIMAL_DIGITS"] == {4: "0", -5: "0", 93: "3"}.get(code)
        assert (row["SQL_DATA_TYPE"], row["SQL_DATETIME_SUB"]) == {93: ("9", "3"), 91: ("9", "1")}.get(code, (str(code), None))


def test_no_text_is_declared_longer_than_maxvarcharsize():
    with c_abi.connected(3, keywords=";MaxVarcharSize=40") as application:
        application.allocate_statement()
        kinds = {(int(row["DATA_TYPE"]), int(row["COLUMN_SIZE"])) for row in columns(application, "Users")}
        text = {size for code, size in kinds if code == -9}
        assert max(text) == 40 and min(text) > 0
        application.do("SQLFreeStmt", application.stmt, 0)
        sql = b"SELECT * FROM Users"
        application.do("SQLPrepare", application.stmt, sql, len(sql))
        count = ctypes.c_short()
        application.do("SQLNumResultCols", application.stmt, ctypes.addressof(count))
        for number in range(1, count.value + 1):
            kind, size = ctypes.c_short(), ctypes.c_size_t()
            at = ctypes.addressof
            application.do("SQLDescribeCol", application.stmt, number, None, 0, None, at(kind), at(size), None, None)
            assert (kind.value, size.value) in kinds


@pytest.mark.parametrize("text", TABLES)
def test_types_are_the_same_wherever_they_are_told(text, application):
    known = {}
    for row in call(application, "SQLGetTypeInfo", 0):
        known.setdefault(int(row["DATA_TYPE"]), []).append(row)
    listed = columns(application, text)
    application.do("SQLFreeStmt", application.stmt, 0)
    sql = f'SELECT * FROM "{text}"'.encode()
    application.do("SQLPrepare", application.stmt, sql, len(sql))
    for number, row in enumerate(listed, start=1):
        label, kind, size = ctypes.create_string_buffer(128), ctypes.c_short(), ctypes.c_size_t()
        digits, nullable, searchable = ctypes.c_short(), ctypes.c_short(), ctypes.c_ssize_t()
        at = ctypes.addressof
        application.do("SQLDescribeCol", application.stmt, number, at(label), 128, None, at(kind), at(size), at(digits), at(nullable))
        assert label.value.decode() == row["COLUMN_NAME"]
        assert (kind.value, size.value) == (int(row["DATA_TYPE"]), int(row["COLUMN_SIZE"])), row
        assert digits.value == int(row["DECIMAL_DIGITS"] or 0)
        assert nullable.value == int(row["NULLABLE"]), row
        application.do("SQLColAttribute", application.stmt, number, 13, None, 0, None, at(searchable))
        types = [of for of in known[kind.value] if of["TYPE_NAME"] == row["TYPE_NAME"]]
        assert len(types) == 1, row
        assert int(types[0]["SEARCHABLE"]) == searchable.value == (3 if kind.value in (-9, -10) else 2)
        assert size.value <= int(types[0]["COLUMN_SIZE"])


def test_every_type_has_a_size_and_both_families_of_text_are_there(application):
    rows = call(application, "SQLGetTypeInfo", 0)
    codes = [int(row["DATA_TYPE"]) for row in rows]
    assert codes == sorted(codes)
    assert {1, 12, -1, -8, -9, -10} <= set(codes)
    for row in rows:
        assert int(row["COLUMN_SIZE"]) > 0 and row["NULLABLE"] == "1", row
        assert row["SEARCHABLE"] == ("3" if int(row["DATA_TYPE"]) in (1, 12, -1, -8, -9, -10) else "2"), row
        assert (row["MINIMUM_SCALE"] is None) == (row["MAXIMUM_SCALE"] is None)
        one = call(application, "SQLGetTypeInfo", int(row["DATA_TYPE"]))
        assert row in one and {of["DATA_TYPE"] for of in one} == {row["DATA_TYPE"]}


@pytest.mark.parametrize("text", TABLES)
def test_the_primary_key_is_the_unique_index_and_the_row_identifier(text, application):
    key = TABLES[text]["primary_key"]
    rows = call(application, "SQLPrimaryKeys", *table(text))
    assert [row["COLUMN_NAME"] for row in rows] == key
    assert [int(row["KEY_SEQ"]) for row in rows] == list(range(1, len(key) + 1))
    pk_name = {row["PK_NAME"] for row in rows}
    assert len(pk_name) == 1 and None not in pk_name
    # SQL_INDEX_ALL and SQL_INDEX_UNIQUE alike: a row of the table (type 0), and the index.
    for unique in (1, 0):
        rows = call(application, "SQLStatistics", *table(text), unique, 0)
        assert [row["TYPE"] for row in rows] == ["0"] + ["3"] * len(key)
        assert (rows[0]["NON_UNIQUE"], rows[0]["INDEX_NAME"], rows[0]["COLUMN_NAME"]) == (None, None, None)
        index = rows[1:]
        assert [row["COLUMN_NAME"] for row in index] == key
        assert {row["NON_UNIQUE"] for row in index} == {"0"} and {row["INDEX_NAME"] for row in index} == pk_name
        assert [int(row["ORDINAL_POSITION"]) for row in index] == list(range(1, len(key) + 1))
    described = {row["COLUMN_NAME"]: row for row in columns(application, text)}
    rows = call(application, "SQLSpecialColumns", 1, *table(text), 0, 1)
    assert [row["COLUMN_NAME"] for row in rows] == key
    for row in rows:
        column = described[row["COLUMN_NAME"]]
        assert (row["DATA_TYPE"], row["TYPE_NAME"], row["COLUMN_SIZE"]) == tuple(
            column[of] for of in ("DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE")
        )
        # SQL_SCOPE_SESSION: an id never changes; SQL_PC_NOT_PSEUDO.
        assert (row["SCOPE"], row["PSEUDO_COLUMN"]) == ("2", "1")
        assert column["NULLABLE"] == "0", "a key is never NULL"
    # SQL_ROWVER: nothing is updated by itself that identifies a row.
    assert call(application, "SQLSpecialColumns", 2, *table(text), 0, 1) == []


def relations(rows):
    for row in rows:
        assert (row["PKTABLE_CAT"], row["PKTABLE_SCHEM"], row["FKTABLE_CAT"], row["FKTABLE_SCHEM"]) == ("Okta", "dbo", "Okta", "dbo")
        # SQL_NO_ACTION, SQL_NO_ACTION, SQL_NOT_DEFERRABLE.
        assert (row["UPDATE_RULE"], row["DELETE_RULE"], row["DEFERRABILITY"]) == ("3", "3", "7"), row
        assert row["KEY_SEQ"] == "1" and row["FK_NAME"] and row["PK_NAME"], row
    return {tuple(row[of] for of in ("FKTABLE_NAME", "FKCOLUMN_NAME", "PKTABLE_NAME", "PKCOLUMN_NAME")) for row in rows}


@pytest.mark.parametrize("text", TABLES)
def test_foreign_keys_in_both_directions(text, application):
    nothing = tuple(value for _ in range(3) for value in name(None))
    to_it = relations(call(application, "SQLForeignKeys", *table(text), *nothing))
    assert to_it == {relation for relation in RELATIONS if relation[2] == text}
    of_it = relations(call(application, "SQLForeignKeys", *nothing, *table(text)))
    assert of_it == {relation for relation in RELATIONS if relation[0] == text}
    for other in TABLES:
        both = relations(call(application, "SQLForeignKeys", *table(text), *table(other)))
        assert both == {relation for relation in RELATIONS if (relation[2], relation[0]) == (text, other)}, other


def test_each_key_that_refers_is_of_the_type_it_refers_to(application):
    described = {text: {row["COLUMN_NAME"]: row for row in columns(application, text)} for text in TABLES}
    for child, column, parent, key in RELATIONS:
        here, there = described[child][column], described[parent][key]
        assert (here["DATA_TYPE"], here["COLUMN_SIZE"]) == (there["DATA_TYPE"], there["COLUMN_SIZE"]), (child, column)


# Labels, types and nullability of each result set, as the reference's tables have them: v text, s SMALLINT, i INTEGER; `!` never NULL.
SHAPES = {
    "SQLTables": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v,TABLE_TYPE v,REMARKS v",
    "SQLColumns": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v!,COLUMN_NAME v!,DATA_TYPE s!,TYPE_NAME v!,COLUMN_SIZE i,BUFFER_LENGTH i,"
    "DECIMAL_DIGITS s,NUM_PREC_RADIX s,NULLABLE s!,REMARKS v,COLUMN_DEF v,SQL_DATA_TYPE s!,SQL_DATETIME_SUB s,CHAR_OCTET_LENGTH i,"
    "ORDINAL_POSITION i!,IS_NULLABLE v",
    "SQLPrimaryKeys": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v!,COLUMN_NAME v!,KEY_SEQ s!,PK_NAME v",
    "SQLForeignKeys": "PKTABLE_CAT v,PKTABLE_SCHEM v,PKTABLE_NAME v!,PKCOLUMN_NAME v!,FKTABLE_CAT v,FKTABLE_SCHEM v,FKTABLE_NAME v!,"
    "FKCOLUMN_NAME v!,KEY_SEQ s!,UPDATE_RULE s,DELETE_RULE s,FK_NAME v,PK_NAME v,DEFERRABILITY s",
    "SQLStatistics": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v!,NON_UNIQUE s,INDEX_QUALIFIER v,INDEX_NAME v,TYPE s!,ORDINAL_POSITION s,"
    "COLUMN_NAME v,ASC_OR_DESC v,CARDINALITY i,PAGES i,FILTER_CONDITION v",
    "SQLSpecialColumns": "SCOPE s,COLUMN_NAME v!,DATA_TYPE s!,TYPE_NAME v!,COLUMN_SIZE i,BUFFER_LENGTH i,DECIMAL_DIGITS s,PSEUDO_COLUMN s",
    "SQLGetTypeInfo": "TYPE_NAME v!,DATA_TYPE s!,COLUMN_SIZE i,LITERAL_PREFIX v,LITERAL_SUFFIX v,CREATE_PARAMS v,NULLABLE s!,"
    "CASE_SENSITIVE s!,SEARCHABLE s!,UNSIGNED_ATTRIBUTE s,FIXED_PREC_SCALE s!,AUTO_UNIQUE_VALUE s,LOCAL_TYPE_NAME v,MINIMUM_SCALE s,"
    "MAXIMUM_SCALE s,SQL_DATA_TYPE s!,SQL_DATETIME_SUB s,NUM_PREC_RADIX i,INTERVAL_PRECISION s",
    "SQLTablePrivileges": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v!,GRANTOR v,GRANTEE v!,PRIVILEGE v!,IS_GRANTABLE v",
    "SQLColumnPrivileges": "TABLE_CAT v,TABLE_SCHEM v,TABLE_NAME v!,COLUMN_NAME v!,GRANTOR v,GRANTEE v!,PRIVILEGE v!,IS_GRANTABLE v",
    "SQLProcedures": "PROCEDURE_CAT v,PROCEDURE_SCHEM v,PROCEDURE_NAME v!,NUM_INPUT_PARAMS i,NUM_OUTPUT_PARAMS i,NUM_RESULT_SETS i,"
    "REMARKS v,PROCEDURE_TYPE s",
    "SQLProcedureColumns": "PROCEDURE_CAT v,PROCEDURE_SCHEM v,PROCEDURE_NAME v!,COLUMN_NAME v!,COLUMN_TYPE s!,DATA_TYPE s!,TYPE_NAME v!,"
    "COLUMN_SIZE i,BUFFER_LENGTH i,DECIMAL_DIGITS s,NUM_PREC_RADIX s,NULLABLE s!,REMARKS v,COLUMN_DEF v,SQL_DATA_TYPE s!,"
    "SQL_DATETIME_SUB s,CHAR_OCTET_LENGTH i,ORDINAL_POSITION i!,IS_NULLABLE v",
}
ARGUMENTS = {"SQLGetTypeInfo": (0,), "SQLSpecialColumns": (1, *table("Users"), 0, 1), "SQLStatistics": (*table("Users"), 1, 0)}
ARGUMENTS["SQLForeignKeys"] = (*table("Users"), *[value for _ in range(3) for value in name(None)])
FOUR = ("SQLTables", "SQLColumns", "SQLColumnPrivileges", "SQLProcedureColumns")


@pytest.mark.parametrize("symbol", SHAPES)
def test_each_result_set_has_the_columns_of_the_reference(symbol, application):
    arguments = ARGUMENTS.get(symbol) or (*table("Users"), *(name(None) if symbol in FOUR else ()))
    application.do("SQLFreeStmt", application.stmt, 0)
    application.do(symbol, application.stmt, *arguments)
    count = ctypes.c_short()
    application.do("SQLNumResultCols", application.stmt, ctypes.addressof(count))
    found = []
    for column in range(1, count.value + 1):
        label, kind, nullable = ctypes.create_string_buffer(128), ctypes.c_short(), ctypes.c_short()
        at = ctypes.addressof
        application.do(
            "SQLDescribeCol", application.stmt, column, at(label), 128, None, at(kind), None, None, at(nullable)
        )
        letter = {-9: "v", 12: "v", 5: "s", 4: "i"}[kind.value]
        found.append(f"{label.value.decode()} {letter}{'!' if nullable.value == 0 else ''}")
    assert ",".join(found) == SHAPES[symbol]


def test_identifiers_instead_of_patterns(driver, application):
    """SQL_ATTR_METADATA_ID: names without case, quoted ones too (SQL_QUOTED_IDENTIFIER_CASE is mixed); wildcards are characters; none may be missing."""
    application.do("SQLFreeStmt", application.stmt, 0)
    application.do("SQLSetStmtAttr", application.stmt, 10014, 1, 0)
    try:
        for text, found in (("users", True), ("USERS  ", True), ('"Users"', True), ('"users"', True), ("User%", False), ("User_", False)):
            rows = call(application, "SQLTables", *name("okta"), *name("DBO"), *name(text), *name(None))
            assert [row["TABLE_NAME"] for row in rows] == (["Users"] if found else []), text
        for symbol, arguments in (
            ("SQLTables", (*name(None), *name("dbo"), *name("Users"), *name(None))),
            ("SQLColumns", (*table("Users"), *name(None))),
            ("SQLPrimaryKeys", (*name("Okta"), *name(None), *name("Users"))),
            ("SQLStatistics", (*name(None), *name(None), *name("Users"), 1, 0)),
        ):
            application.do("SQLFreeStmt", application.stmt, 0)
            assert driver.functions[symbol].call(application.stmt, *arguments) == c_abi.ERROR, symbol
            assert driver.state(STMT, application.stmt) == "HY009", symbol
    finally:
        application.do("SQLFreeStmt", application.stmt, 0)
        application.do("SQLSetStmtAttr", application.stmt, 10014, 0, 0)


def test_asking_for_metadata_asks_okta_nothing(org, application):
    org.reset()
    for text in TABLES:
        call(application, "SQLPrimaryKeys", *table(text))
        call(application, "SQLStatistics", *table(text), 1, 0)
    call(application, "SQLTables", *[value for _ in range(4) for value in name(None)])
    call(application, "SQLGetTypeInfo", 0)
    assert org.get("/sim/requests") == []

"""The client matrix's own judgement (tests/apps/clients): what it must accept, and what it must not let pass."""

import ctypes
import json
import os
import pathlib
import re
import sys
import tomllib

import pytest

import okta_org

CLIENTS = pathlib.Path(__file__).parent / "clients"
sys.path.append(str(CLIENTS))

import calls  # noqa: E402
import compare  # noqa: E402
import judge  # noqa: E402
import matrix  # noqa: E402
import sql_types  # noqa: E402


@pytest.mark.parametrize(
    "kind, found, wanted",
    [
        ("boolean", "True", "1"),
        ("boolean", "0", "0"),
        ("integer", "9223372036854775807", "9223372036854775807"),
        ("integer", "-5.0", "-5"),
        ("real", "0.10000000149011612", "0.1"),
        ("double", "1.7976931348623157E+308", "1.7976931348623157e308"),
        ("decimal", "-0.0500", "-0.05"),
        ("date", "2024-02-29T00:00:00", "2024-02-29"),
        ("time", "1970-01-01 12:34:56.000000", "12:34:56"),
        ("timestamp", "2024-02-29T12:34:56.789Z", "2024-02-29 12:34:56.789"),
        ("timestamp", "1970-01-01", "1970-01-01 00:00:00.000"),
        ("binary", "0xdeadbeef", "DEADBEEF"),
        ("json", '{"a": [1, 2]}', '{"a":[1,2]}'),
        ("text", "ä 🎉", "ä 🎉"),
        ("text", None, None),
    ],
)
def test_another_spelling_of_a_value_is_that_value(kind, found, wanted):
    assert compare.same(kind, found, wanted)


@pytest.mark.parametrize(
    "kind, found, wanted",
    [
        ("boolean", "1", "0"),
        ("boolean", "", "0"),
        ("integer", "9223372036854775806", "9223372036854775807"),
        ("integer", "9.223372036854776e+18", "9223372036854775807"),
        ("integer", "NaN", "0"),
        ("real", "0.1000001", "0.1"),
        ("double", "0.10000000149011612", "0.1"),
        ("decimal", "-1.234E-7", "-1234.0000000001"),
        ("date", "2024-02-29 01:00:00", "2024-02-29"),
        ("time", "12:34:56.5", "12:34:56"),
        ("timestamp", "2024-02-29 12:34:56.788", "2024-02-29 12:34:56.789"),
        ("timestamp", "2024-02-29 12:34:56", "2024-02-29 12:34:56.789"),
        ("timestamp", "2024-02-29T12:34:56.789+01:00", "2024-02-29 12:34:56.789"),
        ("binary", "DEADBE", "DEADBEEF"),
        ("json", "[1,2", "[1,2]"),
        ("text", "a\u0308", "ä"),
        ("text", "", None),
        ("text", None, ""),
        ("text", 5, "5"),
    ],
)
def test_another_value_is_not(kind, found, wanted):
    assert not compare.same(kind, found, wanted)


def test_every_column_of_every_row_is_compared():
    columns, rows = sql_types.columns(), sql_types.rows()
    assert compare.rows(columns, rows, rows) == []
    assert compare.rows(columns, rows[:-1], rows) != []
    for number, row in enumerate(rows):
        for place in range(len(row)):
            damaged = [list(each) for each in rows]
            damaged[number][place] = "damaged"
            found = compare.rows(columns, damaged, rows)
            assert len(found) == 1 and f"row {number + 1}, {columns[place][0]}" in found[0]


def test_what_a_client_gives_in_its_own_way_must_be_just_that():
    columns, rows = [("A", "integer")], [["1"]]
    own = {(1, "A"): "one"}
    assert compare.rows(columns, [["one"]], rows, own.items()) == []
    assert "is not" in compare.rows(columns, [["two"]], rows, own.items())[0]
    assert "stale" in compare.rows(columns, [["1"]], rows, {(1, "A"): "1"}.items())[0]
    assert "not there" in compare.rows(columns, [["1"]], rows, {(2, "A"): "1"}.items())[0]


def client(**row):
    return matrix.Client({"name": "nobody", "title": "Nobody", "tour": ["true"], **row})


def judged(tmp_path, lines, **row):
    """The verdict on answers of parts that need no org."""
    file = tmp_path / "answers.jsonl"
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    needs_org = {part: "" for part in ("tables", "columns", "okta", "parameters", "long", "many", "cancel")}
    given = client(cannot={**needs_org, **row.pop("cannot", {})}, **row)
    return judge.judge(given, judge.Answers(file), {}, tmp_path / "no.log")


GOOD = [
    {"part": "version", "client": "Nobody 1.0", "manager": "unixODBC 2.3.11"},
    {"part": "connect"},
    *({"part": "types", "row": row} for row in sql_types.rows()),
    {"part": "error", "sqlstate": "42S22", "message": "Column 'NoSuchColumn' does not exist."},
    {"part": "after-error", "row": ["still connected", "42"]},
    {"part": "disconnect"},
]


def test_good_answers_pass(tmp_path):
    assert judged(tmp_path, GOOD) == {part: [] for part in ("version", "connect", "types", "error", "disconnect")}


@pytest.mark.parametrize("part", ["version", "connect", "types", "error", "disconnect"])
def test_a_part_without_an_answer_has_failed(tmp_path, part):
    assert judged(tmp_path, [line for line in GOOD if line["part"] != part])[part]


def test_an_error_after_which_nothing_works_has_failed(tmp_path):
    assert judged(tmp_path, [line for line in GOOD if line["part"] != "after-error"])["error"]
    other = [{**line, "sqlstate": "HY000"} if line["part"] == "error" else line for line in GOOD]
    assert judged(tmp_path, other)["error"]


def test_an_answer_of_a_part_that_the_client_cannot_do_has_failed(tmp_path):
    assert "stale" in judged(tmp_path, GOOD, cannot={"types": "it has none"})["types"][0]


def test_broken_lines_unknown_parts_and_another_order_have_failed(tmp_path):
    assert judged(tmp_path, [*GOOD, "{"])["version"]
    assert judged(tmp_path, [*GOOD, {"part": "conect"}])["version"]
    assert judged(tmp_path, GOOD[::-1])["disconnect"]


def test_a_client_that_cancels_calls_sqlcancel_or_says_why_not():
    assert judge.cancels(client(), {"SQLCancel": 1}) == []
    assert judge.cancels(client(), {"SQLCancel": 0, "SQLFetch": 5}) != []
    assert judge.cancels(client(cannot={"stops": "it closes"}), {"SQLFetch": 5}) == []
    assert "stale" in judge.cancels(client(cannot={"stops": "it closes"}), {"SQLCancel": 1})[0]
    assert judge.cancels(client(cannot={"cancel": "it has none"}), {}) == []


def test_the_list_names_no_part_that_there_is_not():
    with pytest.raises(ValueError):
        client(cannot={"tabels": "x"})
    with pytest.raises(ValueError):
        client(colour="red")
    assert len(matrix.clients()) >= 7


def test_each_deviation_names_tests_that_there_are():
    for row in tomllib.loads((CLIENTS / "deviations.toml").read_text())["deviation"]:
        assert all(row[key] for key in ("what", "answer", "why")), row
        files = re.findall(r"[\w/]+\.(?:rs|py|txt)", row["test"])
        assert files or row["test"].startswith(("none: ", "the part ")), row
        assert all((okta_org.CHECKOUT / file).is_file() for file in files), row


def test_the_manifest_is_read_whole():
    text = (okta_org.CHECKOUT / "src/ffi/mod.rs").read_text()
    manifest = text[text.index("pub const EXPORTS") : text.index("];", text.index("pub const EXPORTS"))]
    assert len(calls.exports()) == manifest.count('("SQL') > 50
    assert ("SQLFetch", None) in calls.exports() and ("SQLTables", "SQLTablesW") in calls.exports()


def test_calls_are_counted_on_their_way(tmp_path, sim):
    """A library between the manager and the driver: ctypes stands for the manager."""
    counter = calls.Counter(os.environ["OKTA_ODBC_DRIVER"], tmp_path)
    library = ctypes.CDLL(str(counter.library))
    functions = (library.SQLAllocHandle, library.SQLSetEnvAttr, library.SQLFreeHandle)
    for function in functions:
        function.restype = ctypes.c_short
    environment = ctypes.c_void_p()
    assert functions[0](1, None, ctypes.byref(environment)) == 0
    assert functions[1](environment, 200, ctypes.c_void_p(3), 0) == 0
    assert functions[2](1, environment) == 0
    assert counter.read() == {"SQLAllocHandle": 1, "SQLSetEnvAttr": 1, "SQLFreeHandle": 1}

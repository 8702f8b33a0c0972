"""What SQLGetInfo claims of SQL is done: one statement for every bit, its answer worked out by hand (tests/data/info_bits.txt)."""

import ctypes
import datetime
import re

import pytest

import c_abi
import okta_org
from c_abi import ERROR, NO_DATA, STMT, SUCCESS, WITH_INFO

LINE = re.compile(r"(0x\w+|=\S+) (\w+) \| (.*?) => ?(.*)")


def blocks():
    """Info type, and its lines: (bit or value, name, statement, answer)."""
    found = {}
    for line in (okta_org.CHECKOUT / "tests/data/info_bits.txt").read_text().splitlines():
        if line.startswith("["):
            found[int(line[1:].split()[0])] = lines = []
        elif line and not line.startswith("#"):
            bit, name, statement, answer = LINE.fullmatch(line).groups()
            lines.append((bit if bit.startswith("=") else int(bit, 16), name, statement, answer))
    return found


BLOCKS = blocks()
# Bit masks whose every bit stands for something that a statement can do.
MASKS = (48, 49, 50, 51, 52, 91, 92, 95, 96, 109, 110, 115, 119, 155, 159, 160, 161, 163, 164, 165, 169, 65003)


@pytest.fixture(scope="module")
def application():
    with c_abi.connected(3) as made:
        yield made.allocate_statement()


def claimed(application, number):
    """The answer as its own bytes: text, or an integer."""
    value, length = ctypes.create_string_buffer(200), ctypes.c_short(-1)
    at = ctypes.addressof(length)
    application.do("SQLGetInfo", application.dbc, number, ctypes.addressof(value), 200, at)
    return value.raw[: length.value]


def answer(application, statement):
    """Rows of texts; the SQLSTATE and message of a failure."""
    application.do("SQLFreeStmt", application.stmt, 0)
    text = statement.encode()
    if application.driver.functions["SQLExecDirect"].call(application.stmt, text, len(text)) == ERROR:
        return application.driver.state(STMT, application.stmt)
    columns = ctypes.c_short()
    application.do("SQLNumResultCols", application.stmt, ctypes.addressof(columns))
    rows = []
    while application.do("SQLFetch", application.stmt, allowed=(SUCCESS, WITH_INFO, NO_DATA)) != NO_DATA:
        row = []
        for column in range(1, columns.value + 1):
            value, length = ctypes.create_string_buffer(200), ctypes.c_ssize_t()
            at = ctypes.addressof(length)
            application.do("SQLGetData", application.stmt, column, 1, ctypes.addressof(value), 200, at)
            row.append("NULL" if length.value == -1 else value.value.decode())
        rows.append(row)
    return rows


def agrees(found, expected, now):
    if expected.startswith("~"):
        return abs(float(found) - float(expected[1:])) <= 1e-6 * max(1, abs(float(expected[1:])))
    if expected == "@date":
        return found in {str(moment.date()) for moment in now}
    if expected == "@time":
        return str(now[0].time())[:8] <= found[:8] <= str(now[1].time())[:8] or now[0].date() != now[1].date()
    if expected == "@timestamp":
        return str(now[0])[:19] <= found[:19] <= str(now[1])[:19]
    return found == expected


def clock():
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def native(application, statement):
    """SQLNativeSql's text."""
    text, out, length = statement.encode(), ctypes.create_string_buffer(4000), ctypes.c_int()
    at = ctypes.addressof
    application.do("SQLNativeSql", application.dbc, text, len(text), at(out), 4000, at(length))
    assert length.value == len(out.value)
    return out.value.decode()


@pytest.mark.parametrize("number", BLOCKS)
def test_every_claimed_bit_has_a_statement_and_every_statement_its_bit(number, application):
    value = claimed(application, number)
    listed = {line[0] for line in BLOCKS[number]}
    if number in MASKS:
        mask = int.from_bytes(value, "little")
        assert sum(listed) == mask, f"{sum(listed) ^ mask:#x}"
    else:
        shown = value.decode() if len(value) not in (2, 4) or value.isalpha() else int.from_bytes(value, "little")
        assert listed == {f"={shown}"}


def test_no_mask_of_sql_is_left_out():
    assert set(MASKS) <= set(BLOCKS)


@pytest.mark.parametrize("number,line", [(number, line) for number, lines in BLOCKS.items() for line in lines])
def test_what_is_claimed_is_done(number, line, application):
    _, name, statement, expected = line
    before = clock()
    found = answer(application, statement)
    now = (before, clock())
    wanted = [row.split(",") for row in expected.split(";")] if expected else []
    assert isinstance(found, list), f"{number} {name}: {statement}: {found}"
    # The driver's own SQL for it says the same, and holds no escape.
    shown = native(application, statement)
    assert "{" not in shown and (shown == statement or "{" in statement)
    same = answer(application, shown)
    assert "@" in expected or "RAND" in name or same == found, f"{shown}: {same}, not {found}"
    fits = [len(a) for a in found] == [len(b) for b in wanted]
    fits = fits and all(agrees(f, w, now) for row, want in zip(found, wanted) for f, w in zip(row, want))
    assert fits, f"{number} {name}: {statement}: {found}, not {wanted}"

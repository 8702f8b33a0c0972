"""Whether what a client wrote is the value that was expected: one spelling or another, but the same value."""

import datetime
import decimal
import json
import re
import struct


def same(kind, found, wanted):
    """Is `found`, as a client spells it, the value `wanted` of this kind?"""
    if found is None or wanted is None:
        return found is wanted
    if not isinstance(found, str):
        return False
    try:
        return VALUES[kind](found) == VALUES[kind](wanted)
    except (ValueError, ArithmeticError):
        return False


def _boolean(text):
    known = {"1": True, "true": True, "t": True, "y": True, "0": False, "false": False, "f": False, "n": False}
    return known[text.lower()] if text.lower() in known else _fail(text)


def _fail(text):
    raise ValueError(text)


def _integer(text):
    value = decimal.Decimal(text)
    return int(value) if value == value.to_integral_value() else _fail(text)


def _real(text):
    """A REAL is the same float whether its shortest digits are written or those of the double that it is widened to."""
    return struct.pack("f", float(text))


def _double(text):
    return float(text)


def _decimal(text):
    return decimal.Decimal(text)


def _date(text):
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)([ T]00:00:00(\.0+)?Z?)?", text)
    return datetime.date.fromisoformat(found[1]) if found else _fail(text)


def _time(text):
    found = re.fullmatch(r"(?:\d{4}-\d\d-\d\d[ T])?(\d?\d:\d\d:\d\d)(\.0+)?Z?", text)
    return found[1].rjust(8, "0") if found else _fail(text)


def _timestamp(text):
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)?)?", text)
    return (found[1], found[2] or "00:00:00", float(found[3] or 0)) if found else _fail(text)


def _binary(text):
    return bytes.fromhex(text.removeprefix("0x").removeprefix("0X"))


VALUES = {
    "text": str,
    "boolean": _boolean,
    "integer": _integer,
    "real": _real,
    "double": _double,
    "decimal": _decimal,
    "date": _date,
    "time": _time,
    "timestamp": _timestamp,
    "binary": _binary,
    "json": json.loads,
}


def short(value):
    """A value for people."""
    text = "NULL" if value is None else repr(value)
    return text if len(text) <= 120 else f"{text[:90]}… ({len(text)} characters)"


def rows(columns, found, wanted, differs=()):
    """Differences in words. `columns` are (name, kind); `differs` are the client's own answers: {(row, column): answer}."""
    differences = []
    if len(found) != len(wanted):
        differences.append(f"{len(found)} rows instead of {len(wanted)}")
    own = dict(differs)
    for number, (have, want) in enumerate(zip(found, wanted), 1):
        if len(have) != len(columns):
            differences.append(f"row {number} has {len(have)} values instead of {len(columns)}")
            continue
        for (name, kind), cell, value in zip(columns, have, want):
            if (number, name) in own:
                answer = own.pop((number, name))
                if cell != answer:
                    differences.append(f"row {number}, {name}: {short(cell)} is not the {short(answer)} of clients.toml")
                elif same(kind, cell, value):
                    differences.append(f"row {number}, {name}: clients.toml is stale, {short(cell)} is right")
            elif not same(kind, cell, value):
                differences.append(f"row {number}, {name}: {short(cell)} is not {short(value)}")
    differences += [f"row {number}, {name}: clients.toml names a value that is not there" for number, name in own]
    return differences

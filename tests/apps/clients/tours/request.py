"""What the tours in Python are asked, from their environment, and the file of their answers."""

import datetime
import json
import os
import subprocess

CONNECTION = os.environ["TOUR_CONNECTION"]
LARGE = os.environ["TOUR_LARGE"]
SLOW = os.environ["TOUR_SLOW"]
DSN = os.environ["TOUR_DSN"]
LARGE_DSN = os.environ["TOUR_LARGE_DSN"]
SLOW_DSN = os.environ["TOUR_SLOW_DSN"]

with open(os.environ["TOUR_STATEMENTS"], encoding="utf-8") as _file:
    _lines = [line.rstrip("\n").split("\t") for line in _file]

SQL = {line[0]: line[1] for line in _lines}
# (type, text) in the order of the markers.
PARAMETERS = next([tuple(value.split(":", 1)) for value in line[1:]] for line in _lines if line[0] == "parameters.values")

NATURAL = {
    "text": str,
    "integer": int,
    "double": float,
    "timestamp": datetime.datetime.fromisoformat,
}


def parameters():
    """As Python's own types."""
    return [NATURAL[kind](value) for kind, value in PARAMETERS]


def unixodbc():
    """The driver manager's version: SQL_DM_VER gives that of the interface, not of the program."""
    return subprocess.run(["odbcinst", "--version"], capture_output=True, text=True, check=True).stdout.strip()


_answers = open(os.environ["TOUR_ANSWERS"], "w", encoding="utf-8")


def text(value):
    """A value of Python as text."""
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return value if isinstance(value, str) else str(value)


def answer(part, **more):
    _answers.write(json.dumps({"part": part, **more}, ensure_ascii=False) + "\n")


def row(part, values):
    answer(part, row=[text(value) for value in values])


def finish():
    _answers.close()

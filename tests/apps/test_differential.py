"""The driver against DuckDB: generated questions, the same answers (tests/apps/differential)."""

import collections

import duckdb
import pyodbc
import pytest

from differential import compare, known, queries, render, run

SEED = 3
COUNT = 2000
# Questions that are only generated, to see what there is in them.
MANY = 18_000


@pytest.fixture(scope="module")
def asked():
    """A small org of its own, and both sides to ask."""
    sim = run.sim()
    running = run.Run(sim)
    yield running
    running.close()
    sim.close()


def test_the_driver_answers_as_duckdb_does(asked):
    report = asked.questions(SEED, range(COUNT))
    print(report.summary())
    told = [run.told(outcome) for _, _, outcome in report.differences[:5]]
    assert not told, "\n".join([report.summary(), *told])
    # A question that DuckDB refuses is a fault of the generator.
    assert not [reason for reason in report.skipped if reason.startswith("DuckDB")], report.skipped
    # Most questions must have something to answer.
    answered = 2 * COUNT - sum(report.skipped.values())
    assert report.empty < answered / 2 and report.rows > 50 * COUNT


def test_a_question_is_its_seed_and_number(asked):
    texts = [render.for_driver(queries.generate(SEED, 5, asked.truth)) for _ in range(2)]
    assert texts[0] == texts[1] != render.for_driver(queries.generate(SEED + 1, 5, asked.truth))


def test_every_operator_is_asked_for(asked):
    seen = collections.Counter()
    for number in range(MANY):
        seen.update(expr.op for expr in known.exprs(queries.generate(SEED, number, asked.truth)))
    assert set(render.OPERATORS) <= set(seen), set(render.OPERATORS) - set(seen)


@pytest.mark.parametrize(
    "change", [lambda rows: rows[1:], lambda rows: rows + rows[:1], lambda rows: [(None,), *rows[1:]]]
)
def test_a_wrong_answer_is_noticed(asked, change):
    """Rows lost, doubled or changed are a difference, in sequences and in multisets."""
    rows = [(1,), (2,), (2,)]
    for number in range(200):
        query = queries.generate(SEED, number, asked.truth)
        if query.limit is None and query.offset is None:
            assert compare.difference(query, rows, rows) is None
            assert compare.difference(query, change(rows), rows)


def test_only_twenty_differences_are_listed_each_with_its_reason():
    names = [entry.name for entry in known.DIFFERENCES]
    assert len(names) <= 20 and len(set(names)) == len(names)
    assert all(entry.reason and entry.reference for entry in known.DIFFERENCES)


@pytest.mark.parametrize("entry", known.DIFFERENCES, ids=lambda entry: entry.name)
def test_what_is_listed_is_still_different(asked, entry):
    """An entry whose example is answered alike has to go."""
    try:
        wanted = sorted(asked.truth.duck.execute(entry.duck or entry.example).fetchall(), key=repr)
    except duckdb.Error as error:
        assert "Out of Range" in str(error) or "Conversion" in str(error), error
        wanted = None
    try:
        found = sorted(map(tuple, asked.oracle.connections[True].execute(entry.example).fetchall()), key=repr)
    except pyodbc.Error:
        found = None
    assert found != wanted, f"take {entry.name!r} off the list in differential/known.py"

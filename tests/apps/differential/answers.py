"""One question put to the driver and to DuckDB, and what came of it."""

from dataclasses import dataclass

import duckdb
import pyodbc

from . import compare, render

# Values that do not fit, do not parse, or divide by zero: what DuckDB raises for them.
DATA_ERRORS = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)
# Rows that are fetched of one answer: a question with more is left out.
MOST_ROWS = 30_000
SECONDS = 20


@dataclass(frozen=True)
class Outcome:
    """`wrong` is None where both say the same."""

    folding: bool
    statement: str
    parameters: tuple
    duck: str
    wrong: str | None
    rows: int = 0
    # DuckDB's side does not count: too many rows, or a question that DuckDB does not take.
    skipped: str | None = None


class Oracle:
    """Asks both. The driver twice over: with CaseSensitive=true, and as it comes."""

    def __init__(self, sim, truth):
        self.duck = truth.duck
        self.connections = {}
        for folding, keywords in ((False, {"CaseSensitive": "true"}), (True, {})):
            string = sim.connection_string(QueryTimeout=SECONDS, **keywords)
            self.connections[folding] = pyodbc.connect(string, autocommit=True)

    def close(self):
        for connection in self.connections.values():
            connection.close()

    def ask(self, query, folding):
        statement, parameters = render.for_driver(query)
        duck = render.for_duck(compare.whole(query) or query, folding)

        def outcome(wrong=None, rows=0, skipped=None):
            return Outcome(folding, statement, tuple(parameters), duck, wrong, rows, skipped)

        wanted, refused = None, None
        try:
            wanted = self.duck.execute(duck).fetchmany(MOST_ROWS + 1)
        except DATA_ERRORS as error:
            refused = first_line(error)
        except duckdb.Error as error:
            return outcome(skipped=f"DuckDB: {type(error).__name__}: {first_line(error)}")
        if wanted is not None and len(wanted) > MOST_ROWS:
            return outcome(skipped=f"more than {MOST_ROWS} rows")
        try:
            found = self.connections[folding].execute(statement, *parameters).fetchall()
        except pyodbc.Error as error:
            state, message = error.args[0], str(error.args[-1])
            if refused is not None and state.startswith("22"):
                return outcome()
            return outcome(f"the driver says {state}: {message}" + (f"; DuckDB: {refused}" if refused else ""))
        if refused is not None and (query.limit is not None or query.offset is not None):
            return outcome(skipped="LIMIT decides whether the row that fails is read")
        if refused is not None:
            return outcome(f"{len(found)} rows such as {found[:1]}; DuckDB refuses: {refused}")
        return outcome(compare.difference(query, found, wanted), len(found))


def first_line(error):
    return str(error).splitlines()[0]

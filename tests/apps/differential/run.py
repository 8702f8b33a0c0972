"""A run over many questions of one seed: counts, differences, and the smallest statement of each."""

import collections
import re
import time
from dataclasses import dataclass, field

import okta_org

from . import known, queries, render, shrink
from .answers import Oracle
from .truth import Truth

# A small org: the children of all users and groups are read in a few hundred requests.
ORG = ("--users", 120, "--groups", 16, "--apps", 8, "--log-events", 300)


@dataclass
class Report:
    seed: int
    asked: int = 0
    rows: int = 0
    empty: int = 0
    skipped: collections.Counter = field(default_factory=collections.Counter)
    tolerated: collections.Counter = field(default_factory=collections.Counter)
    # (number, query, outcome)
    differences: list = field(default_factory=list)
    seconds: float = 0.0

    def summary(self):
        tolerated, skipped = sum(self.tolerated.values()), sum(self.skipped.values())
        return (
            f"seed {self.seed}: {self.asked} questions, each twice, in {self.seconds:.0f} s; {self.rows} rows, "
            f"{self.empty} empty answers; {len(self.differences)} differ, {tolerated} differ as listed, {skipped} left out"
        )


class Run:
    def __init__(self, sim):
        self.truth = Truth(sim)
        self.oracle = Oracle(sim, self.truth)

    def close(self):
        self.oracle.close()

    def questions(self, seed, numbers, report=None, progress=None, without=None):
        report = report or Report(seed)
        start = time.monotonic()
        for number in numbers:
            query = queries.generate(seed, number, self.truth)
            if without and re.search(without, render.for_driver(query)[0]):
                continue
            report.asked += 1
            for folding in (False, True):
                outcome = self.oracle.ask(query, folding)
                self.count(report, number, query, outcome)
                if progress:
                    progress(number, outcome)
        report.seconds += time.monotonic() - start
        return report

    def count(self, report, number, query, outcome):
        if outcome.skipped:
            report.skipped[outcome.skipped] += 1
            return
        report.rows += outcome.rows
        report.empty += outcome.rows == 0
        if outcome.wrong is None:
            return
        entry = known.known(query, outcome)
        if entry is not None:
            report.tolerated[entry.name] += 1
        else:
            report.differences.append((number, query, outcome))

    def smallest(self, query, outcome):
        """The smallest question that fails in the same way, and its outcome."""
        same = failure(outcome)

        def differs(candidate):
            other = self.oracle.ask(candidate, outcome.folding)
            return other.wrong is not None and not other.skipped and failure(other) == same

        query = shrink.smallest(query, differs)
        return query, self.oracle.ask(query, outcome.folding)


def failure(outcome):
    """What kind of difference it is: the error's SQLSTATE and first words, or other rows."""
    if outcome.wrong.startswith("the driver says "):
        return outcome.wrong[:60]
    return "refuses" if "DuckDB refuses" in outcome.wrong else "rows"


def told(outcome):
    """A difference for people."""
    lines = [
        f"  driver, {'default' if outcome.folding else 'CaseSensitive=true'}: {outcome.statement}",
        f"  DuckDB: {outcome.duck}",
        f"  {outcome.wrong}",
    ]
    if outcome.parameters:
        lines.insert(1, f"  parameters: {outcome.parameters}")
    return "\n".join(lines)


def sim():
    return okta_org.Sim(*ORG)


__all__ = ["Report", "Run", "render", "sim", "told"]

"""The differences that stay, each with its reason and a reference; at most twenty."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    name: str
    reason: str
    reference: str
    # Found in the driver's statement, and in what is wrong with its answer.
    statement: str
    wrong: str


DIFFERENCES = []


def known(outcome):
    """The entry that explains a difference, if one does."""
    for entry in DIFFERENCES:
        if re.search(entry.statement, outcome.statement) and re.search(entry.wrong, outcome.wrong):
            return entry
    return None

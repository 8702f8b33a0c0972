"""What the tours' part `more` must answer: the TSV file beside each tour, its expressions read over okta-sim's truth."""

import pathlib

TOURS = pathlib.Path(__file__).parent / "tours"

# What an expression may name: okta-sim's truth.
RESOURCES = {
    "users": "users",
    "groups": "groups",
    "members": "groupMembers",
    "apps": "apps",
    "factors": "userFactors",
    "types": "userTypes",
}


def count(rows, test):
    """How many rows pass."""
    return sum(1 for row in rows if test(row))


def by_id(rows):
    return sorted(rows, key=lambda row: row["id"])


def wanted(tour, truth):
    """Name and wanted value of each further check of a tour. A line of tours/TOUR.tsv is: name, wanted value, where that comes
    from; a value that begins with `=` is a Python expression over okta-sim's truth, which `truth(resource)` reads."""
    names = {name: truth(resource) for name, resource in RESOURCES.items()}
    for number, line in enumerate((TOURS / f"{tour}.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 3:
            raise ValueError(f"{tour}.tsv:{number}: three fields are wanted, name, value and source")
        name, value, _ = fields
        if value.startswith("="):
            value = str(eval(value[1:], {"count": count, "by_id": by_id, **names}))
        yield name, value

"""What the tours' part `more` must answer: the TSV file of each client, its expressions read over okta-sim's truth."""

import pathlib

TOURS = pathlib.Path(__file__).parent / "tours"

# What an expression may name, and what okta-sim calls it.
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


def wanted(client, truth):
    """Name and wanted value of each further check of a client. A line of tours/CLIENT.more.tsv is: name, value, and where the
    value comes from. A value that begins with `=` is a Python expression over okta-sim's truth, which `truth(resource)` reads
    (a list of objects); `{users}` and the like stand for the number of rows; `\\N` is null."""
    file = TOURS / f"{client}.more.tsv"
    names = {name: truth(resource) for name, resource in RESOURCES.items()}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        name, value, *source = line.split("\t")
        if len(source) > 1:
            raise ValueError(f"{file.name}:{number}: three fields are wanted, name, value and source")
        if value.startswith("="):
            value = str(eval(value[1:], {"count": count, "by_id": by_id, **names}))
        elif value == r"\N":
            value = None
        else:
            for resource, rows in names.items():
                value = value.replace("{" + resource + "}", str(len(rows)))
        yield name, value

"""What okta-sim holds, as typed tables in DuckDB: the columns of the catalog's table files and of the org's schemas."""

import datetime
import json
import urllib.request
from dataclasses import dataclass, field

import cells
import duckdb
import okta_org
import pyarrow

TYPES = {
    "text": ("text", pyarrow.string()),
    "enum": ("text", pyarrow.string()),
    "id": ("text", pyarrow.string()),
    "integer": ("int", pyarrow.int32()),
    "bigint": ("int", pyarrow.int64()),
    "double": ("double", pyarrow.float64()),
    "boolean": ("bool", pyarrow.bool_()),
    "timestamp": ("timestamp", pyarrow.timestamp("us")),
    "date": ("date", pyarrow.date32()),
    "json": ("json", pyarrow.string()),
}
# What the single columns of the org's own schema hold: json type to kind (src/catalog/org.rs has the same rule).
SCHEMA_KINDS = {"string": "text", "boolean": "boolean", "integer": "bigint", "number": "double", "array": "json"}
# Read by `expand=stats` or as whole answers, they are not in the truth; but these two can be counted.
COUNTED = {"UsersCount": "GroupMembers", "AppsCount": "ApplicationGroups"}
NOT_IN_TRUTH = {"GroupPushMappingsCount", "HasAdminPrivilege", "Embedded", "Links"}


@dataclass(frozen=True)
class Column:
    name: str
    kind: str
    # Its values, none of them NULL, in order; each as often as it is held.
    samples: tuple

    @property
    def type(self):
        return TYPES[self.kind][0]

    @property
    def folds(self):
        return self.kind in ("text", "enum")


@dataclass
class Table:
    name: str
    key: tuple
    foreign: dict
    columns: dict = field(default_factory=dict)
    rows: int = 0


class Truth:
    """The tables by name, and a DuckDB connection that holds their rows."""

    def __init__(self, sim):
        # No files: what does not fit into memory is a question that asks too much.
        self.duck = duckdb.connect(config={"threads": 1, "temp_directory": ""})
        self.tables = {}
        rows = {name: sim.truth(name) for name in okta_org.TRUTH}
        for name, file in okta_org.tables().items():
            self.add(name, file, rows, schema(sim, file.get("custom")))
        self.meets = meets(self.tables.values())

    def add(self, name, file, rows, custom):
        foreign = {key["column"]: (key["table"], key["references"]) for key in file.get("foreign_keys", [])}
        table = Table(name, tuple(file["primary_key"]), foreign, rows=len(rows[name]))
        paths = {column["name"]: (column["kind"], column.get("path")) for column in file["column"]}
        for attribute, kind in custom.items():
            paths.setdefault(f"Profile{attribute[0].upper()}{attribute[1:]}", (kind, f"profile.{attribute}"))
        arrays, names = [], []
        for column, (kind, path) in paths.items():
            if column in NOT_IN_TRUTH:
                continue
            if column in COUNTED:
                values = counted(rows[name], rows[COUNTED[column]])
            else:
                path = f"{column[0].lower()}{column[1:]}" if path is None else path
                values = [cell(cells.value_at(row, path), kind) for row in rows[name]]
            samples = tuple(sorted(value for value in values if value is not None))
            table.columns[column] = Column(column, kind, samples)
            arrays.append(pyarrow.array(values, TYPES[kind][1]))
            names.append(column)
        held = pyarrow.Table.from_arrays(arrays, names)
        self.duck.register("held", held)
        self.duck.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
        self.duck.unregister("held")
        self.tables[name] = table


def meets(tables):
    """For each column of text the columns that share a value with it, whatever its case: joins that find something."""
    columns = [(table.name, column) for table in tables for column in table.columns.values() if column.type == "text"]
    values = {(table, column.name): {value.lower() for value in column.samples} for table, column in columns}
    values = {column: held for column, held in values.items() if held}
    return {one: {other for other in values if not values[one].isdisjoint(values[other])} for one in values}


def schema(sim, custom):
    """Attributes of the org's schema that the table files do not name, in kinds of the catalog."""
    if custom is None:
        return {}
    address = f"{sim.url}/api/v1/meta/schemas/{custom}/default"
    request = urllib.request.Request(address, headers={"Authorization": f"SSWS {okta_org.TOKEN}"})
    with urllib.request.urlopen(request) as answer:
        properties = json.load(answer)["definitions"]["custom"]["properties"]
    return {name: SCHEMA_KINDS[attribute["type"]] for name, attribute in properties.items()}


def counted(groups, children):
    """How many of the children each group has."""
    counts = {}
    for child in children:
        group = child.get("groupId") or child["id"]
        counts[group] = counts.get(group, 0) + 1
    return [counts.get(group["id"], 0) for group in groups]


def cell(value, kind):
    if value is None:
        return None
    match kind:
        case "timestamp":
            return cells.instant(value)
        case "date":
            return datetime.date.fromisoformat(value)
        case "json":
            return json.dumps(value)
        case "double":
            return float(value)
    return value

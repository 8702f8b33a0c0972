"""What a cell must hold, given the JSON that Okta sent: the naming rule and the types of ARCHITECTURE.md."""

import datetime
import json


def path_of(column, table, row):
    """JSON path of a column: the table file's, else the naming rule read backwards over the row's own keys.

    None for the key of a parent, which is in the request's path and not in the row.
    """
    for known in table["column"]:
        if known["name"].lower() == column.lower():
            return known.get("path")
    return _search(row, column, "") or f"profile.{column.removeprefix('Profile')}"


def _search(value, rest, path):
    if not isinstance(value, dict):
        return None
    for key, inner in value.items():
        name = key.lstrip("_")
        here = f"{path}.{key}" if path else key
        if name.lower() == rest.lower():
            return here
        if name and rest.lower().startswith(name.lower()):
            found = _search(inner, rest[len(name):], here)
            if found:
                return found
    return None


def kind_of(column, table):
    for known in table["column"]:
        if known["name"].lower() == column.lower():
            return known["kind"]
    return None


def value_at(row, path):
    """The value; None where any step is missing. The empty path is the whole row."""
    value = row
    for key in path.split(".") if path else []:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def same(cell, value, kind):
    """Is this cell what the JSON value says?"""
    if value is None:
        return cell is None
    if isinstance(cell, datetime.datetime):
        return cell == instant(value)
    if isinstance(cell, datetime.date):
        return cell.isoformat() == value
    if isinstance(value, str) and kind != "json":
        return cell == value
    if isinstance(cell, bool) or isinstance(value, bool):
        return cell is value or cell == json.dumps(value)
    if isinstance(cell, (int, float)):
        return cell == value
    return isinstance(cell, str) and json.loads(cell) == value


def instant(text):
    """Okta's time as the driver gives it: UTC, no zone, milliseconds."""
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo:
        moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def differences(columns, cells, row, table, keys):
    """Cells that are not what the row says, in words. `keys` are the values of columns that have no path."""
    found = []
    for column, cell in zip(columns, cells):
        path = path_of(column, table, row)
        value = keys.get(column) if path is None else value_at(row, path)
        if not same(cell, value, kind_of(column, table)):
            found.append(f"{column}: {cell!r} is not {value!r}")
    return found

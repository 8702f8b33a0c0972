"""Are two answers the same? As sequences where the order is total, else as multisets."""

import collections
import datetime
import decimal

from .tree import Query, is_total

# Digits of DOUBLE that summing in another order leaves alone.
DIGITS = 9


def comparable(value):
    """The value with its type; numbers of floating point to so many digits."""
    if isinstance(value, float):
        return ("float", 0.0 if abs(value) < 1e-9 else float(f"{value:.{DIGITS}g}"))
    if isinstance(value, decimal.Decimal):
        return ("decimal", value.normalize())
    if isinstance(value, datetime.datetime):
        return ("datetime", value.replace(tzinfo=None))
    return (type(value).__name__, value)


def rows_of(rows):
    return [tuple(comparable(value) for value in row) for row in rows]


def whole(query):
    """The query without its own LIMIT, where the rows that LIMIT takes are not certain; None where they are."""
    if query.limit is None and query.offset is None or is_total(query):
        return None
    return Query(query.body, query.ctes, query.order, recursive=query.recursive)


def difference(query, found, wanted):
    """What is different, in words; None where nothing is. `wanted` are the rows of `whole(query)` where that exists."""
    found, wanted = rows_of(found), rows_of(wanted)
    if whole(query) is not None:
        left = max(0, len(wanted) - (query.offset or 0))
        count = left if query.limit is None else min(query.limit, left)
        if len(found) != count:
            return f"{len(found)} rows, not {count}"
        extra = collections.Counter(found) - collections.Counter(wanted)
        return f"rows that are not there: {shown(extra)}" if extra else None
    if query.order and is_total(query):
        if found == wanted:
            return None
        for number, (one, other) in enumerate(zip(found, wanted)):
            if one != other:
                return f"row {number} of {len(found)} is {plain(one)}, not {plain(other)}"
        return f"{len(found)} rows, not {len(wanted)}"
    extra = collections.Counter(found) - collections.Counter(wanted)
    missing = collections.Counter(wanted) - collections.Counter(found)
    if not extra and not missing:
        return None
    return f"{len(found)} rows for {len(wanted)}; too many: {shown(extra)}; missing: {shown(missing)}"


def plain(row):
    return tuple(value for _, value in row)


def shown(counter):
    rows = [plain(row) for row in list(counter)[:3]]
    return f"{rows}{' …' if len(counter) > 3 else ''}"

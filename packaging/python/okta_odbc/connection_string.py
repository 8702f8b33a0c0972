"""How keywords and values become an ODBC connection string."""

import re

from .library import driver

# What names a driver of its own: a data source, a file of keywords.
_SOURCES = {"dsn", "filedsn"}
# At the start of a keyword of a connection string. Within the braces of a value it would only keep the string as it is.
_DRIVER_OR_SOURCE = re.compile(r"(^|;)\s*(driver|dsn|filedsn)\s*=", re.IGNORECASE)
_NAME = re.compile(r"[^;={}\[\]\s][^;={}\[\]]*")


def folded(name):
    """Keywords match without case, spaces, `_` and `-`."""
    return re.sub(r"[\s_-]", "", name).lower()


def written(keywords):
    """`DRIVER=…;name={value};…`; DRIVER stands first, unless a data source brings it. Empty values count as absent."""
    given = [(name, _text(value)) for name, value in keywords.items()]
    given = [(name, value) for name, value in given if value != ""]
    spellings = {}
    for name, _ in given:
        # The driver would take the first of them, and say nothing.
        if spellings.setdefault(folded(name), name) != name:
            raise ValueError(f"{spellings[folded(name)]} and {name} are the same keyword: give it once")
    named_driver = next((value for name, value in given if folded(name) == "driver"), None)
    from_source = any(folded(name) in _SOURCES for name, _ in given)
    parts = [] if from_source and not named_driver else [("DRIVER", driver(named_driver))]
    parts += [(name, value) for name, value in given if folded(name) != "driver"]
    return ";".join(f"{_checked(name)}={_braced(value)}" for name, value in parts)


def completed(string):
    """A connection string as it is, with DRIVER before it where it names neither a driver nor a data source."""
    return string if _DRIVER_OR_SOURCE.search(string) else f"DRIVER={_braced(driver())};{string}"


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _braced(value):
    return "{" + value.replace("}", "}}") + "}"


def _checked(name):
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a connection keyword")
    return name

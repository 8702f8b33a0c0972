"""How keywords and values become an ODBC connection string."""

import os
import re

from .library import driver

# Spellings of Domain, as the driver's keyword table has them; the driver reads it from this variable too.
_DOMAIN = {"domain", "server", "host", "url", "orgurl"}
_DOMAIN_VARIABLE = "OKTA_CLIENT_ORGURL"
# What brings a Domain of its own: a data source, a file of keywords.
_SOURCES = {"dsn", "filedsn"}
# At the start of a keyword of a connection string. Within the braces of a value it would only keep the string as it is.
_DRIVER_OR_SOURCE = re.compile(r"(^|;)\s*(driver|dsn|filedsn)\s*=", re.IGNORECASE)
_NAME = re.compile(r"[^;={}\[\]\s][^;={}\[\]]*")


class MissingDomain(ValueError):
    """Nothing says which org is meant."""

    def __init__(self):
        super().__init__(
            "Domain is missing: name the org, such as Domain=example.okta.com, or a data source by DSN="
        )


def folded(name):
    """Keywords match without case, spaces, `_` and `-`."""
    return re.sub(r"[\s_-]", "", name).lower()


def written(keywords):
    """`DRIVER=…;name={value};…`; DRIVER stands first, unless a data source brings it. Empty values count as absent."""
    given = [(name, _text(value)) for name, value in keywords.items()]
    given = [(name, value) for name, value in given if value != ""]
    names = {folded(name) for name, _ in given}
    named_driver = next((value for name, value in given if folded(name) == "driver"), None)
    from_source = bool(names & _SOURCES)
    if not from_source and not names & _DOMAIN and not os.environ.get(_DOMAIN_VARIABLE):
        raise MissingDomain()
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

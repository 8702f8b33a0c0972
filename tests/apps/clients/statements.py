"""What every client is asked in the tour: the statements and the values bound to their parameters."""

import sys

import sql_types

# Columns of `okta` with their kinds; the paths in okta-sim's truth stand in truth.py.
OKTA = [
    ("Id", "text"),
    ("Status", "text"),
    ("Created", "timestamp"),
    ("LastLogin", "timestamp"),
    ("ProfileFirstName", "text"),
    ("ProfileDisplayName", "text"),
    ("ProfileBadgeActive", "boolean"),
    ("ProfileSeatNumber", "integer"),
    ("ProfileContractHours", "double"),
    ("ProfileSkills", "json"),
]

# Each is bound as the type that the client has for it. The text of `Echo` is in no row of the org.
PARAMETERS = [
    ("text", "ä 漢 🎉 e\u0301"),
    ("text", "active"),
    ("integer", "1000"),
    ("double", "20.25"),
    ("timestamp", "2020-06-15 12:30:45.123"),
    ("text", "Łukasz"),
]

PARAMETERS_COLUMNS = [("Id", "text"), ("Echo", "text"), ("ProfileSeatNumber", "integer"), ("Created", "timestamp")]

STATEMENTS = {
    "types": sql_types.select(),
    "okta": f"SELECT {', '.join(name for name, _ in OKTA)} FROM Users ORDER BY Id",
    "parameters": (
        "SELECT Id, CAST(? AS NVARCHAR(100)) AS Echo, ProfileSeatNumber, Created FROM Users WHERE Status = ? AND "
        "ProfileSeatNumber > ? AND ProfileContractHours >= ? AND Created > ? OR ProfileFirstName = ? ORDER BY Id"
    ),
    # Profile is a WLONGVARCHAR: its declared size is 16,384 characters.
    "long": "SELECT Label, Profile FROM Apps WHERE LEN(Profile) > 1000 ORDER BY LEN(Profile)",
    # For clients that bind buffers of the declared size: what fits, and what does not, which must be an error or a warning.
    "long.bound": "SELECT Label, Profile FROM Apps WHERE LEN(Profile) BETWEEN 1000 AND 16384 ORDER BY LEN(Profile)",
    "long.cut": "SELECT Label, Profile FROM Apps WHERE LEN(Profile) > 16384",
    "many": "SELECT Id, ProfileLogin, Created FROM Users",
    "error": "SELECT Id, NoSuchColumn FROM Users",
    "after-error": "SELECT 'still connected' AS Answer, 42 AS N",
    "cancel": "SELECT Id, ProfileLogin FROM Users",
}

# The orgs, as okta-sim makes them. `small` holds values of 5,000, 9,000 and 70,000 characters.
ORGS = {
    "small": ["--users", "140", "--app-profiles", "5000,9000,70000", "--now", "2026-06-30T00:00:00Z"],
    "large": ["--users", "100000"],
    "slow": ["--users", "20000", "--latency-ms", "300"],
}


def tsv():
    """The file TOUR_STATEMENTS: name, tab, SQL; the values of the parameters as type:value, a tab before each."""
    lines = [f"{name}\t{sql}" for name, sql in STATEMENTS.items()]
    lines.append("\t".join(["parameters.values"] + [f"{kind}:{value}" for kind, value in PARAMETERS]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(tsv())

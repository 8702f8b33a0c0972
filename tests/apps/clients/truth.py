"""The expected answer of each part of the tour: from okta-sim's truth, from the catalog's files, from the statements' own data."""

import datetime

import compare
import okta_org
import sql_types
import statements

OKTA_PATHS = {
    "Id": "id",
    "Status": "status",
    "Created": "created",
    "LastLogin": "lastLogin",
    "ProfileFirstName": "profile.firstName",
    "ProfileDisplayName": "profile.displayName",
    "ProfileBadgeActive": "profile.badgeActive",
    "ProfileSeatNumber": "profile.seatNumber",
    "ProfileContractHours": "profile.contractHours",
    "ProfileSkills": "profile.skills",
}


def _text(value):
    """JSON's value as the text that the comparison takes."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (dict, list)):
        return compare.json.dumps(value)
    return repr(value)


def _at(row, path):
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


def _row(user, columns):
    return [_text(_at(user, OKTA_PATHS[name])) for name in columns]


def types():
    return sql_types.rows()


def okta(sim):
    users = sorted(sim.truth("Users"), key=lambda user: user["id"].encode())
    return [_row(user, [name for name, _ in statements.OKTA]) for user in users]


def parameters(sim):
    """What the condition of the statement keeps of the truth, worked out here in Python."""
    values = [value for _, value in statements.PARAMETERS]
    echo, status, seat, hours, since, name = values
    moment = datetime.datetime.fromisoformat(since)
    kept = []
    for user in sorted(sim.truth("Users"), key=lambda user: user["id"].encode()):
        profile = user["profile"]
        created = datetime.datetime.fromisoformat(user["created"]).replace(tzinfo=None)
        asked = (
            user["status"].lower() == status
            and profile.get("seatNumber") is not None
            and profile["seatNumber"] > int(seat)
            and profile.get("contractHours") is not None
            and profile["contractHours"] >= float(hours)
            and created > moment
        )
        if asked or profile["firstName"].lower() == name.lower():
            kept.append([user["id"], echo, _text(profile.get("seatNumber")), user["created"]])
    return kept


def long(sim):
    """Label and profile of the apps that have one, the shortest first."""
    apps = [app for app in sim.truth("Apps") if app.get("profile")]
    texts = [(app["label"], compare.json.dumps(app["profile"], ensure_ascii=False, separators=(",", ":"))) for app in apps]
    return [list(row) for row in sorted(texts, key=lambda row: len(row[1]))]


def many(sim):
    """Id, login and creation by id."""
    return {key: [key, *values] for key, values in sim.logins().items()}


def tables():
    """Names of the catalog's tables."""
    return set(okta_org.tables())


# ODBC's names of a type, and its codes of ODBC 3 and 2, by the catalog's kind of column.
KINDS = {
    "id": {"-9", "WVARCHAR", "NVARCHAR"},
    "text": {"-9", "WVARCHAR", "NVARCHAR"},
    "enum": {"-9", "WVARCHAR", "NVARCHAR"},
    "json": {"-10", "WLONGVARCHAR", "NTEXT"},
    "integer": {"4", "INTEGER", "INT"},
    "bigint": {"-5", "BIGINT"},
    "double": {"8", "DOUBLE", "FLOAT"},
    "boolean": {"-7", "BIT"},
    "timestamp": {"93", "11", "TIMESTAMP", "TYPE_TIMESTAMP", "DATETIME2"},
    "date": {"91", "9", "DATE", "TYPE_DATE"},
}


def columns(sim):
    """Every column that Users must have: the catalog's, and those of the org's schemas; name and kind (None: not told here)."""
    kinds = {column["name"]: column["kind"] for column in okta_org.tables()["Users"]["column"]}
    json_kinds = {"string": "text", "boolean": "boolean", "integer": "bigint", "number": "double", "array": "json"}
    for schema in sim.schemas():
        for part in ("base", "custom"):
            for name, attribute in schema["definitions"][part]["properties"].items():
                column = "Profile" + name[0].upper() + name[1:]
                kinds.setdefault(column, json_kinds[attribute["type"]])
    return kinds

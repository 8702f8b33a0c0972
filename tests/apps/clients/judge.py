"""What the answers of a client are worth: for each part of the tour, what is wrong with it."""

import datetime
import json
import re

import compare
import matrix
import more
import sql_types
import statements
import truth

# A part of the answers, and the part of the tour that it belongs to.
BELONGS = {"after-error": "error", "long-cut": "long"}


class Answers:
    """The file that a client wrote."""

    def __init__(self, file):
        self.lines = {}
        self.order = []
        self.broken = []
        text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
        for number, line in enumerate(text.splitlines(), 1):
            try:
                answer = json.loads(line)
                part = answer["part"]
            except (ValueError, KeyError, TypeError):
                self.broken.append(f"line {number} of the answers is no JSON with a part: {line[:200]!r}")
                continue
            self.lines.setdefault(part, []).append(answer)
            if not self.order or self.order[-1] != part:
                self.order.append(part)

    def rows(self, part):
        return [answer.get("row", []) for answer in self.lines.get(part, []) if "row" in answer]

    def one(self, part, key):
        return next((answer.get(key) for answer in self.lines.get(part, [])), None)


def judge(client, answers, orgs, log):
    """Part of the tour → list of what is wrong; an empty list is a pass."""
    wrong = {}
    for part in client.parts():
        given = [each for each in answers.lines if BELONGS.get(each, each) == part]
        # Nothing but an empty table could be missed rightly, and none here is empty.
        wrong[part] = JUDGES[part](client, answers, orgs, log) if given else ["no answer"]
    for part in client.cannot:
        if part not in matrix.ABILITIES and any(BELONGS.get(each, each) == part for each in answers.lines):
            wrong.setdefault(part, []).append(f"clients.toml is stale: there are answers, though it says {client.cannot[part]!r}")
    if answers.broken:
        wrong["version"] = wrong.get("version", []) + answers.broken
    known = set(JUDGES) | set(BELONGS)
    wrong["version"] = wrong.get("version", []) + [f"unknown part {part!r}" for part in answers.lines if part not in known]
    places = [list(JUDGES).index(BELONGS.get(part, part)) for part in answers.order if part in known]
    if places != sorted(places):
        wrong["disconnect"] = wrong.get("disconnect", []) + [f"the parts come in another order: {', '.join(answers.order)}"]
    return wrong


def _version(client, answers, orgs, log):
    missing = [key for key in ("client", "manager") if not re.search(r"\d", answers.one("version", key) or "")]
    return [f"no version of the {key}" for key in missing]


def _there(client, answers, orgs, log):
    return []


def _tables(client, answers, orgs, log):
    rows = answers.rows("tables")
    found = {row[0] for row in rows if len(row) == 2 and row[1] == "TABLE"}
    return [f"no table {name}" for name in sorted(truth.tables() - found)] + [
        f"{name} is no table of the catalog" for name in sorted(found - truth.tables())
    ]


def _columns(client, answers, orgs, log):
    kinds = truth.columns(orgs["small"])
    rows = [row for row in answers.rows("columns") if len(row) == 2]
    names = [name for name, _ in rows]
    wrong = [f"no column {name}" for name in kinds if name not in names]
    wrong += [f"{name} is no column of Users" for name in names if name not in kinds]
    first = [name for name in names if not name.startswith("Profile")]
    if not wrong and first != [name for name in kinds if not name.startswith("Profile")]:
        wrong.append("the columns are in another order")
    for name, told in rows:
        if name in kinds and told is not None and told.upper() not in truth.KINDS[kinds[name]]:
            # A client's own name of a type ("java.lang.String", "Decimal") says nothing that could be checked here.
            if re.fullmatch(r"-?\d+", told) or any(told.upper() in known for known in truth.KINDS.values()):
                wrong.append(f"{name} has the type {told}, not one of {sorted(truth.KINDS[kinds[name]])}")
    return wrong


def _rows(part, columns, wanted):
    def check(client, answers, orgs, log):
        return compare.rows(columns, answers.rows(part), wanted(orgs), client.own_answers(part).items())

    return check


def _okta(client, answers, orgs, log):
    check = _rows("okta", statements.OKTA, lambda orgs: truth.okta(orgs["small"]))
    wrong = check(client, answers, orgs, log)
    if "unicode" not in client.cannot:
        return wrong
    if not wrong:
        return ["clients.toml is stale: every character came"]
    columns = [(name, "text" if kind == "json" else kind) for name, kind in statements.OKTA]
    wanted = [
        [_low_bytes(value, kind) for value, (_, kind) in zip(row, statements.OKTA)] for row in truth.okta(orgs["small"])
    ]
    return compare.rows(columns, answers.rows("okta"), wanted)


def _low_bytes(value, kind):
    if value is not None and kind == "json":
        value = json.dumps(json.loads(value), ensure_ascii=False, separators=(",", ":"))
    return value and value.encode("utf-16-le")[::2].decode("latin-1")


def _long(client, answers, orgs, log):
    columns = [("Label", "text"), ("Profile", "json")]
    wanted = truth.long(orgs["small"])
    if "whole" not in client.cannot:
        return compare.rows(columns, answers.rows("long"), wanted, client.own_answers("long").items())
    wrong = compare.rows(columns, answers.rows("long"), wanted[:2], client.own_answers("long").items())
    if "long-cut" not in answers.lines:
        wrong.append("no answer for the value of 70,000 characters")
    elif not answers.one("long-cut", "message") and "warning" not in client.cannot:
        wrong.append("the value of 70,000 characters came without an error or a warning")
    if answers.one("long-cut", "message") and "warning" in client.cannot:
        wrong.append(f"clients.toml is stale: there was a warning, though it says {client.cannot['warning']!r}")
    return wrong


def _many(client, answers, orgs, log):
    columns = [("Id", "text"), ("ProfileLogin", "text"), ("Created", "timestamp")]
    wanted = truth.many(orgs["large"])
    rows = answers.rows("many")
    wrong = [f"{len(rows)} rows instead of {len(wanted)}"] if len(rows) != len(wanted) else []
    ids = {row[0] for row in rows if row}
    if len(ids) != len(rows):
        wrong.append(f"{len(rows) - len(ids)} rows came twice")
    for row in rows:
        if len(wrong) > 20:
            break
        want = wanted.get(row[0]) if row else None
        wrong += compare.rows(columns, [row], [want]) if want else [f"{row!r} is nobody of the org"]
    return wrong


def _error(client, answers, orgs, log):
    wrong = []
    state, message = answers.one("error", "sqlstate"), answers.one("error", "message") or ""
    # S0022 is what 42S22 was in ODBC 2; a client that has no call for the state leaves it out.
    if state not in ("42S22", "S0022", None):
        wrong.append(f"SQLSTATE {state} instead of 42S22")
    if "NoSuchColumn" not in message:
        wrong.append(f"the message does not name the column: {message!r}")
    columns = [("Answer", "text"), ("N", "integer")]
    return wrong + compare.rows(columns, answers.rows("after-error"), [["still connected", "42"]])


LINE = re.compile(r"^(\S+) (\d+ \d+) \d (\w+) (.*)$")


def _cancel(client, answers, orgs, log):
    """The statement was stopped within 3 seconds, and nothing was asked of Okta after that."""
    wrong = []
    state = answers.one("cancel", "sqlstate")
    text = log.read_text(errors="replace") if log.exists() else ""
    # Where the cancel comes between two calls, unixODBC ends the cursor, and refuses the next fetch by itself.
    managers = state == "HY010" and "sqlstate=HY010" not in text
    if state not in ("HY008", "S1008", None) and not managers:
        wrong.append(f"SQLSTATE {state} instead of HY008")
    rows = int(answers.one("cancel", "rows") or 0)
    if rows >= 20000:
        wrong.append("all rows came")
    asked = sum(request["path"] == "/api/v1/users" for request in orgs["slow"].requests())
    # 100 pages would be the whole table.
    if not 0 < asked <= 60:
        wrong.append(f"{asked} of 100 pages were asked for")
    begun = ended = None
    later = 0
    for line in text.splitlines():
        found = LINE.match(line)
        if not found:
            continue
        moment = datetime.datetime.fromisoformat(found[1])
        connection, event, rest = found[2], found[3], found[4]
        if event == "prepare" and f'sql="{statements.STATEMENTS["cancel"]}"' in rest:
            statement = re.match(r"statement=\S+", rest)[0]
            begun, ended, mine, later = moment, None, (connection, statement), 0
        elif begun and event == "end" and (connection, rest.split(" ", 1)[0]) == mine:
            ended = ended or moment
        elif ended and event == "request" and connection == mine[0] and "path=/api/v1/users " in rest:
            later += 1
    if begun is None or ended is None:
        wrong.append("the log does not tell when the statement began and ended")
    elif (ended - begun).total_seconds() >= (6 if "soon" in client.cannot else 3):
        wrong.append(f"it took {(ended - begun).total_seconds():.1f} s")
    if later:
        wrong.append(f"{later} requests after the end")
    return wrong


def cancels(client, counts):
    """Whether it called SQLCancel, as a client whose part *cancel* counts is taken to do; in words, what is wrong."""
    if "cancel" not in client.parts():
        return []
    called = any(counts.get(name) for name in ("SQLCancel", "SQLCancelHandle"))
    if "stops" in client.cannot:
        return [f"clients.toml is stale: it called SQLCancel, though it says {client.cannot['stops']!r}"] if called else []
    return [] if called else ["it never called SQLCancel; `stops` in clients.toml says why a client does not"]


def _more(client, answers, orgs, log):
    """Names and values of the client's own file."""
    wanted = dict(more.wanted(client.name, orgs["small"].resource))
    found = dict(row for row in answers.rows("more") if len(row) == 2)
    wrong = [f"{name}: no answer" for name in wanted if name not in found]
    wrong += [f"{name}: nothing expects it" for name in found if name not in wanted]
    for name, value in wanted.items():
        if name in found and found[name] != value:
            wrong.append(f"{name}: {compare.short(found[name])} is not {compare.short(value)}")
    return wrong


JUDGES = {
    "version": _version,
    "connect": _there,
    "tables": _tables,
    "columns": _columns,
    "types": _rows("types", sql_types.columns(), lambda orgs: truth.types()),
    "okta": _okta,
    "parameters": _rows("parameters", statements.PARAMETERS_COLUMNS, lambda orgs: truth.parameters(orgs["small"])),
    "long": _long,
    "many": _many,
    "error": _error,
    "cancel": _cancel,
    "disconnect": _there,
    "more": _more,
}

"""docs/compat.md: made of the clients' result files, the manifest of exports, the tests' text and deviations.toml."""

import json
import os
import re
import tomllib

import calls
import matrix
import okta_org
import statements

FILE = okta_org.CHECKOUT / "docs/compat.md"

# What each part of the tour is, for readers.
ABOUT = {
    "version": "tells its own version and the driver manager's",
    "connect": "connects",
    "tables": "lists the tables",
    "columns": "lists the columns of Users, with their types",
    "types": "reads every SQL type: values, the largest and smallest, NULLs, empty ones, text of every kind of character",
    "okta": "reads ten columns of Users, with NULLs, Unicode and timestamps",
    "parameters": "binds text, whole numbers, doubles and timestamps",
    "long": "reads values of 5,000, 9,000 and 70,000 characters whole, from a column of 16,384 declared",
    "many": "reads 100,000 rows",
    "error": "shows an error, and goes on with the connection",
    "cancel": "stops a statement, after which Okta is not asked again, all within three seconds",
    "disconnect": "disconnects, and ends without an error",
    "more": "does what else its users do; see tests/apps/clients/tours",
}

def update(folder, clients):
    """Writes the file. In CI nothing is written: there the committed one must differ in versions only. In words, what is wrong."""
    results = [json.loads((folder / f"{client.name}.json").read_text()) for client in clients]
    text = page(results)
    if NO_TEST in text:
        FILE.write_text(text)
        return "neither a client nor a test calls a function of the manifest"
    old = FILE.read_text() if FILE.exists() else ""
    if os.environ.get("CI") == "true":
        return None if _unversioned(old) == _unversioned(text) else _first_difference(old, text)
    FILE.write_text(text)
    return None


def _unversioned(text):
    """Without the versions in the table of clients, and the width of what stood there."""
    row = re.compile(r"^(\| [^|]+ \|) .* (\| \d+ of \d+ \|)", re.MULTILINE)
    return row.sub(r"\1 … \2", text)


def _first_difference(old, new):
    pairs = zip(_unversioned(old).splitlines() + [""], _unversioned(new).splitlines() + [""])
    first = next(((a, b) for a, b in pairs if a != b), ("", "the end"))
    return f"stale; `cargo xtask clients` writes it anew. Committed: {first[0][:300]!r}, generated: {first[1][:300]!r}"


def page(results):
    sections = [_head(), _clients(results), _reasons(results), _functions(results), _deviations()]
    return "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def _head():
    orgs = {name: " ".join(options) for name, options in statements.ORGS.items()}
    return f"""# Which clients work, and how

Made by `cargo xtask clients` (tests/apps/clients) of what ran, and of nothing else. Each client is installed as its users install it,
takes the same tour, and writes down what it read; that is compared, value by value, with okta-sim's truth and with values that stand
beside the statements. The orgs are those of `okta-sim {orgs["small"]}`,
`okta-sim {orgs["large"]}` and `okta-sim {orgs["slow"]}`."""


def _table(head, rows, align=None):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(align or ["---"] * len(head)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _clients(results):
    parts = [part for part in matrix.PARTS if any(part in result["parts"] for result in results)]
    rows = []
    for result in results:
        passed = sum(not wrong for wrong in result["parts"].values())
        marks = [_mark(result, part) for part in parts]
        rows.append(
            [result["title"], _cell(result["version"]), _cell(result["manager"]), f"{passed} of {len(result['parts'])}", *marks]
        )
    head = ["client", "version", "driver manager", "passed", *parts]
    about = "\n".join(f"- *{part}*: it {ABOUT[part]}" for part in parts)
    align = ["---"] * 4 + [":-:"] * len(parts)
    marks = "✓ passed · ✗ failed · – the client has no call for it, or no further checks are written"
    return f"## Clients\n\n{_table(head, rows, align)}\n\n{marks}\n\n{about}"


def _mark(result, part):
    if part not in result["parts"]:
        return "–"
    return "✗" if result["parts"][part] else "✓"


def _cell(text):
    return (text or "did not run").replace("|", "\\|")


def _reasons(results):
    """What a client cannot, and what it gives in its own way."""
    rows = []
    for result in results:
        for part, why in result["cannot"].items():
            rows.append([result["title"], f"no *{part}*" if part in matrix.PARTS else matrix.ABILITIES[part], why])
        for why, own in _by_reason(result["differs"]).items():
            places = ", ".join(f"{each['part']} row {each['row']} {each['column']}: {_value(each.get('answer'))}" for each in own)
            rows.append([result["title"], places, why])
    text = "What a client has no call for, or gives in its own way. A line that is no longer true fails the run."
    # What the tours say of themselves, and a reader of this page has to know.
    helped = (
        "Two are not quite as their users have them. iodbctestw is in none of Debian's packages: iODBC's wide functions are called by "
        "ctypes. Mono's assembly lacks OdbcMetaData.xml, from which GetSchema starts: the tour puts it there (MonoSchema.cs)."
    )
    return f"### Limits of the clients\n\n{text}\n\n{_table(['client', 'what', 'why'], rows)}\n\n{helped}"


def _by_reason(differs):
    reasons = {}
    for each in differs:
        reasons.setdefault(each["why"], []).append(each)
    return reasons


def _value(value):
    return "NULL" if value is None else f"`{value}`" if value else "empty"


def _functions(results):
    head = ["function", *(result["client"] for result in results)]
    rows, unused = [], []
    for name, wide in calls.exports():
        marks = [_forms(result["calls"], name, wide) for result in results]
        if any(marks):
            rows.append([name, *marks])
        else:
            unused.append([name, _tests(name, wide)])
    align = ["---"] + [":-:"] * len(results)
    text = (
        "What a client's driver manager called of the driver in the tour, counted by a library between the two (unixODBC calls some of "
        "it by itself). W the wide form · A the narrow one · • a function of one form."
    )
    rest = "Functions of the manifest (`EXPORTS` in src/ffi/mod.rs) that none of these clients calls, and the tests that do."
    return (
        f"## Functions\n\n{text}\n\n{_table(head, rows, align)}\n\n### Functions that no client called\n\n{rest}\n\n"
        f"{_table(['function', 'called by'], unused)}"
    )


def _forms(called, name, wide):
    if not wide:
        return "•" if called.get(name) else ""
    return " ".join(mark for mark, symbol in (("A", name), ("W", wide)) if called.get(symbol))


# A function that nothing calls fails the run.
NO_TEST = "**no test**"

# Where tests call functions of ODBC by name.
TESTS = ["src/ffi/tests", "tests/it", "tests/dm/tests", "tests/apps"]


def _tests(name, wide):
    """Files of tests that call a function; the first few."""
    pattern = re.compile(rf"\b({name}{'|' + wide if wide else ''})\b\s*\(" + rf"|[\"']({name}{'|' + wide if wide else ''})[\"']")
    found = []
    for folder in TESTS:
        for file in sorted((okta_org.CHECKOUT / folder).rglob("*")):
            tests = file.suffix == ".rs" or file.suffix == ".py" and file.name.startswith("test_")
            if tests and "clients" not in file.parts and pattern.search(file.read_text()):
                found.append(str(file.relative_to(okta_org.CHECKOUT)))
    return ", ".join(found[:2]) + (" …" if len(found) > 2 else "") if found else NO_TEST


def _deviations():
    file = matrix.FOLDER / "deviations.toml"
    rows = tomllib.loads(file.read_text())["deviation"]
    cells = [[_cell(row[key]) for key in ("what", "answer", "why", "test")] for row in rows]
    text = "Where the driver answers otherwise than a reader of the ODBC reference may expect, and why."
    return f"## Deviations\n\n{text}\n\n{_table(['what', 'answer', 'why', 'test'], cells)}"

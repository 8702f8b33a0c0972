"""isql and iusql (the argument says which), in batches and as a person at a terminal uses them."""

import os
import pty
import re
import subprocess
import sys

import request

PROGRAM = sys.argv[1]
DELIMITER = "\x1f"
# iusql has none of -q (text in quotes), -3, -k and -L (values are cut to 300 characters without it; bytes count).
ISQL = PROGRAM == "isql"
BATCH = ["-b", "-v", "-x0x1f", *(["-q", "-L200000"] if ISQL else [])]


def run(statement, *options, dsn=request.DSN):
    command = [PROGRAM, dsn, *(options or BATCH)]
    done = subprocess.run(command, input=(statement + "\n").encode(), capture_output=True, timeout=120)
    return "\n".join(map(decoded, done.stdout.split(b"\n"))), done.stderr.decode()


def decoded(line):
    """iusql writes the low byte of each UTF-16 unit, which need not be UTF-8."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def value(cell):
    """isql's text stands in quotes, which a NULL has not; other empty values cannot be told from NULL."""
    return cell[1:-1] if ISQL and len(cell) > 1 and cell[0] == cell[-1] == '"' else cell or None


def rows(statement, **more):
    lines = run(statement, **more)[0].split("\n")
    return [[value(cell) for cell in line.split(DELIMITER)] for line in lines if DELIMITER in line]


def parts(part, statement, **more):
    for row in rows(statement, **more):
        request.row(part, row)


version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True).stdout.strip()
request.answer("version", client=version.replace("unixODBC", PROGRAM), manager=request.unixodbc())
if run("SELECT 1")[0].strip() == "1":
    request.answer("connect")
for row in rows("help"):
    request.row("tables", row[2:4])
for row in rows("help Users"):
    request.row("columns", row[3:5])
for part in ("types", "okta"):
    parts(part, request.SQL[part])
if ISQL:
    parts("long", request.SQL["long"])
parts("many", request.SQL["many"], dsn=request.LARGE_DSN)

# Both statements go to one process: the second shows that the connection still works.
shown, errors = run(request.SQL["error"] + "\n" + request.SQL["after-error"])
found = re.search(r"^(?:\[(\w{5})\])?(?:\[unixODBC\])?(.*NoSuchColumn.*)$", shown + errors, re.MULTILINE)
if found:
    request.answer("error", sqlstate=found[1], message=found[2])
for line in shown.split("\n"):
    if DELIMITER in line:
        request.row("after-error", [value(cell) for cell in line.split(DELIMITER)])


def at_a_terminal(*lines):
    """What a person sees who types these lines."""
    outer, inner = pty.openpty()
    command = [PROGRAM, request.DSN, "-v"]
    person = subprocess.Popen(command, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    screen = b""
    waiting = list(lines)
    while True:
        try:
            piece = os.read(outer, 65536)
        except OSError:
            # The other end is closed: the program has ended.
            break
        screen += piece
        if screen.rstrip().endswith(b"SQL>") and waiting:
            os.write(outer, waiting.pop(0).encode() + b"\n")
            screen += b"\n"
    os.close(outer)
    return screen.decode(), person.wait(timeout=30)


def more():
    screen, code = at_a_terminal("help", "help Users", "SELECT Id FROM Nothing", "SELECT Id FROM Users WHERE 1 = 0", "SELECT 7 AS Seven", "quit")
    yield "a person sees the tables", len(set(re.findall(r"\| (\w+) +\| TABLE +\|", screen)))
    yield "a person sees the columns", "ProfileCostCentre" in screen
    yield "a person sees the error", "Nothing" in screen.split("SELECT Id FROM Nothing", 1)[1].split("SQL>")[0]
    yield "a person sees that there are no rows", "0 rows fetched" in screen
    yield "a person sees rows", bool(re.search(r"\| 7 +\|", screen)) and "1 rows fetched" in screen
    yield "quit ends with", code
    yield "as an HTML table", run("SELECT 7 AS Seven, 8 AS Eight", "-b", "-w")[0].count("<td>") > 0
    if ISQL:
        yield "ODBC 3", run("SELECT 7 AS Seven", "-b", "-v", "-3", "-x0x1f")[0].strip()
    yield "SQLExecDirect", run("SELECT 7 AS Seven", "-b", "-v", "-e", "-x0x1f")[0].strip()
    yield "names of the columns", run("SELECT Id, ProfileLogin AS Login FROM Users WHERE 1 = 0", "-b", "-c", "-d,")[0].strip()
    yield "by a connection string", run("SELECT 7", "-b", "-d,", *(["-k"] if ISQL else []), dsn=request.CONNECTION if ISQL else f";{request.CONNECTION}")[0].strip()
    os.environ["LC_ALL"] = "C"
    yield "text in the C locale", run("SELECT 'Zoë 🎉 漢' AS T", "-b", "-v", "-x0x1f")[0].strip()


request.answer("disconnect")
for name, found in more():
    request.row("more", [name, found])
request.finish()

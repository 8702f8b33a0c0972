"""iodbctest, fed with what a person would type: narrow, with its own copy of iODBC in it."""

import re
import subprocess

import request


def run(*lines, connection=request.CONNECTION):
    """What it shows and what it complains of."""
    typed = "".join(f"{line}\n" for line in (*lines, "quit"))
    done = subprocess.run(["iodbctest", connection], input=typed.encode(), capture_output=True, timeout=200)
    shown = done.stdout
    if done.returncode != 0 or not shown.rstrip().endswith(b"Have a nice day."):
        raise SystemExit(f"iodbctest ended with {done.returncode}: {shown[-500:]!r} {done.stderr[-500:]!r}")
    return shown, done.stderr.decode()


def results(shown):
    """The rows of each result: every cell as wide, in bytes, as the dashes below the header, NULL all asterisks."""
    for block in re.split(rb"\nSQL>", shown)[1:]:
        lines = block.split(b"\n")
        at = next((number for number, line in enumerate(lines) if line and not line.strip(b"-+")), None)
        if at is None:
            continue
        widths = [len(dashes) for dashes in lines[at].split(b"+")]
        found = []
        for line in lines[at + 1 :]:
            if len(line) < sum(widths):
                break
            cells, start = [], 0
            for width in widths:
                cell = line[start : start + width]
                cells.append(None if cell == b"*" * width else cell.decode(errors="replace").rstrip(" "))
                start += width + 1
            found.append(cells)
        yield found


def parts(part, sql, **more):
    (rows,) = results(run(sql, **more)[0])
    for row in rows:
        request.row(part, row)


banner, _ = run()
manager = re.search(rb"Driver Manager: (\S+)", banner)[1].decode()
package = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "iodbc"], capture_output=True, text=True, check=True).stdout
request.answer("version", client=f"iodbctest {package}", manager=f"iODBC {manager}")
if b"Driver: " in banner:
    request.answer("connect")
(tables,) = results(run("tables")[0])
for table in tables:
    request.row("tables", table[2:4])
parts("types", request.SQL["types"])
parts("many", request.SQL["many"], connection=request.LARGE)

# Both statements go to one connection: the second shows that it still works.
shown, complained = run(request.SQL["error"], request.SQL["after-error"])
found = re.search(r"^\d+: \w+ = (.*) \(-?\d+\) SQLSTATE=(\w{5})$", complained, re.MULTILINE)
if found:
    request.answer("error", sqlstate=found[2], message=found[1])
for rows in results(shown):
    for row in rows:
        request.row("after-error", row)
request.answer("disconnect")
request.finish()

"""The measurements of `cargo xtask bench`, beside their peers in one run; writes a JSON report.

Every measurement runs in a process of its own, so that none warms or fills another's memory. Server and client share
the machine's processors. What is compared is measured in turns, and the median counts.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import types
import urllib.request

# Ten columns of Users: what the driver, the SDK's frame and the floor all read.
COLUMNS = [
    "Id", "Status", "Created", "LastLogin", "LastUpdated",
    "ProfileLogin", "ProfileEmail", "ProfileFirstName", "ProfileLastName", "ProfileCostCentre",
]  # fmt: skip
STATEMENT = f"SELECT {', '.join(COLUMNS)} FROM Users"
# The promises of the issue.
TARGETS = {"arrow_odbc_vs_sdk": 20, "pyodbc_vs_sdk": 12, "cpu_vs_floor": 3, "peak_memory_delta_mb": 150}
# What the issue aims at for reflecting every table of the catalog.
REFLECTION_SECONDS = 3


def connection_string(sim):
    return f"Driver={{Okta ODBC Driver}};Domain={sim};APIToken=sim-token"


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def memory_mb(name):
    """VmRSS is what the process holds now, VmHWM the most it ever held."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith(name))


def measured(rows, start, cpu_start, **more):
    seconds = time.perf_counter() - start
    return {"rows": rows, "seconds": seconds, "rows_per_second": rows / seconds, "cpu_seconds": cpu() - cpu_start, **more}


def by_arrow_odbc(sim, _):
    import arrow_odbc

    start, cpu_start = time.perf_counter(), cpu()
    reader = arrow_odbc.read_arrow_batches_from_odbc(
        query=STATEMENT, connection_string=connection_string(sim), batch_size=2000, max_text_size=256
    )
    return measured(sum(batch.num_rows for batch in reader), start, cpu_start)


def by_pyodbc(sim, _):
    import pyodbc

    start, cpu_start = time.perf_counter(), cpu()
    cursor = pyodbc.connect(connection_string(sim), autocommit=True).execute(STATEMENT)
    rows = 0
    while page := cursor.fetchmany(2000):
        rows += len(page)
    return measured(rows, start, cpu_start)


def by_sdk(sim, count):
    """The official SDK, all pages, into a DataFrame."""
    import asyncio

    import pandas
    from okta.client import Client

    os.environ["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"

    async def read():
        client = Client({"orgUrl": sim, "token": "sim-token", "testing": {"testingDisableHttpsCheck": True}})
        users, after = [], None
        while len(users) < count:
            page, answer, error = await client.list_users(limit=200, search="status pr", after=after)
            if error:
                raise RuntimeError(error)
            users += page or []
            after = next_cursor(answer)
            if not after:
                break
        return users

    start, cpu_start = time.perf_counter(), cpu()
    users = asyncio.run(read())
    frame = pandas.DataFrame([user.to_dict() for user in users])
    return measured(len(frame), start, cpu_start)


def next_cursor(answer):
    import re

    headers = getattr(answer, "headers", None) or {}
    links = headers.getall("Link", []) if hasattr(headers, "getall") else [headers.get("Link") or headers.get("link") or ""]
    for link in links:
        found = re.search(r"[?&]after=([^&>]+)[^>]*>;\s*rel=\"next\"", link)
        if found:
            return found.group(1)
    return None


def memory(sim, _):
    """Peak memory while rows stream, above what the process held before the query."""
    import pyodbc

    connection = pyodbc.connect(connection_string(sim), autocommit=True)
    connection.execute("SELECT 1").fetchall()
    before = memory_mb("VmRSS")
    start, cpu_start = time.perf_counter(), cpu()
    cursor = connection.execute(STATEMENT)
    rows = 0
    while page := cursor.fetchmany(2000):
        rows += len(page)
    return measured(rows, start, cpu_start, before_mb=before, peak_mb=memory_mb("VmHWM"))


def counted(sim, _):
    return aggregate(sim, "SELECT COUNT(*) FROM Users")


def grouped(sim, _):
    return aggregate(sim, "SELECT Status, COUNT(*) FROM Users GROUP BY Status")


def aggregate(sim, statement):
    import pyodbc

    start, cpu_start = time.perf_counter(), cpu()
    counts = pyodbc.connect(connection_string(sim), autocommit=True).execute(statement).fetchall()
    return measured(sum(row[-1] for row in counts), start, cpu_start)


def first_row(sim, _):
    import pyodbc

    start = time.perf_counter()
    connection = pyodbc.connect(connection_string(sim), autocommit=True)
    connected = time.perf_counter()
    connection.execute(STATEMENT).fetchone()
    return {"connect_ms": (connected - start) * 1e3, "connect_and_first_row_ms": (time.perf_counter() - start) * 1e3}


def reflected_by_okta(sim, _):
    return reflected(sim, "okta")


def reflected_by_mssql(sim, _):
    return reflected(sim, "mssql")


def reflected(sim, form):
    """Every table of the catalog, connecting and discovering the org's schemas included; then again by a new connection."""
    import pyodbc  # noqa: F401  (so that importing it is not measured)
    import sqlalchemy

    import okta_urls

    org = types.SimpleNamespace(url=sim, connection_string=lambda: connection_string(sim))
    seconds = []
    for _ in range(2):
        engine = sqlalchemy.create_engine(okta_urls.FORMS[form](org))
        metadata = sqlalchemy.MetaData()
        start = time.perf_counter()
        metadata.reflect(engine)
        seconds.append(time.perf_counter() - start)
        engine.dispose()
    columns = sum(len(table.columns) for table in metadata.tables.values())
    return {"tables": len(metadata.tables), "columns": columns, "seconds": seconds[0], "again_seconds": seconds[1]}


def load(driver, _):
    import ctypes

    start = time.perf_counter()
    ctypes.CDLL(driver)
    return {"dlopen_ms": (time.perf_counter() - start) * 1e3}


REFLECTIONS = (reflected_by_okta, reflected_by_mssql)
MEASUREMENTS = {
    m.__name__: m for m in (by_arrow_odbc, by_pyodbc, by_sdk, counted, grouped, memory, *REFLECTIONS, first_row, load)
}
# Runs of what is compared; the SDK's takes so long that one has to do.
TURNS = 3


def driver_url(sim):
    """The first request of the driver's scan, so that the floor fetches the same bytes."""
    urllib.request.urlopen(urllib.request.Request(f"{sim}/sim/reset", method="POST")).close()
    run("first_row", sim)
    with urllib.request.urlopen(f"{sim}/sim/requests") as answer:
        requests = [json.loads(line) for line in answer.read().splitlines() if line]
    first = next(r for r in requests if r["path"] == "/api/v1/users" and "after=" not in r["query"])
    return f"{sim}{first['path']}?{first['query']}"


def run(name, target, count=0):
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name, target, str(count)], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def by_floor(program, url):
    done = subprocess.run([program, url], check=True, stdout=subprocess.PIPE, text=True)
    floor = json.loads(done.stdout.splitlines()[-1])
    return floor | {"rows_per_second": floor["rows"] / floor["seconds"]}


def best(name, target, key, times=5):
    return min((run(name, target) for _ in range(times)), key=lambda result: result[key])


def checked(name, result, count):
    if result["rows"] != count:
        sys.exit(f"{name} read {result['rows']} of {count} rows")
    print(f"{name}: {count} users, {result['rows_per_second']:.0f} a second, {result['cpu_seconds']:.2f} s of CPU")
    return result


def median(results, key):
    return sorted(results, key=lambda result: result[key])[len(results) // 2]


def compared(given):
    """Each way of reading the same users; the SDK between the turns of the others."""
    url = driver_url(given.sim)
    turns = {name: [] for name in ("by_pyodbc", "by_arrow_odbc", "floor")}
    for turn in range(TURNS):
        for name, results in turns.items():
            result = by_floor(given.floor, url) if name == "floor" else run(name, given.sim)
            results.append(checked(name, result, given.users))
        if turn == 0:
            sdk = checked("by_sdk", run("by_sdk", given.sim, given.users), given.users)
    report = {name: median(results, "seconds") for name, results in turns.items()} | {"by_sdk": sdk}

    def cpu_per_row(name):
        return statistics.median(result["cpu_seconds"] for result in turns[name]) / given.users

    rates = {name: result["rows_per_second"] for name, result in report.items()}
    report["floor_request"] = url.removeprefix(given.sim)
    report["ratios"] = {
        "arrow_odbc_vs_sdk": rates["by_arrow_odbc"] / rates["by_sdk"],
        "pyodbc_vs_sdk": rates["by_pyodbc"] / rates["by_sdk"],
        "cpu_vs_floor": cpu_per_row("by_arrow_odbc") / cpu_per_row("floor"),
    }
    return report


def reflection(sim):
    """The median of each way of reflecting, measured in turns; both must find the same tables and columns."""
    turns = [{m.__name__: run(m.__name__, sim) for m in REFLECTIONS} for _ in range(TURNS)]
    report = {name: median([turn[name] for turn in turns], "seconds") for name in turns[0]}
    found = {name: (result["tables"], result["columns"]) for name, result in report.items()}
    if len(set(found.values())) != 1 or (0, 0) in found.values():
        sys.exit(f"tables and columns that were reflected: {found}")
    for name, result in report.items():
        print(
            f"{name}: {result['tables']} tables, {result['columns']} columns in {result['seconds']:.2f} s, "
            f"again in {result['again_seconds']:.2f} s (aim: {REFLECTION_SECONDS} s)"
        )
    return report


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--measure", nargs=3)
    for name in ("users", "streamed"):
        options.add_argument(f"--{name}", type=int)
    for name in ("sim", "large-sim", "floor", "driver", "build", "report"):
        options.add_argument(f"--{name}")
    given = options.parse_args()
    if given.measure:
        name, target, count = given.measure
        print(json.dumps(MEASUREMENTS[name](target, int(count))))
        return

    report = {
        "build": given.build,
        "processors": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "users": given.users,
        "streamed": given.streamed,
        "columns": COLUMNS,
    }
    report |= compared(given)
    for name in ("counted", "grouped"):
        report[name] = checked(name, run(name, given.sim), given.users)
    report["memory"] = checked("memory", run("memory", given.large_sim), given.streamed)
    report["ratios"]["peak_memory_delta_mb"] = report["memory"]["peak_mb"] - report["memory"]["before_mb"]
    report |= reflection(given.sim)
    report["reflection_aim_seconds"] = REFLECTION_SECONDS
    report |= best("first_row", given.sim, "connect_and_first_row_ms") | best("load", given.driver, "dlopen_ms")
    report["library_mb"] = os.path.getsize(given.driver) / 1e6
    report["targets"] = TARGETS
    with open(given.report, "w") as file:
        json.dump(report, file, indent=2)
    for name, value in report["ratios"].items():
        print(f"{name}: {value:.1f} (wanted: {TARGETS[name]})")
    for name in ("connect_ms", "connect_and_first_row_ms", "dlopen_ms", "library_mb"):
        print(f"{name}: {report[name]:.1f}")


main()

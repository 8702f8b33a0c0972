"""Fetching the same rows from memory by this driver and by Debian's, through unixODBC, in one run; part `fetch` of bench.json.

Each measurement is a process of its own that reads everything once before it measures. The drivers are measured in
turns, and medians count. Every driver's values are compared with those that the table was filled with.
"""

import argparse
import datetime
import decimal
import hashlib
import json
import os
import random
import statistics
import subprocess
import sys
import time

import bench_peers

OURS = "okta-odbc"
COLUMNS = {
    "n": "INTEGER", "amount": "BIGINT", "ratio": "DOUBLE", "share": "DOUBLE", "created": "TIMESTAMP",
    "seen": "TIMESTAMP", "code": "TEXT(16)", "name": "TEXT(64)", "city": "TEXT(32)", "note": "TEXT(400)",
}  # fmt: skip
STATEMENT = f"SELECT {', '.join(COLUMNS)} FROM fetched"
# The table is so many rows, once for each of as many numbers.
SEED = 1000
# Rows that the promises are for.
FULL = 1_000_000
# Rows of one batch, or of one fetchmany.
BATCH = 2000
TURNS = 3
# The promises of the issue: times the fastest of the others.
TARGETS = {"arrow_odbc": 3, "pyodbc": 1}

NAMES = ["Anna Berg", "Luis Ortega", "Zoë Lindqvist", "Łukasz Żak", "Mary-Jane O'Neill", "陳大文", "Ngozi Adichie", "Tom Ray"]
CITIES = ["Berlin", "São Paulo", "Kraków", "San Francisco", "Lagos", "Oslo", "Hong Kong"]
WORDS = "access group owner review policy device session office remote project lifecycle manager contract".split()


def seed():
    """Rows like those of a directory: every third `seen` is NULL, every fourth `note`, every seventh `share`.

    Doubles have fifteen digits at most: libsqliteodbc gives no more.
    """
    chance = random.Random(5)
    day = datetime.datetime(2019, 3, 1, 7, 30)
    for n in range(SEED):
        note = " ".join(chance.choices(WORDS, k=chance.randrange(12, 45)))[:400]
        yield (
            n,
            chance.randrange(-(10**15), 10**15),
            round(chance.random() * 100, 12),
            None if n % 7 == 3 else chance.choice([0.25, -1.5, round(chance.gauss(0, 1e6), 6)]),
            day + datetime.timedelta(milliseconds=chance.randrange(10**11)),
            None if n % 3 == 1 else day + datetime.timedelta(seconds=chance.randrange(10**8)),
            f"{chance.randrange(16**8):08x}",
            chance.choice(NAMES),
            chance.choice(CITIES),
            None if n % 4 == 2 else note,
        )


def wanted(rows):
    """The table's rows, in the order of `n`."""
    base = list(seed())
    for n in range(rows):
        yield (n, *base[n % SEED][1:])


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, datetime.datetime):
        return f"{{ts '{value.isoformat(' ', 'milliseconds')}'}}"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(value)


def fill(connection_string, types, rows):
    """The same statements for every store."""
    import pyodbc

    def declared(kind):
        name, length = (kind.removesuffix(")") + "(").split("(")[:2]
        return types[name] + (f"({length})" if length else "")

    columns = ", ".join(f"{name} {declared(kind)}{' NOT NULL' if name == 'n' else ''}" for name, kind in COLUMNS.items())
    connection = pyodbc.connect(connection_string, autocommit=False)
    cursor = connection.cursor()
    for table in ("base", "fetched"):
        cursor.execute(f"CREATE TABLE {table} ({columns})")
    cursor.execute("CREATE TABLE numbers (k INTEGER)")
    connection.commit()
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in seed())
    cursor.execute(f"INSERT INTO base VALUES {values}")
    cursor.execute(f"INSERT INTO numbers VALUES {', '.join(f'({k})' for k in range(rows // SEED))}")
    cursor.execute(
        f"INSERT INTO fetched SELECT numbers.k * {SEED} + base.n, {', '.join(f'base.{c}' for c in COLUMNS if c != 'n')} "
        "FROM numbers CROSS JOIN base"
    )
    connection.commit()
    connection.close()


def by_arrow_odbc(connection_string):
    """With the types given: psqlodbc describes its doubles as floats, libsqliteodbc timestamps without milliseconds."""
    import arrow_odbc
    import pyarrow

    types = {
        "INTEGER": pyarrow.int32(), "BIGINT": pyarrow.int64(), "DOUBLE": pyarrow.float64(),
        "TIMESTAMP": pyarrow.timestamp("ms"), "TEXT": pyarrow.string(),
    }  # fmt: skip
    schema = pyarrow.schema([(name, types[kind.split("(")[0]]) for name, kind in COLUMNS.items()])
    connection = arrow_odbc.connect(connection_string)

    def read(see):
        for batch in connection.read_arrow_batches(query=STATEMENT, batch_size=BATCH, schema=schema):
            see(batch)

    return read


def by_pyodbc(connection_string):
    import pyodbc

    connection = pyodbc.connect(connection_string, autocommit=True)

    def read(see):
        cursor = connection.execute(STATEMENT)
        while page := cursor.fetchmany(BATCH):
            see(page)

    return read


CLIENTS = {"arrow_odbc": by_arrow_odbc, "pyodbc": by_pyodbc}


def measure(client, connection_string, rows):
    """Reads everything twice, and times the second time."""
    read = CLIENTS[client](connection_string)
    counts = []
    for _ in range(2):
        counts.clear()
        start, cpu_start = time.perf_counter(), time.process_time()
        read(lambda page: counts.append(len(page)))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
        if sum(counts) != rows:
            sys.exit(f"{client} read {sum(counts)} of {rows} rows")
    # A server's are not among the processor's seconds.
    return {"seconds": seconds, "cpu_seconds": cpu_seconds}


def plain(value):
    """A value as it was filled in, whatever type of number its driver has for it."""
    if isinstance(value, decimal.Decimal):
        return int(value)
    return value.replace(tzinfo=None) if isinstance(value, datetime.datetime) else value


def digest(rows):
    """Of the rows in the order of `n`, whichever way they came."""
    total = 0
    for row in rows:
        total += int.from_bytes(hashlib.blake2b(repr(tuple(map(plain, row))).encode(), digest_size=8).digest(), "big")
    return f"{total % 2**64:016x}"


def values(client, connection_string):
    read = CLIENTS[client](connection_string)
    pages = []
    read(pages.append)
    if client == "arrow_odbc":
        rows = (row for batch in pages for row in zip(*(column.to_pylist() for column in batch.columns)))
    else:
        rows = (row for page in pages for row in page)
    return {"digest": digest(rows)}


def run(task, client, peer, connection_string, rows, timeout=900):
    """One task in a process of its own."""
    command = [sys.executable, __file__, "--task", task, client, peer, connection_string, str(rows)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=timeout)
    return json.loads(done.stdout.splitlines()[-1])


def task(name, client, peer, connection_string, rows):
    # Our tables live in the process that made them.
    if peer == OURS:
        fill(connection_string, bench_peers.OURS, rows)
    return measure(client, connection_string, rows) if name == "measure" else values(client, connection_string)


def compared(strings, rows):
    """Every driver by every client, in turns; first its values."""
    right = digest(wanted(rows))
    report = {"rows": rows, "columns": COLUMNS, "batch": BATCH, "turns": TURNS, "digest": right}
    for client in CLIENTS:
        for peer, string in strings.items():
            found = run("values", client, peer, string, rows)["digest"]
            if found != right:
                sys.exit(f"{peer} by {client}: the values' digest is {found}, that of the rows is {right}")
        turns = {peer: [] for peer in strings}
        for _ in range(TURNS):
            for peer, string in strings.items():
                turns[peer].append(run("measure", client, peer, string, rows))
        seconds = {peer: statistics.median(turn["seconds"] for turn in of) for peer, of in turns.items()}
        fastest = min((peer for peer in strings if peer != OURS), key=seconds.get)
        report[client] = {
            peer: {"rows_per_second": rows / seconds[peer]} | {key: [turn[key] for turn in of] for key in of[0]}
            for peer, of in turns.items()
        }
        report[client]["fastest_other"] = fastest
        report[client]["ratio"] = seconds[fastest] / seconds[OURS]
        for peer in strings:
            ratio = seconds[peer] / seconds[OURS]
            print(f"{client} {peer}: {rows / seconds[peer]:,.0f} rows a second; {OURS} is {ratio:.2f} times as fast")
        print(f"{client}: {report[client]['ratio']:.2f} times the fastest other, {fastest} (wanted: {TARGETS[client]})")
    return report


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--task", nargs=5)
    options.add_argument("--rows", type=int)
    for name in ("sim", "driver", "build", "report"):
        options.add_argument(f"--{name}")
    given = options.parse_args()
    if given.task:
        name, client, peer, connection_string, rows = given.task
        print(json.dumps(task(name, client, peer, connection_string, int(rows))))
        return

    with bench_peers.stores() as stores:
        for store, types in bench_peers.TYPES.items():
            peer = next(peer for peer, (of, *_) in bench_peers.PEERS.items() if of == store)
            fill(bench_peers.connection_string(peer, stores), types, given.rows)
        strings = {OURS: f"Driver={given.driver};Domain={given.sim};APIToken=sim-token;"}
        strings |= {peer: bench_peers.connection_string(peer, stores) for peer in bench_peers.PEERS}
        report = {"build": given.build, "load_before": os.getloadavg()[0], "targets": TARGETS}
        report |= compared(strings, given.rows)
    whole = {}
    if os.path.exists(given.report):
        with open(given.report) as file:
            whole = json.load(file)
    with open(given.report, "w") as file:
        json.dump(whole | {"fetch": report}, file, indent=2)
    # A smaller table measures how a query begins rather than how it goes on.
    missed = [client for client, wanted in TARGETS.items() if report[client]["ratio"] < wanted]
    if missed and given.rows >= FULL:
        sys.exit(f"missed by {' and '.join(missed)}")


main()

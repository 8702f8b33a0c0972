"""The drivers that fetching is measured beside: Debian's, each with its own store, whose rows are in memory."""

import contextlib
import os
import pathlib
import platform
import pwd
import shutil
import subprocess
import tempfile
import time

ODBC = pathlib.Path(f"/usr/lib/{platform.machine()}-linux-gnu/odbc")
# What each store calls the five types of the table. Text is declared so that its driver describes it as wide, as ours does.
OURS = {"INTEGER": "INTEGER", "BIGINT": "BIGINT", "DOUBLE": "DOUBLE", "TIMESTAMP": "TIMESTAMP", "TEXT": "NVARCHAR"}
SQLITE = OURS | {"TEXT": "VARCHAR"}
POSTGRESQL = OURS | {"DOUBLE": "DOUBLE PRECISION", "TIMESTAMP": "TIMESTAMP(3)", "TEXT": "VARCHAR"}
MARIADB = OURS | {"TIMESTAMP": "DATETIME(3)", "TEXT": "VARCHAR"}

# Each peer's store, its library, and what is added to its connection string: the driver as it comes, and with the option
# by which it reads rows as they are fetched instead of all of them first.
PEERS = {
    "sqliteodbc": ("sqlite", "libsqlite3odbc.so", ""),
    "sqliteodbc StepAPI": ("sqlite", "libsqlite3odbc.so", "StepAPI=1;"),
    "psqlodbc": ("postgresql", "psqlodbcw.so", ""),
    "psqlodbc UseDeclareFetch": ("postgresql", "psqlodbcw.so", "UseDeclareFetch=1;Fetch=2000;"),
    "mariadb": ("mariadb", "libmaodbc.so", ""),
    "mariadb NO_CACHE": ("mariadb", "libmaodbc.so", "FORWARDONLY=1;NO_CACHE=1;"),
}
TYPES = {"sqlite": SQLITE, "postgresql": POSTGRESQL, "mariadb": MARIADB}


def as_nobody():
    """For root's servers: PostgreSQL refuses to run as root."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


def own(folder):
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)


@contextlib.contextmanager
def running(folder, command, ready):
    """A server in a folder of its own, from the moment that it answers to the end of the block."""
    with open(folder.parent / f"{folder.name}.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **as_nobody())
    try:
        for _ in range(600):
            if subprocess.run(ready, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                break
            if server.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {pathlib.Path(log.name).read_text()[-2000:]}")
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer: {pathlib.Path(log.name).read_text()[-2000:]}")
        yield
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def sqlite(root):
    yield f"Database={root / 'rows.sqlite'};"


@contextlib.contextmanager
def postgresql(root):
    """A cluster whose shared buffers hold the table several times over: a scan of less than their quarter stays there."""
    programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    data = root / "postgresql"
    data.mkdir()
    own(data)
    make = [programs / "initdb", "--pgdata", data, "--username=bench", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_nobody())
    options = {
        "listen_addresses": "", "unix_socket_directories": str(data), "shared_buffers": "2500MB", "fsync": "off",
        "autovacuum": "off", "max_wal_size": "8GB", "max_parallel_workers_per_gather": "0",
    }  # fmt: skip
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    ready = [programs / "pg_isready", "--quiet", "--host", data]
    with running(data, [programs / "postgres", "-D", data, *settings], ready):
        # Of its own accord psqlodbc takes text of more than 255 characters for a long type.
        yield f"Servername={data};Port=5432;Database=postgres;UID=bench;MaxVarcharSize=4000;"


@contextlib.contextmanager
def mariadb(root):
    data = root / "mariadb"
    data.mkdir()
    own(data)
    make = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
    subprocess.run([*make, "--skip-test-db"], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_nobody())
    socket = data / "socket"
    server = [shutil.which("mariadbd", path="/usr/sbin:/usr/bin"), "--no-defaults", f"--datadir={data}", f"--socket={socket}"]
    options = ["--skip-networking", "--innodb-buffer-pool-size=2G", "--character-set-server=utf8mb4"]
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root", "--execute"]
    # It answers when it has made the database.
    with running(data, [*server, *options], [*client, "CREATE DATABASE bench"]):
        yield f"SOCKET={socket};UID=root;DATABASE=bench;"


STORES = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mariadb}


@contextlib.contextmanager
def stores():
    """The connection string of each store, in memory where the system has a file system of memory."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="okta-odbc-bench-", dir=memory) as folder, contextlib.ExitStack() as stack:
        os.chmod(folder, 0o755)
        yield {name: stack.enter_context(store(pathlib.Path(folder))) for name, store in STORES.items()}


def connection_string(peer, stores):
    store, library, options = PEERS[peer]
    return f"Driver={ODBC / library};{stores[store]}{options}"

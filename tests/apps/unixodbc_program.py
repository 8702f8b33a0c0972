"""Programs under unixODBC that go by its own settings (threads, pools, unloading, files), one function each; they print JSON."""

import ctypes
import gc
import json
import os
import pathlib
import signal
import sys
import threading
import time

import fork_program
import odbc_calls
from odbc_calls import DBC, SUCCESS, UNIXODBC, Connection, Manager, OdbcError

LIMIT = 100
COUNT = "SELECT COUNT(*) FROM Users"


def manager(wide=True):
    return Manager(UNIXODBC, wide)


def value(connection, sql=COUNT):
    statement = connection.statement().execute(sql)
    ((found,),) = statement.rows()
    statement.free()
    return found


def in_threads(count, body):
    """What each thread gives, or the error that it ends with."""
    told = [None] * count

    def run(number):
        try:
            told[number] = body(number)
        except Exception as error:  # of any kind: the test shows it
            told[number] = f"{type(error).__name__}: {error}"

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
        assert not thread.is_alive(), "a thread hangs"
    return told


def threads(string):
    """Many threads, each with connections of its own, then all on one."""
    functions = manager()

    def own(_):
        found = []
        for _ in range(3):
            connection = Connection(functions, string)
            found.append(value(connection))
            connection.disconnect()
        return found

    told = {"own": in_threads(8, own)}
    shared = Connection(functions, string)
    told["shared"] = in_threads(8, lambda _: [value(shared) for _ in range(3)])
    ids = sorted(in_threads(4, lambda _: [row[0] for row in shared.statement().execute("SELECT Id FROM Users").rows()]))
    told["rows"] = [len(set(found)) for found in ids]
    shared.disconnect()
    return told


def cancel(slow):
    """SQLCancel from another thread while the first page, and then a later one, is awaited."""
    functions = manager()
    connection = Connection(functions, slow)
    told = []
    for rows_first in (0, 300):
        statement = connection.statement()
        if rows_first:
            statement.execute("SELECT Id FROM Users")
            for _ in range(rows_first):
                statement.fetch()
        began = []

        def wait(statement=statement, began=began, rows_first=rows_first):
            began.append(time.monotonic())
            try:
                if rows_first:
                    while statement.fetch():
                        pass
                else:
                    statement.execute("SELECT COUNT(*) FROM Users")
            except OdbcError as error:
                return error.state
            return "nothing stopped it"

        def stop(_number, statement=statement):
            time.sleep(0.7)
            return functions.call("SQLCancel", statement.handle)

        state, code = in_threads(2, lambda number: stop(number) if number else wait())
        told.append([state, code, time.monotonic() - began[0] < 4])
        statement.free()
    # The connection is as good as before.
    told.append(value(connection, "SELECT 1"))
    connection.disconnect()
    return told


def mapped():
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    return sum("libokta_odbc" in line and " r-xp " in line for line in lines)


def memory():
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def threads_now():
    return len(os.listdir("/proc/self/task"))


def unloading(string):
    """Connects and closes over and over; with DontDLClose=0 each last close is a dlclose."""
    functions = manager()
    counts, at = [], []
    for cycle in range(60):
        connection = Connection(functions, string)
        counts.append(value(connection))
        connection.disconnect()
        if cycle in (19, 59):
            gc.collect()
            at.append((memory(), threads_now()))
    (early, threads_early), (late, threads_late) = at
    return {
        "counts": sorted(set(counts)),
        "mapped": mapped(),
        "grew": max(0, late - early),
        "threads": threads_late - threads_early,
    }


def unloading_while_busy(string):
    """Closes in the middle of a result, when the runtime has requests on their way, and connects again at once."""
    functions = manager()
    for rows in (0, 1, 201, 5):
        connection = Connection(functions, string)
        statement = connection.statement().execute("SELECT Id FROM Users")
        for _ in range(rows):
            statement.fetch()
        connection.disconnect()
    told = in_threads(6, lambda _: [unload_once(functions, string) for _ in range(5)])
    return {"counts": sorted({count for counts in told for count in counts}), "mapped": mapped()}


def unload_once(functions, string):
    connection = Connection(functions, string)
    count = value(connection)
    connection.disconnect()
    return count


def by_path(string):
    connection = Connection(manager(), string)
    told = {"count": value(connection), "driver": connection.info(6)[0], "out": connection.out[0]}
    connection.disconnect()
    return told


def file_data_source(string, folder):
    """SAVEFILE writes what FILEDSN reads; unixODBC 2.3.11 knows both in the narrow function only."""
    saved = pathlib.Path(folder) / "okta.dsn"
    told = {"count": []}
    for given in (f"{string};SAVEFILE={saved}", f"FILEDSN={saved}", f"FILEDSN={saved};MaxRows=1"):
        connection = Connection(manager(wide=False), given)
        told["count"].append(value(connection))
        told["rows"] = len(connection.statement().execute("SELECT Id FROM Users").rows())
        connection.disconnect()
    told["saved"] = saved.read_text()
    return told


# Pools -----------------------------------------------------------------------------------------------------------------------

AUTOCOMMIT, QUERY_TIMEOUT, METADATA_ID, DEAD, ODBC_VERSION = 102, 0, 10014, 1209, 200


def pooled(functions):
    """Pooling is of the process, and comes before the first environment."""
    assert functions.call("SQLSetEnvAttr", None, 201, 2, 0) == SUCCESS


def number(connection, attribute):
    """A connection attribute as the driver has it."""
    found, told = ctypes.c_uint(77), ctypes.c_int()
    connection.call(
        "SQLGetConnectAttr", DBC, connection.dbc, attribute, ctypes.byref(found), 0, ctypes.byref(told), text=True
    )
    return found.value


class Pool:
    """Connections of one environment: pools are kept by environment."""

    def __init__(self, functions, version):
        self.functions = functions
        self.env = Connection.__new__(Connection)
        self.env.manager = functions
        self.env.env = self.env.allocate(odbc_calls.ENV, None)
        self.env.call("SQLSetEnvAttr", odbc_calls.ENV, self.env.env, ODBC_VERSION, version, 0)

    def connect(self, string):
        connection = Connection.__new__(Connection)
        connection.manager, connection.env = self.functions, self.env.env
        connection.dbc = connection.allocate(DBC, self.env.env)
        given = self.functions.encoded(string)
        connection.call("SQLDriverConnect", DBC, connection.dbc, None, given, odbc_calls.NTS, None, 0, None, 0, text=True)
        return connection

    def close(self, connection):
        connection.call("SQLDisconnect", DBC, connection.dbc)
        self.functions.call("SQLFreeHandle", DBC, connection.dbc)


def pool(string, version):
    """Uses a connection, sets what one sets, gives it back, takes it again."""
    functions = manager()
    pooled(functions)
    connections = Pool(functions, int(version))
    told = {"counts": [], "autocommit": [], "metadata": []}
    for _ in range(4):
        connection = connections.connect(string)
        told["counts"].append(value(connection))
        told["autocommit"].append(number(connection, AUTOCOMMIT))
        told["metadata"].append(number(connection, METADATA_ID))
        connection.call("SQLSetConnectAttr", DBC, connection.dbc, AUTOCOMMIT, 0, 0, text=True)
        connection.call("SQLSetConnectAttr", DBC, connection.dbc, METADATA_ID, 1, 0, text=True)
        # An open result does not come back to the next user.
        connection.statement().execute("SELECT Id FROM Users").fetch()
        connections.close(connection)
    return told


def read_or_state(connection):
    try:
        return value(connection)
    except OdbcError as error:
        return error.state


def dead_connection(string):
    """Attribute 1209 and a read, in turn: okta-sim refuses the second read."""
    connection = Connection(manager(), string)
    told = [number(connection, DEAD)]
    for _ in range(3):
        told += [read_or_state(connection), number(connection, DEAD)]
    connection.disconnect()
    return told


def unreachable_connection(string, process):
    """The same, and okta-sim ends before the second read."""
    connection = Connection(manager(), string)
    told = [read_or_state(connection), number(connection, DEAD)]
    os.kill(int(process), signal.SIGKILL)
    told += [read_or_state(connection), number(connection, DEAD)]
    connection.disconnect()
    return told


def pool_of_refused(string):
    """The second read is refused: that connection comes out of the pool no more."""
    functions = manager()
    pooled(functions)
    connections = Pool(functions, 380)
    told = []
    for _ in range(4):
        connection = connections.connect(string)
        told.append(read_or_state(connection))
        connections.close(connection)
    return told


def pool_across_a_fork(string):
    """Both processes take the same pooled connection out of what was one pool."""
    functions = manager()
    pooled(functions)
    connections = Pool(functions, 380)

    def use():
        connection = connections.connect(string)
        counts = [value(connection), number(connection, DEAD)]
        connections.close(connection)
        return counts

    told = [use()]
    child = fork_program.forked(lambda: [use(), use()])
    told.append(use())
    return {"parent": told, "child": child()}


def main(name, *arguments):
    signal.alarm(LIMIT)
    print(json.dumps(globals()[name](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])

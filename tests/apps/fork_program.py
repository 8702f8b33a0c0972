"""Programs that fork with a connection open, one function each; the tests of fork run them in processes of their own and read the
JSON that they print."""

import concurrent.futures
import ctypes
import json
import multiprocessing
import os
import select
import signal
import sys
import threading
import time
import urllib.request

import c_abi
import odbc_calls
import pyodbc
import sqlalchemy

# Of every process: what hangs ends here and is told by its signal.
LIMIT = 60
COUNT = "SELECT COUNT(*) FROM Users"
IDS = "SELECT Id FROM Users"


def forked(body, leave=os._exit):
    """Runs body in a child; gives a function that waits for (what it gave, how it ended)."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT)
        os.close(reader)
        try:
            told = body()
        except Exception as error:  # of any kind: the parent shows it
            told = f"{type(error).__name__}: {error}"
        os.write(writer, json.dumps(told).encode())
        os.close(writer)
        leave(0)
    os.close(writer)

    def wait():
        text = b""
        while select.select([reader], [], [], LIMIT)[0]:
            piece = os.read(reader, 65536)
            if not piece:
                break
            text += piece
        os.close(reader)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return [json.loads(text) if text else None, ended]

    return wait


def value(connection, statement=COUNT):
    return connection.execute(statement).fetchval()


def ids(cursor):
    return sorted(row[0] for row in cursor.fetchall())


def refused(action):
    """SQLSTATE and text of what fails; None of what does not."""
    try:
        action()
    except pyodbc.Error as error:
        return [error.args[0], error.args[1]]
    return None


def open_connection(string):
    """Both ask over the inherited connection, and the parent again."""
    connection = pyodbc.connect(string, autocommit=True)
    value(connection)
    child = forked(lambda: [value(connection), value(connection)])
    return {"parent": value(connection), "child": child(), "after": value(connection)}


def open_cursor(string):
    """The parent is in the middle of a result: it goes on; in the child that cursor is dead and another one works."""
    connection = pyodbc.connect(string + ";PageSize=50", autocommit=True)
    cursor = connection.cursor()
    cursor.execute(IDS)
    first = [row[0] for row in cursor.fetchmany(10)]

    def body():
        dead = refused(lambda: cursor.fetchall())
        again = refused(lambda: cursor.fetchone())
        cursor.execute(COUNT)
        same = cursor.fetchval()
        return {"dead": dead, "again": again, "same": same, "other": value(connection)}

    child = forked(body)()
    return {"parent": sorted(first + ids(cursor)), "child": child, "after": value(connection)}


def prepared_statement(string):
    """A statement prepared before the fork runs in both."""
    connection = pyodbc.connect(string, autocommit=True)
    cursor = connection.cursor()
    question = "SELECT COUNT(*) FROM Users WHERE Status = ?"

    def ask(status):
        return cursor.execute(question, status).fetchval()

    before = ask("ACTIVE")
    child = forked(lambda: [ask("ACTIVE"), ask("STAGED")])
    return {"parent": [before, ask("STAGED")], "child": child()}


def grandchild(string):
    """A child forks again; all three ask, the child between."""
    connection = pyodbc.connect(string, autocommit=True)
    value(connection)

    def body():
        mine = value(connection)
        below = forked(lambda: value(connection))
        return [mine, below(), value(connection)]

    child = forked(body)
    return {"parent": value(connection), "child": child()}


def never_used_before(string):
    """The fork comes right after the environment: the child connects first."""
    pyodbc.drivers()

    def body():
        return value(pyodbc.connect(string, autocommit=True))

    child = forked(body)()
    return {"child": child, "parent": body()}


def child_exits_without_disconnecting(string):
    """The child's interpreter ends as usual, with destructors: of the connection, of an open cursor, of the library."""
    connection = pyodbc.connect(string, autocommit=True)
    cursor = connection.cursor()
    cursor.execute(IDS)
    first = [row[0] for row in cursor.fetchmany(3)]
    idle = forked(lambda: "asked nothing", leave=sys.exit)
    busy = forked(lambda: value(connection), leave=sys.exit)
    return {"idle": idle(), "busy": busy(), "parent": sorted(first + ids(cursor)), "after": value(connection)}


def child_closes_what_it_inherited(string):
    """Closing in the child is nothing to the parent."""
    connection = pyodbc.connect(string, autocommit=True)
    cursor = connection.cursor()
    cursor.execute(IDS)
    first = [row[0] for row in cursor.fetchmany(3)]

    def body():
        cursor.close()
        connection.close()
        return value(pyodbc.connect(string, autocommit=True))

    child = forked(body)()
    return {"child": child, "parent": sorted(first + ids(cursor)), "after": value(connection)}


def parent_leaves_first(string):
    """The child still works when its parent has closed everything and the runtime there is gone."""
    connection = pyodbc.connect(string, autocommit=True)
    value(connection)
    reader, writer = os.pipe()

    def body():
        os.close(writer)
        os.read(reader, 1)
        return [value(connection), value(connection)]

    child = forked(body)
    connection.close()
    os.close(writer)
    return {"child": child(), "parent": value(pyodbc.connect(string, autocommit=True))}


def counted(application):
    """COUNT(*) without a driver manager."""
    application.allocate_statement()
    application.execute(COUNT)
    application.do("SQLFetch", application.stmt)
    found = ctypes.c_longlong()
    application.do("SQLGetData", application.stmt, 1, -25, ctypes.addressof(found), 8, None)
    application.driver.free(c_abi.STMT, application.stmt)
    return found.value


def while_others_ask(string):
    """Threads of the parent are in the middle of calls, locks and all, at the moment of each of several forks. Without a driver
    manager, whose own locks a fork can leave locked."""
    driver = c_abi.Driver()

    def opened():
        return c_abi.Application(driver, string).connect()

    stop = threading.Event()
    connections = [opened() for _ in range(4)]
    shared = opened()
    counts = []

    def keep_asking(connection):
        while not stop.is_set():
            counts.append(counted(connection))
            opened().close()

    threads = [threading.Thread(target=keep_asking, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    children = []
    for _ in range(8):
        time.sleep(0.02)
        # A connection that another thread of the parent may hold locked at this moment, and a new one.
        children.append(forked(lambda: [counted(connections[0]), counted(shared), counted(opened())]))
    told = [child() for child in children]
    stop.set()
    for thread in threads:
        thread.join()
    return {"children": told, "counts": sorted(set(counts)), "parent": counted(shared)}


def first_use(string, delay):
    """Another thread connects and asks for the first time ever, and is somewhere in the middle of that. Without a driver manager,
    whose own locks a fork can leave locked."""
    driver = c_abi.Driver()

    def read():
        application = c_abi.Application(driver, string).connect().allocate_statement()
        application.execute("SELECT Id FROM Users WHERE ProfileFirstName LIKE '%a%' OR LEN(Id) > 1 ORDER BY Created")
        rows = 0
        while application.do("SQLFetch", application.stmt, allowed=(0, 100)) == 0:
            rows += 1
        application.close()
        return rows

    told = []
    thread = threading.Thread(target=lambda: told.append(read()))
    thread.start()
    time.sleep(float(delay))
    child = forked(read)()
    thread.join()
    return {"child": child, "parent": told}


def transaction_and_error(string):
    """An error posted before the fork, and another one after it in each."""
    connection = pyodbc.connect(string)
    refused(lambda: connection.execute("SELECT Nothing FROM Users"))
    child = forked(lambda: [refused(lambda: connection.execute("SELECT Neither FROM Users"))[0], value(connection)])
    parent = refused(lambda: connection.execute("SELECT Nor FROM Users"))[0]
    connection.rollback()
    return {"parent": [parent, value(connection)], "child": child()}


def asynchronous_call(string):
    """A call that goes on in a thread of the parent: there it ends, in the child it is an error and can be made again."""
    manager = odbc_calls.Manager(odbc_calls.UNIXODBC, True)
    connection = odbc_calls.Connection(manager, string)
    statement = connection.statement()
    # SQL_ATTR_ASYNC_ENABLE
    statement.call("SQLSetStmtAttr", 4, 1, 0)
    question = manager.encoded(COUNT)

    def until_done(name, *values, text=False):
        while True:
            code = manager.call(name, statement.handle, *values, text=text)
            if code != 2:
                return code
            time.sleep(0.005)

    def execute():
        return until_done("SQLExecDirect", question, odbc_calls.NTS, text=True)

    def counted():
        return [execute(), until_done("SQLFetch"), statement.text(1)]

    begun = manager.call("SQLExecDirect", statement.handle, question, odbc_calls.NTS, text=True)

    def body():
        code = execute()
        ((state, _, message, _),) = manager.records(odbc_calls.STMT, statement.handle)
        return {"code": code, "state": state, "message": message, "again": counted()}

    child = forked(body)()
    return {"begun": begun, "child": child, "parent": counted()}


def spent_login(string, url):
    """The parent's access token is good no more when each next process asks."""

    def spend():
        urllib.request.urlopen(urllib.request.Request(url + "/sim/tokens/expire", method="POST")).close()

    connection = pyodbc.connect(string, autocommit=True)
    value(connection)
    spend()

    def body():
        asked = value(connection)
        spend()
        return [asked, forked(lambda: value(connection))()]

    (asked, grandchild), ended = forked(body)()
    # The parent still has its first token, which is refused.
    return {"child": [asked, ended], "grandchild": grandchild, "parent": value(connection)}


# multiprocessing, by each way to start a process ------------------------------------------------------------------------------

_connection = None
_engine = None
_string = None


def _prepare(string):
    global _string
    _string = string


def _ask_of_its_own(_):
    return value(pyodbc.connect(_string, autocommit=True))


def _ask_of_the_inherited(_):
    return value(_connection)


def _ask_of_the_engine(_):
    with _engine.connect() as connection:
        return connection.execute(sqlalchemy.text(COUNT)).scalar()


def _dispose_and_ask(number):
    _engine.dispose(close=False)
    return _ask_of_the_engine(number)


def multiprocessing_pool(string, method):
    """A pool of workers that connect for themselves, while the parent is connected."""
    connection = pyodbc.connect(string, autocommit=True)
    value(connection)
    context = multiprocessing.get_context(method)
    with context.Pool(2, _prepare, (string,)) as pool:
        found = pool.map_async(_ask_of_its_own, range(6)).get(LIMIT)
    return {"workers": found, "parent": value(connection)}


def futures_over_the_inherited(string):
    """concurrent.futures, whose workers fork at the first task, over the parent's connection."""
    global _connection
    _connection = pyodbc.connect(string, autocommit=True)
    value(_connection)
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(_ask_of_the_inherited, range(6), timeout=LIMIT))
    return {"workers": found, "parent": value(_connection)}


def sqlalchemy_engine(string, dispose):
    """SQLAlchemy's pool has a connection when the workers fork; half the users forget `dispose(close=False)`."""
    global _engine
    url = sqlalchemy.URL.create("mssql+pyodbc", query={"odbc_connect": string})
    _engine = sqlalchemy.create_engine(url)
    _ask_of_the_engine(0)
    context = multiprocessing.get_context("fork")
    task = _dispose_and_ask if dispose == "dispose" else _ask_of_the_engine
    with context.Pool(3) as pool:
        found = pool.map_async(task, range(9)).get(LIMIT)
    return {"workers": found, "parent": _ask_of_the_engine(0)}


def main(name, *arguments):
    signal.alarm(2 * LIMIT)
    pyodbc.pooling = False
    print(json.dumps(globals()[name](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])

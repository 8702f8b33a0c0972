"""Opening a pyodbc connection, with the warnings that pyodbc leaves out."""

import ctypes
import warnings

from .connection_string import completed, written
from .library import import_pyodbc

# pyodbc.connect's own; every other name is a keyword of the driver.
_PYODBC_OPTIONS = ("ansi", "attrs_before", "autocommit", "encoding", "readonly", "timeout")
_SQL_HANDLE_DBC = 2
_SQL_SUCCEEDED = (0, 1)
_LONGEST_MESSAGE = 4096

# Hashes of the connection strings whose warnings were told: the strings hold secrets.
_told = set()


class ConnectionWarning(UserWarning):
    """What the driver said while connecting, such as a keyword that it does not know."""


def connect(connection_string=None, /, **keywords):
    """A pyodbc connection to an org: `connect(Domain="example.okta.com", APIToken="…")`, every keyword of the driver.

    A connection string is taken as it is, without more keywords; it need not name the driver. `autocommit`, `timeout`,
    `readonly`, `attrs_before`, `ansi` and `encoding` are pyodbc's. Okta has no transactions: autocommit is on unless it is
    given.
    """
    options = {name: keywords.pop(name) for name in _PYODBC_OPTIONS if name in keywords}
    if connection_string is None:
        connection_string = written(keywords)
    elif keywords:
        raise TypeError(f"a connection string and keywords ({', '.join(keywords)}) cannot be given together")
    else:
        connection_string = completed(connection_string)
    return opened(connection_string, **{"autocommit": True, **options})


def opened(connection_string, **options):
    """pyodbc.connect; what the driver warned of becomes a ConnectionWarning, once for each connection string."""
    pyodbc = import_pyodbc()
    connection = pyodbc.connect(connection_string, **options)
    marked = hash(f"{connection_string} {options}")
    if marked not in _told:
        _told.add(marked)
        for message in _messages(pyodbc, connection_string, options):
            warnings.warn(message, ConnectionWarning, stacklevel=3)
    return connection


def _messages(pyodbc, connection_string, options):
    """pyodbc drops the diagnostics of a connection that stands, and after the first of a string it asks the driver for its
    abilities, which clears them. Another connection of the same string is asked nothing, so its handle still has them.
    Okta is not asked again: the driver keeps what it learnt of an org for 10 minutes."""
    # Switching autocommit off and readonly on are calls that would clear them too.
    quiet = {name: value for name, value in options.items() if name not in ("autocommit", "readonly")}
    try:
        again = pyodbc.connect(connection_string, autocommit=True, **quiet)
    except pyodbc.Error:
        return []
    try:
        return list(_diagnostics(pyodbc, again.hdbc))
    finally:
        again.close()


def _diagnostics(pyodbc, handle):
    # Looked up through pyodbc, so that it is the driver manager that pyodbc is linked with.
    try:
        get_diag_rec = ctypes.CDLL(pyodbc.__file__).SQLGetDiagRecW
    except (OSError, AttributeError):
        return
    get_diag_rec.restype = ctypes.c_int16
    state = (ctypes.c_uint16 * 6)()
    native = ctypes.c_int32()
    text = (ctypes.c_uint16 * _LONGEST_MESSAGE)()
    length = ctypes.c_int16()
    for number in range(1, 100):
        answer = get_diag_rec(
            ctypes.c_int16(_SQL_HANDLE_DBC),
            handle,
            ctypes.c_int16(number),
            state,
            ctypes.byref(native),
            text,
            ctypes.c_int16(_LONGEST_MESSAGE),
            ctypes.byref(length),
        )
        if answer not in _SQL_SUCCEEDED:
            return
        characters = min(length.value, _LONGEST_MESSAGE - 1)
        message = bytes(text)[: characters * 2].decode("utf-16-le", "replace")
        yield f"[{bytes(state)[:10].decode('utf-16-le', 'replace')}] {message}"

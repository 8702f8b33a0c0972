"""Which driver a connection uses, and the pyodbc that loads it."""

import os
import pathlib

REGISTERED = "Okta ODBC Driver"
# Overrides the driver of the wheel: a library's path, or a name in odbcinst.ini.
VARIABLE = "OKTA_ODBC_DRIVER"

_NO_DRIVER_MANAGER = (
    "pyodbc cannot be loaded, because the system's ODBC driver manager (unixODBC, libodbc.so.2) is missing. "
    "Install it: `apt-get install libodbc2` on Debian and Ubuntu (before Debian 12: libodbc1), "
    "`dnf install unixODBC` on Fedora and Red Hat, `apk add unixodbc` on Alpine, `brew install unixodbc` on macOS. "
    "The loader said: {error}"
)


def driver(given=None):
    """What DRIVER= names: `given`, else $OKTA_ODBC_DRIVER, else the library of the wheel, else the registered driver."""
    chosen = given or os.environ.get(VARIABLE)
    if chosen:
        return chosen
    bundled = pathlib.Path(__file__).with_name("libokta_odbc.so")
    return str(bundled) if bundled.exists() else REGISTERED


def import_pyodbc():
    """pyodbc; an ImportError that names the missing package where the driver manager is not installed."""
    try:
        import pyodbc
    except ImportError as error:
        if "libodbc" in str(error):
            raise ImportError(_NO_DRIVER_MANAGER.format(error=error)) from error
        raise
    return pyodbc

"""okta-odbc for Python: Okta as a database, through pyodbc."""

from .connecting import ConnectionWarning, connect
from .library import driver

__all__ = ["ConnectionWarning", "connect", "driver"]

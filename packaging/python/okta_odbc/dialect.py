"""The SQLAlchemy dialect `okta`: `create_engine("okta:///?Domain=example.okta.com&APIToken=…")`."""

import functools
import json
import re

from sqlalchemy import exc
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.engine import default

from . import connecting, library
from .compiler import OktaCompiler, OktaDDLCompiler, OktaTypeCompiler
from .connection_string import completed, folded, written
from .reflection import CatalogReflection
from .types import COLUMN_SPECIFICATIONS

# "Connection not open" and "Communication link failure". The driver speaks HTTP: nothing else ends a connection, and a
# request that failed says nothing about the next one.
_DISCONNECTED = ("08003", "08S01")

# What the driver says of a Domain that is missing or no address. It alone can tell: a data source, odbcinst.ini, Okta's
# environment variables and okta.yaml may name the org too.
_WRONG_DOMAIN = re.compile(
    r"\[okta-odbc\] ((?:Domain is missing|Domain=|.* is not the address of an Okta org|http://\S+ is refused).*?)"
    r"(?: \(\d+\) \(\w+\))?$"
)


class OktaDialect(CatalogReflection, PyODBCConnector, default.DefaultDialect):
    name = "okta"

    statement_compiler = OktaCompiler
    ddl_compiler = OktaDDLCompiler
    type_compiler_cls = OktaTypeCompiler
    colspecs = COLUMN_SPECIFICATIONS

    supports_statement_cache = True
    supports_native_boolean = True
    supports_comments = True
    supports_alter = False
    supports_sequences = False
    supports_default_values = True
    supports_empty_insert = False
    supports_multivalues_insert = True
    cte_follows_insert = True
    use_insertmanyvalues = False
    # Okta's ids are text that Okta makes; there is no last row id to ask for.
    postfetch_lastrowid = False
    max_identifier_length = 128

    def __init__(self, json_serializer=None, json_deserializer=None, **kw):
        super().__init__(**kw)
        # Without spaces, as Okta writes it and the driver passes it on.
        self._json_serializer = json_serializer or functools.partial(json.dumps, separators=(",", ":"))
        self._json_deserializer = json_deserializer

    @classmethod
    def import_dbapi(cls):
        return library.import_pyodbc()

    def create_connect_args(self, url):
        """okta:///?Domain=…&APIToken=… · okta://user:token@host:port/Okta · okta:///?DSN=… · okta:///?odbc_connect=…"""
        query = dict(url.query)
        # SQLAlchemy keeps a name that stands twice as a tuple.
        for name, value in query.items():
            if not isinstance(value, str):
                raise exc.ArgumentError(f"{name} stands {len(value)} times in the URL; once is right")
        if url.database and "=" in url.database:
            # Not the value, which may be a token.
            name = url.database.partition("=")[0]
            raise exc.ArgumentError(f"{name} stands in the URL's path: keywords follow a ?, as in okta:///?{name}=…")
        host = f"[{url.host}]" if url.host and ":" in url.host else url.host
        if host and url.port:
            host = f"{host}:{url.port}"
        authority = {"Domain": host, "UID": url.username, "PWD": url.password, "Database": url.database}
        odbc_connect = query.pop("odbc_connect", None)
        if odbc_connect is not None:
            beside = [name for name, value in authority.items() if value] + list(query)
            if beside:
                raise exc.ArgumentError(
                    f"odbc_connect is the whole connection string: write {', '.join(beside)} into it, or leave odbc_connect out"
                )
            return (completed(odbc_connect),), {"autocommit": True}
        named = {folded(name) for name in query}
        authority = {name: value for name, value in authority.items() if folded(name) not in named}
        try:
            return (written({**authority, **query}),), {"autocommit": True}
        except ValueError as error:
            raise exc.ArgumentError(str(error)) from error

    def connect(self, *arguments, **options):
        try:
            return connecting.opened(*arguments, **options)
        except self.loaded_dbapi.Error as error:
            wrong_domain = _WRONG_DOMAIN.search(str(error.args[-1]))
            if wrong_domain:
                raise exc.ArgumentError(wrong_domain[1]) from error
            raise

    def is_disconnect(self, e, connection, cursor):
        if isinstance(e, self.loaded_dbapi.Error) and e.args and e.args[0] in _DISCONNECTED:
            return True
        return super().is_disconnect(e, connection, cursor)

    def _get_default_schema_name(self, connection):
        return "dbo"

    # Okta has no transactions.
    def get_isolation_level_values(self, dbapi_conn):
        return ["AUTOCOMMIT"]

    def get_isolation_level(self, dbapi_connection):
        return "AUTOCOMMIT"

    def get_default_isolation_level(self, dbapi_conn):
        return "AUTOCOMMIT"

    def set_isolation_level(self, dbapi_connection, level):
        dbapi_connection.autocommit = True


dialect = OktaDialect

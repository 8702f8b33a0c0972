"""DuckDB: its extension odbc_scanner, which runs a statement of another database as a table of its own."""

import pathlib
import threading

import duckdb
import duckdb_extension_odbc_scanner

import request

database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
folder = pathlib.Path(duckdb_extension_odbc_scanner.__file__).parent
database.load_extension(str(next(folder.glob("extensions/*/*.duckdb_extension"))))
loaded = "SELECT extension_version FROM duckdb_extensions() WHERE extension_name LIKE 'odbc%' AND loaded"
version = database.execute(loaded).fetchone()[0]
request.answer("version", client=f"DuckDB {duckdb.__version__} (odbc_scanner {version})", manager=request.unixodbc())


def connect(name, connection):
    database.execute(f"SET VARIABLE {name} = odbc_connect(?)", [connection])


def rows(part, sql, name="small", options=""):
    text = sql.replace("'", "''")
    database.execute(f"FROM odbc_query(getvariable('{name}'), '{text}'{options})")
    while found := database.fetchmany(5000):
        for values in found:
            request.row(part, values)


def literal(kind, value):
    quoted = "'" + value.replace("'", "''") + "'"
    return {"text": quoted, "integer": value, "double": f"{value}::DOUBLE", "timestamp": f"TIMESTAMP {quoted}"}[kind]


connect("small", request.CONNECTION)
request.answer("connect")
for part in ("types", "okta"):
    rows(part, request.SQL[part])
values = ", ".join(literal(*each) for each in request.PARAMETERS)
rows("parameters", request.SQL["parameters"], options=f", params=row({values})")
rows("long", request.SQL["long"])
connect("large", request.LARGE)
rows("many", request.SQL["many"], "large")
try:
    rows("error", request.SQL["error"])
except duckdb.Error as error:
    request.answer("error", sqlstate="42S22" if "42S22" in str(error) else "none", message=str(error))
rows("after-error", request.SQL["after-error"])
connect("slow", request.SLOW)
threading.Timer(0.5, database.interrupt).start()
try:
    database.execute(f"SELECT COUNT(*) FROM odbc_query(getvariable('slow'), '{request.SQL['cancel']}')").fetchall()
    request.answer("cancel", rows="20000", sqlstate=None)
except duckdb.InterruptException:
    request.answer("cancel", rows="0", sqlstate=None)


def more():
    """What people do with another database inside of DuckDB."""

    def one(sql):
        return database.execute(sql).fetchone()[0]

    users = "odbc_query(getvariable('small'), 'SELECT * FROM Users')"
    yield "drivers", one("SELECT COUNT(*) FROM odbc_list_drivers() WHERE description = 'Okta ODBC Driver'")
    yield "data sources", one(f"SELECT COUNT(DISTINCT name) FROM odbc_list_data_sources() WHERE name = '{request.DSN}'")
    yield "a whole table", one(f"SELECT COUNT(*) FROM {users}")
    database.execute(f"CREATE TABLE copied AS FROM {users}")
    in_copy = one("SELECT COUNT(*) FROM copied WHERE ProfileFirstName = 'Łukasz'")
    counted = "odbc_query(getvariable('small'), 'SELECT COUNT(*) FROM Users WHERE ProfileFirstName = ?', params=row('Łukasz'))"
    yield "copied", in_copy == one(f"FROM {counted}")
    yield "types of the copy", ",".join(
        one(f"SELECT typeof({name}) FROM copied LIMIT 1")
        for name in ("Id", "Created", "ProfileSeatNumber", "ProfileContractHours", "ProfileBadgeActive")
    )
    members = "odbc_query(getvariable('small'), 'SELECT GroupId, UserId FROM GroupMembers')"
    yield "a join in DuckDB", one(f"SELECT COUNT(*) FROM {members} m JOIN copied u ON u.Id = m.UserId")
    logins = "odbc_query(getvariable('small'), 'SELECT ProfileLogin FROM Users', enable_columns_binding=true)"
    yield "bound columns", one(f"SELECT COUNT(ProfileLogin) FROM {logins}")
    database.execute("SET VARIABLE named = odbc_connect(?)", [f"DSN={request.DSN}"])
    # Not with close_connection=true: odbc_scanner disconnects then, and frees the statement after that, which unixODBC has freed.
    yield "by a data source", one("FROM odbc_query(getvariable('named'), 'SELECT COUNT(*) FROM Groups')")


found = list(more())
for name in ("small", "large", "slow", "named"):
    database.execute(f"SELECT odbc_close(getvariable('{name}'))").fetchall()
request.answer("disconnect")
for name, value in found:
    request.row("more", [name, value])
request.finish()

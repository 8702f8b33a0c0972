"""pyodbc: the tour, and what else its cursor and connection can be asked."""

import decimal
import threading

import pyodbc

import request

pyodbc.pooling = False

connection = pyodbc.connect(request.CONNECTION)
request.answer("version", client=f"pyodbc {pyodbc.version}", manager=request.unixodbc())
request.answer("connect")

cursor = connection.cursor()
for row in cursor.tables():
    request.row("tables", [row.table_name, row.table_type])
for row in cursor.columns(table="Users"):
    request.row("columns", [row.column_name, row.data_type])
for part in ("types", "okta"):
    for row in cursor.execute(request.SQL[part]):
        request.row(part, row)
for row in cursor.execute(request.SQL["parameters"], request.parameters()):
    request.row("parameters", row)
for row in cursor.execute(request.SQL["long"]):
    request.row("long", row)

with pyodbc.connect(request.LARGE) as large:
    for row in large.execute(request.SQL["many"]):
        request.row("many", row)
large.close()

try:
    cursor.execute(request.SQL["error"])
except pyodbc.Error as error:
    request.answer("error", sqlstate=error.args[0], message=error.args[1])
for row in cursor.execute(request.SQL["after-error"]):
    request.row("after-error", row)

slow = pyodbc.connect(request.SLOW)
slow_cursor = slow.execute(request.SQL["cancel"])
threading.Timer(0.7, slow_cursor.cancel).start()
rows = 0
try:
    while slow_cursor.fetchone():
        rows += 1
    request.answer("cancel", rows=str(rows), sqlstate="none")
except pyodbc.Error as error:
    request.answer("cancel", rows=str(rows), sqlstate=error.args[0])
slow.close()


def more():
    """What users of pyodbc do besides, as names and values."""
    yield "primary key", [row.column_name for row in cursor.primaryKeys("GroupMembers")]
    yield "foreign keys", sorted((row.fkcolumn_name, row.pktable_name) for row in cursor.foreignKeys(foreignTable="GroupMembers"))
    yield "unique index", sorted({row.column_name for row in cursor.statistics("Users", unique=True) if row.column_name})
    yield "row id", [row.column_name for row in cursor.rowIdColumns("Users")]
    yield "row version", len(cursor.rowVerColumns("Users").fetchall())
    yield "procedures", len(cursor.procedures().fetchall())
    yield "procedure columns", len(cursor.procedureColumns().fetchall())
    yield "types", {93, -9, 4} <= {row.data_type for row in cursor.getTypeInfo()}
    yield "identifier quote", connection.getinfo(pyodbc.SQL_IDENTIFIER_QUOTE_CHAR)
    yield "count", cursor.execute("SELECT COUNT(*) FROM Users").fetchval()
    yield "labels", [column[0] for column in cursor.execute("SELECT Id, ProfileLogin AS login FROM Users WHERE 1 = 0").description]
    yield "rowcount", cursor.execute("SELECT Id FROM Users").rowcount
    yield "next set", cursor.nextset()
    cursor.execute("SELECT Id FROM Users ORDER BY Id")
    cursor.skip(130)
    yield "after skip", len(cursor.fetchall())
    cursor.setinputsizes([(pyodbc.SQL_WVARCHAR, 50, 0)])
    yield "setinputsizes", cursor.execute("SELECT COUNT(*) FROM Users WHERE Id = ?", "none").fetchval()
    cursor.setinputsizes(None)
    yield "null parameter", cursor.execute("SELECT COUNT(*) FROM Users WHERE Id = ?", None).fetchval()
    yield "long parameter", cursor.execute("SELECT LEN(CAST(? AS NVARCHAR(max)))", "ä" * 9000).fetchval()
    yield "decimal parameter", cursor.execute("SELECT CAST(? AS DECIMAL(28, 10))", decimal.Decimal("-1.5")).fetchval()
    cursor.noscan = True
    yield "noscan", cursor.execute("SELECT '{fn UCASE(''x'')}'").fetchval()
    cursor.noscan = False
    connection.commit()
    connection.rollback()
    connection.autocommit = True
    connection.timeout = 30
    yield "after commit and time limit", cursor.execute("SELECT 1").fetchval()
    connection.add_output_converter(pyodbc.SQL_TYPE_TIMESTAMP, len)
    yield "output converter", cursor.execute("SELECT CAST('2024-02-29' AS DATETIME2)").fetchval()
    connection.clear_output_converters()


found = {name: value if isinstance(value, str) else repr(value) for name, value in more()}
cursor.close()
connection.close()
request.answer("disconnect")
for name, value in found.items():
    request.row("more", [name, value])
request.finish()

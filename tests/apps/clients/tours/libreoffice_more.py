"""What people do with LibreOffice's Base and Calc and a data source; what is wanted stands in libreoffice.more.tsv."""

import pathlib
import struct
import subprocess

import uno  # noqa: I001 - what is imported from com.sun.star comes through it
from com.sun.star.container import NoSuchElementException
from com.sun.star.sdbc import SQLException
from com.sun.star.table import CellAddress

import request
from soffice import named

# SQL goes to the driver in the character set of the system's locale, which is Latin-1 where there is none; Base asks for it under
# Edit, Database, Properties, Additional settings.
INFO = (named("CharSet", "UTF-8"),)
TABLE, QUERY, COMMAND = range(3)


def register(office, name, data_source):
    """A Base document over sdbc:odbc:, stored and registered under a name, as the wizard of Base makes it."""
    context = office.service("com.sun.star.sdb.DatabaseContext")
    source = context.createInstance()
    source.URL = f"sdbc:odbc:{data_source}"
    source.Info = INFO
    place = office.url(f"{name}.odb")
    source.DatabaseDocument.storeAsURL(place, ())
    context.registerDatabaseLocation(name, place)
    return context.getByName(name)


def row_set(office, kind, command, **properties):
    """What stands behind the grid of an open table or query, and behind a form."""
    rows = office.service("com.sun.star.sdb.RowSet")
    rows.DataSourceName, rows.CommandType, rows.Command = "okta", kind, command
    for name, value in properties.items():
        setattr(rows, name, value)
    rows.execute()
    return rows


def fill(calc, number, name, mode, what):
    """Imports a table or a statement at the first cell of a sheet, into a named range of the document: Data, Define Range, or a
    table dragged out of F4. Gives the range."""
    start = calc.Sheets.getByIndex(number).getCellRangeByName("A1")
    calc.DatabaseRanges.addNewByName(name, start.RangeAddress)
    descriptor = (
        named("DatabaseName", "okta"),
        named("SourceType", uno.Enum("com.sun.star.sheet.DataImportMode", mode)),
        named("SourceObject", what),
    )
    start.doImport(descriptor)
    return calc.DatabaseRanges.getByName(name)


def area(sheet):
    """The part of the sheet that holds anything."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    return sheet.getCellRangeByPosition(0, 0, cursor.RangeAddress.EndColumn, cursor.RangeAddress.EndRow)


def state_of(action):
    try:
        action()
    except SQLException as error:
        return error.SQLState
    return "00000"


def column(result, number):
    found = []
    while result.next():
        found.append(result.getString(number))
    result.close()
    return found


def more(office, picture):
    source = register(office, "okta", request.DSN)
    connection = source.getConnection("", "")
    yield from base(office, source, connection)
    yield from grids(office)
    yield from sheets(office, picture)
    connection.close()
    yield "connection closed", connection.isClosed()


def base(office, source, connection):
    told = connection.getMetaData()
    yield "product", told.getDatabaseProductName(), told.getIdentifierQuoteString(), told.getCatalogTerm()
    yield "read only", told.isReadOnly()
    yield "catalogs", *column(told.getCatalogs(), 1)
    yield "schemas", *[name for name in column(told.getSchemas(), 1) if name == "dbo"]
    yield "primary key", *column(told.getPrimaryKeys(None, "dbo", "GroupMembers"), 4)
    yield "imported keys", *column(told.getImportedKeys(None, "dbo", "GroupMembers"), 8)
    yield "exported keys", *column(told.getExportedKeys(None, "dbo", "Groups"), 7)
    yield "unique index", *[name for name in column(told.getIndexInfo(None, "dbo", "Users", True, True), 9) if name]
    yield "types", len(set(column(told.getTypeInfo(), 2))) > 15
    # The list of tables and a table's structure, as Base's window shows them.
    names = connection.getTables().getElementNames()
    yield "list of tables", *sorted(name for name in names if name.startswith("Okta.dbo.Group"))
    users = connection.getTables().getByName("Okta.dbo.Users")
    yield "columns of the table", *users.getColumns().getElementNames()[:3]
    created = users.getColumns().getByName("Created")
    yield "a column", created.Description, created.TypeName, created.Precision, created.Scale, created.IsNullable
    keys = users.getKeys()
    yield "keys of the table", *sorted({name for n in range(keys.getCount()) for name in keys.getByIndex(n).getColumns().getElementNames()})
    # A query of the document.
    definition = office.service("com.sun.star.sdb.QueryDefinition")
    definition.Command = 'SELECT "Id", "ProfileLogin" FROM "Okta"."dbo"."Users" WHERE "Status" = \'ACTIVE\''
    source.getQueryDefinitions().insertByName("Active", definition)
    active = row_set(office, QUERY, "Active")
    active.last()
    yield "a stored query", active.getRow()
    composer = connection.createInstance("com.sun.star.sdb.SingleSelectQueryComposer")
    composer.setQuery('SELECT "Id", "Created" FROM "Okta"."dbo"."Users"')
    composer.setFilter("\"Status\" = 'ACTIVE' AND \"Created\" >= {ts '2021-01-01 00:00:00'}")
    composer.setOrder('"Created" DESC')
    yield "the filter of a query", len(column(connection.createStatement().executeQuery(composer.getQuery()), 1))
    prepared = connection.prepareStatement('SELECT COUNT(*) FROM "Users" WHERE "ProfileFirstName" = ?')
    prepared.setString(1, "Łukasz")
    yield "a parameter with letters", *column(prepared.executeQuery(), 1)
    joined = '"Okta"."dbo"."Groups" AS "G" LEFT OUTER JOIN "Okta"."dbo"."GroupMembers" AS "M" ON "G"."Id" = "M"."GroupId"'
    outer = connection.createStatement().executeQuery(f"SELECT COUNT(*) FROM {{ oj {joined} }}")
    yield "an outer join", *column(outer, 1)
    yield "syntax error", state_of(lambda: connection.createStatement().executeQuery("SELEKT 1"))
    yield "no such table", state_of(lambda: connection.createStatement().executeQuery("SELECT * FROM Nowhere"))
    yield "no such name", _missing(connection)


def _missing(connection):
    try:
        connection.getTables().getByName("Okta.dbo.Nowhere")
    except NoSuchElementException:
        return "missing"
    return "there"


def grids(office):
    # The table opened, scrolled to its last row, by number, and back.
    users = row_set(office, TABLE, "Okta.dbo.Users", Order='"Id"')
    users.last()
    yield "the last row", users.getRow(), users.RowCount, users.IsRowCountFinal, users.getString(1)
    users.absolute(5)
    yield "the fifth row", users.getString(1)
    users.previous()
    yield "the one before", users.getString(1)
    users.beforeFirst()
    seen = 0
    while users.next():
        seen += 1
    yield "all rows again", seen
    users.dispose()
    filtered = row_set(office, TABLE, "Okta.dbo.Users", Filter="\"Status\" = 'STAGED'", ApplyFilter=True, Order='"Created" DESC')
    filtered.last()
    yield "filtered by the grid", filtered.getRow()
    filtered.dispose()
    joined = row_set(
        office,
        COMMAND,
        'SELECT "G"."ProfileName", COUNT( "M"."Id" ) FROM "Okta"."dbo"."GroupMembers" AS "M", "Okta"."dbo"."Groups" AS "G" '
        'WHERE "M"."GroupId" = "G"."Id" GROUP BY "G"."ProfileName"',
    )
    members = 0
    while joined.next():
        members += joined.getLong(2)
    yield "a grouped join", members
    joined.dispose()


def sheets(office, picture):
    calc = office.document("scalc")
    sheet = calc.Sheets.getByIndex(0)
    columns = "Id, Status, ProfileFirstName, ProfileLastName, Created, ProfileSeatNumber, ProfileContractHours"
    fill(calc, 0, "people", "SQL", f"SELECT {columns} FROM Users ORDER BY Id")
    data = area(sheet).getDataArray()
    yield "a statement in a sheet", len(data) - 1, ",".join(data[0][:3])
    yield "cells", data[1][0], data[3][2], data[1][5]
    # A date is a number of days since 1899-12-30, shown by a format.
    cell = sheet.getCellByPosition(4, 1)
    format_of = calc.NumberFormats.getByKey(cell.NumberFormat)
    yield "a date", int(cell.Value), bool(format_of.Type & uno.getConstantByName("com.sun.star.util.NumberFormat.DATE"))
    cell = sheet.getCellByPosition(9, 0)
    cell.Formula = f'=COUNTIF(B2:B{len(data)};"ACTIVE")'
    yield "a formula", int(cell.Value)
    cell.Formula = f"=SUM(G2:G{len(data)})"
    yield "a sum", cell.Value
    cell.Formula = ""
    # A pivot table of the imported range.
    calc.Sheets.insertNewByName("Pivot", 1)
    pivots = calc.Sheets.getByName("Pivot").getDataPilotTables()
    descriptor = pivots.createDataPilotDescriptor()
    descriptor.setSourceRange(sheet.getCellRangeByPosition(0, 0, 6, len(data) - 1).RangeAddress)
    fields = descriptor.getDataPilotFields()
    fields.getByName("Status").Orientation = uno.Enum("com.sun.star.sheet.DataPilotFieldOrientation", "ROW")
    fields.getByName("Id").Orientation = uno.Enum("com.sun.star.sheet.DataPilotFieldOrientation", "DATA")
    fields.getByName("Id").Function = uno.Enum("com.sun.star.sheet.GeneralFunction", "COUNT")
    pivots.insertNewByName("Statuses", CellAddress(1, 0, 0), descriptor)
    pivot = area(calc.Sheets.getByName("Pivot")).getDataArray()
    counts = {row[0]: row[1] for row in pivot if isinstance(row[1], float)}
    yield "a pivot table", *[f"{name}:{int(value)}" for name, value in sorted(counts.items()) if not name.startswith("Total")]
    # A whole table, and its import once more after a change of the sheet.
    calc.Sheets.insertNewByName("Groups", 2)
    groups = calc.Sheets.getByName("Groups")
    imported = fill(calc, 2, "groups", "TABLE", "Okta.dbo.Groups")
    yield "a table in a sheet", len(area(groups).getDataArray()) - 1
    groups.getCellByPosition(0, 1).String = "changed"
    imported.refresh()
    yield "refreshed", groups.getCellByPosition(0, 1).String != "changed"
    yield "a picture", *_picture(office, calc, sheet, picture)
    calc.storeAsURL(office.url("tour.ods"), ())
    calc.close(True)


def _picture(office, calc, sheet, picture):
    """The sheet as it would be printed, as a PNG beside the results of the matrix, for people to look at."""
    sheet.getCellRangeByName("A1:G1").CharWeight = 150.0
    sheet.Columns.OptimalWidth = True
    style = calc.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    style.IsLandscape, style.Width, style.Height, style.ScaleToPagesX = True, 29700, 21000, 1
    calc.storeToURL(office.url("tour.pdf"), (named("FilterName", "calc_pdf_Export"),))
    page = ["pdftoppm", "-png", "-singlefile", "-f", "1", "-r", "80", office.folder / "tour.pdf", pathlib.Path(picture).with_suffix("")]
    subprocess.run(page, check=True)
    head = pathlib.Path(picture).read_bytes()
    width, height = struct.unpack(">II", head[16:24])
    return "PNG" if head.startswith(b"\x89PNG\r\n\x1a\n") else "none", width, height

"""A macro in Python, as LibreOffice keeps them in Scripts/python: it runs inside of the office."""

import uno


def read_all(source, sql, columns):
    """All rows of a statement, each value as text."""
    context = uno.getComponentContext()
    manager = context.ServiceManager.createInstanceWithContext("com.sun.star.sdbc.DriverManager", context)
    connection = manager.getConnection(f"sdbc:odbc:{source}")
    result = connection.createStatement().executeQuery(sql)
    cells = []
    while result.next():
        cells.extend(result.getString(column) for column in range(1, columns + 1))
    connection.close()
    return tuple(cells)

"""Real input: every recorded row of the ten tables comes out through unixODBC, each value equal to the recorded JSON."""

import collections

import pyodbc
import pytest

import cells
import okta_org
import recordings

if not recordings.FOLDER.is_dir():
    pytest.skip(f"recorded answers: {recordings.FOLDER} is not there (OKTA_RECORDINGS names it)", allow_module_level=True)

TABLES = okta_org.tables()
HOSTS = recordings.hosts()
RUNS = [(name, run) for name, host in HOSTS.items() for run in range(host.runs())]
# Rows that came out, by table; checked against the recordings at the end.
SEEN = collections.Counter()


@pytest.mark.parametrize("name, run", RUNS)
def test_rows_of(name, run):
    host = HOSTS[name]
    server = recordings.Server(host, run)
    try:
        connection = pyodbc.connect(server.connection_string, autocommit=True)
        for table, template, _ in recordings.SOURCES:
            for path, rows in host.version(table, run).items():
                read(connection.cursor(), table, recordings.parent_key(template, path), rows)
        connection.close()
    finally:
        server.close()


def read(cursor, name, parent, rows):
    """All rows of one list: the table itself, or a child's rows of one parent."""
    table = TABLES[name]
    if parent is not None:
        cursor.execute(f"SELECT * FROM {name} WHERE {table['parent']['column']} = ?", parent)
    elif name == "SystemLogs":
        cursor.execute("SELECT * FROM SystemLogs WHERE Published >= {ts '2000-01-01 00:00:00'}")
    else:
        cursor.execute(f"SELECT * FROM {name}")
    columns = [column[0] for column in cursor.description]
    key = columns.index("Uuid" if name == "SystemLogs" else "Id")
    keys = {table["parent"]["column"]: parent} if parent is not None else {}
    found = set()
    for row in cursor.fetchall():
        identity = row[key]
        assert identity in rows, f"{name} has no row {identity}"
        assert identity not in found, f"{name} {identity} came twice"
        found.add(identity)
        wrong = cells.differences(columns, row, rows[identity], table, keys)
        assert not wrong, f"{name} {identity}: {wrong}"
        SEEN[name] += 1
    assert found == set(rows), f"{name}: rows are missing"


@pytest.mark.parametrize("name", [name for name in HOSTS if any(t in HOSTS[name].rows for t in ("Users", "Groups", "Apps"))])
def test_single_rows_by_key_of(name):
    """`WHERE Id = ?` is another request than the list."""
    host = HOSTS[name]
    server = recordings.Server(host, 0)
    try:
        connection = pyodbc.connect(server.connection_string, autocommit=True)
        for table in ("Users", "Groups", "Apps"):
            for rows in host.version(table, 0).values():
                for identity, row in rows.items():
                    cursor = connection.execute(f"SELECT * FROM {table} WHERE Id = ?", identity)
                    columns = [column[0] for column in cursor.description]
                    (found,) = cursor.fetchall()
                    wrong = cells.differences(columns, found, row, TABLES[table], {})
                    assert not wrong, f"{table} {identity}: {wrong}"
        connection.close()
    finally:
        server.close()


def test_no_table_fell_short_of_what_was_recorded(capsys):
    """Counts what the tests above read; alone it has nothing to count."""
    recorded = collections.Counter()
    for host in HOSTS.values():
        for table, paths in host.rows.items():
            recorded[table] += sum(len(versions) for keys in paths.values() for versions in keys.values())
    with capsys.disabled():
        print()
        for table, _, _ in recordings.SOURCES:
            print(f"recorded rows of {table}: {SEEN[table]} of {recorded[table]}")
    assert set(recorded) == set(TABLES), "a table without a single recorded row"
    assert SEEN == recorded

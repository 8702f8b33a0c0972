"""The tour of README.md in pyodbc and pandas, for `cargo xtask demo`: prints each statement and its rows.

Run as `python tour.py CONNECTION_STRING`.
"""

import sys
import warnings

import pandas
import pyodbc

# pandas prefers SQLAlchemy; a DB-API connection works.
warnings.simplefilter("ignore", UserWarning)
pandas.set_option("display.width", 120)
pandas.set_option("display.max_columns", 10)

PYODBC = [
    ("Active users", "SELECT Id, ProfileFirstName FROM Users WHERE Status = 'Active' LIMIT 5", ()),
    ("One user, by a parameter", "SELECT ProfileLogin, Status, Created FROM Users WHERE Id = ?", "first user"),
    (
        "A custom attribute of this org",
        "SELECT ProfileLogin, ProfileCostCentre FROM Users WHERE ProfileCostCentre LIKE 'EU-%' LIMIT 5",
        (),
    ),
    (
        "A join: who is in which group",
        "SELECT g.ProfileName, u.ProfileLogin FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id "
        "JOIN Users u ON u.Id = m.UserId ORDER BY g.ProfileName, u.ProfileLogin LIMIT 5",
        (),
    ),
]
PANDAS = [
    ("Head-count", "SELECT Status, COUNT(*) AS HeadCount FROM Users GROUP BY Status ORDER BY HeadCount DESC"),
    (
        "Group sizes",
        "SELECT g.ProfileName, COUNT(m.UserId) AS Members FROM Groups g LEFT JOIN GroupMembers m ON m.GroupId = g.Id "
        "GROUP BY g.ProfileName ORDER BY Members DESC LIMIT 5",
    ),
]


def main(connection_string):
    connection = pyodbc.connect(connection_string, autocommit=True)
    cursor = connection.cursor()
    first_user = cursor.execute("SELECT Id FROM Users LIMIT 1").fetchone()[0]
    for title, statement, parameters in PYODBC:
        print(f"\n-- pyodbc: {title}\n{statement}")
        parameters = (first_user,) if parameters == "first user" else parameters
        rows = cursor.execute(statement, *parameters).fetchall()
        for row in rows:
            print("  ", tuple(row))
        if not rows:
            sys.exit("no rows came")
    for title, statement in PANDAS:
        print(f"\n-- pandas: {title}\n{statement}")
        frame = pandas.read_sql_query(statement, connection)
        print(frame.to_string(index=False))
        if frame.empty:
            sys.exit("no rows came")
    connection.close()


main(sys.argv[1])

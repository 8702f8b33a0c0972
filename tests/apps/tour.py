"""The tour of README.md in pyodbc, pandas and SQLAlchemy, for `cargo xtask demo`: prints each statement and its rows.

Run as `python tour.py CONNECTION_STRING`.
"""

import sys
import urllib.parse
import warnings

import pandas
import pyodbc
import sqlalchemy
from sqlalchemy.orm import Session, declarative_base

import okta_urls  # noqa: F401  (makes `okta:///` known, as the wheel does)

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


def by_sqlalchemy(url):
    """The ORM on one user table, filtered by Okta."""
    engine = sqlalchemy.create_engine(url)
    base = declarative_base()

    class User(base):
        __tablename__ = "Users"
        Id = sqlalchemy.Column(sqlalchemy.String, primary_key=True)
        ProfileFirstName = sqlalchemy.Column(sqlalchemy.String)
        Status = sqlalchemy.Column(sqlalchemy.String)

    with Session(engine) as session:
        users = session.query(User).filter_by(Status="Active").limit(3).all()
        for user in users:
            print("  ", user.Id, user.ProfileFirstName, user.Status)
    engine.dispose()
    if not users:
        sys.exit("no rows came")


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
    for url in (
        f"okta:///?{connection_string}",
        f"mssql+pyodbc:///?odbc_connect={urllib.parse.quote_plus(connection_string)}",
    ):
        print(f'\n-- SQLAlchemy: {url}\nsession.query(User).filter_by(Status="Active").limit(3)')
        by_sqlalchemy(url)


main(sys.argv[1])

"""A page of an Okta org: users by status as a table and a chart, sign-ins by day as a chart.

    pip install dash okta_odbc-….whl[sqlalchemy]
    OKTA_URL='okta:///?Domain=example.okta.com&APIToken=…' python dash_app.py
"""

import datetime
import os

from dash import Dash, dcc, html
from sqlalchemy import Date, MetaData, Table, cast, create_engine, func, select

DAYS = 30


def users_by_status(connection, users):
    people = func.count().label("People")
    statement = select(users.c.Status, people).group_by(users.c.Status).order_by(people.desc(), users.c.Status)
    return [dict(row._mapping) for row in connection.execute(statement)]


def sign_ins_by_day(connection, logs):
    """Okta answers with the sign-ins of the last days alone: the type and the time are conditions that it takes."""
    since = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(days=DAYS)
    day = cast(logs.c.Published, Date).label("Day")
    statement = (
        select(day, func.count().label("SignIns"))
        .where(logs.c.EventType == "user.session.start", logs.c.Published >= since)
        .group_by(day)
        .order_by(day)
    )
    return [dict(row._mapping) for row in connection.execute(statement)]


def table(identifier, rows):
    head = html.Thead(html.Tr([html.Th(name) for name in rows[0]])) if rows else None
    body = html.Tbody([html.Tr([html.Td(value) for value in row.values()]) for row in rows])
    return html.Table([head, body], id=identifier, style={"borderSpacing": "1rem 0.25rem", "textAlign": "left"})


def bars(identifier, title, rows, x, y):
    """Plotly takes a figure as plain dictionaries."""
    trace = {"type": "bar", "x": [row[x] for row in rows], "y": [row[y] for row in rows]}
    return dcc.Graph(id=identifier, figure={"data": [trace], "layout": {"title": {"text": title}}})


def make(url):
    engine = create_engine(url)
    metadata = MetaData()
    users = Table("Users", metadata, autoload_with=engine, resolve_fks=False)
    logs = Table("SystemLogs", metadata, autoload_with=engine, resolve_fks=False)
    app = Dash(__name__, title="Okta")

    def layout():
        with engine.connect() as connection:
            statuses = users_by_status(connection, users)
            days = sign_ins_by_day(connection, logs)
        return html.Div(
            [
                html.H1("Okta"),
                table("statuses", statuses),
                bars("users-by-status", "Users by status", statuses, "Status", "People"),
                bars("sign-ins-by-day", f"Sign-ins of the last {DAYS} days", days, "Day", "SignIns"),
            ],
            style={"fontFamily": "sans-serif", "maxWidth": "60rem", "margin": "auto"},
        )

    # A function: every load of the page asks Okta again.
    app.layout = layout
    return app


if __name__ == "__main__":
    make(os.environ["OKTA_URL"]).run()

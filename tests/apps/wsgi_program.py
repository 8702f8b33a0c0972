"""A small web application over SQLAlchemy, as `gunicorn --preload` serves it: the engine has a connection before workers fork."""

import json
import os

import pyodbc
import sqlalchemy

pyodbc.pooling = False
COUNT = sqlalchemy.text("SELECT COUNT(*) FROM Users")
engine = sqlalchemy.create_engine(sqlalchemy.URL.create("mssql+pyodbc", query={"odbc_connect": os.environ["APP_CONNECTION"]}))


def count():
    with engine.connect() as connection:
        return connection.execute(COUNT).scalar()


# In the master: with --preload, workers inherit this connection in the pool.
AT_START, MASTER = count(), os.getpid()


def application(environ, start_response):
    if environ["PATH_INFO"] == "/stream":
        return stream(start_response)
    body = json.dumps({"count": count(), "start": AT_START, "pid": os.getpid(), "master": MASTER}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def stream(start_response):
    """Rows as they come out of a cursor."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    with engine.connect() as connection:
        for row in connection.execution_options(stream_results=True).execute(sqlalchemy.text("SELECT Id FROM Users")):
            yield f"{row[0]}\n".encode()

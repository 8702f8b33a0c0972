"""Loads SQLAlchemy's test plugin for its compliance suite; test_sqlalchemy_suite.py starts it in a process of its own."""

import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import okta_org  # noqa: E402

_FOLDER = tempfile.TemporaryDirectory(prefix="okta-odbc-suite-")
okta_org.register(pathlib.Path(_FOLDER.name))

import okta_urls  # noqa: E402,F401  (registers the dialect)

# The plugin's base classes rewrite their asserts.
pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

from sqlalchemy.testing import provision  # noqa: E402
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402,F401,F403


@provision.post_configure_engine.for_db("okta")
def _without_okta(url, engine, follower_ident):
    """The suite makes tables of the same names (users): Okta's are dropped, in this process alone."""
    with engine.connect() as connection:
        for name in okta_org.tables():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")

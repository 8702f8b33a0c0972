"""What SQLAlchemy's compliance suite may expect of this dialect, where its defaults expect more or less."""

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

# Requirements that the suite takes for closed unless a dialect says otherwise.
_MET = """
    aggregate_order_by boolean_col_expressions comment_reflection comment_reflection_full_unicode create_or_replace_view
    create_table_as ctes ctes_with_values date_historic datetime_historic datetime_literals except_ fetch_expression
    fetch_first fetch_no_order_by float_or_double_precision_behaves_generically foreign_key_constraint_name_reflection
    index_ddl_if_exists infinity_floats intersect isolation_level json_type nullsordering nvarchar_types
    order_by_label_with_expression precision_numerics_enotation_small precision_numerics_many_significant_digits
    precision_numerics_retains_significant_digits reflect_table_options reflects_pk_names regexp_match regexp_replace
    repeated_column_foreign_keys supports_bitwise_and supports_bitwise_or supports_bitwise_xor table_ddl_if_exists
    table_value_constructor tuple_in unicode_ddl unique_constraints_reflect_as_index views window_functions window_range
    window_range_numeric
""".split()

# Requirements that it takes for met, and why they are not.
_UNMET = {
    "datetime_microseconds": "a timestamp is TYPE_TIMESTAMP(23,3), as precise as Okta's",
    "time_microseconds": "pyodbc binds a TIME_STRUCT, which has no fraction",
    "implements_get_lastrowid": "Okta makes its ids, and ODBC has no call that tells the last one",
    "temp_table_reflection": "no temporary tables",
    "temporary_tables": "no temporary tables",
    "schemas": "there is one schema, dbo",
    "unique_constraint_reflection": "ODBC's catalog functions know indexes, not the constraints that made them",
    "reflect_indexes_with_ascdesc": "an index here is a name",
}


class Requirements(SuiteRequirements):
    def get_isolation_levels(self, config):
        return {"default": "AUTOCOMMIT", "supported": ["AUTOCOMMIT"]}


for _name in _MET:
    setattr(Requirements, _name, property(lambda self: exclusions.open()))
for _name in _UNMET:
    setattr(Requirements, _name, property(lambda self: exclusions.closed()))

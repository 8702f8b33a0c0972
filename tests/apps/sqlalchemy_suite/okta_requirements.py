"""What SQLAlchemy's compliance suite may expect of this dialect, where its defaults expect more or less."""

import inspect

from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

# Requirements that the suite takes for closed unless a dialect says otherwise.
_MET = """
    aggregate_order_by boolean_col_expressions comment_reflection comment_reflection_full_unicode create_or_replace_view
    create_table_as ctes ctes_with_values date_historic datetime_historic datetime_literals except_ fetch_expression
    fetch_first fetch_no_order_by fetch_percent fetch_ties float_or_double_precision_behaves_generically
    foreign_key_constraint_name_reflection index_ddl_if_exists infinity_floats intersect isolation_level json_type
    nullsordering nvarchar_types order_by_label_with_expression precision_numerics_enotation_small
    precision_numerics_many_significant_digits precision_numerics_retains_significant_digits reflect_table_options
    reflects_pk_names regexp_match regexp_replace repeated_column_foreign_keys savepoints supports_bitwise_and
    supports_bitwise_not supports_bitwise_or supports_bitwise_shift supports_bitwise_xor table_ddl_if_exists
    table_value_constructor tuple_in unicode_ddl unique_constraints_reflect_as_index uuid_data_type views
    window_functions window_range window_range_numeric
""".split()

# Why the others are not met, whether the suite takes them for met or not.
_REASONS = {
    "a timestamp is TYPE_TIMESTAMP(23,3), as precise as Okta's": "datetime_microseconds timestamp_microseconds",
    "pyodbc binds a TIME_STRUCT, which has no fraction": "time_microseconds",
    "everything is UTC: a timestamp has no zone": "datetime_timezone datetime_timezone_historic time_timezone",
    "Okta makes its ids, and ODBC has no call that tells the last one": """
        dbapi_lastrowid emulated_lastrowid emulated_lastrowid_even_with_sequences implements_get_lastrowid
    """,
    "no temporary tables": """
        create_temp_table_as has_temp_table temp_table_comment_reflection temp_table_names temp_table_reflection
        temporary_tables temporary_views
    """,
    "there is one schema, dbo": """
        cross_schema_fk_reflection default_schema_name_switch implicit_default_schema percent_schema_names
        schema_create_delete schemas
    """,
    "no materialized views": "materialized_views materialized_views_reflect_pk",
    "ODBC's catalog functions know indexes, not the constraints that made them": """
        check_constraint_reflection constraint_comment_reflection inline_check_constraint_reflection
        unique_constraint_reflection unique_index_reflect_as_unique_constraints
    """,
    "a foreign key says which columns are alike; nothing enforces it, or follows it": """
        deferrable_fks fk_constraint_option_reflection_ondelete_noaction fk_constraint_option_reflection_ondelete_restrict
        fk_constraint_option_reflection_onupdate_restrict foreign_key_constraint_option_reflection_ondelete
        foreign_key_constraint_option_reflection_onupdate foreign_keys_reflect_as_index non_updating_cascade
        repeated_remote_col_foreign_keys
    """,
    "an index here is a name": """
        index_reflects_included_columns indexes_check_column_order indexes_with_expressions reflect_indexes_with_ascdesc
        reflect_indexes_with_ascdesc_as_expression reflect_indexes_with_expressions
    """,
    "a table of Okta's has columns, without defaults, and none is computed or an identity": """
        computed_columns computed_columns_default_persisted computed_columns_reflect_persisted computed_columns_stored
        computed_columns_virtual expression_server_defaults identity_columns identity_columns_standard
        reflect_tables_no_columns server_defaults
    """,
    "a column compares by Okta's rule, which is no collation": "column_collation_reflection",
    "Okta has no transactions: AUTOCOMMIT is the only level, and nothing turns it off": """
        autocommit skip_autocommit_rollback two_phase_transactions
    """,
    "UPDATE and DELETE name one table and take no WITH": "ctes_on_dml ctes_with_update_delete delete_from update_from",
    "a query has no intervals; DATEADD and DATEDIFF count": "datetime_interval window_range_non_numeric",
    "an array is JSON text": "array_type",
    "a part that is no value of its type is an error, or NULL": "legacy_unconditional_json_extract",
    "JSON arrives as text, never as bytes": "json_deserializer_binary",
    "PERCENT and WITH TIES do not go with OFFSET": "fetch_offset_with_options",
    "DISTINCT ON is PostgreSQL's": "supports_distinct_on",
    "ODBC's own parameters are ?, so that % needs no second one": "mod_operator_as_percent_sign",
    "pyodbc is the only DBAPI; programs use threads": "async_dialect",
}
_UNMET = {name: reason for reason, names in _REASONS.items() for name in names.split()}


class Requirements(SuiteRequirements):
    def get_isolation_levels(self, config):
        return {"default": "AUTOCOMMIT", "supported": ["AUTOCOMMIT"]}


for _name in _MET:
    setattr(Requirements, _name, property(lambda self: exclusions.open()))
for _name, _reason in _UNMET.items():
    setattr(Requirements, _name, property(lambda self, reason=_reason: exclusions.closed(reason)))


def unreasoned():
    """Requirements that the suite's own defaults close, and that nothing here names."""
    of_suite = {name: made for name, made in vars(SuiteRequirements).items() if isinstance(made, property)}
    closed = {name for name, made in of_suite.items() if "exclusions.closed()" in inspect.getsource(made.fget)}
    return closed - set(_MET) - set(_UNMET)

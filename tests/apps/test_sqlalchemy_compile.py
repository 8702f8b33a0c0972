"""SQL that the dialect `okta` writes for JSON columns, as Microsoft's reference of JSON_VALUE and JSON_QUERY has it."""

import pytest
import sqlalchemy
from sqlalchemy import column, create_engine, select, types

import okta_urls  # noqa: F401  (registers the dialect)

LINKS = column("Links", types.JSON)


@pytest.fixture
def written():
    engine = create_engine("okta:///?Domain=example.okta.com")

    def text(expression):
        compiled = select(expression).compile(engine, compile_kwargs={"literal_binds": True})
        return " ".join(str(compiled).split()).removeprefix("SELECT ").rpartition(" AS ")[0]

    return text


@pytest.mark.parametrize(
    "expression, expected",
    [
        (LINKS["logo"], """JSON_QUERY("Links", '$."logo"')"""),
        (LINKS[0], """JSON_QUERY("Links", '$[0]')"""),
        (LINKS[("logo", 0, "href")].as_string(), """JSON_VALUE("Links", '$."logo"[0]."href"')"""),
        (LINKS["a b's"].as_string(), """JSON_VALUE("Links", '$."a b''s"')"""),
        (LINKS["n"].as_integer(), """CAST(JSON_VALUE("Links", '$."n"') AS BIGINT)"""),
        (LINKS["n"].as_float(), """CAST(JSON_VALUE("Links", '$."n"') AS DOUBLE)"""),
        (LINKS["b"].as_boolean(), """CAST(JSON_VALUE("Links", '$."b"') AS BOOLEAN)"""),
        (LINKS["a"]["b"].as_string(), """JSON_VALUE(JSON_QUERY("Links", '$."a"'), '$."b"')"""),
    ],
)
def test_parts_of_a_json_column(written, expression, expected):
    assert written(expression) == expected


def test_a_path_is_written_out_when_the_statement_is_executed():
    """Not before: SQLAlchemy's cache would hold a statement for each path."""
    engine = create_engine("okta:///?Domain=example.okta.com")
    compiled = select(LINKS[("logo", 0)]).compile(engine)
    assert "logo" not in str(compiled)
    assert [parameter.value for parameter in compiled.literal_execute_params] == [("logo", 0)]
    assert isinstance(compiled.statement.selected_columns[0].type, sqlalchemy.JSON)

//! The dialect that the driver reads: names in double quotes, brackets or backticks, T-SQL's and standard SQL's forms.

use sqlparser::dialect::Dialect;

/// ODBC's SQL-92 with what ODBC programs write besides, T-SQL above all.
#[derive(Debug)]
pub(super) struct Odbc;

impl Dialect for Odbc {
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        matches!(ch, '"' | '[' | '`')
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || matches!(ch, '_' | '#' | '@')
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || matches!(ch, '_' | '#' | '@' | '$')
    }

    fn identifier_quote_style(&self, _identifier: &str) -> Option<char> {
        Some('"')
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_nested_comments(&self) -> bool {
        true
    }

    /// `CONVERT(type, value)`; ODBC's own order of the two is resolved with its escapes.
    fn convert_type_before_value(&self) -> bool {
        true
    }

    fn supports_try_convert(&self) -> bool {
        true
    }
}

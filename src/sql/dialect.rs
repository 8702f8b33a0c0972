//! The dialect that the driver reads: names in double quotes, brackets or backticks, T-SQL's and standard SQL's forms.

use sqlparser::ast::Expr;
use sqlparser::dialect::{Dialect, Precedence};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

/// ODBC's SQL-92 with what ODBC programs write besides, T-SQL above all.
#[derive(Debug)]
pub(super) struct Odbc {
    /// `a LEFT JOIN b LEFT JOIN c ON … ON …`: a join that stands where its outer join's table does, without parentheses.
    nests_joins: bool,
}

pub(super) const ODBC: Odbc = Odbc { nests_joins: false };
/// For what [`ODBC`] cannot parse: a NATURAL JOIN before another join reads differently here.
pub(super) const NESTED_JOINS: Odbc = Odbc { nests_joins: true };

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

    /// sqlparser takes everything that follows `IS DISTINCT FROM` for its right side, ANDs and ORs included.
    fn parse_infix(&self, parser: &mut Parser, expr: &Expr, _precedence: u8) -> Option<Result<Expr, ParserError>> {
        let negated = if parser.parse_keywords(&[Keyword::IS, Keyword::DISTINCT, Keyword::FROM]) {
            false
        } else if parser.parse_keywords(&[Keyword::IS, Keyword::NOT, Keyword::DISTINCT, Keyword::FROM]) {
            true
        } else {
            return None;
        };
        let left = Box::new(expr.clone());
        let right = parser.parse_subexpr(self.prec_value(Precedence::Is)).map(Box::new);
        Some(right.map(|right| match negated {
            true => Expr::IsNotDistinctFrom(left, right),
            false => Expr::IsDistinctFrom(left, right),
        }))
    }

    fn supports_left_associative_joins_without_parens(&self) -> bool {
        !self.nests_joins
    }

    /// `<<` and `>>`, as SQL Server has them since 2022.
    fn supports_bitwise_shift_operators(&self) -> bool {
        true
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

//! Constructs of T-SQL that there are not, wherever they stand in a query: found among its tokens, where their place is known.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::Error;
use super::position::unsupported;

/// What cannot stand in a query, as it is written, and why. What ends in `(` is called so; a column may have its name.
pub const REFUSED: &[(&str, &str)] = &[
    ("NEXT VALUE FOR", "there are no sequences; ROW_NUMBER() numbers rows"),
    ("OPENROWSET (", OTHERS),
    ("OPENQUERY (", OTHERS),
    ("OPENDATASOURCE (", OTHERS),
    ("OPENXML (", "there is no XML"),
    (
        "OPENJSON (",
        "JSON is read by JSON_VALUE and JSON_QUERY, one value at a time",
    ),
    (
        "PIVOT (",
        "write GROUP BY with COUNT(CASE WHEN … THEN 1 END) for each column",
    ),
    (
        "UNPIVOT (",
        "write CROSS APPLY (VALUES ('a', a), ('b', b)) AS v (name, value)",
    ),
    (
        "INTO",
        "no table can be made in an Okta org; read the rows, or write a common table expression (WITH)",
    ),
    ("FOR XML", ROWS),
    ("FOR JSON", ROWS),
    (
        "FOR SYSTEM_TIME",
        "Okta keeps no earlier states; SystemLogs says what changed",
    ),
    ("TABLESAMPLE", "write TOP … ORDER BY NEWID()"),
    ("CONTAINSTABLE (", NO_INDEX),
    ("FREETEXTTABLE (", NO_INDEX),
    ("FREETEXT (", NO_INDEX),
    ("WITH ROLLUP", "write GROUP BY ROLLUP (…)"),
    ("WITH CUBE", "write GROUP BY CUBE (…)"),
    ("GROUP BY ALL", "write GROUP BY with the columns"),
    (
        "CURRENT OF",
        "programs read rows through the driver, not through cursors of SQL",
    ),
    ("PARSE (", "write CAST or CONVERT"),
    ("TRY_PARSE (", "write TRY_CAST or TRY_CONVERT"),
];

const OTHERS: &str = "there is one data source, the Okta org";
const ROWS: &str = "a query gives rows and columns";
const NO_INDEX: &str = "there is no full-text index; write LIKE '%…%'";

/// Refuses a query that holds one of them. Statements that write have an INTO of their own.
pub(super) fn refuse(tokens: &[TokenWithSpan]) -> Result<(), Error> {
    let mut words = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .skip_while(|token| token.token == Token::LParen);
    let reads = words
        .next()
        .is_some_and(|first| is(first, "SELECT") || is(first, "WITH"));
    if !reads {
        return Ok(());
    }
    for (place, token) in tokens.iter().enumerate() {
        if !matches!(&token.token, Token::Word(word) if word.quote_style.is_none()) {
            continue;
        }
        for (construct, reason) in REFUSED {
            if stands(construct, &tokens[place..]) {
                let name = construct.trim_end_matches(" (");
                let name = if name == "INTO" { "SELECT … INTO" } else { name };
                return Err(unsupported(Some(token.span.start), name, reason));
            }
        }
    }
    Ok(())
}

fn is(token: &TokenWithSpan, expected: &str) -> bool {
    match &token.token {
        Token::Word(word) => word.quote_style.is_none() && word.value.eq_ignore_ascii_case(expected),
        Token::LParen => expected == "(",
        _ => false,
    }
}

fn stands(construct: &str, tokens: &[TokenWithSpan]) -> bool {
    let mut words = tokens
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)));
    construct
        .split(' ')
        .all(|expected| words.next().is_some_and(|token| is(token, expected)))
}

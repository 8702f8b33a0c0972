//! ODBC's scalar functions (`{fn …}`) in terms of the engine's functions.

use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::escapes::{spanned, trimmed, words};

/// Name, number of arguments, and what it means; `?1` is the first argument. Names that are not here are passed on as
/// they are (aggregates, the engine's own functions, and EXTRACT and POSITION, whose arguments have words in them).
pub const FUNCTIONS: &[(&str, usize, &str)] = &[
    ("ASCII", 1, "ascii(?1)"),
    ("BIT_LENGTH", 1, "bit_length(?1)"),
    ("CHAR", 1, "chr(?1)"),
    ("CHAR_LENGTH", 1, "character_length(?1)"),
    ("CHARACTER_LENGTH", 1, "character_length(?1)"),
    // NULL with anything is NULL (SQL_CB_NULL): DataFusion's concat() skips NULLs.
    ("CONCAT", 2, "(?1 || ?2)"),
    ("DIFFERENCE", 2, "difference(?1, ?2)"),
    ("INSERT", 4, "(substr(?1, 1, ?2 - 1) || ?4 || substr(?1, ?2 + ?3))"),
    ("LCASE", 1, "lower(?1)"),
    ("LEFT", 2, "left(?1, ?2)"),
    // ODBC does not count blanks at the end.
    ("LENGTH", 1, "character_length(rtrim(?1))"),
    ("LOCATE", 2, "strpos(?2, ?1)"),
    (
        "LOCATE",
        3,
        "(CASE WHEN strpos(substr(?2, ?3), ?1) = 0 THEN 0 ELSE strpos(substr(?2, ?3), ?1) + ?3 - 1 END)",
    ),
    ("LTRIM", 1, "ltrim(?1)"),
    ("OCTET_LENGTH", 1, "octet_length(?1)"),
    ("REPEAT", 2, "repeat(?1, ?2)"),
    ("REPLACE", 3, "replace(?1, ?2, ?3)"),
    ("RIGHT", 2, "right(?1, ?2)"),
    ("RTRIM", 1, "rtrim(?1)"),
    ("SOUNDEX", 1, "soundex(?1)"),
    ("SPACE", 1, "repeat(' ', ?1)"),
    ("SUBSTRING", 2, "substr(?1, ?2)"),
    ("SUBSTRING", 3, "substr(?1, ?2, ?3)"),
    ("UCASE", 1, "upper(?1)"),
    ("ABS", 1, "abs(?1)"),
    ("ACOS", 1, "acos(?1)"),
    ("ASIN", 1, "asin(?1)"),
    ("ATAN", 1, "atan(?1)"),
    ("ATAN2", 2, "atan2(?1, ?2)"),
    ("CEILING", 1, "ceil(?1)"),
    ("COS", 1, "cos(?1)"),
    ("COT", 1, "cot(?1)"),
    ("DEGREES", 1, "degrees(?1)"),
    ("EXP", 1, "exp(?1)"),
    ("FLOOR", 1, "floor(?1)"),
    ("LOG", 1, "ln(?1)"),
    ("LOG10", 1, "log10(?1)"),
    ("MOD", 2, "(?1 % ?2)"),
    ("PI", 0, "pi()"),
    ("POWER", 2, "power(?1, ?2)"),
    ("RADIANS", 1, "radians(?1)"),
    ("RAND", 0, "random()"),
    // A seed repeats nothing, but may be given.
    ("RAND", 1, "(random() + 0 * ?1)"),
    ("ROUND", 2, "round(?1, ?2)"),
    ("SIGN", 1, "signum(?1)"),
    ("SIN", 1, "sin(?1)"),
    ("SQRT", 1, "sqrt(?1)"),
    ("TAN", 1, "tan(?1)"),
    ("TRUNCATE", 2, "trunc(?1, ?2)"),
    ("CURDATE", 0, "current_date()"),
    ("CURRENT_DATE", 0, "current_date()"),
    ("CURTIME", 0, "current_time()"),
    ("CURRENT_TIME", 0, "current_time()"),
    ("CURRENT_TIME", 1, "current_time()"),
    ("CURRENT_TIMESTAMP", 0, "now()"),
    ("CURRENT_TIMESTAMP", 1, "now()"),
    ("NOW", 0, "now()"),
    ("DAYNAME", 1, "to_char(?1, '%A')"),
    ("DAYOFMONTH", 1, "date_part('day', ?1)"),
    // 1 is Sunday.
    ("DAYOFWEEK", 1, "(date_part('dow', ?1) + 1)"),
    ("DAYOFYEAR", 1, "date_part('doy', ?1)"),
    ("HOUR", 1, "date_part('hour', ?1)"),
    ("MINUTE", 1, "date_part('minute', ?1)"),
    ("MONTH", 1, "date_part('month', ?1)"),
    ("MONTHNAME", 1, "to_char(?1, '%B')"),
    ("QUARTER", 1, "date_part('quarter', ?1)"),
    ("SECOND", 1, "date_part('second', ?1)"),
    ("WEEK", 1, "date_part('week', ?1)"),
    ("YEAR", 1, "date_part('year', ?1)"),
    // The one catalog there is.
    ("DATABASE", 0, "'Okta'"),
    ("USER", 0, "user_name()"),
    ("IFNULL", 2, "coalesce(?1, ?2)"),
];

/// Second argument of CONVERT, and the SQL type it names.
pub const TYPES: &[(&str, &str)] = &[
    ("SQL_CHAR", "VARCHAR"),
    ("SQL_VARCHAR", "VARCHAR"),
    ("SQL_LONGVARCHAR", "VARCHAR"),
    ("SQL_WCHAR", "VARCHAR"),
    ("SQL_WVARCHAR", "VARCHAR"),
    ("SQL_WLONGVARCHAR", "VARCHAR"),
    ("SQL_GUID", "VARCHAR"),
    ("SQL_BIT", "BOOLEAN"),
    ("SQL_TINYINT", "TINYINT UNSIGNED"),
    ("SQL_SMALLINT", "SMALLINT"),
    ("SQL_INTEGER", "INTEGER"),
    ("SQL_BIGINT", "BIGINT"),
    ("SQL_REAL", "REAL"),
    ("SQL_FLOAT", "DOUBLE"),
    ("SQL_DOUBLE", "DOUBLE"),
    ("SQL_DECIMAL", "DECIMAL(38, 10)"),
    ("SQL_NUMERIC", "DECIMAL(38, 10)"),
    ("SQL_DATE", "DATE"),
    ("SQL_TYPE_DATE", "DATE"),
    ("SQL_TIME", "TIME"),
    ("SQL_TYPE_TIME", "TIME"),
    ("SQL_TIMESTAMP", "TIMESTAMP(6)"),
    ("SQL_TYPE_TIMESTAMP", "TIMESTAMP(6)"),
    ("SQL_BINARY", "BYTEA"),
    ("SQL_VARBINARY", "BYTEA"),
    ("SQL_LONGVARBINARY", "BYTEA"),
];

/// First argument of TIMESTAMPADD and TIMESTAMPDIFF: `?1` units later than `?2`; boundaries from `?1` to `?2`.
pub const UNITS: &[(&str, &str, &str)] = &[
    (
        "SQL_TSI_FRAC_SECOND",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' nanoseconds' AS INTERVAL))",
        "CAST((date_part('epoch', ?2) - date_part('epoch', ?1)) * 1000000000 AS BIGINT)",
    ),
    (
        "SQL_TSI_SECOND",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' seconds' AS INTERVAL))",
        "CAST(floor(date_part('epoch', ?2)) - floor(date_part('epoch', ?1)) AS BIGINT)",
    ),
    (
        "SQL_TSI_MINUTE",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' minutes' AS INTERVAL))",
        "CAST(floor(date_part('epoch', ?2) / 60) - floor(date_part('epoch', ?1) / 60) AS BIGINT)",
    ),
    (
        "SQL_TSI_HOUR",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' hours' AS INTERVAL))",
        "CAST(floor(date_part('epoch', ?2) / 3600) - floor(date_part('epoch', ?1) / 3600) AS BIGINT)",
    ),
    (
        "SQL_TSI_DAY",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' days' AS INTERVAL))",
        "CAST(floor(date_part('epoch', ?2) / 86400) - floor(date_part('epoch', ?1) / 86400) AS BIGINT)",
    ),
    (
        // 1970-01-04 was a Sunday: weeks start there.
        "SQL_TSI_WEEK",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' weeks' AS INTERVAL))",
        "CAST(floor((date_part('epoch', ?2) - 259200) / 604800) - floor((date_part('epoch', ?1) - 259200) / 604800) AS BIGINT)",
    ),
    (
        "SQL_TSI_MONTH",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' months' AS INTERVAL))",
        "((date_part('year', ?2) - date_part('year', ?1)) * 12 + date_part('month', ?2) - date_part('month', ?1))",
    ),
    (
        "SQL_TSI_QUARTER",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 * 3 AS VARCHAR) || ' months' AS INTERVAL))",
        "((date_part('year', ?2) - date_part('year', ?1)) * 4 + date_part('quarter', ?2) - date_part('quarter', ?1))",
    ),
    (
        "SQL_TSI_YEAR",
        "(CAST(?2 AS TIMESTAMP) + CAST(CAST(?1 AS VARCHAR) || ' years' AS INTERVAL))",
        "(date_part('year', ?2) - date_part('year', ?1))",
    ),
];

/// The most tokens that one call may grow to: templates repeat arguments, and calls nest.
const MOST_TOKENS: usize = 100_000;

/// What stands between `{fn` and `}`, in the engine's functions.
pub(super) fn expand(tokens: Vec<TokenWithSpan>, at: Span) -> Result<Vec<TokenWithSpan>, String> {
    let Some(Token::Word(word)) = tokens.first().map(|t| &t.token) else {
        return Err("a function is written {fn NAME(arguments)}".to_owned());
    };
    let name = word.value.to_ascii_uppercase();
    let rest = trimmed(tokens[1..].to_vec());
    let arguments = match arguments(&rest) {
        Some(arguments) => arguments,
        // CURRENT_DATE and its like stand without parentheses.
        None if rest.is_empty() => Vec::new(),
        None => return Ok(tokens),
    };
    let template = match name.as_str() {
        "CONVERT" => return convert(arguments, at),
        "TIMESTAMPADD" | "TIMESTAMPDIFF" => return interval(&name, arguments, at),
        _ if !FUNCTIONS.iter().any(|(known, ..)| *known == name) => return Ok(tokens),
        _ => FUNCTIONS
            .iter()
            .find(|(known, count, _)| *known == name && *count == arguments.len()),
    };
    match template {
        Some((_, _, template)) => fill(template, &arguments, at),
        None => {
            let counts: Vec<String> = FUNCTIONS
                .iter()
                .filter(|(known, ..)| *known == name)
                .map(|(_, count, _)| count.to_string())
                .collect();
            Err(format!(
                "{name} takes {} argument(s), not {}",
                counts.join(" or "),
                arguments.len()
            ))
        }
    }
}

/// Every argument between the parentheses that are all there is.
fn arguments(tokens: &[TokenWithSpan]) -> Option<Vec<Vec<TokenWithSpan>>> {
    let [first, inside @ .., last] = tokens else {
        return None;
    };
    if first.token != Token::LParen || last.token != Token::RParen {
        return None;
    }
    let mut arguments = vec![Vec::new()];
    let mut depth = 0usize;
    for token in inside {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.checked_sub(1)?,
            Token::Comma if depth == 0 => {
                arguments.push(Vec::new());
                continue;
            }
            _ => {}
        }
        arguments.last_mut()?.push(token.clone());
    }
    let arguments: Vec<_> = arguments.into_iter().map(trimmed).collect();
    if arguments.len() == 1 && arguments[0].is_empty() {
        Some(Vec::new())
    } else {
        Some(arguments)
    }
}

fn fill(template: &str, arguments: &[Vec<TokenWithSpan>], at: Span) -> Result<Vec<TokenWithSpan>, String> {
    let mut filled = Vec::new();
    for token in spanned(words(template), at) {
        let argument = match &token.token {
            Token::Placeholder(number) => number[1..].parse().ok().and_then(|n: usize| arguments.get(n - 1)),
            _ => None,
        };
        match argument.map(Vec::as_slice) {
            Some([single]) => filled.push(single.clone()),
            Some(several) => {
                filled.push(TokenWithSpan::new(Token::LParen, at));
                filled.extend_from_slice(several);
                filled.push(TokenWithSpan::new(Token::RParen, at));
            }
            None => filled.push(token),
        }
        if filled.len() > MOST_TOKENS {
            return Err("functions nest too deep here; split the statement".to_owned());
        }
    }
    Ok(filled)
}

/// The name that an argument is.
fn word(argument: Option<&Vec<TokenWithSpan>>) -> String {
    match argument.map(Vec::as_slice) {
        Some(
            [
                TokenWithSpan {
                    token: Token::Word(word),
                    ..
                },
            ],
        ) => word.value.to_ascii_uppercase(),
        _ => String::new(),
    }
}

/// `CONVERT(value, SQL_INTEGER)` → `CAST(value AS INTEGER)`.
fn convert(arguments: Vec<Vec<TokenWithSpan>>, at: Span) -> Result<Vec<TokenWithSpan>, String> {
    let name = word(arguments.get(1));
    match TYPES.iter().find(|(known, _)| *known == name) {
        Some((_, sql_type)) if arguments.len() == 2 => fill(&format!("CAST(?1 AS {sql_type})"), &arguments, at),
        _ => Err("CONVERT takes a value and one of ODBC's type names, such as SQL_INTEGER".to_owned()),
    }
}

fn interval(name: &str, mut arguments: Vec<Vec<TokenWithSpan>>, at: Span) -> Result<Vec<TokenWithSpan>, String> {
    let unit = word(arguments.first());
    match UNITS.iter().find(|(known, ..)| *known == unit) {
        Some((_, add, difference)) if arguments.len() == 3 => {
            arguments.remove(0);
            fill(if name == "TIMESTAMPADD" { add } else { difference }, &arguments, at)
        }
        _ => Err(format!("{name} takes an interval such as SQL_TSI_DAY, and two values")),
    }
}

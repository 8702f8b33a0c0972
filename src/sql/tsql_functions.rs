//! T-SQL's functions as a table: their arguments, and what the engine calls them.

use std::ops::ControlFlow;

use sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, Value, VisitMut, VisitorMut,
};
use sqlparser::parser::Parser;

use super::Error;
use super::dialect::ODBC;

/// What a function means to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The engine has it under the same name.
    Itself,
    /// The engine has it under another name.
    Named(&'static str),
    /// An expression; `?1` is the first argument.
    Written(&'static str),
    /// The engine has it; its first argument is a part of a date (`year`, `dd`), not a column.
    OfDatePart,
    /// `CHOOSE(n, a, b …)`.
    Choice,
    /// `STRING_AGG(x, ',') WITHIN GROUP (ORDER BY y)`.
    Ordered,
    /// COALESCE and ISNULL, of any depth one call.
    FirstOf,
    /// `ROUND(x, n, 1)` cuts.
    Cut,
}
use Means::{Choice, Cut, FirstOf, Itself, Named, OfDatePart, Ordered, Written};

/// A chapter of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chapter {
    Text,
    Dates,
    Numbers,
    Json,
    Choices,
    Aggregates,
    Windows,
}

impl Chapter {
    pub const ALL: [Chapter; 7] = [
        Chapter::Text,
        Chapter::Dates,
        Chapter::Numbers,
        Chapter::Json,
        Chapter::Choices,
        Chapter::Aggregates,
        Chapter::Windows,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Chapter::Text => "Text",
            Chapter::Dates => "Dates and times",
            Chapter::Numbers => "Numbers",
            Chapter::Json => "JSON",
            Chapter::Choices => "Choices and NULL",
            Chapter::Aggregates => "Aggregates",
            Chapter::Windows => "Windows (with OVER)",
        }
    }
}
use Chapter::{Aggregates, Choices, Dates, Json, Numbers, Text, Windows};

/// Any number of arguments.
const MANY: usize = usize::MAX;

/// A function of T-SQL.
#[derive(Debug, Clone, Copy)]
pub struct TSql {
    pub name: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
    pub means: Means,
    pub chapter: Chapter,
    /// As the reference shows it.
    pub usage: &'static str,
    pub about: &'static str,
}

const fn row(
    chapter: Chapter,
    name: &'static str,
    arguments: (usize, usize),
    means: Means,
    usage: &'static str,
    about: &'static str,
) -> TSql {
    TSql {
        name,
        arguments,
        means,
        chapter,
        usage,
        about,
    }
}

/// Every function of T-SQL that there is here. Names that are not here are the engine's own.
#[rustfmt::skip]
pub const TSQL: &[TSql] = &[
    row(Text, "ASCII", (1, 1), Itself, "ASCII(text)", "Code of the first character"),
    row(Text, "CHAR", (1, 1), Itself, "CHAR(number)", "The character of a code from 0 to 255, else NULL"),
    row(Text, "CHARINDEX", (2, 3), Itself, "CHARINDEX(part, text[, start])", "Place of the first occurrence, 0 if there is none; compares as `=` does"),
    row(Text, "CONCAT", (2, MANY), Itself, "CONCAT(a, b, …)", "All one after the other; NULL is empty"),
    row(Text, "CONCAT_WS", (3, MANY), Itself, "CONCAT_WS(separator, a, b, …)", "All that are not NULL, with a separator between them"),
    row(Text, "DATALENGTH", (1, 1), Itself, "DATALENGTH(text)", "Bytes: two for each UTF-16 unit of a text"),
    row(Text, "DIFFERENCE", (2, 2), Itself, "DIFFERENCE(a, b)", "How alike two SOUNDEX codes are, 0 to 4"),
    row(Text, "FORMAT", (2, 3), Itself, "FORMAT(value, format[, culture])", "A date or number by a .NET format; the culture is en-US whatever is asked for"),
    row(Text, "LEFT", (2, 2), Itself, "LEFT(text, n)", "The first n characters"),
    row(Text, "LEN", (1, 1), Itself, "LEN(text)", "Characters, without blanks at the end"),
    row(Text, "LOWER", (1, 1), Itself, "LOWER(text)", "In lower case"),
    row(Text, "LTRIM", (1, 2), Itself, "LTRIM(text[, characters])", "Without blanks (or these characters) at the start"),
    row(Text, "NCHAR", (1, 1), Itself, "NCHAR(number)", "The character of a Unicode code"),
    row(Text, "PATINDEX", (2, 2), Itself, "PATINDEX('%pattern%', text)", "Place of the first match of a pattern with %, _, [a-z] and [^a-z]; compares as `=` does"),
    row(Text, "QUOTENAME", (1, 2), Itself, "QUOTENAME(text[, quote])", "In brackets or other quotes, these doubled inside"),
    row(Text, "REPLACE", (3, 3), Itself, "REPLACE(text, part, by)", "Every occurrence replaced; compares as `=` does"),
    row(Text, "REPLICATE", (2, 2), Itself, "REPLICATE(text, n)", "n times; NULL for a negative n"),
    row(Text, "REVERSE", (1, 1), Itself, "REVERSE(text)", "The last character first"),
    row(Text, "RIGHT", (2, 2), Itself, "RIGHT(text, n)", "The last n characters"),
    row(Text, "RTRIM", (1, 2), Itself, "RTRIM(text[, characters])", "Without blanks (or these characters) at the end"),
    row(Text, "SOUNDEX", (1, 1), Itself, "SOUNDEX(text)", "The code of its sound"),
    row(Text, "SPACE", (1, 1), Written("replicate(' ', ?1)"), "SPACE(n)", "n blanks"),
    row(Text, "STR", (1, 3), Itself, "STR(number[, length[, decimals]])", "A number right-justified in so many characters (10), `*` where it does not fit"),
    row(Text, "STUFF", (4, 4), Itself, "STUFF(text, start, length, by)", "With a part replaced by its place"),
    row(Text, "SUBSTRING", (2, 3), Itself, "SUBSTRING(text, start, length)", "A part by its place"),
    row(Text, "TRANSLATE", (3, 3), Itself, "TRANSLATE(text, characters, by)", "Characters replaced one by one"),
    row(Text, "UNICODE", (1, 1), Named("ascii"), "UNICODE(text)", "Unicode code of the first character"),
    row(Text, "UPPER", (1, 1), Itself, "UPPER(text)", "In upper case"),

    row(Dates, "DATEADD", (3, 3), OfDatePart, "DATEADD(part, n, date)", "n parts later"),
    row(Dates, "DATEDIFF", (3, 3), OfDatePart, "DATEDIFF(part, from, to)", "Boundaries of the part between two dates; weeks start on Sunday"),
    row(Dates, "DATEDIFF_BIG", (3, 3), OfDatePart, "DATEDIFF_BIG(part, from, to)", "The same as BIGINT"),
    row(Dates, "DATEFROMPARTS", (3, 3), Itself, "DATEFROMPARTS(year, month, day)", "A date"),
    row(Dates, "DATENAME", (2, 2), OfDatePart, "DATENAME(part, date)", "A part as text, months and weekdays by name"),
    row(Dates, "DATEPART", (2, 2), OfDatePart, "DATEPART(part, date)", "A part as number; Sunday is weekday 1 (DATEFIRST 7)"),
    row(Dates, "DATETIMEFROMPARTS", (7, 7), Itself, "DATETIMEFROMPARTS(year, month, day, hour, minute, second, millisecond)", "A timestamp"),
    row(Dates, "DATETIME2FROMPARTS", (8, 8), Itself, "DATETIME2FROMPARTS(year, month, day, hour, minute, second, fraction, precision)", "A timestamp"),
    row(Dates, "DATETRUNC", (2, 2), OfDatePart, "DATETRUNC(part, date)", "The beginning of the part"),
    row(Dates, "DAY", (1, 1), Itself, "DAY(date)", "Day of the month"),
    row(Dates, "EOMONTH", (1, 2), Itself, "EOMONTH(date[, months])", "Last day of the month (so many months later)"),
    row(Dates, "GETDATE", (0, 0), Written(NOW), "GETDATE()", "Now, in UTC; the same throughout a statement"),
    row(Dates, "GETUTCDATE", (0, 0), Written(NOW), "GETUTCDATE()", "Now"),
    row(Dates, "ISDATE", (1, 1), Itself, "ISDATE(text)", "1 if it can be read as a date, else 0"),
    row(Dates, "MONTH", (1, 1), Itself, "MONTH(date)", "Month, 1 to 12"),
    row(Dates, "SMALLDATETIMEFROMPARTS", (5, 5), Itself, "SMALLDATETIMEFROMPARTS(year, month, day, hour, minute)", "A timestamp"),
    row(Dates, "SYSDATETIME", (0, 0), Written(NOW), "SYSDATETIME()", "Now"),
    row(Dates, "SYSDATETIMEOFFSET", (0, 0), Written(NOW), "SYSDATETIMEOFFSET()", "Now; the offset is always zero"),
    row(Dates, "SYSUTCDATETIME", (0, 0), Written(NOW), "SYSUTCDATETIME()", "Now"),
    row(Dates, "TIMEFROMPARTS", (5, 5), Itself, "TIMEFROMPARTS(hour, minute, second, fraction, precision)", "A time"),
    row(Dates, "YEAR", (1, 1), Itself, "YEAR(date)", "The year"),

    row(Numbers, "ABS", (1, 1), Itself, "ABS(number)", "Without its sign"),
    row(Numbers, "ACOS", (1, 1), Itself, "ACOS(number)", "Arc cosine"),
    row(Numbers, "ASIN", (1, 1), Itself, "ASIN(number)", "Arc sine"),
    row(Numbers, "ATAN", (1, 1), Itself, "ATAN(number)", "Arc tangent"),
    row(Numbers, "ATN2", (2, 2), Named("atan2"), "ATN2(y, x)", "Angle of a point"),
    row(Numbers, "CEILING", (1, 1), Named("ceil"), "CEILING(number)", "The next whole number up"),
    row(Numbers, "COS", (1, 1), Itself, "COS(number)", "Cosine"),
    row(Numbers, "COT", (1, 1), Itself, "COT(number)", "Cotangent"),
    row(Numbers, "DEGREES", (1, 1), Itself, "DEGREES(number)", "Radians in degrees"),
    row(Numbers, "EXP", (1, 1), Itself, "EXP(number)", "e to that power"),
    row(Numbers, "FLOOR", (1, 1), Itself, "FLOOR(number)", "The next whole number down"),
    row(Numbers, "ISNUMERIC", (1, 1), Itself, "ISNUMERIC(value)", "1 if it can be read as a number, else 0"),
    row(Numbers, "LOG", (1, 1), Named("ln"), "LOG(number[, base])", "Natural logarithm, or that to a base"),
    row(Numbers, "LOG", (2, 2), Written("ln(?1) / ln(?2)"), "", ""),
    row(Numbers, "LOG10", (1, 1), Itself, "LOG10(number)", "Logarithm to base 10"),
    row(Numbers, "NEWID", (0, 0), Written("upper(uuid())"), "NEWID()", "A new GUID, as text"),
    row(Numbers, "PI", (0, 0), Itself, "PI()", "3.14159…"),
    row(Numbers, "POWER", (2, 2), Itself, "POWER(number, n)", "To the n-th power"),
    row(Numbers, "RADIANS", (1, 1), Itself, "RADIANS(number)", "Degrees in radians"),
    row(Numbers, "RAND", (0, 0), Named("random"), "RAND()", "At random, from 0 to 1"),
    row(Numbers, "ROUND", (1, 2), Itself, "ROUND(number, n[, 1])", "To n decimals, cut if the third argument is not 0"),
    row(Numbers, "ROUND", (3, 3), Cut, "", ""),
    row(Numbers, "SIGN", (1, 1), Named("signum"), "SIGN(number)", "-1, 0 or 1"),
    row(Numbers, "SIN", (1, 1), Itself, "SIN(number)", "Sine"),
    row(Numbers, "SQRT", (1, 1), Itself, "SQRT(number)", "Square root"),
    row(Numbers, "SQUARE", (1, 1), Written("power(CAST(?1 AS DOUBLE), 2)"), "SQUARE(number)", "Its square, as DOUBLE"),
    row(Numbers, "TAN", (1, 1), Itself, "TAN(number)", "Tangent"),

    row(Json, "ISJSON", (1, 1), Itself, "ISJSON(text)", "1 if it is a JSON object or array, else 0"),
    row(Json, "JSON_QUERY", (1, 2), Itself, "JSON_QUERY(json[, path])", "The object or array at a path such as '$.profile.tags', as its text"),
    row(Json, "JSON_VALUE", (2, 2), Itself, "JSON_VALUE(json, path)", "The text, number or truth value at a path, as text; NULL for an object"),

    row(Choices, "CHOOSE", (2, MANY), Choice, "CHOOSE(n, a, b, …)", "The n-th of the values, NULL if there is none"),
    row(Choices, "COALESCE", (1, MANY), FirstOf, "COALESCE(a, b, …)", "The first that is not NULL"),
    row(Choices, "GREATEST", (1, MANY), Itself, "GREATEST(a, b, …)", "The largest"),
    row(Choices, "IIF", (3, 3), Written("CASE WHEN ?1 THEN ?2 ELSE ?3 END"), "IIF(condition, a, b)", "a if the condition holds, else b"),
    row(Choices, "ISNULL", (2, 2), FirstOf, "ISNULL(a, b)", "a, or b where a is NULL"),
    row(Choices, "LEAST", (1, MANY), Itself, "LEAST(a, b, …)", "The smallest"),
    row(Choices, "NULLIF", (2, 2), Itself, "NULLIF(a, b)", "NULL where a = b, else a"),

    row(Aggregates, "APPROX_COUNT_DISTINCT", (1, 1), Named("approx_distinct"), "APPROX_COUNT_DISTINCT(x)", "How many different values, nearly"),
    row(Aggregates, "AVG", (1, 1), Itself, "AVG(x)", "Mean, as DOUBLE also of whole numbers"),
    row(Aggregates, "COUNT", (1, 1), Itself, "COUNT(*), COUNT([DISTINCT] x)", "Rows, or values that are not NULL"),
    row(Aggregates, "COUNT_BIG", (1, 1), Named("count"), "COUNT_BIG(*)", "The same"),
    row(Aggregates, "MAX", (1, 1), Itself, "MAX(x)", "The largest"),
    row(Aggregates, "MIN", (1, 1), Itself, "MIN(x)", "The smallest"),
    row(Aggregates, "STDEV", (1, 1), Named("stddev"), "STDEV(x)", "Standard deviation of a sample"),
    row(Aggregates, "STDEVP", (1, 1), Named("stddev_pop"), "STDEVP(x)", "Standard deviation of a population"),
    row(Aggregates, "STRING_AGG", (2, 2), Ordered, "STRING_AGG(text, separator) [WITHIN GROUP (ORDER BY …)]", "All that are not NULL, with a separator between them"),
    row(Aggregates, "SUM", (1, 1), Itself, "SUM(x)", "Sum"),
    row(Aggregates, "VAR", (1, 1), Named("var_samp"), "VAR(x)", "Variance of a sample"),
    row(Aggregates, "VARP", (1, 1), Named("var_pop"), "VARP(x)", "Variance of a population"),

    row(Windows, "CUME_DIST", (0, 0), Itself, "CUME_DIST()", "Share of the rows up to here"),
    row(Windows, "DENSE_RANK", (0, 0), Itself, "DENSE_RANK()", "Rank without gaps"),
    row(Windows, "FIRST_VALUE", (1, 1), Itself, "FIRST_VALUE(x)", "Value of the first row of the frame"),
    row(Windows, "LAG", (1, 3), Itself, "LAG(x[, n[, otherwise]])", "Value of the n-th row before"),
    row(Windows, "LAST_VALUE", (1, 1), Itself, "LAST_VALUE(x)", "Value of the last row of the frame"),
    row(Windows, "LEAD", (1, 3), Itself, "LEAD(x[, n[, otherwise]])", "Value of the n-th row after"),
    row(Windows, "NTILE", (1, 1), Itself, "NTILE(n)", "Number of the row's group of n"),
    row(Windows, "PERCENT_RANK", (0, 0), Itself, "PERCENT_RANK()", "Rank between 0 and 1"),
    row(Windows, "RANK", (0, 0), Itself, "RANK()", "Rank with gaps"),
    row(Windows, "ROW_NUMBER", (0, 0), Itself, "ROW_NUMBER()", "Number of the row"),
];

/// A timestamp without an offset, as all others are.
const NOW: &str = "CAST(now() AS TIMESTAMP(6))";

/// A call in the engine's words. Calls of functions that are not in the table stay as they are.
pub(super) fn rewrite(expr: &mut Expr) -> Result<(), Error> {
    let Expr::Function(function) = expr else {
        return Ok(());
    };
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else {
        return Ok(());
    };
    let name = name.value.to_ascii_uppercase();
    let FunctionArguments::List(list) = &mut function.args else {
        return Ok(());
    };
    let count = list.args.len();
    let mut known = TSQL.iter().filter(|row| row.name == name).peekable();
    if known.peek().is_none() {
        return Ok(());
    }
    let Some(row) = known.find(|row| (row.arguments.0..=row.arguments.1).contains(&count)) else {
        return Err(wrong_count(&name, count));
    };
    if row.means == Cut && !matches!(list.args.last(), Some(third) if third.to_string().parse::<i64>().is_ok()) {
        let message = "ROUND's third argument is a number: 0 rounds, any other cuts";
        return Err(Error::Syntax(message.to_owned()));
    }
    type_parameters(row, &mut list.args);
    match row.means {
        Itself => {}
        Named(engine) => function.name = ObjectName::from(vec![Ident::new(engine)]),
        FirstOf => {
            function.name = ObjectName::from(vec![Ident::new("coalesce")]);
            flatten(&mut list.args);
        }
        Cut => {
            let cuts = list.args.pop().is_some_and(|third| third.to_string() != "0");
            function.name = ObjectName::from(vec![Ident::new(if cuts { "trunc" } else { "round" })]);
        }
        OfDatePart => date_part(function),
        Ordered => {
            let order = std::mem::take(&mut function.within_group);
            if !order.is_empty() {
                list.clauses.push(FunctionArgumentClause::OrderBy(order));
            }
        }
        Written(template) => {
            let arguments = arguments(function);
            *expr = written(template, arguments)?;
        }
        Choice => {
            let arguments = arguments(function);
            *expr = choice(arguments)?;
        }
    }
    Ok(())
}

/// Functions of text whose second argument is a number.
const COUNTED: [&str; 2] = ["LEFT", "RIGHT"];

/// A parameter alone has no type, and the engine's functions of numbers take none without.
fn type_parameters(row: &TSql, arguments: &mut [FunctionArg]) {
    let numbers = row.chapter == Numbers && row.name != "ISNUMERIC";
    // Beside a text a parameter is one: what is bound need not be a number because the text is none.
    let texts = (row.means == FirstOf || row.name == "NULLIF") && arguments.iter().any(is_text);
    for (place, argument) in arguments.iter_mut().enumerate() {
        let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument else {
            continue;
        };
        match (row.name, place) {
            ("ROUND", 1 | 2) => typed(expr, DataType::BigInt(None)),
            (name, 1) if COUNTED.contains(&name) => typed(expr, DataType::BigInt(None)),
            _ if numbers => typed(expr, DataType::DoublePrecision),
            _ if texts => typed(expr, DataType::Varchar(None)),
            _ => {}
        }
    }
}

fn is_text(argument: &FunctionArg) -> bool {
    matches!(argument, FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value)))
        if matches!(value.value, Value::SingleQuotedString(_) | Value::NationalStringLiteral(_)))
}

/// A bare parameter gets this type.
pub(super) fn typed(expr: &mut Expr, data_type: DataType) {
    let bare = matches!(expr, Expr::Value(value) if matches!(value.value, Value::Placeholder(_)));
    if bare {
        *expr = Expr::Cast {
            kind: CastKind::Cast,
            expr: Box::new(std::mem::replace(expr, Expr::value(Value::Null))),
            data_type,
            array: false,
            format: None,
        };
    }
}

/// `coalesce(coalesce(a, b), c)` is `coalesce(a, b, c)`: the engine makes each call a CASE that names its arguments twice.
fn flatten(arguments: &mut Vec<FunctionArg>) {
    let inner = |argument: FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Function(Function {
            name,
            args: FunctionArguments::List(list),
            ..
        }))) if name.to_string() == "coalesce" => list.args,
        other => vec![other],
    };
    *arguments = std::mem::take(arguments).into_iter().flat_map(inner).collect();
}

fn wrong_count(name: &str, count: usize) -> Error {
    let ranges = TSQL.iter().filter(|row| row.name == name).map(|row| row.arguments);
    let (fewest, most) = ranges.fold((usize::MAX, 0), |all, one| (all.0.min(one.0), all.1.max(one.1)));
    let takes = match (fewest, most) {
        (fewest, MANY) => format!("at least {fewest}"),
        (fewest, most) if fewest == most => fewest.to_string(),
        (fewest, most) => format!("{fewest} to {most}"),
    };
    Error::Syntax(format!("{name} takes {takes} argument(s), not {count}"))
}

/// The arguments, taken out of the call.
fn arguments(function: &mut Function) -> Vec<Expr> {
    let FunctionArguments::List(list) = &mut function.args else {
        return Vec::new();
    };
    let arguments = std::mem::take(&mut list.args).into_iter();
    let expr = |argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    };
    arguments.filter_map(expr).collect()
}

/// The first argument, a word, as a text: it names no column.
fn date_part(function: &mut Function) {
    if let FunctionArguments::List(list) = &mut function.args
        && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(part))) = list.args.first_mut()
        && let Expr::Identifier(word) = part
    {
        *part = Expr::value(Value::SingleQuotedString(word.value.to_lowercase()));
    }
}

/// A template with its arguments in their places.
fn written(template: &str, arguments: Vec<Expr>) -> Result<Expr, Error> {
    let parsed = Parser::new(&ODBC)
        .try_with_sql(template)
        .and_then(|mut parser| parser.parse_expr());
    let mut expr = parsed.map_err(|error| Error::Syntax(format!("{template}: {error}")))?;
    let _ = VisitMut::visit(&mut expr, &mut Fill(arguments));
    Ok(Expr::Nested(Box::new(expr)))
}

/// No template names an argument twice: a copy at each level of nested calls would add up.
struct Fill(Vec<Expr>);

impl VisitorMut for Fill {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expr
            && let Value::Placeholder(number) = &value.value
            && let Some(number) = number.strip_prefix('?').and_then(|number| number.parse::<usize>().ok())
            && let Some(argument) = self.0.get_mut(number - 1)
        {
            *expr = match std::mem::replace(argument, Expr::value(Value::Null)) {
                argument @ (Expr::BinaryOp { .. } | Expr::UnaryOp { .. }) => Expr::Nested(Box::new(argument)),
                other => other,
            };
        }
        ControlFlow::Continue(())
    }
}

/// `CASE n WHEN 1 THEN a WHEN 2 THEN b END`; of 2.9 the 2 counts.
fn choice(arguments: Vec<Expr>) -> Result<Expr, Error> {
    let values = arguments.len() - 1;
    let whens: String = (1..=values).map(|n| format!(" WHEN {n} THEN ?{}", n + 1)).collect();
    written(&format!("CASE CAST(?1 AS BIGINT){whens} END"), arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::parse;

    fn read(text: &str) -> String {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        parsed.statement.expect("a query").to_string()
    }

    #[test]
    fn every_function_is_read_with_fewest_and_most_arguments() {
        for row in TSQL {
            let (fewest, most) = row.arguments;
            for count in [fewest, most.min(fewest + 2)] {
                let mut arguments: Vec<String> = (1..=count).map(|n| format!("a{n}")).collect();
                if row.means == Cut {
                    arguments[2] = "1".to_owned();
                }
                let text = read(&format!("SELECT {}({})", row.name, arguments.join(", ")));
                let kept = arguments.iter().all(|argument| text.contains(argument.as_str()));
                assert!(kept && !text.contains('?'), "{}: {text}", row.name);
            }
        }
    }

    #[test]
    fn a_wrong_number_of_arguments_is_named() {
        for (text, expected) in [
            ("SELECT LEN()", "LEN takes 1 argument(s), not 0"),
            ("SELECT ROUND(1, 2, 3, 4)", "ROUND takes 1 to 3 argument(s), not 4"),
            (
                "SELECT ROUND(1, 2, a)",
                "ROUND's third argument is a number: 0 rounds, any other cuts",
            ),
            ("SELECT CONCAT('a')", "CONCAT takes at least 2 argument(s), not 1"),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), expected);
        }
    }

    /// A call of ROUND or ISNULL once stood for a CASE with its argument in it twice: 2⁶⁰ of them here.
    #[test]
    fn nested_calls_do_not_grow() {
        for (open, close) in [("ROUND(", ", 1, 0)"), ("ISNULL(", ", 1)"), ("IIF(a = 1, ", ", 2)")] {
            let text = read(&format!("SELECT {}a{}", open.repeat(60), close.repeat(60)));
            assert!(text.len() < 6_000, "{}", text.len());
        }
    }

    #[test]
    fn functions_become_the_engines() {
        for (text, expected) in [
            ("SELECT DATEPART(year, a)", "SELECT DATEPART('year', a)"),
            ("SELECT DATEADD([Day], -30, a)", "SELECT DATEADD('day', -30, a)"),
            ("SELECT ISNULL(a, 1)", "SELECT coalesce(a, 1)"),
            (
                "SELECT ISNULL(COALESCE(a, b), ISNULL(c, 1))",
                "SELECT coalesce(a, b, c, 1)",
            ),
            (
                "SELECT ROUND(a, 1, 1), ROUND(a, 1, 0)",
                "SELECT trunc(a, 1), round(a, 1)",
            ),
            (
                "SELECT IIF(a > 1, b, c)",
                "SELECT (CASE WHEN (a > 1) THEN b ELSE c END)",
            ),
            (
                "SELECT CHOOSE(a, b, c)",
                "SELECT (CASE CAST(a AS BIGINT) WHEN 1 THEN b WHEN 2 THEN c END)",
            ),
            ("SELECT COUNT_BIG(*) FROM t", "SELECT count(*) FROM t"),
            (
                "SELECT STRING_AGG(a, ',') WITHIN GROUP (ORDER BY b) FROM t",
                "SELECT STRING_AGG(a, ',' ORDER BY b) FROM t",
            ),
            ("SELECT LOG(a + 1, b)", "SELECT (ln((a + 1)) / ln(b))"),
            (
                "SELECT POWER(?, 2), LEFT(a, ?), LEN(?), SUBSTRING(a, ?, 1)",
                "SELECT POWER(CAST($1 AS DOUBLE PRECISION), 2), LEFT(a, CAST($2 AS BIGINT)), LEN($3), \
                 SUBSTRING(a, CAST($4 AS BIGINT), 1)",
            ),
        ] {
            assert_eq!(read(text), expected);
        }
    }
}

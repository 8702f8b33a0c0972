//! Statements in, trees (printed as SQL) and messages out.

use sqlparser::dialect::Dialect;

use super::functions::{FUNCTIONS, TYPES, UNITS};
use super::*;

mod hostile;
mod refused;

/// The statement that comes out, as sqlparser prints it.
fn read(text: &str) -> String {
    parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .statement
        .unwrap_or_else(|| panic!("{text} does nothing"))
        .to_string()
}

fn error(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

#[test]
fn names_are_quoted_in_three_ways() {
    for (text, expected) in [
        ("SELECT Id FROM Users", "SELECT Id FROM Users"),
        (
            r#"select "Id" from "Okta"."dbo"."Users""#,
            r#"SELECT "Id" FROM "Okta"."dbo"."Users""#,
        ),
        (
            "SELECT [a]]b] FROM okta.dbo.[Groups]",
            "SELECT [a]b] FROM okta.dbo.[Groups]",
        ),
        ("SELECT `Id` FROM `Users` Users_0", "SELECT `Id` FROM `Users` Users_0"),
        (
            "SELECT okta.dbo.[Groups].Id FROM okta.dbo.[Groups]",
            "SELECT okta.dbo.[Groups].Id FROM okta.dbo.[Groups]",
        ),
        ("SELECT N'é', 'it''s';", "SELECT 'é', 'it''s'"),
        ("/* a /* b */ c */ SELECT 1 -- d", "SELECT 1"),
    ] {
        assert_eq!(read(text), expected);
    }
    let Some(Statement::Query(query)) = parse("SELECT [a]]b]").unwrap().statement else {
        panic!()
    };
    assert!(format!("{query:?}").contains("\"a]b\""));
}

#[test]
fn parameters_are_numbered_in_the_order_of_the_text() {
    let parsed = parse("SELECT '?', ? FROM t WHERE [?] = ? AND {fn LOCATE(?, a)} > ? -- ?").unwrap();
    assert_eq!(parsed.parameters, 4);
    assert_eq!(
        parsed.statement.unwrap().to_string(),
        "SELECT '?', $1 FROM t WHERE [?] = $2 AND strpos(a, $3) > $4"
    );
    assert_eq!(
        error("SELECT $1"),
        "Syntax error at line 1, column 8, near '$1': parameters are written ?, not $1"
    );
}

#[test]
fn every_way_to_limit_becomes_limit() {
    for (text, expected) in [
        ("SELECT TOP 5 * FROM Users", "SELECT * FROM Users LIMIT 5"),
        (
            "SELECT DISTINCT TOP 5 a FROM t ORDER BY a",
            "SELECT DISTINCT a FROM t ORDER BY a LIMIT 5",
        ),
        ("SELECT TOP (?) a FROM t", "SELECT a FROM t LIMIT $1"),
        ("SELECT TOP 0 a FROM t", "SELECT a FROM t LIMIT 0"),
        ("SELECT a FROM t LIMIT 5 OFFSET 2", "SELECT a FROM t LIMIT 5 OFFSET 2"),
        (
            "SELECT a FROM t ORDER BY a OFFSET ? ROWS FETCH FIRST ? ROWS ONLY",
            "SELECT a FROM t ORDER BY a LIMIT $2 OFFSET $1",
        ),
        (
            "SELECT a FROM t ORDER BY a OFFSET 3 ROWS",
            "SELECT a FROM t ORDER BY a OFFSET 3",
        ),
        ("SELECT a FROM t FETCH FIRST ROW ONLY", "SELECT a FROM t LIMIT 1"),
        (
            "SELECT * FROM (SELECT TOP 3 a FROM t ORDER BY a) x",
            "SELECT * FROM (SELECT a FROM t ORDER BY a LIMIT 3) x",
        ),
        (
            "SELECT TOP 1 a FROM t UNION ALL SELECT b FROM u",
            "(SELECT a FROM t LIMIT 1) UNION ALL SELECT b FROM u",
        ),
        (
            "SELECT a FROM t ORDER BY a\n OFFSET 0 ROWS\n FETCH FIRST ? + ? ROWS ONLY",
            "SELECT a FROM t ORDER BY a LIMIT $1 + $2 OFFSET 0",
        ),
        ("SELECT TOP ? a FROM t", "SELECT a FROM t LIMIT $1"),
        (
            "SELECT TOP 3 WITH TIES a AS b, c FROM t ORDER BY b DESC, 2",
            "SELECT a AS b, c FROM t QUALIFY rank() OVER (ORDER BY a DESC, c) <= 3 ORDER BY b DESC, 2",
        ),
        (
            "SELECT TOP 0.5 PERCENT a FROM t",
            "SELECT a FROM t QUALIFY row_number() OVER () <= ceil(count(*) OVER () * 0.5 / 100.0)",
        ),
        (
            "SELECT DISTINCT TOP 5 PERCENT a FROM t ORDER BY a",
            "SELECT * FROM (SELECT DISTINCT a FROM t) AS okta_rows QUALIFY row_number() OVER (ORDER BY a) <= \
             ceil(count(*) OVER () * 5 / 100.0) ORDER BY a",
        ),
        (
            "SELECT DISTINCT TOP 5 WITH TIES t.a, b + 1 FROM t ORDER BY 2, t.a",
            "SELECT * FROM (SELECT DISTINCT t.a, b + 1 AS \"b + 1\" FROM t) AS okta_rows QUALIFY rank() OVER \
             (ORDER BY \"b + 1\", a) <= 5 ORDER BY \"b + 1\", a",
        ),
        (
            "SELECT a AS b, b AS a FROM t UNION SELECT 1, 2 ORDER BY a FETCH FIRST 1 ROW WITH TIES",
            "SELECT * FROM (SELECT a AS b, b AS a FROM t UNION SELECT 1, 2) AS okta_rows QUALIFY rank() OVER \
             (ORDER BY a) <= 1 ORDER BY a",
        ),
    ] {
        assert_eq!(read(text), expected);
    }
    for text in [
        "SELECT TOP 5 WITH TIES a FROM t",
        "SELECT TOP 5 PERCENT a FROM t LIMIT 2",
        "SELECT TOP 5 a FROM t LIMIT 2",
        "SELECT TOP 5 a FROM t FETCH FIRST 2 ROWS ONLY",
        "SELECT TOP 5 WITH TIES * FROM t ORDER BY 1",
    ] {
        assert!(matches!(parse(text), Err(Error::Syntax(_))), "{text}");
    }
}

#[test]
fn escapes_are_resolved() {
    for (text, expected) in [
        ("SELECT {d '2024-01-31'}", "SELECT CAST('2024-01-31' AS DATE)"),
        ("SELECT { D  '2024-01-31' }", "SELECT CAST('2024-01-31' AS DATE)"),
        ("SELECT {t '10:00:00'}", "SELECT CAST('10:00:00' AS TIME)"),
        (
            "SELECT {ts '2024-01-31 10:00:00'}",
            "SELECT CAST('2024-01-31 10:00:00' AS TIMESTAMP(6))",
        ),
        (
            "SELECT {guid '00000000-0000-0000-0000-000000000000'}",
            "SELECT '00000000-0000-0000-0000-000000000000'",
        ),
        (
            "SELECT a FROM t WHERE a LIKE 'x/_%' {escape '/'}",
            "SELECT a FROM t WHERE a LIKE 'x/_%' ESCAPE '/'",
        ),
        (
            "SELECT * FROM {oj a LEFT OUTER JOIN b ON a.x = b.y} WHERE 1 = 1",
            "SELECT * FROM a LEFT OUTER JOIN b ON a.x = b.y WHERE 1 = 1",
        ),
        (
            "SELECT {fn UCASE({fn CONCAT(a, 'x')})} FROM t",
            "SELECT upper(((a || 'x'))) FROM t",
        ),
        ("SELECT {fn CONVERT(a, SQL_INTEGER)}", "SELECT CAST(a AS INTEGER)"),
        ("SELECT {fn EXTRACT(YEAR FROM a)}", "SELECT EXTRACT(YEAR FROM a)"),
        ("SELECT {fn CURRENT_DATE}", "SELECT current_date()"),
        ("SELECT {fn COUNT(*)} FROM t", "SELECT COUNT(*) FROM t"),
        ("SELECT {fn LENGTH(a + b)}", "SELECT character_length(rtrim((a + b)))"),
        ("SELECT '{d ''x''}', \"{fn}\" -- {fn", "SELECT '{d ''x''}', \"{fn}\""),
        (
            "SELECT --(*vendor(Microsoft),product(ODBC) fn CURDATE() *)--\n, 1",
            "SELECT current_date(), 1",
        ),
        (
            "SELECT --(*vendor(Microsoft),product(ODBC) d '2024-01-31'*)-- , 2",
            "SELECT CAST('2024-01-31' AS DATE), 2",
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn broken_escapes_say_what_is_wrong() {
    for (text, expected) in [
        (
            "SELECT {d 2024}",
            "column 8, near '{d 2024}': a date is written {d 'yyyy-mm-dd'}",
        ),
        ("SELECT {fn UCASE(a)", "the escape that starts here has no }"),
        ("SELECT 1}", "column 9, near '}': } without {"),
        ("SELECT {fn LEFT(a)}", "LEFT takes 2 argument(s), not 1"),
        ("SELECT {fn LOCATE(a)}", "LOCATE takes 2 or 3 argument(s), not 1"),
        (
            "SELECT {fn CONVERT(a, INT)}",
            "CONVERT takes a value and one of ODBC's type names",
        ),
        (
            "SELECT {fn TIMESTAMPADD(DAY, 1, a)}",
            "TIMESTAMPADD takes an interval such as SQL_TSI_DAY",
        ),
        (
            "{call p(?)}",
            "{call p} at line 1, column 1 is not supported: there are no procedures",
        ),
        (
            "{? = call p}",
            "{call p} at line 1, column 1 is not supported: there are no procedures",
        ),
        ("SELECT {x 1}", "this ODBC escape is not known"),
    ] {
        let message = error(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
    let nested = format!("SELECT {}1{}", "{fn ABS(".repeat(100_000), ")}".repeat(100_000));
    assert!(matches!(parse(&nested), Err(Error::TooComplex(_))));
    let growing = format!("SELECT {}'a'{}", "{fn INSERT(".repeat(100), ", 1, 2, 'b')}".repeat(100));
    assert!(parse(&growing).is_err());
}

#[test]
fn native_keeps_the_text_around_escapes() {
    let text = "SELECT  Id,\n\t'it''s {d}' FROM [Users] WHERE Created >= {ts '2024-01-01 00:00:00'} AND a = ? -- {d}";
    let expected = "SELECT  Id,\n\t'it''s {d}' FROM [Users] WHERE Created >= CAST('2024-01-01 00:00:00' AS TIMESTAMP) AND a = ? -- {d}";
    assert_eq!(native(text).unwrap(), expected);
    assert_eq!(native("").unwrap(), "");
    assert!(native("SELECT {d x}").is_err());
}

/// "Outer Join Escape Sequence": an outer join may stand where a table does, its ON before the other's. Joins that
/// follow one another still bind to the left.
#[test]
fn joins_nest_without_parentheses() {
    let nested = "t LEFT JOIN (u LEFT JOIN v ON u.b = v.c) ON t.a = u.b";
    for text in [
        "t LEFT JOIN u LEFT JOIN v ON u.b = v.c ON t.a = u.b",
        "{oj t LEFT JOIN u LEFT JOIN v ON u.b = v.c ON t.a = u.b}",
        "{oj t LEFT JOIN {oj u LEFT JOIN v ON u.b = v.c} ON t.a = u.b}",
    ] {
        assert_eq!(
            read(&format!("SELECT 1 FROM {text}")).to_uppercase(),
            read(&format!("SELECT 1 FROM {nested}")).to_uppercase(),
            "{text}"
        );
    }
    let left = "t NATURAL JOIN u LEFT JOIN v ON t.a = v.c LEFT JOIN w ON t.a = w.d";
    assert!(!read(&format!("SELECT 1 FROM {left}")).contains('('), "{left}");
}

/// "Procedure Call Escape Sequence", in the forms of the reference; there are no procedures, so none runs.
#[test]
fn native_writes_calls_as_t_sql_does() {
    for (escape, wanted) in [
        ("{call p}", "EXEC p"),
        ("{CALL p()}", "EXEC p"),
        ("{ call dbo.p ( ? , 1 ) }", "EXEC dbo.p ? , 1"),
        ("{?=call f(?)}", "EXEC ? = f ?"),
        ("{ ? = CALL f }", "EXEC ? = f"),
    ] {
        assert_eq!(native(escape).unwrap(), wanted, "{escape}");
        assert!(matches!(parse(escape), Err(Error::Unsupported(_))), "{escape}");
    }
}

#[test]
fn every_function_expands_to_sql_that_parses() {
    for (name, count, template) in FUNCTIONS {
        let arguments: Vec<String> = (1..=*count).map(|n| format!("a{n}")).collect();
        let text = read(&format!("SELECT {{fn {name}({})}} FROM t", arguments.join(", ")));
        for argument in &arguments {
            let ignored = template.find('?').is_none();
            assert!(ignored || text.contains(argument.as_str()), "{name}: {text}");
        }
        assert!(!text.contains('?'), "{name}: {text}");
    }
    for (name, sql_type) in TYPES {
        let cast = read(&format!("SELECT {{fn CONVERT(a, {name})}}"));
        assert_eq!(
            cast.replace(',', ", ").replace("  ", " "),
            format!("SELECT CAST(a AS {sql_type})"),
            "{name}"
        );
    }
    for (unit, ..) in UNITS {
        for name in ["TIMESTAMPADD", "TIMESTAMPDIFF"] {
            let text = read(&format!("SELECT {{fn {name}({unit}, b1, b2)}}"));
            assert!(
                text.contains("b1") && text.contains("b2") && !text.contains('?'),
                "{text}"
            );
        }
    }
}

#[test]
fn one_statement_at_a_time() {
    assert_eq!(parse("").unwrap_err(), Error::Empty);
    assert_eq!(parse(" ;\n-- nothing\n").unwrap_err(), Error::Empty);
    assert_eq!(parse("SELECT 1; SELECT 2").unwrap_err(), Error::SeveralStatements);
    assert_eq!(read("SELECT 1;;"), "SELECT 1");
    for statement in [
        "INSERT INTO t (a) VALUES (?)",
        "UPDATE t SET a = 1 WHERE b = 2",
        "DELETE FROM t",
    ] {
        parse(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

#[test]
fn statements_about_the_session_do_nothing() {
    for text in [
        "SET NOCOUNT ON",
        "set nocount on;",
        "SET ANSI_NULLS, QUOTED_IDENTIFIER ON",
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "SET TRANSACTION ISOLATION LEVEL SNAPSHOT",
        "SET IDENTITY_INSERT [dbo].[Users] ON",
        "SET LOCK_TIMEOUT -1",
        "SET ROWCOUNT 0",
        "SET DATEFIRST 7",
        "use [okta]",
        "USE Okta;",
        "BEGIN TRANSACTION",
        "BEGIN TRAN a",
        "COMMIT",
        "COMMIT TRANSACTION",
        "ROLLBACK WORK",
        "ROLLBACK TRANSACTION sa_savepoint_1",
        "SAVE TRANSACTION sa_savepoint_1",
        "SAVE TRAN a",
        "ROLLBACK TRAN a",
        "SAVEPOINT sa_savepoint_1",
        "ROLLBACK TO SAVEPOINT sa_savepoint_1",
        "rollback to a",
        "ROLLBACK WORK TO SAVEPOINT a",
        "ROLLBACK AND CHAIN",
        "RELEASE SAVEPOINT sa_savepoint_1",
        "IF @@TRANCOUNT = 0 BEGIN TRANSACTION",
        "IF @@TRANCOUNT > 0 COMMIT TRAN",
        "SET NOCOUNT ON; SET ANSI_WARNINGS OFF; BEGIN TRAN",
    ] {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(parsed.statement.is_none(), "{text}");
    }
    for text in [
        "SET NOCOUNT ON; SELECT 1",
        "SET NOCOUNT ON SELECT 1",
        "USE Okta; SELECT 1; COMMIT",
        "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED\nSELECT 1",
    ] {
        assert_eq!(read(text), "SELECT 1", "{text}");
    }
}

#[test]
fn what_is_no_query_is_named_with_its_place() {
    for (text, expected) in [
        (
            "DECLARE @a INT = 1; SELECT @a",
            "DECLARE at line 1, column 1 is not supported: a statement has parameters (?), no variables",
        ),
        (
            "DECLARE c CURSOR FOR SELECT 1",
            "DECLARE CURSOR at line 1, column 1 is not supported",
        ),
        ("SELECT 1;\n  EXEC sp_who", "EXEC at line 2, column 3 is not supported"),
        (
            "CREATE TABLE #t (a INT)",
            "CREATE TABLE at line 1, column 1 is not supported",
        ),
        ("DROP TABLE Users", "DROP at line 1, column 1 is not supported"),
        (
            "WAITFOR DELAY '00:00:05'",
            "WAITFOR at line 1, column 1 is not supported",
        ),
        ("IF 1 = 1 SELECT 1", "IF at line 1, column 1 is not supported"),
        (
            "USE master",
            "USE MASTER at line 1, column 1 is not supported: there is one database, Okta",
        ),
        ("SET ROWCOUNT 5", "SET ROWCOUNT 5 at line 1, column 1 is not supported"),
        ("SET @a = 1", "SET @A at line 1, column 1 is not supported"),
        (
            "SELECT *\nFROM #t",
            "The temporary table #t at line 2, column 6 is not supported",
        ),
        (
            "SELECT 1 FROM @t",
            "The table variable @t at line 1, column 15 is not supported",
        ),
        ("SELECT @a", "The variable @a at line 1, column 8 is not supported"),
        (
            "SELECT * FROM Users TABLESAMPLE (10 PERCENT)",
            "TABLESAMPLE at line 1, column 21 is not supported",
        ),
    ] {
        match parse(text) {
            Err(Error::Unsupported(message)) => assert!(message.contains(expected), "{text}: {message}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for (beginning, _) in batch::REFUSED {
        let text = match *beginning {
            "DECLARE CURSOR" => "DECLARE c CURSOR".to_owned(),
            other => format!("{other} x"),
        };
        assert!(matches!(parse(&text), Err(Error::Unsupported(_))), "{text}");
    }
    for (option, value) in batch::SETTINGS {
        assert!(parse(&format!("SET {option} {value}")).unwrap().statement.is_none());
        assert!(matches!(parse(&format!("SET {option} 3")), Err(Error::Unsupported(_))));
    }
}

#[test]
fn forms_of_t_sql_become_the_engines() {
    for (text, expected) in [
        (
            "SELECT 1 WHERE a IS 1 AND b IS NOT 0",
            "SELECT 1 WHERE a IS TRUE AND b IS NOT FALSE",
        ),
        ("SELECT 1 WHERE a !< b AND a !> 2", "SELECT 1 WHERE a >= b AND a <= 2"),
        ("SELECT a FROM t OPTION (RECOMPILE, MAXDOP 1)", "SELECT a FROM t"),
        ("SELECT a FROM t (NOLOCK)", "SELECT a FROM t"),
        (
            "SELECT a FROM t WITH (READPAST) JOIN u AS v WITH (NOLOCK) ON t.a = v.a",
            "SELECT a FROM t WITH (READPAST) JOIN u AS v WITH (NOLOCK) ON t.a = v.a",
        ),
        (
            "SELECT EXISTS (SELECT a INTERSECT SELECT ?)",
            "SELECT (a IS NOT DISTINCT FROM $1)",
        ),
        (
            "SELECT 1 WHERE NOT EXISTS (SELECT a, b INTERSECT SELECT c, d)",
            "SELECT 1 WHERE (a IS DISTINCT FROM c OR b IS DISTINCT FROM d)",
        ),
        (
            "WITH r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM R) SELECT n FROM r",
            "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM R) SELECT n FROM r",
        ),
        (
            "WITH Users AS (SELECT * FROM Users) SELECT * FROM Users",
            "WITH Users AS (SELECT * FROM Users) SELECT * FROM Users",
        ),
        (
            "SELECT a FROM t CROSS APPLY (SELECT b FROM u WHERE u.c = t.c) AS x",
            "SELECT a FROM t CROSS JOIN LATERAL (SELECT b FROM u WHERE u.c = t.c) AS x",
        ),
        (
            "SELECT a FROM t OUTER APPLY (SELECT b FROM u) x",
            "SELECT a FROM t LEFT OUTER JOIN LATERAL (SELECT b FROM u) x ON true",
        ),
        ("SELECT CAST(a AS NVARCHAR(3))", "SELECT left(CAST(a AS VARCHAR), 3)"),
        (
            "SELECT CAST(a AS NVARCHAR(max))",
            "SELECT left(CAST(a AS VARCHAR), 2147483647)",
        ),
        (
            "SELECT TRY_CAST (a AS NTEXT)",
            "SELECT left(TRY_CAST(a AS VARCHAR), 2147483647)",
        ),
        (
            "SELECT CONVERT(NVARCHAR(10), a, 120)",
            "SELECT left(CAST(okta_styled(a, 120) AS VARCHAR), 10)",
        ),
        ("SELECT TRY_CONVERT(INT, a)", "SELECT TRY_CAST(a AS INT)"),
        (
            "SELECT CONVERT(DATE, a, 103)",
            "SELECT CAST(okta_parse(a, 103) AS DATE)",
        ),
        ("SELECT @@SPID", "SELECT @@spid()"),
        (
            "SELECT value FROM STRING_SPLIT('a,b', ',') s",
            "SELECT value FROM (SELECT unnest(okta_split('a,b', ',')) AS value) s",
        ),
        (
            "SELECT 1 FROM fn_listextendedproperty(default, NULL)",
            "SELECT 1 FROM fn_listextendedproperty(NULL, NULL)",
        ),
        (
            "SELECT a FROM (VALUES (?), (?)) AS v (a)",
            "SELECT a FROM (VALUES ($1), ($2)) AS v (a)",
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(
        parse("SELECT LEN(a), b, IIF(a = 1, 2, 3), c AS d").unwrap().labels,
        [
            Some("LEN(a)".to_owned()),
            Some("b".to_owned()),
            Some("IIF(a = 1, 2, 3)".to_owned()),
            None
        ]
    );
}

#[test]
fn syntax_errors_name_the_place() {
    for (text, expected) in [
        (
            "SELECT a\nFORM Users WHERE",
            "Syntax error at line 2, column 6, near 'Users WHERE': expected the end of the statement",
        ),
        (
            "SELECT 'open",
            "Syntax error at line 1, column 8, near ''open': Unterminated string literal",
        ),
        (
            "SELECT [open",
            "Syntax error at line 1, column 8, near '[open': expected close delimiter",
        ),
        ("SELECT a FROM", "expected identifier, found its end"),
        (
            "SELEC 1",
            "Syntax error at line 1, column 1, near 'SELEC 1': expected an SQL statement, found SELEC",
        ),
    ] {
        let message = error(text);
        assert!(
            message.to_lowercase().contains(&expected.to_lowercase()),
            "{text}: {message}"
        );
    }
}

#[test]
fn selects_without_from_may_have_where() {
    assert_eq!(read("SELECT 1 WHERE 1!=1"), "SELECT 1 WHERE 1 <> 1");
}

#[test]
fn the_dialect_quotes_names_with_double_quotes() {
    assert_eq!(dialect::ODBC.identifier_quote_style("a"), Some('"'));
}

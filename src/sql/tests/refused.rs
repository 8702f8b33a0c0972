//! What is no query, or holds what there is not: each construct is named, with its line and column.

use super::*;

/// A statement, the construct's name with its place, and what to do instead.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "SELECT NEXT VALUE FOR s",
        "NEXT VALUE FOR at line 1, column 8",
        "ROW_NUMBER()",
    ),
    (
        "SELECT *\nFROM OPENROWSET('a', 'b', 'c')",
        "OPENROWSET at line 2, column 6",
        "one data source",
    ),
    (
        "SELECT * FROM OPENROWSET(BULK 'x', SINGLE_CLOB) AS t",
        "OPENROWSET at line 1, column 15",
        "one data source",
    ),
    (
        "SELECT * FROM OPENQUERY(s, 'SELECT 1')",
        "OPENQUERY at line 1, column 15",
        "one data source",
    ),
    (
        "SELECT * FROM OPENJSON('[1]') WITH (a INT '$.a')",
        "OPENJSON at line 1, column 15",
        "JSON_VALUE",
    ),
    (
        "SELECT * FROM t PIVOT (COUNT(a) FOR b IN ([x])) p",
        "PIVOT at line 1, column 17",
        "COUNT(CASE",
    ),
    (
        "SELECT * FROM t UNPIVOT (v FOR c IN (a, b)) p",
        "UNPIVOT at line 1, column 17",
        "CROSS APPLY (VALUES",
    ),
    (
        "SELECT a INTO t FROM Users",
        "SELECT … INTO at line 1, column 10",
        "WITH",
    ),
    (
        "WITH c AS (SELECT 1 AS a)\nSELECT a INTO #t FROM c",
        "SELECT … INTO at line 2, column 10",
        "WITH",
    ),
    (
        "SELECT a FROM t FOR XML AUTO",
        "FOR XML at line 1, column 17",
        "rows and columns",
    ),
    (
        "SELECT (SELECT a FROM t FOR JSON PATH)",
        "FOR JSON at line 1, column 25",
        "rows and columns",
    ),
    (
        "SELECT a FROM t FOR SYSTEM_TIME AS OF '2026-01-01'",
        "FOR SYSTEM_TIME at line 1, column 17",
        "SystemLogs",
    ),
    (
        "SELECT a FROM t GROUP BY a WITH ROLLUP",
        "WITH ROLLUP at line 1, column 28",
        "GROUP BY ROLLUP",
    ),
    ("SELECT PARSE('1' AS INT)", "PARSE at line 1, column 8", "CAST"),
    ("TRUNCATE TABLE Users", "TRUNCATE at line 1, column 1", "no request"),
    (
        "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE",
        "MERGE at line 1, column 1",
        "no request",
    ),
    ("EXPLAIN SELECT 1", "EXPLAIN at line 1, column 1", "log"),
    ("  SHOW TABLES", "SHOW at line 1, column 3", "INFORMATION_SCHEMA"),
    ("{? = call x}", "{call x} at line 1, column 1", "no procedures"),
    ("{call x(1)}", "{call x} at line 1, column 1", "no procedures"),
];

/// A statement that cannot be meant, and where its fault is.
const WRONG: &[(&str, &str)] = &[
    (
        "VALUES (1),(2,3)",
        "line 1, column 13, near '2,3)': the rows of VALUES have as many values as the first, 1; row 2 has 2",
    ),
    ("SELECT * FROM (VALUES (1, 2), (3)) v (a, b)", "line 1, column 32"),
    (
        "SELECT a FROM t WHERE COUNT(*) > 1",
        "line 1, column 23, near 'COUNT(*) > 1': COUNT of the rows of a query cannot stand in its WHERE",
    ),
    ("SELECT a FROM t\nWHERE a = 1 AND 2 < sum(b)", "line 2, column 21"),
];

#[test]
fn constructs_are_named_with_their_place_and_what_to_write() {
    for (text, place, instead) in REFUSED {
        match parse(text) {
            Err(Error::Unsupported(message)) => {
                let found = message.starts_with(&format!("{place} is not supported: "));
                assert!(found && message.contains(instead), "{text}: {message}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    for (construct, reason) in constructs::REFUSED {
        let text = format!("SELECT a FROM t x {construct} 1)");
        match parse(&text) {
            Err(Error::Unsupported(message)) => {
                assert!(
                    message.contains("at line 1, column 19") && message.contains(reason),
                    "{text}: {message}"
                );
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

/// What reached the engine was refused there, where no token has a place: COMMENT ON had no line and no column.
#[test]
fn whatever_sqlparser_reads_is_a_query_a_write_of_the_session_or_refused_with_its_place() {
    const READ: &[&str] = &["SELECT", "WITH", "VALUES", "FROM", "INSERT", "UPDATE", "DELETE"];
    const SESSION: &[&str] = &["SET", "USE", "START", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK"];
    let mut begin = 0;
    // END-EXEC is three tokens.
    for keyword in sqlparser::keywords::ALL_KEYWORDS
        .iter()
        .filter(|word| !word.contains('-'))
    {
        let read = Parser::new(&ODBC)
            .try_with_sql(keyword)
            .and_then(|mut parser| parser.parse_statement());
        if read.is_err_and(|error| error.to_string().contains("Expected: an SQL statement")) {
            continue;
        }
        begin += 1;
        if READ.contains(keyword) || SESSION.contains(keyword) || batch::defines(keyword) {
            continue;
        }
        match parse(&format!("SELECT 1;\n  {keyword} x")) {
            Err(Error::Unsupported(message)) => {
                let place = format!("{keyword} at line 2, column 3 is not supported: ");
                assert!(message.starts_with(&place), "{message}");
            }
            other => panic!("{keyword}: {other:?}"),
        }
    }
    assert!(begin > 50, "{begin}");
    for (text, place) in [
        ("COMMENT ON TABLE Users IS 'x'", "COMMENT at line 1, column 1"),
        ("SET NOCOUNT ON; PRAGMA x", "PRAGMA at line 1, column 17"),
        ("REPLACE INTO t VALUES (1)", "REPLACE at line 1, column 1"),
        ("CASE WHEN 1 = 1 THEN 2 END", "CASE at line 1, column 1"),
    ] {
        if !batch::defines(&place[..7]) {
            assert!(error(text).starts_with(place), "{text}: {}", error(text));
        }
    }
    // An END that nothing began, and a savepoint without a name, are no statements about the session either.
    for text in [
        "END",
        "END TRANSACTION",
        "ROLLBACK TO",
        "ROLLBACK TO SAVEPOINT",
        "SAVEPOINT",
    ] {
        assert!(
            error(text).contains("line 1") || error(text).contains("its end"),
            "{text}: {}",
            error(text)
        );
    }
}

#[test]
fn faults_of_the_tree_have_their_place() {
    for (text, expected) in WRONG {
        let message = error(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
    // The aggregate of a sub-query is its own, and a window's has rows of its own.
    for text in [
        "SELECT a FROM t WHERE a > (SELECT AVG(a) FROM t)",
        "SELECT a FROM t GROUP BY a HAVING COUNT(*) > 1",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u GROUP BY b HAVING MAX(c) > 1)",
    ] {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn columns_may_have_the_names_of_constructs() {
    for text in [
        "SELECT pivot, parse, openjson FROM t AS unpivot",
        "SELECT [into], \"tablesample\" FROM t",
        "SELECT 'SELECT 1 INTO t' -- INTO",
        "INSERT INTO t (a) VALUES (1)",
    ] {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn a_name_before_an_equals_sign_names_a_column() {
    for (text, expected) in [
        ("SELECT x = 1", "SELECT 1 AS x"),
        ("SELECT [a b] = a + 1, b FROM t", "SELECT (a + 1) AS [a b], b FROM t"),
        (
            "SELECT n = (SELECT MAX(a) FROM t)",
            "SELECT (SELECT MAX(a) FROM t) AS n",
        ),
        // With AS, or of a table's column, it is a comparison.
        ("SELECT a = 1 AS x", "SELECT (a = 1) AS x"),
        ("SELECT t.a = 1 FROM t", "SELECT (t.a = 1) FROM t"),
    ] {
        assert_eq!(
            read(text).replace(['(', ')'], ""),
            expected.replace(['(', ')'], ""),
            "{text}"
        );
    }
    assert!(error("SELECT @x = 1").contains("The variable @x at line 1, column 8"));
}

#[test]
fn labels_show_parameters_as_they_were_written() {
    let parsed = parse("SELECT ? + 1, ?, UPPER(?) AS u FROM t WHERE a = ?").unwrap();
    assert_eq!(parsed.parameters, 4);
    assert_eq!(parsed.labels, [Some("? + 1".into()), Some("?".into()), None]);
}

/// A chain of ORs is computed one by one for every row; sixty thousand took a minute.
#[test]
fn many_comparisons_of_a_column_are_one_list() {
    let chain = |n: usize| (0..n).map(|i| format!("a = 'x{i}'")).collect::<Vec<_>>().join(" OR ");
    let text = read(&format!("SELECT a FROM t WHERE {} OR b > 1 OR t.c = 'y'", chain(20)));
    assert_eq!(text.matches(" OR ").count(), 2, "{text}");
    assert!(
        text.contains("a IN ('x0', 'x1', ") && text.contains("t.c IN ('y')"),
        "{text}"
    );
    assert_eq!(
        read(&format!("SELECT 1 WHERE {}", chain(15))).matches(" OR ").count(),
        14
    );
}

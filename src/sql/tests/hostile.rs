//! Statements that are long or deep on purpose: refused or read soon, on the little stack that a caller may have left.

use std::time::{Duration, Instant};

use super::*;

/// Runs on as little stack as an application's thread may have left.
fn on_a_small_stack(test: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(256 * 1024)
            .spawn_scoped(scope, test);
        thread.unwrap().join().unwrap();
    });
}

#[test]
fn a_hundred_thousand_ors_parse_and_drop_on_a_small_stack() {
    on_a_small_stack(|| {
        let long = format!("SELECT * FROM Users WHERE Id = 'a'{}", " OR Id <> 'b'".repeat(100_000));
        let parsed = parse(&long).unwrap();
        let printed = parsed.statement.unwrap().to_string();
        assert_eq!(printed.matches(" OR ").count(), 100_000);
        let mixed = format!(
            "SELECT 1 WHERE a = 1{}",
            " AND b = 2 OR c BETWEEN 1 AND 2".repeat(50_000)
        );
        parse(&mixed).unwrap();
        let broken = format!("{long} OR");
        assert!(matches!(parse(&broken), Err(Error::Syntax(_))));
        let broken = format!("{long} FROM x");
        assert!(matches!(parse(&broken), Err(Error::Syntax(_))));
    });
}

#[test]
fn what_is_too_deep_or_too_long_is_refused() {
    on_a_small_stack(|| {
        let n = 100_000;
        let cases = [
            format!("SELECT {}1{}", "(".repeat(n), ")".repeat(n)),
            format!("SELECT 1{}", " + 1".repeat(n)),
            format!("SELECT a{}", " || (a)".repeat(n)),
            format!("SELECT {}1", "- ".repeat(n)),
            format!("SELECT {} a", "NOT ".repeat(n)),
            format!("SELECT 1{}", " UNION SELECT 1, 2".repeat(n)),
            format!("SELECT a{}", " BETWEEN 1 AND 2".repeat(n)),
            format!("SELECT a{}", " IN (1, 2)".repeat(n)),
            format!("SELECT a{}", " IS NULL".repeat(n)),
            format!("SELECT {}1{}", "CASE WHEN a THEN ".repeat(n), " END".repeat(n)),
            format!("SELECT {}1{}", "(SELECT ".repeat(n), ")".repeat(n)),
            format!("SELECT * FROM {}t{}", "(".repeat(n), ")".repeat(n)),
            format!("SELECT a{}", "::int".repeat(n)),
            format!("SELECT 1 WHERE 1=1{}", " OR 1=1".repeat(200_001)),
            format!("SELECT '{}'", "x".repeat(3_000_000)),
        ];
        for text in cases {
            let result = parse(&text);
            assert!(
                matches!(result, Err(Error::TooComplex(_))),
                "{} … {:?}",
                &text[..40],
                result.err()
            );
        }
        let wide = format!("SELECT a FROM t WHERE a IN ({}1)", "1, ".repeat(n));
        parse(&wide).unwrap();
    });
}

/// Each once ended the process, or ran for hours: the first three overflowed the stack, the others read the rest of the text, or
/// copied a part of it, for each of its pieces.
#[test]
fn long_forms_of_t_sql_are_read_soon() {
    let n = 50_000;
    let ands = " AND 1 = 1".repeat(n);
    let items = "1, ".repeat(n);
    on_a_small_stack(|| {
        for text in [
            format!("SELECT DISTINCT TOP 5 PERCENT CASE WHEN 1 = 1{ands} THEN 1 END"),
            format!("SELECT TOP 5 WITH TIES CASE WHEN 1 = 1{ands} THEN 1 END AS x ORDER BY x"),
            format!("SELECT 1 WHERE EXISTS (SELECT {items}1 INTERSECT SELECT {items}1)"),
            format!("{}SELECT 1", "SET NOCOUNT ON ".repeat(n)),
            format!("SELECT 1 {}", "FETCH FIRST ".repeat(n)),
            format!("SELECT 1 {}", "OPTION (".repeat(n)),
            format!(
                "SELECT {}CASE WHEN 1 IN ({items}1) THEN 1 END{}",
                "IIF(1 = 1, ".repeat(90),
                ", 2)".repeat(90)
            ),
        ] {
            let start = Instant::now();
            let _ = parse(&text);
            assert!(start.elapsed() < Duration::from_secs(30), "{}", &text[..40]);
        }
    });
}

/// The window of WITH TIES once held a copy of the sub-query that it sorts by: 2⁴⁰ of them here.
#[test]
fn ties_of_sub_queries_do_not_double() {
    let (open, close) = ("(SELECT TOP 1 WITH TIES ", " AS x ORDER BY x)");
    let text = read(&format!("SELECT {}a{}", open.repeat(40), close.repeat(40)));
    assert!(text.len() < 10_000, "{}", text.len());
}

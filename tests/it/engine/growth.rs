//! Time to answer that grows with the statement, not with its square or a power of two: hostile and generated SQL.

use std::time::{Duration, Instant};

use super::Org;

/// Below it a machine's other work decides.
const LEAST: Duration = Duration::from_millis(30);

async fn time(org: &Org, sql: &str) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..2 {
        let start = Instant::now();
        org.try_ask(sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", &sql[..sql.len().min(120)]));
        best = best.min(start.elapsed());
    }
    best.max(LEAST)
}

fn nested(open: &str, inside: &str, close: &str, levels: usize) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

type Statement = fn(usize) -> String;

/// What once took twice as long for each level more, or eight times as long for twice the length.
const GROWING: &[(&str, usize, Statement)] = &[
    ("ISNULL with a function between", 5, |n| {
        format!("SELECT {} FROM Users", nested("ISNULL(UPPER(", "Id", "), 'x')", n))
    }),
    ("COALESCE of what may fail", 5, |n| {
        let close = "), CAST(1 / LEN(Id) AS VARCHAR))";
        format!("SELECT {} FROM Users", nested("COALESCE(UPPER(", "Id", close, n))
    }),
    ("NULLIF of text", 7, |n| {
        format!("SELECT {} FROM Users", nested("NULLIF(", "Status", ", 'x')", n))
    }),
    ("EXISTS in EXISTS", 8, |n| {
        let open = "EXISTS (SELECT 1 FROM Groups WHERE ";
        format!("SELECT Id FROM Users WHERE {}", nested(open, "1 = 1", ")", n))
    }),
    ("an aggregate of a sub-query", 8, |n| {
        format!("SELECT {}", nested("(SELECT MAX(", "1", "))", n))
    }),
    ("a sub-query for a value", 8, |n| {
        format!("SELECT {}", nested("(SELECT ", "1", ")", n))
    }),
    ("TOP PERCENT", 4, |n| {
        let open = "SELECT TOP 50 PERCENT Id FROM (";
        nested(open, "SELECT Id FROM Users", ") x ORDER BY Id", n)
    }),
    ("a sum of many", 200, |n| format!("SELECT {}", vec!["1"; n].join(" + "))),
    ("a sum of many functions", 100, |n| {
        format!("SELECT {} FROM Users", vec!["LEN(Id)"; n].join(" + "))
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn twice_the_statement_takes_no_power_of_the_time() {
    let org = Org::of(5, 2);
    for (what, size, statement) in GROWING {
        let (once, twice) = (
            time(&org, &statement(*size)).await,
            time(&org, &statement(2 * size)).await,
        );
        assert!(twice < once * 6, "{what}: {once:?}, then {twice:?}");
    }
}

/// Each text was searched from every one of its places on.
#[tokio::test(flavor = "multi_thread")]
async fn four_times_the_text_takes_no_square_of_the_time() {
    let org = Org::of(5, 2);
    let searches: [Statement; 2] = [
        |n| format!("SELECT PATINDEX('%a%b%', REPLICATE('a', {n}))"),
        |n| {
            format!(
                "SELECT LEN(REPLACE(Status + REPLICATE('a', {n}), REPLICATE('a', {}) + 'b', 'x')) FROM Users",
                n / 2
            )
        },
    ];
    for search in searches {
        let (once, longer) = (time(&org, &search(20_000)).await, time(&org, &search(80_000)).await);
        assert!(longer < once * 10, "{}: {once:?}, then {longer:?}", search(0));
    }
}

/// 60 levels once stood for 2⁶⁰ checks and expressions.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_levels_give_their_answer() {
    let org = Org::of(5, 2);
    for (sql, expected) in [
        (format!("SELECT {}", nested("(SELECT MAX(", "7", "))", 60)), "7"),
        (format!("SELECT {}", nested("(SELECT ", "7", ")", 60)), "7"),
        (
            format!("SELECT {}", nested("ISNULL(UPPER(", "NULL", "), 'x')", 60)),
            "X",
        ),
        (
            format!(
                "SELECT COUNT(*) FROM Users WHERE {}",
                nested("EXISTS (SELECT 1 FROM Groups WHERE ", "1 = 1", ")", 60)
            ),
            "5",
        ),
        (
            format!(
                "SELECT COUNT(*) FROM Users u WHERE {}",
                nested(
                    "Id IN (SELECT Id FROM Users WHERE Status = u.Status AND ",
                    "1 = 2",
                    ")",
                    20
                )
            ),
            "0",
        ),
    ] {
        assert_eq!(org.ask(&sql).await, [[expected]], "{}", &sql[..60]);
    }
}

/// What is checked of a sub-query is checked in deep ones too.
#[tokio::test(flavor = "multi_thread")]
async fn deep_sub_queries_are_refused_as_shallow_ones_are() {
    let org = Org::of(5, 2);
    let full = "SELECT 1 FROM Groups g FULL JOIN Apps a ON g.ProfileName = u.Id WHERE g.Id IS NULL";
    for levels in [0, 8] {
        let sql = format!(
            "SELECT Id FROM Users u WHERE {}",
            nested(
                "EXISTS (SELECT 1 FROM Users WHERE ",
                &format!("EXISTS ({full})"),
                ")",
                levels
            )
        );
        assert!(org.try_ask(&sql, &[]).await.is_err(), "{levels}");
    }
}

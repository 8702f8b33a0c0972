//! T-SQL over an org: what SQLAlchemy sends, what reaches Okta, what costs nothing.

use std::sync::Arc;

use arrow::array::{Array, Int64Array};
use okta_odbc::engine::Error;
use serde_json::Value;

use super::Org;

fn text<'a>(row: &'a Value, path: &str) -> &'a str {
    row.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The one request that a question costs, percent-decoded.
async fn request(org: &Org, sql: &str, parameters: &[&str]) -> String {
    org.ask_with(sql, parameters).await;
    let requests = org.requests();
    assert_eq!(requests.len(), 1, "{sql}: {requests:?}");
    percent_encoding::percent_decode_str(&requests[0].replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn t_sql_forms_are_pushed_down() {
    let org = Org::of(50, 5);
    for (sql, parameters, sent) in [
        (
            "SELECT Id FROM Users WHERE Status = N'ACTIVE'",
            vec![],
            "status eq \"ACTIVE\"",
        ),
        (
            "SELECT [Users].[Id] FROM [Users] WHERE [Users].[ProfileFirstName] LIKE N'x%'",
            vec![],
            "profile.firstName sw \"x\"",
        ),
        (
            "SELECT Id FROM Users WHERE ProfileLogin = CAST(? AS NVARCHAR(max))",
            vec!["a@example.com"],
            "profile.login eq \"a@example.com\"",
        ),
        (
            "SELECT Id FROM Users WHERE ProfileLogin = CAST(? AS NVARCHAR(200))",
            vec!["a@example.com"],
            "profile.login eq \"a@example.com\"",
        ),
        (
            "SELECT Id FROM Users WHERE ProfileLastName LIKE ? + '%' ESCAPE '/'",
            vec!["mc/_"],
            "profile.lastName sw \"mc_\"",
        ),
        (
            "SELECT Id FROM Users WHERE Created >= CONVERT(DATETIME, '2024-05-06', 120)",
            vec![],
            "created ge \"2024-05-06T00:00:00.000Z\"",
        ),
        (
            "SELECT Id FROM Users WHERE Created >= '20240506 07:08'",
            vec![],
            "created ge \"2024-05-06T07:08:00.000Z\"",
        ),
        (
            "SELECT Id FROM Users WHERE Created BETWEEN '5/6/2024' AND '5/7/2024'",
            vec![],
            "created ge \"2024-05-06T00:00:00.000Z\"",
        ),
        (
            "SELECT Id FROM Users WHERE Created >= DATEADD(month, -1, '2024-03-31')",
            vec![],
            "created ge \"2024-02-29T00:00:00.000Z\"",
        ),
        (
            "SELECT Id FROM Users WHERE Created >= DATEADD(day, ?, CAST('2024-03-31' AS DATETIME))",
            vec!["-30"],
            "created ge \"2024-03-01T00:00:00.000Z\"",
        ),
    ] {
        // Okta quotes instants and texts alike; what stands between the quotes is what is asked for.
        let asked = request(&org, sql, &parameters).await.to_lowercase();
        assert!(asked.contains(&sent.to_lowercase()), "{sql}: {asked}");
    }
    for now in ["GETDATE()", "SYSUTCDATETIME()", "CURRENT_TIMESTAMP"] {
        for since in [format!("DATEADD(day, -30, {now})"), format!("{now} - 30")] {
            let asked = request(&org, &format!("SELECT Id FROM Users WHERE Created >= {since}"), &[]).await;
            assert!(asked.contains("created ge "), "{since}: {asked}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn truth_values_compare_with_numbers() {
    let org = Org::of(5, 2);
    let all = org.ask("SELECT Id FROM UserTypes").await.len();
    let of = |condition: &str| format!("SELECT Id FROM UserTypes WHERE {condition}");
    let defaults = org.ask(&of("\"Default\" IS TRUE")).await;
    assert_eq!(defaults.len(), 1);
    for condition in [
        "[Default] = 1",
        "1 = [Default]",
        "[Default] IS 1",
        "[Default] != 0",
        "[Default] IS NOT 0",
    ] {
        assert_eq!(org.ask(&of(condition)).await, defaults, "{condition}");
    }
    assert_eq!(org.ask(&of("[Default] = 0")).await.len(), all - 1);
    assert_eq!(org.ask_with(&of("[Default] = ?"), &["1"]).await, defaults);
    assert_eq!(org.ask(&of("[Default] = 2 - 1")).await, defaults);
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_and_ties_of_rows_are_right() {
    let org = Org::of(250, 5);
    let users = org.sim.truth("users");
    let rows = org
        .ask("SELECT TOP 10 PERCENT Id, Status AS s FROM Users ORDER BY Created DESC")
        .await;
    assert_eq!(rows.len(), 25);
    let sql = "SELECT TOP 1 WITH TIES Status s, Id FROM Users ORDER BY s";
    let least = users.iter().map(|user| text(user, "/status")).min().unwrap();
    let count = users.iter().filter(|user| text(user, "/status") == least).count();
    let rows = org.ask(sql).await;
    assert!(count > 1 && rows.len() == count && rows.iter().all(|row| row[0] == least));
    // By its place, of rows that are different: all once tied, with the constant 1.
    let rows = org
        .ask("SELECT DISTINCT TOP 1 WITH TIES Status FROM Users ORDER BY 1")
        .await;
    assert_eq!(rows, [[least]]);
    // 100 * (7 / 100.0) is a little more than 7.
    let hundred = "SELECT TOP 7 PERCENT Id FROM (SELECT TOP 100 Id FROM Users ORDER BY Id) u";
    assert_eq!(org.ask(hundred).await.len(), 7);
    let prepared = org.engine.prepare(sql).unwrap();
    let labels: Vec<_> = prepared
        .schema()
        .unwrap()
        .fields()
        .iter()
        .map(|f| f.name().clone())
        .collect();
    assert_eq!(labels, ["s", "Id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_search_follow_the_text_rule() {
    let org = Org::of(50, 2);
    let user = org.sim.truth("users").swap_remove(7);
    let (id, login) = (text(&user, "/id"), text(&user, "/profile/login"));
    let part = login[1..3].to_uppercase();
    let sql = "SELECT CHARINDEX(?, ProfileLogin), REPLACE(ProfileLogin, ?, '~'), PATINDEX('%' + ? + '%', ProfileLogin) \
               FROM Users WHERE Id = ?";
    let rows = org.ask_with(sql, &[&part, &part, &part, id]).await;
    let place = login.to_uppercase().find(&part).unwrap() + 1;
    assert_eq!(rows[0][0], place.to_string(), "{login}");
    assert!(
        !rows[0][1].to_uppercase().contains(&part) && rows[0][1].contains('~'),
        "{rows:?}"
    );
    assert_eq!(rows[0][2], place.to_string(), "{login}");
    // Literals alone decide nothing.
    assert_eq!(org.ask("SELECT CHARINDEX('A', 'banana')").await, [["0"]]);
    assert_eq!(org.ask("SELECT REPLACE('aA', 'A', 'b')").await, [["ab"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_about_the_session_have_no_result_set() {
    let org = Org::of(5, 2);
    for sql in [
        "SET NOCOUNT ON",
        "BEGIN TRANSACTION",
        "USE [okta]",
        "IF @@TRANCOUNT = 0 BEGIN TRANSACTION",
    ] {
        let prepared = org.engine.prepare(sql).unwrap();
        assert!(prepared.schema().is_none(), "{sql}");
        let mut rows = prepared.execute(Vec::new(), None).await.unwrap();
        assert!(rows.next().await.unwrap().is_none(), "{sql}");
    }
    assert_eq!(org.cost(), 0);
    assert!(matches!(
        org.engine.prepare("EXEC sp_who").err(),
        Some(Error::Unsupported(message)) if message.contains("EXEC at line 1, column 1")
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlalchemys_statements_run() {
    let org = Org::of(250, 5);
    let users = org.sim.truth("users");
    let active = users.iter().filter(|user| text(user, "/status") == "ACTIVE").count();
    // As compiled by SQLAlchemy 2.1 for mssql+pyodbc.
    for (sql, parameters, count) in [
        (
            "SELECT [Users].[Id] FROM [Users] ORDER BY [Users].[Id] OFFSET ? ROWS\n FETCH FIRST ? ROWS ONLY",
            vec!["10", "7"],
            7,
        ),
        (
            "SELECT [Users].[Id] FROM [Users] ORDER BY [Users].[Id]\n OFFSET 0 ROWS\n FETCH FIRST ? + ? ROWS ONLY",
            vec!["3", "4"],
            7,
        ),
        (
            "SELECT anon_1.[Id] FROM (SELECT [Users].[Id] AS [Id], ROW_NUMBER() OVER (ORDER BY [Users].[Id]) AS mssql_rn \
             FROM [Users]) AS anon_1 WHERE mssql_rn > ? AND mssql_rn <= ? + ?",
            vec!["2", "3", "4"],
            5,
        ),
        (
            "SELECT okta.dbo.[Users].[Id] FROM okta.dbo.[Users] WHERE okta.dbo.[Users].[Status] = ?",
            vec!["Active"],
            active,
        ),
        (
            "SELECT [Users].[Id] FROM [Users] WHERE EXISTS (SELECT [Users].[Status] INTERSECT SELECT ?)",
            vec!["ACTIVE"],
            active,
        ),
        (
            "SELECT [Users].[Id] FROM [Users] WHERE [Users].[Status] IN (NULL) AND (1 != 1)",
            vec![],
            0,
        ),
        (
            "SELECT TOP 5 anon_1.n FROM (SELECT TOP 9 [Users].[Id] AS n FROM [Users] ORDER BY [Users].[Created]) AS anon_1",
            vec![],
            5,
        ),
        ("SELECT v.a FROM (VALUES (?), (?)) AS v (a)", vec!["x", "y"], 2),
        (
            "SELECT [Users].[Id], CASE WHEN ([Users].[Status] = ?) THEN ? ELSE ? END AS c FROM [Users] WITH (READPAST) \
             JOIN [UserTypes] WITH (NOLOCK) ON [UserTypes].[Default] = 1 WHERE lower([Users].[ProfileLogin]) LIKE lower(?)",
            vec!["ACTIVE", "y", "n", "%"],
            250,
        ),
        (
            "SELECT DATEPART(year, [Users].[Created]) AS y, count(*) AS n FROM [Users] \
             WHERE [Users].[ProfileLogin] COLLATE Latin1_General_CI_AS = [Users].[ProfileLogin] \
             GROUP BY DATEPART(year, [Users].[Created]) HAVING count(*) / (? + 0.0) > 1000",
            vec!["2"],
            0,
        ),
        (
            "WITH r(n) AS (SELECT ? AS n UNION ALL SELECT r.n + ? AS anon_1 FROM r WHERE r.n < ?) SELECT r.n FROM r",
            vec!["1", "1", "5"],
            5,
        ),
        (
            "SELECT TOP 1 power(?, ?) AS p, substring([Users].[Id], ?, ?) AS s, left([Users].[Id], ?) AS l, upper(?) AS u, \
             abs(?) AS a, isnull(?, ?) AS i, replicate(?, ?) AS r, round(?, ?) AS o FROM [Users]",
            vec!["2", "3", "1", "3", "2", "a", "-1", "x", "y", "z", "2", "1.55", "1"],
            1,
        ),
        ("SELECT EXISTS (SELECT 1 FROM [Users]) AS anon_1", vec![], 1),
        (
            "SELECT [Groups].[Id], CASE JSON_VALUE([Groups].[Links], ?) WHEN NULL THEN NULL ELSE JSON_VALUE([Groups].[Links], ?) \
             END AS href, COALESCE(JSON_QUERY([Groups].[Links], ?), JSON_VALUE([Groups].[Links], ?)) AS part FROM [Groups]",
            vec![
                "$.\"users\".\"href\"",
                "$.\"users\".\"href\"",
                "$.\"logo\"",
                "$.\"logo\"",
            ],
            5,
        ),
        (
            "SELECT [Apps].[Id] FROM [Apps] WHERE (CASE JSON_VALUE([Apps].[Settings], ?) WHEN NULL THEN NULL WHEN 'true' THEN 1 \
             WHEN 'false' THEN 0 ELSE CAST(JSON_VALUE([Apps].[Settings], ?) AS BIT) END) = 2",
            vec!["$.\"implicitAssignment\"", "$.\"implicitAssignment\""],
            0,
        ),
        ("SELECT 1", vec![], 1),
        ("SELECT CAST('test max support' AS NVARCHAR(max))", vec![], 1),
    ] {
        let rows = org.try_ask(sql, &parameters).await;
        assert_eq!(
            rows.unwrap_or_else(|error| panic!("{sql}: {error}")).len(),
            count,
            "{sql}"
        );
    }
}

/// A number bound beside a text was read as one, and the text with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_beside_a_text_is_one() {
    let org = Org::of(5, 2);
    for sql in [
        "SELECT ISNULL(?, 'x')",
        "SELECT COALESCE(?, 'x')",
        "SELECT NULLIF(?, 'x')",
        "SELECT COALESCE(NULL, ?, N'x')",
    ] {
        let five: Arc<dyn Array> = Arc::new(Int64Array::from(vec![5]));
        let prepared = org.engine.prepare(sql).unwrap();
        let again = prepared.for_values(std::slice::from_ref(&five));
        let prepared = again.as_ref().unwrap_or(&prepared);
        let mut rows = prepared.execute(vec![five], None).await.unwrap();
        let batch = rows.next().await.unwrap().unwrap();
        assert_eq!(super::texts(&batch), [["5"]], "{sql}");
    }
}

/// What is not wanted is not computed; what cannot fail is computed once.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_that_is_not_null_is_found_without_the_others() {
    let org = Org::of(5, 2);
    for (sql, expected) in [
        ("SELECT TOP 1 ISNULL(LEN(Id), 1 / (LEN(Id) - 20)) FROM Users", "20"),
        (
            "SELECT TOP 1 COALESCE(Id, CAST(1 / 0 AS VARCHAR), 'x') FROM Users ORDER BY Id",
            "{id}",
        ),
        ("SELECT COALESCE(NULL, NULL, 3, 4)", "3"),
        ("SELECT ISNULL(CAST(NULL AS INT), 2)", "2"),
        (
            "SELECT COUNT(*) FROM Users WHERE COALESCE(LastLogin, Created) IS NULL",
            "0",
        ),
        (
            "SELECT COUNT(*) FROM Users WHERE ISNULL(NULLIF(Status, LOWER(Status)), 'same') <> 'same'",
            "0",
        ),
    ] {
        let first = org.ask("SELECT MIN(Id) FROM Users").await.swap_remove(0).swap_remove(0);
        assert_eq!(org.ask(sql).await, [[expected.replace("{id}", &first)]], "{sql}");
    }
}

/// DataFusion makes joins of lateral sub-queries, but of none with a LIMIT.
#[tokio::test(flavor = "multi_thread")]
async fn apply_takes_the_first_rows_for_each_row_outside() {
    let org = Org::of(30, 6);
    let all = org
        .ask("SELECT g.Id, m.UserId FROM Groups g JOIN GroupMembers m ON m.GroupId = g.Id ORDER BY g.Id, m.UserId")
        .await;
    let groups = org.ask("SELECT Id FROM Groups ORDER BY Id").await;
    let of = |group: &str, skip: usize, most: usize| -> Vec<Vec<String>> {
        let members = all.iter().filter(|row| row[0] == group);
        members.skip(skip).take(most).cloned().collect()
    };
    let rows = |skip, most| -> Vec<Vec<String>> { groups.iter().flat_map(|group| of(&group[0], skip, most)).collect() };
    let members = "FROM GroupMembers m WHERE m.GroupId = g.Id ORDER BY m.UserId";
    for (inside, expected) in [
        (format!("SELECT TOP 2 m.UserId {members}"), rows(0, 2)),
        (format!("SELECT TOP (1 + 1) UserId {members}"), rows(0, 2)),
        (
            format!("SELECT m.UserId {members} OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY"),
            rows(1, 2),
        ),
        (format!("SELECT m.UserId {members} OFFSET 3 ROWS"), rows(3, usize::MAX)),
    ] {
        let sql = format!("SELECT g.Id, x.UserId FROM Groups g CROSS APPLY ({inside}) x ORDER BY 1, 2");
        assert_eq!(org.ask(&sql).await, expected, "{sql}");
    }
    let sql = format!("SELECT g.Id, x.UserId FROM Groups g OUTER APPLY (SELECT TOP 1 m.UserId {members}) x ORDER BY 1");
    let first = |group: &Vec<String>| {
        of(&group[0], 0, 1)
            .pop()
            .unwrap_or_else(|| vec![group[0].clone(), "NULL".into()])
    };
    assert_eq!(org.ask(&sql).await, groups.iter().map(first).collect::<Vec<_>>());
    // A window saw the rows of all groups.
    let ties = format!("SELECT TOP 1 WITH TIES m.UserId {members}");
    let numbers =
        "SELECT m.UserId, ROW_NUMBER() OVER (ORDER BY m.UserId) AS n FROM GroupMembers m WHERE m.GroupId = g.Id";
    for inside in [ties, format!("SELECT w.UserId FROM ({numbers}) w WHERE w.n = 1")] {
        let sql = format!("SELECT g.Id, x.UserId FROM Groups g CROSS APPLY ({inside}) x ORDER BY 1");
        assert_eq!(org.ask(&sql).await, rows(0, 1), "{sql}");
    }
    let sql = format!("SELECT g.Id, (SELECT MAX(w.n) FROM ({numbers}) w) FROM Groups g ORDER BY 1");
    for row in org.ask(&sql).await {
        let count = of(&row[0], 0, usize::MAX).len();
        assert_eq!(
            row[1],
            if count == 0 {
                "NULL".to_owned()
            } else {
                count.to_string()
            },
            "{row:?}"
        );
    }
    // What ties them is text, compared without case.
    let sql = "SELECT v.s, x.Id FROM (VALUES ('active'), ('ACTIVE')) v (s) \
               CROSS APPLY (SELECT TOP 3 Id FROM Users WHERE Status = v.s ORDER BY Id) x ORDER BY 1, 2";
    let active = org
        .ask("SELECT TOP 3 Id FROM Users WHERE Status = 'ACTIVE' ORDER BY Id")
        .await;
    let rows = org.ask(sql).await;
    assert_eq!(
        rows.iter().map(|row| &row[1]).collect::<Vec<_>>(),
        active.iter().chain(&active).map(|row| &row[0]).collect::<Vec<_>>()
    );
}

/// Truth tables of SQL-92 §8.7 (quantified comparison) with values, with NULL among them, and with no rows.
#[tokio::test(flavor = "multi_thread")]
async fn any_and_all_are_values_too() {
    let org = Org::of(5, 2);
    let (some, null, none) = (
        "(VALUES (1), (3)) v (b)",
        "(VALUES (1), (3), (NULL)) v (b)",
        "(VALUES (1)) v (b) WHERE b > 9",
    );
    for (question, answers) in [
        // For 1, 2, 3, 4 and NULL beside 1 and 3; beside 1, 3 and NULL; beside nothing.
        ("a = ANY", ["TFTFU", "TUTUU", "FFFFF"]),
        ("a <> ALL", ["FTFTU", "FUFUU", "TTTTT"]),
        ("a < ALL", ["FFFFU", "FFFFU", "TTTTT"]),
        ("a <= ALL", ["TFFFU", "UFFFU", "TTTTT"]),
        ("a > ALL", ["FFFTU", "FFFUU", "TTTTT"]),
        ("a < ANY", ["TTFFU", "TTUUU", "FFFFF"]),
        ("a >= ANY", ["TTTTU", "TTTTU", "FFFFF"]),
        ("a = ALL", ["FFFFU", "FFFFU", "TTTTT"]),
        ("a <> ANY", ["TTTTU", "TTTTU", "FFFFF"]),
    ] {
        for (list, expected) in [some, null, none].iter().zip(answers) {
            let asked = format!("{question} (SELECT b FROM {list})");
            let sql = format!(
                "SELECT CASE WHEN {asked} THEN 'T' WHEN NOT ({asked}) THEN 'F' ELSE 'U' END \
                 FROM (VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, NULL)) w (n, a) ORDER BY n"
            );
            let found: String = org.ask(&sql).await.into_iter().flatten().collect();
            assert_eq!(found, expected, "{asked}");
        }
    }
}

/// Under OR it was true where it is unknown.
#[tokio::test(flavor = "multi_thread")]
async fn not_in_that_reads_the_row_outside_knows_null_under_or() {
    let org = Org::of(5, 2);
    let sql = "SELECT w.n FROM (VALUES (1, 'p'), (2, 'p'), (3, 'q'), (4, 'r')) w (n, k) \
               WHERE w.n NOT IN (SELECT v.b FROM (VALUES ('p', 1), ('p', NULL), ('q', 1)) v (k, b) WHERE v.k = w.k) OR w.n = 9 ORDER BY 1";
    // 1 is in its list, 2 is unknown, 3 is not in its list, the list of 4 is empty.
    assert_eq!(org.ask(sql).await, [["3"], ["4"]]);
}

/// The name is that of the output; the planner sorted by the column of the same name.
#[tokio::test(flavor = "multi_thread")]
async fn order_by_means_the_output_of_that_name() {
    let org = Org::of(5, 2);
    for sql in [
        "SELECT UPPER(a) AS x, SUM(n) AS a FROM (VALUES ('p', 1), ('q', 3), ('r', 2)) v (a, n) GROUP BY UPPER(a) ORDER BY a DESC",
        "SELECT CAST(a AS VARCHAR) AS x, SUM(n) AS a FROM (VALUES ('P', 1), ('Q', 3), ('R', 2)) v (a, n) \
         GROUP BY CAST(a AS VARCHAR) ORDER BY a DESC",
        "SELECT UPPER(a) AS x, n AS a FROM (VALUES ('p', 1), ('q', 3), ('r', 2)) v (a, n) ORDER BY A DESC",
    ] {
        assert_eq!(org.ask(sql).await, [["Q", "3"], ["R", "2"], ["P", "1"]], "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_functions_take_no_time() {
    let org = Org::of(5, 2);
    for (open, inside, close) in [
        ("ISNULL(", "NULL", ", 'x')"),
        ("COALESCE(", "NULL", ", 'x')"),
        ("ROUND(", "1", ", 1, 0)"),
        ("REPLACE(", "'x'", ", 'a', 'b')"),
    ] {
        let sql = format!("SELECT COUNT({}{inside}{})", open.repeat(60), close.repeat(60));
        let soon = tokio::time::timeout(std::time::Duration::from_secs(20), org.ask(&sql)).await;
        assert_eq!(soon.unwrap_or_else(|_| panic!("{open} never ends")), [["1"]]);
    }
}

/// The catalog column behind each result column was once looked for anew for each column of each level: 5¹² times here.
#[tokio::test(flavor = "multi_thread")]
async fn derived_tables_in_derived_tables_take_no_time() {
    let org = Org::of(5, 2);
    let open = "SELECT a, b, c, d, e FROM (".repeat(12);
    let inside = "SELECT Id a, Id b, Id c, Id d, Id e FROM Groups";
    let sql = format!("{open}{inside}{}", ") x".repeat(12));
    let soon = tokio::time::timeout(std::time::Duration::from_secs(20), org.ask(&sql)).await;
    assert_eq!(soon.expect("the rows").len(), org.sim.truth("groups").len());
}

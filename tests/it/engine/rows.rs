//! Rows as Okta has them, whatever was pushed down.

use std::collections::VecDeque;

use arrow::array::RecordBatch;
use okta_odbc::catalog::Custom;
use okta_odbc::engine::{Error, Rows};

use super::{Org, options};

#[tokio::test(flavor = "multi_thread")]
async fn every_user_comes_once_with_its_values() {
    let org = Org::of(450, 5);
    let mut truth: Vec<Vec<String>> = org
        .sim
        .truth("users")
        .iter()
        .map(|user| {
            let text = |path: &str| user.pointer(path).and_then(|v| v.as_str()).unwrap_or("NULL").to_owned();
            vec![
                text("/id"),
                text("/status"),
                text("/profile/login"),
                text("/profile/firstName"),
            ]
        })
        .collect();
    let mut rows = org
        .ask("SELECT Id, Status, ProfileLogin, ProfileFirstName FROM Users")
        .await;
    truth.sort();
    rows.sort();
    assert_eq!(rows, truth);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_attributes_of_groups_are_typed_columns() {
    let org = Org::of(50, 40).with_schemas().await;
    let truth = org.sim.truth("groups");
    let seats = |group: &serde_json::Value| group["profile"]["maxSeats"].as_i64();
    let large = truth
        .iter()
        .filter(|group| seats(group).is_some_and(|seats| seats >= 100));
    let mut wanted: Vec<_> = large
        .map(|group| {
            let private = group["profile"]["isPrivate"].as_bool();
            vec![
                group["id"].as_str().unwrap().to_owned(),
                seats(group).unwrap().to_string(),
                private.map_or_else(|| "NULL".to_owned(), |private| private.to_string()),
            ]
        })
        .collect();
    let mut rows = org
        .ask("SELECT Id, ProfileMaxSeats, ProfileIsPrivate FROM Groups WHERE ProfileMaxSeats >= 100")
        .await;
    wanted.sort();
    rows.sort();
    assert!(!wanted.is_empty());
    assert_eq!(rows, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_where_it_is_named_as_one() {
    let org = Org::of(10, 3);
    for (sql, reads) in [
        ("SELECT 1 FROM groups", true),
        ("SELECT * FROM Okta.dbo.\"Groups\" g", true),
        ("SELECT * FROM [UserGroups]", true),
        (
            "SELECT Id FROM Users WHERE EXISTS (SELECT 1 FROM {oj Groups g LEFT OUTER JOIN Users u ON g.Id = u.Id})",
            true,
        ),
        ("WITH g AS (SELECT * FROM GROUPS) SELECT * FROM g", true),
        ("SELECT 'Groups' AS Groups FROM Users -- FROM Groups", false),
        ("SELECT UserId FROM GroupMembers", false),
        ("SELECT * FROM Users", false),
        ("SELECT FROM FROM Groups", false),
    ] {
        assert_eq!(org.engine.reads(sql, Custom::Group), reads, "{sql}");
    }
    assert_eq!(org.cost(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn pushed_and_unpushed_forms_give_the_same_rows() {
    let org = Org::of(300, 5);
    for (pushed, unpushed) in [
        ("Status = 'active'", "CONCAT(Status, '') = 'active'"),
        ("Status <> 'ACTIVE'", "CONCAT(Status, '') <> 'ACTIVE'"),
        (
            "Status IN ('ACTIVE', 'staged')",
            "CONCAT(Status, '') IN ('active', 'STAGED')",
        ),
        ("ProfileFirstName LIKE 'a%'", "CONCAT(ProfileFirstName, '') LIKE 'A%'"),
        ("ProfileFirstName LIKE '%a%'", "CONCAT(ProfileFirstName, '') LIKE '%A%'"),
        (
            "ProfileDepartment IS NULL",
            "CONCAT(ProfileDepartment, '') = '' OR COALESCE(ProfileDepartment, '-') = '-'",
        ),
        ("LastLogin IS NOT NULL", "NOT (LastLogin IS NULL)"),
        (
            "Created >= '2024-01-01' AND Status = 'ACTIVE' OR Status = 'STAGED'",
            "CONCAT(Status, '') = 'STAGED' OR (Created >= '2024-01-01T00:00:00Z' AND CONCAT(Status, '') = 'ACTIVE')",
        ),
    ] {
        let mut one = org.ask(&format!("SELECT Id FROM Users WHERE {pushed}")).await;
        let mut other = org.ask(&format!("SELECT Id FROM Users WHERE {unpushed}")).await;
        one.sort();
        other.sort();
        assert_eq!(one, other, "{pushed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_is_only_ever_text() {
    let org = Org::of(50, 5);
    for text in [
        "",
        ".",
        "..",
        "me",
        "a/b",
        "%2e%2e",
        "\" or status pr or \"",
        "\\",
        "'",
        "\n",
        "𝄞",
        "a b+c&d=e",
    ] {
        for column in ["Id", "ProfileLogin", "ProfileFirstName", "Status"] {
            let sql = format!("SELECT Id FROM Users WHERE {column} = ?");
            assert_eq!(
                org.ask_with(&sql, &[text]).await,
                Vec::<Vec<String>>::new(),
                "{column} = {text:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fan_out_stops_at_max_requests_and_says_what_would_help() {
    let org = Org::with(
        okta_sim::Options {
            users: 50,
            groups: 20,
            apps: 2,
            ..Default::default()
        },
        okta_odbc::engine::Options {
            max_requests: 7,
            ..options()
        },
    );
    let Err(Error::TooManyRequests(message)) = org.try_ask("SELECT * FROM GroupMembers", &[]).await else {
        panic!("no error");
    };
    assert!(
        message.contains("MaxRequests=7") && message.contains("GroupMembers.GroupId"),
        "{message}"
    );
    assert!(org.cost() <= 8, "{}", org.cost());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_key_is_no_row() {
    let org = Org::of(20, 3);
    assert!(org.ask("SELECT * FROM Users WHERE Id = '00uNOBODY'").await.is_empty());
    assert!(
        org.ask("SELECT * FROM GroupMembers WHERE GroupId = '00gNOBODY'")
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nulls_sort_low() {
    let org = Org::of(100, 3);
    let ascending = org.ask("SELECT LastLogin FROM Users ORDER BY LastLogin").await;
    let nulls = ascending.iter().take_while(|row| row[0] == "NULL").count();
    assert_eq!(nulls, ascending.iter().filter(|row| row[0] == "NULL").count());
    let mut descending = org.ask("SELECT LastLogin FROM Users ORDER BY LastLogin DESC").await;
    descending.reverse();
    assert_eq!(ascending, descending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_and_an_aggregate_larger_than_memory_give_the_same_rows() {
    let of_users = || okta_sim::Options {
        users: 60_000,
        groups: 2,
        apps: 1,
        ..Default::default()
    };
    // The smallest MemoryLimit there is; the rows sorted here take more.
    let tight = okta_odbc::engine::Options {
        memory_limit: 16 << 20,
        ..options()
    };
    let (small, large) = (Org::with(of_users(), tight), Org::with(of_users(), options()));
    for sql in [
        "SELECT ProfileLogin, ProfileFirstName, ProfileStreetAddress FROM Users ORDER BY ProfileLogin",
        "SELECT ProfileLogin, COUNT(*) FROM Users GROUP BY ProfileLogin ORDER BY ProfileLogin",
    ] {
        assert_eq!(small.ask(sql).await, large.ask(sql).await, "{sql}");
    }
    let Err(Error::Memory(message)) = small
        .try_ask("SELECT a.*, b.* FROM Users a JOIN Users b ON a.Id = b.Id", &[])
        .await
    else {
        panic!("a hash join does not spill");
    };
    assert!(message.contains("MemoryLimit"), "{message}");
}

/// tests/apps/differential found it: a column of ROLLUP was compared exactly.
#[tokio::test(flavor = "multi_thread")]
async fn text_grouped_by_rollup_compares_as_text_does() {
    let org = Org::of(120, 2);
    let grouped = |by: &str| {
        format!(
            "SELECT Status, COUNT(*) FROM Users GROUP BY {by} HAVING Status NOT BETWEEN 'DEPROVISIONED' AND 'locked_out' \
             ORDER BY Status"
        )
    };
    let plain = org.ask(&grouped("Status")).await;
    assert!(
        !plain.is_empty() && plain.iter().all(|row| row[0] != "LOCKED_OUT"),
        "{plain:?}"
    );
    assert_eq!(org.ask(&grouped("ROLLUP(Status)")).await, plain);
}

/// Rows without an org, in batches of at most 256.
async fn counted(sql: &str) -> Rows {
    let org = Org::of(1, 1);
    org.engine.prepare(sql).unwrap().execute(vec![], None).await.unwrap()
}

fn counts(batches: &VecDeque<RecordBatch>) -> Vec<usize> {
    batches.iter().map(RecordBatch::num_rows).collect()
}

const THOUSAND: &str = "WITH d AS (SELECT n FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d(n)), \
    t AS (SELECT a.n * 100 + b.n * 10 + c.n AS n FROM d AS a CROSS JOIN d AS b CROSS JOIN d AS c)";

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_ready_come_together_as_far_as_they_are_wanted() {
    let sql = format!("{THOUSAND} SELECT n FROM t ORDER BY n");
    let mut rows = counted(&sql).await;
    let mut all = counts(&rows.next_ready(1).await.unwrap());
    assert_eq!(all.len(), 1);
    let some = counts(&rows.next_ready(300).await.unwrap());
    assert!(some.len() > 1 && some.iter().sum::<usize>() >= 300, "{some:?}");
    all.extend(some);
    loop {
        let next = counts(&rows.next_ready(usize::MAX).await.unwrap());
        if next.is_empty() {
            break;
        }
        all.extend(next);
    }
    assert_eq!(all.iter().sum::<usize>(), 1000, "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_comes_behind_the_rows_before_it_and_ends_the_result() {
    // In the order of a sort, the last row divides by zero.
    let sql = format!("{THOUSAND} SELECT 10 / (999 - n) FROM (SELECT TOP 2000 n FROM t ORDER BY n) AS o");
    let mut rows = counted(&sql).await;
    let before: usize = counts(&rows.next_ready(usize::MAX).await.unwrap()).iter().sum();
    assert!((256..999).contains(&before), "{before}");
    assert!(rows.next_ready(1).await.is_err());
    assert!(rows.next_ready(1).await.unwrap().is_empty());
}

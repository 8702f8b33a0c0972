//! What goes wrong on the way to Okta: the rows are the truth all the same, or the error says what happened.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use okta_odbc::engine::{Error, Options};
use okta_odbc::okta;

use crate::engine::{Org, options};

const USERS: &str = "SELECT Id FROM Users";
const MEMBERS: &str = "SELECT GroupId, UserId FROM GroupMembers";

/// An org of 450 users (three pages) and 6 groups in which these things go wrong.
fn org(faults: &[&str], options: Options) -> Org {
    let fault = faults.iter().map(|text| text.parse().unwrap()).collect();
    let org = okta_sim::Options {
        users: 450,
        groups: 6,
        apps: 2,
        fault,
        ..Default::default()
    };
    Org::with(org, options)
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}

fn users(org: &Org) -> Vec<Vec<String>> {
    let id = |user: &serde_json::Value| vec![user["id"].as_str().unwrap().to_owned()];
    sorted(org.sim.truth("users").iter().map(id).collect())
}

fn members(org: &Org) -> Vec<Vec<String>> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let pair = |member: &serde_json::Value| vec![text(&member["groupId"]), text(&member["id"])];
    sorted(org.sim.truth("groupMembers").iter().map(pair).collect())
}

fn okta_error(result: Result<Vec<Vec<String>>, Error>) -> okta::Error {
    match result {
        Err(Error::Okta(error)) => (*error).clone(),
        other => panic!("not an error of Okta's: {other:?}"),
    }
}

/// A right that is missing and a feature that is missing are different things to mend; each message has the table and its scope.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_list_names_table_scope_and_what_to_do() {
    for (fault, sql, table, scope, remedies) in [
        (
            "/api/v1/users=no-feature",
            USERS,
            "Users",
            "okta.users.read",
            ["E0000015", "does not have the feature"],
        ),
        (
            "/api/v1/logs=no-feature",
            "SELECT Uuid FROM SystemLogs",
            "SystemLogs",
            "okta.logs.read",
            ["E0000015", "does not have the feature"],
        ),
        (
            "/api/v1/groups/{id}/users=no-feature",
            MEMBERS,
            "GroupMembers",
            "okta.groups.read",
            ["E0000015", "GroupMembers of Groups '"],
        ),
        (
            "/api/v1/groups=403",
            MEMBERS,
            "Groups",
            "okta.groups.read",
            ["admin role", "Read-only Administrator"],
        ),
        (
            "/api/v1/groups/{id}/users#1=403",
            MEMBERS,
            "GroupMembers",
            "okta.groups.read",
            ["admin role", "GroupMembers of Groups '"],
        ),
    ] {
        let org = org(&[fault], options());
        let error = okta_error(org.try_ask(sql, &[]).await);
        let is_feature = matches!(error, okta::Error::NotAvailable { .. });
        assert_eq!(is_feature, fault.ends_with("no-feature"), "{fault}: {error:?}");
        let message = error.to_string();
        for part in [&format!("The table {table} "), scope].into_iter().chain(remedies) {
            assert!(message.contains(part), "{fault}: {part} is not in {message}");
        }
    }
}

/// Kinds that a retry mends: one request more than without them.
const MENDED: &[&str] = &["429", "503", "reset", "cut", "gzip", "json", "empty-page"];

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_whole_whichever_of_its_pages_fails_once() {
    for kind in MENDED {
        for page in 1..=3 {
            let org = org(&[&format!("/api/v1/users#{page}={kind}")], options());
            let begun = Instant::now();
            let rows = org.ask(USERS).await;
            assert_eq!(sorted(rows), users(&org), "{kind} of page {page}");
            assert_eq!(org.cost(), 4, "{kind} of page {page}: {:?}", org.sim.requests());
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "{kind}: {:?}",
                begun.elapsed()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fan_out_is_whole_when_a_list_of_it_fails_once() {
    for kind in MENDED {
        for child in 1..=3 {
            let org = org(&[&format!("/api/v1/groups/{{id}}/users#{child}={kind}")], options());
            let rows = org.ask(MEMBERS).await;
            assert_eq!(sorted(rows), members(&org), "{kind} of child {child}");
            assert_eq!(
                org.cost(),
                1 + 6 + 1,
                "{kind} of child {child}: {:?}",
                org.sim.requests()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_read_by_two_scans_is_whole_when_a_page_of_it_fails_once() {
    let twice = "SELECT a.Id FROM Users a JOIN Users b ON a.Id = b.Id";
    for kind in MENDED {
        let org = org(&[&format!("/api/v1/users#2={kind}")], options());
        let rows = org.ask(twice).await;
        assert_eq!(sorted(rows), users(&org), "{kind}");
        assert_eq!(org.cost(), 4, "{kind}: {:?}", org.sim.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_too_large_is_halved_and_stays_so() {
    let org = org(&["/api/v1/users=500>60"], options());
    assert_eq!(sorted(org.ask(USERS).await), users(&org));
    // 200 twice, 100, then pages of 50.
    assert_eq!(org.cost(), 3 + 9, "{:?}", org.sim.requests());
}

/// The page that was halved is asked for again with its half, not with the limit it had before: rows of the next page
/// would come twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_halved_page_that_is_broken_json_is_read_again_with_its_half() {
    for twice in [false, true] {
        let org = org(&["/api/v1/users=500>100", "/api/v1/users#3=json"], options());
        let sql = if twice {
            "SELECT a.Id FROM Users a JOIN Users b ON a.Id = b.Id"
        } else {
            USERS
        };
        assert_eq!(sorted(org.ask(sql).await), users(&org));
        // 200 twice, 100 broken, then pages of 100.
        assert_eq!(org.cost(), 3 + 5, "{:?}", org.sim.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_stays_broken_is_an_error_after_one_more_try() {
    let org = org(&["/api/v1/users#2=json", "/api/v1/users#3=json"], options());
    let error = okta_error(org.try_ask(USERS, &[]).await);
    assert!(matches!(error, okta::Error::BadAnswer { .. }), "{error}");
    assert_eq!(org.cost(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_link_to_another_host_is_followed_on_ours() {
    let org = org(&["/api/v1/users=next-host"], options());
    assert_eq!(sorted(org.ask(USERS).await), users(&org));
    assert_eq!(org.cost(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_repeats_itself_ends_with_an_error() {
    for page in 1..=2 {
        let org = org(&[&format!("/api/v1/users#{page}=next-repeat")], options());
        let error = okta_error(org.try_ask(USERS, &[]).await);
        assert!(
            matches!(&error, okta::Error::BadAnswer { message, .. } if message.contains("repeats")),
            "{error}"
        );
        assert_eq!(org.cost(), page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_ends_the_list_with_oktas_text() {
    for page in 1..=3 {
        let org = org(&[&format!("/api/v1/users#{page}=token-expired")], options());
        let error = okta_error(org.try_ask(USERS, &[]).await);
        assert!(
            matches!(&error, okta::Error::Unauthorized { message, .. } if message.contains("Invalid token provided")),
            "{error}"
        );
        assert_eq!(org.cost(), page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_429_waits_until_reset_and_no_longer() {
    let org = org(&["/api/v1/users#2=429"], options());
    let begun = Instant::now();
    assert_eq!(org.ask(USERS).await.len(), 450);
    // Reset is one second after Date, and one second more is waited.
    let waited = begun.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < Duration::from_secs(4),
        "{waited:?}"
    );
}

/// The groups of the truth that a result lacks, every one of them wholly.
fn missing_groups(org: &Org, rows: Vec<Vec<String>>) -> usize {
    let (truth, rows) = (members(org), sorted(rows));
    let groups = |rows: &[Vec<String>]| rows.iter().map(|row| row[0].clone()).collect::<BTreeSet<_>>();
    let present = groups(&rows);
    let kept: Vec<_> = truth.iter().filter(|row| present.contains(&row[0])).cloned().collect();
    assert_eq!(rows, kept);
    groups(&truth).len() - present.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_deleted_meanwhile_has_no_members() {
    let org = org(&["/api/v1/groups/{id}/users#1=404"], options());
    let rows = org.ask(MEMBERS).await;
    assert_eq!(missing_groups(&org, rows), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_group_fails_the_statement_unless_it_is_to_be_skipped() {
    let fault = ["/api/v1/groups/{id}/users#1=403"];
    let strict = org(&fault, options());
    let error = okta_error(strict.try_ask(MEMBERS, &[]).await);
    assert!(
        matches!(&error, okta::Error::Forbidden { message, .. } if message.contains("GroupMembers of Groups '00g")),
        "{error}"
    );
    let skipping = org(
        &fault,
        Options {
            skip_forbidden: true,
            ..options()
        },
    );
    let rows = skipping.ask(MEMBERS).await;
    assert_eq!(missing_groups(&skipping, rows), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forbidden_list_is_never_skipped() {
    let org = org(
        &["/api/v1/users=403"],
        Options {
            skip_forbidden: true,
            ..options()
        },
    );
    let error = okta_error(org.try_ask(USERS, &[]).await);
    assert!(matches!(error, okta::Error::Forbidden { .. }), "{error}");
}

fn limited(rate_limit: &str, page_size: u32) -> Org {
    let org = okta_sim::Options {
        users: 200,
        groups: 6,
        apps: 2,
        rate_limit: vec![rate_limit.parse().unwrap()],
        ..Default::default()
    };
    Org::with(
        org,
        Options {
            page_size: Some(page_size),
            ..options()
        },
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limiter_waits_before_okta_refuses() {
    // 80 % of 5 are 4 requests in each window of 2 seconds.
    let org = limited("/api/v1/users=5/2", 40);
    let begun = Instant::now();
    assert_eq!(sorted(org.ask(USERS).await), users(&org));
    assert_eq!(org.cost(), 5);
    assert!(org.sim.requests().iter().all(|request| request.status == 200));
    let waited = begun.elapsed();
    assert!(
        waited >= Duration::from_secs(2) && waited < Duration::from_secs(6),
        "{waited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_share_the_limiter() {
    let one = limited("/api/v1/users=5/2", 50);
    let other = one.another(Options {
        page_size: Some(50),
        ..options()
    });
    let read = async |engine: &okta_odbc::engine::Engine| {
        let mut rows = engine.prepare(USERS).unwrap().execute(vec![], None).await.unwrap();
        let mut count = 0;
        while let Some(batch) = rows.next().await.unwrap() {
            count += batch.num_rows();
        }
        count
    };
    let counts = futures::join!(read(&one.engine), read(&other));
    assert_eq!(counts, (200, 200));
    let requests = one.sim.requests();
    assert_eq!(requests.len(), 8);
    assert!(requests.iter().all(|request| request.status == 200), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_at_a_time_is_a_short_pause() {
    let org = okta_sim::Options {
        users: 300,
        groups: 12,
        apps: 2,
        latency_ms: 20,
        concurrency: Some(2),
        ..Default::default()
    };
    let org = Org::with(org, options());
    let begun = Instant::now();
    let rows = org.ask(MEMBERS).await;
    assert_eq!(sorted(rows), members(&org));
    let refused = org
        .sim
        .requests()
        .iter()
        .filter(|request| request.status == 429)
        .count();
    assert!(refused > 0, "the org was never asked too much at a time");
    assert_eq!(org.cost() - refused, 1 + 12);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

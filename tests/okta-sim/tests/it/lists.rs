//! Lists of okta-sim, all pages, against the truth of its org.

use crate::client::{encode, get, rows};
use okta_sim::{Options, Sim};
use serde_json::Value;

fn sim() -> Sim {
    Sim::start(Options {
        users: 731,
        groups: 45,
        apps: 23,
        log_events: Some(1234),
        ..Options::default()
    })
}

fn ids(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["id"].as_str()).collect()
}

type Keeps<'k> = Box<dyn Fn(&Value) -> bool + 'k>;

/// A search and the users that it must find.
fn case<'k>(search: &str, keeps: impl Fn(&Value) -> bool + 'k) -> (String, Keeps<'k>) {
    (search.to_owned(), Box::new(keeps))
}

/// The truth's rows of one parent, without its key.
fn children(truth: &[Value], parent: &str, id: &str) -> Vec<Value> {
    let own = truth.iter().filter(|row| row[parent] == id).cloned();
    own.map(|mut row| {
        if let Some(row) = row.as_object_mut() {
            row.shift_remove(parent);
        }
        row
    })
    .collect()
}

#[test]
fn a_search_lists_every_user_and_the_plain_list_hides_deprovisioned_ones() {
    let sim = sim();
    let truth = sim.truth("users");
    assert_eq!(truth.len(), 731);
    assert_eq!(rows(&sim, "/api/v1/users?search=status+pr"), (truth.clone(), 4));
    let visible: Vec<Value> = truth
        .into_iter()
        .filter(|user| user["status"] != "DEPROVISIONED")
        .collect();
    assert!(visible.len() < 731);
    assert_eq!(rows(&sim, "/api/v1/users?limit=50").0, visible);
    let pages: Vec<String> = sim.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(pages.len(), 4 + visible.len().div_ceil(50));
}

#[test]
fn searches_find_what_a_filter_of_the_truth_finds() {
    let sim = sim();
    let truth = sim.truth("users");
    let text = |user: &Value, pointer: &str| {
        user.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase()
    };
    let middle = truth[365]["created"].as_str().unwrap().to_owned();
    let login = truth[77]["profile"]["login"].as_str().unwrap().to_owned();
    let by_login = format!(
        "profile.login eq \"{}\" or id eq \"{}\"",
        login.to_uppercase(),
        truth[5]["id"].as_str().unwrap()
    );
    let after_middle = format!("created ge \"{middle}\" and profile.department eq \"r&d\"");
    let cases = [
        case("status eq \"active\"", |user| user["status"] == "ACTIVE"),
        case("profile.costCentre sw \"EU-\"", |user| {
            text(user, "/profile/costCentre").starts_with("eu-")
        }),
        case("profile.lastName co \"LÜL\" or profile.lastName co \"ÜLLE\"", |user| {
            text(user, "/profile/lastName").contains("ülle")
        }),
        case("profile.seatNumber gt 4000", |user| {
            user["profile"]["seatNumber"].as_i64().is_some_and(|seat| seat > 4000)
        }),
        case("profile.badgeActive eq true", |user| {
            user["profile"]["badgeActive"] == true
        }),
        case("profile.skills eq \"SQL\"", |user| {
            user["profile"]["skills"]
                .as_array()
                .is_some_and(|skills| skills.contains(&"sql".into()))
        }),
        case(&after_middle, |user| {
            user["created"].as_str() >= Some(middle.as_str()) && user["profile"]["department"] == "R&D"
        }),
        case(&by_login, |user| {
            user["profile"]["login"] == login.as_str() || user["id"] == truth[5]["id"]
        }),
        case("profile.favouriteTeam pr", |user| {
            user["profile"]["favouriteTeam"].is_string()
        }),
        case("profile.mobilePhone lt \"\"", |_| false),
    ];
    for (search, keeps) in cases {
        let expected: Vec<Value> = truth.iter().filter(|user| keeps(user)).cloned().collect();
        let found = rows(&sim, &format!("/api/v1/users?limit=7&search={}", encode(&search))).0;
        assert_eq!(ids(&found), ids(&expected), "{search}");
    }
    let filter = format!("/api/v1/users?filter={}", encode("status eq \"active\""));
    assert_eq!(rows(&sim, &filter).0, Vec::<Value>::new(), "filter is case-sensitive");
    let filter = format!("/api/v1/users?filter={}", encode("status eq \"DEPROVISIONED\""));
    assert!(!rows(&sim, &filter).0.is_empty());
}

#[test]
fn sorted_searches_are_sorted_with_ties_by_id() {
    let sim = sim();
    let truth = sim.truth("users");
    for (by, pointer) in [
        ("created", "/created"),
        ("lastUpdated", "/lastUpdated"),
        ("profile.lastName", "/profile/lastName"),
    ] {
        for order in ["asc", "desc"] {
            let key = |user: &Value| {
                user.pointer(pointer)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_lowercase()
            };
            let mut expected = truth.clone();
            expected.sort_by(|left, right| {
                if order == "asc" {
                    key(left).cmp(&key(right))
                } else {
                    key(right).cmp(&key(left))
                }
            });
            let found = rows(
                &sim,
                &format!("/api/v1/users?search=status+pr&sortBy={by}&sortOrder={order}&limit=100"),
            )
            .0;
            assert_eq!(ids(&found), ids(&expected), "{by} {order}");
        }
    }
    let from = truth[300]["created"].as_str().unwrap();
    let until = truth[500]["created"].as_str().unwrap();
    let search = encode(&format!("created ge \"{from}\" and created lt \"{until}\""));
    let found = rows(
        &sim,
        &format!("/api/v1/users?search={search}&sortBy=created&sortOrder=desc&limit=30"),
    )
    .0;
    let expected = truth
        .iter()
        .filter(|user| user["created"].as_str() >= Some(from) && user["created"].as_str() < Some(until));
    assert_eq!(found.len(), expected.count());
}

#[test]
fn children_are_the_truths_by_their_parent() {
    let sim = sim();
    let (groups, apps, users) = (sim.truth("groups"), sim.truth("apps"), sim.truth("users"));
    assert_eq!(rows(&sim, "/api/v1/groups?limit=20"), (groups.clone(), 3));
    assert_eq!(rows(&sim, "/api/v1/apps"), (apps.clone(), 2));
    assert_eq!(rows(&sim, "/api/v1/meta/types/user").0, sim.truth("userTypes"));
    let mut seen = 0;
    for (resource, parents, key, path) in [
        ("groupMembers", &groups, "groupId", "/api/v1/groups/{}/users?limit=100"),
        ("appUsers", &apps, "appId", "/api/v1/apps/{}/users?limit=100"),
        ("appGroups", &apps, "appId", "/api/v1/apps/{}/groups?limit=1"),
        ("userFactors", &users, "userId", "/api/v1/users/{}/factors"),
        ("userGroups", &users, "userId", "/api/v1/users/{}/groups"),
    ] {
        let truth = sim.truth(resource);
        for id in ids(parents)
            .into_iter()
            .step_by(if parents.len() > 100 { 37 } else { 1 })
        {
            let expected = children(&truth, key, id);
            seen += expected.len();
            assert_eq!(rows(&sim, &path.replace("{}", id)).0, expected, "{resource} of {id}");
        }
    }
    assert!(seen > 2000, "{seen}");
    let scopes: Vec<Value> = sim
        .truth("appUsers")
        .into_iter()
        .map(|row| row["scope"].clone())
        .collect();
    assert!(scopes.contains(&"USER".into()) && scopes.contains(&"GROUP".into()));
}

#[test]
fn single_rows_are_the_lists_rows() {
    let sim = sim();
    let (user, app) = (&sim.truth("users")[3], &sim.truth("apps")[1]);
    let by_login = get(
        &sim,
        &format!("/api/v1/users/{}", encode(user["profile"]["login"].as_str().unwrap())),
    );
    assert_eq!(by_login.json()["id"], user["id"]);
    assert!(by_login.header("etag").starts_with("W/\""));
    assert_eq!(
        get(&sim, &format!("/api/v1/apps/{}", app["id"].as_str().unwrap())).json(),
        *app
    );
    let group = &sim.truth("groups")[2];
    assert_eq!(
        get(&sim, &format!("/api/v1/groups/{}", group["id"].as_str().unwrap())).json(),
        *group
    );
    let member = &sim.truth("appUsers")[0];
    let path = format!(
        "/api/v1/apps/{}/users/{}",
        member["appId"].as_str().unwrap(),
        member["id"].as_str().unwrap()
    );
    assert_eq!(get(&sim, &path).json()["scope"], member["scope"]);
    for nobody in [
        "/api/v1/users/nobody",
        "/api/v1/groups/00gx",
        "/api/v1/apps/x/users",
        "/api/v1/users/x/factors",
    ] {
        let answer = get(&sim, nobody);
        assert_eq!(
            (answer.status, answer.error_code().as_str()),
            (404, "E0000007"),
            "{nobody}"
        );
    }
}

#[test]
fn apps_of_one_person_come_with_the_assignment_embedded() {
    let sim = sim();
    let row = sim.truth("appUsers").pop().unwrap();
    let user = row["id"].as_str().unwrap();
    let filter = encode(&format!("user.id eq \"{user}\""));
    let found = rows(
        &sim,
        &format!("/api/v1/apps?limit=200&filter={filter}&expand=user/{user}"),
    )
    .0;
    let expected = sim
        .truth("appUsers")
        .into_iter()
        .filter(|each| each["id"] == user)
        .count();
    assert_eq!(found.len(), expected);
    assert!(found.iter().all(|app| app["_embedded"]["user"]["id"] == user));
    assert_eq!(get(&sim, "/api/v1/apps?expand=user/x").error_code(), "E0000001");
}

#[test]
fn stats_count_the_members_of_groups() {
    let sim = sim();
    let members = sim.truth("groupMembers");
    for group in rows(&sim, "/api/v1/groups?expand=stats").0 {
        let expected = members.iter().filter(|member| member["groupId"] == group["id"]).count();
        assert_eq!(group["_embedded"]["stats"]["usersCount"], expected, "{}", group["id"]);
    }
}

#[test]
fn bounded_logs_end_and_polled_logs_do_not() {
    let sim = sim();
    let truth = sim.truth("logs");
    assert_eq!(truth.len(), 1234);
    let bounds = "since=2026-01-01T00:00:00.000Z&until=2099-01-01T00:00:00Z";
    let now = chrono::Utc::now();
    let since = (now - chrono::Duration::days(100))
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let bounded = bounds.replace("2026-01-01T00:00:00.000Z", &since);
    assert_eq!(
        rows(&sim, &format!("/api/v1/logs?limit=500&{bounded}")),
        (truth.clone(), 3)
    );
    let mut backwards = rows(&sim, &format!("/api/v1/logs?limit=500&sortOrder=DESCENDING&{bounded}")).0;
    backwards.reverse();
    assert_eq!(backwards, truth);
    let failures = encode("outcome.result eq \"FAILURE\" and eventType eq \"user.session.start\"");
    let found = rows(&sim, &format!("/api/v1/logs?filter={failures}&{bounded}")).0;
    assert_eq!(
        found.len(),
        truth
            .iter()
            .filter(|event| event["outcome"]["result"] == "FAILURE")
            .count()
    );

    let polled = get(&sim, &format!("/api/v1/logs?limit=1000&since={since}"));
    let rest = get(&sim, polled.next().unwrap().trim_start_matches(sim.url()));
    assert_eq!(
        (
            polled.json().as_array().unwrap().len(),
            rest.json().as_array().unwrap().len()
        ),
        (1000, 234)
    );
    let empty = get(&sim, rest.next().unwrap().trim_start_matches(sim.url()));
    assert_eq!(empty.json().as_array().unwrap().len(), 0);
    assert!(empty.next().is_some(), "polling never ends");
    assert_ne!(polled.json()[0], truth[0], "polling follows the order of storing");
}

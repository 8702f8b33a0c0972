//! What questions may cost, in requests (the numbers are those of the project's list of admins' questions).

use serde_json::Value;

use super::Org;

fn pages(rows: usize, page: usize) -> usize {
    rows.div_ceil(page).max(1)
}

fn text<'a>(row: &'a Value, path: &str) -> &'a str {
    row.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_1_one_user_by_id_is_one_get() {
    let org = Org::of(450, 5);
    let id = text(&org.sim.truth("users")[7], "/id").to_owned();
    let rows = org.ask_with("SELECT * FROM Users WHERE Id = ?", &[&id]).await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].contains(&id));
    assert_eq!(org.cost(), 1);
    assert!(
        org.requests()[0].starts_with(&format!("/api/v1/users/{id}?")),
        "{:?}",
        org.requests()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_2_one_user_by_login() {
    let org = Org::of(450, 5);
    let login = text(&org.sim.truth("users")[9], "/profile/login").to_owned();
    let rows = org
        .ask_with(
            "SELECT Id, Status FROM Users WHERE ProfileLogin = ?",
            &[&login.to_uppercase()],
        )
        .await;
    assert_eq!(rows.len(), 1);
    assert_eq!(org.cost(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_3_a_preview() {
    let org = Org::of(450, 5);
    for sql in ["SELECT TOP 5 * FROM Users", "SELECT * FROM Users LIMIT 5"] {
        assert_eq!(org.ask(sql).await.len(), 5, "{sql}");
        assert_eq!(org.cost(), 1, "{sql}: {:?}", org.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_3_closing_after_the_first_rows() {
    let org = Org::of(450, 5);
    for sql in ["SELECT * FROM Users", "SELECT Id FROM Users WHERE CHAR_LENGTH(Id) > 5"] {
        org.sim.reset();
        let mut rows = org.engine.prepare(sql).unwrap().execute(vec![], None).await.unwrap();
        assert!(rows.next().await.unwrap().unwrap().num_rows() >= 5);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        drop(rows);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert_eq!(org.cost(), 1, "{sql}: {:?}", org.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_page_leaves_when_half_of_the_first_is_used_or_more_is_wanted() {
    let org = Org::of(450, 5);
    let prepared = org.engine.prepare("SELECT Id FROM Users").unwrap();
    let soon = || tokio::time::sleep(std::time::Duration::from_millis(300));
    let mut rows = prepared.execute(vec![], None).await.unwrap();
    let first = rows.next().await.unwrap().unwrap().num_rows();
    assert!(first <= 100, "half of a page at most, not {first}");
    assert_eq!(org.cost(), 1);
    rows.next().await.unwrap().unwrap();
    soon().await;
    assert_eq!(org.cost(), 2, "the second half is being used");
    drop(rows);
    org.sim.reset();
    let rows = prepared.execute(vec![], None).await.unwrap();
    rows.read_ahead();
    soon().await;
    assert_eq!(org.cost(), 2, "the caller wants more than it has");
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_4_active_users_are_filtered_and_projected_by_okta() {
    let org = Org::of(900, 5);
    let users = org.sim.truth("users");
    let active = users.iter().filter(|user| text(user, "/status") == "ACTIVE").count();
    let rows = org
        .ask("SELECT Id, ProfileFirstName FROM Users WHERE Status = 'Active'")
        .await;
    assert_eq!(rows.len(), active);
    assert_eq!(org.cost(), pages(active, 200));
    assert!(
        org.requests()
            .iter()
            .all(|r| r.contains("search=") && r.contains("fields=")),
        "{:?}",
        org.requests()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_5_head_count_by_status() {
    let org = Org::of(900, 5);
    let rows = org.ask("SELECT Status, COUNT(*) FROM Users GROUP BY Status").await;
    let total: usize = rows.iter().map(|row| row[1].parse::<usize>().unwrap()).sum();
    assert_eq!(total, 900);
    assert!(rows.iter().any(|row| row[0] == "DEPROVISIONED"), "{rows:?}");
    assert_eq!(org.cost(), pages(900, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_6_changed_since_and_newest_are_sorted_by_okta() {
    let org = Org::of(900, 5);
    let users = org.sim.truth("users");
    let mut updated: Vec<_> = users.iter().map(|user| text(user, "/lastUpdated").to_owned()).collect();
    updated.sort();
    let since = updated[500].clone();
    let changed = updated.iter().filter(|instant| **instant >= since).count();
    let sql = "SELECT Id, LastUpdated FROM Users WHERE LastUpdated >= ? ORDER BY LastUpdated";
    let rows = org.ask_with(sql, &[&since]).await;
    assert_eq!(rows.len(), changed);
    assert!(rows.is_sorted_by_key(|row| row[1].clone()));
    assert_eq!(org.cost(), pages(changed, 200), "{:?}", org.requests());

    let newest = "SELECT TOP 250 Id, Created FROM Users ORDER BY Created DESC";
    let rows = org.ask(newest).await;
    assert_eq!(rows.len(), 250);
    assert!(rows.is_sorted_by(|a, b| a[1] >= b[1]));
    assert_eq!(org.cost(), pages(250, 200), "{:?}", org.requests());
    for sql in ["SELECT Id FROM Users ORDER BY LastUpdated", newest] {
        let plan = org.engine.prepare(sql).unwrap().explain(vec![]).await.unwrap();
        assert!(!plan.contains("Sort"), "{plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_7_idle_users() {
    let org = Org::of(900, 5);
    let users = org.sim.truth("users");
    let active = users.iter().filter(|user| text(user, "/status") == "ACTIVE");
    let limit = "2026-09-01T00:00:00.000Z";
    let idle = active.clone().filter(|user| text(user, "/lastLogin") < limit).count();
    let sql =
        "SELECT ProfileLogin, LastLogin FROM Users WHERE Status='ACTIVE' AND (LastLogin IS NULL OR LastLogin < ?)";
    assert_eq!(org.ask_with(sql, &[limit]).await.len(), idle);
    assert!(org.cost() <= pages(active.count(), 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_9_group_sizes_read_the_groups_once() {
    let org = Org::of(300, 30);
    let members = org.sim.truth("groupMembers");
    let sql = "SELECT g.ProfileName, COUNT(m.UserId) n FROM Groups g LEFT JOIN GroupMembers m ON m.GroupId=g.Id \
               GROUP BY g.ProfileName ORDER BY n";
    let rows = org.ask(sql).await;
    let counted: usize = rows.iter().map(|row| row[1].parse::<usize>().unwrap()).sum();
    assert_eq!(counted, members.len());
    assert!(org.cost() <= pages(30, 200) + 30, "{:?}", org.requests());

    org.ask("SELECT ProfileName, UsersCount FROM Groups").await;
    assert_eq!(org.cost(), 1);
    assert!(org.requests()[0].contains("expand=stats"), "{:?}", org.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_12_failed_sign_ins_are_found_by_okta() {
    let org = Org::of(300, 5);
    let since = "2026-09-20T00:00:00.000Z";
    let failed = org
        .sim
        .truth("logs")
        .iter()
        .filter(|event| {
            text(event, "/eventType") == "user.session.start"
                && text(event, "/outcome/result") == "FAILURE"
                && text(event, "/published") >= since
        })
        .count();
    let sql = "SELECT ActorAlternateId, ClientIpAddress, COUNT(*) FROM SystemLogs WHERE EventType='user.session.start' \
               AND OutcomeResult='FAILURE' AND Published >= ? GROUP BY ActorAlternateId, ClientIpAddress";
    let rows = org.ask_with(sql, &[since]).await;
    let counted: usize = rows.iter().map(|row| row[2].parse::<usize>().unwrap()).sum();
    assert_eq!(counted, failed);
    assert_eq!(org.cost(), pages(failed, 1000), "{:?}", org.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_16_a_custom_attribute_is_searched_by_okta() {
    let org = Org::of(900, 5).with_schemas().await;
    let users = org.sim.truth("users");
    let wanted = users.iter().filter(|user| {
        let centre = text(user, "/profile/costCentre");
        centre.to_uppercase().starts_with("EU-")
    });
    let mut wanted: Vec<_> = wanted
        .map(|user| {
            vec![
                text(user, "/profile/login").to_owned(),
                text(user, "/profile/costCentre").to_owned(),
            ]
        })
        .collect();
    let sql = "SELECT ProfileLogin, ProfileCostCentre FROM Users WHERE ProfileCostCentre LIKE 'EU-%'";
    let mut found = org.ask(sql).await;
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    assert!(wanted.len() > 200 && wanted.len() < 900, "{}", wanted.len());
    assert_eq!(org.cost(), pages(wanted.len(), 200), "{:?}", org.requests());
    assert!(org.requests().iter().all(|request| request.contains("costCentre")));
}

#[tokio::test(flavor = "multi_thread")]
async fn budget_17_extremes_and_empty_questions() {
    let org = Org::of(900, 5);
    let users = org.sim.truth("users");
    let latest = users.iter().map(|user| text(user, "/lastUpdated")).max().unwrap();
    let first = users.iter().map(|user| text(user, "/created")).min().unwrap();
    let same = |shown: &str, json: &str| assert_eq!(format!("{shown}Z"), json.replace(".000Z", "Z"));
    let rows = org.ask("SELECT MAX(LastUpdated) FROM Users").await;
    same(&rows[0][0], latest);
    assert_eq!(org.cost(), 1, "{:?}", org.requests());
    let rows = org.ask("SELECT MIN(u.Created) AS first FROM Users u").await;
    same(&rows[0][0], first);
    assert_eq!(org.cost(), 1, "{:?}", org.requests());
    let exists = "SELECT 1 WHERE EXISTS (SELECT 1 FROM Users WHERE Status = 'ACTIVE')";
    assert_eq!(org.ask(exists).await.len(), 1);
    assert_eq!(org.cost(), 1, "{:?}", org.requests());
    for sql in [
        "SELECT * FROM Users WHERE 1=0",
        "SELECT TOP 0 * FROM Users",
        "SELECT Id FROM Users WHERE Id = NULL",
    ] {
        assert!(org.ask(sql).await.is_empty());
        assert_eq!(org.cost(), 0, "{sql}: {:?}", org.requests());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_as_a_value_reads_its_list_twice_at_most() {
    let org = Org::of(450, 5);
    let groups = "SELECT Id, CASE WHEN Id IN (SELECT ProfileManagerId FROM Users) THEN 1 ELSE 0 END FROM Groups";
    assert_eq!(org.ask(groups).await.len(), 5);
    let lists = org.requests();
    let users = lists.iter().filter(|request| request.contains("/users")).count();
    assert!(users <= 6, "{lists:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counting_reads_keys_only() {
    let org = Org::of(450, 5);
    assert_eq!(org.ask("SELECT COUNT(*) FROM Users").await, [["450"]]);
    assert_eq!(org.cost(), 3);
    assert!(
        org.requests().iter().all(|request| request.contains("fields=id")),
        "{:?}",
        org.requests()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn preparing_asks_nothing() {
    let org = Org::of(10, 2);
    org.sim.reset();
    let prepared = org
        .engine
        .prepare("SELECT Id, Created FROM Users WHERE Created > ? AND ProfileLogin = ?")
        .unwrap();
    let types: Vec<_> = prepared
        .parameters()
        .iter()
        .map(|field| field.data_type().to_string())
        .collect();
    assert_eq!(types, ["Timestamp(ms)", "Utf8"]);
    assert_eq!(org.cost(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_a_union_are_read_in_turn_and_no_further_than_wanted() {
    let org = Org::of(450, 250);
    let numbers = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT x FROM (VALUES (3), (4)) v(x) UNION ALL SELECT 5";
    assert_eq!(org.ask(numbers).await, [["1"], ["2"], ["3"], ["4"], ["5"]]);

    let both = "SELECT Id FROM Users UNION ALL SELECT Id AS GroupId FROM Groups";
    let rows = org.ask(both).await;
    assert_eq!(rows.len(), 450 + 250);
    assert!(rows[..450].iter().all(|row| row[0].starts_with("00u")));
    assert!(rows[450..].iter().all(|row| row[0].starts_with("00g")));
    assert_eq!(org.cost(), pages(450, 200) + pages(250, 200));

    for (sql, asked) in [
        (format!("{both} LIMIT 5"), 1),
        (format!("SELECT TOP 5 * FROM ({both}) u"), 1),
        (format!("SELECT COUNT(*) FROM ({both}) u"), 3 + 2),
        (format!("{both} ORDER BY 1"), 3 + 2),
        // Each part is sorted by Okta, and the two are merged.
        (
            "SELECT Created FROM Users UNION ALL SELECT Created FROM Groups ORDER BY Created".to_owned(),
            3 + 2,
        ),
    ] {
        let rows = org.ask(&sql).await;
        assert_eq!(org.cost(), asked, "{sql}: {:?}", org.requests());
        if sql.contains("ORDER BY") {
            assert!(rows.is_sorted(), "{sql}");
        }
    }
}

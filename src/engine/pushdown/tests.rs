//! What each kind of query sends, case by case.

mod model;

use super::*;
use crate::engine::predicate::{Comparison, Value};

/// 2026-03-01T00:00:00.000Z
const NOW: i64 = 1_772_323_200_000;
const DAY: i64 = 86_400_000;

fn col(table: &Table, name: &str) -> ColumnIndex {
    table
        .column_index(name)
        .unwrap_or_else(|| panic!("{}.{name}", table.name))
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// One scan in the making.
struct Given {
    catalog: Arc<Catalog>,
    table: Arc<Table>,
    predicates: Vec<Predicate>,
    columns: Vec<ColumnIndex>,
    sort: Option<Sort>,
    limit: Option<usize>,
    page_size: Option<u32>,
    case_sensitive: bool,
}

impl Given {
    fn table(name: &str) -> Given {
        let catalog = Catalog::embedded();
        let table = catalog.table(name).unwrap().clone();
        let key = table.primary_key.iter().map(|name| col(&table, name)).collect();
        Given {
            catalog,
            table,
            predicates: vec![],
            columns: key,
            sort: None,
            limit: None,
            page_size: None,
            case_sensitive: false,
        }
    }

    fn reading(mut self, names: &[&str]) -> Given {
        self.columns = names.iter().map(|name| col(&self.table, name)).collect();
        self
    }

    fn reading_everything(mut self) -> Given {
        self.columns = (0..self.table.columns.len()).collect();
        self
    }

    fn when(mut self, predicate: impl Fn(&Table) -> Predicate) -> Given {
        let predicate = predicate(&self.table);
        self.predicates.push(predicate);
        self
    }

    fn eq(self, name: &str, value: Value) -> Given {
        self.when(|t| compare(t, name, Comparison::Eq, value.clone()))
    }

    fn within(self, name: &str, values: &[&str]) -> Given {
        self.when(|t| Predicate::In {
            column: col(t, name),
            values: values.iter().map(|v| text(v)).collect(),
        })
    }

    fn sorted_by(mut self, name: &str, descending: bool) -> Given {
        self.sort = Some(Sort {
            column: col(&self.table, name),
            descending,
        });
        self
    }

    fn limit(mut self, limit: usize) -> Given {
        self.limit = Some(limit);
        self
    }

    fn query(&self) -> Query<'_> {
        Query {
            table: &self.table,
            predicates: &self.predicates,
            columns: &self.columns,
            sort: self.sort,
            limit: self.limit,
            now: NOW,
            page_size: self.page_size,
            case_sensitive: self.case_sensitive,
        }
    }

    fn scan(&self) -> Scan {
        push_down(&self.catalog, &self.query())
    }

    fn calls(&self) -> Vec<Call> {
        match self.scan().access {
            Access::Calls(calls) => calls,
            other => panic!("{other:?}"),
        }
    }

    /// The only request.
    fn request(&self) -> Request {
        let mut calls = self.calls();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0).request
    }

    fn parameter(&self, name: &str) -> Option<String> {
        self.request()
            .query
            .into_iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value)
    }

    fn search(&self) -> String {
        self.parameter("search").expect("a search")
    }

    fn asks_nothing(&self) -> bool {
        self.scan().access == Access::Nothing
    }
}

fn compare(table: &Table, name: &str, op: Comparison, value: Value) -> Predicate {
    Predicate::Compare {
        column: col(table, name),
        op,
        value,
    }
}

#[test]
fn one_user_by_id_is_one_get() {
    let given = Given::table("Users").reading_everything().eq("Id", text("00u1"));
    let calls = given.calls();
    assert_eq!(
        (calls[0].request.path.as_str(), calls[0].answer),
        ("/api/v1/users/00u1", Answer::Row)
    );
    assert_eq!(
        (calls.len(), calls[0].request.query.len(), calls[0].request.limit),
        (1, 0, None)
    );
}

#[test]
fn one_user_by_login_is_one_search_for_the_fields_read() {
    let given = Given::table("Users")
        .reading(&["Id", "Status", "ProfileLogin"])
        .eq("ProfileLogin", text("Ann@example.com"));
    assert_eq!(given.search(), r#"profile.login eq "Ann@example.com""#);
    assert_eq!(given.parameter("fields").as_deref(), Some("id,status,profile:(login)"));
    assert_eq!(
        given.request().content_type.as_deref(),
        Some("application/json; okta-response=omitCredentials,omitCredentialsLinks")
    );
    assert_eq!(
        (given.request().path.as_str(), given.request().limit),
        ("/api/v1/users", Some(200))
    );
}

#[test]
fn a_full_scan_of_users_includes_the_deprovisioned_and_reads_whole_rows() {
    let given = Given::table("Users").reading_everything();
    assert_eq!(given.search(), "status pr");
    assert_eq!((given.parameter("fields"), given.request().content_type), (None, None));
}

#[test]
fn counting_users_reads_ids_only() {
    assert_eq!(
        Given::table("Users").reading(&[]).parameter("fields").as_deref(),
        Some("id")
    );
}

#[test]
fn each_field_is_asked_for_once_and_whole_objects_whole() {
    let given = Given::table("Users").reading(&["Id", "TypeId", "CredentialsProviderType", "CredentialsProviderName"]);
    assert_eq!(given.parameter("fields").as_deref(), Some("id,type,credentials"));
    assert_eq!(given.request().content_type, None);
    assert_eq!(
        Given::table("Users").reading(&["Id", "Links"]).parameter("fields"),
        None
    );
}

#[test]
fn a_preview_asks_for_as_many_rows_as_are_wanted() {
    assert_eq!(Given::table("Users").limit(5).request().limit, Some(5));
    assert_eq!(Given::table("Users").limit(5000).request().limit, Some(200));
    assert_eq!(
        Given::table("Users")
            .limit(5)
            .eq("Status", text("active"))
            .request()
            .limit,
        Some(5)
    );
    assert_eq!(
        Given::table("Apps").limit(5).eq("Label", text("x")).request().limit,
        Some(200)
    );
    assert_eq!(
        Given::table("Users")
            .limit(5)
            .when(|_| Predicate::Other)
            .request()
            .limit,
        Some(200)
    );
    assert_eq!(
        Given::table("Users")
            .limit(5)
            .sorted_by("ProfileLogin", false)
            .request()
            .limit,
        Some(200)
    );
    assert_eq!(
        Given::table("Groups")
            .limit(1)
            .sorted_by("LastUpdated", true)
            .request()
            .limit,
        Some(1)
    );
    assert_eq!(
        Given::table("Apps")
            .limit(5)
            .within("Status", &["a", "b"])
            .request()
            .limit,
        Some(200)
    );
    assert!(Given::table("Users").limit(0).asks_nothing());
    // Okta's specification has a minimum there: 1 was refused.
    let of_one = || Given::table("ApplicationGroups").eq("AppId", text("0oa1"));
    assert_eq!(of_one().limit(1).request().limit, Some(20));
    assert_eq!(of_one().limit(50).request().limit, Some(50));
    let mut small = of_one();
    small.page_size = Some(3);
    assert_eq!(small.request().limit, Some(20));
    let mut small = Given::table("Users");
    small.page_size = Some(50);
    assert_eq!(small.request().limit, Some(50));
    small.page_size = Some(5_000);
    assert_eq!(small.request().limit, Some(200));
}

#[test]
fn enumerations_are_sent_as_okta_stores_them() {
    let given = Given::table("Users")
        .reading(&["Id", "ProfileFirstName", "Status"])
        .eq("Status", text("Active"));
    assert_eq!(given.search(), r#"status eq "ACTIVE""#);
    assert_eq!(
        Given::table("Apps")
            .eq("Status", text("active"))
            .parameter("filter")
            .unwrap(),
        r#"status eq "ACTIVE""#
    );
}

#[test]
fn conditions_that_okta_cannot_check_leave_the_others_pushed() {
    let given = Given::table("Users").eq("Status", text("ACTIVE")).when(|t| {
        Predicate::Or(vec![
            Predicate::IsNull(col(t, "LastLogin")),
            compare(t, "LastLogin", Comparison::Lt, Value::Timestamp(NOW)),
        ])
    });
    assert_eq!(given.search(), r#"status eq "ACTIVE""#);
}

#[test]
fn times_are_pushed_to_the_end_of_their_second() {
    let cases = [
        (Comparison::Ge, NOW, r#"lastUpdated ge "2026-03-01T00:00:00.000Z""#),
        (Comparison::Gt, NOW, r#"lastUpdated gt "2026-03-01T00:00:00.000Z""#),
        (Comparison::Lt, NOW, r#"lastUpdated lt "2026-03-01T00:00:00.000Z""#),
        (Comparison::Lt, NOW + 1, r#"lastUpdated lt "2026-03-01T00:00:01.000Z""#),
        (Comparison::Le, NOW, r#"lastUpdated lt "2026-03-01T00:00:01.000Z""#),
        (
            Comparison::Eq,
            NOW,
            r#"lastUpdated ge "2026-03-01T00:00:00.000Z" and lastUpdated lt "2026-03-01T00:00:01.000Z""#,
        ),
    ];
    for (op, at, expected) in cases {
        let given = Given::table("Users").when(|t| compare(t, "LastUpdated", op, Value::Timestamp(at)));
        assert_eq!(given.search(), expected);
    }
    let far = Given::table("Users").when(|t| compare(t, "Created", Comparison::Lt, Value::Timestamp(i64::MAX)));
    assert_eq!(far.search(), "status pr");
}

#[test]
fn text_is_compared_by_okta_only_where_it_compares_alike() {
    let name = |op, value: &str| {
        Given::table("Users")
            .when(|t| compare(t, "ProfileLastName", op, text(value)))
            .search()
    };
    assert_eq!(name(Comparison::Eq, "Müller"), r#"profile.lastName eq "Müller""#);
    assert_eq!(
        name(Comparison::Eq, r#"a"b\c' or status pr"#),
        r#"profile.lastName eq "a\"b\\c' or status pr""#
    );
    assert_eq!(
        name(Comparison::Ne, "x"),
        r#"profile.lastName lt "x" or profile.lastName gt "x""#
    );
    for local in [
        "",
        " x",
        "x ",
        "line\nbreak",
        "a\u{1f600}",
        "Straße",
        "ΣΑΣ",
        "\u{212a}im",
    ] {
        assert_eq!(name(Comparison::Eq, local), "status pr", "{local:?}");
    }
    assert_eq!(name(Comparison::Ne, "ü"), "status pr");
    for op in [Comparison::Lt, Comparison::Le, Comparison::Gt, Comparison::Ge] {
        assert_eq!(name(op, "m"), "status pr");
    }
    let mut exact = Given::table("Users").when(|t| compare(t, "ProfileLastName", Comparison::Ne, text("x")));
    exact.case_sensitive = true;
    assert_eq!(exact.search(), "status pr");
}

#[test]
fn like_is_sent_as_starts_with_or_alone_as_contains() {
    let starts = |prefix: &str| {
        let predicate = |t: &Table| Predicate::StartsWith {
            column: col(t, "ProfileCostCenter"),
            prefix: prefix.into(),
        };
        Given::table("Users").when(predicate).search()
    };
    assert_eq!(starts("EU-"), r#"profile.costCenter sw "EU-""#);
    assert_eq!(starts("EU "), r#"profile.costCenter sw "EU""#);
    assert_eq!(starts("EU\u{1f600}x"), r#"profile.costCenter sw "EU""#);
    assert_eq!(starts(" EU"), "status pr");
    let contains = |name: &'static str, part: &'static str| {
        Given::table("Users").when(move |t| Predicate::Contains {
            column: col(t, name),
            part: part.into(),
        })
    };
    assert_eq!(
        contains("ProfileLogin", "smith").search(),
        r#"profile.login co "smith""#
    );
    assert_eq!(contains("ProfileLogin", "sm").search(), "status pr");
    assert_eq!(contains("ProfileTitle", "smith").search(), "status pr");
    let both = contains("ProfileLogin", "smith").eq("Status", text("ACTIVE"));
    assert_eq!(both.search(), r#"status eq "ACTIVE""#);
}

#[test]
fn an_or_is_sent_when_every_branch_is() {
    let given = Given::table("Users").when(|t| {
        Predicate::Or(vec![
            compare(t, "ProfileLogin", Comparison::Eq, text("a@b")),
            Predicate::And(vec![
                compare(t, "Status", Comparison::Eq, text("STAGED")),
                Predicate::Other,
            ]),
            Predicate::IsNotNull(col(t, "ProfileTitle")),
        ])
    });
    assert_eq!(
        given.search(),
        r#"profile.login eq "a@b" or status eq "STAGED" or profile.title pr"#
    );
    let partly = Given::table("Users").when(|t| {
        Predicate::Or(vec![
            compare(t, "Status", Comparison::Eq, text("STAGED")),
            Predicate::Other,
        ])
    });
    assert_eq!(partly.search(), "status pr");
    let nested = Given::table("Users")
        .eq("Status", text("ACTIVE"))
        .within("ProfileDepartment", &["a", "B", "b"]);
    assert_eq!(
        nested.search(),
        r#"status eq "ACTIVE" and (profile.department eq "a" or (profile.department eq "B" or profile.department eq "b"))"#
    );
}

#[test]
fn long_lists_of_ids_go_in_chunks_of_at_least_a_hundred() {
    let ids: Vec<String> = (0..1_000).map(|n| format!("00u{n:017}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let calls = Given::table("Users").within("Id", &ids).calls();
    assert!(calls.len() <= 10, "{}", calls.len());
    let mut named = Vec::new();
    for call in &calls {
        assert!(expression::encoded_pairs(&call.request.query) <= LONGEST_QUERY);
        let search = &call.request.query.iter().find(|(name, _)| name == "search").unwrap().1;
        named.extend(search.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    named.sort_unstable();
    assert_eq!(named, ids);
    let with_more = Given::table("Users")
        .within("Id", &ids)
        .eq("Status", text("ACTIVE"))
        .calls();
    let all_say = with_more
        .iter()
        .all(|c| c.request.query[0].1.ends_with(r#") and status eq "ACTIVE""#));
    assert!(all_say && with_more.len() <= 10);
}

#[test]
fn two_users_are_one_search_two_apps_two_gets() {
    assert_eq!(
        Given::table("Users").within("Id", &["00u1", "00u2"]).search(),
        r#"id eq "00u1" or id eq "00u2""#
    );
    let apps = Given::table("Apps").within("Id", &["0oa1", "0oa2"]).calls();
    assert_eq!(
        apps.iter().map(|c| c.request.path.as_str()).collect::<Vec<_>>(),
        ["/api/v1/apps/0oa1", "/api/v1/apps/0oa2"]
    );
    let types = Given::table("UserTypes").within("Id", &["oty1", "oty2"]).request();
    assert_eq!((types.path.as_str(), types.limit), ("/api/v1/meta/types/user", None));
}

#[test]
fn a_value_too_long_for_a_request_is_left_to_the_scan() {
    let long = "x".repeat(8_000);
    assert_eq!(
        Given::table("Users").eq("ProfileTitle", text(&long)).search(),
        "status pr"
    );
    let mixed = Given::table("Users")
        .eq("ProfileTitle", text(&long))
        .eq("Status", text("ACTIVE"));
    assert_eq!(mixed.search(), r#"status eq "ACTIVE""#);
}

#[test]
fn impossible_keys_never_leave_the_driver() {
    for key in [
        "",
        ".",
        "..",
        "me",
        "ME",
        " me ",
        "a/b",
        "a\\b",
        "100%",
        "x\ny",
        "a\u{1f600}",
        &"x".repeat(300),
    ] {
        assert!(Given::table("Users").eq("Id", text(key)).asks_nothing(), "{key:?}");
        assert!(
            Given::table("GroupMembers").eq("GroupId", text(key)).asks_nothing(),
            "{key:?}"
        );
        let members = Given::table("GroupMembers");
        assert_eq!(child_call(&members.query(), key), None, "{key:?}");
    }
    let some = Given::table("Users").within("Id", &["me", "00u1", ".."]).calls();
    assert_eq!((some.len(), some[0].request.path.as_str()), (1, "/api/v1/users/00u1"));
    let login = Given::table("Users").eq("Id", text("ann@example.com")).request();
    assert_eq!(login.path, "/api/v1/users/ann%40example.com");
    // The user that comes back tells its id, a factor does not tell whose it is.
    for table in ["UserFactors", "UserGroups"] {
        assert!(Given::table(table).eq("UserId", text("ann@example.com")).asks_nothing());
        assert!(!Given::table(table).eq("UserId", text("00uabc")).asks_nothing());
    }
}

#[test]
fn contradictions_ask_nothing() {
    let users = || Given::table("Users");
    assert!(users().when(|_| Predicate::Never).asks_nothing());
    assert!(users().eq("Id", text("a")).eq("Id", text("b")).asks_nothing());
    assert!(users().eq("Id", text("a")).eq("Id", text("A")).asks_nothing());
    assert!(
        users()
            .eq("Status", text("ACTIVE"))
            .eq("Status", text("STAGED"))
            .asks_nothing()
    );
    assert!(
        !users()
            .eq("Status", text("ACTIVE"))
            .eq("Status", text("active"))
            .asks_nothing()
    );
    assert!(users().within("Status", &[]).asks_nothing());
    assert!(
        users()
            .eq("ProfileTitle", text("x"))
            .when(|t| Predicate::IsNull(col(t, "ProfileTitle")))
            .asks_nothing()
    );
    let range = users()
        .when(|t| compare(t, "Created", Comparison::Gt, Value::Timestamp(NOW)))
        .when(|t| compare(t, "Created", Comparison::Lt, Value::Timestamp(NOW)));
    assert!(range.asks_nothing());
    let either = users().when(|_| Predicate::Or(vec![Predicate::Never, Predicate::And(vec![Predicate::Never])]));
    assert!(either.asks_nothing());
}

#[test]
fn sorts_are_pushed_for_times_without_nulls() {
    let newest = Given::table("Users").sorted_by("Created", true).limit(10);
    assert_eq!(
        (
            newest.parameter("sortBy").as_deref(),
            newest.parameter("sortOrder").as_deref()
        ),
        (Some("created"), Some("desc"))
    );
    assert!(newest.scan().sorted);
    assert_eq!(newest.request().limit, Some(10));
    let nullable = Given::table("Users").sorted_by("Activated", false);
    assert!(!nullable.scan().sorted && nullable.parameter("sortBy").is_none());
    let filtered = nullable.when(|t| Predicate::IsNotNull(col(t, "Activated")));
    assert!(filtered.scan().sorted);
    assert_eq!(filtered.search(), "activated pr");
    assert!(!Given::table("Users").sorted_by("ProfileLogin", false).scan().sorted);
    let groups = Given::table("Groups").sorted_by("Created", false);
    assert_eq!(groups.search(), r#"created ge "1970-01-01T00:00:00.000Z""#);
    assert!(groups.scan().sorted);
}

#[test]
fn group_statistics_are_asked_for_only_when_read() {
    assert_eq!(
        Given::table("Groups").reading(&["Id", "ProfileName"]).request().query,
        []
    );
    let counted = Given::table("Groups").reading(&["ProfileName", "UsersCount"]);
    assert_eq!(counted.parameter("expand").as_deref(), Some("stats"));
    assert_eq!(
        Given::table("Groups").eq("Id", text("00g1")).request().path,
        "/api/v1/groups/00g1"
    );
    let one = Given::table("Groups").reading(&["UsersCount"]).eq("Id", text("00g1"));
    assert_eq!(
        (one.search().as_str(), one.parameter("expand").as_deref()),
        (r#"id eq "00g1""#, Some("stats"))
    );
}

#[test]
fn apps_take_one_condition() {
    let both = Given::table("Apps")
        .eq("Name", text("salesforce"))
        .eq("Status", text("ACTIVE"));
    assert_eq!(both.parameter("filter").as_deref(), Some(r#"name eq "salesforce""#));
    assert_eq!(
        Given::table("Apps")
            .within("Status", &["ACTIVE", "INACTIVE"])
            .parameter("filter"),
        None
    );
    assert_eq!(Given::table("Apps").eq("Label", text("x")).parameter("filter"), None);
}

#[test]
fn logs_are_always_bounded() {
    let all = Given::table("SystemLogs");
    assert_eq!(all.parameter("since").as_deref(), Some("2025-12-01T00:00:00.000Z"));
    assert_eq!(all.parameter("until").as_deref(), Some("2026-03-01T00:00:00.000Z"));
    assert_eq!((all.parameter("filter"), all.parameter("sortOrder")), (None, None));
    let window = Given::table("SystemLogs")
        .when(|t| compare(t, "Published", Comparison::Ge, Value::Timestamp(NOW - DAY)))
        .when(|t| compare(t, "Published", Comparison::Le, Value::Timestamp(NOW - 1_000)));
    assert_eq!(window.parameter("since").as_deref(), Some("2026-02-28T00:00:00.000Z"));
    assert_eq!(window.parameter("until").as_deref(), Some("2026-02-28T23:59:59.001Z"));
    assert_eq!(window.limit(7).request().limit, Some(7));
    let old = Given::table("SystemLogs").when(|t| compare(t, "Published", Comparison::Gt, Value::Timestamp(0)));
    assert_eq!(old.parameter("since").as_deref(), Some("2025-09-02T00:00:00.000Z"));
    let ahead = Given::table("SystemLogs").when(|t| compare(t, "Published", Comparison::Gt, Value::Timestamp(NOW)));
    assert!(ahead.asks_nothing());
    let newest = Given::table("SystemLogs").sorted_by("Published", true).limit(3);
    assert_eq!(
        (newest.parameter("sortOrder").as_deref(), newest.request().limit),
        (Some("DESCENDING"), Some(3))
    );
    assert!(newest.scan().sorted);
}

#[test]
fn failed_sign_ins_are_filtered_by_okta() {
    let given = Given::table("SystemLogs")
        .eq("EventType", text("user.session.start"))
        .eq("OutcomeResult", text("failure"))
        .eq("ActorAlternateId", text("Ann@example.com"))
        .when(|t| compare(t, "Published", Comparison::Ge, Value::Timestamp(NOW - DAY)));
    assert_eq!(
        given.parameter("filter").as_deref(),
        Some(r#"eventType eq "user.session.start" and outcome.result eq "FAILURE""#)
    );
    assert_eq!(given.parameter("since").as_deref(), Some("2026-02-28T00:00:00.000Z"));
}

#[test]
fn children_are_listed_per_parent_key() {
    let members = Given::table("GroupMembers").within("GroupId", &["00g1", "00g2"]);
    let calls = members.calls();
    let key = col(&members.table, "GroupId");
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (calls[1].request.path.as_str(), calls[1].request.limit),
        ("/api/v1/groups/00g2/users", Some(1000))
    );
    assert_eq!(
        (calls[1].answer, &calls[1].keys),
        (Answer::List, &vec![(key, "00g2".to_owned())])
    );
    assert_eq!(
        Given::table("GroupMembers")
            .eq("GroupId", text("00g1"))
            .limit(3)
            .request()
            .limit,
        Some(3)
    );
    let filtered = Given::table("GroupMembers")
        .eq("GroupId", text("00g1"))
        .eq("Status", text("ACTIVE"))
        .limit(3);
    assert_eq!(filtered.request().limit, Some(1000));
    let groups = Given::table("UserGroups").eq("UserId", text("00u1")).request();
    assert_eq!(
        (groups.path.as_str(), groups.limit, groups.query.len()),
        ("/api/v1/users/00u1/groups", None, 0)
    );
}

#[test]
fn a_child_by_both_keys_is_one_get() {
    let by_id = Given::table("ApplicationUsers")
        .eq("AppId", text("0oa1"))
        .eq("UserId", text("00u1"));
    let calls = by_id.calls();
    assert_eq!(
        (calls[0].request.path.as_str(), calls[0].answer),
        ("/api/v1/apps/0oa1/users/00u1", Answer::Row)
    );
    assert_eq!(calls[0].keys, [(col(&by_id.table, "AppId"), "0oa1".to_owned())]);
    let few = Given::table("ApplicationUsers")
        .eq("AppId", text("0oa1"))
        .within("Id", &["00u1", "00u2"]);
    assert_eq!(few.calls().len(), 2);
    let factors = Given::table("UserFactors")
        .eq("UserId", text("00u1"))
        .within("Id", &["ufs1", "ufs2"]);
    assert_eq!(factors.request().path, "/api/v1/users/00u1/factors");
    let member = Given::table("GroupMembers")
        .eq("GroupId", text("00g1"))
        .eq("UserId", text("00u1"));
    assert_eq!(member.request().path, "/api/v1/groups/00g1/users");
    let none = Given::table("GroupMembers")
        .eq("UserId", text("00u1"))
        .eq("Id", text("00u2"));
    assert!(none.asks_nothing());
}

#[test]
fn children_without_their_parent_key_fan_out_over_its_ids() {
    let given = Given::table("UserFactors");
    let Access::FanOut {
        parent_table,
        parent,
        parent_key,
    } = given.scan().access
    else {
        panic!()
    };
    assert_eq!(
        (
            parent_table.name.as_str(),
            parent_table.columns[parent_key].name.as_str()
        ),
        ("Users", "Id")
    );
    let Access::Calls(calls) = &parent.access else { panic!() };
    assert_eq!(
        calls[0].request.query,
        [
            ("search".to_owned(), "status pr".to_owned()),
            ("fields".to_owned(), "id".to_owned())
        ]
    );
    let call = child_call(&given.query(), "00u1").unwrap();
    assert_eq!(call.request.path, "/api/v1/users/00u1/factors");
    let one_user = Given::table("ApplicationUsers").eq("UserId", text("00u1"));
    assert!(matches!(one_user.scan().access, Access::FanOut { .. }));
    assert_eq!(
        child_call(&one_user.query(), "0oa1").unwrap().request.path,
        "/api/v1/apps/0oa1/users/00u1"
    );
}

#[test]
fn a_hundred_thousand_branches_are_planned() {
    let ids: Vec<Predicate> = (0..100_000)
        .map(|n| Predicate::Compare {
            column: 0,
            op: Comparison::Eq,
            value: Value::Text(format!("00u{n}")),
        })
        .collect();
    let calls = Given::table("Users").when(|_| Predicate::Or(ids.clone())).calls();
    assert!(calls.len() > 100 && calls.len() < 1_000);
    let mixed = Given::table("Users").when(|t| {
        let title = compare(t, "ProfileTitle", Comparison::Eq, text("x"));
        Predicate::Or(ids.iter().cloned().chain([title]).collect())
    });
    assert_eq!(mixed.search(), "status pr");
}

/// Once sent as `id eq "00u1" or `, which Okta refuses.
#[test]
fn a_branch_that_never_holds_is_left_out_however_deep() {
    let never = Predicate::And(vec![Predicate::Or(vec![Predicate::Never])]);
    let given = Given::table("Users").when(|t| {
        let title = compare(t, "ProfileTitle", Comparison::Eq, text("x"));
        let city = compare(t, "ProfileCity", Comparison::Eq, text("y"));
        Predicate::Or(vec![title, never.clone(), city])
    });
    assert_eq!(given.search(), r#"profile.title eq "x" or profile.city eq "y""#);
    assert!(
        Given::table("Users")
            .when(|_| Predicate::Or(vec![never.clone()]))
            .asks_nothing()
    );
}

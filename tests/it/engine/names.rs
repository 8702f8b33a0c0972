//! Names, labels and errors.

use okta_odbc::engine::Error;

use super::Org;

fn labels(org: &Org, sql: &str) -> Vec<String> {
    let prepared = org.engine.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    prepared
        .schema()
        .unwrap()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}

#[test]
fn labels_are_the_users_text_or_the_catalogs_name() {
    let org = Org::of(5, 2);
    for (sql, expected) in [
        ("select id, STATUS from users", vec!["Id", "Status"]),
        ("SELECT Id, Id FROM Users", vec!["Id", "Id"]),
        ("SELECT Id, u.Id, Id AS Id FROM Users u", vec!["Id", "Id", "Id"]),
        ("SELECT 1, 1", vec!["1", "1"]),
        ("SELECT ? + 1, ? + 1, Total = LEN(?)", vec!["? + 1", "? + 1", "Total"]),
        (
            "SELECT COUNT(*), Max(Created) FROM Users",
            vec!["COUNT(*)", "Max(Created)"],
        ),
        (
            "SELECT Id AS MyId, Status AS \"The Status\" FROM Users",
            vec!["MyId", "The Status"],
        ),
        ("SELECT * FROM (SELECT Id AS MyId FROM Users) AS t", vec!["MyId"]),
        ("SELECT MYID FROM (SELECT Id AS MyId FROM Users) AS t", vec!["MyId"]),
        (
            "WITH Cte AS (SELECT Id FROM Users) SELECT c.ID FROM CTE AS C",
            vec!["Id"],
        ),
        ("SELECT u.Id, g.Id FROM Users u CROSS JOIN Groups g", vec!["Id", "Id"]),
        ("SELECT Id FROM Users UNION SELECT ProfileName FROM Groups", vec!["Id"]),
        ("SELECT *, Id FROM UserTypes ORDER BY Id", {
            let mut all = labels(&org, "SELECT * FROM UserTypes");
            all.push("Id".into());
            return_static(all)
        }),
    ] {
        assert_eq!(labels(&org, sql), expected, "{sql}");
    }
}

fn return_static(names: Vec<String>) -> Vec<&'static str> {
    names.into_iter().map(|name| &*name.leak()).collect()
}

#[test]
fn names_match_without_case_in_every_scope_and_form() {
    let org = Org::of(5, 2);
    for sql in [
        "SELECT iD FROM OKTA.DBO.USERS",
        "SELECT users.ID FROM dbo.Users",
        "SELECT okta.dbo.users.id FROM Okta.dbo.Users",
        "SELECT [Id] FROM [Okta].[dbo].[Users]",
        "SELECT \"ID\" FROM \"users\"",
        "SELECT U.id FROM Users AS u WHERE EXISTS (SELECT 1 FROM GroupMembers M WHERE m.UserId = U.ID)",
        "SELECT N FROM (SELECT COUNT(*) AS n FROM Users GROUP BY STATUS) AS T ORDER BY t.N",
        "SELECT Status s, COUNT(*) FROM Users GROUP BY status HAVING count(*) > 1 ORDER BY S",
        "SELECT a.Id FROM Users a JOIN Users B ON A.id = b.ID",
        "SELECT ROW_NUMBER() OVER (PARTITION BY STATUS ORDER BY created) FROM Users",
    ] {
        assert!(
            org.engine.prepare(sql).is_ok(),
            "{sql}: {}",
            org.engine.prepare(sql).err().unwrap()
        );
    }
}

#[test]
fn errors_name_what_was_meant() {
    let org = Org::of(5, 2);
    let error = |sql: &str| match org.engine.prepare(sql) {
        Ok(_) => panic!("{sql} was planned"),
        Err(error) => error,
    };
    assert!(
        matches!(error("SELECT * FROM Userz"), Error::UnknownTable { name, hint } if name == "Userz" && hint.contains("Users"))
    );
    assert!(matches!(
        error("SELECT * FROM other.dbo.Users"),
        Error::UnknownTable { .. }
    ));
    assert!(
        matches!(error("SELECT Statuss FROM Users"), Error::UnknownColumn { name, hint } if name == "Statuss" && hint.contains("Status"))
    );
    assert!(matches!(error("SELECT u.Nope FROM Users u"), Error::UnknownColumn { name, .. } if name == "u.Nope"));
    assert!(
        matches!(error("SELECT ProfileZzzzzz FROM Users"), Error::UnknownColumn { hint, .. } if hint.contains("okta.schemas.read"))
    );
    assert!(matches!(error("SELECT Id FROM Users, Groups"), Error::AmbiguousColumn { name, .. } if name == "Id"));
    assert!(matches!(error("DELETE FROM Users"), Error::ReadOnly(_)));
    assert!(matches!(error("UPDATE Users SET Status = 'x'"), Error::ReadOnly(_)));
    assert!(matches!(
        error("INSERT INTO Users (Id) VALUES ('x')"),
        Error::ReadOnly(_)
    ));
    assert!(matches!(error("CREATE TABLE t (a INT)"), Error::Unsupported(_)));
    assert!(matches!(error("DROP TABLE Users"), Error::Unsupported(_)));
    assert!(matches!(
        error("SELECT Id FROM Users EXCEPT ALL SELECT UserId FROM GroupMembers"),
        Error::Syntax { message } if message.contains("EXCEPT ALL is not supported")
    ));
    assert!(matches!(error("SELEC 1"), Error::Syntax { .. }));
    assert!(matches!(error(""), Error::Syntax { .. }));
    assert!(matches!(error("SELECT nonsense(Id) FROM Users"), Error::Unsupported(text) if text.contains("nonsense")));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_while_running_are_ours() {
    let org = Org::of(5, 2);
    let error = |result: Result<_, Error>| match result {
        Ok(rows) => panic!("{:?}", {
            let rows: Vec<Vec<String>> = rows;
            rows
        }),
        Err(error) => error,
    };
    assert!(matches!(
        error(org.try_ask("SELECT 1 / (LENGTH(Id) * 0) FROM Users", &[]).await),
        Error::DivisionByZero
    ));
    for sql in [
        "SELECT 9223372036854775807 + 1",
        "SELECT -9223372036854775807 - LENGTH(Id) FROM Users",
        "SELECT CAST(2147483647 AS INT) * CAST(LENGTH(Id) AS INT) FROM Users",
        "SELECT - x FROM (VALUES (-9223372036854775807 - 1)) v(x)",
        "SELECT SUM(x) FROM (VALUES (9223372036854775807), (1)) v(x)",
        "SELECT SUM(DISTINCT x) FROM (VALUES (9223372036854775807), (1)) v(x)",
        "SELECT SUM(x) OVER (ORDER BY x) FROM (VALUES (9223372036854775807), (1)) v(x)",
        "SELECT Status, SUM(9223372036854775807) FROM Users GROUP BY Status",
    ] {
        assert!(
            matches!(error(org.try_ask(sql, &[]).await), Error::Overflow(_)),
            "{sql}"
        );
    }
    assert_eq!(
        org.ask("SELECT 2 + 3 * LENGTH(Id) - 1 FROM Users LIMIT 1").await,
        [["61"]]
    );
    // `-9223372036854775808 + 1 - 1`, from the left to the right.
    assert_eq!(
        org.ask("SELECT -9223372036854775807 - 1 + LEN('a') - 1").await,
        [["-9223372036854775808"]]
    );
    for (sql, fault) in [
        (
            "SELECT regexp_like('a', '(')",
            "'(' is no regular expression: unclosed group",
        ),
        (
            "SELECT Id FROM Users WHERE regexp_like(Id, '[')",
            "'[' is no regular expression: unclosed character class",
        ),
    ] {
        let error = error(org.try_ask(sql, &[]).await);
        assert!(matches!(&error, Error::Invalid(text) if text == fault), "{error:?}");
    }
    // Only the total has to fit.
    assert_eq!(
        org.ask("SELECT SUM(x) FROM (VALUES (9223372036854775807), (1), (-5)) v(x)")
            .await,
        [["9223372036854775803"]]
    );
    let members = "SELECT (SELECT m.UserId FROM GroupMembers m WHERE m.GroupId = g.Id) FROM Groups g";
    let several = error(org.try_ask(members, &[]).await);
    assert!(
        matches!(&several, Error::Invalid(text) if text.contains("more than one row")),
        "{several}"
    );
    assert!(matches!(
        error(org.try_ask("SELECT CAST(Id AS INTEGER) FROM Users", &[]).await),
        Error::Cast(_)
    ));
    assert!(matches!(
        error(org.try_ask("SELECT Id FROM Users WHERE Created > ?", &["soon"]).await),
        Error::Cast(_)
    ));
    let count = error(org.try_ask("SELECT Id FROM Users WHERE Id = ?", &[]).await);
    assert!(matches!(count, Error::ParameterCount { expected: 1, given: 0 }));
}

#[test]
fn a_hundred_thousand_ors_do_not_overflow_a_small_stack() {
    let org = Org::of(5, 2);
    let engine = org.engine.clone();
    let small = std::thread::Builder::new().stack_size(256 << 10).spawn(move || {
        let long = vec!["Id = 'a'"; 100_000].join(" OR ");
        engine
            .prepare(&format!("SELECT Id FROM Users WHERE {long}"))
            .map(|_| ())
    });
    let _either_answer_is_fine = small.unwrap().join().unwrap();
}

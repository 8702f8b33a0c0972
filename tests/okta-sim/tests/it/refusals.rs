//! Requests that okta-sim refuses, limits it keeps and faults it plays.

use crate::client::{encode, get, rows, send, try_get};
use okta_sim::{API_TOKEN, Options, Sim};

fn with(faults: &[&str]) -> Sim {
    Sim::start(Options {
        users: 450,
        fault: faults.iter().map(|fault| fault.parse().unwrap()).collect(),
        ..Options::default()
    })
}

#[test]
fn refused_requests_have_oktas_codes() {
    let sim = Sim::start(Options::default());
    for (path, parameter, text, code) in [
        ("users", "search", "status ne \"ACTIVE\"", "E0000031"),
        ("users", "search", "not (status eq \"ACTIVE\")", "E0000031"),
        ("users", "search", "profile.city co \"Mün\"", "E0000031"),
        ("users", "search", "profile.login co \"ab\"", "E0000031"),
        ("users", "search", "profile.FirstName eq \"a\"", "E0000031"),
        ("users", "search", "lastLogin pr", "E0000031"),
        ("users", "search", "created gt \"yesterday\"", "E0000031"),
        ("users", "search", "profile.seatNumber eq \"1\"", "E0000031"),
        ("users", "search", "status eq", "E0000031"),
        ("users", "filter", "status sw \"A\"", "E0000053"),
        ("users", "filter", "profile.city eq \"A\"", "E0000053"),
        ("users", "filter", "status eq \"A", "E0000053"),
        ("users", "fields", "id,", "E0000001"),
        ("users", "fields", "id,id", "E0000009"),
        ("users", "limit", "0", "E0000001"),
        ("users", "after", "nonsense", "E0000031"),
        ("groups", "search", "profile.name ne \"x\"", "E0000031"),
        ("groups", "filter", "profile.name eq \"x\"", "E0000053"),
        ("groups", "expand", "nothing", "E0000001"),
        ("apps", "filter", "status eq \"ACTIVE\" and name eq \"x\"", "E0000053"),
        ("apps", "filter", "status sw \"ACTIVE\"", "E0000053"),
        ("apps", "after", "nonsense", "E0000029"),
        ("logs", "since", "2019-01-01T00:00:00Z", "E0000053"),
        ("logs", "since", "yesterday", "E0000001"),
        ("logs", "sortOrder", "up", "E0000001"),
        ("logs", "filter", "published gt \"2026-01-01T00:00:00Z\"", "E0000053"),
    ] {
        let answer = get(&sim, &format!("/api/v1/{path}?{parameter}={}", encode(text)));
        assert_eq!(answer.error_code(), code, "{path} {parameter}={text}");
        assert_eq!(
            answer.status,
            if code == "E0000009" { 500 } else { 400 },
            "{path} {parameter}={text}"
        );
    }
    let both = get(&sim, "/api/v1/users?search=status+pr&filter=id+eq+%22x%22");
    assert_eq!(both.error_code(), "E0000033");
    let sorted = get(&sim, "/api/v1/users?limit=1&search=status+pr&sortBy=status");
    let cursor = sorted.next().unwrap().replace("sortBy=status", "sortBy=created");
    assert_eq!(get(&sim, cursor.trim_start_matches(sim.url())).error_code(), "E0000031");
}

#[test]
fn tokens_methods_and_unknown_paths_are_checked() {
    let sim = Sim::start(Options::default());
    for authorization in ["", "Authorization: SSWS wrong\r\n", "Authorization: sim-token\r\n"] {
        let answer = send(sim.url(), "GET", "/api/v1/users", authorization).unwrap();
        assert_eq!((answer.status, answer.error_code().as_str()), (401, "E0000011"));
    }
    let token = format!("Authorization: SSWS {API_TOKEN}\r\nContent-Length: 0\r\n");
    let posted = send(sim.url(), "POST", "/api/v1/users", &token).unwrap();
    assert_eq!((posted.status, posted.error_code().as_str()), (405, "E0000022"));
    assert_eq!(get(&sim, "/api/v1/nothing").status, 404);
    assert_eq!(get(&sim, "/api/v1/users/").status, 405);
    let statuses: Vec<u16> = sim.requests().into_iter().map(|request| request.status).collect();
    assert_eq!(statuses, [401, 401, 401, 405, 404, 405]);
    sim.reset();
    assert!(sim.requests().is_empty());
}

#[test]
fn a_bucket_that_is_empty_answers_429_with_its_reset() {
    let sim = Sim::start(Options {
        rate_limit: vec!["/api/v1/users=2".parse().unwrap()],
        ..Options::default()
    });
    assert_eq!(get(&sim, "/api/v1/users").header("x-rate-limit-remaining"), "1");
    assert_eq!(get(&sim, "/api/v1/users").status, 200);
    let refused = get(&sim, "/api/v1/users");
    assert_eq!((refused.status, refused.error_code().as_str()), (429, "E0000047"));
    assert_eq!(
        (
            refused.header("x-rate-limit-limit"),
            refused.header("x-rate-limit-remaining")
        ),
        ("2", "0")
    );
    let reset: i64 = refused.header("x-rate-limit-reset").parse().unwrap();
    assert!((1..=60).contains(&(reset - chrono::Utc::now().timestamp())));
    assert_eq!(get(&sim, "/api/v1/groups").status, 200);
}

#[test]
fn too_many_at_once_is_a_429_without_numbers() {
    let sim = Sim::start(Options {
        concurrency: Some(1),
        latency_ms: 300,
        ..Options::default()
    });
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..3).map(|_| scope.spawn(|| get(&sim, "/api/v1/users"))).collect();
        let answers = asked.into_iter().map(|thread| thread.join().unwrap());
        answers
            .map(|answer| (answer.status, answer.header("x-rate-limit-limit").to_owned()))
            .collect()
    });
    assert_eq!(
        answers.iter().filter(|(status, _)| *status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(
        answers
            .iter()
            .all(|(status, limit)| *status == 200 || (*status == 429 && limit == "0")),
        "{answers:?}"
    );
}

#[test]
fn answers_come_compressed_when_asked_for() {
    let sim = Sim::start(Options::default());
    let headers = format!("Authorization: SSWS {API_TOKEN}\r\nAccept-Encoding: gzip\r\n");
    let answer = send(sim.url(), "GET", "/api/v1/users?search=status+pr", &headers).unwrap();
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&answer.bytes[..]), &mut text).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<serde_json::Value>>(&text).unwrap(),
        sim.truth("users")
    );
}

#[test]
fn credentials_are_left_out_when_asked_to() {
    let sim = Sim::start(Options::default());
    assert!(get(&sim, "/api/v1/users?limit=1").json()[0]["credentials"].is_object());
    let headers = format!(
        "Authorization: SSWS {API_TOKEN}\r\nContent-Type: application/json; okta-response=omitCredentials,omitCredentialsLinks\r\n"
    );
    let answer = send(sim.url(), "GET", "/api/v1/users?limit=1", &headers).unwrap();
    assert!(answer.json()[0].get("credentials").is_none());
}

#[test]
fn faults_of_one_answer_strike_the_first_request_or_the_nth() {
    let users = "/api/v1/users?search=status+pr";
    for (kind, status, code) in [
        ("429", 429, "E0000047"),
        ("token-expired", 401, "E0000011"),
        ("500>100", 500, "E0000009"),
    ] {
        let sim = with(&[&format!("/api/v1/users#2={kind}")]);
        assert_eq!(get(&sim, users).status, 200, "{kind}");
        let struck = get(&sim, users);
        assert_eq!((struck.status, struck.error_code().as_str()), (status, code));
        assert_eq!(get(&sim, users).status, 200, "{kind}");
    }
    let sim = with(&["/api/v1/users=503"]);
    assert_eq!((get(&sim, users).status, get(&sim, users).status), (503, 200));
    let sim = with(&["/api/v1/users=500>100"]);
    assert_eq!((get(&sim, users).status, get(&sim, users).status), (500, 500));
    assert_eq!(get(&sim, &format!("{users}&limit=100")).status, 200);
}

#[test]
fn broken_connections_and_bodies_are_broken() {
    let users = "/api/v1/users?search=status+pr";
    let sim = with(&["/api/v1/users=reset"]);
    let kind = try_get(&sim, users).map(|answer| answer.status).unwrap_err().kind();
    assert_eq!(kind, std::io::ErrorKind::ConnectionReset);
    assert_eq!(sim.requests()[0].status, 0);
    assert_eq!(get(&sim, users).status, 200);

    let sim = with(&["/api/v1/users=cut"]);
    let cut = get(&sim, users);
    let announced: usize = cut.header("content-length").parse().unwrap();
    assert_eq!(cut.bytes.len(), announced / 2);
    assert_eq!(get(&sim, users).bytes.len(), announced);

    let sim = with(&["/api/v1/users=json"]);
    let broken = get(&sim, users);
    assert_eq!(broken.header("content-length").parse(), Ok(broken.bytes.len()));
    assert!(serde_json::from_slice::<serde_json::Value>(&broken.bytes).is_err());

    let sim = with(&["/api/v1/users=gzip"]);
    let damaged = get(&sim, users);
    let mut text = Vec::new();
    assert_eq!(damaged.header("content-encoding"), "gzip");
    assert!(std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&damaged.bytes[..]), &mut text).is_err());
}

#[test]
fn faults_of_links_change_the_next_link_alone() {
    let users = "/api/v1/users?search=status+pr";
    let sim = with(&["/api/v1/users=next-host"]);
    assert!(
        get(&sim, users)
            .next()
            .unwrap()
            .starts_with("https://okta-admin.invalid/api/v1/users?after=")
    );

    let sim = with(&["/api/v1/users#2=next-repeat"]);
    let second = get(&sim, users).next().unwrap();
    let again = get(&sim, second.trim_start_matches(sim.url())).next().unwrap();
    assert_eq!(again, second);

    for nth in [1, 2, 3] {
        let sim = with(&[&format!("/api/v1/users#{nth}=empty-page")]);
        let (found, pages) = rows(&sim, users);
        assert_eq!((found, pages), (sim.truth("users"), 4), "empty page {nth}");
    }
}

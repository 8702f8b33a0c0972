//! Principals against a scripted Okta: what is asked, what is kept, who waits for whom.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::app::{App, Authentication};
use super::super::dpop::Binding;
use super::super::login::{Initiate, Login, Way};
use super::super::person::{Errand, Person};
use super::super::store::{Kept, Location};
use super::*;
use crate::okta::scripted::{Act, Scripted, answer, ok};
use crate::okta::{Config, Credential};

const TOKEN: &str = "/oauth2/v1/token";

/// What RFC 6749 §5.1 has the endpoint answer.
fn tokens(access: &str, refresh: Option<&str>) -> Act {
    let refresh = refresh.map_or(String::new(), |refresh| format!(r#","refresh_token":"{refresh}""#));
    ok(
        &["Content-Type: application/json"],
        &format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"access_token":"{access}","scope":"okta.users.read"{refresh}}}"#
        ),
    )
}

/// Okta's words for a refresh token that is used up (its error codes, invalid_grant).
fn used_up() -> Act {
    answer(
        "400 Bad Request",
        &["Content-Type: application/json"],
        br#"{"error":"invalid_grant","error_description":"The refresh token is invalid or expired."}"#,
    )
}

/// Nobody is there.
#[derive(Debug)]
struct Nobody;

impl Person for Nobody {
    fn ask(&self, _: Errand) -> Result<(), Error> {
        panic!("nobody is to be asked")
    }
}

/// Signs in as soon as asked: the browser comes back with a code, after these targets.
#[derive(Debug)]
struct Clicks(&'static [&'static str]);

impl Person for Clicks {
    fn ask(&self, errand: Errand) -> Result<(), Error> {
        let Errand::SignIn { url } = errand else {
            panic!("a browser is asked for")
        };
        let url = reqwest::Url::parse(url).expect("a url");
        let value = |name: &str| {
            url.query_pairs()
                .find(|(key, _)| key == name)
                .expect(name)
                .1
                .into_owned()
        };
        assert_eq!(
            (value("response_type").as_str(), value("code_challenge_method").as_str()),
            ("code", "S256")
        );
        let callback = reqwest::Url::parse(&value("redirect_uri")).expect("a url");
        let state = value("state");
        for target in self.0 {
            browse(callback.port().expect("a port"), &target.replace("STATE", &state));
        }
        Ok(())
    }
}

fn browse(port: u16, target: &str) {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a listener");
    write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
    // The answer comes when the listener runs again, which waits for this person.
    std::thread::spawn(move || stream.read_to_end(&mut Vec::new()));
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("an address").port()
}

struct Org {
    server: Scripted,
    channel: Channel,
    folder: tempfile::TempDir,
}

impl Org {
    async fn new(script: Vec<Act>) -> Org {
        let server = Scripted::play(script).await;
        let mut config = Config::new(&server.url, Credential::ApiToken(Secret::new("unused")));
        config.timeout = Duration::from_millis(500);
        config.max_retries = 0;
        Org {
            channel: Channel::open(&config).expect("a channel"),
            server,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn location(&self) -> Location {
        Location::File(self.folder.path().join("settings.json"))
    }

    fn login(&self, initiate: Initiate) -> Login {
        Login {
            url: self.server.url.clone(),
            way: Way::Browser,
            app: App {
                client_id: "0oa1".into(),
                authentication: Authentication::None,
            },
            scopes: vec!["okta.users.read".into(), "offline_access".into()],
            binding: Binding::Auto,
            location: Some(self.location()),
            initiate,
            callback: "http://localhost:33333".into(),
            access_token: None,
            refresh_token: None,
            verifier: None,
            person: Arc::new(Nobody),
        }
    }

    /// A file with a token whose time is over, or not.
    async fn keep(&self, access: &str, refresh: Option<&str>, left: i64) {
        let mut kept = Kept::of(&self.server.url, "0oa1");
        kept.access_token = Some(Secret::new(access));
        kept.refresh_token = refresh.map(Secret::new);
        let now = SystemTime::now();
        let expires = if left < 0 {
            now - Duration::from_secs(left.unsigned_abs())
        } else {
            now + Duration::from_secs(left.unsigned_abs())
        };
        kept.set_times(expires - Duration::from_secs(30), expires);
        let lock = self.location().lock().await.expect("the lock");
        lock.write(kept).await.expect("written");
    }

    async fn kept(&self) -> (Option<Secret>, Option<Secret>) {
        let kept = self.location().read().await.expect("readable").expect("a file");
        (kept.access_token, kept.refresh_token)
    }

    /// The token endpoint was asked this often, and nothing else was.
    fn asked(&self, times: usize) {
        assert_eq!(self.server.targets(), vec![TOKEN; times]);
    }
}

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text))
}

#[tokio::test]
async fn however_many_ask_at_once_one_refreshes() {
    let org = Org::new(vec![tokens("new", Some("second"))]).await;
    org.keep("old", Some("first"), -10).await;
    let principal = Arc::new(Principal::new(org.login(Initiate::Refresh)));
    let asking = (0..50).map(|_| {
        let (principal, channel) = (principal.clone(), org.channel.clone());
        tokio::spawn(async move { principal.access_token(&channel, None).await })
    });
    for got in futures::future::join_all(asking).await {
        assert_eq!(got.expect("no panic").expect("a token").secret, Secret::new("new"));
    }
    org.asked(1);
    assert_eq!(org.kept().await, (secret("new"), secret("second")));
}

#[tokio::test]
async fn a_failed_refresh_is_told_to_all_who_waited_for_it_and_the_token_is_forgotten() {
    let org = Org::new(vec![used_up()]).await;
    org.keep("old", Some("first"), -10).await;
    let principal = Arc::new(Principal::new(org.login(Initiate::Refresh)));
    let asking = (0..20).map(|_| {
        let (principal, channel) = (principal.clone(), org.channel.clone());
        tokio::spawn(async move { principal.access_token(&channel, None).await })
    });
    for got in futures::future::join_all(asking).await {
        let told = got.expect("no panic").expect_err("no token").to_string();
        assert!(
            told.contains("The refresh token is invalid or expired.") && told.contains("okta-odbc login"),
            "{told}"
        );
        assert!(!told.contains("first"), "{told}");
    }
    org.asked(1);
    assert_eq!(org.kept().await, (None, None));
}

#[tokio::test]
async fn a_second_process_reads_what_the_first_has_renewed() {
    let org = Org::new(vec![tokens("new", Some("second"))]).await;
    org.keep("old", Some("first"), 3600).await;
    let (one, other) = (
        Principal::new(org.login(Initiate::Refresh)),
        Principal::new(org.login(Initiate::Refresh)),
    );
    let old = one.access_token(&org.channel, None).await.expect("a token");
    assert_eq!(
        other.access_token(&org.channel, None).await.expect("a token").secret,
        old.secret
    );
    org.asked(0);
    // Okta refuses it to both.
    for principal in [&one, &other] {
        let new = principal.access_token(&org.channel, Some(&old)).await.expect("a token");
        assert_eq!(new.secret, Secret::new("new"));
    }
    org.asked(1);
}

#[tokio::test]
async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let org = Org::new(vec![tokens("new", None)]).await;
    org.keep("old", Some("first"), -10).await;
    let principal = Principal::new(org.login(Initiate::Refresh));
    principal.access_token(&org.channel, None).await.expect("a token");
    assert_eq!(org.kept().await, (secret("new"), secret("first")));
}

#[tokio::test]
async fn tokens_are_renewed_before_their_end_and_used_to_the_end_where_renewing_is_off() {
    let org = Org::new(vec![tokens("new", None)]).await;
    org.keep("old", Some("first"), 20).await;
    let off = Principal::new(org.login(Initiate::Off));
    let old = off.access_token(&org.channel, None).await.expect("a token");
    assert_eq!(old.secret, Secret::new("old"));
    let refused = off
        .access_token(&org.channel, Some(&old))
        .await
        .expect_err("nothing is renewed");
    assert!(refused.to_string().contains("okta-odbc login"), "{refused}");
    org.asked(0);
    let renewing = Principal::new(org.login(Initiate::Refresh));
    assert_eq!(
        renewing.access_token(&org.channel, None).await.expect("a token").secret,
        Secret::new("new")
    );
    org.asked(1);
}

#[tokio::test]
async fn who_is_interrupted_does_not_stop_a_refresh_and_leaves_no_lock() {
    let org = Org::new(vec![Act::Hang, tokens("new", Some("second"))]).await;
    org.keep("old", Some("first"), -10).await;
    let principal = Principal::new(org.login(Initiate::Refresh));
    let cut = tokio::time::timeout(Duration::from_millis(50), principal.access_token(&org.channel, None)).await;
    assert!(cut.is_err());
    // The first request still has the lock until its own time is over; the next one comes after it.
    let next = tokio::time::timeout(Duration::from_secs(10), principal.access_token(&org.channel, None)).await;
    assert_eq!(next.expect("in time").expect("a token").secret, Secret::new("new"));
    org.asked(2);
}

#[tokio::test]
async fn a_file_of_another_org_or_app_is_told_with_both_names() {
    let org = Org::new(vec![used_up()]).await;
    org.keep("old", Some("first"), 3600).await;
    let mut login = org.login(Initiate::GetAndRefresh);
    login.url = "https://other.okta.com".into();
    let told = Principal::new(login)
        .access_token(&org.channel, None)
        .await
        .expect_err("another org")
        .to_string();
    for part in [
        "settings.json",
        &org.server.url,
        "https://other.okta.com",
        "OAuthSettingsLocation",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let mut login = org.login(Initiate::GetAndRefresh);
    login.app.client_id = "0oa2".into();
    let told = Principal::new(login)
        .access_token(&org.channel, None)
        .await
        .expect_err("another app")
        .to_string();
    assert!(told.contains("0oa1") && told.contains("0oa2"), "{told}");
    org.asked(0);
    assert_eq!(org.kept().await, (secret("old"), secret("first")));
}

#[tokio::test]
async fn a_given_access_token_is_final_unless_there_is_a_refresh_token() {
    let org = Org::new(vec![tokens("new", Some("second")), tokens("newer", None)]).await;
    let mut login = org.login(Initiate::Refresh);
    (login.way, login.location, login.access_token) = (Way::Given, None, secret("given"));
    let principal = Principal::new(login.clone());
    let given = principal.access_token(&org.channel, None).await.expect("a token");
    assert_eq!(given.secret, Secret::new("given"));
    let told = principal
        .access_token(&org.channel, Some(&given))
        .await
        .expect_err("it is final")
        .to_string();
    assert!(told.contains("OAuthAccessToken"), "{told}");
    org.asked(0);
    login.refresh_token = secret("first");
    let principal = Principal::new(login);
    let given = principal.access_token(&org.channel, None).await.expect("a token");
    let new = principal
        .access_token(&org.channel, Some(&given))
        .await
        .expect("a token");
    assert_eq!(new.secret, Secret::new("new"));
    let newer = principal.access_token(&org.channel, Some(&new)).await.expect("a token");
    assert_eq!(newer.secret, Secret::new("newer"));
}

#[tokio::test]
async fn a_refused_given_refresh_token_is_asked_once() {
    let org = Org::new(vec![used_up()]).await;
    let mut login = org.login(Initiate::Refresh);
    login.refresh_token = secret("given");
    let principal = Principal::new(login);
    assert!(principal.access_token(&org.channel, None).await.is_err());
    org.asked(1);
}

#[tokio::test]
async fn a_person_signs_in_and_strangers_do_not_disturb() {
    let org = Org::new(vec![tokens("new", Some("first"))]).await;
    let mut login = org.login(Initiate::GetAndRefresh);
    login.callback = format!("http://localhost:{}", free_port());
    login.person = Arc::new(Clicks(&[
        "/favicon.ico",
        "/?code=evil&state=x",
        "/?code=good&state=STATE",
    ]));
    let principal = Principal::new(login);
    let token = principal.access_token(&org.channel, None).await.expect("a token");
    assert_eq!(token.secret, Secret::new("new"));
    assert_eq!(org.kept().await, (secret("new"), secret("first")));
    assert!(principal.unfinished().is_none());
    org.asked(1);
}

#[tokio::test]
async fn a_login_that_is_cut_short_says_what_it_waited_for_and_frees_port_and_file() {
    let org = Org::new(vec![used_up()]).await;
    let port = free_port();
    for (targets, told) in [
        (&[][..], "Sign-in redirect URIs"),
        (&["/?code=evil&state=x"][..], "state"),
    ] {
        let mut login = org.login(Initiate::GetAndRefresh);
        login.callback = format!("http://localhost:{port}");
        login.person = Arc::new(Clicks(targets));
        let principal = Principal::new(login);
        let cut = tokio::time::timeout(Duration::from_millis(300), principal.access_token(&org.channel, None)).await;
        assert!(cut.is_err(), "nobody came back");
        let error = principal.unfinished().expect("it waited");
        assert!(
            matches!(&error, Error::Login { message, .. } if message.contains(told)),
            "{error}"
        );
        assert!(!error.to_string().contains("evil"));
        assert!(
            std::net::TcpStream::connect(("127.0.0.1", port)).is_err(),
            "the port is free"
        );
        assert!(
            tokio::time::timeout(Duration::from_secs(5), org.location().lock())
                .await
                .is_ok()
        );
    }
    org.asked(0);
}

#[tokio::test]
async fn a_code_from_another_browser_is_exchanged_with_what_was_kept() {
    let org = Org::new(vec![tokens("new", Some("first"))]).await;
    let asking = Principal::new(org.login(Initiate::Refresh));
    let url = asking.begin(&org.channel).await.expect("an address");
    let state = reqwest::Url::parse(&url).expect("a url");
    let state = state
        .query_pairs()
        .find(|(key, _)| key == "state")
        .expect("a state")
        .1
        .into_owned();
    let mut login = org.login(Initiate::Refresh);
    login.verifier = secret("http://localhost:33333/?code=abc&state=wrong");
    let wrong = Principal::new(login.clone())
        .access_token(&org.channel, None)
        .await
        .expect_err("another login's");
    assert!(wrong.to_string().contains("state"), "{wrong}");
    org.asked(0);
    for verifier in [
        "abc".to_owned(),
        format!("http://localhost:33333/?code=abc&state={state}"),
    ] {
        login.verifier = secret(&verifier);
        let token = Principal::new(login.clone())
            .access_token(&org.channel, None)
            .await
            .expect("a token");
        assert_eq!(token.secret, Secret::new("new"));
    }
    // The second time the token was kept.
    org.asked(1);
}

#[tokio::test]
async fn connections_that_log_in_alike_share_one_principal() {
    let org = Org::new(vec![tokens("new", None)]).await;
    org.keep("old", Some("first"), -10).await;
    let one = Principal::shared(org.login(Initiate::Refresh));
    let other = Principal::shared(org.login(Initiate::Refresh));
    assert!(Arc::ptr_eq(&one, &other));
    let mut login = org.login(Initiate::Refresh);
    login.refresh_token = secret("another person's");
    let third = Principal::shared(login);
    assert!(!Arc::ptr_eq(&one, &third) && *one != *third);
    assert!(!third.identity().contains("another"));
}

#[tokio::test]
async fn past_and_present_secrets_are_removed_from_text() {
    let org = Org::new(vec![tokens("new-access", Some("second-refresh"))]).await;
    org.keep("old-access", Some("first-refresh"), -10).await;
    let mut login = org.login(Initiate::Refresh);
    login.app.authentication = Authentication::Secret(Secret::new("client-secret"));
    let principal = Principal::new(login);
    principal.access_token(&org.channel, None).await.expect("a token");
    let text = "old-access first-refresh new-access second-refresh client-secret";
    assert_eq!(principal.redact(text), "*** *** *** *** ***");
    assert_eq!(org.channel.redactor.redact(text), "*** *** *** *** ***");
    let shown = format!("{principal:?}");
    assert!(
        !shown.contains("-access") && !shown.contains("-refresh") && !shown.contains("-secret"),
        "{shown}"
    );
}

/// Opens a browser in which nobody signs in.
#[derive(Debug)]
struct Absent;

impl Person for Absent {
    fn ask(&self, _: Errand) -> Result<(), Error> {
        Ok(())
    }
}

/// The wait for another program and the wait for the person used to have five minutes each. The clock is the real one, so the
/// five minutes are less here.
#[tokio::test]
async fn the_wait_for_another_program_and_for_the_person_have_one_end() {
    let org = Org::new(vec![used_up()]).await;
    let mut login = org.login(Initiate::GetAndRefresh);
    login.person = Arc::new(Absent);
    login.callback = format!("http://localhost:{}", free_port());
    for (location, held, told) in [
        (org.location(), 400, "Nobody has come back"),
        (org.location(), 5000, "Another program"),
        (Location::Memory("one end".into()), 400, "Nobody has come back"),
        (Location::Memory("no end".into()), 5000, "another connection"),
    ] {
        login.location = Some(location.clone());
        let principal = Principal::new(login.clone());
        let lock = location.lock().await.expect("the lock");
        let other = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(held)).await;
            drop(lock);
        });
        let begun = Instant::now();
        // Somebody else's has the lock, but its file can be read without.
        let reading = principal
            .inner
            .clone()
            .get(&org.channel, None, begun + Duration::from_millis(800));
        let error = tokio::time::timeout(Duration::from_secs(3), reading)
            .await
            .expect("an end")
            .expect_err("nobody");
        let waited = begun.elapsed();
        assert!(error.to_string().contains(told), "{location}: {error}");
        assert!(
            (Duration::from_millis(750)..Duration::from_millis(1100)).contains(&waited),
            "{location}: {waited:?}"
        );
        other.abort();
    }
}

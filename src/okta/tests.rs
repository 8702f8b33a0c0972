//! Each fault that Okta or the network has, against a scripted server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::scripted::{Act, Scripted, answer, cut, error, ok};
use super::*;

const TOKEN: &str = "00secretTokenOfTheTests";

fn client_of(server: &Scripted, adjust: impl FnOnce(&mut Config)) -> Arc<Client> {
    let mut config = Config::new(&server.url, Credential::ApiToken(Secret::new(TOKEN)));
    config.backoff = Duration::from_millis(4);
    adjust(&mut config);
    Client::new(config).expect("a client")
}

fn users(limit: u32) -> Request {
    Request {
        query: vec![("search".into(), "status pr".into())],
        limit: Some(limit),
        ..Request::new("/api/v1/users")
    }
}

async fn play(script: Vec<Act>) -> (Scripted, Result<Page, Error>) {
    let server = Scripted::play(script).await;
    let page = client_of(&server, |_| {}).get(users(200)).await;
    (server, page)
}

#[tokio::test]
async fn a_request_says_what_it_should() {
    let server = Scripted::play(vec![ok(&["X-Okta-Request-Id: req1"], "[]")]).await;
    let request = Request {
        content_type: Some("application/json; okta-response=omitCredentials".into()),
        ..users(200)
    };
    let page = client_of(&server, |_| {}).get(request).await.expect("a page");
    assert_eq!(
        (&page.body[..], page.next, page.request_id.as_deref()),
        (&b"[]"[..], None, Some("req1"))
    );
    let head = server.asked().remove(0);
    assert!(
        head.starts_with("GET /api/v1/users?search=status%20pr&limit=200 HTTP/1.1\r\n"),
        "{head}"
    );
    for line in [
        format!("authorization: SSWS {TOKEN}"),
        "accept: application/json".into(),
        "content-type: application/json; okta-response=omitCredentials".into(),
        format!("user-agent: okta-odbc/{}", env!("CARGO_PKG_VERSION")),
        "accept-encoding: gzip".into(),
    ] {
        assert!(
            head.lines().any(|given| given.eq_ignore_ascii_case(&line)),
            "{head} lacks {line}"
        );
    }
}

#[tokio::test]
async fn a_429_waits_until_reset_by_the_servers_clock() {
    let limits = [
        "X-Rate-Limit-Limit: 50",
        "X-Rate-Limit-Remaining: 0",
        "X-Rate-Limit-Reset: 1767225600",
        "Date: Thu, 01 Jan 2026 00:00:00 GMT",
    ];
    let begun = Instant::now();
    let (server, page) = play(vec![
        error("429 Too Many Requests", "E0000047", &limits),
        ok(&[], "[1]"),
    ])
    .await;
    assert_eq!(&page.expect("a page").body[..], b"[1]");
    assert_eq!(server.asked().len(), 2);
    let waited = begun.elapsed();
    assert!(
        waited >= Duration::from_millis(990) && waited < Duration::from_secs(4),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_concurrency_429_waits_a_moment_only() {
    let limits = [
        "X-Rate-Limit-Limit: 0",
        "X-Rate-Limit-Remaining: 0",
        "X-Rate-Limit-Reset: 9999999999",
    ];
    let begun = Instant::now();
    let (server, page) = play(vec![error("429 Too Many Requests", "E0000047", &limits), ok(&[], "[]")]).await;
    assert!(page.is_ok() && server.asked().len() == 2);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn endless_429s_end_with_an_error() {
    let (server, page) = play(vec![error("429 Too Many Requests", "E0000047", &[])]).await;
    assert!(matches!(page, Err(Error::RateLimited { code, .. }) if code == "E0000047"));
    assert_eq!(server.asked().len(), 6);
}

#[tokio::test]
async fn the_reserve_of_a_shown_limit_is_waited_for() {
    let limits = [
        "X-Rate-Limit-Limit: 10",
        "X-Rate-Limit-Remaining: 2",
        "X-Rate-Limit-Reset: 1767225600",
        "Date: Thu, 01 Jan 2026 00:00:00 GMT",
    ];
    let server = Scripted::play(vec![ok(&limits, "[]"), ok(&[], "[]")]).await;
    let client = client_of(&server, |_| {});
    let begun = Instant::now();
    client.get(users(200)).await.expect("a page");
    assert!(begun.elapsed() < Duration::from_millis(900));
    client.get(users(200)).await.expect("a page");
    assert!(begun.elapsed() >= Duration::from_millis(990), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_repeated_500_halves_the_page_and_the_next_keep_the_size() {
    let timed_out = || error("500 Internal Server Error", "E0000009", &["X-Okta-Request-Id: first"]);
    let next = "Link: <https://elsewhere.okta.com/api/v1/users?after=c1&limit=200>; rel=\"next\"";
    let (server, page) = play(vec![timed_out(), timed_out(), timed_out(), ok(&[next], "[1]")]).await;
    let next = page.expect("a page").next.expect("a next request");
    assert_eq!(next.limit, Some(50));
    assert_eq!(next.query_string(), "?search=status%20pr&after=c1&limit=50");
    let limits: Vec<_> = server
        .targets()
        .iter()
        .map(|target| target.rsplit('=').next().map(str::to_owned))
        .collect();
    assert_eq!(limits, ["200", "200", "100", "50"].map(|limit| Some(limit.to_owned())));
    let retry = server.asked().remove(2).to_ascii_lowercase();
    assert!(
        retry.contains("x-okta-retry-for: first\r\n") && retry.contains("x-okta-retry-count: 2\r\n"),
        "{retry}"
    );
}

#[tokio::test]
async fn gateways_and_resets_are_tried_again() {
    for fault in [
        error("502 Bad Gateway", "", &[]),
        error("503 Service Unavailable", "", &[]),
        error("504 Gateway Timeout", "", &[]),
        Act::Reset,
        cut("[{\"id\":1},"),
        answer("200 OK", &["Content-Encoding: gzip"], b"this is no gzip"),
        ok(&[], "[{\"id\":1},"),
        ok(&["Content-Type: text/html"], "<html>Sign in to the network</html>"),
    ] {
        let (server, page) = play(vec![fault, ok(&[], "[1]")]).await;
        assert_eq!(&page.expect("a page").body[..], b"[1]");
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn faults_that_stay_end_with_their_error() {
    let (server, page) = play(vec![Act::Reset]).await;
    assert!(matches!(page, Err(Error::Unreachable { .. })));
    assert_eq!(server.asked().len(), 6);
    let (_, page) = play(vec![error("503 Service Unavailable", "E0000010", &[])]).await;
    assert!(matches!(page, Err(Error::Api { status: 503, .. })));
    let (_, page) = play(vec![answer("200 OK", &["Content-Encoding: gzip"], b"this is no gzip")]).await;
    assert!(matches!(page, Err(Error::BadAnswer { .. })));
    let (server, page) = play(vec![ok(&["Content-Type: text/html"], "<html></html>")]).await;
    let message = page.expect_err("no JSON").to_string();
    assert!(message.contains("text/html"), "{message}");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn what_the_engine_cannot_parse_is_fetched_again_once() {
    let server = Scripted::play(vec![ok(&[], "[1,,]"), ok(&[], "[1,2]")]).await;
    let client = client_of(&server, |_| {});
    let parse = |body: &bytes::Bytes| serde_json::from_slice::<Vec<u8>>(body);
    let (_, rows) = client.fetch(users(200)).page_parsed(parse).await.expect("a page");
    assert_eq!(rows, [1, 2]);
    let server = Scripted::play(vec![ok(&[], "[1,,]")]).await;
    let failed = client_of(&server, |_| {}).fetch(users(200)).page_parsed(parse).await;
    assert!(matches!(failed, Err(Error::BadAnswer { .. })));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn the_next_request_is_known_before_the_body() {
    let server = Scripted::play(vec![
        begun_page(),
        ok(&["Link: <https://y/?after=c1>; rel=\"next\""], "[7]"),
    ])
    .await;
    let client = client_of(&server, |_| {});
    let mut fetch = client.fetch(users(200));
    let next = fetch.next().await.expect("headers").expect("a next request");
    assert_eq!(next.after(), Some("c1"));
    assert_eq!(server.asked().len(), 1);
    assert_eq!(&fetch.page().await.expect("the page, read again").body[..], b"[7]");
    assert_eq!(server.asked().len(), 2);
}

/// Headers with a next link, and a body that breaks off.
fn begun_page() -> Act {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nLink: <https://x/api/v1/users?after=c1>; rel=\"next\"\r\n\r\n[";
    Act::Send(head.as_bytes().to_vec())
}

#[tokio::test]
async fn a_page_that_ends_elsewhere_after_its_next_was_told_doubles_no_row() {
    for changed in [
        ok(&["Link: <https://x/?after=c2>; rel=\"next\""], "[7]"),
        ok(&[], "[7]"),
    ] {
        let server = Scripted::play(vec![begun_page(), changed]).await;
        let client = client_of(&server, |_| {});
        let mut fetch = client.fetch(users(200));
        fetch.next().await.expect("headers").expect("a next request");
        let failed = fetch.page().await.expect_err("another page");
        assert!(
            matches!(&failed, Error::BadAnswer { message, .. } if message.contains("again")),
            "{failed}"
        );
    }
}

#[tokio::test]
async fn the_token_does_not_follow_links_or_redirects_to_other_hosts() {
    let other = Scripted::play(vec![ok(&[], "[]")]).await;
    let link = format!("Link: <{}/api/v1/users?after=c1>; rel=\"next\"", other.url);
    let server = Scripted::play(vec![ok(&[&link], "[]"), ok(&[], "[2]")]).await;
    let client = client_of(&server, |_| {});
    let next = client
        .get(users(200))
        .await
        .expect("a page")
        .next
        .expect("an empty page has a next");
    assert_eq!(&client.get(next).await.expect("the second page").body[..], b"[2]");
    assert_eq!(
        server.targets()[1],
        "/api/v1/users?search=status%20pr&after=c1&limit=200"
    );

    let redirect = format!("Location: {}/api/v1/users", other.url);
    let (_, page) = play(vec![answer("302 Found", &[&redirect], b"")]).await;
    let message = page.expect_err("not followed").to_string();
    assert!(message.contains("Domain") && message.contains(&other.url), "{message}");
    assert!(
        other.asked().is_empty(),
        "the other host was asked: {:?}",
        other.asked()
    );
}

#[tokio::test]
async fn a_list_that_repeats_itself_ends_with_an_error() {
    let next = "Link: <https://x/api/v1/users?after=c1>; rel=\"next\"";
    let server = Scripted::play(vec![ok(&[next], "[]")]).await;
    let client = client_of(&server, |_| {});
    let second = client
        .get(users(200))
        .await
        .expect("the first page")
        .next
        .expect("a next request");
    let failed = client.get(second).await.expect_err("the second page leads to itself");
    assert!(
        matches!(&failed, Error::BadAnswer { message, .. } if message.contains("repeats itself")),
        "{failed}"
    );
}

#[tokio::test]
async fn refusals_are_told_at_once_and_never_with_the_token() {
    for (status, code, variant) in [
        ("401 Unauthorized", "E0000011", "Unauthorized"),
        ("403 Forbidden", "E0000006", "Forbidden"),
        ("404 Not Found", "E0000007", "NotFound"),
        ("401 Unauthorized", "E0000015", "NotAvailable"),
        ("400 Bad Request", "E0000031", "Api"),
    ] {
        let echo = format!(r#"{{"errorCode":"{code}","errorSummary":"Bad token {TOKEN}"}}"#);
        let (server, page) = play(vec![answer(status, &["X-Okta-Request-Id: r1"], echo.as_bytes())]).await;
        let error = page.expect_err(status);
        let debug = format!("{error:?} {error}");
        assert!(
            debug.starts_with(variant) && debug.contains(code) && debug.contains("r1"),
            "{debug}"
        );
        assert!(!debug.contains(TOKEN), "{debug}");
        assert_eq!(server.asked().len(), 1);
    }
}

#[tokio::test]
async fn out_of_reach_and_silence_are_told_within_the_time_limit() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let client = Client::new(Config::new(closed, Credential::ApiToken(Secret::new(TOKEN)))).expect("a client");
    let failed = client.get(users(1)).await.expect_err("nobody listens");
    assert!(matches!(failed, Error::Unreachable { .. }), "{failed:?}");
    assert!(!failed.to_string().contains("search"), "{failed}");

    let server = Scripted::play(vec![Act::Hang]).await;
    let begun = Instant::now();
    let silent = client_of(&server, |config| config.timeout = Duration::from_millis(100))
        .get(users(1))
        .await;
    assert!(matches!(silent, Err(Error::TimedOut { .. })), "{silent:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn neither_config_nor_client_errors_print_the_token() {
    let config = Config::new("https://x.okta.com", Credential::ApiToken(Secret::new(TOKEN)));
    assert!(!format!("{config:?}").contains(TOKEN));
}

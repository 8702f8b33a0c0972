//! The listener at `CallbackURL`, where the browser brings the code after a login.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use crate::okta::{Error, Secret};

/// No browser asks for more.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long a connection may take to say what it wants: browsers open some that they do not use.
const PATIENCE: Duration = Duration::from_secs(10);
/// Strangers on this machine may connect too; more than these at once wait.
const MOST: usize = 32;

/// Where the browser is to come back to: this machine, a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    url: Url,
    port: u16,
}

/// What the browser brought.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Arrival {
    Code(Secret),
    Refused { code: String, description: String },
}

impl Callback {
    pub fn parse(text: &str) -> Result<Callback, Error> {
        let bad = |why: &str| Error::Configuration {
            message: format!(
                "CallbackURL={text} cannot be listened at: {why}. Give an address of this machine that is among the app's Sign-in \
                 redirect URIs, such as http://localhost:33333"
            ),
        };
        let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
        if url.scheme() != "http" {
            return Err(bad("only http can be, within this machine"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(bad("it is more than host, port and path"));
        }
        if addresses(&url).is_empty() {
            return Err(bad("its host is not localhost, 127.0.0.1 or [::1]"));
        }
        let port = url.port_or_known_default().filter(|port| *port != 0);
        let port = port.ok_or_else(|| bad("port 0 would be another one each time, and Okta compares it"))?;
        Ok(Callback { url, port })
    }

    /// Takes the port, before the browser is sent away.
    pub async fn listen(&self) -> Result<Listener, Error> {
        let in_use = |error: std::io::Error| Error::Login {
            code: String::new(),
            message: format!(
                "Port {} of CallbackURL={} cannot be listened at ({error}): end the program that uses it (another login?), or give another \
                 CallbackURL, registered among the app's Sign-in redirect URIs too",
                self.port, self.url
            ),
            request_id: None,
        };
        let mut sockets = Vec::new();
        for address in addresses(&self.url) {
            match TcpListener::bind(SocketAddr::new(address, self.port)).await {
                Ok(socket) => sockets.push(socket),
                // A machine may have no IPv6; somebody else's program on the same port is another matter.
                Err(error) if address.is_ipv6() && !sockets.is_empty() && error.kind() != ErrorKind::AddrInUse => {}
                Err(error) => return Err(in_use(error)),
            }
        }
        Ok(Listener {
            path: self.url.path().to_owned(),
            sockets,
            strange: Arc::new(AtomicBool::new(false)),
        })
    }

    /// The code in `text`: a code, or the whole address of the page that could not be shown, whose state must be right.
    pub fn pasted(text: &str, state: &Secret) -> Result<Secret, Error> {
        let text = text.trim();
        if !text.contains("://") && !text.contains("code=") {
            return Ok(Secret::new(text));
        }
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        match arrival(query.split('#').next().unwrap_or_default(), state) {
            Some(Arrival::Code(code)) => Ok(code),
            Some(Arrival::Refused { code, description }) => Err(refused(code, &description)),
            None => Err(wrong_state()),
        }
    }
}

/// Loopback alone: nobody on the network may connect.
fn addresses(url: &Url) -> Vec<IpAddr> {
    let (v4, v6) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    match url.host_str() {
        Some("localhost") => vec![v4, v6],
        Some("127.0.0.1") => vec![v4],
        Some("[::1]") => vec![v6],
        _ => Vec::new(),
    }
}

/// Dropping it frees the port.
pub struct Listener {
    path: String,
    sockets: Vec<TcpListener>,
    strange: Arc<AtomicBool>,
}

impl Listener {
    /// Tells whether somebody came back with a state that is not of this login, also after the wait was cut short.
    pub fn strange(&self) -> Arc<AtomicBool> {
        self.strange.clone()
    }

    /// Waits, without end, for the browser to come back with `state`. One with another state is told so and changes
    /// nothing: any page that a browser on this machine shows can send such a request, and must not be able to end the
    /// login. That one came is told when no right one has come in time.
    pub async fn code(self, state: &Secret) -> Result<Secret, Error> {
        let (sender, mut arrivals) = mpsc::channel(1);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                Some(arrival) = arrivals.recv() => return match arrival {
                    Arrival::Code(code) => Ok(code),
                    Arrival::Refused { code, description } => Err(refused(code, &description)),
                },
                accepted = accept(&self.sockets), if connections.len() < MOST => {
                    let Ok(stream) = accepted else { continue };
                    let (sender, path, state) = (sender.clone(), self.path.clone(), state.clone());
                    let strange = self.strange.clone();
                    connections.spawn(tokio::time::timeout(PATIENCE, async move {
                        match serve(stream, &path, &state).await {
                            Some(Some(arrival)) => drop(sender.send(arrival).await),
                            Some(None) => strange.store(true, Ordering::Relaxed),
                            None => {}
                        }
                    }));
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn accept(sockets: &[TcpListener]) -> std::io::Result<TcpStream> {
    let accepting = sockets.iter().map(|socket| Box::pin(socket.accept()));
    let (accepted, ..) = futures::future::select_all(accepting).await;
    match accepted {
        Ok((stream, _)) => Ok(stream),
        Err(error) => {
            // Out of descriptors, say: not again at once.
            tokio::time::sleep(Duration::from_millis(50)).await;
            Err(error)
        }
    }
}

/// Answers one request. None where it is none of the login's (`/favicon.ico`), Some(None) where its state is wrong.
async fn serve(mut stream: TcpStream, path: &str, state: &Secret) -> Option<Option<Arrival>> {
    // The code is in it: both are overwritten, and never moved.
    let mut buffer = Zeroizing::new([0; 4096]);
    let mut head = Zeroizing::new(Vec::with_capacity(LONGEST_HEAD + buffer.len()));
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut buffer[..]).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&buffer[..count]);
        if head.len() > LONGEST_HEAD {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let target = words.next().filter(|method| *method == "GET").and(words.next());
    let (asked, query) = target
        .map(|target| target.split_once('?').unwrap_or((target, "")))
        .unwrap_or_default();
    if asked != path {
        answer(&mut stream, "404 Not Found", "There is nothing here.").await;
        return None;
    }
    let arrival = arrival(query, state);
    let (status, words) = match &arrival {
        Some(Arrival::Code(_)) => ("200 OK", "You are signed in. You can close this window."),
        Some(Arrival::Refused { .. }) => (
            "200 OK",
            "You are not signed in: the program that asked for it tells why. You can close this window.",
        ),
        None => (
            "400 Bad Request",
            "This answer does not belong to the login that is going on here.",
        ),
    };
    answer(&mut stream, status, words).await;
    Some(arrival)
}

/// Nothing of the request stands in it.
async fn answer(stream: &mut TcpStream, status: &str, words: &str) {
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Okta ODBC Driver</title></head>\
         <body><p>{words}</p></body></html>"
    );
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\n\
         X-Content-Type-Options: nosniff\r\n\r\n{page}",
        page.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// What a query says; None where its state is not ours (RFC 6749 §10.12). Secrets compare in constant time.
fn arrival(query: &str, state: &Secret) -> Option<Arrival> {
    let mut url = Url::parse("http://localhost/").ok()?;
    url.set_query(Some(query));
    let value = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    if Secret::new(value("state")?) != *state {
        return None;
    }
    match (value("code"), value("error")) {
        (Some(code), None) if !code.is_empty() => Some(Arrival::Code(Secret::new(code))),
        (_, error) => Some(Arrival::Refused {
            code: error.unwrap_or_default(),
            description: value("error_description").unwrap_or_default(),
        }),
    }
}

/// Okta's refusals by way of the browser (RFC 6749 §4.1.2.1).
fn refused(code: String, description: &str) -> Error {
    let advice = match code.as_str() {
        "access_denied" => {
            "the person, or a policy of the org, did not allow it: sign in again, and check the app's Assignments"
        }
        "invalid_scope" => "grant the scopes to the app (tab Okta API Scopes), or name others as Scope",
        "unauthorized_client" | "unsupported_response_type" => {
            "the app needs the grant type Authorization Code (General > Grant type)"
        }
        _ => "check the app in Okta's Admin Console",
    };
    let said: String = description
        .chars()
        .filter(|letter| !letter.is_control())
        .take(300)
        .collect();
    let shown = if code.is_empty() {
        "no code and no error".to_owned()
    } else {
        code.clone()
    };
    let said = if said.is_empty() {
        shown
    } else {
        format!("{said} ({shown})")
    };
    Error::Login {
        code,
        message: format!("The sign-in in the browser ended without a login: {advice}. Okta: {said}"),
        request_id: None,
    }
}

/// RFC 6749 §10.12: such an answer may have been made up by another site.
pub fn wrong_state() -> Error {
    Error::Login {
        code: String::new(),
        message: "What came back to CallbackURL has another state than this login gave, and nothing was done with it: it may be of an \
                  earlier login whose page was still open, or another site made it up. Sign in again"
            .into(),
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port() -> u16 {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        socket.local_addr().expect("an address").port()
    }

    async fn get(port: u16, target: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a listener");
        let request = format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    #[test]
    fn only_this_machine_is_listened_at() {
        for good in [
            "http://localhost:33333",
            "http://127.0.0.1:1/cb",
            "http://[::1]:8080/",
            "http://localhost",
        ] {
            assert!(Callback::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "https://localhost:1",
            "http://localhost:0",
            "http://0.0.0.0:1",
            "http://example.com:1",
            "http://localhost.example.com:1",
            "http://u@localhost:1",
            "http://localhost:1/?x",
            "localhost:1",
            "",
        ] {
            let error = Callback::parse(bad).expect_err(bad).to_string();
            assert!(
                error.contains("CallbackURL") && error.contains("http://localhost:33333"),
                "{error}"
            );
        }
    }

    #[tokio::test]
    async fn the_code_comes_after_whatever_else_a_browser_asks_and_strangers_say() {
        let port = port();
        let callback = Callback::parse(&format!("http://localhost:{port}/cb")).expect("a callback");
        let listener = callback.listen().await.expect("a listener");
        let strange = listener.strange();
        let state = Secret::new("right");
        let waiting = tokio::spawn(async move { listener.code(&state).await });
        // Browsers open connections that they do not use.
        let _idle = TcpStream::connect(("127.0.0.1", port)).await.expect("a listener");
        assert!(get(port, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
        assert!(get(port, "/?code=c&state=right").await.starts_with("HTTP/1.1 404"));
        assert!(!strange.load(Ordering::Relaxed));
        for target in [
            "/cb?code=evil&state=wrong",
            "/cb?code=evil",
            "/cb?error=access_denied&state=",
            "/cb",
        ] {
            let answer = get(port, target).await;
            assert!(
                answer.starts_with("HTTP/1.1 400") && !answer.contains("evil"),
                "{answer}"
            );
        }
        assert!(strange.load(Ordering::Relaxed));
        let answer = get(port, "/cb?state=right&code=a%2Bb").await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("close this window"),
            "{answer}"
        );
        assert_eq!(waiting.await.expect("no panic"), Ok(Secret::new("a+b")));
        assert!(
            TcpStream::connect(("127.0.0.1", port)).await.is_err(),
            "the port is free again"
        );
    }

    #[tokio::test]
    async fn a_refusal_is_told_in_oktas_words() {
        let port = port();
        let callback = Callback::parse(&format!("http://127.0.0.1:{port}")).expect("a callback");
        let listener = callback.listen().await.expect("a listener");
        let state = Secret::new("s");
        let waiting = tokio::spawn(async move { listener.code(&state).await });
        get(
            port,
            "/?error=access_denied&error_description=The+resource+owner+denied&state=s",
        )
        .await;
        let error = waiting.await.expect("no panic").expect_err("a refusal");
        assert!(matches!(&error, Error::Login { code, .. } if code == "access_denied"));
        assert!(
            error.to_string().contains("The resource owner denied (access_denied)"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_port_in_use_names_the_keyword() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        let callback = Callback::parse(&format!("http://localhost:{port}")).expect("a callback");
        let Err(error) = callback.listen().await else {
            panic!("the port is taken")
        };
        let told = error.to_string();
        assert!(
            matches!(error, Error::Login { .. }) && told.contains("CallbackURL") && told.contains(&port.to_string())
        );
    }

    #[test]
    fn a_pasted_address_is_as_good_as_its_code_if_the_state_is_right() {
        let state = Secret::new("s");
        for (pasted, code) in [
            (" abc-1\n", Some("abc-1")),
            ("http://localhost:33333/?code=a%2Db&state=s", Some("a-b")),
            ("http://localhost:33333/?code=abc&state=other", None),
            ("code=abc&state=s", Some("abc")),
            ("http://localhost:33333/?error=access_denied&state=s", None),
        ] {
            assert_eq!(Callback::pasted(pasted, &state).ok(), code.map(Secret::new), "{pasted}");
        }
    }
}

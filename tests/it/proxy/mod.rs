//! Proxies end to end. okta-sim stands behind a name and an address that only a proxy knows the way to: this machine's own are
//! never reached through one.

mod server;

use std::net::TcpListener;

use okta_odbc::diag::Record;
use okta_sim::Sim;

use crate::certificates::Authority;
use crate::tls::{read, secure};
use server::{Behaviour, Protocol, Proxy};

/// A name that no resolver knows (RFC 6761 §6.2), and an address that nobody has (RFC 5737).
const NAME: &str = "sim.okta.test";
const ADDRESS: &str = "192.0.2.1";

/// An okta-sim for both, and its authority.
struct Org {
    sim: Sim,
    authority: Authority,
}

impl Org {
    fn new() -> Org {
        let authority = Authority::new();
        let sim = secure(&authority.sign(&format!("DNS:{NAME},IP:{ADDRESS}")));
        Org { sim, authority }
    }

    fn port(&self) -> u16 {
        self.sim.url().rsplit(':').next().unwrap().parse().unwrap()
    }

    /// A proxy that leads to it, whatever it is asked for.
    fn proxy(&self, protocol: Protocol, behaviour: Behaviour) -> Proxy {
        Proxy::start(protocol, behaviour, self.port())
    }

    fn read(&self, host: &str, more: &str) -> Result<(), Record> {
        let (port, ca) = (self.port(), self.authority.pem());
        let keywords = format!("SSLServerCert={};MaxRetries=0;{more}", ca.display());
        read(&format!("https://{host}:{port}"), &keywords)
    }

    /// What a connect to `host` fails with: 08001, and okta-sim was asked nothing.
    fn refused(&self, host: &str, more: &str) -> String {
        let record = self.read(host, more).expect_err("no connection");
        assert_eq!(record.state.code(), "08001", "{}", record.message());
        assert_eq!(self.sim.requests().len(), 0);
        record.message().to_owned()
    }
}

fn keywords(kind: &str, proxy: &Proxy) -> String {
    let address = proxy.address;
    format!(
        "ProxyType={kind};ProxyServer={};ProxyPort={}",
        address.ip(),
        address.port()
    )
}

fn contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
fn every_kind_leads_to_the_org() {
    let org = Org::new();
    let port = org.port();
    for (kind, protocol, host, asked) in [
        ("AUTO", Protocol::Http, NAME, format!("CONNECT {NAME}:{port}")),
        ("HTTP", Protocol::Http, ADDRESS, format!("CONNECT {ADDRESS}:{port}")),
        ("SOCKS4", Protocol::Socks, ADDRESS, format!("4 {ADDRESS}:{port}")),
        ("SOCKS4A", Protocol::Socks, NAME, format!("4 {NAME}:{port}")),
        ("SOCKS5", Protocol::Socks, ADDRESS, format!("5 {ADDRESS}:{port}")),
        ("SOCKS5H", Protocol::Socks, NAME, format!("5 {NAME}:{port}")),
    ] {
        let proxy = org.proxy(protocol, Behaviour::Open);
        let read = org.read(host, &keywords(kind, &proxy));
        assert_eq!(read, Ok(()), "{kind}");
        let all = proxy.asked();
        assert!(
            !all.is_empty() && all.iter().all(|line| *line == asked),
            "{kind}: {all:?}"
        );
    }
}

#[test]
fn a_proxy_that_speaks_tls_leads_to_the_org_and_its_own_certificate_counts() {
    let org = Org::new();
    let certificate = org.authority.sign("IP:127.0.0.1");
    let proxy = Proxy::start_tls(&certificate, Behaviour::Password("user", "secret"), org.port());
    let way = keywords("HTTPS", &proxy);
    assert_eq!(
        org.read(NAME, &format!("{way};ProxyUser=user;ProxyPassword=secret")),
        Ok(())
    );
    assert!(
        proxy
            .asked()
            .iter()
            .all(|line| line.starts_with(&format!("CONNECT {NAME}:")))
    );

    let other = Org::new();
    let message = other.refused(NAME, &way);
    contains(&message, &["through the proxy 127.0.0.1", "CN=okta-odbc-authority"]);
}

#[test]
fn names_and_passwords_are_given_as_the_proxy_wants_them() {
    let org = Org::new();
    for (kind, protocol) in [("HTTP", Protocol::Http), ("SOCKS5H", Protocol::Socks)] {
        // What has a meaning in URLs, and what is no ASCII.
        let proxy = org.proxy(protocol, Behaviour::Password("dömain\\al@din", "open:sesame%41/?#+ ä"));
        let login = "ProxyUser=dömain\\al@din;ProxyPassword={open:sesame%41/?#+ ä}";
        assert_eq!(
            org.read(NAME, &format!("{};{login}", keywords(kind, &proxy))),
            Ok(()),
            "{kind}"
        );
        let proxy = org.proxy(protocol, Behaviour::Password("us er", "a:b"));
        let url = format!("{}://us%20er:a%3Ab@{}", kind.to_lowercase(), proxy.address);
        assert_eq!(org.read(NAME, &format!("ProxyServer={url}")), Ok(()), "{kind}");
    }
}

#[test]
fn a_proxy_that_wants_another_name_is_named_with_its_keywords_and_no_password() {
    for (kind, protocol) in [("HTTP", Protocol::Http), ("SOCKS5H", Protocol::Socks)] {
        let org = Org::new();
        let proxy = org.proxy(protocol, Behaviour::Password("user", "right"));
        let way = keywords(kind, &proxy);
        let address = proxy.address.to_string();
        let without = org.refused(NAME, &way);
        contains(&without, &[&address, "asks for", "ProxyUser", "ProxyPassword"]);
        let wrong = org.refused(NAME, &format!("{way};ProxyUser=user;ProxyPassword=hidden-wrong"));
        contains(&wrong, &[&address, "does not accept", "ProxyUser", "ProxyPassword"]);
        assert!(!wrong.contains("hidden-wrong"), "{wrong}");
    }
}

#[test]
fn a_proxy_out_of_reach_and_one_that_opens_no_way_are_told_as_the_proxys_fault() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    for (kind, protocol) in [
        ("HTTP", Protocol::Http),
        ("SOCKS5H", Protocol::Socks),
        ("SOCKS4A", Protocol::Socks),
    ] {
        let org = Org::new();
        let message = org.refused(NAME, &format!("ProxyType={kind};ProxyServer={closed}"));
        contains(
            &message,
            &["The proxy", &closed.to_string(), "cannot be reached", "ProxyServer"],
        );
        let proxy = org.proxy(protocol, Behaviour::Refuse);
        let message = org.refused(NAME, &keywords(kind, &proxy));
        contains(
            &message,
            &["The proxy", &proxy.address.to_string(), "opened no way", NAME],
        );
    }
    let org = Org::new();
    let proxy = org.proxy(Protocol::Socks, Behaviour::Open);
    contains(&org.refused(NAME, &keywords("SOCKS5", &proxy)), &["SOCKS5H", NAME]);
}

#[test]
fn exceptions_and_loopback_are_reached_without_the_proxy() {
    let org = Org::new();
    let proxy = org.proxy(Protocol::Http, Behaviour::Open);
    let way = keywords("HTTP", &proxy);
    for exceptions in ["*.okta.test", "other;okta.test", "sim.okta.test", ".okta.test", "*"] {
        // Without the proxy nobody knows the name.
        let message = org.refused(NAME, &format!("{way};ProxyExceptions={{{exceptions}}}"));
        assert!(!message.contains("The proxy"), "{exceptions}: {message}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
    for exceptions in ["*.test.okta", "kta.test", "10.0.0.0/8"] {
        assert_eq!(
            org.read(NAME, &format!("{way};ProxyExceptions={exceptions}")),
            Ok(()),
            "{exceptions}"
        );
    }
    let asked = proxy.asked().len();
    let plain = Sim::start(okta_sim::Options::default());
    assert_eq!(read(plain.url(), &way), Ok(()));
    assert_eq!(proxy.asked().len(), asked);
}

/// What the system says is read from the environment, which only another process can be given: this test starts itself
/// again as one.
#[test]
fn the_environments_proxy_is_used_where_no_keyword_says_otherwise() {
    if let Ok(more) = std::env::var("OKTA_ODBC_TEST_PROXY_OF_THE_ENVIRONMENT") {
        let (url, keywords) = more.split_once(' ').unwrap();
        if let Err(record) = read(url, keywords) {
            panic!("{}", record.message());
        }
        return;
    }
    let org = Org::new();
    let proxy = org.proxy(Protocol::Http, Behaviour::Password("user", "hidden"));
    let url = format!("http://user:hidden@{}", proxy.address);
    let ca = org.authority.pem().display().to_string();
    let run = |variables: &[(&str, &str)], more: &str| {
        let given = format!("https://{NAME}:{} SSLServerCert={ca};MaxRetries=0;{more}", org.port());
        let mut test = std::process::Command::new(std::env::current_exe().unwrap());
        test.args([
            "--exact",
            "proxy::the_environments_proxy_is_used_where_no_keyword_says_otherwise",
            "--nocapture",
        ])
        .env("OKTA_ODBC_TEST_PROXY_OF_THE_ENVIRONMENT", given);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            test.env_remove(name).env_remove(name.to_lowercase());
        }
        let ran = test.envs(variables.iter().copied()).output().unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
        assert!(!said.contains("hidden"), "{said}");
        if ran.status.success() { Ok(()) } else { Err(said) }
    };
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        assert_eq!(run(&[(name, &url)], ""), Ok(()), "{name}");
    }
    let asked = proxy.asked().len();
    for (variables, more) in [
        (&[("HTTPS_PROXY", url.as_str())][..], "ProxyAutoDetect=false"),
        (&[("HTTPS_PROXY", url.as_str()), ("NO_PROXY", "okta.test")], ""),
        (&[("ALL_PROXY", url.as_str()), ("no_proxy", "other, .okta.test")], ""),
        (&[], ""),
    ] {
        let said = run(variables, more).expect_err("nobody knows the name");
        contains(&said, &[NAME, "cannot be reached"]);
    }
    assert_eq!(proxy.asked().len(), asked);
    let wrong = format!("http://{}", proxy.address);
    let said = run(&[("HTTPS_PROXY", &wrong)], "").expect_err("a proxy without its password");
    contains(&said, &["HTTPS_PROXY", "ProxyUser", "asks for"]);
}

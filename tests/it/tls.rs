//! TLS and HTTP/2 end to end: which certificates are believed, and what is said of those that are not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use okta_odbc::connection::{Cancel, Runtime, Session, Settings};
use okta_odbc::diag::Record;
use okta_sim::Sim;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::{Authority, Certificate};

pub fn secure(certificate: &Certificate) -> Sim {
    Sim::start(okta_sim::Options {
        users: 450,
        tls_cert: Some(certificate.file.clone()),
        tls_key: Some(certificate.key.clone()),
        ..Default::default()
    })
}

/// The record of the failure, as an application sees it.
pub fn connect(url: &str, more: &str) -> Result<Session, Record> {
    let text = format!("Domain={url};APIToken={};{more}", okta_sim::API_TOKEN);
    let (settings, warnings) = Settings::from_string(&text)?;
    assert_eq!(warnings, []);
    let timeout = Some(Duration::from_secs(20));
    let connected = Session::connect(settings, Runtime::acquire(), &Cancel::default(), timeout);
    connected.map(|(session, _)| session).map_err(Record::from)
}

/// Connects and reads a user: schemas of an org that is known already cost no request.
pub fn read(url: &str, more: &str) -> Result<(), Record> {
    let session = connect(url, more)?;
    let prepared = session.engine().prepare("SELECT TOP 1 Id FROM Users")?;
    let rows = session.runtime().run(
        async move { prepared.execute(vec![], None).await },
        &Cancel::default(),
        None,
    )?;
    rows.map(|rows| assert_eq!(rows.in_hand(), 1)).map_err(Record::from)
}

/// What a connection to a server with `certificate` fails with: 08001, nothing asked.
fn refused(certificate: &Certificate, server_cert: &str) -> String {
    let sim = secure(certificate);
    let record = connect(sim.url(), &format!("SSLServerCert={server_cert}"))
        .err()
        .expect("no connection");
    assert_eq!(record.state.code(), "08001", "{}", record.message());
    assert_eq!(sim.requests().len(), 0);
    record.message().to_owned()
}

fn contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
}

#[test]
fn rows_come_over_http_2_with_the_certificate_named() {
    let authority = Authority::new();
    let certificate = authority.self_signed(false);
    let sim = secure(&certificate);
    assert!(sim.url().starts_with("https://"));
    let session = connect(sim.url(), &format!("SSLServerCert={}", certificate.file.display())).unwrap();
    let prepared = session.engine().prepare("SELECT Id FROM Users").unwrap();
    let read = async move {
        let mut rows = prepared.execute(vec![], None).await.unwrap();
        let mut count = 0;
        while let Some(batch) = rows.next().await.unwrap() {
            count += batch.num_rows();
        }
        count
    };
    let count = session.runtime().run(read, &Cancel::default(), None).unwrap();
    assert_eq!(count, 450);
    let requests = sim.requests().len();
    assert_eq!(requests, 1 + 3);
    assert_eq!(sim.http2_requests(), requests as u64);
}

#[test]
fn what_a_private_authority_signs_is_believed_by_its_file_and_by_its_text() {
    let authority = Authority::new();
    let sim = secure(&authority.sign("IP:127.0.0.1"));
    let text = std::fs::read_to_string(authority.pem()).unwrap();
    for given in [authority.pem().display().to_string(), format!("{{{text}}}")] {
        assert_eq!(read(sim.url(), &format!("SSLServerCert={given}")), Ok(()), "{given}");
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_names_its_issuer_and_the_keyword() {
    let authority = Authority::new();
    let certificate = authority.sign("IP:127.0.0.1");
    let issuer = "CN=okta-odbc-authority";
    contains(
        &refused(&certificate, ""),
        &["SSLServerCert", issuer, &certificate.fingerprint()],
    );
    let other = Authority::new();
    contains(&refused(&certificate, &other.pem().display().to_string()), &[issuer]);
    contains(&refused(&authority.self_signed(false), ""), &["signed by itself"]);
}

#[test]
fn a_certificate_of_another_host_names_both() {
    let authority = Authority::new();
    let certificate = authority.sign("DNS:org.okta.test,DNS:*.preview.test,IP:192.0.2.7");
    contains(
        &refused(&certificate, &authority.pem().display().to_string()),
        &[
            "org.okta.test, *.preview.test, 192.0.2.7",
            "not for 127.0.0.1",
            "Domain",
        ],
    );
}

#[test]
fn an_expired_certificate_and_one_of_the_future_tell_the_date_and_the_clock() {
    let authority = Authority::new();
    let ca = authority.pem().display().to_string();
    let today = chrono::Utc::now().format("%Y-%m-%dT").to_string();
    for (validity, said) in [
        (
            "-startdate 20200101000000Z -enddate 20210102030405Z",
            "ended at 2021-01-02T03:04:05Z",
        ),
        (
            "-startdate 21000102030405Z -enddate 21010101000000Z",
            "begins at 2100-01-02T03:04:05Z",
        ),
    ] {
        let certificate = authority.sign_for("IP:127.0.0.1", validity);
        contains(&refused(&certificate, &ca), &[said, &format!("clock shows {today}")]);
    }
}

#[test]
fn an_authoritys_certificate_on_a_server_is_told_with_what_to_give() {
    let authority = Authority::new();
    let shown = authority.self_signed(true);
    let message = refused(&shown, &shown.file.display().to_string());
    contains(&message, &[&format!("SSLServerCert={}", shown.fingerprint())]);
}

#[test]
fn a_fingerprint_decides_alone() {
    let authority = Authority::new();
    // Of another host, long ended, signed by nobody known: the fingerprint is what counts.
    let certificate = authority.sign_for(
        "DNS:org.okta.test",
        "-startdate 20200101000000Z -enddate 20210101000000Z",
    );
    let right = certificate.fingerprint();
    let sim = secure(&certificate);
    for given in [
        right.clone(),
        right.replace(':', "").to_lowercase(),
        format!("SHA256:{right}"),
    ] {
        assert_eq!(read(sim.url(), &format!("SSLServerCert={given}")), Ok(()), "{given}");
    }
    let other = authority.sign("IP:127.0.0.1");
    let message = refused(&other, &right);
    contains(&message, &[&right, &other.fingerprint(), "SSLServerCert"]);
}

/// A certificate is public: whoever copied it must not pass for its owner. The server here shows it and signs with a key of
/// its own.
#[test]
fn a_pinned_certificate_without_its_key_is_no_proof() {
    let authority = Authority::new();
    let pinned = authority.sign("IP:127.0.0.1");
    let fingerprint = pinned.fingerprint();
    let shown = CertificateDer::from_pem_file(&pinned.file).unwrap();
    let own_key = PrivateKeyDer::from_pem_file(authority.sign("IP:127.0.0.1").key).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&own_key).unwrap();
    let certified = Arc::new(rustls::sign::CertifiedKey::new(vec![shown], key));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified.clone())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            // Whatever came through would be a request with the token.
            let mut request = Vec::new();
            let _ = rustls::Stream::new(&mut session, &mut stream).read_to_end(&mut request);
            request
        });
        let record = connect(&url, &format!("SSLServerCert={fingerprint}"))
            .err()
            .expect("no connection");
        assert_eq!(record.state.code(), "08001", "{}", record.message());
        assert!(
            record.message().contains("without having its key"),
            "{}",
            record.message()
        );
        assert_eq!(server.join().unwrap(), b"");
    }
}

#[test]
fn nothing_switches_verification_off() {
    let authority = Authority::new();
    let sim = secure(&authority.self_signed(false));
    for given in ["*", "any", "ANY", "none", "false"] {
        let record = connect(sim.url(), &format!("SSLServerCert={given}"))
            .err()
            .expect("no connection");
        contains(record.message(), &["always verified"]);
    }
    for given in ["TrustServerCertificate=yes", "Encrypt=no"] {
        assert!(connect(sim.url(), given).is_err(), "{given}");
    }
    assert_eq!(sim.requests().len(), 0);
}

/// The platform's trust store, which a test can only choose for a process of its own: SSL_CERT_FILE takes its place. The test calls
/// itself; there `CHILD` holds the server's address.
#[test]
fn what_the_platform_trusts_needs_no_keyword() {
    const CHILD: &str = "OKTA_ODBC_TEST_TRUSTED";
    if let Ok(url) = std::env::var(CHILD) {
        assert_eq!(read(&url, ""), Ok(()));
        return;
    }
    let (authority, other) = (Authority::new(), Authority::new());
    let sim = secure(&authority.sign("IP:127.0.0.1"));
    let child = |trusted: &Authority| {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tls::what_the_platform_trusts_needs_no_keyword"])
            .env(CHILD, sim.url())
            .env("SSL_CERT_FILE", trusted.pem())
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        (
            child.status.success(),
            String::from_utf8_lossy(&child.stdout).into_owned(),
        )
    };
    let (passed, text) = child(&authority);
    assert!(passed && text.contains("1 passed"), "{text}");
    assert_eq!(sim.requests().len(), 2);
    let (passed, text) = child(&other);
    assert!(!passed && text.contains("SSLServerCert"), "{text}");
    assert_eq!(sim.requests().len(), 2);
}

#[test]
fn tls_1_2_is_enough() {
    let authority = Authority::new();
    let certificate = authority.sign("IP:127.0.0.1");
    let sim = Sim::start(okta_sim::Options {
        tls_cert: Some(certificate.file.clone()),
        tls_key: Some(certificate.key.clone()),
        tls12: true,
        ..Default::default()
    });
    let trusted = format!("SSLServerCert={}", authority.pem().display());
    assert_eq!(read(sim.url(), &trusted), Ok(()));
    // The server is as old as it says: whoever wants TLS 1.3 alone gets nothing.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let newer = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
    let mut session = rustls::ClientConnection::new(Arc::new(newer), name).unwrap();
    let mut stream = std::net::TcpStream::connect(sim.url().trim_start_matches("https://")).unwrap();
    let refused = session.complete_io(&mut stream).unwrap_err().to_string();
    assert!(refused.contains("ProtocolVersion"), "{refused}");
}

/// RFC 4346 §7.4.1.3: the answer of a server that knows nothing newer than TLS 1.1.
#[test]
fn tls_1_1_is_refused() {
    const VERSION: [u8; 2] = [3, 2];
    let mut hello = VERSION.to_vec();
    hello.extend([7; 32]); // random
    hello.push(0); // no session id
    hello.extend([0xC0, 0x13]); // TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA
    hello.push(0); // no compression
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, VERSION[0], VERSION[1], 0, length + 4];
    record.extend([2, 0, 0, length]);
    record.extend(hello);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut client_hello = [0; 5];
        stream.read_exact(&mut client_hello).unwrap();
        let length = usize::from(u16::from_be_bytes([client_hello[3], client_hello[4]]));
        stream.read_exact(&mut vec![0; length]).unwrap();
        stream.write_all(&record).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        rest
    });
    let record = connect(&url, "MaxRetries=0").err().expect("no connection");
    assert_eq!(record.state.code(), "08001", "{}", record.message());
    contains(record.message(), &["TLS 1.2"]);
    // RFC 5246 §7.2: a fatal alert, protocol_version, and nothing else.
    assert_eq!(server.join().unwrap()[5..], [2, 70]);
}

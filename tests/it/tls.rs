//! TLS and HTTP/2 end to end, with a certificate of the test's own.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use okta_odbc::connection::{Cancel, ConnectError, Runtime, Session, Settings};
use okta_odbc::diag::Record;
use okta_sim::Sim;

const EXTENSIONS: &str = "[req]\ndistinguished_name = dn\nx509_extensions = server\nprompt = no\n[dn]\nCN = okta-sim\n\
                          [server]\nsubjectAltName = IP:127.0.0.1\nbasicConstraints = critical, CA:FALSE\n";

/// A certificate for 127.0.0.1 and its key, in a folder that goes with it.
struct Certificate {
    folder: PathBuf,
}

impl Certificate {
    fn new(name: &str) -> Certificate {
        let folder = std::env::temp_dir().join(format!("okta-odbc-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("openssl.cnf"), EXTENSIONS).unwrap();
        let made = Command::new("openssl")
            .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' '))
            .args("-config openssl.cnf -keyout key.pem -out cert.pem".split(' '))
            .current_dir(&folder)
            .output()
            .expect("this test needs the command openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Certificate { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // What stays in the temporary folder harms no other test.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn secure(certificate: &Certificate) -> Sim {
    Sim::start(okta_sim::Options {
        users: 450,
        tls_cert: Some(certificate.file("cert.pem")),
        tls_key: Some(certificate.file("key.pem")),
        ..Default::default()
    })
}

fn connect(sim: &Sim, more: &str) -> Result<Session, ConnectError> {
    let text = format!("Domain={};APIToken={};{more}", sim.url(), okta_sim::API_TOKEN);
    let (settings, _) = Settings::from_string(&text).unwrap();
    let timeout = Some(Duration::from_secs(20));
    Session::connect(settings, Runtime::acquire(), &Cancel::default(), timeout).map(|(session, _)| session)
}

#[test]
fn rows_come_over_http_2_with_the_certificate_named() {
    let certificate = Certificate::new("http2");
    let sim = secure(&certificate);
    assert!(sim.url().starts_with("https://"));
    let session = connect(
        &sim,
        &format!("SSLServerCert={}", certificate.file("cert.pem").display()),
    )
    .unwrap();
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
fn a_certificate_that_nobody_vouches_for_is_08001_and_names_the_keyword() {
    let certificate = Certificate::new("unknown");
    let sim = secure(&certificate);
    let error = connect(&sim, "").err().expect("no connection");
    let record = Record::from(error);
    assert_eq!(record.state.code(), "08001");
    assert!(record.message().contains("SSLServerCert"), "{}", record.message());
    assert_eq!(sim.requests().len(), 0);
}

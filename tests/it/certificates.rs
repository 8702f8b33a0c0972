//! Certificates for tests, by the command openssl: a private authority and what it signs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A certificate with its key; `SSLServerCert` of who trusts its issuer.
pub struct Certificate {
    pub file: PathBuf,
    pub key: PathBuf,
}

/// A private certificate authority, in a folder that goes with it.
pub struct Authority {
    folder: tempfile::TempDir,
}

const CONFIGURATION: &str = "\
[req]
distinguished_name = dn
prompt = no
[dn]
CN = okta-odbc test
[own]
basicConstraints = critical, CA:TRUE
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
unique_subject = no
policy = policy
x509_extensions = server
[policy]
commonName = supplied
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = ";

impl Authority {
    pub fn new() -> Authority {
        let authority = Authority {
            folder: tempfile::tempdir().unwrap(),
        };
        authority.configure("DNS:unused");
        std::fs::write(authority.file("index.txt"), "").unwrap();
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -config openssl.cnf -extensions own \
             -subj /CN=okta-odbc-authority -keyout ca.key -out ca.pem",
        );
        authority
    }

    /// The authority's own certificate, which is to be trusted.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn pem(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// A certificate for `names` (as `subjectAltName` has them) of this year and the next.
    pub fn sign(&self, names: &str) -> Certificate {
        self.sign_for(names, "-days 2")
    }

    /// `validity`: options of `openssl ca`.
    pub fn sign_for(&self, names: &str, validity: &str) -> Certificate {
        self.configure(names);
        self.openssl(
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config openssl.cnf -keyout server.key -out server.csr",
        );
        self.openssl(&format!(
            "ca -batch -notext -config openssl.cnf -cert ca.pem -keyfile ca.key {validity} -in server.csr -out server.pem"
        ));
        Certificate {
            file: self.file("server.pem"),
            key: self.file("server.key"),
        }
    }

    /// A certificate for 127.0.0.1 that vouches for itself; `authority`: as an authority's.
    pub fn self_signed(&self, authority: bool) -> Certificate {
        self.configure("IP:127.0.0.1");
        let extensions = if authority { "own" } else { "server" };
        self.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -config openssl.cnf -extensions \
             {extensions} -keyout self.key -out self.pem"
        ));
        Certificate {
            file: self.file("self.pem"),
            key: self.file("self.key"),
        }
    }

    fn configure(&self, names: &str) {
        std::fs::write(self.file("openssl.cnf"), format!("{CONFIGURATION}{names}\n")).unwrap();
    }

    fn openssl(&self, arguments: &str) {
        openssl(self.folder.path(), arguments);
    }
}

impl Certificate {
    /// `AA:BB:…`, as openssl shows the SHA-256 fingerprint.
    pub fn fingerprint(&self) -> String {
        let file = self.file.display();
        let shown = openssl(Path::new("."), &format!("x509 -in {file} -noout -fingerprint -sha256"));
        shown.trim().split_once('=').unwrap().1.to_owned()
    }
}

fn openssl(folder: &Path, arguments: &str) -> String {
    let made = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("this test needs the command openssl");
    assert!(
        made.status.success(),
        "openssl {arguments}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    String::from_utf8(made.stdout).unwrap()
}

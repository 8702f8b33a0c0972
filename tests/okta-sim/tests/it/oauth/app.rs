//! An app with a key: its entry in the file of clients, its assertions, its DPoP proofs.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use okta_sim::{Options, Sim};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use crate::client::{Answer, post};

pub const BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A file that is removed with this value.
pub struct Temporary(pub PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn next() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    NUMBER.fetch_add(1, Ordering::SeqCst)
}

pub fn temporary(text: &str) -> Temporary {
    let name = format!("okta-sim-clients-{}-{}.json", std::process::id(), next());
    let file = Temporary(std::env::temp_dir().join(name));
    std::fs::write(&file.0, text).unwrap();
    file
}

/// A server that knows these clients.
pub fn start(clients: &Value, options: Options) -> (Sim, Temporary) {
    let file = temporary(&clients.to_string());
    let options = Options {
        oauth_clients: Some(file.0.clone()),
        ..options
    };
    (Sim::start(options), file)
}

pub fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// An id that no other call gives.
pub fn fresh() -> String {
    format!("jti-{}-{}", std::process::id(), next())
}

pub struct App {
    key: EcdsaKeyPair,
    random: SystemRandom,
    kid: String,
}

impl App {
    pub fn new(kid: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self {
            key,
            random,
            kid: kid.to_owned(),
        }
    }

    pub fn jwk(&self) -> Value {
        let point = self.key.public_key().as_ref();
        let half = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": half(&point[1..33]), "y": half(&point[33..]) })
    }

    /// The entry of an API services app with this key.
    pub fn service(&self, client_id: &str, scopes: &[&str]) -> Value {
        let mut jwk = self.jwk();
        jwk["kid"] = self.kid.as_str().into();
        json!({ "client_id": client_id, "jwks": { "keys": [jwk] }, "scopes": scopes })
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(&self.random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub fn assertion_header(&self) -> Value {
        json!({ "alg": "ES256", "kid": self.kid })
    }

    pub fn assertion_claims(sim: &Sim, client_id: &str) -> Value {
        json!({
            "iss": client_id,
            "sub": client_id,
            "aud": format!("{}/oauth2/v1/token", sim.url()),
            "iat": now(),
            "exp": now() + 300,
            "jti": fresh(),
        })
    }

    /// A client_credentials request with a good assertion.
    pub fn client_credentials(&self, sim: &Sim, client_id: &str, scope: &str, headers: &str) -> Answer {
        let assertion = self.sign(&self.assertion_header(), &Self::assertion_claims(sim, client_id));
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", scope),
            ("client_assertion_type", BEARER),
            ("client_assertion", &assertion),
        ];
        post(sim, "/oauth2/v1/token", headers, &form)
    }

    pub fn proof_header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    pub fn proof_claims(method: &str, url: &str) -> Value {
        json!({ "htm": method, "htu": url, "iat": now(), "jti": fresh() })
    }

    /// The header line of a good proof.
    pub fn proof(&self, method: &str, url: &str, more: &Value) -> String {
        let mut claims = Self::proof_claims(method, url);
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        format!("DPoP: {}\r\n", self.sign(&self.proof_header(), &claims))
    }
}

pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()))
}

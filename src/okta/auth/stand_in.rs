//! A principal for tests of requests: gives the tokens that a test has written, in their order.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::dpop::ProofKey;
use super::principal::AccessToken;
use crate::okta::{Error, Secret};

pub struct StandIn {
    /// The first is the current one.
    tokens: Mutex<Vec<AccessToken>>,
}

impl StandIn {
    /// With the key's proof, or as Bearer. A refused token is followed by the next; after the last comes an error.
    pub fn new(tokens: &[&str], key: Option<Arc<ProofKey>>) -> Arc<StandIn> {
        let token = |secret: &&str| AccessToken {
            secret: Secret::new(*secret),
            key: key.clone(),
            expires: SystemTime::now() + Duration::from_secs(3600),
        };
        Arc::new(StandIn {
            tokens: Mutex::new(tokens.iter().map(token).collect()),
        })
    }

    pub fn access_token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, Error> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(refused) = refused {
            tokens.retain(|token| token.secret != refused.secret);
        }
        tokens.first().cloned().ok_or_else(|| Error::Login {
            code: "invalid_grant".into(),
            message: "No token can be had any more".into(),
            request_id: None,
        })
    }

    pub fn redact(&self, text: &str) -> String {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens
            .iter()
            .fold(text.to_owned(), |text, token| token.secret.redact(&text))
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StandIn")
    }
}

//! One principal's access token: kept, renewed before it ends, asked for anew when it is refused.

use std::sync::Arc;
use std::time::SystemTime;

use super::dpop::ProofKey;
use crate::okta::channel::Channel;
use crate::okta::{Error, Secret};

/// What a request carries.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub secret: Secret,
    /// The key to prove possession of; None for Bearer.
    pub key: Option<Arc<ProofKey>>,
    /// By the server's clock.
    pub expires: SystemTime,
}

/// Who asks by OAuth. Equal principals see the same org.
#[derive(Debug)]
pub struct Principal {}

impl Principal {
    /// A token that is valid now. `refused`: the one that Okta has just answered 401 to; it is not given again.
    pub async fn access_token(&self, channel: &Channel, refused: Option<&AccessToken>) -> Result<AccessToken, Error> {
        todo!()
    }

    /// `text` without any secret of this principal.
    pub fn redact(&self, text: &str) -> String {
        todo!()
    }

    /// Names the principal among others of the same org: app, way, key or settings file. No secret.
    pub fn identity(&self) -> &str {
        todo!()
    }
}

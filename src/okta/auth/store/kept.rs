//! What a settings file says: one org, one app, the tokens of one login. Its form is JSON with a version.

use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::super::dpop::ProofKey;
use crate::okta::{Error, Secret};

/// The version that this driver writes. One that is not known is not touched.
const VERSION: u64 = 1;

/// One org, one app, one login: several in a file would make it unclear whose token a connection gets that names the file
/// alone, as it may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    version: u64,
    /// The org's address, `https://host[:port]`.
    pub domain: String,
    pub client_id: String,
    #[serde(default, with = "text", skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    #[serde(default, with = "text", skip_serializing_if = "Option::is_none")]
    pub access_token: Option<Secret>,
    /// Milliseconds since 1970 by Okta's clock, as the next one.
    #[serde(default)]
    expires: u64,
    /// From when on a new access token is to be asked for.
    #[serde(default)]
    renew: u64,
    #[serde(default, with = "text", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The private JWK that the tokens are bound to.
    #[serde(default, with = "text", skip_serializing_if = "Option::is_none")]
    pub dpop_key: Option<Secret>,
    /// A login that somebody has begun in a browser elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
}

/// What the exchange of a code needs besides the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    #[serde(with = "required")]
    pub state: Secret,
    /// PKCE's.
    #[serde(with = "required")]
    pub verifier: Secret,
    pub redirect_uri: String,
}

impl Kept {
    /// Nothing yet, of this app of this org.
    pub fn of(domain: &str, client_id: &str) -> Kept {
        Kept {
            version: VERSION,
            domain: domain.to_owned(),
            client_id: client_id.to_owned(),
            ..Kept::default()
        }
    }

    pub fn expires(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.expires)
    }

    pub fn renew(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.renew)
    }

    pub fn set_times(&mut self, renew: SystemTime, expires: SystemTime) {
        let milliseconds = |time: SystemTime| {
            let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        };
        (self.renew, self.expires) = (milliseconds(renew), milliseconds(expires));
    }

    /// The key that the tokens are bound to.
    pub fn key(&self) -> Result<Option<Arc<ProofKey>>, Error> {
        let jwk = self.dpop_key.as_ref();
        jwk.map(|jwk| ProofKey::from_jwk(jwk.expose()).map(Arc::new))
            .transpose()
    }

    /// Every secret in it.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let pending = self
            .pending
            .iter()
            .flat_map(|pending| [&pending.state, &pending.verifier]);
        let kept = [
            &self.client_secret,
            &self.access_token,
            &self.refresh_token,
            &self.dpop_key,
        ];
        kept.into_iter().flatten().chain(pending)
    }

    /// The file's text. Grows no buffer, which would leave copies of the secrets behind.
    pub fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let mut text = Zeroizing::new(Vec::with_capacity(64 * 1024));
        serde_json::to_writer_pretty(&mut *text, self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Why it is none of ours, in words that show nothing of it.
    pub fn from_json(text: &[u8]) -> Result<Kept, String> {
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err("it is empty".into());
        }
        // serde's own words may show a part of the text.
        let place = |error: serde_json::Error| {
            let mut why = String::from("it is not the JSON that this driver writes");
            if error.line() > 0 {
                let _ = write!(why, ", see line {}", error.line());
            }
            why
        };
        let Version { version } = serde_json::from_slice(text).map_err(place)?;
        if version != VERSION {
            return Err(format!(
                "it has version {version}, and this driver knows version {VERSION}: a newer driver wrote it"
            ));
        }
        serde_json::from_slice(text).map_err(place)
    }
}

mod text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::okta::Secret;

    pub fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => serializer.serialize_some(secret.expose()),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
    }
}

mod required {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::okta::Secret;

    pub fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

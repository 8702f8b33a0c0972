//! What access and ID tokens say (claims of oauth.yaml). The org's access tokens are opaque to apps; these are JWTs as Okta's are.

use serde_json::json;

use super::jwt::base64url;
use super::ledger::Grant;
use super::{AuthorizationServer, Call};
use crate::org::Org;
use crate::org::user::User;
use ring::digest::{SHA256, digest};

impl AuthorizationServer {
    pub(super) fn mint_access_token(&self, org: &Org, call: &Call, grant: &Grant, lifetime: i64) -> String {
        let issued = call.now.div_euclid(1000);
        let user = grant.user.map(|k| User::new(org, k));
        let mut claims = json!({
            "ver": 1,
            "jti": format!("AT.{}", self.random_text()),
            "iss": call.base,
            "aud": call.base,
            "sub": user.as_ref().map_or_else(|| grant.client_id.clone(), User::login),
            "iat": issued,
            "exp": issued + lifetime,
            "cid": grant.client_id,
            "scp": grant.scopes,
        });
        if let Some(user) = user {
            claims["uid"] = user.id().into();
        }
        if let Some(jkt) = &grant.jkt {
            claims["cnf"] = json!({ "jkt": jkt });
        }
        self.signer.sign(&claims)
    }

    pub(super) fn mint_id_token(&self, org: &Org, call: &Call, grant: &Grant, k: u64, access_token: &str) -> String {
        let issued = call.now.div_euclid(1000);
        let user = User::new(org, k);
        let hash = digest(&SHA256, access_token.as_bytes());
        let mut claims = json!({
            "sub": user.id(),
            "ver": 1,
            "iss": call.base,
            "aud": grant.client_id,
            "iat": issued,
            "exp": issued + 3600,
            "jti": format!("ID.{}", self.random_text()),
            "amr": ["pwd"],
            "idp": org.id("00o", 0),
            "auth_time": issued,
            // The left half of the hash (OpenID Connect Core §3.1.3.6).
            "at_hash": base64url(&hash.as_ref()[..16]),
        });
        if let Some(nonce) = &grant.nonce {
            claims["nonce"] = nonce.as_str().into();
        }
        if grant.has("profile") {
            claims["name"] = format!("{} {}", user.first_name().0, user.last_name().0).into();
            claims["preferred_username"] = user.login().into();
        }
        if grant.has("email") {
            claims["email"] = user.login().into();
        }
        self.signer.sign(&claims)
    }
}

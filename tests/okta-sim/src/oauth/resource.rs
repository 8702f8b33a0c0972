//! Access tokens on calls of the Management API: valid, bound, of the right scope and role, or challenged as Okta challenges.

use http::header::{HeaderValue, WWW_AUTHENTICATE};

use super::ledger::Grant;
use super::refusal::{
    ACCESS_TOKEN_INSUFFICIENT_SCOPES, ACCESS_TOKEN_INVALID, ACCESS_TOKEN_NOT_DPOP_BOUND, ACCESS_TOKEN_REVOKED,
    DPOP_AUTHENTICATION_SCHEME_REQUIRED, DPOP_INVALID_BINDING, DPOP_MISSING_HEADER, DPOP_PROOF_REQUIRED_FOR_TOKEN,
    Refusal, TOKEN_EXPIRED, USE_DPOP_NONCE,
};
use super::{AuthorizationServer, Call, proof, scope};
use crate::draft::Draft;
use crate::error::OktaError;
use crate::options::DpopNonce;

/// Why a call with an access token is not answered.
pub(crate) enum Denied {
    /// Empty body, the reason in `WWW-Authenticate`.
    Challenged(Box<Draft>),
    /// The token would do, the admin role behind it does not.
    Okta(OktaError),
}

/// How an access token is presented (RFC 6750, RFC 9449 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Bearer,
    Dpop,
}

impl Scheme {
    /// Scheme and token of an `Authorization` header; none if it is neither of the two. Schemes have no case (RFC 9110 §11.1).
    pub(crate) fn of(authorization: &str) -> Option<(Self, &str)> {
        let (scheme, token) = authorization.split_once(' ')?;
        if scheme.eq_ignore_ascii_case("Bearer") {
            Some((Self::Bearer, token.trim()))
        } else if scheme.eq_ignore_ascii_case("DPoP") {
            Some((Self::Dpop, token.trim()))
        } else {
            None
        }
    }
}

impl AuthorizationServer {
    /// Whether the token allows the call. `expire`: it has expired from this call on.
    pub(crate) fn authorise(&self, call: &Call, scheme: Scheme, token: &str, expire: bool) -> Result<(), Denied> {
        if expire {
            self.ledger().expire(token, call.now);
        }
        let needed = scope::needed(call.path);
        let challenged = |refusal: Refusal| {
            let shown = needed.as_deref().unwrap_or_default();
            Denied::Challenged(Box::new(self.challenge(call, scheme, shown, &refusal)))
        };
        let grant = self.presented(call, scheme, token).map_err(challenged)?;
        let Some(needed) = &needed else {
            return Ok(());
        };
        if !scope::suffices(&grant.scopes, needed) {
            return Err(challenged(ACCESS_TOKEN_INSUFFICIENT_SCOPES));
        }
        let client = self.clients.find(&grant.client_id);
        if client.is_some_and(|client| scope::suffices(&client.without_role, needed)) {
            return Err(Denied::Okta(OktaError::forbidden()));
        }
        Ok(())
    }

    /// The grant of a token that is valid and presented as it must be.
    pub(super) fn presented(&self, call: &Call, scheme: Scheme, token: &str) -> Result<Grant, Refusal> {
        let grant = {
            let ledger = self.ledger();
            let known = ledger.access_token(token).ok_or(ACCESS_TOKEN_INVALID)?;
            if known.revoked {
                return Err(ACCESS_TOKEN_REVOKED);
            }
            if call.now >= known.expires {
                return Err(TOKEN_EXPIRED);
            }
            known.grant.clone()
        };
        let proved = call.headers.contains_key(proof::HEADER);
        match (scheme, &grant.jkt) {
            (Scheme::Bearer, None) => Ok(grant),
            (Scheme::Bearer, Some(_)) if proved => Err(DPOP_AUTHENTICATION_SCHEME_REQUIRED),
            (Scheme::Bearer, Some(_)) => Err(DPOP_PROOF_REQUIRED_FOR_TOKEN),
            (Scheme::Dpop, None) => Err(ACCESS_TOKEN_NOT_DPOP_BOUND),
            (Scheme::Dpop, Some(bound)) => {
                let nonce_required = self.settings.dpop_nonce == DpopNonce::Always;
                let shown = proof::check(self, call, Some(token), nonce_required)?.ok_or(DPOP_MISSING_HEADER)?;
                if shown == *bound {
                    Ok(grant)
                } else {
                    Err(DPOP_INVALID_BINDING)
                }
            }
        }
    }

    /// The header as recorded: okta-sdk-golang issue 145 for Bearer, conductorone/baton's tests for DPoP. It says http on https too.
    pub(super) fn challenge(&self, call: &Call, scheme: Scheme, scope: &str, refusal: &Refusal) -> Draft {
        let host = call.base.split_once("://").map_or(call.base, |(_, host)| host);
        let scheme = match scheme {
            Scheme::Bearer => "Bearer".to_owned(),
            Scheme::Dpop => format!("DPoP algs=\"{}\",", super::jwt::ALGORITHMS.join(" ")),
        };
        let value = format!(
            "{scheme} authorization_uri=\"http://{host}/oauth2/v1/authorize\", realm=\"http://{host}\", scope=\"{scope}\", \
             error=\"{}\", error_description=\"{}\", resource=\"{}\"",
            refusal.error, refusal.description, call.path
        );
        let mut draft = Draft::empty(refusal.status);
        if let Ok(value) = HeaderValue::from_str(&value) {
            draft.headers.insert(WWW_AUTHENTICATE, value);
        }
        if *refusal == USE_DPOP_NONCE {
            self.offer_nonce(&mut draft, call.now);
        }
        draft
    }
}

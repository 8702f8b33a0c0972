//! Every token, code and pending sign-in that the org has given out, and what has become of it.

use std::collections::{BTreeMap, HashMap};

use super::authorize::Transaction;
use super::client::{Client, Rotation};
use super::refusal::{DPOP_INVALID_REFRESH_BINDING, DPOP_MISSING_HEADER, INVALID_REFRESH_TOKEN, Refusal};

/// Refresh tokens of the org authorization server live 90 days, however often they are rotated.
const REFRESH_LIFETIME: i64 = 90 * 86_400_000;

/// Who may do what.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    /// The person who signed in, by their place in the org; none for a service app.
    pub(super) user: Option<u64>,
    /// Thumbprint of the key that the tokens are bound to.
    pub(super) jkt: Option<String>,
    /// `nonce` of the authorize request, for the ID token.
    pub(super) nonce: Option<String>,
}

impl Grant {
    pub(super) fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|known| known == scope)
    }
}

/// All times are epoch milliseconds.
pub(super) struct AccessToken {
    pub(super) grant: Grant,
    pub(super) issued: i64,
    pub(super) expires: i64,
    pub(super) revoked: bool,
    family: Option<usize>,
}

/// The refresh tokens that one sign-in led to, each rotated into the next.
struct Family {
    grant: Grant,
    expires: i64,
    /// False once a token was used again too late, or was revoked.
    live: bool,
}

struct RefreshToken {
    family: usize,
    /// When the next one was given out for it.
    superseded: Option<i64>,
}

/// An authorization code that waits for the token request.
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    /// PKCE's S256 challenge.
    pub(super) challenge: Option<String>,
    pub(super) expires: i64,
}

/// What the person at the other screen has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Pending,
    Allowed(u64),
    Denied,
}

/// A device code that is polled for.
pub(super) struct Device {
    pub(super) client_id: String,
    pub(super) scopes: Vec<String>,
    pub(super) user_code: String,
    pub(super) expires: i64,
    /// Milliseconds to wait between polls.
    pub(super) interval: i64,
    pub(super) polled: Option<i64>,
    pub(super) decision: Decision,
}

/// What a refresh token was exchanged for.
pub(super) struct Redeemed {
    pub(super) grant: Grant,
    pub(super) family: usize,
    /// The token to use from now on.
    pub(super) refresh_token: String,
}

/// What `/sim/tokens` shows: whether a token was lost can be told from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenCounts {
    /// Access tokens given out since the start.
    pub access_tokens_issued: u64,
    /// Access tokens that are neither expired nor revoked.
    pub access_tokens_live: u64,
    /// Refresh tokens given out, rotated ones included.
    pub refresh_tokens_issued: u64,
    /// Sign-ins that led to a refresh token.
    pub families_issued: u64,
    /// Families whose newest refresh token still works.
    pub families_live: u64,
    /// Times that a refresh token gave an access token.
    pub refresh_uses: u64,
    /// Times that a refresh token which had been rotated still worked, in its leeway.
    pub refresh_uses_in_leeway: u64,
    /// Times that a refresh token came again after its leeway, which ended its family.
    pub reuses: u64,
    /// DPoP proofs that were accepted, each one once.
    pub proofs: u64,
    /// Access tokens by `grant_type`.
    pub by_grant: BTreeMap<String, u64>,
    /// Refusals of the token endpoint by `error`.
    pub refused: BTreeMap<String, u64>,
}

#[derive(Default)]
pub(super) struct Ledger {
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    families: Vec<Family>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) devices: HashMap<String, Device>,
    /// Authorize requests whose sign-in page is open.
    pub(super) transactions: HashMap<String, Transaction>,
    pub(super) counts: TokenCounts,
}

impl Ledger {
    pub(super) fn keep(&mut self, token: &str, grant: Grant, family: Option<usize>, issued: i64, expires: i64) {
        self.counts.access_tokens_issued += 1;
        let kept = AccessToken {
            grant,
            issued,
            expires,
            revoked: false,
            family,
        };
        self.access.insert(token.to_owned(), kept);
    }

    pub(super) fn access_token(&self, token: &str) -> Option<&AccessToken> {
        self.access.get(token)
    }

    /// The grant and expiry of a refresh token that still works.
    pub(super) fn refresh_token(&self, token: &str, now: i64) -> Option<(&Grant, i64)> {
        let family = self.families.get(self.refresh.get(token)?.family)?;
        (family.live && now < family.expires).then_some((&family.grant, family.expires))
    }

    /// Begins a family with this refresh token.
    pub(super) fn begin_family(&mut self, grant: Grant, refresh_token: &str, now: i64) -> usize {
        let family = self.families.len();
        self.families.push(Family {
            grant,
            expires: now + REFRESH_LIFETIME,
            live: true,
        });
        self.counts.families_issued += 1;
        self.add_refresh_token(refresh_token, family);
        family
    }

    fn add_refresh_token(&mut self, token: &str, family: usize) {
        self.counts.refresh_tokens_issued += 1;
        let kept = RefreshToken {
            family,
            superseded: None,
        };
        self.refresh.insert(token.to_owned(), kept);
    }

    /// Uses a refresh token. `next` is the one to give out if the app's are rotated.
    pub(super) fn redeem(
        &mut self,
        token: &str,
        client: &Client,
        jkt: Option<&str>,
        next: &str,
        now: i64,
    ) -> Result<Redeemed, Refusal> {
        let known = self.refresh.get(token).ok_or(INVALID_REFRESH_TOKEN)?;
        let (at, superseded) = (known.family, known.superseded);
        let family = self.families.get_mut(at).ok_or(INVALID_REFRESH_TOKEN)?;
        if family.grant.client_id != client.client_id || !family.live || now >= family.expires {
            return Err(INVALID_REFRESH_TOKEN);
        }
        match (family.grant.jkt.as_deref(), jkt) {
            (Some(_), None) => return Err(DPOP_MISSING_HEADER),
            (Some(bound), Some(shown)) if bound != shown => return Err(DPOP_INVALID_REFRESH_BINDING),
            _ => {}
        }
        let late = superseded.is_some_and(|since| now - since > i64::from(client.leeway) * 1000);
        if late {
            family.live = false;
            self.counts.reuses += 1;
            self.revoke_access_of(at);
            return Err(INVALID_REFRESH_TOKEN);
        }
        let grant = family.grant.clone();
        self.counts.refresh_uses += 1;
        self.counts.refresh_uses_in_leeway += u64::from(superseded.is_some());
        let refresh_token = match client.rotation {
            Rotation::Static => token.to_owned(),
            Rotation::Rotate => {
                // Whatever was the newest one, the used one or its successor, has a successor now.
                let members = self.refresh.values_mut().filter(|member| member.family == at);
                members
                    .filter(|member| member.superseded.is_none())
                    .for_each(|member| member.superseded = Some(now));
                self.add_refresh_token(next, at);
                next.to_owned()
            }
        };
        Ok(Redeemed {
            grant,
            family: at,
            refresh_token,
        })
    }

    fn revoke_access_of(&mut self, family: usize) {
        let of_family = |token: &&mut AccessToken| token.family == Some(family);
        self.access
            .values_mut()
            .filter(of_family)
            .for_each(|token| token.revoked = true);
    }

    /// Revokes a token of this client: a refresh token with the access tokens that came of it, an access token alone.
    pub(super) fn revoke(&mut self, token: &str, client_id: &str) {
        if let Some(access) = self.access.get_mut(token) {
            access.revoked |= access.grant.client_id == client_id;
        }
        if let Some(at) = self.refresh.get(token).map(|refresh| refresh.family)
            && self.families[at].grant.client_id == client_id
        {
            self.families[at].live = false;
            self.revoke_access_of(at);
        }
    }

    /// The token has expired from now on.
    pub(super) fn expire(&mut self, token: &str, now: i64) {
        if let Some(access) = self.access.get_mut(token) {
            access.expires = access.expires.min(now);
        }
    }

    pub(super) fn expire_all(&mut self, now: i64) {
        self.access
            .values_mut()
            .for_each(|access| access.expires = access.expires.min(now));
    }

    pub(super) fn revoke_all(&mut self) {
        self.access.values_mut().for_each(|access| access.revoked = true);
        self.families.iter_mut().for_each(|family| family.live = false);
    }

    pub(super) fn counts(&self, now: i64) -> TokenCounts {
        let live = |access: &&AccessToken| !access.revoked && now < access.expires;
        TokenCounts {
            access_tokens_live: self.access.values().filter(live).count() as u64,
            families_live: self
                .families
                .iter()
                .filter(|family| family.live && now < family.expires)
                .count() as u64,
            ..self.counts.clone()
        }
    }
}

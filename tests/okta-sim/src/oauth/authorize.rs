//! `/oauth2/v1/authorize` and the sign-in form behind it: the browser's half of the authorization code flow.

use http::StatusCode;

use super::client::{AUTHORIZATION_CODE, Client};
use super::form::{Form, with_query};
use super::ledger::{Code, Grant};
use super::page::{self, Asks};
use super::person::{self, Submitted};
use super::refusal::{
    self, ACCESS_DENIED, ILLEGAL_REDIRECT_URI, INVALID_CLIENT_ID, INVALID_STATE, LOGIN_REQUIRED, MISSING_SCOPES,
    OPENID_SCOPE_REQUIRED, PKCE_INVALID_CHALLENGE, PKCE_MISSING_CHALLENGE, PKCE_UNSUPPORTED_METHOD, Refusal,
    UNSUPPORTED_RESPONSE_MODE, UNSUPPORTED_RESPONSE_TYPE,
};
use super::token::granted;
use super::{AuthorizationServer, Call};
use crate::draft::Draft;
use crate::options::SignIn;
use crate::org::Org;

/// Milliseconds that a code can be exchanged in.
const CODE_LIFETIME: i64 = 300_000;

/// An authorize request that was found good and waits for the person.
#[derive(Clone)]
pub(super) struct Transaction {
    client_id: String,
    redirect_uri: String,
    state: String,
    scopes: Vec<String>,
    challenge: Option<String>,
    nonce: Option<String>,
}

/// GET with a query, POST with a form: the same parameters.
pub(super) fn answer(server: &AuthorizationServer, org: &Org, call: &Call) -> Draft {
    let form = match Form::parse(call.parameters()) {
        Ok(form) => form,
        Err(refusal) => return page::refused(&refusal),
    };
    let Some(client) = form.get("client_id").and_then(|id| server.clients.find(id)) else {
        return page::refused(&INVALID_CLIENT_ID);
    };
    // To the letter: Okta compares neither ports nor slashes kindly.
    let registered = |uri: &&str| client.redirect_uris.iter().any(|known| known == uri);
    let Some(redirect_uri) = form.get("redirect_uri").filter(registered) else {
        return page::refused(&ILLEGAL_REDIRECT_URI);
    };
    let transaction = match checked(client, &form, redirect_uri) {
        Ok(transaction) => transaction,
        Err(refusal) => return refused(redirect_uri, form.get("state").unwrap_or_default(), &refusal),
    };
    match server.settings.sign_in {
        SignIn::Page => {
            let id = server.random_text();
            let draft = asked(&id, &transaction, None);
            server.ledger().transactions.insert(id, transaction);
            draft
        }
        SignIn::Denied => refused(&transaction.redirect_uri, &transaction.state, &ACCESS_DENIED),
        SignIn::Automatic => match person::first(org) {
            Some(user) => allowed(server, call, transaction, user),
            None => refused(&transaction.redirect_uri, &transaction.state, &LOGIN_REQUIRED),
        },
    }
}

fn checked(client: &Client, form: &Form, redirect_uri: &str) -> Result<Transaction, Refusal> {
    if client.is_service() {
        return Err(refusal::service_not_allowed("authorize"));
    }
    if !client.allows(AUTHORIZATION_CODE) {
        return Err(refusal::unauthorized_client(&client.grant_types));
    }
    if form.get("response_type") != Some("code") {
        return Err(UNSUPPORTED_RESPONSE_TYPE);
    }
    if form.get("response_mode").is_some_and(|mode| mode != "query") {
        return Err(UNSUPPORTED_RESPONSE_MODE);
    }
    let plain = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || ",._-".contains(c));
    let state = form.get("state").filter(plain).ok_or(INVALID_STATE)?;
    let asked = form.words("scope");
    if asked.is_empty() {
        return Err(MISSING_SCOPES);
    }
    let about_the_person = |scope: &String| ["profile", "email", "address", "phone"].contains(&scope.as_str());
    if asked.iter().any(about_the_person) && !asked.iter().any(|scope| scope == "openid") {
        return Err(OPENID_SCOPE_REQUIRED);
    }
    let challenge = challenge(client, form)?;
    if form.get("prompt") == Some("none") {
        return Err(LOGIN_REQUIRED);
    }
    Ok(Transaction {
        client_id: client.client_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: state.to_owned(),
        scopes: granted(client, &asked)?,
        challenge,
        nonce: form.get("nonce").map(str::to_owned),
    })
}

/// PKCE (RFC 7636): demanded of public clients, S256 only.
fn challenge(client: &Client, form: &Form) -> Result<Option<String>, Refusal> {
    let Some(challenge) = form.get("code_challenge") else {
        return if client.is_public() {
            Err(PKCE_MISSING_CHALLENGE)
        } else {
            Ok(None)
        };
    };
    if form.get("code_challenge_method") != Some("S256") {
        return Err(PKCE_UNSUPPORTED_METHOD);
    }
    let digest = challenge.len() == 43 && challenge.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if digest {
        Ok(Some(challenge.to_owned()))
    } else {
        Err(PKCE_INVALID_CHALLENGE)
    }
}

/// What the form of the sign-in page was sent with.
pub(super) fn sign_in(server: &AuthorizationServer, org: &Org, call: &Call) -> Draft {
    let form = match call.form() {
        Ok(form) => form,
        Err(refusal) => return page::refused(&refusal),
    };
    let id = form.get("transaction").unwrap_or_default();
    let found = server.ledger().transactions.get(id).cloned();
    let Some(transaction) = found else {
        return page::message(
            StatusCode::BAD_REQUEST,
            "400 Bad Request",
            "Request expired, please start over and try again.",
        );
    };
    match person::submitted(org, &form) {
        Submitted::Wrong(text) => asked(id, &transaction, Some(text)),
        Submitted::Denied => {
            server.ledger().transactions.remove(id);
            refused(&transaction.redirect_uri, &transaction.state, &ACCESS_DENIED)
        }
        Submitted::Allowed(user) => {
            server.ledger().transactions.remove(id);
            allowed(server, call, transaction, user)
        }
    }
}

fn asked(id: &str, transaction: &Transaction, fault: Option<&str>) -> Draft {
    let asks = Asks::Consent { transaction: id };
    page::sign_in(&asks, &transaction.client_id, &transaction.scopes, fault)
}

fn allowed(server: &AuthorizationServer, call: &Call, transaction: Transaction, user: u64) -> Draft {
    let code = server.random_text();
    let location = with_query(
        &transaction.redirect_uri,
        &[("code", &code), ("state", &transaction.state)],
    );
    let kept = Code {
        grant: Grant {
            client_id: transaction.client_id,
            scopes: transaction.scopes,
            user: Some(user),
            jkt: None,
            nonce: transaction.nonce,
        },
        redirect_uri: transaction.redirect_uri,
        challenge: transaction.challenge,
        expires: call.now + CODE_LIFETIME,
    };
    server.ledger().codes.insert(code, kept);
    Draft::redirect(&location)
}

fn refused(redirect_uri: &str, state: &str, refusal: &Refusal) -> Draft {
    let parameters = [
        ("state", state),
        ("error", refusal.error),
        ("error_description", &refusal.description),
    ];
    Draft::redirect(&with_query(redirect_uri, &parameters))
}

//! `/oauth2/v1/logout`: there is no session to end, so it only leads back to where the app may be returned to.

use http::StatusCode;

use super::form::{Form, with_query};
use super::page;
use super::refusal::{ID_TOKEN_INVALID, ILLEGAL_POST_LOGOUT_REDIRECT_URI};
use super::{AuthorizationServer, Call};
use crate::draft::Draft;

pub(super) fn answer(server: &AuthorizationServer, call: &Call) -> Draft {
    let form = match Form::parse(call.parameters()) {
        Ok(form) => form,
        Err(refusal) => return page::refused(&refusal),
    };
    let claims = form.get("id_token_hint").and_then(|token| server.signer.claims(token));
    let client = claims
        .as_ref()
        .and_then(|claims| claims.get("aud")?.as_str())
        .and_then(|id| server.clients.find(id));
    let Some(client) = client else {
        return page::refused(&ID_TOKEN_INVALID);
    };
    match form.get("post_logout_redirect_uri") {
        None => page::message(StatusCode::OK, "Signed out", "You have signed out."),
        Some(uri) if client.post_logout_redirect_uris.iter().any(|known| known == uri) => {
            Draft::redirect(&match form.get("state") {
                Some(state) => with_query(uri, &[("state", state)]),
                None => uri.to_owned(),
            })
        }
        Some(_) => page::refused(&ILLEGAL_POST_LOGOUT_REDIRECT_URI),
    }
}

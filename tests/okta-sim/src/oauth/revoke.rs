//! `POST /oauth2/v1/revoke`: 200 whatever becomes of it, so that nothing is told about other tokens.

use http::StatusCode;

use super::authentication::authenticate;
use super::refusal::{REQUEST_MISSING_TOKEN, Refusal};
use super::{AuthorizationServer, Call};
use crate::draft::Draft;

pub(super) fn answer(server: &AuthorizationServer, call: &Call) -> Result<Draft, Refusal> {
    let form = call.form()?;
    let client = authenticate(server, call, &form)?;
    let token = form.get("token").ok_or(REQUEST_MISSING_TOKEN)?;
    server.ledger().revoke(token, &client.client_id);
    Ok(Draft::empty(StatusCode::OK))
}

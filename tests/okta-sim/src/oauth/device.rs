//! Device authorization (RFC 8628): the codes, and the page where a person enters one.

use http::StatusCode;
use serde_json::json;

use super::authentication::authenticate;
use super::client::DEVICE_CODE;
use super::form::Form;
use super::ledger::{Decision, Device};
use super::page::{self, Asks};
use super::person::{self, Submitted};
use super::refusal::{self, MISSING_SCOPES, Refusal};
use super::token::granted;
use super::{AuthorizationServer, Call};
use crate::draft::Draft;
use crate::options::SignIn;
use crate::org::Org;

/// No vowels, so that no code is a word (RFC 8628 §6.1).
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

pub(super) fn authorize(server: &AuthorizationServer, org: &Org, call: &Call) -> Result<Draft, Refusal> {
    let form = call.form()?;
    let client = authenticate(server, call, &form)?;
    if !client.allows(DEVICE_CODE) {
        return Err(refusal::unauthorized_client(&client.grant_types));
    }
    let asked = form.words("scope");
    if asked.is_empty() {
        return Err(MISSING_SCOPES);
    }
    let scopes = granted(client, &asked)?;
    let device_code = server.random_text();
    let user_code: String = server.random::<8>().iter().map(|byte| letter(*byte)).collect();
    let (lifetime, interval) = (server.settings.device_lifetime, server.settings.device_interval);
    let decision = match server.settings.sign_in {
        SignIn::Page => Decision::Pending,
        SignIn::Denied => Decision::Denied,
        SignIn::Automatic => person::first(org).map_or(Decision::Denied, Decision::Allowed),
    };
    let device = Device {
        client_id: client.client_id.clone(),
        scopes,
        user_code: user_code.clone(),
        expires: call.now + i64::from(lifetime) * 1000,
        interval: i64::from(interval) * 1000,
        polled: None,
        decision,
    };
    let answer = json!({
        "user_code": user_code,
        "device_code": device_code,
        "interval": interval,
        "verification_uri_complete": format!("{}/activate?user_code={user_code}", call.base),
        "verification_uri": format!("{}/activate", call.base),
        "expires_in": lifetime,
    });
    server.ledger().devices.insert(device_code, device);
    Ok(Draft::json(StatusCode::OK, answer.to_string().into_bytes()))
}

fn letter(byte: u8) -> char {
    char::from(LETTERS[usize::from(byte) % LETTERS.len()])
}

/// GET shows the form, filled in as far as `verification_uri_complete` does it.
pub(super) fn show(call: &Call) -> Draft {
    let form = Form::parse(call.query).unwrap_or_default();
    let user_code = form.get("user_code").unwrap_or_default();
    page::sign_in(&Asks::Device { user_code }, "A device", &[], None)
}

pub(super) fn activate(server: &AuthorizationServer, org: &Org, call: &Call) -> Draft {
    let form = match call.form() {
        Ok(form) => form,
        Err(refusal) => return page::refused(&refusal),
    };
    let typed = form.get("user_code").unwrap_or_default();
    let again = |fault: &str| page::sign_in(&Asks::Device { user_code: typed }, "A device", &[], Some(fault));
    // People type what they like between the letters.
    let wanted: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut ledger = server.ledger();
    let waiting = |device: &&mut Device| {
        device.user_code.eq_ignore_ascii_case(&wanted)
            && device.decision == Decision::Pending
            && call.now < device.expires
    };
    let Some(device) = ledger.devices.values_mut().find(waiting) else {
        return again("Invalid code. Try again.");
    };
    match person::submitted(org, &form) {
        Submitted::Wrong(text) => again(text),
        Submitted::Denied => {
            device.decision = Decision::Denied;
            page::message(
                StatusCode::OK,
                "Device not activated",
                "Your device cannot be activated because of denied access.",
            )
        }
        Submitted::Allowed(user) => {
            device.decision = Decision::Allowed(user);
            page::message(
                StatusCode::OK,
                "Device activated",
                "Follow the instructions on your device for next steps.",
            )
        }
    }
}

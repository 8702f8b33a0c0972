//! The person in front of the browser: who may sign in, and with which password.

use super::form::Form;
use crate::options::PASSWORD;
use crate::org::Org;
use crate::org::user::{User, find};

/// What a submitted sign-in form comes to.
pub(super) enum Submitted {
    Allowed(u64),
    Denied,
    /// Okta says no more than this.
    Wrong(&'static str),
}

pub(super) fn submitted(org: &Org, form: &Form) -> Submitted {
    if form.get("decision") == Some("deny") {
        return Submitted::Denied;
    }
    let user = form
        .get("username")
        .and_then(|login| find(org, login))
        .filter(|user| user.status() == "ACTIVE");
    match user {
        Some(user) if form.get("password") == Some(PASSWORD) => Submitted::Allowed(user.k),
        _ => Submitted::Wrong("Unable to sign in"),
    }
}

/// Who signs in where nobody is asked.
pub(super) fn first(org: &Org) -> Option<u64> {
    (0..org.users).find(|k| User::new(org, *k).status() == "ACTIVE")
}

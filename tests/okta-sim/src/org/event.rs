//! One event of the system log, in the shape of LogEvent.

use serde_json::{Value, json};

use super::app::App;
use super::group::Group;
use super::names::PLACES;
use super::user::User;
use super::{DAY, Org, pick};
use crate::json::timestamp_text;

/// How long Okta keeps events.
pub(crate) const RETENTION: i64 = 90 * DAY;

/// Event type, legacy type, message, kind of target.
const TYPES: &[(&str, &str, &str, &str)] = &[
    (
        "user.session.start",
        "core.user_auth.login_success",
        "User login to Okta",
        "AppInstance",
    ),
    (
        "user.session.start",
        "core.user_auth.login_success",
        "User login to Okta",
        "AppInstance",
    ),
    (
        "user.session.start",
        "core.user_auth.login_success",
        "User login to Okta",
        "",
    ),
    (
        "user.authentication.sso",
        "app.auth.sso",
        "User single sign on to app",
        "AppInstance",
    ),
    (
        "user.authentication.auth_via_mfa",
        "core.user.factor.attempt_success",
        "Authentication of user via MFA",
        "User",
    ),
    (
        "user.session.end",
        "core.user_auth.logout_success",
        "User logout from Okta",
        "",
    ),
    (
        "user.account.reset_password",
        "core.user.config.user_status.password_reset",
        "Fired when the user's Okta password is reset",
        "User",
    ),
    (
        "user.account.privilege.grant",
        "core.user.admin_privilege.granted",
        "Grant user privilege",
        "User",
    ),
    (
        "user.session.impersonation.grant",
        "core.user.impersonation.grant.enabled",
        "Enable impersonation grant",
        "User",
    ),
    (
        "group.user_membership.add",
        "core.user_group_member.user_add",
        "Add user to group membership",
        "UserGroup",
    ),
    (
        "application.user_membership.show_password",
        "app.generic.show.password",
        "Reveal the user's app password",
        "AppInstance",
    ),
    (
        "user.lifecycle.activate",
        "core.user.config.user_activated",
        "Activate Okta user",
        "User",
    ),
    (
        "user.lifecycle.deactivate",
        "core.user.config.user_deactivated",
        "Deactivate Okta user",
        "User",
    ),
    (
        "system.api_token.create",
        "api.token.create",
        "Create API token",
        "Token",
    ),
    (
        "system.api_token.revoke",
        "api.token.revoke",
        "Revoke API token",
        "Token",
    ),
    (
        "system.org.rate_limit.warning",
        "core.framework.ratelimit.warning",
        "Rate limit warning",
        "URL Pattern",
    ),
    ("system.mfa.factor.deactivate", "", "Deactivate factor", "FACTOR"),
];

const AGENTS: &[(&str, &str, &str)] = &[
    (
        "CHROME",
        "Mac OS X",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.0.0 Safari/537.36",
    ),
    (
        "FIREFOX",
        "Windows 10",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ),
    ("UNKNOWN", "Unknown", "okta-sdk-python/3.4.6"),
];

/// When event `i` was published; it grows with `i`.
pub(crate) fn published(org: &Org, i: u64) -> i64 {
    let count = u128::from(org.log_events.max(1));
    let span = u128::from(RETENTION.unsigned_abs() - 60_000);
    let even = i64::try_from(u128::from(i) * span / count).unwrap_or(0);
    let gap = u64::try_from(span / count).unwrap_or(1).max(1);
    org.now - RETENTION + 60_000 + even + i64::try_from(org.noise("event", i, 0) % gap).unwrap_or(0)
}

/// The first event published at `instant` or later.
pub(crate) fn first_from(org: &Org, instant: i64) -> u64 {
    let (mut low, mut high) = (0, org.log_events);
    while low < high {
        let middle = low.midpoint(high);
        if published(org, middle) < instant {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// Event `i` as `/logs` shows it.
pub(crate) fn event(org: &Org, i: u64) -> Value {
    let noise = |purpose| org.noise("event", i, purpose);
    let (event_type, legacy, message, target) = pick(TYPES, noise(1));
    let actor = User::new(org, noise(2) % org.users.max(1));
    let failed = event_type == "user.session.start" && noise(3).is_multiple_of(5);
    let (browser, os, agent) = pick(AGENTS, noise(4));
    let (city, state, country, .., latitude, longitude) = pick(PLACES, noise(5));
    let address = format!("198.51.100.{}", noise(6) % 40);
    let place = json!({
        "city": city, "state": state, "country": country, "postalCode": if noise(7).is_multiple_of(2) { json!("10013") } else { Value::Null },
        "geolocation": { "lat": latitude, "lon": longitude },
    });
    let session = (!event_type.starts_with("system.")).then(|| format!("idx{:016x}", noise(8)));
    let request_id = format!("{:016x}{:016x}", noise(9), noise(10));
    let uri = if event_type == "user.session.start" {
        "/idp/idx/identify"
    } else {
        "/api/v1/users"
    };
    json!({
        "actor": {
            "id": actor.id(), "type": "User", "alternateId": actor.login(),
            "displayName": format!("{} {}", actor.first_name().0, actor.last_name().0), "detailEntry": null,
        },
        "client": {
            "userAgent": { "rawUserAgent": agent, "os": os, "browser": browser },
            "zone": "null", "device": if browser == "UNKNOWN" { "Unknown" } else { "Computer" }, "id": null,
            "ipAddress": address, "geographicalContext": place,
        },
        "device": null,
        "authenticationContext": {
            "authenticationProvider": if event_type == "user.authentication.auth_via_mfa" { json!("FACTOR_PROVIDER") } else { Value::Null },
            "credentialProvider": null, "credentialType": null, "issuer": null, "interface": null,
            "authenticationStep": 0, "rootSessionId": session, "externalSessionId": session,
        },
        "displayMessage": message,
        "eventType": event_type,
        "outcome": {
            "result": if failed { "FAILURE" } else { "SUCCESS" },
            "reason": if failed { json!("INVALID_CREDENTIALS") } else { Value::Null },
        },
        "published": timestamp_text(published(org, i)),
        "securityContext": {
            "asNumber": if noise(11).is_multiple_of(3) { Value::Null } else { json!(394_089) },
            "asOrg": "ASN 0000", "isp": "example", "domain": null, "isProxy": noise(12).is_multiple_of(9),
        },
        "severity": if failed { "WARN" } else { "INFO" },
        "debugContext": { "debugData": { "requestId": request_id, "requestUri": uri, "url": format!("{uri}?i={i}") } },
        "legacyEventType": if legacy.is_empty() { Value::Null } else { json!(legacy) },
        "transaction": { "type": "WEB", "id": request_id, "detail": {} },
        "uuid": uuid(noise(13), noise(14)),
        "version": "0",
        "request": { "ipChain": [{ "ip": address, "geographicalContext": place, "version": "V4", "source": null }] },
        "target": targets(org, target, noise(15), &actor),
    })
}

fn uuid(high: u64, low: u64) -> String {
    let (a, b, c) = (high >> 32, (high >> 16) & 0xffff, high & 0x0fff);
    format!(
        "{a:08x}-{b:04x}-1{c:03x}-{:04x}-{:012x}",
        0x8000 | (low >> 50),
        low & 0xffff_ffff_ffff
    )
}

fn targets(org: &Org, kind: &str, noise: u64, actor: &User) -> Value {
    let one = |id: String, kind: &str, alternate: String, display: String| json!({ "id": id, "type": kind, "alternateId": alternate, "displayName": display, "detailEntry": null });
    let user = || {
        let user = User::new(org, noise % org.users.max(1));
        one(
            user.id(),
            "User",
            user.login(),
            format!("{} {}", user.first_name().0, user.last_name().0),
        )
    };
    match kind {
        "" => Value::Null,
        "User" => json!([user()]),
        "AppInstance" if org.apps > 0 => {
            let app = App::new(org, noise % org.apps);
            json!([
                one(app.id(), kind, app.label(), app.label()),
                one(actor.id(), "AppUser", actor.login(), actor.login())
            ])
        }
        "UserGroup" => {
            let group = Group::new(org, noise % org.groups);
            json!([user(), one(group.id(), kind, "unknown".to_owned(), group.name())])
        }
        _ => json!([one(
            format!("{noise:016x}"),
            kind,
            "unknown".to_owned(),
            "Sample".to_owned()
        )]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::org::FROZEN;

    #[test]
    fn events_fill_ninety_days_in_order() {
        for events in [1, 7, 50_000, 5_000_000] {
            let org = Org::new(
                &Options {
                    log_events: Some(events),
                    ..Options::default()
                },
                FROZEN,
            );
            assert!(published(&org, 0) >= org.now - RETENTION);
            assert!(published(&org, events - 1) < org.now);
            assert!(
                (1..events.min(5000)).all(|i| published(&org, i - 1) <= published(&org, i)),
                "{events}"
            );
        }
    }
}

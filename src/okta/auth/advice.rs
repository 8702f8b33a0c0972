//! What OAuth's errors mean for the person who logs in: each code, and the keyword or the place in Okta's console that mends it.

use super::app::Authentication;

/// The code, which app it is about, what to do. The first row that fits is told.
const ADVICE: &[(&str, Of, &str)] = &[
    (
        "invalid_client",
        Of::PublicApp,
        "Okta does not know the app, or it needs to prove itself: check OAuthClientId and Domain, and give OAuthClientSecret (web \
         app) or OAuthJWTCert (service app) if the app has one",
    ),
    (
        "invalid_client",
        Of::SecretApp,
        "Okta does not accept the app's id with this secret: check OAuthClientId, OAuthClientSecret and Domain; a secret may have \
         been rotated or deactivated (the app's tab General, Client Credentials)",
    ),
    (
        "invalid_client",
        Of::KeyApp,
        "Okta does not accept the app's assertion: check OAuthClientId and Domain, that the public half of OAuthJWTCert's key is \
         registered and active in the app (tab General, Public keys), and that OAuthJWTPublicKeyId is its kid",
    ),
    (
        "unauthorized_client",
        Of::Any,
        "The app may not log in this way: switch the grant type on in the app (tab General, Grant type), or choose the AuthScheme \
         that it is made for",
    ),
    (
        "unsupported_grant_type",
        Of::Any,
        "The server does not know this way to log in: check Domain (the org's own host) and AuthScheme",
    ),
    (
        "invalid_scope",
        Of::Any,
        "A scope is unknown or not granted to the app: grant it (the app's tab Okta API Scopes), or name in Scope only those that \
         are granted",
    ),
    (
        "consent_required",
        Of::Any,
        "A scope is not granted to the app: a super admin grants it in the app's tab Okta API Scopes",
    ),
    (
        "invalid_grant",
        Of::Any,
        "What was given for a token is no longer valid: the code or the refresh token was used, revoked or expired, or belongs to \
         another app. Log in again, e.g. with the command okta-odbc login",
    ),
    (
        "access_denied",
        Of::Any,
        "The login was refused: it was declined, or a policy of the org (the app's assignments, a sign-on or access policy) does \
         not let this user or app in",
    ),
    (
        "expired_token",
        Of::Any,
        "Nobody confirmed the login in time: start it again and enter the code within ten minutes",
    ),
    (
        "invalid_dpop_proof",
        Of::Any,
        "Okta does not accept the DPoP proof: check this machine's clock, and that no proxy changes the host; DPoP=auto binds \
         tokens where the app asks for it",
    ),
    (
        "use_dpop_nonce",
        Of::Any,
        "Okta asks again and again for a new DPoP nonce: try again, and tell Okta's support if it stays",
    ),
    (
        "invalid_request",
        Of::Any,
        "Okta does not take the request as it is: check OAuthClientId, CallbackURL (exactly as registered in the app) and Scope",
    ),
    (
        "temporarily_unavailable",
        Of::Any,
        "Okta cannot log anybody in at the moment: try again later",
    ),
    ("server_error", Of::Any, "Okta failed: try again later"),
];

/// Told for a code that the table does not have.
const OTHERWISE: &str = "Okta refused the login: check OAuthClientId, AuthScheme and Domain";

/// Which app a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Any,
    PublicApp,
    SecretApp,
    KeyApp,
}

/// What to do about `code`.
pub(super) fn advice(code: &str, authentication: &Authentication) -> &'static str {
    let app = match authentication {
        Authentication::None => Of::PublicApp,
        Authentication::Secret(_) => Of::SecretApp,
        Authentication::PrivateKey(_) => Of::KeyApp,
    };
    ADVICE
        .iter()
        .find(|(of_code, of_app, _)| *of_code == code && [Of::Any, app].contains(of_app))
        .map_or(OTHERWISE, |(_, _, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::okta::Secret;

    /// RFC 6749 §5.2 and §4.1.2.1, RFC 8628 §3.5, RFC 9449 §5 and §8, OpenID Connect Core §3.1.2.6.
    const CODES: &[&str] = &[
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "access_denied",
        "server_error",
        "temporarily_unavailable",
        "expired_token",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "consent_required",
    ];

    #[test]
    fn every_code_of_the_standards_has_advice_of_its_own() {
        for app in [Authentication::None, Authentication::Secret(Secret::new("s"))] {
            for code in CODES {
                assert_ne!(advice(code, &app), OTHERWISE, "{code}");
            }
        }
        assert_eq!(advice("something_new", &Authentication::None), OTHERWISE);
        for (code, _, _) in ADVICE {
            assert!(CODES.contains(code), "{code} is in no standard");
        }
    }

    #[test]
    fn a_refused_app_is_told_by_the_keyword_that_it_uses() {
        assert!(advice("invalid_client", &Authentication::None).contains("OAuthClientId"));
        let secret = Authentication::Secret(Secret::new("s"));
        assert!(advice("invalid_client", &secret).contains("OAuthClientSecret"));
    }
}

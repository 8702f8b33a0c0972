//! What the keywords of logging in come to, from every source.

use super::settings::{Error, Settings};
use super::settings_tests::{Fake, entries, plain, resolve, settings, token};
use crate::okta::auth::app::Authentication;
use crate::okta::auth::dpop::Binding;
use crate::okta::auth::login::{Initiate, Login, Way};
use crate::okta::auth::store::Location;
use crate::okta::{Credential, Secret};

fn login(settings: &Settings) -> &Login {
    assert!(matches!(settings.okta().credential, Credential::OAuth(_)));
    settings.login().expect("a login")
}

fn way(text: &str) -> Option<Way> {
    let (settings, _) = plain(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    settings.login().map(|login| login.way)
}

fn secret(authentication: &Authentication) -> Option<&str> {
    match authentication {
        Authentication::Secret(secret) => Some(secret.expose()),
        _ => None,
    }
}

/// RFC 7517 appendix A.2's EC key.
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}"#;

fn jwk() -> String {
    format!("{{{}}}", JWK.replace('}', "}}"))
}

#[test]
fn the_way_to_log_in_is_told_by_what_is_given() {
    for (text, expected) in [
        ("PWD=p", None),
        ("UID=u;PWD=p", None),
        ("APIToken=t;OAuthSettingsLocation=/nowhere/x.json", None),
        ("OAuthClientId=c", Some(Way::Browser)),
        ("OAuthClientId=c;AuthScheme=DeviceCode", Some(Way::Device)),
        ("OAuthAccessToken=t", Some(Way::Given)),
        ("AuthScheme=APIToken;OAuthClientId=c;PWD=p", None),
    ] {
        assert_eq!(way(&format!("Domain=x.okta.com;{text}")), expected, "{text}");
    }
    assert_eq!(
        way(&format!("Domain=x;OAuthClientId=c;OAuthJWTCert={}", jwk())),
        Some(Way::Service)
    );
}

#[test]
fn what_is_missing_is_named() {
    for (text, keyword) in [
        ("AuthScheme=OAuth", "OAuthClientId"),
        ("AuthScheme=DeviceCode;PWD=p", "OAuthClientId"),
        ("InitiateOAuth=GETANDREFRESH", "OAuthClientId"),
        ("OAuthSettingsLocation=/nowhere/x.json", "OAuthClientId"),
        ("AuthScheme=OAuthJWT;OAuthClientId=c", "OAuthJWTCert"),
        ("AuthScheme=AccessToken", "OAuthAccessToken"),
        ("", "APIToken"),
    ] {
        let error = plain(&format!("Domain=x.okta.com;{text}")).expect_err(text);
        assert!(
            matches!(&error, Error::Missing { keyword: named, message } if *named == keyword && message.contains(keyword)),
            "{text}: {error}"
        );
    }
}

#[test]
fn every_keyword_of_a_login_reaches_it() {
    let text = "Domain=x.okta.com;OAuthClientId= c ;OAuthClientSecret=s;InitiateOAuth=getandrefresh;DPoP=true;CallbackURL=http://localhost:1;\
                Scope=okta.users.read, okta.groups.read;OAuthSettingsLocation=memory://m;OAuthRefreshToken=r;OAuthVerifier=v;OAuthAccessToken=a";
    let settings = settings(text);
    let login = login(&settings);
    assert_eq!(
        (login.url.as_str(), login.app.client_id.as_str()),
        ("https://x.okta.com", "c")
    );
    assert_eq!(secret(&login.app.authentication), Some("s"));
    assert_eq!(
        (login.initiate, login.binding),
        (Initiate::GetAndRefresh, Binding::Always)
    );
    assert_eq!(login.callback, "http://localhost:1");
    assert_eq!(login.scopes, ["okta.users.read", "okta.groups.read"]);
    assert_eq!(login.location, Some(Location::Memory("m".into())));
    let given = [&login.refresh_token, &login.verifier, &login.access_token];
    assert_eq!(
        given.map(|secret| secret.clone()),
        ["r", "v", "a"].map(|text| Some(Secret::new(text)))
    );
    assert_eq!(settings.out_string(), format!("{text};").replace("= c ", "=c"));
}

#[test]
fn the_scopes_are_those_of_the_tables_and_a_refresh_token_is_a_persons() {
    let tables = [
        "okta.apps.read",
        "okta.groups.read",
        "okta.logs.read",
        "okta.schemas.read",
        "okta.userTypes.read",
        "okta.users.read",
    ];
    let browser = settings("Domain=x;OAuthClientId=c");
    let asked = &login(&browser).scopes;
    for scope in tables.iter().chain(&["openid", "profile", "offline_access"]) {
        assert!(asked.iter().any(|asked| asked == scope), "{scope}");
    }
    let service = settings(&format!("Domain=x;OAuthClientId=c;OAuthJWTCert={}", jwk()));
    assert!(login(&service).scopes.iter().all(|scope| scope.starts_with("okta.")));
}

#[test]
fn a_users_name_and_password_are_an_apps_where_the_scheme_says_so() {
    let both = settings("Domain=x;AuthScheme=OAuth;UID=c;PWD=s");
    assert_eq!(login(&both).app.client_id, "c");
    assert_eq!(secret(&login(&both).app.authentication), Some("s"));
    let device = settings("Domain=x;AuthScheme=DeviceCode;UID=c;PWD=s");
    assert_eq!(
        (login(&device).way, login(&device).app.client_id.as_str()),
        (Way::Device, "c")
    );
    assert_eq!(secret(&login(&device).app.authentication), Some("s"));
    // A service app has a key: what stands as its password is not sent.
    let service = settings(&format!(
        "Domain=x;AuthScheme=OAuthJWT;UID=c;PWD=s;OAuthJWTCert={}",
        jwk()
    ));
    assert_eq!(
        (login(&service).way, login(&service).app.client_id.as_str()),
        (Way::Service, "c")
    );
    assert!(matches!(
        login(&service).app.authentication,
        Authentication::PrivateKey(_)
    ));
    let named = settings("Domain=x;AuthScheme=OAuth;UID=u;PWD=p;OAuthClientId=c");
    assert_eq!(
        (
            login(&named).app.client_id.as_str(),
            secret(&login(&named).app.authentication)
        ),
        ("c", None)
    );
}

#[test]
fn a_key_that_cannot_be_read_is_no_login_and_names_its_file() {
    for (cert, told) in [
        ("/nowhere/service.pem", "/nowhere/service.pem"),
        ("{-----BEGIN PRIVATE KEY-----hidden}", "OAuthJWTCert"),
    ] {
        let error = plain(&format!(
            "Domain=x;AuthScheme=OAuthJWT;OAuthClientId=c;OAuthJWTCert={cert}"
        ))
        .expect_err(cert);
        assert!(
            matches!(&error, Error::NoLogin { message } if message.contains(told) && !message.contains("hidden")),
            "{error}"
        );
    }
}

/// The private half of RFC 7517's key in SEC 1, of RFC 7518's curve: base64 DER without its lines, as programs paste it.
fn der() -> String {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let part = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let (x, y, d) = (
        part("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"),
        part("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
        part("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"),
    );
    // RFC 5915 §3: version 1, the number, P-256's OID, the uncompressed point.
    let mut document = vec![0x30, 0x77, 2, 1, 1, 4, 32];
    document.extend(d);
    document.extend([
        0xa0, 0x0a, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 0xa1, 0x44, 3, 0x42, 0, 4,
    ]);
    document.extend(x.into_iter().chain(y));
    STANDARD.encode(document)
}

#[test]
fn a_key_without_its_lines_is_read() {
    let key = der();
    let (first, second) = key.split_at(64);
    for cert in [
        key.clone(),
        key.trim_end_matches('=').replace('+', "-").replace('/', "_"),
        format!("{first}\\n{second}"),
        format!("{first} {second}"),
    ] {
        for kind in ["AUTO", "PEM"] {
            let text = format!("Domain=x;OAuthClientId=c;OAuthJWTCert={{{cert}}};OAuthJWTCertType={kind}");
            assert!(
                matches!(
                    login(&settings(&text)).app.authentication,
                    Authentication::PrivateKey(_)
                ),
                "{text}"
            );
        }
    }
}

/// The first try at telling a path took every short text for one, and said `OAuthJWTCert=<the key> cannot be read`.
#[test]
fn no_part_of_a_key_is_shown_however_it_was_cut() {
    let key = der();
    let long = key.repeat(6);
    let pem = format!("-----BEGIN EC PRIVATE KEY----- {key} -----END EC PRIVATE KEY-----");
    let cuts = [
        key[..100].to_owned(),
        key[..101].to_owned(),
        key[..40].to_owned(),
        key[60..].to_owned(),
        long[..901].to_owned(),
        long[20..900].to_owned(),
        pem[40..].to_owned(),
        pem[..100].to_owned(),
        JWK[1..JWK.len() - 1].to_owned(),
        JWK[1..150].to_owned(),
    ];
    for cert in cuts {
        for kind in ["AUTO", "PEM", "PEMKEY_FILE", "PEMKEY_BLOB", "PFXBLOB"] {
            let text =
                format!("Domain=x;AuthScheme=OAuthJWT;OAuthClientId=c;OAuthJWTCert={{{cert}}};OAuthJWTCertType={kind}");
            let error = plain(&text).expect_err(&text).to_string();
            // Messages may name PEM's lines, which have blanks and dashes.
            let parts = (0..cert.len() - 16).filter_map(|at| cert.get(at..at + 16));
            let shown = parts
                .filter(|part| !part.contains([' ', '-']))
                .any(|part| error.contains(part));
            assert!(error.contains("OAuthJWTCert") && !shown, "{kind} {cert}: {error}");
        }
    }
}

/// What a server or a library says of a key is not shown either; a file's name is.
#[test]
fn a_key_is_redacted_in_whatever_form_it_was_given_and_a_path_is_not() {
    let key = der();
    for kind in ["AUTO", "PEM", "PEMKEY_BLOB"] {
        let text = format!("Domain=x;OAuthClientId=c;OAuthJWTCert={key};OAuthJWTCertType={kind}");
        assert_eq!(settings(&text).redact(&format!("bad {key}!")), "bad ***!", "{kind}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder
        .path()
        .join("MIGkeys_of_the_service_in_a_name_without_its_usual_end");
    std::fs::write(&file, JWK).expect("a file");
    let text = format!("Domain=x;OAuthClientId=c;OAuthJWTCert={}", file.display());
    let shown = file.display().to_string();
    assert_eq!(settings(&text).redact(&shown), shown);
}

/// What `okta-odbc login` leaves (the form is that of version 1).
fn write_settings(path: &std::path::Path, domain: &str) {
    let text = format!(
        r#"{{"version":1,"domain":"{domain}","client_id":"0oa1","client_secret":"kept-secret","refresh_token":"r","callback_url":"http://localhost:8765"}}"#
    );
    std::fs::write(path, text).expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    }
}

#[test]
fn a_settings_file_says_what_the_keywords_leave_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.json");
    write_settings(&file, "https://x.okta.com");
    let location = format!("OAuthSettingsLocation={}", file.display());
    for text in [
        location.clone(),
        format!("Domain=x.okta.com;{location}"),
        format!("Domain=x.okta.com;InitiateOAuth=GETANDREFRESH;{location}"),
        format!("Domain=x.okta.com;OAuthClientId=0oa1;{location}"),
    ] {
        let settings = settings(&text);
        let login = login(&settings);
        assert_eq!(
            (settings.domain.as_str(), login.app.client_id.as_str()),
            ("x.okta.com", "0oa1"),
            "{text}"
        );
        assert_eq!(secret(&login.app.authentication), Some("kept-secret"), "{text}");
        assert_eq!(login.callback, "http://localhost:8765", "{text}");
        assert!(!format!("{settings:?}").contains("kept-secret") && !settings.out_string().contains("kept-secret"));
    }
    // Another app's secret is not this one's.
    let other = settings(&format!("Domain=x.okta.com;OAuthClientId=0oa2;{location}"));
    assert_eq!(secret(&login(&other).app.authentication), None);
    let error = plain(&format!("Domain=y.okta.com;{location}"))
        .expect_err("another org")
        .to_string();
    assert!(
        error.contains("https://x.okta.com") && error.contains("https://y.okta.com"),
        "{error}"
    );
}

#[test]
fn without_a_name_each_org_has_a_settings_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let sources = || Fake {
        settings_folder: Some(folder.path().to_owned()),
        ..Fake::default()
    };
    let file = |name: &str| Some(Location::File(folder.path().join(name)));
    let (browser, _) = resolve("Domain=x.okta.com:8443;OAuthClientId=c", &sources()).expect("settings");
    assert_eq!(login(&browser).location, file("x.okta.com-8443.json"));
    let key = format!(
        "Domain=x.okta.com;OAuthClientId=c;AuthScheme=OAuthJWT;OAuthJWTCert={}",
        jwk()
    );
    let (service, _) = resolve(&key, &sources()).expect("settings");
    assert_eq!(login(&service).location, None);
    write_settings(&folder.path().join("x.okta.com.json"), "https://x.okta.com");
    let (kept, _) = resolve("Domain=x.okta.com", &sources()).expect("settings");
    assert_eq!(login(&kept).app.client_id, "0oa1");
    let (api, _) = resolve("Domain=x.okta.com;APIToken=t", &sources()).expect("settings");
    assert_eq!(token(&api), "t");
}

#[test]
fn the_environment_is_used_whole_or_not_at_all() {
    let sources = || Fake {
        environment: entries(&[
            ("Domain", "https://env.okta.com"),
            ("AuthScheme", "OAuthJWT"),
            ("OAuthClientId", "env"),
            ("OAuthJWTCert", JWK),
        ]),
        ..Fake::default()
    };
    let (all, _) = resolve("", &sources()).expect("settings");
    assert_eq!(
        (login(&all).way, login(&all).app.client_id.as_str()),
        (Way::Service, "env")
    );
    let (own, _) = resolve("OAuthClientId=mine", &sources()).expect("settings");
    assert_eq!(
        (login(&own).way, login(&own).app.client_id.as_str()),
        (Way::Browser, "mine")
    );
    let (api, _) = resolve("APIToken=t", &sources()).expect("settings");
    assert_eq!((api.domain.as_str(), token(&api).as_str()), ("env.okta.com", "t"));
    assert!(
        resolve("Domain=other.okta.com", &sources()).is_err(),
        "its key goes to its own org"
    );
    let orgless = Fake {
        environment: entries(&[("APIToken", "env")]),
        ..Fake::default()
    };
    assert!(
        resolve("Domain=x.okta.com", &orgless).is_err(),
        "a token without its org"
    );
}

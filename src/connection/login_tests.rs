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

/// What `okta-odbc login` leaves (the form is that of version 1).
fn write_settings(path: &std::path::Path, domain: &str) {
    let text = format!(
        r#"{{"version":1,"domain":"{domain}","client_id":"0oa1","client_secret":"kept-secret","refresh_token":"r"}}"#
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

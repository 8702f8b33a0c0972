//! What the keywords of logging in mean together: an API token, or a login by OAuth.

use std::path::Path;
use std::sync::Arc;

use super::browser::Here;
use super::dsn::Sources;
use super::settings::{Address, Error, Values};
use crate::catalog::Catalog;
use crate::okta::auth::app::{App, Authentication};
use crate::okta::auth::dpop::Binding;
use crate::okta::auth::key::{Form, SigningKey};
use crate::okta::auth::login::{Initiate, Login, Way};
use crate::okta::auth::principal::Principal;
use crate::okta::auth::store::{Kept, Location};
use crate::okta::{self, Credential, Secret};

/// Keywords whose values let somebody in. Where one was given, the environment's do not mix with it.
const CREDENTIALS: &[&str] = &[
    "APIToken",
    "PWD",
    "OAuthClientId",
    "OAuthAccessToken",
    "OAuthRefreshToken",
    "OAuthVerifier",
    "OAuthJWTCert",
];

/// Scopes that are no table's: the org's own attributes, the user types that have them.
const SCHEMAS: &[&str] = &["okta.schemas.read", "okta.userTypes.read"];
/// A person's login: a refresh token (OpenID Connect Core §11), which wants openid, and the person's name for `doctor`.
const OF_A_PERSON: &[&str] = &["openid", "profile", "offline_access"];

/// What `OAuthSettingsLocation` has, as far as it can be told before connecting.
#[derive(Default)]
pub(super) struct Settled {
    pub location: Option<Location>,
    /// Why it says nothing. Told when connecting, or where the app's name is missing without it.
    trouble: Option<okta::Error>,
}

/// AuthScheme as it was given.
fn scheme(values: &Values) -> Result<Option<&'static str>, Error> {
    values
        .has("AuthScheme")
        .then(|| values.choice("AuthScheme"))
        .transpose()
}

pub(super) fn has_credential(values: &Values) -> bool {
    CREDENTIALS.iter().any(|name| values.has(name))
}

/// Programs that know a user's name and a password only can say an app's: with an AuthScheme of OAuth they are that.
pub(super) fn user_as_app(values: &mut Values) -> Result<(), Error> {
    let by_app = matches!(scheme(values)?, Some("OAuth" | "OAuthJWT" | "DeviceCode"));
    if !by_app || values.has("OAuthClientId") || !values.has("UID") {
        return Ok(());
    }
    for (from, to) in [("UID", "OAuthClientId"), ("PWD", "OAuthClientSecret")] {
        if values.has(from) && !values.has(to) {
            values.put(to, values.text(from));
        }
    }
    Ok(())
}

/// Takes from the settings file what the keywords leave open: org, client id, client secret, callback.
pub(super) fn settle(values: &mut Values, sources: &dyn Sources) -> Result<Settled, Error> {
    let named = values.text("OAuthSettingsLocation");
    let mut settled = Settled::default();
    let by_person = matches!(scheme(values)?, None | Some("OAuth" | "DeviceCode"));
    if !named.trim().is_empty() {
        settled.location = Some(Location::parse(&named));
    } else if by_person
        && let Some(org) = values.org()
        && let Some(folder) = sources.settings_folder()
    {
        // One file for each org: a token must not go to another.
        let plain = |letter: char| {
            if letter.is_ascii_alphanumeric() || ".-".contains(letter) {
                letter
            } else {
                '-'
            }
        };
        let name: String = org.authority().chars().map(plain).collect();
        settled.location = Some(Location::File(folder.join(format!("{name}.json"))));
    }
    let asks = by_person && !(has_credential(values) && scheme(values)?.is_none() && !values.has("OAuthClientId"));
    if let Some(location) = settled.location.as_ref().filter(|_| asks || !named.is_empty()) {
        match location.read_now() {
            Ok(Some(kept)) => settled.trouble = fill(values, location, &kept),
            Ok(None) => {}
            Err(error) => settled.trouble = Some(error),
        }
    }
    Ok(settled)
}

fn fill(values: &mut Values, location: &Location, kept: &Kept) -> Option<okta::Error> {
    if !values.has("Domain") {
        values.put("Domain", kept.domain.clone());
    }
    let org = values.org()?.url();
    if org != kept.domain {
        return Some(okta::Error::Login {
            code: String::new(),
            message: format!(
                "The settings file {location} belongs to the org {}, and Domain is {org}: name another file as OAuthSettingsLocation",
                kept.domain
            ),
            request_id: None,
        });
    }
    if !values.has("OAuthClientId") && !kept.client_id.is_empty() {
        values.put("OAuthClientId", kept.client_id.clone());
    }
    if values.text("OAuthClientId").trim() != kept.client_id {
        return None;
    }
    if !values.has("OAuthClientSecret")
        && let Some(secret) = &kept.client_secret
    {
        values.put("OAuthClientSecret", secret.expose().to_owned());
    }
    if !values.has("CallbackURL") && !kept.callback_url.is_empty() {
        values.put("CallbackURL", kept.callback_url.clone());
    }
    None
}

/// Who asks. The login stands beside it for `okta-odbc login`.
pub(super) fn credential(
    values: &Values,
    settled: &Settled,
    org: &Address,
) -> Result<(Credential, Option<Login>), Error> {
    let scheme = match scheme(values)? {
        Some(scheme) => scheme,
        None => likely_scheme(values)?,
    };
    let way = match scheme {
        "OAuth" => Way::Browser,
        "DeviceCode" => Way::Device,
        "OAuthJWT" => Way::Service,
        "AccessToken" => Way::Given,
        _ => return Ok((Credential::ApiToken(api_token(values)?), None)),
    };
    let secret = |name| {
        let text = values.text(name);
        Some(Secret::new(text.trim())).filter(|secret| !secret.is_empty())
    };
    if way == Way::Given && secret("OAuthAccessToken").is_none() {
        return Err(missing(
            "OAuthAccessToken",
            "with AuthScheme=AccessToken it is the token that another program obtained",
        ));
    }
    let client_id = values.text("OAuthClientId").trim().to_owned();
    if client_id.is_empty() && way != Way::Given {
        return Err(no_client_id(settled));
    }
    let authentication = match (way, secret("OAuthClientSecret")) {
        (Way::Service, _) => Authentication::PrivateKey(signing_key(values)?),
        (_, Some(secret)) => Authentication::Secret(secret),
        (_, None) if values.has("OAuthJWTCert") => Authentication::PrivateKey(signing_key(values)?),
        (_, None) => Authentication::None,
    };
    let initiate = match values.choice("InitiateOAuth")? {
        "GETANDREFRESH" => Initiate::GetAndRefresh,
        "REFRESH" => Initiate::Refresh,
        _ => Initiate::Off,
    };
    let binding = match values.choice("DPoP")? {
        "true" => Binding::Always,
        "false" => Binding::Never,
        _ => Binding::Auto,
    };
    let login = Login {
        url: org.url(),
        way,
        app: App {
            client_id,
            authentication,
        },
        scopes: scopes(values, way),
        binding,
        location: settled.location.clone(),
        initiate,
        callback: values.text("CallbackURL").trim().to_owned(),
        access_token: secret("OAuthAccessToken"),
        refresh_token: secret("OAuthRefreshToken"),
        verifier: secret("OAuthVerifier"),
        person: Arc::new(Here),
    };
    Ok((Credential::OAuth(Principal::shared(login.clone())), Some(login)))
}

/// Where AuthScheme is not said: what was given tells it.
fn likely_scheme(values: &Values) -> Result<&'static str, Error> {
    let any = |names: &[&str]| names.iter().any(|name| values.has(name));
    Ok(if values.has("OAuthClientId") {
        if values.has("OAuthJWTCert") {
            "OAuthJWT"
        } else {
            "OAuth"
        }
    } else if any(&["APIToken", "PWD"]) {
        "APIToken"
    } else if values.has("OAuthAccessToken") {
        "AccessToken"
    } else if any(&["OAuthSettingsLocation", "OAuthRefreshToken", "OAuthVerifier"])
        || values.choice("InitiateOAuth")? != "OFF"
    {
        "OAuth"
    } else {
        "APIToken"
    })
}

fn api_token(values: &Values) -> Result<Secret, Error> {
    let given = ["APIToken", "PWD"].into_iter().find(|name| values.has(name));
    let token = given.map(|name| values.text(name)).ok_or_else(|| Error::Missing {
        keyword: "APIToken",
        message: "APIToken is missing: make one in Okta's Admin Console under Security > API > Tokens and give it as APIToken \
                  (or PWD)"
            .into(),
    })?;
    Ok(Secret::new(token.trim()))
}

fn missing(keyword: &'static str, what: &str) -> Error {
    Error::Missing {
        keyword,
        message: format!("{keyword} is missing: {what}"),
    }
}

fn no_client_id(settled: &Settled) -> Error {
    if let Some(trouble) = &settled.trouble {
        return Error::NoLogin {
            message: trouble.to_string(),
        };
    }
    let file = settled
        .location
        .as_ref()
        .map_or_else(String::new, |location| format!(" ({location} holds none)"));
    missing(
        "OAuthClientId",
        &format!(
            "the client id of the app in Okta (Applications > the app > General). Or name as OAuthSettingsLocation the file that \
             `okta-odbc login` has written{file}"
        ),
    )
}

/// Those of the catalog's tables, unless the keyword says otherwise.
fn scopes(values: &Values, way: Way) -> Vec<String> {
    let given = values.text("Scope");
    let mut scopes: Vec<String> = given
        .split([' ', ',', ';', '\t', '\n'])
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() {
        let catalog = Catalog::embedded();
        let tables = catalog.tables().iter().map(|table| table.scope.clone());
        scopes = tables.chain(SCHEMAS.iter().map(|scope| (*scope).to_owned())).collect();
        if matches!(way, Way::Browser | Way::Device) {
            scopes.extend(OF_A_PERSON.iter().map(|scope| (*scope).to_owned()));
        }
        scopes.sort();
        scopes.dedup();
    }
    scopes
}

/// What stands in `OAuthJWTCert`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cert {
    Path,
    /// PEM or a JWK.
    Text,
    Base64,
}

impl Cert {
    /// Only what is surely a path is one: a path is shown in messages, and a key, however much of it is there, must not be.
    pub fn of(values: &Values) -> Cert {
        let given = values.text("OAuthJWTCert");
        let is_blob = values
            .choice("OAuthJWTCertType")
            .is_ok_and(|kind| kind.ends_with("BLOB"));
        if is_blob { Cert::Base64 } else { Cert::told_by(&given) }
    }

    fn told_by(given: &str) -> Cert {
        let given = given.trim();
        if given.starts_with('{') || given.contains("-----") || given.contains('"') {
            Cert::Text
        } else if looks_like_base64(given) && !Path::new(given).is_file() {
            Cert::Base64
        } else if given.len() < LONGEST_PATH && !given.contains('\n') {
            Cert::Path
        } else {
            Cert::Text
        }
    }
}

/// A longer text is none of a file's, on any system.
const LONGEST_PATH: usize = 1024;
/// No key is shorter in base64.
const SHORTEST_KEY: usize = 40;
/// Longer than any part of a usual path; between two `/` base64 has 64 letters on average, so a key has longer ones.
const LONGEST_NAME: usize = 64;

/// A DER document in base64, whole or cut: it begins with a SEQUENCE's tag and length (`MI…`, `MH…`, `MC…`), or is longer in one
/// piece than names of files are. Names of keys end in `.pem` or the like, which base64 never does.
fn looks_like_base64(given: &str) -> bool {
    let compact = compact(given);
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+/-_=".contains(letter);
    let begins = compact.starts_with('M') && compact[1..].starts_with(|letter| ('A'..='P').contains(&letter));
    let in_one_piece = || compact.split('/').any(|part| part.len() > LONGEST_NAME);
    compact.len() >= SHORTEST_KEY && compact.chars().all(is_letter) && (begins || in_one_piece())
}

/// Without white space, written line ends included.
fn compact(text: &str) -> zeroize::Zeroizing<String> {
    let text = zeroize::Zeroizing::new(text.replace("\\r", "").replace("\\n", ""));
    zeroize::Zeroizing::new(text.split_whitespace().collect())
}

/// Either alphabet (RFC 4648 §4, §5), with or without `=`.
fn decode(given: &str) -> Option<Vec<u8>> {
    let compact = compact(given);
    let standard = zeroize::Zeroizing::new(compact.trim_end_matches('=').replace('-', "+").replace('_', "/"));
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD_NO_PAD, standard.as_bytes()).ok()
}

fn signing_key(values: &Values) -> Result<SigningKey, Error> {
    let given = values.text("OAuthJWTCert");
    let given = given.trim();
    if given.is_empty() {
        return Err(missing(
            "OAuthJWTCert",
            "the private key of the service app, as a file (PEM, JWK or PFX) or its text",
        ));
    }
    let kind = values.choice("OAuthJWTCertType")?;
    let form = match kind {
        "PEM" | "PEMKEY_FILE" | "PEMKEY_BLOB" => Form::Pem,
        "JWK" => Form::Jwk,
        "PFX" | "PFXFILE" | "PFXBLOB" => Form::Pfx,
        _ => Form::Auto,
    };
    let no_login = |error: &dyn std::fmt::Display| Error::NoLogin {
        message: error.to_string(),
    };
    // Variables of the environment and ini files have one line: `\n` stands for its end.
    let cert = Cert::of(values);
    let (bytes, source) = match cert {
        Cert::Text => (given.replace("\\n", "\n").into_bytes(), "OAuthJWTCert".to_owned()),
        Cert::Base64 => {
            let why = if kind.ends_with("BLOB") {
                format!("OAuthJWTCert is no base64, as OAuthJWTCertType={kind} says")
            } else {
                "OAuthJWTCert is neither a file nor a whole key: what is given looks like base64 and is none, or was cut. Give a \
                 file's path, or the key with its lines -----BEGIN and -----END"
                    .into()
            };
            let bytes = decode(given).ok_or_else(|| no_login(&why))?;
            (bytes, "OAuthJWTCert".to_owned())
        }
        Cert::Path => {
            let read = std::fs::read(Path::new(given));
            let bytes = read.map_err(|error| no_login(&format!("OAuthJWTCert={given} cannot be read: {error}")))?;
            (bytes, format!("OAuthJWTCert={given}"))
        }
    };
    let bytes = zeroize::Zeroizing::new(bytes);
    // PEM's body without its lines is what stands between them: DER. With them, its content tells.
    let form = match (form, cert) {
        (Form::Pem, Cert::Base64) => Form::Auto,
        (form, _) => form,
    };
    let password = values.text("OAuthJWTCertPassword");
    let password = (!password.is_empty()).then(|| Secret::new(password));
    let kid = Some(values.text("OAuthJWTPublicKeyId").trim().to_owned()).filter(|kid| !kid.is_empty());
    SigningKey::read(&bytes, &source, form, password.as_ref(), kid).map_err(|error| no_login(&error))
}

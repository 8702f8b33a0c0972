//! Where keywords come from besides the connection string: odbc.ini, odbcinst.ini, the environment, okta.yaml. The only
//! reader of any of them.

use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Yaml};

use super::odbcinst;
use super::settings::Address;

/// `name=value` pairs in the order of their file.
pub type Entries = Vec<(String, String)>;

/// Keywords with their values as Okta's SDKs write them.
type Given = Vec<(&'static str, String)>;

/// The name that odbcinst.ini gives this driver.
pub const DRIVER_NAME: &str = "Okta ODBC Driver";

/// What stands behind a connection string.
pub trait Sources {
    /// The section of a data source; None when there is none of that name.
    fn data_source(&self, name: &str) -> Option<Entries>;
    /// The section of a driver in odbcinst.ini.
    fn driver(&self, name: &str) -> Option<Entries>;
    /// Okta's own environment variables and file, as this driver's keywords.
    fn environment(&self) -> Entries;
    /// Where settings files are kept that no keyword names; None where the user has no such place.
    fn settings_folder(&self) -> Option<PathBuf>;
}

/// This machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

/// Settings of Okta's SDKs: the variable, the key below `okta: client:` of okta.yaml, and the keyword. Their `OKTA_TESTING_…` switch
/// off the check for https, which this driver does for loopback hosts alone and by itself.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("OKTA_CLIENT_ORGURL", "orgUrl", "Domain"),
    ("OKTA_CLIENT_AUTHORIZATIONMODE", "authorizationMode", "AuthScheme"),
    ("OKTA_CLIENT_TOKEN", "token", "APIToken"),
    ("OKTA_CLIENT_CLIENTID", "clientId", "OAuthClientId"),
    ("OKTA_CLIENT_SCOPES", "scopes", "Scope"),
    ("OKTA_CLIENT_PRIVATEKEY", "privateKey", "OAuthJWTCert"),
    ("OKTA_CLIENT_PRIVATEKEYID", "privateKeyId", "OAuthJWTPublicKeyId"),
    ("OKTA_CLIENT_KID", "kid", "OAuthJWTPublicKeyId"),
    ("OKTA_CLIENT_DPOPENABLED", "dpopEnabled", "DPoP"),
];
/// Values of `authorizationMode`.
const MODES: &[(&str, &str)] = &[
    ("SSWS", "APIToken"),
    ("PrivateKey", "OAuthJWT"),
    ("Bearer", "AccessToken"),
];

impl Sources for System {
    fn data_source(&self, name: &str) -> Option<Entries> {
        odbcinst::section(name, "odbc.ini").or_else(|| first_section(&odbc_ini_files(), name))
    }

    fn driver(&self, name: &str) -> Option<Entries> {
        odbcinst::section(name, "odbcinst.ini").or_else(|| first_section(&odbcinst_ini_files(), name))
    }

    fn environment(&self) -> Entries {
        let given = SETTINGS
            .iter()
            .filter_map(|(name, _, keyword)| Some((*keyword, variable(name)?)));
        let given: Given = given.filter(|(_, value)| !value.trim().is_empty()).collect();
        // Only the user's own file: one in the working directory may be anybody's.
        let file = home().map(|home| home.join(".okta/okta.yaml"));
        let file = file.and_then(|file| std::fs::read_to_string(file).ok());
        let of_file = file.map(|text| okta_yaml(&text)).unwrap_or_default();
        in_our_words(joined(given, of_file))
    }

    fn settings_folder(&self) -> Option<PathBuf> {
        let base = if cfg!(windows) {
            variable("APPDATA").map(PathBuf::from)
        } else {
            // The XDG base directory specification has paths that are not absolute ignored.
            let given = variable("XDG_CONFIG_HOME").map(PathBuf::from);
            given
                .filter(|path| path.is_absolute())
                .or_else(|| home().map(|home| home.join(".config")))
        };
        base.map(|base| base.join("okta-odbc"))
    }
}

/// Whether a browser can be shown here.
pub fn desktop() -> bool {
    let asks = ["BROWSER", "DISPLAY", "WAYLAND_DISPLAY"];
    cfg!(any(windows, target_os = "macos")) || asks.iter().any(|name| variable(name).is_some())
}

fn home() -> Option<PathBuf> {
    let name = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    variable(name).map(PathBuf::from)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where unixODBC looks, users' files first.
fn odbc_ini_files() -> Vec<PathBuf> {
    let own = [
        variable("ODBCINI").map(PathBuf::from),
        home().map(|home| home.join(".odbc.ini")),
    ];
    own.into_iter().flatten().chain(system_files("odbc.ini")).collect()
}

fn odbcinst_ini_files() -> Vec<PathBuf> {
    let own = [
        variable("ODBCINSTINI").map(PathBuf::from),
        home().map(|home| home.join(".odbcinst.ini")),
    ];
    own.into_iter().flatten().chain(system_files("odbcinst.ini")).collect()
}

fn system_files(name: &str) -> impl Iterator<Item = PathBuf> {
    let folders = variable("ODBCSYSINI").into_iter().map(PathBuf::from);
    folders
        .chain(["/etc", "/etc/unixODBC", "/usr/local/etc"].map(PathBuf::from))
        .map(move |folder| folder.join(name))
}

fn first_section<P: AsRef<Path>>(files: &[P], name: &str) -> Option<Entries> {
    files
        .iter()
        .filter_map(|file| std::fs::read(file).ok())
        .find_map(|bytes| ini_section(&String::from_utf8_lossy(&bytes), name))
}

/// The entries of `[name]`, matched without case; None when there is no such section.
fn ini_section(text: &str, name: &str) -> Option<Entries> {
    let mut found: Option<Entries> = None;
    let mut inside = false;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            inside = title.trim_end_matches(']').trim().eq_ignore_ascii_case(name.trim());
            if inside {
                found.get_or_insert_default();
            }
        } else if inside && let (Some((key, value)), Some(found)) = (line.split_once('='), &mut found) {
            found.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

/// What says in which app's name to ask; a token is the other way.
const OF_AN_APP: &[&str] = &["OAuthClientId", "OAuthJWTCert", "OAuthJWTPublicKeyId", "Scope", "DPoP"];

/// A variable beats the file's key, one by one, as in Okta's SDKs. But the file's secrets go to the file's org alone, and a
/// login of the variables is not mixed with another way of the file's.
fn joined(variables: Given, file: Given) -> Given {
    fn value<'a>(given: &'a Given, name: &str) -> Option<&'a str> {
        let found = given.iter().find(|(keyword, _)| *keyword == name);
        found.map(|(_, value)| value.as_str())
    }
    let org = |given| value(given, "Domain").map(Address::parse);
    if let (Some(ours), theirs) = (org(&variables), org(&file))
        && !matches!((&ours, &theirs), (Ok(ours), Some(Ok(theirs))) if ours == theirs)
    {
        return variables;
    }
    let says = |name| value(&variables, name).is_some();
    let by_token = says("APIToken") && !says("AuthScheme");
    let by_app = !says("AuthScheme") && (says("OAuthClientId") || says("OAuthJWTCert"));
    let of_an_app = value(&file, "AuthScheme").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("PrivateKey"));
    let rest: Vec<_> = file
        .into_iter()
        .filter(|(name, _)| !says(name))
        .filter(|(name, _)| !(by_token && (*name == "AuthScheme" || OF_AN_APP.contains(name))))
        .filter(|(name, _)| !(by_app && (*name == "APIToken" || *name == "AuthScheme" && !of_an_app)))
        .collect();
    variables.into_iter().chain(rest).collect()
}

/// What Okta's SDKs call otherwise.
fn in_our_words(given: Given) -> Entries {
    let mode = given.iter().find(|(keyword, _)| *keyword == "AuthScheme");
    let mode = mode.and_then(|(_, text)| MODES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim())));
    let is_bearer = mode.is_some_and(|(name, _)| *name == "Bearer");
    let words = given.into_iter().filter_map(|(keyword, value)| {
        Some(match keyword {
            "AuthScheme" => (keyword, mode?.1.to_owned()),
            "APIToken" if is_bearer => ("OAuthAccessToken", value),
            // Their `false` does not refuse DPoP where Okta demands it.
            "DPoP" if !value.trim().eq_ignore_ascii_case("true") => (keyword, "auto".to_owned()),
            _ => (keyword, value),
        })
    });
    words.map(|(keyword, value)| (keyword.to_owned(), value)).collect()
}

/// What stands below `okta: client:`. A file that is no YAML says nothing.
fn okta_yaml(text: &str) -> Given {
    let documents = Yaml::load_from_str(text).unwrap_or_default();
    let client = documents
        .first()
        .and_then(|root| root.as_mapping_get("okta")?.as_mapping_get("client"));
    let Some(client) = client else { return Given::new() };
    let given = SETTINGS.iter().filter_map(|(_, key, keyword)| {
        let value = scalar(client.as_mapping_get(key)?)?;
        Some((*keyword, value)).filter(|(_, value)| !value.trim().is_empty())
    });
    given.collect()
}

/// A value's text; of a list, its values'.
fn scalar(value: &Yaml) -> Option<String> {
    if let Some(list) = value.as_vec() {
        let parts: Vec<String> = list.iter().filter_map(scalar).collect();
        return Some(parts.join(" "));
    }
    let text = value.as_str().map(str::to_owned);
    text.or_else(|| value.as_bool().map(|flag| flag.to_string()))
        .or_else(|| value.as_integer().map(|number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(pairs: &[(&str, &str)]) -> Entries {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn sections_of_an_ini_file() {
        let text = "\u{feff}; comment\n[ODBC Data Sources]\nokta = x\n\n[Okta]\nDriver=Okta ODBC Driver\n#Domain=no\n Domain = a.okta.com \nPWD=a=b;c\nbroken\n[other]\nDomain=b\n[empty]\n";
        let okta = entries(&[
            ("Driver", "Okta ODBC Driver"),
            ("Domain", "a.okta.com"),
            ("PWD", "a=b;c"),
        ]);
        assert_eq!(ini_section(text, "okta"), Some(okta));
        assert_eq!(ini_section(text, "empty"), Some(Vec::new()));
        assert_eq!(ini_section(text, "none"), None);
    }

    #[test]
    fn oktas_own_file() {
        let text = "okta:\n  client:\n    # comment\n    orgUrl: \"https://a.okta.com\" # x\n    proxy:\n      token: no\n    token: 00abc # y\n  testing:\n    token: no\n";
        assert_eq!(
            in_our_words(okta_yaml(text)),
            entries(&[("Domain", "https://a.okta.com"), ("APIToken", "00abc")])
        );
        // The form of Okta's documents, with a key of several lines.
        let text = "okta:\n  client:\n    orgUrl: https://a.okta.com\n    authorizationMode: PrivateKey\n    clientId: 0oa1\n    scopes: [okta.users.read, okta.groups.read]\n    dpopEnabled: true\n    privateKey: |\n        -----BEGIN PRIVATE KEY-----\n        MII\n        -----END PRIVATE KEY-----\n";
        assert_eq!(
            in_our_words(okta_yaml(text)),
            entries(&[
                ("Domain", "https://a.okta.com"),
                ("AuthScheme", "OAuthJWT"),
                ("OAuthClientId", "0oa1"),
                ("Scope", "okta.users.read okta.groups.read"),
                (
                    "OAuthJWTCert",
                    "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"
                ),
                ("DPoP", "true"),
            ])
        );
        for text in ["token: x\n- y\n:::\n", "", "okta: [", "okta:\n  client: 1\n", "- 1\n"] {
            assert_eq!(okta_yaml(text), Given::new(), "{text}");
        }
    }

    #[test]
    fn a_variable_beats_the_files_key_and_the_files_secrets_stay_with_their_org() {
        let file = || {
            vec![
                ("Domain", "https://a.okta.com".to_owned()),
                ("AuthScheme", "PrivateKey".to_owned()),
                ("OAuthClientId", "0oa1".to_owned()),
                ("OAuthJWTCert", "key.pem".to_owned()),
            ]
        };
        for (name, text, expected) in [
            // One key of the file is replaced, the others stay.
            (
                "Scope",
                "s",
                vec![
                    ("Scope", "s"),
                    ("Domain", "https://a.okta.com"),
                    ("AuthScheme", "PrivateKey"),
                    ("OAuthClientId", "0oa1"),
                    ("OAuthJWTCert", "key.pem"),
                ],
            ),
            (
                "OAuthClientId",
                "0oa2",
                vec![
                    ("OAuthClientId", "0oa2"),
                    ("Domain", "https://a.okta.com"),
                    ("AuthScheme", "PrivateKey"),
                    ("OAuthJWTCert", "key.pem"),
                ],
            ),
            (
                "Domain",
                "a.okta.com:443",
                vec![
                    ("Domain", "a.okta.com:443"),
                    ("AuthScheme", "PrivateKey"),
                    ("OAuthClientId", "0oa1"),
                    ("OAuthJWTCert", "key.pem"),
                ],
            ),
            // Another org, no org: the key is not theirs.
            ("Domain", "https://b.okta.com", vec![("Domain", "https://b.okta.com")]),
            ("Domain", "ftp://", vec![("Domain", "ftp://")]),
            // Another way to log in.
            (
                "APIToken",
                "t",
                vec![("APIToken", "t"), ("Domain", "https://a.okta.com")],
            ),
        ] {
            let words: Vec<_> = joined(vec![(name, text.to_owned())], file());
            let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(words, expected, "{name}={text}");
        }
        let token = vec![
            ("Domain", "a.okta.com".to_owned()),
            ("APIToken", "t".to_owned()),
            ("AuthScheme", "SSWS".to_owned()),
        ];
        let app = vec![("OAuthClientId", "0oa2".to_owned())];
        assert_eq!(
            joined(app, token),
            [
                ("OAuthClientId", "0oa2".to_owned()),
                ("Domain", "a.okta.com".to_owned())
            ]
        );
    }

    #[test]
    fn a_bearer_token_is_no_api_token() {
        let given = vec![
            ("AuthScheme", "bearer".to_owned()),
            ("APIToken", "t".to_owned()),
            ("DPoP", "false".to_owned()),
        ];
        let words = entries(&[
            ("AuthScheme", "AccessToken"),
            ("OAuthAccessToken", "t"),
            ("DPoP", "auto"),
        ]);
        assert_eq!(in_our_words(given), words);
    }

    /// The installer library, where there is one, and the own reader find the same. Variables can only be set for
    /// another process, so this test starts itself again as one.
    #[test]
    fn a_data_source_of_this_machine_is_found() {
        if let Some(name) = variable("OKTA_ODBC_TEST_DATA_SOURCE") {
            let wanted = entries(&[("Driver", "/x/libokta_odbc.so"), ("Domain", "é.okta.com"), ("PWD", "")]);
            assert_eq!(System.data_source(&name), Some(wanted.clone()));
            assert_eq!(first_section(&odbc_ini_files(), &name), Some(wanted));
            assert_eq!(System.data_source("no such data source"), None);
            return;
        }
        let file = std::env::temp_dir().join(format!("okta-odbc-test-{}.ini", std::process::id()));
        std::fs::write(
            &file,
            "[other]\nDomain=x\n\n[Okta Test]\nDriver = /x/libokta_odbc.so\nDomain = é.okta.com\nPWD =\n",
        )
        .expect("a temporary file");
        let own = std::env::current_exe().expect("this test");
        let ran = std::process::Command::new(own)
            .args([
                "--exact",
                "connection::dsn::tests::a_data_source_of_this_machine_is_found",
                "--nocapture",
            ])
            .env("ODBCINI", &file)
            .env("OKTA_ODBC_TEST_DATA_SOURCE", "Okta Test")
            .output()
            .expect("this test runs");
        std::fs::remove_file(&file).expect("the temporary file");
        assert!(
            ran.status.success(),
            "{}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}

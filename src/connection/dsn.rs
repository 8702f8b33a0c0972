//! Where keywords come from besides the connection string: odbc.ini, odbcinst.ini, the environment, okta.yaml. The only
//! reader of any of them.

use std::path::{Path, PathBuf};

use super::odbcinst;

/// `name=value` pairs in the order of their file.
pub type Entries = Vec<(String, String)>;

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
}

/// This machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct System;

/// Okta's variables (those of its SDKs) and the keywords they stand for.
const VARIABLES: &[(&str, &str)] = &[("OKTA_CLIENT_ORGURL", "Domain"), ("OKTA_CLIENT_TOKEN", "APIToken")];
/// The same in okta.yaml, below `okta:` and `client:`.
const YAML_KEYS: &[(&str, &str)] = &[("orgUrl", "Domain"), ("token", "APIToken")];

impl Sources for System {
    fn data_source(&self, name: &str) -> Option<Entries> {
        odbcinst::section(name, "odbc.ini").or_else(|| first_section(&odbc_ini_files(), name))
    }

    fn driver(&self, name: &str) -> Option<Entries> {
        odbcinst::section(name, "odbcinst.ini").or_else(|| first_section(&odbcinst_ini_files(), name))
    }

    fn environment(&self) -> Entries {
        let given: Entries = VARIABLES
            .iter()
            .filter_map(|(variable, keyword)| Some(((*keyword).to_owned(), std::env::var(variable).ok()?)))
            .filter(|(_, value)| !value.trim().is_empty())
            .collect();
        if !given.is_empty() {
            return given;
        }
        // Only the user's own file: one in the working directory may be anybody's.
        let file = home().map(|home| home.join(".okta/okta.yaml"));
        file.and_then(|file| std::fs::read_to_string(file).ok())
            .map(|text| okta_yaml(&text))
            .unwrap_or_default()
    }
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

/// `okta.client.orgUrl` and `okta.client.token` of a YAML file in Okta's plain form: nested keys with scalar values.
fn okta_yaml(text: &str) -> Entries {
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut entries = Entries::new();
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let Some((key, value)) = content.split_once(':') else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        path.retain(|(outer, _)| *outer < indent);
        path.push((indent, key.trim().to_owned()));
        let [(_, root), (_, part), (_, key)] = &path[..] else {
            continue;
        };
        if root == "okta" && part == "client" {
            let value = scalar(value);
            let keyword = YAML_KEYS.iter().find(|(known, _)| known == key);
            entries.extend(
                keyword
                    .filter(|_| !value.is_empty())
                    .map(|(_, keyword)| ((*keyword).to_owned(), value)),
            );
        }
    }
    entries
}

fn scalar(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner.to_owned();
        }
    }
    value.split(" #").next().unwrap_or_default().trim().to_owned()
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
            okta_yaml(text),
            entries(&[("Domain", "https://a.okta.com"), ("APIToken", "00abc")])
        );
        assert_eq!(okta_yaml("token: x\n- y\n:::\n"), Entries::new());
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

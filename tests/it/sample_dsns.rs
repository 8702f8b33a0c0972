//! The sample DSNs of odbcinst/ and the connection strings of docs/connect.md hold keywords that the driver knows, with values it takes.

use okta_odbc::connection::keywords::{Standing, find};

fn read(path: &str) -> String {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    std::fs::read_to_string(format!("{root}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is wrong with a keyword and its value.
fn fault(name: &str, value: &str) -> Option<String> {
    let Some(keyword) = find(name) else {
        return Some(format!("{name} is no keyword"));
    };
    if keyword.name != name && name != "Driver" {
        return Some(format!("{name} is written {}", keyword.name));
    }
    if matches!(keyword.standing, Standing::NotYet) {
        return Some(format!("{name} does nothing"));
    }
    if value.is_empty() || value == "…" {
        return None;
    }
    keyword.check(value).err()
}

#[test]
fn every_sample_dsn_is_understood_and_every_way_to_log_in_has_one() {
    let (mut section, mut sections, mut schemes, mut faults) = (String::new(), 0, Vec::new(), Vec::new());
    for line in read("odbcinst/odbc.ini").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            sections += 1;
        } else if let Some((name, value)) = line.split_once('=') {
            faults.extend(fault(name, value).map(|fault| format!("[{section}] {fault}")));
            if name == "AuthScheme" {
                schemes.push(value.to_owned());
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for scheme in ["OAuth", "OAuthJWT", "DeviceCode", "AccessToken"] {
        assert!(schemes.iter().any(|known| known == scheme), "no DSN for {scheme}");
    }
    assert_eq!(sections, 8);
}

#[test]
fn every_connection_string_of_the_guide_is_understood() {
    let text = read("docs/connect.md");
    let strings: Vec<&str> = text.lines().filter(|line| line.starts_with("Domain=")).collect();
    let faults: Vec<String> = strings
        .iter()
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.split_once('='))
        .filter_map(|(name, value)| fault(name, value))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for way in [
        "APIToken=",
        "=OAuth;",
        "OAuthVerifier=",
        "=DeviceCode;",
        "=OAuthJWT;",
        "=AccessToken;",
        "DPoP=",
        "ProxyServer=",
    ] {
        assert!(
            strings.iter().any(|line| line.contains(way)),
            "no connection string with {way}"
        );
    }
}

//! Settings from every source, and what goes wrong in them.

use super::dsn::{Entries, Sources};
use super::settings::{Error, Settings, Warning};
use super::{keywords, string};
use crate::okta::{Proxy, ProxyKind, ProxyServer, Secret};

#[derive(Default)]
pub(super) struct Fake {
    pub data_source: Option<Entries>,
    pub driver: Option<Entries>,
    pub environment: Entries,
    pub settings_folder: Option<std::path::PathBuf>,
}

impl Sources for Fake {
    fn data_source(&self, name: &str) -> Option<Entries> {
        self.data_source.clone().filter(|_| name == "okta")
    }

    fn driver(&self, _: &str) -> Option<Entries> {
        self.driver.clone()
    }

    fn environment(&self) -> Entries {
        self.environment.clone()
    }

    fn settings_folder(&self) -> Option<std::path::PathBuf> {
        self.settings_folder.clone()
    }
}

pub(super) fn entries(pairs: &[(&str, &str)]) -> Entries {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

pub(super) fn resolve(text: &str, sources: &Fake) -> Result<(Settings, Vec<Warning>), Error> {
    Settings::resolve(string::parse(text)?, sources)
}

pub(super) fn plain(text: &str) -> Result<(Settings, Vec<Warning>), Error> {
    resolve(text, &Fake::default())
}

pub(super) fn settings(text: &str) -> Settings {
    let (settings, warnings) = plain(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(warnings, [], "{text}");
    settings
}

pub(super) fn token(settings: &Settings) -> String {
    let crate::okta::Credential::ApiToken(token) = settings.okta().credential else {
        panic!("no API token");
    };
    token.expose().to_owned()
}

#[test]
fn what_sqlalchemy_hands_over_is_accepted_without_a_word() {
    for text in [
        "DRIVER={Okta ODBC Driver};Server=x.okta.com,443;Database=db;UID=u;PWD=p",
        "DRIVER={Okta ODBC Driver};Server=;Database=;Trusted_Connection=Yes;Domain=x.okta.com;APIToken=p",
        "Domain=x.okta.com;PWD=p;AutoTranslate=no;Authentication=a;APP=b;MARS_Connection=yes;Encrypt=yes;\
         TrustServerCertificate=yes;WSID=w;LANGUAGE=l;SAVEFILE=f;FILEDSN=f",
    ] {
        let settings = settings(text);
        assert_eq!(
            (settings.domain.as_str(), token(&settings).as_str()),
            ("x.okta.com", "p"),
            "{text}"
        );
    }
}

/// `mssql+pyodbc://u:p@host:443/db?driver=…&Domain=x.okta.com`: the first of the two won, and nobody was told.
#[test]
fn a_keywords_own_name_counts_beside_an_alias() {
    for text in [
        "Server=host,443;Database=db;UID=u;PWD=p;Domain=x.okta.com",
        "domain=x.okta.com;Server=host,443;PWD=p",
        "Server={no host};Domain=x.okta.com;Password=q;PWD=p",
    ] {
        let (settings, warnings) = plain(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (settings.domain.as_str(), token(&settings).as_str()),
            ("x.okta.com", "p")
        );
        let told: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(
            told[0], "Server has no effect beside Domain: they are one keyword",
            "{text}"
        );
        assert!(!told.iter().any(|told| told.contains('q')), "{told:?}");
    }
    // Alike, or empty, there is nothing to say; of two aliases the first counts.
    for text in [
        "Server=x.okta.com;Domain=x.okta.com;PWD=p",
        "Server=x.okta.com;Domain=;PWD=p",
        "Host=x.okta.com;Server=y.okta.com;PWD=p",
    ] {
        assert_eq!(settings(text).domain, "x.okta.com", "{text}");
    }
    // A data source's Domain stands behind the string's Server, as each of its keywords does.
    let sources = Fake {
        data_source: Some(entries(&[("Domain", "behind.okta.com"), ("PWD", "p")])),
        ..Fake::default()
    };
    let (settings, _) = resolve("DSN=okta;Server=x.okta.com", &sources).unwrap();
    assert_eq!(settings.domain, "x.okta.com");
}

#[test]
fn an_org_may_be_given_in_many_ways() {
    for (given, url, domain) in [
        ("x.okta.com", "https://x.okta.com", "x.okta.com"),
        ("X.Okta.com", "https://x.okta.com", "x.okta.com"),
        ("https://x.okta.com/", "https://x.okta.com", "x.okta.com"),
        (
            "https://x.okta.com/app/UserHome?a=b#c",
            "https://x.okta.com",
            "x.okta.com",
        ),
        (
            "x-admin.example.com",
            "https://x-admin.example.com",
            "x-admin.example.com",
        ),
        ("x.okta.com,443", "https://x.okta.com", "x.okta.com"),
        ("x.okta.com, 8443", "https://x.okta.com:8443", "x.okta.com:8443"),
        ("x.okta.com:8443", "https://x.okta.com:8443", "x.okta.com:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080", "[::1]:8080"),
    ] {
        for keyword in ["Domain", "Server"] {
            let settings = settings(&format!("{keyword}={{{given}}};PWD=p"));
            assert_eq!(
                (settings.okta().url.as_str(), settings.domain.as_str()),
                (url, domain),
                "{given}"
            );
        }
    }
    for given in [
        "ftp://x",
        "https://u:p@x.okta.com",
        "x y",
        "x:port",
        "::1",
        "https://",
        "x.okta.com@evil.com",
    ] {
        let error = plain(&format!("Domain={{{given}}};PWD=p")).expect_err(given);
        assert!(
            matches!(&error, Error::InvalidValue { keyword, .. } if keyword == "Domain"),
            "{given}: {error}"
        );
    }
}

#[test]
fn the_admin_console_is_refused_and_the_orgs_own_host_named() {
    for (given, org) in [
        ("https://x-admin.okta.com/admin/dashboard", "x.okta.com"),
        ("x-admin.okta-emea.com", "x.okta-emea.com"),
        ("X-Admin.OktaPreview.com,443", "x.oktapreview.com"),
    ] {
        let error = plain(&format!("Domain={{{given}}};PWD=p"))
            .expect_err(given)
            .to_string();
        assert!(
            error.contains("Admin Console") && error.contains(&format!("Domain={org}")),
            "{error}"
        );
    }
}

#[test]
fn the_string_comes_before_the_dsn_before_the_driver_before_the_environment() {
    let sources = Fake {
        data_source: Some(entries(&[
            ("Driver", "/x.so"),
            ("Domain", "dsn.okta.com"),
            ("MaxRows", "2"),
            ("Timeout", "20"),
        ])),
        driver: Some(entries(&[
            ("Setup", "/y.so"),
            ("MaxRows", "3"),
            ("Timeout", "30"),
            ("MaxRetries", "3"),
            ("Nonsense", "1"),
        ])),
        environment: entries(&[("Domain", "https://dsn.okta.com"), ("APIToken", "env")]),
        ..Fake::default()
    };
    let (settings, warnings) = resolve("DSN=okta;MaxRows=1;UID=", &sources).expect("settings");
    assert_eq!(warnings, []);
    assert_eq!(settings.dsn, "okta");
    assert_eq!(settings.domain, "dsn.okta.com");
    assert_eq!(settings.max_rows, 1);
    assert_eq!(settings.okta().timeout.as_secs(), 20);
    assert_eq!(settings.okta().max_retries, 3);
    assert_eq!(token(&settings), "env");
}

#[test]
fn the_environments_token_goes_to_no_other_org() {
    let environment = entries(&[("Domain", "https://env.okta.com"), ("APIToken", "env")]);
    let sources = Fake {
        environment,
        ..Fake::default()
    };
    let error = resolve("Domain=other.okta.com", &sources).expect_err("another org");
    assert!(matches!(
        error,
        Error::Missing {
            keyword: "APIToken",
            ..
        }
    ));
    assert_eq!(resolve("", &sources).expect("its own org").0.domain, "env.okta.com");
    assert_eq!(
        token(&resolve("Domain=ENV.okta.com", &sources).expect("its own org").0),
        "env"
    );
}

#[test]
fn empty_values_do_not_override() {
    let data_source = Some(entries(&[("Domain", "x.okta.com"), ("UID", "dsn"), ("PWD", "dsn")]));
    let sources = Fake {
        data_source,
        ..Fake::default()
    };
    let (settings, _) = resolve("DSN=okta;UID=;PWD=", &sources).expect("settings");
    assert_eq!((settings.uid.as_str(), token(&settings).as_str()), ("dsn", "dsn"));
    assert_eq!(settings.out_string(), "DSN=okta;UID=;PWD=;");
}

#[test]
fn an_api_token_comes_before_a_password() {
    assert_eq!(token(&settings("Domain=x;PWD=pwd;APIToken=token")), "token");
    assert_eq!(token(&settings("Domain=x;PWD= pwd ")), "pwd");
}

#[test]
fn what_is_missing_is_named() {
    for (text, missing) in [
        ("", "Domain"),
        ("PWD=p", "Domain"),
        ("Domain=;PWD=p", "Domain"),
        ("Domain=x", "APIToken"),
    ] {
        let error = plain(text).expect_err(text);
        assert!(
            matches!(&error, Error::Missing { keyword, message } if *keyword == missing && message.contains(missing)),
            "{error}"
        );
    }
    assert!(matches!(plain("DSN=nowhere"), Err(Error::UnknownDsn { message }) if message.contains("nowhere")));
    assert_eq!(settings("DSN=nowhere;Domain=x;PWD=p").dsn, "nowhere");
}

#[test]
fn every_keyword_is_accepted_with_its_default_and_refuses_what_it_cannot_be() {
    for keyword in keywords::KEYWORDS.iter().filter(|keyword| !keyword.default.is_empty()) {
        settings(&format!("Domain=x;APIToken=p;{}={}", keyword.name, keyword.default));
        if keyword.standing == keywords::Standing::Works && keyword.kind != keywords::Kind::Text {
            let error = plain(&format!("Domain=x;APIToken=p;{}=no such value", keyword.name)).expect_err(keyword.name);
            assert!(
                matches!(&error, Error::InvalidValue { keyword: named, .. } if named == keyword.name),
                "{error}"
            );
        }
    }
}

#[test]
fn keywords_that_are_unknown_or_without_effect_warn_and_no_more() {
    let (_, warnings) =
        plain("Domain=x;PWD=p;Domian=y;MaxRows=1;Whatever=1;DryRun=true;ReadOnly=false").expect("settings");
    let texts: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 4, "{texts:?}");
    for (text, part) in texts.iter().zip([
        "did you mean Domain?",
        "Whatever",
        "DryRun has no effect",
        "ReadOnly has no effect",
    ]) {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn typed_values() {
    let settings = settings(
        "Domain=x;PWD=p;QueryTimeout=7;MaxRows=8;MaxVarcharSize=9;MemoryLimit=1 GB;PageSize=50;MaxConcurrency=2;MaxRequests=3;\
         CaseSensitive=yes;SkipForbidden=1;RateLimitShare=50 %;Timeout=5 s;MaxRetries=0;Charset=UTF-8;DriverManagerEncoding=utf-16",
    );
    assert_eq!(
        (settings.query_timeout, settings.max_rows, settings.max_varchar_size),
        (7, 8, 9)
    );
    assert_eq!(
        (settings.charset.as_str(), settings.driver_manager_encoding.as_str()),
        ("UTF-8", "UTF-16")
    );
    let engine = settings.engine();
    assert_eq!(
        (engine.memory_limit, engine.page_size, engine.max_concurrency),
        (1 << 30, Some(50), 2)
    );
    assert_eq!(
        (engine.max_requests, engine.case_sensitive, engine.skip_forbidden),
        (3, true, true)
    );
    let okta = settings.okta();
    assert_eq!(
        (okta.rate_limit_share, okta.timeout.as_secs(), okta.max_retries),
        (50, 5, 0)
    );
}

fn proxy(text: &str) -> Result<Proxy, Error> {
    plain(&format!("Domain=x;PWD=p;{text}")).map(|(settings, _)| settings.okta().proxy)
}

#[test]
fn proxies() {
    let server = |kind, host: &str, port, user: Option<(&str, &str)>, exceptions: &[&str]| {
        Proxy::Server(ProxyServer {
            kind,
            host: host.into(),
            port,
            user: user.map(|(name, password)| (name.into(), Secret::new(password))),
            exceptions: exceptions.iter().map(|host| (*host).to_owned()).collect(),
        })
    };
    use ProxyKind::*;
    for (text, wanted) in [
        ("", Proxy::System),
        ("ProxyAutoDetect=false", Proxy::Direct),
        (
            "ProxyServer=p.example.com;ProxyPort=3128;ProxyUser=u;ProxyPassword=s;ProxyExceptions={a;*.b.com, 10.0.0.0/8}",
            server(
                Http,
                "p.example.com",
                3128,
                Some(("u", "s")),
                &["a", "*.b.com", "10.0.0.0/8"],
            ),
        ),
        (
            "ProxyServer=http://p.example.com:8080/",
            server(Http, "p.example.com", 8080, None, &[]),
        ),
        ("ProxyServer=p", server(Http, "p", 80, None, &[])),
        ("ProxyServer=p;ProxyType=https", server(Https, "p", 443, None, &[])),
        (
            "ProxyServer=[::1]:99;ProxyType=SOCKS4",
            server(Socks4, "[::1]", 99, None, &[]),
        ),
        (
            "ProxyServer=[::1];ProxyType=SOCKS4A",
            server(Socks4a, "[::1]", 1080, None, &[]),
        ),
        (
            "ProxyServer=p:9;ProxyType=SOCKS5;ProxyPort=8",
            server(Socks5, "p", 8, None, &[]),
        ),
        (
            "ProxyServer=socks5h://u:a%20b%40c@p",
            server(Socks5h, "p", 1080, Some(("u", "a b@c")), &[]),
        ),
        (
            "ProxyServer=http://u:old@p;ProxyPassword=new",
            server(Http, "p", 80, Some(("u", "new")), &[]),
        ),
    ] {
        assert_eq!(proxy(text), Ok(wanted), "{text}");
    }
}

#[test]
fn proxies_that_cannot_be_are_named_without_a_password() {
    for (text, named) in [
        ("ProxyServer=u:hidden@", "ProxyServer"),
        ("ProxyServer=ftp://u:hidden@p", "ProxyServer"),
        ("ProxyServer=u:hidden@p:port", "ProxyServer"),
        ("ProxyServer=u:hidden@p q", "ProxyServer"),
        ("ProxyServer=http://u:hidden@p;ProxyType=SOCKS5", "ProxyType"),
        (
            "ProxyServer=p;ProxyType=SOCKS4;ProxyUser=u;ProxyPassword=hidden",
            "ProxyUser",
        ),
        ("ProxyServer=p;ProxyType=FTP", "ProxyType"),
        ("ProxyServer=p;ProxyPort=0", "ProxyPort"),
    ] {
        let Err(Error::InvalidValue { keyword, message }) = proxy(text) else {
            panic!("{text}: {:?}", proxy(text))
        };
        assert_eq!(keyword, named, "{text}");
        assert!(message.contains(named) && !message.contains("hidden"), "{message}");
    }
}

#[test]
fn a_log_that_cannot_be_opened_is_a_warning_and_one_that_can_holds_no_secret() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("okta.log");
    let text = |file: &std::path::Path| {
        format!(
            "Domain=x;PWD=hidden1;ProxyServer=http://u:hidden2@p;Logfile={};Verbosity=5",
            file.display()
        )
    };
    let (settings, warnings) = plain(&text(&file)).expect("settings");
    assert_eq!(warnings, []);
    settings.log().write(crate::log::Level::Calls, "test", |line| {
        line.put("text", "hidden1, hidden2 and Basic dTpoaWRkZW4y");
    });
    let written = std::fs::read_to_string(&file).expect("a log");
    assert!(
        written.ends_with(" 5 test text=\"***, *** and Basic ***\"\n"),
        "{written}"
    );
    let (settings, warnings) = plain(&text(&folder.path().join("no/okta.log"))).expect("settings");
    assert!(matches!(&warnings[..], [Warning::NoLog(text)] if text.contains("Logfile=") && text.contains("okta.log")));
    assert!(!settings.log().writes(crate::log::Level::Errors));
}

/// `PWD=a;b=c` is PWD=a and a keyword b; but the b may be a password's.
#[test]
fn the_rest_of_a_secret_is_in_no_message() {
    for text in [
        "Domain=x;PWD=a;hidden=c",
        "Domain=x;APIToken=t;PWD=a;hidden=c;Hidden2=d",
        "Domain=u:hidden@x;PWD=a",
        "Domain=https://u:hidden@x/;PWD=a",
        "Domain=x;PWD={hidden",
        "Domain=x;PWD={hidden}hidden",
        "Domain=x;PWD=a;hidden",
    ] {
        let told = match plain(text) {
            Ok((_, warnings)) => warnings.iter().map(ToString::to_string).collect::<String>(),
            Err(error) => error.to_string(),
        };
        assert!(
            !told.is_empty() && !told.to_lowercase().contains("hidden"),
            "{text}: {told}"
        );
    }
}

/// The application gets back what it gave, and nothing that it did not have.
#[test]
fn the_out_string_holds_no_secret_of_another_source() {
    let sources = Fake {
        data_source: Some(entries(&[
            ("Domain", "dsn.okta.com"),
            ("PWD", "hidden"),
            ("ProxyPassword", "hidden"),
        ])),
        driver: Some(entries(&[("ProxyPassword", "hidden")])),
        environment: entries(&[("APIToken", "hidden")]),
        ..Fake::default()
    };
    let (settings, _) = resolve("DSN=okta;UID=me;ProxyUser=u", &sources).expect("settings");
    assert_eq!(settings.out_string(), "DSN=okta;UID=me;ProxyUser=u;");
    let (settings, _) = resolve("DSN=okta;PWD=mine", &sources).expect("settings");
    assert_eq!(settings.out_string(), "DSN=okta;PWD=mine;");
}

#[test]
fn the_out_string_is_what_was_given() {
    for text in [
        "DRIVER={Okta ODBC Driver};Server=x.okta.com,443;Database=;UID=u;PWD={a;b}}c};",
        "Domain=x;PWD=p;",
    ] {
        assert_eq!(settings(text).out_string(), text);
    }
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!(
        "{:?}",
        settings("Domain=x;PWD=hidden;APIToken=hidden;ProxyServer=u:hidden@p;ProxyPassword=hidden")
    );
    assert!(!shown.contains("hidden"), "{shown}");
}

//! Typed settings, made from the keywords of the string, the DSN, odbcinst and the environment.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroize;

use super::dsn::{DRIVER_NAME, Entries, Sources, System};
use super::keywords::{self, Keyword, Standing};
use super::login::{self, Cert, Settled};
use super::proxy;
use super::string::{self, Attribute};
use crate::engine::Options;
use crate::log::Log;
use crate::okta::auth::login::Login;
use crate::okta::{Config, Proxy, ProxyServer, Redactor, Secret};

/// Why a connection string cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No `Domain`, or no credential: names the keyword. (HY000/IM… chosen in diag; a missing token is 28000.)
    #[error("{message}")]
    Missing { keyword: &'static str, message: String },
    /// A value that is not one of those allowed.
    #[error("{message}")]
    InvalidValue { keyword: String, message: String },
    /// Values that cannot log in, such as a key that cannot be read. 28000.
    #[error("{message}")]
    NoLogin { message: String },
    /// A string that does not follow the grammar.
    #[error("{message}")]
    Malformed { message: String },
    /// The named DSN does not exist.
    #[error("{message}")]
    UnknownDsn { message: String },
}

/// 01S00 and the like, after a connection that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Names the nearest keyword, or says that a known one has no effect in this version.
    UnknownKeyword(String),
    /// Decision 7: the schema could not be read; custom attributes are missing.
    NoSchema(String),
    /// `Logfile` cannot be written.
    NoLog(String),
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Warning::UnknownKeyword(text) | Warning::NoSchema(text) | Warning::NoLog(text)) = self;
        f.write_str(text)
    }
}

/// One connection's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// DSN name, as SQLGetInfo(SQL_DATA_SOURCE_NAME) gives it; empty without one.
    pub dsn: String,
    /// Host of the org.
    pub domain: String,
    pub uid: String,
    /// `QueryTimeout`: initial SQL_ATTR_QUERY_TIMEOUT, seconds.
    pub query_timeout: usize,
    /// `MaxRows`: initial SQL_ATTR_MAX_ROWS.
    pub max_rows: usize,
    /// Longest declared size of a text column, in characters.
    pub max_varchar_size: u32,
    /// Nothing is ever written in this version.
    pub read_only: bool,
    /// `Charset`, empty for the platform's.
    pub charset: String,
    /// `DriverManagerEncoding`: `UTF-16`, `UTF-32`, or empty for what is detected.
    pub driver_manager_encoding: String,
    okta: Config,
    /// None with an API token.
    login: Option<Login>,
    engine: Options,
    given: Vec<Attribute>,
}

impl Settings {
    /// From SQLDriverConnect's string (DSN= looked up, odbcinst and environment defaults below it).
    pub fn from_string(text: &str) -> Result<(Settings, Vec<Warning>), Error> {
        Settings::resolve(string::parse(text)?, &System)
    }

    /// From SQLConnect's three arguments.
    pub fn from_dsn(dsn: &str, uid: &str, pwd: &str) -> Result<(Settings, Vec<Warning>), Error> {
        let given = [("DSN", dsn), ("UID", uid), ("PWD", pwd)];
        let given = given
            .into_iter()
            .filter(|(name, value)| *name == "DSN" || !value.is_empty());
        Settings::resolve(
            given.map(|(name, value)| Attribute::new(name, value)).collect(),
            &System,
        )
    }

    /// From what was given and what stands behind it: string, then DSN, odbcinst, environment; empty values are absent.
    pub fn resolve(given: Vec<Attribute>, sources: &dyn Sources) -> Result<(Settings, Vec<Warning>), Error> {
        let (mut values, settled) = Values::collect(&given, sources)?;
        let mut settings = values.settings(given, &settled)?;
        settings.okta.redactor = values.secrets(&settings.okta.proxy);
        match values.log(&settings.okta.redactor) {
            Ok(log) => settings.okta.log = log,
            Err(warning) => values.warnings.push(warning),
        }
        Ok((settings, std::mem::take(&mut values.warnings)))
    }

    /// The completed connection string for SQLDriverConnect's out buffer: everything given, braces kept, well-formed.
    pub fn out_string(&self) -> String {
        string::write(&self.given)
    }

    /// `MemoryLimit`, bytes.
    pub fn memory_limit(&self) -> usize {
        self.engine.memory_limit
    }

    /// The way out of this machine, as the log and the doctor name it: never with a password.
    pub fn proxy(&self) -> String {
        match &self.okta.proxy {
            Proxy::System => "system".into(),
            Proxy::Direct => "none".into(),
            Proxy::Server(server) => server.to_string(),
        }
    }

    pub fn log(&self) -> &Log {
        &self.okta.log
    }

    /// `text` without the keywords' secrets and what they led to.
    pub fn redact(&self, text: &str) -> String {
        self.okta.redactor.redact(text).into_owned()
    }

    /// How it logs in by OAuth; None with an API token.
    pub fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// What the keywords mean for HTTP.
    pub(crate) fn okta(&self) -> Config {
        self.okta.clone()
    }

    pub(super) fn engine(&self) -> Options {
        self.engine.clone()
    }
}

/// The value of each keyword that has one, from the source that comes first.
pub(super) struct Values {
    of: HashMap<&'static str, String>,
    warnings: Vec<Warning>,
}

impl Drop for Values {
    fn drop(&mut self) {
        self.of.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Values {
    fn collect(given: &[Attribute], sources: &dyn Sources) -> Result<(Values, Settled), Error> {
        let mut values = Values {
            of: HashMap::new(),
            warnings: Vec::new(),
        };
        let entries = given
            .iter()
            .map(|attribute| (attribute.name.clone(), attribute.value.clone()))
            .collect();
        values.add(entries, true)?;
        let dsn = values.text("DSN");
        let data_source = if dsn.is_empty() {
            None
        } else {
            sources.data_source(&dsn)
        };
        if data_source.is_none() && !dsn.is_empty() && !values.of.contains_key("Domain") {
            return Err(Error::UnknownDsn {
                message: format!(
                    "There is no data source {dsn:?}: `odbcinst -j` shows which odbc.ini is read, `odbcinst -q -s` what it holds. \
                     Or give Domain in the connection string"
                ),
            });
        }
        values.add(data_source.unwrap_or_default(), true)?;
        let driver = Some(values.text("DRIVER")).filter(|driver| !driver.is_empty());
        let defaults = driver
            .and_then(|driver| sources.driver(&driver))
            .or_else(|| sources.driver(DRIVER_NAME));
        values.add(defaults.unwrap_or_default(), false)?;
        login::user_as_app(&mut values)?;
        let settled = login::settle(&mut values, sources)?;
        let mut environment = sources.environment();
        if login::has_credential(&values) {
            environment.retain(|(name, _)| name == "Domain");
        }
        if !values.may_use(&environment) {
            return Ok((values, settled));
        }
        values.add(environment, false)?;
        // An org that only the environment names has its own settings file.
        let settled = match settled.location {
            Some(_) => settled,
            None => login::settle(&mut values, sources)?,
        };
        Ok((values, settled))
    }

    /// The environment's token belongs to the environment's org: it must not go to another host (decision 22).
    fn may_use(&self, environment: &Entries) -> bool {
        let theirs = environment
            .iter()
            .find(|(name, _)| name == "Domain")
            .and_then(|(_, text)| Address::parse(text).ok());
        match (self.of.get("Domain").and_then(|text| Address::parse(text).ok()), theirs) {
            (Some(ours), theirs) => Some(ours) == theirs,
            (None, _) => true,
        }
    }

    /// Takes what is not yet there. `warn`: unknown keywords and those without effect are worth a word.
    fn add(&mut self, entries: Entries, warn: bool) -> Result<(), Error> {
        let mut secret_before = None;
        let entries: Entries = entries
            .into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .collect();
        for (name, value) in &entries {
            let Some(keyword) = keywords::find(name) else {
                if warn {
                    self.warnings.push(unknown(name, secret_before));
                }
                continue;
            };
            secret_before = Some(keyword.name).filter(|name| PASSWORDS.contains(name));
            // Beside a keyword's own name its alias says nothing: SQLAlchemy's mssql dialect writes the host of its URL as Server.
            let own = entries.iter().find(|(name, _)| keyword.is_called(name));
            if let Some((_, meant)) = own.filter(|_| !keyword.is_called(name)) {
                if warn && keyword.standing == Standing::Works && meant.trim() != value.trim() {
                    let text = format!("{name} has no effect beside {}: they are one keyword", keyword.name);
                    self.warnings.push(Warning::UnknownKeyword(text));
                }
                continue;
            }
            if self.of.contains_key(keyword.name) {
                continue;
            }
            match keyword.standing {
                Standing::Accepted if keyword.name != "DRIVER" => continue,
                Standing::NotYet if is_default(keyword, value) => continue,
                Standing::NotYet => {
                    let text = format!("{} has no effect in this version of the driver", keyword.name);
                    if warn {
                        self.warnings.push(Warning::UnknownKeyword(text));
                    }
                    continue;
                }
                Standing::Works | Standing::Accepted => {}
            }
            keyword.check(value).map_err(|message| invalid(keyword.name, message))?;
            self.of.insert(keyword.name, value.clone());
        }
        Ok(())
    }

    fn settings(&self, given: Vec<Attribute>, settled: &Settled) -> Result<Settings, Error> {
        let address = self.address()?;
        let max_varchar_size = self.small("MaxVarcharSize")?;
        let (credential, login) = login::credential(self, settled, &address)?;
        let mut okta = Config::new(address.url(), credential);
        okta.timeout = Duration::from_secs(self.number("Timeout")?);
        okta.max_retries = self.small("MaxRetries")?;
        okta.rate_limit_share = u8::try_from(self.number("RateLimitShare")?).unwrap_or(100);
        okta.proxy = proxy::of(self)?;
        okta.server_cert = Some(self.text("SSLServerCert")).filter(|text| !text.is_empty());
        let engine = Options {
            max_concurrency: self.size("MaxConcurrency")?,
            max_requests: self.number("MaxRequests")?,
            memory_limit: self.size("MemoryLimit")?.saturating_mul(1024 * 1024),
            page_size: Some(self.small("PageSize")?).filter(|size| *size > 0),
            case_sensitive: self.flag("CaseSensitive")?,
            max_varchar_size,
            skip_forbidden: self.flag("SkipForbidden")?,
        };
        let encoding = self.text("DriverManagerEncoding");
        let encoding = if encoding.is_empty() {
            ""
        } else {
            self.choice("DriverManagerEncoding")?
        };
        Ok(Settings {
            dsn: self.text("DSN"),
            domain: address.authority(),
            uid: self.text("UID"),
            query_timeout: self.size("QueryTimeout")?,
            max_rows: self.size("MaxRows")?,
            max_varchar_size,
            read_only: true,
            charset: self.text("Charset"),
            driver_manager_encoding: encoding.to_owned(),
            okta,
            login,
            engine,
            given,
        })
    }

    fn address(&self) -> Result<Address, Error> {
        let text = self.of.get("Domain").ok_or_else(|| Error::Missing {
            keyword: "Domain",
            message: "Domain is missing: give the host of your org, as in Domain=dev-123456.okta.com".into(),
        })?;
        Address::parse(text)
    }

    /// Everything that was given under a keyword whose value is secret.
    fn secrets(&self, proxy: &Proxy) -> Redactor {
        let redactor = Redactor::default();
        for (name, value) in &self.of {
            // A key's file is no secret, and messages about it name it.
            let is_path = *name == "OAuthJWTCert" && Cert::of(self) == Cert::Path;
            if !is_path && keywords::find(name).is_some_and(|keyword| keyword.secret) {
                redactor.add(&Secret::new(value.as_str()));
                redactor.add(&Secret::new(value.trim()));
            }
        }
        if let Proxy::Server(ProxyServer {
            user: Some((name, password)),
            ..
        }) = proxy
        {
            redactor.add_pair(name, password);
        }
        redactor
    }

    fn log(&self, redactor: &Redactor) -> Result<Log, Warning> {
        let path = self.text("Logfile");
        let no_log = |why: &dyn std::fmt::Display| {
            Warning::NoLog(format!("Nothing is logged: Logfile={path} cannot be opened ({why})"))
        };
        if path.is_empty() {
            return Ok(Log::off());
        }
        let number = |name| self.number(name).map_err(|error| no_log(&error));
        let verbosity = u8::try_from(number("Verbosity")?).unwrap_or(u8::MAX);
        let max_size = number("MaxLogFileSize")?.saturating_mul(1024 * 1024);
        Log::open(Path::new(path.trim()), verbosity, max_size, redactor.clone()).map_err(|error| no_log(&error))
    }

    /// The org, where it is known already and can be one.
    pub(super) fn org(&self) -> Option<Address> {
        self.of.get("Domain").and_then(|text| Address::parse(text).ok())
    }

    pub(super) fn put(&mut self, name: &'static str, value: String) {
        self.of.insert(name, value);
    }

    /// Whether it was given, by whatever source.
    pub(super) fn has(&self, name: &str) -> bool {
        self.of.contains_key(name)
    }

    /// A keyword's value, or its default.
    fn value(&self, name: &'static str) -> Result<(&'static Keyword, &str), Error> {
        let keyword = keywords::find(name).ok_or_else(|| invalid(name, format!("{name} is no keyword")))?;
        Ok((keyword, self.of.get(name).map_or(keyword.default, String::as_str)))
    }

    pub(super) fn text(&self, name: &'static str) -> String {
        self.value(name).map(|(_, text)| text.to_owned()).unwrap_or_default()
    }

    pub(super) fn number(&self, name: &'static str) -> Result<u64, Error> {
        let (keyword, text) = self.value(name)?;
        keyword.parse_number(text).map_err(|message| invalid(name, message))
    }

    fn size(&self, name: &'static str) -> Result<usize, Error> {
        Ok(usize::try_from(self.number(name)?).unwrap_or(usize::MAX))
    }

    fn small(&self, name: &'static str) -> Result<u32, Error> {
        Ok(u32::try_from(self.number(name)?).unwrap_or(u32::MAX))
    }

    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Error> {
        let (keyword, text) = self.value(name)?;
        keyword.parse_flag(text).map_err(|message| invalid(name, message))
    }

    pub(super) fn choice(&self, name: &'static str) -> Result<&'static str, Error> {
        let (keyword, text) = self.value(name)?;
        keyword.parse_choice(text).map_err(|message| invalid(name, message))
    }
}

pub(super) fn invalid(keyword: &str, message: String) -> Error {
    Error::InvalidValue {
        keyword: keyword.to_owned(),
        message,
    }
}

/// Secrets that people choose, which may hold a `;`. Tokens never do.
const PASSWORDS: &[&str] = &["PWD", "ProxyPassword", "OAuthJWTCertPassword"];

/// What follows a password may be its own end, after a `;` that no braces protect: it is not shown.
fn unknown(name: &str, secret_before: Option<&str>) -> Warning {
    Warning::UnknownKeyword(match (keywords::nearest(name), secret_before) {
        (Some(nearest), None) => format!("Unknown keyword {name:?}: did you mean {nearest}?"),
        (None, None) => format!("Unknown keyword {name:?}: it is ignored"),
        (Some(nearest), Some(secret)) => format!("Unknown keyword after {secret}: did you mean {nearest}?"),
        (None, Some(secret)) => format!(
            "An unknown keyword after {secret} is ignored: a value that holds `;` needs braces, as in {secret}={{a;b}}"
        ),
    })
}

fn is_default(keyword: &Keyword, value: &str) -> bool {
    match (keyword.parse_flag(value), keyword.parse_flag(keyword.default)) {
        (Ok(given), Ok(default)) if keyword.kind == keywords::Kind::Flag => given == default,
        _ => value.trim().eq_ignore_ascii_case(keyword.default),
    }
}

/// The org's address, from a host, `host,port`, `host:port` or a pasted URL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
}

/// Okta's own domains, where `name-admin` is the Admin Console of `name`.
const OKTA_DOMAINS: &[&str] = &[
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "okta-miltest.com",
    "trexcloud.com",
];

impl Address {
    pub(super) fn parse(text: &str) -> Result<Address, Error> {
        let text = text.trim();
        let bad = || {
            // A pasted URL may have a password before its host.
            let shown = if text.contains('@') { "…@…" } else { text };
            invalid(
                "Domain",
                format!(
                    "Domain={shown:?} is not the address of an org: give its host, as in Domain=dev-123456.okta.com"
                ),
            )
        };
        let lower = text.to_ascii_lowercase();
        let (scheme, rest) = match lower.split_once("://") {
            Some(("https", rest)) => ("https", rest),
            Some(("http", rest)) => ("http", rest),
            Some(_) => return Err(bad()),
            None => ("https", lower.as_str()),
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = split_port(rest).ok_or_else(bad)?;
        let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | ':' | '[' | ']');
        if host.is_empty() || !host.chars().all(legal) || (host.contains(':') && !host.starts_with('[')) {
            return Err(bad());
        }
        let default = if scheme == "https" { 443 } else { 80 };
        Ok(Address {
            scheme,
            host: org_host(host)?,
            port: port.filter(|port| *port != default),
        })
    }

    pub(super) fn authority(&self) -> String {
        self.port
            .map_or_else(|| self.host.clone(), |port| format!("{}:{port}", self.host))
    }

    pub(super) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.authority())
    }
}

/// SQL Server's form is `host,port`. None when what should be a port is none.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let after_host = text.rfind(']').map_or(0, |end| end + 1);
    match text[after_host..].rfind([',', ':']) {
        Some(at) => {
            let (host, port) = text.split_at(after_host + at);
            Some((host.trim(), Some(port[1..].trim().parse().ok()?)))
        }
        None => Some((text, None)),
    }
}

/// Refuses the Admin Console's host: it answers no API calls, and tokens are bound to the host that they were asked at.
fn org_host(host: &str) -> Result<String, Error> {
    let host = host.trim_end_matches('.');
    match host.split_once("-admin.") {
        Some((org, domain)) if OKTA_DOMAINS.contains(&domain) => Err(invalid(
            "Domain",
            format!(
                "Domain={host} is the Admin Console, which answers no API calls: give the org's own host, Domain={org}.{domain}"
            ),
        )),
        _ => Ok(host.to_owned()),
    }
}

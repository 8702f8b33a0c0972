//! `okta-odbc doctor`: connects, shows who may read what by which way, and what is to be mended.

use std::collections::HashMap;
use std::io::Write;
use std::net::IpAddr;

use arrow::util::display::array_value_to_string;
use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;

use super::{Error, Source};
use crate::catalog::Table;
use crate::connection::{Cancel, Runtime, Session, Settings};
use crate::engine;
use crate::okta::auth::login::{Login, Way};
use crate::okta::auth::principal::Principal;
use crate::okta::probe::{self, Reached};
use crate::okta::{Credential, Proxy, Request};

/// Seconds that a clock may be off: proofs and assertions live for some minutes.
const CLOCK_TOLERANCE: u64 = 60;

/// Fails if anything needs mending.
pub fn run(out: &mut impl Write, source: &Source) -> Result<(), Error> {
    let (settings, warnings) = super::query::settings(source)?.ok_or(Error::NoSource)?;
    let mut report = Report {
        out,
        settings: settings.clone(),
        problems: 0,
    };
    for warning in &warnings {
        report.problem("keywords", warning)?;
    }
    report.fine("proxy", proxy(&settings))?;
    let runtime = Runtime::acquire();
    if report.address(&runtime)? {
        report.connection(runtime)?;
    }
    report.log()?;
    match report.problems {
        0 => Ok(()),
        problems => Err(Error::Unwell(problems)),
    }
}

/// One line for each thing that was looked at. No secret gets into any.
struct Report<'a, W> {
    out: &'a mut W,
    settings: Settings,
    problems: usize,
}

impl<W: Write> Report<'_, W> {
    fn fine(&mut self, what: &str, text: impl ToString) -> Result<(), Error> {
        self.line("ok", what, &text.to_string())
    }

    fn problem(&mut self, what: &str, text: impl ToString) -> Result<(), Error> {
        self.problems += 1;
        self.line("PROBLEM", what, &text.to_string())
    }

    fn line(&mut self, standing: &str, what: &str, text: &str) -> Result<(), Error> {
        let text = self.settings.redact(text);
        writeln!(self.out, "{standing:8}{what:18}{text}")?;
        self.out.flush()?;
        Ok(())
    }

    /// False when there is no way to the org.
    fn address(&mut self, runtime: &Runtime) -> Result<bool, Error> {
        let config = self.settings.okta();
        let domain = self.settings.domain.clone();
        let reached = runtime.run(async move { probe::reach(&config).await }, &Cancel::default(), None);
        let Reached { handshake, http, ahead } = match reached.map_err(|_| Error::Interrupted)? {
            Ok(reached) => reached,
            Err(error) => {
                self.problem("address", error)?;
                return Ok(false);
            }
        };
        self.fine("address", format!("{domain} answers over {http:?}"))?;
        match handshake {
            Some(seen) => {
                let until = seen
                    .certificate
                    .not_after
                    .and_then(|second| DateTime::from_timestamp(second, 0));
                let until = until.map(|time| format!(", until {}", time.to_rfc3339_opts(SecondsFormat::Secs, true)));
                self.fine(
                    "TLS",
                    format!(
                        "{}, certificate signed by {:?}{}",
                        seen.tls(),
                        seen.certificate.issuer,
                        until.unwrap_or_default()
                    ),
                )?;
                self.fine(
                    "",
                    format!("its SHA-256 fingerprint is {}", seen.certificate.fingerprint),
                )?;
            }
            None => self.fine("TLS", "none: http to this machine")?,
        }
        match ahead {
            Some(off) if off.unsigned_abs() > CLOCK_TOLERANCE => self.problem(
                "clock",
                format!(
                    "This machine's clock is {} s {} Okta's: set it, or logins and bounds in time go wrong",
                    off.unsigned_abs(),
                    if off > 0 { "ahead of" } else { "behind" }
                ),
            )?,
            Some(off) => self.fine("clock", format!("{} s apart from Okta's", off.unsigned_abs()))?,
            None => self.fine("clock", "the answer has no Date to compare with")?,
        }
        Ok(true)
    }

    fn connection(&mut self, runtime: Runtime) -> Result<(), Error> {
        let connected = Session::connect(self.settings.clone(), runtime, &Cancel::default(), None);
        let (session, warnings) = match connected {
            Ok(connected) => connected,
            Err(error) => return self.problem("connection", error),
        };
        self.fine("connection", format!("open to {}", self.settings.domain))?;
        for warning in warnings {
            self.problem("schema", warning)?;
        }
        self.who(&session)?;
        self.tables(&session)?;
        for limit in session.client().limits() {
            self.fine("rate limit", limit)?;
        }
        Ok(())
    }

    /// Whose rights the connection has.
    fn who(&mut self, session: &Session) -> Result<(), Error> {
        let credential = self.settings.okta().credential;
        let (path, app) = match &credential {
            Credential::ApiToken(_) => ("/api/v1/users/me", None),
            Credential::OAuth(_) => ("/oauth2/v1/userinfo", self.settings.login().map(app)),
            #[cfg(test)]
            Credential::StandIn(_) => return Ok(()),
        };
        let client = session.client().clone();
        let asked = session.runtime().run(
            async move { client.get(Request::new(path)).await },
            &Cancel::default(),
            None,
        );
        let person = asked
            .map_err(|_| Error::Interrupted)?
            .map(|page| serde_json::from_slice::<Person>(&page.body).unwrap_or_default().name());
        let scopes = match (&credential, self.settings.login()) {
            (Credential::OAuth(principal), Some(login)) => Some(scopes(login, principal)),
            _ => None,
        };
        match (app, person) {
            (None, Ok(Some(name))) => self.fine("who", format!("{name}, by an API token")),
            (None, Ok(None)) => self.fine("who", "an API token of an account that Okta does not name"),
            (None, Err(error)) => self.problem("who", error),
            (Some(app), Ok(Some(name))) => self.fine("who", format!("{name}, by {app}")),
            // Service apps stand for nobody, and without the scope openid Okta names no one.
            (Some(app), _) => self.fine("who", app),
        }?;
        scopes.map_or(Ok(()), |scopes| self.fine("scopes", scopes))
    }

    /// One row of each table: of a child, one of the first row that its parent gave.
    fn tables(&mut self, session: &Session) -> Result<(), Error> {
        let catalog = session.catalog();
        let (children, lists): (Vec<_>, Vec<_>) = catalog.tables().iter().partition(|table| table.parent.is_some());
        let mut keys = HashMap::new();
        for table in lists {
            if let Some(key) = self.table(session, table, None)? {
                keys.insert(table.name.as_str(), key);
            }
        }
        for table in children {
            let Some(parent) = &table.parent else { continue };
            match keys.get(parent.table.as_str()) {
                Some(key) => drop(self.table(session, table, Some((&parent.column, key)))?),
                None => {
                    let text = format!(
                        "not tried: it is read for each row of {}, which gave none (scope {})",
                        parent.table, table.scope
                    );
                    self.fine(&table.name, text)?;
                }
            }
        }
        Ok(())
    }

    /// The first key, if there is one and it may be seen.
    fn table(&mut self, session: &Session, table: &Table, of: Option<(&str, &str)>) -> Result<Option<String>, Error> {
        let read = first_key(session, table, of)?;
        match &read {
            Ok(_) => self.fine(&table.name, format!("can be read (scope {})", table.scope))?,
            Err(error) => self.problem(&table.name, format!("{error} (scope {})", table.scope))?,
        }
        Ok(read.ok().flatten())
    }

    fn log(&mut self) -> Result<(), Error> {
        match self.settings.log().place() {
            Some((path, verbosity)) => self.fine("log", format!("{} (Verbosity={verbosity})", path.display())),
            None => self.fine("log", "none: Logfile and Verbosity=3 write one"),
        }
    }
}

/// The app behind a login, and how it got its token.
fn app(login: &Login) -> String {
    let way = match login.way {
        Way::Browser => "signed in with a browser",
        Way::Device => "confirmed by a device code",
        Way::Service => "with a private key",
        Way::Given => "with a token from elsewhere",
    };
    let app = match login.app.client_id.as_str() {
        "" => "an app that is not named".to_owned(),
        client_id => format!("the app {client_id}"),
    };
    match &login.location {
        Some(location) => format!("{app}, {way}, kept in {location}"),
        None => format!("{app}, {way}"),
    }
}

/// Those that Okta gave, where its answer is kept; else those that were asked for.
fn scopes(login: &Login, principal: &Principal) -> String {
    match principal.scopes() {
        granted if !granted.is_empty() => format!("granted: {}", granted.join(" ")),
        _ if login.way == Way::Given => "whatever the token has".to_owned(),
        _ => format!("asked for: {}", login.scopes.join(" ")),
    }
}

/// A request for at most one row, whose first key it gives.
fn first_key(
    session: &Session,
    table: &Table,
    of: Option<(&str, &str)>,
) -> Result<Result<Option<String>, engine::Error>, Error> {
    let mut sql = format!("SELECT TOP 1 {} FROM {}", table.primary_key.join(", "), table.name);
    if let Some((column, key)) = of {
        sql.push_str(&format!(" WHERE {column} = '{}'", key.replace('\'', "''")));
    }
    let prepared = match session.engine().prepare(&sql) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Err(error)),
    };
    let read = async move {
        let mut rows = prepared.execute(Vec::new(), None).await?;
        rows.next().await
    };
    let read = session.runtime().run(read, &Cancel::default(), None);
    let batch = match read.map_err(|_| Error::Interrupted)? {
        Ok(batch) => batch.filter(|batch| batch.num_rows() > 0),
        Err(error) => return Ok(Err(error)),
    };
    let key = batch.map(|batch| array_value_to_string(batch.column(0), 0)).transpose();
    Ok(Ok(key?))
}

/// Okta's user, and OpenID Connect's userinfo.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    profile: Profile,
    preferred_username: Option<String>,
    sub: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Profile {
    login: Option<String>,
}

impl Person {
    fn name(self) -> Option<String> {
        self.profile.login.or(self.preferred_username).or(self.sub)
    }
}

/// Variables that name the system's proxy, and those that name exceptions, in the order in which they count.
const VARIABLES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: &[&str] = &["NO_PROXY", "no_proxy"];

/// The way out of this machine, and what says so.
fn proxy(settings: &Settings) -> String {
    let Proxy::System = settings.okta().proxy else {
        return format!("{} (ProxyServer)", settings.proxy());
    };
    let variable = |names: &[&'static str]| {
        let set = |name: &&'static str| Some((*name, std::env::var(name).ok().filter(|value| !value.is_empty())?));
        names.iter().find_map(set)
    };
    let Some((name, value)) = variable(VARIABLES) else {
        return "none that the environment names".into();
    };
    let host = host(&settings.domain);
    if is_loopback(host) {
        return format!("none: {host} is this machine ({name} is for others)");
    }
    match variable(EXCEPTIONS) {
        Some((exceptions, list)) if is_excepted(host, &list) => {
            format!("none: {exceptions} has {host} ({name} is for others)")
        }
        // A password may stand before the host.
        _ => format!("{} ({name})", value.rsplit('@').next().unwrap_or_default()),
    }
}

/// Without its port, and without an IPv6 address's brackets.
fn host(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// By the rules that reqwest reads NO_PROXY by: domains with all below them, or `*`; of addresses, themselves and networks.
fn is_excepted(host: &str, list: &str) -> bool {
    let address = host.parse::<IpAddr>().ok();
    let host = host.to_ascii_lowercase();
    list.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| {
            let domain = entry.to_ascii_lowercase();
            let domain = domain.strip_prefix('.').unwrap_or(&domain);
            match address {
                Some(address) => is_within(address, entry),
                None => entry == "*" || host == domain || host.ends_with(&format!(".{domain}")),
            }
        })
}

/// An address, or a network such as `10.0.0.0/8`.
fn is_within(address: IpAddr, network: &str) -> bool {
    let (start, bits) = match network.split_once('/') {
        Some((start, bits)) => (start, bits.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    let (Ok(start), Some(bits)) = (start.parse::<IpAddr>(), bits) else {
        return false;
    };
    let (one, other, size) = match (address, start) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u128::from(one.to_bits()), u128::from(other.to_bits()), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    (one ^ other).checked_shr(size - bits.min(size)).unwrap_or_default() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms that curl's and reqwest's manuals have for NO_PROXY.
    #[test]
    fn hosts_that_no_proxy_has() {
        for (host, list, excepted) in [
            ("a.okta.com", "okta.com", true),
            ("a.okta.com", "x.org, .OKTA.com", true),
            ("okta.com", ".okta.com", true),
            ("myokta.com", "okta.com", false),
            ("a.okta.com", "*", true),
            ("a.okta.com", "", false),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("10.1.2.3", "*", false),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("fd00::1", "fd00::/8", true),
            ("fd00::1", "10.0.0.0/8", false),
        ] {
            assert_eq!(is_excepted(host, list), excepted, "{host} {list}");
        }
        assert_eq!(["[::1]:80", "a:1", "a"].map(host), ["::1", "a", "a"]);
    }
}

//! `okta-odbc doctor`: connects, shows who may read what by which way, and what is to be mended.

use std::io::Write;

use chrono::{DateTime, SecondsFormat};
use serde::Deserialize;

use super::{Error, Source};
use crate::catalog::Table;
use crate::connection::{Cancel, Runtime, Session, Settings};
use crate::engine;
use crate::okta::auth::login::{Login, Way};
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
        let scopes = self.settings.login().map(scopes);
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

    /// One row of each table that is a list of its own; the others ask Okta once for each row of their parent.
    fn tables(&mut self, session: &Session) -> Result<(), Error> {
        let catalog = session.catalog();
        let (children, lists): (Vec<_>, Vec<_>) = catalog.tables().iter().partition(|table| table.parent.is_some());
        let mut unreadable = Vec::new();
        for table in lists {
            match first_row(session, table)? {
                Ok(()) => self.fine(&table.name, format!("can be read (scope {})", table.scope))?,
                Err(error) => {
                    unreadable.push(table.name.as_str());
                    self.problem(&table.name, format!("{error} (scope {})", table.scope))?;
                }
            }
        }
        for table in children {
            let Some(parent) = &table.parent else { continue };
            let why = if unreadable.contains(&parent.table.as_str()) {
                "because it is"
            } else {
                "as that may be many requests: it is"
            };
            let text = format!(
                "not tried, {why} read for each row of {} (scope {})",
                parent.table, table.scope
            );
            self.fine(&table.name, text)?;
        }
        Ok(())
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

/// Those that Okta gave, where a settings file tells; else those that were asked for.
fn scopes(login: &Login) -> String {
    let kept = login
        .location
        .as_ref()
        .and_then(|location| location.read_now().ok().flatten());
    match kept.filter(|kept| !kept.scopes.is_empty()) {
        Some(kept) => format!("granted: {}", kept.scopes.join(" ")),
        None if login.way == Way::Given => "whatever the token has".to_owned(),
        None => format!("asked for: {}", login.scopes.join(" ")),
    }
}

/// A request for at most one row.
fn first_row(session: &Session, table: &Table) -> Result<Result<(), engine::Error>, Error> {
    let sql = format!("SELECT TOP 1 {} FROM {}", table.primary_key.join(", "), table.name);
    let prepared = match session.engine().prepare(&sql) {
        Ok(prepared) => prepared,
        Err(error) => return Ok(Err(error)),
    };
    let executed = session.runtime().run(
        async move { prepared.execute(Vec::new(), None).await },
        &Cancel::default(),
        None,
    );
    Ok(executed.map_err(|_| Error::Interrupted)?.map(drop))
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

/// Variables that name the system's proxy, in the order in which they count.
const VARIABLES: &[&str] = &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

fn proxy(settings: &Settings) -> String {
    let Proxy::System = settings.okta().proxy else {
        return format!("{} (ProxyServer)", settings.proxy());
    };
    let of_environment = VARIABLES
        .iter()
        .find_map(|name| Some((name, std::env::var(name).ok().filter(|value| !value.is_empty())?)));
    match of_environment {
        // A password may stand before the host.
        Some((name, value)) => format!("{} ({name})", value.rsplit('@').next().unwrap_or_default()),
        None => "none that the environment names".into(),
    }
}

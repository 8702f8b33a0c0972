//! `okta-odbc login` and `logout`: a person signs in at a terminal, for programs that cannot ask.

use std::io::{BufRead, Write};
use std::sync::Arc;

use super::{Error, How, Source};
use crate::connection::{Cancel, Interrupted, Runtime, Settings, browser, dsn};
use crate::okta::auth::login::{Initiate, Login, Way};
use crate::okta::auth::person::{Errand, Person};
use crate::okta::auth::principal::Principal;
use crate::okta::auth::store::Location;
use crate::okta::channel::Channel;
use crate::okta::{self, Secret};

/// Who has typed the command. What is asked of them goes to standard error: standard output is locked, and may be a pipe.
#[derive(Debug)]
struct Typist;

impl Person for Typist {
    fn ask(&self, errand: Errand) -> Result<(), okta::Error> {
        if dsn::desktop() && browser::open(errand).is_ok() {
            eprintln!("The browser is asked to open. Where it does not:");
        }
        eprintln!("{errand}");
        Ok(())
    }
}

pub fn login(out: &mut impl Write, source: &Source, how: &How) -> Result<(), Error> {
    let settings = settings(source)?;
    let mut login = of_a_person(&settings)?.clone();
    if how.device {
        login.way = Way::Device;
    }
    login.initiate = Initiate::GetAndRefresh;
    login.person = Arc::new(Typist);
    let (domain, location) = (login.url.clone(), file(&login)?);
    if how.print_url && login.way == Way::Device {
        return Err(Error::Login("--print-url is for the browser, not for --device".into()));
    }
    let principal = Arc::new(Principal::new(login));
    let channel = Channel::open(&settings.okta())?;
    if how.print_url {
        let (asking, way) = (principal.clone(), channel.clone());
        let url = run(async move { asking.begin(&way).await })?;
        writeln!(out, "{url}")?;
        out.flush()?;
        eprintln!(
            "Open this address in any browser and sign in. Then paste the code, or the whole address of the page that cannot be shown, \
             and press Enter (or give it as OAuthVerifier with the same OAuthSettingsLocation):"
        );
        let mut pasted = String::new();
        std::io::stdin().lock().read_line(&mut pasted)?;
        if pasted.trim().is_empty() {
            return Ok(());
        }
        let pasted = Secret::new(pasted);
        run(async move { principal.finish(&channel, &pasted).await })?;
    } else {
        run(async move { principal.sign_in(&channel).await })?;
    }
    writeln!(out, "Signed in to {domain}. The tokens are kept in {location}")?;
    Ok(())
}

/// Takes the tokens out of the settings file. They stay valid in Okta until they end.
pub fn logout(out: &mut impl Write, source: &Source) -> Result<(), Error> {
    let settings = settings(source)?;
    let login = of_a_person(&settings)?.clone();
    let location = file(&login)?;
    let principal = Principal::new(login);
    run(async move { principal.forget().await })?;
    writeln!(out, "{location} holds no tokens any more")?;
    Ok(())
}

/// Where nothing says how to log in, this command is not about an API token.
fn settings(source: &Source) -> Result<Settings, Error> {
    let read = |text: &str| match Settings::from_string(text) {
        Err(crate::connection::Error::Missing {
            keyword: "APIToken", ..
        }) => Settings::from_string(&format!("{text};AuthScheme=OAuth")),
        read => read,
    };
    let (settings, warnings) = match (&source.dsn, &source.connect) {
        (Some(dsn), _) => read(&format!("DSN={{{}}}", dsn.replace('}', "}}")))?,
        (None, Some(text)) => read(text)?,
        (None, None) => return Err(Error::NoSource),
    };
    for warning in warnings {
        eprintln!("okta-odbc: warning: {warning}");
    }
    Ok(settings)
}

fn of_a_person(settings: &Settings) -> Result<&Login, Error> {
    let login = settings
        .login()
        .filter(|login| matches!(login.way, Way::Browser | Way::Device));
    login.ok_or_else(|| {
        Error::Login(
            "There is nobody to sign in: AuthScheme is APIToken, OAuthJWT or AccessToken here. Give OAuthClientId with AuthScheme=OAuth or \
             DeviceCode"
                .into(),
        )
    })
}

fn file(login: &Login) -> Result<String, Error> {
    match &login.location {
        Some(Location::File(path)) => Ok(path.display().to_string()),
        _ => Err(Error::Login(
            "The tokens would be gone with this command: name a file as OAuthSettingsLocation".into(),
        )),
    }
}

fn run<T: Send + 'static>(work: impl Future<Output = Result<T, okta::Error>> + Send + 'static) -> Result<T, Error> {
    let done = Runtime::acquire().run(work, &Cancel::default(), None);
    Ok(done.map_err(|interrupted: Interrupted| Error::Login(interrupted.to_string()))??)
}

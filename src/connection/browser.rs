//! The person at this machine: a browser on the desktop, else the text on the program's terminal.

use std::io::Write;

use super::dsn;
use crate::okta::Error;
use crate::okta::auth::person::{Errand, Person};

/// Whoever sits before the program that the driver lives in.
#[derive(Debug)]
pub struct Here;

impl Person for Here {
    fn ask(&self, errand: Errand) -> Result<(), Error> {
        if dsn::desktop() && open(errand).is_ok() {
            return Ok(());
        }
        // Not to standard output or error: those are the program's own, and may be a pipe or a file.
        match terminal() {
            Some(mut terminal) => writeln!(terminal, "\n{errand}\n").map_err(|_| nobody()),
            None => Err(nobody()),
        }
    }
}

/// Opens the browser, whose own output is thrown away. A device's code is in the address, where the server puts it there.
pub fn open(errand: Errand) -> Result<(), Error> {
    let url = match errand {
        Errand::SignIn { url } => url,
        Errand::Confirm { url, complete, .. } => complete.unwrap_or(url),
    };
    webbrowser::open(url).map_err(|_| nobody())
}

#[cfg(unix)]
fn terminal() -> Option<std::fs::File> {
    std::fs::OpenOptions::new().write(true).open("/dev/tty").ok()
}

#[cfg(windows)]
fn terminal() -> Option<std::fs::File> {
    std::fs::OpenOptions::new().write(true).open("CONOUT$").ok()
}

fn nobody() -> Error {
    Error::Login {
        code: String::new(),
        message: "A person must sign in, and there is neither a desktop with a browser here nor a terminal to show an address on: run \
                  `okta-odbc login` with the same Domain, OAuthClientId and OAuthSettingsLocation in a terminal first, or log in without a \
                  person (AuthScheme=OAuthJWT)"
            .into(),
        request_id: None,
    }
}

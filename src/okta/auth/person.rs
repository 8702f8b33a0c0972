//! How a login reaches the person who is to sign in.

use crate::okta::Error;

/// What the person is asked to do.
#[derive(Debug, Clone, Copy)]
pub enum Errand<'a> {
    /// Open this address in a browser on this machine, and sign in: the browser comes back by itself.
    SignIn { url: &'a str },
    /// Open this address on any device, and confirm the code. `complete` holds the code already.
    Confirm {
        url: &'a str,
        complete: Option<&'a str>,
        code: &'a str,
    },
}

/// Whoever can be reached from this program.
pub trait Person: std::fmt::Debug + Send + Sync {
    /// Returns once the person has been asked, not once they have done it. Fails at once where nobody can be.
    fn ask(&self, errand: Errand) -> Result<(), Error>;
}

/// The words for a terminal.
impl std::fmt::Display for Errand<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Errand::SignIn { url } => write!(
                f,
                "To sign in to Okta, open this address in a browser on this machine:\n{url}"
            ),
            Errand::Confirm {
                url,
                complete: Some(complete),
                code,
            } => write!(
                f,
                "To sign in to Okta, open {complete} on any device and confirm the code {code} (or enter it at {url})"
            ),
            Errand::Confirm { url, code, .. } => {
                write!(
                    f,
                    "To sign in to Okta, open {url} on any device and enter the code {code}"
                )
            }
        }
    }
}

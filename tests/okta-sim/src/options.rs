//! What an org looks like and how its server behaves: the command line, and the same struct for tests in process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Parser, ValueEnum};

use crate::fault::Fault;
use crate::limit::RateLimit;

/// The one API token that the org accepts: `Authorization: SSWS sim-token`.
pub const API_TOKEN: &str = "sim-token";

/// The password of every user who may sign in.
pub const PASSWORD: &str = "sim-password";

const LONG_ABOUT: &str = "\
A stand-in Okta org on one address. Prints `ready http://ADDRESS` when it answers; API token `sim-token`.

Without a token: GET /sim/requests (JSON lines: method, path, query, status, in order of arrival), POST /sim/reset \
(forgets requests, counters and limits), GET /sim/truth/RESOURCE (JSON lines in Okta's shape; children carry the keys of \
their parents): users, groups, groupMembers, apps, appUsers, appGroups, userFactors, userGroups, userTypes, logs.

OAuth: the org authorization server under /oauth2/v1. Every ACTIVE user signs in with `sim-password`. Without --oauth-clients there \
are a native app 0oaNative and a web app 0oaWeb (secret `sim-secret`), both with http://localhost:33333. The file of --oauth-clients \
is a JSON array of objects: client_id; client_secret or jwks (neither: a public client); token_endpoint_auth_method (only that one); \
redirect_uris; post_logout_redirect_uris; grant_types; dpop_bound_access_tokens; scopes (granted to the app); rotation (ROTATE, \
STATIC) and leeway (seconds) of refresh tokens; without_role (scopes whose calls fail for want of an admin role). GET /sim/tokens \
counts what was given out, POST /sim/tokens/expire and /sim/tokens/revoke end it all. GET /sim/secrets (JSON lines: name, secret) shows \
what a client must not log: tokens, codes, states, verifiers, assertions, passwords.";

/// Where a DPoP proof must carry a nonce of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DpopNonce {
    /// Nowhere.
    Never,
    /// At the token endpoint, as Okta has it.
    Token,
    /// On calls of the Management API too.
    Always,
}

/// What the authorize endpoint does with a good request, and what becomes of a device's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignIn {
    /// It shows a page with name, password, Allow and Deny; the device's code waits for /activate.
    Page,
    /// The first ACTIVE user has signed in and allowed it.
    Automatic,
    /// The person has denied it.
    Denied,
}

/// Options of the server; every field is an option of the command with the same name.
#[derive(Clone, Debug, Parser)]
#[command(name = "okta-sim", version, about = "A stand-in Okta org", long_about = LONG_ABOUT)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// Users in the org, DEPROVISIONED ones included
    #[arg(long, default_value_t = 100)]
    pub users: u64,
    /// Groups in the org, the built-in group Everyone included
    #[arg(long, default_value_t = 20)]
    pub groups: u64,
    /// Apps in the org
    #[arg(long, default_value_t = 10)]
    pub apps: u64,
    /// Characters of the first app's `profile` as JSON text, of the second's, …; the others have none
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub app_profiles: Vec<usize>,
    /// The org is a function of this number: same seed, same rows
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Events of the last 90 days in the system log [default: 5 a user, at least 500, at most 50000]
    #[arg(long, value_name = "N")]
    pub log_events: Option<u64>,
    /// The instant that log events and last logins are counted back from, RFC 3339 [default: when the server starts]
    #[arg(long, value_name = "INSTANT")]
    pub now: Option<DateTime<Utc>>,
    /// Milliseconds that each answer waits
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub latency_ms: u64,
    /// Requests a minute (PATH=N/SECONDS: in windows of that length) for a bucket; an exact path (`{}` segments match anything) beats the longest prefix
    #[arg(long, value_name = "PATH=N")]
    pub rate_limit: Vec<RateLimit>,
    /// Simultaneous requests before a concurrency 429 (X-Rate-Limit-Limit and -Remaining both 0)
    #[arg(long, value_name = "N")]
    pub concurrency: Option<usize>,
    #[arg(long, value_name = "PATH[#NTH]=KIND", help = crate::fault::SHORT_HELP, long_help = crate::fault::LONG_HELP)]
    pub fault: Vec<Fault>,
    /// Appends the driver's requests to this file as JSON lines [default: the environment's OKTA_SIM_RECORD, else none]
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Certificate chain in PEM; with --tls-key the server speaks https, HTTP/2 and HTTP/1.1
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// TLS 1.2 at most
    #[arg(long, requires = "tls_cert")]
    pub tls12: bool,
    /// Apps that may ask for tokens, a JSON array; see --help
    #[arg(long, value_name = "FILE")]
    pub oauth_clients: Option<PathBuf>,
    /// Seconds that an access token lives
    #[arg(long, value_name = "N", default_value_t = 3600)]
    pub token_lifetime: u32,
    /// Seconds to wait between polls for a device's token
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub device_interval: u32,
    /// Seconds that a device's code can be used in
    #[arg(long, value_name = "N", default_value_t = 600)]
    pub device_lifetime: u32,
    /// Seconds that the server's clock is ahead; negative: behind
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_hyphen_values = true)]
    pub clock_offset: i64,
    /// Where a DPoP proof must carry a nonce
    #[arg(long, value_enum, default_value_t = DpopNonce::Token)]
    pub dpop_nonce: DpopNonce,
    /// Seconds until a new nonce is given out; old ones are taken three times as long
    #[arg(long, value_name = "N", default_value_t = 86_400)]
    pub dpop_nonce_lifetime: u32,
    /// Whether a person is asked in the browser
    #[arg(long, value_enum, default_value_t = SignIn::Page)]
    pub sign_in: SignIn,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            users: 100,
            groups: 20,
            apps: 10,
            app_profiles: Vec::new(),
            seed: 1,
            log_events: None,
            now: None,
            latency_ms: 0,
            rate_limit: Vec::new(),
            concurrency: None,
            fault: Vec::new(),
            record: None,
            tls_cert: None,
            tls_key: None,
            tls12: false,
            oauth_clients: None,
            token_lifetime: 3600,
            device_interval: 5,
            device_lifetime: 600,
            clock_offset: 0,
            dpop_nonce: DpopNonce::Token,
            dpop_nonce_lifetime: 86_400,
            sign_in: SignIn::Page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_without_options_is_the_default() {
        let parsed = Options::try_parse_from(["okta-sim"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Options::default()));
    }

    #[test]
    fn every_option_of_the_design_is_understood() {
        let parsed = Options::try_parse_from([
            "okta-sim",
            "--listen",
            "127.0.0.1:0",
            "--users",
            "7",
            "--rate-limit",
            "/api/v1/users=5",
            "--concurrency",
            "3",
            "--fault",
            "/api/v1/users#2=500>100",
            "--latency-ms",
            "4",
            "--clock-offset",
            "-600",
            "--sign-in",
            "automatic",
            "--dpop-nonce",
            "always",
        ])
        .unwrap();
        assert_eq!((parsed.users, parsed.concurrency, parsed.latency_ms), (7, Some(3), 4));
        assert_eq!(
            (parsed.clock_offset, parsed.sign_in, parsed.dpop_nonce),
            (-600, SignIn::Automatic, DpopNonce::Always)
        );
        assert_eq!(parsed.rate_limit.len(), 1);
        assert_eq!(parsed.fault.len(), 1);
        assert!(Options::try_parse_from(["okta-sim", "--fault", "/api/v1/users=nonsense"]).is_err());
    }
}

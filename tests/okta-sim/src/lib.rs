//! okta-sim, a stand-in Okta org: a server of its own that answers as Okta's Management API does, without holding the org in memory.

// The bodies of apps and events are single `json!` literals.
#![recursion_limit = "256"]

mod clock;
mod connection;
mod control;
mod draft;
mod endpoints;
mod error;
mod fault;
mod gate;
mod grammar;
mod json;
mod limit;
mod oauth;
mod options;
mod org;
mod page;
mod recorder;
mod request;
mod server;

pub use fault::{Fault, FaultKind};
pub use limit::RateLimit;
pub use oauth::TokenCounts;
pub use options::{API_TOKEN, DpopNonce, Options, PASSWORD, SignIn};
pub use recorder::Recorded;
pub use server::{Sim, StartError};

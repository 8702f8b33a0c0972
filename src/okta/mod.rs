//! Okta over HTTP: requests, pages, rate limits, tokens. Knows no SQL, no Arrow, no ODBC.

pub mod auth;
pub mod channel;
pub mod client;
pub mod error;
pub mod fetch;
pub mod limit;
pub mod page;
pub mod probe;
pub mod process;
pub mod redact;
pub mod request;
pub mod retry;
mod trace;
pub mod transport;

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

pub use auth::Credential;
pub use client::{Client, Config};
pub use error::Error;
pub use fetch::Fetch;
pub use page::Page;
pub use redact::{Redactor, Secret};
pub use request::{Request, segment};
pub use transport::{Proxy, ProxyKind, ProxyServer};

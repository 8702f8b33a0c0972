//! Okta over HTTP: requests, pages, rate limits, tokens. Knows no SQL, no Arrow, no ODBC.

pub mod client;
pub mod error;
pub mod request;

pub use client::{Client, Config, Fetch, Page};
pub use error::Error;
pub use request::Request;

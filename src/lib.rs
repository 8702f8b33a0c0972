//! okta-odbc: an Okta org as a relational database, over ODBC. The way through the house is in ARCHITECTURE.md.
#![deny(unsafe_code)]

pub mod catalog;
pub mod cli;
pub mod connection;
pub mod convert;
pub mod diag;
pub mod engine;
pub mod ffi;
pub mod handles;
pub mod log;
pub mod metadata;
pub mod okta;
pub mod sql;
pub mod statement;

//! The manifest, and the C functions called as an application calls them, without a driver manager.

mod application;
mod connecting;
mod fetching;
mod handles;
mod manifest;
mod parameters;

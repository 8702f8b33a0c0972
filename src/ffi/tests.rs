//! The manifest, and the C functions called as an application calls them, without a driver manager.

mod application;
mod asynchronous;
mod bad_input;
mod connecting;
mod descriptors;
mod fetching;
mod handles;
mod manifest;
mod parameters;
mod scrolling;

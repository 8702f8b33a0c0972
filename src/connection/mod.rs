//! A connection: keywords and where they come from, the runtime, the live session.

pub mod dsn;
pub mod keywords;
pub mod odbcinst;
pub mod runtime;
pub mod session;
pub mod settings;
pub mod string;

#[cfg(test)]
mod settings_tests;

pub use runtime::{Cancel, Interrupted, Runtime};
pub use session::{ConnectError, Session};
pub use settings::{Error, Settings, Warning};

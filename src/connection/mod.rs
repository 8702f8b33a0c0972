//! A connection: keywords and where they come from, the runtime, the live session.

pub mod browser;
pub mod dsn;
pub mod keywords;
mod login;
pub mod odbcinst;
mod proxy;
pub mod runtime;
mod schemas;
pub mod session;
pub mod settings;
pub mod string;

#[cfg(test)]
mod login_tests;
#[cfg(test)]
mod settings_tests;

pub use runtime::{Cancel, Interrupted, Runtime};
pub use schemas::Schemas;
pub use session::{ConnectError, PrepareError, Session};
pub use settings::{Error, Settings, Warning};

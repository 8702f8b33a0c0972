//! A connection: keywords and where they come from, the runtime, the live session.

pub mod runtime;
pub mod session;
pub mod settings;

pub use runtime::{Cancel, Interrupted, Runtime};
pub use session::Session;
pub use settings::{Error, Settings, Warning};

//! Handles: which object is meant, and the lock that it is reached through.

mod cancel;
mod connection;
mod environment;
mod registry;
mod slab;

pub use cancel::{CancelSlot, Running};
pub use connection::{Attributes, Connection, Family, Value};
pub use environment::{Environment, EnvironmentState};
pub use registry::{DescriptorEntry, Entry, Pending, StatementEntry, find, insert, remove};
pub use slab::Slab;

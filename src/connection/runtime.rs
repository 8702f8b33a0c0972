//! One tokio runtime per process, counted by live environments; the only `block_on` (decision 3).

use std::future::Future;
use std::time::Duration;

/// A live environment's share of the runtime; the last one to drop ends it with a time limit. After fork the child
/// builds its own (PID-stamped).
#[derive(Clone)]
pub struct Runtime {}

/// Cancels whatever runs under it, from any thread and without any lock. Cloned out of a statement before it blocks.
#[derive(Clone, Default)]
pub struct Cancel {}

/// Why a blocking call did not finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    Cancelled,
    TimedOut,
}

impl Runtime {
    pub fn acquire() -> Runtime {
        Runtime {}
    }

    /// Runs `future` on a worker (big stacks) and waits; dropping it on cancel or after `timeout`.
    pub fn run<F>(&self, _future: F, _cancel: &Cancel, _timeout: Option<Duration>) -> Result<F::Output, Interrupted>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Err(Interrupted::Cancelled)
    }
}

impl Cancel {
    /// Stops the current run; later runs with a [`Cancel::renew`]ed token are not touched.
    pub fn cancel(&self) {}
}

//! Where a running call leaves what cancels it, outside its family's lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::connection::Cancel;
use crate::ffi::fork::ForkMutex;

/// One per statement and per connection.
#[derive(Clone)]
pub struct CancelSlot(Arc<Slot>);

struct Slot {
    cancel: ForkMutex<Option<Cancel>>,
    /// A cancel is left there for the rest of the call, which may wait again.
    left: AtomicBool,
}

impl Default for CancelSlot {
    fn default() -> Self {
        CancelSlot(Arc::new(Slot {
            cancel: ForkMutex::new(None),
            left: AtomicBool::new(false),
        }))
    }
}

/// A call that can be cancelled; ends with it.
pub struct Running<'a> {
    slot: &'a CancelSlot,
    pub cancel: Cancel,
}

impl CancelSlot {
    pub fn begin(&self) -> Running<'_> {
        let mut slot = self.0.cancel.lock();
        // One that came ahead stands.
        let cancel = slot.take().filter(Cancel::is_cancelled).unwrap_or_default();
        *slot = Some(cancel.clone());
        drop(slot);
        Running { slot: self, cancel }
    }

    /// For what has been started and does not wait yet.
    pub fn cancel_ahead(&self) {
        let cancel = Cancel::default();
        cancel.cancel();
        *self.0.cancel.lock() = Some(cancel);
        self.0.left.store(true, Ordering::Release);
    }

    /// The application's call is over, and with it what cancelled it.
    pub fn end(&self) {
        if self.0.left.load(Ordering::Acquire) && self.0.left.swap(false, Ordering::AcqRel) {
            *self.0.cancel.lock() = None;
        }
    }

    /// False when nothing runs.
    pub fn cancel(&self) -> bool {
        let running = self.0.cancel.lock().clone();
        if let Some(cancel) = &running {
            cancel.cancel();
        }
        running.is_some()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.cancel.is_cancelled() {
            self.slot.0.left.store(true, Ordering::Release);
        } else {
            *self.slot.0.cancel.lock() = None;
        }
    }
}

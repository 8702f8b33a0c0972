//! Where a running call leaves what cancels it, outside its family's lock.

use std::sync::Arc;

use crate::connection::Cancel;
use crate::ffi::fork::ForkMutex;

/// One per statement and per connection.
#[derive(Clone)]
pub struct CancelSlot(Arc<ForkMutex<Option<Cancel>>>);

impl Default for CancelSlot {
    fn default() -> Self {
        CancelSlot(Arc::new(ForkMutex::new(None)))
    }
}

/// A call that can be cancelled; ends with it.
pub struct Running<'a> {
    slot: &'a CancelSlot,
    pub cancel: Cancel,
}

impl CancelSlot {
    pub fn begin(&self) -> Running<'_> {
        let cancel = Cancel::default();
        *self.0.lock() = Some(cancel.clone());
        Running { slot: self, cancel }
    }

    /// False when nothing runs.
    pub fn cancel(&self) -> bool {
        let running = self.0.lock().clone();
        if let Some(cancel) = &running {
            cancel.cancel();
        }
        running.is_some()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.slot.0.lock() = None;
    }
}

//! One-time ids: each `jti` of an assertion or a proof is taken once while it could still be valid.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Default)]
pub(super) struct Replays {
    /// Id, and until when it must be remembered.
    used: Mutex<HashMap<String, i64>>,
}

const SWEEP_FROM: usize = 4096;

impl Replays {
    /// Whether the id is new; it is not any more.
    pub(super) fn first(&self, id: String, until: i64, now: i64) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= SWEEP_FROM {
            used.retain(|_, until| *until >= now);
        }
        used.insert(id, until).is_none_or(|until| until < now)
    }
}

//! A lock that a fork cannot leave locked: it is stamped with the process that made it (decision 3).

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, Once, TryLockError};

#[cfg(unix)]
use super::steady;

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// How many forks lie between the process that loaded the library and this one. Cheaper to ask than getpid.
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Acquire)
}

/// Has every later fork counted. Called before the first handle exists.
pub fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        #[cfg(unix)]
        {
            extern "C" fn before() {
                steady::hold();
            }
            extern "C" fn parent() {
                steady::go_on();
            }
            extern "C" fn child() {
                GENERATION.fetch_add(1, Ordering::AcqRel);
                steady::alone();
            }
            // SAFETY: in the child only atomics are touched; the module is never unmapped (build.rs).
            unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
        }
    });
}

struct Gate {
    generation: u32,
    mutex: Mutex<()>,
}

/// A mutex. In a forked child a thread that no longer exists may have held it: there a new gate takes its place.
pub struct ForkMutex<T> {
    gate: AtomicPtr<Gate>,
    value: UnsafeCell<T>,
}

// SAFETY: `value` is reached through a locked gate only, one gate per process.
unsafe impl<T: Send> Send for ForkMutex<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for ForkMutex<T> {}

pub struct ForkGuard<'a, T> {
    _gate: MutexGuard<'a, ()>,
    value: &'a mut T,
}

fn new_gate() -> *mut Gate {
    Box::into_raw(Box::new(Gate {
        generation: generation(),
        mutex: Mutex::new(()),
    }))
}

impl<T> ForkMutex<T> {
    pub const fn new(value: T) -> Self {
        ForkMutex {
            gate: AtomicPtr::new(std::ptr::null_mut()),
            value: UnsafeCell::new(value),
        }
    }

    fn gate(&self) -> &Gate {
        let mut current = self.gate.load(Ordering::Acquire);
        loop {
            // SAFETY: gates live until the mutex is dropped; replaced ones are leaked, their holder being in the parent.
            if let Some(gate) = unsafe { current.as_ref() }
                && gate.generation == generation()
            {
                return gate;
            }
            let fresh = new_gate();
            match self
                .gate
                .compare_exchange(current, fresh, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => current = fresh,
                Err(other) => {
                    // SAFETY: nobody else has seen it.
                    drop(unsafe { Box::from_raw(fresh) });
                    current = other;
                }
            }
        }
    }

    pub fn lock(&self) -> ForkGuard<'_, T> {
        let gate = self
            .gate()
            .mutex
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        // SAFETY: the gate is held.
        ForkGuard {
            _gate: gate,
            value: unsafe { &mut *self.value.get() },
        }
    }

    /// None while another thread holds it.
    pub fn try_lock(&self) -> Option<ForkGuard<'_, T>> {
        let gate = match self.gate().mutex.try_lock() {
            Ok(gate) => gate,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        // SAFETY: the gate is held.
        Some(ForkGuard {
            _gate: gate,
            value: unsafe { &mut *self.value.get() },
        })
    }
}

impl<T> Drop for ForkMutex<T> {
    fn drop(&mut self) {
        let gate = *self.gate.get_mut();
        // SAFETY: made by `new_gate`, and `&mut self` says that nobody holds it; a parent's is leaked.
        if !gate.is_null() && unsafe { (*gate).generation } == generation() {
            drop(unsafe { Box::from_raw(gate) });
        }
    }
}

impl<T> Deref for ForkGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for ForkGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_lock_held_while_forking_is_free_in_the_child() {
        watch();
        static LOCK: ForkMutex<i32> = ForkMutex::new(7);
        let held = LOCK.lock();
        // SAFETY: the child only takes a lock and leaves.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let code = i32::from(LOCK.try_lock().is_none_or(|value| *value != 7));
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(code) };
        }
        let mut status = -1;
        // SAFETY: `status` is valid.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
        drop(held);
        assert!(LOCK.try_lock().is_some());
    }
}

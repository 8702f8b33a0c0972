//! Work that a fork does not cut in two: whoever forks waits a moment until no thread is in the middle of any.
//!
//! A thread may be filling a `OnceLock`, or hold a lock of a library that knows nothing of forks. In the child it is gone, and
//! whoever comes after it would wait for ever. Waiting for the network or for another call is no such work.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Threads that are in the middle of something.
static AT_WORK: AtomicUsize = AtomicUsize::new(0);
/// Threads that are forking: no work begins.
static FORKING: AtomicUsize = AtomicUsize::new(0);
/// How long a fork waits for work that does not end.
#[cfg(unix)]
const LONGEST: Duration = Duration::from_secs(1);
/// Between two looks.
const PAUSE: Duration = Duration::from_micros(200);

thread_local! {
    static MINE: Cell<bool> = const { Cell::new(false) };
}

/// The calling thread is at work as long as this lives. Work within work is one.
pub struct Work {
    outermost: bool,
}

impl Work {
    pub fn begin() -> Work {
        let outermost = !MINE.get();
        if outermost {
            enter();
        }
        Work { outermost }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.outermost {
            leave();
        }
    }
}

fn enter() {
    loop {
        AT_WORK.fetch_add(1, Ordering::SeqCst);
        if FORKING.load(Ordering::SeqCst) == 0 {
            break;
        }
        AT_WORK.fetch_sub(1, Ordering::SeqCst);
        std::thread::sleep(PAUSE);
    }
    MINE.set(true);
}

fn leave() {
    MINE.set(false);
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
}

/// Runs `wait`, in which the thread only waits for others.
pub fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            enter();
        }
    }
    if !MINE.get() {
        return wait();
    }
    leave();
    let _back = Back;
    wait()
}

/// The forking thread's own work goes on in both processes.
#[cfg(any(unix, test))]
fn own() -> usize {
    usize::from(MINE.get())
}

/// Before a fork.
#[cfg(unix)]
pub(super) fn hold() {
    FORKING.fetch_add(1, Ordering::SeqCst);
    let begun = std::time::Instant::now();
    while AT_WORK.load(Ordering::SeqCst) > own() && begun.elapsed() < LONGEST {
        std::thread::sleep(PAUSE);
    }
}

/// After a fork, in the parent.
#[cfg(unix)]
pub(super) fn go_on() {
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

/// After a fork, in the child, where the other threads are gone.
#[cfg(unix)]
pub(super) fn alone() {
    AT_WORK.store(own(), Ordering::SeqCst);
    FORKING.store(0, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other tests of this process work meanwhile, so only this thread's part is looked at.
    #[test]
    fn work_within_work_is_one_and_waiting_is_none() {
        let outer = Work::begin();
        let inner = Work::begin();
        assert!(outer.outermost && !inner.outermost);
        drop(inner);
        assert_eq!(own(), 1);
        assert_eq!(waiting(own), 0);
        assert_eq!(own(), 1);
        drop(outer);
        assert_eq!(own(), 0);
        assert_eq!(waiting(own), 0);
    }

    #[test]
    fn a_panic_while_waiting_leaves_the_thread_at_work() {
        let work = Work::begin();
        let caught = std::panic::catch_unwind(|| waiting(|| panic!("as a test")));
        assert!(caught.is_err());
        assert_eq!(own(), 1);
        drop(work);
        assert_eq!(own(), 0);
    }
}

//! One tokio runtime per process, counted by live environments; the only place that waits for a future (decision 3).

use std::future::{Future, pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::time::Duration;

use tokio::sync::Notify;

use crate::ffi::steady::{self, Work};
use crate::okta::process::PerProcess;

const WORKERS: usize = 2;
/// Planning and dropping deep SQL happens on workers too (decision 4). Memory is taken only where the stack is used.
const WORKER_STACK: usize = 64 * 1024 * 1024;
/// Threads for what blocks: the system's name look-up.
const BLOCKING_THREADS: usize = 4;
/// How long the last environment waits for the workers to end.
const SHUTDOWN: Duration = Duration::from_secs(1);
/// How long an interrupted call waits for what it interrupted to let go of its connections.
const LETTING_GO: Duration = Duration::from_millis(100);

/// A live environment's share of the runtime; the last one to drop ends it with a time limit. After fork the child
/// builds its own (PID-stamped).
#[derive(Clone)]
pub struct Runtime {
    /// Built when first needed: an environment that only exists before a fork starts no threads.
    workers: Arc<PerProcess<Arc<Workers>>>,
}

/// Cancels whatever runs under it, from any thread and without any lock. Cloned out of a statement before it blocks;
/// clones are the same token.
#[derive(Clone, Default)]
pub struct Cancel {
    state: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    changed: Notify,
}

/// Why a blocking call did not finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    #[error("the operation was cancelled")]
    Cancelled,
    #[error("the time limit that the application set has passed")]
    TimedOut,
    /// A defect in the driver: the task is gone, the process and the connection are not.
    #[error("an internal error ended the operation; please report it with the statement that caused it")]
    Panicked,
    #[error("the operating system gives this process no more threads")]
    NoThreads,
}

struct Workers {
    runtime: Option<tokio::runtime::Runtime>,
}

impl Workers {
    /// The running ones of this process, or new ones.
    fn acquire() -> Result<Arc<Workers>, Interrupted> {
        static RUNNING: PerProcess<Mutex<Weak<Workers>>> = PerProcess::new();
        let mut running = RUNNING
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(workers) = running.upgrade() {
            return Ok(workers);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_stack_size(WORKER_STACK)
            .thread_name("okta-odbc")
            .enable_all()
            .build()
            .map_err(|_| Interrupted::NoThreads)?;
        let workers = Arc::new(Workers { runtime: Some(runtime) });
        *running = Arc::downgrade(&workers);
        Ok(workers)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if tokio::runtime::Handle::try_current().is_ok() {
            // On a worker, which cannot wait for itself to end.
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}

impl Runtime {
    pub fn acquire() -> Runtime {
        Runtime {
            workers: Arc::new(PerProcess::new()),
        }
    }

    /// Runs `future` on a worker (big stacks) and waits; dropping it on cancel or after `timeout`.
    pub fn run<F>(&self, future: F, cancel: &Cancel, timeout: Option<Duration>) -> Result<F::Output, Interrupted>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let workers = self.workers.get_or_try_init(Workers::acquire)?;
        let handle = workers.runtime.as_ref().ok_or(Interrupted::NoThreads)?.handle();
        let mut future = Box::pin(future);
        let mut work = handle.spawn(poll_fn(move |context| {
            let _work = Work::begin();
            future.as_mut().poll(context)
        }));
        let cancel = cancel.clone();
        let (done, waiting) = mpsc::sync_channel(1);
        // A second task watches: it can answer while the work computes without a pause.
        handle.spawn(async move {
            let interrupted = tokio::select! {
                biased;
                finished = &mut work => {
                    let _ = done.send(finished.map_err(|_| Interrupted::Panicked));
                    return;
                }
                () = cancel.cancelled() => Interrupted::Cancelled,
                () = elapsed(timeout) => Interrupted::TimedOut,
            };
            work.abort();
            let _ = tokio::time::timeout(LETTING_GO, work).await;
            let _ = done.send(Err(interrupted));
        });
        steady::waiting(|| waiting.recv()).unwrap_or(Err(Interrupted::Panicked))
    }
}

async fn elapsed(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => pending().await,
    }
}

impl Cancel {
    /// Stops the current run; later runs after a [`Cancel::renew`] are not touched.
    pub fn cancel(&self) {
        self.state.cancelled.store(true, Ordering::SeqCst);
        self.state.changed.notify_waiters();
    }

    /// Forgets a cancel that is over: called as each new call of the application begins.
    pub fn renew(&self) {
        self.state.cancelled.store(false, Ordering::SeqCst);
    }

    pub fn is_cancelled(&self) -> bool {
        self.state.cancelled.load(Ordering::SeqCst)
    }

    /// Resolves once [`Cancel::cancel`] was called.
    pub async fn cancelled(&self) {
        loop {
            let changed = self.state.changed.notified();
            tokio::pin!(changed);
            // Enabled before the look at the flag, so that a cancel between the two is not missed.
            changed.as_mut().enable();
            if self.is_cancelled() {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    /// Tells when the future it lives in is dropped.
    struct Dropped(mpsc::Sender<()>);

    impl Drop for Dropped {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    #[test]
    fn a_future_runs_on_a_worker_and_gives_its_output() {
        let ran = Runtime::acquire().run(
            async { std::thread::current().name().map(str::to_owned) },
            &Cancel::default(),
            None,
        );
        assert_eq!(ran, Ok(Some("okta-odbc".to_owned())));
    }

    #[test]
    fn a_time_limit_drops_the_future() {
        let (sender, dropped) = mpsc::channel();
        let held = Dropped(sender);
        let begun = Instant::now();
        let ran: Result<(), _> = Runtime::acquire().run(
            async move {
                let _held = held;
                pending().await
            },
            &Cancel::default(),
            Some(Duration::from_millis(50)),
        );
        assert_eq!(ran, Err(Interrupted::TimedOut));
        assert_eq!(dropped.recv_timeout(Duration::from_secs(2)), Ok(()));
        assert!(begun.elapsed() >= Duration::from_millis(50));
    }

    #[test]
    fn a_cancel_from_another_thread_stops_this_run_and_a_renewed_token_the_next_one_not() {
        let runtime = Runtime::acquire();
        let cancel = Cancel::default();
        let other = cancel.clone();
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(50));
            other.cancel();
        });
        let ran: Result<(), _> = runtime.run(pending(), &cancel, Some(Duration::from_secs(20)));
        assert_eq!(ran, Err(Interrupted::Cancelled));
        thread.join().expect("the other thread ends");
        assert!(cancel.is_cancelled());
        assert_eq!(
            runtime.run(pending::<()>(), &cancel, None),
            Err(Interrupted::Cancelled),
            "cancelled before it began"
        );
        cancel.renew();
        assert_eq!(runtime.run(async { 1 }, &cancel, None), Ok(1));
    }

    #[test]
    fn work_that_never_pauses_does_not_hold_up_its_cancel() {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let cancel = Cancel::default();
        let begun = Instant::now();
        let busy = async move {
            while !seen.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(20) {
                std::hint::spin_loop();
            }
        };
        let ran = Runtime::acquire().run(busy, &cancel, Some(Duration::from_millis(50)));
        stop.store(true, Ordering::SeqCst);
        assert_eq!(ran, Err(Interrupted::TimedOut));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_panic_in_a_task_is_an_answer() {
        let runtime = Runtime::acquire();
        let ran: Result<(), _> = runtime.run(async { panic!("as a test") }, &Cancel::default(), None);
        assert_eq!(ran, Err(Interrupted::Panicked));
        assert_eq!(runtime.run(async { 1 }, &Cancel::default(), None), Ok(1));
    }

    #[test]
    fn workers_have_deep_stacks() {
        fn deep(levels: usize) -> usize {
            let frame = std::hint::black_box([levels as u8; 1024]);
            if levels == 0 {
                usize::from(frame[0])
            } else {
                deep(levels - 1) + usize::from(frame[17] == 1)
            }
        }
        let ran = Runtime::acquire().run(async { deep(3 * 1024) }, &Cancel::default(), None);
        assert!(ran.is_ok());
    }

    #[test]
    fn shares_of_one_process_are_one_runtime_and_a_worker_may_drop_the_last() {
        let first = Runtime::acquire();
        let second = Runtime::acquire();
        let id = async { tokio::runtime::Handle::current().id() };
        let (one, two) = (
            first.run(id, &Cancel::default(), None),
            second.run(
                async { tokio::runtime::Handle::current().id() },
                &Cancel::default(),
                None,
            ),
        );
        assert!(one.is_ok() && one == two);
        let moved = first.clone();
        assert_eq!(second.run(async move { drop(moved) }, &Cancel::default(), None), Ok(()));
    }
}

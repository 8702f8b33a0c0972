//! A stack of our own for parsing, planning and dropping: deep SQL must not overflow the caller's (decision 4).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Reserved, not used: pages are mapped when they are touched.
const SIZE: usize = 128 << 20;

/// Runs `work` on a large stack.
pub fn on_own_stack<T>(work: impl FnOnce() -> T) -> T {
    // Within half of it the work is already on such a stack.
    stacker::maybe_grow(SIZE / 2, SIZE, work)
}

/// A future of which every poll runs on a large stack.
pub struct OnOwnStack<F>(Pin<Box<F>>);

impl<F: Future> OnOwnStack<F> {
    pub fn new(future: F) -> Self {
        OnOwnStack(Box::pin(future))
    }
}

impl<F: Future> Future for OnOwnStack<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        on_own_stack(|| self.0.as_mut().poll(context))
    }
}

/// A deep value that is dropped on a large stack.
#[derive(Debug)]
pub struct Deep<T>(Option<T>);

impl<T> Deep<T> {
    pub fn new(value: T) -> Self {
        Deep(Some(value))
    }

    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }
}

impl<T> Drop for Deep<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        on_own_stack(|| drop(value));
    }
}

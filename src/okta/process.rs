//! One value per process: a forked child gets its own and never touches, waits for or drops its parent's (decision 3).

use std::sync::OnceLock;

/// A cell whose value belongs to the process that made it. A lock inside an inherited value may have been held by a
/// thread that does not exist in the child, so the child makes a new value and leaves the old one alone.
pub struct PerProcess<T> {
    first: OnceLock<Box<Node<T>>>,
}

struct Node<T> {
    pid: u32,
    value: Option<T>,
    next: OnceLock<Box<Node<T>>>,
}

impl<T> PerProcess<T> {
    pub const fn new() -> PerProcess<T> {
        PerProcess { first: OnceLock::new() }
    }

    /// This process's value, made by `make` when there is none. Two threads may both make one; the first stays.
    pub fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let pid = std::process::id();
        let mut make = Some(make);
        let mut made = None;
        let mut cell = &self.first;
        loop {
            if cell.get().is_none() {
                if let Some(make) = make.take() {
                    made = Some(Box::new(Node {
                        pid,
                        value: Some(make()?),
                        next: OnceLock::new(),
                    }));
                }
                if let Some(node) = made.take() {
                    made = cell.set(node).err();
                }
            }
            match cell.get() {
                Some(node) => match &node.value {
                    Some(value) if node.pid == pid => return Ok(value),
                    _ => cell = &node.next,
                },
                None => unreachable!("the cell was just set"),
            }
        }
    }

    /// As [`Self::get_or_try_init`], for values that are always made.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let made: Result<&T, std::convert::Infallible> = self.get_or_try_init(|| Ok(make()));
        match made {
            Ok(value) => value,
        }
    }
}

impl<T> Default for PerProcess<T> {
    fn default() -> PerProcess<T> {
        PerProcess::new()
    }
}

impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        if self.pid != std::process::id() {
            std::mem::forget(self.value.take());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_made_once() {
        let cell = PerProcess::new();
        assert_eq!(*cell.get_or_init(|| 1), 1);
        assert_eq!(*cell.get_or_init(|| 2), 1);
    }

    #[test]
    fn an_error_leaves_the_cell_open() {
        let cell = PerProcess::new();
        assert_eq!(cell.get_or_try_init(|| Err("no")), Err("no"));
        assert_eq!(cell.get_or_try_init(|| Ok::<_, &str>(3)), Ok(&3));
    }

    #[test]
    fn an_inherited_value_is_passed_over_and_never_dropped() {
        struct Loud(bool);
        impl Drop for Loud {
            fn drop(&mut self) {
                assert!(!self.0, "the parent's value was dropped");
            }
        }
        let cell = PerProcess::new();
        let parent = Node {
            pid: std::process::id() + 1,
            value: Some(Loud(true)),
            next: OnceLock::new(),
        };
        assert!(cell.first.set(Box::new(parent)).is_ok());
        assert!(!cell.get_or_init(|| Loud(false)).0);
        assert!(!cell.get_or_init(|| Loud(true)).0);
    }
}

//! The environment: the application's ODBC version, its share of the runtime, its diagnostics.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

use crate::connection::Runtime;
use crate::diag::Diagnostics;
use crate::ffi::consts::{SQL_OV_ODBC2, SQL_OV_ODBC3};
use crate::ffi::fork::{self, ForkMutex};

pub struct Environment {
    pub runtime: Runtime,
    pub state: ForkMutex<EnvironmentState>,
    /// Read by statements of every family, so outside the lock.
    version: AtomicI32,
    /// Live connections, connected or not.
    pub connections: AtomicUsize,
}

#[derive(Default)]
pub struct EnvironmentState {
    pub diag: Diagnostics,
    pub pooling: usize,
    pub cp_match: usize,
}

impl Environment {
    pub fn new() -> Arc<Environment> {
        fork::watch();
        Arc::new(Environment {
            runtime: Runtime::acquire(),
            state: ForkMutex::new(EnvironmentState::default()),
            version: AtomicI32::new(SQL_OV_ODBC3),
            connections: AtomicUsize::new(0),
        })
    }

    /// SQL_ATTR_ODBC_VERSION.
    pub fn version(&self) -> i32 {
        self.version.load(Ordering::Relaxed)
    }

    pub fn set_version(&self, version: i32) {
        self.version.store(version, Ordering::Relaxed);
    }

    pub fn odbc2(&self) -> bool {
        self.version() == SQL_OV_ODBC2
    }
}

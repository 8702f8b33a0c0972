//! A live connection: settings, Okta client, catalog snapshot, engine.

use std::sync::Arc;

use super::runtime::{Cancel, Interrupted, Runtime};
use super::settings::{Settings, Warning};
use crate::catalog::Catalog;
use crate::engine::Engine;

/// What a connected DBC holds.
pub struct Session {
    settings: Settings,
    engine: Engine,
    runtime: Runtime,
}

/// Why connecting failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Okta(#[from] crate::okta::Error),
    #[error("interrupted")]
    Interrupted(Interrupted),
}

impl Session {
    /// Decision 7: one request. Warnings for 403, 404, E0000015.
    pub fn connect(
        _settings: Settings,
        _runtime: Runtime,
        _cancel: &Cancel,
        _login_timeout: Option<std::time::Duration>,
    ) -> Result<(Session, Vec<Warning>), ConnectError> {
        Err(ConnectError::Interrupted(Interrupted::Cancelled))
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The current snapshot (org's own columns included). No I/O.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.engine.catalog()
    }
}

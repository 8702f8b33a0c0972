//! A live connection: settings, Okta client, catalog snapshot, engine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};

use super::runtime::{Cancel, Interrupted, Runtime};
use super::settings::{Settings, Warning};
use crate::catalog::Catalog;
use crate::catalog::org::{SchemaDocument, SchemaOf};
use crate::engine::Engine;
use crate::okta::process::PerProcess;
use crate::okta::{Client, Credential, Error, Request};

/// The one request of a connect (decision 7).
const USER_SCHEMA: &str = "/api/v1/meta/schemas/user/default";
/// How long a snapshot serves new connections.
const SNAPSHOT_LIFE: Duration = Duration::from_secs(600);
/// How long one without the org's own columns does: the right to read the schema may be given any moment.
const BARE_SNAPSHOT_LIFE: Duration = Duration::from_secs(30);

/// What a connected DBC holds.
pub struct Session {
    settings: Settings,
    engine: Engine,
    runtime: Runtime,
}

/// Why connecting failed. `Okta(Unauthorized)` is 28000; `Interrupted(TimedOut)` is the login timeout, HYT00, and
/// `Interrupted(Cancelled)` HY008; everything else means that there is no connection, 08001.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Okta(#[from] crate::okta::Error),
    #[error("Connecting to Okta did not end well: {0}")]
    Interrupted(Interrupted),
}

impl Session {
    /// Decision 7: one request. Warnings for 403, 404, E0000015.
    pub fn connect(
        settings: Settings,
        runtime: Runtime,
        cancel: &Cancel,
        login_timeout: Option<Duration>,
    ) -> Result<(Session, Vec<Warning>), ConnectError> {
        let config = settings.okta();
        let principal = Principal {
            url: config.url.clone(),
            credential: config.credential.clone(),
        };
        let client = Client::new(config)?;
        let snapshot = runtime
            .run(snapshot(client.clone(), principal), cancel, login_timeout)
            .map_err(ConnectError::Interrupted)??;
        let engine = Engine::new(snapshot.catalog, client, settings.engine());
        let warnings = snapshot.missing.map(Warning::NoSchema).into_iter().collect();
        Ok((
            Session {
                settings,
                engine,
                runtime,
            },
            warnings,
        ))
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

/// Who sees an org: its rights decide what the snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Principal {
    url: String,
    credential: Credential,
}

/// The catalog as one principal sees it.
#[derive(Clone)]
struct Snapshot {
    catalog: Arc<Catalog>,
    /// Why the org's own columns are not in it.
    missing: Option<String>,
    taken: Instant,
}

type Taking = Shared<BoxFuture<'static, Result<Snapshot, Error>>>;

enum Known {
    Taken(Snapshot),
    /// Being fetched for someone; gone when nobody waits any more.
    Taking(WeakShared<BoxFuture<'static, Result<Snapshot, Error>>>),
}

type Snapshots = HashMap<Principal, Known>;

/// One snapshot per process, org and principal, fetched once however many connect at the same time.
async fn snapshot(client: Arc<Client>, principal: Principal) -> Result<Snapshot, Error> {
    let taking = match known(&principal, client) {
        Ok(snapshot) => return Ok(snapshot),
        Err(taking) => taking,
    };
    let taken = taking.await;
    let mut snapshots = snapshots();
    match &taken {
        Ok(snapshot) => {
            snapshots.insert(principal, Known::Taken(snapshot.clone()));
        }
        Err(_) => {
            if matches!(snapshots.get(&principal), Some(Known::Taking(_))) {
                snapshots.remove(&principal);
            }
        }
    }
    taken
}

/// The snapshot that is there, or the fetch to wait for.
fn known(principal: &Principal, client: Arc<Client>) -> Result<Snapshot, Taking> {
    let mut snapshots = snapshots();
    snapshots.retain(|_, known| match known {
        Known::Taken(snapshot) => snapshot.is_fresh(),
        Known::Taking(taking) => taking.upgrade().is_some(),
    });
    match snapshots.get(principal) {
        Some(Known::Taken(snapshot)) => return Ok(snapshot.clone()),
        Some(Known::Taking(taking)) => {
            if let Some(taking) = taking.upgrade() {
                return Err(taking);
            }
        }
        None => {}
    }
    let taking = take(client).boxed().shared();
    if let Some(weak) = taking.downgrade() {
        snapshots.insert(principal.clone(), Known::Taking(weak));
    }
    Err(taking)
}

fn snapshots() -> MutexGuard<'static, Snapshots> {
    static SNAPSHOTS: PerProcess<Mutex<Snapshots>> = PerProcess::new();
    SNAPSHOTS
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// Asks for the user schema. A principal that may not read it, or an org without it, still has a connection.
async fn take(client: Arc<Client>) -> Result<Snapshot, Error> {
    let read = client
        .fetch(Request::new(USER_SCHEMA))
        .page_parsed(|body| serde_json::from_slice::<SchemaDocument>(body));
    let (catalog, missing) = match read.await {
        Ok((_, document)) => (Catalog::embedded().with_schema(SchemaOf::User, &document), None),
        Err(error @ (Error::Forbidden { .. } | Error::NotFound { .. } | Error::NotAvailable { .. })) => {
            let text = format!(
                "The org's own profile attributes are not known, because its user schema cannot be read: an API token needs an \
                 admin role that may read it, an OAuth token the scope okta.schemas.read. {error}"
            );
            (Catalog::embedded(), Some(text))
        }
        Err(error) => return Err(error),
    };
    Ok(Snapshot {
        catalog,
        missing,
        taken: Instant::now(),
    })
}

impl Snapshot {
    fn is_fresh(&self) -> bool {
        let life = if self.missing.is_none() {
            SNAPSHOT_LIFE
        } else {
            BARE_SNAPSHOT_LIFE
        };
        self.taken.elapsed() < life
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::okta::scripted::{Act, Scripted, answer, error, ok};

    const SCHEMA: &str = r#"{"id":"https://x/meta/schemas/user/default","definitions":{"base":{"properties":{}},"custom":{"properties":{}}}}"#;

    fn serve(runtime: &Runtime, script: Vec<Act>) -> Scripted {
        runtime
            .run(Scripted::play(script), &Cancel::default(), None)
            .expect("a server")
    }

    fn connect(runtime: &Runtime, server: &Scripted, more: &str) -> Result<(Session, Vec<Warning>), ConnectError> {
        let text = format!("Domain={};APIToken=00t;MaxRetries=0;{more}", server.url);
        let (settings, warnings) = Settings::from_string(&text).expect("settings");
        assert_eq!(warnings, []);
        Session::connect(
            settings,
            runtime.clone(),
            &Cancel::default(),
            Some(Duration::from_secs(20)),
        )
    }

    #[test]
    fn a_connect_is_one_request_and_the_next_ones_none() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![ok(&[], SCHEMA)]);
        for _ in 0..3 {
            let (session, warnings) = connect(&runtime, &server, "").expect("a connection");
            assert_eq!(warnings, []);
            assert!(server.url.ends_with(&session.settings().domain));
        }
        assert_eq!(server.targets(), [USER_SCHEMA]);
    }

    #[test]
    fn however_many_connect_at_once_the_schema_is_fetched_once_per_principal() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![ok(&[], SCHEMA)]);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert!(connect(&runtime, &server, "").is_ok()));
            }
        });
        assert_eq!(server.targets(), [USER_SCHEMA]);
        assert!(connect(&runtime, &server, "PWD=unused").is_ok());
        let text = format!("Domain={};APIToken=other", server.url);
        let (settings, _) = Settings::from_string(&text).expect("settings");
        assert!(Session::connect(settings, runtime.clone(), &Cancel::default(), None).is_ok());
        assert_eq!(server.targets(), [USER_SCHEMA; 2]);
    }

    #[test]
    fn a_wrong_token_is_told_each_time() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![error("401 Unauthorized", "E0000011", &[])]);
        for _ in 0..2 {
            let failed = connect(&runtime, &server, "").err().expect("no connection");
            assert!(
                matches!(failed, ConnectError::Okta(Error::Unauthorized { .. })),
                "{failed}"
            );
        }
        assert_eq!(server.targets().len(), 2);
    }

    #[test]
    fn without_the_right_to_the_schema_the_connection_stands() {
        let runtime = Runtime::acquire();
        for (status, code) in [
            ("403 Forbidden", "E0000006"),
            ("404 Not Found", "E0000007"),
            ("401 Unauthorized", "E0000015"),
        ] {
            let server = serve(&runtime, vec![error(status, code, &[])]);
            let (_, warnings) = connect(&runtime, &server, "").expect("a connection");
            let [Warning::NoSchema(text)] = &warnings[..] else {
                panic!("{warnings:?}")
            };
            assert!(text.contains("okta.schemas.read") && text.contains(code), "{text}");
        }
    }

    #[test]
    fn what_is_no_okta_is_no_connection() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![ok(&["Content-Type: text/html"], "<html></html>")]);
        assert!(matches!(
            connect(&runtime, &server, ""),
            Err(ConnectError::Okta(Error::BadAnswer { .. }))
        ));
        let server = serve(
            &runtime,
            vec![answer("302 Found", &["Location: https://login.example.com/"], b"")],
        );
        assert!(matches!(
            connect(&runtime, &server, ""),
            Err(ConnectError::Okta(Error::Api { status: 302, .. }))
        ));
        let server = serve(&runtime, vec![Act::Reset]);
        assert!(matches!(
            connect(&runtime, &server, ""),
            Err(ConnectError::Okta(Error::Unreachable { .. }))
        ));
    }

    #[test]
    fn a_login_timeout_and_a_cancel_end_the_wait() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![Act::Hang]);
        let settings = || {
            Settings::from_string(&format!("Domain={};PWD=00t", server.url))
                .expect("settings")
                .0
        };
        let begun = Instant::now();
        let late = Session::connect(
            settings(),
            runtime.clone(),
            &Cancel::default(),
            Some(Duration::from_millis(50)),
        );
        assert!(matches!(late, Err(ConnectError::Interrupted(Interrupted::TimedOut))));
        let cancel = Cancel::default();
        cancel.cancel();
        let cancelled = Session::connect(settings(), runtime.clone(), &cancel, None);
        assert!(matches!(
            cancelled,
            Err(ConnectError::Interrupted(Interrupted::Cancelled))
        ));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn http_to_a_foreign_host_is_refused_before_anything_is_sent() {
        let (settings, _) = Settings::from_string("Domain=http://x.okta.com;PWD=00t").expect("settings");
        let refused = Session::connect(settings, Runtime::acquire(), &Cancel::default(), None)
            .err()
            .expect("refused");
        assert!(matches!(&refused, ConnectError::Okta(Error::Configuration { message }) if message.contains("https")));
    }
}

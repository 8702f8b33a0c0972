//! A live connection: settings, Okta client, catalog snapshot, engine.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
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
const GROUP_SCHEMA: &str = "/api/v1/meta/schemas/group/default";
/// How long a schema serves new connections.
const SCHEMA_LIFE: Duration = Duration::from_secs(600);
/// How long a refusal does: the right to read the schema may be given any moment.
const REFUSAL_LIFE: Duration = Duration::from_secs(30);

/// What a connected DBC holds.
pub struct Session {
    settings: Settings,
    client: Arc<Client>,
    engine: Engine,
    /// The engine that knows the groups' own attributes too, once they were asked for.
    with_groups: OnceLock<Engine>,
    /// The application was told that groups' own attributes cannot be known.
    told: AtomicBool,
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
        let client = Client::new(settings.okta())?;
        let schema = runtime
            .run(
                schema(client.clone(), Key::new(&settings, USER_SCHEMA)),
                cancel,
                login_timeout,
            )
            .map_err(ConnectError::Interrupted)??;
        let embedded = Catalog::embedded();
        let catalog = match &schema.document {
            Some(document) => embedded.with_schema(SchemaOf::User, document),
            None => embedded,
        };
        let engine = Engine::new(catalog, client.clone(), settings.engine());
        let session = Session {
            settings,
            client,
            engine,
            with_groups: OnceLock::new(),
            told: AtomicBool::new(false),
            runtime,
        };
        Ok((session, schema.refusal.map(Warning::NoSchema).into_iter().collect()))
    }

    /// Decision 7: the group schema loads when a table with groups' own attributes is first named, by a statement or by
    /// SQLColumns. From then on [`Session::engine`] and [`Session::catalog`] know them; what
    /// was prepared before keeps its own snapshot. Costs at most one request per process, org and principal in 10 minutes.
    /// A refusal is a warning, told once.
    pub fn load_group_schema(
        &self,
        cancel: &Cancel,
        timeout: Option<Duration>,
    ) -> Result<Option<Warning>, ConnectError> {
        if self.with_groups.get().is_some() {
            return Ok(None);
        }
        let schema = self
            .runtime
            .run(
                schema(self.client.clone(), Key::new(&self.settings, GROUP_SCHEMA)),
                cancel,
                timeout,
            )
            .map_err(ConnectError::Interrupted)??;
        if let Some(document) = &schema.document {
            let catalog = self.engine.catalog().with_schema(SchemaOf::Group, document);
            self.with_groups
                .get_or_init(|| Engine::new(catalog, self.client.clone(), self.settings.engine()));
        }
        let refusal = schema.refusal.filter(|_| !self.told.swap(true, Ordering::Relaxed));
        Ok(refusal.map(Warning::NoSchema))
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn engine(&self) -> &Engine {
        self.with_groups.get().unwrap_or(&self.engine)
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The current snapshot (org's own columns included). No I/O.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.engine().catalog()
    }
}

/// Whose view of which schema: a principal's rights decide what it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    credential: Credential,
    path: &'static str,
}

impl Key {
    fn new(settings: &Settings, path: &'static str) -> Key {
        let config = settings.okta();
        Key {
            url: config.url,
            credential: config.credential,
            path,
        }
    }
}

/// One schema document as one principal sees it.
#[derive(Clone)]
struct Schema {
    document: Option<Arc<SchemaDocument>>,
    /// Why there is none.
    refusal: Option<String>,
    taken: Instant,
}

impl Schema {
    fn is_fresh(&self) -> bool {
        let life = if self.document.is_some() {
            SCHEMA_LIFE
        } else {
            REFUSAL_LIFE
        };
        self.taken.elapsed() < life
    }
}

type Fetching = BoxFuture<'static, Result<Schema, Error>>;

enum Known {
    Schema(Schema),
    /// Being fetched for someone; gone when nobody waits any more.
    Fetching(WeakShared<Fetching>),
}

type Schemas = HashMap<Key, Known>;

fn schemas() -> MutexGuard<'static, Schemas> {
    static SCHEMAS: PerProcess<Mutex<Schemas>> = PerProcess::new();
    SCHEMAS
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// One schema per process, org and principal, fetched once however many ask at the same time.
async fn schema(client: Arc<Client>, key: Key) -> Result<Schema, Error> {
    let fetching = match known(&key, client) {
        Ok(schema) => return Ok(schema),
        Err(fetching) => fetching,
    };
    let fetched = fetching.await;
    let mut schemas = schemas();
    match &fetched {
        Ok(schema) => {
            schemas.insert(key, Known::Schema(schema.clone()));
        }
        Err(_) => {
            if matches!(schemas.get(&key), Some(Known::Fetching(_))) {
                schemas.remove(&key);
            }
        }
    }
    fetched
}

/// The schema that is there, or the fetch to wait for.
fn known(key: &Key, client: Arc<Client>) -> Result<Schema, Shared<Fetching>> {
    let mut schemas = schemas();
    schemas.retain(|_, known| match known {
        Known::Schema(schema) => schema.is_fresh(),
        Known::Fetching(fetching) => fetching.upgrade().is_some(),
    });
    match schemas.get(key) {
        Some(Known::Schema(schema)) => return Ok(schema.clone()),
        Some(Known::Fetching(fetching)) => {
            if let Some(fetching) = fetching.upgrade() {
                return Err(fetching);
            }
        }
        None => {}
    }
    let fetching = fetch(client, key.path).boxed().shared();
    if let Some(weak) = fetching.downgrade() {
        schemas.insert(key.clone(), Known::Fetching(weak));
    }
    Err(fetching)
}

/// Asks Okta. A principal that may not read the schema, or an org without it, still has a connection.
async fn fetch(client: Arc<Client>, path: &'static str) -> Result<Schema, Error> {
    let parse = |body: &Bytes| serde_json::from_slice::<SchemaDocument>(body);
    let (document, refusal) = match client.fetch(Request::new(path)).page_parsed(parse).await {
        Ok((_, document)) => (Some(Arc::new(document)), None),
        Err(error @ (Error::Forbidden { .. } | Error::NotFound { .. } | Error::NotAvailable { .. })) => {
            let text = format!(
                "The org's own profile attributes are not known, because their schema cannot be read: an API token needs an \
                 admin role that may read it, an OAuth token the scope okta.schemas.read. {error}"
            );
            (None, Some(text))
        }
        Err(error) => return Err(error),
    };
    Ok(Schema {
        document,
        refusal,
        taken: Instant::now(),
    })
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
    fn the_group_schema_loads_when_it_is_asked_for_and_once() {
        let runtime = Runtime::acquire();
        let custom =
            r#"{"definitions":{"custom":{"properties":{"costCentre":{"type":"string","title":"Cost centre"}}}}}"#;
        let server = serve(&runtime, vec![ok(&[], SCHEMA), ok(&[], custom)]);
        let has = |session: &Session| {
            let catalog = session.catalog();
            let groups = catalog.table("Groups").expect("Groups is embedded");
            groups.columns.iter().any(|column| column.name == "ProfileCostCentre")
        };
        for _ in 0..2 {
            let (session, _) = connect(&runtime, &server, "").expect("a connection");
            assert!(!has(&session));
            for _ in 0..2 {
                let warning = session.load_group_schema(&Cancel::default(), None).expect("the schema");
                assert_eq!(warning, None);
                assert!(has(&session));
            }
        }
        assert_eq!(server.targets(), [USER_SCHEMA, GROUP_SCHEMA]);
    }

    #[test]
    fn a_group_schema_that_may_not_be_read_is_told_once() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![ok(&[], SCHEMA), error("403 Forbidden", "E0000006", &[])]);
        let (session, _) = connect(&runtime, &server, "").expect("a connection");
        let load = || session.load_group_schema(&Cancel::default(), None).expect("a warning");
        assert!(matches!(load(), Some(Warning::NoSchema(text)) if text.contains("okta.schemas.read")));
        assert_eq!(load(), None);
        assert_eq!(server.targets(), [USER_SCHEMA, GROUP_SCHEMA]);
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

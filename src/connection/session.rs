//! A live connection: settings, Okta client, catalog snapshot, engine.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::runtime::{Cancel, Interrupted, Runtime};
use super::schemas::{self, Fetched, Schemas};
use super::settings::{Settings, Warning};
use crate::catalog::{Catalog, Custom};
use crate::engine::{self, Engine, Prepared};
use crate::log::Level;
use crate::okta::{Client, Credential};

/// What a connected DBC holds.
pub struct Session {
    settings: Settings,
    client: Arc<Client>,
    runtime: Runtime,
    snapshot: Mutex<Snapshot>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.settings.log().write(Level::Connections, "disconnected", |_| {});
    }
}

/// What the connection knows of its org; it only ever learns more.
struct Snapshot {
    engine: Engine,
    loaded: Vec<Schemas>,
    /// Refusals that the application was told.
    told: Vec<Schemas>,
}

/// Why connecting failed, or a schema that a statement needs did not come. `Okta(Unauthorized)` is 28000;
/// `Interrupted(TimedOut)` is the login timeout, HYT00, and `Interrupted(Cancelled)` HY008; everything else means that
/// there is no connection, 08001.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Okta(#[from] crate::okta::Error),
    #[error("Connecting to Okta did not end well: {0}")]
    Interrupted(Interrupted),
}

/// Why a statement cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The schema of a table that it names did not come.
    #[error(transparent)]
    Schema(#[from] ConnectError),
}

impl Session {
    /// Decision 7: one request. Warnings for 403, 404, E0000015.
    pub fn connect(
        settings: Settings,
        runtime: Runtime,
        cancel: &Cancel,
        login_timeout: Option<Duration>,
    ) -> Result<(Session, Vec<Warning>), ConnectError> {
        let (log, begun) = (settings.log().clone(), Instant::now());
        log.write(Level::Connections, "connect", |line| {
            line.put("version", env!("CARGO_PKG_VERSION"))
                .put("domain", &settings.domain)
                .put("dsn", &settings.dsn)
                .put("proxy", settings.proxy());
        });
        let client = Client::new(settings.okta())?;
        let snapshot = Snapshot {
            engine: Engine::new(Catalog::embedded(), client.clone(), settings.engine()),
            loaded: Vec::new(),
            told: Vec::new(),
        };
        let session = Session {
            settings,
            client,
            runtime,
            snapshot: Mutex::new(snapshot),
        };
        let warning = session.load(Schemas::DefaultUser, cancel, login_timeout);
        let warning = warning.map_err(|error| session.explain(error))?;
        log.write(Level::Connections, "connected", |line| {
            line.put("ms", begun.elapsed().as_millis());
        });
        Ok((session, warning.into_iter().collect()))
    }

    /// A login that was cut short says what it was waiting for.
    fn explain(&self, error: ConnectError) -> ConnectError {
        let waited = match (&error, self.settings.okta().credential) {
            (ConnectError::Interrupted(Interrupted::TimedOut), Credential::OAuth(principal)) => principal.unfinished(),
            _ => None,
        };
        waited.map_or(error, ConnectError::Okta)
    }

    /// Makes columns of what `schemas` hold. From then on [`Session::engine`] and [`Session::catalog`] know them; what was
    /// prepared before keeps its own snapshot. Costs requests at most once per process, org and principal in 10 minutes.
    /// A refusal is a warning, told once.
    pub fn load(
        &self,
        schemas: Schemas,
        cancel: &Cancel,
        timeout: Option<Duration>,
    ) -> Result<Option<Warning>, ConnectError> {
        if self.snapshot().loaded.contains(&schemas) {
            return Ok(None);
        }
        let fetching = schemas::fetch(self.client.clone(), &self.settings, schemas);
        let fetched = self.runtime.run(fetching, cancel, timeout);
        let Fetched { documents, refusal, .. } = fetched.map_err(ConnectError::Interrupted)??;
        let mut snapshot = self.snapshot();
        if let Some(text) = refusal {
            let told = snapshot.told.contains(&schemas);
            snapshot.told.push(schemas);
            return Ok((!told).then_some(Warning::NoSchema(text)));
        }
        if !documents.is_empty() && !snapshot.loaded.contains(&schemas) {
            let known = snapshot.engine.catalog();
            let extend = |catalog: Arc<Catalog>, document| catalog.with_schema(schemas.custom(), document);
            let catalog = documents.iter().fold(known, extend);
            snapshot.engine = Engine::new(catalog, self.client.clone(), self.settings.engine());
        }
        snapshot.loaded.push(schemas);
        Ok(None)
    }

    /// Plans a statement. Groups' own attributes become columns when a table of groups is first named; those of other user
    /// types when a statement names an attribute that the default type does not have (decision 7); both when a statement reads
    /// what lists columns. Nothing else asks Okta.
    pub fn prepare(
        &self,
        sql: &str,
        cancel: &Cancel,
        timeout: Option<Duration>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Prepared, PrepareError> {
        if self.engine().lists_columns(sql) {
            for schemas in Schemas::LATER {
                warnings.extend(self.load(schemas, cancel, timeout)?);
            }
        } else if self.engine().reads(sql, Custom::Group) {
            warnings.extend(self.load(Schemas::Group, cancel, timeout)?);
        }
        let engine = self.engine();
        match engine.prepare(sql) {
            Err(error) if error.is_unknown_attribute() && engine.reads(sql, Custom::User) => {
                warnings.extend(self.load(Schemas::OtherUserTypes, cancel, timeout)?);
                Ok(self.engine().prepare(sql)?)
            }
            planned => Ok(planned?),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// For what the command asks of Okta besides tables.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Whether the last request found that Okta is out of reach, or lets this connection in no more.
    pub fn is_lost(&self) -> bool {
        self.client.is_lost()
    }

    pub fn engine(&self) -> Engine {
        self.snapshot().engine.clone()
    }

    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The current snapshot (org's own columns included). No I/O.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.snapshot().engine.catalog()
    }

    /// Never held while waiting for Okta.
    fn snapshot(&self) -> MutexGuard<'_, Snapshot> {
        #[cfg_attr(not(feature = "scratch-tables"), allow(unused_mut))] // it follows the tables in memory only
        let mut snapshot = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        #[cfg(feature = "scratch-tables")]
        snapshot.engine.follow_scratch();
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use super::super::schemas::{GROUP_SCHEMA, USER_SCHEMA, USER_TYPES};
    use super::*;
    use crate::okta::Error;
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
                let warning = session
                    .load(Schemas::Group, &Cancel::default(), None)
                    .expect("the schema");
                assert_eq!(warning, None);
                assert!(has(&session));
            }
        }
        assert_eq!(server.targets(), [USER_SCHEMA, GROUP_SCHEMA]);
    }

    /// A list of three types whose links name other hosts, the default one among them.
    fn user_types() -> String {
        let row = |id: &str, default| {
            let href = format!("https://other.example/api/v1/meta/schemas/user/{id}");
            format!(r#"{{"id":"oty{id}","default":{default},"_links":{{"schema":{{"href":"{href}"}}}}}}"#)
        };
        format!("[{},{},{}]", row("osc1", true), row("osc2", false), row("osc3", false))
    }

    fn has(session: &Session, column: &str) -> bool {
        let catalog = session.catalog();
        catalog
            .table("Users")
            .is_some_and(|users| users.column(column).is_some())
    }

    #[test]
    fn schemas_of_other_user_types_load_when_an_attribute_is_not_known_and_once() {
        let runtime = Runtime::acquire();
        let custom =
            |name: &str| format!(r#"{{"definitions":{{"custom":{{"properties":{{"{name}":{{"type":"string"}}}}}}}}}}"#);
        let script = vec![
            ok(&[], SCHEMA),
            ok(&[], &user_types()),
            ok(&[], &custom("agency")),
            ok(&[], &custom("tier")),
        ];
        let server = serve(&runtime, script);
        for _ in 0..2 {
            let (session, _) = connect(&runtime, &server, "MaxConcurrency=1").expect("a connection");
            let mut warnings = Vec::new();
            let mut prepare = |sql: &str| session.prepare(sql, &Cancel::default(), None, &mut warnings);
            assert!(prepare("SELECT ProfileLogin FROM Users").is_ok());
            assert!(!has(&session, "ProfileAgency"));
            assert!(prepare("SELECT u.profileagency FROM Users u").is_ok());
            assert!(prepare("SELECT ProfileTier FROM GroupMembers").is_ok());
            assert!(prepare("SELECT ProfileNothing FROM Users").is_err());
            assert!(has(&session, "ProfileAgency") && has(&session, "ProfileTier"));
            assert_eq!(warnings, []);
        }
        let of_type = |id| format!("/api/v1/meta/schemas/user/{id}");
        let [first, second] = ["osc2", "osc3"].map(of_type);
        // GroupMembers is a table of groups by its keys, not by its attributes: no group schema is asked for.
        assert_eq!(server.targets(), [USER_SCHEMA, USER_TYPES, &first, &second]);
    }

    #[test]
    fn a_user_type_deleted_meanwhile_is_left_out_and_types_that_may_not_be_read_are_told_once() {
        let runtime = Runtime::acquire();
        let custom = r#"{"definitions":{"custom":{"properties":{"tier":{"type":"integer"}}}}}"#;
        let gone = error("404 Not Found", "E0000007", &[]);
        let server = serve(
            &runtime,
            vec![ok(&[], SCHEMA), ok(&[], &user_types()), gone, ok(&[], custom)],
        );
        let (session, _) = connect(&runtime, &server, "MaxConcurrency=1").expect("a connection");
        let load = |session: &Session| {
            session
                .load(Schemas::OtherUserTypes, &Cancel::default(), None)
                .expect("an answer")
        };
        assert_eq!(load(&session), None);
        assert!(has(&session, "ProfileTier"));

        let server = serve(&runtime, vec![ok(&[], SCHEMA), error("403 Forbidden", "E0000006", &[])]);
        let (session, _) = connect(&runtime, &server, "").expect("a connection");
        assert!(matches!(load(&session), Some(Warning::NoSchema(text)) if text.contains("okta.userTypes.read")));
        assert_eq!(load(&session), None);
        assert_eq!(server.targets(), [USER_SCHEMA, USER_TYPES]);
    }

    #[test]
    fn what_lists_columns_loads_every_schema_and_what_does_not_asks_nothing() {
        let runtime = Runtime::acquire();
        let custom = r#"{"definitions":{"custom":{"properties":{"tier":{"type":"string"}}}}}"#;
        let script = vec![
            ok(&[], SCHEMA),
            error("403 Forbidden", "E0000006", &[]),
            ok(&[], &user_types()),
            ok(&[], custom),
            ok(&[], SCHEMA),
        ];
        let server = serve(&runtime, script);
        let (session, _) = connect(&runtime, &server, "MaxConcurrency=1").expect("a connection");
        let mut warnings = Vec::new();
        let mut prepare = |sql: &str| session.prepare(sql, &Cancel::default(), None, &mut warnings);
        for sql in [
            "SELECT name FROM sys.system_views",
            "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES",
            "SELECT object_id('Groups')",
        ] {
            assert!(prepare(sql).is_ok(), "{sql}");
        }
        assert_eq!(server.targets(), [USER_SCHEMA]);
        for _ in 0..2 {
            assert!(prepare("SELECT name FROM sys.columns").is_ok());
        }
        // A refusal leaves out the columns that nobody may know of, and is told once.
        assert!(matches!(&warnings[..], [Warning::NoSchema(text)] if text.contains("okta.schemas.read")));
        assert!(has(&session, "ProfileTier"));
        let of_type = |id| format!("/api/v1/meta/schemas/user/{id}");
        let [first, second] = ["osc2", "osc3"].map(of_type);
        assert_eq!(
            server.targets(),
            [USER_SCHEMA, GROUP_SCHEMA, USER_TYPES, &first, &second]
        );
    }

    #[test]
    fn a_group_schema_that_may_not_be_read_is_told_once() {
        let runtime = Runtime::acquire();
        let server = serve(&runtime, vec![ok(&[], SCHEMA), error("403 Forbidden", "E0000006", &[])]);
        let (session, _) = connect(&runtime, &server, "").expect("a connection");
        let load = || {
            session
                .load(Schemas::Group, &Cancel::default(), None)
                .expect("a warning")
        };
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

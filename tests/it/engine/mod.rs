//! SQL in, rows and requests out, over a stand-in Okta.

mod budgets;
mod functions;
mod gold;
mod growth;
mod names;
mod rows;
mod system;
mod tsql;

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use okta_odbc::catalog::org::SchemaDocument;
use okta_odbc::catalog::{Catalog, Custom};
use okta_odbc::engine::{Engine, Error, Options};
use okta_odbc::okta::auth::Credential;
use okta_odbc::okta::{Client, Config, Request, Secret};
use okta_sim::Sim;

/// An engine on an org of its own.
pub struct Org {
    pub sim: Sim,
    pub engine: Engine,
}

pub fn options() -> Options {
    Options {
        max_concurrency: 4,
        max_requests: 20_000,
        memory_limit: 512 << 20,
        page_size: None,
        case_sensitive: false,
        max_varchar_size: 4000,
        skip_forbidden: false,
    }
}

fn client(sim: &Sim) -> Arc<Client> {
    let credential = Credential::ApiToken(Secret::new(okta_sim::API_TOKEN));
    Client::new(Config::new(sim.url(), credential)).unwrap()
}

fn engine(sim: &Sim, options: Options) -> Engine {
    Engine::new(Catalog::embedded(), client(sim), options)
}

impl Org {
    pub fn of(users: u64, groups: u64) -> Org {
        Org::with(
            okta_sim::Options {
                users,
                groups,
                apps: 5,
                ..Default::default()
            },
            options(),
        )
    }

    pub fn with(org: okta_sim::Options, options: Options) -> Org {
        let sim = Sim::start(org);
        let engine = engine(&sim, options);
        Org { sim, engine }
    }

    /// The engine of another connection to the same org.
    pub fn another(&self, options: Options) -> Engine {
        engine(&self.sim, options)
    }

    /// The engine of a connection that knows the org's own attributes of users and groups.
    pub async fn with_schemas(self) -> Org {
        let client = client(&self.sim);
        let mut catalog = Catalog::embedded();
        for (of, path) in [
            (Custom::User, "/api/v1/meta/schemas/user/default"),
            (Custom::Group, "/api/v1/meta/schemas/group/default"),
        ] {
            let page = client.get(Request::new(path)).await.unwrap();
            let document: SchemaDocument = serde_json::from_slice(&page.body).unwrap();
            catalog = catalog.with_schema(of, &document);
        }
        let engine = Engine::new(catalog, client, options());
        Org { engine, ..self }
    }

    /// Every row as text, NULL as `NULL`.
    pub async fn ask(&self, sql: &str) -> Vec<Vec<String>> {
        self.ask_with(sql, &[]).await
    }

    pub async fn ask_with(&self, sql: &str, parameters: &[&str]) -> Vec<Vec<String>> {
        self.try_ask(sql, parameters)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    pub async fn try_ask(&self, sql: &str, parameters: &[&str]) -> Result<Vec<Vec<String>>, Error> {
        self.sim.reset();
        let parameters = parameters
            .iter()
            .map(|text| Arc::new(StringArray::from(vec![*text])) as ArrayRef)
            .collect();
        let mut rows = self.engine.prepare(sql)?.execute(parameters, None).await?;
        let mut all = Vec::new();
        while let Some(batch) = rows.next().await? {
            assert!(batch.num_rows() > 0, "{sql}: an empty batch");
            assert_eq!(batch.schema(), rows.schema(), "{sql}");
            all.extend(texts(&batch));
        }
        Ok(all)
    }

    /// How many requests the last question cost.
    pub fn cost(&self) -> usize {
        self.sim.requests().len()
    }

    pub fn requests(&self) -> Vec<String> {
        self.sim
            .requests()
            .iter()
            .map(|request| format!("{}?{}", request.path, request.query))
            .collect()
    }
}

pub fn texts(batch: &RecordBatch) -> Vec<Vec<String>> {
    let options = FormatOptions::default().with_null("NULL");
    let columns: Vec<_> = batch
        .columns()
        .iter()
        .map(|c| ArrayFormatter::try_new(c, &options).unwrap())
        .collect();
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| column.value(row).to_string()).collect())
        .collect()
}

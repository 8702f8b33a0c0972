//! The org's schema documents: fetched once per process, org and principal, however many connections ask (decision 7).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::{BoxFuture, Shared, WeakShared};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;

use super::settings::Settings;
use crate::catalog::Custom;
use crate::catalog::org::{SchemaDocument, UserType};
use crate::okta::process::PerProcess;
use crate::okta::{Client, Credential, Error, Request, segment};

/// The one request of a connect.
pub const USER_SCHEMA: &str = "/api/v1/meta/schemas/user/default";
pub const GROUP_SCHEMA: &str = "/api/v1/meta/schemas/group/default";
pub const USER_TYPES: &str = "/api/v1/meta/types/user";
/// How long schemas serve new connections.
const LIFE: Duration = Duration::from_secs(600);
/// How long a refusal does: the right to read a schema may be given any moment.
const REFUSAL_LIFE: Duration = Duration::from_secs(30);

/// The schemas that are loaded together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Schemas {
    /// The default user type's: one request, when connecting.
    DefaultUser,
    /// The groups': one request, when groups are first named.
    Group,
    /// Those of the other user types: the list of types and one request for each, when an attribute that the default type
    /// does not have is first named, or the columns of a table of users are listed.
    OtherUserTypes,
}

impl Schemas {
    /// What a connection loads only when it is needed.
    pub const LATER: [Schemas; 2] = [Schemas::Group, Schemas::OtherUserTypes];

    /// The tables that they add columns to.
    pub fn custom(self) -> Custom {
        match self {
            Schemas::DefaultUser | Schemas::OtherUserTypes => Custom::User,
            Schemas::Group => Custom::Group,
        }
    }

    /// What is missing without them, and the OAuth scopes that read them.
    fn refused(self) -> (&'static str, &'static str) {
        match self {
            Schemas::DefaultUser | Schemas::Group => (
                "The org's own profile attributes are not known, because their schema",
                "scope okta.schemas.read",
            ),
            Schemas::OtherUserTypes => (
                "Attributes that only other user types than the default one have are not known, because the schemas of these types",
                "scopes okta.userTypes.read and okta.schemas.read",
            ),
        }
    }
}

/// Whose view of which schemas: a principal's rights decide what they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    url: String,
    credential: Credential,
    schemas: Schemas,
}

/// Schema documents as one principal sees them.
#[derive(Clone)]
pub struct Fetched {
    pub documents: Arc<[SchemaDocument]>,
    /// Why there are none.
    pub refusal: Option<String>,
    taken: Instant,
}

impl Fetched {
    fn is_fresh(&self) -> bool {
        let life = if self.refusal.is_none() { LIFE } else { REFUSAL_LIFE };
        self.taken.elapsed() < life
    }
}

type Fetching = BoxFuture<'static, Result<Fetched, Error>>;

enum Known {
    Fetched(Fetched),
    /// Being fetched for someone; gone when nobody waits any more.
    Fetching(WeakShared<Fetching>),
}

type Cache = HashMap<Key, Known>;

fn cache() -> MutexGuard<'static, Cache> {
    static CACHE: PerProcess<Mutex<Cache>> = PerProcess::new();
    CACHE
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
}

/// What the org has of `schemas`. Errors are those that say nothing about the right to read them.
pub fn fetch(
    client: Arc<Client>,
    settings: &Settings,
    schemas: Schemas,
) -> impl Future<Output = Result<Fetched, Error>> + Send + 'static {
    let config = settings.okta();
    let key = Key {
        url: config.url,
        credential: config.credential,
        schemas,
    };
    let concurrency = settings.engine().max_concurrency;
    async move {
        let fetching = match known(&key, client, concurrency) {
            Ok(fetched) => return Ok(fetched),
            Err(fetching) => fetching,
        };
        let fetched = fetching.await;
        let mut cache = cache();
        match &fetched {
            Ok(fetched) => {
                cache.insert(key, Known::Fetched(fetched.clone()));
            }
            Err(_) => {
                if matches!(cache.get(&key), Some(Known::Fetching(_))) {
                    cache.remove(&key);
                }
            }
        }
        fetched
    }
}

/// What is there, or the fetch to wait for.
fn known(key: &Key, client: Arc<Client>, concurrency: usize) -> Result<Fetched, Shared<Fetching>> {
    let mut cache = cache();
    cache.retain(|_, known| match known {
        Known::Fetched(fetched) => fetched.is_fresh(),
        Known::Fetching(fetching) => fetching.upgrade().is_some(),
    });
    match cache.get(key) {
        Some(Known::Fetched(fetched)) => return Ok(fetched.clone()),
        Some(Known::Fetching(fetching)) => {
            if let Some(fetching) = fetching.upgrade() {
                return Err(fetching);
            }
        }
        None => {}
    }
    let fetching = ask(client, key.schemas, concurrency).boxed().shared();
    if let Some(weak) = fetching.downgrade() {
        cache.insert(key.clone(), Known::Fetching(weak));
    }
    Err(fetching)
}

/// Asks Okta. A principal that may not read the schemas, or an org without them, still has a connection.
async fn ask(client: Arc<Client>, schemas: Schemas, concurrency: usize) -> Result<Fetched, Error> {
    let documents = match schemas {
        Schemas::DefaultUser => get(&client, Request::new(USER_SCHEMA)).await.map(|(d, _)| vec![d]),
        Schemas::Group => get(&client, Request::new(GROUP_SCHEMA)).await.map(|(d, _)| vec![d]),
        Schemas::OtherUserTypes => of_other_types(&client, concurrency).await,
    };
    let (documents, refusal) = match documents {
        Ok(documents) => (documents, None),
        Err(error @ (Error::Forbidden { .. } | Error::NotFound { .. } | Error::NotAvailable { .. })) => {
            let (missing, scopes) = schemas.refused();
            let text = format!(
                "{missing} cannot be read: an API token needs an admin role that may read it, an OAuth token the {scopes}. {error}"
            );
            (Vec::new(), Some(text))
        }
        Err(error) => return Err(error),
    };
    Ok(Fetched {
        documents: documents.into(),
        refusal,
        taken: Instant::now(),
    })
}

/// One schema per user type, in the order of Okta's list.
async fn of_other_types(client: &Arc<Client>, concurrency: usize) -> Result<Vec<SchemaDocument>, Error> {
    let mut paths = Vec::new();
    let mut next = Some(Request::new(USER_TYPES));
    while let Some(request) = next {
        let (types, following): (Vec<UserType>, _) = get(client, request).await?;
        let others = types.iter().filter(|user_type| !user_type.is_default());
        paths.extend(
            others
                .filter_map(UserType::schema_id)
                .filter_map(segment)
                .map(|id| format!("/api/v1/meta/schemas/user/{id}")),
        );
        next = following;
    }
    let documents = stream::iter(paths).map(async |path| match get(client, Request::new(path)).await {
        Ok((document, _)) => Ok(Some(document)),
        // The type was deleted meanwhile.
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    });
    let documents: Vec<_> = documents.buffered(concurrency.max(1)).try_collect().await?;
    Ok(documents.into_iter().flatten().collect())
}

/// One answer, read as `T`, and the request of its next page.
async fn get<T: DeserializeOwned>(client: &Arc<Client>, request: Request) -> Result<(T, Option<Request>), Error> {
    let parse = |body: &Bytes| serde_json::from_slice::<T>(body);
    let (page, parsed) = client.fetch(request).page_parsed(parse).await?;
    Ok((parsed, page.next))
}

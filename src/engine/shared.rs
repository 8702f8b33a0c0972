//! Pages that several scans of one statement ask for: each is fetched once (a self-join, a CTE used twice, a fan-out's parents).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use serde::de::IgnoredAny;

use super::pushdown::{Access, Scan};
use crate::okta::{self, Client, Page, Request};

type Pending = Shared<BoxFuture<'static, Result<Page, okta::Error>>>;

/// The lists that more than one scan reads.
#[derive(Debug, Default)]
pub struct SharedPages {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// First requests of lists with the number of scans that read them.
    readers: HashMap<String, usize>,
    pages: HashMap<String, Entry>,
    /// Bytes of pages kept for a later reader.
    kept: usize,
    most_kept: usize,
    /// Pages asked for so far.
    sent: u64,
}

/// A page asked for.
struct Entry {
    pending: Pending,
    /// How often it will be asked for again.
    awaited: usize,
    /// Its bytes are counted in `kept`.
    kept: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("readers", &self.readers)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl SharedPages {
    /// Counts the lists of one scan, its parents' included.
    pub fn expect(&self, scan: &Scan, most_kept: usize) {
        let mut state = self.lock();
        state.most_kept = most_kept;
        let mut scan = scan;
        loop {
            match &scan.access {
                Access::Nothing => return,
                Access::Calls(calls) => {
                    for call in calls {
                        *state.readers.entry(identity(&call.request)).or_default() += 1;
                    }
                    return;
                }
                Access::FanOut { parent, .. } => scan = parent,
            }
        }
    }

    pub fn is_shared(&self, first: &Request) -> bool {
        self.lock()
            .readers
            .get(&identity(first))
            .is_some_and(|&readers| readers > 1)
    }

    /// One page, fetched once for all that ask while it is kept.
    pub async fn page(&self, client: &Arc<Client>, request: Request) -> Result<Page, okta::Error> {
        let key = identity(&request);
        let pending = {
            let mut state = self.lock();
            let most = state.readers.values().copied().max().unwrap_or(1);
            let readers = state.readers.get(&key).copied().unwrap_or(most);
            let client = client.clone();
            let State { pages, sent, .. } = &mut *state;
            let entry = pages.entry(key.clone()).or_insert_with(|| {
                *sent += 1;
                Entry {
                    pending: read(client, request).boxed().shared(),
                    awaited: readers,
                    kept: false,
                }
            });
            entry.awaited = entry.awaited.saturating_sub(1);
            entry.pending.clone()
        };
        let page = pending.await;
        let mut state = self.lock();
        let State {
            pages, kept, most_kept, ..
        } = &mut *state;
        let bytes = page.as_ref().map_or(0, |page| page.body.len());
        if let Some(entry) = pages.get_mut(&key) {
            let fits = *kept + bytes <= *most_kept && page.is_ok();
            if entry.awaited > 0 && (entry.kept || fits) {
                // Kept for the readers to come.
                *kept += if entry.kept { 0 } else { bytes };
                entry.kept = true;
            } else {
                *kept -= if entry.kept { bytes } else { 0 };
                pages.remove(&key);
            }
        }
        page
    }

    /// Pages that were asked for.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A page that is JSON to its end: its readers decode different columns, and none of them can ask for it again.
async fn read(client: Arc<Client>, request: Request) -> Result<Page, okta::Error> {
    let check = |body: &Bytes| serde_json::from_slice::<IgnoredAny>(body);
    client
        .fetch(request)
        .page_parsed(check)
        .await
        .map(|(page, IgnoredAny)| page)
}

/// What makes two requests the same.
fn identity(request: &Request) -> String {
    format!(
        "{} {:?} {:?} {:?}",
        request.path, request.query, request.limit, request.content_type
    )
}

//! Reads the pages of a scan: lazily at first, then ahead of the reader, and across parents in a fan-out (decisions 10, 18).

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arrow::array::{AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{DataFusionError, Result};
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{BoxStream, StreamExt};
use tokio::sync::{Semaphore, mpsc};

use super::Error;
use super::decode::Decoder;
use super::provider::table_schema;
use super::pushdown::{Access, Answer, Call, Scan, child_call};
use super::scan::Parts;
use super::shared::SharedPages;
use crate::catalog::Table;
use crate::okta::{self, Request};

/// One execution of a statement, as its scans see it.
#[derive(Debug, Default)]
pub struct Statement {
    /// The caller wants more rows than it has.
    ahead: AtomicBool,
    flows: Mutex<Vec<Weak<Flow>>>,
    pub shared: SharedPages,
    /// Pages asked for that only one list reads.
    sent: AtomicU64,
}

impl Statement {
    /// Pages that were asked of Okta.
    pub fn requests(&self) -> u64 {
        self.sent.load(Ordering::Relaxed) + self.shared.sent()
    }

    /// Lets every list of the statement read ahead.
    pub fn read_ahead(&self) {
        self.ahead.store(true, Ordering::Relaxed);
        for flow in lock(&self.flows).iter().filter_map(Weak::upgrade) {
            flow.demand();
        }
    }

    fn register(&self, flow: &Arc<Flow>) {
        let mut flows = lock(&self.flows);
        flows.retain(|flow| flow.strong_count() > 0);
        flows.push(Arc::downgrade(flow));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a list's producer may run ahead of its reader.
#[derive(Debug)]
struct Flow {
    permits: Semaphore,
    state: Mutex<FlowState>,
}

#[derive(Debug)]
struct FlowState {
    /// Pages allowed and not yet taken.
    ahead: usize,
    /// Pages that may be ahead.
    window: usize,
    largest_window: usize,
    /// Rows that are still wanted, where a LIMIT says so.
    wanted: Option<usize>,
    /// The most rows that one page brings.
    page_rows: usize,
}

impl Flow {
    fn new(largest_window: usize, wanted: Option<usize>, page_rows: Option<u32>) -> Flow {
        let state = FlowState {
            ahead: 0,
            window: 1,
            largest_window: largest_window.max(1),
            wanted,
            page_rows: page_rows.map_or(usize::MAX, |rows| rows.max(1) as usize),
        };
        Flow {
            permits: Semaphore::new(0),
            state: Mutex::new(state),
        }
    }

    /// The reader is waiting, or will be soon: allow as many pages as the window and the limit permit.
    fn demand(&self) {
        let mut state = lock(&self.state);
        while state.ahead < state.window {
            let coming = state.ahead.saturating_mul(state.page_rows);
            if state.wanted.is_some_and(|wanted| coming >= wanted) {
                break;
            }
            state.ahead += 1;
            self.permits.add_permits(1);
        }
    }

    /// A page was taken; `kept` of its rows passed the filters.
    fn taken(&self, kept: usize, first: bool) {
        let mut state = lock(&self.state);
        state.ahead = state.ahead.saturating_sub(1);
        state.wanted = state.wanted.map(|wanted| wanted.saturating_sub(kept));
        if !first {
            state.window = (state.window * 2).min(state.largest_window);
        }
    }
}

/// What the tasks of one scan share.
struct Source {
    parts: Parts,
    decoder: Decoder,
    schema: SchemaRef,
    statement: Arc<Statement>,
    /// Requests sent for the children of a fan-out.
    sent: AtomicU64,
}

/// Reads one scan.
pub struct Reader {
    source: Arc<Source>,
    access: Access,
}

impl Reader {
    pub fn new(parts: Parts, scan: &Scan, schema: SchemaRef, statement: Arc<Statement>) -> Reader {
        let decoder = Decoder::new(&parts.table, &parts.columns, parts.read_schema.clone());
        let source = Arc::new(Source {
            parts,
            decoder,
            schema,
            statement,
            sent: AtomicU64::new(0),
        });
        Reader {
            source,
            access: scan.access.clone(),
        }
    }

    /// Nothing is sent before the first poll; dropping the stream ends every request.
    pub fn into_stream(self) -> BoxStream<'static, Result<RecordBatch>> {
        let wanted = self.source.parts.fetch;
        let rows = rows(self.source, self.access, wanted);
        let limited = futures::stream::unfold((rows, wanted), |(mut rows, wanted)| async move {
            if wanted == Some(0) {
                return None;
            }
            let batch = match rows.next().await? {
                Ok(batch) => batch,
                Err(error) => return Some((Err(error), (rows, Some(0)))),
            };
            let batch = match wanted {
                Some(wanted) if wanted < batch.num_rows() => batch.slice(0, wanted),
                _ => batch,
            };
            let wanted = wanted.map(|wanted| wanted - batch.num_rows());
            Some((Ok(batch), (rows, wanted)))
        });
        limited.boxed()
    }
}

fn rows(source: Arc<Source>, access: Access, wanted: Option<usize>) -> BoxStream<'static, Result<RecordBatch>> {
    match access {
        Access::Nothing => futures::stream::empty().boxed(),
        Access::Calls(mut calls) if calls.len() == 1 => {
            let pages = Pages::new(source, calls.swap_remove(0), None, wanted);
            halves(pages).boxed()
        }
        Access::Calls(calls) => {
            let calls = futures::stream::iter(calls.into_iter().map(|call| Ok((call, None)))).boxed();
            spread(source, calls).boxed()
        }
        Access::FanOut {
            parent_table,
            parent,
            parent_key,
        } => {
            let calls = children(source.clone(), parent_table, *parent, parent_key);
            spread(source, calls).boxed()
        }
    }
}

/// The rows of one list. Its first page comes in two halves: who asks for the second one will want the next page.
fn halves(pages: Pages) -> impl futures::Stream<Item = Result<RecordBatch>> + Send {
    let state = (pages, None::<RecordBatch>, true);
    futures::stream::unfold(state, |(mut pages, rest, first)| async move {
        if let Some(rest) = rest {
            pages.flow.demand();
            return Some((Ok(rest), (pages, None, false)));
        }
        match pages.next().await {
            Ok(None) => None,
            Err(error) => Some((Err(error), (pages, None, false))),
            Ok(Some(batch)) if first && batch.num_rows() > 1 => {
                let half = batch.num_rows() / 2;
                let rest = batch.slice(half, batch.num_rows() - half);
                Some((Ok(batch.slice(0, half)), (pages, Some(rest), false)))
            }
            Ok(Some(batch)) => Some((Ok(batch), (pages, None, false))),
        }
    })
}

/// The pages of one call, filtered, as a task produces them.
struct Pages {
    source: Arc<Source>,
    flow: Arc<Flow>,
    start: Option<(Call, Option<Parent>)>,
    producer: Option<SpawnedTask<()>>,
    queue: Option<mpsc::UnboundedReceiver<SpawnedTask<Result<RecordBatch>>>>,
    current: Option<SpawnedTask<Result<RecordBatch>>>,
    first: bool,
    finished: bool,
}

/// The parent of a child's list, for messages.
#[derive(Debug, Clone)]
struct Parent {
    table: String,
    key: String,
}

impl Pages {
    fn new(source: Arc<Source>, call: Call, parent: Option<Parent>, wanted: Option<usize>) -> Pages {
        let page_rows = if call.answer == Answer::Row {
            Some(1)
        } else {
            call.request.limit
        };
        let flow = Arc::new(Flow::new(source.parts.org.options.max_concurrency, wanted, page_rows));
        source.statement.register(&flow);
        let start = Some((call, parent));
        Pages {
            source,
            flow,
            start,
            producer: None,
            queue: None,
            current: None,
            first: true,
            finished: false,
        }
    }

    /// Starts the first request, if it has not been.
    fn start(&mut self) {
        let Some((call, parent)) = self.start.take() else {
            return;
        };
        let (sender, queue) = mpsc::unbounded_channel();
        self.flow.demand();
        let producer = produce(self.source.clone(), self.flow.clone(), call, parent, sender);
        self.producer = Some(SpawnedTask::spawn(producer));
        self.queue = Some(queue);
    }

    /// The next page that has rows. Cancel-safe.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.start();
        loop {
            if self.finished {
                return Ok(None);
            }
            if self.current.is_none() {
                if !self.first || self.source.statement.ahead.load(Ordering::Relaxed) {
                    self.flow.demand();
                }
                let Some(queue) = &mut self.queue else { return Ok(None) };
                match queue.recv().await {
                    Some(task) => self.current = Some(task),
                    None => self.finished = true,
                }
                continue;
            }
            let Some(task) = &mut self.current else { continue };
            let page = std::pin::Pin::new(task).await;
            self.current = None;
            let batch = page
                .map_err(|error| DataFusionError::ExecutionJoin(Box::new(error)))
                .flatten();
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    self.finished = true;
                    return Err(error);
                }
            };
            self.flow.taken(batch.num_rows(), self.first);
            self.first = false;
            if batch.num_rows() > 0 {
                if self.source.statement.ahead.load(Ordering::Relaxed) {
                    self.flow.demand();
                }
                return Ok(Some(batch));
            }
        }
    }
}

type Sender = mpsc::UnboundedSender<SpawnedTask<Result<RecordBatch>>>;

/// Sends one request after the other, each as soon as it is allowed and the `Link` of the one before is in.
async fn produce(source: Arc<Source>, flow: Arc<Flow>, call: Call, parent: Option<Parent>, pages: Sender) {
    let shared = source.statement.shared.is_shared(&call.request);
    let mut next = Some(call.request.clone());
    while let Some(request) = next.take() {
        match flow.permits.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => return,
        }
        if let Err(error) = source.count(&parent) {
            let _ = pages.send(SpawnedTask::spawn(async move { Err(error) }));
            return;
        }
        let (body, following) = match source.ask(request, &call, shared).await {
            Ok(asked) => asked,
            Err(error) => {
                if let Some(error) = source.refusal(error, &call, parent.as_ref()) {
                    let _ = pages.send(SpawnedTask::spawn(async move { Err(error) }));
                }
                return;
            }
        };
        next = if call.answer == Answer::List { following } else { None };
        let (source, call, parent) = (source.clone(), call.clone(), parent.clone());
        let page = async move {
            match body.await {
                Ok(read) => source.batch(&read),
                Err(error) => match source.refusal(error, &call, parent.as_ref()) {
                    Some(error) => Err(error),
                    None => Ok(RecordBatch::new_empty(source.schema.clone())),
                },
            }
        };
        if pages.send(SpawnedTask::spawn(page)).is_err() {
            return;
        }
    }
}

/// A page's rows before the filter.
type Body = BoxFuture<'static, Result<RecordBatch, okta::Error>>;

impl Source {
    /// Sends a request; resolves when its successor is known, the body may still be on its way. A body that cannot be
    /// decoded is asked for again there, where the page size of the answer is known.
    async fn ask(
        self: &Arc<Self>,
        request: Request,
        call: &Call,
        shared: bool,
    ) -> Result<(Body, Option<Request>), okta::Error> {
        let (source, call, client) = (self.clone(), call.clone(), &self.parts.org.client);
        if shared {
            let page = self.statement.shared.page(client, request).await?;
            let next = page.next.clone();
            let decode = async move {
                source
                    .decoder
                    .decode(&page.body, &call)
                    .map_err(|error| okta::Error::BadAnswer {
                        message: format!(
                            "Okta's answer to GET {} is not the JSON expected: {error}",
                            call.request.path
                        ),
                        request_id: page.request_id,
                    })
            };
            return Ok((decode.boxed(), next));
        }
        self.statement.sent.fetch_add(1, Ordering::Relaxed);
        let mut fetch = client.fetch(request);
        let next = fetch.next().await?;
        let decode = async move {
            let decoded = fetch.page_parsed(|body| source.decoder.decode(body, &call)).await;
            decoded.map(|(_, batch)| batch)
        };
        Ok((decode.boxed(), next))
    }

    /// Counts a child's request against `MaxRequests`.
    fn count(&self, parent: &Option<Parent>) -> Result<()> {
        let Some(parent) = parent else { return Ok(()) };
        let sent = self.sent.fetch_add(1, Ordering::Relaxed);
        let most = self.parts.org.options.max_requests;
        if sent < most {
            return Ok(());
        }
        let table = &self.parts.table;
        let key = table
            .parent
            .as_ref()
            .map_or_else(String::new, |parent| format!("{}.{}", table.name, parent.column));
        Err(external(Error::TooManyRequests(format!(
            "Reading {} asks Okta once per row of {}: stopped after {most} requests (MaxRequests={most}). Name the parents, \
             e.g. WHERE {key} = '{}', or raise MaxRequests.",
            table.name, parent.table, parent.key
        ))))
    }

    /// Filters and projects the rows of a page.
    fn batch(&self, read: &RecordBatch) -> Result<RecordBatch> {
        let batch = match &self.parts.filter {
            Some(filter) => {
                let kept = filter.evaluate(read)?.into_array(read.num_rows())?;
                &filter_record_batch(read, kept.as_boolean())?
            }
            None => read,
        };
        let columns = self.parts.output.iter().map(|&at| batch.column(at).clone()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            self.schema.clone(),
            columns,
            &options,
        )?)
    }

    /// The statement's error, or None where the answer means that there are no rows (decisions 21, 23).
    fn refusal(&self, error: okta::Error, call: &Call, parent: Option<&Parent>) -> Option<DataFusionError> {
        let (status, code) = match &error {
            okta::Error::NotFound { code, .. } => (404, code.as_str()),
            okta::Error::Forbidden { code, .. } => (403, code.as_str()),
            okta::Error::NotAvailable { code, .. } => (403, code.as_str()),
            okta::Error::Api { status, code, .. } => (*status, code.as_str()),
            _ => (0, ""),
        };
        let means_none = |no_rows: &crate::catalog::NoRows| {
            no_rows.status == status && no_rows.code.as_deref().is_none_or(|expected| expected == code)
        };
        if (status == 404 && call.answer == Answer::Row) || self.parts.table.no_rows.iter().any(means_none) {
            return None;
        }
        if parent.is_some() && status == 403 && self.parts.org.options.skip_forbidden {
            return None;
        }
        let error = error.of_table(&self.parts.table.name, &self.parts.table.scope);
        Some(okta_error(match parent {
            Some(parent) => of_parent(error, &self.parts.table, parent),
            None => error,
        }))
    }
}

fn of_parent(error: okta::Error, table: &Table, parent: &Parent) -> okta::Error {
    use okta::Error as E;
    let prefix = format!("{} of {} '{}': ", table.name, parent.table, parent.key);
    let mut error = error;
    match &mut error {
        E::Unauthorized { message, .. }
        | E::Forbidden { message, .. }
        | E::NotAvailable { message, .. }
        | E::NotFound { message, .. }
        | E::RateLimited { message, .. }
        | E::Api { message, .. }
        | E::BadAnswer { message, .. } => message.insert_str(0, &prefix),
        _ => {}
    }
    error
}

/// Carries one of our errors through DataFusion.
pub fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

fn okta_error(error: okta::Error) -> DataFusionError {
    external(Error::Okta(Arc::new(error)))
}

type Calls = BoxStream<'static, Result<(Call, Option<Parent>)>>;

/// The calls of a fan-out, one per row of the parent.
fn children(source: Arc<Source>, table: Arc<Table>, parent: Scan, key: usize) -> Calls {
    let schema = match table_schema(&table, source.parts.org.options.max_varchar_size).project(&[key]) {
        Ok(schema) => Arc::new(schema),
        Err(error) => return futures::stream::once(async move { Err(error.into()) }).boxed(),
    };
    let parts = Parts {
        table: table.clone(),
        columns: vec![key],
        read_schema: schema.clone(),
        output: vec![0],
        filter: None,
        predicates: Vec::new(),
        sort: None,
        nulls_first: false,
        fetch: None,
        ..source.parts.clone()
    };
    let parents = Reader::new(parts, &parent, schema, source.statement.clone());
    parents
        .into_stream()
        .map(move |batch| {
            let calls = match batch {
                Ok(batch) => {
                    let keys = batch.column(0).as_string_opt::<i32>().cloned();
                    let keys: Vec<String> = keys
                        .iter()
                        .flat_map(|keys| keys.iter().flatten().map(str::to_owned))
                        .collect();
                    keys.into_iter()
                        .filter_map(|key| {
                            let call = child_call(&source.parts.query(), &key)?;
                            Some(Ok((
                                call,
                                Some(Parent {
                                    table: table.name.clone(),
                                    key,
                                }),
                            )))
                        })
                        .collect()
                }
                Err(error) => vec![Err(error)],
            };
            futures::stream::iter(calls)
        })
        .flatten()
        .boxed()
}

/// Many calls, some of them at the same time, their rows in the order of the calls.
struct Spread {
    source: Arc<Source>,
    calls: Calls,
    more_calls: bool,
    active: VecDeque<Pages>,
    window: usize,
}

fn spread(source: Arc<Source>, calls: Calls) -> impl futures::Stream<Item = Result<RecordBatch>> + Send {
    let spread = Spread {
        source,
        calls,
        more_calls: true,
        active: VecDeque::new(),
        window: 1,
    };
    futures::stream::unfold(Some(spread), |spread| async move {
        let mut spread = spread?;
        match spread.next().await {
            Ok(batch) => batch.map(|batch| (Ok(batch), Some(spread))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

impl Spread {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            let room = self.more_calls && self.active.len() < self.window;
            let Some(front) = self.active.front_mut() else {
                if !self.more_calls {
                    return Ok(None);
                }
                let call = self.calls.next().await;
                self.begin(call)?;
                continue;
            };
            tokio::select! {
                biased;
                batch = front.next() => match batch? {
                    Some(batch) => {
                        self.grow();
                        return Ok(Some(batch));
                    }
                    None => {
                        self.active.pop_front();
                        self.grow();
                    }
                },
                call = self.calls.next(), if room => self.begin(call)?,
            }
        }
    }

    fn begin(&mut self, call: Option<Result<(Call, Option<Parent>)>>) -> Result<()> {
        match call.transpose()? {
            Some((call, parent)) => {
                let mut pages = Pages::new(self.source.clone(), call, parent, None);
                pages.start();
                self.active.push_back(pages);
            }
            None => self.more_calls = false,
        }
        Ok(())
    }

    fn grow(&mut self) {
        self.window = (self.window * 2).min(self.source.parts.org.options.max_concurrency.max(1));
    }
}

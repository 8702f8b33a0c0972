//! The way of each request: recorded, delayed, struck by faults, limited, authorised, answered.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, HOST, HeaderMap, HeaderName,
    HeaderValue, LINK, USER_AGENT, VARY,
};
use http::{Method, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use crate::clock::Clock;
use crate::connection::{AnswerBody, Breaker};
use crate::control;
use crate::draft::Draft;
use crate::endpoints::{self, Answer, OrderCache, Source};
use crate::error::OktaError;
use crate::fault::{FaultKind, Faults};
use crate::limit::{Allowance, Limits};
use crate::oauth::{self, AuthorizationServer, Call, Denied, Scheme};
use crate::options::{API_TOKEN, Options};
use crate::org::Org;
use crate::page::{LinkFault, links};
use crate::recorder::Recorder;
use crate::request::Request;

/// Everything that the requests of one server share.
pub(crate) struct State {
    pub(crate) org: Arc<Org>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) recorder: Recorder,
    pub(crate) oauth: AuthorizationServer,
    pub(crate) clock: Clock,
    orders: OrderCache,
    scheme: &'static str,
    latency: Duration,
    concurrency: Option<usize>,
    in_flight: AtomicUsize,
    answered: AtomicU64,
    /// Requests that came over HTTP/2.
    pub(crate) http2: AtomicU64,
}

impl State {
    pub(crate) fn new(options: &Options, oauth: AuthorizationServer, now: i64) -> std::io::Result<Self> {
        let record = options
            .record
            .clone()
            .or_else(|| std::env::var_os("OKTA_SIM_RECORD").map(Into::into));
        Ok(Self {
            org: Arc::new(Org::new(options, now)),
            faults: Faults::new(&options.fault),
            limits: Limits::new(&options.rate_limit),
            recorder: Recorder::new(record.as_deref())?,
            oauth,
            clock: Clock::ahead(options.clock_offset),
            orders: OrderCache::default(),
            scheme: if options.tls_cert.is_some() { "https" } else { "http" },
            latency: Duration::from_millis(options.latency_ms),
            concurrency: options.concurrency,
            in_flight: AtomicUsize::new(0),
            answered: AtomicU64::new(0),
            http2: AtomicU64::new(0),
        })
    }

    /// Tokens go on living: whoever is connected stays so.
    pub(crate) fn reset(&self) {
        self.recorder.reset();
        self.faults.reset();
        self.limits.reset();
    }
}

/// Longer request targets are refused as proxies in front of Okta do.
const LONGEST_TARGET: usize = 16 * 1024;
const GZIP_FROM: usize = 256;
/// Largest body that is read.
const LARGEST_BODY: usize = 64 * 1024;
const RATE_LIMIT: [HeaderName; 3] = [
    HeaderName::from_static("x-rate-limit-limit"),
    HeaderName::from_static("x-rate-limit-remaining"),
    HeaderName::from_static("x-rate-limit-reset"),
];

/// Counts a request as long as it lives.
struct InFlight<'s>(&'s AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Answers one request of a connection.
pub(crate) async fn answer(state: &State, breaker: &Breaker, request: http::Request<Incoming>) -> Response<AnswerBody> {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let host = authority
        .or_else(|| text(request.headers(), &HOST).map(str::to_owned))
        .unwrap_or_default();
    let base = format!("{}://{host}", state.scheme);
    if let Some(resource) = path.strip_prefix("/sim/") {
        return control::answer(state, request.method(), resource, &base);
    }

    let user_agent = text(request.headers(), &USER_AGENT).unwrap_or_default();
    if let Err(error) = state
        .recorder
        .keep(user_agent, request.method().as_str(), &path, &query)
    {
        // A record with holes would prove nothing: the test that made the request must notice.
        return control::broken(&format!("okta-sim cannot record: {error}"));
    }
    if request.version() == http::Version::HTTP_2 {
        state.http2.fetch_add(1, Ordering::SeqCst);
    }
    let ticket = state.recorder.arrive(request.method().as_str(), &path, &query);
    let crowd = state.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
    let _in_flight = InFlight(&state.in_flight);
    let struck = state.faults.strike(&path);
    if !state.latency.is_zero() {
        tokio::time::sleep(state.latency).await;
    }
    if struck.contains(&FaultKind::Reset) {
        breaker.reset();
        // The connection ends before this is written.
        std::future::pending::<()>().await;
    }

    let parsed = Request::new(
        &path,
        &query,
        base,
        text(request.headers(), &CONTENT_TYPE).unwrap_or_default(),
    );
    let number = state.answered.fetch_add(1, Ordering::SeqCst);
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    let call = Call {
        method: &head.method,
        path: &path,
        query: &query,
        headers: &head.headers,
        body: &body,
        base: &parsed.base,
        now: state.clock.now(),
    };
    let (mut draft, allowance) = decide(state, &call, &parsed, &struck, crowd);
    let request_id = state.org.noise("request", number, 0);
    stamp(&mut draft.headers, allowance, request_id);
    draft.headers.insert(DATE, state.clock.date());
    state.recorder.answer(ticket, draft.status.as_u16());
    finish(draft, &head.headers, &struck)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The answer and the limit that its headers show.
fn decide(state: &State, call: &Call, parsed: &Request, struck: &[FaultKind], crowd: usize) -> (Draft, Allowance) {
    let now = call.now.div_euclid(1000);
    if state.concurrency.is_some_and(|most| crowd > most) {
        let none = Allowance {
            limit: 0,
            remaining: 0,
            reset: now + 1,
            exceeded: true,
        };
        return (failure(state, &OktaError::too_many_requests()), none);
    }
    let allowance = state.limits.take(&parsed.path, now);
    if allowance.exceeded {
        return (failure(state, &OktaError::too_many_requests()), allowance);
    }
    if struck.contains(&FaultKind::TooManyRequests) {
        let spent = Allowance {
            limit: 600,
            remaining: 0,
            reset: now + 1,
            exceeded: true,
        };
        return (failure(state, &OktaError::too_many_requests()), spent);
    }
    if struck.contains(&FaultKind::Forbidden) {
        return (failure(state, &OktaError::forbidden()), allowance);
    }
    if struck.contains(&FaultKind::NoFeature) {
        return (failure(state, &OktaError::no_feature()), allowance);
    }
    if struck.contains(&FaultKind::NotFound) {
        return (
            failure(state, &OktaError::not_found(&parsed.path, "Resource")),
            allowance,
        );
    }
    if struck.contains(&FaultKind::Unavailable) {
        let mut draft = Draft::json(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE.as_bytes().to_vec());
        draft
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        return (draft, allowance);
    }
    let draft = if oauth::owns(call.path) {
        state.oauth.answer(&state.org, call)
    } else {
        managed(state, call, parsed, struck)
    };
    (draft.unwrap_or_else(|error| failure(state, &error)), allowance)
}

/// The answer of the Management API.
fn managed(state: &State, call: &Call, parsed: &Request, struck: &[FaultKind]) -> Result<Draft, OktaError> {
    let authorization = text(call.headers, &AUTHORIZATION).unwrap_or_default();
    match Scheme::of(authorization) {
        Some((scheme, token)) => {
            let expired = struck.contains(&FaultKind::TokenExpired);
            match state.oauth.authorise(call, scheme, token, expired) {
                Ok(()) => {}
                Err(Denied::Challenged(draft)) => return Ok(*draft),
                Err(Denied::Okta(error)) => return Err(error),
            }
        }
        None => api_token(authorization, struck)?,
    }
    readable(call)?;
    let source = Source {
        org: &state.org,
        orders: &state.orders,
    };
    written(endpoints::answer(&source, parsed)?, parsed, struck)
}

const UNAVAILABLE: &str = "<html><head><title>503 Service Temporarily Unavailable</title></head><body></body></html>";

fn api_token(authorization: &str, struck: &[FaultKind]) -> Result<(), OktaError> {
    // Okta's own Python SDK (3.4.6) leaves out the space, so Okta must take that too.
    let token = authorization.strip_prefix("SSWS").map(str::trim_start);
    if token == Some(API_TOKEN) && !struck.contains(&FaultKind::TokenExpired) {
        return Ok(());
    }
    Err(OktaError::invalid_token())
}

fn readable(call: &Call) -> Result<(), OktaError> {
    if call.method != Method::GET {
        return Err(OktaError::method_not_allowed());
    }
    let query = if call.query.is_empty() { 0 } else { call.query.len() + 1 };
    if call.path.len() + query > LONGEST_TARGET {
        Err(OktaError::target_too_long())
    } else {
        Ok(())
    }
}

fn written(answer: Answer, request: &Request, struck: &[FaultKind]) -> Result<Draft, OktaError> {
    let mut page = match answer {
        Answer::One { body, etag } => {
            let mut draft = Draft::json(StatusCode::OK, body);
            if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(&etag).ok()) {
                draft.headers.insert(ETAG, etag);
            }
            return Ok(draft);
        }
        Answer::List(page) => page,
    };
    let too_large = |kind: &FaultKind| matches!((kind, page.limit), (FaultKind::TimeoutAbove(most), Some(limit)) if limit as u64 > *most);
    if struck.iter().any(too_large) {
        return Err(OktaError::internal());
    }
    if struck.contains(&FaultKind::EmptyPage) && page.limit.is_some() {
        page.body = b"[]".to_vec();
        page.next = Some(request.detour());
    }
    let fault = LinkFault {
        other_host: struck.contains(&FaultKind::NextHost),
        repeat: struck.contains(&FaultKind::NextRepeat),
    };
    let lines = links(request, &page, fault);
    let mut draft = Draft::json(StatusCode::OK, page.body);
    for line in lines.iter().filter_map(|line| HeaderValue::from_str(line).ok()) {
        draft.headers.append(LINK, line);
    }
    Ok(draft)
}

fn failure(state: &State, error: &OktaError) -> Draft {
    let number = state.answered.load(Ordering::SeqCst);
    let error_id = format!(
        "oae{:016x}{:06x}",
        state.org.noise("error", number, 0),
        number % 0x0100_0000
    );
    Draft::json(error.status, error.body(&error_id).to_string().into_bytes())
}

fn stamp(headers: &mut HeaderMap, allowance: Allowance, request_id: u64) {
    let numbers = [
        allowance.limit.to_string(),
        allowance.remaining.to_string(),
        allowance.reset.to_string(),
    ];
    for (name, number) in RATE_LIMIT.into_iter().zip(numbers) {
        headers.insert(
            name,
            HeaderValue::from_str(&number).unwrap_or(HeaderValue::from_static("0")),
        );
    }
    let id = format!("{request_id:016x}{:016x}", request_id.rotate_left(29));
    headers.insert(
        "x-okta-request-id",
        HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("0")),
    );
    headers.insert("cache-control", HeaderValue::from_static("no-cache, no-store"));
    headers.insert("pragma", HeaderValue::from_static("no-cache"));
}

/// The response, compressed if asked for, damaged if struck.
fn finish(draft: Draft, asked: &HeaderMap, struck: &[FaultKind]) -> Response<AnswerBody> {
    let Draft {
        status,
        mut headers,
        mut body,
    } = draft;
    if struck.contains(&FaultKind::Json) {
        body.truncate(body.len() * 2 / 3);
    }
    let wanted = text(asked, &ACCEPT_ENCODING).is_some_and(|list| list.contains("gzip"));
    let damaged = struck.contains(&FaultKind::Gzip);
    if damaged || (wanted && body.len() >= GZIP_FROM) {
        body = gzip(&body);
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    if damaged {
        // Behind the header, so that the stream begins well.
        for byte in body.iter_mut().skip(10).step_by(3) {
            *byte ^= 0x5a;
        }
    }
    let body = Bytes::from(body);
    let body = if struck.contains(&FaultKind::Cut) {
        AnswerBody::cut(&body)
    } else {
        AnswerBody::Whole(Some(body))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    // Writing into a Vec cannot fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

//! The server's life: listening, TLS, and the handle that tests hold.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::connection;
use crate::endpoints;
use crate::gate::State;
use crate::oauth::{AuthorizationServer, TokenCounts};
use crate::options::Options;
use crate::recorder::Recorded;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No runtime or thread.
    #[error("cannot start: {0}")]
    Runtime(#[from] std::io::Error),
    /// A certificate or key file that does not hold one.
    #[error("cannot read {file}: {reason}")]
    Pem {
        /// The file of `--tls-cert` or `--tls-key`.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of OAuth clients that cannot be used.
    #[error("cannot use the OAuth clients: {0}")]
    Clients(String),
    /// Certificate and key do not fit together.
    #[error("cannot use the certificate: {0}")]
    Tls(#[from] rustls::Error),
}

/// A running server; it stops when this is dropped.
pub struct Sim {
    state: Arc<State>,
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

const WORKERS: usize = 4;
const STOP_WITHIN: Duration = Duration::from_millis(200);

impl Sim {
    /// Starts a server in this process, on a runtime and thread of its own.
    ///
    /// # Panics
    ///
    /// If it cannot listen; `try_start` says why instead.
    #[must_use]
    pub fn start(options: Options) -> Self {
        match Self::try_start(options) {
            Ok(sim) => sim,
            Err(error) => panic!("okta-sim: {error}"),
        }
    }

    /// Starts a server in this process.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on, a certificate that cannot be read, no threads.
    pub fn try_start(options: Options) -> Result<Self, StartError> {
        let tls = match (&options.tls_cert, &options.tls_key) {
            (Some(cert), Some(key)) => Some(TlsAcceptor::from(Arc::new(tls_config(cert, key, options.tls12)?))),
            _ => None,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build()?;
        let listening = |source| StartError::Listen {
            address: options.listen,
            source,
        };
        // Bound here and not on the runtime: the caller may stand inside one of its own.
        let listener = std::net::TcpListener::bind(options.listen).map_err(listening)?;
        listener.set_nonblocking(true).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener).map_err(listening)?
        };
        let now = options.now.unwrap_or_else(chrono::Utc::now).timestamp_millis();
        let oauth = AuthorizationServer::new(&options).map_err(StartError::Clients)?;
        let state = Arc::new(State::new(&options, oauth, now)?);
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&state);
        let thread = std::thread::Builder::new()
            .name("okta-sim".to_owned())
            .spawn(move || run(runtime, listener, tls, &serving, stopped))?;
        let scheme = if options.tls_cert.is_some() { "https" } else { "http" };
        Ok(Self {
            state,
            url: format!("{scheme}://{address}"),
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests since the start or the last reset, in order of arrival, without those to `/sim`.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.recorder.requests()
    }

    /// How many requests came over HTTP/2 since the start.
    #[must_use]
    pub fn http2_requests(&self) -> u64 {
        self.state.http2.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Forgets requests, fault counters and limits.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// What the authorization server has given out so far, as `/sim/tokens` shows it.
    #[must_use]
    pub fn tokens(&self) -> TokenCounts {
        self.state.oauth.counts(self.state.clock.now())
    }

    /// Every access token has expired.
    pub fn expire_tokens(&self) {
        self.state.oauth.expire_all(self.state.clock.now());
    }

    /// No access or refresh token works any more.
    pub fn revoke_tokens(&self) {
        self.state.oauth.revoke_all();
    }

    /// Every row of a resource, as `/sim/truth/{resource}` shows it.
    ///
    /// # Panics
    ///
    /// If there is no such resource.
    #[must_use]
    pub fn truth(&self, resource: &str) -> Vec<serde_json::Value> {
        let Some(lines) = endpoints::truth(&self.state.org, resource, &self.url) else {
            panic!("okta-sim has no truth of {resource}");
        };
        let text: Vec<u8> = lines.flatten().collect();
        serde_json::Deserializer::from_slice(&text)
            .into_iter()
            .map_while(Result::ok)
            .collect()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A receiver that is gone has stopped already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    runtime: Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: &Arc<State>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::select! {
            () = accept(listener, tls, state) => {}
            _ = stopped => {}
        }
    });
    runtime.shutdown_timeout(STOP_WITHIN);
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: &Arc<State>) {
    loop {
        // An accept that fails (out of descriptors, a client gone) is no reason to stop serving others.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        tokio::spawn(connection::serve(stream, tls.clone(), Arc::clone(state)));
    }
}

fn tls_config(cert: &Path, key: &Path, tls12: bool) -> Result<ServerConfig, StartError> {
    let unreadable = |file: &Path, reason: &dyn std::fmt::Display| StartError::Pem {
        file: file.to_path_buf(),
        reason: reason.to_string(),
    };
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(cert, &error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] = if tls12 {
        &[&rustls::version::TLS12]
    } else {
        rustls::DEFAULT_VERSIONS
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

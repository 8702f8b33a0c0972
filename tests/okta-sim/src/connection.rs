//! One client connection: a socket that faults can break, TLS or not, HTTP/1.1 or HTTP/2.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Sleep;
use tokio_rustls::TlsAcceptor;

use crate::gate::{self, State};

/// Breaks one connection from inside a request.
#[derive(Default)]
pub(crate) struct Breaker {
    broken: AtomicBool,
    notify: Notify,
}

impl Breaker {
    pub(crate) fn reset(&self) {
        self.broken.store(true, Ordering::SeqCst);
        self.notify.notify_one();
    }
}

/// A socket that ends with a TCP reset once its breaker is broken.
struct Wire {
    stream: TcpStream,
    breaker: Arc<Breaker>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.breaker.broken.load(Ordering::SeqCst) {
            // Without it the client sees an orderly end; nothing is lost but the fault.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Serves one accepted socket until either side ends it.
pub(crate) async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, state: Arc<State>) {
    let breaker = Arc::new(Breaker::default());
    // Answers are written whole; waiting for more to send would only slow them.
    let _ = stream.set_nodelay(true);
    let wire = Wire {
        stream,
        breaker: Arc::clone(&breaker),
    };
    match tls {
        None => talk(wire, state, breaker).await,
        Some(acceptor) => {
            if let Ok(wire) = acceptor.accept(wire).await {
                talk(wire, state, breaker).await;
            }
        }
    }
}

async fn talk(io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, state: Arc<State>, breaker: Arc<Breaker>) {
    let on_request = Arc::clone(&breaker);
    let service = service_fn(move |request| {
        let (state, breaker) = (Arc::clone(&state), Arc::clone(&on_request));
        async move {
            let answer = gate::answer(&state, &breaker, request).await;
            Ok::<_, Infallible>(answer)
        }
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let connection = builder.serve_connection(TokioIo::new(io), service);
    tokio::select! {
        _ = connection => {}
        () = breaker.notify.notified() => {}
    }
}

/// The body of an answer.
pub(crate) enum AnswerBody {
    Whole(Option<Bytes>),
    /// Half of what was announced, a pause in which it is sent, then an error that ends the connection.
    Cut {
        half: Option<Bytes>,
        announced: u64,
        pause: Pin<Box<Sleep>>,
    },
    /// JSON lines made while they are sent.
    Lines(Box<dyn Iterator<Item = Vec<u8>> + Send + Sync>),
}

const FLUSH: Duration = Duration::from_millis(30);

impl AnswerBody {
    pub(crate) fn cut(bytes: &Bytes) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        Self::Cut {
            half: Some(half),
            announced: bytes.len() as u64,
            pause: Box::pin(tokio::time::sleep(FLUSH)),
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Lines(lines) => Poll::Ready(lines.next().map(|line| Ok(Frame::data(line.into())))),
            Self::Cut { half, pause, .. } => match half.take() {
                Some(half) => Poll::Ready(Some(Ok(Frame::data(half)))),
                None => pause
                    .as_mut()
                    .poll(cx)
                    .map(|()| Some(Err(io::Error::other("the answer is cut")))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Cut {
                announced,
                half: Some(_),
                ..
            } => SizeHint::with_exact(*announced),
            Self::Cut { .. } | Self::Lines(_) => SizeHint::default(),
        }
    }
}

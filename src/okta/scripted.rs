//! A server for tests that answers each request with the next scripted bytes and keeps what it was asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do with one request.
#[derive(Clone)]
pub enum Act {
    /// Send these bytes, then close.
    Send(Vec<u8>),
    /// Close with a reset, sending nothing.
    Reset,
    /// Never answer.
    Hang,
}

pub struct Scripted {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

/// What the server keeps of its requests.
#[derive(Clone)]
struct Kept {
    asked: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Plays `script`, one act per connection, and repeats its last act.
    pub async fn play(script: Vec<Act>) -> Scripted {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let kept = Kept {
            asked: asked.clone(),
            bodies: bodies.clone(),
        };
        tokio::spawn(async move {
            let mut turn = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let act = script[turn.min(script.len() - 1)].clone();
                turn += 1;
                tokio::spawn(serve(stream, act, kept.clone()));
            }
        });
        Scripted { url, asked, bodies }
    }

    /// The head of each request so far, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The body of each request so far, in order.
    pub fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The value of header `name` in each request so far; empty where it is absent.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let value = |head: &String| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(given, _)| given.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        self.asked().iter().map(value).collect()
    }

    /// The request lines so far, `GET ` and ` HTTP/1.1` removed.
    pub fn targets(&self) -> Vec<String> {
        let target = |head: &String| head.split_whitespace().nth(1).unwrap_or_default().to_owned();
        self.asked().iter().map(target).collect()
    }
}

async fn serve(mut stream: TcpStream, act: Act, kept: Kept) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&head) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let keep = |kept: &Mutex<Vec<String>>, text: String| {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    };
    keep(&kept.asked, format!("{head}\r\n\r\n"));
    keep(&kept.bodies, body.to_owned());
    match act {
        Act::Send(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Act::Reset => {
            let _ = stream.set_zero_linger();
        }
        Act::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
    }
}

/// Whether the head is in, and the body that it announces.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    request.len() >= end + 4 + length
}

/// A well-formed answer; `headers` are whole lines.
pub fn answer(status: &str, headers: &[&str], body: &[u8]) -> Act {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n",
        body.len()
    );
    for line in headers {
        bytes.push_str(line);
        bytes.push_str("\r\n");
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    Act::Send(bytes)
}

/// 200 with a JSON body.
pub fn ok(headers: &[&str], body: &str) -> Act {
    answer("200 OK", headers, body.as_bytes())
}

/// Okta's error body.
pub fn error(status: &str, code: &str, headers: &[&str]) -> Act {
    let body = format!(r#"{{"errorCode":"{code}","errorSummary":"Words of Okta","errorCauses":[]}}"#);
    answer(status, headers, body.as_bytes())
}

/// An answer whose body ends before its Content-Length.
pub fn cut(body: &str) -> Act {
    Act::Send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len() + 10).into_bytes())
}

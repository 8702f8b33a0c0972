//! A client of a few lines for the tests of okta-sim: one connection a request, links followed.

use std::io::{Read, Write};
use std::net::TcpStream;

use okta_sim::{API_TOKEN, Sim};
use serde_json::Value;

/// One answer, its headers in lower case.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(each, _)| each == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// The address of the next page.
    pub fn next(&self) -> Option<String> {
        let links = self.all("link");
        let line = links.iter().find(|line| line.ends_with("rel=\"next\""))?;
        Some(line.split_once('<')?.1.split_once('>')?.0.to_owned())
    }

    pub fn error_code(&self) -> String {
        self.json()["errorCode"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends a request with the given further header lines.
pub fn send(url: &str, method: &str, target: &str, headers: &str) -> std::io::Result<Answer> {
    send_with_body(url, method, target, headers, "")
}

/// Sends a form.
pub fn post(sim: &Sim, target: &str, headers: &str, form: &[(&str, &str)]) -> Answer {
    let body = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect::<Vec<_>>()
        .join("&");
    let headers = format!(
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{headers}",
        body.len()
    );
    send_with_body(sim.url(), "POST", target, &headers, &body).unwrap_or_else(|error| panic!("{target}: {error}"))
}

fn send_with_body(url: &str, method: &str, target: &str, headers: &str, body: &str) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    let host = url.trim_start_matches("http://");
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n{body}"
    )?;
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw)?;
    let end = raw
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    Ok(Answer {
        status,
        headers: headers.collect(),
        bytes: raw[end + 4..].to_vec(),
    })
}

pub fn try_get(sim: &Sim, target: &str) -> std::io::Result<Answer> {
    send(
        sim.url(),
        "GET",
        target,
        &format!("Authorization: SSWS {API_TOKEN}\r\n"),
    )
}

pub fn get(sim: &Sim, target: &str) -> Answer {
    try_get(sim, target).unwrap_or_else(|error| panic!("{target}: {error}"))
}

/// Percent-encodes everything that is not a letter or digit.
pub fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

/// Every row of a list, all pages; also how many pages.
pub fn rows(sim: &Sim, target: &str) -> (Vec<Value>, usize) {
    let (mut all, mut pages, mut target) = (Vec::new(), 0, target.to_owned());
    loop {
        let page = get(sim, &target);
        assert_eq!(page.status, 200, "{target}: {:?}", String::from_utf8_lossy(&page.bytes));
        pages += 1;
        all.extend(page.json().as_array().cloned().unwrap_or_default());
        match page.next() {
            Some(next) => target = next.trim_start_matches(sim.url()).to_owned(),
            None => return (all, pages),
        }
    }
}

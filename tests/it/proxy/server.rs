//! Proxies as small as they can be, on threads: HTTP's CONNECT (RFC 9110 §9.3.6) with or without TLS, SOCKS 4, 4a and 5
//! (RFC 1928, 1929). All that they are asked for leads to one port of this machine.

use std::io::{Read, Result, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::certificates::Certificate;

#[derive(Clone, Copy)]
pub enum Protocol {
    Http,
    /// Whichever version the client speaks.
    Socks,
}

#[derive(Clone, Copy)]
pub enum Behaviour {
    Open,
    /// Wants this name and this password.
    Password(&'static str, &'static str),
    /// Opens no way for anyone.
    Refuse,
}

pub struct Proxy {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn start(protocol: Protocol, behaviour: Behaviour, port: u16) -> Proxy {
        Proxy::serve(move |mut client, asked| {
            let opened = match protocol {
                Protocol::Http => http(&mut client, behaviour, asked)?,
                Protocol::Socks => socks(&mut client, behaviour, asked)?,
            };
            if opened {
                join(client, TcpStream::connect((Ipv4Addr::LOCALHOST, port))?)
            } else {
                Ok(())
            }
        })
    }

    /// HTTP inside TLS.
    pub fn start_tls(certificate: &Certificate, behaviour: Behaviour, port: u16) -> Proxy {
        let chain = vec![CertificateDer::from_pem_file(&certificate.file).unwrap()];
        let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        Proxy::serve(move |client, asked| {
            let session = rustls::ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
            let mut client = rustls::StreamOwned::new(session, client);
            if http(&mut client, behaviour, asked)? {
                relay(client, TcpStream::connect((Ipv4Addr::LOCALHOST, port))?)
            } else {
                Ok(())
            }
        })
    }

    fn serve(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) -> Result<()> + Send + Sync + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, serve) = (asked.clone(), Arc::new(serve));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (log, serve) = (log.clone(), serve.clone());
                // A client that goes away is no matter.
                std::thread::spawn(move || serve(client, &log));
            }
        });
        Proxy { address, asked }
    }

    /// `CONNECT host:port` or `version host:port`, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// True when the way is open.
fn http(client: &mut (impl Read + Write), behaviour: Behaviour, asked: &Mutex<Vec<String>>) -> Result<bool> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(byte(client)?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let request = lines
        .next()
        .unwrap_or_default()
        .trim_end_matches(" HTTP/1.1")
        .to_owned();
    let given = lines.find_map(|line| {
        line.to_lowercase()
            .starts_with("proxy-authorization: ")
            .then(|| line[21..].to_owned())
    });
    let answer = match behaviour {
        Behaviour::Open => "200 OK",
        Behaviour::Refuse => "403 Forbidden",
        Behaviour::Password(name, password) => {
            let wanted = format!("Basic {}", STANDARD.encode(format!("{name}:{password}")));
            if given == Some(wanted) {
                "200 OK"
            } else {
                "407 Proxy Authentication Required"
            }
        }
    };
    let open = answer.starts_with("200");
    if open {
        asked.lock().unwrap().push(request);
    }
    write!(client, "HTTP/1.1 {answer}\r\n\r\n")?;
    client.flush()?;
    Ok(open)
}

fn socks(client: &mut TcpStream, behaviour: Behaviour, asked: &Mutex<Vec<String>>) -> Result<bool> {
    match byte(client)? {
        4 => socks4(client, behaviour, asked),
        5 => socks5(client, behaviour, asked),
        _ => Ok(false),
    }
}

fn socks4(client: &mut TcpStream, behaviour: Behaviour, asked: &Mutex<Vec<String>>) -> Result<bool> {
    let _connect = byte(client)?;
    let port = port(client)?;
    let address = Ipv4Addr::from(bytes::<4>(client)?);
    let _user = until_zero(client)?;
    // 4a: an address 0.0.0.x stands for a name behind it.
    let host = match address.octets() {
        [0, 0, 0, last] if last != 0 => until_zero(client)?,
        _ => address.to_string(),
    };
    let open = matches!(behaviour, Behaviour::Open);
    if open {
        asked.lock().unwrap().push(format!("4 {host}:{port}"));
    }
    client.write_all(&[0, if open { 90 } else { 91 }, 0, 0, 0, 0, 0, 0])?;
    Ok(open)
}

fn socks5(client: &mut TcpStream, behaviour: Behaviour, asked: &Mutex<Vec<String>>) -> Result<bool> {
    let count = byte(client)?;
    let methods = (0..count).map(|_| byte(client)).collect::<Result<Vec<_>>>()?;
    let wanted = if matches!(behaviour, Behaviour::Password(..)) {
        2
    } else {
        0
    };
    if !methods.contains(&wanted) {
        client.write_all(&[5, 0xFF])?;
        return Ok(false);
    }
    client.write_all(&[5, wanted])?;
    if let Behaviour::Password(name, password) = behaviour {
        let _version = byte(client)?;
        let right = counted(client)? == name && counted(client)? == password;
        client.write_all(&[1, u8::from(!right)])?;
        if !right {
            return Ok(false);
        }
    }
    let [_version, _connect, _reserved, kind] = bytes::<4>(client)?;
    let host = match kind {
        1 => Ipv4Addr::from(bytes::<4>(client)?).to_string(),
        _ => counted(client)?,
    };
    let port = port(client)?;
    let open = !matches!(behaviour, Behaviour::Refuse);
    if open {
        asked.lock().unwrap().push(format!("5 {host}:{port}"));
    }
    // 2: connection not allowed by ruleset.
    client.write_all(&[5, if open { 0 } else { 2 }, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(open)
}

fn bytes<const N: usize>(client: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn byte(client: &mut impl Read) -> Result<u8> {
    bytes::<1>(client).map(|[byte]| byte)
}

fn port(client: &mut impl Read) -> Result<u16> {
    bytes::<2>(client).map(u16::from_be_bytes)
}

fn counted(client: &mut impl Read) -> Result<String> {
    let mut text = vec![0; usize::from(byte(client)?)];
    client.read_exact(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn until_zero(client: &mut impl Read) -> Result<String> {
    let mut text = Vec::new();
    loop {
        match byte(client)? {
            0 => return Ok(String::from_utf8_lossy(&text).into_owned()),
            byte => text.push(byte),
        }
    }
}

/// Carries bytes both ways until both are done.
fn join(client: TcpStream, server: TcpStream) -> Result<()> {
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let there = std::thread::spawn(move || {
        let copied = std::io::copy(&mut from_client, &mut to_server);
        to_server.shutdown(Shutdown::Write).and(copied.map(drop))
    });
    let (mut from_server, mut to_client) = (server, client);
    let copied = std::io::copy(&mut from_server, &mut to_client);
    let _ = to_client.shutdown(Shutdown::Write);
    let _ = there.join();
    copied.map(drop)
}

/// The same for a client behind TLS, which is one state for both ways: each is looked at in turn.
fn relay(mut client: rustls::StreamOwned<rustls::ServerConnection, TcpStream>, mut server: TcpStream) -> Result<()> {
    let pause = Some(Duration::from_millis(2));
    client.sock.set_read_timeout(pause)?;
    server.set_read_timeout(pause)?;
    let mut buffer = [0; 16 * 1024];
    loop {
        match some(client.read(&mut buffer))? {
            Some(0) => return Ok(()),
            Some(count) => server.write_all(&buffer[..count])?,
            None => {}
        }
        match some(server.read(&mut buffer))? {
            Some(0) => return Ok(()),
            Some(count) => {
                client.write_all(&buffer[..count])?;
                client.flush()?;
            }
            None => {}
        }
    }
}

/// None when nothing came in time.
fn some(read: Result<usize>) -> Result<Option<usize>> {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    match read {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.kind(), TimedOut | WouldBlock) => Ok(None),
        Err(error) => Err(error),
    }
}

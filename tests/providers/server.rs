//! A server that answers whatever a test says, byte for byte, and remembers what it was asked.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub head: String,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")))?;
        Some(line.split_once(": ").unwrap().1)
    }

    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path.split('?').next() == Some(path)
    }

    /// A parameter of the query, undecoded.
    pub fn param(&self, name: &str) -> Option<&str> {
        let query = self.path.split_once('?')?.1;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What Cobre answers to a sign-in.
pub const AUTH: &str = r#"{"access_token":"token-1","type":"Bearer","expiration_time":1200}"#;

/// What is done with a connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// These bytes, and the connection stays open for more.
    Answer(Vec<u8>),
    /// These bytes, then the end.
    Cut(Vec<u8>),
    /// These bytes, then nothing, while the client waits.
    Hang(Vec<u8>),
    /// These bytes, then the same piece again and again.
    Endless(Vec<u8>, Vec<u8>),
}

/// When connections are cut before the request is even read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    Never,
    /// Every connection after the first, as soon as it is up.
    Accept,
    /// Every connection after the first, after a part of its head.
    Head,
}

#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start(act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        Self::cutting(Early::Never, act).await
    }

    /// Gives a token to whoever asks, at either provider, and answers the rest so.
    pub async fn signed_in(act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        Self::start(move |asked| match asked.path.as_str() {
            "/v1/auth" => json(200, AUTH),
            "/token/refresh/" => json(200, r#"{"access":"a.b.c"}"#),
            _ => act(asked),
        })
        .await
    }

    pub async fn cutting(early: Early, act: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (act, log) = (Arc::new(act), Arc::clone(&asked));
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                accepted.fetch_add(1, Ordering::Relaxed);
                let early = if connection == 0 { Early::Never } else { early };
                if early == Early::Accept {
                    continue;
                }
                let (act, log) = (Arc::clone(&act), Arc::clone(&log));
                tokio::spawn(async move { serve(stream, early, &*act, &log).await.ok() });
            }
        });
        Self { address, asked, connections, task }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub fn count(&self, method: &str, path: &str) -> usize {
        self.asked().iter().filter(|asked| asked.is(method, path)).count()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Stops listening; connections that are up stay so.
    pub fn shut(&self) {
        self.task.abort();
    }
}

async fn serve(
    mut stream: TcpStream,
    early: Early,
    act: &(dyn Fn(&Asked) -> Act + Send + Sync),
    log: &Mutex<Vec<Asked>>,
) -> io::Result<()> {
    let mut held = Vec::new();
    while let Some(asked) = request(&mut stream, &mut held, early).await? {
        let does = act(&asked);
        log.lock().unwrap().push(asked);
        match does {
            Act::Answer(bytes) => stream.write_all(&bytes).await?,
            Act::Cut(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.shutdown().await;
            }
            Act::Hang(bytes) => {
                stream.write_all(&bytes).await?;
                std::future::pending::<()>().await;
            }
            Act::Endless(start, piece) => {
                stream.write_all(&start).await?;
                loop {
                    stream.write_all(&piece).await?;
                }
            }
        }
    }
    Ok(())
}

async fn request(stream: &mut TcpStream, held: &mut Vec<u8>, early: Early) -> io::Result<Option<Asked>> {
    let end = loop {
        if let Some(end) = held.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if early == Early::Head && !held.is_empty() || stream.read_buf(held).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&held[..end]).into_owned();
    let mut asked = Asked { method: String::new(), path: String::new(), head, body: String::new() };
    let length: usize = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    while held.len() < end + 4 + length {
        if stream.read_buf(held).await? == 0 {
            return Ok(None);
        }
    }
    let first = asked.head.lines().next().unwrap_or_default().to_owned();
    let mut words = first.split(' ');
    words.next().unwrap_or_default().clone_into(&mut asked.method);
    words.next().unwrap_or_default().clone_into(&mut asked.path);
    asked.body = String::from_utf8_lossy(&held[end + 4..end + 4 + length]).into_owned();
    held.drain(..end + 4 + length);
    Ok(Some(asked))
}

/// A whole answer.
pub fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub fn json(status: u16, body: &str) -> Act {
    Act::Answer(answer(status, "Content-Type: application/json\r\n", body))
}

/// A list of one page.
pub fn list(rows: &[String]) -> Act {
    json(
        200,
        &format!(
            r#"{{"total_items":{},"total_pages":1,"is_last_page":true,"contents":[{}]}}"#,
            rows.len(),
            rows.join(",")
        ),
    )
}

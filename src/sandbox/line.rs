//! The connections of both servers, each with a handle that can cut it: at once, or after so many
//! bytes of the answer's body. A fault must be a real closed socket, not a polite status.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What may still pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Open,
    /// The head of the next answer and so many bytes of its body.
    HeadAnd(usize),
    Bytes(usize),
    Cut,
}

#[derive(Debug)]
struct State {
    flow: Flow,
    waker: Option<Waker>,
}

/// The handle of one connection; in the extensions of each of its requests.
#[derive(Debug, Clone)]
pub struct Line(Arc<Mutex<State>>);

impl Line {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State { flow: Flow::Open, waker: None })))
    }

    /// Not one more byte in either direction; the socket is closed.
    pub fn cut(&self) {
        self.set(Flow::Cut);
    }

    /// The next answer ends after its head and `body` bytes, and the socket is closed.
    pub fn cut_after_body(&self, body: usize) {
        self.set(Flow::HeadAnd(body));
    }

    fn set(&self, flow: Flow) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.flow = flow;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn flow(&self, context: &Context<'_>) -> Flow {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.waker.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
            state.waker = Some(context.waker().clone());
        }
        state.flow
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().line.clone()
    }
}

/// All lines of one server, so that they can be cut together when it stops.
#[derive(Debug, Clone, Default)]
pub struct Switchboard(Arc<Mutex<Vec<Weak<Mutex<State>>>>>);

impl Switchboard {
    fn add(&self, line: &Line) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&line.0));
    }

    pub fn cut_all(&self) {
        let lines = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for line in lines.iter().filter_map(Weak::upgrade) {
            Line(line).cut();
        }
    }
}

/// A listener whose connections can be cut.
#[derive(Debug)]
pub struct Lines {
    listener: TcpListener,
    board: Switchboard,
}

impl Lines {
    pub fn new(listener: TcpListener, board: Switchboard) -> Self {
        Self { listener, board }
    }
}

impl Listener for Lines {
    type Io = Tap;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Tap, SocketAddr) {
        // axum's own accept waits and tries again when the process is out of descriptors.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small answers may wait for more");
        }
        let line = Line::new();
        self.board.add(&line);
        (Tap { stream, line }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

#[derive(Debug)]
pub struct Tap {
    stream: TcpStream,
    line: Line,
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "cut by the sandbox")
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.flow(context) == Flow::Cut {
            return Poll::Ready(Err(gone()));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let allowed = match self.line.flow(context) {
            Flow::Open => return Pin::new(&mut self.stream).poll_write(context, bytes),
            Flow::Cut => 0,
            Flow::Bytes(left) => left,
            // hyper writes the head of an answer in one piece.
            Flow::HeadAnd(body) => match bytes.windows(4).position(|end| end == b"\r\n\r\n") {
                Some(head) => head.saturating_add(4).saturating_add(body),
                None => body,
            },
        };
        let part = bytes.get(..allowed).unwrap_or(bytes);
        if part.is_empty() {
            self.line.cut();
            return Poll::Ready(Err(gone()));
        }
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(context, part))?;
        self.line.set(match allowed.saturating_sub(written) {
            0 => Flow::Cut,
            left => Flow::Bytes(left),
        });
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

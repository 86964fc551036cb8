//! The line between a person's console and the sandbox. At a byte of a write it kills the console, and after
//! each run it says when the sandbox has nothing of that run left to do. Or it holds payments, so that two leave at
//! the same moment.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::pty::PATIENCE;

/// Where of a write the console is killed: which write of the run, counted from 0, and after how many of its
/// bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trap {
    Up { write: usize, bytes: usize },
    Down { write: usize, bytes: usize },
}

/// Bytes of a write that went up, and of its answer that came down.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    pub up: usize,
    pub down: usize,
}

#[derive(Default)]
struct Run {
    /// The console's process.
    process: Option<u32>,
    trap: Option<Trap>,
    writes: Vec<Size>,
    /// Connections that are carried.
    open: usize,
    /// The port of the last one that was taken.
    last: u16,
    /// Payments are held here until it is said that they may go on.
    holds: bool,
    /// How many are held.
    held: usize,
}

#[derive(Default)]
struct Shared {
    run: Mutex<Run>,
    changed: Condvar,
}

pub struct Line {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Line {
    /// `upstream` is `http://host:port`.
    pub fn to(upstream: &str) -> Self {
        let upstream: SocketAddr = upstream.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::<Shared>::default());
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            while let Ok((client, from)) = listener.accept() {
                let shared = Arc::clone(&all);
                shared.change(|run| (run.open, run.last) = (run.open + 1, from.port()));
                std::thread::spawn(move || {
                    shared.carry(client, upstream);
                    shared.change(|run| run.open -= 1);
                });
            }
        });
        Self { address, shared }
    }

    /// Holds each payment before its first byte goes up.
    pub fn holds(&self) {
        self.shared.change(|run| run.holds = true);
    }

    /// Waits until so many are held.
    pub fn held(&self, count: usize) {
        let run = self.shared.run.lock().unwrap();
        let waited = self.shared.changed.wait_timeout_while(run, PATIENCE, |run| run.held < count).unwrap();
        assert!(!waited.1.timed_out(), "only {} of {count} payments came", waited.0.held);
    }

    /// Lets them all go on.
    pub fn lets_go(&self) {
        self.shared.change(|run| run.holds = false);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Runs a console over this line to its end, and waits until the sandbox has done what came of it.
    pub fn run(&self, command: &mut Command, trap: Option<Trap>) -> (Output, Vec<Size>) {
        // Held until the process is known: a write can't come before.
        let mut run = self.shared.run.lock().unwrap();
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        *run = Run { process: Some(child.id()), trap, open: run.open, ..Run::default() };
        drop(run);
        let output = child.wait_with_output().unwrap();
        // Connections are taken in their order: once this one was, no other of that run is to come.
        let probe = TcpStream::connect(self.address).unwrap();
        let port = probe.local_addr().unwrap().port();
        drop(probe);
        let run = self.shared.run.lock().unwrap();
        let mut run = self.shared.changed.wait_while(run, |run| run.open > 0 || run.last != port).unwrap();
        (output, std::mem::take(&mut run.writes))
    }
}

impl Shared {
    fn change<T>(&self, how: impl FnOnce(&mut Run) -> T) -> T {
        let mut run: MutexGuard<'_, Run> = self.run.lock().unwrap();
        let changed = how(&mut run);
        self.changed.notify_all();
        changed
    }

    /// Kills the console. Whoever calls this passes nothing on any more.
    fn spring(&self) {
        self.change(|run| {
            let process = run.process.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
            // It may have ended by itself a moment ago.
            rustix::process::kill_process(process.unwrap(), rustix::process::Signal::KILL).ok();
        });
    }

    fn carry(&self, mut client: TcpStream, upstream: SocketAddr) {
        let mut piece = [0_u8; 4096];
        let first = client.read(&mut piece).unwrap_or(0);
        let is_write = piece.starts_with(b"POST ") && !piece.starts_with(b"POST /v1/auth");
        if first == 0 {
            return;
        }
        // A write has a connection of its own.
        let write = is_write.then(|| {
            self.change(|run| {
                run.writes.push(Size::default());
                run.writes.len() - 1
            })
        });
        if piece.starts_with(b"POST /v1/money_movements ") {
            self.change(|run| run.held += 1);
            drop(self.changed.wait_while(self.run.lock().unwrap(), |run| run.holds).unwrap());
        }
        let trap = self.run.lock().unwrap().trap;
        let (mut up, mut down) = (usize::MAX, usize::MAX);
        match trap {
            Some(Trap::Up { write: at, bytes }) if Some(at) == write => up = bytes,
            Some(Trap::Down { write: at, bytes }) if Some(at) == write => down = bytes,
            _ => {}
        }
        let mut server = TcpStream::connect(upstream).unwrap();
        std::thread::scope(|both| {
            let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            both.spawn(move || {
                let passed = self.pass(&mut from, &mut to, &[], down);
                self.change(|run| write.map(|at| run.writes.get_mut(at).map(|size| size.down = passed)));
                // What the sandbox says after that goes nowhere, but it has done its work when it ends.
                std::io::copy(&mut from, &mut std::io::sink()).ok();
                to.shutdown(Shutdown::Write).ok();
            });
            let passed = self.pass(&mut client, &mut server, &piece[..first], up);
            self.change(|run| write.map(|at| run.writes.get_mut(at).map(|size| size.up = passed)));
            // A dead console says nothing more.
            std::io::copy(&mut client, &mut std::io::sink()).ok();
            server.shutdown(Shutdown::Write).ok();
        });
    }

    /// Passes bytes on until either end is gone, or the console is killed after `most` of them.
    fn pass(&self, from: &mut TcpStream, to: &mut TcpStream, first: &[u8], most: usize) -> usize {
        let mut piece = [0_u8; 4096];
        let (mut passed, mut here) = (0, first.len());
        piece[..here].copy_from_slice(first);
        loop {
            let take = here.min(most - passed);
            if to.write_all(&piece[..take]).is_err() {
                return passed;
            }
            passed += take;
            if passed == most {
                self.spring();
                return passed;
            }
            here = match from.read(&mut piece) {
                Ok(0) | Err(_) => return passed,
                Ok(read) => read,
            };
        }
    }
}

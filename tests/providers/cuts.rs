//! Lines cut at any byte of an exchange, with the sandbox's ledger as judge: nothing is paid twice,
//! nothing is lost, and nothing stays unknown once it can be asked.
//!
//! `CUADRE_SEED` repeats a run, `CUADRE_CUTS` makes it longer.

use crate::desk::{Home, judged, payment};
use crate::sandbox::Desk;
use cuadre::payments::Outcome;
use cuadre::providers::Provider;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Where a line is cut.
#[derive(Debug, Clone, Copy)]
enum Cut {
    /// As soon as it is up.
    Accept,
    /// After so many bytes of the request.
    Up(usize),
    /// After so many bytes of the answer.
    Down(usize),
}

type Armed = Arc<Mutex<Option<(Cut, oneshot::Sender<()>)>>>;

/// A line between client and sandbox. The next connection is cut as it is told to be.
struct Wire {
    address: SocketAddr,
    armed: Armed,
}

impl Wire {
    async fn to(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, armed) = (listener.local_addr().unwrap(), Armed::default());
        let next = Arc::clone(&armed);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = next.lock().unwrap().take();
                tokio::spawn(async move {
                    carry(client, upstream, cut.as_ref().map(|(cut, _)| *cut)).await;
                    if let Some((_, done)) = cut {
                        done.send(()).ok();
                    }
                });
            }
        });
        Self { address, armed }
    }

    /// Cuts the next connection so; it resolves when the other end has nothing more to do.
    fn cut_next(&self, cut: Cut) -> oneshot::Receiver<()> {
        let (done, ended) = oneshot::channel();
        *self.armed.lock().unwrap() = Some((cut, done));
        ended
    }
}

async fn carry(mut client: TcpStream, upstream: SocketAddr, cut: Option<Cut>) {
    let mut server = match cut {
        Some(Cut::Accept) => return,
        Some(Cut::Up(_) | Cut::Down(_)) | None => TcpStream::connect(upstream).await.unwrap(),
    };
    let Some(cut) = cut else {
        tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
        return;
    };
    let (mut from_server, mut to_server) = server.into_split();
    let (mut from_client, mut to_client) = client.into_split();
    match cut {
        Cut::Accept => {}
        // If the request ends before that, the answer is what is cut off.
        Cut::Up(bytes) => tokio::select! {
            () = pass(&mut from_client, &mut to_server, bytes) => {}
            _ = from_server.readable() => {}
        },
        Cut::Down(bytes) => tokio::select! {
            () = pass(&mut from_server, &mut to_client, bytes) => {}
            () = pass(&mut from_client, &mut to_server, usize::MAX) => {}
        },
    }
    drop((from_client, to_client));
    to_server.shutdown().await.ok();
    // What the sandbox still says goes nowhere, but it has done its work when it ends.
    tokio::io::copy(&mut from_server, &mut tokio::io::sink()).await.ok();
}

/// Passes bytes on, up to a limit or their end.
async fn pass(from: &mut (impl AsyncReadExt + Unpin), to: &mut (impl AsyncWriteExt + Unpin), max: usize) {
    let (mut left, mut piece) = (max, [0_u8; 4096]);
    while left > 0 {
        let take = left.min(piece.len());
        match from.read(&mut piece[..take]).await {
            Ok(0) | Err(_) => return,
            Ok(read) if to.write_all(&piece[..read]).await.is_ok() => left -= read,
            Ok(_) => return,
        }
    }
}

#[tokio::test]
async fn whatever_byte_a_line_is_cut_at_the_ledger_and_the_desk_agree() {
    let read = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = read("CUADRE_SEED").unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let desk = Desk::new().await;
    let upstream = desk.ready().cobre.strip_prefix("http://").unwrap().parse().unwrap();
    let wire = Wire::to(upstream).await;
    let client = desk.cobre_by("maker", &format!("http://{}", wire.address));
    let home = Home::new();
    let (source, destination) = desk.ends(&client).await;
    let mut seen = std::collections::BTreeMap::<&str, usize>::new();

    for number in 0..read("CUADRE_CUTS").unwrap_or(60) {
        let cut = match random.u8(0..10) {
            0 => Cut::Accept,
            1..=5 => Cut::Up(random.usize(0..900)),
            _ => Cut::Down(random.usize(1..1_200)),
        };
        let where_ = format!("seed {seed}, cut {number}, {cut:?}");
        // The limiter's bucket fills by the sandbox's clock.
        desk.advance_seconds(1);
        client.check().await.unwrap();
        let ended = wire.cut_next(cut);
        // An amount of its own: one payment to the same end may be open at a time.
        let answered =
            home.send(&client, payment(&source, &destination, &format!("{},00", 1_000 + number))).await;
        ended.await.unwrap();
        let intent = answered.spent.intent();
        let paid = desk.payments(&intent.external_id().unwrap()).await.len();
        assert!(paid <= 1, "paid twice: {where_}");
        let (name, wanted) = match judged(&answered) {
            Outcome::Sent(_) => ("sent", 1),
            Outcome::NotSent(_) => ("not sent", 0),
            Outcome::Rejected(_) => ("rejected", 0),
            Outcome::Unknown(_) => {
                let entry = home.store.entry(intent.id()).await.unwrap().unwrap();
                let found = client.find_sent(&entry).await.unwrap();
                assert!(found.whole && found.matches.iter().all(|found| found.same), "{where_} {found:?}");
                ("unknown", found.matches.len())
            }
        };
        assert_eq!(paid, wanted, "{name}: {where_}");
        *seen.entry(name).or_default() += 1;
    }
    // Both kinds were there, or the test shows nothing.
    assert!(seen.contains_key("unknown"), "seed {seed}, {seen:?}");
}

//! The laboratory: faults for the sandbox of this very desk, asked for over its control address.

use crate::console::effect::Lab;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Longer than a sandbox on this machine takes.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is sent for a fault: method and body of `{control}/faults`.
const fn request(lab: Lab) -> (&'static str, &'static str) {
    match lab {
        Lab::Slow => ("POST", r#"{"fault":"delay_ms:3000","times":20}"#),
        Lab::TooMany => ("POST", r#"{"fault":"status:429","times":6,"method":"GET"}"#),
        Lab::CutAfterSend => {
            ("POST", r#"{"fault":"cut_after","times":1,"method":"POST","path":"/v1/money_movements"}"#)
        }
        Lab::Changed => (
            "POST",
            r#"{"fault":"alter:amount=987654321","times":1,"method":"GET","path":"/v1/money_movements"}"#,
        ),
        Lab::Offline => ("POST", r#"{"fault":"cut_before","times":30}"#),
        Lab::Clear => ("DELETE", ""),
    }
}

/// Asks the sandbox. `control` is its control address.
pub fn inject(control: &str, lab: Lab) -> io::Result<()> {
    let bad = || io::Error::from(io::ErrorKind::InvalidInput);
    let (host, path) =
        control.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or_else(bad)?;
    let (method, body) = request(lab);
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    write!(
        stream,
        "{method} /{path}/faults HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    if head.starts_with(b"HTTP/1.1 2") { Ok(()) } else { Err(io::Error::other("the sandbox refused")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{self, Options, Sandbox};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_sandbox_takes_every_fault_of_the_laboratory() {
        let sandbox = sandbox::start(Options::default()).await.unwrap();
        let control = sandbox.ready().control.clone();
        let all = [Lab::Slow, Lab::TooMany, Lab::CutAfterSend, Lab::Changed, Lab::Offline];
        for (lab, n) in all.into_iter().zip(1..) {
            let control = control.clone();
            tokio::task::spawn_blocking(move || inject(&control, lab)).await.unwrap().unwrap();
            assert_eq!(sandbox.world().faults.orders().count(), n, "{lab:?}");
        }
        tokio::task::spawn_blocking(move || inject(&control, Lab::Clear)).await.unwrap().unwrap();
        assert_eq!(sandbox.world().faults.orders().count(), 0);
        Sandbox::stop(sandbox).await;
    }
}

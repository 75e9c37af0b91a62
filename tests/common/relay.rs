//! A relay between a client and a server that can cut connections, at chosen moments,
//! and hold back what is under way.
#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of what comes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// All of it arrives.
    Pass,
    /// Requests arrive; what the server answers is thrown away, and the connection is cut
    /// with it: the client never learns what happened.
    CutAnswers,
    /// Requests arrive; answers are held back until the fate is another one.
    HoldAnswers,
    /// Nothing arrives, and connections are cut: the server is out of reach.
    Refuse,
}

/// On a port of its own, to the server on another one.
pub(crate) struct Relay {
    port: u16,
    fate: Arc<watch::Sender<Fate>>,
    task: JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn start(to: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fate = Arc::new(watch::Sender::new(Fate::Pass));
        let of_each = Arc::clone(&fate);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let fate = of_each.subscribe();
                if *fate.borrow() == Fate::Refuse {
                    continue;
                }
                tokio::spawn(carry(client, to, fate));
            }
        });
        Self { port, fate, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, fate: Fate) {
        self.fate.send_replace(fate);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(client: TcpStream, to: u16, fate: watch::Receiver<Fate>) {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, to));
    let Ok(server) = TcpStream::connect(to).await else {
        return;
    };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let requests = tokio::spawn(requests(from_client, to_server, fate.clone()));
    answers(from_server, to_client, fate).await;
    // What was sent before the cut is on its way to the server; let it arrive.
    tokio::time::sleep(Duration::from_millis(20)).await;
    requests.abort();
}

async fn requests(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut fate: watch::Receiver<Fate>,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            _ = fate.wait_for(|fate| *fate == Fate::Refuse) => return,
        };
        match read {
            Ok(read) if read > 0 => {
                if to.write_all(&bytes[..read]).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut fate: watch::Receiver<Fate>) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            _ = fate.wait_for(|fate| *fate == Fate::Refuse) => return,
        };
        let Ok(read @ 1..) = read else { return };
        let Ok(now) = fate
            .wait_for(|fate| *fate != Fate::HoldAnswers)
            .await
            .map(|now| *now)
        else {
            return;
        };
        if now != Fate::Pass || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

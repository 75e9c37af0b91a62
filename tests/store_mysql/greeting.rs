//! A relay that changes what the server says of itself when a client connects.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(crate) struct Greeting {
    port: u16,
    task: JoinHandle<()>,
}

/// Rows affected are those found, not those changed: a capability of the low bytes.
const FOUND_ROWS: u8 = 2;
/// What stands between the server's version and its capabilities.
const BETWEEN: usize = 4 + 8 + 1;

impl Greeting {
    pub(crate) async fn without_found_rows(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(carry(client, server));
            }
        });
        Self { port, task }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Greeting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn carry(mut client: TcpStream, server: u16) {
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, server));
    let mut server = TcpStream::connect(server).await.unwrap();
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let mut head = [0; 4];
    server.read_exact(&mut head).await.unwrap();
    let length = usize::from(head[0]) + usize::from(head[1]) * 256;
    let mut greeting = vec![0; length];
    server.read_exact(&mut greeting).await.unwrap();
    let version = greeting.iter().skip(1).position(|byte| *byte == 0).unwrap() + 2;
    greeting[version + BETWEEN] &= !FOUND_ROWS;
    client.write_all(&head).await.unwrap();
    client.write_all(&greeting).await.unwrap();
    // Either side may go away at any time.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

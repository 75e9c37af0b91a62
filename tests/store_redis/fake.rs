//! A server that says what a test wants: versions and states that cannot be had here.

use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::connect;

/// Of a server that suits the store.
pub(crate) const GOOD_INFO: &str = "redis_version:7.0.15\r\nrole:master\r\n\
     maxmemory_policy:noeviction\r\naof_enabled:1\r\n";

/// To a server that answers INFO so, and every step of the store with this line.
pub(crate) async fn fake(info: &'static str, answer: &'static str) -> MultiplexedConnection {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, Arc::from(info), answer));
        }
    });
    connect(port).await
}

async fn serve(client: TcpStream, info: Arc<str>, answer: &'static str) {
    let mut client = BufReader::new(client);
    while let Some(words) = command(&mut client).await {
        let answer = match words[0].as_str() {
            "INFO" => format!("${}\r\n{info}\r\n", info.len()),
            "CONFIG" => "*2\r\n$11\r\nappendfsync\r\n$6\r\nalways\r\n".to_owned(),
            "EVAL" | "EVALSHA" | "SET" => format!("{answer}\r\n"),
            _ => "+OK\r\n".to_owned(),
        };
        if client.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn command(client: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let number = async |client: &mut BufReader<TcpStream>| -> Option<usize> {
        let mut line = String::new();
        client.read_line(&mut line).await.ok()?;
        line.trim_end().get(1..)?.parse().ok()
    };
    let mut words = Vec::new();
    for _ in 0..number(client).await? {
        let mut word = vec![0; number(client).await? + 2];
        client.read_exact(&mut word).await.ok()?;
        word.truncate(word.len() - 2);
        words.push(String::from_utf8_lossy(&word).into_owned());
    }
    Some(words)
}

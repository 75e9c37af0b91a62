//! Requests per second of an axum route over loopback: bare, with a check by hand, with
//! the layer, and with a peer whose program is named by `--peer PROGRAM` (build
//! `benches/peers`). Each is a process of its own. They take turns of a fixed number of
//! requests that were signed before, over the same number of connections; medians over
//! the turns are printed, and of the ratios within a turn.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark"
)]

use std::io::{BufRead, BufReader, IoSlice, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::Instant;
use std::{env, fs};

use axum::serve::ListenerExt;
use contenders::{Contender, Deliveries};
use tokio::net::TcpListener;

#[path = "contenders.rs"]
mod contenders;

const CONNECTIONS: usize = 8;
/// Body bytes, and requests per connection and turn: about 50 ms.
const SIZES: [(usize, usize); 2] = [(1024, 250), (64 * 1024, 60)];

fn main() {
    let arguments: Vec<_> = env::args().collect();
    let behind = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1).cloned()
    };
    if let Some(name) = behind("--serve") {
        let mut all = Contender::ALL.into_iter();
        return serve(all.find(|contender| contender.name() == name).unwrap());
    }
    let is_short = arguments.iter().any(|argument| argument == "--short");
    let mut servers: Vec<_> = Contender::ALL
        .map(|contender| {
            Server::start(
                contender.name(),
                &arguments[0],
                &["--serve", contender.name()],
            )
        })
        .into();
    if let Some(program) = behind("--peer") {
        servers.push(Server::start("peer", &program, &[]));
    }
    let rounds = if is_short { 5 } else { 101 };
    for (bytes, requests) in SIZES {
        measure(&mut servers, &mut Deliveries::of(bytes), requests, rounds);
    }
    println!();
}

/// A contender's process, and the connections to it.
struct Server {
    name: &'static str,
    process: Child,
    connections: Vec<Connection>,
}

impl Server {
    fn start(name: &'static str, program: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(program)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        let mut told = BufReader::new(process.stdout.take().unwrap());
        told.read_line(&mut port).unwrap();
        let port: u16 = port.trim().parse().unwrap();
        let connections = (0..CONNECTIONS).map(|_| Connection::to(port)).collect();
        Self {
            name,
            process,
            connections,
        }
    }

    /// Sends so many requests over each connection: requests per second, and
    /// microseconds of processor time in the server per request.
    fn turn(&mut self, deliveries: &mut Deliveries, requests: usize) -> Turn {
        let mut heads = || -> Vec<_> { (0..requests).map(|_| head(deliveries)).collect() };
        let heads: Vec<_> = (0..CONNECTIONS).map(|_| heads()).collect();
        let body = deliveries.body();
        let (start, pid) = (Barrier::new(CONNECTIONS + 1), self.process.id());
        let (took, used) = thread::scope(|scope| {
            for (connection, heads) in self.connections.iter_mut().zip(&heads) {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    heads.iter().for_each(|head| connection.send(head, body));
                    start.wait();
                });
            }
            let before = processor_time(pid);
            start.wait();
            let began = Instant::now();
            start.wait();
            (began.elapsed(), processor_time(pid) - before)
        });
        let requests = (requests * CONNECTIONS) as f64;
        Turn {
            per_second: requests / took.as_secs_f64(),
            processor_us: used / 1000.0 / requests,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Turn {
    per_second: f64,
    processor_us: f64,
}

fn measure(servers: &mut [Server], deliveries: &mut Deliveries, requests: usize, rounds: usize) {
    let mut turns: Vec<Vec<Turn>> = Vec::new();
    for round in 0..=rounds {
        let mut turn: Vec<_> = servers.iter().map(|_| None).collect();
        for step in 0..servers.len() {
            let at = (round + step) % servers.len();
            turn[at] = Some(servers[at].turn(deliveries, requests));
        }
        turns.push(turn.into_iter().flatten().collect());
    }
    // The first warms up.
    turns.remove(0);
    let bytes = deliveries.body().len();
    println!("\nbody of {bytes} bytes, {CONNECTIONS} connections, medians of {rounds} turns");
    println!(
        "{:<10}{:>12}{:>12}{:>12}{:>16}",
        "", "requests/s", "of bare", "of by hand", "processor, µs"
    );
    for (at, server) in servers.iter().enumerate() {
        let ratio = |to: usize| {
            median(
                turns
                    .iter()
                    .map(|turn| turn[at].per_second / turn[to].per_second),
            )
        };
        println!(
            "{:<10}{:>12.0}{:>12.3}{:>12.3}{:>16.2}",
            server.name,
            median(turns.iter().map(|turn| turn[at].per_second)),
            ratio(0),
            ratio(1),
            median(turns.iter().map(|turn| turn[at].processor_us)),
        );
    }
}

/// One connection that is kept, as a provider's or a proxy's are.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            buffer: vec![0; 4096],
        }
    }

    fn send(&mut self, head: &[u8], body: &[u8]) {
        let both = [IoSlice::new(head), IoSlice::new(body)];
        let sent = self.stream.write_vectored(&both).unwrap();
        if let Some(more) = head.get(sent..) {
            self.stream.write_all(more).unwrap();
        }
        let rest = &body[sent.saturating_sub(head.len())..];
        self.stream.write_all(rest).unwrap();
        let mut length = 0;
        // All of them answer without a body.
        while !self.buffer[..length].ends_with(b"\r\n\r\n") {
            let read = self.stream.read(&mut self.buffer[length..]).unwrap();
            assert!(read > 0, "the server hung up");
            length += read;
        }
        assert!(self.buffer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

/// The head of a request that no other is like.
fn head(deliveries: &mut Deliveries) -> Vec<u8> {
    let length = deliveries.body().len();
    let mut head = format!("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n");
    for (name, value) in deliveries.next() {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// How long the threads of a process have run so far, in nanoseconds (Linux, else 0).
fn processor_time(pid: u32) -> f64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return 0.0;
    };
    let ran = threads.flatten().filter_map(|thread| {
        let told = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split(' ').next()?.parse::<f64>().ok()
    });
    ran.sum()
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn serve(contender: Contender) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        axum::serve(listener, contender.router()).await.unwrap();
    });
}

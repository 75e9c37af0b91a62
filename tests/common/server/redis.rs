//! A Redis server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use super::clock::Clock;
use super::folder::Folder;
use super::process::{Launch, Process, program};

pub(crate) struct Redis {
    pub(crate) process: Process,
    port: u16,
}

const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

impl Redis {
    /// Durable: every write is in the log before it is confirmed.
    pub(crate) fn start() -> Self {
        Self::with(DURABLE)
    }

    /// With these arguments only, and a port.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::launch(arguments, None)
    }

    /// Durable, and living by this clock.
    pub(crate) fn under(clock: &Clock) -> Self {
        Self::launch(DURABLE, Some(clock))
    }

    fn launch(arguments: &[&str], clock: Option<&Clock>) -> Self {
        let port = super::free_port();
        let folder = Folder::new();
        let given = format!("--port {port} --bind 127.0.0.1 --save --daemonize no");
        // An empty word after `--save` turns snapshots off.
        let given = given.split(' ').flat_map(|word| match word {
            "--save" => vec![word.to_owned(), String::new()],
            word => vec![word.to_owned()],
        });
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        let launch = Launch {
            name: "redis-server",
            program: program("redis-server", &["/usr/bin"], "redis-server"),
            arguments: given.chain(arguments).collect(),
            user: None,
            clock,
        };
        let process = Process::start(launch, folder, move || is_ready(port));
        Self { process, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
}

/// Answers, and has read its log.
fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let wait = Some(Duration::from_secs(1));
    stream.set_read_timeout(wait).unwrap();
    let mut answer = [0; 64];
    let asked = stream.write_all(b"PING\r\n");
    match asked.and_then(|()| stream.read(&mut answer)) {
        Ok(bytes) => {
            answer[..bytes].starts_with(b"+PONG") || answer[..bytes].starts_with(b"-NOAUTH")
        }
        Err(_) => false,
    }
}

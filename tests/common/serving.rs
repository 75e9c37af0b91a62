//! The example `receiver` with `--serve`, on a port of its own choice.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::program;

pub(crate) struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    /// Endpoints of schemes, each with the variable of its secret, and more arguments.
    pub(crate) fn start(schemes: &[(&str, &str, &str)], more: &[&str]) -> Self {
        let mut command = Command::new(program::build("receiver"));
        command.args(["--serve", "--listen", "127.0.0.1:0"]);
        command.args(more);
        for (scheme, variable, secret) in schemes {
            command.args(["--scheme", scheme, "--secret-env", variable]);
            command.env(variable, secret);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("http://")?;
            Some(rest.split_once("/metrics")?.0.to_owned())
        });
        // The rest is read, so that the example never waits for a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            address: address.unwrap(),
        }
    }

    /// The status that a delivery is answered with.
    pub(crate) fn post(&self, path: &str, headers: &[(String, String)], body: &[u8]) -> u16 {
        self.ask("POST", path, headers, body).0
    }

    /// What a GET is answered with.
    #[allow(dead_code, reason = "each test takes what it needs")]
    pub(crate) fn page(&self, path: &str) -> String {
        let (status, answer) = self.ask("GET", path, &[], b"");
        assert_eq!(status, 200, "{answer}");
        answer
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"\r\n").unwrap();
        // What is refused by its head may be answered before its body was read.
        let _ = stream.write_all(body);
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

//! PgBouncer in transaction mode: a connection to the server belongs to a client for no
//! longer than a transaction.

use std::net::{Ipv4Addr, TcpStream};

use super::Postgres;
use super::process::{Launch, Process, folder_for, program, servant};

pub(crate) struct Pgbouncer {
    pub(crate) process: Process,
    port: u16,
}

impl Pgbouncer {
    /// Before this server, with so many connections to it.
    pub(crate) fn start(server: &Postgres, connections: u32) -> Self {
        let port = super::free_port();
        let user = servant(&["postgres"]);
        let folder = folder_for(user);
        let path = folder.path().display();
        let settings = format!(
            "[databases]
* = host=127.0.0.1 port={} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir = {path}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
",
            server.port()
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        let launch = Launch {
            name: "pgbouncer",
            program: program("pgbouncer", &["/usr/sbin", "/usr/bin"], "pgbouncer"),
            arguments: vec![file.display().to_string()],
            user,
            clock: None,
        };
        let is_ready = move || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let process = Process::start(launch, folder, is_ready);
        Self { process, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

//! The example's process: built, started, killed.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::server::{Folder, free_port};

pub(crate) const SECRET: &str = "whsec_dGVzdCBvZiB0aGUgZXhhbXBsZSBpbmJveA==";

pub(crate) struct Example {
    store: String,
    address: SocketAddr,
    child: Child,
    folder: Folder,
}

impl Example {
    /// With its books there, on a port of its own.
    pub(crate) fn start(store: &str) -> Self {
        let folder = Folder::new();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let child = spawn(store, address, folder.path());
        Self {
            store: store.to_owned(),
            address,
            child,
            folder,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/payments", self.address)
    }

    /// `kill -9`, and at once another one.
    pub(crate) fn kill_and_restart(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = spawn(&self.store, self.address, self.folder.path());
    }

    /// Until it takes connections. One that ended by itself, since its database was away,
    /// is started again, as a supervisor would.
    pub(crate) async fn wait(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if self.child.try_wait().unwrap().is_some() {
                self.child = spawn(&self.store, self.address, self.folder.path());
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the example does not serve:\n{}",
                std::fs::read_to_string(self.folder.path().join("log")).unwrap()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(store: &str, address: SocketAddr, folder: &Path) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(folder.join("log"));
    Command::new(program())
        .args(["--serve", "--secret-env", "INBOX_SECRET", "--store", store])
        .args(["--listen", &address.to_string()])
        .env("INBOX_SECRET", SECRET)
        .env("RUST_LOG", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.unwrap())
        .spawn()
        .unwrap()
}

fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| crate::program::build("inbox"))
}

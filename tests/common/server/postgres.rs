//! A PostgreSQL server.

use std::path::PathBuf;
use std::process::Command;

use super::clock::Clock;
use super::process::{Launch, Process, folder_for, program, servant};
use super::template::Template;

pub(crate) struct Postgres {
    pub(crate) process: Process,
    port: u16,
}

impl Postgres {
    /// As it comes: commits wait for the disk. Everybody may connect.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With these settings (`name=value`) beside its own.
    pub(crate) fn with(settings: &[&str]) -> Self {
        Self::launch(settings, None)
    }

    /// Living by this clock.
    pub(crate) fn under(clock: &Clock) -> Self {
        Self::launch(&[], Some(clock))
    }

    fn launch(settings: &[&str], clock: Option<&Clock>) -> Self {
        static TEMPLATE: Template = Template::new();
        let port = super::free_port();
        let user = servant(&["postgres"]);
        let folder = folder_for(user);
        let data = folder.path().join("data");
        TEMPLATE.copy(&data, user, |data| {
            let mut command = Command::new(binary("initdb"));
            command.args(["--no-sync", "--auth=trust", "--username=postgres"]);
            command
                .args(["--encoding=UTF8", "--no-locale", "-D"])
                .arg(data);
            command
        });
        let own = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
            format!("unix_socket_directories={}", folder.path().display()),
        ];
        let settings = settings.iter().map(|&setting| setting.to_owned());
        let mut arguments = vec!["-D".to_owned(), data.display().to_string()];
        for setting in own.into_iter().chain(settings) {
            arguments.extend(["-c".to_owned(), setting]);
        }
        let is_ready = move || {
            let mut asked = Command::new(binary("pg_isready"));
            asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
            asked.status().is_ok_and(|status| status.success())
        };
        let launch = Launch {
            name: "postgres",
            program: binary("postgres"),
            arguments,
            user,
            clock,
        };
        let process = Process::start(launch, folder, is_ready);
        Self { process, port }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// As the superuser, without a password.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

/// Debian keeps them out of the path, by version.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter();
    let mut folders: Vec<_> = versions
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin").display().to_string()))
        .collect();
    folders.sort();
    let folders: Vec<_> = folders.iter().rev().map(String::as_str).collect();
    program(name, &folders, "postgresql")
}

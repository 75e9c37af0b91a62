//! A MariaDB server.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection};

use super::clock::Clock;
use super::process::{Launch, Process, folder_for, program, servant};
use super::template::Template;

pub(crate) struct Mariadb {
    pub(crate) process: Process,
    port: u16,
}

/// As it comes, the log is most of what a new server has to copy.
const SMALL_LOG: &str = "--innodb-log-file-size=8M";

/// What a killed server had handed to the kernel by `io_uring` may still be written when the
/// next one reads its files: by then they are damaged.
const NO_LATE_WRITES: &str = "--innodb-use-native-aio=0";

/// A database of its own, and a way in that needs no name look-up.
const SET_UP: &str = "CREATE DATABASE IF NOT EXISTS countersign;
CREATE USER IF NOT EXISTS root@127.0.0.1;
GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;
";

impl Mariadb {
    /// As it comes: commits wait for the disk.
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With these arguments beside its own.
    pub(crate) fn with(arguments: &[&str]) -> Self {
        Self::launch(arguments, None)
    }

    /// Living by this clock.
    pub(crate) fn under(clock: &Clock) -> Self {
        Self::launch(&[], Some(clock))
    }

    fn launch(arguments: &[&str], clock: Option<&Clock>) -> Self {
        static TEMPLATE: Template = Template::new();
        let port = super::free_port();
        let user = servant(&["mysql"]);
        let folder = folder_for(user);
        let data = folder.path().join("data");
        TEMPLATE.copy(&data, user, |data| {
            let mut command = Command::new(binary("mariadb-install-db"));
            command.args(["--no-defaults", "--skip-test-db", SMALL_LOG]);
            command.arg("--auth-root-authentication-method=normal");
            command.arg(format!("--datadir={}", data.display()));
            command
        });
        let set_up = folder.path().join("set-up.sql");
        std::fs::write(&set_up, SET_UP).unwrap();
        let own = [
            "--no-defaults".to_owned(),
            format!("--datadir={}", data.display()),
            format!("--port={port}"),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--socket={}", folder.path().join("socket").display()),
            format!("--pid-file={}", folder.path().join("pid").display()),
            format!("--init-file={}", set_up.display()),
            "--skip-name-resolve".to_owned(),
            SMALL_LOG.to_owned(),
            NO_LATE_WRITES.to_owned(),
        ];
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        let is_ready = move || {
            let mut asked = Command::new(binary("mariadb-admin"));
            asked.args(["--no-defaults", "--user=root", "--host=127.0.0.1"]);
            asked.args([&format!("--port={port}"), "ping"]);
            asked.stdout(Stdio::null()).stderr(Stdio::null());
            asked.status().is_ok_and(|status| status.success())
        };
        let launch = Launch {
            name: "mariadbd",
            program: binary("mariadbd"),
            arguments: own.into_iter().chain(arguments).collect(),
            user,
            clock,
        };
        let process = Process::start(launch, folder, is_ready);
        Self { process, port }
    }

    /// An empty database on the server that the tests of a program share.
    pub(crate) async fn database() -> MySqlConnectOptions {
        static SHARED: OnceLock<Mariadb> = OnceLock::new();
        static MADE: AtomicU32 = AtomicU32::new(0);
        let server = SHARED.get_or_init(Self::start);
        let options: MySqlConnectOptions = server.url().parse().unwrap();
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::SeqCst));
        let mut root = MySqlConnection::connect_with(&options).await.unwrap();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::raw_sql(create).execute(&mut root).await.unwrap();
        root.close().await.unwrap();
        options.database(&name)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// As root, without a password, in a database that is there.
    pub(crate) fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/countersign", self.port)
    }
}

fn binary(name: &str) -> PathBuf {
    program(name, &["/usr/sbin", "/usr/bin"], "mariadb-server")
}

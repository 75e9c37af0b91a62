//! The scripts, and how one is called.

use alloc::string::String;
use std::sync::LazyLock;

use redis::aio::ConnectionLike;
use redis::{Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use sha1::{Digest, Sha1};

/// A script of one key.
pub(super) struct Script {
    text: &'static str,
    name: String,
}

pub(super) static CLAIM: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("claim.lua")));
pub(super) static RENEW: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("renew.lua")));
pub(super) static COMPLETE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("complete.lua")));
pub(super) static RELEASE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("release.lua")));

impl Script {
    fn new(text: &'static str) -> Self {
        let name = hex::encode(Sha1::digest(text));
        Self { text, name }
    }

    /// By its name; with its text where the server has not seen it, or has forgotten it.
    /// The key leads both to the same node of a cluster.
    pub(super) async fn call(
        &self,
        connection: &mut (impl ConnectionLike + Send),
        key: &[u8],
        arguments: &[&[u8]],
    ) -> Result<Value, RedisError> {
        match send(connection, "EVALSHA", &self.name, key, arguments).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                send(connection, "EVAL", self.text, key, arguments).await
            }
            answer => answer,
        }
    }
}

async fn send(
    connection: &mut (impl ConnectionLike + Send),
    command: &str,
    script: &str,
    key: &[u8],
    arguments: &[&[u8]],
) -> Result<Value, RedisError> {
    let bytes = arguments.iter().map(|argument| argument.len()).sum();
    let mut call = Cmd::with_capacity(
        arguments.len().saturating_add(4),
        script.len().saturating_add(key.len()).saturating_add(bytes),
    );
    call.arg(command).arg(script).arg("1").arg(key);
    for argument in arguments {
        call.arg(*argument);
    }
    call.query_async(connection).await
}

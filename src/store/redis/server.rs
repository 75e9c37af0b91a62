//! What is asked of a server before the store uses it.

use alloc::string::String;
use alloc::vec::Vec;
use std::collections::HashMap;

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, Value};

use super::fault::{Fault, Kind};

/// The server, or each primary of a cluster.
pub(super) struct Server {
    nodes: Vec<Node>,
    syncs_always: bool,
}

/// What one of them says of itself.
struct Node(String);

/// When the log is synced, and whether that is put off while it is written anew.
const WHEN: &str = "appendfsync";
const PAUSED: &str = "no-appendfsync-on-rewrite";
/// `SET … NX GET` came with it.
const OLDEST_VERSION: u32 = 7;

impl Server {
    /// Asks the server; a cluster's connection asks every primary.
    pub(super) async fn ask(connection: &mut (impl ConnectionLike + Send)) -> Result<Self, Fault> {
        let nodes = match redis::cmd("INFO").query_async(connection).await? {
            Value::Map(answers) => answers
                .into_iter()
                .map(|(_, answer)| Node::read(answer))
                .collect::<Result<_, _>>()?,
            answer => alloc::vec![Node::read(answer)?],
        };
        let config = redis::cmd("CONFIG").arg(&["GET", WHEN, PAUSED]).take();
        let settings: Result<HashMap<String, String>, _> = config.query_async(connection).await;
        let syncs_always = match settings {
            Ok(settings) => {
                let is = |name, value: &str| settings.get(name).is_some_and(|it| it == value);
                is(WHEN, "always") && !is(PAUSED, "yes")
            }
            Err(error) if error.kind() == ErrorKind::Io => return Err(error.into()),
            // Hosted servers mostly forbid it.
            Err(_) => false,
        };
        Ok(Self {
            nodes,
            syncs_always,
        })
    }

    /// Whether claims can be kept here.
    pub(super) fn check(&self, allow_eviction: bool) -> Result<(), Fault> {
        for node in &self.nodes {
            let version = node.field("redis_version").unwrap_or_default();
            let version = version.split('.').next().and_then(|it| it.parse().ok());
            if version.is_some_and(|version: u32| version < OLDEST_VERSION) {
                return Err(Kind::Old.into());
            }
            if node.field("role") == Some("slave") {
                return Err(Kind::Replica.into());
            }
            match node.field("maxmemory_policy") {
                _ if allow_eviction => {}
                Some("noeviction") => {}
                Some(_) => return Err(Kind::Evicts.into()),
                None => return Err(Kind::NoPolicy.into()),
            }
        }
        Ok(())
    }

    /// Whether each write is on the disk before it is confirmed. A cluster's connection
    /// cannot ask each node for that.
    pub(super) fn is_durable(&self) -> bool {
        match self.nodes.as_slice() {
            [node] => node.field("aof_enabled") == Some("1") && self.syncs_always,
            _ => false,
        }
    }
}

impl Node {
    fn read(answer: Value) -> Result<Self, Fault> {
        let answer = answer.extract_error()?;
        let text = redis::from_redis_value(answer).map_err(RedisError::from)?;
        Ok(Self(text))
    }

    fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.lines().filter_map(|line| line.split_once(':'));
        fields.find_map(|(field, value)| (field == name).then_some(value.trim_end()))
    }
}

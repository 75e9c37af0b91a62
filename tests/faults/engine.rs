//! The engines, each with a server of its own or a file.

use countersign::StoreError;
use countersign::store::SqliteStore;

use crate::server::{Clock, Folder, Process};
use crate::steps::{Boxed, patiently};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
}

/// An engine that is running.
pub(crate) enum Engine {
    Sqlite(Folder),
}

impl Engine {
    pub(crate) fn start(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(Folder::for_user(None)),
        }
    }

    pub(crate) fn under(kind: Kind, clock: &Clock) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(Folder::for_user(None)),
        }
    }

    pub(crate) async fn open(&self) -> Boxed {
        let url = self.url();
        patiently(|| open(&url)).await
    }

    /// What [`open`] takes.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}/claims.sqlite", folder.path().display()),
        }
    }

    /// The same at another port.
    pub(crate) fn url_at(&self, port: u16) -> String {
        self.url()
            .replace(&format!(":{}/", self.port()), &format!(":{port}/"))
    }

    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::Sqlite(_) => panic!("a file has no port"),
        }
    }

    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::Sqlite(_) => panic!("a file has no process"),
        }
    }
}

/// The store at this address, as a user opens it.
pub(crate) async fn open(url: &str) -> Result<Boxed, StoreError> {
    let (kind, place) = url.split_once(':').unwrap();
    Ok(match kind {
        "sqlite" => Box::new(SqliteStore::open(place).await?),
        other => panic!("{other}"),
    })
}

//! What an adapter's driver does: serve a site.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use countersign::adapter::Endpoints;
use countersign::store::MemoryStore;
use countersign::{Receipt, Receiver};

use super::application::{Answer, Application, Delivered};

/// Serves a site on a free port of the loopback, by one adapter.
pub(crate) trait Driver {
    fn serve(site: Arc<Site>) -> impl Future<Output = Server>;
}

/// A running server. Dropped, it may go on until the test ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Stops gracefully: accepts no more, and ends when all that began has ended.
    pub(crate) stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

pub(crate) type Store = Arc<MemoryStore>;

/// What is served: receivers, and an application behind them.
///
/// A driver hands what the adapter lets through to [`run`](Self::run), and notes the
/// receipt in each response's extensions with [`note`](Self::note).
pub(crate) struct Site {
    pub(crate) receivers: Receivers,
    /// Whether a middleware stands before the adapter that parses JSON and prints it again
    /// ([`printed_again`]).
    pub(crate) prints_json_again: bool,
    pub(crate) application: Application,
    pub(crate) runs: AtomicU32,
    pub(crate) delivered: Mutex<Vec<Delivered>>,
    pub(crate) receipts: Mutex<Vec<Receipt>>,
}

#[derive(Clone)]
pub(crate) enum Receivers {
    /// One for every path.
    Every(Receiver<Store>),
    /// By the name that follows this prefix in the path.
    Under(&'static str, Vec<(&'static str, Receiver<Store>)>),
}

impl Site {
    /// Runs the application on what an adapter let through.
    pub(crate) fn run(&self, delivered: Delivered) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.delivered.lock().unwrap().push(delivered.clone());
        (self.application)(delivered)
    }

    /// Notes the receipt that a response carries in its extensions, if it does.
    pub(crate) fn note(&self, receipt: Option<&Receipt>) {
        self.receipts.lock().unwrap().extend(receipt.cloned());
    }
}

impl Receivers {
    pub(crate) fn endpoints(&self) -> Endpoints<Store> {
        match self {
            Self::Every(receiver) => receiver.clone().into(),
            Self::Under(prefix, named) => named
                .iter()
                .fold(Endpoints::under(*prefix), |endpoints, (name, receiver)| {
                    endpoints.with(*name, receiver.clone())
                }),
        }
    }
}

/// What a middleware makes of a JSON body that it parses and prints again.
pub(crate) fn printed_again(body: &[u8]) -> Vec<u8> {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap();
    serde_json::to_vec(&value).unwrap()
}

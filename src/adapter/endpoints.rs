//! The receivers of one service: one, or one for each name in the path.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::fmt;

use crate::Receiver;

/// The receivers that an adapter carries deliveries to: one for every path, or one for
/// each name that follows a prefix of the path.
///
/// Each has caps, keys and terms of its own. They share the *type* of their store:
/// receivers with stores of several kinds hold them as
/// `Box<dyn countersign::store::DynStore>`. Two accounts of one provider need two
/// [`endpoint`](crate::ReceiverBuilder::endpoint)s, or, in one store, the events of one
/// are duplicates of the other's.
///
/// ```
/// use countersign::adapter::Endpoints;
/// use countersign::scheme::catalogue::{SHOPIFY, STRIPE};
/// use countersign::store::MemoryStore;
/// use countersign::{KeyRing, Receiver, Verifier};
/// use std::sync::Arc;
///
/// let store = Arc::new(MemoryStore::with_capacity(100_000));
/// let receiver = |name, scheme, secret| {
///     let verifier = Verifier::new(scheme, &KeyRing::new().with("current", secret)?)?;
///     Receiver::builder(verifier, Arc::clone(&store)).endpoint(name).build()
/// };
/// let endpoints = Endpoints::under("/webhooks")
///     .with("stripe-eu", receiver("eu", STRIPE, "whsec_test_secret_of_the_docs")?)
///     .with("stripe-us", receiver("us", STRIPE, "whsec_another_secret_of_the_docs")?)
///     .with("shopify", receiver("", SHOPIFY, "hush-hush-hush-hush")?);
/// assert!(endpoints.find("/webhooks/stripe-us").is_some());
/// assert!(endpoints.find("/webhooks/shopify/orders").is_some());
/// assert!(endpoints.find("/webhooks/github").is_none());
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[must_use]
pub struct Endpoints<S>(Which<S>);

enum Which<S> {
    Every(Receiver<S>),
    Named {
        prefix: String,
        receivers: BTreeMap<String, Receiver<S>>,
    },
}

impl<S> Endpoints<S> {
    /// A router by name: the path's segment that follows `prefix` chooses the receiver.
    /// A path with any other name, or none, is answered 404.
    pub fn under(prefix: impl Into<String>) -> Self {
        let mut prefix = prefix.into();
        prefix.truncate(prefix.trim_end_matches('/').len());
        Self(Which::Named {
            prefix,
            receivers: BTreeMap::new(),
        })
    }

    /// Adds the receiver of one name, usually its scheme's id. The last of two for one
    /// name counts; to the one receiver of every path nothing is added.
    pub fn with(mut self, name: impl Into<String>, receiver: Receiver<S>) -> Self {
        if let Which::Named { receivers, .. } = &mut self.0 {
            receivers.insert(name.into(), receiver);
        }
        self
    }

    /// The receiver for this path, without its query.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Receiver<S>> {
        match &self.0 {
            Which::Every(receiver) => Some(receiver),
            Which::Named { prefix, receivers } => {
                let name = path.strip_prefix(prefix.as_str())?.strip_prefix('/')?;
                receivers.get(name.split('/').next()?)
            }
        }
    }
}

impl<S> From<Receiver<S>> for Endpoints<S> {
    fn from(receiver: Receiver<S>) -> Self {
        Self(Which::Every(receiver))
    }
}

impl<S> fmt::Debug for Endpoints<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Every(receiver) => f.debug_tuple("Endpoints").field(receiver).finish(),
            Which::Named { prefix, receivers } => f
                .debug_struct("Endpoints")
                .field("under", prefix)
                .field("receivers", receivers)
                .finish(),
        }
    }
}

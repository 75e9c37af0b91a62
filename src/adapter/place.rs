//! Where an extractor stands.

use core::fmt::Debug;
use core::marker::PhantomData;

use crate::{Event, Receiver, Unclaimed};

/// Where an extractor stands: [`Layered`] behind the layer or middleware, or alone over
/// a [`Receiver`]. Another place has no extractor.
pub trait Place {
    /// What a verified webhook is here.
    type Held: Debug;
    /// What is kept of its JSON.
    type Json<T>;
}

/// Behind a layer or middleware, which verifies, claims and settles.
#[derive(Debug)]
pub struct Layered(());

impl Place for Layered {
    type Held = Event;
    type Json<T> = T;
}

/// Nothing is parsed before the event is claimed.
impl<S> Place for Receiver<S> {
    type Held = Unclaimed<S>;
    type Json<T> = PhantomData<fn() -> T>;
}

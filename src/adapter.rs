//! Between a receiver and what carries HTTP: an adapter brings a delivery to the
//! receiver and its verdict back, and adds no rule of its own.

#[cfg(feature = "lambda")]
pub mod lambda;

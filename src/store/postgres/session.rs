//! A connection to PostgreSQL.

use sqlx::Postgres;

use super::fault::Kind;
use crate::store::session;

pub(super) type Session = session::Session<Postgres>;

impl session::Server for Postgres {
    type Kind = Kind;
}

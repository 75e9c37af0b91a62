//! A connection of a pool, for as long as a step takes.

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

use super::fault::{Fault, Kind};

/// A database with words of its own for what is wrong.
pub(super) trait Server: Database {
    type Kind: Kind;
}

/// Goes back to the pool only if everything that was asked was answered. One whose
/// answer is still to come, since the caller went away, or that failed, is closed: the
/// next to use it must not read the answer to another question, and a server that is
/// silent must not keep the pool waiting for it.
pub(super) struct Session<DB: Server> {
    connection: Option<PoolConnection<DB>>,
    is_sound: bool,
}

impl<DB: Server> Session<DB> {
    pub(super) async fn begin(pool: &Pool<DB>) -> Result<Self, Fault<DB::Kind>> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            is_sound: true,
        })
    }

    /// What is asked on this connection must be [heard](Self::hear).
    pub(super) fn ask(&mut self) -> Result<&mut DB::Connection, Fault<DB::Kind>> {
        self.is_sound = false;
        match &mut self.connection {
            Some(connection) => Ok(connection),
            None => Err(DB::Kind::UNEXPECTED.into()),
        }
    }

    pub(super) fn hear<T>(
        &mut self,
        told: Result<T, impl Into<Fault<DB::Kind>>>,
    ) -> Result<T, Fault<DB::Kind>> {
        let told = told.map_err(Into::into);
        self.is_sound = match &told {
            Ok(_) => true,
            Err(fault) => fault.kind().leaves_the_connection(),
        };
        told
    }
}

impl<DB: Server> Drop for Session<DB> {
    fn drop(&mut self) {
        if !self.is_sound
            && let Some(connection) = self.connection.take()
        {
            drop(connection.detach());
        }
    }
}

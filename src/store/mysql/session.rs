//! A connection of the pool, for as long as a step takes.

use alloc::vec::Vec;

use sqlx::mysql::{MySqlArguments, MySqlConnection, MySqlQueryResult, MySqlRow};
use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{MySql, MySqlPool};

use super::fault::{Fault, Kind};

pub(super) type Asked<'q> = Query<'q, MySql, MySqlArguments>;

/// Goes back to the pool only if everything that was asked was answered. One whose
/// answer is still to come, since the caller went away, or that failed, is closed: the
/// next to use it must not read the answer to another question, and a server that is
/// silent must not keep the pool waiting for it.
pub(in crate::store) struct Session {
    connection: Option<PoolConnection<MySql>>,
    is_sound: bool,
}

impl Session {
    pub(in crate::store) async fn begin(pool: &MySqlPool) -> Result<Self, Fault> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            is_sound: true,
        })
    }

    /// A statement without parameters or rows.
    pub(super) async fn run(&mut self, statement: &'static str) -> Result<(), Fault> {
        let told = sqlx::raw_sql(statement).execute(self.ask()?).await;
        self.hear(told).map(drop)
    }

    pub(super) async fn execute(&mut self, query: Asked<'_>) -> Result<MySqlQueryResult, Fault> {
        let told = query.execute(self.ask()?).await;
        self.hear(told)
    }

    pub(super) async fn rows(&mut self, query: Asked<'_>) -> Result<Vec<MySqlRow>, Fault> {
        let told = query.fetch_all(self.ask()?).await;
        self.hear(told)
    }

    fn ask(&mut self) -> Result<&mut MySqlConnection, Fault> {
        self.is_sound = false;
        match &mut self.connection {
            Some(connection) => Ok(connection),
            None => Err(Kind::Unexpected.into()),
        }
    }

    fn hear<T>(&mut self, told: Result<T, sqlx::Error>) -> Result<T, Fault> {
        let told = told.map_err(Fault::from);
        self.is_sound = match &told {
            Ok(_) => true,
            Err(fault) => fault.kind().leaves_the_connection(),
        };
        told
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_sound
            && let Some(connection) = self.connection.take()
        {
            drop(connection.detach());
        }
    }
}

//! What is asked on a connection to MySQL.

use alloc::vec::Vec;

use sqlx::MySql;
use sqlx::mysql::{MySqlArguments, MySqlQueryResult, MySqlRow};
use sqlx::query::Query;

use super::fault::{Fault, Kind};
use crate::store::session;

pub(super) type Asked<'q> = Query<'q, MySql, MySqlArguments>;
pub(in crate::store) type Session = session::Session<MySql>;

impl session::Server for MySql {
    type Kind = Kind;
}

impl Session {
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
}

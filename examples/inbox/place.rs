//! Where the books are: what `--store` says.

use core::str::FromStr;
use std::path::PathBuf;

use crate::books::{Books, Fault, mysql, postgres, sqlite};

pub(crate) enum Place {
    /// By its URL.
    Mysql(String),
    Postgres(String),
    Sqlite(PathBuf),
}

impl Place {
    /// Opens the books, and makes their tables if there are none.
    pub(crate) async fn open(&self) -> Result<Books, Fault> {
        Ok(match self {
            Self::Mysql(url) => Books::Mysql(mysql::Books::open(url).await?),
            Self::Postgres(url) => Books::Postgres(postgres::Books::open(url).await?),
            Self::Sqlite(file) => Books::Sqlite(sqlite::Books::open(file).await?),
        })
    }

    pub(crate) const fn engine(&self) -> &'static str {
        match self {
            Self::Mysql(_) => "MySQL",
            Self::Postgres(_) => "PostgreSQL",
            Self::Sqlite(_) => "SQLite",
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;

    /// The complaint does not show the text, which may hold a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            // The URL's own scheme is the engine's name.
            Some(("mysql", rest)) if rest.starts_with("//") => Ok(Self::Mysql(text.into())),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(text.into()))
            }
            Some(("sqlite", file)) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => {
                Err("this store is unknown: there are sqlite:FILE, postgres://... and mysql://...")
            }
        }
    }
}

/// A folder for one run, which goes with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> std::io::Result<Self> {
        let name = format!("countersign-inbox-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn place(&self) -> Place {
        Place::Sqlite(self.0.join("books.sqlite"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in a folder of temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

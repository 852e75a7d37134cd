//! Settings of the database.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where data is kept.
#[derive(Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` (one machine) or `postgres://USER:PASSWORD@HOST/NAME` (any number of instances).
    pub url: String,
    /// Connections at the most: of PostgreSQL, or SQLite's readers (its writer is always one).
    pub max_connections: u32,
    /// How long a request waits for a connection before it fails.
    pub acquire_timeout_ms: u64,
    /// How long PostgreSQL may work at one statement.
    pub statement_timeout_ms: u64,
    /// Whether `serve` applies new migrations at start.
    pub migrate_at_start: bool,
    /// Whether PostgreSQL itself shows each merchant's requests that merchant's rows alone, whatever their statements
    /// ask for. Each read costs a message to the database more.
    pub row_security: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:yigate.db".to_owned(),
            max_connections: 16,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 15_000,
            migrate_at_start: true,
            row_security: false,
        }
    }
}

impl Database {
    /// The file of an SQLite database; none where it is in memory, or PostgreSQL.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let rest = self.url.strip_prefix("sqlite:")?;
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (file, _) = rest.split_once('?').unwrap_or((rest, ""));
        (!file.is_empty() && file != ":memory:").then(|| PathBuf::from(file))
    }
}

//! Settings of exports, and what they may be.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Settings};

/// GraphQL tells a file's length as a number of 31 bits, and a workbook's archive its sizes in 32.
const LARGEST: u64 = 2_000_000_000;

/// More than a database keeps well of one merchant.
const MOST_KEPT: u64 = 1_000_000_000_000;

/// Exports: lists that are written into files.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Exports {
    /// How often it is looked for exports that wait.
    pub worker_interval_ms: u64,
    /// How many an instance writes at once; 0 leaves them to other instances.
    pub at_once: u32,
    /// How long an instance may say nothing of an export before another begins it anew.
    pub lease_ms: u64,
    /// How many exports of a merchant may wait or be under way.
    pub most_waiting: u64,
    /// How many files of a merchant are kept.
    pub most_kept: u64,
    /// How many bytes of the database a merchant's files may take together.
    pub most_kept_bytes: u64,
    /// How long a file may be, in bytes; two gigabytes at the most.
    pub max_bytes: u64,
    /// How long a file is kept.
    pub kept_s: i64,
    /// How long a link to it is good.
    pub link_s: u64,
}

impl Default for Exports {
    fn default() -> Self {
        Self {
            worker_interval_ms: 500,
            at_once: 2,
            lease_ms: 30_000,
            most_waiting: 10,
            most_kept: 50,
            most_kept_bytes: 5_000_000_000,
            max_bytes: 2_000_000_000,
            kept_s: 86_400,
            link_s: 3_600,
        }
    }
}

impl Settings {
    /// Figures with which exports come to their end, and their files to theirs.
    pub(super) fn check_exports(&self) -> Result<(), ConfigError> {
        let exports = &self.exports;
        let kept = u64::try_from(exports.kept_s).unwrap_or_default();
        for (name, value, least, most) in [
            (
                "exports.worker_interval_ms",
                exports.worker_interval_ms,
                1,
                60_000,
            ),
            ("exports.at_once", exports.at_once.into(), 0, 64),
            // Progress is written every second, and a page of rows may take a while.
            ("exports.lease_ms", exports.lease_ms, 5_000, 3_600_000),
            ("exports.most_waiting", exports.most_waiting, 1, 1_000),
            ("exports.most_kept", exports.most_kept, 1, 10_000),
            (
                "exports.most_kept_bytes",
                exports.most_kept_bytes,
                1_000,
                MOST_KEPT,
            ),
            ("exports.max_bytes", exports.max_bytes, 1_000, LARGEST),
            ("exports.kept_s", kept, 60, 31_536_000),
            ("exports.link_s", exports.link_s, 1, 604_800),
        ] {
            if !(least..=most).contains(&value) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: format!("must be from {least} to {most}"),
                });
            }
        }
        Ok(())
    }
}

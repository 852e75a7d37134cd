//! Settings of what is sent to merchants' own servers.

use serde::{Deserialize, Serialize};

/// Webhooks.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// How often it is looked for what is to be sent.
    pub worker_interval_ms: u64,
    /// How long an endpoint may take to answer.
    pub timeout_ms: u64,
    /// Whether endpoints may be in private networks and in clear: for development alone.
    pub allow_private: bool,
    /// How long deliveries are kept.
    pub retention_s: i64,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            worker_interval_ms: 500,
            timeout_ms: 15_000,
            allow_private: false,
            retention_s: 30 * 86_400,
        }
    }
}

//! Settings of second factors and bank accounts.

use serde::{Deserialize, Serialize};

use super::{ConfigError, Settings};

impl Settings {
    /// How often bank accounts are looked for, and for how long a worker has one.
    pub(super) fn check_bank_accounts(&self) -> Result<(), ConfigError> {
        let accounts = &self.bank_accounts;
        for (name, ms, most) in [
            (
                "bank_accounts.worker_interval_ms",
                accounts.worker_interval_ms,
                60_000,
            ),
            ("bank_accounts.lease_ms", accounts.lease_ms, 600_000),
        ] {
            if !(1..=most).contains(&ms) {
                return Err(ConfigError::Invalid {
                    name,
                    problem: format!("must be from 1 to {most} ms"),
                });
            }
        }
        Ok(())
    }
}

/// Second factors.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecondFactor {
    /// How long no money leaves by a second factor after it was confirmed, so that who has stolen a session
    /// gains nothing before its owner notices; 0 is not at all.
    pub rest_s: i64,
}

impl Default for SecondFactor {
    fn default() -> Self {
        Self { rest_s: 86_400 }
    }
}

/// Bank accounts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BankAccounts {
    /// How long after it was verified no payout goes to a bank account; 0 is not at all.
    pub cooling_off_s: i64,
    /// How often the worker looks for bank accounts to check.
    pub worker_interval_ms: u64,
    /// How long a worker has for one check before another may take it; longer than
    /// `orders.provider_timeout_ms`.
    pub lease_ms: u64,
}

impl Default for BankAccounts {
    fn default() -> Self {
        Self {
            cooling_off_s: 86_400,
            worker_interval_ms: 1_000,
            lease_ms: 30_000,
        }
    }
}

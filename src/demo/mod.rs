//! Data to look at, and data to measure with.
//!
//! A *shop* is a pattern: what it sells and when people come. A *store* is a merchant that follows it.
//! A *history* makes a store's orders with their money (payments, refunds, settlements, balances), complete
//! and deterministic under a seed, by the same functions as the gateway; *bulk* loads them.
//! [`fill`] makes the demo's three merchants with a year of orders, [`seed`] as many orders of as many
//! merchants as are asked for.

mod bulk;
mod club;
mod deeds;
pub mod exports;
mod fill;
pub mod history;
pub mod inbox;
pub mod letters;
pub mod live;
mod live_checkout;
pub mod live_outages;
mod live_refunds;
mod named;
pub mod people;
mod promotions;
mod seed;
pub mod shop;
pub mod store;
mod waiting;

pub use fill::{Demo, fill, fill_days, maybe_find};
pub use seed::{Seeded, SeededMerchant, seed};
pub use waiting::ask_for_payout;

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::TimeDelta;

use crate::app::App;
use crate::error::Error;

/// The password of every account that is made here.
pub const PASSWORD: &str = "yigate-demo";

/// The secret of everybody's second factor in the demo; whoever has it can move no money but made-up.
pub const TOTP_SECRET: &[u8; 20] = b"yigate demo, no more";

/// How far histories reach back.
const YEAR: TimeDelta = TimeDelta::days(365);

/// Hashes a password, away from the threads that serve.
async fn password_hash(app: &App, password: &'static str) -> Result<String, Error> {
    let auth = &app.settings.auth;
    let params = Params::new(auth.argon2_memory_kib, auth.argon2_rounds, 1, None)
        .map_err(|error| Error::internal(error.to_string()))?;
    tokio::task::spawn_blocking(move || {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    })
    .await
    .map_err(|error| Error::internal(error.to_string()))?
    .map_err(|error| Error::internal(error.to_string()))
}

#[cfg(test)]
mod tests;

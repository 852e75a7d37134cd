//! Who is asking: sign-in, access and refresh tokens, API keys, roles and scopes.
//!
//! # The rules
//!
//! - A **member of staff** 员工 signs in with e-mail and password (argon2id) and gets an access token
//!   and a refresh token. A **shop's server** sends an API key 接口密钥. Nobody else acts.
//! - An unknown e-mail address and a wrong password get one answer, after the same work. The first three
//!   failures for one address are free; after the fourth nobody may try it for a second, after each further
//!   one for twice as long, up to a quarter of an hour. Signing in, or a day without an attempt, ends that.
//! - An **access token** is a JWT of ten minutes: Ed25519, `at+jwt`, for one person in one merchant. It
//!   says who asks, never what they may do: that is read from the tables, at most five seconds old. So
//!   a membership that is removed or changed, and a merchant that is closed, count within five seconds,
//!   and there is no list of revoked access tokens.
//! - A **refresh token** is used once and replaced. Used again, the whole sign-in ends, with no grace:
//!   nobody can tell a client that lost the answer from a thief. Signing out ends the sign-in as well.
//!   Access tokens that are out by then run to their end. Signed out *everywhere*, a person's access tokens and
//!   connections are over within five seconds as well: their sign-in is older than `staff.signed_out_at`.
//! - A **signing key** takes its turn for thirty days. The next one is in `/jwks.json` two minutes
//!   before it signs, the old one until its last token has ended. Taking a key's row away ends its
//!   tokens within a minute.
//! - An **API key** has scopes of its maker's, and optionally an expiry and the addresses it may come
//!   from. Only a person makes one; it is shown once. Revoked, it ends here at once and on other
//!   instances within five seconds. It outlives its maker's membership: it is the merchant's.
//! - Of passwords, tokens and keys only hashes are stored; of signing keys, the sealed private half.
//!
//! # Who may do what
//!
//! | scope 权限 | owner | finance | support | marketing | viewer |
//! |---|---|---|---|---|---|
//! | `merchant:read` `orders:read` `channels:read` | ✓ | ✓ | ✓ | ✓ | ✓ |
//! | `staff:read` `api-keys:read` `reconciliation:read` | ✓ | ✓ | ✓ | ✓ | ✓ |
//! | `orders:write` | ✓ | ✓ | ✓ | | |
//! | `personal:read` | ✓ | | ✓ | | |
//! | `orders:create` `api-keys:write` `merchant:write` | ✓ | | | | |
//!
//! [`model::Scopes::of_role`] is the table that counts; an API key has the scopes it was made with.

pub mod access;
pub mod accounts;
pub mod address;
pub mod api_key;
mod delay;
pub mod keys;
pub mod loader;
mod masking;
pub mod members;
pub mod model;
mod operating;
pub mod password;
pub mod refresh;
pub mod refusal;
pub mod reseal;
pub mod schema;
pub mod secret;
pub mod service;
pub mod settings;
pub mod token;
pub mod worker;

pub use accounts::NewMerchant;
pub use service::Auth;

#[cfg(test)]
mod tests;

//! Second factors 二次验证: what a member of staff has beside the password, and what it proves.
//!
//! - A **second factor** is a secret in an authenticator app: a code of six digits for each thirty seconds
//!   (TOTP, RFC 6238, SHA-1). It is a person's, for all merchants that they work for. API keys have none, and
//!   may do nothing that needs one.
//! - **Enrolling** asks for the password again, guessed at as slowly as at sign-in, and, where a second factor
//!   is there already, for a code of it. The new secret counts for nothing until a code of it confirms it; until
//!   then the one before counts on.
//! - A code is believed one time step early or late, and **once**: whichever step was spent, it and those before
//!   it are over, on every instance, by a lock on the row.
//! - A **recovery code** 恢复码 stands in for the app, once. There are ten; only hashes of them are kept.
//! - An attempt is **counted before its code is looked at**, in a transaction of its own, so that no refusal
//!   forgets it and no crowd outruns it. From the fifth wrong code on in a row nobody is believed for five
//!   minutes, and twice as long after each further one, up to an hour. A code that was right, or that was not
//!   looked at, does not count. A day after a block is over, all is forgotten.
//! - A code is spent **in the transaction of what it is for**: either both are there, or neither is.
//! - Where anybody who works for a merchant has one, **whoever decides about people** proves it by a code: a
//!   stolen session lets nobody in, and removes nobody who would notice. Whoever gives a role that may move money
//!   proves it also where nobody has one: else a stolen session would let in somebody who sets one up.
//! - Credentials of a channel by which money leaves are given with one, too, and cool off.
//! - Each change of one is told to all merchants that its owner works for.
//! - A new second factor **rests**: for a day after it was confirmed no money leaves by it. Who has stolen a
//!   session and a password gains nothing before the owner notices.

pub mod model;
pub mod schema;
pub mod service;

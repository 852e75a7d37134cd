//! The audit log 操作日志: who did what, or tried to, from where; append-only, and sealed.
//!
//! # The rules
//!
//! - Whatever a member of staff or an API key changes is written down in the transaction that changes it
//!   ([`record`]): both are there, or neither. So are sign-ins and sign-outs.
//! - Left out is what would drown the rest and is told elsewhere: `orderCreate`, which shops' servers call for
//!   every payer, and `orderClose` and `orderFulfill` by API keys. An order's timeline tells of each, and by whom.
//!   `tokenRefresh` is written where it switches to another merchant or a token was used twice, since each browser
//!   calls it every ten minutes.
//!   `payoutChallengeCreate` moves nothing, and shows what would be signed: `payoutCreate` tells of what was.
//! - A **file of an export** is handed to whoever has a link to it. The link says who made it: each download is written
//!   (`exportDownload`) in the name of that actor, from the address that fetched it, before a byte is handed out; again
//!   from the same address within a minute is the same. Making a link is not written: a page that lists exports makes
//!   one for each row.
//! - What the command line changes (`payout-terms`, `payout-resolve`, the reset of a second factor) is written in
//!   the name of the system, as `payoutTermsSet`, `payoutResolve` and `totpReset`.
//! - What is **denied** is written as well, in a transaction of its own ([`deny_refused`]): a mutation without
//!   its scope; who approves what they asked for themselves, or what was edited since it was asked for; a
//!   program that tries what only people may; a wrong amount of a bank account; who has sent to them what they
//!   may not see; who wants to make a key or give a role with more than they have, or change somebody above
//!   them; a refused sign-in of an account, in each of its merchants; a wrong password or second factor of
//!   somebody signed in, used, blocked and resting ones too; a refresh token used twice. Ten a minute of one
//!   actor and one action are written; the rest are counted, and one entry tells of them. Questions that are
//!   forbidden change nothing and are not written.
//! - An entry holds no secret, and of personal data what masks leave: what changed is written by each service,
//!   which names the fields. Values are cut at 500 characters.
//! - **From where** comes with the actor ([`crate::auth::model::Origin`]), since services are handed an actor
//!   anyway, and an argument more in each would be forgotten in one. It takes no part in the actor's equality: a
//!   person who comes from elsewhere is the same person, and subscribers who may see the same share an execution.
//! - **The chain.** Writers never wait for each other: after the commit an entry is sealed, in the order in which
//!   the database took it, at the next place of its merchant's chain, with HMAC-SHA-256 over the seal before and
//!   the entry. The key is the chain's own, sealed under the master key: who can only write the database cannot
//!   forge a seal, and another master key changes no chain. Until it is sealed, an entry has a proof that Yigate
//!   wrote it. What a merchant's chain ends with is proven, too; who keeps place and hash elsewhere can also
//!   tell that a chain was put back to an earlier state.
//! - Each merchant is made with the head of its chain, so that a log that was wiped is told from one that never was.
//! - Each instance seals what it committed, and once a second what a killed one left; in the end it tells of denials
//!   that it has only counted.

pub mod model;
pub mod schema;
pub mod service;
pub mod worker;

pub use model::{By, Deed};
pub use service::{deny, deny_refused, record};

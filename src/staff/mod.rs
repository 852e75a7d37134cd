//! People 员工: who is invited to work for a merchant, in which role, and who works there no longer.
//!
//! # The rules
//!
//! - Who works for a merchant is decided by members of staff with `staff:write`, never by an API key. Nobody gives
//!   a role that may do more than they may themselves, and nobody changes, removes or signs out somebody who has
//!   one. The **last owner** stays: whoever wants to go makes another one first.
//! - An **invitation** 邀请 is for one e-mail address and one role, and ends after seven days. There is one open
//!   invitation for an address; inviting again renews it, and the secret before is worth nothing any more. Its
//!   secret is told once, to whoever invites, who hands it on. It makes an account, or, with the password of the
//!   account that the address has already, joins it; attempts count as those to sign in do. When somebody is
//!   removed or gets another role, the open invitations that they sent end.
//! - **Removed**, or with another role, somebody's access ends or changes here at once and everywhere within
//!   five seconds, connections included. The API keys that they made go on: they are the merchant's, and shops
//!   depend on them. Whoever does not trust them revokes them.
//! - **Signed out everywhere**, by themselves, by a colleague or by another password, all that a person signed in
//!   before is over: refresh tokens at once, access tokens and connections within five seconds. It is the person
//!   who is signed out, of every merchant that they work for.
//! - All of it is in the audit log, and so is who tried what they must not.

pub mod model;
pub mod schema;
pub mod service;

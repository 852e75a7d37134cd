//! Does: invites people, lets them in, changes what they may do, lets them go, and signs them out.

mod accept;
mod change;
mod invite;
mod password;

pub use accept::{Acceptance, accept};
pub use change::{remove, sign_out, update};
pub use invite::{invite, list_invitations, maybe_find_invitation, revoke};
pub use password::change_password;

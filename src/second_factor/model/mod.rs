//! Decides what a code proves, and how long who guesses has to wait.

mod guesses;
mod picture;
mod recovery;
mod refusal;
mod totp;

pub use guesses::{Counted, count, may_pass, uncount};
pub use picture::data_uri;
pub use recovery::{CODES, hash, recovery_code};
pub use refusal::{ConfirmRefusal, DisableRefusal, EnrollRefusal, SecondFactorRefusal};
pub use totp::{PENDING_FOR, SECRET_BYTES, Secret, code_at, is_of_app, proves, step_of, uri};

use entity::StaffId;

use crate::auth::model::{Actor, Who};

/// Whose second factor an actor's is; programs have none.
pub fn staff_of(actor: &Actor) -> Result<StaffId, SecondFactorRefusal> {
    match actor.who {
        Who::Staff { staff_id, .. } => Ok(staff_id),
        _ => Err(SecondFactorRefusal::StaffOnly),
    }
}

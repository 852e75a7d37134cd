//! Does: sets second factors up and takes them away, and spends their codes.

mod among;
mod code;
mod enroll;
mod keep;
mod standing;
mod tell;

pub use among::{Stake, prove_among, with_code_if_any};
pub use code::{Code, with_code};
pub use enroll::{Enrolled, confirm, enroll};
pub use keep::{disable, recovery_codes_renew, reset};
pub use standing::{Standing, reseal, standing};

use entity::StaffId;

/// What a secret is sealed for.
#[must_use]
pub fn bound_to(staff_id: StaffId) -> String {
    format!("second factor {staff_id}")
}

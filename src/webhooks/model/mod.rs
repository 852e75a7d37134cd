//! Decides about webhooks: which addresses, what is sent to whom, how it is signed, when it is tried again.

mod draft;
mod filter;
mod places;
mod refusal;
mod retry;
mod signature;
mod subject;

pub use draft::{EndpointDraft, ROTATION_HOURS, check_url, overlap};
pub use filter::DeliveryFilter;
pub use places::{Place, Places, Refused, Target};
pub use refusal::{
    CreateRefusal, EnableRefusal, NotifyKeyRefusal, ReplayRefusal, RotateRefusal, SwitchRefusal,
    UpdateRefusal,
};
pub use retry::{Answer, Kind, Verdict, is_given_up, judge, wait_after};
pub use signature::{SECRET_BYTES, hint, secret_text, sign};
pub use subject::{Subject, is_personal, is_told, scope_of, type_name};

//! What campaigns and coupons give, and when, decided without a database.

mod check;
mod draft;
pub mod effect;
mod filter;
mod holdout;
mod lifecycle;
mod refusal;
mod rules;
mod stored;

pub use draft::{CampaignChange, CampaignDraft, LONGEST_NAME};
pub use filter::CampaignFilter;
pub use holdout::is_held_out;
pub use lifecycle::{Turn, activated, due, ended, next_at, paused};
pub use refusal::{
    ActivateRefusal, CreateRefusal, DuplicateRefusal, EndRefusal, PauseRefusal, UpdateRefusal,
};
pub use rules::{Audience, Benefit, Hours, Limits, Rules, Scope, Stacking, Step};

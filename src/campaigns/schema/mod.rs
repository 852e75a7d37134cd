//! Campaigns in GraphQL.

pub mod effect;
pub mod effect_status;
pub mod inputs;
pub mod list;
pub mod mutation;
pub mod object;
pub mod query;
pub mod rules;
pub mod rules_input;
pub mod simulate;

pub use mutation::CampaignMutation;
pub use object::{Campaign, CampaignState};
pub use query::CampaignQuery;
pub use rules::{BenefitKind, OfferRules, RefundPolicy};
pub use rules_input::OfferRulesInput;

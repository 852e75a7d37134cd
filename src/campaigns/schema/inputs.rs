//! What clients send about campaigns.

use async_graphql::{ID, InputObject, MaybeUndefined};
use entity::Instant;

use super::rules::RefundPolicy;
use super::rules_input::{OfferRulesInput, scaled};
use crate::campaigns::model::{CampaignChange, CampaignDraft};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::invalid::Invalid;
use crate::money::Currency;

/// A campaign to be made 新建活动.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignCreateInput {
    /// What you call it, at most 60 characters.
    pub name: String,
    /// What it gives, in full.
    pub rules: OfferRulesInput,
    /// From when it is given; as soon as it is activated where it is missing.
    pub starts_at: Option<Timestamp>,
    /// Until before when it is given; without end where it is missing.
    pub ends_at: Option<Timestamp>,
    /// Which share of members is not given it, so that its effect can be told: 0 to 0.5, at most 6 decimals. None
    /// where it is missing.
    pub holdout_share: Option<DecimalText>,
    /// What a full refund of an order does.
    #[graphql(default_with = "RefundPolicy::Restore")]
    pub refund_policy: RefundPolicy,
}

impl CampaignCreateInput {
    pub(super) fn read(self, currency: Currency, now: Instant) -> Result<CampaignDraft, Invalid> {
        Ok(CampaignDraft {
            name: self.name,
            rules: self.rules.read(currency)?,
            starts_at: self.starts_at.map_or(now, |at| Instant(at.0)),
            ends_at: self.ends_at.map(|at| Instant(at.0)),
            holdout_ppm: self.holdout_share.map_or(Ok(0), ppm)?,
            refund_policy: self.refund_policy.into(),
        })
    }
}

/// What is to be changed of a campaign 修改活动; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignUpdateInput {
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it, so that nobody's change is lost.
    pub expected_version: i32,
    /// What you call it.
    pub name: Option<String>,
    /// What it gives, in full: what is left out of the rules restricts nothing any more.
    pub rules: Option<OfferRulesInput>,
    /// From when it is given; not once it has begun.
    pub starts_at: Option<Timestamp>,
    /// Until before when it is given; null for no end.
    pub ends_at: MaybeUndefined<Timestamp>,
    /// Which share of members is not given it: 0 to 0.5.
    pub holdout_share: Option<DecimalText>,
    /// What a full refund does of orders that are made from now on.
    pub refund_policy: Option<RefundPolicy>,
}

impl CampaignUpdateInput {
    pub(super) fn read(self, currency: Currency) -> Result<CampaignChange, Invalid> {
        let rules = self.rules.map(|rules| rules.read(currency));
        Ok(CampaignChange {
            name: self.name,
            rules: rules.transpose()?,
            starts_at: self.starts_at.map(|at| Instant(at.0)),
            ends_at: match self.ends_at {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(at) => Some(Some(Instant(at.0))),
            },
            holdout_ppm: self.holdout_share.map(ppm).transpose()?,
            refund_policy: self.refund_policy.map(Into::into),
        })
    }
}

fn ppm(share: DecimalText) -> Result<i64, Invalid> {
    scaled("holdoutShare", share, 6)
}

/// A campaign to be begun 启动活动, or to be gone on with.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignActivateInput {
    /// Which.
    pub id: ID,
    /// The version that it has, as you know it, so that you begin what you have seen; not looked at where it is
    /// missing.
    pub expected_version: Option<i32>,
}

/// A campaign to be paused 暂停活动.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignPauseInput {
    /// Which.
    pub id: ID,
}

/// A campaign to be ended 结束活动.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignEndInput {
    /// Which.
    pub id: ID,
}

/// A campaign of which there is to be another 复制活动.
#[derive(Clone, Debug, InputObject)]
pub struct CampaignDuplicateInput {
    /// Which.
    pub id: ID,
    /// What you call the new one, at most 60 characters.
    pub name: String,
}

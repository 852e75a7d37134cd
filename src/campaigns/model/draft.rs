//! What somebody wants a campaign to be, or to become: checked before it is kept.

use chrono::{DateTime, Utc};
use entity::Instant;
use entity::campaign::{self, CampaignState, RefundPolicy};

use super::refusal::UpdateRefusal;
use super::rules::Rules;
use crate::invalid::{Invalid, check_name};

/// The longest name of a campaign, in characters.
pub const LONGEST_NAME: usize = 60;
/// The largest share of members that is not given a campaign, in millionths: half of them.
const LARGEST_HOLDOUT_PPM: i64 = 500_000;

/// Everything that a version of a campaign says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignDraft {
    /// What the merchant calls it.
    pub name: String,
    /// What it gives.
    pub rules: Rules,
    /// From when it is given.
    pub starts_at: Instant,
    /// Until before when; none for no end.
    pub ends_at: Option<Instant>,
    /// Which share of members is not given it, in millionths.
    pub holdout_ppm: i64,
    /// What a full refund does.
    pub refund_policy: RefundPolicy,
}

impl CampaignDraft {
    /// Whether it can be meant.
    pub fn check(&self) -> Result<(), Invalid> {
        check_name("name", &self.name, LONGEST_NAME)?;
        self.rules.check()?;
        if self.ends_at.is_some_and(|end| end.0 <= self.starts_at.0) {
            return Err(Invalid::new(
                "endsAt",
                "must be after `startsAt`.",
                "须晚于 `startsAt`。",
            ));
        }
        if (0..=LARGEST_HOLDOUT_PPM).contains(&self.holdout_ppm) {
            return Ok(());
        }
        Err(Invalid::new(
            "holdoutShare",
            "is from 0 to 0.5.",
            "须为 0 至 0.5。",
        ))
    }
}

/// What is to be changed of a campaign; what is none stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CampaignChange {
    /// What the merchant calls it.
    pub name: Option<String>,
    /// What it gives, in full.
    pub rules: Option<Rules>,
    /// From when it is given.
    pub starts_at: Option<Instant>,
    /// Until before when; within, none for no end.
    pub ends_at: Option<Option<Instant>>,
    /// Which share of members is not given it, in millionths.
    pub holdout_ppm: Option<i64>,
    /// What a full refund does.
    pub refund_policy: Option<RefundPolicy>,
}

impl CampaignChange {
    /// What a campaign becomes by it. What an ended one gave stays as it was, and what has begun began when it did.
    pub fn applied(
        &self,
        row: &campaign::Model,
        rules: &Rules,
        now: DateTime<Utc>,
    ) -> Result<CampaignDraft, UpdateRefusal> {
        if row.state == CampaignState::Ended {
            return Err(UpdateRefusal::Ended);
        }
        let wanted = CampaignDraft {
            name: self.name.clone().unwrap_or_else(|| row.name.clone()),
            rules: self.rules.clone().unwrap_or_else(|| rules.clone()),
            starts_at: self.starts_at.unwrap_or(row.starts_at),
            ends_at: self.ends_at.unwrap_or(row.ends_at),
            holdout_ppm: self.holdout_ppm.unwrap_or(row.holdout_ppm.into()),
            refund_policy: self.refund_policy.unwrap_or(row.refund_policy),
        };
        if row.activated_at.is_some() && wanted.starts_at != row.starts_at {
            return Err(UpdateRefusal::AlreadyBegun);
        }
        wanted.check()?;
        let is_over = wanted.ends_at.is_some_and(|end| end.0 <= now);
        if is_over && wanted.ends_at != row.ends_at && row.state != CampaignState::Draft {
            return Err(UpdateRefusal::from(Invalid::new(
                "endsAt",
                "lies in the past: end the campaign with `campaignEnd`.",
                "不能早于当前时间；如需结束活动，请使用 `campaignEnd`。",
            )));
        }
        Ok(wanted)
    }
}

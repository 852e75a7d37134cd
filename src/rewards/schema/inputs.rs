//! What clients send about rewards.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::enums::{RewardKind, RewardRedemptionState, RewardState};
use crate::error::Error;
use crate::graphql::scalars::{Timestamp, read_id};
use crate::graphql::time_range::TimeRangeInput;
use crate::invalid::Invalid;
use crate::members::model::{Whose, check_member_no};
use crate::members::schema::filter_input::read_member_no;
use crate::members::schema::query::MemberByInput;
use crate::orders::schema::inputs::{Reading, many};
use crate::rewards::model::{
    RedeemRefusal, RedemptionFilter, RewardChange, RewardDraft, RewardFilter, Texts,
};
use crate::rewards::service::Asked;

/// Which rewards are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct RewardFilterInput {
    /// In any of these states.
    pub state: Option<Vec<RewardState>>,
    /// Of any of these kinds.
    pub kind: Option<Vec<RewardKind>>,
    /// Whether who has the points can have it now 可兑换: ACTIVE, in its time, and with some left.
    pub available: Option<bool>,
    /// The member of this number 会员号 has the points for it. Whether they have had as many as one may is not looked at.
    pub affordable_by: Option<String>,
}

impl RewardFilterInput {
    /// Reads the filter, all but who could afford it; what cannot be meant is named.
    pub(super) fn read(&self, reading: &Reading) -> Result<RewardFilter, Error> {
        if let Some(no) = &self.affordable_by {
            read_member_no("filter.affordableBy", no)?;
        }
        Ok(RewardFilter {
            states: many("filter", "state", self.state.as_deref())?,
            kinds: many("filter", "kind", self.kind.as_deref())?,
            affordable: None,
            available: self.available.map(|wanted| (wanted, reading.now)),
        })
    }
}

/// Which redemptions are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct RewardRedemptionFilterInput {
    /// Of this reward.
    pub reward_id: Option<ID>,
    /// Of the member of this number 会员号.
    pub member_no: Option<String>,
    /// In any of these states.
    pub state: Option<Vec<RewardRedemptionState>>,
    /// Redeemed in this span.
    pub created_at: Option<TimeRangeInput>,
}

impl RewardRedemptionFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub(super) fn read(self, reading: &Reading) -> Result<RedemptionFilter, Error> {
        if let Some(no) = &self.member_no {
            read_member_no("filter.memberNo", no)?;
        }
        let reward_id = self.reward_id.as_ref();
        let created = self.created_at;
        let created = created.map(|it| it.read("filter.createdAt", reading.now, reading.zone));
        Ok(RedemptionFilter {
            reward_id: reward_id
                .map(|id| read_id("filter.rewardId", id))
                .transpose()?,
            member_no: self.member_no,
            member_id: None,
            states: many("filter", "state", self.state.as_deref())?,
            created: created.transpose()?,
        })
    }
}

/// A reward to be made 新建积分商品.
#[derive(Clone, Debug, InputObject)]
pub struct RewardCreateInput {
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// Its name in English, at most 60 characters.
    pub name_en: Option<String>,
    /// What it is, at most 1,000 characters.
    pub description: Option<String>,
    /// The same in English.
    pub description_en: Option<String>,
    /// What sort of thing it is. It is never changed.
    pub kind: RewardKind,
    /// Of which template the coupon is: with the kind COUPON, and only there. It is never changed.
    pub coupon_template_id: Option<ID>,
    /// How many points it takes, 1 to 1,000,000,000.
    pub points: i32,
    /// How many there are, 0 to 10,000,000; any number where it is missing.
    pub stock: Option<i32>,
    /// How many one member may have, 1 to 1,000; any number where it is missing.
    pub per_member: Option<i32>,
    /// From when it can be had; at once where it is missing.
    pub starts_at: Option<Timestamp>,
    /// Until before when; for ever where it is missing.
    pub ends_at: Option<Timestamp>,
}

impl RewardCreateInput {
    /// What is to be made; none where the template's id is none.
    pub(super) fn read(self) -> Option<RewardDraft> {
        let template_id = self.coupon_template_id.as_ref();
        let template_id = template_id.map(|id| read_id("couponTemplateId", id));
        Some(RewardDraft {
            texts: Texts {
                name: self.name,
                name_en: self.name_en,
                description: self.description,
                description_en: self.description_en,
            },
            kind: self.kind.into(),
            template_id: template_id.transpose().ok()?,
            points: self.points.into(),
            stock: self.stock.map(i64::from),
            per_member: self.per_member.map(i64::from),
            starts_at: self.starts_at.map(instant),
            ends_at: self.ends_at.map(instant),
        })
    }
}

/// What is to be changed of a reward 修改积分商品; what is missing stays as it is.
#[derive(Clone, Debug, InputObject)]
pub struct RewardUpdateInput {
    /// Which.
    pub id: ID,
    /// Its version as you know it.
    pub expected_version: i32,
    /// Its name, 1 to 60 characters.
    pub name: Option<String>,
    /// Its name in English; null for none.
    pub name_en: MaybeUndefined<String>,
    /// What it is; null for nothing.
    pub description: MaybeUndefined<String>,
    /// The same in English; null for nothing.
    pub description_en: MaybeUndefined<String>,
    /// Whether it can be had. ENDED is for good.
    pub state: Option<RewardState>,
    /// How many points it takes from now on.
    pub points: Option<i32>,
    /// How many there are in all: not fewer than are taken; null for any number.
    pub stock: MaybeUndefined<i32>,
    /// How many one member may have; null for any number. Who has more keeps them.
    pub per_member: MaybeUndefined<i32>,
    /// From when it can be had; null for at once.
    pub starts_at: MaybeUndefined<Timestamp>,
    /// Until before when it can be had; null for no end.
    pub ends_at: MaybeUndefined<Timestamp>,
}

impl RewardUpdateInput {
    /// What is to be changed.
    pub(super) fn read(self) -> RewardChange {
        RewardChange {
            name: self.name,
            name_en: given(self.name_en),
            description: given(self.description),
            description_en: given(self.description_en),
            state: self.state.map(Into::into),
            points: self.points.map(i64::from),
            stock: given(self.stock).map(|stock| stock.map(i64::from)),
            per_member: given(self.per_member).map(|most| most.map(i64::from)),
            starts_at: given(self.starts_at).map(|at| at.map(instant)),
            ends_at: given(self.ends_at).map(|at| at.map(instant)),
        }
    }
}

/// A reward that a member is to have for points 积分兑换.
#[derive(Clone, Debug, InputObject)]
pub struct RewardRedeemInput {
    /// Any text of yours, 8 to 128 characters, new for each redemption: sent again, the same request returns the same
    /// redemption.
    pub idempotency_key: String,
    /// Which reward.
    pub reward_id: ID,
    /// Who is to have it.
    pub member: MemberByInput,
    /// What is to be known to hand it over 备注, at most 200 characters: write down nobody's address here.
    pub note: Option<String>,
    /// How many points you showed the member 已向会员展示的积分: where it takes another number by now, nothing is redeemed.
    /// What it takes now is taken where this is missing.
    pub expected_points: Option<i32>,
}

impl RewardRedeemInput {
    /// What is asked for; an id that is none names nothing.
    pub(super) fn read(self) -> Result<Asked, RedeemRefusal> {
        let reward_id = read_id("rewardId", &self.reward_id);
        let whose = match self.member {
            MemberByInput::Id(id) => {
                let id = read_id("member.id", &id);
                Whose::Id(id.map_err(|_| RedeemRefusal::MemberNotFound)?)
            }
            MemberByInput::MemberNo(no) => {
                check_member_no(&no).map_err(|problem| {
                    let invalid = Invalid::new("member.memberNo", problem.en, problem.zh);
                    RedeemRefusal::Invalid(invalid)
                })?;
                Whose::MemberNo(no)
            }
        };
        Ok(Asked {
            reward_id: reward_id.map_err(|_| RedeemRefusal::RewardNotFound)?,
            whose,
            note: self.note,
            expected_points: self.expected_points.map(i64::from),
        })
    }
}

/// A redemption that was handed over 兑付.
#[derive(Clone, Debug, InputObject)]
pub struct RewardFulfillInput {
    /// Which redemption.
    pub id: ID,
}

/// A redemption to be called off 取消兑换.
#[derive(Clone, Debug, InputObject)]
pub struct RewardCancelInput {
    /// Any text of yours, 8 to 128 characters, new for each cancellation.
    pub idempotency_key: String,
    /// Which redemption.
    pub id: ID,
    /// Why 取消原因, 1 to 200 characters.
    pub reason: String,
}

fn instant(at: Timestamp) -> entity::Instant {
    entity::Instant(at.0)
}

/// What was given, which may be nothing; none where nothing was said.
fn given<T>(input: MaybeUndefined<T>) -> Option<Option<T>> {
    match input {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

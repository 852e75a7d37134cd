//! What clients send about points.

use async_graphql::InputObject;

use super::entry::PointsEntryKind;
use crate::error::Error;
use crate::graphql::scalars::{DecimalText, MoneyInput};
use crate::graphql::time_range::TimeRangeInput;
use crate::invalid::Invalid;
use crate::members::schema::filter_input::read_member_no;
use crate::members::schema::query::MemberByInput;
use crate::money::Currency;
use crate::orders::schema::inputs::{Reading, many};
use crate::points::model::{EntryFilter, ProgramDraft};

/// How points are earned.
#[derive(Clone, Debug, InputObject)]
pub struct PointsEarningInput {
    /// So many points, 1 to 1,000,000,
    pub points: i64,
    /// for each of so much that is paid.
    pub per: MoneyInput,
}

/// Points as payment 积分抵现.
#[derive(Clone, Debug, InputObject)]
pub struct PointsPayingInput {
    /// Whether they are taken.
    pub enabled: bool,
    /// So many points, 1 to 1,000,000,
    pub points: i64,
    /// are worth so much. Also where they are not taken: what members have is told in money by it.
    pub worth: MoneyInput,
    /// The most of an order that they pay: more than 0, at most 1.
    pub max_share: DecimalText,
}

/// Rules for points 设置积分规则, in full.
#[derive(Clone, Debug, InputObject)]
pub struct PointsProgramSetInput {
    /// The version that they have, as you know it; 0 where there are none yet.
    pub expected_version: i32,
    /// Whether points are earned.
    #[graphql(default = true)]
    pub enabled: bool,
    /// How points are earned.
    pub earn: PointsEarningInput,
    /// How many days points hold, 1 to 3,650; for ever where it is missing.
    pub valid_days: Option<i32>,
    /// How many days after the payment they can be spent, 0 to 365.
    #[graphql(default = 0)]
    pub pending_days: i32,
    /// How points are taken as payment.
    pub pay: PointsPayingInput,
    /// The most points that one adjustment gives or takes.
    pub adjust_limit: i64,
}

impl PointsProgramSetInput {
    pub(super) fn read(&self, currency: Currency) -> Result<ProgramDraft, Invalid> {
        let minor = |field: &str, money: MoneyInput| -> Result<i64, Invalid> {
            if money.currency.0 != currency {
                return Err(Invalid::new(
                    field,
                    format!("is in {}.", currency.code()),
                    format!("币种须为 {}。", currency.code()),
                ));
            }
            Ok(money.read(field)?.minor)
        };
        Ok(ProgramDraft {
            enabled: self.enabled,
            earn_points: self.earn.points,
            earn_per_minor: minor("earn.per", self.earn.per)?,
            valid_days: self.valid_days,
            pending_days: self.pending_days,
            pay_enabled: self.pay.enabled,
            pay_points: self.pay.points,
            pay_minor: minor("pay.worth", self.pay.worth)?,
            pay_cap_ppm: crate::campaigns::schema::rules_input::scaled(
                "pay.maxShare",
                self.pay.max_share,
                6,
            )?,
            adjust_limit: self.adjust_limit,
        })
    }
}

/// Points to be given or taken by hand 人工调整积分.
#[derive(Clone, Debug, InputObject)]
pub struct PointsAdjustInput {
    /// Any text of yours, 8 to 128 characters, new for each adjustment: sent again, the same request does nothing more.
    pub idempotency_key: String,
    /// Whose points.
    pub member: MemberByInput,
    /// How many are given; less than nothing takes them.
    pub points: i64,
    /// Why, 1 to 200 characters; it stands in the entry.
    pub reason: String,
}

/// Which entries are wanted. Everything that is given must hold; a list holds where any of its values does.
#[derive(Clone, Debug, Default, InputObject)]
pub struct PointsEntryFilterInput {
    /// Of the member with this number 会员号.
    pub member_no: Option<String>,
    /// Of any of these kinds.
    pub kind: Option<Vec<PointsEntryKind>>,
    /// Made in this span.
    pub created_at: Option<TimeRangeInput>,
}

impl PointsEntryFilterInput {
    pub(super) fn read(self, reading: &Reading) -> Result<EntryFilter, Error> {
        if let Some(no) = &self.member_no {
            read_member_no("filter.memberNo", no)?;
        }
        let made = self.created_at;
        let made = made.map(|range| range.read("filter.createdAt", reading.now, reading.zone));
        Ok(EntryFilter {
            member_id: None,
            member_no: self.member_no,
            kinds: many("filter", "kind", self.kind.as_deref())?,
            made: made.transpose()?,
        })
    }
}

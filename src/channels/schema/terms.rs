//! A channel's terms: where its money goes, when it is available, what refunds it takes.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined};
use entity::channel;

use super::object::Channel;
use crate::channels::model::{RefundTermsChange, TermsChange, TermsRefusal};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::payload::payload;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::settlements::model::Terms;
use crate::settlements::schema::{SettlementTerms, SettlementTermsInput};

/// Where the money of a channel goes 资金模式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "channel::FundsMode")]
pub enum FundsMode {
    /// 平台代收: the platform collects it, takes its fee, and settles.
    Collect,
    /// 商户直清: it goes to the merchant's own account; the fee is taken from what was prepaid.
    Direct,
}

plain_scalars!(FundsMode);

/// A channel's terms.
#[derive(Clone, Debug)]
pub struct ChannelTerms {
    pub(super) row: Arc<channel::Model>,
}

plain_object! {
    /// A channel's terms 渠道条款: where its money goes, when it is available, what refunds it takes.
    ChannelTerms(self) {
        /// Where the money goes.
        funds_mode / "fundsMode": FundsMode = self.row.funds_mode.into();
        /// When money becomes available, where the channel has terms of its own; none where the merchant's
        /// hold.
        settlement / "settlement": Option<SettlementTerms> =
            Terms::of_channel(&self.row).map(SettlementTerms);
        /// What refunds it takes.
        refunds / "refunds": RefundTerms = RefundTerms { row: Arc::clone(&self.row) };
    }
    {
        /// When money becomes available: the channel's own terms, or the merchant's.
        async fn effective_settlement(&self, ctx: &Context<'_>) -> Result<SettlementTerms, Error> {
            let merchant = crate::merchant::find(ctx.app(), self.row.merchant_id).await?;
            Ok(SettlementTerms(Terms::of(&merchant.row, &self.row)))
        }
    }
}

/// A channel's terms of refunds.
#[derive(Clone, Debug)]
pub struct RefundTerms {
    row: Arc<channel::Model>,
}

plain_object! {
    /// What refunds a channel takes 退款条款.
    RefundTerms(self) {
        /// For how many days after the payment 退款期限.
        window_days / "windowDays": i32 = self.row.refund_window_days;
        /// How many of one order.
        max_count / "maxCount": i32 = self.row.refund_max_count;
        /// How many seconds must lie between two of one order.
        spacing_seconds / "spacingSeconds": i32 = self.row.refund_spacing_s;
        /// Whether a part of a payment can be refunded 部分退款.
        partial_allowed / "partialAllowed": bool = self.row.refund_partial;
        /// Whether the fee comes back with a refund 退手续费.
        returns_fee / "returnsFee": bool = self.row.refund_returns_fee;
        /// After how many working days the payer has the money, at the most.
        arrival_days / "arrivalDays": i32 = i32::from(self.row.refund_arrival_days);
    }
}

/// What refunds a channel is to take; what is missing stays as it is.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct RefundTermsInput {
    /// For how many days after the payment: 0 to 3650.
    pub window_days: Option<i32>,
    /// How many of one order: 0 to 1000.
    pub max_count: Option<i32>,
    /// How many seconds must lie between two of one order: 0 to 86400.
    pub spacing_seconds: Option<i32>,
    /// Whether a part of a payment can be refunded.
    pub partial_allowed: Option<bool>,
    /// Whether the fee comes back with a refund; holds for payments from now on.
    pub returns_fee: Option<bool>,
    /// After how many working days the payer has the money, at the most: 0 to 60.
    pub arrival_days: Option<i32>,
}

/// What is to be changed of a channel's terms; what is missing stays as it is.
#[derive(Debug, InputObject)]
pub struct ChannelTermsSetInput {
    /// The channel.
    pub channel_id: ID,
    /// The version that the channel has, as you know it, so that nobody's change is lost; not looked at where
    /// it is missing.
    pub expected_version: Option<i32>,
    /// Where the money goes; holds for payments from now on.
    pub funds_mode: Option<FundsMode>,
    /// When money becomes available; null for the merchant's own terms.
    pub settlement: MaybeUndefined<SettlementTermsInput>,
    /// What refunds it takes.
    pub refunds: Option<RefundTermsInput>,
}

impl ChannelTermsSetInput {
    pub(super) fn read(self) -> Result<TermsChange, TermsRefusal> {
        let refunds = self.refunds.unwrap_or_default();
        let change = TermsChange {
            funds_mode: self.funds_mode.map(Into::into),
            settlement: match self.settlement {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(terms) => Some(Some(terms.read()?)),
            },
            refunds: RefundTermsChange {
                window_days: refunds.window_days,
                max_count: refunds.max_count,
                spacing_s: refunds.spacing_seconds,
                partial_allowed: refunds.partial_allowed,
                returns_fee: refunds.returns_fee,
                arrival_days: refunds.arrival_days,
            },
        };
        change.refunds.check()?;
        Ok(change)
    }
}

payload! {
    /// What `channelTermsSet` did.
    ChannelTermsSetPayload {
        /// The channel, as it is now.
        channel: Lean<Channel>,
    }
    /// Why a channel's terms were not set.
    ChannelTermsSetError / ChannelTermsSetErrorCode from TermsRefusal {
        /// There is no such channel.
        NotFound,
        /// The channel has another version by now: read it again.
        VersionConflict,
        /// INSTANT settles at once: `days` is 0.
        InstantWithDays,
        /// D and T settle after 1 to 30 days.
        DaysOutOfRange,
        /// A figure of the refund terms that no contract has; `field` names it.
        OutOfRange,
    }
}

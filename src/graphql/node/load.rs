//! Loads what an id names, together with all others that are asked for.

use std::hash::Hash;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use entity::ExportId;

use super::{Node, NodeRef};
use crate::audit;
use crate::auth::loader::PeopleLoader;
use crate::auth::schema::{ApiKey, Merchant, StaffMember};
use crate::auth::service::Auth;
use crate::bank_accounts::loader::BankAccountLoader;
use crate::campaigns::schema::Campaign;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::coupons::loader::CouponLoader;
use crate::coupons::schema::{Coupon, CouponTemplate};
use crate::error::Error;
use crate::exports;
use crate::fees::schema::rule::Book;
use crate::graphql::Ask;
use crate::health::loader::{HealthChangeLoader, IncidentLoader};
use crate::health::schema::ChannelHealthChange;
use crate::ledger::loader::LedgerLoader;
use crate::members;
use crate::members::loader::MemberLoader;
use crate::messages::loader::MessageLoader;
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::payouts::loader::PayoutLoader;
use crate::reconciliation;
use crate::reconciliation::loader::RunLoader;
use crate::refunds::loader::RefundLoader;
use crate::rewards::loader::RewardLoader;
use crate::segments::schema::Segment;
use crate::settlements::loader::SettlementLoader;
use crate::settlements::schema::Settlement;
use crate::staff;
use crate::staff::schema::StaffInvitation;
use crate::tiers::schema::Tier;
use crate::webhooks::loader::WebhookLoader;

impl NodeRef {
    /// Loads what there is about people and what they do.
    async fn load_people(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        let (app, actor) = (ctx.app(), ctx.actor()?);
        Ok(match self {
            Self::AuditEntry(id) => {
                let found = audit::service::maybe_find(app, actor.merchant_id, id).await?;
                found.map(|shown| Node::AuditEntry(shown.into()))
            }
            Self::StaffMember(id) => {
                let row = loaded::<PeopleLoader, _>(ctx, id).await?;
                row.map(|row| Node::StaffMember(StaffMember::seen_by(row, actor)))
            }
            Self::ApiKey(id) => {
                let row = loaded::<PeopleLoader, _>(ctx, id).await?;
                row.map(|row| Node::ApiKey(ApiKey(row)))
            }
            Self::StaffInvitation(id) => {
                let found =
                    staff::service::maybe_find_invitation(app, actor.merchant_id, id).await?;
                found.map(|row| Node::StaffInvitation(StaffInvitation::seen_by(app, row, actor)))
            }
            _ => None,
        })
    }

    /// Loads what is done about a channel that does not work.
    async fn load_trouble(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Incident(id) => {
                let row = loaded::<IncidentLoader, _>(ctx, id).await?;
                row.map(|row| Node::Incident(row.into()))
            }
            Self::MaintenanceWindow(id) => {
                let row = loaded::<IncidentLoader, _>(ctx, id).await?;
                row.map(|row| Node::MaintenanceWindow(row.into()))
            }
            _ => None,
        })
    }

    /// Loads what comes off orders, and for whom.
    async fn load_offer(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Member(id) => {
                let row = loaded::<MemberLoader, _>(ctx, id).await?;
                row.map(|row| Node::Member(row.into()))
            }
            Self::MemberImport(id) => {
                let merchant_id = ctx.actor()?.merchant_id;
                let row = members::service::find_import(ctx.app(), merchant_id, id).await?;
                row.map(|row| Node::MemberImport(row.into()))
            }
            Self::Campaign(id) => Campaign::load(ctx, id).await?.map(Node::Campaign),
            Self::Tier(id) => Tier::load(ctx, id).await?.map(Node::Tier),
            Self::Segment(id) => Segment::load(ctx, id).await?.map(Node::Segment),
            Self::CouponTemplate(id) => {
                let row = loaded::<CouponLoader, _>(ctx, id).await?;
                let row = row.ok_or(Error::NotFound)?;
                Some(Node::CouponTemplate(CouponTemplate::open(ctx, row).await?))
            }
            Self::Coupon(id) => {
                let row = loaded::<CouponLoader, _>(ctx, id).await?;
                let now = ctx.app().clock.instant();
                row.map(|row| Node::Coupon(Coupon::of(row, now)))
            }
            _ => None,
        })
    }

    /// Loads what members are sent.
    async fn load_message(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Message(id) => {
                let row = loaded::<MessageLoader, _>(ctx, id).await?;
                row.map(|row| Node::Message(row.into()))
            }
            Self::MessageRecipient(id) => {
                let row = loaded::<MessageLoader, _>(ctx, id).await?;
                row.map(|row| Node::MessageRecipient(row.into()))
            }
            _ => None,
        })
    }

    /// Loads what members have points for.
    async fn load_reward(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Reward(id) => {
                let row = loaded::<RewardLoader, _>(ctx, id).await?;
                row.map(|row| Node::Reward(row.into()))
            }
            Self::RewardRedemption(id) => {
                let row = loaded::<RewardLoader, _>(ctx, id).await?;
                row.map(|row| Node::RewardRedemption(row.into()))
            }
            _ => None,
        })
    }

    /// Loads what is sent, and where to.
    async fn load_webhook(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::WebhookEndpoint(id) => {
                let row = loaded::<WebhookLoader, _>(ctx, id).await?;
                row.map(|row| Node::WebhookEndpoint(row.into()))
            }
            Self::WebhookDelivery(id) => {
                let row = loaded::<WebhookLoader, _>(ctx, id).await?;
                row.map(|row| Node::WebhookDelivery(row.into()))
            }
            _ => None,
        })
    }

    /// Loads what money leaves by.
    async fn load_money_out(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::Refund(id) => {
                let row = loaded::<RefundLoader, _>(ctx, id).await?;
                row.map(|row| Node::Refund(row.into()))
            }
            Self::Payout(id) => {
                let row = loaded::<PayoutLoader, _>(ctx, id).await?;
                row.map(|row| Node::Payout(row.into()))
            }
            Self::BankAccount(id) => {
                let row = loaded::<BankAccountLoader, _>(ctx, id).await?;
                row.map(|row| Node::BankAccount(row.into()))
            }
            _ => None,
        })
    }

    /// Loads what the books tell of money, and what it costs.
    async fn load_book(self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Ok(match self {
            Self::FeeRule(id, version) => {
                let rule = fee_rules(ctx).await?.find((id, version));
                rule.map(Node::FeeRule)
            }
            Self::Settlement(id) => {
                let row = loaded::<SettlementLoader, _>(ctx, id).await?;
                row.map(|row| Node::Settlement(Settlement { row }))
            }
            Self::LedgerTransaction(id) => {
                let row = loaded::<LedgerLoader, _>(ctx, id).await?;
                row.map(|row| Node::LedgerTransaction(row.into()))
            }
            _ => None,
        })
    }

    /// Loads it, together with all others that are asked for. Another merchant's is not found; one that
    /// the reader may not see is forbidden, as on its own root field.
    pub async fn load(self, ctx: &Context<'_>) -> Result<Node, Error> {
        let actor = ctx.actor()?;
        let scope = self.scope();
        if !actor.may(scope) {
            return Err(Error::Forbidden {
                scope: scope.name(),
            });
        }
        match self {
            Self::Order(id) => {
                let row = loaded::<OrderLoader, _>(ctx, FullOrder(id)).await?;
                row.map(|row| Node::Order(row.into()))
            }
            Self::Channel(id) => {
                let row = loaded::<ChannelLoader, _>(ctx, id).await?;
                row.map(|row| Node::Channel(Channel { row }))
            }
            Self::ReconciliationItem(id) => {
                let mut rows =
                    reconciliation::service::find_items(ctx.app(), actor.merchant_id, &[id])
                        .await?;
                let row = rows.remove(&id);
                row.map(|row| Node::ReconciliationItem(row.into()))
            }
            Self::ReconciliationRun(id) => {
                let row = loaded::<RunLoader, _>(ctx, id).await?;
                row.map(|row| Node::ReconciliationRun(row.into()))
            }
            Self::Merchant(id) if id == actor.merchant_id => {
                let row = ctx.data_unchecked::<Auth>().find_merchant(id).await?;
                Some(Node::Merchant(Merchant(row)))
            }
            Self::Merchant(_) => None,
            Self::Refund(_) | Self::Payout(_) | Self::BankAccount(_) => {
                self.load_money_out(ctx).await?
            }
            Self::FeeRule(..) | Self::Settlement(_) | Self::LedgerTransaction(_) => {
                self.load_book(ctx).await?
            }
            Self::ChannelHealthChange(id) => {
                let row = loaded::<HealthChangeLoader, _>(ctx, id).await?;
                row.map(|row| Node::ChannelHealthChange(ChannelHealthChange { row }))
            }
            Self::StaffMember(_)
            | Self::ApiKey(_)
            | Self::AuditEntry(_)
            | Self::StaffInvitation(_) => Box::pin(self.load_people(ctx)).await?,
            Self::Incident(_) | Self::MaintenanceWindow(_) => self.load_trouble(ctx).await?,
            Self::WebhookEndpoint(_) | Self::WebhookDelivery(_) => self.load_webhook(ctx).await?,
            Self::Message(_) | Self::MessageRecipient(_) => self.load_message(ctx).await?,
            Self::Export(id) => export(ctx, id).await?,
            Self::Member(_)
            | Self::MemberImport(_)
            | Self::Tier(_)
            | Self::Segment(_)
            | Self::Campaign(_)
            | Self::CouponTemplate(_)
            | Self::Coupon(_) => Box::pin(self.load_offer(ctx)).await?,
            Self::Reward(_) | Self::RewardRedemption(_) => self.load_reward(ctx).await?,
        }
        .ok_or(Error::NotFound)
    }
}

/// Loads a row together with all others that are asked for.
async fn loaded<L, K>(ctx: &Context<'_>, key: K) -> Result<Option<L::Value>, Error>
where
    L: Loader<K, Error = Error>,
    K: Send + Sync + Hash + Eq + Clone + 'static,
{
    let loader = ctx.data_unchecked::<DataLoader<L>>();
    loader.load_one(key).await
}

async fn export(ctx: &Context<'_>, id: ExportId) -> Result<Option<Node>, Error> {
    let merchant_id = ctx.actor()?.merchant_id;
    let mut rows = exports::service::find_many(ctx.app(), merchant_id, &[id]).await?;
    Ok(rows.remove(&id).map(|row| Node::Export(row.into())))
}

async fn fee_rules(ctx: &Context<'_>) -> Result<Book, Error> {
    let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
    Book::load(ctx, merchant.currency).await
}

//! API keys, without their secrets.

use async_graphql::{Context, Enum, ID, Object};

use super::StaffMember;
use crate::auth::api_key::{ApiKeyRow, scopes_of};
use crate::auth::model;
use crate::graphql::Ask;
use crate::graphql::scalars::Timestamp;

/// One permission 权限.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "model::Scope")]
pub enum Scope {
    /// `merchant:read`: see the merchant's own settings.
    MerchantRead,
    /// `orders:read`: see orders, their lines and timelines, and their events.
    OrdersRead,
    /// `orders:create`: make orders, as a shop's server does.
    OrdersCreate,
    /// `orders:write`: close and fulfil orders.
    OrdersWrite,
    /// `personal:read`: see names, telephone numbers and e-mail addresses in full.
    PersonalRead,
    /// `channels:read`: see payment channels.
    ChannelsRead,
    /// `staff:read`: see who works here.
    StaffRead,
    /// `api-keys:read`: see API keys, never their secrets.
    ApiKeysRead,
    /// `api-keys:write`: make and revoke API keys.
    ApiKeysWrite,
    /// `reconciliation:read`: see what does not fit between payment platforms and us.
    ReconciliationRead,
    /// `reconciliation:write`: import daily bills, and settle what does not fit.
    ReconciliationWrite,
    /// `refunds:read`: see refunds.
    RefundsRead,
    /// `refunds:write`: ask for refunds, and retry them.
    RefundsWrite,
    /// `refunds:approve`: approve and reject the refunds of others, and say what became of those that
    /// nobody knows about.
    RefundsApprove,
    /// `ledger:read`: see balances, the ledger, fees and settlements.
    LedgerRead,
    /// `fees:write`: set fee rules.
    FeesWrite,
    /// `channels:write`: make and change channels, and how one of them is chosen.
    ChannelsWrite,
    /// `merchant:write`: change the merchant's own settings.
    MerchantWrite,
    /// `incidents:write`: acknowledge incidents, plan maintenance, say how a channel is.
    IncidentsWrite,
    /// `checkout:read`: see what a payment page offers; all that a publishable key may.
    CheckoutRead,
    /// `payouts:read`: see payouts, their terms and their schedule.
    PayoutsRead,
    /// `payouts:write`: ask for payouts and call them off. Members of staff alone can, with a second factor.
    PayoutsWrite,
    /// `payouts:approve`: approve and reject the payouts of others. Members of staff alone can, with a second factor.
    PayoutsApprove,
    /// `bank-accounts:read`: see bank accounts, masked.
    BankAccountsRead,
    /// `bank-accounts:write`: bind and unbind bank accounts, and set the payout schedule. Members of staff alone
    /// can, with a second factor.
    BankAccountsWrite,
    /// `staff:write`: invite colleagues, change their roles, and let them go.
    StaffWrite,
    /// `audit:read`: see who did what.
    AuditRead,
    /// `exports:write`: have lists written into files; each list needs its own scope, too.
    ExportsWrite,
    /// `webhooks:read`: see webhook endpoints and what was delivered, never their secrets.
    WebhooksRead,
    /// `webhooks:write`: set up webhook endpoints, and deliver again.
    WebhooksWrite,
    /// `campaigns:read`: see campaigns, coupons and what became of them.
    CampaignsRead,
    /// `campaigns:write`: make and change campaigns and coupon templates.
    CampaignsWrite,
    /// `coupons:issue`: hand out coupons, and void them.
    CouponsIssue,
    /// `members:read`: see members.
    MembersRead,
    /// `members:write`: make, change, import and merge members.
    MembersWrite,
    /// `members:erase`: erase what names a member, for good.
    MembersErase,
    /// `loyalty:write`: set tiers, how points are earned and spent, rewards, gifts and segments.
    LoyaltyWrite,
    /// `points:adjust`: give and take points, and give tiers.
    PointsAdjust,
    /// `rewards:redeem`: take rewards for members, hand them over, and call them off.
    RewardsRedeem,
    /// `messages:send`: write to members.
    MessagesSend,
}

/// Whether an API key works 密钥状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ApiKeyStatus {
    /// It works 有效.
    Active,
    /// It ended by itself 已过期.
    Expired,
    /// It was revoked, for good 已撤销.
    Revoked,
}

/// An API key 接口密钥: how a shop's server signs its requests in.
#[derive(Clone, Debug)]
pub struct ApiKey(pub ApiKeyRow);

/// An API key 接口密钥: how a shop's server signs its requests in.
#[Object]
impl ApiKey {
    /// The global id.
    pub(crate) async fn id(&self) -> ID {
        self.0.key.id.to_string().into()
    }

    /// What the merchant calls it 名称.
    async fn name(&self) -> &str {
        &self.0.key.name
    }

    /// Whether it works.
    async fn status(&self, ctx: &Context<'_>) -> ApiKeyStatus {
        let key = &self.0.key;
        let now = ctx.app().clock.now();
        if key.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if key.expires_at.is_some_and(|expires_at| expires_at.0 <= now) {
            ApiKeyStatus::Expired
        } else {
            ApiKeyStatus::Active
        }
    }

    /// Whether it may stand in a shop's pages 可公开密钥: its text begins with `pk_`, and it may see what a
    /// payment page offers, nothing else.
    async fn publishable(&self) -> bool {
        self.0.key.publishable
    }

    /// What it may do.
    async fn scopes(&self) -> Vec<Scope> {
        scopes_of(&self.0.key).iter().map(Into::into).collect()
    }

    /// Where it may come from IP 白名单: addresses and networks; empty is from anywhere.
    async fn allowed_ips(&self) -> Vec<&str> {
        let list = self.0.key.allowed_ips.as_deref();
        list.map(|list| list.split(' ').collect())
            .unwrap_or_default()
    }

    /// Who made it; null where they do not work here any more, or you may not see who does
    /// (`staff:read`).
    async fn created_by(&self, ctx: &Context<'_>) -> Option<StaffMember> {
        let actor = ctx.actor().ok()?;
        let creator = self.0.creator.clone()?;
        actor
            .may(model::Scope::StaffRead)
            .then(|| StaffMember::seen_by(creator, actor))
    }

    /// When it was made.
    async fn created_at(&self) -> Timestamp {
        self.0.key.created_at.into()
    }

    /// When it ends by itself; null is never.
    async fn expires_at(&self) -> Option<Timestamp> {
        self.0.key.expires_at.map(Into::into)
    }

    /// When it was revoked.
    async fn revoked_at(&self) -> Option<Timestamp> {
        self.0.key.revoked_at.map(Into::into)
    }
}

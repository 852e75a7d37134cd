//! A campaign as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID};
use entity::{CampaignId, campaign, campaign_version};
use rust_decimal::Decimal;

use super::effect::{self, CampaignEffect};
use super::rules::{BenefitKind, OfferRules, RefundPolicy};
use crate::campaigns::loader::{CampaignLoader, TakenOf};
use crate::campaigns::model::Rules;
use crate::campaigns::service;
use crate::error::Error;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::paging::Paging;

/// Where a campaign stands 活动状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "campaign::CampaignState")]
pub enum CampaignState {
    /// 草稿: nobody is given it.
    Draft,
    /// 待开始: it begins by itself.
    Scheduled,
    /// 进行中: it is given.
    Active,
    /// 已暂停: it is not given until somebody goes on.
    Paused,
    /// 已结束: for good.
    Ended,
}

plain_scalars!(CampaignState);

/// A campaign, its rules understood.
#[derive(Clone, Debug)]
pub struct Campaign {
    row: Arc<campaign::Model>,
    rules: Arc<Rules>,
    currency: Currency,
}

/// A share in millionths as a decimal: 0.1 is a tenth.
fn share(ppm: i32) -> DecimalText {
    DecimalText(Decimal::new(ppm.into(), 6).normalize())
}

impl Campaign {
    /// Understands a row, in the currency of its merchant.
    pub fn of(row: campaign::Model, currency: Currency) -> Result<Self, Error> {
        let rules = Arc::new(Rules::of_text(&row.rules)?);
        Ok(Self {
            row: Arc::new(row),
            rules,
            currency,
        })
    }

    /// Loads a campaign together with all others that are asked for; none where the merchant has none of this id.
    pub async fn load(ctx: &Context<'_>, id: CampaignId) -> Result<Option<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<CampaignLoader>>();
        let Some(row) = loader.load_one(id).await? else {
            return Ok(None);
        };
        let currency = crate::merchant::find(ctx.app(), row.merchant_id).await?;
        Self::of(row, currency.currency).map(Some)
    }

    /// The row.
    #[must_use]
    pub fn row(&self) -> &campaign::Model {
        &self.row
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    /// How many orders took it, and what it cost, in minor units.
    async fn taken(&self, ctx: &Context<'_>) -> Result<(i64, i64), Error> {
        let loader = ctx.data_unchecked::<DataLoader<CampaignLoader>>();
        let taken = loader.load_one(TakenOf(self.row.id)).await?;
        Ok(taken.unwrap_or_default())
    }
}

/// What is left of a campaign's budget; none where it has none.
async fn left(ctx: &Context<'_>, campaign: &Campaign) -> Result<Option<Money>, Error> {
    let Some(budget) = campaign.rules.limits.budget_minor else {
        return Ok(None);
    };
    let (_, spent_minor) = campaign.taken(ctx).await?;
    let left = budget.saturating_sub(spent_minor).max(0);
    Ok(Some(Money::of_minor(left, campaign.currency)))
}

plain_object! {
    /// A campaign 营销活动: what comes off orders by itself, when, for whom, and within which limits.
    Campaign(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What the merchant calls it 活动名称.
        name / "name": &str = self.row.name.as_str();
        /// Where it stands 活动状态.
        state / "state": CampaignState = self.row.state.into();
        /// In which way something comes off 优惠方式.
        kind / "kind": BenefitKind = self.row.kind.into();
        /// What it gives, on what, to whom, when, and how often 活动规则.
        rules / "rules": Lean<OfferRules> = Lean(OfferRules::of(Arc::clone(&self.rules), self.currency));
        /// From when it is given 开始时间.
        starts_at / "startsAt": Timestamp = self.row.starts_at.into();
        /// Until before when it is given 结束时间; null for no end.
        ends_at / "endsAt": Option<Timestamp> = self.row.ends_at.map(Timestamp::from);
        /// Which share of members is not given it, so that its effect can be told 对照组比例: 0.1 is a tenth.
        holdout_share / "holdoutShare": DecimalText = share(self.row.holdout_ppm);
        /// What a full refund of the order does 退款规则.
        refund_policy / "refundPolicy": RefundPolicy = self.row.refund_policy.into();
        /// The version of what it gives, from 1; name it as `expectedVersion`. An order keeps the version that it was
        /// priced by.
        version / "version": i32 = self.row.version;
        /// Who made it: an id of staff or of an API key, or `system`.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When anything about it last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// When it first began 实际开始时间; null where it has not.
        activated_at / "activatedAt": Option<Timestamp> = self.row.activated_at.map(Timestamp::from);
        /// When it ended 实际结束时间; null where it has not.
        ended_at / "endedAt": Option<Timestamp> = self.row.ended_at.map(Timestamp::from);
    }
    {
        /// How many orders took it 已参与订单数, those that wait to be paid included.
        async fn redeemed(&self, ctx: &Context<'_>) -> Result<i64, Error> {
            Ok(self.taken(ctx).await?.0)
        }

        /// What it took off orders 优惠成本, those that wait to be paid included.
        async fn discount_cost(&self, ctx: &Context<'_>) -> Result<Money, Error> {
            let (_, spent_minor) = self.taken(ctx).await?;
            Ok(Money::of_minor(spent_minor, self.currency))
        }

        /// What is left of its budget 剩余预算; null where it has none.
        async fn remaining_budget(&self, ctx: &Context<'_>) -> Nullable<Money> {
            left(ctx, self).await.transpose()
        }

        /// What it brought 活动效果; null where it has not begun. Needs `orders:read` besides: it tells of all sales.
        async fn effect(&self, ctx: &Context<'_>) -> Nullable<Lean<CampaignEffect>> {
            effect::of_campaign(ctx, &self.row, self.currency).await
        }

        /// What it gave before, and gives now 活动版本: each change is a version, the newest first.
        async fn versions(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Result<Lean<CampaignVersionConnection>, Error> {
            let paging = Paging::read(first, after, last, before)?;
            let (merchant_id, currency) = (self.row.merchant_id, self.currency);
            let page = service::versions(ctx.app(), merchant_id, self.row.id, &paging).await?;
            let page = page.maybe_map(|row| CampaignVersion::of(row, currency))?;
            Ok(Lean(CampaignVersionConnection::page(
                page,
                |version| version.row.version.to_string(),
                Lean,
            )))
        }
    }
}

/// A version of a campaign, its rules understood.
#[derive(Clone, Debug)]
pub struct CampaignVersion {
    row: Arc<campaign_version::Model>,
    rules: Arc<Rules>,
    currency: Currency,
}

impl CampaignVersion {
    fn of(row: campaign_version::Model, currency: Currency) -> Result<Self, Error> {
        let rules = Arc::new(Rules::of_text(&row.rules)?);
        Ok(Self {
            row: Arc::new(row),
            rules,
            currency,
        })
    }
}

plain_object! {
    /// A version of a campaign 活动版本: what it gave from then on. It never changes.
    CampaignVersion(self) {
        /// Which version, from 1.
        version / "version": i32 = self.row.version;
        /// What the merchant called it.
        name / "name": &str = self.row.name.as_str();
        /// What it gave, on what, to whom, when, and how often.
        rules / "rules": Lean<OfferRules> = Lean(OfferRules::of(Arc::clone(&self.rules), self.currency));
        /// From when it was given.
        starts_at / "startsAt": Timestamp = self.row.starts_at.into();
        /// Until before when it was given; null for no end.
        ends_at / "endsAt": Option<Timestamp> = self.row.ends_at.map(Timestamp::from);
        /// Which share of members was not given it.
        holdout_share / "holdoutShare": DecimalText = share(self.row.holdout_ppm);
        /// What a full refund does.
        refund_policy / "refundPolicy": RefundPolicy = self.row.refund_policy.into();
        /// Who made the version: an id of staff or of an API key, or `system`.
        changed_by / "changedBy": &str = self.row.changed_by.as_str();
        /// When it was made.
        changed_at / "changedAt": Timestamp = self.row.changed_at.into();
    }
}

connection! {
    /// Versions of a campaign.
    CampaignVersionConnection
    /// A version in a list.
    CampaignVersionEdge
    /// The version.
    node: Lean<CampaignVersion>
}

//! A tier as clients see it.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum, ID};
use entity::{CouponTemplateId, TierId, tier};
use rust_decimal::Decimal;

use crate::auth::model::Scope;
use crate::coupons::schema::CouponTemplate;
use crate::error::Error;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::{DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::locale::Locale;
use crate::money::{Currency, Money};
use crate::tiers::loader::{MembersOf, TierLoader};

/// What becomes of who does not reach a tier any more 降级规则, when it is kept no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "tier::DowngradeRule")]
pub enum TierDowngrade {
    /// 按实际降级: they have the tier that they reach, or none.
    Qualified,
    /// 逐级降级: they have the next lower tier, or a higher one that they reach.
    OneStep,
}

plain_scalars!(TierDowngrade);

/// A tier, in the currency of its merchant and the language of who asks.
#[derive(Clone, Debug)]
pub struct Tier {
    row: Arc<tier::Model>,
    currency: Currency,
    locale: Locale,
}

impl Tier {
    /// A tier as it is kept.
    pub async fn open(ctx: &Context<'_>, row: tier::Model) -> Result<Self, Error> {
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Ok(Self {
            row: Arc::new(row),
            currency: merchant.currency,
            locale: ctx.locale(),
        })
    }

    /// Loads a tier together with all others that are asked for, those that were taken away as well; none where the
    /// merchant has none of this id.
    pub async fn load(ctx: &Context<'_>, id: TierId) -> Result<Option<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<TierLoader>>();
        match loader.load_one(id).await? {
            Some(row) => Ok(Some(Self::open(ctx, row).await?)),
            None => Ok(None),
        }
    }
}

plain_object! {
    /// A tier 会员等级: what it takes to have it, what it brings, and how long it is kept.
    Tier(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// Its place 级别; the higher, the better.
        rank / "rank": i32 = self.row.rank;
        /// Its name 等级名称.
        name / "name": &str = self.row.name.as_str();
        /// Its name in English; null where it has none.
        name_en / "nameEn": Option<&str> = self.row.name_en.as_deref();
        /// Its name in the language of `Accept-Language`.
        display_name / "displayName": &str =
            self.locale.pick(&self.row.name, self.row.name_en.as_deref());
        /// What it takes 升级门槛: any one of the thresholds is enough.
        thresholds / "thresholds": Lean<TierThresholds> = Lean(TierThresholds(self.clone()));
        /// What it brings 等级权益.
        benefits / "benefits": Lean<TierBenefits> = Lean(TierBenefits(self.clone()));
        /// How many whole days it is kept behind the one on which it was reached 保级天数; null for ever.
        retention_days / "retentionDays": Option<i32> = self.row.retention_days;
        /// What becomes of who does not reach it any more then 降级规则.
        downgrade / "downgrade": TierDowngrade = self.row.downgrade.into();
        /// Counts its changes; `tierSet` and `tierRemove` want it.
        version / "version": i32 = self.row.version;
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// When it was taken away 取消时间; null where it is there.
        removed_at / "removedAt": Option<Timestamp> = self.row.removed_at.map(Timestamp::from);
    }
    {
        /// How many members have it 会员数. Counted only when it is selected.
        async fn member_count(&self, ctx: &Context<'_>) -> Result<i64, Error> {
            let loader = ctx.data_unchecked::<DataLoader<TierLoader>>();
            Ok(loader.load_one(MembersOf(self.row.id)).await?.unwrap_or_default())
        }
    }
}

/// What a tier takes.
#[derive(Clone, Debug)]
pub struct TierThresholds(Tier);

plain_object! {
    /// What a tier takes 升级门槛: any one is enough. Without any it is given by people alone.
    TierThresholds(self) {
        /// Who has spent so much reaches it 消费金额, net of refunds; null where that is not asked for.
        spend / "spend": Option<Money> =
            self.0.row.spend_minor.map(|minor| Money::of_minor(minor, self.0.currency));
        /// Who has earned so many points by orders reaches it 积分.
        points / "points": Option<i64> = self.0.row.points;
        /// Who has paid for so many orders reaches it 支付笔数; those that were refunded in full do not count.
        orders / "orders": Option<i64> = self.0.row.orders;
        /// In so many days, today included 统计周期; null for all time.
        window_days / "windowDays": Option<i32> = self.0.row.window_days;
    }
}

/// What a tier brings.
#[derive(Clone, Debug)]
pub struct TierBenefits(Tier);

async fn birthday_coupon(
    ctx: &Context<'_>,
    id: Option<CouponTemplateId>,
) -> Result<Option<Lean<CouponTemplate>>, Error> {
    let Some(id) = id else {
        return Ok(None);
    };
    let scope = Scope::CampaignsRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    CouponTemplate::load(ctx, id).await.map(Some)
}

plain_object! {
    /// What a tier brings 等级权益.
    TierBenefits(self) {
        /// How many percent come off at the checkout 会员折扣: "5" is 九五折, "0" nothing.
        discount_percent / "discountPercent": DecimalText =
            DecimalText(Decimal::new(self.0.row.discount_ppm.into(), 4).normalize());
        /// Whether that comes off only where nothing else does 不与其他优惠同享.
        exclusive / "exclusive": bool = self.0.row.discount_exclusive;
        /// How many times the usual points are earned 积分倍数: "1.5" is half as many again.
        points_multiplier / "pointsMultiplier": DecimalText =
            DecimalText(Decimal::new(self.0.row.multiplier_ppm.into(), 6).normalize());
        /// Points on the birthday 生日积分; null where there are none.
        birthday_points / "birthdayPoints": Option<i64> = self.0.row.birthday_points;
        /// Whether they are served first 优先服务.
        priority / "priority": bool = self.0.row.priority;
        /// What else it brings, in words 其他权益.
        perks / "perks": Option<&str> = self.0.row.perks.as_deref();
        /// The same in English.
        perks_en / "perksEn": Option<&str> = self.0.row.perks_en.as_deref();
        /// The same in the language of `Accept-Language`; null where nothing is said.
        display_perks / "displayPerks": Option<&str> = match (self.0.locale, self.0.row.perks_en.as_deref()) {
            (Locale::En, Some(en)) => Some(en),
            _ => self.0.row.perks.as_deref(),
        };
    }
    {
        /// The coupon on the birthday 生日券; null where there is none. Needs `campaigns:read`.
        async fn birthday_coupon(&self, ctx: &Context<'_>) -> Nullable<Lean<CouponTemplate>> {
            birthday_coupon(ctx, self.0.row.birthday_template_id).await.transpose()
        }
    }
}

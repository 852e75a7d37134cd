//! A coupon template, and a list of them, as clients see them.

use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID};
use entity::{CouponTemplateId, MerchantId, coupon_template};

use super::enums::CouponTemplateState;
use crate::campaigns::model::Rules;
use crate::campaigns::schema::rules::{BenefitKind, OfferRules, RefundPolicy};
use crate::coupons::loader::{CouponLoader, TakenOf};
use crate::coupons::model::TemplateFilter;
use crate::coupons::service::{self, Taken};
use crate::error::Error;
use crate::graphql::Ask;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::Timestamp;
use crate::money::{Currency, Money};

/// A coupon template, its rules understood.
#[derive(Clone, Debug)]
pub struct CouponTemplate {
    row: Arc<coupon_template::Model>,
    rules: Arc<Rules>,
    currency: Currency,
}

impl CouponTemplate {
    /// A template as it is kept, with the merchant's currency.
    pub fn of(row: coupon_template::Model, currency: Currency) -> Result<Self, Error> {
        Ok(Self {
            rules: Arc::new(Rules::of_text(&row.rules)?),
            row: Arc::new(row),
            currency,
        })
    }

    /// A template as it is kept, in the currency of who asks.
    pub async fn open(ctx: &Context<'_>, row: coupon_template::Model) -> Result<Self, Error> {
        let merchant = crate::merchant::find(ctx.app(), ctx.actor()?.merchant_id).await?;
        Self::of(row, merchant.currency)
    }

    /// The template of an id, read together with all others that are asked for.
    pub async fn load(ctx: &Context<'_>, id: CouponTemplateId) -> Result<Lean<Self>, Error> {
        let loader = ctx.data_unchecked::<DataLoader<CouponLoader>>();
        let row = loader.load_one(id).await?.ok_or(Error::NotFound)?;
        Ok(Lean(Self::open(ctx, row).await?))
    }

    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }

    async fn taken(&self, ctx: &Context<'_>) -> Result<Taken, Error> {
        let loader = ctx.data_unchecked::<DataLoader<CouponLoader>>();
        Ok(loader
            .load_one(TakenOf(self.row.id))
            .await?
            .unwrap_or_default())
    }
}

plain_object! {
    /// A coupon template 优惠券模板: what its coupons give, how many there are, and for how long they hold.
    CouponTemplate(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What payers are shown 名称.
        name / "name": &str = self.row.name.as_str();
        /// Whether coupons are handed out 发放状态.
        state / "state": CouponTemplateState = self.row.state.into();
        /// Counts its changes; `couponTemplateUpdate` wants it.
        version / "version": i32 = self.row.version;
        /// In which way its coupons give 优惠方式.
        kind / "kind": BenefitKind = self.row.kind.into();
        /// What a coupon gives, on what, to whom, when 优惠规则; never changed. Its limits are `quantity` and `perMember`.
        rules / "rules": Lean<OfferRules> =
            Lean(OfferRules::of(Arc::clone(&self.rules), self.currency));
        /// From when its coupons hold 生效时间; null where they do from when they are handed out.
        valid_from / "validFrom": Option<Timestamp> = self.row.valid_from.map(Timestamp::from);
        /// Until before when they hold 失效时间; null where `validDays` says how long.
        valid_until / "validUntil": Option<Timestamp> = self.row.valid_until.map(Timestamp::from);
        /// For how many days they hold after the day on which they are handed out 有效天数, to the end of the last one;
        /// null where `validUntil` is fixed.
        valid_days / "validDays": Option<i32> = self.row.valid_days;
        /// How many may be handed out in all 发放总量.
        quantity / "quantity": i64 = self.row.quantity;
        /// How many one member may get 每人限领; null for any number.
        per_member / "perMember": Option<i64> = self.row.per_member;
        /// The public code 领券口令 by which members claim one; null where they cannot.
        claim_code / "claimCode": Option<&str> = self.row.claim_code.as_deref();
        /// What a full refund of the order does with the coupon 退款规则: as it says when the refund has gone through,
        /// also for coupons that were used before it was changed.
        refund_policy / "refundPolicy": RefundPolicy = self.row.refund_policy.into();
        /// Who made it 创建人: an id of staff or of an API key.
        created_by / "createdBy": &str = self.row.created_by.as_str();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.made_at();
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
    }
    {
        /// How many are handed out 已发放; what was voided counts, and what a redemption gave that was called off does not.
        async fn issued(&self, ctx: &Context<'_>) -> Result<i64, Error> {
            Ok(self.taken(ctx).await?.issued)
        }

        /// How many may still be handed out 剩余数量.
        async fn remaining(&self, ctx: &Context<'_>) -> Result<i64, Error> {
            Ok((self.row.quantity - self.taken(ctx).await?.issued).max(0))
        }

        /// How many are used 已使用; those that an unpaid order holds count.
        async fn used(&self, ctx: &Context<'_>) -> Result<i64, Error> {
            Ok(self.taken(ctx).await?.used)
        }

        /// What these took off orders 优惠成本.
        async fn discount_cost(&self, ctx: &Context<'_>) -> Result<Money, Error> {
            Ok(Money::of_minor(self.taken(ctx).await?.cost_minor, self.currency))
        }
    }
}

connection! {
    /// A list of coupon templates.
    CouponTemplateConnection { merchant_id: MerchantId, filter: TemplateFilter }
    /// A coupon template in a list.
    CouponTemplateEdge
    /// The coupon template.
    node: Lean<CouponTemplate>
    {
        /// How many templates the filter wants, on all pages. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count_templates(ctx.app(), self.merchant_id, &self.filter).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many templates to count"))
        }
    }
}

//! Rules of gifts, and what members were given, as clients see them.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, Enum};
use entity::{CouponTemplateId, MemberId, MerchantId, grant_rule, member_grant};

use crate::auth::model::Scope;
use crate::coupons::loader::CouponLoader;
use crate::coupons::schema::{Coupon, CouponTemplate};
use crate::error::Error;
use crate::grants::service;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::paging::Paging;

/// On which day members are given something 赠礼类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::grant_rule::GrantKind")]
pub enum GrantKind {
    /// 生日礼: the birthday.
    Birthday,
    /// 入会周年礼: the day on which they joined.
    Anniversary,
}

plain_scalars!(GrantKind);

/// A rule of gifts, also one that was never set.
#[derive(Clone, Debug)]
pub struct GrantRule {
    kind: grant_rule::GrantKind,
    row: Option<grant_rule::Model>,
}

impl GrantRule {
    /// The rule for a day, among those that were set.
    #[must_use]
    pub fn of(kind: grant_rule::GrantKind, rows: &[grant_rule::Model]) -> Self {
        let row = rows.iter().find(|row| row.kind == kind).cloned();
        Self { kind, row }
    }

    fn set<T>(&self, read: impl FnOnce(&grant_rule::Model) -> T) -> Option<T> {
        self.row.as_ref().map(read)
    }

    fn template_id(&self) -> Option<CouponTemplateId> {
        self.set(|row| row.template_id).flatten()
    }
}

impl From<grant_rule::Model> for GrantRule {
    fn from(row: grant_rule::Model) -> Self {
        Self {
            kind: row.kind,
            row: Some(row),
        }
    }
}

/// Refuses who lacks a scope.
fn needs(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

async fn template_of(
    ctx: &Context<'_>,
    id: Option<CouponTemplateId>,
) -> Result<Option<Lean<CouponTemplate>>, Error> {
    let Some(id) = id else {
        return Ok(None);
    };
    needs(ctx, Scope::CampaignsRead)?;
    CouponTemplate::load(ctx, id).await.map(Some)
}

plain_object! {
    /// What members are given on a day of theirs, every year 赠礼规则.
    GrantRule(self) {
        /// On which day.
        kind / "kind": GrantKind = self.kind.into();
        /// Whether anything is given 是否启用. Where a rule for birthdays was never set, `version` is 0, and what tiers bring
        /// is given nevertheless.
        enabled / "enabled": bool = self.set(|row| row.enabled).unwrap_or_default();
        /// How many points are given 赠送积分; null for none. On birthdays, those of the member's tier take their place.
        points / "points": Option<i64> = self.set(|row| row.points).flatten();
        /// How many days ahead it is given 提前天数, from the midnight of the merchant's day on.
        days_before / "daysBefore": i32 = self.set(|row| row.days_before).unwrap_or_default();
        /// Counts its changes; `grantRuleSet` wants it. 0 where it was never set.
        version / "version": i32 = self.set(|row| row.version).unwrap_or_default();
        /// When it was last set; null where it never was.
        updated_at / "updatedAt": Option<Timestamp> = self.set(|row| Timestamp::from(row.updated_at));
    }
    {
        /// Of which template a coupon is given 赠送优惠券; null for none. On birthdays, that of the member's tier takes its
        /// place. Needs `campaigns:read`; null with an error beside it otherwise.
        async fn coupon_template(&self, ctx: &Context<'_>) -> Nullable<Lean<CouponTemplate>> {
            template_of(ctx, self.template_id()).await.transpose()
        }
    }
}

/// What a member was given for a day of a year.
#[derive(Clone, Debug)]
pub struct MemberGrant {
    row: member_grant::Model,
}

impl MemberGrant {
    fn made_at(&self) -> Timestamp {
        let at = chrono::DateTime::from_timestamp_millis(self.row.id.made_at_ms());
        Timestamp(at.unwrap_or_default())
    }
}

async fn coupon_of(
    ctx: &Context<'_>,
    grant: &member_grant::Model,
) -> Result<Option<Lean<Coupon>>, Error> {
    let Some(id) = grant.coupon_id else {
        return Ok(None);
    };
    needs(ctx, Scope::CampaignsRead)?;
    let loader = ctx.data_unchecked::<DataLoader<CouponLoader>>();
    let row = loader.load_one(id).await?.ok_or(Error::NotFound)?;
    Ok(Some(Lean(Coupon::of(row, ctx.app().clock.instant()))))
}

plain_object! {
    /// What a member was given for a day of theirs, in a year 赠礼记录.
    MemberGrant(self) {
        /// For which day.
        kind / "kind": GrantKind = self.row.kind.into();
        /// Of which year 年份; it may be given in the year before, days ahead.
        year / "year": i32 = self.row.year;
        /// How many points 赠送积分; null for none.
        points / "points": Option<i64> = self.row.points;
        /// When it was given 赠送时间.
        granted_at / "grantedAt": Timestamp = self.made_at();
    }
    {
        /// Which coupon 赠送优惠券; null for none. Needs `campaigns:read`; null with an error beside it otherwise.
        async fn coupon(&self, ctx: &Context<'_>) -> Nullable<Lean<Coupon>> {
            coupon_of(ctx, &self.row).await.transpose()
        }
    }
}

connection! {
    /// A list of what a member was given.
    MemberGrantConnection { merchant_id: MerchantId, member_id: MemberId }
    /// What a member was given, in a list.
    MemberGrantEdge
    /// What they were given.
    node: Lean<MemberGrant>
    {
        /// How often they were given something. Counted only when it is selected.
        async fn total_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
            let count = service::count(ctx.app(), self.merchant_id, self.member_id).await?;
            i32::try_from(count).map_err(|_| Error::internal("too many gifts to count"))
        }
    }
}

/// A page of what a member was given.
pub async fn grants_of(
    ctx: &Context<'_>,
    member_id: MemberId,
    paging: Result<Paging, Error>,
) -> Result<Lean<MemberGrantConnection>, Error> {
    let (app, merchant_id) = (ctx.app(), ctx.actor()?.merchant_id);
    let page = service::list(app, merchant_id, member_id, &paging?).await?;
    Ok(Lean(MemberGrantConnection::page(
        page,
        |row| row.id.to_string(),
        |row| Lean(MemberGrant { row }),
        merchant_id,
        member_id,
    )))
}

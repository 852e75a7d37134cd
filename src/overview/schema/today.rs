//! Today, as clients see it.

use async_graphql::{Context, Object};

use crate::auth::model::Scope;
use crate::error::Error;
use crate::graphql::scalars::{LocalDate, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::members;
use crate::members::model::MemberFilter;
use crate::money::{Currency, Money};
use crate::overview::service;
use crate::time_range::TimeRange;

/// The merchant's day so far.
#[derive(Clone, Debug)]
pub struct Today {
    pub(super) row: service::Today,
    pub(super) currency: Currency,
    pub(super) event_cursor: Option<String>,
}

impl Today {
    fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency)
    }
}

/// The merchant's day so far 今日概览, for the tiles of a front page.
#[Object]
impl Today {
    /// Which day it is in the merchant's time zone. The figures begin anew with it; nothing is pushed at
    /// midnight.
    async fn on(&self) -> LocalDate {
        LocalDate(self.row.on)
    }

    /// Everything that happened before this is in the figures; null while the statistics are built for the
    /// first time.
    async fn as_of(&self) -> Option<Timestamp> {
        self.row.as_of.map(Timestamp::from)
    }

    /// Orders that were made today 今日下单.
    async fn orders(&self) -> i64 {
        self.row.measures.orders
    }

    /// Orders that were paid today 今日支付订单.
    async fn paid_orders(&self) -> i64 {
        self.row.measures.paid_orders
    }

    /// What was paid today 今日实付.
    async fn paid(&self) -> Money {
        self.money(self.row.measures.paid_minor())
    }

    /// What was given back today 今日退款.
    async fn refunded(&self) -> Money {
        self.money(self.row.measures.refunded_minor)
    }

    /// What payments cost today, less what refunds returned of it 今日手续费. Needs `ledger:read`; null with
    /// an error beside it otherwise.
    async fn fees(&self, ctx: &Context<'_>) -> Nullable<Money> {
        Some(seen(ctx, Scope::LedgerRead).map(|()| self.money(self.row.measures.fee_minor)))
    }

    /// Members whose first payment of all was today 今日新会员.
    async fn new_members(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        new_members(ctx, self.row.range).await
    }

    /// How many payers are paying now 正在支付: orders of the last half hour that wait for them; at most
    /// 10,000 are counted.
    async fn paying(&self) -> i64 {
        self.row.paying
    }

    /// Orders that are paid and not delivered 待发货, whenever they were made; at most 10,000 are counted.
    async fn awaiting_shipment(&self) -> i64 {
        self.row.shipments
    }

    /// The event cursor at which it was taken: pass it as `after` to `todayUpdated`, and nothing is missed. What
    /// has happened and is not in the figures yet is behind it.
    async fn event_cursor(&self) -> &str {
        self.event_cursor.as_deref().unwrap_or_default()
    }
}

/// Counts the members whose first payment lies in a time.
pub(super) async fn new_members(ctx: &Context<'_>, range: TimeRange) -> Result<i64, Error> {
    let filter = MemberFilter {
        first_paid: Some(range),
        ..MemberFilter::default()
    };
    let count = members::service::count(ctx.app(), ctx.actor()?.merchant_id, &filter).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Whether somebody may see a field.
pub(super) fn seen(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

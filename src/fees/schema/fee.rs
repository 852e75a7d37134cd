//! A fee that was taken, as clients see it.

use async_graphql::dataloader::DataLoader;
use async_graphql::{Context, ID, SimpleObject};
use entity::{MerchantId, payment};

use super::rule::{Book, FeeRule};
use crate::auth::model::Scope;
use crate::channels::loader::ChannelLoader;
use crate::channels::schema::{Channel, PaymentMethod};
use crate::error::Error;
use crate::fees::model::{self, FeeFilter, Tariff};
use crate::fees::service;
use crate::graphql::connection::connection;
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::{CountryCode, DecimalText, Timestamp};
use crate::graphql::{Ask, Nullable};
use crate::money::{Currency, Money};
use crate::orders::loader::{FullOrder, OrderLoader};
use crate::orders::schema::Order;

/// A fee that was taken.
#[derive(Clone, Debug)]
pub struct Fee {
    /// The payment that it was taken from.
    pub row: payment::Model,
}

impl Fee {
    fn currency(&self) -> Currency {
        Currency::of_code(&self.row.currency).unwrap_or(Currency::Cny)
    }

    pub(super) fn money(&self, minor: i64) -> Money {
        Money::of_minor(minor, self.currency())
    }
}

plain_object! {
    /// A fee 手续费 that was taken when a payment was credited, with everything that it was computed from.
    Fee(self) {
        /// What it was taken from: what was paid 计费金额.
        base / "base": Money = self.money(self.row.paid_minor);
        /// The rate 费率: 0.006 is 0.6 %.
        rate / "rate": DecimalText = DecimalText(Tariff::from(&self.row).rate());
        /// What was added 固定费用.
        fixed / "fixed": Money = self.money(self.row.fee_fixed_minor);
        /// What was taken 手续费; zero where no rule fitted.
        amount / "amount": Money = self.money(self.row.fee_minor);
        /// How much of it refunds have returned 退还手续费.
        returned / "returned": Money = self.money(self.row.fee_returned_minor);
        /// What is left of it 净手续费: amount less returned.
        net / "net": Money = self.money(self.row.fee_minor - self.row.fee_returned_minor);
        /// The id of the rule that it follows; null where none fitted.
        rule_id / "ruleId": Option<ID> = self.row.fee_rule_id.map(|id| ID(id.to_string()));
        /// The version of that rule.
        rule_version / "ruleVersion": Option<i32> = self.row.fee_rule_version;
        /// When it was taken: when the payment was credited.
        taken_at / "takenAt": Timestamp = self.row.credited_at.into();
        /// What was paid with.
        method / "method": PaymentMethod = self.row.method.into();
        /// The buyer's country, where it is known.
        country / "country": Option<CountryCode> = self.row.country.clone().map(CountryCode);
    }
    {
        /// The order that was paid. Needs `orders:read`.
        async fn order(&self, ctx: &Context<'_>) -> Nullable<Lean<Order>> {
            Some(order(ctx, self.row.order_id).await)
        }

        /// The channel that the payment came through.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }

        /// The version of the rule that it follows; null where none fitted.
        async fn rule(&self, ctx: &Context<'_>) -> Nullable<Lean<FeeRule>> {
            let kept = self.row.fee_rule_id.zip(self.row.fee_rule_version)?;
            let book = Book::load(ctx, self.currency()).await;
            Some(book.and_then(|book| book.find(kept).map(Lean).ok_or(Error::NotFound)))
        }

        /// Why it is what it is, in one line, in the language of `Accept-Language`.
        async fn explanation(&self, ctx: &Context<'_>) -> String {
            let problem = model::Fee::kept(&self.row).explanation(self.currency());
            problem.in_language(ctx.locale()).to_owned()
        }
    }
}

async fn order(ctx: &Context<'_>, id: entity::OrderId) -> Result<Lean<Order>, Error> {
    let scope = Scope::OrdersRead;
    if !ctx.actor()?.may(scope) {
        return Err(Error::Forbidden {
            scope: scope.name(),
        });
    }
    let loader = ctx.data_unchecked::<DataLoader<OrderLoader>>();
    let row = loader.load_one(FullOrder(id)).await?;
    row.map(|row| Lean(row.into())).ok_or(Error::NotFound)
}

connection! {
    /// A list of fees.
    FeeConnection { merchant_id: MerchantId, currency: Currency, filter: FeeFilter }
    /// A fee in a list.
    FeeEdge
    /// The fee.
    node: Lean<Fee>
    {
        /// The sums over all fees that the filter wants. Computed only when it is selected.
        async fn totals(&self, ctx: &Context<'_>) -> Result<FeeTotals, Error> {
            let totals = service::totals(ctx.app(), self.merchant_id, &self.filter).await?;
            let money = |minor: i64| Money::of_minor(minor, self.currency);
            let (fee, returned) = (
                totals.fee_minor.unwrap_or_default(),
                totals.returned_minor.unwrap_or_default(),
            );
            Ok(FeeTotals {
                base: money(totals.base_minor.unwrap_or_default()),
                fee: money(fee),
                returned: money(returned),
                net: money(fee - returned),
                count: totals.payments,
            })
        }
    }
}

/// The sums over all fees that a filter wants.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct FeeTotals {
    /// What was paid.
    pub base: Money,
    /// What was taken 手续费.
    pub fee: Money,
    /// How much of it refunds have returned 退还手续费.
    pub returned: Money,
    /// What is left of it 净手续费: fee less returned.
    pub net: Money,
    /// How many payments they were taken from.
    pub count: i64,
}

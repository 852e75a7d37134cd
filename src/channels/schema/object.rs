//! A channel, as clients see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID};
use entity::channel;

use super::credentials::ChannelCredentials;
use super::offer::HideWhen;
use super::terms::ChannelTerms;
use super::version::{ChannelVersion, ChannelVersionConnection};
use crate::auth::model::Scope;
use crate::channels::model::{pays_out_from, read_devices};
use crate::channels::service;
use crate::error::Error;
use crate::fees::model::of_channel;
use crate::fees::schema::FeeRule;
use crate::fees::schema::rule::Book;
use crate::graphql::plain::{Lean, plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::health;
use crate::health::schema::{
    ChannelDay, ChannelHealth, ChannelHealthChangeConnection, ChannelProbe, Incident,
    MaintenanceWindow,
};
use crate::money::{Currency, Money};
use crate::orders::schema::enums::PayerDevice;
use crate::paging::Paging;

/// What the payer pays with 支付方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::channel::PaymentMethod")]
pub enum PaymentMethod {
    /// 微信支付.
    WechatPay,
    /// 支付宝.
    Alipay,
    /// 云闪付 and 银联.
    UnionPay,
    /// 银行卡: international cards.
    Card,
    /// QQ 钱包.
    QqPay,
}

/// Which payment platform a channel speaks to 渠道类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::channel::ChannelKind")]
pub enum ChannelKind {
    /// 沙箱: built in, moves no money.
    Sandbox,
    /// 易支付 V1, signed with MD5.
    EpayV1,
    /// 易支付 V2, signed with RSA.
    EpayV2,
}

plain_scalars!(PaymentMethod, ChannelKind);

/// A payment channel, with the currency that its limits are in.
#[derive(Clone, Debug)]
pub struct Channel {
    /// The row.
    pub row: Arc<channel::Model>,
}

plain_object! {
    /// A payment channel 支付渠道: one account at one payment platform, for one method.
    Channel(self) {
        /// The global id.
        id / "id": ID = ID(self.row.id.to_string());
        /// What the merchant calls it.
        name / "name": &str = self.row.name.as_str();
        /// Which payment platform it speaks to.
        kind / "kind": ChannelKind = self.row.kind.into();
        /// What the payer pays with.
        method / "method": PaymentMethod = self.row.method.into();
        /// Whether new orders may use it.
        enabled / "enabled": bool = self.row.enabled;
        /// Its place on the payment page; smaller is earlier.
        display_order / "displayOrder": i32 = self.row.display_order;
        /// Counts the changes of its configuration, from 1; what changes it takes the version that you know.
        version / "version": i32 = self.row.version;
        /// The devices that can pay through it.
        devices / "devices": Vec<PayerDevice> =
            read_devices(&self.row.devices).into_iter().map(Into::into).collect();
        /// When the payment page leaves it out by itself.
        hide_when / "hideWhen": HideWhen = self.row.hide_when.into();
        /// When it was made.
        created_at / "createdAt": Timestamp = self.row.created_at.into();
        /// When it was last changed.
        updated_at / "updatedAt": Timestamp = self.row.updated_at.into();
        /// Where its money goes, when it is available, what refunds it takes 渠道条款.
        terms / "terms": ChannelTerms = ChannelTerms { row: Arc::clone(&self.row) };
    }
    {
        /// The least amount that it takes; none where there is no limit.
        async fn min_amount(&self, ctx: &Context<'_>) -> Nullable<Money> {
            limit(ctx, self.row.min_minor).await
        }

        /// The largest amount that it takes; none where there is no limit.
        async fn max_amount(&self, ctx: &Context<'_>) -> Nullable<Money> {
            limit(ctx, self.row.max_minor).await
        }

        /// The most that it takes on one day of the merchant's 单日限额; none where there is no limit.
        async fn daily_limit(&self, ctx: &Context<'_>) -> Nullable<Money> {
            limit(ctx, self.row.daily_max_minor).await
        }

        /// What may be shown of its credentials; null where it has none, as the sandbox. Needs `channels:read`.
        async fn credentials(&self, ctx: &Context<'_>) -> Nullable<Lean<ChannelCredentials>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            let known = ChannelCredentials::of(&self.row, ctx.app().clock.now());
            known.map(|known| Ok(Lean(known)))
        }

        /// From when on payouts and small amounts are sent through it 起始出款时间; null where none are: its kind
        /// sends none, or no second factor has agreed to its credentials yet. Needs `channels:read`.
        async fn pays_out_from(&self, ctx: &Context<'_>) -> Nullable<Timestamp> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            pays_out_from(&self.row).map(|from| Ok(from.into()))
        }

        /// The fee rules 费率规则 that hold now and could apply to its payments, in the order in which they
        /// are tried. Null, with an error beside it, without `ledger:read`.
        async fn fee_rules(&self, ctx: &Context<'_>) -> Nullable<Vec<Lean<FeeRule>>> {
            Some(fee_rules(ctx, &self.row).await)
        }

        /// The versions of its configuration 配置历史, newest first: who changed what. Needs `channels:read`.
        async fn history(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<ChannelVersionConnection>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            let paging = Paging::read(first, after, last, before);
            Some(history(ctx, &self.row, paging).await)
        }

        /// Where the payment platform reports payments to 异步通知地址; enter it there if it asks.
        async fn callback_url(&self, ctx: &Context<'_>) -> String {
            service::callback_url(ctx.app(), &self.row)
        }

        /// How it is 渠道健康. Needs `channels:read`.
        async fn health(&self, ctx: &Context<'_>) -> Nullable<Lean<ChannelHealth>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            let health = health::schema::health::of_channel(ctx, &self.row).await;
            Some(health.map(Lean))
        }

        /// How its health has changed 健康变化记录, the newest first. Needs `channels:read`.
        async fn health_history(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many, from the beginning: 1 to 100, 20 where nothing is said.")]
            first: Option<i32>,
            #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
            #[graphql(desc = "How many, from the end: 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        ) -> Nullable<Lean<ChannelHealthChangeConnection>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            let paging = Paging::read(first, after, last, before);
            Some(health_history(ctx, &self.row, paging).await)
        }

        /// Its incident that is not over 当前故障; none where it works. Needs `channels:read`.
        async fn open_incident(&self, ctx: &Context<'_>) -> Nullable<Lean<Incident>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            health::schema::open_incident(ctx, self.row.id).await
        }

        /// Its maintenance window 维护窗口 that holds now, or the next one; none where none is planned. Needs
        /// `channels:read`.
        async fn maintenance(&self, ctx: &Context<'_>) -> Nullable<Lean<MaintenanceWindow>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            health::schema::next_window(ctx, self.row.id).await
        }

        /// What its payment platform said when it was last probed 主动探测; none where it is not probed. Needs
        /// `channels:read`.
        async fn probe(&self, ctx: &Context<'_>) -> Nullable<Lean<ChannelProbe>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            health::schema::probe::probe(ctx, self.row.id).await
        }

        /// What its last days were like 可用性历史, by the merchant's time zone: the oldest first, today
        /// included. Needs `channels:read`.
        async fn uptime(
            &self,
            ctx: &Context<'_>,
            #[graphql(desc = "How many days: 1 to 366.", default = 30)] days: i32,
        ) -> Nullable<Vec<Lean<ChannelDay>>> {
            if let Err(error) = needs(ctx, Scope::ChannelsRead) {
                return Some(Err(error));
            }
            Some(health::schema::uptime::days(ctx, self.row.id, days).await)
        }
    }
}

/// A guard of the library would take the whole channel away with the field.
fn needs(ctx: &Context<'_>, scope: Scope) -> Result<(), Error> {
    if ctx.actor()?.may(scope) {
        return Ok(());
    }
    Err(Error::Forbidden {
        scope: scope.name(),
    })
}

async fn limit(ctx: &Context<'_>, minor: Option<i64>) -> Nullable<Money> {
    let minor = minor?;
    let currency = currency(ctx).await;
    Some(currency.map(|currency| Money::of_minor(minor, currency)))
}

async fn currency(ctx: &Context<'_>) -> Result<Currency, Error> {
    let merchant_id = ctx.actor()?.merchant_id;
    let merchant = crate::merchant::find(ctx.app(), merchant_id).await?;
    Ok(merchant.currency)
}

async fn history(
    ctx: &Context<'_>,
    row: &channel::Model,
    paging: Result<Paging, Error>,
) -> Result<Lean<ChannelVersionConnection>, Error> {
    let page = service::history(ctx.app(), row, &paging?).await?;
    let currency = currency(ctx).await?;
    let node = |version| Lean(ChannelVersion::of(version, currency));
    Ok(Lean(ChannelVersionConnection::page(
        page,
        service::cursor,
        node,
    )))
}

async fn health_history(
    ctx: &Context<'_>,
    row: &channel::Model,
    paging: Result<Paging, Error>,
) -> Result<Lean<ChannelHealthChangeConnection>, Error> {
    health::schema::change::of_channel(ctx, row, &paging?).await
}

async fn fee_rules(ctx: &Context<'_>, row: &channel::Model) -> Result<Vec<Lean<FeeRule>>, Error> {
    needs(ctx, Scope::LedgerRead)?;
    let book = Book::load(ctx, currency(ctx).await?).await?;
    let rules = of_channel(&book.rules, row.id, row.method, book.now);
    Ok(rules
        .into_iter()
        .map(|rule| Lean(book.open(rule)))
        .collect())
}

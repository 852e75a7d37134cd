//! A channel, as clients see it.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID};
use entity::channel;

use super::terms::ChannelTerms;
use crate::channels::service;
use crate::graphql::plain::{plain_object, plain_scalars};
use crate::graphql::scalars::Timestamp;
use crate::graphql::{Ask, Nullable};
use crate::money::Money;

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

        /// Where the payment platform reports payments to 异步通知地址; enter it there if it asks.
        async fn callback_url(&self, ctx: &Context<'_>) -> String {
            service::callback_url(ctx.app(), &self.row)
        }
    }
}

async fn limit(ctx: &Context<'_>, minor: Option<i64>) -> Nullable<Money> {
    let minor = minor?;
    Some(
        async {
            let merchant_id = ctx.actor()?.merchant_id;
            let merchant = crate::merchant::find(ctx.app(), merchant_id).await?;
            Ok(Money::of_minor(minor, merchant.currency))
        }
        .await,
    )
}

//! A payment channel 支付渠道: one way to be paid, by one account at one provider.

use sea_orm::entity::prelude::*;

use crate::{ChannelId, Instant, MerchantId};

/// Which code talks to the payment platform 渠道类型.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum ChannelKind {
    /// 沙箱: built in, moves no money.
    Sandbox,
    /// 易支付 V1: signed with MD5.
    EpayV1,
    /// 易支付 V2: signed with RSA.
    EpayV2,
}

/// What the payer pays with 支付方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum PaymentMethod {
    /// 微信支付
    WechatPay,
    /// 支付宝
    Alipay,
    /// 云闪付 / 银联
    UnionPay,
    /// 银行卡: international cards.
    Card,
    /// QQ 钱包
    QqPay,
}

/// A payment channel 支付渠道: one way to be paid, by one account at one provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub struct Model {
    /// Whose row it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub merchant_id: MerchantId,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ChannelId,
    /// Which code talks to it.
    pub kind: ChannelKind,
    /// What the payer pays with.
    pub method: PaymentMethod,
    /// What the merchant calls it.
    pub name: String,
    /// Its place on the payment page; smaller is earlier.
    pub display_order: i32,
    /// Whether new orders may use it.
    pub enabled: bool,
    /// The least amount it takes, in minor units.
    pub min_minor: Option<i64>,
    /// The largest amount it takes, in minor units.
    pub max_minor: Option<i64>,
    /// The provider's credentials, sealed under the master key.
    #[sea_orm(nullable)]
    pub sealed_credentials: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

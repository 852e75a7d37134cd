//! A payment channel 支付渠道: one way to be paid, by one account at one provider.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

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
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
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

/// Where the money of a channel goes 资金模式.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FundsMode {
    /// 平台代收: the platform collects, takes its fee, and settles.
    Collect,
    /// 商户直清: it goes to the merchant's own account; the fee is taken from what was prepaid.
    Direct,
}

/// How the days until a settlement are counted 结算周期.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SettlementCycle {
    /// 实时: at once.
    Instant,
    /// D+N 自然日: so many calendar days later.
    D,
    /// T+N 工作日: so many working days later.
    T,
}

/// Every device, as [`Model::devices`] names them.
pub const ALL_DEVICES: &str = "DESKTOP MOBILE";

/// When the payment page leaves a channel out by itself 自动隐藏.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HideWhen {
    /// 从不: never.
    Never,
    /// 中断时: while it is down or being worked on.
    Down,
    /// 异常时: while it is degraded, too.
    Degraded,
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
    /// Where the money goes.
    pub funds_mode: FundsMode,
    /// How the days until a settlement are counted; none where the merchant's own terms hold.
    pub settlement_cycle: Option<SettlementCycle>,
    /// How many of these days; there where the cycle is.
    pub settlement_days: Option<i16>,
    /// For how many days after the payment the provider refunds.
    pub refund_window_days: i32,
    /// How many refunds of one order the provider takes.
    pub refund_max_count: i32,
    /// How many seconds must lie between two refunds of one order.
    pub refund_spacing_s: i32,
    /// Whether a part of a payment can be refunded.
    pub refund_partial: bool,
    /// Whether the fee comes back with a refund.
    pub refund_returns_fee: bool,
    /// After how many working days the payer has the money, at the most.
    pub refund_arrival_days: i16,
    /// Counts the changes of its configuration, from 1.
    pub version: i32,
    /// The most that it takes on one day of the merchant's, in minor units.
    pub daily_max_minor: Option<i64>,
    /// The devices that can pay through it, separated by spaces: `DESKTOP`, `MOBILE`.
    pub devices: String,
    /// When the payment page leaves it out by itself.
    pub hide_when: HideWhen,
    /// What may be shown of the credentials.
    pub credentials_hint: Option<String>,
    /// When the credentials were set.
    pub credentials_set_at: Option<Instant>,
    /// The credentials before these, sealed: callbacks signed with them are believed for a while.
    #[sea_orm(nullable)]
    pub sealed_previous_credentials: Option<Vec<u8>>,
    /// Until when they are.
    pub previous_credentials_until: Option<Instant>,
    /// From when on money leaves by these credentials; none where no second factor has agreed to them.
    pub pays_out_from: Option<Instant>,
}

/// None: reads join by key where they need it.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::of_merchant!();

impl Entity {
    /// Rows of all merchants, for whoever watches over channels.
    #[must_use]
    pub fn all() -> sea_orm::Select<Self> {
        Self::find()
    }

    /// Merchant and id of the open channels of all merchants that nobody probes yet, for whoever probes.
    #[must_use]
    pub fn unprobed() -> sea_orm::Select<Self> {
        use sea_orm::sea_query::{Expr, ExprTrait, Query};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

        use crate::channel_probe;
        let mut probed = Query::select();
        probed
            .expr(Expr::value(1))
            .from(channel_probe::Entity)
            .and_where(
                Expr::col((channel_probe::Entity, channel_probe::Column::MerchantId))
                    .equals((Self, Column::MerchantId)),
            )
            .and_where(
                Expr::col((channel_probe::Entity, channel_probe::Column::ChannelId))
                    .equals((Self, Column::Id)),
            );
        Self::find()
            .select_only()
            .columns([Column::MerchantId, Column::Id])
            .filter(Column::Enabled.eq(true))
            .filter(Expr::exists(probed).not())
    }

    /// Channels with credentials, of all merchants: what is sealed again when the master key changes.
    #[must_use]
    pub fn sealed() -> sea_orm::Select<Self> {
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
        Self::find().filter(Column::SealedCredentials.is_not_null())
    }
}

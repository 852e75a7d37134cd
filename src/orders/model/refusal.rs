//! Why an order is not made, in words.

use entity::channel;

use crate::checkout::model::CheckoutRefusal;
use crate::error::{Problem, Refusal};
use crate::idempotency;
use crate::money::{Currency, Money};
use crate::routing::model::Unfit;

/// Why an order was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateRefusal {
    /// The merchant may not take orders at the moment.
    MerchantSuspended,
    /// A field of the input cannot be meant.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Another order has the shop's number.
    DuplicateOrderNo,
    /// The key was used for something else.
    KeyReused,
    /// The key's first request is still under way.
    InProgress,
    /// There is no such channel.
    ChannelNotFound,
    /// The channel is closed to new orders.
    ChannelDisabled,
    /// The channel does not take this amount.
    AmountOutOfRange {
        /// The least, in minor units.
        min_minor: Option<i64>,
        /// The largest, in minor units.
        max_minor: Option<i64>,
        /// Their currency.
        currency: Currency,
    },
    /// The channel has taken as much as it may today.
    DailyLimitReached {
        /// The limit, in minor units.
        max_minor: i64,
        /// Its currency.
        currency: Currency,
    },
    /// The payer's device cannot use the channel.
    DeviceNotSupported,
    /// No channel of the method takes the order.
    NoChannel {
        /// Why not the one that lies nearest.
        reason: Unfit,
    },
    /// It is not made at its price.
    Checkout(CheckoutRefusal),
    /// The order was made, but its payment platform did not answer.
    ProviderUnavailable,
    /// The order was made, but its payment platform refused it.
    ProviderRefused {
        /// The platform's own words.
        message: String,
    },
}

impl Refusal for CreateRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::MerchantSuspended => Problem::new(
                "The merchant is suspended and takes no new orders.",
                "商户已停用，不能创建新订单。",
            ),
            Self::Invalid { problem, .. } => problem.clone(),
            Self::DuplicateOrderNo => Problem::new(
                "Another order has this merchantOrderNo.",
                "该商户订单号已存在。",
            ),
            Self::KeyReused => idempotency::reused(),
            Self::InProgress => idempotency::in_progress(),
            Self::ChannelNotFound => Problem::new("There is no such channel.", "支付渠道不存在。"),
            Self::ChannelDisabled => {
                Problem::new("The channel is closed to new orders.", "支付渠道已关闭。")
            }
            Self::AmountOutOfRange {
                min_minor,
                max_minor,
                currency,
            } => out_of_range(*min_minor, *max_minor, *currency),
            Self::DailyLimitReached {
                max_minor,
                currency,
            } => {
                let max = Money::of_minor(*max_minor, *currency).to_decimal();
                Problem::new(
                    format!("The channel takes {max} a day, and there is less left of that today."),
                    format!("该渠道单日限额为 {max}，今日剩余额度不足。"),
                )
            }
            Self::DeviceNotSupported => Problem::new(
                "The channel does not work on the payer's device.",
                "该渠道不支持付款人的设备。",
            ),
            Self::NoChannel { reason } => reason.of_all(),
            Self::Checkout(refusal) => refusal.message(),
            Self::ProviderUnavailable => Problem::new(
                "The order was made, but the payment platform did not answer. Send the same request \
                 with the same idempotency key again.",
                "订单已创建，但支付平台未响应，请使用相同的幂等键重试。",
            ),
            Self::ProviderRefused { message } => Problem::new(
                format!("The order was made, but the payment platform refused it: {message}"),
                format!("订单已创建，但支付平台拒绝：{message}"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        let field = match self {
            Self::Invalid { field, .. } => field,
            Self::DuplicateOrderNo => "merchantOrderNo",
            Self::KeyReused | Self::InProgress => "idempotencyKey",
            Self::ChannelNotFound | Self::ChannelDisabled => "channelId",
            Self::AmountOutOfRange { .. } | Self::DailyLimitReached { .. } => "lines",
            Self::DeviceNotSupported => "device",
            Self::NoChannel { .. } => "method",
            Self::Checkout(refusal) => return refusal.field(),
            _ => return None,
        };
        Some(field.to_owned())
    }
}

impl CreateRefusal {
    /// Why a channel that the shop named does not take an order.
    #[must_use]
    pub fn of_channel(channel: &channel::Model, unfit: Unfit, currency: Currency) -> Self {
        match unfit {
            Unfit::Closed | Unfit::OffHours => Self::ChannelDisabled,
            Unfit::Device => Self::DeviceNotSupported,
            Unfit::Amount => Self::AmountOutOfRange {
                min_minor: channel.min_minor,
                max_minor: channel.max_minor,
                currency,
            },
            Unfit::DailyLimit => Self::DailyLimitReached {
                max_minor: channel.daily_max_minor.unwrap_or_default(),
                currency,
            },
        }
    }
}

fn out_of_range(min: Option<i64>, max: Option<i64>, currency: Currency) -> Problem {
    let show = |minor| Money::of_minor(minor, currency).to_decimal();
    match (min, max) {
        (Some(min), Some(max)) => Problem::new(
            format!("The channel takes from {} to {}.", show(min), show(max)),
            format!("该渠道单笔金额为 {} 至 {}。", show(min), show(max)),
        ),
        (Some(min), None) => Problem::new(
            format!("The channel takes {} or more.", show(min)),
            format!("该渠道单笔金额至少为 {}。", show(min)),
        ),
        (_, max) => Problem::new(
            format!(
                "The channel takes at most {}.",
                show(max.unwrap_or_default())
            ),
            format!("该渠道单笔金额最多为 {}。", show(max.unwrap_or_default())),
        ),
    }
}

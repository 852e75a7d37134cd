//! What a shop has agreed upon with its payment platforms: settlement, refunds, fees.

use entity::channel::{FundsMode, PaymentMethod, SettlementCycle};

use crate::fees::model::Tariff;

/// A channel's terms 签约条款.
#[derive(Debug)]
pub struct Contract {
    /// Where the money goes.
    pub funds_mode: FundsMode,
    /// When it settles; none where the merchant's own terms hold.
    pub settlement: Option<(SettlementCycle, i16)>,
    /// For how many days after the payment it refunds.
    pub refund_window_days: i32,
    /// How many refunds of one order it takes.
    pub refund_max_count: i32,
    /// How many seconds must lie between two refunds of one order.
    pub refund_spacing_s: i32,
    /// Whether the fee comes back with a refund.
    pub refund_returns_fee: bool,
    /// After how many working days the payer has the money, at the most.
    pub refund_arrival_days: i16,
}

impl Contract {
    /// 微信支付: a year, fifty refunds of an order, a minute between two.
    pub const WECHAT_PAY: Self = Self {
        funds_mode: FundsMode::Collect,
        settlement: None,
        refund_window_days: 365,
        refund_max_count: 50,
        refund_spacing_s: 60,
        refund_returns_fee: true,
        refund_arrival_days: 3,
    };

    /// 支付宝: seconds between two refunds of an order.
    pub const ALIPAY: Self = Self {
        refund_spacing_s: 3,
        refund_arrival_days: 2,
        ..Self::WECHAT_PAY
    };

    /// 云闪付: settles at once, and keeps its fee.
    pub const UNION_PAY: Self = Self {
        settlement: Some((SettlementCycle::Instant, 0)),
        refund_window_days: 180,
        refund_max_count: 20,
        refund_spacing_s: 0,
        refund_returns_fee: false,
        ..Self::WECHAT_PAY
    };

    /// 国际银行卡: keeps its fee, and takes its time.
    pub const CARD: Self = Self {
        refund_window_days: 180,
        refund_max_count: 10,
        refund_spacing_s: 0,
        refund_returns_fee: false,
        refund_arrival_days: 10,
        ..Self::WECHAT_PAY
    };
}

/// A fee rule that a shop has from the beginning.
#[derive(Debug)]
pub struct FeeTerm {
    /// What the merchant calls it.
    pub name: &'static str,
    /// Only payments by this method.
    pub method: Option<PaymentMethod>,
    /// Whether it names the method's channel as well.
    pub by_channel: bool,
    /// Only buyers from this country.
    pub country: Option<&'static str>,
    /// Only amounts from this one on, in minor units.
    pub min_amount_minor: Option<i64>,
    /// How the fee is computed.
    pub tariff: Tariff,
    /// Its second version, from the middle of the shop's history on.
    pub later: Option<Tariff>,
}

impl FeeTerm {
    /// A rule for whatever no other rule is about: so many millionths.
    pub const fn of_all(name: &'static str, rate_ppm: i64) -> Self {
        Self {
            name,
            method: None,
            by_channel: false,
            country: None,
            min_amount_minor: None,
            tariff: rate(rate_ppm, 0),
            later: None,
        }
    }

    /// A rule for a method.
    pub const fn of(name: &'static str, method: PaymentMethod, tariff: Tariff) -> Self {
        Self {
            method: Some(method),
            tariff,
            ..Self::of_all(name, 0)
        }
    }

    /// A rule for cards from a country.
    pub const fn of_cards(name: &'static str, country: &'static str, tariff: Tariff) -> Self {
        Self {
            country: Some(country),
            ..Self::of(name, PaymentMethod::Card, tariff)
        }
    }
}

/// So many millionths, and a fixed part in minor units.
pub const fn rate(rate_ppm: i64, fixed_minor: i64) -> Tariff {
    Tariff {
        rate_ppm,
        fixed_minor,
        min_minor: None,
        max_minor: None,
    }
}

//! Why money is given back, and why platforms refuse to.

use entity::refund::RefundReason;
use rand::{Rng, RngExt};

use crate::demo::shop::Shop;

/// A reason, and its words.
pub type Why = (RefundReason, Option<&'static str>);

const AT_TABLE: [Why; 7] = [
    (RefundReason::OutOfStock, Some("菜品售罄")),
    (RefundReason::OutOfStock, Some("沽清，顾客不换菜")),
    (RefundReason::NotAsDescribed, Some("菜品凉了")),
    (RefundReason::NotAsDescribed, Some("上菜过慢")),
    (RefundReason::CustomerRequest, Some("顾客退菜")),
    (RefundReason::PriceAdjustment, Some("漏用优惠，补差价")),
    (RefundReason::CustomerRequest, None),
];

const AT_HOME: [Why; 9] = [
    (RefundReason::CustomerRequest, Some("尺码不合适")),
    (RefundReason::CustomerRequest, Some("七天无理由退货")),
    (RefundReason::CustomerRequest, None),
    (RefundReason::NotAsDescribed, Some("色差明显")),
    (RefundReason::NotAsDescribed, Some("做工瑕疵")),
    (RefundReason::NotReceived, Some("物流丢件")),
    (RefundReason::OutOfStock, Some("缺码")),
    (RefundReason::PriceAdjustment, Some("保价补差")),
    (RefundReason::Other, Some("拍错")),
];

/// How platforms refuse: a code, and words.
pub const FAILURES: [(&str, &str); 3] = [
    ("USER_ACCOUNT_ABNORMAL", "用户账户异常，退款失败"),
    ("SYSTEM_ERROR", "系统繁忙，退款未受理"),
    ("TRADE_NOT_ALLOW_REFUND", "该交易暂不支持退款"),
];

/// Why somebody wants money back from a shop.
pub fn draw(rng: &mut impl Rng, shop: &Shop) -> Why {
    let among: &[Why] = if shop.ships { &AT_HOME } else { &AT_TABLE };
    among[rng.random_range(0..among.len())]
}

//! 云裳时装: a fashion shop on the web that lives from evenings and from sale days.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::channel::{FundsMode, PaymentMethod};

use super::calendar::{month_day, since_spring_festival};
use super::contract::rate;
use super::{Contract, Course, Crowd, FeeTerm, Product, Season, Shop, Way};
use crate::fees::model::Tariff;

/// 云裳时装 Yunshang Fashion.
pub static YUNSHANG: Shop = Shop {
    name: "云裳时装",
    letters: "YS",
    time_zone: Tz::Asia__Shanghai,
    orders_a_day: 50,
    ships: true,
    products: PRODUCTS,
    channels: &[
        Way {
            method: PaymentMethod::Alipay,
            name: "支付宝",
            enabled: true,
            max_minor: None,
            contract: Contract::ALIPAY,
        },
        Way {
            method: PaymentMethod::WechatPay,
            name: "微信支付",
            enabled: true,
            max_minor: None,
            contract: Contract::WECHAT_PAY,
        },
        Way {
            method: PaymentMethod::UnionPay,
            name: "银联云闪付",
            enabled: true,
            max_minor: Some(5_000_000),
            contract: Contract {
                funds_mode: FundsMode::Direct,
                settlement: None,
                refund_returns_fee: true,
                ..Contract::UNION_PAY
            },
        },
        Way {
            method: PaymentMethod::Card,
            name: "国际银行卡",
            enabled: true,
            max_minor: Some(2_000_000),
            contract: Contract::CARD,
        },
        Way {
            method: PaymentMethod::QqPay,
            name: "QQ 钱包",
            enabled: false,
            max_minor: Some(300_000),
            contract: Contract::WECHAT_PAY,
        },
    ],
    fees: FEES,
    approval_above_minor: 120_000,
    refunds_permille: 38,
    countries: &[
        ("CN", 820),
        ("HK", 55),
        ("TW", 32),
        ("SG", 22),
        ("MY", 20),
        ("US", 18),
        ("GB", 9),
        ("AU", 9),
        ("JP", 8),
        ("CA", 7),
    ],
    methods_at_home: &[
        (PaymentMethod::Alipay, 470),
        (PaymentMethod::WechatPay, 420),
        (PaymentMethod::UnionPay, 70),
        (PaymentMethod::Card, 40),
    ],
    methods_abroad: &[
        (PaymentMethod::Card, 700),
        (PaymentMethod::Alipay, 200),
        (PaymentMethod::WechatPay, 100),
    ],
    week: [
        &WEEKDAY, &WEEKDAY, &WEEKDAY, &WEEKDAY, &FRIDAY, &WEEKEND, &WEEKEND,
    ],
    sale_hours: &SALE,
    season,
    sale,
    crowd: Crowd::USUAL,
};

const FEES: &[FeeTerm] = &[
    FeeTerm::of_all("默认费率", 6_000),
    FeeTerm::of("微信支付", PaymentMethod::WechatPay, rate(6_000, 0)),
    FeeTerm {
        later: Some(rate(5_500, 0)),
        ..FeeTerm::of("支付宝", PaymentMethod::Alipay, rate(6_000, 0))
    },
    FeeTerm {
        min_amount_minor: Some(100_000),
        ..FeeTerm::of("支付宝 1000 元起", PaymentMethod::Alipay, rate(5_000, 0))
    },
    FeeTerm {
        by_channel: true,
        ..FeeTerm::of(
            "云闪付直清",
            PaymentMethod::UnionPay,
            Tariff {
                max_minor: Some(3_000),
                ..rate(3_800, 30)
            },
        )
    },
    FeeTerm::of("国际银行卡", PaymentMethod::Card, rate(28_000, 100)),
    FeeTerm::of_cards("国际银行卡：香港", "HK", rate(26_000, 100)),
    FeeTerm::of_cards("国际银行卡：美国", "US", rate(34_000, 200)),
    FeeTerm::of_cards("国际银行卡：英国", "GB", rate(32_000, 200)),
];

const WEEKDAY: [u32; 24] = [
    38, 16, 7, 4, 3, 4, 10, 20, 30, 44, 55, 58, 70, 60, 48, 46, 48, 50, 56, 78, 120, 145, 135, 85,
];
const FRIDAY: [u32; 24] = [
    38, 16, 7, 4, 3, 4, 10, 20, 30, 44, 55, 58, 70, 60, 48, 46, 48, 46, 46, 62, 98, 130, 140, 105,
];
const WEEKEND: [u32; 24] = [
    60, 28, 12, 6, 4, 4, 8, 16, 34, 56, 76, 80, 74, 70, 72, 74, 70, 62, 60, 86, 132, 160, 145, 92,
];
/// Sales open at midnight and at eight in the evening, and carts were filled before.
const SALE: [u32; 24] = [
    260, 90, 30, 12, 6, 5, 12, 24, 40, 56, 66, 62, 64, 56, 48, 46, 46, 48, 60, 90, 230, 190, 160,
    120,
];

/// Nobody ships at the Spring Festival; before it everybody buys new clothes.
fn season(date: NaiveDate) -> u32 {
    match since_spring_festival(date) {
        -4..=5 => return 380,
        -28..=-9 => return 1_300,
        _ => {}
    }
    match month_day(date) {
        // Carts wait for the sale.
        610..=614 | 1105..=1109 => 700,
        // Tired purses.
        619..=630 | 1112..=1122 => 760,
        // The new season.
        301..=430 | 901..=1031 => 1_080,
        701..=815 => 880,
        _ => 1_000,
    }
}

/// 双十一 before all, then 618 and 双十二, and a few flash sales.
fn sale(date: NaiveDate) -> u32 {
    match month_day(date) {
        1111 => 9_000,
        1110 => 3_200,
        1101 => 3_000,
        618 => 6_000,
        617 => 2_400,
        601 => 2_200,
        1212 => 4_800,
        // Flash sales 限时抢购.
        308 => 3_400,
        909 => 3_600,
        428 | 808 => 3_000,
        520 => 1_900,
        _ => 1_000,
    }
}

const fn piece(
    category: &'static str,
    title: &'static str,
    price_minor: i64,
    weight: u32,
    season: Season,
) -> Product {
    Product {
        title,
        category,
        price_minor,
        weight,
        season,
        course: Course::Main,
    }
}

const PRODUCTS: &[Product] = &[
    piece("连衣裙", "法式碎花连衣裙", 32_900, 90, Season::Warm),
    piece("连衣裙", "新中式改良旗袍", 45_900, 55, Season::Warm),
    piece("连衣裙", "真丝吊带长裙", 69_900, 30, Season::Warm),
    piece("连衣裙", "针织修身连衣裙", 35_900, 50, Season::Cold),
    piece("上衣", "纯棉圆领T恤", 9_900, 130, Season::Warm),
    piece("上衣", "亚麻宽松衬衫", 21_900, 80, Season::Warm),
    piece("上衣", "真丝衬衫", 49_900, 35, Season::Always),
    piece("上衣", "条纹海魂衫", 15_900, 60, Season::Always),
    piece("上衣", "连帽卫衣", 23_900, 75, Season::Cold),
    piece("针织衫", "羊毛开衫", 39_900, 70, Season::Cold),
    piece("针织衫", "高领羊绒衫", 89_900, 40, Season::Cold),
    piece("针织衫", "薄款防晒针织衫", 17_900, 55, Season::Warm),
    piece("外套", "双面羊绒大衣", 169_900, 28, Season::Cold),
    piece("外套", "经典风衣", 79_900, 45, Season::Always),
    piece("外套", "轻薄羽绒服", 59_900, 75, Season::Cold),
    piece("外套", "长款羽绒服", 99_900, 45, Season::Cold),
    piece("外套", "牛仔夹克", 36_900, 50, Season::Always),
    piece("外套", "防晒外套", 19_900, 70, Season::Warm),
    piece("裤装", "高腰阔腿裤", 25_900, 80, Season::Always),
    piece("裤装", "直筒牛仔裤", 27_900, 95, Season::Always),
    piece("裤装", "西装短裤", 18_900, 50, Season::Warm),
    piece("裤装", "加绒休闲裤", 22_900, 55, Season::Cold),
    piece("半身裙", "马面裙", 52_900, 60, Season::Always),
    piece("半身裙", "百褶半身裙", 24_900, 55, Season::Always),
    piece("半身裙", "牛仔A字裙", 19_900, 45, Season::Warm),
    piece("配饰", "真丝方巾", 16_900, 40, Season::Always),
    piece("配饰", "羊绒围巾", 29_900, 55, Season::Cold),
    piece("配饰", "草编遮阳帽", 11_900, 35, Season::Warm),
    piece("配饰", "真皮腰带", 19_900, 30, Season::Always),
    piece("鞋履", "小白鞋", 32_900, 60, Season::Always),
    piece("鞋履", "乐福鞋", 42_900, 40, Season::Always),
    piece("鞋履", "短靴", 56_900, 40, Season::Cold),
    piece("鞋履", "平底凉鞋", 25_900, 40, Season::Warm),
];

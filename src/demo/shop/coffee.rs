//! 木棉咖啡: a coffee chain that lives from the way to work, and from people who come back.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::channel::PaymentMethod;

use super::calendar::{month_day, since_spring_festival};
use super::contract::rate;
use super::{Contract, Course, Crowd, FeeTerm, Product, Regulars, Season, Shop, Way};

/// 木棉咖啡 Mumian Coffee.
pub static MUMIAN: Shop = Shop {
    name: "木棉咖啡",
    letters: "MM",
    time_zone: Tz::Asia__Shanghai,
    orders_a_day: 110,
    ships: false,
    products: PRODUCTS,
    channels: &[
        Way {
            method: PaymentMethod::WechatPay,
            name: "微信支付",
            enabled: true,
            max_minor: None,
            contract: Contract::WECHAT_PAY,
        },
        Way {
            method: PaymentMethod::Alipay,
            name: "支付宝",
            enabled: true,
            max_minor: None,
            contract: Contract::ALIPAY,
        },
    ],
    fees: &[
        FeeTerm::of("微信支付", PaymentMethod::WechatPay, rate(6_000, 0)),
        FeeTerm::of("支付宝", PaymentMethod::Alipay, rate(6_000, 0)),
    ],
    approval_above_minor: 20_000,
    refunds_permille: 12,
    countries: &[("CN", 990), ("HK", 6), ("TW", 4)],
    methods_at_home: &[
        (PaymentMethod::WechatPay, 680),
        (PaymentMethod::Alipay, 320),
    ],
    methods_abroad: &[
        (PaymentMethod::Alipay, 600),
        (PaymentMethod::WechatPay, 400),
    ],
    week: [
        &WORKDAY, &WORKDAY, &WORKDAY, &WORKDAY, &WORKDAY, &WEEKEND, &WEEKEND,
    ],
    sale_hours: &WORKDAY,
    season,
    sale: |_| 1_000,
    crowd: Crowd {
        named: 82,
        regular: 100,
        regulars: Regulars::Known(5_000),
        draws: 2,
    },
};

// Open from half past six; the offices come before nine and after lunch.
const WORKDAY: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 20, 150, 330, 210, 120, 100, 170, 240, 180, 150, 110, 80, 60, 45, 30, 12, 0,
    0,
];
const WEEKEND: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 40, 110, 170, 210, 190, 160, 180, 220, 230, 190, 130, 90, 70, 45, 15, 0, 0,
];

/// Closed for a week at the Spring Festival, when the offices are.
fn season(date: NaiveDate) -> u32 {
    match since_spring_festival(date) {
        -1..=5 => return 0,
        6..=9 => return 600,
        _ => {}
    }
    match month_day(date) {
        501..=505 | 1001..=1007 => 820,
        601..=831 => 1_120,
        _ => 1_000,
    }
}

const fn cup(
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

const fn beside(
    course: Course,
    category: &'static str,
    title: &'static str,
    price_minor: i64,
    weight: u32,
) -> Product {
    Product {
        title,
        category,
        price_minor,
        weight,
        season: Season::Always,
        course,
    }
}

const PRODUCTS: &[Product] = &[
    cup("咖啡", "美式", 1_600, 100, Season::Always),
    cup("咖啡", "冰美式", 1_600, 90, Season::Warm),
    cup("咖啡", "拿铁", 2_200, 120, Season::Always),
    cup("咖啡", "生椰拿铁", 2_400, 110, Season::Warm),
    cup("咖啡", "燕麦拿铁", 2_600, 70, Season::Always),
    cup("咖啡", "澳白", 2_400, 55, Season::Always),
    cup("咖啡", "卡布奇诺", 2_300, 45, Season::Cold),
    cup("咖啡", "摩卡", 2_600, 40, Season::Cold),
    cup("咖啡", "焦糖玛奇朵", 2_700, 35, Season::Always),
    cup("咖啡", "手冲 · 埃塞俄比亚", 3_800, 24, Season::Always),
    cup("咖啡", "手冲 · 云南保山", 3_400, 22, Season::Always),
    cup("咖啡", "冷萃", 2_400, 40, Season::Warm),
    cup("茶饮", "桂花乌龙拿铁", 2_400, 38, Season::Cold),
    cup("茶饮", "茉莉青提冰茶", 2_200, 42, Season::Warm),
    cup("茶饮", "热可可", 2_400, 28, Season::Cold),
    beside(Course::Staple, "烘焙", "可颂", 1_400, 90),
    beside(Course::Staple, "烘焙", "巴斯克蛋糕", 2_800, 45),
    beside(Course::Staple, "烘焙", "海盐卷", 1_200, 50),
    beside(Course::Staple, "烘焙", "司康", 1_600, 36),
    beside(Course::Drink, "轻食", "牛油果三明治", 3_200, 30),
    beside(Course::Drink, "轻食", "鸡胸肉沙拉", 3_600, 24),
    beside(Course::Drink, "咖啡豆", "意式拼配 250g", 7_800, 8),
    beside(Course::Drink, "咖啡豆", "云南日晒 250g", 8_800, 6),
    beside(Course::Drink, "周边", "随行杯", 12_800, 4),
];

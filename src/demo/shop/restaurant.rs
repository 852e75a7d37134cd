//! 汇贤饭店: a restaurant that lives from lunch, and from dinner on Friday and Saturday.

use chrono::NaiveDate;
use chrono_tz::Tz;
use entity::channel::{PaymentMethod, SettlementCycle};

use super::calendar::{month_day, since_spring_festival};
use super::contract::rate;
use super::{Contract, Course, Crowd, FeeTerm, Product, Season, Shop, Way};
use crate::fees::model::Tariff;

/// 汇贤饭店 Huixian Restaurant.
pub static HUIXIAN: Shop = Shop {
    name: "汇贤饭店",
    letters: "HX",
    time_zone: Tz::Asia__Shanghai,
    orders_a_day: 75,
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
            contract: Contract {
                settlement: Some((SettlementCycle::D, 1)),
                ..Contract::ALIPAY
            },
        },
        Way {
            method: PaymentMethod::UnionPay,
            name: "云闪付",
            enabled: true,
            max_minor: Some(5_000_000),
            contract: Contract::UNION_PAY,
        },
    ],
    fees: FEES,
    approval_above_minor: 50_000,
    refunds_permille: 25,
    countries: &[
        ("CN", 972),
        ("HK", 10),
        ("TW", 6),
        ("JP", 4),
        ("US", 4),
        ("KR", 4),
    ],
    methods_at_home: &[
        (PaymentMethod::WechatPay, 580),
        (PaymentMethod::Alipay, 365),
        (PaymentMethod::UnionPay, 55),
    ],
    methods_abroad: &[
        (PaymentMethod::Alipay, 650),
        (PaymentMethod::WechatPay, 350),
    ],
    week: [
        &WEEKDAY, &WEEKDAY, &WEEKDAY, &WEEKDAY, &FRIDAY, &SATURDAY, &SUNDAY,
    ],
    sale_hours: &WEEKDAY,
    season,
    sale: |_| 1_000,
    crowd: Crowd::USUAL,
};

// Closed at night; the last guests pay towards eleven.
const FEES: &[FeeTerm] = &[
    FeeTerm::of_all("默认费率", 6_000),
    FeeTerm {
        later: Some(rate(5_400, 0)),
        ..FeeTerm::of("微信支付", PaymentMethod::WechatPay, rate(6_000, 0))
    },
    FeeTerm::of("支付宝", PaymentMethod::Alipay, rate(6_000, 0)),
    FeeTerm {
        min_amount_minor: Some(50_000),
        ..FeeTerm::of("支付宝 500 元起", PaymentMethod::Alipay, rate(5_500, 0))
    },
    FeeTerm::of(
        "云闪付",
        PaymentMethod::UnionPay,
        Tariff {
            max_minor: Some(2_000),
            ..rate(5_000, 10)
        },
    ),
];

const WEEKDAY: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 130, 260, 140, 35, 12, 14, 85, 190, 180, 95, 40, 10, 0,
];
const FRIDAY: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 130, 265, 145, 35, 14, 25, 160, 370, 360, 210, 95, 25, 0,
];
const SATURDAY: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 170, 320, 210, 70, 30, 45, 210, 420, 400, 230, 100, 25, 0,
];
const SUNDAY: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15, 180, 340, 220, 70, 25, 30, 120, 240, 215, 100, 40, 10, 0,
];

/// Closed from New Year's Eve for three days, then the best week of the year.
fn season(date: NaiveDate) -> u32 {
    match since_spring_festival(date) {
        -1..=2 => return 0,
        3..=8 => return 1_650,
        9..=15 => return 1_250,
        -14..=-2 => return 1_300,
        _ => {}
    }
    match month_day(date) {
        // Valentine's day, 520, 七夕's season, Christmas Eve.
        214 | 520 => 1_450,
        1224 => 1_350,
        // Labour Day and National Day.
        501..=505 => 1_280,
        1001..=1007 => 1_320,
        // The heat of July and August keeps people at home.
        701..=831 => 920,
        1101..=1231 => 1_060,
        _ => 1_000,
    }
}

const fn dish(
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
    season: Season,
) -> Product {
    Product {
        title,
        category,
        price_minor,
        weight,
        season,
        course,
    }
}

const PRODUCTS: &[Product] = &[
    dish("热菜", "宫保鸡丁", 4_800, 100, Season::Always),
    dish("热菜", "鱼香肉丝", 4_200, 90, Season::Always),
    dish("热菜", "麻婆豆腐", 3_200, 85, Season::Always),
    dish("热菜", "水煮鱼片", 8_800, 75, Season::Cold),
    dish("热菜", "红烧肉", 6_800, 70, Season::Always),
    dish("热菜", "回锅肉", 4_600, 65, Season::Always),
    dish("热菜", "清蒸鲈鱼", 9_800, 45, Season::Always),
    dish("热菜", "干锅花菜", 3_800, 60, Season::Always),
    dish("热菜", "蒜蓉西兰花", 3_400, 45, Season::Always),
    dish("热菜", "地三鲜", 3_600, 45, Season::Always),
    dish("热菜", "糖醋里脊", 5_200, 60, Season::Always),
    dish("热菜", "黑椒牛柳", 7_600, 40, Season::Always),
    dish("热菜", "蟹粉豆腐", 7_800, 25, Season::Cold),
    dish("热菜", "北京烤鸭（半只）", 13_800, 35, Season::Always),
    dish("热菜", "小龙虾（麻辣）", 16_800, 30, Season::Warm),
    dish("热菜", "东坡肉", 5_800, 30, Season::Always),
    dish("热菜", "羊肉煲", 12_800, 28, Season::Cold),
    dish("汤羹", "西湖牛肉羹", 4_200, 25, Season::Always),
    dish("汤羹", "酸辣汤", 2_800, 35, Season::Cold),
    dish("汤羹", "番茄蛋花汤", 2_600, 30, Season::Always),
    dish("汤羹", "冬瓜排骨汤", 5_600, 25, Season::Warm),
    dish("凉菜", "拍黄瓜", 1_800, 55, Season::Warm),
    dish("凉菜", "夫妻肺片", 4_800, 35, Season::Always),
    dish("凉菜", "口水鸡", 4_600, 35, Season::Warm),
    dish("凉菜", "皮蛋豆腐", 2_200, 30, Season::Warm),
    dish("凉菜", "酱牛肉", 5_800, 25, Season::Always),
    dish("凉菜", "桂花糯米藕", 2_800, 20, Season::Always),
    dish("火锅", "鸳鸯火锅套餐", 25_800, 22, Season::Cold),
    beside(Course::Staple, "主食", "米饭", 300, 240, Season::Always),
    beside(
        Course::Staple,
        "主食",
        "扬州炒饭",
        3_200,
        60,
        Season::Always,
    ),
    beside(Course::Staple, "主食", "手工水饺", 3_600, 45, Season::Cold),
    beside(Course::Staple, "主食", "担担面", 2_200, 50, Season::Always),
    beside(Course::Staple, "主食", "葱油拌面", 1_800, 40, Season::Warm),
    beside(Course::Staple, "主食", "小笼包", 2_800, 45, Season::Always),
    beside(Course::Drink, "饮料", "酸梅汤", 1_200, 60, Season::Warm),
    beside(Course::Drink, "饮料", "王老吉", 800, 60, Season::Always),
    beside(Course::Drink, "饮料", "可口可乐", 600, 55, Season::Always),
    beside(Course::Drink, "饮料", "鲜榨橙汁", 2_800, 25, Season::Always),
    beside(
        Course::Drink,
        "饮料",
        "菊花茶（壶）",
        3_800,
        30,
        Season::Cold,
    ),
    beside(Course::Drink, "酒水", "青岛啤酒", 1_200, 70, Season::Warm),
    beside(
        Course::Drink,
        "酒水",
        "绍兴花雕（瓶）",
        6_800,
        18,
        Season::Cold,
    ),
    beside(
        Course::Drink,
        "酒水",
        "红星二锅头（瓶）",
        5_800,
        14,
        Season::Cold,
    ),
];

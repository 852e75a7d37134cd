//! Buyers: names and telephone numbers that nobody has chosen, sealed as orders keep them.

use entity::MerchantId;
use rand::{Rng, RngExt};
use serde_json::json;

use super::shop::Shop;
use crate::error::Error;
use crate::seal::MasterKey;

/// Who buys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buyer {
    /// The name.
    pub name: String,
    /// The telephone number.
    pub phone: String,
    /// The country, ISO 3166-1 alpha-2.
    pub country: &'static str,
}

/// A buyer as orders keep one: name and telephone sealed.
#[derive(Clone, Debug)]
pub struct Customer {
    /// The country, ISO 3166-1 alpha-2.
    pub country: &'static str,
    /// Name and telephone, sealed for the merchant.
    pub sealed: Vec<u8>,
}

const SURNAMES: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "高", "罗", "郑", "梁", "欧阳", "司徒",
];
const GIVEN: [&str; 32] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "杰", "娟", "涛", "明", "超",
    "秀英", "雨桐", "子轩", "梓涵", "浩然", "欣怡", "思远", "佳琪", "晓彤", "文博", "雅婷", "志强",
    "建华", "海燕", "嘉怡", "诗涵",
];
const FIRST_NAMES: [&str; 20] = [
    "Emily", "Jason", "Grace", "Kevin", "Michelle", "Daniel", "Sophie", "Vincent", "Alice", "Ryan",
    "Hannah", "Marcus", "Olivia", "Eric", "Chloe", "Nathan", "Fiona", "Leo", "Jessica", "Adrian",
];
const LAST_NAMES: [&str; 20] = [
    "Chan", "Wong", "Lee", "Tan", "Lim", "Ng", "Lin", "Chen", "Smith", "Brown", "Taylor", "Tanaka",
    "Sato", "Wilson", "Clark", "Huang", "Cheung", "Ho", "Evans", "Martin",
];

/// Draws a buyer of a shop.
pub fn buyer(rng: &mut impl Rng, shop: &Shop) -> Buyer {
    let country = super::history::choose(rng, shop.countries).unwrap_or("CN");
    let name = if matches!(country, "CN" | "TW") {
        format!("{}{}", one_of(rng, &SURNAMES), one_of(rng, &GIVEN))
    } else {
        format!("{} {}", one_of(rng, &FIRST_NAMES), one_of(rng, &LAST_NAMES))
    };
    let (prefix, first, digits) = match country {
        "HK" => ("+852 ", 9, 8),
        "TW" => ("+886 ", 9, 9),
        "SG" => ("+65 ", 8, 8),
        "MY" => ("+60 ", 1, 9),
        "GB" => ("+44 ", 7, 10),
        "AU" => ("+61 ", 4, 9),
        "JP" => ("+81 ", 8, 10),
        "US" | "CA" => ("+1 ", 6, 10),
        _ => ("", 1, 11),
    };
    let range = u64::pow(10, digits - 1);
    let number = first * range + rng.random_range(range * 3 / 10..range);
    Buyer {
        name,
        phone: format!("{prefix}{number}"),
        country,
    }
}

fn one_of<'a>(rng: &mut impl Rng, among: &[&'a str]) -> &'a str {
    among[rng.random_range(0..among.len())]
}

/// Draws the buyers of a merchant and seals them once; its orders share them.
pub fn customers(
    rng: &mut impl Rng,
    shop: &Shop,
    key: &MasterKey,
    merchant_id: MerchantId,
    count: usize,
) -> Result<Vec<Customer>, Error> {
    let bound_to = merchant_id.to_string();
    (0..count)
        .map(|_| {
            let buyer = buyer(rng, shop);
            let plain = json!({ "name": buyer.name, "phone": buyer.phone }).to_string();
            Ok(Customer {
                country: buyer.country,
                sealed: key.seal(plain.as_bytes(), &bound_to)?,
            })
        })
        .collect()
}

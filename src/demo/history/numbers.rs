//! Numbers as the outside world writes them: of orders, of payments, of parcels.

use chrono::{Datelike, NaiveDateTime, Timelike};
use entity::RefundId;
use entity::channel::PaymentMethod;
use rand::{Rng, RngExt};

/// Coprime to 10, so that multiplying by it mixes the numbers below 10¹⁰ without joining two.
const MIX: u64 = 387_420_489;
const TEN_DIGITS: u64 = 10_000_000_000;

/// Appends a number with leading zeros.
fn digits(text: &mut String, mut number: u64, width: usize) {
    let mut buffer = [b'0'; 20];
    for place in buffer.iter_mut().rev().take(width) {
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    text.extend(
        buffer[buffer.len() - width..]
            .iter()
            .map(|byte| char::from(*byte)),
    );
}

/// Appends `20261123`.
fn date(text: &mut String, local: NaiveDateTime) {
    let year = u64::try_from(local.year()).unwrap_or(0);
    let day = year * 10_000 + u64::from(local.month() * 100 + local.day());
    digits(text, day, 8);
}

/// Appends `184502`.
fn time(text: &mut String, local: NaiveDateTime) {
    let time = local.hour() * 10_000 + local.minute() * 100 + local.second();
    digits(text, u64::from(time), 6);
}

/// The shop's own number: its letters, the local second, and four digits of a running number.
pub fn merchant_order_no(letters: &str, local: NaiveDateTime, serial: u64) -> String {
    let mut text = String::with_capacity(letters.len() + 18);
    text.push_str(letters);
    date(&mut text, local);
    time(&mut text, local);
    digits(&mut text, serial % 10_000, 4);
    text
}

/// A payment platform's own number, in the form that the platform uses; a running number makes it
/// unique.
pub fn provider_trade_no(
    rng: &mut impl Rng,
    method: PaymentMethod,
    local: NaiveDateTime,
    account: u64,
    serial: u64,
) -> String {
    let mixed = serial % TEN_DIGITS * MIX % TEN_DIGITS;
    let mut text = String::with_capacity(28);
    match method {
        PaymentMethod::WechatPay | PaymentMethod::QqPay => {
            text.push_str("42000");
            digits(&mut text, account % 100_000, 5);
            date(&mut text, local);
            digits(&mut text, mixed, 10);
        }
        PaymentMethod::Alipay => {
            date(&mut text, local);
            text.push_str("22001");
            digits(&mut text, account % 100_000, 5);
            digits(&mut text, mixed, 10);
        }
        PaymentMethod::UnionPay => {
            date(&mut text, local);
            time(&mut text, local);
            digits(&mut text, mixed, 10);
        }
        PaymentMethod::Card => {
            text.push_str("pi_");
            letters(&mut text, rng.random::<u64>(), 10);
            letters(&mut text, mixed, 6);
        }
    }
    text
}

/// A payment platform's own number of a refund.
pub fn provider_refund_no(method: PaymentMethod, id: RefundId) -> String {
    let mixed = id.0.unsigned_abs() % TEN_DIGITS * MIX % TEN_DIGITS;
    let mut text = String::with_capacity(28);
    match method {
        PaymentMethod::WechatPay | PaymentMethod::QqPay => text.push_str("50300"),
        PaymentMethod::Alipay => text.push_str("2088"),
        PaymentMethod::UnionPay => text.push_str("04"),
        PaymentMethod::Card => text.push_str("re_"),
    }
    if method == PaymentMethod::Card {
        letters(&mut text, id.0.unsigned_abs(), 12);
    } else {
        digits(&mut text, id.0.unsigned_abs() / TEN_DIGITS, 9);
    }
    digits(&mut text, mixed, 10);
    text
}

/// Appends a number in letters and digits.
fn letters(text: &mut String, mut number: u64, width: usize) {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for _ in 0..width {
        let place = usize::try_from(number % 62).unwrap_or(0);
        text.push(char::from(LETTERS[place]));
        number /= 62;
    }
}

/// The carrier and the number of a parcel.
pub fn tracking(rng: &mut impl Rng, country: &str) -> String {
    let (carrier, width) = match (country, rng.random_range(0..100)) {
        ("CN", ..45) => ("顺丰 SF", 13),
        ("CN", 45..75) => ("中通 ZT", 12),
        ("CN", _) => ("圆通 YT", 13),
        ("HK" | "TW" | "SG" | "MY", _) => ("顺丰国际 SF", 13),
        (_, ..60) => ("DHL ", 10),
        _ => ("EMS EA", 9),
    };
    let mut text = String::with_capacity(carrier.len() + width);
    text.push_str(carrier);
    digits(&mut text, rng.random_range(0..u64::pow(10, 13)), width);
    text
}

/// The text of a QR code that waits for its payer.
pub fn payment_code(rng: &mut impl Rng, method: PaymentMethod) -> String {
    let mut text = String::from(match method {
        PaymentMethod::Alipay => "https://qr.alipay.com/bax0",
        PaymentMethod::UnionPay => "https://qr.95516.com/00010000/",
        PaymentMethod::Card => "https://pay.example/c/",
        PaymentMethod::WechatPay | PaymentMethod::QqPay => "weixin://wxpay/bizpayurl?pr=",
    });
    letters(&mut text, rng.random(), 9);
    text
}

//! What clients send to the checkout.

use async_graphql::{ID, InputObject};

use crate::channels::schema::PaymentMethod;
use crate::checkout::model::{CheckoutWish, MOST_COUPONS};
use crate::error::Error;
use crate::graphql::scalars::MoneyInput;
use crate::money::Currency;
use crate::orders::schema::inputs::{OrderCreateInput, OrderLineInput, read_money};

/// The longest code that is looked at, in bytes.
const LONGEST_CODE: usize = 64;

/// How an order is priced here 结算: campaigns apply by themselves, coupons where they are named.
#[derive(Clone, Debug, InputObject)]
pub struct CheckoutInput {
    /// The codes of the coupons that the buyer chose; each has to take something off.
    #[graphql(default)]
    pub coupon_codes: Vec<String>,
    /// How many points pay for a part 积分抵扣; the order is refused where the member has fewer, or fewer can be used.
    pub points: Option<i64>,
    /// What the buyer was told is to be paid: `payable` of `checkoutQuote`. The order is refused where it costs
    /// something else by now.
    pub expected_payable: MoneyInput,
}

/// A cart to be priced 试算.
#[derive(Clone, Debug, InputObject)]
pub struct CheckoutQuoteInput {
    /// What is in the cart, 1 to 200 lines.
    pub lines: Vec<OrderLineInput>,
    /// The channel to pay through, where it is known.
    pub channel_id: Option<ID>,
    /// The method to pay by, where it is known and no channel is. What is limited to channels or methods is given only
    /// where one of both is named.
    pub method: Option<PaymentMethod>,
    /// Your own number of the member who buys, where there is one; a number that no order has named yet is a new
    /// customer's.
    pub member_no: Option<String>,
    /// The codes of the coupons that the buyer chose.
    #[graphql(default)]
    pub coupon_codes: Vec<String>,
    /// How many of the member's points are to pay for a part 积分抵扣; `pointsUsable` says how many can.
    pub points: Option<i64>,
}

/// Refuses too many codes, and what can be none.
pub fn check_codes(field: &str, codes: &[String]) -> Result<(), Error> {
    let fits = |code: &String| (1..=LONGEST_CODE).contains(&code.len());
    if codes.len() <= MOST_COUPONS && codes.iter().all(fits) {
        return Ok(());
    }
    Err(Error::bad_input(
        field,
        format!("takes at most {MOST_COUPONS} codes of 1 to {LONGEST_CODE} letters."),
        format!("最多 {MOST_COUPONS} 个券码，每个 1 至 {LONGEST_CODE} 位。"),
    ))
}

/// Refuses fewer points than none. None are as good as not said.
pub fn check_points(field: &str, points: Option<i64>) -> Result<Option<i64>, Error> {
    if points.is_some_and(|points| points < 0) {
        return Err(Error::bad_input(
            field,
            "must not be less than 0.",
            "不能小于 0。",
        ));
    }
    Ok(points.filter(|points| *points > 0))
}

/// How an order is to be priced; none where its shop does that itself.
pub fn read_checkout(
    input: &OrderCreateInput,
    currency: Currency,
) -> Result<Option<CheckoutWish>, Error> {
    let Some(checkout) = &input.checkout else {
        return Ok(None);
    };
    if input.discount.is_some() {
        return Err(Error::bad_input(
            "checkout",
            "and `discount` exclude each other: either campaigns and coupons are priced here, or you say what is \
             taken off.",
            "与 `discount` 不能同时给出：优惠由平台计算，或由商户自行给出。",
        ));
    }
    check_codes("checkout.couponCodes", &checkout.coupon_codes)?;
    let field = "checkout.expectedPayable";
    Ok(Some(CheckoutWish {
        coupon_codes: checkout.coupon_codes.clone(),
        points: check_points("checkout.points", checkout.points)?,
        expected_payable_minor: read_money(checkout.expected_payable, field, currency)?,
    }))
}

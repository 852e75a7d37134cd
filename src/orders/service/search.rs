//! Turns a filter into SQL, each part so that an index serves it.

use entity::order::{Column, Entity, FulfillmentState, PaymentState};
use entity::redemption::{self, OfferKind, RedemptionState};
use entity::{MerchantId, OrderId, order_line, product};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, Func, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::filters::{begins_with, contains};
use crate::members::service::id_of;
use crate::orders::model::OrderFilter;
use crate::time_range::TimeRange;

/// Written out, so that the planner sees that the partial index `orders_to_ship` holds these rows.
const TO_SHIP: &str = r#""orders"."payment_state" = 'PAID'
    AND "orders"."fulfillment_state" IN ('UNFULFILLED', 'PARTIAL')"#;

/// How many digits our order numbers have.
const DIGITS: u32 = 19;

/// A merchant's orders that a filter wants.
pub fn wanted(merchant_id: MerchantId, filter: &OrderFilter) -> Select<Entity> {
    Entity::of(merchant_id).filter(condition(merchant_id, filter))
}

fn condition(merchant_id: MerchantId, filter: &OrderFilter) -> Condition {
    let mut all = Condition::all()
        .add_option(any_of(Column::PaymentState, filter.payment_state.as_ref()))
        .add_option(any_of(Column::RefundState, filter.refund_state.as_ref()))
        .add_option(any_of(
            Column::FulfillmentState,
            filter.fulfillment_state.as_ref(),
        ))
        .add_option(any_of(Column::ChannelId, filter.channel_ids.as_ref()))
        .add_option(any_of(Column::Method, filter.methods.as_ref()))
        .add_option(any_of(Column::Country, filter.countries.as_ref()))
        .add_option(filter.late.map(|late| Column::Late.eq(late)))
        .add_option(
            filter
                .amount
                .min_minor
                .map(|min| Column::AmountMinor.gte(min)),
        )
        .add_option(
            filter
                .amount
                .max_minor
                .map(|max| Column::AmountMinor.lte(max)),
        );
    if let Some(range) = &filter.created {
        all = all.add(made_in(range));
    }
    if let Some(range) = &filter.paid {
        all = all
            .add(Column::PaidAt.gte(range.from.timestamp_millis()))
            .add(Column::PaidAt.lt(range.to.timestamp_millis()));
    }
    all = match filter.awaiting_shipment {
        Some(true) => all.add(Expr::cust(TO_SHIP)),
        Some(false) => all.add(Expr::cust(TO_SHIP).not()),
        None if asks_to_ship(filter) => all.add(Expr::cust(TO_SHIP)),
        None => all,
    };
    if let Some(id) = filter.member_id {
        all = all.add(Column::MemberId.eq(id));
    }
    if let Some(no) = &filter.member_no {
        let member = id_of(merchant_id, no);
        all = all.add(Expr::col((Entity, Column::MemberId)).eq(member));
    }
    if let Some(id) = filter.campaign_id {
        all = all.add(took_off(merchant_id, OfferKind::Campaign, id.0));
    }
    if let Some(id) = filter.coupon_template_id {
        all = all.add(took_off(merchant_id, OfferKind::Coupon, id.0));
    }
    if let Some(text) = &filter.search {
        all = all.add(search(merchant_id, text));
    }
    if let Some(choices) = &filter.or {
        let any = choices.iter().fold(Condition::any(), |any, choice| {
            any.add(condition(merchant_id, choice))
        });
        all = all.add(any);
    }
    if let Some(not) = &filter.not {
        // Whether an order without a country comes from China is unknown, and so would be the
        // opposite: what is unknown does not hold.
        let holds = SimpleExpr::from(condition(merchant_id, not));
        all = all.add(Expr::expr(Func::coalesce([holds, Expr::cust("FALSE")])).not());
    }
    all
}

fn any_of<V: Clone + Into<sea_orm::Value>>(
    column: Column,
    values: Option<&Vec<V>>,
) -> Option<Expr> {
    let values = values?;
    Some(match values.as_slice() {
        [one] => column.eq(one.clone()),
        many => column.is_in(many.iter().cloned()),
    })
}

/// Whether the axes, as given, ask for paid and undelivered orders alone.
fn asks_to_ship(filter: &OrderFilter) -> bool {
    let paid = filter
        .payment_state
        .as_deref()
        .is_some_and(|states| states == [PaymentState::Paid]);
    let open = filter.fulfillment_state.as_deref().is_some_and(|states| {
        !states.is_empty()
            && states.iter().all(|state| {
                matches!(
                    state,
                    FulfillmentState::Unfulfilled | FulfillmentState::Partial
                )
            })
    });
    paid && open
}

/// What an offer took something off and was not rolled back since: found by the index of what was redeemed of it.
fn took_off(merchant_id: MerchantId, offer: OfferKind, offer_id: i64) -> SimpleExpr {
    let ids = redemption::Entity::of(merchant_id)
        .filter(redemption::Column::OfferId.eq(offer_id))
        .filter(redemption::Column::Offer.eq(offer))
        .filter(redemption::Column::State.ne(RedemptionState::RolledBack))
        .select_only()
        .column(redemption::Column::OrderId)
        .into_query();
    Column::Id.in_subquery(ids)
}

/// When an order was made is in its id.
fn made_in(range: &TimeRange) -> Condition {
    Condition::all()
        .add(Column::Id.gte(OrderId::first_at(range.from.timestamp_millis())))
        .add(Column::Id.lt(OrderId::first_at(range.to.timestamp_millis())))
}

/// The beginning of our number, the shop's or the provider's, or a part of a line's title. Titles are
/// searched among the merchant's products, which are few, and found in lines by index. A union, not
/// `OR`: for that, every order of the merchant would be looked at.
fn search(merchant_id: MerchantId, text: &str) -> SimpleExpr {
    Column::Id.in_subquery(ids_found(merchant_id, text))
}

/// The ids of the orders that a text finds.
pub fn ids_found(merchant_id: MerchantId, text: &str) -> SelectStatement {
    let text = text.trim();
    let mut found = sold(merchant_id, text);
    let mut or = |condition: Condition| {
        let orders = Entity::of(merchant_id)
            .select_only()
            .column(Column::Id)
            .filter(condition)
            .into_query();
        found.union(UnionType::All, orders);
    };
    let is_number = |letter: u8| letter.is_ascii_alphanumeric() || b"._|-".contains(&letter);
    if text.bytes().all(is_number) {
        for column in [Column::MerchantOrderNo, Column::ProviderTradeNo] {
            or(Condition::all().add(begins_with(column, text)));
        }
        if let Some((first, last)) = ids_that_begin_with(text) {
            or(Condition::all().add(Column::Id.between(first, last)));
        }
    }
    found
}

/// The ids of orders with a line whose title contains the text.
fn sold(merchant_id: MerchantId, text: &str) -> SelectStatement {
    let products = product::Entity::of(merchant_id)
        .select_only()
        .column(product::Column::Id)
        .filter(contains(product::Column::Title, text))
        .into_query();
    order_line::Entity::of(merchant_id)
        .select_only()
        .column(order_line::Column::OrderId)
        .filter(order_line::Column::ProductId.in_subquery(products))
        .into_query()
}

/// The ids whose digits begin with these.
pub fn ids_that_begin_with(text: &str) -> Option<(OrderId, OrderId)> {
    let digits = u32::try_from(text.len()).ok()?;
    if digits > DIGITS || text.starts_with('0') || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let step = 10_i128.pow(DIGITS - digits);
    let first = text.parse::<i128>().ok()? * step;
    let clamp = |id: i128| OrderId(i64::try_from(id).unwrap_or(i64::MAX));
    Some((clamp(first), clamp(first + step - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_order_number_is_a_range_of_ids() {
        let (first, last) = ids_that_begin_with("224").unwrap();
        assert!(
            first <= OrderId(2_245_000_000_000_000_000)
                && OrderId(2_245_000_000_000_000_000) <= last
        );
        assert!(last < OrderId(2_250_000_000_000_000_000));
        assert_eq!(ids_that_begin_with("A1"), None);
        assert_eq!(ids_that_begin_with("012"), None);
    }
}

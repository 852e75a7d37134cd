//! Turns a filter into SQL.

use entity::refund::{Column, Entity};
use entity::{MerchantId, OrderId, RefundId, order};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};

use crate::filters::{any_value, begins_with};
use crate::orders::service::{ids_found, ids_that_begin_with};
use crate::refunds::model::RefundFilter;

/// A merchant's refunds that a filter wants.
pub(super) fn wanted(merchant_id: MerchantId, filter: &RefundFilter) -> Select<Entity> {
    Entity::of(merchant_id).filter(condition(merchant_id, filter))
}

fn condition(merchant_id: MerchantId, filter: &RefundFilter) -> Condition {
    let mut all = Condition::all()
        .add_option(any_value(Column::State, filter.states.as_ref()))
        .add_option(any_value(Column::Kind, filter.kinds.as_ref()))
        .add_option(any_value(Column::Reason, filter.reasons.as_ref()))
        .add_option(any_value(Column::ChannelId, filter.channel_ids.as_ref()))
        .add_option(any_value(Column::Method, filter.methods.as_ref()))
        .add_option(filter.order_id.map(|id| Column::OrderId.eq(id)))
        .add_option(
            filter
                .requested_by
                .as_deref()
                .map(|actor| Column::RequestedBy.eq(actor)),
        )
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
        )
        .add_option(
            filter
                .needs_attention
                .map(|needs| Column::NeedsAttention.eq(needs)),
        );
    if let Some(range) = &filter.requested {
        let first = |at: chrono::DateTime<chrono::Utc>| RefundId::first_at(at.timestamp_millis());
        all = all
            .add(Column::Id.gte(first(range.from)))
            .add(Column::Id.lt(first(range.to)));
    }
    if let Some(range) = &filter.succeeded {
        all = all
            .add(Column::SucceededAt.gte(range.from.timestamp_millis()))
            .add(Column::SucceededAt.lt(range.to.timestamp_millis()));
    }
    if let Some(countries) = &filter.countries {
        all = all.add(bought_from(merchant_id, countries));
    }
    if let Some(text) = &filter.search {
        all = all.add(search(merchant_id, text.trim()));
    }
    if let Some(choices) = &filter.or {
        let any = choices.iter().fold(Condition::any(), |any, choice| {
            any.add(condition(merchant_id, choice))
        });
        all = all.add(any);
    }
    if let Some(not) = &filter.not {
        let holds = SimpleExpr::from(condition(merchant_id, not));
        all = all.add(Expr::expr(Func::coalesce([holds, Expr::cust("FALSE")])).not());
    }
    all
}

/// Whether the order's buyer is from any of these countries. A value, not `EXISTS`: PostgreSQL would make a
/// join of that, and read every order; so it looks up the order of each refund that it comes across.
fn bought_from(merchant_id: MerchantId, countries: &[String]) -> SimpleExpr {
    let country = order::Entity::of(merchant_id)
        .select_only()
        .column(order::Column::Country)
        .filter(Expr::col((order::Entity, order::Column::Id)).equals((Entity, Column::OrderId)))
        .into_query();
    SimpleExpr::SubQuery(None, Box::new(country.into())).is_in(countries.iter().map(String::as_str))
}

/// The beginning of our number of a refund or the platform's, or what finds its order.
fn search(merchant_id: MerchantId, text: &str) -> Condition {
    let mut any = Condition::any()
        .add(Column::OrderId.in_subquery(ids_found(merchant_id, text)))
        .add(begins_with(Column::ProviderRefundNo, text));
    if let Some((OrderId(first), OrderId(last))) = ids_that_begin_with(text) {
        any = any.add(Column::Id.between(first, last));
    }
    any
}

//! Measures whether messages brought members back.

use std::collections::HashMap;

use entity::message::Model;
use entity::message_recipient::{Column, Entity, MessageOutcome};
use entity::order::{self, PaymentState, RefundState};
use entity::{Instant, MerchantId, MessageRecipientId, message};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, RelationDef, Select};

use super::recipients::wanted_recipients;
use crate::app::App;
use crate::db::any_of;
use crate::error::Error;
use crate::messages::model::{Compared, Effect, Visits, reached, span};
use crate::sums::sum_of;

/// The milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What a message brought; none where it has not begun.
pub async fn effect(app: &App, row: &Model) -> Result<Option<Effect>, Error> {
    let Some(span) = span(row, app.clock.now()) else {
        return Ok(None);
    };
    let written = visits(app, row, MessageOutcome::Sent).await?;
    let compared = visits(app, row, MessageOutcome::NoConsent).await?;
    Ok(Some(Effect {
        span,
        written,
        compared: Compared::of(compared),
    }))
}

/// What the recipients of an outcome did within so many days after they were looked at. An order that was refunded in
/// full brought nobody back.
async fn visits(app: &App, row: &Model, outcome: MessageOutcome) -> Result<Visits, Error> {
    let (merchant_id, id) = (row.merchant_id, row.id);
    let outcomes = vec![outcome];
    let select = wanted_recipients(merchant_id, id, Some(&outcomes));
    let paid = |column| Expr::col((order::Entity, column));
    let spent = paid(order::Column::PaidMinor).sub(paid(order::Column::RefundedMinor));
    let (came_back, spent_minor): (i64, Option<i64>) = with_orders(select)
        .filter(within(row.effect_days))
        .select_only()
        .expr_as(
            Expr::col((Entity, Column::MemberId)).count_distinct(),
            "came_back",
        )
        .expr_as(sum_of(spent), "spent")
        .into_tuple()
        .one(&app.db.reads(merchant_id))
        .await?
        .unwrap_or_default();
    Ok(Visits {
        members: reached(row, Some(&outcomes)),
        came_back,
        spent_minor: spent_minor.unwrap_or(0),
    })
}

/// When some recipients of messages first paid for an order within the days that their message is looked at; those
/// who did not are not among them.
pub async fn came_back(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MessageRecipientId],
) -> Result<HashMap<MessageRecipientId, Instant>, Error> {
    let to_message: RelationDef = Entity::belongs_to(message::Entity)
        .from((Column::MerchantId, Column::MessageId))
        .to((message::Column::MerchantId, message::Column::Id))
        .into();
    let days = Expr::col((message::Entity, message::Column::EffectDays));
    let rows: Vec<(MessageRecipientId, Instant)> = with_orders(Entity::of(merchant_id))
        .join(JoinType::InnerJoin, to_message)
        .filter(any_of(&app.db, Column::Id, ids))
        .filter(Column::Outcome.eq(MessageOutcome::Sent))
        .filter(in_days(days))
        .select_only()
        .column(Column::Id)
        .expr_as(
            Expr::col((order::Entity, order::Column::PaidAt)).min(),
            "came_back_at",
        )
        .group_by(Column::Id)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    Ok(rows.into_iter().collect())
}

/// Recipients with each of their orders that was paid and stands.
fn with_orders(select: Select<Entity>) -> Select<Entity> {
    let to_order: RelationDef = Entity::belongs_to(order::Entity)
        .from((Column::MerchantId, Column::MemberId))
        .to((order::Column::MerchantId, order::Column::MemberId))
        .into();
    select
        .join(JoinType::InnerJoin, to_order)
        .filter(order::Column::PaymentState.eq(PaymentState::Paid))
        .filter(order::Column::RefundState.ne(RefundState::Full))
}

fn within(days: i32) -> SimpleExpr {
    in_days(Expr::value(i64::from(days)))
}

/// Paid after the member was looked at, and within so many days. A recipient's id holds when that was.
fn in_days(days: SimpleExpr) -> SimpleExpr {
    let paid_at = Expr::col((order::Entity, order::Column::PaidAt));
    let looked_at = Expr::col((Entity, Column::Id))
        .div(1_i64 << entity::ids::TAIL_BITS)
        .add(entity::ids::EPOCH_MS);
    let until = looked_at.clone().add(days.mul(DAY_MS));
    paid_at.clone().gt(looked_at).and(paid_at.lte(until))
}

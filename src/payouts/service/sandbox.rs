//! How much of what is available came in through the sandbox, which moves no money.

use entity::channel::{self, ChannelKind};
use entity::ledger_entry::{self, Direction, LedgerAccount};
use entity::ledger_transaction::{self, LedgerSource};
use entity::payout::{self, PayoutStatus};
use entity::{ChannelId, MerchantId, refund, settlement};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::error::Error;

/// The channels that play.
pub(super) fn playing(channels: &[channel::Model]) -> Vec<ChannelId> {
    let playing = channels
        .iter()
        .filter(|channel| channel.kind == ChannelKind::Sandbox);
    playing.map(|channel| channel.id).collect()
}

/// What channels that play have brought into the available balance, less what left it again by their refunds and by
/// payouts through them, in minor units. Settlements and payouts are few; refunds are looked at only where there is
/// anything to take them from.
pub(super) async fn brought(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    playing: &[ChannelId],
) -> Result<i64, Error> {
    if playing.is_empty() {
        return Ok(0);
    }
    let settled = settlement::Entity::of(merchant_id)
        .filter(settlement::Column::ChannelId.is_in(playing.iter().copied()))
        .select_only()
        .expr_as(sum(Expr::col(settlement::Column::AmountMinor)), "sum");
    let settled: Option<Option<i64>> = settled.into_tuple().one(connection).await?;
    let settled = settled.flatten().unwrap_or(0);
    if settled <= 0 {
        return Ok(0);
    }
    let left = payout::Entity::of(merchant_id)
        .filter(payout::Column::ChannelId.is_in(playing.iter().copied()))
        .filter(payout::Column::State.is_in([
            PayoutStatus::AwaitingApproval,
            PayoutStatus::Processing,
            PayoutStatus::Unknown,
            PayoutStatus::Paid,
        ]))
        .select_only()
        .expr_as(sum(Expr::col(payout::Column::AmountMinor)), "sum");
    let left: Option<Option<i64>> = left.into_tuple().one(connection).await?;
    let refunded = refunded(connection, merchant_id, playing).await?;
    Ok(Ord::max(
        settled - left.flatten().unwrap_or(0) - refunded,
        0,
    ))
}

/// What refunds of channels have taken out of the available balance, by the ledger: what was still pending is none of
/// it.
async fn refunded(
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    playing: &[ChannelId],
) -> Result<i64, Error> {
    let refunds = refund::Entity::of(merchant_id)
        .filter(refund::Column::ChannelId.is_in(playing.iter().copied()))
        .select_only()
        .column(refund::Column::Id)
        .into_query();
    let transactions = ledger_transaction::Entity::of(merchant_id)
        .filter(ledger_transaction::Column::Source.eq(LedgerSource::Refund))
        .filter(ledger_transaction::Column::SourceId.in_subquery(refunds))
        .select_only()
        .column(ledger_transaction::Column::Id)
        .into_query();
    let sums: Vec<(Direction, i64)> = ledger_entry::Entity::of(merchant_id)
        .filter(ledger_entry::Column::Account.eq(LedgerAccount::Available))
        .filter(ledger_entry::Column::TransactionId.in_subquery(transactions))
        .select_only()
        .column(ledger_entry::Column::Direction)
        .expr_as(sum(Expr::col(ledger_entry::Column::AmountMinor)), "sum")
        .group_by(ledger_entry::Column::Direction)
        .into_tuple()
        .all(connection)
        .await?;
    let taken = sums.into_iter().map(|(direction, minor)| match direction {
        Direction::Debit => minor,
        Direction::Credit => -minor,
    });
    Ok(Ord::max(taken.sum::<i64>(), 0))
}

/// PostgreSQL sums BIGINT into NUMERIC.
fn sum(of: SimpleExpr) -> SimpleExpr {
    Expr::expr(Func::sum(of)).cast_as(Alias::new("BIGINT"))
}

//! Removes builds that are not served, some rows at a time.

use entity::{statistic, statistic_product};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use super::turn::Turn;
use crate::error::Error;

/// How many rows one statement removes, about.
const ROWS: u64 = 10_000;

/// Removes every build but the one that is served; false where it is another's turn.
pub(super) async fn remove_all_but(turn: &Turn<'_>, served: Option<i16>) -> Result<bool, Error> {
    let mut beyond = i16::MIN;
    loop {
        let next: Option<i16> = statistic::Entity::of(turn.merchant_id)
            .filter(statistic::Column::Generation.gt(beyond))
            .order_by_asc(statistic::Column::Generation)
            .select_only()
            .column(statistic::Column::Generation)
            .limit(1)
            .into_tuple()
            .one(&turn.app.db.reads(turn.merchant_id))
            .await?;
        let Some(generation) = next else {
            return Ok(true);
        };
        if Some(generation) != served && !remove(turn, generation, served).await? {
            return Ok(false);
        }
        beyond = generation;
    }
}

/// Removes a build that is not `served`; false where it is another's turn.
pub(super) async fn remove(
    turn: &Turn<'_>,
    generation: i16,
    served: Option<i16>,
) -> Result<bool, Error> {
    use statistic::Column;
    // The other rows tell that there is a build: they go last.
    if !remove_products(turn, generation, served).await? {
        return Ok(false);
    }
    loop {
        let of_build = Column::Generation.eq(generation);
        let first = statistic::Entity::of(turn.merchant_id)
            .filter(of_build.clone())
            .order_by_asc(Column::Grain)
            .order_by_asc(Column::Cut)
            .limit(1)
            .one(&turn.app.db.reads(turn.merchant_id))
            .await?;
        let Some(first) = first else {
            return Ok(true);
        };
        let of_cut = of_build
            .and(Column::Grain.eq(first.grain))
            .and(Column::Cut.eq(first.cut));
        let last: Option<i64> = statistic::Entity::of(turn.merchant_id)
            .filter(of_cut.clone())
            .order_by_asc(Column::Starts)
            .offset(ROWS)
            .limit(1)
            .select_only()
            .column(Column::Starts)
            .into_tuple()
            .one(&turn.app.db.reads(turn.merchant_id))
            .await?;
        let some = of_cut.and(Column::Starts.lte(last.unwrap_or(i64::MAX)));
        let is_removed = turn
            .app
            .db
            .transaction_of(turn.merchant_id, |txn| {
                let some = some.clone();
                async move {
                    if !turn.goes_on_in(&txn, served).await? {
                        return Ok(false);
                    }
                    statistic::Entity::delete_of(turn.merchant_id)
                        .filter(some)
                        .exec(&*txn)
                        .await?;
                    Ok::<_, Error>(true)
                }
            })
            .await?;
        if !is_removed {
            return Ok(false);
        }
    }
}

/// Removes what a build holds of products; false where it is another's turn.
async fn remove_products(
    turn: &Turn<'_>,
    generation: i16,
    served: Option<i16>,
) -> Result<bool, Error> {
    use statistic_product::{Column, Entity};
    loop {
        let of_build = Column::Generation.eq(generation);
        let first = Entity::of(turn.merchant_id)
            .filter(of_build.clone())
            .order_by_asc(Column::Grain)
            .order_by_asc(Column::ChannelId)
            .limit(1)
            .one(&turn.app.db.reads(turn.merchant_id))
            .await?;
        let Some(first) = first else {
            return Ok(true);
        };
        let of_channel = Column::Grain
            .eq(first.grain)
            .and(Column::ChannelId.eq(first.channel_id))
            .and(of_build);
        let last: Option<i64> = Entity::of(turn.merchant_id)
            .filter(of_channel.clone())
            .order_by_asc(Column::Starts)
            .offset(ROWS)
            .limit(1)
            .select_only()
            .column(Column::Starts)
            .into_tuple()
            .one(&turn.app.db.reads(turn.merchant_id))
            .await?;
        let some = of_channel.and(Column::Starts.lte(last.unwrap_or(i64::MAX)));
        let is_removed = turn
            .app
            .db
            .transaction_of(turn.merchant_id, |txn| {
                let some = some.clone();
                async move {
                    if !turn.goes_on_in(&txn, served).await? {
                        return Ok(false);
                    }
                    Entity::delete_of(turn.merchant_id)
                        .filter(some)
                        .exec(&*txn)
                        .await?;
                    Ok::<_, Error>(true)
                }
            })
            .await?;
        if !is_removed {
            return Ok(false);
        }
    }
}

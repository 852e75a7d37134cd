//! Removes builds that are not served, some rows at a time.

use entity::{MerchantId, statistic, statistic_product};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::app::App;
use crate::error::Error;

/// How many rows one statement removes, about.
const ROWS: u64 = 10_000;

/// Removes every build but one; false where `goes_on` says that it is another's turn.
pub(super) async fn remove_all_but<F>(
    app: &App,
    merchant_id: MerchantId,
    served: Option<i16>,
    goes_on: impl Fn() -> F,
) -> Result<bool, Error>
where
    F: Future<Output = Result<bool, Error>>,
{
    let mut beyond = i16::MIN;
    loop {
        let next: Option<i16> = statistic::Entity::of(merchant_id)
            .filter(statistic::Column::Generation.gt(beyond))
            .order_by_asc(statistic::Column::Generation)
            .select_only()
            .column(statistic::Column::Generation)
            .limit(1)
            .into_tuple()
            .one(app.db.reads())
            .await?;
        let Some(generation) = next else {
            return Ok(true);
        };
        if Some(generation) != served && !remove(app, merchant_id, generation, &goes_on).await? {
            return Ok(false);
        }
        beyond = generation;
    }
}

/// Removes a build; false where `goes_on` says that it is another's turn.
pub(super) async fn remove<F>(
    app: &App,
    merchant_id: MerchantId,
    generation: i16,
    goes_on: impl Fn() -> F,
) -> Result<bool, Error>
where
    F: Future<Output = Result<bool, Error>>,
{
    use statistic::Column;
    // The other rows tell that there is a build: they go last.
    if !remove_products(app, merchant_id, generation, &goes_on).await? {
        return Ok(false);
    }
    loop {
        if !goes_on().await? {
            return Ok(false);
        }
        let of_build = Column::Generation.eq(generation);
        let first = statistic::Entity::of(merchant_id)
            .filter(of_build.clone())
            .order_by_asc(Column::Grain)
            .order_by_asc(Column::Cut)
            .limit(1)
            .one(app.db.reads())
            .await?;
        let Some(first) = first else {
            return Ok(true);
        };
        let of_cut = || {
            Column::Grain
                .eq(first.grain)
                .and(Column::Cut.eq(first.cut))
                .and(of_build.clone())
        };
        let last: Option<i64> = statistic::Entity::of(merchant_id)
            .filter(of_cut())
            .order_by_asc(Column::Starts)
            .offset(ROWS)
            .limit(1)
            .select_only()
            .column(Column::Starts)
            .into_tuple()
            .one(app.db.reads())
            .await?;
        statistic::Entity::delete_of(merchant_id)
            .filter(of_cut())
            .filter(Column::Starts.lte(last.unwrap_or(i64::MAX)))
            .exec(app.db.writer())
            .await?;
    }
}

/// Removes what a build holds of products; false where it is another's turn.
async fn remove_products<F>(
    app: &App,
    merchant_id: MerchantId,
    generation: i16,
    goes_on: impl Fn() -> F,
) -> Result<bool, Error>
where
    F: Future<Output = Result<bool, Error>>,
{
    use statistic_product::{Column, Entity};
    loop {
        if !goes_on().await? {
            return Ok(false);
        }
        let of_build = || Column::Generation.eq(generation);
        let first = Entity::of(merchant_id)
            .filter(of_build())
            .order_by_asc(Column::Grain)
            .order_by_asc(Column::ChannelId)
            .limit(1)
            .one(app.db.reads())
            .await?;
        let Some(first) = first else {
            return Ok(true);
        };
        let of_channel = || {
            Column::Grain
                .eq(first.grain)
                .and(Column::ChannelId.eq(first.channel_id))
                .and(of_build())
        };
        let last: Option<i64> = Entity::of(merchant_id)
            .filter(of_channel())
            .order_by_asc(Column::Starts)
            .offset(ROWS)
            .limit(1)
            .select_only()
            .column(Column::Starts)
            .into_tuple()
            .one(app.db.reads())
            .await?;
        Entity::delete_of(merchant_id)
            .filter(of_channel())
            .filter(Column::Starts.lte(last.unwrap_or(i64::MAX)))
            .exec(app.db.writer())
            .await?;
    }
}

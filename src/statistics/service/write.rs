//! Writes buckets: adds to what is there.

use entity::{MerchantId, statistic, statistic_product};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel};

use super::read::column_of;
use crate::statistics::model::{Base, Buckets, Products};

/// How many rows one statement writes: SQLite binds 32,766 values at the most, 18 a row.
const ROWS: usize = 1_500;

/// Adds buckets to a build, in the order of their keys.
pub(super) async fn add(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    generation: i16,
    buckets: &Buckets,
) -> Result<(), DbErr> {
    use statistic::Column;
    let mut more = OnConflict::columns([
        Column::MerchantId,
        Column::Generation,
        Column::Grain,
        Column::Cut,
        Column::Starts,
        Column::ChannelId,
        Column::Country,
        Column::Category,
        Column::TierId,
    ]);
    for base in Base::ALL {
        let column = column_of(base);
        let known = Expr::col((statistic::Entity, column));
        more.value(
            column,
            known.add(Expr::col((Alias::new("excluded"), column))),
        );
    }
    let rows = buckets.rows().into_iter();
    let rows: Vec<statistic::ActiveModel> = rows
        .map(|(bucket, measures)| bucket.row(merchant_id, generation, &measures))
        .map(IntoActiveModel::into_active_model)
        .collect();
    for some in rows.chunks(ROWS) {
        statistic::Entity::insert_many(some.to_vec())
            .on_conflict(more.clone())
            .exec_without_returning(txn)
            .await?;
    }
    add_products(txn, merchant_id, generation, &buckets.products).await
}

async fn add_products(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    generation: i16,
    products: &Products,
) -> Result<(), DbErr> {
    use statistic_product::{Column, Entity};
    let mut more = OnConflict::columns([
        Column::MerchantId,
        Column::Generation,
        Column::Grain,
        Column::ChannelId,
        Column::Starts,
        Column::ProductId,
    ]);
    for column in [Column::Quantity, Column::Orders, Column::PaidMinor] {
        let known = Expr::col((Entity, column));
        more.value(
            column,
            known.add(Expr::col((Alias::new("excluded"), column))),
        );
    }
    let rows = products.rows().into_iter();
    let rows: Vec<statistic_product::ActiveModel> = rows
        .map(|(bucket, sold)| bucket.row(merchant_id, generation, &sold))
        .map(IntoActiveModel::into_active_model)
        .collect();
    for some in rows.chunks(ROWS) {
        Entity::insert_many(some.to_vec())
            .on_conflict(more.clone())
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

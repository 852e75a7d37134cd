//! The small dictionary behind order lines: what a merchant has sold at least once.

use entity::{MerchantId, ProductId, product};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};

use crate::app::App;
use crate::orders::model::DraftLine;

/// The products of the lines; those sold for the first time are added, in one order for all
/// transactions, so that none waits for another in a circle.
pub async fn find_products(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    lines: &[DraftLine],
) -> Result<Vec<(ProductId, String, String)>, DbErr> {
    let mut wanted: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| (line.title.as_str(), line.category.as_str()))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let sold = known(txn, merchant_id, &wanted).await?;
    let missing = wanted.iter().filter(|(title, category)| {
        !sold
            .iter()
            .any(|(_, known, of)| known == title && of == category)
    });
    let fresh: Vec<product::ActiveModel> = missing
        .map(|(title, category)| product::ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            id: ActiveValue::Set(app.ids.next()),
            title: ActiveValue::Set((*title).to_owned()),
            category: ActiveValue::Set((*category).to_owned()),
        })
        .collect();
    if fresh.is_empty() {
        return Ok(sold);
    }
    product::Entity::insert_many(fresh)
        .on_conflict(
            OnConflict::columns([
                product::Column::MerchantId,
                product::Column::Title,
                product::Column::Category,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    known(txn, merchant_id, &wanted).await
}

async fn known(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    wanted: &[(&str, &str)],
) -> Result<Vec<(ProductId, String, String)>, DbErr> {
    let key = Expr::tuple([
        Expr::col(product::Column::Title),
        Expr::col(product::Column::Category),
    ]);
    product::Entity::of(merchant_id)
        .filter(key.in_tuples(wanted.iter().copied()))
        .select_only()
        .columns([
            product::Column::Id,
            product::Column::Title,
            product::Column::Category,
        ])
        .into_tuple()
        .all(txn)
        .await
}

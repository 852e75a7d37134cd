//! The second fence: PostgreSQL itself shows a merchant's statements that merchant's rows alone.

mod logins;
mod rows;
mod tables;

use entity::MerchantId;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use yigate::db::Db;
use yigate::error::Error;

use crate::support::{Merchant, World};

/// Two merchants with a paid order each, on PostgreSQL; none where there is none.
async fn two_merchants() -> Option<(World, Merchant, Merchant)> {
    let world = World::on_postgres().await?;
    let ours = world.merchant("汇贤饭店").await;
    let theirs = world.merchant("云裳服饰").await;
    for merchant in [&ours, &theirs] {
        merchant.paid_order("36.00").await;
    }
    Some((world, ours, theirs))
}

/// The one number that a statement of nobody's making comes to.
async fn number(db: &impl ConnectionTrait, sql: &str) -> Result<i64, DbErr> {
    let asked = Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(asked).await?;
    row.expect("a number").try_get_by_index(0)
}

/// As [`number`], in a transaction of a merchant.
async fn number_in(db: &Db, merchant_id: MerchantId, sql: &str) -> Result<i64, Error> {
    db.transaction_of(merchant_id, |txn| async move {
        Ok::<_, Error>(number(&*txn, sql).await?)
    })
    .await
}

/// Runs a statement in a transaction of a merchant; how many rows it touched.
async fn done_in(db: &Db, merchant_id: MerchantId, sql: &str) -> Result<u64, Error> {
    db.transaction_of(merchant_id, |txn| async move {
        let done = txn.execute_unprepared(sql).await?;
        Ok::<_, Error>(done.rows_affected())
    })
    .await
}

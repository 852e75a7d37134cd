//! Long lists: read in pages, kept in bounded pieces, and whole.

use std::collections::BTreeSet;

use entity::export_piece;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::json;
use yigate::exports::service;

use super::{Table, asked_for, downloaded, seen};
use crate::everywhere;
use crate::orders::rows::{before_noon, insert, order};

/// How many orders there are.
const MANY: i64 = 20_000;
/// How long a piece may be.
const LONGEST: usize = 262_144;

everywhere! {
    async fn twenty_thousand_orders_are_written_in_bounded_pieces_and_each_once(world: World) {
        let world = world.listening().await;
        let merchant = world.merchant("汇贤饭店").await;
        let rows: Vec<_> = (0..MANY)
            .map(|no| {
                // Many share an amount, so that pages end within it.
                let at = before_noon(MANY - no);
                order(&merchant, format!("S{no:016x}{:016x}", rand::random::<u64>()), at).amount(100 + no % 7).paid(at)
            })
            .collect();
        insert(&world, &rows).await;
        let owner = merchant.owner().await;
        let by_amount = json!({ "orders": { "orderBy": { "field": "AMOUNT" } } });
        for (rows_of, format) in [(json!({ "orders": {} }), "CSV"), (by_amount, "XLSX")] {
            let id = asked_for(&owner, rows_of, format, json!({})).await;
            let claimed = service::claim(world.app()).await.expect("the database answers").expect("one is due");
            service::run(world.app(), &world.gateway.auth, claimed).await.expect("written");
            let export = seen(&owner, &id).await;
            assert_eq!((&export["state"], &export["rows"]), (&json!("DONE"), &json!(MANY)), "{export:#}");
            let pieces = export_piece::Entity::of(merchant.id)
                .filter(export_piece::Column::ExportId.eq(id.parse::<entity::ExportId>().expect("an id")))
                .order_by_asc(export_piece::Column::No)
                .all(world.app().db.reads_across())
                .await
                .expect("pieces");
            assert!(pieces.len() > 1, "{format}: {}", pieces.len());
            assert!(pieces.iter().all(|piece| piece.bytes.len() <= LONGEST));
            let bytes = downloaded(&export).await;
            let table = if format == "CSV" { Table::of_csv(&bytes) } else { Table::of_xlsx(&bytes) };
            let numbers: BTreeSet<&str> = table.column("商户订单号").into_iter().collect();
            let wanted: BTreeSet<&str> = rows.iter().map(|row| row.no()).collect();
            assert!(numbers == wanted && table.rows.len() == rows.len(), "{format}: each order once");
            let sum: i64 = rows.iter().map(|row| row.order.paid_minor).sum();
            assert_eq!(table.sum("实付金额 (CNY)"), sum);
        }
    }
}

//! Large bills, and many who import one.

use std::time::{Duration, Instant};

use entity::order::PaymentState;
use entity::{Instant as At, OrderId, order};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{Bill, MONDAY, imported, next_morning, run_of, runs};
use crate::everywhere;
use crate::support::{Merchant, World, noon};

/// How many rows the large bill has.
const MANY: usize = 5_000;

/// Writes paid orders straight into the table, and tells their numbers.
async fn paid_orders(merchant: &Merchant, world: &World) -> Vec<OrderId> {
    let seen = merchant.order("36.00").await;
    let model = order::Entity::of(merchant.id)
        .one(world.app().db.reads_across())
        .await;
    let model = model.expect("the database answers").expect("an order");
    assert_eq!(model.id, seen.id);
    let ids: Vec<OrderId> = (0..MANY).map(|_| world.app().ids.next()).collect();
    for some in ids.chunks(500) {
        let rows = some.iter().map(|id| order::ActiveModel {
            id: ActiveValue::Set(*id),
            merchant_order_no: ActiveValue::Set(format!("M{}", id.0)),
            payment_state: ActiveValue::Set(PaymentState::Paid),
            paid_minor: ActiveValue::Set(model.amount_minor),
            paid_at: ActiveValue::Set(Some(At(noon()))),
            provider_trade_no: ActiveValue::Set(Some(format!("T{}", id.0))),
            ..model.clone().into_active_model().reset_all()
        });
        order::Entity::insert_many(rows)
            .exec_without_returning(world.app().db.writer())
            .await
            .expect("orders");
    }
    ids
}

everywhere! {
    /// Of five thousand rows three thousand fit; three thousand items are opened. On two busy cores and
    /// unoptimized this takes 1.5 s on SQLite and 2 s on PostgreSQL, the client's part included.
    async fn a_bill_of_five_thousand_rows_is_imported_in_few_statements(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let ids = paid_orders(&merchant, &world).await;
        let mut bill = Bill::default();
        for (place, id) in ids.iter().enumerate().skip(1_000) {
            let amount = if place < 2_000 { "35.00" } else { "36.00" };
            let (order_no, trade_no) = (id.0.to_string(), format!("T{}", id.0));
            bill = bill.paid("12:00:00", (&order_no, &trade_no), amount, "0.00");
        }
        for place in 0..1_000 {
            bill = bill.paid("12:00:00", ("7", &format!("X{place}")), "1.00", "0.00");
        }
        next_morning(&world);
        let began = Instant::now();
        let run = run_of(&merchant, MONDAY, &bill).await;
        let took = began.elapsed();
        println!("{MANY} rows in {} ms", took.as_millis());
        assert!(took < Duration::from_secs(20), "{took:?}");
        assert_eq!(run["rows"], MANY);
        assert_eq!(run["matched"], 3_000);
        assert_eq!(run["differences"], 3_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_instances_that_import_one_file_make_one_run() {
    let Some(world) = World::on_postgres().await else {
        return;
    };
    let second = world.another_instance().await;
    let here = world.merchant("汇贤饭店").await;
    let there = here.on(&second);
    let mut bill = Bill::default();
    for place in 0..50 {
        bill = bill.paid("12:00:00", ("7", &format!("X{place}")), "1.00", "0.00");
    }
    next_morning(&world);
    let text = json!({ "text": bill.wechat_pay(MONDAY) });
    let works = (0..8).map(|turn| {
        let merchant = if turn % 2 == 0 {
            here.clone()
        } else {
            there.clone()
        };
        let text = text.clone();
        tokio::spawn(async move {
            let owner = merchant.owner().await;
            imported(&owner, &merchant, "WECHAT_PAY", MONDAY, text).await
        })
    });
    let mut ids = Vec::new();
    for work in futures_util::future::join_all(works).await {
        let payload = work.expect("nobody panics");
        assert_eq!(payload["run"]["differences"], 50, "{payload}");
        ids.push(payload["run"]["id"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one run: {ids:?}");
    assert_eq!(runs(&here).await, 1);
    let events = here.events().await;
    let told = |name: &str| events.iter().filter(|event| *event == name).count();
    assert_eq!(told("RECONCILIATION_IMPORTED"), 1);
    assert_eq!(told("RECONCILIATION_ITEM_OPENED"), 50);
}

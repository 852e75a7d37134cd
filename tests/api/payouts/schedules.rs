//! Schedules: what leaves by itself, once for each moment, on the merchant's clock.

use chrono::TimeDelta;
use entity::membership::{self, Role};
use entity::payout::PayoutOrigin;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};

use crate::everywhere;
use crate::support::Merchant;
use crate::support::payouts::refusal;

async fn seen(merchant: &Merchant) -> Value {
    let document = "{ payoutSchedule { cadence day at version paused nextAt lastAt lastSkipped \
        lastPayout { amount { amount } } retainedAmount { amount } setBy } }";
    let answer = merchant.owner().await.data(document, json!({})).await;
    answer["payoutSchedule"].clone()
}

everywhere! {
    async fn what_is_beyond_the_retained_amount_leaves_once_for_each_moment(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("500.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        assert_eq!(seen(&merchant).await, Value::Null);
        // A Tuesday, just after noon: the next moment is tomorrow's.
        let set = payer.schedules(account, json!({
            "retainedAmount": { "amount": "200.00", "currency": "CNY" } })).await;
        assert_eq!(set["nextAt"], "2026-11-25T04:00:00.000Z", "{set}");
        merchant.payout_workers_work().await;
        assert!(merchant.payouts().await.is_empty());
        world.clock.set("2026-11-25T04:00:00Z".parse().expect("an instant"));
        merchant.payout_workers_work().await;
        merchant.payout_workers_work().await;
        let all = merchant.payouts().await;
        assert_eq!(all.len(), 1, "once");
        assert_eq!((all[0].amount_minor, all[0].origin), (30_000, PayoutOrigin::Schedule));
        assert_eq!(all[0].requested_by, merchant.staff(Role::Owner).to_string());
        let told = seen(&merchant).await;
        assert_eq!(told["nextAt"], "2026-11-26T04:00:00.000Z");
        assert_eq!(told["lastPayout"]["amount"]["amount"], "300.00");
        // The next day nothing is beyond it: that is told, too.
        merchant.payout_days_pass(1).await;
        assert_eq!(merchant.payouts().await.len(), 1);
        let told = seen(&merchant).await;
        assert_eq!(told["lastSkipped"], "BELOW_MINIMUM");
        assert_eq!(told["lastPayout"], Value::Null);
        assert_eq!(merchant.balances().await, ["0.00", "200.00", "0.00"]);
        merchant.books_are_right().await;
    }

    async fn nothing_leaves_in_the_name_of_who_may_not_set_it_any_more(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("500.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        payer.schedules(account, json!({})).await;
        let becomes = async |role: Role| {
            let update = membership::Entity::update_of(merchant.id)
                .filter(membership::Column::StaffId.eq(merchant.staff(Role::Owner)))
                .col_expr(membership::Column::Role, Expr::value(role));
            update.exec(world.app().db.writer()).await.expect("another role");
        };
        becomes(Role::Support).await;
        merchant.payout_days_pass(1).await;
        assert!(merchant.payouts().await.is_empty());
        becomes(Role::Owner).await;
        assert_eq!(seen(&merchant).await["lastSkipped"], "SETTER_NOT_ALLOWED");
        merchant.payout_days_pass(1).await;
        assert_eq!(merchant.payouts().await.len(), 1, "whoever may again is believed again");
    }

    async fn moments_that_nobody_was_there_for_run_once(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("500.00").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        payer.schedules(account, json!({})).await;
        world.clock.advance(TimeDelta::days(10));
        merchant.payout_workers_work().await;
        assert_eq!(merchant.payouts().await.len(), 1);
        let told = seen(&merchant).await;
        assert_eq!(told["nextAt"], "2026-12-05T04:00:00.000Z", "{told}");
    }

    async fn a_schedule_keeps_to_the_terms(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        merchant.adjusts("500.00").await;
        merchant.payout_terms(|terms| {
            terms.max_minor = 10_000;
            terms.daily_max_minor = Some(15_000);
        }).await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        payer.schedules(account, json!({ "at": "13:00" })).await;
        world.clock.advance(TimeDelta::hours(2));
        merchant.payouts_go_through().await;
        assert_eq!(merchant.last_payout().await.read("amount { amount }").await["amount"]["amount"], "100.00");
        // Another one of the same day gets what the limit leaves, then nothing.
        for (at, amount) in [("15:00", Some("50.00")), ("17:00", None)] {
            let version = seen(&merchant).await["version"].clone();
            payer.schedules(account, json!({ "at": at, "expectedVersion": version })).await;
            let before = merchant.payouts().await.len();
            world.clock.advance(TimeDelta::hours(2));
            merchant.payouts_go_through().await;
            let told = seen(&merchant).await;
            match amount {
                Some(amount) => assert_eq!(told["lastPayout"]["amount"]["amount"], amount),
                None => {
                    assert_eq!(merchant.payouts().await.len(), before);
                    assert_eq!(told["lastSkipped"], "DAILY_LIMIT");
                }
            }
        }
        merchant.loses_account(account).await;
        merchant.payout_days_pass(1).await;
        assert_eq!(seen(&merchant).await["lastSkipped"], "ACCOUNT_NOT_PAYABLE");
        merchant.books_are_right().await;
    }

    async fn what_cannot_be_meant_is_refused_by_its_field(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        for (more, field) in [
            (json!({ "at": "25:00" }), "at"),
            (json!({ "at": "noon" }), "at"),
            (json!({ "day": 1 }), "day"),
            (json!({ "cadence": "WEEKLY" }), "day"),
            (json!({ "cadence": "WEEKLY", "day": 8 }), "day"),
            (json!({ "cadence": "MONTHLY", "day": 0 }), "day"),
            (json!({ "minimumAmount": { "amount": "0.00", "currency": "CNY" } }), "minimumAmount"),
            (json!({ "retainedAmount": { "amount": "-1.00", "currency": "CNY" } }), "retainedAmount"),
        ] {
            let payload = payer.sets(account, more.clone()).await;
            assert_eq!(refusal(&payload), "INVALID", "{more}");
            assert_eq!(payload["userErrors"][0]["field"], field, "{more}");
        }
        let payload = payer.sets(entity::BankAccountId(7), json!({})).await;
        assert_eq!(refusal(&payload), "ACCOUNT_NOT_FOUND");
        let unverified = entity::bank_account::BankAccountState::Checking;
        let unverified = merchant.account_in(unverified, TimeDelta::zero()).await;
        assert_eq!(refusal(&payer.sets(unverified, json!({})).await), "ACCOUNT_NOT_VERIFIED");
    }

    async fn nobodys_change_of_a_schedule_is_lost(world: World) {
        let merchant = world.merchant("汇贤饭店").await;
        let (payer, account) = (merchant.payer(Role::Owner).await, merchant.payable_account().await);
        let monthly = json!({ "cadence": "MONTHLY", "day": 31 });
        let set = payer.schedules(account, monthly).await;
        assert_eq!(set["version"], 1);
        assert_eq!(set["nextAt"], "2026-11-30T04:00:00.000Z", "the last day of a shorter month");
        let payload = payer.sets(account, json!({})).await;
        assert_eq!(refusal(&payload), "VERSION_CONFLICT");
        let set = payer.schedules(account, json!({ "expectedVersion": 1, "paused": true })).await;
        assert_eq!((set["version"].clone(), set["nextAt"].clone()), (json!(2), Value::Null));
        merchant.adjusts("100.00").await;
        merchant.payout_days_pass(3).await;
        assert!(merchant.payouts().await.is_empty(), "it rests");
    }
}

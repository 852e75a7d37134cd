//! Lists of transfers of 易支付, compared with payouts and with the small amounts that checked bank accounts.

use entity::BankAccountId;
use entity::membership::Role;
use serde_json::{Value, json};

use super::{at, imported, items, open_items};
use crate::epay::orders::Stage;
use crate::everywhere;
use crate::support::World;
use crate::support::bank_accounts::{bind, binding, card};
use crate::support::epay_stub::Transferring;
use crate::support::payouts::{Payer, Payout};

/// The day on which the tests' second factors have rested, and the one after.
const TUESDAY: &str = "2026-11-24";
const WEDNESDAY: &str = "2026-11-25";
/// When the stub's transfers were submitted, by its list.
const NOON: &str = "2026-11-24 12:00:00";

/// A merchant whose payouts go through the second generation, and who asks for them.
struct Scene {
    stage: Stage,
    payer: Payer,
    account: BankAccountId,
}

impl Scene {
    async fn set(world: World) -> Self {
        let stage = Stage::set(world).await;
        stage.merchant.adjusts("1000.00").await;
        Self {
            payer: stage.merchant.payer(Role::Owner).await,
            account: stage.merchant.payable_account().await,
            stage,
        }
    }

    /// A payout that the platform treats so.
    async fn pays_out(&self, amount: &str, how: Transferring) -> Payout {
        let payout = self.payer.pays_out(self.account, amount).await;
        self.stage.stub.transfer_once(how);
        self.stage.merchant.payout_workers_work().await;
        payout
    }

    /// What came of a day's list, downloaded and imported by the owner.
    async fn run_of(&self, day: &str, list: &Value) -> Value {
        let v2 = self.stage.merchant.through(self.stage.channels[1].1);
        let owner = self.stage.merchant.owner().await;
        let text = json!({ "text": list.to_string() });
        let payload = imported(&owner, &v2, "EPAY_TRANSFERS", day, text).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload["run"].clone()
    }

    /// The row of a payout in a list.
    fn row<'a>(list: &'a mut Value, payout: &Payout) -> &'a mut Value {
        let number = payout.id.0.to_string();
        let mut rows = list["rows"].as_array_mut().expect("rows").iter_mut();
        let found = rows.find(|row| row["biz_no"] == number.as_str());
        found.unwrap_or_else(|| panic!("no row of {number}"))
    }
}

/// The next morning, when the day's list is whole.
fn next_morning(world: &World) {
    at(world, "2026-11-25T10:00:00+08:00");
}

/// What an item says: kind, expected and received amount.
fn item(kind: &str, number: &str, expected: &str, received: &str) -> [String; 4] {
    [kind, number, expected, received].map(str::to_owned)
}

everywhere! {
    async fn what_left_is_compared_with_payouts_and_small_amounts(world: World) {
        let scene = Scene::set(world).await;
        let merchant = &scene.stage.merchant;
        scene.pays_out("99.00", Transferring::Honestly).await;
        let lost = scene.pays_out("50.00", Transferring::LosingTheAnswer).await;
        let refused = Transferring::Refusing(-1, "需支付金额大于可转账余额");
        let failed = scene.pays_out("30.00", refused).await;
        let slow = scene.pays_out("20.00", Transferring::Later).await;
        let bound = bind(&scene.payer.client, binding(&card(), &scene.payer.device.next())).await;
        assert_eq!(bound["userErrors"], json!([]), "{bound}");
        merchant.checks_bank_accounts().await;
        merchant.payout_minutes_pass(5).await;
        assert_eq!(
            [lost.state().await, failed.state().await, slow.state().await],
            ["PAID", "FAILED", "PROCESSING"]
        );
        let list = scene.stage.stub.transfer_list(NOON);
        next_morning(&scene.stage.world);
        let run = scene.run_of(TUESDAY, &list).await;
        assert_eq!(items(&run), Vec::<[String; 4]>::new(), "{run:#}");
        assert_eq!((&run["rows"], &run["matched"], &run["balanced"]), (&json!(4), &json!(4), &json!(true)));
        assert_eq!(run["format"], "EPAY_TRANSFERS");
        assert!(!run.to_string().contains("6222"), "no card number");
        // Nothing of it is a payment or a refund.
        assert_eq!(open_items(merchant, "id").await, Vec::<Value>::new());
        merchant.books_are_right().await;
    }

    async fn each_difference_is_an_item_about_its_payout(world: World) {
        let scene = Scene::set(world).await;
        let merchant = &scene.stage.merchant;
        let mut all = Vec::new();
        for amount in ["10.00", "11.00", "12.00", "13.00"] {
            all.push(scene.pays_out(amount, Transferring::Honestly).await);
        }
        let [gone, other, failed, dearer] = [0, 1, 2, 3].map(|no: usize| all[no].clone());
        let mut list = scene.stage.stub.transfer_list(NOON);
        let number = |payout: &Payout| format!("B{}", payout.id.0);
        Scene::row(&mut list, &other)["money"] = json!("11.01");
        Scene::row(&mut list, &other)["costmoney"] = json!("11.01");
        Scene::row(&mut list, &failed)["status"] = json!("2");
        Scene::row(&mut list, &dearer)["costmoney"] = json!("13.50");
        let by_hand = json!({ "biz_no": "20261124120000123456", "out_biz_no": "20261124120000123456",
            "pay_order_no": "HAND-1", "money": "500.00", "costmoney": "502.50", "status": "1", "addtime": NOON });
        // Nor is another merchant's payout one of ours.
        let stranger = scene.stage.world.merchant("云裳时装").await;
        let theirs = stranger.payable_account().await;
        let theirs = stranger.payout_that_waits(theirs).await;
        let foreign = json!({ "biz_no": theirs.id.0.to_string(), "pay_order_no": null, "money": "1.00",
            "costmoney": "1.00", "status": 1, "addtime": NOON });
        let rows = list["rows"].as_array_mut().expect("it is there");
        rows.retain(|row| row["biz_no"] != gone.id.0.to_string().as_str());
        rows.extend([by_hand, foreign]);
        next_morning(&scene.stage.world);
        let run = scene.run_of(TUESDAY, &list).await;
        let mut wanted = vec![
            item("AMOUNT_MISMATCH", &number(&other), "11.00", "11.01"),
            item("FEE_MISMATCH", &number(&dearer), "0.00", "0.50"),
            item("MISSING_HERE", "HAND-1", "", "500.00"),
            item("MISSING_HERE", &theirs.id.0.to_string(), "", "1.00"),
            item("MISSING_THERE", &number(&gone), "10.00", ""),
            item("STATUS_MISMATCH", &number(&failed), "12.00", "12.00"),
        ];
        wanted.sort();
        assert_eq!(items(&run), wanted, "{run:#}");
        assert_eq!((&run["rows"], &run["matched"], &run["differences"]), (&json!(5), &json!(0), &json!(6)));
        let open = open_items(merchant, "id kind detail reference payout { id net { amount } } order { id }").await;
        let about = |kind: &str| open.iter().find(|one| one["kind"] == kind).expect("it is there");
        assert_eq!(about("MISSING_THERE")["payout"]["id"], gone.id.to_string());
        assert_eq!(about("MISSING_THERE")["reference"], format!("payout {}", gone.id.0));
        assert_eq!(about("STATUS_MISMATCH")["detail"], "here PAID, there FAILED");
        assert_eq!(about("STATUS_MISMATCH")["payout"]["id"], failed.id.to_string());
        assert_eq!(about("MISSING_HERE")["payout"], Value::Null);
        // A person settles it, for good; the same list again finds nothing new.
        let document = "mutation($input: ReconciliationItemResolveInput!) { reconciliationItemResolve(input: $input) \
            { item { resolution } userErrors { code } } }";
        let input = json!({ "itemId": about("FEE_MISMATCH")["id"], "resolution": "ACCEPTED", "note": "渠道涨价" });
        let owner = merchant.owner().await;
        let settled = owner.data(document, json!({ "input": input })).await;
        assert_eq!(settled["reconciliationItemResolve"]["item"]["resolution"], "ACCEPTED", "{settled}");
        let again = scene.run_of(TUESDAY, &list).await;
        assert_eq!(again["id"], run["id"]);
        assert_eq!(open_items(merchant, "id").await.len(), 5);
        merchant.books_are_right().await;
    }

    async fn a_small_amount_that_nobody_knows_of_here_is_found(world: World) {
        let scene = Scene::set(world).await;
        let merchant = &scene.stage.merchant;
        scene.stage.stub.transfer_once(Transferring::LosingTheAnswer);
        let bound = bind(&scene.payer.client, binding(&card(), &scene.payer.device.next())).await;
        merchant.checks_bank_accounts().await;
        let sent = scene.stage.stub.money_out().pop().expect("it is there");
        let list = scene.stage.stub.transfer_list(NOON);
        next_morning(&scene.stage.world);
        let run = scene.run_of(TUESDAY, &list).await;
        let amount = sent.asked["money"].as_str();
        let number = format!("B{}", sent.out_biz_no);
        assert_eq!(items(&run), [item("STATUS_MISMATCH", &number, amount, amount)], "{run:#}");
        let open = open_items(merchant, "reference detail").await;
        assert_eq!(open[0]["reference"], format!("account check {}", sent.out_biz_no));
        assert_eq!(open[0]["detail"], "here NOT SENT, there PAID");
        assert_ne!(bound["bankAccount"]["id"], Value::Null);
    }

    async fn what_was_sent_at_midnight_may_stand_on_either_days_list(world: World) {
        let scene = Scene::set(world).await;
        at(&scene.stage.world, "2026-11-24T23:58:00+08:00");
        let payout = scene.pays_out("10.00", Transferring::Honestly).await;
        assert_eq!(payout.state().await, "PAID");
        at(&scene.stage.world, "2026-11-26T10:00:00+08:00");
        let nothing = json!({ "total": 0, "rows": [] });
        let tuesday = scene.run_of(TUESDAY, &nothing).await;
        assert_eq!(tuesday["differences"], 1, "{tuesday:#}");
        let open = open_items(&scene.stage.merchant, "kind carried").await;
        assert_eq!(open, [json!({ "kind": "MISSING_THERE", "carried": true })]);
        let list = scene.stage.stub.transfer_list("2026-11-25 00:00:02");
        let wednesday = scene.run_of(WEDNESDAY, &list).await;
        assert_eq!((&wednesday["balanced"], &wednesday["carried"]), (&json!(true), &json!(1)), "{wednesday:#}");
        assert_eq!(open_items(&scene.stage.merchant, "id").await, Vec::<Value>::new());
    }

    async fn another_list_or_day_is_refused_by_its_place(world: World) {
        let scene = Scene::set(world).await;
        scene.pays_out("10.00", Transferring::Honestly).await;
        let list = scene.stage.stub.transfer_list("2026-11-23 12:00:00");
        next_morning(&scene.stage.world);
        let v2 = scene.stage.merchant.through(scene.stage.channels[1].1);
        let owner = scene.stage.merchant.owner().await;
        for (text, code) in [
            (list.to_string(), "WRONG_DAY"),
            ("{\"code\":1,\"data\":[]}".to_owned(), "NOT_A_BILL"),
            ("[{\"biz_no\":\"1\",\"money\":\"x\"}]".to_owned(), "ROW_UNREADABLE"),
        ] {
            let payload = imported(&owner, &v2, "EPAY_TRANSFERS", TUESDAY, json!({ "text": text })).await;
            assert_eq!(payload["userErrors"][0]["code"], code, "{payload}");
        }
    }
}

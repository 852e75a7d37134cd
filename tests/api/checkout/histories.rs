//! Histories at random: whatever happens to orders that took campaigns, coupons and points, in whatever order, limits and
//! budgets hold, and counters and points are right after each step. A history is told again by its seed:
//! `YIGATE_TEST_SEED=7 cargo test … checkout::histories`.

use chrono::TimeDelta;
use entity::RefundId;
use entity::campaign::RefundPolicy;
use entity::merchant::LatePaymentPolicy;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use yigate::orders::worker::work;

use super::books::counters_are_right;
use super::regulars::{has_points, has_tier, points_are_right, program, tier};
use super::scene::{cash_rules, cny, code, full, lines, percent};
use crate::payments::close;
use crate::support::money::decided;
use crate::support::{Client, Merchant, Order, World};

const STEPS: u32 = 60;

struct History {
    merchant: Merchant,
    random: ChaCha8Rng,
    orders: Vec<Order>,
    coupons: Vec<String>,
    campaigns: Vec<String>,
    made: u32,
}

impl History {
    async fn begin(world: &World, seed: u64) -> Self {
        let merchant = world.merchant("汇贤饭店").await;
        let limits = json!({ "total": 6, "perDay": 3, "perMember": 2 });
        let few = json!({ "benefit": full("30.00", "5.00"), "limits": limits });
        let budget = json!({ "benefit": percent("10"), "limits": { "budget": cny("20.00") },
            "stacking": { "priority": 5 } });
        let campaigns = vec![
            merchant
                .campaign_with("前六名", few, json!({ "refundPolicy": "RESTORE" }))
                .await,
            merchant
                .campaign_with("有预算", budget, json!({ "refundPolicy": "KEEP" }))
                .await,
        ];
        let restores = merchant
            .template("五元券", &cash_rules(500), RefundPolicy::Restore)
            .await;
        let keeps = merchant
            .template("三元券", &cash_rules(300), RefundPolicy::Keep)
            .await;
        let mut coupons = Vec::new();
        for template in [restores, keeps, restores, keeps] {
            coupons.push(merchant.coupon_of(template, None).await);
        }
        program(&merchant, |_| ()).await;
        let gold = tier(&merchant, "金卡", 10, |row| {
            row.multiplier_ppm = 1_300_000
        })
        .await;
        has_tier(&merchant, "M1", Some(gold)).await;
        has_points(&merchant, "M1", 20_000).await;
        has_points(&merchant, "M2", 3_000).await;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        if random.random_bool(0.5) {
            merchant
                .decides_late_payments(LatePaymentPolicy::AutoRefund)
                .await;
        }
        Self {
            merchant,
            random,
            orders: Vec::new(),
            coupons,
            campaigns,
            made: 0,
        }
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.random.random_range(0..all.len())].clone())
    }

    /// A cart is quoted and, mostly, ordered at its price.
    async fn checks_out(&mut self) {
        let amount = self
            .one_of(&["29.99", "30.00", "47.11", "120.00"])
            .expect("an amount");
        let member = self
            .one_of(&[None, Some("M1"), Some("M2"), Some("M3")])
            .flatten();
        let coupons = self.coupons.clone();
        let coupon = self
            .one_of(&coupons)
            .filter(|_| self.random.random_bool(0.5));
        let codes: Vec<String> = coupon.into_iter().collect();
        let mut cart = json!({ "lines": lines(amount), "couponCodes": codes,
            "channelId": self.merchant.channel_id.to_string() });
        let mut more = json!({});
        if let Some(no) = member {
            cart["memberNo"] = json!(no);
            more["memberNo"] = json!(no);
        }
        let mut quote = self.merchant.quote(cart.clone()).await;
        let usable = quote["pointsUsable"].as_i64().unwrap_or_default();
        let points = if usable > 0 && self.random.random_bool(0.6) {
            self.random.random_range(1..=usable)
        } else {
            0
        };
        if points > 0 {
            cart["points"] = json!(points);
            quote = self.merchant.quote(cart).await;
        }
        let payable = quote["payable"]["amount"].as_str().expect("an amount");
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        let mut input = self.merchant.checkout_input(amount, payable, &codes, more);
        input["checkout"]["points"] = json!(points);
        let payload = self.merchant.asked_for(input).await;
        match code(&payload) {
            "" => {
                self.orders.push(self.merchant.order_of(&payload));
                self.made += 1;
            }
            // A coupon that an order holds or has.
            "COUPON_NOT_USABLE" => {}
            other => panic!("{other}: {payload}"),
        }
    }

    async fn step(&mut self, world: &World) {
        let orders = self.orders.clone();
        let order = self.one_of(&orders);
        let owner = self.merchant.owner().await;
        match (self.random.random_range(0..11), order) {
            (0..=3, _) | (_, None) => self.checks_out().await,
            (4 | 5, Some(order)) => {
                // Paid once; a payment of a closed one is late.
                let seen = order.read("paymentState").await;
                if seen["paymentState"] != "PAID" {
                    order.pay().await;
                }
            }
            (6, Some(order)) => {
                close(&owner, &order).await;
            }
            (7, Some(order)) => {
                let input = if self.random.random_bool(0.7) {
                    json!({})
                } else {
                    json!({ "amount": cny("1.00") })
                };
                self.merchant.asked_to_refund(&owner, &order, input).await;
                self.merchant.refunds_go_through().await;
            }
            (8, Some(order)) => self.bank_returns(&owner, &order).await,
            (9, _) => {
                let hours = self.random.random_range(1..20);
                world.clock.advance(TimeDelta::hours(hours));
                let gateway = &world.gateway;
                while work(&gateway.app, &gateway.providers).await > 0 {}
            }
            _ => {
                // What it gives is changed: limits of now are those that hold.
                let campaigns = self.campaigns.clone();
                let id = self.one_of(&campaigns).expect("a campaign");
                self.raises(&id).await;
            }
        }
    }

    async fn raises(&mut self, id: &str) {
        let owner = self.merchant.owner().await;
        let read = "query($id: ID!) { campaign(id: $id) { version } }";
        let seen: Value = owner.data(read, json!({ "id": id })).await;
        let change = "mutation($input: CampaignUpdateInput!) { campaignUpdate(input: $input) { \
            userErrors { code } } }";
        // Each keeps the kind of limits it has.
        let some = self.random.random_range(5..12);
        let rules = if id == self.campaigns[0] {
            let limits = json!({ "total": some, "perDay": 3, "perMember": 2 });
            json!({ "benefit": full("30.00", "4.00"), "limits": limits })
        } else {
            let budget = cny(&format!("{}.00", 3 * some));
            json!({ "benefit": percent("10"), "limits": { "budget": budget },
                "stacking": { "priority": 5 } })
        };
        let input =
            json!({ "id": id, "expectedVersion": seen["campaign"]["version"], "rules": rules });
        let done = owner.data(change, json!({ "input": input })).await;
        assert_eq!(done["campaignUpdate"]["userErrors"], json!([]), "{done}");
    }

    /// The bank returns a refund of an order that had gone through.
    async fn bank_returns(&mut self, owner: &Client, order: &Order) {
        let seen = order.read("refunds { id state }").await;
        let all = seen["refunds"].as_array().expect("a list").iter();
        let through: Vec<_> = all.filter(|it| it["state"] == "SUCCEEDED").collect();
        if let Some(refund) = self.one_of(&through) {
            let id = refund["id"].as_str().expect("an id");
            let id: RefundId = id.parse().expect("an id");
            let (key, how) = (
                format!("resolve-{id}"),
                json!({ "outcome": "REVERSED", "note": "银行退回" }),
            );
            let payload = decided(owner, "refundResolve", id, &key, how).await;
            assert_eq!(payload["userErrors"], json!([]), "{payload}");
        }
    }
}

async fn told(world: World, seeds: std::ops::Range<u64>) {
    let given = std::env::var("YIGATE_TEST_SEED").ok();
    let given = given.and_then(|seed| seed.parse().ok());
    for seed in given.map_or(seeds, |seed: u64| seed..seed + 1) {
        let mut history = History::begin(&world, seed).await;
        for _ in 0..STEPS {
            history.step(&world).await;
            counters_are_right(&history.merchant).await;
            points_are_right(&history.merchant).await;
        }
        assert!(history.made > 5, "seed {seed}: {}", history.made);
    }
}

#[tokio::test]
async fn limits_budgets_and_coupons_are_right_after_each_step_on_sqlite() {
    told(World::on_sqlite().await, 0..3).await;
}

#[tokio::test]
async fn limits_budgets_and_coupons_are_right_after_each_step_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        told(world, 3..6).await;
    }
}

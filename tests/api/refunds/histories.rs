//! Histories at random: whatever happens to payments and refunds, in whatever order, the books are right
//! after each step. A history is told again by its seed: `YIGATE_TEST_SEED=7 cargo test … histories`.

use chrono::TimeDelta;
use entity::channel::{self, FundsMode, SettlementCycle};
use entity::ledger_entry::LedgerAccount;
use entity::membership::Role;
use entity::merchant::{self, LatePaymentPolicy};
use entity::{RefundId, fee_rule};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, EntityTrait};
use serde_json::{Value, json};
use yigate::idempotency;
use yigate::ledger::worker::fold_all;
use yigate::orders::service::Notice;

use crate::payments::close;
use crate::support::money::decided;
use crate::support::{Client, Merchant, Order, World};

/// How the sandbox is asked to treat a refund.
const MARKERS: [&str; 9] = [
    "",
    "",
    "sandbox:refund-refuse",
    "sandbox:refund-unavailable",
    "sandbox:refund-lost-answer",
    "sandbox:refund-unreadable",
    "sandbox:refund-abnormal",
    "sandbox:refund-fails-later",
    "sandbox:refund-at-once",
];

/// A request that was answered, to be sent again.
struct Sent {
    order: Order,
    role: Role,
    input: Value,
    id: String,
}

/// One merchant's history.
struct History {
    merchant: Merchant,
    random: ChaCha8Rng,
    clients: Vec<(Role, Client)>,
    orders: Vec<Order>,
    refunds: Vec<RefundId>,
    sent: Vec<Sent>,
    keys: u64,
    /// Whether a success came to light late: it may leave a debt.
    may_owe: bool,
    steps: Vec<String>,
}

impl History {
    async fn begin(world: &World, seed: u64) -> Self {
        let merchant = world.merchant("汇贤饭店").await;
        let mut clients = Vec::new();
        for role in [Role::Owner, Role::Finance, Role::Support] {
            clients.push((role, merchant.client(role).await));
        }
        let mut history = Self {
            merchant,
            random: ChaCha8Rng::seed_from_u64(seed),
            clients,
            orders: Vec::new(),
            refunds: Vec::new(),
            sent: Vec::new(),
            keys: 0,
            may_owe: false,
            steps: vec![format!("seed {seed}")],
        };
        history.agrees_upon_terms().await;
        history
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.random.random_range(0..all.len())]
    }

    fn any<T: Clone>(&mut self, all: impl Fn(&Self) -> &Vec<T>) -> Option<T> {
        let count = all(self).len();
        (count > 0).then(|| {
            let place = self.random.random_range(0..count);
            all(self)[place].clone()
        })
    }

    fn key(&mut self) -> String {
        self.keys += 1;
        format!("history-{}", self.keys)
    }

    fn client(&self, role: Role) -> Client {
        let found = self.clients.iter().find(|(known, _)| *known == role);
        found.expect("a client").1.clone()
    }

    /// What fees are, who gets them back, who has to agree, what becomes of late payments.
    async fn agrees_upon_terms(&mut self) {
        let tariff = fee_rule::ActiveModel {
            merchant_id: ActiveValue::Set(self.merchant.id),
            id: ActiveValue::Set(self.merchant.app().ids.next()),
            version: ActiveValue::Set(1),
            name: ActiveValue::Set("all".to_owned()),
            rate_ppm: ActiveValue::Set(self.one_of(&[0, 3_800, 6_000, 29_000, 333_333])),
            fixed_minor: ActiveValue::Set(self.one_of(&[0, 0, 10, 30])),
            min_fee_minor: ActiveValue::Set(self.one_of(&[None, None, Some(1), Some(50)])),
            max_fee_minor: ActiveValue::Set(self.one_of(&[None, None, Some(50), Some(120)])),
            effective_from: ActiveValue::Set(self.merchant.app().clock.instant()),
            created_by: ActiveValue::Set("system".to_owned()),
            created_at: ActiveValue::Set(self.merchant.app().clock.instant()),
            ..fee_rule::ActiveModel::default()
        };
        self.steps.push(format!("{tariff:?}"));
        fee_rule::Entity::insert(tariff)
            .exec_without_returning(self.merchant.app().db.writer())
            .await
            .expect("a rule");
        let threshold = self.one_of(&[None, Some(0_i64), Some(1_500)]);
        let column = merchant::Column::RefundApprovalAboveMinor;
        self.merchant.changes(column, Expr::value(threshold)).await;
        let policy = self.one_of(&[LatePaymentPolicy::Accept, LatePaymentPolicy::AutoRefund]);
        self.merchant.decides_late_payments(policy).await;
        self.changes_its_channel().await;
    }

    async fn changes_its_channel(&mut self) {
        let returns = self.random.random_bool(0.5);
        let mode = self.one_of(&[FundsMode::Collect, FundsMode::Collect, FundsMode::Direct]);
        let (cycle, days) = self.one_of(&[
            (SettlementCycle::Instant, 0_i16),
            (SettlementCycle::D, 1),
            (SettlementCycle::T, 1),
        ]);
        let merchant = &self.merchant;
        merchant
            .set_channel(channel::Column::RefundReturnsFee, returns)
            .await;
        merchant.set_channel(channel::Column::FundsMode, mode).await;
        merchant
            .set_channel(channel::Column::SettlementCycle, cycle)
            .await;
        merchant
            .set_channel(channel::Column::SettlementDays, days)
            .await;
    }

    async fn makes_an_order(&mut self) -> Order {
        let mut line = |title: &str| {
            let price = self.random.random_range(1..=1_999);
            json!({
                "title": title,
                "quantity": self.random.random_range(1..=3),
                "unitPrice": { "amount": cny(price), "currency": "CNY" },
            })
        };
        let lines = [line("衬衫"), line("裙子")];
        let discount = self.one_of(&["0.00", "0.01"]);
        let order = self.merchant.order_with(
            "1.00",
            json!({
                "lines": lines,
                "discount": { "amount": discount, "currency": "CNY" },
            }),
        );
        order.await
    }

    /// A payer pays, in time or late, once or more often.
    async fn is_paid(&mut self) {
        let order = self.makes_an_order().await;
        if self.random.random_bool(0.2) {
            close(&self.client(Role::Owner), &order).await;
        }
        order.pay().await;
        self.orders.push(order);
    }

    /// A notification comes that is known, of another payment, or of another amount.
    async fn is_notified(&mut self) {
        let Some(order) = self.any(|history| &history.orders) else {
            return;
        };
        let seen = order
            .read("amount { amount } discount { amount } providerTradeNo")
            .await;
        let amount = |field: &str| -> rust_decimal::Decimal {
            seen[field]["amount"]
                .as_str()
                .expect("an amount")
                .parse()
                .expect("a decimal")
        };
        let mut paid = amount("amount") - amount("discount");
        let known = seen["providerTradeNo"]
            .as_str()
            .expect("a number")
            .to_owned();
        let number = match self.random.random_range(0..4) {
            0 => known,
            1 => {
                paid += rust_decimal::Decimal::ONE;
                format!("{known}-other")
            }
            which => format!("{known}-{which}"),
        };
        let callback = self
            .merchant
            .sandbox()
            .notification(&order.order_no, &number, paid);
        let notice = order.notified(&callback).await;
        assert!(
            matches!(notice, Notice::Accepted | Notice::Refused),
            "{notice:?}"
        );
    }

    async fn asks_for_a_refund(&mut self) {
        let Some(order) = self.any(|history| &history.orders) else {
            return;
        };
        let part = match self.random.random_range(0..4) {
            0 => json!({}),
            1 => json!({ "lines": [{
                "lineNo": self.random.random_range(1..=2), "quantity": self.random.random_range(1..=2) }] }),
            _ => json!({ "amount": {
                "amount": cny(self.random.random_range(1..=2_500)), "currency": "CNY" } }),
        };
        let mut input =
            json!({ "idempotencyKey": self.key(), "reasonText": self.one_of(&MARKERS) });
        if let (Some(input), Value::Object(part)) = (input.as_object_mut(), part) {
            input.extend(part);
        }
        let role = self.one_of(&[Role::Owner, Role::Support]);
        let payload = self
            .merchant
            .asked_to_refund(&self.client(role), &order, input.clone())
            .await;
        self.steps.push(format!("{input} {payload}"));
        if let Some(id) = payload["refund"]["id"].as_str() {
            self.refunds.push(id.parse().expect("an id"));
            let id = id.to_owned();
            self.sent.push(Sent {
                order,
                role,
                input,
                id,
            });
        }
    }

    /// A request comes again: it made what it made.
    async fn asks_again(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        let place = self.random.random_range(0..self.sent.len());
        let sent = &self.sent[place];
        let client = self.client(sent.role);
        let payload = self
            .merchant
            .asked_to_refund(&client, &sent.order, sent.input.clone())
            .await;
        assert_eq!(payload["refund"]["id"], sent.id, "{:?}", self.steps);
    }

    /// A month is over: keys are forgotten, and what comes with one is new.
    async fn keys_expire(&mut self) {
        self.merchant.app().clock.advance(TimeDelta::days(31));
        idempotency::prune(self.merchant.app(), self.merchant.id)
            .await
            .expect("pruned");
        let Some(sent) = self.sent.pop() else { return };
        self.sent.clear();
        let client = self.client(sent.role);
        let payload = self
            .merchant
            .asked_to_refund(&client, &sent.order, sent.input)
            .await;
        if let Some(id) = payload["refund"]["id"].as_str() {
            assert_ne!(id, sent.id);
            self.refunds.push(id.parse().expect("an id"));
        }
    }

    /// Somebody decides about a refund, whether or not it may be decided about.
    async fn is_decided(&mut self) {
        let Some(refund) = self.any(|history| &history.refunds) else {
            return;
        };
        let note = json!({ "note": "已核对" });
        let resolution = |outcome: &str| json!({ "note": "已核对", "outcome": outcome });
        let (field, input) = match self.random.random_range(0..8) {
            0 | 1 => ("refundApprove", note),
            2 => ("refundReject", note),
            3 | 4 => ("refundRetry", json!({})),
            5 => ("refundResolve", resolution("SUCCEEDED")),
            6 => ("refundResolve", resolution("FAILED")),
            _ => ("refundResolve", resolution("REVERSED")),
        };
        let role = self.one_of(&[Role::Finance, Role::Finance, Role::Owner]);
        let (client, key) = (self.client(role), self.key());
        let payload = decided(&client, field, refund, &key, input.clone()).await;
        self.steps.push(format!("{field} {input} {payload}"));
        if payload["refund"]["state"] == "SUCCEEDED" {
            self.may_owe = true;
        }
        if payload["refund"].is_object() {
            let again = decided(&client, field, refund, &key, input).await;
            assert_eq!(again, payload, "{:?}", self.steps);
        }
    }

    async fn time_passes(&mut self) {
        let pause = self.one_of(&[
            TimeDelta::seconds(3),
            TimeDelta::minutes(2),
            TimeDelta::hours(7),
            TimeDelta::days(2),
        ]);
        self.steps.push(format!("{pause}"));
        self.merchant.app().clock.advance(pause);
    }

    async fn step(&mut self) {
        let which = self.random.random_range(0..24);
        self.steps.push(format!("step {which}"));
        match which {
            0..=3 => self.is_paid().await,
            4 | 5 => self.is_notified().await,
            6..=10 => self.asks_for_a_refund().await,
            11 => self.asks_again().await,
            12..=15 => self.is_decided().await,
            16 | 17 => self.time_passes().await,
            18..=20 => self.merchant.refund_workers_work().await,
            21 => self.merchant.settlement_workers_work().await,
            22 => fold_all(self.merchant.app()).await,
            _ if self.random.random_bool(0.2) => self.keys_expire().await,
            _ => self.changes_its_channel().await,
        }
    }

    async fn books_are_right(&self) {
        let books = self.merchant.books_agree().await;
        let available = books.get(LedgerAccount::Available);
        assert!(available >= 0 || self.may_owe, "overdrawn");
    }
}

fn cny(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

async fn told(world: &World, seeds: std::ops::Range<u64>, steps: usize) {
    let only: Option<u64> = std::env::var("YIGATE_TEST_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    for seed in seeds.filter(|seed| only.is_none_or(|only| only == *seed)) {
        let mut history = History::begin(world, seed).await;
        for _ in 0..steps {
            history.step().await;
            // Shown where the test fails.
            for step in history.steps.drain(..) {
                eprintln!("{step}");
            }
            history.books_are_right().await;
        }
    }
}

#[tokio::test]
async fn the_books_are_right_whatever_happens_on_sqlite() {
    told(&World::on_sqlite().await, 0..24, 30).await;
}

#[tokio::test]
async fn the_books_are_right_whatever_happens_on_postgres() {
    if let Some(world) = World::on_postgres().await {
        told(&world, 100..106, 30).await;
    }
}

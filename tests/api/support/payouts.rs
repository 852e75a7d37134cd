//! Payouts in tests: people with an authenticator app, accounts that take money, and workers that are let work.

use chrono::TimeDelta;
use entity::membership::Role;
use entity::{BankAccountId, PayoutId, merchant, payout, payout_terms};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::payouts;
use yigate::payouts::model::Terms;

use super::second_factor::Device;
use super::{Client, Merchant};

/// What everybody reads of a payout.
pub const SEEN: &str = "id payoutNo state amount { amount } fee { amount } net { amount }";

/// Somebody who pays out: signed in, with an authenticator app that has rested.
#[derive(Clone)]
pub struct Payer {
    /// Whose payouts.
    pub merchant: Merchant,
    /// Signed in.
    pub client: Client,
    /// What shows codes.
    pub device: Device,
}

/// A payout of a test.
#[derive(Clone)]
pub struct Payout {
    /// Whose it is.
    pub merchant: Merchant,
    /// Its id.
    pub id: PayoutId,
}

impl Merchant {
    /// Whoever has a role, with an authenticator app that money may leave by: a day has passed.
    pub async fn payer(&self, role: Role) -> Payer {
        let device = self.device(role).await;
        self.clock.advance(TimeDelta::hours(24));
        Payer {
            merchant: self.clone(),
            client: self.client(role).await,
            device,
        }
    }

    /// Payouts of the merchant have such terms from now on.
    pub async fn payout_terms(&self, change: impl FnOnce(&mut Terms)) {
        let app = &self.gateway.app;
        let mut terms = payouts::service::terms(app, self.id).await.expect("terms");
        change(&mut terms);
        payouts::service::set_terms(app, self.id, terms)
            .await
            .expect("terms that can hold");
    }

    /// Payouts above an amount wait for a second person.
    pub async fn approves_above(&self, minor: i64) {
        merchant::Entity::update_of(self.id)
            .col_expr(
                merchant::Column::PayoutApprovalAboveMinor,
                Expr::value(minor),
            )
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
        self.gateway.app.merchants.invalidate(&self.id);
    }

    /// The payout workers do all that is due now, as often as something is.
    pub async fn payout_workers_work(&self) {
        while payouts::worker::work(&self.gateway.app, &self.gateway.providers).await > 0 {}
    }

    /// Time passes and the payout workers work, until everything that the sandbox has accepted is through.
    pub async fn payouts_go_through(&self) {
        for _ in 0..3 {
            self.payout_workers_work().await;
            self.clock.advance(TimeDelta::seconds(10));
        }
        self.payout_workers_work().await;
    }

    /// Days pass; every hour the payout workers work.
    pub async fn payout_days_pass(&self, days: i64) {
        for _ in 0..days * 24 {
            self.clock.advance(TimeDelta::hours(1));
            self.payout_workers_work().await;
        }
    }

    /// A payout's row.
    pub async fn payout_row(&self, id: PayoutId) -> payout::Model {
        let found = payout::Entity::of(self.id)
            .filter(payout::Column::Id.eq(id))
            .one(self.gateway.app.db.reads_across())
            .await;
        found.expect("the database answers").expect("a payout")
    }

    /// The payout that an answer holds.
    pub fn payout_of(&self, payload: &Value) -> Payout {
        let id = payload["payout"]["id"].as_str();
        Payout {
            merchant: self.clone(),
            id: id
                .unwrap_or_else(|| panic!("no payout: {payload}"))
                .parse()
                .expect("an id"),
        }
    }

    /// Whether the merchant has payout terms of its own.
    pub async fn has_payout_terms(&self) -> bool {
        let found = payout_terms::Entity::of(self.id)
            .one(self.gateway.app.db.reads_across())
            .await;
        found.expect("the database answers").is_some()
    }
}

/// A key that nobody used before.
pub fn new_key() -> String {
    format!("payout-{:016x}", rand::random::<u64>())
}

/// What somebody is told who asks for a challenge.
pub async fn challenged(client: &Client, account: BankAccountId, amount: &str) -> Value {
    let document = "mutation($input: PayoutChallengeCreateInput!) { \
        payoutChallengeCreate(input: $input) { challenge { id amount { amount } fee { amount } \
        net { amount } needsApproval expiresAt } userErrors { code field message } } }";
    let input = json!({
        "bankAccountId": account.to_string(),
        "amount": { "amount": amount, "currency": "CNY" },
    });
    let answer = client.data(document, json!({ "input": input })).await;
    answer["payoutChallengeCreate"].clone()
}

/// What somebody is told who signs a challenge; what `more` names is sent beside.
pub async fn signed(client: &Client, challenge: &Value, code: &str, more: Value) -> Value {
    let document = format!(
        "mutation($input: PayoutCreateInput!) {{ payoutCreate(input: $input) {{ \
         payout {{ {SEEN} }} userErrors {{ code field message }} }} }}"
    );
    let mut input = json!({ "idempotencyKey": new_key(), "challengeId": challenge, "code": code });
    super::merchant::merge(&mut input, more);
    let answer = client.data(&document, json!({ "input": input })).await;
    answer["payoutCreate"].clone()
}

/// What somebody is told who decides about a payout: `payoutApprove`, `payoutReject`, `payoutCancel`.
pub async fn decided(client: &Client, field: &str, payout: PayoutId, more: Value) -> Value {
    let verb = field.trim_start_matches("payout");
    let document = format!(
        "mutation($input: Payout{verb}Input!) {{ {field}(input: $input) {{ \
         payout {{ {SEEN} }} userErrors {{ code field message }} }} }}"
    );
    let mut input = json!({ "idempotencyKey": new_key(), "payoutId": payout.to_string() });
    super::merchant::merge(&mut input, more);
    let answer = client.data(&document, json!({ "input": input })).await;
    answer[field].clone()
}

/// The code of a payload's refusal; empty where it was done.
pub fn refusal(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

impl Payer {
    /// A challenge's id.
    pub async fn challenge(&self, account: BankAccountId, amount: &str) -> Value {
        let payload = challenged(&self.client, account, amount).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["challenge"]["id"].clone()
    }

    /// What they are told who ask for a challenge and sign it with the next code.
    pub async fn asks(&self, account: BankAccountId, amount: &str, more: Value) -> Value {
        let code = self.device.next();
        let challenge = self.challenge(account, amount).await;
        signed(&self.client, &challenge, &code, more).await
    }

    /// A payout.
    pub async fn pays_out(&self, account: BankAccountId, amount: &str) -> Payout {
        self.pays_out_that(account, amount, "").await
    }

    /// A payout whose course in the sandbox is told by a marker.
    pub async fn pays_out_that(
        &self,
        account: BankAccountId,
        amount: &str,
        marker: &str,
    ) -> Payout {
        let payload = self.asks(account, amount, json!({ "note": marker })).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        self.merchant.payout_of(&payload)
    }

    /// What they are told who approve a payout with the next code.
    pub async fn approves(&self, payout: &Payout) -> Value {
        let code = self.device.next();
        decided(
            &self.client,
            "payoutApprove",
            payout.id,
            json!({ "code": code }),
        )
        .await
    }

    /// What they are told who reject a payout.
    pub async fn rejects(&self, payout: &Payout) -> Value {
        let note = json!({ "note": "与财务核对后驳回" });
        decided(&self.client, "payoutReject", payout.id, note).await
    }

    /// What they are told who call a payout off.
    pub async fn cancels(&self, payout: &Payout) -> Value {
        decided(&self.client, "payoutCancel", payout.id, json!({})).await
    }
}

impl Payout {
    /// What the owner sees of it.
    pub async fn read(&self, fields: &str) -> Value {
        let document = format!("query($id: ID!) {{ payout(by: {{ id: $id }}) {{ {fields} }} }}");
        let owner = self.merchant.owner().await;
        let answer = owner
            .data(&document, json!({ "id": self.id.to_string() }))
            .await;
        answer["payout"].clone()
    }

    /// Where it stands.
    pub async fn state(&self) -> String {
        let seen = self.read("state").await;
        seen["state"].as_str().expect("a state").to_owned()
    }
}

impl Merchant {
    /// A client with an API key's secret.
    pub async fn with_key(&self, secret: &str) -> Client {
        Client::bearer(self.gateway.clone(), secret).await
    }
}

impl Payer {
    /// What they are told who set the schedule with the next code; what `more` names wins over: daily at noon, nothing
    /// retained, from one yuan on.
    pub async fn sets(&self, account: BankAccountId, more: Value) -> Value {
        let document = "mutation($input: PayoutScheduleSetInput!) { \
            payoutScheduleSet(input: $input) { schedule { version nextAt paused cadence day at } \
            userErrors { code field message } } }";
        let mut input = json!({
            "bankAccountId": account.to_string(), "cadence": "DAILY", "at": "12:00",
            "retainedAmount": { "amount": "0.00", "currency": "CNY" },
            "minimumAmount": { "amount": "1.00", "currency": "CNY" },
            "expectedVersion": 0, "code": self.device.next(),
        });
        super::merchant::merge(&mut input, more);
        let answer = self.client.data(document, json!({ "input": input })).await;
        answer["payoutScheduleSet"].clone()
    }

    /// The schedule is set.
    pub async fn schedules(&self, account: BankAccountId, more: Value) -> Value {
        let payload = self.sets(account, more).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload["schedule"].clone()
    }
}

impl Merchant {
    /// All payouts, the oldest first.
    pub async fn payouts(&self) -> Vec<payout::Model> {
        let mut all = payout::Entity::of(self.id)
            .all(self.gateway.app.db.reads_across())
            .await
            .expect("the database answers");
        all.sort_by_key(|payout| payout.id);
        all
    }

    /// The newest payout.
    pub async fn last_payout(&self) -> Payout {
        let last = self.payouts().await.pop().expect("a payout");
        Payout {
            merchant: self.clone(),
            id: last.id,
        }
    }
}

impl Merchant {
    /// Minutes pass, in ten parts; the payout workers work after each.
    pub async fn payout_minutes_pass(&self, minutes: i64) {
        for _ in 0..10 {
            self.clock.advance(TimeDelta::seconds(minutes * 6));
            self.payout_workers_work().await;
        }
    }

    /// The schedule's version; 0 where there is none.
    pub async fn payout_schedule_version(&self) -> i32 {
        let found = payouts::service::maybe_find_schedule(&self.gateway.app, self.id).await;
        found
            .expect("the database answers")
            .map_or(0, |row| row.version)
    }

    /// So many more people who pay out, each with an authenticator app that has rested.
    pub async fn colleagues(&self, count: usize) -> Vec<Payer> {
        let auth = &self.gateway.auth;
        let mut all = Vec::new();
        for no in 0..count {
            let email = format!("colleague-{no}.{}@shop.example", self.id);
            let person = auth.staff_create(&email, "同事", super::second_factor::PASSWORD);
            let person = person.await.expect("an account");
            auth.membership_create(self.id, person.id, Role::Finance)
                .await
                .expect("a membership");
            let minted = auth.mint(person.id, self.id).await.expect("a token");
            let client = Client::bearer(self.gateway.clone(), &minted.text).await;
            let device = Device::of(&client, &self.clock).await;
            all.push(Payer {
                merchant: self.clone(),
                client,
                device,
            });
        }
        self.clock.advance(TimeDelta::hours(24));
        all
    }
}

impl Payer {
    /// The same person, at another instance.
    pub fn on(&self, instance: &yigate::graphql::gateway::Gateway) -> Self {
        Self {
            merchant: self.merchant.on(instance),
            client: self.client.on(instance),
            device: self.device.clone(),
        }
    }
}

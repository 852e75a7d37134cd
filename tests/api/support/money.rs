//! Money in tests: refunds that are asked for, and workers that are let work.

use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{LedgerTransactionId, RefundId, channel, fee_rule};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use yigate::ledger::model::{Balances, Posting};
use yigate::ledger::service::{balance, take};
use yigate::{refunds, settlements};

use super::{Client, Merchant, Order};

/// Asks for a refund.
pub const REFUND: &str = "mutation($input: RefundCreateInput!) { refundCreate(input: $input) { \
    refund { id refundNo state amount { amount } } userErrors { code field message } } }";

impl Merchant {
    /// What somebody is told who asks for a refund of an order; what `input` names wins over a new key.
    pub async fn asked_to_refund(&self, by: &Client, order: &Order, input: Value) -> Value {
        let key: u64 = rand::random();
        let mut all = json!({
            "idempotencyKey": format!("refund-{key:016x}"),
            "orderId": order.id.to_string(),
        });
        super::merchant::merge(&mut all, input);
        let answer = by.data(REFUND, json!({ "input": all })).await;
        answer["refundCreate"].clone()
    }

    /// The refund workers do all that is due now, as often as something is.
    pub async fn refund_workers_work(&self) {
        while refunds::worker::work(&self.gateway.app, &self.gateway.providers).await > 0 {}
    }

    /// Time passes and the refund workers work, until everything that the sandbox has accepted is through.
    pub async fn refunds_go_through(&self) {
        for _ in 0..3 {
            self.refund_workers_work().await;
            self.clock.advance(chrono::TimeDelta::seconds(10));
        }
        self.refund_workers_work().await;
    }

    /// The settlement workers release what is due now.
    pub async fn settlement_workers_work(&self) {
        settlements::worker::work(&self.gateway.app).await;
    }

    /// What is pending, available and reserved, as amounts.
    pub async fn balances(&self) -> [String; 3] {
        let balances = balance(&self.gateway.app, self.id).await.expect("balances");
        [
            LedgerAccount::Pending,
            LedgerAccount::Available,
            LedgerAccount::Reserved,
        ]
        .map(|account| {
            let minor = balances.get(account);
            yigate::money::Money::of_minor(minor, yigate::money::Currency::Cny)
                .to_decimal()
                .to_string()
        })
    }

    /// The channel's terms change.
    pub async fn set_channel(&self, column: channel::Column, value: impl Into<sea_orm::Value>) {
        channel::Entity::update_of(self.id)
            .filter(channel::Column::Id.eq(self.channel_id))
            .col_expr(column, Expr::value(value))
            .exec(self.gateway.app.db.writer())
            .await
            .expect("the database answers");
    }

    /// From now on every payment costs such a rate.
    pub async fn takes_fees(&self, rate: &str) {
        let rate: rust_decimal::Decimal = rate.parse().expect("a rate");
        let now = self.clock.instant();
        let ppm = rate * rust_decimal::Decimal::from(1_000_000);
        let rule = fee_rule::ActiveModel {
            merchant_id: ActiveValue::Set(self.id),
            id: ActiveValue::Set(self.gateway.app.ids.next()),
            version: ActiveValue::Set(1),
            name: ActiveValue::Set("all".to_owned()),
            rate_ppm: ActiveValue::Set(ppm.try_into().expect("millionths")),
            fixed_minor: ActiveValue::Set(0),
            effective_from: ActiveValue::Set(now),
            created_by: ActiveValue::Set("system".to_owned()),
            created_at: ActiveValue::Set(now),
            ..fee_rule::ActiveModel::default()
        };
        fee_rule::Entity::insert(rule)
            .exec_without_returning(self.gateway.app.db.writer())
            .await
            .expect("a rule");
    }

    /// What is available is corrected by an amount.
    pub async fn adjusts(&self, amount: &str) {
        let amount: rust_decimal::Decimal = amount.parse().expect("an amount");
        let currency = yigate::money::Currency::Cny;
        let minor = yigate::money::Money::from_decimal(amount, currency)
            .expect("an amount")
            .minor;
        let app = &self.gateway.app;
        let source_id: LedgerTransactionId = app.ids.next();
        let posting = Posting {
            source: LedgerSource::Adjustment,
            source_id: source_id.0,
            step: LedgerStep::Adjusted,
            round: 1,
            changes: Balances::default()
                .with(LedgerAccount::Available, minor)
                .with(LedgerAccount::Adjustment, -minor),
        };
        let posting = &posting;
        app.write(self.id, |txn| async move {
            take(app, &txn, self.id, currency, posting).await
        })
        .await
        .expect("the money is there");
    }
}

/// A refund of a test.
#[derive(Clone)]
pub struct Refund {
    /// Whose it is.
    pub merchant: Merchant,
    /// Its id.
    pub id: RefundId,
}

impl Order {
    /// A refund of this order, asked for by the owner.
    pub async fn refund(&self, input: Value) -> Refund {
        let owner = self.merchant.owner().await;
        let payload = self.merchant.asked_to_refund(&owner, self, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        self.merchant.refund_of(&payload)
    }

    /// A refund of an amount.
    pub async fn refund_amount(&self, amount: &str) -> Refund {
        let money = json!({ "amount": amount, "currency": "CNY" });
        self.refund(json!({ "amount": money })).await
    }

    /// A refund of everything whose course in the sandbox is told by a marker.
    pub async fn refund_that(&self, marker: &str) -> Refund {
        self.refund(json!({ "reasonText": marker })).await
    }
}

/// What somebody is told who decides about a refund: `refundRetry`, `refundApprove` and the like, under a
/// key; what `input` names is sent beside the two.
pub async fn decided(by: &Client, field: &str, refund: RefundId, key: &str, input: Value) -> Value {
    let verb = field.trim_start_matches("refund");
    let document = format!(
        "mutation($input: Refund{verb}Input!) {{ {field}(input: $input) {{ refund {{ id refundNo state \
         needsAttention }} userErrors {{ code message }} }} }}"
    );
    let mut all = json!({ "idempotencyKey": key, "refundId": refund.to_string() });
    super::merchant::merge(&mut all, input);
    let answer = by.data(&document, json!({ "input": all })).await;
    answer[field].clone()
}

impl Merchant {
    /// The refund that an answer holds.
    pub fn refund_of(&self, payload: &Value) -> Refund {
        let id = payload["refund"]["id"].as_str();
        Refund {
            merchant: self.clone(),
            id: id
                .unwrap_or_else(|| panic!("no refund: {payload}"))
                .parse()
                .expect("an id"),
        }
    }
}

impl Refund {
    /// What the owner sees of it.
    pub async fn read(&self, fields: &str) -> Value {
        let document = format!("query($id: ID!) {{ refund(by: {{ id: $id }}) {{ {fields} }} }}");
        let owner = self.merchant.owner().await;
        let answer = owner
            .data(&document, json!({ "id": self.id.to_string() }))
            .await;
        answer["refund"].clone()
    }

    /// Where it stands.
    pub async fn state(&self) -> String {
        let seen = self.read("state").await;
        seen["state"].as_str().expect("a state").to_owned()
    }
}

//! Campaigns, coupons and carts of a test.

use std::collections::HashMap;
use std::time::Duration;

use entity::campaign::RefundPolicy;
use entity::coupon::{CouponOrigin, CouponState};
use entity::coupon_template::TemplateState;
use entity::offer_counter::CounterKind;
use entity::{
    CouponId, CouponTemplateId, Instant, MemberId, coupon, coupon_template, offer_counter,
};
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use serde_json::{Value, json};
use yigate::app::App;
use yigate::campaigns::model::{Benefit, Rules};
use yigate::error::Error;
use yigate::members;

use crate::support::merchant::merge;
use crate::support::{Merchant, Order};

/// Everything that a quote says.
pub const QUOTE: &str = "query($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) { \
    amount { amount } discount { amount } payable { amount currency } \
    lines { amount { amount } discount { amount } payable { amount } } \
    applied { kind name couponCode off { amount } campaign { id } } \
    notApplied { kind name couponCode code message missing { amount } campaign { id } } \
    bestCoupons couponProblems { couponCode code message } pointsUsable } }";

/// What a redemption says of itself.
pub const REDEMPTIONS: &str = "discount { amount } payable { amount } lines { discount { amount } } \
    redemptions { kind name couponCode version off { amount } state counted newcomer campaign { id } }";

pub fn cny(amount: &str) -> Value {
    json!({ "amount": amount, "currency": "CNY" })
}

/// 满 so much 减 so much.
pub fn full(threshold: &str, off: &str) -> Value {
    json!({ "fullReduction": { "steps": [{ "threshold": cny(threshold), "off": cny(off) }] } })
}

pub fn percent(off: &str) -> Value {
    json!({ "discount": { "percentOff": off } })
}

pub fn cash(off: &str) -> Value {
    json!({ "cash": { "off": cny(off) } })
}

/// One line of 热菜.
pub fn lines(amount: &str) -> Value {
    json!([{ "title": "宫保鸡丁", "category": "热菜", "quantity": 1, "unitPrice": cny(amount) }])
}

/// A coupon that takes a fixed amount off.
pub fn cash_rules(off_minor: i64) -> Rules {
    Rules {
        benefit: Benefit::Cash { off_minor },
        scope: Default::default(),
        audience: Default::default(),
        hours: Vec::new(),
        stacking: yigate::campaigns::model::Stacking {
            group: Some("coupon".to_owned()),
            ..Default::default()
        },
        limits: Default::default(),
    }
}

/// What is taken of an offer: how often, and what it cost.
pub type Counters = HashMap<(CounterKind, i64, String), (i64, i64)>;

impl Merchant {
    /// A campaign that is given now; `rules` without a benefit's name is refused.
    pub async fn campaign(&self, name: &str, rules: Value) -> String {
        self.campaign_with(name, rules, json!({})).await
    }

    /// As [`Self::campaign`], with more of the input.
    pub async fn campaign_with(&self, name: &str, rules: Value, more: Value) -> String {
        let mut input = json!({ "name": name, "rules": rules });
        merge(&mut input, more);
        let owner = self.owner().await;
        let made = owner
            .data(
                "mutation($input: CampaignCreateInput!) { campaignCreate(input: $input) { \
                    campaign { id } userErrors { code field message } } }",
                json!({ "input": input }),
            )
            .await["campaignCreate"]
            .clone();
        assert_eq!(made["userErrors"], json!([]), "{made}");
        let id = made["campaign"]["id"].as_str().expect("an id").to_owned();
        self.turn("Activate", &id).await;
        id
    }

    /// A step of a campaign's life cycle: `Activate`, `Pause` or `End`.
    pub async fn turn(&self, step: &str, id: &str) {
        let document = format!(
            "mutation($id: ID!) {{ campaign{step}(input: {{ id: $id }}) {{ campaign {{ state }} \
                userErrors {{ code message }} }} }}"
        );
        let owner = self.owner().await;
        let done = owner.data(&document, json!({ "id": id })).await;
        let payload = &done[format!("campaign{step}")];
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    }

    /// A member's id; made where nobody named it yet.
    pub async fn member_id(&self, no: &str) -> MemberId {
        let app = self.app();
        let made = app.write(self.id, |txn| async move {
            let made = members::service::find_or_add(app, &txn, self.id, no);
            Ok::<_, Error>(made.await?)
        });
        made.await.expect("a member").id
    }

    /// A template of coupons, straight into its table.
    pub async fn template(
        &self,
        name: &str,
        rules: &Rules,
        policy: RefundPolicy,
    ) -> CouponTemplateId {
        let (app, now) = (self.app(), self.app().clock.instant());
        let id: CouponTemplateId = app.ids.next();
        let row = coupon_template::Model {
            merchant_id: self.id,
            id,
            name: name.to_owned(),
            state: TemplateState::Active,
            version: 1,
            kind: rules.benefit.kind(),
            rules: rules.to_text().expect("JSON"),
            valid_from: None,
            valid_until: None,
            valid_days: Some(30),
            quantity: 1_000,
            per_member: None,
            claim_code: None,
            refund_policy: policy,
            created_by: "system".to_owned(),
            updated_at: now,
        };
        coupon_template::Entity::insert(row.into_active_model())
            .exec_without_returning(app.db.writer())
            .await
            .expect("a template");
        id
    }

    /// A coupon of a template, a member's or whose code it is; its code.
    pub async fn coupon_of(
        &self,
        template_id: CouponTemplateId,
        member: Option<MemberId>,
    ) -> String {
        self.coupon_that(template_id, member, |_| {}).await
    }

    /// As [`Self::coupon_of`], changed before it is written.
    pub async fn coupon_that(
        &self,
        template_id: CouponTemplateId,
        member_id: Option<MemberId>,
        change: impl FnOnce(&mut coupon::Model),
    ) -> String {
        let (app, now) = (self.app(), self.app().clock.instant());
        let id: CouponId = app.ids.next();
        let mut row = coupon::Model {
            merchant_id: self.id,
            id,
            template_id,
            code: yigate::coupons::model::code_of(rand::random()),
            member_id,
            state: CouponState::Available,
            origin: if member_id.is_some() {
                CouponOrigin::Issued
            } else {
                CouponOrigin::Code
            },
            valid_from: now,
            valid_until: Instant(now.0 + chrono::TimeDelta::days(30)),
            order_id: None,
            used_at: None,
            voided_at: None,
            voided_by: None,
            void_reason: None,
            batch_id: None,
        };
        change(&mut row);
        let code = row.code.clone();
        coupon::Entity::insert(row.into_active_model())
            .exec_without_returning(app.db.writer())
            .await
            .expect("a coupon");
        code
    }

    /// What the shop's server is told that a cart costs.
    pub async fn quote(&self, input: Value) -> Value {
        let answer = self.shop().data(QUOTE, json!({ "input": input })).await;
        answer["checkoutQuote"].clone()
    }

    /// The input of an order of one line that is priced here.
    pub fn checkout_input(
        &self,
        amount: &str,
        payable: &str,
        codes: &[&str],
        more: Value,
    ) -> Value {
        let mut input = self.order_input(amount);
        input["checkout"] = json!({ "couponCodes": codes, "expectedPayable": cny(payable) });
        merge(&mut input, more);
        input
    }

    /// An order that is made at its price.
    pub async fn checked_out(
        &self,
        amount: &str,
        payable: &str,
        codes: &[&str],
        more: Value,
    ) -> Order {
        let input = self.checkout_input(amount, payable, codes, more);
        let payload = self.asked_for(input).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        self.order_of(&payload)
    }

    /// Everything that is counted.
    pub async fn counters(&self) -> Counters {
        let rows = offer_counter::Entity::of(self.id)
            .all(self.app().db.writer())
            .await
            .expect("the database answers");
        let rows = rows.into_iter();
        rows.map(|row| {
            (
                (row.kind, row.offer_id, row.span),
                (row.taken, row.spent_minor),
            )
        })
        .collect()
    }

    /// How often a campaign is taken in all, and what it cost.
    pub async fn taken(&self, campaign: &str) -> (i64, i64) {
        let id: entity::CampaignId = campaign.parse().expect("an id");
        let key = (CounterKind::Campaign, id.0, String::new());
        self.counters().await.get(&key).copied().unwrap_or_default()
    }

    /// Where a coupon stands.
    pub async fn coupon_state(&self, code: &str) -> CouponState {
        let rows = coupon::Entity::of(self.id)
            .all(self.app().db.writer())
            .await
            .expect("the database answers");
        let found = rows.into_iter().find(|row| row.code == code);
        found.expect("a coupon").state
    }
}

/// The code of a refusal; empty where there is none.
pub fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"]
        .as_str()
        .unwrap_or_default()
}

/// Waits until so many transactions wait for a lock of another one, on PostgreSQL.
pub async fn until_waiting(app: &App, many: i64) {
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        while number(app, waiting).await < many {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    waited.await.expect("so many wait");
}

/// How often transactions of this test waited for each other in a circle, on PostgreSQL.
pub async fn deadlocks(app: &App) -> i64 {
    let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    number(app, counted).await
}

async fn number(app: &App, sql: &str) -> i64 {
    let asked = Statement::from_string(app.db.backend(), sql);
    let row = app.db.writer().query_one_raw(asked).await;
    let row = row.expect("the database answers").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

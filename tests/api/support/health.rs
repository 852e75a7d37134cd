//! Channels' health in tests: traffic that goes wrong, and a judge that is let work.

use chrono::TimeDelta;
use entity::channel_probe;
use entity::channel_traffic::{self, Grain};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use yigate::health::service::Judge;
use yigate::health::worker;

use super::{Merchant, World};

const HEALTH: &str = "query($id: ID!) { channel(id: $id) { health { state cause since judgedAt attempts \
    errorRate successRate baselineRate flapping override { state until by note } } } }";

impl World {
    /// What was counted is written down, and all channels are judged.
    pub async fn judged(&self) {
        // It remembers nothing: everything is read, and all figures are written.
        let mut judge = Judge::named("test");
        let judged = worker::work(self.app(), &mut judge).await;
        assert!(judged.expect("the database answers"), "nobody else judges");
    }

    /// Time passes, and channels are judged every ten seconds of it.
    pub async fn judged_for(&self, seconds: i64) {
        for _ in 0..seconds / 10 {
            self.clock.advance(TimeDelta::seconds(10));
            self.judged().await;
        }
    }
}

impl Merchant {
    /// The shop asks for so many orders whose title says what the sandbox does.
    pub async fn tries(&self, count: usize, title: &str) -> Vec<Value> {
        let mut answers = Vec::new();
        for _ in 0..count {
            let mut input = self.order_input("10.00");
            input["lines"][0]["title"] = json!(title);
            answers.push(self.asked_for(input).await);
        }
        answers
    }

    /// How its channel is, as the owner sees it.
    pub async fn health(&self) -> Value {
        let id = json!({ "id": self.channel_id.to_string() });
        let answer = self.owner().await.data(HEALTH, id).await;
        answer["channel"]["health"].clone()
    }

    /// The state of its channel, and why.
    pub async fn state(&self) -> (String, String) {
        let health = self.health().await;
        let text = |name: &str| health[name].as_str().unwrap_or("none").to_owned();
        (text("state"), text("cause"))
    }

    /// How its channel's health has changed, oldest first: from, to, why.
    pub async fn health_changes(&self) -> Vec<[String; 3]> {
        let document = "query($id: ID!) { channel(id: $id) { healthHistory(first: 100) { edges { node { \
            from to cause } } } } }";
        let id = json!({ "id": self.channel_id.to_string() });
        let answer = self.owner().await.data(document, id).await;
        let edges = answer["channel"]["healthHistory"]["edges"].as_array();
        let mut changes: Vec<_> = edges
            .expect("edges")
            .iter()
            .map(|edge| {
                ["from", "to", "cause"]
                    .map(|name| edge["node"][name].as_str().unwrap_or("none").to_owned())
            })
            .collect();
        changes.reverse();
        changes
    }

    /// What is written down of its channel's traffic.
    pub async fn traffic(&self, grain: Grain) -> Vec<channel_traffic::Model> {
        let rows = channel_traffic::Entity::of(self.id)
            .order_by_asc(channel_traffic::Column::StartsMs)
            .all(self.app().db.reads_across())
            .await
            .expect("the database answers");
        let rows = rows.into_iter().filter(|row| row.grain == grain);
        rows.filter(|row| row.channel_id == self.channel_id)
            .collect()
    }

    /// Every day of the last eight weeks so many attempts were made at this hour, of which so many were paid.
    pub async fn usually_has(&self, attempts: i64, paid: i64) {
        let now = self.clock.now();
        let rows = (1..=56).map(|day| {
            let hour = now - TimeDelta::days(day);
            let ms = hour.timestamp_millis();
            let row = channel_traffic::Model {
                merchant_id: self.id,
                channel_id: self.channel_id,
                grain: Grain::Hour,
                starts_ms: ms - ms.rem_euclid(3_600_000),
                attempts,
                attempted_minor: attempts * 1_000,
                paid,
                paid_minor: paid * 1_000,
                refused: 0,
                unavailable: 0,
                unreadable: 0,
                misconfigured: 0,
            };
            row.into_active_model()
        });
        channel_traffic::Entity::insert_many(rows)
            .exec_without_returning(self.app().db.writer())
            .await
            .expect("hours");
    }

    /// The payment platform was asked whether it is there, and so often in a row it did not answer.
    pub async fn was_probed(&self, failures: i32) {
        let now = self.clock.instant();
        let before = channel_probe::Entity::of(self.id)
            .filter(channel_probe::Column::ChannelId.eq(self.channel_id))
            .one(self.app().db.reads_across())
            .await
            .expect("probes");
        let failing_since = before.and_then(|row| row.failing_since).unwrap_or(now);
        let row = channel_probe::Model {
            merchant_id: self.id,
            channel_id: self.channel_id,
            next_at: now,
            leased_by: None,
            probed_at: Some(now),
            took_ms: Some(20),
            failures,
            failing_since: (failures > 0).then_some(failing_since),
            answered_at: Some(now),
            error: None,
        };
        let key = [
            channel_probe::Column::MerchantId,
            channel_probe::Column::ChannelId,
        ];
        let news = OnConflict::columns(key)
            .update_columns([
                channel_probe::Column::ProbedAt,
                channel_probe::Column::Failures,
                channel_probe::Column::FailingSince,
                channel_probe::Column::AnsweredAt,
            ])
            .to_owned();
        channel_probe::Entity::insert(row.into_active_model())
            .on_conflict(news)
            .exec_without_returning(self.app().db.writer())
            .await
            .expect("a probe");
    }
}

//! What tests of statistics are told with: figures that are asked for once everything is counted.

use chrono::{DateTime, Utc};
use entity::merchant;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};
use yigate::statistics::service::{Differences, check, served};
use yigate::statistics::worker::Projector;

use crate::support::{Merchant, World};

/// An instant.
pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

impl Merchant {
    /// Waits until everything that has happened is counted.
    pub async fn counted(&self) {
        let app = self.app();
        let mut projector = Projector::named("a test");
        for _ in 0..1_000 {
            self.numbered().await;
            let works = projector.work(app).await.expect("the database answers");
            let now = Some(app.clock.instant());
            let served = served(app, self.id).await.expect("the database answers");
            if works && !projector.is_building() && served.as_of == now {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("never counted");
    }

    /// Counts everything again: nothing differs.
    pub async fn is_counted_right(&self) {
        let found = check(self.app(), self.id).await;
        let found = found.expect("the database answers");
        assert_eq!(found, Some(Differences::default()));
    }

    /// The merchant moves to another time zone.
    pub async fn lives_in(&self, zone: &str) {
        let column = merchant::Column::TimeZone;
        self.changes(column, Expr::value(zone)).await;
    }

    /// What the owner is told once everything is counted; `arguments` stand in the document as they are.
    pub async fn statistics(&self, arguments: &str, fields: &str) -> Value {
        self.counted().await;
        let document = format!("{{ statistics({arguments}) {{ {fields} }} }}");
        let answer = self.owner().await.data(&document, Value::Null).await;
        answer["statistics"].clone()
    }

    /// The totals of a time.
    pub async fn totals(&self, from: &str, to: &str, fields: &str) -> Value {
        let told = self
            .statistics(&between(from, to), &format!("totals {{ {fields} }}"))
            .await;
        told["totals"].clone()
    }
}

/// The argument of a span.
pub fn between(from: &str, to: &str) -> String {
    format!(r#"range: {{ custom: {{ from: "{from}", to: "{to}" }} }}"#)
}

/// A merchant of such a zone.
pub async fn merchant_in(world: &World, zone: &str) -> Merchant {
    let merchant = world.merchant("汇贤饭店").await;
    merchant.lives_in(zone).await;
    merchant
}

/// Every amount in an answer as its text, so that `{ "amount": "1.00" }` reads `"1.00"`.
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("amount") => {
            fields["amount"].clone()
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        other => json!(other),
    }
}

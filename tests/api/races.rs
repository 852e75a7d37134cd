//! Many at once, on two instances: on PostgreSQL, where writers really meet.

mod claims;
mod deliveries;
mod orders;
mod payments;

use futures_util::future::join_all;
use serde_json::Value;
use yigate::graphql::gateway::Gateway;

use crate::support::{Merchant, World};

/// A world, its second instance, and a merchant as each of the two sees it.
struct Two {
    world: World,
    second: Gateway,
    here: Merchant,
    there: Merchant,
}

impl Two {
    /// None where there is no PostgreSQL.
    async fn start() -> Option<Self> {
        let world = World::on_postgres().await?;
        let second = world.another_instance().await;
        let here = world.merchant("汇贤饭店").await;
        let there = here.on(&second);
        Some(Self {
            world,
            second,
            here,
            there,
        })
    }

    /// The merchant on one of the instances, by turns.
    fn by_turns(&self, turn: usize) -> Merchant {
        if turn.is_multiple_of(2) {
            self.here.clone()
        } else {
            self.there.clone()
        }
    }
}

/// Works of many, each in a task of its own, so that they really meet.
async fn at_once<F>(works: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let tasks: Vec<_> = works.into_iter().map(tokio::spawn).collect();
    let done = join_all(tasks).await.into_iter();
    done.map(|done| done.expect("nobody panics")).collect()
}

/// How often a refusal's code stands in payloads; the empty code is no refusal.
fn count(payloads: &[Value], code: &str) -> usize {
    let of = |payload: &Value| payload["userErrors"][0]["code"].as_str().unwrap_or("") == code;
    payloads.iter().filter(|payload| of(payload)).count()
}

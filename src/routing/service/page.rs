//! Gathers what a payment page shows. It stands on the payment path: nothing but caches, as a rule.

use std::sync::Arc;

use entity::channel::{self, PaymentMethod};
use entity::channel_health::HealthState;
use sea_orm::Iterable;

use super::policies::{list_shown, of_method};
use super::route::{Asked, state_of};
use super::used::used_lately;
use crate::app::App;
use crate::error::{Error, Problem};
use crate::routing::model::{Candidate, arrange, fitting};

/// A method on a payment page, by itself.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The channel that stands for it.
    pub channel: Arc<channel::Model>,
    /// How that one is.
    pub state: HealthState,
    /// Whether it is what the page should offer first.
    pub recommended: bool,
    /// What is wrong, and what to take instead.
    pub notice: Option<Problem>,
}

/// What a payment page shows for an amount. Everything may be a second old.
pub async fn page(app: &App, asked: Asked) -> Result<Vec<Shown>, Error> {
    let merchant_id = asked.merchant_id;
    let channels = crate::channels::service::list_shown(app, merchant_id).await?;
    let health = crate::health::service::list_shown(app, merchant_id).await?;
    let stored = list_shown(app, merchant_id).await?;
    let rows = channels.iter().map(AsRef::as_ref);
    let used = used_lately(app, (merchant_id, asked.zone), rows).await?;
    let candidates: Vec<_> = channels
        .iter()
        .map(|channel| Candidate {
            channel,
            state: state_of(&health, channel.id),
            used_minor: used.get(&channel.id).copied().unwrap_or_default(),
            taken_at: 0,
        })
        .collect();
    let wish = asked.wish(app.clock.now());
    let methods: Vec<_> = PaymentMethod::iter()
        .filter_map(|method| {
            let policy = of_method(&stored, method);
            fitting(method, policy.as_ref(), &candidates, &wish).ok()
        })
        .collect();
    let entries = arrange(&methods).into_iter();
    Ok(entries
        .filter_map(|entry| {
            let channel = channels.iter().find(|it| it.id == entry.channel.id)?;
            Some(Shown {
                channel: Arc::clone(channel),
                state: entry.state,
                recommended: entry.recommended,
                notice: entry.notice,
            })
        })
        .collect())
}

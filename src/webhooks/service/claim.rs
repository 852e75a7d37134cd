//! Takes deliveries whose turn it is, for a while: a lease, and a place among those that are under way.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use entity::{Instant, MerchantId, OrderId, WebhookEndpointId};
use entity::{order_notify_url, webhook_delivery, webhook_endpoint};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbBackend, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use tokio::sync::Notify;
use url::Url;

use crate::app::App;
use crate::error::Error;
use crate::webhooks::model::{Kind, Place, Places, Refused, Target};

/// How many deliveries are looked at at once.
const PAGE: u64 = 200;
/// How many pages are looked at before it is given up for now.
const PAGES: usize = 20;
/// How much longer than an endpoint may take a claim holds.
const SPARE_MS: u64 = 15_000;

/// Where an instance keeps count of what is under way. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Desk(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    places: Mutex<Places>,
    freed: Notify,
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    desk: Desk,
    place: Place,
}

impl Desk {
    fn enter(&self, place: Place) -> Result<Seat, Refused> {
        self.lock().enter(&place)?;
        Ok(Seat {
            desk: self.clone(),
            place,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        let places = self.0.places.lock();
        places.unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that there may be something to take.
    pub fn wake(&self) {
        self.0.freed.notify_one();
    }

    /// Waits until a place is free again, or there may be something to take; one waits at a time.
    pub async fn freed(&self) {
        self.0.freed.notified().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.desk.lock().leave(&self.place);
        self.desk.0.freed.notify_one();
    }
}

/// A delivery that this worker has, until the lease is over.
#[derive(Debug)]
pub struct Claimed {
    /// The delivery, its counters already those of this claim.
    pub delivery: webhook_delivery::Model,
    /// Where it goes.
    pub way: Way,
    /// Its place; free again when this is dropped.
    pub seat: Seat,
}

/// Where a delivery goes.
#[derive(Clone, Debug)]
pub enum Way {
    /// To an endpoint.
    Endpoint(Box<webhook_endpoint::Model>),
    /// To the address of an order's shop.
    Shop(String),
}

impl Way {
    /// What it is for the rules.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Endpoint(_) => Kind::Event,
            Self::Shop(_) => Kind::NotifyUrl,
        }
    }

    /// The address.
    pub(super) fn url(&self) -> &str {
        match self {
            Self::Endpoint(endpoint) => &endpoint.url,
            Self::Shop(url) => url,
        }
    }
}

/// Takes deliveries whose turn it is, as many as there are places for. The claim is written before anything
/// is sent: a worker that dies afterwards may have sent it, and it is sent again when the lease is over. An
/// outcome counts only under the last claim.
pub async fn claim(app: &App, desk: &Desk) -> Result<Vec<Claimed>, Error> {
    if desk.lock().is_full() {
        return Ok(Vec::new());
    }
    let now = app.clock.instant();
    let held = app.settings.webhooks.timeout_ms.saturating_add(SPARE_MS);
    let held = TimeDelta::milliseconds(i64::try_from(held).unwrap_or(30_000));
    let until = Instant(now.0 + held);
    app.db
        .transaction_across(|txn| async move {
            // What is refused a place is passed over from there on, so that each page has others, however much waits
            // for it.
            let mut refused: HashSet<Refused> = desk.lock().busy().into_iter().collect();
            for _ in 0..PAGES {
                let due = due(app, &txn, now, &refused).await?;
                let more = due.len() as u64 == PAGE;
                let claimed = seated(&txn, desk, due, until, &mut refused).await?;
                if !claimed.is_empty() || !more {
                    return Ok(claimed);
                }
            }
            Ok::<_, Error>(Vec::new())
        })
        .await
}

/// A page of what is due; what there is no place for is passed over.
async fn due(
    app: &App,
    txn: &DatabaseTransaction,
    now: Instant,
    refused: &HashSet<Refused>,
) -> Result<Vec<webhook_delivery::Model>, Error> {
    use webhook_delivery::{Column, Entity};
    let mut passed_over = Condition::any();
    for one in refused {
        passed_over = passed_over.add(matching(one));
    }
    let mut due = Entity::due(now)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::MerchantId)
        .order_by_asc(Column::Id)
        .limit(PAGE);
    if !passed_over.is_empty() {
        due = due.filter(passed_over.not());
    }
    if app.db.backend() == DbBackend::Postgres {
        due = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    Ok(due.all(txn).await?)
}

/// The deliveries that there is no place for.
fn matching(refused: &Refused) -> Condition {
    use webhook_delivery::Column;
    let target = match refused {
        Refused::Merchant(id) => return Condition::all().add(Column::MerchantId.eq(*id)),
        Refused::Target(target) => target,
    };
    let one = Condition::all().add(Column::MerchantId.eq(target.merchant_id));
    if let Some(id) = target.endpoint_id {
        // Without the first, one without an endpoint would be neither passed over nor not.
        return one
            .add(Column::EndpointId.is_not_null())
            .add(Column::EndpointId.eq(id));
    }
    let host = target.shop.as_deref().unwrap_or_default();
    let orders = order_notify_url::Entity::of_shop(target.merchant_id, host);
    one.add(Column::OrderId.is_not_null())
        .add(Column::OrderId.in_subquery(orders.into_query()))
}

/// Those of some deliveries that there are places for, claimed.
async fn seated(
    txn: &DatabaseTransaction,
    desk: &Desk,
    due: Vec<webhook_delivery::Model>,
    until: Instant,
    refused: &mut HashSet<Refused>,
) -> Result<Vec<Claimed>, Error> {
    let ways = Ways::find(txn, &due).await?;
    let mut claimed = Vec::new();
    for delivery in due {
        let Some((way, failing)) = ways.of(&delivery) else {
            continue;
        };
        let host = host_of(way.url());
        let place = Place {
            target: Target {
                merchant_id: delivery.merchant_id,
                endpoint_id: delivery.endpoint_id,
                shop: delivery.endpoint_id.is_none().then(|| host.clone()),
            },
            host,
            failing,
        };
        let seat = match desk.enter(place) {
            Ok(seat) => seat,
            Err(one) => {
                refused.insert(one);
                continue;
            }
        };
        claimed.push(Claimed {
            delivery: take(txn, delivery, until).await?,
            way,
            seat,
        });
    }
    Ok(claimed)
}

async fn take(
    txn: &DatabaseTransaction,
    delivery: webhook_delivery::Model,
    until: Instant,
) -> Result<webhook_delivery::Model, Error> {
    use webhook_delivery::{Column, Entity};
    Entity::update_of(delivery.merchant_id)
        .filter(Column::Id.eq(delivery.id))
        .col_expr(Column::NextAttemptAt, Expr::value(until))
        .col_expr(Column::Lease, Expr::col(Column::Lease).add(1))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .col_expr(Column::Tries, Expr::col(Column::Tries).add(1))
        .exec(txn)
        .await?;
    Ok(webhook_delivery::Model {
        next_attempt_at: Some(until),
        lease: delivery.lease + 1,
        attempts: delivery.attempts + 1,
        tries: delivery.tries + 1,
        ..delivery
    })
}

fn host_of(url: &str) -> String {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// Where some deliveries go.
struct Ways {
    endpoints: HashMap<(MerchantId, WebhookEndpointId), webhook_endpoint::Model>,
    shops: HashMap<(MerchantId, OrderId), String>,
}

impl Ways {
    async fn find(
        txn: &DatabaseTransaction,
        due: &[webhook_delivery::Model],
    ) -> Result<Self, Error> {
        let mut endpoints: Vec<WebhookEndpointId> =
            due.iter().filter_map(|one| one.endpoint_id).collect();
        endpoints.sort_unstable();
        endpoints.dedup();
        let shops: Vec<OrderId> = due.iter().filter_map(|one| one.order_id).collect();
        let endpoints = if endpoints.is_empty() {
            Vec::new()
        } else {
            let found = webhook_endpoint::Entity::of_deliveries(endpoints);
            found.all(txn).await?
        };
        let shops = if shops.is_empty() {
            Vec::new()
        } else {
            let found = order_notify_url::Entity::of_deliveries(shops);
            found.all(txn).await?
        };
        Ok(Self {
            endpoints: endpoints
                .into_iter()
                .map(|row| ((row.merchant_id, row.id), row))
                .collect(),
            shops: shops
                .into_iter()
                .map(|row| ((row.merchant_id, row.order_id), row.url))
                .collect(),
        })
    }

    /// Where a delivery goes, and whether nothing was taken there last.
    fn of(&self, delivery: &webhook_delivery::Model) -> Option<(Way, bool)> {
        let merchant_id = delivery.merchant_id;
        if let Some(id) = delivery.endpoint_id {
            let endpoint = self.endpoints.get(&(merchant_id, id))?;
            let failing = endpoint.failing_since.is_some();
            return Some((Way::Endpoint(Box::new(endpoint.clone())), failing));
        }
        let shop = self.shops.get(&(merchant_id, delivery.order_id?))?;
        Some((Way::Shop(shop.clone()), delivery.tries > 0))
    }
}

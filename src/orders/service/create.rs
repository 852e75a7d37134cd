//! Makes an order, and asks its payment platform for what the payer is shown.

use chrono::TimeDelta;
use entity::event::EventKind;
use entity::order::{self, FulfillmentState, PaymentState, RefundState};
use entity::order_timeline::TimelineKind;
use entity::{Instant, MerchantId, OrderId, channel, member, merchant, order_line};
use sea_orm::{ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::ask::{PaymentWish, ask, record_answer};
use super::history::{Happening, record};
use super::price::{price, refused_at_checkout};
use super::products::find_products;
use super::row::OrderRow;
use crate::app::App;
use crate::auth::model::Actor;
use crate::channels::provider::Device;
use crate::channels::providers::Providers;
use crate::checkout::model::CheckoutRefusal;
use crate::checkout::service::{Priced, forget_offers, reserve};
use crate::crash;
use crate::db::violates_unique;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::members;
use crate::merchant::zone_of;
use crate::money::Currency;
use crate::orders::model::{CreateRefusal, NewOrder, OrderDraft, Way, next_query};
use crate::routing::model::Unfit;
use crate::routing::{self, service::Asked};
use crate::webhooks;

/// What became of a draft.
#[derive(Clone, Debug)]
pub struct Created {
    /// The order, made now or when the key was first used.
    pub order: OrderRow,
    /// Why it has no payment code, where it has none.
    pub refusal: Option<CreateRefusal>,
}

type Outcome<T> = Result<T, Failure<CreateRefusal>>;

/// Makes an order and asks for its payment code. The same key with the same draft returns the same
/// order, and asks again where no payment code came; the platform knows our number and does not ask
/// the payer twice.
pub async fn create(
    app: &App,
    providers: &Providers,
    actor: &Actor,
    key: &str,
    draft: OrderDraft,
    wish: PaymentWish,
) -> Outcome<Created> {
    let merchant_id = actor.merchant_id;
    let merchant = merchant::Entity::of(merchant_id)
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)?;
    let currency = Currency::of_code(&merchant.currency)
        .ok_or_else(|| Error::internal("a merchant's currency is not known"))?;
    let key = read_key(key, &draft, &wish)?;
    let mut planned = plan(app, &merchant, currency, &draft, wish.device).await?;
    let mut rounds = 1;
    let (id, again) = loop {
        let reservation = Reservation {
            app,
            actor,
            key: &key,
            draft: &draft,
            plan: &planned,
            currency,
        };
        let reserved = app.write(
            merchant_id,
            |txn| async move { reservation.reserve(&txn).await },
        );
        match reserved.await {
            Err(Failure::Refused(CreateRefusal::Checkout(CheckoutRefusal::OfferChanged)))
                if rounds < PRICED_AT_MOST =>
            {
                // What was kept in memory is not what is given any more.
                forget_offers(app, merchant_id);
                planned = plan(app, &merchant, currency, &draft, wish.device).await?;
                rounds += 1;
            }
            reserved => break reserved?,
        }
    };
    crash::point("order.reserved");
    if let (false, Way::Method(_), Ok(plan)) = (again, &draft.way, &planned) {
        routing::service::took_turn(app, &plan.channel);
    }
    let order = find(app, merchant_id, id).await?;
    if !waits_for_code(&order) {
        return Ok(Created {
            order: OrderRow::try_from(order)?,
            refusal: None,
        });
    }
    // What it took when it was made, whatever the route would be now.
    let channel = channel_of(app, &order, planned.ok()).await?;
    let answer = ask(app, providers, &channel, &order, currency, wish, again).await;
    let refusal = record_answer(app, actor, &order, answer).await?;
    let order = find(app, merchant_id, id).await?;
    Ok(Created {
        // Another request with the same key, or the payer, may have been luckier meanwhile.
        refusal: refusal.filter(|_| waits_for_code(&order)),
        order: OrderRow::try_from(order)?,
    })
}

/// How often an order is priced, where an offer is changed at the same moment.
const PRICED_AT_MOST: u32 = 3;

/// An order to be made.
struct Plan {
    order: NewOrder,
    /// The channel that it takes.
    channel: channel::Model,
    /// What it takes of campaigns and coupons, where it is priced here.
    priced: Option<Priced>,
}

/// What is to be made of a draft; a refusal counts only where its key is new.
async fn plan(
    app: &App,
    merchant: &merchant::Model,
    currency: Currency,
    draft: &OrderDraft,
    device: Device,
) -> Outcome<Result<Plan, CreateRefusal>> {
    let named = match draft.way {
        Way::Method(_) => None,
        Way::ChannelId(id) => {
            let found = crate::channels::service::maybe_find(app, merchant.id, id).await?;
            Some(found.ok_or(Failure::Refused(CreateRefusal::ChannelNotFound))?)
        }
    };
    let mut order = match draft.decide(merchant) {
        Ok(order) => order,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // What is to be paid decides which channels take it.
    let priced = match price(app, merchant.id, draft, named.as_ref(), &mut order).await? {
        Ok(priced) => priced,
        Err(refusal) => return Ok(Err(CreateRefusal::Checkout(refusal))),
    };
    let asked = Asked {
        merchant_id: merchant.id,
        zone: zone_of(merchant)?,
        amount_minor: order.payable_minor(),
        device,
    };
    let taken = match (named, draft.way) {
        (Some(channel), _) => {
            let checked = routing::service::check(app, asked, &channel).await;
            refused(checked, |why| {
                CreateRefusal::of_channel(&channel, why, currency)
            })?
            .map(|()| channel)
        }
        (None, Way::Method(method)) => {
            let found = routing::service::route(app, asked, method).await;
            refused(found, |reason| CreateRefusal::NoChannel { reason })?
        }
        (None, Way::ChannelId(_)) => Err(CreateRefusal::ChannelNotFound),
    };
    Ok(taken.map(|channel| Plan {
        order,
        channel,
        priced,
    }))
}

/// A refusal of routing, in our words; a failure stays one.
fn refused<T>(
    outcome: Result<T, Failure<Unfit>>,
    word: impl FnOnce(Unfit) -> CreateRefusal,
) -> Result<Result<T, CreateRefusal>, Error> {
    match outcome {
        Ok(thing) => Ok(Ok(thing)),
        Err(Failure::Refused(why)) => Ok(Err(word(why))),
        Err(Failure::Failed(error)) => Err(error),
    }
}

/// The channel of an order: mostly the one that was just found.
async fn channel_of(
    app: &App,
    order: &order::Model,
    plan: Option<Plan>,
) -> Result<channel::Model, Error> {
    match plan {
        Some(plan) if plan.channel.id == order.channel_id => Ok(plan.channel),
        _ => {
            let (merchant_id, id) = (order.merchant_id, order.channel_id);
            let found = crate::channels::service::maybe_find(app, merchant_id, id).await?;
            found.ok_or(Error::NotFound)
        }
    }
}

/// Whether the payer could still be shown something, and there is nothing to show.
fn waits_for_code(order: &order::Model) -> bool {
    let open = matches!(
        order.payment_state,
        PaymentState::Pending | PaymentState::Failed
    );
    open && order.payment_code.is_none()
}

async fn find(app: &App, merchant_id: MerchantId, id: OrderId) -> Result<order::Model, Error> {
    order::Entity::of(merchant_id)
        .filter(order::Column::Id.eq(id))
        .one(&app.db.reads(merchant_id))
        .await?
        .ok_or(Error::NotFound)
}

/// What makes a request the same request. The payer's address is left out: it changes with the network
/// that a phone is in.
fn read_key(text: &str, draft: &OrderDraft, wish: &PaymentWish) -> Result<Key, Error> {
    let mobile = wish.device == Device::Mobile;
    Key::read(text, "orderCreate", &(draft, mobile, &wish.return_url))
}

/// What the transaction that makes an order works with.
#[derive(Clone, Copy)]
struct Reservation<'a> {
    app: &'a App,
    actor: &'a Actor,
    key: &'a Key,
    draft: &'a OrderDraft,
    plan: &'a Result<Plan, CreateRefusal>,
    currency: Currency,
}

impl Reservation<'_> {
    /// Claims the key and writes the order; a known key returns its order. Says whether it is known.
    async fn reserve(self, txn: &DatabaseTransaction) -> Outcome<(OrderId, bool)> {
        let merchant_id = self.actor.merchant_id;
        let id: OrderId = self.app.ids.next();
        match self.key.claim(self.app, txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok((OrderId(known), true)),
            Claim::Reused => return Err(Failure::Refused(CreateRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(CreateRefusal::InProgress)),
        }
        let plan = self
            .plan
            .as_ref()
            .map_err(Clone::clone)
            .map_err(Failure::Refused)?;
        let member = match &self.draft.member_no {
            Some(no) => Some(members::service::find_or_add(self.app, txn, merchant_id, no).await?),
            None => None,
        };
        self.insert_order(txn, id, plan, member.as_ref()).await?;
        self.insert_lines(txn, id, &plan.order).await?;
        if let Some(url) = &self.draft.notify_url {
            webhooks::service::remember(txn, merchant_id, id, url).await?;
        }
        let happening = Happening {
            merchant_id,
            order_id: id,
            timeline: TimelineKind::Created,
            event: Some(EventKind::OrderCreated),
            actor: &self.actor.name(),
            note: None,
            at: self.app.clock.instant(),
        };
        record(self.app, txn, happening).await?;
        if let Some(priced) = &plan.priced {
            let (of, by) = ((merchant_id, id), self.actor.name());
            reserve(self.app, txn, of, member.as_ref(), priced, &by)
                .await
                .map_err(refused_at_checkout)?;
        }
        crash::point("order.reserving");
        Ok((id, false))
    }

    async fn insert_order(
        self,
        txn: &DatabaseTransaction,
        id: OrderId,
        Plan { order, channel, .. }: &Plan,
        member: Option<&member::Model>,
    ) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        let now = self.app.clock.now();
        let lifetime = self
            .draft
            .expires_in_s
            .unwrap_or(self.app.settings.orders.expiry_s);
        let expires_at = now + TimeDelta::seconds(lifetime);
        let sealed_buyer = match &self.draft.buyer {
            None => None,
            Some(buyer) => {
                let plain = serde_json::to_vec(buyer)
                    .map_err(|error| Error::internal(error.to_string()))?;
                Some(self.app.key.seal(&plain, &merchant_id.to_string())?)
            }
        };
        let inserted = order::Entity::insert(order::ActiveModel {
            merchant_id: ActiveValue::Set(merchant_id),
            id: ActiveValue::Set(id),
            merchant_order_no: ActiveValue::Set(self.draft.merchant_order_no.clone()),
            title: ActiveValue::Set(order.title.clone()),
            currency: ActiveValue::Set(self.currency.code().to_owned()),
            amount_minor: ActiveValue::Set(order.amount_minor),
            discount_minor: ActiveValue::Set(order.discount_minor),
            paid_minor: ActiveValue::Set(0),
            channel_id: ActiveValue::Set(channel.id),
            method: ActiveValue::Set(channel.method),
            country: ActiveValue::Set(self.draft.country.clone()),
            payment_state: ActiveValue::Set(PaymentState::Pending),
            refund_state: ActiveValue::Set(RefundState::None),
            fulfillment_state: ActiveValue::Set(if self.draft.fulfillment_required {
                FulfillmentState::Unfulfilled
            } else {
                FulfillmentState::NotRequired
            }),
            late: ActiveValue::Set(false),
            provider_trade_no: ActiveValue::Set(None),
            paid_at: ActiveValue::Set(None),
            expires_at: ActiveValue::Set(Instant(expires_at)),
            closed_at: ActiveValue::Set(None),
            fulfilled_at: ActiveValue::Set(None),
            payment_code_kind: ActiveValue::Set(None),
            payment_code: ActiveValue::Set(None),
            sealed_buyer: ActiveValue::Set(sealed_buyer),
            next_query_at: ActiveValue::Set(
                next_query(now, expires_at, 0, now).map(|(at, _)| Instant(at)),
            ),
            query_attempts: ActiveValue::Set(0),
            updated_at: ActiveValue::Set(Instant(now)),
            refunded_minor: ActiveValue::Set(0),
            refunding_minor: ActiveValue::Set(0),
            member_id: ActiveValue::Set(member.map(|member| member.id)),
            tier_id: ActiveValue::Set(member.and_then(|member| member.tier_id)),
        })
        .exec_without_returning(txn)
        .await;
        match inserted {
            Err(error) if violates_unique(&error, "merchant_order_no") => {
                Err(Failure::Refused(CreateRefusal::DuplicateOrderNo))
            }
            other => Ok(other.map(|_| ())?),
        }
    }

    async fn insert_lines(
        self,
        txn: &DatabaseTransaction,
        id: OrderId,
        plan: &NewOrder,
    ) -> Result<(), DbErr> {
        let merchant_id = self.actor.merchant_id;
        let products = find_products(self.app, txn, merchant_id, &self.draft.lines).await?;
        let lines = self
            .draft
            .lines
            .iter()
            .zip(&plan.line_discounts)
            .zip(1_i16..)
            .map(|((line, discount), line_no)| {
                let sold = products.iter().find(|(_, title, category)| {
                    *title == line.title && *category == line.category
                });
                let missing = || DbErr::RecordNotFound("a product that was just added".to_owned());
                Ok(order_line::ActiveModel {
                    merchant_id: ActiveValue::Set(merchant_id),
                    order_id: ActiveValue::Set(id),
                    line_no: ActiveValue::Set(line_no),
                    product_id: ActiveValue::Set(sold.ok_or_else(missing)?.0),
                    title: ActiveValue::Set(line.title.clone()),
                    category: ActiveValue::Set(line.category.clone()),
                    quantity: ActiveValue::Set(line.quantity),
                    fulfilled_quantity: ActiveValue::Set(0),
                    unit_price_minor: ActiveValue::Set(line.unit_price_minor),
                    discount_minor: ActiveValue::Set(*discount),
                })
            })
            .collect::<Result<Vec<_>, DbErr>>()?;
        order_line::Entity::insert_many(lines)
            .exec_without_returning(txn)
            .await?;
        Ok(())
    }
}

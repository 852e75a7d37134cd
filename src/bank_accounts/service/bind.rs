//! Binds a bank account: seals it, and leaves the small amount to the worker.

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use entity::bank_account::{self, BankAccountState};
use entity::event::EventKind;
use entity::merchant::MerchantStatus;
use entity::{BankAccountId, ChannelId};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::json;

use super::checking_channel;
use super::list::find;
use super::sealed::{number_hash, seal};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::bank_accounts::model::{BindRefusal, BindWish, MOST_BOUND, Request, banks};
use crate::channels::model::check_pays_out;
use crate::channels::providers::Providers;
use crate::db::violates_unique;
use crate::error::{Error, Failure};
use crate::events;
use crate::idempotency::{Claim, Key};
use crate::second_factor::model::staff_of;
use crate::second_factor::service::with_code;

type Outcome<T> = Result<T, Failure<BindRefusal>>;

/// States in which a number cannot be bound again.
const BOUND: [BankAccountState; 2] = [BankAccountState::Checking, BankAccountState::Verified];

/// Binds a bank account. A code of a second factor that has rested is spent in its transaction, so that the account
/// cools off after the rest and not beside it; the small amount is sent afterwards, by the worker. The same key with the same wish returns the same account, as it is now, and needs no
/// code.
pub async fn bind(
    app: &App,
    providers: &Providers,
    actor: &Actor,
    key: &str,
    code: &str,
    wish: BindWish,
) -> Outcome<bank_account::Model> {
    let merchant_id = actor.merchant_id;
    let tried = Deed::of("bankAccountBind");
    let allowed = staff_of(actor).map_err(|no| Failure::Refused(no.into()));
    audit::deny_refused(app, actor, tried.clone(), allowed).await?;
    let request = &Request::read(wish, banks()).map_err(Failure::Refused)?;
    let key = &idempotency_key(app, key, actor, request)?;
    let channel = &checking_channel(app, providers, merchant_id).await?;
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let suspended = merchant.row.status == MerchantStatus::Suspended;
    let id = with_code(app, actor, code, tried, |txn, code| async move {
        let id: BankAccountId = app.ids.next();
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok(BankAccountId(known)),
            Claim::Reused => return Err(Failure::Refused(BindRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(BindRefusal::InProgress)),
        }
        if suspended {
            return Err(Failure::Refused(BindRefusal::MerchantSuspended));
        }
        let channel = channel
            .as_ref()
            .ok_or(Failure::Refused(BindRefusal::NoChannel))?;
        check_pays_out(channel, app.clock.now()).map_err(|no| Failure::Refused(no.into()))?;
        code.spend_for_money::<BindRefusal>(&txn).await?;
        let bound = Binding {
            id,
            actor,
            channel_id: channel.id,
            request,
        };
        bound.write(app, &txn).await?;
        Ok(id)
    })
    .await?;
    Ok(find(app, merchant_id, id).await?)
}

/// A key for a wish, of whose holder and number a keyed hash alone is kept.
fn idempotency_key(app: &App, text: &str, actor: &Actor, request: &Request) -> Result<Key, Error> {
    let secret = format!("{}\n{}", request.holder, request.number);
    let hash = number_hash(&app.key, actor.merchant_id, &secret);
    let body = json!([
        request.bank_code,
        format!("{:?}", request.kind),
        HEXLOWER.encode(&hash)
    ]);
    Key::read(text, "bankAccountBind", &body)
}

/// An account that is being bound.
struct Binding<'a> {
    id: BankAccountId,
    actor: &'a Actor,
    channel_id: ChannelId,
    request: &'a Request,
}

impl Binding<'_> {
    async fn write(&self, app: &App, txn: &DatabaseTransaction) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        let now = app.clock.instant();
        let sealed = seal(&app.key, merchant_id, self.id, self.request)?;
        let bound =
            bank_account::Entity::of(merchant_id).filter(bank_account::Column::State.is_in(BOUND));
        let same = bound
            .clone()
            .filter(bank_account::Column::NumberHash.eq(sealed.number_hash.clone()));
        if same.one(txn).await?.is_some() {
            return Err(Failure::Refused(BindRefusal::AlreadyBound));
        }
        if bound.count(txn).await? >= MOST_BOUND {
            return Err(Failure::Refused(BindRefusal::TooMany { most: MOST_BOUND }));
        }
        let row = bank_account::Model {
            merchant_id,
            id: self.id,
            kind: self.request.kind,
            bank_code: self.request.bank_code.clone(),
            sealed_holder: sealed.holder,
            masked_holder: sealed.masked_holder,
            sealed_number: sealed.number,
            number_hash: sealed.number_hash,
            last_four: sealed.last_four,
            state: BankAccountState::Checking,
            channel_id: self.channel_id,
            bound_by: self.actor.name(),
            bound_at: now,
            check_lease: 0,
            check_attempts: 0,
            check_next_at: Some(now),
            check_asked_at: None,
            check_through: None,
            check_sent_at: None,
            check_minor: small_amount()?,
            check_failures: 0,
            check_error: None,
            verified_at: None,
            payable_from: None,
            unbound_at: None,
            unbound_by: None,
        };
        let inserted = bank_account::Entity::insert(row.into_active_model())
            .exec_without_returning(txn)
            .await;
        match inserted {
            // Another request has bound it meanwhile.
            Err(error) if violates_unique(&error, "number") => {
                return Err(Failure::Refused(BindRefusal::AlreadyBound));
            }
            other => other?,
        };
        let (kind, ids) = (EventKind::BankAccountBound, &app.ids);
        events::record(txn, ids, now, merchant_id, kind, self.id).await?;
        let deed = Deed::of("bankAccountBind").on(self.id).made(json!({
            "kind": self.request.kind.to_value(),
            "bankCode": self.request.bank_code,
            "lastFour": self.request.last_four(),
        }));
        Ok(audit::record(app, txn, self.actor, deed).await?)
    }
}

/// 0.01 to 0.99, which nobody can guess.
fn small_amount() -> Result<i64, Error> {
    let mut random = [0_u8; 4];
    rand::fill(&mut random).map_err(|_| Error::internal("no randomness"))?;
    Ok(i64::from(u32::from_be_bytes(random) % 99) + 1)
}

//! Calls of 易支付's style to the shops of paid orders: where to, with what, and under which key.

use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use entity::{Instant, MerchantId, OrderId, notify_key, order, order_notify_url};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};
use serde_json::json;

use super::endpoints::lock_merchant;
use super::follow::begin;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::channels::providers::epay;
use crate::error::{Error, Failure};
use crate::money::{Currency, Money};
use crate::orders::model::order_no;
use crate::webhooks::model::NotifyKeyRefusal;

/// What a shop needs to check what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyKey {
    /// The merchant's number 商户号, as calls name it.
    pub pid: String,
    /// When the key was set.
    pub set_at: DateTime<Utc>,
    /// Who set it.
    pub set_by: String,
}

impl NotifyKey {
    fn of(row: notify_key::Model) -> Self {
        Self {
            pid: pid(row.merchant_id),
            set_at: row.set_at.0,
            set_by: row.set_by,
        }
    }
}

fn pid(merchant_id: MerchantId) -> String {
    merchant_id.0.to_string()
}

/// What a merchant's key is bound to when it is sealed.
pub(super) fn binding(merchant_id: MerchantId) -> String {
    format!("notify {merchant_id}")
}

/// A merchant's key, without itself; none where it was never set.
pub async fn find_key(app: &App, merchant_id: MerchantId) -> Result<Option<NotifyKey>, Error> {
    let found = notify_key::Entity::of(merchant_id);
    Ok(found
        .one(&app.db.reads(merchant_id))
        .await?
        .map(NotifyKey::of))
}

/// Whether shops of a merchant can be called.
pub async fn has_key(app: &App, merchant_id: MerchantId) -> Result<bool, Error> {
    Ok(find_key(app, merchant_id).await?.is_some())
}

/// The key itself.
pub(super) async fn opened_key(
    app: &App,
    merchant_id: MerchantId,
) -> Result<Option<String>, Error> {
    let found = notify_key::Entity::of(merchant_id);
    let Some(row) = found.one(&app.db.reads(merchant_id)).await? else {
        return Ok(None);
    };
    let plain = app.key.open(&row.sealed_key, &binding(merchant_id))?;
    let key = String::from_utf8(plain);
    key.map(Some)
        .map_err(|_| Error::internal("a notify key is no text"))
}

/// Makes a merchant's key, shown this once. One that there is, is replaced only where that is asked for: calls
/// are signed with the new one from then on.
pub async fn set_key(
    app: &App,
    actor: &Actor,
    replace: bool,
) -> Result<(NotifyKey, String), Failure<NotifyKeyRefusal>> {
    let mut bytes = [0_u8; 24];
    rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    let key = BASE64URL_NOPAD.encode(&bytes);
    let merchant_id = actor.merchant_id;
    let row = notify_key::Model {
        merchant_id,
        sealed_key: app.key.seal(key.as_bytes(), &binding(merchant_id))?,
        set_by: actor.name(),
        set_at: Instant(app.clock.now()),
    };
    let made = &row;
    app.db
        .transaction_of(merchant_id, |txn| async move {
            lock_merchant(&txn, merchant_id).await?;
            let known = notify_key::Entity::of(merchant_id).one(&*txn).await?;
            if known.is_some() && !replace {
                return Err(Failure::Refused(NotifyKeyRefusal::AlreadySet));
            }
            notify_key::Entity::delete_of(merchant_id)
                .exec(&*txn)
                .await?;
            notify_key::Entity::insert(made.clone().into_active_model())
                .exec_without_returning(&*txn)
                .await?;
            begin(&txn, merchant_id).await?;
            let deed = Deed::of("notifyKeySet").on(merchant_id);
            let deed = deed.made(json!({ "replaces": known.is_some() }));
            Ok(audit::record(app, &txn, actor, deed).await?)
        })
        .await?;
    app.audited.committed();
    Ok((NotifyKey::of(row), key))
}

/// Writes down where the shop of an order is called once it is paid, in the transaction that makes the order.
pub async fn remember(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    order_id: OrderId,
    url: &str,
) -> Result<(), Error> {
    let row = order_notify_url::Model {
        merchant_id,
        order_id,
        url: url.to_owned(),
    };
    order_notify_url::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

/// What a shop is told of its paid order, signed with the merchant's key.
pub(super) fn parameters(
    order: &order::Model,
    key: &str,
) -> Result<Vec<(&'static str, String)>, Error> {
    let currency = Currency::of_code(&order.currency);
    let currency = currency.ok_or_else(|| Error::internal("unknown currency"))?;
    let paid = Money::of_minor(order.paid_minor, currency).to_decimal();
    let mut parameters = vec![
        ("pid", pid(order.merchant_id)),
        ("trade_no", order_no(order.id)),
        ("out_trade_no", order.merchant_order_no.clone()),
        ("type", epay::notice_type(order.method).to_owned()),
        ("name", order.title.clone()),
        ("money", paid.to_string()),
        ("trade_status", "TRADE_SUCCESS".to_owned()),
    ];
    let signed = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()));
    let sign = HEXLOWER.encode(&epay::md5_of(signed, key));
    parameters.push(("sign", sign));
    parameters.push(("sign_type", "MD5".to_owned()));
    Ok(parameters)
}

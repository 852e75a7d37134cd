//! A link to a file: whose, made by whom, until when, and the signature over all of it.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use entity::export::Model;
use entity::membership::Role;
use entity::merchant::MerchantStatus;
use entity::{ExportId, MerchantId};
use sea_orm::ActiveEnum;
use serde_json::json;
use url::form_urlencoded;

use super::file::{Kept, kept};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::{Actor, Origin, Scope, Scopes, Who};
use crate::auth::service::Auth;
use crate::error::{Error, Problem};
use crate::exports::model::{Wanted, plain_name, scopes};
use crate::merchant::Merchant;

/// The parameters of a link; the signature is the last one.
const MERCHANT: &str = "merchant";
const BY: &str = "by";
const EXPIRES: &str = "expires";
const SIGNATURE: &str = "&signature=";

/// Who fetches a file again so soon, from the same address, is told of once: programs load files in parts.
const ONCE_IN: TimeDelta = TimeDelta::minutes(1);

/// What is signed: the file's address without its host, under a word of its own.
fn signature(app: &App, id: &str, name: &str, query: &str) -> Vec<u8> {
    app.key
        .keyed_hash(&format!("export link\n{id}/{name}\n{query}"))
}

/// The columns that tell who bought.
const BUYER_COLUMNS: [&str; 2] = ["buyerName", "buyerPhone"];

fn columns(row: &Model) -> Result<Vec<String>, Error> {
    let wanted: Wanted =
        serde_json::from_str(&row.wanted).map_err(|error| Error::internal(error.to_string()))?;
    Ok(wanted.columns)
}

/// Every scope that whoever makes a link to a file needs: those of its list and columns, and, where it shows buyers,
/// the one for personal data.
pub fn needed(row: &Model) -> Result<Vec<Scope>, Error> {
    let mut needed = scopes(row.kind, &columns(row)?);
    if row.masked == Some(false) {
        needed.push(Scope::PersonalRead);
    }
    Ok(needed)
}

/// The address of an export's file, good for a while for whoever has it, as long as who made it may see the file.
#[must_use]
pub fn sign(app: &App, merchant: &Merchant, row: &Model, actor: &Actor) -> String {
    let lasts = Duration::from_secs(app.settings.exports.link_s);
    let expires = app.clock.now() + lasts;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(MERCHANT, &row.merchant_id.to_string())
        .append_pair(BY, &actor.name())
        .append_pair(EXPIRES, &expires.timestamp().to_string())
        .finish();
    let (id, name) = (row.id.to_string(), plain_name(row.kind, row, merchant.zone));
    let signature = HEXLOWER.encode(&signature(app, &id, &name, &query));
    let home = app.settings.http.public_url.trim_end_matches('/');
    format!("{home}/exports/{id}/{name}?{query}{SIGNATURE}{signature}")
}

/// The file behind a link, and who made that. A link that has ended, was not signed here as it stands, or was made by
/// somebody who may not see the file any more, is refused; a file that is gone is not found.
pub async fn open(
    auth: &Auth,
    (id, name): (&str, &str),
    query: &str,
) -> Result<(Kept, Actor), Error> {
    let app = auth.app();
    let (signed, shown) = query.rsplit_once(SIGNATURE).ok_or_else(forged)?;
    let shown = HEXLOWER.decode(shown.as_bytes()).map_err(|_| forged())?;
    verify_slices_are_equal(&shown, &signature(app, id, name, signed)).map_err(|_| forged())?;
    let pairs: Vec<(String, String)> = form_urlencoded::parse(signed.as_bytes())
        .into_owned()
        .collect();
    let said = |wanted: &str| {
        let pair = pairs.iter().find(|(name, _)| name == wanted);
        pair.map(|(_, value)| value)
    };
    let expires = said(EXPIRES).and_then(|text| text.parse().ok());
    let expires = expires.and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
    let merchant_id: Option<MerchantId> = said(MERCHANT).and_then(|text| text.parse().ok());
    let id: Option<ExportId> = id.parse().ok();
    let (Some(expires), Some(merchant_id), Some(by), Some(id)) =
        (expires, merchant_id, said(BY), id)
    else {
        return Err(forged());
    };
    let merchant = crate::merchant::find(app, merchant_id).await?;
    if expires <= app.clock.now() || merchant.row.status == MerchantStatus::Closed {
        return Err(ended());
    }
    let maker = match auth.recheck(&actor_of(merchant_id, by), None).await {
        Ok(maker) => maker,
        Err(Error::Unauthenticated) => return Err(ended()),
        Err(error) => return Err(error),
    };
    let kept = kept(app, merchant_id, id).await?;
    if !needed(&kept.row)?.into_iter().all(|scope| maker.may(scope)) {
        return Err(ended());
    }
    Ok((kept, maker))
}

/// Tells the audit log that a file is handed out: through whose link, to which address, and whether it shows buyers.
/// Nothing is handed out that could not be told of.
pub async fn tell_download(
    app: &App,
    row: &Model,
    maker: Actor,
    origin: Origin,
) -> Result<(), Error> {
    let maker = &maker.from_origin(origin);
    let tells_buyer = |name: &String| BUYER_COLUMNS.contains(&name.as_str());
    let shows_buyers = row.masked == Some(false) && columns(row)?.iter().any(tells_buyer);
    app.write(row.merchant_id, |txn| async move {
        let deed = Deed::of("exportDownload").on(row.id).made(json!({
            "kind": row.kind.to_value(),
            "format": row.format.to_value(),
            "personalData": shows_buyers,
        }));
        audit::service::record_once(app, &txn, maker, deed, ONCE_IN).await
    })
    .await
}

/// An actor, as far as their name says who they are; what they may do now is read anew.
pub(super) fn actor_of(merchant_id: MerchantId, name: &str) -> Actor {
    let who = if let Ok(staff_id) = name.parse() {
        let role = Role::Viewer;
        Who::Staff { staff_id, role }
    } else if let Ok(key) = name.parse() {
        Who::ApiKey(key)
    } else {
        return Actor::system(merchant_id);
    };
    Actor {
        merchant_id,
        who,
        scopes: Scopes::default(),
        origin: None,
    }
}

fn ended() -> Error {
    Error::Denied(Problem::new(
        "This link has ended. Ask for a new one.",
        "此链接已过期，请重新获取。",
    ))
}

fn forged() -> Error {
    Error::Denied(Problem::new(
        "This link was not made here as it stands.",
        "此链接无效或已被修改。",
    ))
}

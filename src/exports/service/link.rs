//! A link to a file: whose, until when, and the signature over all of it.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use entity::export::Model;
use entity::merchant::MerchantStatus;
use entity::{ExportId, MerchantId};
use url::form_urlencoded;

use super::file::{Kept, kept};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::exports::model::plain_name;
use crate::merchant::Merchant;

/// The parameters of a link; the signature is the last one.
const MERCHANT: &str = "merchant";
const EXPIRES: &str = "expires";
const SIGNATURE: &str = "&signature=";

/// What is signed: the file's address without its host, under a word of its own.
fn signature(app: &App, id: &str, name: &str, query: &str) -> Vec<u8> {
    app.key
        .keyed_hash(&format!("export link\n{id}/{name}\n{query}"))
}

/// The address of an export's file, good for a while for whoever has it.
#[must_use]
pub fn sign(app: &App, merchant: &Merchant, row: &Model) -> String {
    let lasts = Duration::from_secs(app.settings.exports.link_s);
    let expires = app.clock.now() + lasts;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(MERCHANT, &row.merchant_id.to_string())
        .append_pair(EXPIRES, &expires.timestamp().to_string())
        .finish();
    let (id, name) = (row.id.to_string(), plain_name(row.kind, row, merchant.zone));
    let signature = HEXLOWER.encode(&signature(app, &id, &name, &query));
    let home = app.settings.http.public_url.trim_end_matches('/');
    format!("{home}/exports/{id}/{name}?{query}{SIGNATURE}{signature}")
}

/// The file behind a link. One that has ended, or was not signed here as it stands, is refused; a file that is
/// gone is not found.
pub async fn open(app: &App, id: &str, name: &str, query: &str) -> Result<Kept, Error> {
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
    let (Some(expires), Some(merchant_id), Some(id)) = (expires, merchant_id, id) else {
        return Err(forged());
    };
    let merchant = crate::merchant::find(app, merchant_id).await?;
    if expires <= app.clock.now() || merchant.row.status == MerchantStatus::Closed {
        return Err(Error::Denied(Problem::new(
            "This link has ended. Ask for a new one.",
            "此链接已过期，请重新获取。",
        )));
    }
    kept(app, merchant_id, id).await
}

fn forged() -> Error {
    Error::Denied(Problem::new(
        "This link was not made here as it stands.",
        "此链接无效或已被修改。",
    ))
}

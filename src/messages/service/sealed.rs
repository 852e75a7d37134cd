//! What was sent, at rest: it may hold a name.

use entity::message_recipient::{Model, bound_to};
use entity::{MerchantId, MessageRecipientId};

use crate::error::Error;
use crate::messages::model::Rendered;
use crate::seal::MasterKey;

/// Seals what a member was sent.
pub(super) fn seal(
    key: &MasterKey,
    merchant_id: MerchantId,
    id: MessageRecipientId,
    rendered: &Rendered,
) -> Result<Vec<u8>, Error> {
    let plain = serde_json::to_vec(rendered).map_err(|error| Error::internal(error.to_string()))?;
    key.seal(&plain, &bound_to(merchant_id, id))
}

/// Opens what a member was sent; none where nothing was, or it was erased.
pub fn open(key: &MasterKey, row: &Model) -> Result<Option<Rendered>, Error> {
    let Some(sealed) = &row.sealed else {
        return Ok(None);
    };
    let plain = key.open(sealed, &bound_to(row.merchant_id, row.id))?;
    let rendered = serde_json::from_slice(&plain);
    rendered.map_err(|_| Error::internal("a sealed message cannot be read"))
}

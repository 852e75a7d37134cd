//! Who buys, as clients see them.

use async_graphql::{Context, SimpleObject};

use crate::auth::model::{Scope, mask_name, mask_phone};
use crate::error::Error;
use crate::graphql::Ask;
use crate::orders::model::Buyer as SealedBuyer;
use crate::orders::service::Detail;

/// Who buys 买家.
#[derive(Clone, Debug, SimpleObject)]
pub struct Buyer {
    /// The name.
    pub name: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// Whether the reader lacks the scope `personal:read`, so that only parts are shown.
    pub masked: bool,
}

/// Who buys an order, masked for who may not see it.
pub(super) fn buyer(
    ctx: &Context<'_>,
    detail: Result<Detail, Error>,
) -> Result<Option<Buyer>, Error> {
    let actor = ctx.actor()?;
    let Some(sealed) = detail?.sealed_buyer else {
        return Ok(None);
    };
    let plain = ctx
        .app()
        .key
        .open(&sealed, &actor.merchant_id.to_string())?;
    let buyer: SealedBuyer = serde_json::from_slice(&plain)
        .map_err(|_| Error::internal("a sealed buyer cannot be read"))?;
    let masked = !actor.may(Scope::PersonalRead);
    Ok(Some(Buyer {
        name: buyer
            .name
            .map(|name| if masked { mask_name(&name) } else { name }),
        phone: buyer
            .phone
            .map(|phone| if masked { mask_phone(&phone) } else { phone }),
        masked,
    }))
}

//! Whether rules name channels that the merchant has.

use entity::MerchantId;

use crate::app::App;
use crate::campaigns::model::{Invalid, Rules};
use crate::channels;
use crate::error::Error;

/// Whether the channels of rules are the merchant's: for campaigns and coupons. Everything else about rules is
/// [`Rules::check`]'s.
pub async fn check_channels(
    app: &App,
    merchant_id: MerchantId,
    rules: &Rules,
) -> Result<Result<(), Invalid>, Error> {
    let ids = &rules.scope.channels;
    if ids.is_empty() {
        return Ok(Ok(()));
    }
    let known = channels::service::find_many(app, merchant_id, ids).await?;
    Ok(rules.scope.check_channels(|id| known.contains_key(&id)))
}

//! Which channel's platform sends small amounts.

use entity::channel::{self, ChannelKind};
use entity::{MerchantId, payout_terms};

use crate::app::App;
use crate::channels::model::plays;
use crate::channels::providers::Providers;
use crate::channels::service::list;
use crate::error::Error;

/// The channel whose platform checks a merchant's bank accounts: the one that its payouts go through, or the first
/// open one that can. The sandbox sends nothing, and proves nothing about an account that money is to go to: it checks
/// where its payouts go through it, too. None where no open channel can.
pub async fn checking_channel(
    app: &App,
    providers: &Providers,
    merchant_id: MerchantId,
) -> Result<Option<channel::Model>, Error> {
    let terms = payout_terms::Entity::of(merchant_id)
        .one(&app.db.reads(merchant_id))
        .await?;
    let wanted = terms.and_then(|terms| terms.channel_id);
    let mut able: Vec<channel::Model> = Vec::new();
    let channels = list(app, merchant_id).await?;
    let plays = plays(&channels);
    for channel in channels {
        let is_meant = plays || channel.kind != ChannelKind::Sandbox || wanted == Some(channel.id);
        let can = channel.enabled
            && is_meant
            && providers
                .find(app, &channel)
                .is_ok_and(|provider| provider.checks_accounts());
        if can {
            able.push(channel);
        }
    }
    let preferred = able.iter().find(|channel| Some(channel.id) == wanted);
    Ok(preferred.or(able.first()).cloned())
}

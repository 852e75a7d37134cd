//! Whose turn it is to build a merchant's statistics: one builds at a time, and who was too slow stops.

use entity::{EventId, MerchantId, statistics_position};
use sea_orm::DatabaseTransaction;

use crate::app::App;
use crate::error::Error;
use crate::lease;

/// A turn, under a name that no other has: once another took over it never comes back.
pub(super) struct Turn<'a> {
    pub app: &'a App,
    pub merchant_id: MerchantId,
    lease: String,
    holder: String,
}

impl<'a> Turn<'a> {
    /// The next turn; none where another has it.
    pub async fn take(app: &'a App, merchant_id: MerchantId) -> Result<Option<Self>, Error> {
        let name: EventId = app.ids.next();
        let turn = Self {
            app,
            merchant_id,
            lease: format!("statistics.rebuild:{merchant_id}"),
            holder: format!("{:016x}", name.0),
        };
        let is_taken = lease::hold(app, &turn.lease, &turn.holder).await?;
        Ok(is_taken.then_some(turn))
    }

    /// Renews it; false where another took over, whether or not that one has finished.
    pub async fn goes_on(&self) -> Result<bool, Error> {
        lease::renew(self.app, &self.lease, &self.holder).await
    }

    /// Renews it in a transaction that writes; nobody takes over until its end. False where another did, or
    /// where `served` is not what is served any more.
    pub async fn goes_on_in(
        &self,
        txn: &DatabaseTransaction,
        served: Option<i16>,
    ) -> Result<bool, Error> {
        if !lease::renew_in(self.app, txn, &self.lease, &self.holder).await? {
            return Ok(false);
        }
        let now = statistics_position::Entity::of(self.merchant_id)
            .one(txn)
            .await?;
        Ok(now.map(|now| now.generation) == served)
    }

    /// Lets another one build at once.
    pub async fn end(&self) -> Result<(), Error> {
        lease::release(self.app, &self.lease, &self.holder).await
    }
}

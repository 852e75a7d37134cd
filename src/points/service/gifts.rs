//! Gives many locked members points at once, in few statements however many they are.

use entity::{MerchantId, member};
use sea_orm::DatabaseTransaction;

use super::book::{Booking, write_each};
use super::wallet::Grant;
use crate::app::App;
use crate::error::Error;
use crate::points::model::{Fresh, Purse};

/// Gives locked members points, none of them twice, and tells of each once.
pub async fn grant_many(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    grants: Vec<(member::Model, Grant<'_>)>,
) -> Result<(), Error> {
    let (mut purses, mut bookings) = (Vec::new(), Vec::new());
    for (member, grant) in grants {
        // No lot but the new one has a part in it.
        let mut purse = Purse::of(member, Vec::new());
        let fresh = Fresh {
            id: app.ids.next(),
            origin: grant.origin,
            source_id: grant.source_id,
            points: grant.points,
            releases_at: grant.releases_at,
            expires_at: grant.expires_at,
        };
        purse.come(fresh, grant.kind);
        purses.push(purse);
        bookings.push(Booking {
            source_id: grant.source_id,
            round: 0,
            actor: grant.actor,
            note: grant.note,
        });
    }
    write_each(app, txn, merchant_id, &purses, &bookings).await
}

//! Tells all merchants that somebody works for that their second factor is another.

use entity::event::EventKind;
use entity::{StaffId, membership};
use sea_orm::DatabaseTransaction;

use crate::app::App;
use crate::error::Error;
use crate::events;

/// Tells all merchants that a person works for, in the transaction of the change: owners notice what the person did not
/// do. Events of other merchants than the actor's are numbered a moment later.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    staff_id: StaffId,
) -> Result<(), Error> {
    let (now, kind) = (app.clock.instant(), EventKind::SecondFactorChanged);
    for membership in membership::Entity::of_staff(staff_id).all(txn).await? {
        let merchant_id = membership.merchant_id;
        events::record(txn, &app.ids, now, merchant_id, kind, staff_id).await?;
    }
    Ok(())
}

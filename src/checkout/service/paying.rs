//! Takes the points that pay for a part of an order, in the transaction that makes it.

use entity::point_entry::PointKind;
use entity::{MerchantId, OrderId, member, order_point};
use sea_orm::{DatabaseTransaction, EntityTrait, IntoActiveModel};

use super::quote::{Priced, Standing};
use crate::app::App;
use crate::checkout::model::{CheckoutRefusal, Spending};
use crate::error::{Error, Failure};
use crate::members;
use crate::points::service::{Spend, find_program, spend};

/// Takes the points that an order was priced with, where it was: under the lock on its member, so that of two orders
/// that ask for the last points one has them. A refusal where they are gone, or their rules have changed meanwhile.
pub(super) async fn take_points(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, order_id): (MerchantId, OrderId),
    member: Option<&member::Model>,
    priced: &Priced,
    actor: &str,
) -> Result<(), Failure<CheckoutRefusal>> {
    let Some((spending, version)) = &priced.points else {
        return Ok(());
    };
    let changed = Failure::Refused(CheckoutRefusal::OfferChanged);
    let member = member.ok_or(Error::internal("points were priced for nobody"))?;
    let locked = members::service::lock(txn, merchant_id, member.id).await?;
    let member = locked.ok_or(Error::NotFound)?;
    if Some(Standing::of_member(&member)) != priced.standing {
        return Err(changed);
    }
    let program = find_program(txn, merchant_id).await?;
    if program.is_none_or(|program| program.version != *version) {
        return Err(changed);
    }
    let wanted = Spend {
        kind: PointKind::Spent,
        points: spending.points,
        source_id: Some(order_id.0),
        actor,
        note: None,
    };
    if let Err(not_enough) = spend(app, txn, &member, wanted).await? {
        return Err(Failure::Refused(CheckoutRefusal::NotEnoughPoints {
            has: not_enough.available,
        }));
    }
    let row = order_point::Model {
        merchant_id,
        order_id,
        member_id: member.id,
        spent: spending.points,
        off_minor: spending.off_minor,
        shares: shares_text(spending)?,
        held: true,
        restored: 0,
        // What it earns, and by which rules, is told when it is paid.
        base_minor: 0,
        earn_points: 0,
        earn_per_minor: 0,
        multiplier_ppm: 0,
        earned: 0,
        clawed: 0,
    };
    order_point::Entity::insert(row.into_active_model())
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn shares_text(spending: &Spending) -> Result<String, Error> {
    serde_json::to_string(&spending.shares).map_err(|error| Error::internal(error.to_string()))
}

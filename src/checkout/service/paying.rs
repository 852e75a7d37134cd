//! Takes the points that pay for a part of an order, in the transaction that makes it.

use entity::point_entry::PointKind;
use entity::{MerchantId, OrderId, member, order_point};
use sea_orm::{ActiveValue, DatabaseTransaction, EntityTrait};

use super::quote::{Priced, Standing};
use crate::app::App;
use crate::checkout::model::{CheckoutRefusal, Spending};
use crate::error::{Error, Failure};
use crate::members;
use crate::points::model::ONE_PPM;
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
    let Some(program) = program.filter(|program| program.version == *version) else {
        return Err(changed);
    };
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
    let row = order_point::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        order_id: ActiveValue::Set(order_id),
        member_id: ActiveValue::Set(member.id),
        spent: ActiveValue::Set(spending.points),
        off_minor: ActiveValue::Set(spending.off_minor),
        shares: ActiveValue::Set(shares_text(spending)?),
        held: ActiveValue::Set(true),
        restored: ActiveValue::Set(0),
        // What it earns is told when it is paid, by the rules of then.
        base_minor: ActiveValue::Set(0),
        earn_points: ActiveValue::Set(program.earn_points),
        earn_per_minor: ActiveValue::Set(program.earn_per_minor),
        multiplier_ppm: ActiveValue::Set(ONE_PPM),
        earned: ActiveValue::Set(0),
        clawed: ActiveValue::Set(0),
    };
    order_point::Entity::insert(row)
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

fn shares_text(spending: &Spending) -> Result<String, Error> {
    serde_json::to_string(&spending.shares).map_err(|error| Error::internal(error.to_string()))
}

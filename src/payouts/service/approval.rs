//! Sets which payouts wait for a second person.

use entity::merchant;
use entity::{MerchantId, merchant::Column};
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::Expr;

use super::known::lock_merchant;
use crate::app::App;
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::payouts::model::ApprovalSetRefusal;
use crate::second_factor::service::with_code;

/// Sets above which amount payouts wait for a second person; none where none do. Always with a code of a second
/// factor that has rested: whoever has stolen a session neither takes the guard away nor locks the merchant out.
pub async fn set_approval(
    app: &App,
    actor: &Actor,
    above_minor: Option<i64>,
    code: &str,
) -> Result<merchant::Model, Failure<ApprovalSetRefusal>> {
    let merchant_id = actor.merchant_id;
    let row = with_code(
        app,
        actor,
        code,
        "payoutApprovalSet",
        |txn, code| async move {
            let before = lock_merchant(&txn, merchant_id).await?;
            code.spend_for_money(&txn).await?;
            if before.payout_approval_above_minor != above_minor {
                write(&txn, merchant_id, above_minor).await?;
            }
            Ok(merchant::Model {
                payout_approval_above_minor: above_minor,
                ..before
            })
        },
    )
    .await?;
    app.merchants.invalidate(&merchant_id);
    Ok(row)
}

async fn write(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    above_minor: Option<i64>,
) -> Result<(), Error> {
    merchant::Entity::update_of(merchant_id)
        .col_expr(Column::PayoutApprovalAboveMinor, Expr::value(above_minor))
        .exec(txn)
        .await?;
    Ok(())
}

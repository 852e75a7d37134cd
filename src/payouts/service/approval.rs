//! Sets which payouts wait for a second person.

use entity::event::EventKind;
use entity::merchant;
use entity::{MerchantId, merchant::Column};
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::known::lock_merchant;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
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
    let tried = Deed::of("payoutApprovalSet").on(merchant_id);
    let row = with_code(app, actor, code, tried, |txn, code| async move {
        let before = lock_merchant(&txn, merchant_id).await?;
        code.spend_for_money(&txn).await?;
        let current = before.payout_approval_above_minor;
        if current != above_minor {
            write(&txn, merchant_id, above_minor).await?;
            let deed = Deed::of("payoutApprovalSet").on(merchant_id);
            let deed = deed.changed(shown(current), shown(above_minor));
            audit::record(app, &txn, actor, deed).await?;
            let (now, kind) = (app.clock.instant(), EventKind::PayoutApprovalSet);
            events::record(&txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        }
        Ok(merchant::Model {
            payout_approval_above_minor: above_minor,
            ..before
        })
    })
    .await?;
    app.merchants.invalidate(&merchant_id);
    Ok(row)
}

/// The amount as the audit log shows it.
fn shown(above_minor: Option<i64>) -> Value {
    json!({ "payoutApprovalAboveMinor": above_minor })
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

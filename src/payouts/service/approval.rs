//! Sets which payouts wait for a second person.

use chrono::TimeDelta;
use entity::event::EventKind;
use entity::merchant::{self, Column};
use sea_orm::DatabaseTransaction;
use sea_orm::sea_query::Expr;
use serde_json::{Value, json};

use super::known::lock_merchant;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::events;
use crate::payouts::model::{ApprovalSetRefusal, with_approval};
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
        let now = app.clock.now();
        let rest = TimeDelta::seconds(app.settings.payouts.approval_rest_s);
        let after = with_approval(&before, above_minor, now, rest);
        let current = before.payout_approval_above_minor;
        if current != above_minor {
            write(&txn, &after).await?;
            let deed = Deed::of("payoutApprovalSet").on(merchant_id);
            let deed = deed.changed(shown(current), shown(above_minor));
            audit::record(app, &txn, actor, deed).await?;
            let (now, kind) = (app.clock.instant(), EventKind::PayoutApprovalSet);
            events::record(&txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        }
        Ok(if current == above_minor {
            before
        } else {
            after
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

async fn write(txn: &DatabaseTransaction, row: &merchant::Model) -> Result<(), Error> {
    let (above, before) = (
        row.payout_approval_above_minor,
        row.payout_approval_before_minor,
    );
    let until = row.payout_approval_before_until;
    merchant::Entity::update_of(row.id)
        .col_expr(Column::PayoutApprovalAboveMinor, Expr::value(above))
        .col_expr(Column::PayoutApprovalBeforeMinor, Expr::value(before))
        .col_expr(Column::PayoutApprovalBeforeUntil, Expr::value(until))
        .exec(txn)
        .await?;
    Ok(())
}

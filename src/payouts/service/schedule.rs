//! The merchant's payout schedule: read, and set with a code.

use entity::event::EventKind;
use entity::payout_schedule::{Column, Entity, Model};
use entity::{Instant, MerchantId, bank_account};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
};
use serde_json::{Value, json};

use entity::bank_account::BankAccountState;

use super::known::lock_merchant;
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::bank_accounts;
use crate::error::{Error, Failure};
use crate::events;
use crate::merchant::zone_of;
use crate::payouts::model::{ScheduleDraft, ScheduleRefusal};
use crate::second_factor::service::with_code;

type Outcome<T> = Result<T, Failure<ScheduleRefusal>>;

/// A merchant's schedule; none where none was ever set.
pub async fn maybe_find_schedule(
    app: &App,
    merchant_id: MerchantId,
) -> Result<Option<Model>, Error> {
    Ok(Entity::of(merchant_id)
        .one(&app.db.reads(merchant_id))
        .await?)
}

/// Sets the schedule, with a code: from then on it asks in the name of whoever set it. `expected` is its version as
/// the asker knows it, 0 where there is none.
pub async fn set_schedule(
    app: &App,
    actor: &Actor,
    expected: i32,
    code: &str,
    draft: &ScheduleDraft,
) -> Outcome<Model> {
    draft.check().map_err(Failure::Refused)?;
    let merchant_id = actor.merchant_id;
    let tried = Deed::of("payoutScheduleSet").on(merchant_id);
    with_code(app, actor, code, tried, |txn, code| async move {
        let merchant = lock_merchant(&txn, merchant_id).await?;
        let before = Entity::of(merchant_id).one(&*txn).await?;
        let current = before.as_ref().map_or(0, |row| row.version);
        if current != expected {
            return Err(Failure::Refused(ScheduleRefusal::VersionConflict {
                current,
            }));
        }
        check_account(&txn, merchant_id, draft).await?;
        code.spend_for_money(&txn).await?;
        // Looked at again under its lock: nobody unbinds what the schedule uses.
        bank_accounts::service::lock(&txn, merchant_id, draft.bank_account_id).await?;
        let account = check_account(&txn, merchant_id, draft).await?;
        let now = app.clock.instant();
        // Before that nothing would leave.
        let from = account.payable_from.map_or(now.0, |from| from.0.max(now.0));
        let row = Model {
            merchant_id,
            bank_account_id: draft.bank_account_id,
            cadence: draft.cadence,
            day: draft.day,
            at_minute: draft.at_minute,
            retained_minor: draft.retained_minor,
            min_minor: draft.min_minor,
            version: current + 1,
            set_by: actor.name(),
            set_at: now,
            paused: draft.paused,
            next_at: draft.first_after(zone_of(&merchant)?, from).map(Instant),
            last_at: before.as_ref().and_then(|row| row.last_at),
            last_outcome: before.as_ref().and_then(|row| row.last_outcome.clone()),
        };
        keep(&txn, row.clone()).await?;
        let kind = EventKind::PayoutScheduleSet;
        events::record(&txn, &app.ids, now, merchant_id, kind, merchant_id).await?;
        let deed = Deed::of("payoutScheduleSet").on(merchant_id);
        let deed = deed.changed(before.as_ref().map_or(Value::Null, shown), shown(&row));
        audit::record(app, &txn, actor, deed).await?;
        Ok(row)
    })
    .await
}

/// A schedule as the audit log shows it. In whose name it asks is who set it.
fn shown(row: &Model) -> Value {
    let at = row.at_minute;
    json!({
        "bankAccountId": row.bank_account_id.to_string(),
        "cadence": row.cadence.to_value(),
        "day": row.day,
        "at": format!("{:02}:{:02}", at / 60, at % 60),
        "retainedMinor": row.retained_minor,
        "minimumMinor": row.min_minor,
        "paused": row.paused,
        "setBy": row.set_by,
    })
}

async fn check_account(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    draft: &ScheduleDraft,
) -> Outcome<bank_account::Model> {
    let account = bank_account::Entity::of(merchant_id)
        .filter(bank_account::Column::Id.eq(draft.bank_account_id))
        .one(txn)
        .await?
        .ok_or(Failure::Refused(ScheduleRefusal::AccountNotFound))?;
    if account.state == BankAccountState::Verified {
        Ok(account)
    } else {
        Err(Failure::Refused(ScheduleRefusal::AccountNotVerified))
    }
}

async fn keep(txn: &DatabaseTransaction, row: Model) -> Result<(), Error> {
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::column(Column::MerchantId)
                .update_columns([
                    Column::BankAccountId,
                    Column::Cadence,
                    Column::Day,
                    Column::AtMinute,
                    Column::RetainedMinor,
                    Column::MinMinor,
                    Column::Version,
                    Column::SetBy,
                    Column::SetAt,
                    Column::Paused,
                    Column::NextAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(txn)
        .await?;
    Ok(())
}

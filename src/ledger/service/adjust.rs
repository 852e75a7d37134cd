//! Corrects a balance, as the platform's staff decided.

use entity::event::EventKind;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{LedgerTransactionId, MerchantId};
use sea_orm::ActiveEnum;
use serde_json::json;

use super::post::{append, take_for};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::events;
use crate::ledger::model::{AdjustRefusal, Adjustment, Posting};
use crate::money::Money;

/// Corrects what is available or prepaid, against ADJUSTMENT; refused where more would be taken than is
/// available.
pub async fn adjust(
    app: &App,
    merchant_id: MerchantId,
    adjustment: &Adjustment,
) -> Result<LedgerTransactionId, Failure<AdjustRefusal>> {
    let changes = adjustment.changes().map_err(Failure::Refused)?;
    let currency = crate::merchant::find(app, merchant_id).await?.currency;
    // It is about nothing but itself: a number of its own.
    let source_id: LedgerTransactionId = app.ids.next();
    let posting = &Posting {
        source: LedgerSource::Adjustment,
        source_id: source_id.0,
        step: LedgerStep::Adjusted,
        round: 1,
        changes,
    };
    let note = Some(adjustment.reason.trim());
    app.write(merchant_id, |txn| async move {
        let id = if changes.get(LedgerAccount::Available) < 0 {
            let taken = take_for(app, &txn, merchant_id, currency, posting, note).await;
            taken.map_err(|failure| match failure {
                Failure::Refused(refusal) => Failure::Refused(AdjustRefusal::Insufficient(refusal)),
                Failure::Failed(error) => Failure::Failed(error),
            })?
        } else {
            append(app, &txn, merchant_id, currency, posting, note).await?
        };
        let (now, kind) = (app.clock.instant(), EventKind::BalanceAdjusted);
        events::record(&txn, &app.ids, now, merchant_id, kind, id).await?;
        let actor = Actor::system(merchant_id);
        let deed = Deed::of("balanceAdjust").on(id);
        let deed = deed.made(json!({
            "account": adjustment.account.to_value(),
            "amount": Money::of_minor(adjustment.minor, currency).to_decimal().to_string(),
            "currency": currency.code(),
            "reason": note,
        }));
        audit::record(app, &txn, &actor, deed).await?;
        Ok(id)
    })
    .await
}

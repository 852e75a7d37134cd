//! Says beforehand what a payout would do.

use entity::ledger_entry::LedgerAccount;
use entity::{BankAccountId, channel};

use super::known::Known;
use crate::app::App;
use crate::auth::model::Actor;
use crate::error::Error;
use crate::ledger;
use crate::payouts::model::{Arrival, ChallengeRefusal, decide, expected, needs_approval};

/// What a payout would do.
#[derive(Clone, Debug)]
pub struct Quote {
    /// What it would cost, in minor units.
    pub fee_minor: i64,
    /// What would arrive, in minor units.
    pub net_minor: i64,
    /// The channel whose platform would pay it out; none where none does.
    pub channel: Option<channel::Model>,
    /// What is available, in minor units.
    pub available_minor: i64,
    /// What is left of today's limit, in minor units; none without a limit.
    pub left_today_minor: Option<i64>,
    /// Whether a second person would have to agree.
    pub needs_approval: bool,
    /// When it would arrive; none where the calendar does not reach so far.
    pub arrival: Option<Arrival>,
    /// The last year that the calendar of working days knows.
    pub calendar_until: Option<i32>,
    /// Why it would not be made.
    pub refusal: Option<ChallengeRefusal>,
}

/// Says what a payout would do now. Nothing is written or set aside.
pub async fn quote(
    app: &App,
    actor: &Actor,
    account_id: BankAccountId,
    amount_minor: i64,
) -> Result<Quote, Error> {
    let merchant_id = actor.merchant_id;
    let known = Known::read(app, &app.db.reads(merchant_id), merchant_id, account_id).await?;
    if known.account.is_none() {
        return Err(Error::NotFound);
    }
    let now = app.clock.now();
    let balances = ledger::service::balance(app, merchant_id).await?;
    let available_minor = balances.get(LedgerAccount::Available);
    let payable = known.payable();
    let decided = decide(&payable, amount_minor, now);
    let decided = decided.and_then(|_| payable.check_available(available_minor, amount_minor));
    let refusal = decided.err();
    let fee_minor = known.terms.fee(amount_minor.max(0));
    Ok(Quote {
        fee_minor,
        net_minor: amount_minor.max(0) - fee_minor,
        available_minor: available_minor.max(0),
        left_today_minor: payable.left_today(),
        needs_approval: needs_approval(&known.merchant, amount_minor, app.clock.now()),
        arrival: expected(&app.calendar, &known.terms, known.zone, now),
        calendar_until: app.calendar.last_year(),
        refusal,
        channel: known.channel.clone(),
    })
}

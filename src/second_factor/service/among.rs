//! Codes for what is decided about people: asked for once somebody who works there has a second factor.

use entity::{Instant, StaffId, second_factor};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};

use super::code::Code;
use crate::app::App;
use crate::auth::model::Actor;
use crate::db::Txn;
use crate::error::Failure;
use crate::second_factor::model::{SecondFactorRefusal, Secret, staff_of};

/// As [`super::with_code`], where a code need not have been typed: `work` calls [`prove_among`], which knows. Whoever
/// calls it tells the audit log of what was denied.
pub async fn with_code_if_any<T, R, F>(
    app: &App,
    actor: &Actor,
    text: Option<&str>,
    purpose: &'static str,
    work: impl Fn(Txn, Option<Code>) -> F,
) -> Result<T, Failure<R>>
where
    F: Future<Output = Result<T, Failure<R>>>,
{
    let Some(text) = text else {
        return app.write(actor.merchant_id, |txn| work(txn, None)).await;
    };
    let code = Code::count(app, actor, text, Secret::Confirmed, purpose).await?;
    let result = app
        .write(actor.merchant_id, |txn| work(txn, Some(code.clone())))
        .await;
    code.settle(result.is_ok()).await?;
    result
}

/// What an actor decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// Something by which no money is moved: a code is asked for once anybody has a second factor.
    Ordinary,
    /// Who may move money: a code is always asked for. Else whoever stole a session where nobody has a second factor
    /// would let in an accomplice, who sets one up.
    Money,
}

/// Has an actor prove what they decide. Where anybody of `staff`, who are all that work for the merchant, has a second
/// factor, it takes a code: else whoever stole a session would let in an accomplice, or have those removed who would
/// notice. Where nobody has one, it depends on what is at stake. Returns since when money may leave by the second
/// factor that proved it; none where nothing was asked for.
pub async fn prove_among<R: From<SecondFactorRefusal>>(
    txn: &DatabaseTransaction,
    actor: &Actor,
    staff: Vec<StaffId>,
    code: Option<&Code>,
    stake: Stake,
) -> Result<Option<Instant>, Failure<R>> {
    let refused = |refusal: SecondFactorRefusal| Failure::Refused(R::from(refusal));
    let staff_id = staff_of(actor).map_err(refused)?;
    let having: Vec<StaffId> = second_factor::Entity::of_any(staff)
        .filter(second_factor::Column::ConfirmedAt.is_not_null())
        .select_only()
        .column(second_factor::Column::StaffId)
        .into_tuple()
        .all(txn)
        .await?;
    if having.is_empty() && stake == Stake::Ordinary {
        return Ok(None);
    }
    match code {
        Some(code) => Ok(Some(code.spend_rested_from(txn).await?)),
        // Nothing was guessed where nothing was typed.
        None if having.contains(&staff_id) => Err(refused(SecondFactorRefusal::CodeNeeded)),
        None => Err(refused(SecondFactorRefusal::SecondFactorNeeded)),
    }
}

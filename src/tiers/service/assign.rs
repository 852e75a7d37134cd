//! A person gives a member a tier.

use entity::tier_change::TierChangeReason;
use entity::{MemberId, member};
use serde_json::{Value, json};

use super::set::moment;
use super::shown::read;
use super::sums::sums_of;
use super::write::{By, Change, write};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::error::Failure;
use crate::members::service as members;
use crate::tiers::model::{AssignRefusal, Assignment, Held, Ladder, Moment, Step, Sums, assigned};

/// Gives a member a tier, never one below what they reach by themselves; or takes away what they do not reach.
/// Returns the member as they are now.
pub async fn assign(
    app: &App,
    actor: &Actor,
    member_id: MemberId,
    wanted: &Assignment,
) -> Result<member::Model, Failure<AssignRefusal>> {
    let merchant_id = actor.merchant_id;
    let at = moment(app, merchant_id).await?;
    wanted
        .check(at.now)
        .map_err(|invalid| Failure::Refused(invalid.into()))?;
    app.write(merchant_id, |txn| async move {
        let member = members::lock(&txn, merchant_id, member_id).await?;
        let member = member.filter(|it| it.erased_at.is_none());
        let member = member.ok_or(Failure::Refused(AssignRefusal::MemberNotFound))?;
        // Who was named may have become a part of this one.
        let member_id = member.id;
        let ladder = read(&*txn, merchant_id).await?;
        let whose = (merchant_id, member_id);
        let sums = sums_of(app, &*txn, whose, &ladder.windows(), at.today()).await?;
        let from = Held::of(&member);
        let to = given(&ladder, from, &sums, wanted, at).map_err(Failure::Refused)?;
        if to == from {
            return Ok(member);
        }
        let change = Change {
            member_id,
            from,
            step: Step {
                to,
                reason: TierChangeReason::Assigned,
            },
        };
        let by = By {
            actor: &actor.name(),
            note: Some(wanted.note.trim()),
        };
        write(app, &txn, merchant_id, &[change], by).await?;
        let after = json!({ "reason": wanted.note.trim() });
        let deed = Deed::of("memberTierSet").on(member_id);
        let deed = deed.changed(shown(from, Value::Null), shown(to, after));
        audit::record(app, &txn, actor, deed).await?;
        Ok(member::Model {
            tier_id: to.map(|to| to.tier_id),
            tier_since: to.map(|to| to.since),
            tier_until: to.and_then(|to| to.until),
            ..member
        })
    })
    .await
}

/// What they are to have. Who has the tier already has it since then.
fn given(
    ladder: &Ladder,
    from: Option<Held>,
    sums: &Sums,
    wanted: &Assignment,
    at: Moment,
) -> Result<Option<Held>, AssignRefusal> {
    let reached = ladder.reached(sums);
    let since = |to: Held| {
        let same = from.filter(|from| from.tier_id == to.tier_id);
        Held {
            since: same.map_or(to.since, |from| from.since),
            ..to
        }
    };
    let Some(id) = wanted.tier_id else {
        let kept = from.filter(|from| Some(from.tier_id) == reached.map(|tier| tier.id));
        return Ok(kept.or_else(|| reached.map(|tier| Held::fresh(tier, at))));
    };
    let tier = ladder.find(id).ok_or(AssignRefusal::TierNotFound)?;
    if let Some(higher) = reached.filter(|reached| reached.rank > tier.rank) {
        return Err(AssignRefusal::ReachesMore {
            name: higher.name.clone(),
        });
    }
    Ok(Some(since(assigned(tier, wanted.until, at))))
}

fn shown(held: Option<Held>, mut more: Value) -> Value {
    let told = json!({
        "tier": held.map(|held| held.tier_id.to_string()),
        "until": held.and_then(|held| held.until).map(|until| until.0.to_rfc3339()),
    });
    match (&mut more, told) {
        (Value::Object(more), Value::Object(told)) => {
            let mut told = told;
            told.append(more);
            Value::Object(told)
        }
        (_, told) => told,
    }
}

//! Makes two members one, and looks at the tier that both together have.

use entity::member;

use crate::app::App;
use crate::auth::model::Actor;
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::members::model::MergeRefusal;
use crate::members::service::{self as members, Merger};
use crate::tiers::service::{self as tiers, Look, Why};

/// Makes one member a part of another. The same key with the same two returns the one who stayed, as they are now.
pub async fn merge(
    app: &App,
    actor: &Actor,
    key: &str,
    merger: Merger,
) -> Result<member::Model, Failure<MergeRefusal>> {
    let Merger {
        from,
        into,
        expected,
    } = merger;
    let key = &Key::read(key, "memberMerge", &(from, into, expected))?;
    let merchant_id = actor.merchant_id;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    app.write::<_, Failure<MergeRefusal>, _>(merchant_id, |txn| async move {
        match key.claim(app, &txn, merchant_id, into).await? {
            Claim::New => {}
            Claim::Known(_) => return Ok(()),
            Claim::Reused => return Err(Failure::Refused(MergeRefusal::KeyReused)),
            Claim::InProgress => return Err(Failure::Refused(MergeRefusal::InProgress)),
        }
        let (other, one) = members::merge(app, &txn, actor, merger).await?;
        let look = Look {
            member: &one,
            zone,
            why: Why::Merged { other: &other },
        };
        Ok(tiers::look_again(app, &txn, look).await?)
    })
    .await?;
    let found = members::maybe_find(app, merchant_id, into).await?;
    Ok(found.ok_or(Error::NotFound)?)
}

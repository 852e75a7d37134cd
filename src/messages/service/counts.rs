//! Counts what became of messages.

use std::collections::HashMap;

use entity::message_recipient::{Column, Entity, MessageOutcome};
use entity::{MerchantId, MessageId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{QueryFilter, QuerySelect};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;

/// What became of a message, in members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Written to.
    pub sent: i64,
    /// Not written to: they have not agreed.
    pub no_consent: i64,
    /// Not written to: what named them is erased.
    pub erased: i64,
}

/// What became of several messages; those of which nobody was reached are not among them.
pub async fn counts(
    app: &App,
    merchant_id: MerchantId,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Counts>, Error> {
    let rows: Vec<(MessageId, MessageOutcome, i64)> = Entity::of(merchant_id)
        .filter(any_of(&app.db, Column::MessageId, ids))
        .select_only()
        .columns([Column::MessageId, Column::Outcome])
        .expr_as(Expr::col((Entity, Column::Id)).count(), "members")
        .group_by(Column::MessageId)
        .group_by(Column::Outcome)
        .into_tuple()
        .all(&app.db.reads(merchant_id))
        .await?;
    let mut all: HashMap<MessageId, Counts> = HashMap::new();
    for (id, outcome, members) in rows {
        let counts = all.entry(id).or_default();
        match outcome {
            MessageOutcome::Sent => counts.sent = members,
            MessageOutcome::NoConsent => counts.no_consent = members,
            MessageOutcome::Erased => counts.erased = members,
        }
    }
    Ok(all)
}

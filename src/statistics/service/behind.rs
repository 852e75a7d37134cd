//! Whose statistics have something to do.

use entity::{MerchantId, event_head, statistics_position};
use sea_orm::{FromQueryResult, QueryFilter};

use crate::app::App;
use crate::db::any_of;
use crate::error::Error;

/// A merchant with events that its statistics have not counted.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Behind {
    /// Which merchant.
    pub merchant_id: MerchantId,
    /// The number of the newest event that was removed.
    pub pruned_seq: i64,
    /// The last event that was counted; none where nothing was built yet.
    pub seq: Option<i64>,
}

impl Behind {
    /// Whether everything is to be read again: nothing was built yet, or events were removed before they
    /// were counted.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.seq.is_none_or(|seq| seq < self.pruned_seq)
    }
}

/// The merchants that have events which were not counted: of all, which is to look at each, or of some.
pub async fn behind(app: &App, of: Option<&[MerchantId]>) -> Result<Vec<Behind>, Error> {
    let mut select = statistics_position::Entity::behind();
    if let Some(of) = of {
        select = select.filter(any_of(&app.db, event_head::Column::MerchantId, of));
    }
    Ok(select
        .into_model::<Behind>()
        .all(app.db.reads_across())
        .await?)
}

/// The merchants that have no statistics, or some for another time zone than theirs.
pub async fn unbuilt(app: &App) -> Result<Vec<MerchantId>, Error> {
    Ok(statistics_position::Entity::unbuilt()
        .into_tuple()
        .all(app.db.reads_across())
        .await?)
}

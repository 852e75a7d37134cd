//! Which build of a merchant's statistics is served, and how far it has come.

use chrono_tz::Tz;
use entity::statistics_position::{self, Standing};
use entity::{Instant, MerchantId};

use crate::app::App;
use crate::error::Error;
use crate::statistics::model::Question;

/// What is served.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Which build; none while there is none.
    pub generation: Option<i16>,
    /// The number of the last event that is in it.
    pub seq: i64,
    /// The time zone that its hours and days follow.
    pub zone: Tz,
    /// Everything that happened before this is in it; none while there is no build.
    pub as_of: Option<Instant>,
    /// Whether it holds what was sold of each product.
    pub has_products: bool,
    /// Whether it holds figures by the buyers' tiers.
    pub has_tiers: bool,
}

impl Served {
    /// The build that a question is answered from. One that holds no tiers yet knows nothing of them: it is being built
    /// anew.
    pub(super) fn generation_for(&self, question: &Question) -> Option<i16> {
        let knows = self.has_tiers || !question.by_tier();
        self.generation.filter(|_| knows)
    }
}

/// Says what is served of a merchant's statistics. It is as of the first thing that is not in it, or of now.
pub async fn served(app: &App, merchant_id: MerchantId) -> Result<Served, Error> {
    // Taken before it is read: what happens meanwhile may not be in it.
    let now = app.clock.instant();
    let standing = statistics_position::Entity::standing(merchant_id).into_model::<Standing>();
    let reads = app.db.reads(merchant_id);
    let standing = standing.one(&reads);
    let standing = app.standings.read(merchant_id, standing).await?;
    let Some(standing) = standing else {
        let merchant = crate::merchant::find(app, merchant_id).await?;
        return Ok(Served {
            generation: None,
            seq: 0,
            zone: merchant.zone,
            as_of: None,
            has_products: false,
            has_tiers: false,
        });
    };
    Ok(Served {
        generation: Some(standing.generation),
        seq: standing.seq,
        zone: read_zone(&standing.time_zone)?,
        as_of: Some(as_of(&standing, now)),
        has_products: standing.shape >= statistics_position::WITH_PRODUCTS,
        has_tiers: standing.shape >= statistics_position::WITH_TIERS,
    })
}

/// Up to when everything is in it. Where what is not has been removed, up to what was counted last.
fn as_of(standing: &Standing, now: Instant) -> Instant {
    let is_ahead = standing.last_seq.unwrap_or(0) > standing.seq;
    let next = standing.next_at.unwrap_or(standing.as_of);
    let first = [is_ahead.then_some(next), standing.unnumbered_at];
    first
        .into_iter()
        .flatten()
        .fold(now, |least, at| if at.0 < least.0 { at } else { least })
}

/// The time zone that a position names.
pub(super) fn read_zone(name: &str) -> Result<Tz, Error> {
    let zone = name.parse();
    zone.map_err(|_| Error::internal("the time zone of statistics is not known"))
}

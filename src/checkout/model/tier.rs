//! The discount of a buyer's tier, as an offer like any other.

use chrono::{DateTime, Utc};
use entity::{TierId, tier};

use super::{Offer, OfferId, Taken};
use crate::campaigns::model::{Audience, Benefit, Limits, Rules, Scope, Stacking};

/// The discount of a tier.
#[derive(Clone, Debug)]
pub struct TierDiscount {
    id: TierId,
    rules: Rules,
}

impl TierDiscount {
    /// That of a tier; none where it has none.
    #[must_use]
    pub fn of(row: &tier::Model) -> Option<Self> {
        let rules = Rules {
            benefit: Benefit::Discount {
                off_ppm: row.discount_ppm.into(),
                threshold_minor: 0,
                cap_minor: None,
            },
            scope: Scope::default(),
            audience: Audience::default(),
            hours: Vec::new(),
            stacking: Stacking {
                // Behind every campaign: none has a priority so low.
                priority: i16::MIN,
                group: None,
                exclusive: row.discount_exclusive,
            },
            limits: Limits::default(),
        };
        (row.discount_ppm > 0).then_some(Self { id: row.id, rules })
    }

    /// The same, as pricing takes it.
    #[must_use]
    pub fn offer(&self) -> Offer<'_> {
        Offer {
            id: OfferId::Tier(self.id),
            from: DateTime::<Utc>::MIN_UTC,
            to: None,
            rules: &self.rules,
            taken: Taken::default(),
            held_out: false,
        }
    }
}

//! Decides the order of the payment page.

use std::collections::BTreeSet;

use entity::{ChannelId, channel};

use crate::error::{Problem, Refusal};

/// Why channels were not put into another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReorderRefusal {
    /// There is no such channel.
    NotFound,
    /// A channel stands in the list twice.
    Duplicate,
    /// A channel of the merchant is missing.
    Incomplete {
        /// How many the merchant has.
        channels: usize,
    },
}

impl Refusal for ReorderRefusal {
    fn message(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new(
                "`channelIds` names a channel that there is not.",
                "`channelIds` 中有不存在的渠道。",
            ),
            Self::Duplicate => Problem::new(
                "`channelIds` names a channel twice.",
                "`channelIds` 中有重复的渠道。",
            ),
            Self::Incomplete { channels } => Problem::new(
                format!("`channelIds` names each of the {channels} channels; read them again."),
                format!("`channelIds` 须包含全部 {channels} 个渠道，请重新读取。"),
            ),
        }
    }

    fn field(&self) -> Option<String> {
        Some("channelIds".to_owned())
    }
}

/// All channels of a merchant, in the order of the list, each at its new place.
pub fn reorder(
    all: &[channel::Model],
    wanted: &[ChannelId],
) -> Result<Vec<channel::Model>, ReorderRefusal> {
    let distinct: BTreeSet<_> = wanted.iter().collect();
    if distinct.len() < wanted.len() {
        return Err(ReorderRefusal::Duplicate);
    }
    let places = (1..).zip(wanted);
    let placed = places.map(|(place, id)| {
        let row = all.iter().find(|row| row.id == *id);
        row.map(|row| channel::Model {
            display_order: place,
            ..row.clone()
        })
    });
    let placed: Option<Vec<_>> = placed.collect();
    let placed = placed.ok_or(ReorderRefusal::NotFound)?;
    if placed.len() < all.len() {
        return Err(ReorderRefusal::Incomplete {
            channels: all.len(),
        });
    }
    Ok(placed)
}

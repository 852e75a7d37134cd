//! Outages of the sandbox that somebody asked for: the same for all instances, and for the same orders
//! whoever asks.

use aws_lc_rs::digest::{SHA256, digest};
use entity::sandbox_outage::{self, OutageKind};
use entity::{ChannelId, MerchantId};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::app::App;
use crate::channels::provider::ProviderError;

/// From which share on a probe meets an outage, in millionths: a half.
const PROBES_FROM_PPM: i32 = 500_000;

/// The outages of one channel's sandbox; what is known of them may be a second old.
#[derive(Clone, Debug)]
pub struct Outages {
    /// Where they are kept.
    pub app: App,
    /// Whose channel.
    pub merchant_id: MerchantId,
    /// Which channel.
    pub channel_id: ChannelId,
}

impl Outages {
    /// Answers a call about a number, unless an outage keeps it from that.
    pub(super) async fn answer(&self, number: &str) -> Result<(), ProviderError> {
        fail(self.fault(number).await)
    }

    /// Answers a probe, unless an outage keeps it from that.
    pub(super) async fn answer_to_probe(&self) -> Result<(), ProviderError> {
        let outage = self.current().await;
        let wide = outage.filter(|outage| outage.share_ppm >= PROBES_FROM_PPM);
        fail(wide.map(|outage| outage.kind))
    }

    /// What goes wrong with what has this number; nothing as a rule. The same number meets the same.
    pub(super) async fn fault(&self, number: &str) -> Option<OutageKind> {
        let outage = self.current().await?;
        (draw_ppm(number) < outage.share_ppm).then_some(outage.kind)
    }

    async fn current(&self) -> Option<sandbox_outage::Model> {
        let (app, key) = (&self.app, (self.merchant_id, self.channel_id));
        let known = match app.outages.get(&key) {
            Some(known) => known,
            None => {
                let asked = sandbox_outage::Entity::of(self.merchant_id)
                    .filter(sandbox_outage::Column::ChannelId.eq(self.channel_id))
                    .one(&app.db.reads(self.merchant_id))
                    .await;
                // Without the database nobody has an order to pay either.
                let read = asked.ok()?;
                app.outages.insert(key, read.clone());
                read
            }
        };
        known.filter(|outage| outage.until.0 > app.clock.now())
    }
}

fn fail(fault: Option<OutageKind>) -> Result<(), ProviderError> {
    match fault {
        Some(OutageKind::Unavailable) => Err(ProviderError::Unavailable(
            "an outage of the sandbox".to_owned(),
        )),
        Some(OutageKind::Unreadable) => Err(ProviderError::Unreadable(
            "an outage of the sandbox".to_owned(),
        )),
        Some(OutageKind::LostCallbacks | OutageKind::Unpayable) | None => Ok(()),
    }
}

/// A number below a million that looks drawn at random and is always the same.
fn draw_ppm(number: &str) -> i32 {
    let hash = digest(&SHA256, number.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_ref()[..8]);
    i32::try_from(u64::from_be_bytes(first) % 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_numbers_are_drawn_as_the_share_says_and_always_the_same() {
        let below = |share| (0..10_000).filter(move |no| draw_ppm(&format!("A{no}")) < share);
        let half = below(500_000).count();
        assert!((4_800..5_200).contains(&half), "{half}");
        assert_eq!(below(1_000_000).count(), 10_000);
        assert_eq!(below(0).count(), 0);
        assert_eq!(draw_ppm("A1"), draw_ppm("A1"));
    }
}

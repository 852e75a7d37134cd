//! Lets a sandbox channel fail for a while, or ends that.

use entity::ChannelId;
use entity::sandbox_outage::OutageKind;
use rust_decimal::Decimal;
use yigate::auth::model::Actor;
use yigate::channels::service::owner;
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};
use yigate::health::model::outage::OutageDraft;
use yigate::health::service::{end_outage, start_outage};

use super::{Outcome, Said, join, print, said};

/// An outage, as it was typed.
#[derive(Debug, clap::Args)]
pub struct OutageWish {
    /// The channel; of kind SANDBOX.
    #[arg(long, value_name = "ID")]
    pub channel: String,
    /// What goes wrong: `unavailable`, `unreadable`, `lost-callbacks`, `unpayable`.
    #[arg(long, default_value = "unavailable")]
    pub kind: String,
    /// For which share of orders, above 0 and at most 1.
    #[arg(long, default_value = "1")]
    pub share: Decimal,
    /// For how many minutes: 1 to 1440.
    #[arg(long, default_value_t = 2)]
    pub minutes: i32,
    /// Ends the outage that is under way instead.
    #[arg(long)]
    pub end: bool,
}

/// Begins an outage, or ends one; the servers notice it within a second.
pub async fn outage(settings: Settings, wish: OutageWish) -> Outcome {
    let channel: ChannelId = wish.channel.parse()?;
    let kind = read_kind(&wish.kind)?;
    let app = join(settings).await?;
    let merchant = owner(&app, channel).await.map_err(|error| said(&error))?;
    let merchant = merchant.ok_or("there is no such channel")?;
    let actor = Actor::system(merchant);
    let told = if wish.end {
        end_outage(&app, &actor, channel).await.map_err(refused)?;
        "works again".to_owned()
    } else {
        let ppm = wish.share * Decimal::from(1_000_000);
        let draft = OutageDraft {
            kind,
            share_ppm: i32::try_from(ppm).unwrap_or(0),
            minutes: wish.minutes,
        };
        let outage = start_outage(&app, &actor, channel, draft)
            .await
            .map_err(refused)?;
        format!("{} until {}", wish.kind, outage.until.0.to_rfc3339())
    };
    app.stop().await;
    print(&format!("{merchant}  {channel}  {told}"))
}

fn refused<R: Refusal>(failure: Failure<R>) -> Said {
    match failure {
        Failure::Refused(refusal) => Said::from(refusal.message().en),
        Failure::Failed(error) => said(&error),
    }
}

fn read_kind(text: &str) -> Result<OutageKind, Said> {
    match text {
        "unavailable" => Ok(OutageKind::Unavailable),
        "unreadable" => Ok(OutageKind::Unreadable),
        "lost-callbacks" => Ok(OutageKind::LostCallbacks),
        "unpayable" => Ok(OutageKind::Unpayable),
        _ => Err("--kind is `unavailable`, `unreadable`, `lost-callbacks` or `unpayable`".into()),
    }
}

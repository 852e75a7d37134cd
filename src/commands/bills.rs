//! Daily bills from files: those larger than a request may be.

use std::path::PathBuf;

use chrono::NaiveDate;
use entity::reconciliation_run::BillFormat;
use entity::{ChannelId, MerchantId};
use yigate::auth::model::Actor;
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};
use yigate::reconciliation::service::{BillSource, NewBill, import};

use super::setup::read_file;
use super::{Outcome, Said, join, print, said};

/// A bill, as it was typed.
#[derive(Debug, clap::Args)]
pub struct BillWish {
    /// The merchant.
    #[arg(long, value_name = "ID")]
    merchant: MerchantId,
    /// The channel that it is the bill of.
    #[arg(long, value_name = "ID")]
    channel: ChannelId,
    /// How it is written: `wechat-pay`, `alipay`, `epay`.
    #[arg(long)]
    format: String,
    /// Its day, in Shanghai: `2026-11-23`.
    #[arg(long)]
    day: NaiveDate,
    /// The file; `-` for standard input.
    file: PathBuf,
}

/// Imports a bill and says what came out.
pub async fn reconcile(settings: Settings, wish: BillWish) -> Outcome {
    let bill = NewBill {
        channel_id: wish.channel,
        format: read_format(&wish.format)?,
        day: wish.day,
        source: BillSource::File(read_file(&wish.file)?),
    };
    let app = join(settings).await?;
    let outcome = import(&app, &Actor::system(wish.merchant), bill).await;
    app.stop().await;
    let run = outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => Said::from(refusal.message().en),
        Failure::Failed(error) => said(&error),
    })?;
    print(&format!(
        "run          {}\nrows         {}\nmatched      {}\ndifferences  {}\ncarried      {}",
        run.id, run.rows, run.matched, run.differences, run.carried
    ))
}

fn read_format(text: &str) -> Result<BillFormat, Said> {
    Ok(match text {
        "wechat-pay" => BillFormat::WechatPay,
        "alipay" => BillFormat::Alipay,
        "epay" => BillFormat::Epay,
        _ => return Err("--format is `wechat-pay`, `alipay` or `epay`".into()),
    })
}

//! Daily bills from files: those larger than a request may be.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use entity::reconciliation_run::BillFormat;
use entity::{ChannelId, MerchantId};
use yigate::auth::model::Actor;
use yigate::config::Settings;
use yigate::error::{Failure, Refusal};
use yigate::reconciliation::service::{BillSource, NewBill, import};

use super::setup::read_file;
use super::{Outcome, Said, print, said, start};

/// A bill, as it was typed.
pub struct BillWish {
    pub merchant: String,
    pub channel: String,
    pub format: String,
    pub day: String,
    pub file: PathBuf,
}

/// Imports a bill and says what came out.
pub async fn reconcile(settings: Settings, wish: BillWish) -> Outcome {
    let merchant_id: MerchantId = wish.merchant.parse()?;
    let channel_id: ChannelId = wish.channel.parse()?;
    let day: NaiveDate = wish
        .day
        .parse()
        .map_err(|_| "--day is a day such as 2026-11-23")?;
    let bill = NewBill {
        channel_id,
        format: read_format(&wish.format)?,
        day,
        source: BillSource::File(read_file(Path::new(&wish.file))?),
    };
    let app = start(settings).await?;
    let outcome = import(&app, &Actor::system(merchant_id), bill).await;
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

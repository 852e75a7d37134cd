//! Builds statistics anew, and checks them against everything that was ever written.

use chrono::{DateTime, NaiveDate, SecondsFormat};
use entity::statistic::Grain;
use entity::{Day, MerchantId, merchant};
use sea_orm::QuerySelect;
use yigate::app::App;
use yigate::config::Settings;
use yigate::statistics::model::{Base, Bucket, Measures};
use yigate::statistics::service::{self, Difference, ProductDifference};

use super::{Outcome, Said, join, print, said};

/// The merchant that is named, or all.
pub(super) async fn merchants(app: &App, named: Option<&str>) -> Result<Vec<MerchantId>, Said> {
    if let Some(id) = named {
        return Ok(vec![id.parse()?]);
    }
    let all = merchant::Entity::all()
        .select_only()
        .column(merchant::Column::Id)
        .into_tuple()
        .all(app.db.reads_across())
        .await?;
    Ok(all)
}

/// Builds statistics anew while the old ones are served.
pub async fn rebuild(settings: Settings, merchant: Option<&str>) -> Outcome {
    let app = join(settings).await?;
    for merchant_id in merchants(&app, merchant).await? {
        let began = std::time::Instant::now();
        let built = service::rebuild(&app, merchant_id).await;
        let told = if built.map_err(|error| said(&error))? {
            format!("built in {} ms", began.elapsed().as_millis())
        } else {
            "another instance is building it".to_owned()
        };
        print(&format!("{merchant_id}  {told}"))?;
    }
    app.stop().await;
    Ok(())
}

/// Counts everything again and prints each figure that is not what it should be; any is an error.
pub async fn check(settings: Settings, merchant: Option<&str>) -> Outcome {
    let app = join(settings).await?;
    let mut found = 0;
    for merchant_id in merchants(&app, merchant).await? {
        let differences = service::check(&app, merchant_id).await;
        let Some(differences) = differences.map_err(|error| said(&error))? else {
            print(&format!("{merchant_id}  nothing is built yet"))?;
            continue;
        };
        let lines = differences.buckets.iter().map(line);
        for line in lines.chain(differences.products.iter().map(product_line)) {
            found += 1;
            print(&format!("{merchant_id}  {line}"))?;
        }
        if differences.buckets.is_empty() && differences.products.is_empty() {
            print(&format!("{merchant_id}  as it should be"))?;
        }
    }
    app.stop().await;
    match found {
        0 => {}
        1 => return Err("1 bucket is not what it should be".into()),
        _ => return Err(format!("{found} buckets are not what they should be").into()),
    }
    print("every bucket is what it should be")
}

/// When a bucket begins: its day, or the instant of its hour.
fn begins(bucket: &Bucket) -> String {
    match bucket.grain {
        Grain::Day => {
            let day = Day(i32::try_from(bucket.starts).unwrap_or_default());
            NaiveDate::from(day).to_string()
        }
        Grain::Hour => DateTime::from_timestamp_millis(bucket.starts)
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Secs, true),
    }
}

/// A bucket in a line: which, and each figure that differs, money in minor units.
fn line(difference: &Difference) -> String {
    let bucket = &difference.bucket;
    let differs = |measures: &Measures| -> Vec<String> {
        let other = |base: &Base| difference.expected.get(*base) != difference.found.get(*base);
        let bases = Base::ALL.into_iter().filter(other);
        bases
            .map(|base| format!("{base:?} {}", measures.get(base)))
            .collect()
    };
    format!(
        "{:?} {} {:?} {} {:?} {:?}: is {}, should be {}",
        bucket.grain,
        begins(bucket),
        bucket.cut,
        bucket.channel_id,
        bucket.country,
        bucket.category,
        differs(&difference.found).join(", "),
        differs(&difference.expected).join(", "),
    )
}

/// What was sold of a product in a line: which, and what differs.
fn product_line(difference: &ProductDifference) -> String {
    let bucket = &difference.bucket;
    format!(
        "{:?} {} {:?} {:?}: is {:?}, should be {:?}",
        bucket.grain,
        bucket.starts,
        bucket.channel_id,
        bucket.product_id,
        difference.found,
        difference.expected,
    )
}

//! Builds statistics anew, and checks them against everything that was ever written.

use entity::{MerchantId, merchant};
use sea_orm::QuerySelect;
use yigate::app::App;
use yigate::config::Settings;
use yigate::statistics::model::{Base, Measures};
use yigate::statistics::service::{self, Difference};

use super::{Outcome, Said, print, said, start};

/// The merchant that is named, or all.
pub(super) async fn merchants(app: &App, named: Option<&str>) -> Result<Vec<MerchantId>, Said> {
    if let Some(id) = named {
        return Ok(vec![id.parse()?]);
    }
    let all = merchant::Entity::all()
        .select_only()
        .column(merchant::Column::Id)
        .into_tuple()
        .all(app.db.reads())
        .await?;
    Ok(all)
}

/// Builds statistics anew while the old ones are served.
pub async fn rebuild(settings: Settings, merchant: Option<&str>) -> Outcome {
    let app = start(settings).await?;
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
    let app = start(settings).await?;
    let mut found = 0;
    for merchant_id in merchants(&app, merchant).await? {
        let differences = service::check(&app, merchant_id).await;
        let Some(differences) = differences.map_err(|error| said(&error))? else {
            print(&format!("{merchant_id}  nothing is built yet"))?;
            continue;
        };
        for difference in &differences {
            found += 1;
            print(&format!("{merchant_id}  {}", line(difference)))?;
        }
    }
    app.stop().await;
    if found > 0 {
        return Err(format!("{found} buckets are not what they should be").into());
    }
    print("every bucket is what it should be")
}

/// A bucket in a line: which, and each figure that differs.
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
        bucket.starts,
        bucket.cut,
        bucket.channel_id,
        bucket.country,
        bucket.category,
        differs(&difference.found).join(", "),
        differs(&difference.expected).join(", "),
    )
}

//! Shows what a message would be before anybody is sent it.

use entity::member::{Column, Model};
use entity::{MerchantId, SegmentId};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::audience::members_of;
use super::people::Called;
use crate::app::App;
use crate::error::Error;
use crate::locale::Locale;
use crate::messages::model::{Rendered, Wording, language};
use crate::segments::service as segments;

/// Of how many members it is shown what they would be written.
const SAMPLES: u64 = 3;

/// What a message would be.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many members are in the segment now.
    pub size: u64,
    /// How many of them agree to be written to.
    pub consented: u64,
    /// What some of these would be written.
    pub samples: Vec<Sample>,
}

/// What one member would be written.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The member.
    pub member: Model,
    /// In which language.
    pub locale: Locale,
    /// In Chinese.
    pub zh: Rendered,
    /// In English; none where there is none.
    pub en: Option<Rendered>,
}

/// What a message to a segment would be; none where there is no such segment. `shown` says how names are written.
pub async fn preview(
    app: &App,
    merchant_id: MerchantId,
    segment_id: SegmentId,
    wording: &Wording,
    shown: fn(&str) -> String,
) -> Result<Option<Preview>, Error> {
    let db = app.db.reads(merchant_id);
    let found = segments::maybe_find(app, merchant_id, segment_id).await?;
    if found.is_none() {
        return Ok(None);
    }
    let merchant = crate::merchant::find(app, merchant_id).await?;
    let all = members_of(app, merchant_id, segment_id, None).await?;
    let agreed = all.clone().filter(Column::ConsentedAt.is_not_null());
    let size = all.count(&db).await?;
    let consented = agreed.clone().count(&db).await?;
    let rows = agreed
        .order_by_asc(Column::Id)
        .limit(SAMPLES)
        .all(&db)
        .await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let called = Called::read(app, &db, merchant_id, &ids, wording).await?;
    let english = wording.has_english();
    let samples = rows.into_iter().map(|row| Sample {
        locale: language(row.locale.as_deref(), &merchant.row.locale, english),
        zh: called.render(wording, &row, Locale::ZhCn, shown),
        en: english.then(|| called.render(wording, &row, Locale::En, shown)),
        member: row,
    });
    Ok(Some(Preview {
        size,
        consented,
        samples: samples.collect(),
    }))
}

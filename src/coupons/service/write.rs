//! Writes coupons, and tells of them: what every way of handing them out shares.

use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use entity::coupon::{ActiveModel, CouponOrigin, CouponState};
use entity::coupon_template::{self, TemplateState};
use entity::event::EventKind;
use entity::{CouponBatchId, CouponId, CouponTemplateId, Instant, MemberId, MerchantId, coupon};
use sea_orm::{ActiveValue, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use aws_lc_rs::rand;

use crate::app::App;
use crate::coupons::model::{code_of, span_of};
use crate::db::share;
use crate::error::Error;
use crate::events;
use crate::time_range::start_of_day;

/// How many coupons one statement writes: SQLite binds 32,766 values at the most.
const MANY: usize = 1_000;

/// Why a template hands out nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// There is no such template.
    NotFound,
    /// It is paused or has ended.
    NotActive,
    /// Its coupons hold no longer.
    Expired,
}

/// A template that hands out coupons, and how long those of now hold.
pub(super) struct Open {
    /// The template, as it is until the transaction ends.
    pub template: coupon_template::Model,
    /// From when, and until before when.
    pub span: (Instant, Instant),
}

/// A template that nobody changes until the transaction ends. Who hands out coupons does not wait for others who do,
/// only for who changes it, or waits to.
pub(super) async fn lock_shared(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    id: CouponTemplateId,
) -> Result<Option<coupon_template::Model>, DbErr> {
    share(txn, &[id]).await?;
    coupon_template::Entity::of(merchant_id)
        .filter(coupon_template::Column::Id.eq(id))
        .one(txn)
        .await
}

/// A template from which coupons are about to be handed out. The merchant's zone is read beforehand: who holds a
/// connection waits for no other one.
pub(super) async fn open(
    app: &App,
    txn: &DatabaseTransaction,
    (merchant_id, zone): (MerchantId, Tz),
    id: CouponTemplateId,
) -> Result<Result<Open, Shut>, Error> {
    let Some(template) = lock_shared(txn, merchant_id, id).await? else {
        return Ok(Err(Shut::NotFound));
    };
    if template.state != TemplateState::Active {
        return Ok(Err(Shut::NotActive));
    }
    let span = span_now(app, zone, &template);
    Ok(span.map_or(Err(Shut::Expired), |span| Ok(Open { template, span })))
}

/// For how long a coupon holds that is handed out now; none where the template's time is over.
pub(super) fn span_now(
    app: &App,
    zone: Tz,
    template: &coupon_template::Model,
) -> Option<(Instant, Instant)> {
    let now = app.clock.now();
    let today = now.with_timezone(&zone).date_naive();
    let day_end = |days: i32| {
        let ahead = Days::new(u64::try_from(days).unwrap_or_default() + 1);
        start_of_day(
            today.checked_add_days(ahead).unwrap_or(NaiveDate::MAX),
            zone,
        )
    };
    span_of(template, now, day_end)
}

/// A coupon that is to be written.
pub(super) struct Fresh {
    /// Its id.
    pub id: CouponId,
    /// Whose it is.
    pub member_id: Option<MemberId>,
    /// How it comes about.
    pub origin: CouponOrigin,
    /// What it is handed out with.
    pub batch_id: Option<CouponBatchId>,
}

/// Writes coupons of a template, each with a code that was drawn for it.
pub(super) async fn insert(
    txn: &DatabaseTransaction,
    open: &Open,
    fresh: &[Fresh],
) -> Result<(), Error> {
    let (template, (from, until)) = (&open.template, open.span);
    for some in fresh.chunks(MANY) {
        let codes = draw(some.len())?;
        let rows = some.iter().zip(codes).map(|(fresh, code)| ActiveModel {
            merchant_id: ActiveValue::Set(template.merchant_id),
            id: ActiveValue::Set(fresh.id),
            template_id: ActiveValue::Set(template.id),
            batch_id: ActiveValue::Set(fresh.batch_id),
            code: ActiveValue::Set(code),
            member_id: ActiveValue::Set(fresh.member_id),
            state: ActiveValue::Set(CouponState::Available),
            origin: ActiveValue::Set(fresh.origin),
            valid_from: ActiveValue::Set(from),
            valid_until: ActiveValue::Set(until),
            order_id: ActiveValue::Set(None),
            used_at: ActiveValue::Set(None),
            voided_at: ActiveValue::Set(None),
            voided_by: ActiveValue::Set(None),
            void_reason: ActiveValue::Set(None),
        });
        coupon::Entity::insert_many(rows)
            .exec_without_returning(txn)
            .await?;
    }
    Ok(())
}

/// So many codes, of the system's randomness.
fn draw(count: usize) -> Result<Vec<String>, Error> {
    let mut random = vec![0_u8; 8 * count];
    rand::fill(&mut random).map_err(|_| Error::internal("no randomness"))?;
    let (bits, _) = random.as_chunks::<8>();
    Ok(bits.iter().copied().map(code_of).collect())
}

/// Tells of a template or a coupon, in the transaction of its change.
pub(super) async fn tell(
    app: &App,
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    kind: EventKind,
    subject_id: impl Into<i64> + Send,
) -> Result<(), DbErr> {
    let now = app.clock.instant();
    events::record(txn, &app.ids, now, merchant_id, kind, subject_id).await
}

//! Hands out many coupons at once: to members, or as single-use codes for whoever has them.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use entity::coupon::CouponOrigin;
use entity::event::EventKind;
use entity::offer_counter::{self, CounterKind};
use entity::{CouponBatchId, CouponTemplateId, MemberId, MerchantId, coupon, coupon_template};
use sea_orm::{ColumnTrait, DatabaseTransaction, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::recipients::{Recipients, first_full};
use super::templates::maybe_find_template;
use super::write::{Fresh, Open, Shut, insert, open, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::model::{CodesRefusal, IssueRefusal, MOST_CODES, Whom};
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::invalid::Invalid;
use crate::members;
use crate::offer_counters::{self, Kind, Place, Span, Take, Takes};

type Outcome<T> = Result<T, Failure<IssueRefusal>>;

/// Coupons that were handed out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// What names them.
    pub id: CouponBatchId,
    /// Of which template.
    pub template_id: CouponTemplateId,
    /// How many.
    pub count: u64,
}

/// Gives each of these members a coupon, or none of them one. A member whom nobody knew is made; of a segment, who has as
/// many as one may is left out. The same key with the same members, or the same segment, returns the same coupons.
pub async fn issue(
    app: &App,
    actor: &Actor,
    key: &str,
    template_id: CouponTemplateId,
    whom: &Whom,
) -> Outcome<Batch> {
    whom.check().map_err(refused)?;
    let key = &match whom {
        Whom::Members(nos) => Key::read(key, "couponIssue", &(template_id, nos))?,
        Whom::Segment(id) => Key::read(key, "couponIssue", &(template_id, "segment", id))?,
    };
    let merchant_id = actor.merchant_id;
    let recipients = &Recipients::of(app, merchant_id, whom).await?;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let whose = (merchant_id, zone);
    let made = app.write::<_, Failure<IssueRefusal>, _>(merchant_id, |txn| async move {
        let (id, open) = match begin(app, &txn, whose, key, template_id).await? {
            Begun::New(id, open) => (id, *open),
            Begun::Known(id) => return Outcome::Ok(id),
        };
        let ids = recipients.find(app, &txn, &open.template).await?;
        let fresh: Vec<Fresh> = ids
            .values()
            .map(|member_id| Fresh {
                id: app.ids.next(),
                member_id: Some(*member_id),
                origin: CouponOrigin::Issued,
                batch_id: Some(id),
            })
            .collect();
        insert(&txn, &open, &fresh).await?;
        let told = (EventKind::CouponIssued, Deed::of("couponIssue"));
        tell_of(app, &txn, actor, &open, told, (id, fresh.len())).await?;
        take_for(&txn, &open.template, &ids).await?;
        take_all(&txn, &open.template, fresh.len()).await?;
        Ok(id)
    });
    let id = match made.await {
        Ok(id) => id,
        Err(failure) => return Err(named(app, merchant_id, template_id, whom, failure).await),
    };
    Ok(find_batch(app, merchant_id, id).await?)
}

/// Makes single-use codes, for whoever has them. The same key with the same number returns the same codes.
pub async fn create_codes(
    app: &App,
    actor: &Actor,
    key: &str,
    template_id: CouponTemplateId,
    count: i64,
) -> Result<Batch, Failure<CodesRefusal>> {
    let many = usize::try_from(count).unwrap_or_default();
    if !(1..=MOST_CODES).contains(&count) {
        return Err(Failure::Refused(CodesRefusal::Invalid(Invalid::new(
            "count",
            format!("is from 1 to {MOST_CODES}."),
            format!("须为 1 至 {MOST_CODES}。"),
        ))));
    }
    let key = &Key::read(key, "couponCodesCreate", &(template_id, count))?;
    let merchant_id = actor.merchant_id;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let whose = (merchant_id, zone);
    let made = app.write::<_, Failure<CodesRefusal>, _>(merchant_id, |txn| async move {
        let (id, open) = match begin(app, &txn, whose, key, template_id).await? {
            Begun::New(id, open) => (id, *open),
            Begun::Known(id) => return Ok(id),
        };
        let fresh = std::iter::repeat_with(|| Fresh {
            id: app.ids.next(),
            member_id: None,
            origin: CouponOrigin::Code,
            batch_id: Some(id),
        });
        let fresh: Vec<Fresh> = fresh.take(many).collect();
        insert(&txn, &open, &fresh).await?;
        let told = (EventKind::CouponCodesCreated, Deed::of("couponCodesCreate"));
        tell_of(app, &txn, actor, &open, told, (id, many)).await?;
        take_all(&txn, &open.template, many).await?;
        Ok(id)
    });
    Ok(find_batch(app, merchant_id, made.await?).await?)
}

/// Coupons that were handed out together.
pub async fn find_batch(
    app: &App,
    merchant_id: MerchantId,
    id: CouponBatchId,
) -> Result<Batch, Error> {
    let of_batch = coupon::Entity::of(merchant_id).filter(coupon::Column::BatchId.eq(id));
    let db = app.db.reads(merchant_id);
    let first = of_batch.clone().one(&db).await?.ok_or(Error::NotFound)?;
    Ok(Batch {
        id,
        template_id: first.template_id,
        count: of_batch.count(&db).await?,
    })
}

/// How handing out begins.
enum Begun {
    /// Now, from this template.
    New(CouponBatchId, Box<Open>),
    /// It was done before.
    Known(CouponBatchId),
}

async fn begin(
    app: &App,
    txn: &DatabaseTransaction,
    whose: (MerchantId, Tz),
    key: &Key,
    template_id: CouponTemplateId,
) -> Result<Begun, Failure<CodesRefusal>> {
    let id: CouponBatchId = app.ids.next();
    match key.claim(app, txn, whose.0, id).await? {
        Claim::New => {}
        Claim::Known(known) => return Ok(Begun::Known(CouponBatchId(known))),
        Claim::Reused => return Err(Failure::Refused(CodesRefusal::KeyReused)),
        Claim::InProgress => return Err(Failure::Refused(CodesRefusal::InProgress)),
    }
    let opened = open(app, txn, whose, template_id).await?;
    let open = opened.map_err(|shut| {
        Failure::Refused(match shut {
            Shut::NotFound => CodesRefusal::TemplateNotFound,
            Shut::NotActive => CodesRefusal::NotActive,
            Shut::Expired => CodesRefusal::Expired,
        })
    })?;
    Ok(Begun::New(id, Box::new(open)))
}

async fn tell_of(
    app: &App,
    txn: &DatabaseTransaction,
    actor: &Actor,
    open: &Open,
    (kind, deed): (EventKind, Deed),
    (batch_id, count): (CouponBatchId, usize),
) -> Result<(), Error> {
    let template = &open.template;
    tell(app, txn, actor.merchant_id, kind, template.id).await?;
    let made = json!({ "batchId": batch_id.to_string(), "count": count });
    let deed = deed.on(template.id).made(made);
    audit::record(app, txn, actor, deed).await
}

/// Counts one more for each member. Where somebody was faster meanwhile, the refusal names nobody: in this transaction
/// its own coupons are counted, too.
async fn take_for(
    txn: &DatabaseTransaction,
    template: &coupon_template::Model,
    ids: &BTreeMap<String, MemberId>,
) -> Outcome<()> {
    let mut takes = Takes::default();
    for member_id in ids.values() {
        let (place, take) = for_member(template, *member_id);
        takes.add(place, take);
    }
    if offer_counters::take(txn, template.merchant_id, &takes).await? {
        return Ok(());
    }
    Err(member_limit(template, String::new()))
}

pub(super) fn member_limit(
    template: &coupon_template::Model,
    member_no: String,
) -> Failure<IssueRefusal> {
    let most = template.per_member.unwrap_or_default();
    Failure::Refused(IssueRefusal::MemberLimit { member_no, most })
}

/// A refusal that says who has as many as one may: where it names nobody, it is asked once more, now that nothing of
/// the transaction is counted.
async fn named(
    app: &App,
    merchant_id: MerchantId,
    template_id: CouponTemplateId,
    whom: &Whom,
    failure: Failure<IssueRefusal>,
) -> Failure<IssueRefusal> {
    let member_nos = match (&failure, whom) {
        (Failure::Refused(IssueRefusal::MemberLimit { member_no, .. }), Whom::Members(nos))
            if member_no.is_empty() =>
        {
            nos
        }
        _ => return failure,
    };
    let asked = async {
        let known = members::service::find_by_nos(app, merchant_id, member_nos).await?;
        let ids = known
            .into_iter()
            .map(|row| (row.member_no, row.id))
            .collect();
        let Some(template) = maybe_find_template(app, merchant_id, template_id).await? else {
            return Ok::<_, Error>(None);
        };
        let full = first_full(&app.db, &app.db.reads(merchant_id), &template, &ids).await?;
        Ok(full.map(|member_no| member_limit(&template, member_no)))
    };
    match asked.await {
        Ok(named) => named.unwrap_or(failure),
        Err(error) => error.into(),
    }
}

/// Counts so many more in all: comes last in its transaction.
async fn take_all(
    txn: &DatabaseTransaction,
    template: &coupon_template::Model,
    count: usize,
) -> Result<(), Failure<CodesRefusal>> {
    let (place, take) = for_all(template);
    let times = i64::try_from(count).unwrap_or(i64::MAX);
    let mut takes = Takes::default();
    takes.add(place, Take { times, ..take });
    if offer_counters::take(txn, template.merchant_id, &takes).await? {
        return Ok(());
    }
    let all = counted(template).filter(offer_counter::Column::Span.eq(""));
    let taken = all.one(txn).await?.map_or(0, |row| row.taken);
    Err(Failure::Refused(CodesRefusal::UsedUp {
        left: (template.quantity - taken).max(0),
    }))
}

pub(super) fn counted(template: &coupon_template::Model) -> sea_orm::Select<offer_counter::Entity> {
    offer_counter::Entity::of(template.merchant_id)
        .filter(offer_counter::Column::Kind.eq(CounterKind::CouponIssue))
        .filter(offer_counter::Column::OfferId.eq(template.id.0))
}

/// One more of a template for a member.
pub(super) fn for_member(template: &coupon_template::Model, member_id: MemberId) -> (Place, Take) {
    let place = Place {
        span: Span::Member(member_id),
        kind: Kind::CouponIssue,
        offer_id: template.id.0,
    };
    (place, one(template.per_member))
}

/// One more of a template in all.
pub(super) fn for_all(template: &coupon_template::Model) -> (Place, Take) {
    let place = Place {
        span: Span::All,
        kind: Kind::CouponIssue,
        offer_id: template.id.0,
    };
    (place, one(Some(template.quantity)))
}

const fn one(most: Option<i64>) -> Take {
    Take {
        times: 1,
        minor: 0,
        most,
        budget_minor: None,
    }
}

fn refused(invalid: Invalid) -> Failure<IssueRefusal> {
    Failure::Refused(IssueRefusal::Invalid(invalid))
}

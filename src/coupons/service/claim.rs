//! Claims a coupon for a member: by a template's public code, or by a single-use code that nobody owns yet.

use chrono_tz::Tz;
use entity::coupon::{self, Column, CouponOrigin, CouponState};
use entity::event::EventKind;
use entity::{CouponId, CouponTemplateId, Instant, MemberId, MerchantId, coupon_template};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QuerySelect};
use serde_json::json;

use super::issue::{for_all, for_member};
use super::list::find;
use super::write::{Fresh, Shut, insert, lock_shared, open, span_now, tell};
use crate::app::App;
use crate::audit::{self, Deed};
use crate::auth::model::Actor;
use crate::coupons::model::{ClaimRefusal, Shown, read_claim_code, read_code, shown};
use crate::error::{Error, Failure};
use crate::idempotency::{Claim, Key};
use crate::invalid::Invalid;
use crate::members::model::check_new_member_no;
use crate::members::service::find_or_add;
use crate::offer_counters::{self, Place, Take, Takes};

type Outcome<T> = Result<T, Failure<ClaimRefusal>>;

/// Claims a coupon for a member, who is made where nobody knew them. The same key with the same code and member
/// returns the same coupon, as it is now.
pub async fn claim(
    app: &App,
    actor: &Actor,
    key: &str,
    code: &str,
    member_no: &str,
) -> Outcome<coupon::Model> {
    check_new_member_no(member_no).map_err(|problem| {
        let invalid = Invalid::because("memberNo", &problem);
        Failure::Refused(ClaimRefusal::Invalid(invalid))
    })?;
    let key = &Key::read(key, "couponClaim", &(code, member_no))?;
    let merchant_id = actor.merchant_id;
    let named = named_by(app, merchant_id, code).await?;
    let zone = crate::merchant::find(app, merchant_id).await?.zone;
    let id = app.write::<_, Failure<ClaimRefusal>, _>(merchant_id, |txn| async move {
        let id: CouponId = match named {
            Some(Named::Coupon(id)) => id,
            _ => app.ids.next(),
        };
        match key.claim(app, &txn, merchant_id, id).await? {
            Claim::New => {}
            Claim::Known(known) => return Ok(CouponId(known)),
            Claim::Reused => return refused(ClaimRefusal::KeyReused),
            Claim::InProgress => return refused(ClaimRefusal::InProgress),
        }
        let asked = Asked {
            app,
            txn: &txn,
            actor,
            zone,
            member_no,
        };
        match named {
            None => return refused(ClaimRefusal::CodeNotFound),
            Some(Named::Template(template_id)) => asked.one_more(template_id, id).await?,
            Some(Named::Coupon(_)) => asked.that_one(id).await?,
        }
        Ok(id)
    });
    Ok(find(app, merchant_id, id.await?).await?)
}

/// What a code names.
#[derive(Clone, Copy)]
enum Named {
    Template(CouponTemplateId),
    Coupon(CouponId),
}

/// What a code names: a public code, or a coupon's own.
async fn named_by(app: &App, merchant_id: MerchantId, code: &str) -> Result<Option<Named>, Error> {
    let db = app.db.reads(merchant_id);
    if let Some(code) = read_claim_code(code) {
        let found = coupon_template::Entity::of(merchant_id)
            .filter(coupon_template::Column::ClaimCode.eq(code))
            .one(&db)
            .await?;
        if let Some(template) = found {
            return Ok(Some(Named::Template(template.id)));
        }
    }
    let Some(code) = read_code(code) else {
        return Ok(None);
    };
    let found = coupon::Entity::of(merchant_id)
        .filter(Column::Code.eq(code))
        .one(&db)
        .await?;
    Ok(found.map(|row| Named::Coupon(row.id)))
}

/// A claim under way.
struct Asked<'a> {
    app: &'a App,
    txn: &'a DatabaseTransaction,
    actor: &'a Actor,
    zone: Tz,
    member_no: &'a str,
}

impl Asked<'_> {
    /// Makes one more coupon of a template, for the member.
    async fn one_more(&self, template_id: CouponTemplateId, id: CouponId) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        let opened = open(self.app, self.txn, (merchant_id, self.zone), template_id).await?;
        let open = opened.map_err(|shut| {
            Failure::Refused(match shut {
                Shut::NotFound => ClaimRefusal::CodeNotFound,
                Shut::NotActive => ClaimRefusal::NotActive,
                Shut::Expired => ClaimRefusal::Expired,
            })
        })?;
        let member = find_or_add(self.app, self.txn, merchant_id, self.member_no).await?;
        let fresh = Fresh {
            id,
            member_id: Some(member.id),
            origin: CouponOrigin::Claimed,
            batch_id: None,
        };
        insert(self.txn, &open, &[fresh]).await?;
        self.tell(id).await?;
        self.take_for(&open.template, member.id).await?;
        if !self.take(for_all(&open.template)).await? {
            return refused(ClaimRefusal::UsedUp);
        }
        Ok(())
    }

    /// Makes a coupon the member's that nobody owns yet, also where its template hands out nothing any more: its code is
    /// out. One that is theirs already stays as it is; where it is over, used or void, that is said.
    async fn that_one(&self, id: CouponId) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        let row = coupon::Entity::of(merchant_id)
            .filter(Column::Id.eq(id))
            .lock_exclusive()
            .one(self.txn)
            .await?
            .ok_or(Failure::Refused(ClaimRefusal::CodeNotFound))?;
        let member = find_or_add(self.app, self.txn, merchant_id, self.member_no).await?;
        let theirs = row.member_id == Some(member.id);
        if row.member_id.is_some() && !theirs {
            return refused(ClaimRefusal::AlreadyClaimed);
        }
        match shown(&row, self.app.clock.instant()) {
            Shown::Available | Shown::NotYetValid => {}
            // An order of theirs holds it: it is theirs.
            Shown::Reserved if theirs => {}
            Shown::Expired => return refused(ClaimRefusal::Expired),
            Shown::Reserved | Shown::Used | Shown::Void => {
                return refused(ClaimRefusal::NotAvailable);
            }
        }
        if theirs {
            return Ok(());
        }
        let template = lock_shared(self.txn, merchant_id, row.template_id).await?;
        let template = template.ok_or_else(|| Error::internal("a coupon has no template"))?;
        let (from, until) = self.span(&template, &row);
        coupon::Entity::update_of(merchant_id)
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(CouponState::Available))
            .col_expr(Column::MemberId, Expr::value(member.id))
            .col_expr(Column::ValidFrom, Expr::value(from))
            .col_expr(Column::ValidUntil, Expr::value(until))
            .exec(self.txn)
            .await?;
        self.tell(id).await?;
        self.take_for(&template, member.id).await
    }

    /// Days that are counted begin when the coupon has an owner; what is fixed stays.
    fn span(&self, template: &coupon_template::Model, row: &coupon::Model) -> (Instant, Instant) {
        let counted = template.valid_days.is_some();
        let anew = counted.then(|| span_now(self.app, self.zone, template));
        anew.flatten().unwrap_or((row.valid_from, row.valid_until))
    }

    async fn tell(&self, id: CouponId) -> Outcome<()> {
        let merchant_id = self.actor.merchant_id;
        tell(
            self.app,
            self.txn,
            merchant_id,
            EventKind::CouponClaimed,
            id,
        )
        .await?;
        let made = json!({ "memberNo": self.member_no });
        let deed = Deed::of("couponClaim").on(id).made(made);
        Ok(audit::record(self.app, self.txn, self.actor, deed).await?)
    }

    async fn take_for(
        &self,
        template: &coupon_template::Model,
        member_id: MemberId,
    ) -> Outcome<()> {
        if self.take(for_member(template, member_id)).await? {
            return Ok(());
        }
        refused(ClaimRefusal::MemberLimit {
            most: template.per_member.unwrap_or_default(),
        })
    }

    async fn take(&self, (place, take): (Place, Take)) -> Outcome<bool> {
        let mut takes = Takes::default();
        takes.add(place, take);
        Ok(offer_counters::take(self.txn, self.actor.merchant_id, &takes).await?)
    }
}

fn refused<T>(refusal: ClaimRefusal) -> Outcome<T> {
    Err(Failure::Refused(refusal))
}

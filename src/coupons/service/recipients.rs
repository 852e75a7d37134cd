//! Finds who is to be given coupons: members by their numbers, or those who are in a segment.

use std::collections::{BTreeMap, HashSet};

use entity::{MemberId, MerchantId, SegmentId, coupon_template, member, offer_counter};
use sea_orm::sea_query::Condition;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect,
};

use super::issue::{counted, member_limit};
use crate::app::App;
use crate::coupons::model::{IssueRefusal, MOST_OF_SEGMENT, Whom};
use crate::db::{Db, any_text_of};
use crate::error::{Error, Failure};
use crate::offer_counters::Span;
use crate::{members, segments};

/// Who is to be given coupons, as far as it is known before the transaction that gives them: who holds a connection
/// waits for no other one.
pub(super) enum Recipients<'a> {
    /// The members of these numbers.
    Members(&'a [String]),
    /// Those of whom this is true; none where there is no such segment.
    Segment(Option<Condition>),
}

/// Members by their numbers.
type ByNo = BTreeMap<String, MemberId>;

impl<'a> Recipients<'a> {
    /// Prepares to find them.
    pub(super) async fn of(
        app: &App,
        merchant_id: MerchantId,
        whom: &'a Whom,
    ) -> Result<Self, Error> {
        Ok(match whom {
            Whom::Members(nos) => Self::Members(nos),
            Whom::Segment(id) => Self::Segment(condition(app, merchant_id, *id).await?),
        })
    }

    /// Finds them, each of whom may have one more. By number, a member whom nobody knew is made, and one who has as many
    /// as one may is refused; of a segment, such a one is left out.
    pub(super) async fn find(
        &self,
        app: &App,
        txn: &DatabaseTransaction,
        template: &coupon_template::Model,
    ) -> Result<ByNo, Failure<IssueRefusal>> {
        let merchant_id = template.merchant_id;
        let condition = match self {
            Self::Members(nos) => {
                let ids = members::service::find_or_add_many(app, txn, merchant_id, nos).await?;
                let ids: ByNo = ids.into_iter().collect();
                return match first_full(&app.db, txn, template, &ids).await? {
                    Some(member_no) => Err(member_limit(template, member_no)),
                    None => Ok(ids),
                };
            }
            Self::Segment(condition) => condition
                .as_ref()
                .ok_or(Failure::Refused(IssueRefusal::SegmentNotFound))?,
        };
        let most = u64::try_from(MOST_OF_SEGMENT).unwrap_or(u64::MAX);
        let found: Vec<(String, MemberId)> = member::Entity::of(merchant_id)
            .filter(condition.clone())
            .filter(member::Column::MergedInto.is_null())
            .filter(member::Column::ErasedAt.is_null())
            .order_by_asc(member::Column::Id)
            .select_only()
            .columns([member::Column::MemberNo, member::Column::Id])
            .limit(most + 1)
            .into_tuple()
            .all(txn)
            .await?;
        if found.len() > MOST_OF_SEGMENT {
            return Err(Failure::Refused(IssueRefusal::SegmentTooLarge));
        }
        let mut ids: ByNo = found.into_iter().collect();
        let full = full(&app.db, txn, template, &ids).await?;
        ids.retain(|_, id| !full.contains(&Span::Member(*id).text()));
        if ids.is_empty() {
            return Err(Failure::Refused(IssueRefusal::NobodyToGive));
        }
        Ok(ids)
    }
}

/// What is true of the members of a segment; none where there is no such segment.
async fn condition(
    app: &App,
    merchant_id: MerchantId,
    id: SegmentId,
) -> Result<Option<Condition>, Error> {
    match segments::service::condition_of(app, merchant_id, id).await {
        Ok(condition) => Ok(Some(condition)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first of these members, by number, who has as many as one may.
pub(super) async fn first_full(
    db: &Db,
    connection: &impl ConnectionTrait,
    template: &coupon_template::Model,
    ids: &ByNo,
) -> Result<Option<String>, DbErr> {
    let full = full(db, connection, template, ids).await?;
    let mut named = ids.iter();
    let first = named.find(|(_, id)| full.contains(&Span::Member(**id).text()));
    Ok(first.map(|(no, _)| no.clone()))
}

/// Those of these members who have as many as one may, as counters name them.
async fn full(
    db: &Db,
    connection: &impl ConnectionTrait,
    template: &coupon_template::Model,
    ids: &ByNo,
) -> Result<HashSet<String>, DbErr> {
    let Some(most) = template.per_member else {
        return Ok(HashSet::new());
    };
    let spans: Vec<String> = ids.values().map(|id| Span::Member(*id).text()).collect();
    let full: Vec<String> = counted(template)
        .filter(any_text_of(db, offer_counter::Column::Span, &spans))
        .filter(offer_counter::Column::Taken.gte(most))
        .select_only()
        .column(offer_counter::Column::Span)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(full.into_iter().collect())
}

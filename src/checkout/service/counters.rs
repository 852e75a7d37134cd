//! How much of offers is taken: limits and budgets that hold whoever comes at the same time.
//!
//! Counters are taken last in a transaction, in an order that all transactions share, the hottest at the end: what
//! everybody waits for is held shortest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::offer_counter::{self, Column, CounterKind, Entity};
use entity::{CampaignId, Day, MemberId, MerchantId};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, LockType, OnConflict, SimpleExpr};
use sea_orm::{
    ActiveValue, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    QueryFilter, QuerySelect,
};

use crate::checkout::model::Taken;
use crate::db::{Db, any_of};

/// How many counters one statement takes: SQLite binds 32,766 values at the most.
const MANY: usize = 2_000;

/// In which span something is counted. All of it comes last: everybody takes that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// What a member has.
    Member(MemberId),
    /// What a day of the merchant has.
    Day(Day),
    /// All of it.
    All,
}

impl Span {
    /// As tables keep it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Day(day) => format!("d{}", day.0),
            Self::Member(id) => format!("m{}", id.0),
        }
    }
}

/// Which counter. They are taken in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which span.
    pub span: Span,
    /// What is counted.
    pub kind: Kind,
    /// The campaign, or the coupon template.
    pub offer_id: i64,
}

/// What is counted, in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Coupons of a template that were handed out.
    CouponIssue,
    /// Redemptions of coupons of a template.
    CouponUse,
    /// Redemptions of a campaign.
    Campaign,
}

impl From<Kind> for CounterKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::CouponIssue => Self::CouponIssue,
            Kind::CouponUse => Self::CouponUse,
            Kind::Campaign => Self::Campaign,
        }
    }
}

/// What is taken of one counter, and under which limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Take {
    /// How often.
    pub times: i64,
    /// What it costs, in minor units.
    pub minor: i64,
    /// How often it may be taken in all; none for any number.
    pub most: Option<i64>,
    /// What it may cost in all, in minor units; none for any amount.
    pub budget_minor: Option<i64>,
}

/// What is taken of many counters; of one that is named twice, the sum.
#[derive(Clone, Debug, Default)]
pub struct Takes(BTreeMap<Place, Take>);

impl Takes {
    /// One more.
    pub fn add(&mut self, place: Place, take: Take) {
        let known = self.0.entry(place).or_insert(Take {
            times: 0,
            minor: 0,
            ..take
        });
        known.times += take.times;
        known.minor += take.minor;
    }

    /// Whether nothing is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Takes all of it; false where a limit or a budget does not bear one of them: then the transaction is to be
/// rolled back, which gives back those that were taken before.
pub async fn take(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    takes: &Takes,
) -> Result<bool, DbErr> {
    // The first of a counter meets no row that could refuse it, and a check that refuses breaks the transaction.
    let bears = |take: &Take| {
        take.most.is_none_or(|most| take.times <= most)
            && take.budget_minor.is_none_or(|budget| take.minor <= budget)
    };
    if !takes.0.values().all(bears) {
        return Ok(false);
    }
    let rows: Vec<_> = takes
        .0
        .iter()
        .map(|(place, take)| row(merchant_id, *place, *take))
        .collect();
    for some in rows.chunks(MANY) {
        let taken = Entity::insert_many(some.to_vec())
            .on_conflict(more())
            .exec_without_returning(txn)
            .await?;
        if taken < some.len() as u64 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// As [`take`], where the transaction goes on whatever comes of it: false leaves every counter as it was.
pub async fn take_or_leave(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    takes: &Takes,
) -> Result<bool, DbErr> {
    let mut taken = Takes::default();
    for (place, wanted) in &takes.0 {
        let one = Takes(BTreeMap::from([(*place, *wanted)]));
        if !take(txn, merchant_id, &one).await? {
            release(txn, merchant_id, &taken).await?;
            return Ok(false);
        }
        taken.add(*place, *wanted);
    }
    Ok(true)
}

/// Locks the counters of several takes, in the order in which everybody takes them: whoever then decides one by one
/// waits for nobody who waits for them. Those that nobody has taken yet are left out.
pub async fn hold<'a>(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    takes: impl Iterator<Item = &'a Takes>,
) -> Result<(), DbErr> {
    let places: BTreeSet<Place> = takes.flat_map(|takes| takes.0.keys().copied()).collect();
    for place in places {
        Entity::of(merchant_id)
            .filter(at(place))
            .lock(LockType::NoKeyUpdate)
            .one(txn)
            .await?;
    }
    Ok(())
}

/// Gives back what was taken. Where less is counted than that, which is a mistake, none is left: orders and refunds
/// wait for no counter.
pub async fn release(
    txn: &DatabaseTransaction,
    merchant_id: MerchantId,
    takes: &Takes,
) -> Result<(), DbErr> {
    let less = |column: Column, by: i64| Expr::col(column).sub(by);
    for (place, take) in &takes.0 {
        let released = Entity::update_of(merchant_id)
            .filter(at(*place))
            .filter(Column::Taken.gte(take.times))
            .filter(Column::SpentMinor.gte(take.minor))
            .col_expr(Column::Taken, less(Column::Taken, take.times))
            .col_expr(Column::SpentMinor, less(Column::SpentMinor, take.minor))
            .exec(txn)
            .await?;
        if released.rows_affected == 0 {
            tracing::error!(%merchant_id, ?place, ?take, "a counter has less than is given back");
            let rest = |column: Column, by: i64| {
                Expr::case(Expr::col(column).gt(by), less(column, by)).finally(0)
            };
            Entity::update_of(merchant_id)
                .filter(at(*place))
                .col_expr(Column::Taken, rest(Column::Taken, take.times).into())
                .col_expr(
                    Column::SpentMinor,
                    rest(Column::SpentMinor, take.minor).into(),
                )
                .exec(txn)
                .await?;
        }
    }
    Ok(())
}

/// Where a counter stands.
fn at(place: Place) -> Condition {
    Condition::all()
        .add(Column::Kind.eq(CounterKind::from(place.kind)))
        .add(Column::OfferId.eq(place.offer_id))
        .add(Column::Span.eq(place.span.text()))
}

/// What is taken of campaigns: in all, on a day, by a member. One statement; what nobody has taken is left out.
pub async fn read(
    db: &Db,
    connection: &impl ConnectionTrait,
    merchant_id: MerchantId,
    campaigns: &[CampaignId],
    day: Day,
    member: Option<MemberId>,
) -> Result<HashMap<CampaignId, Taken>, DbErr> {
    let today = Span::Day(day).text();
    let mut spans = vec![String::new(), today.clone()];
    spans.extend(member.map(|id| Span::Member(id).text()));
    let rows: Vec<(i64, String, i64, i64)> = Entity::of(merchant_id)
        .filter(Column::Kind.eq(CounterKind::Campaign))
        .filter(any_of(db, Column::OfferId, campaigns))
        .filter(Column::Span.is_in(spans))
        .select_only()
        .columns([
            Column::OfferId,
            Column::Span,
            Column::Taken,
            Column::SpentMinor,
        ])
        .into_tuple()
        .all(connection)
        .await?;
    let mut taken: HashMap<CampaignId, Taken> = HashMap::with_capacity(campaigns.len());
    for (offer_id, span, times, minor) in rows {
        let of = taken.entry(CampaignId(offer_id)).or_default();
        if span.is_empty() {
            of.total = times;
            of.spent_minor = minor;
        } else if span == today {
            of.today = times;
        } else {
            of.by_member = times;
        }
    }
    Ok(taken)
}

fn row(merchant_id: MerchantId, place: Place, take: Take) -> offer_counter::ActiveModel {
    offer_counter::ActiveModel {
        merchant_id: ActiveValue::Set(merchant_id),
        kind: ActiveValue::Set(place.kind.into()),
        offer_id: ActiveValue::Set(place.offer_id),
        span: ActiveValue::Set(place.span.text()),
        taken: ActiveValue::Set(take.times),
        spent_minor: ActiveValue::Set(take.minor),
        most: ActiveValue::Set(take.most),
        budget_minor: ActiveValue::Set(take.budget_minor),
    }
}

/// Adds to what is there, where the limits of now bear it.
fn more() -> OnConflict {
    let known = |column: Column| Expr::col((Entity, column));
    let wanted = |column: Column| Expr::col((Alias::new("excluded"), column));
    let sum = |column: Column| known(column).add(wanted(column));
    let within = |column: Column, limit: Column| -> SimpleExpr {
        let free = wanted(limit).is_null();
        free.or(sum(column).lte(wanted(limit)))
    };
    let mut more = OnConflict::columns([
        Column::MerchantId,
        Column::Kind,
        Column::OfferId,
        Column::Span,
    ]);
    more.value(Column::Taken, sum(Column::Taken))
        .value(Column::SpentMinor, sum(Column::SpentMinor))
        .value(Column::Most, wanted(Column::Most))
        .value(Column::BudgetMinor, wanted(Column::BudgetMinor))
        .action_and_where(within(Column::Taken, Column::Most))
        .action_and_where(within(Column::SpentMinor, Column::BudgetMinor));
    more
}

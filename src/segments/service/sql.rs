//! Rules as a condition on members: every part is true or false, never unknown, so that "not" means the others.

use entity::coupon::{self, CouponState};
use entity::member::Column;
use entity::order::{self, PaymentState, RefundState};
use entity::{
    CouponTemplateId, Instant, MerchantId, SegmentId, member, member_day, member_tag, order_line,
    product, segment_member,
};
use sea_orm::sea_query::{
    Condition, Expr, ExprTrait, Func, IntoCondition, SelectStatement, SimpleExpr, SubQueryStatement,
};
use sea_orm::{
    ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, RelationDef, Select,
};

use crate::db::{Db, any_of, any_text_of};
use crate::filters::begins_with;
use crate::members::service::{SUMMED_WINDOWS, SummedWindow, hold_on};
use crate::segments::model::{Bought, Means, RFM_DAYS, Range, RfmGroup, Rule, Today};
use crate::sums::sum_of;

/// What rules are understood by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    /// In which database.
    pub db: &'a Db,
    /// Of which merchant.
    pub merchant_id: MerchantId,
    /// When.
    pub today: Today,
    /// Compared with whom, where rules ask for groups of RFM.
    pub means: Option<Means>,
    /// Whether the windows that are summed ahead are taken to hold, of all members: somebody else sees to it.
    pub by_rows_alone: bool,
}

/// The members of a merchant who are still there: neither a part of another one, nor erased.
pub(super) fn there(merchant_id: MerchantId) -> Select<member::Entity> {
    member::Entity::of(merchant_id)
        .filter(Column::MergedInto.is_null())
        .filter(Column::ErasedAt.is_null())
}

impl Asked<'_> {
    /// The condition that a rule is, on a row of `members`. It looks into other tables by the member's key alone, so
    /// that wherever it stands it costs what its members cost.
    pub(super) fn condition(&self, rule: &Rule) -> Condition {
        match rule {
            Rule::All(rules) => self.join(Condition::all(), rules),
            Rule::Any(rules) => self.join(Condition::any(), rules),
            Rule::Not(rule) => Condition::all().add(self.condition(rule)).not(),
            Rule::Tier { tiers, or_none } => {
                let of = known(Column::TierId).add(any_of(self.db, Column::TierId, tiers));
                match or_none {
                    true => Condition::any().add(of).add(Column::TierId.is_null()),
                    false => of,
                }
            }
            Rule::Tags(tags) => self.tagged(tags),
            Rule::MemberNo(no) => begins_with(Column::MemberNo, no).into_condition(),
            Rule::Consented(wanted) => filled(Column::ConsentedAt, *wanted),
            Rule::BirthdayMonths(months) => {
                let spans = months.iter().map(|month| (month * 100, month * 100 + 31));
                birthday(spans)
            }
            Rule::BirthdayWithin(days) => birthday(self.today.birthdays(*days).into_iter()),
            Rule::JoinedWithin(days) => Column::JoinedAt.gte(self.since(*days)).into_condition(),
            Rule::JoinedBefore(days) => Column::JoinedAt.lt(self.since(*days)).into_condition(),
            Rule::FirstPaidWithin(days) => {
                known(Column::FirstPaidAt).add(Column::FirstPaidAt.gte(self.since(*days)))
            }
            Rule::PaidWithin(days) => {
                known(Column::LastPaidAt).add(Column::LastPaidAt.gte(self.since(*days)))
            }
            Rule::NotPaidFor(days) => {
                known(Column::LastPaidAt).add(Column::LastPaidAt.lt(self.since(*days)))
            }
            Rule::NeverPaid(wanted) => filled(Column::LastPaidAt, !wanted),
            Rule::Orders { range, days } => self.figure(Figure::ORDERS, *range, *days),
            Rule::Spent { range, days } => self.figure(Figure::SPENT, *range, *days),
            Rule::AverageOrder(range) => average(*range),
            Rule::Points(range) => within(&Expr::col((member::Entity, Column::Points)), *range),
            Rule::FirstChannel(ids) => {
                let ids = any_of(self.db, Column::FirstChannelId, ids);
                known(Column::FirstChannelId).add(ids)
            }
            Rule::Bought(bought) => self.bought(bought),
            Rule::HoldsCoupon(ids) => self.holds_coupon(ids),
            Rule::Rfm(groups) => {
                let groups = groups.iter().map(|group| self.rfm(*group));
                groups.fold(Condition::any(), Condition::add)
            }
            Rule::InSnapshot(ids) => self.in_snapshot(ids),
        }
    }

    fn join(&self, by: Condition, rules: &[Rule]) -> Condition {
        let rules = rules.iter().map(|rule| self.condition(rule));
        rules.fold(by, Condition::add)
    }

    fn since(&self, days: i32) -> Instant {
        self.today.since(days)
    }

    fn tagged(&self, tags: &[String]) -> Condition {
        use member_tag::Column;
        let rows = member_tag::Entity::of(self.merchant_id)
            .filter(is_members(Column::MemberId))
            .filter(any_text_of(self.db, Column::Tag, tags));
        exists(rows, Column::MemberId)
    }

    /// Who is in any of these snapshots.
    pub(super) fn in_snapshot(&self, ids: &[SegmentId]) -> Condition {
        use segment_member::Column;
        let rows = segment_member::Entity::of(self.merchant_id)
            .filter(is_members(Column::MemberId))
            .filter(any_of(self.db, Column::SegmentId, ids));
        exists(rows, Column::MemberId)
    }

    /// A figure in all, or in so many days.
    fn figure(&self, figure: Figure, range: Range, days: Option<i32>) -> Condition {
        let Some(days) = days else {
            return within(&Expr::col((member::Entity, figure.in_all)), range);
        };
        let at_least = |min: i64| self.at_least(figure, min, days);
        let min = range.min.filter(|min| *min > 0);
        // At most so much is not more.
        let max = range.max.map(|max| at_least(max.saturating_add(1)).not());
        Condition::all()
            .add_option(min.map(at_least))
            .add_option(max)
    }

    /// What it is in all bounds what it is in some days, and who has not paid since has nothing in them. Of the others
    /// the windows that are summed ahead tell, as far as they hold today; where they do not decide, days are summed.
    fn at_least(&self, figure: Figure, min: i64, days: i32) -> Condition {
        // A day earlier: the days of orders of another time are those of another time zone.
        let since = self.since(days + 1);
        let of_window = |window: &SummedWindow| (figure.of_window)(window).gte(min);
        let same = SUMMED_WINDOWS.iter().find(|window| window.days == days);
        let bounded = known(Column::LastPaidAt)
            .add(Column::LastPaidAt.gte(since))
            .add(Expr::col((member::Entity, figure.in_all)).gte(min));
        if let Some(window) = same.filter(|_| self.by_rows_alone) {
            return bounded.add(of_window(window));
        }
        let by_days = || self.sum(figure.of_day, days).gte(min);
        let by_windows = same.map(of_window).unwrap_or_else(|| {
            let narrower = SUMMED_WINDOWS.iter().rfind(|window| window.days < days);
            let wider = SUMMED_WINDOWS.iter().find(|window| window.days > days);
            let most = narrower.map(of_window).into_iter();
            let decided = most.chain([by_days()]).reduce(SimpleExpr::or);
            let all = wider.map(of_window).into_iter().chain(decided);
            all.reduce(SimpleExpr::and).unwrap_or_else(by_days)
        });
        let hold = hold_on(self.today.first_of(1));
        let decided: SimpleExpr = Expr::case(hold, by_windows).finally(by_days()).into();
        bounded.add(decided)
    }

    fn sum(&self, column: member_day::Column, days: i32) -> SimpleExpr {
        use member_day::Column;
        let sum = sum_of(Expr::col((member_day::Entity, column)));
        let select = member_day::Entity::of(self.merchant_id)
            .filter(is_members(Column::MemberId))
            .filter(Column::Day.gte(self.today.first_of(days)))
            .select_only()
            .expr(Func::coalesce([sum, Expr::val(0_i64)]))
            .into_query();
        subquery(select)
    }

    /// A paid order with such a product in it: by the member's orders, which are few, and their lines.
    fn bought(&self, bought: &Bought) -> Condition {
        let products = product::Entity::of(self.merchant_id)
            .filter(
                Condition::any()
                    .add_option(self.texts(product::Column::Title, &bought.titles))
                    .add_option(self.texts(product::Column::Category, &bought.categories)),
            )
            .select_only()
            .column(product::Column::Id)
            .into_query();
        let mut orders = order::Entity::of(self.merchant_id)
            .join(JoinType::InnerJoin, lines_of_order())
            .filter(is_members(order::Column::MemberId))
            .filter(order::Column::PaymentState.eq(PaymentState::Paid))
            .filter(order::Column::RefundState.ne(RefundState::Full))
            .filter(order_line::Column::ProductId.in_subquery(products));
        if let Some(days) = bought.days {
            orders = orders.filter(order::Column::PaidAt.gte(self.since(days)));
        }
        exists(orders, order::Column::Id)
    }

    fn texts(&self, column: product::Column, texts: &[String]) -> Option<SimpleExpr> {
        (!texts.is_empty()).then(|| any_text_of(self.db, column, texts))
    }

    fn holds_coupon(&self, templates: &[CouponTemplateId]) -> Condition {
        use coupon::Column;
        let now = self.today.now;
        let rows = coupon::Entity::of(self.merchant_id)
            .filter(is_members(Column::MemberId))
            .filter(any_of(self.db, Column::TemplateId, templates))
            .filter(Column::State.eq(CouponState::Available))
            .filter(Column::ValidFrom.lte(now))
            .filter(Column::ValidUntil.gt(now));
        exists(rows, Column::Id)
    }

    /// Who has paid in the last year, and compares so with the others. Nobody where nobody is known.
    fn rfm(&self, group: RfmGroup) -> Condition {
        let Some(means) = self.means else {
            return Condition::any();
        };
        let (lately, often, much) = group.high();
        let side = |column: Column, mean: SimpleExpr, high: bool| -> SimpleExpr {
            let column = Expr::col((member::Entity, column));
            if high {
                column.gte(mean)
            } else {
                column.lt(mean)
            }
        };
        buyers(self.today)
            .add(side(
                Column::LastPaidAt,
                Expr::val(means.last_paid_at),
                lately,
            ))
            .add(side(Column::PaidOrders, Expr::val(means.orders), often))
            .add(side(Column::SpentMinor, Expr::val(means.spent_minor), much))
    }
}

/// Whom RFM compares: who has paid in the last year for an order that was not refunded in full.
pub(super) fn buyers(today: Today) -> Condition {
    known(Column::LastPaidAt)
        .add(Column::LastPaidAt.gte(today.since(RFM_DAYS)))
        .add(Column::PaidOrders.gt(0))
}

/// A figure that is kept in all, and by day.
#[derive(Clone, Copy)]
struct Figure {
    in_all: Column,
    of_day: member_day::Column,
    of_window: fn(&SummedWindow) -> Column,
}

impl Figure {
    const ORDERS: Self = Self {
        in_all: Column::PaidOrders,
        of_day: member_day::Column::Orders,
        of_window: |window| window.orders,
    };
    const SPENT: Self = Self {
        in_all: Column::SpentMinor,
        of_day: member_day::Column::SpentMinor,
        of_window: |window| window.spent,
    };
}

fn within(figure: &Expr, range: Range) -> Condition {
    Condition::all()
        .add_option(range.min.map(|min| figure.clone().gte(min)))
        .add_option(range.max.map(|max| figure.clone().lte(max)))
}

/// Spent by paid orders, without dividing.
fn average(range: Range) -> Condition {
    let orders = || Expr::col((member::Entity, Column::PaidOrders));
    let spent = || Expr::col((member::Entity, Column::SpentMinor));
    Condition::all()
        .add(orders().gt(0))
        .add_option(range.min.map(|min| spent().gte(orders().mul(min))))
        .add_option(range.max.map(|max| spent().lte(orders().mul(max))))
}

fn birthday(spans: impl Iterator<Item = (i32, i32)>) -> Condition {
    let spans = spans.map(|(from, to)| {
        Column::Birthday
            .gte(from)
            .and(Column::Birthday.lte(to))
            .into_condition()
    });
    known(Column::Birthday).add(spans.fold(Condition::any(), Condition::add))
}

/// What is said of a column that may be empty begins with that it is not.
fn known(column: Column) -> Condition {
    Condition::all().add(column.is_not_null())
}

fn filled(column: Column, wanted: bool) -> Condition {
    if wanted {
        column.is_not_null().into_condition()
    } else {
        column.is_null().into_condition()
    }
}

/// That a row of another table is of the member at hand.
fn is_members(column: impl ColumnTrait) -> SimpleExpr {
    Expr::col(column.as_column_ref()).equals((member::Entity, Column::Id))
}

fn lines_of_order() -> RelationDef {
    use order_line::Column;
    order::Entity::belongs_to(order_line::Entity)
        .from((order::Column::MerchantId, order::Column::Id))
        .to((Column::MerchantId, Column::OrderId))
        .into()
}

fn exists<E: EntityTrait>(rows: Select<E>, column: E::Column) -> Condition {
    let rows = rows.select_only().column(column).into_query();
    Expr::exists(rows).into_condition()
}

pub(super) fn subquery(select: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(select)))
}

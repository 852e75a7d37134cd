//! Which members clients want, and in which order.

use async_graphql::{Context, Enum, ID, InputObject};
use chrono::TimeDelta;
use entity::MerchantId;

use crate::auth::model::Scope;
use crate::error::{Error, Problem};
use crate::graphql::Ask;
use crate::graphql::scalars::{MoneyInput, read_ids};
use crate::graphql::time_range::TimeRangeInput;
use crate::members::model::{
    Hashed, Likeness, MemberFilter, MemberSort, MemberSortField as SortField, SpentRange,
    check_member_no, clean_tag, hidden, read_contact,
};
use crate::members::service::{likeness_of_contact, likeness_of_name};
use crate::orders::schema::enums::SortDirection;
use crate::orders::schema::inputs::{AmountRangeInput, Reading};
use crate::seal::MasterKey;
use crate::time_range::start_of_day;

/// How many days somebody may not have paid for.
const LONGEST_AWAY: i32 = 3_650;
/// How many values one list of the filter takes.
const MOST_VALUES: usize = 50;

/// Members whose spending lies in a range 累计消费区间, both ends in it: not negative, and the least not more than the most.
#[derive(Clone, Copy, Debug, Default, InputObject)]
pub struct SpentRangeInput {
    /// The least.
    pub min: Option<MoneyInput>,
    /// The most.
    pub max: Option<MoneyInput>,
}

/// Which members are wanted. Everything that is given must hold.
#[derive(Clone, Default, InputObject)]
pub struct MemberFilterInput {
    /// The beginning of the shop's own number 会员号, or the whole number of who has become a part of another member, who is
    /// found by it. An empty text is none.
    pub member_no: Option<String>,
    /// The whole name 姓名, whatever the case and the width of its letters; a blank text is none. Needs `personal:read`.
    pub name: Option<String>,
    /// A whole telephone number, its last four digits, or a whole e-mail address 手机号、手机尾号或邮箱; a blank text is
    /// none. All but the last four digits need `personal:read`.
    pub contact: Option<String>,
    /// Of any of these tiers 等级.
    pub tier_ids: Option<Vec<ID>>,
    /// With any of these tags 标签.
    pub tags: Option<Vec<String>>,
    /// Born in this month 生日月份, 1 to 12.
    pub birth_month: Option<i32>,
    /// What they have paid in all 累计消费. Needs `orders:read`.
    pub spent: Option<SpentRangeInput>,
    /// Whose last payment 最近支付 lies in this span. Needs `orders:read`.
    pub last_paid_at: Option<TimeRangeInput>,
    /// Who have paid, but not on the last so many days 多少天未消费, today among them. Needs `orders:read`.
    pub not_paid_for_days: Option<i32>,
    /// Whether they have paid for an order.
    pub has_paid: Option<bool>,
    /// Whether they agree to be written to 是否同意营销.
    pub consented: Option<bool>,
    /// Named for the first time in this span.
    pub created_at: Option<TimeRangeInput>,
    /// Whose first payment lies in this span.
    pub first_paid_at: Option<TimeRangeInput>,
}

hidden!(MemberFilterInput);

/// Who looks for members: with what names and telephone numbers are hashed, which no filter keeps as they are.
#[derive(Clone, Copy, Debug)]
pub struct Seeker<'a> {
    key: &'a MasterKey,
    merchant_id: MerchantId,
}

impl<'a> Seeker<'a> {
    /// Whoever asks.
    pub fn of(ctx: &'a Context<'_>) -> Result<Self, Error> {
        Ok(Self {
            key: &ctx.app().key,
            merchant_id: ctx.actor()?.merchant_id,
        })
    }
}

impl MemberFilterInput {
    /// Reads the filter; what cannot be meant is named.
    pub fn read(self, reading: &Reading, seeker: &Seeker<'_>) -> Result<MemberFilter, Error> {
        let member_no = self.member_no.clone().filter(|no| !no.trim().is_empty());
        if let Some(no) = &member_no {
            read_member_no("filter.memberNo", no)?;
        }
        let span = |field: &str, input: Option<TimeRangeInput>| {
            input
                .map(|input| input.read(&format!("filter.{field}"), reading.now, reading.zone))
                .transpose()
        };
        let tier_ids = self.tier_ids.as_ref();
        Ok(MemberFilter {
            likenesses: self.likenesses(seeker)?,
            tags: self.tags.as_deref().map(read_tags).transpose()?,
            birth_month: self.birth_month.map(read_month).transpose()?,
            not_paid_since_ms: self.not_paid_since(reading)?,
            tier_ids: tier_ids
                .map(|ids| read_ids("filter.tierIds", ids))
                .transpose()?,
            spent: self.spent.unwrap_or_default().read(reading)?,
            last_paid: span("lastPaidAt", self.last_paid_at)?,
            created: span("createdAt", self.created_at)?,
            first_paid: span("firstPaidAt", self.first_paid_at)?,
            has_paid: self.has_paid,
            consented: self.consented,
            member_no,
            survivor: None,
        })
    }

    /// What is searched for by heart.
    fn likenesses(&self, seeker: &Seeker<'_>) -> Result<Vec<Likeness>, Error> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let Seeker { key, merchant_id } = *seeker;
        let name = given(&self.name).map(|name| likeness_of_name(key, merchant_id, &name));
        let contact = given(&self.contact).map(|text| {
            let contact = read_contact(&text).map_err(|problem| wrong("contact", problem))?;
            Ok::<_, Error>(likeness_of_contact(key, merchant_id, &contact))
        });
        Ok(name.into_iter().chain(contact.transpose()?).collect())
    }

    /// The instant since when they have not paid.
    fn not_paid_since(&self, reading: &Reading) -> Result<Option<i64>, Error> {
        let Some(days) = self.not_paid_for_days else {
            return Ok(None);
        };
        if !(1..=LONGEST_AWAY).contains(&days) {
            let problem = Problem::new(
                format!("must be 1 to {LONGEST_AWAY}."),
                format!("须为 1 至 {LONGEST_AWAY}。"),
            );
            return Err(wrong("notPaidForDays", problem));
        }
        let today = reading.now.with_timezone(&reading.zone).date_naive();
        let first = today - TimeDelta::days(i64::from(days) - 1);
        let since = start_of_day(first, reading.zone);
        Ok(Some(since.timestamp_millis()))
    }
}

fn wrong(field: &str, problem: Problem) -> Error {
    Error::BadInput {
        field: format!("filter.{field}"),
        problem,
    }
}

fn read_month(month: i32) -> Result<u32, Error> {
    let read = u32::try_from(month).ok();
    let read = read.filter(|month| (1..=12).contains(month));
    read.ok_or_else(|| {
        let problem = Problem::new("must be a month, 1 to 12.", "须为 1 至 12 月。");
        wrong("birthMonth", problem)
    })
}

fn read_tags(tags: &[String]) -> Result<Vec<String>, Error> {
    if !(1..=MOST_VALUES).contains(&tags.len()) {
        let problem = Problem::new(
            format!("takes 1 to {MOST_VALUES} values; leave it out to ask for all."),
            format!("须为 1 至 {MOST_VALUES} 个值；不筛选时请省略。"),
        );
        return Err(wrong("tags", problem));
    }
    let tags = tags.iter().map(|tag| clean_tag(tag));
    let tags: Result<Vec<String>, Problem> = tags.collect();
    tags.map_err(|problem| wrong("tags", problem))
}

impl SpentRangeInput {
    fn read(self, reading: &Reading) -> Result<SpentRange, Error> {
        let Self { min, max } = self;
        let range = AmountRangeInput { min, max }.read_as("filter.spent", reading)?;
        Ok(SpentRange {
            min_minor: range.min_minor,
            max_minor: range.max_minor,
        })
    }
}

/// Refuses what is no member's number, nor the beginning of one.
pub fn read_member_no(field: &str, no: &str) -> Result<(), Error> {
    check_member_no(no).map_err(|problem| Error::BadInput {
        field: field.to_owned(),
        problem,
    })
}

/// Refuses who may not see orders what tells of them, and who is shown masked values what opens them: whoever may try
/// all digits behind a mask learns the number. The last four stand before it.
pub fn may_seek(ctx: &Context<'_>, filter: &MemberFilter, sort: MemberSort) -> Result<(), Error> {
    let tells_orders = sort.field != SortField::Created
        || filter.spent != SpentRange::default()
        || filter.last_paid.is_some()
        || filter.not_paid_since_ms.is_some();
    let likenesses = &filter.likenesses;
    let tells_people = likenesses.iter().any(|of| of.of != Hashed::PhoneTail);
    for (tells, scope) in [
        (tells_orders, Scope::OrdersRead),
        (tells_people, Scope::PersonalRead),
    ] {
        if tells && !ctx.actor()?.may(scope) {
            return Err(Error::Forbidden {
                scope: scope.name(),
            });
        }
    }
    Ok(())
}

/// The filter of what a list shows, so that as many are counted: by the last payment, who never paid has no place.
#[must_use]
pub fn in_list(mut filter: MemberFilter, sort: MemberSort) -> MemberFilter {
    if sort.field == SortField::LastPaid {
        // Whose last payment lies before the end of time is anybody who paid.
        filter.not_paid_since_ms.get_or_insert(i64::MAX);
    }
    filter
}

/// What a list of members is sorted by. Ties are broken by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "SortField")]
pub enum MemberSortField {
    /// When they were first named.
    Created,
    /// What they have paid in all 累计消费. Needs `orders:read`.
    Spent,
    /// When they last paid 最近支付; those who never did are left out. Needs `orders:read`.
    LastPaid,
}

/// How a list of members is sorted.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MemberSortInput {
    /// By what.
    #[graphql(default_with = "MemberSortField::Created")]
    pub field: MemberSortField,
    /// In which direction.
    #[graphql(default_with = "SortDirection::Desc")]
    pub direction: SortDirection,
}

impl From<MemberSortInput> for MemberSort {
    fn from(input: MemberSortInput) -> Self {
        Self {
            field: input.field.into(),
            downward: input.direction == SortDirection::Desc,
        }
    }
}

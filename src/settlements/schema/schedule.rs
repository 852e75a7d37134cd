//! What becomes available when, as clients see it.

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;
use entity::Day;

use crate::channels::loader::ChannelLoader;
use crate::channels::schema::Channel;
use crate::error::{Error, Problem};
use crate::graphql::plain::{Lean, plain_object};
use crate::graphql::scalars::LocalDate;
use crate::locale::Locale;
use crate::money::{Currency, Money};
use crate::settlements::service::Scheduled;

/// What becomes available on one day.
#[derive(Clone, Debug)]
pub struct SettlementScheduleDay {
    day: Option<Day>,
    channels: Vec<Lean<SettlementScheduleChannel>>,
    currency: Currency,
    locale: Locale,
}

impl SettlementScheduleDay {
    /// The days of a schedule, which lists what belongs to one day side by side.
    pub(super) fn list(
        schedule: Vec<Scheduled>,
        currency: Currency,
        locale: Locale,
    ) -> Vec<Lean<Self>> {
        let days = schedule.chunk_by(|one, other| one.settles_on == other.settles_on);
        days.map(|channels| {
            let of = |row: &Scheduled| {
                Lean(SettlementScheduleChannel {
                    row: *row,
                    currency,
                })
            };
            Lean(Self {
                day: channels.first().and_then(|row| row.settles_on),
                channels: channels.iter().map(of).collect(),
                currency,
                locale,
            })
        })
        .collect()
    }

    fn rows(&self) -> impl Iterator<Item = &Scheduled> {
        self.channels.iter().map(|channel| &channel.0.row)
    }

    fn why_unknown(&self) -> Option<String> {
        let problem = Problem::new(
            "The working days of that year are not announced yet: the day is named when they are.",
            "该年度的工作日安排尚未公布，公布后确定结算日。",
        );
        let unknown = self.day.is_none();
        unknown.then(|| problem.in_language(self.locale).to_owned())
    }
}

plain_object! {
    /// What becomes available on one day 结算计划.
    SettlementScheduleDay(self) {
        /// The merchant's day; none for money whose day the calendar of working days does not know yet.
        day / "day": Option<LocalDate> = self.day.map(|day| LocalDate(day.into()));
        /// How much.
        amount / "amount": Money =
            Money::of_minor(self.rows().map(|row| row.amount_minor).sum(), self.currency);
        /// Of how many payments.
        payments / "payments": i64 = self.rows().map(|row| row.payments).sum();
        /// The same by channel.
        channels / "channels": &Vec<Lean<SettlementScheduleChannel>> = &self.channels;
        /// Why there is no day, in the language of `Accept-Language`; none where there is one.
        note / "note": Option<String> = self.why_unknown();
    }
}

/// What becomes available on one day through one channel.
#[derive(Clone, Copy, Debug)]
pub struct SettlementScheduleChannel {
    row: Scheduled,
    currency: Currency,
}

plain_object! {
    /// What becomes available on one day through one channel.
    SettlementScheduleChannel(self) {
        /// How much.
        amount / "amount": Money = Money::of_minor(self.row.amount_minor, self.currency);
        /// Of how many payments.
        payments / "payments": i64 = self.row.payments;
    }
    {
        /// The channel.
        async fn channel(&self, ctx: &Context<'_>) -> Result<Lean<Channel>, Error> {
            let loader = ctx.data_unchecked::<DataLoader<ChannelLoader>>();
            let row = loader.load_one(self.row.channel_id).await?;
            row.map(|row| Lean(Channel { row })).ok_or(Error::NotFound)
        }
    }
}

//! The books of a store's history: what is posted, what is settled, and the balances that follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use entity::channel::SettlementCycle;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::{
    ChannelId, Day, LedgerTransactionId, SettlementId, channel, ledger_balance, ledger_checkpoint,
    ledger_entry, ledger_transaction, settlement,
};

use super::payouts::PaidOut;
use super::{DAY_MS, instant};
use crate::demo::store::Store;
use crate::ledger::model::{Balances, Posting};
use crate::settlements::model::Terms;
use crate::working_days::Calendar;

/// Settlements are released so soon after midnight, when the worker comes by.
const AFTER_MIDNIGHT_MS: i64 = 640;
/// What the worker found nothing to release of on its day, it releases so soon after it came back.
pub const NEXT_ROUND_MS: i64 = 1_000;
/// The tails of ids of what settlements post begin here; those of orders end.
pub const SETTLEMENTS: i64 = 1 << 21;
/// What a merchant brought along, in minor units.
const OPENING_MINOR: i64 = 2_000_000;
/// Fees prepaid for each order that is expected, in minor units: some times what they come to.
const PREPAID_MINOR: i64 = 60;

/// A transaction of the ledger with its entries.
pub type Posted = (ledger_transaction::Model, Vec<ledger_entry::Model>);

/// What a history leaves behind when its last order is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What was released.
    pub settlements: Vec<settlement::Model>,
    /// What left for the bank account.
    pub paid_out: PaidOut,
    /// What belongs to no order.
    pub postings: Vec<Posted>,
    /// The balances at the end of each day on which anything was posted.
    pub checkpoints: Vec<ledger_checkpoint::Model>,
    /// The balances now.
    pub balance: ledger_balance::Model,
}

/// A channel, and on which day its payments settle.
#[derive(Debug)]
pub struct Settling {
    /// The channel.
    pub channel: channel::Model,
    /// Its terms.
    pub cycle: SettlementCycle,
    /// By the day on which a payment is credited.
    days: Vec<Option<NaiveDate>>,
}

/// The books of one store.
#[derive(Debug)]
pub struct Books {
    /// Whose.
    pub store: Arc<Store>,
    /// The end of the history.
    pub until_ms: i64,
    /// Which days are worked on.
    pub calendar: Calendar,
    channels: Vec<Settling>,
    first: Day,
    sums: BTreeMap<i64, Balances>,
    settlements: BTreeMap<SettlementId, settlement::Model>,
    opening: Vec<Posted>,
}

impl Books {
    /// Opens the books with what the merchant brought along: a balance, and prepaid fees for so many orders.
    pub fn open(store: Arc<Store>, calendar: &Calendar, until: DateTime<Utc>, orders: u64) -> Self {
        let opened_at = store.merchant.created_at.0;
        let zone = store.shop.time_zone;
        let first = opened_at.with_timezone(&zone).date_naive();
        let days = (until - opened_at).num_days() + 2;
        let channels = store.channels.iter().map(|channel| {
            let terms = Terms::of(&store.merchant, channel);
            let settles_on = |day: NaiveDate| {
                let (_, offset_ms) = super::local_time(store.shop, opened_at.timestamp_millis());
                let noon_ms = i64::from(Day::from(day).0) * DAY_MS + DAY_MS / 2 - offset_ms;
                terms.settles_on(instant(noon_ms).0, zone, calendar)
            };
            let days = first
                .iter_days()
                .take(usize::try_from(days).unwrap_or(0))
                .map(settles_on);
            Settling {
                channel: channel.clone(),
                cycle: terms.cycle,
                days: days.collect(),
            }
        });
        let mut books = Self {
            channels: channels.collect(),
            store,
            until_ms: until.timestamp_millis(),
            calendar: calendar.clone(),
            first: Day::from(first),
            sums: BTreeMap::new(),
            settlements: BTreeMap::new(),
            opening: Vec::new(),
        };
        books.bring_along(opened_at.timestamp_millis(), orders);
        books
    }

    fn bring_along(&mut self, opened_ms: i64, orders: u64) {
        let prepaid = i64::try_from(orders).unwrap_or(0) * PREPAID_MINOR + OPENING_MINOR / 10;
        let direct = self.channels.iter().any(|one| {
            one.channel.funds_mode == entity::channel::FundsMode::Direct && one.channel.enabled
        });
        let mut brought = vec![(LedgerAccount::Available, OPENING_MINOR)];
        if direct {
            brought.push((LedgerAccount::Prepaid, prepaid));
        }
        for (place, (account, minor)) in (1..).zip(brought) {
            let first = LedgerTransactionId::first_at(opened_ms).0;
            let posting = Posting {
                source: LedgerSource::Adjustment,
                source_id: first | place,
                step: LedgerStep::Adjusted,
                round: 1,
                changes: Balances::default()
                    .with(account, minor)
                    .with(LedgerAccount::Adjustment, -minor),
            };
            let id = LedgerTransactionId(first | SETTLEMENTS | place);
            let (mut transaction, entries) = self.post(id, &posting);
            transaction.note = Some("期初余额".to_owned());
            self.opening.push((transaction, entries));
        }
    }

    /// A channel of the store.
    pub fn channel(&self, id: ChannelId) -> Option<&Settling> {
        self.channels.iter().find(|one| one.channel.id == id)
    }

    /// The day of the shop on which an instant lies.
    pub fn day(&self, at_ms: i64) -> Day {
        let local = super::local_time(self.store.shop, at_ms).0;
        Day::from(local.date())
    }

    /// The day on which a payment settles that a channel credited on a day.
    pub fn settles_on(&self, settling: &Settling, credited_on: Day) -> Option<NaiveDate> {
        let place = usize::try_from(credited_on.0 - self.first.0).ok()?;
        settling.days.get(place).copied().flatten()
    }

    /// When what is due on a day is released.
    pub fn release_ms(&self, day: Day) -> i64 {
        self.begin_ms(day) + AFTER_MIDNIGHT_MS
    }

    /// When a day of the shop begins.
    pub fn begin_ms(&self, day: Day) -> i64 {
        let midnight_ms = i64::from(day.0) * DAY_MS;
        let (_, offset_ms) = super::local_time(self.store.shop, midnight_ms);
        midnight_ms - offset_ms
    }

    /// The shop's time zone.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.store.shop.time_zone
    }

    /// The least that is available at the end of a day or of any later one, by day.
    pub fn lowest_available(&self) -> BTreeMap<i64, i64> {
        let mut available = 0;
        let ends = self.sums.iter().map(|(day, sum)| {
            available += sum.get(LedgerAccount::Available);
            (*day, available)
        });
        let ends: Vec<(i64, i64)> = ends.collect();
        let mut lowest = i64::MAX;
        let from_the_end = ends.into_iter().rev().map(|(day, minor)| {
            lowest = lowest.min(minor);
            (day, lowest)
        });
        from_the_end.collect()
    }

    /// Posts a transaction.
    pub fn post(&mut self, id: LedgerTransactionId, posting: &Posting) -> Posted {
        debug_assert!(posting.changes.is_balanced() && posting.changes.amount() > 0);
        let merchant_id = self.store.merchant.id;
        let at_ms = id.made_at_ms();
        let sum = self.sums.entry(at_ms.div_euclid(DAY_MS)).or_default();
        *sum = sum.plus(&posting.changes);
        let entries = posting.changes.entries();
        let entries = entries.map(|(account, direction, amount_minor)| ledger_entry::Model {
            merchant_id,
            transaction_id: id,
            account,
            direction,
            amount_minor,
        });
        let transaction = ledger_transaction::Model {
            merchant_id,
            id,
            source: posting.source,
            source_id: posting.source_id,
            step: posting.step,
            round: posting.round,
            currency: self.store.merchant.currency.clone(),
            amount_minor: posting.changes.amount(),
            posted_at: instant(at_ms),
            note: None,
        };
        (transaction, entries.collect())
    }

    /// Adds what is left of a payment to the settlement of its channel and day that is released at an
    /// instant.
    pub fn release(
        &mut self,
        channel_id: ChannelId,
        settles_on: Day,
        minor: i64,
        at_ms: i64,
    ) -> SettlementId {
        let place = self
            .channels
            .iter()
            .position(|one| one.channel.id == channel_id);
        let place = place.and_then(|place| i64::try_from(place).ok());
        let id = SettlementId(SettlementId::first_at(at_ms).0 | place.unwrap_or(0));
        let merchant = &self.store.merchant;
        let settlement = self.settlements.entry(id).or_insert(settlement::Model {
            merchant_id: merchant.id,
            id,
            channel_id,
            currency: merchant.currency.clone(),
            amount_minor: 0,
            payments: 0,
            settles_on,
            released_at: instant(at_ms),
        });
        settlement.amount_minor += minor;
        settlement.payments += 1;
        id
    }

    /// Closes the books: posts the settlements, and sums up.
    pub fn close(mut self) -> Closing {
        let settlements: Vec<_> = std::mem::take(&mut self.settlements)
            .into_values()
            .collect();
        let mut postings = std::mem::take(&mut self.opening);
        for settlement in &settlements {
            let posting = Posting {
                source: LedgerSource::Settlement,
                source_id: settlement.id.0,
                step: LedgerStep::Released,
                round: 1,
                changes: Balances::default()
                    .with(LedgerAccount::Pending, -settlement.amount_minor)
                    .with(LedgerAccount::Available, settlement.amount_minor),
            };
            let id = LedgerTransactionId(settlement.id.0 | SETTLEMENTS);
            let posted = self.post(id, &posting);
            postings.push(posted);
        }
        let paid_out = self.pay_out();
        postings.extend_from_slice(&paid_out.postings);
        let mut balances = Balances::default();
        let mut checkpoints = Vec::with_capacity(self.sums.len());
        for (day, sum) in &self.sums {
            balances = balances.plus(sum);
            let end_ms = (day + 1) * DAY_MS;
            if end_ms <= self.until_ms {
                checkpoints.push(self.checkpoint(LedgerTransactionId::first_at(end_ms), balances));
            }
        }
        Closing {
            settlements,
            paid_out,
            postings,
            checkpoints,
            balance: self.balance(balances),
        }
    }

    fn checkpoint(
        &self,
        before_id: LedgerTransactionId,
        balances: Balances,
    ) -> ledger_checkpoint::Model {
        ledger_checkpoint::Model {
            merchant_id: self.store.merchant.id,
            before_id,
            pending_minor: balances.get(LedgerAccount::Pending),
            available_minor: balances.get(LedgerAccount::Available),
            reserved_minor: balances.get(LedgerAccount::Reserved),
            prepaid_minor: balances.get(LedgerAccount::Prepaid),
            channel_clearing_minor: balances.get(LedgerAccount::ChannelClearing),
            fee_income_minor: balances.get(LedgerAccount::FeeIncome),
            payout_clearing_minor: balances.get(LedgerAccount::PayoutClearing),
            adjustment_minor: balances.get(LedgerAccount::Adjustment),
        }
    }

    fn balance(&self, balances: Balances) -> ledger_balance::Model {
        let available_minor = balances.get(LedgerAccount::Available);
        ledger_balance::Model {
            merchant_id: self.store.merchant.id,
            pending_minor: balances.get(LedgerAccount::Pending),
            available_minor,
            available_floor_minor: available_minor.min(0),
            reserved_minor: balances.get(LedgerAccount::Reserved),
            prepaid_minor: balances.get(LedgerAccount::Prepaid),
            channel_clearing_minor: balances.get(LedgerAccount::ChannelClearing),
            fee_income_minor: balances.get(LedgerAccount::FeeIncome),
            payout_clearing_minor: balances.get(LedgerAccount::PayoutClearing),
            adjustment_minor: balances.get(LedgerAccount::Adjustment),
        }
    }
}

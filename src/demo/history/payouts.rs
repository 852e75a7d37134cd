//! What left for the bank account: a payout each Monday, by the schedule or by somebody, and one that came back.

use chrono::{Datelike, NaiveTime, TimeZone, Utc, Weekday};
use entity::channel::PaymentMethod;
use entity::ledger_entry::LedgerAccount;
use entity::ledger_transaction::{LedgerSource, LedgerStep};
use entity::payout::{self, PayoutOrigin, PayoutStatus};
use entity::payout_schedule::{self, PayoutCadence};
use entity::{
    BankAccountId, ChannelId, LedgerTransactionId, PayoutId, payout_record, payout_terms,
};

use super::books::{Books, Posted, SETTLEMENTS};
use super::payout_records::records;
use super::{DAY_MS, HOUR_MS, instant};
use crate::fees::model::Tariff;
use crate::ledger::model::{Balances, Posting};
use crate::payouts::model::{Arrival, Terms, expected, next_moment};

/// What stays available, in minor units.
const RETAINED_MINOR: i64 = 2_000_000;
/// Below it nothing leaves, in minor units.
const LEAST_MINOR: i64 = 100_000;
/// What is paid out is a multiple of this, in minor units.
const STEP_MINOR: i64 = 10_000;
/// The highest amount, in minor units.
const MOST_MINOR: i64 = 50_000_000;
/// When it leaves, in minutes of the day.
const AT_MINUTE: i16 = 600;
/// Somebody asks instead of the schedule each so many weeks.
const BY_HAND_EVERY: usize = 4;
/// Which one the bank returns.
const RETURNED: usize = 20;
/// When the bank has a payout, after the beginning of its day.
const ARRIVES_MS: i64 = 11 * HOUR_MS;

/// What left, and how it is to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaidOut {
    /// The payouts.
    pub payouts: Vec<payout::Model>,
    /// What happened to them.
    pub records: Vec<payout_record::Model>,
    /// What they cost.
    pub terms: Option<payout_terms::Model>,
    /// What leaves by itself.
    pub schedule: Option<payout_schedule::Model>,
    /// What the ledger says of them.
    pub postings: Vec<Posted>,
}

/// The terms of every shop.
fn terms() -> Terms {
    Terms {
        channel_id: None,
        tariff: Tariff {
            rate_ppm: 1_000,
            fixed_minor: 0,
            min_minor: Some(100),
            max_minor: Some(2_500),
        },
        min_minor: 10_000,
        max_minor: MOST_MINOR,
        daily_max_minor: Some(2 * MOST_MINOR),
        cutoff_minute: 1_020,
        arrival_days: (1, 2),
        fee_returned: true,
    }
}

impl Books {
    /// Pays out, each Monday, what is available beyond what is to stay and is needed for nothing later.
    pub fn pay_out(&mut self) -> PaidOut {
        let account = self.store.bank_accounts.first().map(|one| one.id);
        // Not through the one that fails every few minutes.
        let open = || self.store.channels.iter().filter(|one| one.enabled);
        let alipay = open().find(|one| one.method == PaymentMethod::Alipay);
        let channel = alipay.or(open().next());
        let (Some(account), Some(channel)) = (account, channel.map(|one| one.id)) else {
            return PaidOut::default();
        };
        let lowest = self.lowest_available();
        let (mut out, mut gone) = (PaidOut::default(), 0);
        self.post_small_amount(&mut out.postings);
        for at_ms in self.mondays() {
            let day = at_ms.div_euclid(DAY_MS) - 1;
            let beyond = lowest.range(day..).next().map_or(0, |(_, minor)| *minor);
            let amount = (beyond - gone - RETAINED_MINOR).min(MOST_MINOR);
            let amount = amount / STEP_MINOR * STEP_MINOR;
            let arrival = expected(&self.calendar, &terms(), self.zone(), instant(at_ms).0);
            let Some(arrival) = arrival.filter(|_| amount >= LEAST_MINOR) else {
                continue;
            };
            let number = out.payouts.len();
            let row = self.payout((account, channel), amount, at_ms, number, arrival);
            if row.updated_at.0.timestamp_millis() > self.until_ms {
                break;
            }
            gone += amount;
            if row.state == PayoutStatus::Returned {
                gone -= amount;
            }
            self.post_payout(&row, &mut out.postings);
            out.records.extend(records(&row));
            out.payouts.push(row);
        }
        out.terms = Some(self.terms_row(channel));
        out.schedule = Some(self.schedule_row(account, out.payouts.last()));
        out
    }

    /// The Mondays of the history, at the schedule's time.
    fn mondays(&self) -> Vec<i64> {
        let opened = self.store.merchant.created_at.0.with_timezone(&self.zone());
        let time = NaiveTime::from_hms_opt(10, 0, 0).unwrap_or_default();
        let days = opened.date_naive().iter_days().skip(14);
        days.filter(|day| day.weekday() == Weekday::Mon)
            .filter_map(|day| {
                let local = self.zone().from_local_datetime(&day.and_time(time));
                local.earliest()
            })
            .map(|at| at.with_timezone(&Utc).timestamp_millis())
            .take_while(|at_ms| *at_ms < self.until_ms)
            .collect()
    }

    fn payout(
        &self,
        (account, channel): (BankAccountId, ChannelId),
        amount_minor: i64,
        at_ms: i64,
        number: usize,
        arrival: Arrival,
    ) -> payout::Model {
        let (store, terms, returned) = (&self.store, terms(), number == RETURNED);
        let fee_minor = terms.fee(amount_minor);
        let id = PayoutId(PayoutId::first_at(at_ms).0 | 1);
        let decider = store.crew.decider.clone();
        let by_hand = number % BY_HAND_EVERY == BY_HAND_EVERY - 1 && decider.is_some();
        let above = store.merchant.payout_approval_above_minor;
        let waits = above.is_some_and(|above| amount_minor > above);
        let owner = store.crew.owner.clone();
        let other = decider.unwrap_or_else(|| owner.clone());
        let (asked, decides) = if by_hand {
            (other, owner)
        } else {
            (owner, other)
        };
        let decided_ms = at_ms + HOUR_MS / 2;
        let sent_ms = if waits { decided_ms } else { at_ms } + 400;
        // Most are there the next working day.
        let arrives_on = if number % 5 == 2 {
            arrival.to
        } else {
            arrival.from
        };
        // After holidays two may arrive on one day.
        let place = i64::try_from(number).unwrap_or(0) * 1_000;
        let paid_ms = self.begin_ms(arrives_on.into()) + ARRIVES_MS + place;
        let ended_ms = if returned { paid_ms + DAY_MS } else { paid_ms };
        payout::Model {
            merchant_id: store.merchant.id,
            id,
            bank_account_id: account,
            channel_id: channel,
            currency: store.merchant.currency.clone(),
            amount_minor,
            fee_minor,
            net_minor: amount_minor - fee_minor,
            state: if returned {
                PayoutStatus::Returned
            } else {
                PayoutStatus::Paid
            },
            origin: if by_hand {
                PayoutOrigin::Person
            } else {
                PayoutOrigin::Schedule
            },
            requested_by: asked,
            note: by_hand.then(|| "支付供应商货款".to_owned()),
            challenge_id: None,
            signature: Vec::new(),
            decided_by: waits.then_some(decides),
            decided_at: waits.then(|| instant(decided_ms)),
            decision_note: None,
            attempts: 2,
            lease: 3,
            sent_at: Some(instant(sent_ms)),
            sent_through: None,
            accepted_at: Some(instant(sent_ms)),
            next_attempt_at: None,
            needs_attention: false,
            provider_payout_no: Some(format!("SBP{}", id.0)),
            error_code: returned.then(|| "RETURNED".to_owned()),
            error: returned.then(|| "银行退票：收款账户状态异常".to_owned()),
            expected_from_on: Some(arrival.from.into()),
            expected_to_on: Some(arrival.to.into()),
            paid_at: Some(instant(paid_ms)),
            returned_at: returned.then(|| instant(ended_ms)),
            closed_at: None,
            closed_by: None,
            returns_fee: terms.fee_returned,
            fee_returned_minor: if returned { fee_minor } else { 0 },
            updated_at: instant(ended_ms),
        }
    }

    fn post_payout(&mut self, row: &payout::Model, postings: &mut Vec<Posted>) {
        let none = Balances::default();
        let (amount, net, fee) = (row.amount_minor, row.net_minor, row.fee_minor);
        let reserved = none
            .with(LedgerAccount::Available, -amount)
            .with(LedgerAccount::Reserved, amount);
        let settled = none
            .with(LedgerAccount::Reserved, -amount)
            .with(LedgerAccount::PayoutClearing, net)
            .with(LedgerAccount::FeeIncome, fee);
        let reversed = none
            .with(LedgerAccount::PayoutClearing, -net)
            .with(LedgerAccount::FeeIncome, -fee)
            .with(LedgerAccount::Available, amount);
        let made_ms = Some(row.id.made_at_ms());
        let ms = |at: Option<entity::Instant>| at.map(|at| at.0.timestamp_millis());
        for (step, at_ms, changes) in [
            (LedgerStep::Reserved, made_ms, reserved),
            (LedgerStep::Settled, ms(row.paid_at), settled),
            (LedgerStep::Reversed, ms(row.returned_at), reversed),
        ] {
            let Some(at_ms) = at_ms else { continue };
            let posting = Posting {
                source: LedgerSource::Payout,
                source_id: row.id.0,
                step,
                round: 1,
                changes,
            };
            // Beyond what settlements and the opening have.
            let tail = SETTLEMENTS | (1 << 20) | step as i64;
            let id = LedgerTransactionId(LedgerTransactionId::first_at(at_ms).0 | tail);
            postings.push(self.post(id, &posting));
        }
    }

    /// What checked the bank account: the platform gave it.
    fn post_small_amount(&mut self, postings: &mut Vec<Posted>) {
        let account = self.store.bank_accounts.first();
        let sent =
            account.and_then(|one| one.check_sent_at.map(|at| (one.id, at, one.check_minor)));
        let Some((account, sent_at, minor)) = sent else {
            return;
        };
        let posting = Posting {
            source: LedgerSource::BankAccount,
            source_id: account.0,
            step: LedgerStep::Settled,
            round: 1,
            changes: Balances::default()
                .with(LedgerAccount::Adjustment, -minor)
                .with(LedgerAccount::PayoutClearing, minor),
        };
        let first = LedgerTransactionId::first_at(sent_at.0.timestamp_millis()).0;
        let id = LedgerTransactionId(first | SETTLEMENTS | (1 << 19));
        postings.push(self.post(id, &posting));
    }

    fn terms_row(&self, channel: ChannelId) -> payout_terms::Model {
        let terms = terms();
        payout_terms::Model {
            merchant_id: self.store.merchant.id,
            channel_id: Some(channel),
            rate_ppm: i32::try_from(terms.tariff.rate_ppm).unwrap_or(0),
            fixed_minor: terms.tariff.fixed_minor,
            min_fee_minor: terms.tariff.min_minor,
            max_fee_minor: terms.tariff.max_minor,
            min_minor: terms.min_minor,
            max_minor: terms.max_minor,
            daily_max_minor: terms.daily_max_minor,
            cutoff_minute: terms.cutoff_minute,
            arrival_days_min: terms.arrival_days.0,
            arrival_days_max: terms.arrival_days.1,
            fee_returned: terms.fee_returned,
            updated_at: self.store.merchant.created_at,
        }
    }

    fn schedule_row(
        &self,
        account: BankAccountId,
        last: Option<&payout::Model>,
    ) -> payout_schedule::Model {
        let made = |payout: &payout::Model| instant(payout.id.made_at_ms());
        let row = payout_schedule::Model {
            merchant_id: self.store.merchant.id,
            bank_account_id: account,
            cadence: PayoutCadence::Weekly,
            day: Some(1),
            at_minute: AT_MINUTE,
            retained_minor: RETAINED_MINOR,
            min_minor: LEAST_MINOR,
            version: 1,
            set_by: self.store.crew.owner.clone(),
            set_at: self.store.merchant.created_at,
            paused: false,
            next_at: None,
            last_at: last.map(made),
            last_outcome: last.map(|payout| payout.id.to_string()),
        };
        let next = next_moment(&row, self.zone(), instant(self.until_ms).0);
        payout_schedule::Model {
            next_at: next.map(entity::Instant),
            ..row
        }
    }
}

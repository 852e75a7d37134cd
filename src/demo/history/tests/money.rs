//! The money of a year: nothing is spent that is not there, and the end is the sum of all that was posted.

use std::collections::HashSet;

use entity::channel::{FundsMode, PaymentMethod};
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::payment;
use entity::refund::RefundStatus;

use super::*;
use crate::ledger::model::Balances;

/// A year of a shop, told to its end.
struct Told {
    plans: Vec<Plan>,
    ending: Ending,
}

fn tell(shop: &'static Shop, seed: u64) -> Told {
    let mut history = year(shop, 12_000, seed);
    let plans = history.by_ref().collect();
    let ending = history.end();
    Told { plans, ending }
}

impl Told {
    /// Everything that was posted, in the order in which it was.
    fn postings(&self) -> Vec<&Posted> {
        let of_orders = self.plans.iter().flat_map(|plan| &plan.postings);
        let mut postings: Vec<_> = of_orders.chain(&self.ending.books.postings).collect();
        postings.sort_by_key(|(transaction, _)| transaction.id);
        postings
    }
}

fn apply(balances: &mut Balances, (_, entries): &Posted) {
    for entry in entries {
        let minor = match entry.direction {
            Direction::Credit => entry.amount_minor,
            Direction::Debit => -entry.amount_minor,
        };
        balances.add(entry.account, minor);
    }
}

#[test]
fn nothing_is_spent_that_is_not_there() {
    for (shop, seed) in [(&HUIXIAN, 11), (&HUIXIAN, 12), (&YUNSHANG, 11)] {
        let told = tell(shop, seed);
        let mut ids = HashSet::new();
        let mut balances = Balances::default();
        for posted in told.postings() {
            assert!(ids.insert(posted.0.id));
            assert!(posted.0.posted_at.0 <= until());
            apply(&mut balances, posted);
            assert!(balances.is_balanced());
            for account in [
                LedgerAccount::Pending,
                LedgerAccount::Available,
                LedgerAccount::Reserved,
                LedgerAccount::Prepaid,
            ] {
                assert!(balances.get(account) >= 0, "{account:?} at {posted:?}");
            }
        }
        let end = &told.ending.books.balance;
        assert_eq!(balances.get(LedgerAccount::Available), end.available_minor);
        assert_eq!(balances.get(LedgerAccount::Reserved), end.reserved_minor);
        assert_eq!(balances.get(LedgerAccount::FeeIncome), end.fee_income_minor);
        let payments = told.plans.iter().filter_map(|plan| plan.payment.as_ref());
        let unsettled: i64 = payments.map(|payment| payment.unsettled_minor).sum();
        assert_eq!(end.pending_minor, unsettled);
        assert!(unsettled > 0);
    }
}

#[test]
fn checkpoints_say_what_was_posted_before_them() {
    let told = tell(&YUNSHANG, 13);
    let postings = told.postings();
    let mut postings = postings.iter().peekable();
    let mut balances = Balances::default();
    assert!(told.ending.books.checkpoints.len() > 360);
    for checkpoint in &told.ending.books.checkpoints {
        while let Some(posted) = postings.next_if(|posted| posted.0.id < checkpoint.before_id) {
            apply(&mut balances, posted);
        }
        assert_eq!(
            balances.get(LedgerAccount::Available),
            checkpoint.available_minor
        );
        assert_eq!(
            balances.get(LedgerAccount::Pending),
            checkpoint.pending_minor
        );
        assert_eq!(
            balances.get(LedgerAccount::Prepaid),
            checkpoint.prepaid_minor
        );
    }
}

#[test]
fn settlements_hold_the_payments_of_their_channel_and_day() {
    let told = tell(&HUIXIAN, 14);
    let (mut at_once, mut waiting) = (0, 0);
    for payment in told.plans.iter().filter_map(|plan| plan.payment.as_ref()) {
        let find = |id| {
            told.ending
                .books
                .settlements
                .iter()
                .find(|one| one.id == id)
        };
        match payment.settlement_id {
            Some(id) => {
                let settlement = find(id).unwrap();
                assert_eq!(Some(settlement.settles_on), payment.settles_on);
                assert_eq!(settlement.channel_id, payment.channel_id);
                assert!(settlement.released_at.0 > payment.credited_at.0);
            }
            None if payment.method == PaymentMethod::UnionPay => at_once += 1,
            None => waiting += 1,
        }
    }
    assert!(at_once > 300, "{at_once}");
    // Those of today, and the few that were refunded before their day.
    assert!((5..400).contains(&waiting), "{waiting}");
}

#[test]
fn rates_change_in_the_middle_of_the_year() {
    let told = tell(&HUIXIAN, 15);
    let of_wechat = |payment: &&payment::Model| payment.method == PaymentMethod::WechatPay;
    let payments = told.plans.iter().filter_map(|plan| plan.payment.as_ref());
    for payment in payments.filter(of_wechat) {
        let old = until() - TimeDelta::days(183) > payment.credited_at.0;
        let rate = if old { 6_000 } else { 5_400 };
        assert_eq!(payment.fee_rate_ppm, rate, "{:?}", payment.credited_at);
    }
}

#[test]
fn who_is_paid_directly_pays_fees_from_what_was_prepaid() {
    let told = tell(&YUNSHANG, 16);
    let mut direct = 0;
    for plan in &told.plans {
        let Some(payment) = &plan.payment else {
            continue;
        };
        if payment.funds_mode == FundsMode::Direct {
            direct += 1;
            assert!(payment.settles_on.is_none() && payment.unsettled_minor == 0);
            let entries = plan.postings.iter().flat_map(|(_, entries)| entries);
            let others = [LedgerAccount::Prepaid, LedgerAccount::FeeIncome];
            assert!(entries.clone().all(|one| others.contains(&one.account)));
        }
    }
    assert!(direct > 300, "{direct}");
}

#[test]
fn refunds_are_as_frequent_and_as_different_as_in_life() {
    let told = tell(&YUNSHANG, 17);
    let refunds: Vec<_> = told.plans.iter().flat_map(|plan| &plan.refunds).collect();
    let paid = told.plans.iter().filter(|plan| plan.payment.is_some());
    let share = refunds.len() * 1_000 / paid.count();
    assert!((25..50).contains(&share), "{share} of 1000");
    let of = |state| refunds.iter().filter(|one| one.state == state).count();
    assert!(of(RefundStatus::Succeeded) * 10 > refunds.len() * 8);
    assert!(of(RefundStatus::Failed) > 0 && of(RefundStatus::Reversed) > 0);
    assert!(refunds.iter().any(|one| one.round == 2));
    let twice = told.plans.iter().filter(|plan| plan.refunds.len() == 2);
    assert!(twice.count() > 3);
    let full = told
        .plans
        .iter()
        .filter(|plan| plan.order.refund_state == RefundState::Full);
    let full = full.count() * 100 / refunds.len();
    assert!((35..75).contains(&full), "{full} %");
    assert!(told.plans.iter().any(|plan| !plan.refund_lines.is_empty()));
    let agreed = refunds.iter().filter(|one| one.decided_by.is_some());
    assert!(agreed.count() > 5);
}

//! Books that must be right: summed up here in other words than the gateway's own.

use std::collections::{BTreeMap, BTreeSet};

use entity::channel::FundsMode;
use entity::ledger_entry::{Direction, LedgerAccount};
use entity::ledger_transaction::LedgerSource;
use entity::payout::PayoutStatus;
use entity::refund::{RefundKind, RefundStatus};
use entity::{
    bank_account, ledger_entry, ledger_transaction, order, payment, payout, reconciliation_item,
    refund, refund_line,
};
use yigate::fees::model::Tariff;
use yigate::ledger::model::{ACCOUNTS, Balances};
use yigate::ledger::service::{balance, prove};
use yigate::refunds::model::is_in_flight;

use super::Merchant;

/// All that a merchant's books hold.
struct Books {
    shown: Balances,
    transactions: Vec<ledger_transaction::Model>,
    entries: Vec<ledger_entry::Model>,
    payments: Vec<payment::Model>,
    orders: Vec<order::Model>,
    refunds: Vec<refund::Model>,
    lines: Vec<refund_line::Model>,
    items: Vec<reconciliation_item::Model>,
    payouts: Vec<payout::Model>,
    accounts: Vec<bank_account::Model>,
}

impl Merchant {
    /// Looks whether everything that must always hold of money does, and nothing is overdrawn.
    pub async fn books_are_right(&self) {
        let books = self.books_agree().await;
        let available = books.get(LedgerAccount::Available);
        assert!(available >= 0, "nothing is overdrawn: {available}");
    }

    /// The same where a success that came to light late may have left a debt; returns the balances.
    pub async fn books_agree(&self) -> Balances {
        let app = &self.gateway.app;
        let trial = prove(app, self.id, None).await.expect("a trial balance");
        assert!(trial.balances() && trial.proves(), "{trial:?}");
        let books = self.books().await;
        books.every_transaction_balances_and_is_posted_once();
        books.nothing_is_below_zero();
        books.pending_is_what_is_unsettled();
        books.reserved_is_what_is_in_flight();
        for payment in &books.payments {
            books.an_order_agrees_with_its_refunds(payment);
        }
        books.refunds_are_of_one_cast();
        books.payouts_are_of_one_cast();
        books.what_was_paid_out_is_what_left();
        books.shown
    }

    async fn books(&self) -> Books {
        let (app, id) = (&self.gateway.app, self.id);
        let db = app.db.reads_across();
        Books {
            shown: balance(app, id).await.expect("balances"),
            transactions: ledger_transaction::Entity::of(id)
                .all(db)
                .await
                .expect("rows"),
            entries: ledger_entry::Entity::of(id).all(db).await.expect("rows"),
            payments: payment::Entity::of(id).all(db).await.expect("rows"),
            orders: order::Entity::of(id).all(db).await.expect("rows"),
            refunds: refund::Entity::of(id).all(db).await.expect("rows"),
            lines: refund_line::Entity::of(id).all(db).await.expect("rows"),
            items: reconciliation_item::Entity::of(id)
                .all(db)
                .await
                .expect("rows"),
            payouts: payout::Entity::of(id).all(db).await.expect("rows"),
            accounts: bank_account::Entity::of(id).all(db).await.expect("rows"),
        }
    }
}

impl Books {
    fn every_transaction_balances_and_is_posted_once(&self) {
        let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        let mut accounts: BTreeMap<String, i64> = BTreeMap::new();
        for entry in &self.entries {
            assert!(entry.amount_minor > 0, "{entry:?}");
            let sum = sums.entry(entry.transaction_id.0).or_default();
            let account = accounts.entry(format!("{:?}", entry.account)).or_default();
            match entry.direction {
                Direction::Credit => {
                    sum.0 += entry.amount_minor;
                    *account += entry.amount_minor;
                }
                Direction::Debit => {
                    sum.1 += entry.amount_minor;
                    *account -= entry.amount_minor;
                }
            }
        }
        assert_eq!(sums.len(), self.transactions.len(), "each has entries");
        let mut steps = BTreeSet::new();
        for one in &self.transactions {
            let (credit, debit) = sums[&one.id.0];
            assert_eq!(
                (credit, debit),
                (one.amount_minor, one.amount_minor),
                "{one:?}"
            );
            let step = format!(
                "{:?} {} {:?} {}",
                one.source, one.source_id, one.step, one.round
            );
            assert!(steps.insert(step), "posted twice: {one:?}");
        }
        for account in ACCOUNTS {
            let summed = accounts.get(&format!("{account:?}")).copied();
            assert_eq!(
                self.shown.get(account),
                summed.unwrap_or(0),
                "{account:?} = Σ entries"
            );
        }
    }

    fn nothing_is_below_zero(&self) {
        for account in [LedgerAccount::Pending, LedgerAccount::Reserved] {
            assert!(
                self.shown.get(account) >= 0,
                "{account:?}: {:?}",
                self.shown
            );
        }
        assert_eq!(self.shown.0.iter().sum::<i64>(), 0, "all accounts together");
    }

    fn pending_is_what_is_unsettled(&self) {
        let unsettled: i64 = self.payments.iter().map(|one| one.unsettled_minor).sum();
        assert_eq!(self.shown.get(LedgerAccount::Pending), unsettled, "PENDING");
    }

    /// What refunds in flight will cost, and payments that nobody wanted and that are still here.
    fn reserved_is_what_is_in_flight(&self) {
        let mut reserved = 0;
        for payment in &self.payments {
            if payment.funds_mode == FundsMode::Direct {
                continue;
            }
            let [succeeded, in_flight] = self.refunded(payment);
            let left = payment.paid_minor - succeeded;
            let net = |minor: i64| minor - fee_that_comes_back(payment, minor);
            reserved += net(left) - net(left - in_flight);
        }
        for one in &self.transactions {
            if one.source != LedgerSource::ExtraPayment {
                continue;
            }
            let gone = self.refunds.iter().any(|refund| {
                refund
                    .reconciliation_item_id
                    .is_some_and(|item| item.0 == one.source_id)
                    && refund.state == RefundStatus::Succeeded
            });
            reserved += if gone { 0 } else { one.amount_minor };
        }
        let payouts = self.payouts.iter();
        let payouts = payouts.filter(|one| yigate::payouts::model::is_in_flight(one.state));
        reserved += payouts.map(|one| one.amount_minor).sum::<i64>();
        assert_eq!(
            self.shown.get(LedgerAccount::Reserved),
            reserved,
            "RESERVED"
        );
    }

    /// What left is what arrived and has not come back, and the small amounts that checked bank accounts.
    fn what_was_paid_out_is_what_left(&self) {
        let paid = self.payouts.iter();
        let paid = paid.filter(|one| one.state == PayoutStatus::Paid);
        let net: i64 = paid.map(|one| one.net_minor).sum();
        let checked = self.accounts.iter();
        let checked = checked.filter(|one| one.check_sent_at.is_some());
        let small: i64 = checked.map(|one| one.check_minor).sum();
        let clearing = self.shown.get(LedgerAccount::PayoutClearing);
        assert_eq!(clearing, net + small, "PAYOUT_CLEARING");
    }

    fn payouts_are_of_one_cast(&self) {
        for payout in &self.payouts {
            assert_eq!(payout.net_minor + payout.fee_minor, payout.amount_minor);
            assert_ne!(
                payout.decided_by.as_ref(),
                Some(&payout.requested_by),
                "four eyes"
            );
            let waits = payout.next_attempt_at.is_some();
            let open = matches!(
                payout.state,
                PayoutStatus::Processing | PayoutStatus::Unknown
            );
            assert!(
                open || payout.state == PayoutStatus::Paid || !waits,
                "what has ended is not taken up again: {payout:?}"
            );
            assert!(
                !open || waits || payout.needs_attention,
                "nobody goes on: {payout:?}"
            );
        }
    }

    /// What of an order's payment has gone back, and what is on its way.
    fn refunded(&self, payment: &payment::Model) -> [i64; 2] {
        let of = |wanted: fn(RefundStatus) -> bool| -> i64 {
            let mine = self.refunds.iter().filter(|one| {
                one.order_id == payment.order_id
                    && one.kind == RefundKind::Order
                    && wanted(one.state)
            });
            mine.map(|one| one.amount_minor).sum()
        };
        [
            of(|state| state == RefundStatus::Succeeded),
            of(is_in_flight),
        ]
    }

    fn an_order_agrees_with_its_refunds(&self, payment: &payment::Model) {
        let order = self
            .orders
            .iter()
            .find(|order| order.id == payment.order_id);
        let order = order.expect("a payment has its order");
        let [succeeded, in_flight] = self.refunded(payment);
        assert_eq!(order.refunded_minor, succeeded, "refunded = Σ succeeded");
        assert_eq!(order.refunding_minor, in_flight, "refunding = Σ in flight");
        assert_eq!(order.paid_minor, payment.paid_minor);
        assert!(
            succeeded + in_flight <= payment.paid_minor,
            "never more than was paid"
        );
        let state = match succeeded {
            0 => order::RefundState::None,
            all if all == order.paid_minor => order::RefundState::Full,
            _ => order::RefundState::Partial,
        };
        assert_eq!(order.refund_state, state);
        let paid = payment.paid_minor;
        assert_eq!(
            payment.fee_minor,
            Tariff::from(payment).fee(paid),
            "the fee is its rule's"
        );
        assert_eq!(
            payment.fee_returned_minor,
            fee_that_comes_back(payment, paid) - fee_that_comes_back(payment, paid - succeeded),
            "what came back of the fee is what policy says"
        );
    }

    fn refunds_are_of_one_cast(&self) {
        let mut items = BTreeSet::new();
        for refund in &self.refunds {
            let lines = self.lines.iter().filter(|line| line.refund_id == refund.id);
            let sums: Vec<i64> = lines.map(|line| line.amount_minor).collect();
            let agrees = sums.is_empty() || sums.iter().sum::<i64>() == refund.amount_minor;
            assert!(agrees, "lines sum to their refund: {refund:?}");
            assert_ne!(
                refund.decided_by.as_ref(),
                Some(&refund.requested_by),
                "four eyes"
            );
            if let Some(item) = refund.reconciliation_item_id {
                assert!(items.insert(item), "an item has one refund: {refund:?}");
                let item = self
                    .items
                    .iter()
                    .find(|one| one.id == item)
                    .expect("its item");
                if refund.state == RefundStatus::Succeeded {
                    assert!(item.resolved_at.is_some(), "settled with its refund");
                }
            }
            let waits = refund.next_attempt_at.is_some();
            let sent = matches!(
                refund.state,
                RefundStatus::Processing | RefundStatus::Unknown | RefundStatus::Abnormal
            );
            assert!(
                sent || !waits,
                "what has ended is not taken up again: {refund:?}"
            );
            assert!(
                !sent || waits || refund.needs_attention,
                "nobody goes on: {refund:?}"
            );
        }
    }
}

fn fee_that_comes_back(payment: &payment::Model, minor: i64) -> i64 {
    if payment.returns_fee {
        Tariff::from(payment).fee(minor)
    } else {
        0
    }
}
